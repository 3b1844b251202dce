/* SPDX-License-Identifier: MIT */
/*
 * Signal frames, what both modes have in common: which stack a handler runs on, siginfo,
 * and what sigreturn may change.  (Contract: man pages sigaltstack(2),
 * sigreturn(2); layouts from asm/sigcontext.h and asm/ucontext.h.)
 */
#include <asm/fpu.h>
#include <asm/page.h>
#include <asm/ptrace.h>
#include <kernel/printk.h>
#include <kernel/string.h>

#include "signal_frame.h"

#define SIG_NEVER_BLOCKED	(sigmask(SIGKILL) | sigmask(SIGSTOP))

#ifdef __x86_64__
#define RED_ZONE	128		/* below the stack pointer, in use (psABI 3.2.2) */
#define ALIGN_FRAME(sp)	(ALIGN_DOWN(sp, 16ul) - 8)
#else
#define RED_ZONE	0
#define ALIGN_FRAME(sp)	(ALIGN_DOWN((sp) + 4, 16ul) - 4)
#endif

#define FLAGS_FREE	(X86_EFLAGS_CF | X86_EFLAGS_PF | X86_EFLAGS_AF | X86_EFLAGS_ZF | \
			 X86_EFLAGS_SF | X86_EFLAGS_TF | X86_EFLAGS_DF | X86_EFLAGS_OF | \
			 X86_EFLAGS_RF | X86_EFLAGS_AC)

_Static_assert(sizeof(struct siginfo_frame) == 128, "Linux's layout");

void fill_siginfo(struct siginfo_frame *f, const struct ksiginfo *info)
{
	u64 faults = sigmask(SIGSEGV) | sigmask(SIGBUS) | sigmask(SIGILL) | sigmask(SIGFPE) |
		     sigmask(SIGTRAP);

	memset(f, 0, sizeof(*f));
	f->signo = info->signo;
	f->err = info->err;
	f->code = info->code;
	if (info->code > 0 && sigmask(info->signo) & faults) {
		f->addr = info->addr;
		return;
	}
	f->pid = info->pid;
	f->uid = info->uid;
	if (info->signo == SIGCHLD)
		f->status = info->status;
}

/* ---- the stack --------------------------------------------------------------------- */

static bool on_altstack(unsigned long sp)
{
	const struct signal_state *s = &current->signal;

	return s->altstack_size && sp - s->altstack_sp - 1 < s->altstack_size;
}

unsigned long place_frame(const struct ksigaction *ka, const struct pt_regs *regs,
			  unsigned long size, unsigned long *fpstate)
{
	const struct signal_state *s = &current->signal;
	unsigned long sp = regs->sp - RED_ZONE, header = fpu_frame_header();
	bool alt = on_altstack(regs->sp);

	if (ka->flags & SA_ONSTACK && !alt && s->altstack_size) {
		sp = s->altstack_sp + s->altstack_size;
		alt = true;
	}
	*fpstate = ALIGN_DOWN(sp - (fpu_frame_size() - header), 64ul) - header;
	sp = ALIGN_FRAME(*fpstate - size);
	return alt && !on_altstack(sp) ? 0 : sp;
}

void save_altstack(struct stack_k *stack)
{
	const struct signal_state *s = &current->signal;

	*stack = (struct stack_k){
		.sp = s->altstack_sp, .flags = (int)s->altstack_flags, .size = s->altstack_size,
	};
}

void restore_altstack(const struct stack_k *stack, unsigned long sp)
{
	struct signal_state *s = &current->signal;
	bool off = stack->flags & SS_DISABLE_K;

	if (on_altstack(sp) || (!off && stack->size < MINSIGSTKSZ_K))
		return;
	s->altstack_sp = off ? 0 : stack->sp;
	s->altstack_size = off ? 0 : stack->size;
	s->altstack_flags = off ? SS_DISABLE_K : 0;
}

/* ---- sigreturn --------------------------------------------------------------------- */

void set_blocked(ksigset_t mask)
{
	current->signal.blocked = mask & ~SIG_NEVER_BLOCKED;
	recalc_sigpending();
}

void restore_flags(struct pt_regs *regs, unsigned long flags)
{
	regs->flags = (regs->flags & ~(unsigned long)FLAGS_FREE) | (flags & FLAGS_FREE);
}

long bad_frame(const struct pt_regs *regs, const char *call)
{
	pr_info("%s[%d]: bad frame in %s ip %lx sp %lx\n", current->comm, current->pid, call,
		regs->ip, regs->sp);
	force_sig(SIGSEGV);
	return 0;
}
