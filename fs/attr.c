/* SPDX-License-Identifier: MIT */
/*
 * Changing what an inode says of itself: size, mode, owner, times; and the things of a
 * task that are about files: current directory, umask.  fsync and its kin find
 * something to do only on devices (fs/writeback.c).
 */
#include <linux/fadvise.h>
#include <linux/falloc.h>
#include <fs/super.h>
#include "internal.h"

/* ---- size -------------------------------------------------------------------------- */

int vfs_truncate(struct inode *inode, loff_k size)
{
	if (size < 0)
		return -EINVAL;
	if (!inode->op || !inode->op->truncate)
		return -EINVAL;
	return inode->op->truncate(inode, size);
}

static int truncate_dentry(const struct dentry *d, loff_k size)
{
	struct inode *inode = d->inode;
	int err;

	if (S_ISDIR_K(inode->mode))
		return -EISDIR;
	if (!S_ISREG_K(inode->mode))
		return -EINVAL;
	err = inode_permission(inode, MAY_WRITE);
	if (!err)
		err = get_write_access(inode);
	if (err)
		return err;
	err = vfs_truncate(inode, size);
	put_write_access(inode);
	return err;
}

static long do_truncate(const char *path, loff_k size)
{
	struct dentry *d;
	int err;

	if (size < 0)
		return -EINVAL;
	err = user_path(AT_FDCWD, path, 0, &d);
	if (err)
		return err;
	err = truncate_dentry(d, size);
	dput(d);
	return err;
}

static long do_ftruncate(int fd, loff_k size)
{
	struct file *f;
	long err = size < 0 ? -EINVAL : fget_mode(fd, 0, &f);

	if (err)
		return err;
	if (!(f->mode & FMODE_WRITE) || !S_ISREG_K(f->inode->mode))
		err = -EINVAL;
	else
		err = vfs_truncate(f->inode, size);
	fput(f);
	return err;
}

long sys_truncate(const char *path, long size)
{
	return do_truncate(path, size);
}

long sys_ftruncate(int fd, long size)
{
	return do_ftruncate(fd, size);
}

long sys32_truncate64(const char *path, u32 lo, u32 hi)
{
	return do_truncate(path, (loff_k)((u64)hi << 32 | lo));
}

long sys32_ftruncate64(int fd, u32 lo, u32 hi)
{
	return do_ftruncate(fd, (loff_k)((u64)hi << 32 | lo));
}

static int inode_allocate(struct inode *inode, int mode, loff_k start, loff_k end)
{
	int err;

	if (mode & FALLOC_FL_PUNCH_HOLE)
		return inode->op->punch_hole(inode, start, end);
	err = inode->op->allocate(inode, start, end);
	if (!err && !mode && end > inode->size)
		inode->size = end;
	if (!err)
		inode->mtime_ns = inode->ctime_ns = fs_now_ns();
	return err;
}

long sys_fallocate(int fd, int mode, s64 offset, s64 len)
{
	struct file *f;
	loff_k end;
	long err;

	if (offset < 0 || len <= 0)
		return -EINVAL;
	if (mode != 0 && mode != FALLOC_FL_KEEP_SIZE &&
	    mode != (FALLOC_FL_KEEP_SIZE | FALLOC_FL_PUNCH_HOLE))
		return -EOPNOTSUPP;
	err = fget_mode(fd, FMODE_WRITE, &f);
	if (err)
		return err;
	if (!S_ISREG_K(f->inode->mode))
		err = S_ISFIFO_K(f->inode->mode) ? -ESPIPE : -ENODEV;
	else if (__builtin_add_overflow(offset, len, &end))
		err = -EFBIG;
	else if (!f->inode->op || !f->inode->op->allocate)
		err = -EOPNOTSUPP;
	else
		err = inode_allocate(f->inode, mode, offset, end);
	fput(f);
	return err;
}

long sys32_fallocate(int fd, int mode, u32 offlo, u32 offhi, u32 lenlo, u32 lenhi)
{
	return sys_fallocate(fd, mode, (s64)((u64)offhi << 32 | offlo),
			     (s64)((u64)lenhi << 32 | lenlo));
}

long sys_fadvise64(int fd, s64 offset, s64 len, int advice)
{
	struct file *f = fd_file(fd);

	if (!f)
		return -EBADF;
	if (S_ISFIFO_K(f->inode->mode))
		return -ESPIPE;
	return len < 0 || advice < POSIX_FADV_NORMAL || advice > POSIX_FADV_NOREUSE ? -EINVAL : 0;
}

long sys32_fadvise64(int fd, u32 offlo, u32 offhi, u32 len, int advice)
{
	return sys_fadvise64(fd, 0, len, advice);
}

long sys32_fadvise64_64(int fd, u32 offlo, u32 offhi, u32 lenlo, u32 lenhi, int advice)
{
	return sys_fadvise64(fd, 0, (s64)((u64)lenhi << 32 | lenlo), advice);
}

/* ---- mode and owner ---------------------------------------------------------------- */

static bool is_owner(const struct inode *inode)
{
	return current->euid == inode->uid || capable(CAP_FOWNER);
}

static int inode_chmod(struct inode *inode, unsigned mode)
{
	if (is_read_only(inode))
		return -EROFS;
	/* FAT has no place for modes: what is there already can be asked for. */
	if (!is_owner(inode) || (inode->sb && (inode->mode & 07777) != (mode & 07777)))
		return -EPERM;
	inode->mode = (inode->mode & S_IFMT) | (mode & 07777);
	inode->ctime_ns = fs_now_ns();
	return 0;
}

/* -1 leaves a number as it is. */
static int inode_chown(struct inode *inode, unsigned uid, unsigned gid)
{
	if (!capable(CAP_CHOWN) &&
	    (current->euid != inode->uid || (uid != ~0u && uid != inode->uid) ||
	     (gid != ~0u && gid != inode->gid && gid != current->egid)))
		return -EPERM;
	if (is_read_only(inode))
		return -EROFS;
	if (inode->sb && ((uid != ~0u && uid != inode->uid) || (gid != ~0u && gid != inode->gid)))
		return -EPERM;
	if (inode->sb)
		return 0;
	if (uid != ~0u)
		inode->uid = uid;
	if (gid != ~0u)
		inode->gid = gid;
	if (!S_ISDIR_K(inode->mode))
		inode->mode &= ~06000u;
	inode->ctime_ns = fs_now_ns();
	return 0;
}

long sys_fchmodat(int dfd, const char *path, unsigned mode)
{
	struct dentry *d;
	int err = user_path(dfd, path, 0, &d);

	if (err)
		return err;
	err = inode_chmod(d->inode, mode);
	dput(d);
	return err;
}

long sys_chmod(const char *path, unsigned mode)
{
	return sys_fchmodat(AT_FDCWD, path, mode);
}

long sys_fchmod(int fd, unsigned mode)
{
	struct file *f;
	int err = fget_mode(fd, 0, &f);

	if (err)
		return err;
	err = inode_chmod(f->inode, mode);
	fput(f);
	return err;
}

long sys_fchownat(int dfd, const char *path, unsigned uid, unsigned gid, int flags)
{
	struct dentry *d;
	int err;

	if (flags & ~(AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH))
		return -EINVAL;
	err = user_path(dfd, path, flags, &d);
	if (err)
		return err;
	err = inode_chown(d->inode, uid, gid);
	dput(d);
	return err;
}

long sys_chown(const char *path, unsigned uid, unsigned gid)
{
	return sys_fchownat(AT_FDCWD, path, uid, gid, 0);
}

long sys_lchown(const char *path, unsigned uid, unsigned gid)
{
	return sys_fchownat(AT_FDCWD, path, uid, gid, AT_SYMLINK_NOFOLLOW);
}

long sys_fchown(int fd, unsigned uid, unsigned gid)
{
	struct file *f;
	int err = fget_mode(fd, 0, &f);

	if (err)
		return err;
	err = inode_chown(f->inode, uid, gid);
	fput(f);
	return err;
}

/* ---- times ------------------------------------------------------------------------- */

#define UTIME_NOW	((1l << 30) - 1l)
#define UTIME_OMIT	((1l << 30) - 2l)

/* One of the two times; false: not a time. */
static bool set_time(u64 *ns, const struct timespec64_k *t, u64 now)
{
	if (t->nsec == UTIME_OMIT)
		return true;
	if (t->nsec == UTIME_NOW) {
		*ns = now;
		return true;
	}
	if (t->nsec < 0 || t->nsec >= 1000000000 || t->sec < 0)
		return false;
	*ns = (u64)t->sec * 1000000000u + (u64)t->nsec;
	return true;
}

static int inode_utimes(struct inode *inode, const struct timespec64_k t[2])
{
	u64 now = fs_now_ns(), atime = inode->atime_ns, mtime = inode->mtime_ns;

	if (is_read_only(inode))
		return -EROFS;
	if (!is_owner(inode) && inode_permission(inode, MAY_WRITE))
		return -EACCES;
	if (!set_time(&atime, &t[0], now) || !set_time(&mtime, &t[1], now))
		return -EINVAL;
	inode->atime_ns = atime;
	inode->mtime_ns = mtime;
	inode->ctime_ns = now;
	mark_inode_dirty(inode);
	return 0;
}

static long do_utimes(int dfd, const char *path, const struct timespec64_k t[2], int flags)
{
	struct dentry *d;
	struct file *f;
	int err;

	if (flags & ~(AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH))
		return -EINVAL;
	if (!path && dfd == AT_FDCWD)
		return -EFAULT;
	if (!path) {
		err = fget_mode(dfd, 0, &f);
		if (err)
			return err;
		err = inode_utimes(f->inode, t);
		fput(f);
		return err;
	}
	err = user_path(dfd, path, flags, &d);
	if (err)
		return err;
	err = inode_utimes(d->inode, t);
	dput(d);
	return err;
}

static const struct timespec64_k time_now[2] = { { 0, UTIME_NOW }, { 0, UTIME_NOW } };

long sys_utimensat(int dfd, const char *path, const void *times, int flags)
{
	struct timespec_k t[2];
	struct timespec64_k t64[2];
	int i;

	if (!times)
		return do_utimes(dfd, path, time_now, flags);
	if (copy_from_user(t, times, sizeof(t)))
		return -EFAULT;
	for (i = 0; i < 2; i++)
		t64[i] = (struct timespec64_k){ t[i].sec, t[i].nsec };
	return do_utimes(dfd, path, t64, flags);
}

long sys32_utimensat_time64(int dfd, const char *path, const void *times, int flags)
{
	struct timespec64_k t[2];

	if (!times)
		return do_utimes(dfd, path, time_now, flags);
	if (copy_from_user(t, times, sizeof(t)))
		return -EFAULT;
	return do_utimes(dfd, path, t, flags);
}

long sys_utimes(const char *path, const void *times)
{
	struct timeval_k t[2];
	struct timespec64_k t64[2];
	int i;

	if (!times)
		return do_utimes(AT_FDCWD, path, time_now, 0);
	if (copy_from_user(t, times, sizeof(t)))
		return -EFAULT;
	for (i = 0; i < 2; i++) {
		if (t[i].usec < 0 || t[i].usec >= 1000000)
			return -EINVAL;
		t64[i] = (struct timespec64_k){ t[i].sec, (s64)t[i].usec * 1000 };
	}
	return do_utimes(AT_FDCWD, path, t64, 0);
}

/* ---- of the task ------------------------------------------------------------------- */

/* The first program is started by a thread that has none. */
static bool own_fs(void)
{
	if (!current->fs)
		current->fs = fs_alloc();
	return current->fs;
}

long sys_umask(unsigned mask)
{
	unsigned old = current_umask();

	if (!own_fs())
		return -ENOMEM;
	current->fs->umask = mask & 0777;
	return (long)old;
}

/* Takes over the reference. */
static long set_cwd(struct dentry *d)
{
	int err = -ENOTDIR;

	if (S_ISDIR_K(d->inode->mode))
		err = inode_permission(d->inode, MAY_EXEC);
	if (!err && !own_fs())
		err = -ENOMEM;
	if (err) {
		dput(d);
		return err;
	}
	dput(current->fs->pwd);
	current->fs->pwd = d;
	return 0;
}

long sys_chdir(const char *path)
{
	struct dentry *d;
	int err = user_path(AT_FDCWD, path, 0, &d);

	return err ? err : set_cwd(d);
}

long sys_fchdir(int fd)
{
	struct file *f = fd_file(fd);

	if (!f)
		return -EBADF;
	return f->dentry ? set_cwd(dget(f->dentry)) : -ENOTDIR;
}

long sys_getcwd(char *buf, unsigned long size)
{
	struct dentry *pwd = current->fs ? current->fs->pwd : root_dentry;
	char *name, *text;
	long ret;

	if (d_is_removed(pwd))
		return -ENOENT;
	name = name_alloc();
	if (!name)
		return -ENOMEM;
	text = d_path(pwd, name, PATH_MAX_K);
	ret = text ? (long)strlen(text) + 1 : -ENAMETOOLONG;
	if (ret > 0 && (unsigned long)ret > size)
		ret = -ERANGE;
	if (ret > 0 && copy_to_user(buf, text, (unsigned long)ret))
		ret = -EFAULT;
	putname(name);
	return ret;
}

long sys_sync(void)
{
	sync_all();
	return 0;
}

long sys_syncfs(int fd)
{
	struct file *f;
	long err = fget_mode(fd, 0, &f);

	if (err)
		return err;
	err = f->inode->sb ? sync_sb(f->inode->sb) : 0;
	fput(f);
	return err;
}

long sys_fsync(int fd)
{
	struct file *f;
	long err = fget_mode(fd, 0, &f);

	if (err)
		return err;
	if (!S_ISREG_K(f->inode->mode) && !S_ISDIR_K(f->inode->mode))
		err = -EINVAL;
	else if (f->op->fsync)
		err = f->op->fsync(f);
	fput(f);
	return err;
}

long sys_fdatasync(int fd)
{
	return sys_fsync(fd);
}
