/* SPDX-License-Identifier: MIT */
/*
 * What is mounted without being asked for, once the disks are there: our data partition on
 * /data, for writing, and the EFI system partition of the same disk (or the first one that
 * there is) on /esp, never for writing.
 */
#include <fs/super.h>
#include <kernel/blkdev.h>
#include <kernel/printk.h>
#include "internal.h"

/* C12A7328-F81F-11D2-BA4B-00A0C93EC93B */
static const struct guid guid_esp = { {
	0x28, 0x73, 0x2a, 0xc1, 0x1f, 0xf8, 0xd2, 0x11,
	0xba, 0x4b, 0x00, 0xa0, 0xc9, 0x3e, 0xc9, 0x3b,
} };

static void mount_one(struct block_device *bdev, const char *path, bool read_only)
{
	char source[8 + BLK_NAME_LEN];
	int err;

	snprintf(source, sizeof(source), "/dev/%s", bdev->name);
	err = mount_bdev(bdev, source, get_fs_type("vfat"), path, read_only);
	if (err)
		pr_warn("%s: not mounted on %s (error %d)\n", source, path, -err);
	else
		pr_info("%s: mounted on %s%s\n", source, path, read_only ? ", read-only" : "");
}

static struct block_device *find_esp(const struct block_device *data)
{
	struct block_device *first = blkdev_find_type(&guid_esp, NULL), *b;

	for (b = first; b && data; b = blkdev_find_type(&guid_esp, b))
		if (b->parent == data->parent)
			return b;
	return first;
}

void mount_disks(void)
{
	struct block_device *data = blkdev_find_type(&guid_data, NULL), *esp = find_esp(data);

	if (data)
		mount_one(data, "/data", !data->writable);
	if (esp)
		mount_one(esp, "/esp", true);
	flusher_start();
}

void unmount_disks(void)
{
	struct super_block *sb, *next;
	int err;

	down_write(&super_sem);
	list_for_each_entry_safe(sb, next, &super_blocks, list) {
		err = umount_sb(sb);
		if (err != -EBUSY)
			continue;
		/* Somebody still stands in it; what counts is that all is written. */
		err = sync_sb(sb);
		if (err)
			pr_err("%s: not everything could be written (error %d)\n", sb->source,
			       -err);
	}
	up_write(&super_sem);
}
