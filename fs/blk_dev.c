/* SPDX-License-Identifier: MIT */
/* The list of block devices, and who has which open. */
#include <kernel/ctype.h>
#include <kernel/printk.h>
#include <kernel/string.h>
#include "blk.h"

LIST_HEAD(blk_devices);
LIST_HEAD(disks);

/* Text form: fields of 4, 2, 2 bytes little-endian, then 2 and 6 bytes as they stand. */
static const u8 guid_order[16] = { 3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15 };

/* PAGEWALK_TYPE_DATA and PAGEWALK_TYPE_SWAP. */
#define OUR_GUID(...) \
	{ { 0x45, 0x47, 0x41, 0x50, 0x41, 0x57, 0x4b, 0x4c, 0x80, 0x00, __VA_ARGS__ } }
const struct guid guid_data = OUR_GUID(0x44, 0x61, 0x74, 0x61, 0x00, 0x01);
const struct guid guid_swap = OUR_GUID(0x53, 0x77, 0x61, 0x70, 0x00, 0x01);

bool guid_equal(const struct guid *a, const struct guid *b)
{
	return memcmp(a, b, sizeof(*a)) == 0;
}

void guid_format(char *text, const struct guid *guid)
{
	static const char digits[] = "0123456789abcdef";
	unsigned i;

	for (i = 0; i < sizeof(*guid); i++) {
		u8 byte = guid->byte[guid_order[i]];

		if (i == 4 || i == 6 || i == 8 || i == 10)
			*text++ = '-';
		*text++ = digits[byte >> 4];
		*text++ = digits[byte & 15];
	}
	*text = '\0';
}

/* ---- finding ------------------------------------------------------------------------- */

void blkdev_list(struct block_device *bdev)
{
	list_add_tail(&bdev->list, &blk_devices);
}

void blkdev_unlist(struct block_device *bdev)
{
	list_del(&bdev->list);
}

struct block_device *blkdev_find(const char *name)
{
	struct block_device *b;

	for_each_blkdev(b)
		if (strcmp(b->name, name) == 0)
			return b;
	return NULL;
}

struct block_device *blkdev_find_rdev(u64 rdev)
{
	struct block_device *b;

	for_each_blkdev(b)
		if (b->rdev == rdev)
			return b;
	return NULL;
}

struct block_device *blkdev_find_type(const struct guid *type, const struct block_device *after)
{
	bool behind = !after;
	struct block_device *b;

	for_each_blkdev(b) {
		if (behind && b->parent && guid_equal(&b->type, type))
			return b;
		behind |= b == after;
	}
	return NULL;
}

void disk_name(char *name, const char *prefix, bool digits)
{
	unsigned i;

	for (i = 0; i < (digits ? 100u : 26u); i++) {
		if (digits)
			snprintf(name, BLK_NAME_LEN, "%s%u", prefix, i);
		else
			snprintf(name, BLK_NAME_LEN, "%s%c", prefix, 'a' + i);
		if (!blkdev_find(name))
			return;
	}
}

/* ---- opening ------------------------------------------------------------------------- */

/* A disk and a partition of it, or the same device. */
static bool overlap(const struct block_device *a, const struct block_device *b)
{
	return a == b || a->parent == b || b->parent == a;
}

/* Does anybody write to it, or to what overlaps it? */
static bool has_writers(const struct block_device *bdev)
{
	const struct block_device *b;

	for_each_blkdev(b)
		if (b->writers && overlap(b, bdev))
			return true;
	return false;
}

/* Does anybody, or does a file system believe that nobody does? */
static bool is_busy(const struct block_device *bdev)
{
	const struct block_device *b;

	for_each_blkdev(b)
		if (b->mounts && overlap(b, bdev))
			return true;
	return has_writers(bdev);
}

int blkdev_get(struct block_device *bdev, bool write)
{
	if (!write) {
		bdev->readers++;
		return 0;
	}
	if (bdev->read_only) {
		pr_notice("%s: is read-only\n", bdev->name);
		return -EROFS;
	}
	if (!bdev->writable) {
		pr_notice("%s: not opened for writing: it does not bear our partition type and signature\n",
			  bdev->name);
		return -EPERM;
	}
	if (is_busy(bdev))
		return -EBUSY;
	bdev->readers++;
	bdev->writers++;
	return 0;
}

void blkdev_put(struct block_device *bdev, bool write)
{
	WARN_ON(!bdev->readers || (write && !bdev->writers));
	bdev->readers--;
	bdev->writers -= write;
}

int blkdev_get_mount(struct block_device *bdev, bool write)
{
	int err = !write && has_writers(bdev) ? -EBUSY : blkdev_get(bdev, write);

	bdev->mounts += !err;
	return err;
}

void blkdev_put_mount(struct block_device *bdev, bool write)
{
	WARN_ON(!bdev->mounts);
	bdev->mounts--;
	blkdev_put(bdev, write);
}
