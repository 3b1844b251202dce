/* SPDX-License-Identifier: MIT */
/* System calls about the scheduler: one processor, one policy, forty levels of nice. */
#include <asm/uaccess.h>
#include <kernel/sched.h>
#include <kernel/syscalls.h>
#include <linux/capability.h>
#include <linux/resource.h>
#include <linux/sched.h>

long sys_sched_yield(void)
{
	yield();
	return 0;
}

static struct task_struct *task_or_current(int pid)
{
	return pid ? find_task(pid) : current;
}

static bool may_set(const struct task_struct *p)
{
	return current->euid == p->uid || current->euid == p->euid || capable(CAP_SYS_NICE);
}

/* Down to what RLIMIT_NICE says, which counts 1 for nice 19 up to 40 for -20. */
static bool may_raise(const struct task_struct *p, int nice)
{
	return (unsigned long)(20 - nice) <= p->rlim[RLIMIT_NICE].cur || capable(CAP_SYS_NICE);
}

/* ---- nice -------------------------------------------------------------------------- */

static int clamp(int value, int limit)
{
	return value < -limit ? -limit : value > limit ? limit : value;
}

static long set_nice(struct task_struct *p, int nice)
{
	nice = clamp(nice, 20) - (nice >= 20);
	if (!may_set(p))
		return -EPERM;
	if (nice < p->se.nice && !may_raise(p, nice))
		return -EACCES;
	set_user_nice(p, nice);
	return 0;
}

long sys_nice(int increment)
{
	long ret;

	ret = set_nice(current, current->se.nice + clamp(increment, 40));
	return ret == -EACCES ? -EPERM : ret;
}

static bool is_meant(const struct task_struct *p, int which, int who)
{
	switch (which) {
	case PRIO_PROCESS:
		return p->pid == (who ? who : current->pid);
	case PRIO_PGRP:
		return p->pgrp == (who ? who : current->pgrp);
	default:
		return p->uid == (who ? (u32)who : current->uid);
	}
}

/* 40 (nice -20) down to 1, so that no result looks like an error. */
long sys_getpriority(int which, int who)
{
	struct task_struct *p;
	long best = -ESRCH;

	if (which < PRIO_PROCESS || which > PRIO_USER)
		return -EINVAL;
	for_each_task(p)
		if (is_meant(p, which, who) && 20 - p->se.nice > best)
			best = 20 - p->se.nice;
	return best;
}

long sys_setpriority(int which, int who, int nice)
{
	struct task_struct *p;
	long ret = -ESRCH, err;

	if (which < PRIO_PROCESS || which > PRIO_USER)
		return -EINVAL;
	for_each_task(p) {
		if (!is_meant(p, which, who))
			continue;
		err = set_nice(p, nice);
		if (err || ret == -ESRCH)
			ret = err;
	}
	return ret;
}

/* ---- processors -------------------------------------------------------------------- */

long sys_sched_getaffinity(int pid, unsigned n, unsigned long *mask)
{
	if (!task_or_current(pid))
		return -ESRCH;
	if (n < sizeof(*mask) || n % sizeof(*mask))
		return -EINVAL;
	return put_user(1ul, mask) ? -EFAULT : (long)sizeof(*mask);
}

long sys_sched_setaffinity(int pid, unsigned n, const unsigned long *mask)
{
	unsigned long cpus = 0;

	if (copy_from_user(&cpus, mask, min_t(size_t, n, sizeof(cpus))))
		return -EFAULT;
	if (!task_or_current(pid))
		return -ESRCH;
	return cpus & 1 ? 0 : -EINVAL;
}

/* ---- policies ---------------------------------------------------------------------- */

static bool policy_known(int policy)
{
	policy &= ~SCHED_RESET_ON_FORK;
	return policy == SCHED_NORMAL || policy == SCHED_BATCH || policy == SCHED_IDLE;
}

long sys_sched_setparam(int pid, const int *priority)
{
	int value;

	if (copy_from_user(&value, priority, sizeof(value)))
		return -EFAULT;
	if (!task_or_current(pid))
		return -ESRCH;
	return value ? -EINVAL : 0;
}

long sys_sched_setscheduler(int pid, int policy, const int *priority)
{
	struct task_struct *p;
	long ret = sys_sched_setparam(pid, priority);

	if (ret)
		return ret;
	if (!policy_known(policy))
		return policy == SCHED_FIFO || policy == SCHED_RR ? -EPERM : -EINVAL;
	p = task_or_current(pid);
	if (policy == SCHED_IDLE)
		return set_nice(p, 19);
	return may_set(p) ? 0 : -EPERM;
}

long sys_sched_getscheduler(int pid)
{
	return task_or_current(pid) ? SCHED_NORMAL : -ESRCH;
}

long sys_sched_getparam(int pid, int *priority)
{
	int zero = 0;

	if (!task_or_current(pid))
		return -ESRCH;
	return copy_to_user(priority, &zero, sizeof(zero)) ? -EFAULT : 0;
}

long sys_sched_get_priority_max(int policy)
{
	if (policy == SCHED_FIFO || policy == SCHED_RR)
		return 99;
	return policy_known(policy) ? 0 : -EINVAL;
}

long sys_sched_get_priority_min(int policy)
{
	if (policy == SCHED_FIFO || policy == SCHED_RR)
		return 1;
	return policy_known(policy) ? 0 : -EINVAL;
}
