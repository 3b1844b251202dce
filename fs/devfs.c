/* SPDX-License-Identifier: MIT */
/*
 * /dev: a ramfs of its own with a node for each device that has announced itself.
 */
#include <fs/devfs.h>
#include <kernel/printk.h>
#include "internal.h"

static LIST_HEAD(devices);
static bool mounted;
static const struct file_operations *block_ops;	/* of all block devices; NULL: there are none */

static const struct chrdev *find_device(u64 rdev)
{
	const struct chrdev *dev;

	list_for_each_entry(dev, &devices, list)
		if (dev->rdev == rdev)
			return dev;
	return NULL;
}

static long no_device_read(struct file *f, char *buf, size_t n, loff_k *pos)
{
	return -ENXIO;
}

static int no_device_open(struct inode *inode, struct file *f)
{
	const struct file_operations *op = device_ops(inode->mode, inode->rdev);

	if (op == f->op)
		return -ENXIO;
	inode->fop = f->op = op;	/* the node was made before the device came */
	return f->op->open ? f->op->open(inode, f) : 0;
}

static const struct file_operations no_device_ops = {
	.read = no_device_read,
	.open = no_device_open,
};

const struct file_operations *device_ops(unsigned mode, u64 rdev)
{
	const struct chrdev *dev = S_ISCHR_K(mode) ? find_device(rdev) : NULL;

	if (S_ISBLK_K(mode) && block_ops)
		return block_ops;
	return dev ? dev->op : &no_device_ops;
}

void devfs_set_block_ops(const struct file_operations *op)
{
	block_ops = op;
}

static void make_node(const struct chrdev *dev)
{
	char path[64];
	int err;

	snprintf(path, sizeof(path), "/dev/%s", dev->name);
	err = kern_mknod(path, S_IFCHR | dev->mode, dev->rdev);
	if (err)
		pr_warn("devfs: %s cannot be made (error %d): going on without\n", path, -err);
}

void chrdev_add(struct chrdev *dev)
{
	list_add_tail(&dev->list, &devices);
	if (mounted)
		make_node(dev);
}

static void make_links(void)
{
	kern_mkdir("/dev/shm", 01777);
	kern_symlink("/proc/self/fd", "/dev/fd");
	kern_symlink("/proc/self/fd/0", "/dev/stdin");
	kern_symlink("/proc/self/fd/1", "/dev/stdout");
	kern_symlink("/proc/self/fd/2", "/dev/stderr");
}

void devfs_init(void)
{
	const struct chrdev *dev;
	int err = fs_mount("/dev", ramfs_inode(S_IFDIR | 0755, 0, 2), "devtmpfs");

	if (err)
		panic("devfs: cannot be mounted on /dev (error %d)", -err);
	mounted = true;
	list_for_each_entry(dev, &devices, list)
		make_node(dev);
	make_links();
	mem_dev_init();
	random_dev_init();
	tty_init();
	fb_dev_init();
}
