/* SPDX-License-Identifier: MIT */
/*
 * Mounting: a directory is covered by the root of another tree; mount(2) and umount(2).
 *
 * mount(2) accepts what is there already, which is what init scripts want to hear: of file
 * systems in memory that are mounted at start.
 */
#include <linux/mount.h>
#include <fs/super.h>
#include <kernel/blkdev.h>
#include "internal.h"

/* umount2(2): the C library's names. */
#define MNT_FORCE_K		1
#define MNT_DETACH_K		2
#define MNT_EXPIRE_K		4
#define UMOUNT_NOFOLLOW_K	8

LIST_HEAD(mount_list);

int mount_root(const char *path, struct dentry *top)
{
	struct dentry *d;
	int err;

	err = kern_path(path, true, &d);
	if (err)
		return err;
	err = -ENOTDIR;
	if (!S_ISDIR_K(d->inode->mode))
		goto put;
	err = -EBUSY;
	if (d->parent == d)
		goto put;
	d->mounted = top;
	top->covers = d;		/* its reference goes over */
	list_add_tail(&top->child, &mount_list);
	return 0;
put:
	dput(d);
	return err;
}

void unmount_root(struct dentry *top)
{
	struct dentry *d = top->covers;

	list_del(&top->child);
	top->covers = NULL;
	d->mounted = NULL;
	dput(d);
}

int fs_mount(const char *path, struct inode *root, const char *fs_name)
{
	struct dentry *top = d_alloc_root(root, fs_name);
	int err = top ? mount_root(path, top) : -ENOMEM;

	if (err && top)
		dput(top);
	return err;
}

/* ---- mount(2) ------------------------------------------------------------------------ */

/* In memory. */
static bool is_standing(const char *type)
{
	return !strcmp(type, "proc") || !strcmp(type, "devtmpfs") || !strcmp(type, "sysfs") ||
	       !strcmp(type, "tmpfs") || !strcmp(type, "devpts");
}

/* Is such a file system mounted on the directory already?  1, 0, or -errno. */
static int stands_there(const char *type, const char *where)
{
	struct dentry *d;
	int ret = kern_path(where, true, &d);

	if (ret)
		return ret;
	if (!S_ISDIR_K(d->inode->mode))
		ret = -ENOTDIR;
	else
		ret = d->parent == d && d->fs_name && !strcmp(d->fs_name, type);
	dput(d);
	return ret;
}

/* What there is only one of (devtmpfs), or nothing (sysfs, devpts), is fine as it is. */
static int mount_memory(const char *type, const char *where, const char *options)
{
	if (!strcmp(type, "tmpfs"))
		return mount_tmpfs(where, options);
	return strcmp(type, "proc") ? 0 : mount_proc(where);
}

static int mount_standing(const char *type, const char *where, const char *options)
{
	int ret;

	down_write(&super_sem);
	ret = stands_there(type, where);
	if (!ret)
		ret = mount_memory(type, where, options);
	up_write(&super_sem);
	return min(ret, 0);
}

int node_bdev(const struct inode *inode, struct block_device **bdev)
{
	if (!S_ISBLK_K(inode->mode))
		return -ENOTBLK;
	*bdev = blkdev_find_rdev(inode->rdev);
	return *bdev ? 0 : -ENXIO;
}

static int find_bdev(const char *path, struct block_device **bdev)
{
	struct dentry *d;
	int err = kern_path(path, true, &d);

	if (err)
		return err;
	err = node_bdev(d->inode, bdev);
	dput(d);
	return err;
}

static int mount_device(const char *what, const char *where, const struct file_system_type *fs,
			unsigned long flags)
{
	struct block_device *bdev;
	int err = find_bdev(what, &bdev);

	return err ? err : mount_bdev(bdev, what, fs, where, flags & MS_RDONLY);
}

/*
 * The mount whose root `path` is: 0; -EINVAL: it is none, or one that stays.  super_sem is held
 * for writing: else another one could take it down before anything is done with it.
 */
static int find_sb(const char *path, struct super_block **sb)
{
	struct dentry *d;
	int err = kern_path(path, true, &d);

	if (err)
		return err;
	*sb = d->parent == d ? d->inode->sb : NULL;
	dput(d);
	return *sb ? 0 : -EINVAL;
}

static int remount(const char *where, unsigned long flags)
{
	struct super_block *sb;
	int err;

	down_write(&super_sem);
	err = find_sb(where, &sb);
	if (!err)
		err = remount_sb(sb, flags & MS_RDONLY);
	up_write(&super_sem);
	return err;
}

static int umount(const char *where)
{
	struct super_block *sb;
	int err;

	down_write(&super_sem);
	err = find_sb(where, &sb);
	if (!err)
		err = umount_sb(sb);
	else if (err == -EINVAL)
		err = umount_memory(where);
	up_write(&super_sem);
	return err;
}

/* A path from the user, made absolute: from its current directory. */
static int get_path(const char *user, char **path)
{
	struct dentry *d;
	char *text;
	int err = user_path(AT_FDCWD, user, 0, &d);

	if (err)
		return err;
	*path = name_alloc();
	text = *path ? d_path(d, *path, PATH_MAX_K) : NULL;
	if (text)
		memmove(*path, text, strlen(text) + 1);
	else
		putname(*path);
	dput(d);
	return text ? 0 : -ENOMEM;
}

/* What is to be mounted. */
struct mount_type {
	char name[16];
	const struct file_system_type *fs;	/* NULL: it stands in memory */
};

/* Its name from the user; -EINVAL: NULL; -EFAULT; -ENODEV: there is no such type. */
static long get_type(const char *user, struct mount_type *type)
{
	long n = user ? strncpy_from_user(type->name, user, sizeof(type->name)) : -EINVAL;

	if (n < 0)
		return n;
	if (n == sizeof(type->name))
		return -ENODEV;
	if (is_standing(type->name))
		return 0;
	type->fs = get_fs_type(type->name);
	return type->fs ? 0 : -ENODEV;
}

static long mount_paths(const char *what, const char *where, const struct mount_type *type,
			unsigned long flags, const char *options)
{
	char *source;
	long err;

	if (flags & MS_REMOUNT)
		return remount(where, flags);
	if (flags & (MS_BIND | MS_MOVE))
		return -EINVAL;
	if (!type->fs)
		return mount_standing(type->name, where, options);
	err = get_path(what, &source);
	if (err)
		return err;
	err = mount_device(source, where, type->fs, flags);
	putname(source);
	return err;
}

long sys_mount(const char *what, const char *where, const char *type_name, unsigned long flags,
	       const void *data)
{
	struct mount_type type = { .name = "" };
	char options[128] = "", *path;
	long n;

	if (!capable(CAP_SYS_ADMIN))
		return -EPERM;
	/* Where nothing new is mounted the type, which nobody names then, does not count. */
	n = flags & (MS_REMOUNT | MS_BIND | MS_MOVE) ? 0 : get_type(type_name, &type);
	if (n)
		return n;
	n = data ? strncpy_from_user(options, data, sizeof(options)) : 0;
	if (n < 0 || n == sizeof(options))
		return n < 0 ? n : -EINVAL;
	n = get_path(where, &path);
	if (n)
		return n;
	n = mount_paths(what, path, &type, flags, options);
	putname(path);
	return n;
}

long sys_umount2(const char *path, int flags)
{
	char *name;
	int err;

	if (flags & ~(MNT_FORCE_K | MNT_DETACH_K | MNT_EXPIRE_K | UMOUNT_NOFOLLOW_K))
		return -EINVAL;
	if (!capable(CAP_SYS_ADMIN))
		return -EPERM;
	err = get_path(path, &name);
	if (err)
		return err;
	err = umount(name);
	putname(name);
	return err;
}

long sys_umount(const char *path)
{
	return sys_umount2(path, 0);
}
