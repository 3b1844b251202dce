/* SPDX-License-Identifier: MIT */
/*
 * File systems on block devices: types, mounting, unmounting (contracts: fs/super.h).
 *
 * A mount is a super_block, whose root directory covers a directory of another tree
 * (fs/mount.c).  Its device is open as long as it exists: for writing only if the mount is
 * not read-only, and that is the block layer's decision.
 */
#include <fs/super.h>
#include <kernel/blkdev.h>
#include <kernel/printk.h>
#include "internal.h"

LIST_HEAD(super_blocks);
struct rw_semaphore super_sem = RWSEM_INIT(super_sem);
LIST_HEAD(file_systems);

void register_filesystem(struct file_system_type *type)
{
	list_add_tail(&type->list, &file_systems);
}

struct file_system_type *get_fs_type(const char *name)
{
	struct file_system_type *type;

	list_for_each_entry(type, &file_systems, list)
		if (!strcmp(type->name, name))
			return type;
	return NULL;
}

bool is_read_only(const struct inode *inode)
{
	return inode->sb && sb_is_read_only(inode->sb);
}

/* Numbers below 16 are those of the file systems in memory. */
static u32 free_dev(void)
{
	const struct super_block *sb;
	u32 dev = 16;

	list_for_each_entry(sb, &super_blocks, list)
		if (sb->dev >= dev)
			dev = sb->dev + 1;
	return dev;
}

static struct super_block *sb_alloc(struct block_device *bdev, const char *source,
				    const struct file_system_type *type, bool read_only)
{
	struct super_block *sb = kzalloc(sizeof(*sb), GFP_KERNEL);

	if (!sb)
		return NULL;
	INIT_LIST_HEAD(&sb->inodes);
	sb->dev = free_dev();
	sb->bdev = bdev;
	sb->type = type;
	sb->read_only = read_only;
	strlcpy(sb->source, source, sizeof(sb->source));
	return sb;
}

static bool is_mounted(const struct block_device *bdev)
{
	const struct super_block *sb;

	list_for_each_entry(sb, &super_blocks, list)
		if (sb->bdev == bdev)
			return true;
	return false;
}

/* The device is open for `write`; on failure it is the caller's to close. */
static int mount_opened(struct block_device *bdev, const char *source,
			const struct file_system_type *type, const char *path, bool write)
{
	struct super_block *sb = sb_alloc(bdev, source, type, !write);
	struct inode *root;
	int err;

	if (!sb)
		return -ENOMEM;
	err = type->fill_super(sb, &root);
	if (err)
		goto free;
	sb->root = d_alloc_root(root, type->name);
	err = -ENOMEM;
	if (sb->root)
		err = mount_root(path, sb->root);
	if (err)
		goto put;
	list_add_tail(&sb->list, &super_blocks);
	return 0;
put:
	dput(sb->root);
	icache_empty(sb, NULL);
	sb->op->put_super(sb);
free:
	kfree(sb);
	return err;
}

/* super_sem is held for writing. */
static int mount_closed(struct block_device *bdev, const char *source,
			const struct file_system_type *type, const char *path, bool read_only)
{
	int err;

	if (is_mounted(bdev))
		return -EBUSY;
	err = blkdev_get_mount(bdev, !read_only);
	if (err)
		return err;
	err = mount_opened(bdev, source, type, path, !read_only);
	if (err)
		blkdev_put_mount(bdev, !read_only);
	return err;
}

int mount_bdev(struct block_device *bdev, const char *source,
	       const struct file_system_type *type, const char *path, bool read_only)
{
	int err;

	down_write(&super_sem);
	err = mount_closed(bdev, source, type, path, read_only);
	up_write(&super_sem);
	return err;
}

static bool has_writers(const struct super_block *sb)
{
	const struct inode *inode;

	list_for_each_entry(inode, &sb->inodes, sb_list)
		if (inode->writecount > 0)
			return true;
	return false;
}

/* Files that are open, current directories, regions that map something; mounts on it. */
static bool is_busy(const struct super_block *sb)
{
	const struct inode *inode;

	if (sb->root->count > 1)
		return true;
	list_for_each_entry(inode, &sb->inodes, sb_list)
		if (inode->count > (inode == sb->root->inode))
			return true;
	return false;
}

static bool is_dirty(const struct super_block *sb)
{
	const struct inode *inode;

	list_for_each_entry(inode, &sb->inodes, sb_list)
		if (inode->dirty || inode->mapping.nrdirty)
			return true;
	return false;
}

/*
 * What others make dirty while this writes is written too, unless they are in the way still.
 * It does not sleep after the file system's ->sync_fs, so no change is half done then.
 */
static int sync_until_clean(struct super_block *sb, bool (*in_the_way)(const struct super_block *))
{
	int err;

	do
		err = sync_sb(sb);
	while (!err && !sb->read_only && !in_the_way(sb) && is_dirty(sb));
	return err;
}

/* Nobody takes it for writing between the last look and the mark: nothing sleeps there. */
int remount_sb(struct super_block *sb, bool read_only)
{
	int err;

	if (sb_is_read_only(sb) == read_only)
		return 0;
	if (!read_only) {
		/* Another way of opening the device and of reading the tables: mount again. */
		return -EROFS;
	}
	if (has_writers(sb))
		return -EBUSY;
	err = sync_until_clean(sb, has_writers);
	if (has_writers(sb))
		return -EBUSY;
	if (err)
		return err;
	sb->read_only = true;
	blkdev_put_mount(sb->bdev, true);
	return blkdev_get_mount(sb->bdev, false);
}

/* The last inode goes, whatever is still to be written of it. */
static void put_root(struct super_block *sb)
{
	icache_remove(sb->root->inode);
	dput(sb->root);
}

int umount_sb(struct super_block *sb)
{
	int err;

	if (is_busy(sb))
		return -EBUSY;
	err = sync_until_clean(sb, is_busy);
	/* Somebody may have come while that slept.  Nothing sleeps until nobody can. */
	if (is_busy(sb))
		return -EBUSY;
	unmount_root(sb->root);
	list_del(&sb->list);
	if (err)
		pr_err("umount: %s: not everything could be written (error %d) and is lost\n",
		       sb->source, -err);
	icache_empty(sb, sb->root->inode);
	put_root(sb);
	sb->op->put_super(sb);
	blkdev_put_mount(sb->bdev, !sb->read_only);
	kfree(sb);
	return 0;
}
