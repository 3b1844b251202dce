/* SPDX-License-Identifier: MIT */
/*
 * stat(2) of i386: struct stat64 for the programs of today, and struct stat, whose fields
 * are 32 bits wide: what does not fit is EOVERFLOW.
 */
#include <asm/stat.h>
#include "internal.h"

struct times {
	u32 sec[3], nsec[3];		/* a, m, c */
};

static void split_times(const struct kstat *st, struct times *t)
{
	const u64 ns[3] = { st->atime_ns, st->mtime_ns, st->ctime_ns };
	u64 sec;
	int i;

	for (i = 0; i < 3; i++) {
		ns_split(ns[i], &sec, &t->nsec[i]);
		t->sec[i] = (u32)sec;
	}
}

static long put_stat64(void *buf, const struct kstat *st, int err)
{
	struct stat64 out;
	struct times t;

	if (err)
		return err;
	split_times(st, &t);
	memset(&out, 0, sizeof(out));
	out.st_dev = st->dev;
	out.__st_ino = (unsigned long)st->ino;
	out.st_ino = st->ino;
	out.st_mode = st->mode;
	out.st_nlink = st->nlink;
	out.st_uid = st->uid;
	out.st_gid = st->gid;
	out.st_rdev = st->rdev;
	out.st_size = (s64)st->size;
	out.st_blksize = st->blksize;
	out.st_blocks = st->blocks;
	out.st_atime = t.sec[0];
	out.st_atime_nsec = t.nsec[0];
	out.st_mtime = t.sec[1];
	out.st_mtime_nsec = t.nsec[1];
	out.st_ctime = t.sec[2];
	out.st_ctime_nsec = t.nsec[2];
	return copy_to_user(buf, &out, sizeof(out)) ? -EFAULT : 0;
}

static long put_stat(void *buf, const struct kstat *st, int err)
{
	struct stat out;
	struct times t;

	if (err)
		return err;
	if (st->size >> 31)
		return -EOVERFLOW;
	split_times(st, &t);
	memset(&out, 0, sizeof(out));
	out.st_dev = st->dev;
	out.st_ino = (unsigned long)st->ino;
	out.st_mode = (u16)st->mode;
	out.st_nlink = (u16)st->nlink;
	out.st_uid = (u16)st->uid;
	out.st_gid = (u16)st->gid;
	out.st_rdev = (unsigned long)st->rdev;
	out.st_size = (unsigned long)st->size;
	out.st_blksize = st->blksize;
	out.st_blocks = (unsigned long)st->blocks;
	out.st_atime = t.sec[0];
	out.st_atime_nsec = t.nsec[0];
	out.st_mtime = t.sec[1];
	out.st_mtime_nsec = t.nsec[1];
	out.st_ctime = t.sec[2];
	out.st_ctime_nsec = t.nsec[2];
	return copy_to_user(buf, &out, sizeof(out)) ? -EFAULT : 0;
}

long sys_newstat(const char *path, void *buf)
{
	struct kstat st;
	int err = user_stat(AT_FDCWD, path, 0, &st);

	return put_stat(buf, &st, err);
}

long sys_newlstat(const char *path, void *buf)
{
	struct kstat st;
	int err = user_stat(AT_FDCWD, path, AT_SYMLINK_NOFOLLOW, &st);

	return put_stat(buf, &st, err);
}

long sys_newfstat(int fd, void *buf)
{
	struct kstat st;
	int err = fd_stat(fd, &st);

	return put_stat(buf, &st, err);
}

long sys32_fstatat64(int dfd, const char *path, void *buf, int flags)
{
	struct kstat st;
	int err = user_stat(dfd, path, flags, &st);

	return put_stat64(buf, &st, err);
}

long sys32_stat64(const char *path, void *buf)
{
	return sys32_fstatat64(AT_FDCWD, path, buf, 0);
}

long sys32_lstat64(const char *path, void *buf)
{
	return sys32_fstatat64(AT_FDCWD, path, buf, AT_SYMLINK_NOFOLLOW);
}

long sys32_fstat64(int fd, void *buf)
{
	struct kstat st;
	int err = fd_stat(fd, &st);

	return put_stat64(buf, &st, err);
}
