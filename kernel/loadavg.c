/* SPDX-License-Identifier: MIT */
/*
 * The load: how many tasks want to run, and programs wait for a disk, averaged over 1, 5 and
 * 15 minutes.  Every five seconds the new count goes in with its share, and what was before
 * fades exponentially.  Fixed point: LOAD_ONE is 1.
 */
#include <kernel/sched.h>
#include <kernel/time.h>

#define EVERY_S		5u

/* LOAD_ONE * e^(-5 s / 1, 5, 15 min) */
static const u32 fade[3] = { 60296, 64453, 65173 };
static unsigned long load[3];

static unsigned long count_active(void)
{
	const struct task_struct *p;
	unsigned long n = 0;

	for_each_task(p)
		n += p->state == TASK_RUNNING ||
		     (p->state == TASK_UNINTERRUPTIBLE && !(p->flags & PF_KTHREAD));
	return n;
}

void loadavg_tick(void)
{
	unsigned long active;
	unsigned i;

	if (jiffies % (EVERY_S * hz))
		return;
	active = count_active();
	for (i = 0; i < 3; i++)
		load[i] = (unsigned long)(((u64)load[i] * fade[i] +
					   (u64)active * LOAD_ONE * (LOAD_ONE - fade[i])) >>
					  LOAD_SHIFT);
}

unsigned long loadavg(unsigned i)
{
	return load[i];
}
