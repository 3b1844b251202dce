/* SPDX-License-Identifier: MIT */
/*
 * Who a task is and what it may: users and groups, which are numbers, and capabilities, the
 * pieces of what root may (capabilities(7)).  The i386 calls with 16-bit numbers are served
 * by the same functions.
 *
 * There are no capabilities of files and no bounding set: root has all of them, exec as root
 * gives them back, and nobody else ever gets one.
 */
#include <asm/uaccess.h>
#include <kernel/sched.h>
#include <kernel/syscalls.h>
#include <linux/capability.h>

#define CAP_ALL		((1ull << (CAP_LAST_CAP + 1)) - 1)

void cred_init(struct task_struct *p)
{
	p->cap_permitted = p->cap_effective = CAP_ALL;
}

/* By the numbers alone, since files have no capabilities. */
void cred_exec(struct task_struct *p)
{
	bool root = !p->uid || !p->euid;

	p->suid = p->euid;
	p->sgid = p->egid;
	p->cap_permitted = root ? CAP_ALL : 0;
	p->cap_effective = p->euid ? 0 : CAP_ALL;
	p->keep_caps = false;
}

/* ---- numbers ----------------------------------------------------------------------- */

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

/* One of the three that it has; with the capability, any. */
static bool may_become(int cap, u32 id, u32 a, u32 b, u32 c)
{
	return id == UNCHANGED || capable(cap) || id == a || id == b || id == c;
}

/*
 * Root's privileges go with root's numbers: the effective ones with the effective number,
 * for good with the last of the three (unless PR_SET_KEEPCAPS), and come back with it.
 */
static void users_changed(struct task_struct *p, u32 r, u32 e, u32 s)
{
	if ((!r || !e || !s) && p->uid && p->euid && p->suid && !p->keep_caps)
		p->cap_permitted = p->cap_effective = 0;
	if (!e && p->euid)
		p->cap_effective = 0;
	if (e && !p->euid)
		p->cap_effective = p->cap_permitted;
}

long sys_setresuid(u32 ruid, u32 euid, u32 suid)
{
	struct task_struct *p = current;
	u32 r = p->uid, e = p->euid, s = p->suid;

	if (!may_become(CAP_SETUID, ruid, r, e, s) || !may_become(CAP_SETUID, euid, r, e, s) ||
	    !may_become(CAP_SETUID, suid, r, e, s))
		return -EPERM;
	p->uid = ruid == UNCHANGED ? r : ruid;
	p->euid = euid == UNCHANGED ? e : euid;
	p->suid = suid == UNCHANGED ? s : suid;
	users_changed(p, r, e, s);
	return 0;
}

long sys_setresgid(u32 rgid, u32 egid, u32 sgid)
{
	struct task_struct *p = current;
	u32 r = p->gid, e = p->egid, s = p->sgid;

	if (!may_become(CAP_SETGID, rgid, r, e, s) || !may_become(CAP_SETGID, egid, r, e, s) ||
	    !may_become(CAP_SETGID, sgid, r, e, s))
		return -EPERM;
	p->gid = rgid == UNCHANGED ? r : rgid;
	p->egid = egid == UNCHANGED ? e : egid;
	p->sgid = sgid == UNCHANGED ? s : sgid;
	return 0;
}

long sys_setuid(u32 uid)
{
	return capable(CAP_SETUID) ? sys_setresuid(uid, uid, uid) :
				     sys_setresuid(UNCHANGED, uid, UNCHANGED);
}

long sys_setgid(u32 gid)
{
	return capable(CAP_SETGID) ? sys_setresgid(gid, gid, gid) :
				     sys_setresgid(UNCHANGED, gid, UNCHANGED);
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
	return !capable(CAP_SETGID) ? -EPERM : n < 0 || n > 65536 ? -EINVAL : 0;
}

/* ---- capabilities ------------------------------------------------------------------ */

/* Words of 32 bits in each set of the caller's version, or -errno, with ours in the header. */
static long cap_words(struct __user_cap_header_struct *header)
{
	u32 version;

	if (get_user(version, &header->version))
		return -EFAULT;
	switch (version) {
	case _LINUX_CAPABILITY_VERSION_1:
		return _LINUX_CAPABILITY_U32S_1;
	case _LINUX_CAPABILITY_VERSION_2:
	case _LINUX_CAPABILITY_VERSION_3:
		return _LINUX_CAPABILITY_U32S_3;
	}
	version = _LINUX_CAPABILITY_VERSION_3;
	return put_user(version, &header->version) ? -EFAULT : -EINVAL;
}

long sys_capget(struct __user_cap_header_struct *header, struct __user_cap_data_struct *data)
{
	struct __user_cap_data_struct sets[_LINUX_CAPABILITY_U32S_3];
	const struct task_struct *p;
	long words = cap_words(header);
	int pid, i;

	if (words < 0 || !data)
		return words == -EINVAL && !data ? 0 : min(words, 0l);
	if (get_user(pid, &header->pid))
		return -EFAULT;
	if (pid < 0)
		return -EINVAL;
	p = pid ? find_task(pid) : current;
	if (!p)
		return -ESRCH;
	for (i = 0; i < _LINUX_CAPABILITY_U32S_3; i++) {
		sets[i].effective = (u32)(p->cap_effective >> 32 * i);
		sets[i].permitted = (u32)(p->cap_permitted >> 32 * i);
		sets[i].inheritable = (u32)(p->cap_inheritable >> 32 * i);
	}
	return copy_to_user(data, sets, (size_t)words * sizeof(*sets)) ? -EFAULT : 0;
}

/* Only less than it has, and only of itself. */
long sys_capset(struct __user_cap_header_struct *header,
		const struct __user_cap_data_struct *data)
{
	struct __user_cap_data_struct sets[_LINUX_CAPABILITY_U32S_3] = { { 0 } };
	u64 effective, permitted, inheritable;
	struct task_struct *p = current;
	long words = cap_words(header);
	int pid;

	if (words < 0)
		return words;
	if (get_user(pid, &header->pid))
		return -EFAULT;
	if (pid && pid != p->pid)
		return -EPERM;
	if (copy_from_user(sets, data, (size_t)words * sizeof(*sets)))
		return -EFAULT;
	effective = ((u64)sets[1].effective << 32 | sets[0].effective) & CAP_ALL;
	permitted = ((u64)sets[1].permitted << 32 | sets[0].permitted) & CAP_ALL;
	inheritable = ((u64)sets[1].inheritable << 32 | sets[0].inheritable) & CAP_ALL;
	if (permitted & ~p->cap_permitted || effective & ~permitted ||
	    (!capable(CAP_SETPCAP) && inheritable & ~(p->cap_inheritable | p->cap_permitted)))
		return -EPERM;
	p->cap_effective = effective;
	p->cap_permitted = permitted;
	p->cap_inheritable = inheritable;
	return 0;
}
