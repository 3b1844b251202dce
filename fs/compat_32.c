/* SPDX-License-Identifier: MIT */
/* i386: calls whose 64-bit arguments come as two words, low one first. */
#include "internal.h"

static loff_k pair(u32 lo, u32 hi)
{
	return (loff_k)((u64)hi << 32 | lo);
}

long sys32_pread64(int fd, char *buf, size_t n, u32 lo, u32 hi)
{
	return sys_pread64(fd, buf, n, pair(lo, hi));
}

long sys32_pwrite64(int fd, const char *buf, size_t n, u32 lo, u32 hi)
{
	return sys_pwrite64(fd, buf, n, pair(lo, hi));
}

long sys32_llseek(int fd, u32 hi, u32 lo, void *result, unsigned whence)
{
	struct file *f = fd_file(fd);
	loff_k ret;

	if (!f || f->flags & O_PATH)
		return -EBADF;
	ret = vfs_llseek(f, pair(lo, hi), (int)whence);
	if (ret < 0)
		return (long)ret;
	return copy_to_user(result, &ret, sizeof(ret)) ? -EFAULT : 0;
}
