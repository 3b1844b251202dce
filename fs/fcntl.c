/* SPDX-License-Identifier: MIT */
/* dup(2) and its kin, fcntl(2), flock(2). */
#include <linux/resource.h>
#include "internal.h"

#define SETFL_MASK	(O_APPEND | O_NONBLOCK | O_DIRECT | O_NOATIME)

static long dup_from(int fd, unsigned from, unsigned flags)
{
	struct file *f = fd_file(fd);
	int new;

	if (!f)
		return -EBADF;
	get_file(f);
	new = fd_alloc(from, flags);
	if (new < 0)
		fput(f);
	else
		fd_install((unsigned)new, f);
	return new;
}

long sys_dup(int fd)
{
	return dup_from(fd, 0, 0);
}

long sys_dup3(int from, int to, int flags)
{
	struct file *f = fd_file(from);
	long ret;

	if (flags & ~O_CLOEXEC || from == to)
		return -EINVAL;
	if (!f)
		return -EBADF;
	get_file(f);
	ret = fd_replace((unsigned)to, f, (unsigned)flags);
	if (ret < 0)
		fput(f);
	return ret;
}

long sys_dup2(int from, int to)
{
	if (from == to)
		return fd_file(from) ? to : -EBADF;
	return sys_dup3(from, to, 0);
}

static long set_flags(struct file *f, unsigned long arg)
{
	f->flags = (f->flags & ~(unsigned)SETFL_MASK) | ((unsigned)arg & SETFL_MASK);
	return 0;
}

/* There is nobody to fight with: every lock is free and can be taken. */
static long get_lock(unsigned long arg)
{
	short type = F_UNLCK;

	return put_user(type, (short *)arg) ? -EFAULT : 0;
}

long sys_fcntl(int fd, unsigned cmd, unsigned long arg)
{
	struct file *f = fd_file(fd);
	int ret;

	if (!f)
		return -EBADF;
	switch (cmd) {
	case F_DUPFD:
	case F_DUPFD_CLOEXEC:
		if (arg >= current->rlim[RLIMIT_NOFILE].cur)
			return -EINVAL;
		return dup_from(fd, (unsigned)arg, cmd == F_DUPFD ? 0 : O_CLOEXEC);
	case F_GETFD:
		ret = fd_get_cloexec((unsigned)fd);
		return ret > 0 ? FD_CLOEXEC : ret;
	case F_SETFD:
		return fd_set_cloexec((unsigned)fd, arg & FD_CLOEXEC);
	case F_GETFL:
		return (long)f->flags;
	case F_SETFL:
		return set_flags(f, arg);
	case F_GETLK:
	case 12:				/* F_GETLK64 of i386 */
		return get_lock(arg);
	case F_SETLK:
	case F_SETLKW:
	case 13:				/* F_SETLK64, F_SETLKW64 of i386 */
	case 14:
	case F_SETOWN:
		return 0;
	case F_GETPIPE_SZ:
	case F_SETPIPE_SZ:
		return S_ISFIFO_K(f->inode->mode) ? 65536 : -EBADF;
	}
	return -EINVAL;
}

long sys_flock(int fd, unsigned operation)
{
	return fd_file(fd) ? 0 : -EBADF;
}
