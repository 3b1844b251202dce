/* SPDX-License-Identifier: MIT */
/* What of a task the architecture keeps (arch/x86/kernel/process.c). */
#ifndef ASM_THREAD_H
#define ASM_THREAD_H

/* Offsets in struct task_struct for entry_*.S; process.c asserts them. */
#define TASK_WORK	0
#ifdef __x86_64__
#define TASK_SYSCALLS	16
#else
#define TASK_SYSCALLS	12
#endif

/*
 * One more bit of task->work: somebody changed the saved user registers (exec, sigreturn),
 * so the way out must look at all of them and not just repeat what the way in saw.
 */
#define TIF_REGS_CHANGED	0x100

#ifndef __ASSEMBLER__
#include <kernel/types.h>

struct task_struct;
struct pt_regs;
struct clone_request;

#define FPU_IMAGE_SIZE	512

struct thread_struct {
	unsigned long sp;		/* kernel stack pointer while switched out */
	unsigned long sp0;		/* top of the kernel stack: what ring 3 traps to */
#ifdef __x86_64__
	unsigned long fsbase, gsbase;	/* user values */
#else
	u64 tls[3];			/* GDT entries 6 to 8 */
#endif
	u16 fsindex, gsindex;		/* user selectors; valid while another task owns them */
	/* Of the last fault, for signal frames. */
	unsigned long cr2, error_code, trap_nr;
	/* FXSAVE (or FNSAVE) image; valid while another task owns the FPU. */
	u8 fpu[FPU_IMAGE_SIZE] __attribute__((__aligned__(16)));
};

/*
 * fork: registers and stack of the new task.  regs: the parent's, NULL for a kernel
 * thread, which will run req->fn(req->arg) and then do_exit() with its result << 8, or go
 * to ring 3 if fn made a program of itself by kernel_execve().  p->stack is set; what
 * thread_struct p has does not matter, all of it is written.  0, or -EINVAL, -EFAULT for a
 * bad TLS argument, with nothing to undo.
 */
int copy_thread(struct task_struct *p, const struct clone_request *req,
		const struct pt_regs *regs);

/* exec: TLS and FPU state as a new program has them; then the first registers. */
void flush_thread(void);
void start_thread(struct pt_regs *regs, unsigned long ip, unsigned long sp);

/* The task is gone: its FPU state is nobody's any more.  When its memory is freed. */
void exit_thread(struct task_struct *p);

/* Registers of current's entry into the kernel from ring 3: at the top of its stack. */
struct pt_regs *current_pt_regs(void);
struct pt_regs *task_pt_regs(struct task_struct *p);

/*
 * Leave prev's stack for next's; returns on prev's again, much later, with the task that
 * ran before.  Interrupts off.  CR3 has been dealt with by the caller (context_switch);
 * `current` is changed here.
 */
struct task_struct *switch_to(struct task_struct *prev, struct task_struct *next);

/* Called by entry code with interrupts off while current->work is not 0. */
void exit_to_user(struct pt_regs *regs);

/*
 * task->work is changed by interrupts too: set and clear bits by one instruction each,
 * from any context.
 */
static inline void work_set(volatile unsigned int *work, unsigned int bits)
{
	__asm__ __volatile__("orl %1, %0" : "+m" (*work) : "ri" (bits) : "cc");
}

static inline void work_clear(volatile unsigned int *work, unsigned int bits)
{
	__asm__ __volatile__("andl %1, %0" : "+m" (*work) : "ri" (~bits) : "cc");
}

/*
 * Around a call of firmware: put the user state that is live in FPU and segment registers
 * into the owner's thread_struct; and load it again, if current is a program.
 */
void user_state_release(void);
void user_state_reload(void);

/* Boot, after trap_init(): SYSCALL/INT 0x80 gates and MSRs, a clean FPU. */
void process_init(void);
#endif
#endif
