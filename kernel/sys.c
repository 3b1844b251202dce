/* SPDX-License-Identifier: MIT */
/*
 * System calls about processes and the machine that they run on.
 */
#include <asm/msr.h>
#include <asm/uaccess.h>
#include <kernel/jobctl.h>
#include <kernel/main.h>
#include <kernel/random.h>
#include <kernel/sched.h>
#include <kernel/string.h>
#include <kernel/syscalls.h>
#include <kernel/time.h>
#include <linux/capability.h>
#include <linux/prctl.h>
#include <mm/gfp.h>
#include <mm/mm.h>
#include <mm/swap.h>

/* ---- processes --------------------------------------------------------------------- */

long sys_getpid(void)
{
	return current->tgid;
}

long sys_gettid(void)
{
	return current->pid;
}

long sys_getppid(void)
{
	return current->group_leader->parent->tgid;
}

long sys_getpgrp(void)
{
	return current->pgrp;
}

long sys_getpgid(int pid)
{
	const struct task_struct *p = pid ? find_task(pid) : current;

	return p ? p->pgrp : -ESRCH;
}

long sys_getsid(int pid)
{
	const struct task_struct *p = pid ? find_task(pid) : current;

	return p ? p->session : -ESRCH;
}

static void set_group(struct task_struct *p, int pgrp, int session)
{
	struct task_struct *t = p;

	do {
		t->pgrp = pgrp;
		t->session = session;
		t = next_thread(t);
	} while (t != p);
}

long sys_setpgid(int pid, int pgid)
{
	struct task_struct *p = pid ? find_task(pid) : current->group_leader;

	if (pgid < 0)
		return -EINVAL;
	if (!p || (p != current->group_leader && p->parent != current->group_leader))
		return -ESRCH;
	if (p != p->group_leader)
		return -EINVAL;
	if (p != current->group_leader && !(p->flags & PF_FORKNOEXEC))
		return -EACCES;
	if (p->session != current->session || p->session == p->pid)
		return -EPERM;
	if (!pgid)
		pgid = p->pid;
	if (pgid != p->pid && !pgrp_in_session(pgid, current->session))
		return -EPERM;
	set_group(p, pgid, p->session);
	return 0;
}

long sys_setsid(void)
{
	struct task_struct *leader = current->group_leader, *p;

	for_each_task(p)
		if (p->pgrp == leader->pid)
			return -EPERM;
	set_group(leader, leader->pid, leader->pid);
	return leader->pid;
}

/* ---- the machine ------------------------------------------------------------------- */

static char hostname[65] = "pagewalk";

long sys_uname(struct utsname_k *name)
{
	struct utsname_k n;

	memset(&n, 0, sizeof(n));
	strlcpy(n.sysname, "Linux", sizeof(n.sysname));
	strlcpy(n.nodename, hostname, sizeof(n.nodename));
	strlcpy(n.release, "6.1.0-pagewalk", sizeof(n.release));	/* C libraries look */
	strlcpy(n.version, "#1 Pagewalk " PAGEWALK_VERSION, sizeof(n.version));
	strlcpy(n.machine, sizeof(long) == 8 ? "x86_64" : "i686", sizeof(n.machine));
	strlcpy(n.domain, "(none)", sizeof(n.domain));
	return copy_to_user(name, &n, sizeof(n)) ? -EFAULT : 0;
}

long sys_sethostname(const char *name, long n)
{
	char new[sizeof(hostname)] = { 0 };

	if (!capable(CAP_SYS_ADMIN))
		return -EPERM;
	if (n < 0 || n >= (long)sizeof(new))
		return -EINVAL;
	if (copy_from_user(new, name, n))
		return -EFAULT;
	memcpy(hostname, new, sizeof(new));
	return 0;
}

long sys_sysinfo(struct sysinfo_k *info)
{
	struct sysinfo_k s;
	unsigned i;

	memset(&s, 0, sizeof(s));
	s.uptime = (long)(ktime_ns() / NSEC_PER_SEC);
	for (i = 0; i < 3; i++)
		s.loads[i] = loadavg(i);
	s.totalram = totalram_pages;
	s.freeram = nr_free_pages();
	s.totalswap = total_swap_pages;
	s.freeswap = nr_swap_pages();
	s.totalhigh = zones[ZONE_HIGHMEM].managed_pages;
	s.freehigh = zones[ZONE_HIGHMEM].free_pages;
	s.procs = (u16)nr_tasks;
	s.mem_unit = PAGE_SIZE;
	return copy_to_user(info, &s, sizeof(s)) ? -EFAULT : 0;
}

long sys_prctl(int option, unsigned long a, unsigned long b, unsigned long c, unsigned long d)
{
	char name[TASK_COMM_LEN] = "";

	switch (option) {
	case PR_SET_NAME:
		if (strncpy_from_user(name, (const char *)a, sizeof(name) - 1) < 0)
			return -EFAULT;
		memcpy(current->comm, name, sizeof(name));
		return 0;
	case PR_GET_NAME:
		memcpy(name, current->comm, sizeof(name));
		return copy_to_user((char *)a, name, sizeof(name)) ? -EFAULT : 0;
	case PR_GET_DUMPABLE:
		return 1;
	case PR_GET_KEEPCAPS:
		return current->keep_caps;
	case PR_SET_KEEPCAPS:
		if (a > 1)
			return -EINVAL;
		current->keep_caps = a;
		return 0;
	case PR_SET_DUMPABLE:
	case PR_SET_PDEATHSIG:
	case PR_SET_TIMERSLACK:
		return 0;
	}
	return -EINVAL;
}

/* Not secret: the seed is a clock.  Good enough for stack protectors and hash tables. */
static void random_bytes(void *to, size_t n)
{
	static struct rnd state;
	u64 value;
	size_t i;

	if (!state.state)
		rnd_seed(&state, rdtsc());
	for (i = 0; i < n; i += sizeof(value)) {
		value = rnd_u64(&state) + rdtsc();
		memcpy((char *)to + i, &value, min(n - i, sizeof(value)));
	}
}

long sys_getrandom(char *buf, size_t n, unsigned flags)
{
	char part[256];
	size_t done = 0, len;

	if (flags & ~7u)
		return -EINVAL;
	while (done < n) {
		len = min(n - done, sizeof(part));
		random_bytes(part, len);
		if (copy_to_user(buf + done, part, len))
			return done ? (long)done : -EFAULT;
		done += len;
		cond_resched();
		if (signal_pending(current))
			break;
	}
	return (long)done;
}

long sys_getcpu(u32 *cpu, u32 *node, void *unused)
{
	if (cpu && put_user(0u, cpu))
		return -EFAULT;
	return node && put_user(0u, node) ? -EFAULT : 0;
}

/* ---- what threads ask for when they start ------------------------------------------ */

/* Probed by every start of glibc, which does without: no message. */
long sys_rseq(void)
{
	return -ENOSYS;
}

long sys_membarrier(void)
{
	return -ENOSYS;
}
