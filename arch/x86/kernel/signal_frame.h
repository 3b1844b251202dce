/* SPDX-License-Identifier: MIT */
/* What signal_64.c and signal_32.c share (signal.c).  All layouts are Linux's. */
#ifndef ARCH_X86_SIGNAL_FRAME_H
#define ARCH_X86_SIGNAL_FRAME_H

#include <asm/sigcontext.h>
#include <kernel/sched.h>
#include <kernel/syscalls.h>

struct pt_regs;

/* siginfo_t: three numbers, then what belongs to the kind of signal. */
struct siginfo_frame {
	s32 signo, err, code;
	union {
		unsigned long addr;			/* faults */
		struct {
			s32 pid;			/* kill, SIGCHLD */
			u32 uid;
			s32 status;
			long utime, stime;
		};
		unsigned long pad[(128 - 12) / sizeof(long)];
	};
};

void fill_siginfo(struct siginfo_frame *f, const struct ksiginfo *info);

/*
 * Room for a frame of `size` bytes on the stack that the handler runs on, and for the FPU
 * state above it.  0: it would run off the alternate stack.
 */
unsigned long place_frame(const struct ksigaction *ka, const struct pt_regs *regs,
			  unsigned long size, unsigned long *fpstate);

/* The alternate stack as uc_stack has it, and back (nothing is said about bad ones). */
void save_altstack(struct stack_k *stack);
void restore_altstack(const struct stack_k *stack, unsigned long sp);

/* sigreturn: the mask of blocked signals. */
void set_blocked(ksigset_t mask);

/* Flags that a program may choose, from `flags`; the others as they are. */
void restore_flags(struct pt_regs *regs, unsigned long flags);

/* The frame cannot be read: SIGSEGV.  What sigreturn returns. */
long bad_frame(const struct pt_regs *regs, const char *call);

#endif
