/* SPDX-License-Identifier: MIT */
/*
 * stat(2): what an inode says of itself, in the kernel's own form, and statx(2), which is
 * the same in both modes.  The older structures are in stat_64.c and stat_32.c.
 */
#include <kernel/time.h>
#include "internal.h"

void ns_split(u64 ns, u64 *sec, u32 *nsec)
{
	*sec = ns / NSEC_PER_SEC;
	*nsec = (u32)(ns - *sec * NSEC_PER_SEC);
}

void inode_stat(const struct inode *inode, struct kstat *st)
{
	*st = (struct kstat){
		.ino = inode->ino, .rdev = inode->rdev, .size = (u64)inode->size,
		.blocks = (u64)inode->mapping.nrpages << (PAGE_SHIFT - 9),
		.atime_ns = inode->atime_ns, .mtime_ns = inode->mtime_ns,
		.ctime_ns = inode->ctime_ns, .dev = inode->dev, .mode = inode->mode,
		.nlink = inode->nlink, .uid = inode->uid, .gid = inode->gid,
		.blksize = PAGE_SIZE,
	};
}

int user_stat(int dfd, const char *path, int at_flags, struct kstat *st)
{
	struct dentry *d;
	int err;

	if (at_flags & ~(AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH | AT_NO_AUTOMOUNT |
			 AT_STATX_SYNC_TYPE))
		return -EINVAL;
	err = user_path(dfd, path, at_flags, &d);
	if (err == -ENOTDIR && at_flags & AT_EMPTY_PATH && fd_file(dfd) &&
	    !fd_file(dfd)->dentry)
		return fd_stat(dfd, st);	/* a file without a name: a pipe */
	if (err)
		return err;
	inode_stat(d->inode, st);
	dput(d);
	return 0;
}

int fd_stat(int fd, struct kstat *st)
{
	struct file *f = fd_file(fd);

	if (!f)
		return -EBADF;
	inode_stat(f->inode, st);
	return 0;
}

static struct statx_timestamp statx_time(u64 ns)
{
	u64 sec;
	u32 nsec;

	ns_split(ns, &sec, &nsec);
	return (struct statx_timestamp){ .tv_sec = (s64)sec, .tv_nsec = nsec };
}

long sys_statx(int dfd, const char *path, unsigned flags, unsigned mask, void *buf)
{
	struct kstat st;
	struct statx stx;
	int err;

	if (mask & STATX__RESERVED)
		return -EINVAL;
	err = user_stat(dfd, path, (int)flags, &st);
	if (err)
		return err;
	memset(&stx, 0, sizeof(stx));
	stx.stx_mask = STATX_BASIC_STATS;
	stx.stx_blksize = st.blksize;
	stx.stx_nlink = st.nlink;
	stx.stx_uid = st.uid;
	stx.stx_gid = st.gid;
	stx.stx_mode = (u16)st.mode;
	stx.stx_ino = st.ino;
	stx.stx_size = st.size;
	stx.stx_blocks = st.blocks;
	stx.stx_atime = statx_time(st.atime_ns);
	stx.stx_mtime = statx_time(st.mtime_ns);
	stx.stx_ctime = statx_time(st.ctime_ns);
	stx.stx_rdev_major = (u32)(st.rdev >> 8);
	stx.stx_rdev_minor = (u32)(st.rdev & 0xff);
	stx.stx_dev_minor = st.dev;
	return copy_to_user(buf, &stx, sizeof(stx)) ? -EFAULT : 0;
}
