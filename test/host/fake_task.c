/* SPDX-License-Identifier: MIT */
/* One task for mm/ to run in, and what it asks of the scheduler. */
#include <kernel/sched.h>
#include <kernel/trace.h>
#include <mm/mmap.h>
#include "host_user.h"

bool trace_on;
void (*host_schedule)(void);
struct task_struct init_task = {
	.tasks = LIST_HEAD_INIT(init_task.tasks),
};
static struct task_struct only_task = {
	.pid = 2,
	.comm = "host",
	.rlim = { [0 ... RLIM_NLIMITS_K - 1] = { ~0ul, ~0ul } },
};
struct task_struct *host_current = &only_task;

void __trace(unsigned kind, u64 a, u64 b, u64 c, u64 d)
{
}

/* Whoever sleeps depends on the test to do what the others would. */
void schedule(void)
{
	if (!host_schedule)
		panic("schedule: nobody to switch to");
	host_schedule();
}

void yield(void)
{
	schedule();
}

bool wake_up_process(struct task_struct *p)
{
	bool was_asleep = p->state != TASK_RUNNING;

	p->state = TASK_RUNNING;
	return was_asleep;
}

int host_signal;
struct task_struct *host_signalled;

void send_sig(int sig, struct task_struct *p)
{
	host_signal = sig;
	host_signalled = p;
}

void send_signal(struct task_struct *p, const struct ksiginfo *info)
{
	send_sig(info->signo, p);
}

/* Nobody is killed in the middle of a host test. */
bool fatal_signal_pending(struct task_struct *p)
{
	return false;
}
