/* SPDX-License-Identifier: MIT */
/*
 * Device nodes: who answers for which number.  A driver calls chrdev_add() once; the node
 * /dev/NAME appears then or when devfs is mounted, and mknod(2) finds the same operations.
 */
#ifndef FS_DEVFS_H
#define FS_DEVFS_H

#include <fs/fs.h>

#define MKDEV(major, minor)	((u64)(major) << 8 | (minor))

struct chrdev {
	const char *name;		/* of the node */
	u64 rdev;
	unsigned mode;			/* permissions */
	const struct file_operations *op;
	struct list_head list;		/* of fs/devfs.c */
};

/* `dev` is kept.  Cannot fail: a node that finds no memory is reported and missing. */
void chrdev_add(struct chrdev *dev);

/* Called by vfs_init() when /dev is there. */
void mem_dev_init(void);		/* drivers/char/mem.c: null, zero, full */
void random_dev_init(void);		/* drivers/char/random.c */
void tty_init(void);			/* drivers/char/tty.c: console, tty */
void fb_dev_init(void);			/* drivers/video/fb_dev.c: fb0, if there is one */

/* /dev/zero mapped MAP_SHARED is shared memory of its own. */
int shmem_zero_setup(struct vm_area_struct *vma);

#endif
