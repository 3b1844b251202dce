/* SPDX-License-Identifier: MIT */
/*
 * System calls that i386 has in another form: arguments in another order or in memory, and
 * user ids of 16 bits.
 */
#include <linux/errno.h>
#include <asm/page.h>
#include <asm/uaccess.h>
#include <kernel/sched.h>
#include <kernel/syscalls.h>

/* mmap(90): six arguments in memory, the offset in bytes. */
struct mmap_args {
	unsigned long addr, len, prot, flags, fd, offset;
};

long sys32_old_mmap(const struct mmap_args *args)
{
	struct mmap_args a;

	if (copy_from_user(&a, args, sizeof(a)))
		return -EFAULT;
	if (a.offset & ~PAGE_MASK)
		return -EINVAL;
	return sys_mmap_pgoff(a.addr, a.len, a.prot, a.flags, (long)a.fd, a.offset >> PAGE_SHIFT);
}

long sys32_clone(unsigned long flags, unsigned long sp, int *parent_tid, unsigned long tls,
		 int *child_tid)
{
	return sys_clone(flags, sp, parent_tid, child_tid, tls);
}

/* ---- 16-bit ids: 65535 is "no change" ---------------------------------------------- */

static u32 wide(u32 id)
{
	return (u16)id == 0xffff ? ~0u : (u16)id;
}

/* What does not fit is shown as Linux's overflow id. */
static u16 narrow(u32 id)
{
	return id > 0xffff ? 65534 : (u16)id;
}

long sys32_setuid16(u32 uid)
{
	return sys_setuid(wide(uid));
}

long sys32_setgid16(u32 gid)
{
	return sys_setgid(wide(gid));
}

long sys32_setreuid16(u32 ruid, u32 euid)
{
	return sys_setreuid(wide(ruid), wide(euid));
}

long sys32_setregid16(u32 rgid, u32 egid)
{
	return sys_setregid(wide(rgid), wide(egid));
}

long sys32_setresuid16(u32 ruid, u32 euid, u32 suid)
{
	return sys_setresuid(wide(ruid), wide(euid), wide(suid));
}

long sys32_setresgid16(u32 rgid, u32 egid, u32 sgid)
{
	return sys_setresgid(wide(rgid), wide(egid), wide(sgid));
}

long sys32_setfsuid16(u32 uid)
{
	return sys_setfsuid(wide(uid));
}

long sys32_setfsgid16(u32 gid)
{
	return sys_setfsgid(wide(gid));
}

static long put_ids16(u16 *a, u16 *b, u16 *c, u32 ia, u32 ib, u32 ic)
{
	if (put_user(narrow(ia), a) || put_user(narrow(ib), b) || put_user(narrow(ic), c))
		return -EFAULT;
	return 0;
}

long sys32_getresuid16(u16 *ruid, u16 *euid, u16 *suid)
{
	return put_ids16(ruid, euid, suid, current->uid, current->euid, current->suid);
}

long sys32_getresgid16(u16 *rgid, u16 *egid, u16 *sgid)
{
	return put_ids16(rgid, egid, sgid, current->gid, current->egid, current->sgid);
}

long sys32_chown16(const char *path, u32 uid, u32 gid)
{
	return sys_chown(path, wide(uid), wide(gid));
}

long sys32_lchown16(const char *path, u32 uid, u32 gid)
{
	return sys_lchown(path, wide(uid), wide(gid));
}

long sys32_fchown16(int fd, u32 uid, u32 gid)
{
	return sys_fchown(fd, wide(uid), wide(gid));
}
