/* SPDX-License-Identifier: MIT */
/*
 * open(2) and what belongs to it: creating, truncating, closing; access(2).
 */
#include <linux/close_range.h>
#include "internal.h"

unsigned current_umask(void)
{
	return current->fs ? current->fs->umask : 022;
}

/* The name is free: make a regular file of it.  namespace_sem is held. */
static int create_file(const struct walk *w, unsigned mode, struct dentry **d)
{
	struct inode *dir = w->dentry->inode;
	struct dentry *new;
	int err;

	if (w->slash)
		return -EISDIR;
	if (dir->sealed_dir)
		return -ENOENT;
	err = is_read_only(dir) ? -EROFS : inode_permission(dir, MAY_WRITE | MAY_EXEC);
	if (err)
		return err;
	if (!dir->op->create)
		return -EACCES;
	new = d_alloc(w->dentry, w->last, w->last_len);
	if (!new)
		return -ENOMEM;
	err = dir->op->create(dir, new, mode & 07777 & ~current_umask());
	if (err) {
		dput(new);
		return err;
	}
	d_link(new);
	*d = new;
	return 0;
}

/* The last component with O_CREAT: *created says that it was not there. */
static int find_or_create(struct walk *w, unsigned flags, unsigned mode, struct dentry **d,
			  bool *created)
{
	int err;

	down_write(&namespace_sem);
	err = walk_last(w, d);
	if (!err && *d && flags & O_EXCL) {
		dput(*d);
		err = -EEXIST;
	} else if (!err && !*d) {
		err = create_file(w, mode, d);
		*created = !err;
	}
	up_write(&namespace_sem);
	return err;
}

static int open_walk(struct walk *w, unsigned flags, unsigned mode, struct dentry **d,
		     bool *created)
{
	int err;

	for (;;) {
		err = walk_parent(w);
		if (err)
			return err;
		if (flags & O_CREAT)
			err = find_or_create(w, flags, mode, d, created);
		else
			err = walk_last(w, d);
		if (err)
			return err;
		if (!*d)
			return -ENOENT;
		if (!S_ISLNK_K((*d)->inode->mode))
			return 0;
		if (flags & O_NOFOLLOW && !w->slash)
			return 0;		/* dentry_open() says ELOOP, or opens O_PATH */
		err = walk_link(w, *d);
		if (err)
			return err;
	}
}

static int open_dentry(struct dentry *d, unsigned flags, bool created, struct file **f)
{
	bool dir = S_ISDIR_K(d->inode->mode);
	int err;

	if (flags & O_CREAT && dir)
		return -EISDIR;
	if (flags & O_DIRECTORY && !dir)
		return -ENOTDIR;
	err = dentry_open_checked(d, flags, created, f);
	if (err || !(flags & O_TRUNC) || !((*f)->mode & FMODE_WRITE) ||
	    !S_ISREG_K(d->inode->mode))
		return err;
	err = vfs_truncate(d->inode, 0);
	if (err)
		fput(*f);
	return err;
}

static int open_with(struct walk *w, unsigned flags, unsigned mode, struct file **f)
{
	struct dentry *d;
	bool created = false;
	int err = open_walk(w, flags, mode, &d, &created);

	if (err)
		return err;
	err = open_dentry(d, flags, created, f);
	dput(d);
	return err;
}

static int check_flags(unsigned *flags)
{
	if (*flags & O_PATH)
		*flags &= O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
	if ((*flags & O_ACCMODE) == O_ACCMODE)
		return -EINVAL;
	if ((*flags & (O_CREAT | O_DIRECTORY)) == (O_CREAT | O_DIRECTORY))
		return -EINVAL;
	return 0;
}

int do_open(int dfd, const char *path, unsigned flags, unsigned mode, struct file **f)
{
	struct walk w;
	int err = check_flags(&flags);

	if (err)
		return err;
	err = walk_start(&w, dfd, path);
	if (!err)
		err = open_with(&w, flags, mode, f);
	walk_end(&w);
	return err;
}

int file_open(const char *path, unsigned flags, unsigned mode, struct file **f)
{
	return do_open(AT_FDCWD, path, flags, mode, f);
}

/* ---- the calls --------------------------------------------------------------------- */

long sys_openat(int dfd, const char *path, int flags, unsigned mode)
{
	struct file *f;
	char *name;
	int fd, err;

	err = getname(path, &name);
	if (err)
		return err;
	fd = fd_alloc(0, (unsigned)flags);
	if (fd < 0)
		goto out;
	err = do_open(dfd, name, (unsigned)flags, mode, &f);
	if (err) {
		fd_release((unsigned)fd);
		fd = err;
	} else {
		fd_install((unsigned)fd, f);
	}
out:
	putname(name);
	return fd;
}

long sys_open(const char *path, int flags, unsigned mode)
{
	return sys_openat(AT_FDCWD, path, flags, mode);
}

long sys_creat(const char *path, unsigned mode)
{
	return sys_openat(AT_FDCWD, path, O_CREAT | O_WRONLY | O_TRUNC, mode);
}

long sys_close(int fd)
{
	return fd_close((unsigned)fd);
}

long sys_close_range(unsigned first, unsigned last, unsigned flags)
{
	unsigned end = current->files ? files_max(current->files) : 0;

	if (first > last || flags & ~(unsigned)CLOSE_RANGE_CLOEXEC)
		return -EINVAL;
	for (; first < end && first <= last; first++)
		if (flags & CLOSE_RANGE_CLOEXEC)
			fd_set_cloexec(first, true);
		else
			fd_close(first);
	return 0;
}

long sys_faccessat2(int dfd, const char *path, int mode, int flags)
{
	struct dentry *d;
	int err;

	if (mode & ~7 || flags & ~(AT_EACCESS | AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH))
		return -EINVAL;
	err = user_path(dfd, path, flags, &d);
	if (err)
		return err;
	if (mode)
		err = inode_permission(d->inode, (unsigned)mode);
	dput(d);
	return err;
}

long sys_faccessat(int dfd, const char *path, int mode)
{
	return sys_faccessat2(dfd, path, mode, 0);
}

long sys_access(const char *path, int mode)
{
	return sys_faccessat2(AT_FDCWD, path, mode, 0);
}
