/* SPDX-License-Identifier: MIT */
/*
 * Tasks and the scheduler.
 *
 * User mode is always preemptible, the kernel is not: a task in the kernel runs until it
 * sleeps (schedule()), calls cond_resched(), or returns to user mode, where exit_to_user()
 * looks at task->work.  One processor; `current` is an accessor.
 *
 *	kernel/sched.c	run queue, schedule(), tick	kernel/fork.c	making tasks
 *	kernel/wait.c	wait queues			kernel/exit.c	ending, wait4
 *	kernel/timer.c	timed sleeps			kernel/signal.c	signals
 *	kernel/futex.c	sleeping for a word of memory
 *	kernel/kthread.c kernel threads			kernel/pid.c	finding by number
 */
#ifndef KERNEL_SCHED_H
#define KERNEL_SCHED_H

#include <linux/errno.h>
#include <kernel/list.h>
#include <kernel/rbtree.h>
#include <kernel/signal.h>
#include <asm/current.h>
#include <asm/thread.h>

struct mm_struct;
struct files_struct;
struct fs_struct;
struct pt_regs;

/* Kernel-internal results of interrupted calls; never seen by a program. */
#define ERESTARTSYS		512	/* restart if the handler has SA_RESTART */
#define ERESTARTNOINTR		513	/* always restart */
#define ERESTARTNOHAND		514	/* restart if there was no handler */
#define ERESTART_RESTARTBLOCK	516	/* as NOHAND, but the call goes on where it was */

/* task->state */
#define TASK_RUNNING		0
#define TASK_INTERRUPTIBLE	1	/* ends by wake-up or signal */
#define TASK_UNINTERRUPTIBLE	2
#define TASK_STOPPED		4
#define TASK_ZOMBIE		16	/* ended, waits for wait4 */
#define TASK_DEAD		32

/* task->work: why exit_to_user() must be called before ring 3 goes on. */
#define TIF_NEED_RESCHED	0x1u
#define TIF_SIGPENDING		0x2u

/* task->flags */
#define PF_KTHREAD		0x1u
#define PF_EXITING		0x2u
#define PF_FORKNOEXEC		0x4u
#define PF_VFORK		0x8u	/* the parent sleeps in vfork until exec or exit */
#define PF_OOM_VICTIM		0x10u
#define PF_IDLE			0x20u
#define PF_GROUP_EXIT		0x40u	/* exit_code is set: the group ends with it */
#define PF_SIGNALED		0x80u	/* killed by a signal */
#define PF_FIRST_PROGRAM	0x100u	/* of run_program(): killed last when memory is short */
#define PF_MEMALLOC		0x200u	/* reclaims: may use the reserves, never waits for pages */
/* Holds what writing files back needs: reclaim does not wait for that, and may use the reserves. */
#define PF_FS_LOCKED		0x400u

static_assert((PF_KTHREAD ^ PF_EXITING ^ PF_FORKNOEXEC ^ PF_VFORK ^ PF_OOM_VICTIM ^ PF_IDLE ^
	       PF_GROUP_EXIT ^ PF_SIGNALED ^ PF_FIRST_PROGRAM ^ PF_MEMALLOC ^
	       PF_FS_LOCKED) == 0x7ff,
	      "a bit for each flag");

#define TASK_COMM_LEN		16
#define PID_MAX_DEFAULT		32768
#define PID_MAX_MIN		301	/* the low ones are not used twice */
#define PID_MAX_LIMIT		(sizeof(long) > 4 ? 4 << 20 : PID_MAX_DEFAULT)

struct rlimit_k {
	unsigned long cur, max;
};
#define RLIM_NLIMITS_K		16

/* What the fair scheduler keeps of a task (kernel/sched.c). */
struct sched_entity {
	struct rb_node node;		/* in the run queue, by vruntime */
	u64 vruntime;			/* TSC ticks that it ran, weighted: nice 0 counts 1 */
	u64 exec_start;			/* TSC when it was charged last */
	u64 sum_exec;			/* TSC ticks that it ran since fork */
	bool on_rq;			/* in the tree: waits for the processor */
	s8 nice;
	u32 weight;			/* 1024 for nice 0 */
	u32 inv_weight;			/* 2^30 / weight */
};

/* Who waits for an event; see kernel/wait.h. */
struct wait_queue_head {
	struct list_head tasks;
};

struct ktimer {
	struct rb_node node;
	u64 expires;			/* ktime_ns() */
	void (*fn)(struct ktimer *t);	/* in the tick, interrupts off */
	bool queued;
};

struct task_struct {
	/* ---- from here: zero in a new task, then set one by one (kernel/fork.c) ---- */

	/* Entry code looks at work (offset 0) and syscalls, see asm/thread.h. */
	volatile unsigned int work;	/* TIF_*: change with work_set(), work_clear() */
	volatile int state;		/* TASK_* */
	unsigned int flags;		/* PF_* */
	unsigned long syscalls;		/* made so far */
	void *stack;			/* lowest address of the kernel stack */

	struct mm_struct *mm;		/* NULL: kernel thread */
	struct mm_struct *active_mm;	/* whose tables are in CR3 while it runs */
	struct sched_entity se;

	int pid, tgid;
	struct task_struct *parent;	/* who gets SIGCHLD and may wait: a group leader */
	struct task_struct *group_leader;	/* the task whose pid is tgid */
	struct list_head children, sibling;
	struct list_head thread_group;	/* all threads of tgid */
	struct list_head tasks;		/* all tasks: init_task.tasks; by order of birth */
	struct list_head pid_hash;
	struct wait_queue_head *vfork_done;	/* woken at exec or exit of a vfork child */
	struct wait_queue_head wait_chldexit;	/* threads that wait4 for our children */

	int exit_code;			/* as wait4 reports it */
	int exit_signal;		/* to the parent; -1: thread, reaped by itself */
	int stop_code;			/* signal that stopped it, until wait4 has seen it */
	bool continued;			/* SIGCONT came, wait4 has not seen it */
	int *set_child_tid, *clear_child_tid;	/* user addresses, or NULL */

	struct files_struct *files;
	struct fs_struct *fs;
	struct sighand_struct *sighand;

	unsigned long min_flt, maj_flt;	/* faults served without and with I/O */
	u64 fault_start;		/* TSC, of the fault that goes on; 0: not known */
	unsigned long nvcsw, nivcsw;	/* switches away: slept or yielded; preempted */
	u64 start_ns;			/* ktime at birth */
	u64 child_sum_exec;		/* of reaped children */
	unsigned long child_min_flt, child_maj_flt, child_nvcsw, child_nivcsw;

	struct ktimer real_timer;	/* alarm, ITIMER_REAL */
	u64 real_interval;		/* ns; 0: once */
	struct {			/* restart_syscall(): a sleep that a signal cut */
		long (*fn)(void);	/* goes on with it; NULL: there is none */
		u64 until;		/* ktime_ns() */
		union {
			struct {
				void *rem;	/* user address for what is left, or NULL */
				bool time64;	/* its layout */
			};
			struct futex_restart {
				u32 *uaddr, value, bits;
				bool shared;
			} futex;
		};
	} restart;
	struct robust_list_head *robust_list;	/* user address: kernel/futex_robust.c */

	/* ---- from here: a copy of the parent's ---- */

	char comm[TASK_COMM_LEN];
	int pgrp, session;
	u32 uid, euid, suid, gid, egid, sgid;
	u64 cap_permitted, cap_effective, cap_inheritable;	/* 1 << CAP_*: kernel/cred.c */
	bool keep_caps;			/* PR_SET_KEEPCAPS */
	struct rlimit_k rlim[RLIM_NLIMITS_K];
	u32 enosys_logged[16];		/* unknown calls said once: bit per number */

	/* ---- from here: set up by signal_fork() and copy_thread() ---- */

	struct signal_state signal;	/* kernel/signal.h */
	/* Last: holds the FPU image, whose alignment the slab cache gives. */
	struct thread_struct thread;
};

extern struct task_struct init_task;	/* pid 0: the boot context, then the idle loop */

#define for_each_task(p) list_for_each_entry(p, &init_task.tasks, tasks)

struct sched_counters {
	unsigned long switches;		/* task switches */
	unsigned long mm_switches;	/* ... that changed the address space */
	unsigned long lazy;		/* ... to a kernel thread that borrowed one */
	unsigned long preemptions;
	unsigned long forks, execs, exits;
};
extern struct sched_counters sched_counters;
extern unsigned long nr_tasks;		/* existing, zombies included; init_task not */

/* ---- sched.c ----------------------------------------------------------------------- */

/* init_task is the running task, on this kernel stack.  Interrupts off. */
void sched_init(void *stack);
void fork_init(void);			/* caches; after kmem_cache_init() */

/*
 * Give the processor away: to the next task, or back at once.  The caller has set
 * current->state if it wants to sleep.  Interrupts on or off, restored; no spinlock, no
 * kmap_local slot held.
 */
void schedule(void);

/* As sched_yield(): let the one run that has had least of the others, if there is one. */
void yield(void);

/* After time_init(): how long "a while" is in TSC ticks. */
void sched_clock_init(void);

static inline void set_current_state(int state)
{
	current->state = state;
	barrier();
}

static inline bool need_resched(void)
{
	return current->work & TIF_NEED_RESCHED;
}

/* In long loops of the kernel.  May switch; so only where sleeping is allowed. */
static inline void cond_resched(void)
{
	if (unlikely(need_resched()))
		schedule();
}

/* Make a sleeping task runnable; true if it was asleep.  Any context. */
bool wake_up_process(struct task_struct *p);
bool wake_up_state(struct task_struct *p, int states);

/* From the tick: charge, preempt.  Interrupts off. */
void sched_tick(void);

/* -20 ... 19 */
void set_user_nice(struct task_struct *p, int nice);

/* fork: entity of a new task from its parent's; then make it runnable. */
void sched_fork(struct task_struct *p);
void wake_up_new_task(struct task_struct *p);

/* First thing on the stack of a task that runs for the first time (from assembly). */
void schedule_tail(struct task_struct *prev);

/* Go over to the kernel's own tables instead of borrowed ones. */
void use_init_mm(void);

/* The idle loop: pid 0 ends here. */
__noreturn void cpu_idle(void);

/* Nanoseconds that it ran, up to now. */
u64 task_runtime_ns(const struct task_struct *p);

/* ---- timer.c ----------------------------------------------------------------------- */

/*
 * Sleep until ktime_ns() reaches `when` or a wake-up; the caller has set the state.
 * Returns the ns that were left (0: the time is over).  Granularity: one tick.
 */
#define KTIME_NEVER	(~0ull)
u64 schedule_until(u64 when);
u64 schedule_timeout_ns(u64 ns);
void msleep(unsigned ms);

void ktimer_start(struct ktimer *t, u64 expires);	/* (re)start */
bool ktimer_cancel(struct ktimer *t);			/* true: it was queued */
void timer_tick(void);

/* ---- fork.c, exit.c, pid.c --------------------------------------------------------- */

struct clone_request {
	unsigned long flags;		/* CLONE_*, low byte 0 */
	int exit_signal;
	unsigned long stack;		/* user stack pointer; 0: as the parent */
	unsigned long tls;
	int *parent_tid, *child_tid;	/* user addresses */
	bool clear_handlers;		/* CLONE_CLEAR_SIGHAND */
	int (*fn)(void *);		/* not NULL: kernel thread that runs fn(arg) */
	void *arg;
	const char *name;		/* of a kernel thread */
};

/*
 * The pid of a new task, or -errno (-EAGAIN, -ENOMEM, -EINVAL) with nothing left behind.
 * The new task is a copy of current, or a kernel thread.  CLONE_VFORK: returns when the
 * child has called exec or ended, or when current is killed.
 */
long kernel_clone(const struct clone_request *req);

/* First thing in the child: CLONE_CHILD_SETTID. */
void store_child_tid(void);

/* exec and exit: current does not use its parent's memory any more. */
void vfork_complete(struct task_struct *p);

/* Give back stack and descriptor; nobody can find the task and it does not run. */
void free_task(struct task_struct *p);

__noreturn void do_exit(int code);		/* code as wait4 shows it: status << 8 | signal */
__noreturn void do_group_exit(int code);

/* Between exit.c and reap.c.  notify_parent: CLD_* and its status. */
void notify_parent(struct task_struct *p, int code, int status);
void unlink_task(struct task_struct *p);
void add_child_usage(struct task_struct *to, const struct task_struct *p);

/*
 * exec in a threaded program: end all other threads; returns when they are gone, and current
 * is the leader of its group, with the leader's number.  -EAGAIN: the group is dying.
 */
int kill_other_threads(void);

/*
 * exec and exit, before current leaves its address space: robust locks, CLEARTID, and the
 * parent of a vfork child.
 */
void release_mm(void);

/* As the system call, with kernel pointers; status and usage may be NULL. */
struct rusage_k {
	u64 exec_ns;
	unsigned long min_flt, maj_flt, nvcsw, nivcsw;
};
long kernel_wait4(int pid, int *status, int options, struct rusage_k *usage);

/* cred.c: root with all privileges; what exec makes of them. */
void cred_init(struct task_struct *p);
void cred_exec(struct task_struct *p);

/* May current do what this capability (CAP_*) allows? */
static inline bool capable(int cap)
{
	return current->cap_effective >> cap & 1;
}

/* rlimit.c: what a first task has; as getrusage() shows it. */
void rlimit_init(struct task_struct *p);
struct rusage_u;
void rusage_to_user(struct rusage_u *to, const struct rusage_k *usage);

/* pid.c.  NULL if there is none.  Valid until the next sleep, unless the caller is its
 * parent. */
struct task_struct *find_task(int pid);
int pid_alloc(void);				/* -EAGAIN: all in use */
void pid_free(int pid);
extern int pid_max;			/* numbers are smaller: /proc/sys/kernel/pid_max */
int pid_set_max(int max);	/* PID_MAX_MIN to PID_MAX_LIMIT; -ENOMEM; may sleep */
void pid_hash_add(struct task_struct *p);	/* p->pid is set: from here find_task() finds it */
void pid_hash_del(struct task_struct *p);

/* Next thread of p's group, p itself when there is no other. */
static inline struct task_struct *next_thread(struct task_struct *p)
{
	return list_next_entry(p, thread_group);
}

static inline bool thread_group_empty(const struct task_struct *p)
{
	return list_empty(&p->thread_group);
}

/* ---- kthread.c --------------------------------------------------------------------- */

/* Start a kernel thread, child of current; its pid or -errno.  fn's result is its status. */
long kernel_thread(int (*fn)(void *), void *arg, const char *name);

/*
 * Start a program as a child of current, with /dev/console as descriptors 0 to 2: its pid
 * or -errno of kernel_execve().  May sleep.
 */
long run_program(const char *path, const char *const *argv, const char *const *envp);

/* ---- loadavg.c --------------------------------------------------------------------- */

#define LOAD_SHIFT	16
#define LOAD_ONE	(1u << LOAD_SHIFT)

/* From the tick; and the average over 1 (i = 0), 5 or 15 minutes, in 1 / LOAD_ONE. */
void loadavg_tick(void);
unsigned long loadavg(unsigned i);

/* The limit that is in force for the running task. */
static inline unsigned long rlimit_cur(unsigned int resource)
{
	return current->rlim[resource].cur;
}

#endif
