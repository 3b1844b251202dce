/* SPDX-License-Identifier: MIT */
/*
 * struct pt_regs: the registers as the entry stubs save them, in Linux's order.
 *
 * The stubs in arch/x86/kernel/entry_*.S push exactly this; the PT_* offsets are for
 * them and are asserted below against the structure.
 *
 * orig_ax: system-call number on a system call; error code on an exception (0 if the
 * vector has none); ~vector on an interrupt.  Where signals look at it (exit_to_user), it is
 * -1 for everything that is no system call.
 */
#ifndef ASM_PTRACE_H
#define ASM_PTRACE_H

#include <asm/segment.h>

#ifdef __x86_64__
#define PT_R15		0x00
#define PT_R14		0x08
#define PT_R13		0x10
#define PT_R12		0x18
#define PT_BP		0x20
#define PT_BX		0x28
#define PT_R11		0x30
#define PT_R10		0x38
#define PT_R9		0x40
#define PT_R8		0x48
#define PT_AX		0x50
#define PT_CX		0x58
#define PT_DX		0x60
#define PT_SI		0x68
#define PT_DI		0x70
#define PT_ORIG_AX	0x78
#define PT_IP		0x80
#define PT_CS		0x88
#define PT_FLAGS	0x90
#define PT_SP		0x98
#define PT_SS		0xa0
#define PT_SIZE		0xa8
#else
#define PT_CX		0x04
#define PT_DX		0x08
#define PT_SI		0x0c
#define PT_DI		0x10
#define PT_BP		0x14
#define PT_AX		0x18
#define PT_DS		0x1c
#define PT_VECTOR	0x28
#define PT_ORIG_AX	0x2c
#define PT_IP		0x30
#define PT_CS		0x34
#define PT_FLAGS	0x38
#define PT_SIZE		0x44
#endif

#define X86_EFLAGS_CF	0x00000001
#define X86_EFLAGS_PF	0x00000004
#define X86_EFLAGS_AF	0x00000010
#define X86_EFLAGS_ZF	0x00000040
#define X86_EFLAGS_SF	0x00000080
#define X86_EFLAGS_TF	0x00000100
#define X86_EFLAGS_DF	0x00000400
#define X86_EFLAGS_OF	0x00000800
#define X86_EFLAGS_NT	0x00004000
#define X86_EFLAGS_RF	0x00010000
#define X86_EFLAGS_AC	0x00040000

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
_Static_assert(__builtin_offsetof(struct pt_regs, ax) == PT_AX, "entry.S");
_Static_assert(__builtin_offsetof(struct pt_regs, dx) == PT_DX, "entry.S");
_Static_assert(__builtin_offsetof(struct pt_regs, orig_ax) == PT_ORIG_AX, "entry.S");
_Static_assert(__builtin_offsetof(struct pt_regs, cs) == PT_CS, "entry.S");
_Static_assert(__builtin_offsetof(struct pt_regs, flags) == PT_FLAGS, "entry.S");
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
