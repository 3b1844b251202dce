/* SPDX-License-Identifier: MIT */
/*
 * struct pt_regs: the registers as the entry stubs save them, in Linux's order.
 *
 * The stubs in arch/x86/kernel/entry_*.S push exactly this; the PT_* offsets are for
 * them and are asserted below against the structure.
 *
 * orig_ax: system-call number on a system call; error code on an exception (0 if the
 * vector has none); ~vector on an interrupt.
 */
#ifndef ASM_PTRACE_H
#define ASM_PTRACE_H

#include <asm/segment.h>

#ifdef __x86_64__
#define PT_BP		0x20
#define PT_DI		0x70
#define PT_ORIG_AX	0x78
#define PT_IP		0x80
#define PT_CS		0x88
#define PT_SIZE		0xa8
#else
#define PT_BP		0x14
#define PT_VECTOR	0x28
#define PT_ORIG_AX	0x2c
#define PT_IP		0x30
#define PT_CS		0x34
#define PT_FLAGS	0x38
#define PT_SIZE		0x44
#endif

#ifndef __ASSEMBLER__
#include <kernel/types.h>

#ifdef __x86_64__

struct pt_regs {
	unsigned long r15, r14, r13, r12, bp, bx;
	unsigned long r11, r10, r9, r8, ax, cx, dx, si, di;
	unsigned long orig_ax;
	/* What the CPU pushes; always complete in 64-bit mode. */
	unsigned long ip, cs, flags, sp, ss;
};

#else

struct pt_regs {
	unsigned long bx, cx, dx, si, di, bp, ax;
	unsigned long ds, es, fs;
	/*
	 * Linux has gs here.  The kernel uses neither %fs nor %gs, so user values stay
	 * live in the registers (fs is saved for display only), and the slot carries
	 * the vector from the stub to the C code.
	 */
	unsigned long vector;
	unsigned long orig_ax;
	/* What the CPU pushes: sp and ss only when it came from user mode. */
	unsigned long ip, cs, flags, sp, ss;
};

#endif

_Static_assert(__builtin_offsetof(struct pt_regs, bp) == PT_BP, "entry.S");
_Static_assert(__builtin_offsetof(struct pt_regs, orig_ax) == PT_ORIG_AX, "entry.S");
_Static_assert(__builtin_offsetof(struct pt_regs, cs) == PT_CS, "entry.S");
_Static_assert(sizeof(struct pt_regs) == PT_SIZE, "entry.S");

/* Did these registers come from ring 3? */
static inline bool user_mode(const struct pt_regs *regs)
{
	return (regs->cs & 3) != 0;
}

/* The stack pointer at the time of the trap, also where the CPU did not push it. */
static inline unsigned long regs_sp(const struct pt_regs *regs)
{
#ifndef __x86_64__
	/* The double-fault task has the real one in its copy (vector 8). */
	if (!user_mode(regs) && regs->vector != 8)
		return (unsigned long)&regs->sp;
#endif
	return regs->sp;
}

#endif /* __ASSEMBLER__ */
#endif
