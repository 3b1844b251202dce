/* SPDX-License-Identifier: MIT */
/*
 * What the architecture does for tasks: first registers and stack of a new one, the switch
 * from one to the other, and the last stop before ring 3 (Gorman 5.3; Love, chapter 4).
 *
 * The kernel computes with general registers only, so what a program has in FPU and
 * segment registers stays there until another program is switched in: user_state_owner says
 * whose it is.  A switch to a kernel thread and back costs nothing of that kind.
 */
#include <linux/sched.h>
#include <asm/desc.h>
#include <asm/fpu.h>
#include <asm/irqflags.h>
#include <asm/kstack.h>
#include <asm/msr.h>
#include <asm/percpu.h>
#include <asm/processor.h>
#include <asm/ptrace.h>
#include <asm/syscalls_nr.h>
#include <asm/tls.h>
#include <asm/traps.h>
#include <kernel/sched.h>
#include <kernel/string.h>
#include <kernel/syscalls.h>

#define EFLAGS_USER	0x202		/* interrupts on; bit 1 is always set */

_Static_assert(offsetof(struct task_struct, work) == TASK_WORK, "entry.S");
_Static_assert(offsetof(struct task_struct, syscalls) == TASK_SYSCALLS, "entry.S");

extern const char ret_from_fork[];
void entry_syscall(void);
void entry_syscall_compat(void);
void entry_int80(void);
struct task_struct *__switch_to(struct task_struct *prev, unsigned long *save_sp,
				unsigned long next_sp);
void kernel_thread_entry(int (*fn)(void *), void *arg);

/* Whose user state is in the FPU and segment registers; NULL: nobody's. */
static struct task_struct *user_state_owner;

struct pt_regs *task_pt_regs(struct task_struct *p)
{
	return (struct pt_regs *)p->thread.sp0 - 1;
}

struct pt_regs *current_pt_regs(void)
{
	return (struct pt_regs *)cpu_area.kernel_sp - 1;
}

/* ---- user state in registers ------------------------------------------------------- */

void user_state_release(void)
{
	struct task_struct *owner = user_state_owner;

	if (!owner)
		return;
	fpu_save(owner->thread.fpu);
	save_segments(&owner->thread);
	user_state_owner = NULL;
}

static void user_state_take(struct task_struct *next)
{
	user_state_release();
	load_segments(&next->thread);
	fpu_load(next->thread.fpu);
	user_state_owner = next;
}

void user_state_reload(void)
{
	if (!(current->flags & PF_KTHREAD))
		user_state_take(current);
}

void exit_thread(struct task_struct *p)
{
	if (user_state_owner == p)
		user_state_owner = NULL;
}

/* ---- the switch -------------------------------------------------------------------- */

struct task_struct *switch_to(struct task_struct *prev, struct task_struct *next)
{
	set_kernel_stack(next->thread.sp0);
	cpu_area.current_task = next;
	if (user_state_owner != next && !(next->flags & PF_KTHREAD))
		user_state_take(next);
	return __switch_to(prev, &prev->thread.sp, next->thread.sp);
}

/* ---- birth ------------------------------------------------------------------------- */

/* What __switch_to() takes from the stack of a task that runs for the first time. */
struct switch_frame {
#ifdef __x86_64__
	unsigned long r15, r14, r13, r12, bx, bp;
#define fn_arg r12
#else
	unsigned long di, si, bx, bp;
#define fn_arg si
#endif
	unsigned long ret;
};

static void copy_user_state(struct task_struct *p)
{
	struct thread_struct *t = &p->thread, *from = &current->thread;

	if (user_state_owner != current) {
		memcpy(t->fpu, from->fpu, sizeof(t->fpu));
		t->fsindex = from->fsindex;
		t->gsindex = from->gsindex;
	} else {
		fpu_save(t->fpu);
		save_segments(t);
	}
	copy_tls(t, from);
}

static int copy_user_thread(struct task_struct *p, const struct clone_request *req,
			    const struct pt_regs *from)
{
	struct pt_regs *regs = task_pt_regs(p);

	*regs = *from;
	regs->ax = 0;
	if (req->stack)
		regs->sp = req->stack;
	copy_user_state(p);
	return req->flags & CLONE_SETTLS ? clone_tls(p, req->tls) : 0;
}

int copy_thread(struct task_struct *p, const struct clone_request *req,
		const struct pt_regs *regs)
{
	struct switch_frame *frame;

	p->thread.sp0 = (unsigned long)p->stack + THREAD_SIZE;
	p->thread.cr2 = p->thread.error_code = p->thread.trap_nr = 0;
	frame = (struct switch_frame *)task_pt_regs(p) - 1;
	*frame = (struct switch_frame){ .ret = (unsigned long)ret_from_fork };
	p->thread.sp = (unsigned long)frame;
	if (regs)
		return copy_user_thread(p, req, regs);

	memset(task_pt_regs(p), 0, sizeof(struct pt_regs));
	frame->bx = (unsigned long)req->fn;
	frame->fn_arg = (unsigned long)req->arg;
	return 0;
}

/* First C function of a kernel thread of its own; returns if fn made a program of itself. */
void kernel_thread_entry(int (*fn)(void *), void *arg)
{
	int result = fn(arg);

	if (current->flags & PF_KTHREAD)
		do_exit(result << 8);
}

void flush_thread(void)
{
	struct thread_struct *t = &current->thread;
	unsigned long flags = local_irq_save();

	if (user_state_owner != current)
		user_state_release();
	memset(current->enosys_logged, 0, sizeof(current->enosys_logged));
	t->cr2 = t->error_code = t->trap_nr = 0;
	t->fsindex = t->gsindex = 0;
	clear_tls(t);
	load_segments(t);
	fpu_load_clean();
	user_state_owner = current;
	local_irq_restore(flags);
}

void start_thread(struct pt_regs *regs, unsigned long ip, unsigned long sp)
{
	*regs = (struct pt_regs){
#ifndef __x86_64__
		.ds = __USER_DS, .es = __USER_DS,
#endif
		.orig_ax = ~0ul,
		.ip = ip, .cs = __USER_CS, .flags = EFLAGS_USER, .sp = sp, .ss = __USER_DS,
	};
	work_set(&current->work, TIF_REGS_CHANGED);
}

/* ---- back to ring 3 ---------------------------------------------------------------- */

void exit_to_user(struct pt_regs *regs)
{
	unsigned int work;

	while ((work = current->work)) {
		work_clear(&current->work, TIF_REGS_CHANGED);
		local_irq_enable();
		if (work & TIF_NEED_RESCHED)
			schedule();
		if (work & TIF_SIGPENDING)
			do_signal(regs);
		local_irq_disable();
	}
}

/* System calls, as signals see them. */

long syscall_result(const struct pt_regs *regs)
{
	return (long)regs->ax;
}

bool in_syscall(const struct pt_regs *regs)
{
	return (long)regs->orig_ax >= 0;
}

void syscall_set_result(struct pt_regs *regs, long value)
{
	regs->ax = (unsigned long)value;
}

void syscall_rewind(struct pt_regs *regs, bool restart_block)
{
	regs->ip -= 2;			/* SYSCALL and INT $0x80 are two bytes long */
	regs->ax = restart_block ? NR_RESTART_SYSCALL : regs->orig_ax;
	regs->orig_ax = ~0ul;		/* once */
}

/* ---- boot -------------------------------------------------------------------------- */

#ifdef __x86_64__
static void gate_init(void)
{
	/* SYSRET takes CS 16 and SS 8 above the upper selector. */
	wrmsr(MSR_STAR, (u64)__USER32_CS << 48 | (u64)__KERNEL_CS << 32);
	wrmsr(MSR_LSTAR, (unsigned long)entry_syscall);
	wrmsr(MSR_CSTAR, (unsigned long)entry_syscall_compat);
	wrmsr(MSR_SYSCALL_MASK, X86_EFLAGS_IF | X86_EFLAGS_DF | X86_EFLAGS_TF |
	      X86_EFLAGS_AC | X86_EFLAGS_NT);
	wrmsr(MSR_EFER, rdmsr(MSR_EFER) | EFER_SCE);
}
#else
/*
 * SYSCALL exists in this mode too, on AMD's processors, and goes to wherever the 4-level
 * kernel or the firmware have pointed STAR, on the user's stack: off with it.
 */
static void gate_init(void)
{
	u64 efer;

	if (rdmsr_safe(MSR_EFER, &efer) == 0 && efer & EFER_SCE)
		wrmsr(MSR_EFER, efer & ~(u64)EFER_SCE);
	set_intr_gate(SYSCALL_VECTOR, (void *)entry_int80, 3, 0);
}
#endif

void process_init(void)
{
	if (cpu_has(X86_FEATURE_SEP))
		wrmsr(MSR_SYSENTER_CS, 0);	/* the firmware's: #GP from now on */
	gate_init();
	fpu_init();
	if (current->stack)
		current->thread.sp0 = (unsigned long)current->stack + THREAD_SIZE;
}
