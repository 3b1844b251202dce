/* SPDX-License-Identifier: MIT */
/* stat(2) of x86-64: one structure for all calls. */
#include <asm/stat.h>
#include "internal.h"

static long put_stat(void *buf, const struct kstat *st, int err)
{
	struct stat out;
	u64 sec;
	u32 nsec;

	if (err)
		return err;
	memset(&out, 0, sizeof(out));
	out.st_dev = st->dev;
	out.st_ino = st->ino;
	out.st_nlink = st->nlink;
	out.st_mode = st->mode;
	out.st_uid = st->uid;
	out.st_gid = st->gid;
	out.st_rdev = st->rdev;
	out.st_size = (s64)st->size;
	out.st_blksize = st->blksize;
	out.st_blocks = (s64)st->blocks;
	ns_split(st->atime_ns, &sec, &nsec);
	out.st_atime = sec;
	out.st_atime_nsec = nsec;
	ns_split(st->mtime_ns, &sec, &nsec);
	out.st_mtime = sec;
	out.st_mtime_nsec = nsec;
	ns_split(st->ctime_ns, &sec, &nsec);
	out.st_ctime = sec;
	out.st_ctime_nsec = nsec;
	return copy_to_user(buf, &out, sizeof(out)) ? -EFAULT : 0;
}

long sys_newfstatat(int dfd, const char *path, void *buf, int flags)
{
	struct kstat st;
	int err = user_stat(dfd, path, flags, &st);

	return put_stat(buf, &st, err);
}

long sys_newstat(const char *path, void *buf)
{
	return sys_newfstatat(AT_FDCWD, path, buf, 0);
}

long sys_newlstat(const char *path, void *buf)
{
	return sys_newfstatat(AT_FDCWD, path, buf, AT_SYMLINK_NOFOLLOW);
}

long sys_newfstat(int fd, void *buf)
{
	struct kstat st;
	int err = fd_stat(fd, &st);

	return put_stat(buf, &st, err);
}
