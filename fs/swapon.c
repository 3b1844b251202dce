/* SPDX-License-Identifier: MIT */
/*
 * What is swapped to: the key swap=, swapon(2), swapoff(2).
 *
 *	swap=off	nothing
 *	swap=auto	the first partition of ours for swap that can be used; also without the
 *			key, unless test= asks for rows, which count pages
 *	swap=ram	a RAM disk, which ramdisk_init() has made for this
 *	swap=DEVICE	vda3 or /dev/vda3
 */
#include <kernel/blkdev.h>
#include <kernel/main.h>
#include <kernel/params.h>
#include <kernel/printk.h>
#include <kernel/string.h>
#include <linux/capability.h>
#include <linux/fcntl.h>
#include "internal.h"

/* <sys/swap.h> has them, for programs only. */
#define SWAP_FLAG_PREFER	0x8000u
#define SWAP_FLAG_PRIO_MASK	0x7fffu
#define SWAP_FLAG_DISCARD	0x70000u	/* and its two kinds: there is nothing to do */

#define DEFAULT_PRIORITY	(-1)		/* behind all others */

/* ---- the key --------------------------------------------------------------------------- */

static void use_first_partition(void)
{
	struct block_device *b = blkdev_find_type(&guid_swap, NULL);

	for (; b; b = blkdev_find_type(&guid_swap, b))
		if (b->writable && blk_swap_on(b, DEFAULT_PRIORITY) >= 0)
			return;
}

static void use_device(const char *where)
{
	const char *name = !strncmp(where, "/dev/", 5) ? where + 5 : where;
	struct block_device *b = blkdev_find(!strcmp(where, "ram") ? "ram0" : name);
	int ret = b ? blk_swap_on(b, DEFAULT_PRIORITY) : -ENODEV;

	if (ret == -ENODEV)
		pr_warn("swap=%s: there is no such device; off, auto, ram and devices of /dev are possible\n",
			where);
	else if (ret < 0)
		pr_warn("swap=%s: error %d, going on without\n", where, -ret);
}

void swap_setup(void)
{
	const char *where = param_get("swap");

	if (!where || !*where)
		where = param_get("test") ? "off" : "auto";
	if (!strcmp(where, "auto"))
		use_first_partition();
	else if (strcmp(where, "off"))
		use_device(where);
}

/* ---- system calls ------------------------------------------------------------------------ */

/* What a path of the caller's names; -EISDIR, -EINVAL: no block device. */
static int find_device(const char *path, struct block_device **bdev)
{
	struct dentry *d;
	int err = user_path(AT_FDCWD, path, 0, &d);

	if (err)
		return err;
	err = node_bdev(d->inode, bdev);
	if (err == -ENOTBLK)
		err = S_ISDIR_K(d->inode->mode) ? -EISDIR : -EINVAL;
	dput(d);
	return err;
}

long sys_swapon(const char *path, unsigned flags)
{
	struct block_device *b;
	int ret;

	if (flags & ~(SWAP_FLAG_PREFER | SWAP_FLAG_PRIO_MASK | SWAP_FLAG_DISCARD))
		return -EINVAL;
	if (!capable(CAP_SYS_ADMIN))
		return -EPERM;
	ret = find_device(path, &b);
	if (!ret)
		ret = blk_swap_on(b, flags & SWAP_FLAG_PREFER ? (int)(flags & SWAP_FLAG_PRIO_MASK) :
								DEFAULT_PRIORITY);
	return ret < 0 ? ret : 0;
}

long sys_swapoff(const char *path)
{
	struct block_device *b;
	int ret;

	if (!capable(CAP_SYS_ADMIN))
		return -EPERM;
	ret = find_device(path, &b);
	return ret ? ret : blk_swap_off(b);
}
