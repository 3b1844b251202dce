/* SPDX-License-Identifier: MIT */
/*
 * tmpfs: ramfs with a limit.  Each mount has a quota of pages that all its files share;
 * inodes inherit it from the directory they are made in, and the page cache counts
 * (mm/filemap.c): ENOSPC for write(2), SIGBUS for a store to a page that is not there yet.
 */
#include <kernel/printk.h>
#include "internal.h"

struct tmpfs {
	const char *path;
	u32 dev;
	struct page_quota quota;
};

static struct tmpfs mounts[] = {
	{ .path = "/tmp", .dev = 5 },
	{ .path = "/dev/shm", .dev = 6 },
};

/* Half of all memory for each, as Linux does by default. */
static void mount_one(struct tmpfs *fs)
{
	struct inode *root = ramfs_inode(S_IFDIR | 01777, 0, fs->dev);
	int err = -ENOMEM;

	fs->quota.limit = nr_free_pages() / 2;
	if (root) {
		root->mapping.quota = &fs->quota;
		err = fs_mount(fs->path, root, "tmpfs");
	}
	if (err)
		pr_warn("tmpfs: cannot be mounted on %s (error %d): files there have no limit\n",
			fs->path, -err);
}

void tmpfs_init(void)
{
	unsigned i;

	for (i = 0; i < ARRAY_SIZE(mounts); i++)
		mount_one(&mounts[i]);
}
