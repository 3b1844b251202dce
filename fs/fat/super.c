/* SPDX-License-Identifier: MIT */
/*
 * Mounting a FAT32 file system (contracts: fs/super.h, fat.h).
 */
#include <kernel/printk.h>
#include <linux/magic.h>
#include "fat.h"

static int fat_write_fsinfo(struct fat_fs *fat)
{
	struct { u32 free, next; } count = { fat->free, fat->next };
	int err = fat_meta_write(fat, fat->l.fsinfo_pos + 488, &count, sizeof(count));

	fat_forget_change(fat);
	if (!err)
		fat->fsinfo_old = false;
	return err;
}

/* FSInfo is a hint for others; nothing here depends on it. */
static int fat_sync_fs(struct super_block *sb)
{
	struct fat_fs *fat = fat_of(sb);
	int err = 0;

	fat_begin(fat);
	if (!fat_may_change(fat)) {
		if (fat->fsinfo_old)
			err = fat_write_fsinfo(fat);
		if (!err)
			err = fat_flush(fat);
	}
	return fat_end(fat, err);
}

static int fat_statfs(struct super_block *sb, u64 *blocks, u64 *free, unsigned *block_size)
{
	struct fat_fs *fat = fat_of(sb);
	int err = 0;

	if (!fat->counted) {
		fat_begin(fat);
		err = fat_end(fat, fat_count_free(fat));
	}
	*blocks = fat->l.clusters;
	*free = fat->free - fat->reserved;
	*block_size = fat_cluster_size(&fat->l);
	return err;
}

static void fat_put_super(struct super_block *sb)
{
	struct fat_fs *fat = fat_of(sb);

	fat_meta_free(fat);
	kfree(fat);
	sb->private = NULL;
}

static const struct super_operations fat_super_ops = {
	.write_inode = fat_write_inode,
	.sync_fs = fat_sync_fs,
	.statfs = fat_statfs,
	.put_super = fat_put_super,
};

/* ---- checks -------------------------------------------------------------------------- */

static int refuse(const struct super_block *sb, const char *why)
{
	pr_err("fat: %s: not mounted: %s\n", sb->source, why);
	return -EINVAL;
}

/* The first two entries say media byte and "end": what every FAT begins with. */
static int check_table_start(struct fat_fs *fat, u8 media)
{
	u32 e[2];
	int err = fat_meta_read(fat, fat->l.fat_pos[0], e, sizeof(e));

	if (err)
		return err;
	if ((e[0] & 0x0fffff00) != 0x0fffff00 || (u8)e[0] != media)
		return refuse(fat->sb, "the FAT does not begin with the media byte");
	return 0;
}

static int read_tables(struct fat_fs *fat)
{
	u8 *sector = kmalloc(FAT_BOOT_SIZE, GFP_KERNEL), media;
	const char *why = NULL;
	int err;

	if (!sector)
		return -ENOMEM;
	err = fat_meta_read(fat, 0, sector, FAT_BOOT_SIZE);
	if (!err && fat_check_boot(sector, fat->bdev->capacity, &fat->l, &why))
		err = refuse(fat->sb, why);
	media = sector[21];
	if (!err)
		err = fat_meta_read(fat, fat->l.fsinfo_pos, sector, FAT_BOOT_SIZE);
	if (!err) {
		why = fat_check_fsinfo(sector, &fat->l, &fat->next);
		err = why ? refuse(fat->sb, why) : 0;
	}
	kfree(sector);
	if (!err)
		err = check_table_start(fat, media);
	return err;
}

static int prepare(struct fat_fs *fat, struct inode **root)
{
	int err = read_tables(fat);

	if (err)
		return err;
	fat->unit = max(fat->l.sector_size, (u32)fat->bdev->block_size);
	if (fat->unit > fat->l.sector_size)
		return refuse(fat->sb, "its sectors are smaller than the disk's");
	if (!fat->next)
		fat->next = FAT_FIRST;
	if (!fat->sb->read_only)
		err = fat_intent_recover(fat);
	if (!err && !fat->sb->read_only)
		err = fat_count_free(fat);
	if (err)
		return err;
	err = fat_root_inode(fat->sb, root);
	if (err)
		return err;
	err = fat_need_runs(*root);
	if (err) {
		icache_remove(*root);
		iput(*root);
	}
	return err;
}

static int fat_fill_super(struct super_block *sb, struct inode **root)
{
	struct fat_fs *fat = kzalloc(sizeof(*fat), GFP_KERNEL);
	int err = -ENOMEM;

	if (!fat)
		return -ENOMEM;
	fat->sb = sb;
	fat->bdev = sb->bdev;
	init_rwsem(&fat->sem);
	sb->private = fat;
	sb->op = &fat_super_ops;
	sb->magic = MSDOS_SUPER_MAGIC;
	if (!fat_meta_init(fat)) {
		err = prepare(fat, root);
		if (err)
			fat_meta_free(fat);
	}
	if (err)
		kfree(fat);
	return err;
}

static struct file_system_type fat_type = {
	.name = "vfat",
	.fill_super = fat_fill_super,
};

void fat_init(void)
{
	register_filesystem(&fat_type);
}
