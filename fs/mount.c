/* SPDX-License-Identifier: MIT */
/*
 * Mounting: a directory is covered by the root of another tree.  All mounts are made at
 * start; mount(2) accepts what is there already, which is what init scripts want to hear.
 */
#include "internal.h"

int fs_mount(const char *path, struct inode *root, const char *fs_name)
{
	struct dentry *d, *top = d_alloc_root(root, fs_name);
	int err;

	if (!top)
		return -ENOMEM;
	err = kern_path(path, true, &d);
	if (err)
		goto put_top;
	err = -ENOTDIR;
	if (!S_ISDIR_K(d->inode->mode))
		goto put;
	err = -EBUSY;
	if (d->parent == d)
		goto put;
	d->mounted = top;
	top->covers = d;		/* its reference goes over */
	return 0;
put:
	dput(d);
put_top:
	dput(top);
	return err;
}

static bool known_type(const char *type)
{
	return !strcmp(type, "proc") || !strcmp(type, "devtmpfs") || !strcmp(type, "sysfs") ||
	       !strcmp(type, "tmpfs") || !strcmp(type, "devpts");
}

long sys_mount(const char *what, const char *where, const char *type, unsigned long flags,
	       const void *data)
{
	struct dentry *d;
	char name[16];
	long n;
	int err;

	if (!capable(CAP_SYS_ADMIN))
		return -EPERM;
	n = strncpy_from_user(name, type, sizeof(name));
	if (n < 0)
		return n;
	if (n == sizeof(name) || !known_type(name))
		return -ENODEV;
	err = user_path(AT_FDCWD, where, 0, &d);
	if (err)
		return err;
	err = S_ISDIR_K(d->inode->mode) ? 0 : -ENOTDIR;
	if (!err && strcmp(name, "proc") == 0 && d->parent != d)
		err = -EPERM;		/* only where it is */
	dput(d);
	return err;
}

long sys_umount2(const char *path, int flags)
{
	struct dentry *d;
	int err = user_path(AT_FDCWD, path, 0, &d);

	if (err)
		return err;
	dput(d);
	return -EINVAL;
}

long sys_umount(const char *path)
{
	return sys_umount2(path, 0);
}
