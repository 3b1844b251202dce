/* SPDX-License-Identifier: MIT */
/*
 * Resource limits and usage.  The limits of a process stand in each of its threads; a
 * change is made in all of them.  An infinite limit is ~0 in every width.
 */
#include <asm/uaccess.h>
#include <kernel/sched.h>
#include <kernel/string.h>
#include <kernel/syscalls.h>
#include <kernel/time.h>
#include <linux/capability.h>
#include <linux/resource.h>
#include <mm/mmap.h>

#define USER_HZ		100		/* of times() */
#define MIB		(1ul << 20)

static_assert(RLIM_NLIMITS_K == RLIM_NLIMITS, "rlimits");

static const struct rlimit_k default_limits[RLIM_NLIMITS] = {
	[RLIMIT_CPU] = { RLIM_INFINITY, RLIM_INFINITY },
	[RLIMIT_FSIZE] = { RLIM_INFINITY, RLIM_INFINITY },
	[RLIMIT_DATA] = { RLIM_INFINITY, RLIM_INFINITY },
	[RLIMIT_STACK] = { 8 * MIB, RLIM_INFINITY },
	[RLIMIT_CORE] = { 0, RLIM_INFINITY },
	[RLIMIT_RSS] = { RLIM_INFINITY, RLIM_INFINITY },
	[RLIMIT_NPROC] = { RLIM_INFINITY, RLIM_INFINITY },
	[RLIMIT_NOFILE] = { 1024, 4096 },
	[RLIMIT_MEMLOCK] = { 8 * MIB, 8 * MIB },
	[RLIMIT_AS] = { RLIM_INFINITY, RLIM_INFINITY },
	[RLIMIT_LOCKS] = { RLIM_INFINITY, RLIM_INFINITY },
	[RLIMIT_SIGPENDING] = { RLIM_INFINITY, RLIM_INFINITY },
	[RLIMIT_MSGQUEUE] = { 819200, 819200 },
	[RLIMIT_NICE] = { 0, 0 },
	[RLIMIT_RTPRIO] = { 0, 0 },
	[RLIMIT_RTTIME] = { RLIM_INFINITY, RLIM_INFINITY },
};

void rlimit_init(struct task_struct *p)
{
	memcpy(p->rlim, default_limits, sizeof(p->rlim));
}

/* ---- limits ------------------------------------------------------------------------ */

static long set_limit(struct task_struct *p, unsigned resource, const struct rlimit_k *new)
{
	const struct rlimit_k *old = &p->rlim[resource];
	struct task_struct *t = p;

	if (new->cur > new->max)
		return -EINVAL;
	if (new->max > old->max && !capable(CAP_SYS_RESOURCE))
		return -EPERM;
	if (resource == RLIMIT_NOFILE && new->max > 1024 * 1024)
		return -EPERM;
	do {
		t->rlim[resource] = *new;
		t = next_thread(t);
	} while (t != p);
	return 0;
}

static unsigned long narrow(u64 limit)
{
	return limit >= RLIM_INFINITY ? RLIM_INFINITY : (unsigned long)limit;
}

static u64 widen(unsigned long limit)
{
	return limit == RLIM_INFINITY ? ~0ull : limit;
}

long sys_getrlimit(unsigned resource, struct rlimit_u *limit)
{
	struct rlimit_u l;

	if (resource >= RLIM_NLIMITS)
		return -EINVAL;
	l.cur = current->rlim[resource].cur;
	l.max = current->rlim[resource].max;
	return copy_to_user(limit, &l, sizeof(l)) ? -EFAULT : 0;
}

long sys_old_getrlimit(unsigned resource, struct rlimit_u *limit)
{
	struct rlimit_u l;

	if (resource >= RLIM_NLIMITS)
		return -EINVAL;
	l.cur = min(current->rlim[resource].cur, 0x7ffffffful);
	l.max = min(current->rlim[resource].max, 0x7ffffffful);
	return copy_to_user(limit, &l, sizeof(l)) ? -EFAULT : 0;
}

long sys_setrlimit(unsigned resource, const struct rlimit_u *limit)
{
	struct rlimit_u l;
	struct rlimit_k new;

	if (copy_from_user(&l, limit, sizeof(l)))
		return -EFAULT;
	if (resource >= RLIM_NLIMITS)
		return -EINVAL;
	new = (struct rlimit_k){ .cur = l.cur, .max = l.max };
	return set_limit(current, resource, &new);
}

long sys_prlimit64(int pid, unsigned resource, const struct rlimit64_u *new,
		   struct rlimit64_u *old)
{
	struct task_struct *p = pid ? find_task(pid) : current;
	struct rlimit64_u to_set, before;
	long ret = 0;

	if (resource >= RLIM_NLIMITS)
		return -EINVAL;
	if (new && copy_from_user(&to_set, new, sizeof(to_set)))
		return -EFAULT;
	/* The copy may have slept. */
	p = pid ? find_task(pid) : current;
	if (!p)
		return -ESRCH;
	if (p != current && current->euid && current->euid != p->uid)
		return -EPERM;
	before.cur = widen(p->rlim[resource].cur);
	before.max = widen(p->rlim[resource].max);
	if (new) {
		const struct rlimit_k k = { .cur = narrow(to_set.cur),
					    .max = narrow(to_set.max) };

		ret = set_limit(p, resource, &k);
	}
	if (!ret && old && copy_to_user(old, &before, sizeof(before)))
		return -EFAULT;
	return ret;
}

/* ---- usage ------------------------------------------------------------------------- */

static struct timeval_k to_timeval(u64 ns)
{
	u64 us = ns / 1000;

	return (struct timeval_k){ .sec = (long)(us / 1000000), .usec = (long)(us % 1000000) };
}

/* What a task does in the kernel is not told apart: all of it is user time. */
void rusage_to_user(struct rusage_u *to, const struct rusage_k *usage)
{
	memset(to, 0, sizeof(*to));
	to->utime = to_timeval(usage->exec_ns);
	to->minflt = (long)usage->min_flt;
	to->majflt = (long)usage->maj_flt;
	to->nvcsw = (long)usage->nvcsw;
	to->nivcsw = (long)usage->nivcsw;
}

static void add_usage(struct rusage_k *to, const struct task_struct *p)
{
	to->exec_ns += task_runtime_ns(p);
	to->min_flt += p->min_flt;
	to->maj_flt += p->maj_flt;
	to->nvcsw += p->nvcsw;
	to->nivcsw += p->nivcsw;
}

static void usage_of_group(struct rusage_k *to, struct task_struct *p)
{
	struct task_struct *t = p;

	do {
		add_usage(to, t);
		t = next_thread(t);
	} while (t != p);
}

static void usage_of_children(struct rusage_k *to, const struct task_struct *leader)
{
	to->exec_ns = tsc_to_ns(leader->child_sum_exec);
	to->min_flt = leader->child_min_flt;
	to->maj_flt = leader->child_maj_flt;
	to->nvcsw = leader->child_nvcsw;
	to->nivcsw = leader->child_nivcsw;
}

long sys_getrusage(int who, struct rusage_u *usage)
{
	struct rusage_k k = { 0 };
	struct rusage_u u;

	switch (who) {
	case RUSAGE_SELF:
		usage_of_group(&k, current);
		break;
	case RUSAGE_CHILDREN:
		usage_of_children(&k, current->group_leader);
		break;
	case RUSAGE_THREAD:
		add_usage(&k, current);
		break;
	default:
		return -EINVAL;
	}
	rusage_to_user(&u, &k);
	if (who == RUSAGE_SELF && current->mm)
		u.maxrss = (long)(current->mm->hiwater_rss * (PAGE_SIZE / 1024));
	return copy_to_user(usage, &u, sizeof(u)) ? -EFAULT : 0;
}

static long to_clock(u64 ns)
{
	return (long)(ns / (NSEC_PER_SEC / USER_HZ));
}

long sys_times(struct tms_k *tms)
{
	struct rusage_k self = { 0 }, children = { 0 };
	struct tms_k t = { 0 };

	if (tms) {
		usage_of_group(&self, current);
		usage_of_children(&children, current->group_leader);
		t.utime = to_clock(self.exec_ns);
		t.cutime = to_clock(children.exec_ns);
		if (copy_to_user(tms, &t, sizeof(t)))
			return -EFAULT;
	}
	return to_clock(ktime_ns());
}
