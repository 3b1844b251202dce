/* SPDX-License-Identifier: MIT */
/*
 * System calls about who a task is and where it runs.  Users are numbers; 0 may everything.
 * The i386 calls with 16-bit numbers are served by the same functions.
 */
#include <asm/msr.h>
#include <asm/uaccess.h>
#include <kernel/main.h>
#include <kernel/random.h>
#include <kernel/sched.h>
#include <kernel/string.h>
#include <kernel/syscalls.h>
#include <kernel/time.h>
#include <linux/prctl.h>
#include <mm/gfp.h>
#include <mm/mm.h>

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

static bool group_in_session(int pgrp, int session)
{
	struct task_struct *p;

	for_each_task(p)
		if (p->pgrp == pgrp && p->session == session)
			return true;
	return false;
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
	if (pgid != p->pid && !group_in_session(pgid, current->session))
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

/* ---- users ------------------------------------------------------------------------- */

#define UNCHANGED	((u32)-1)

long sys_getuid(void)
{
	return current->uid;
}

long sys_geteuid(void)
{
	return current->euid;
}

long sys_getgid(void)
{
	return current->gid;
}

long sys_getegid(void)
{
	return current->egid;
}

/* One of the three that it has, or root may choose. */
static bool may_become(u32 id, u32 a, u32 b, u32 c)
{
	return id == UNCHANGED || !current->euid || id == a || id == b || id == c;
}

long sys_setresuid(u32 ruid, u32 euid, u32 suid)
{
	struct task_struct *p = current;
	u32 r = p->uid, e = p->euid, s = p->suid;

	if (!may_become(ruid, r, e, s) || !may_become(euid, r, e, s) ||
	    !may_become(suid, r, e, s))
		return -EPERM;
	p->uid = ruid == UNCHANGED ? r : ruid;
	p->euid = euid == UNCHANGED ? e : euid;
	p->suid = suid == UNCHANGED ? s : suid;
	return 0;
}

long sys_setresgid(u32 rgid, u32 egid, u32 sgid)
{
	struct task_struct *p = current;
	u32 r = p->gid, e = p->egid, s = p->sgid;

	if (!may_become(rgid, r, e, s) || !may_become(egid, r, e, s) ||
	    !may_become(sgid, r, e, s))
		return -EPERM;
	p->gid = rgid == UNCHANGED ? r : rgid;
	p->egid = egid == UNCHANGED ? e : egid;
	p->sgid = sgid == UNCHANGED ? s : sgid;
	return 0;
}

long sys_setuid(u32 uid)
{
	return current->euid ? sys_setresuid(UNCHANGED, uid, UNCHANGED) :
			       sys_setresuid(uid, uid, uid);
}

long sys_setgid(u32 gid)
{
	return current->euid ? sys_setresgid(UNCHANGED, gid, UNCHANGED) :
			       sys_setresgid(gid, gid, gid);
}

/* The saved one follows when the real one is set. */
long sys_setreuid(u32 ruid, u32 euid)
{
	return sys_setresuid(ruid, euid, ruid == UNCHANGED ? UNCHANGED :
			     euid == UNCHANGED ? current->euid : euid);
}

long sys_setregid(u32 rgid, u32 egid)
{
	return sys_setresgid(rgid, egid, rgid == UNCHANGED ? UNCHANGED :
			     egid == UNCHANGED ? current->egid : egid);
}

static long put_three(u32 *a, u32 *b, u32 *c, const u32 *values)
{
	return put_user(values[0], a) || put_user(values[1], b) || put_user(values[2], c) ?
	       -EFAULT : 0;
}

long sys_getresuid(u32 *ruid, u32 *euid, u32 *suid)
{
	const u32 ids[] = { current->uid, current->euid, current->suid };

	return put_three(ruid, euid, suid, ids);
}

long sys_getresgid(u32 *rgid, u32 *egid, u32 *sgid)
{
	const u32 ids[] = { current->gid, current->egid, current->sgid };

	return put_three(rgid, egid, sgid, ids);
}

/* Both return the old number and never fail. */
long sys_setfsuid(u32 uid)
{
	return current->euid;
}

long sys_setfsgid(u32 gid)
{
	return current->egid;
}

long sys_getgroups(int n, u32 *list)
{
	return n < 0 ? -EINVAL : 0;
}

long sys_setgroups(int n, const u32 *list)
{
	return current->euid ? -EPERM : n < 0 || n > 65536 ? -EINVAL : 0;
}

/* Root has all capabilities, others none. */
long sys_capget(u32 *header, u32 *data)
{
	u32 version, sets[6], all = current->euid ? 0 : ~0u;
	unsigned n;

	if (get_user(version, header))
		return -EFAULT;
	n = version == 0x19980330 ? 3 : version == 0x20071026 || version == 0x20080522 ? 6 : 0;
	if (!n)
		return put_user(0x20080522u, header) ? -EFAULT : data ? -EINVAL : 0;
	sets[0] = sets[1] = all;
	sets[3] = sets[4] = all & 0x1ff;	/* capabilities 32 to 40 */
	sets[2] = sets[5] = 0;
	return data && copy_to_user(data, sets, n * sizeof(*sets)) ? -EFAULT : 0;
}

long sys_capset(u32 *header, const u32 *data)
{
	return current->euid ? -EPERM : 0;
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

	if (current->euid)
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

	memset(&s, 0, sizeof(s));
	s.uptime = (long)(ktime_ns() / NSEC_PER_SEC);
	s.totalram = boot_figures.usable_pages;
	s.freeram = nr_free_pages();
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
	case PR_SET_DUMPABLE:
	case PR_SET_PDEATHSIG:
	case PR_SET_KEEPCAPS:
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

/* Accepted and forgotten: there are no robust futexes to clean up. */
long sys_set_robust_list(void *head, size_t n)
{
	return n == 3 * sizeof(long) ? 0 : -EINVAL;
}

long sys_get_robust_list(int pid, void **head, size_t *n)
{
	return -ENOSYS;
}

/* Probed by every start of glibc, which does without: no message. */
long sys_rseq(void)
{
	return -ENOSYS;
}

long sys_membarrier(void)
{
	return -ENOSYS;
}
