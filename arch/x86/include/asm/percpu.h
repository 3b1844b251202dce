/* SPDX-License-Identifier: MIT */
/*
 * What the entry code needs per CPU.  In 64-bit mode %gs points here in the kernel
 * (SWAPGS on the way in from ring 3); in 32-bit mode it is an ordinary variable, since
 * there is one processor and the kernel leaves %fs and %gs to the user.  Offsets are for
 * entry_*.S.
 */
#ifndef ASM_PERCPU_H
#define ASM_PERCPU_H

#define CPU_KERNEL_SP	8	/* top of the current task's kernel stack */
#define CPU_USER_SP	16	/* where SYSCALL parks the user's stack pointer */
#define CPU_CURRENT	24	/* the running task */

#ifndef __ASSEMBLER__

struct task_struct;

struct cpu_area {
	struct cpu_area *self;
	unsigned long kernel_sp __attribute__((__aligned__(8)));
	unsigned long user_sp __attribute__((__aligned__(8)));
	struct task_struct *current_task __attribute__((__aligned__(8)));
	int nr;			/* index of the processor: 0 */
};

extern struct cpu_area cpu_area;

_Static_assert(__builtin_offsetof(struct cpu_area, kernel_sp) == CPU_KERNEL_SP, "entry.S");
_Static_assert(__builtin_offsetof(struct cpu_area, user_sp) == CPU_USER_SP, "entry.S");
_Static_assert(__builtin_offsetof(struct cpu_area, current_task) == CPU_CURRENT, "entry.S");

#endif
#endif
