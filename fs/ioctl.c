/* SPDX-License-Identifier: MIT */
/* ioctl(2): what is the same for every file; the rest is the file's. */
#include <asm/ioctls.h>
#include "internal.h"

static long set_nonblock(struct file *f, const int *arg)
{
	int on;

	if (get_user(on, arg))
		return -EFAULT;
	f->flags = on ? f->flags | O_NONBLOCK : f->flags & ~(unsigned)O_NONBLOCK;
	return 0;
}

static long unread(const struct file *f, int *arg)
{
	int n = (int)(f->inode->size - f->pos);

	return put_user(n, arg) ? -EFAULT : 0;
}

long sys_ioctl(int fd, unsigned cmd, unsigned long arg)
{
	struct file *f;
	long ret = fget_mode(fd, 0, &f);

	if (ret)
		return ret;
	switch (cmd) {
	case FIOCLEX:
	case FIONCLEX:
		ret = fd_set_cloexec((unsigned)fd, cmd == FIOCLEX);
		break;
	case FIONBIO:
		ret = set_nonblock(f, (int *)arg);
		break;
	default:
		if (cmd == FIONREAD && S_ISREG_K(f->inode->mode))
			ret = unread(f, (int *)arg);
		else
			ret = f->op->ioctl ? f->op->ioctl(f, cmd, arg) : -ENOTTY;
	}
	fput(f);
	return ret;
}
