/* SPDX-License-Identifier: MIT */
/*
 * A disk comes: its partitions become devices, and it is decided for ever which of them are
 * ours.
 *
 * Ours is a partition with one of our two GPT types whose superblock (uapi/pagewalk_disk.h)
 * is right: magic of that type, CRC, and the size and GUID that the partition table gives
 * it, so neither a table without its contents nor contents without their table are enough.
 * Where the first partition table is damaged nothing is ours.
 */
#include <fs/devfs.h>
#include <kernel/crc32.h>
#include <kernel/ctype.h>
#include <kernel/pci.h>
#include <kernel/printk.h>
#include <kernel/reboot.h>
#include <kernel/string.h>
#include <mm/mm.h>
#include "blk.h"

#define FIRST_MAJOR	240		/* a disk has a major number, its partitions the minors */
#define MAX_PARTITION	128u

/* ---- ours or not --------------------------------------------------------------------- */

/* C12A7328-F81F-11D2-BA4B-00A0C93EC93B: what the firmware starts from. */
static const struct guid guid_esp = { {
	0x28, 0x73, 0x2a, 0xc1, 0x1f, 0xf8, 0xd2, 0x11,
	0xba, 0x4b, 0x00, 0xa0, 0xc9, 0x3e, 0xc9, 0x3b,
} };

static const char *magic_of(const struct guid *type)
{
	if (guid_equal(type, &guid_data))
		return PAGEWALK_MAGIC_DATA;
	if (guid_equal(type, &guid_swap))
		return PAGEWALK_MAGIC_SWAP;
	return NULL;
}

static bool super_ok(struct pagewalk_super *super, const struct block_device *b, const char *magic)
{
	u32 crc = super->crc;

	super->crc = 0;
	return !memcmp(super->magic, magic, sizeof(super->magic)) &&
	       crc32(super, sizeof(*super)) == crc && super->sectors == b->capacity &&
	       !memcmp(super->uuid, &b->uuid, sizeof(super->uuid)) && !super->flags;
}

/* What is said about a partition that has our type. */
static const char *judge(struct block_device *b)
{
	const char *magic = magic_of(&b->type);
	struct pagewalk_super super;

	if (!magic)
		return guid_equal(&b->type, &guid_esp) ? "EFI system partition, read-only" : "foreign";
	if (b->read_only)
		return "our type, but read-only";
	if (blk_read_bytes(b, PAGEWALK_SUPER_OFFSET, &super, sizeof(super)))
		return "our type, but it cannot be read: not ours";
	if (!super_ok(&super, b, magic))
		return "our type without our signature: not ours";
	b->writable = true;
	return guid_equal(&b->type, &guid_data) ? "ours: data" : "ours: swap";
}

/* ---- partitions ---------------------------------------------------------------------- */

static void name_partition(struct block_device *b)
{
	const char *disk = b->parent->name;

	snprintf(b->name, sizeof(b->name), isdigit(disk[strlen(disk) - 1]) ? "%sp%u" : "%s%u",
		 disk, b->partition);
}

static int add_partition(struct disk *disk, const struct gpt_partition *p, bool damaged)
{
	struct block_device *b = kzalloc(sizeof(*b), GFP_KERNEL);

	if (!b)
		return -ENOMEM;
	b->capacity = p->sectors;
	b->block_size = disk->bdev.block_size;
	b->read_only = disk->bdev.read_only || damaged;
	b->disk = disk;
	b->parent = &disk->bdev;
	b->start = p->start;
	b->partition = p->number;
	b->type = p->type;
	b->uuid = p->uuid;
	b->rdev = MKDEV(FIRST_MAJOR + disk->index, p->number);
	name_partition(b);
	blkdev_list(b);
	pr_info("%s: sectors %llu to %llu, %s\n", b->name, (unsigned long long)b->start,
		(unsigned long long)(b->start + b->capacity - 1), judge(b));
	blk_node_add(b);
	return 0;
}

static void add_partitions(struct disk *disk)
{
	struct gpt gpt;
	unsigned i;
	int err = gpt_read(&disk->bdev, &gpt);

	if (err == -ENOENT)
		return;
	if (err) {
		pr_warn("%s: the partition table %s: no partitions\n", disk->bdev.name,
			err == -EUCLEAN ? "and its copy are damaged" : "cannot be read");
		return;
	}
	if (gpt.damaged)
		pr_warn("%s: the partition table is damaged: its copy is used, all read-only; repair it with gdisk\n",
			disk->bdev.name);
	for (i = 0; i < gpt.count && !err; i++)
		if (gpt.part[i].number <= MAX_PARTITION)
			err = add_partition(disk, &gpt.part[i], gpt.damaged);
	if (err)
		pr_warn("%s: no memory for its partitions\n", disk->bdev.name);
	kfree(gpt.part);
}

/* ---- disks --------------------------------------------------------------------------- */

static bool makes_sense(const struct disk *disk)
{
	const struct block_device *b = &disk->bdev;

	return b->capacity && b->capacity <= 1ull << 53 && disk->depth && disk->ops->queue &&
	       disk->ops->poll && disk->ops->reset && disk->ops->stop &&
	       (b->block_size == SECTOR_SIZE || b->block_size == PAGE_SIZE) &&
	       b->capacity % (b->block_size / SECTOR_SIZE) == 0;
}

/* The first number that no disk has; there are never many. */
static unsigned free_index(void)
{
	struct disk *disk;
	unsigned index = 0;

again:
	list_for_each_entry(disk, &disks, list) {
		if (disk->index == index) {
			index++;
			goto again;
		}
	}
	return index;
}

static void announce(const struct disk *disk)
{
	const struct block_device *b = &disk->bdev;
	bool large = b->capacity >= 1u << 15;

	pr_info("%s: %s%s%s, %llu %s, blocks of %u bytes%s%s\n", b->name, disk->model,
		disk->pci ? " at " : "", disk->pci ? disk->pci->name : "",
		(unsigned long long)(b->capacity >> (large ? 11 : 1)), large ? "MiB" : "KiB",
		b->block_size, b->read_only ? ", read-only" : "", disk->polled ? ", polled" : "");
}

int disk_add(struct disk *disk)
{
	struct block_device *b = &disk->bdev;
	int err = makes_sense(disk) ? bounce_init(disk) : -EINVAL;

	if (!err && !disk->no_node && blk_log_init())
		pr_warn("%s: no memory for the log of requests: going on without\n", b->name);
	if (err)
		return err;
	spin_lock_init(&disk->lock);
	INIT_LIST_HEAD(&disk->waiting);
	INIT_LIST_HEAD(&disk->active);
	disk->index = free_index();
	b->disk = disk;
	b->writable = b->ram && !b->read_only;
	b->rdev = MKDEV(FIRST_MAJOR + disk->index, 0);
	list_add_tail(&disk->list, &disks);
	blkdev_list(b);
	announce(disk);
	blk_node_add(b);
	add_partitions(disk);
	return 0;
}

static struct block_device *next_of(const struct disk *disk)
{
	struct block_device *b;

	for_each_blkdev(b)
		if (b->disk == disk)
			return b;
	return NULL;
}

int disk_del(struct disk *disk)
{
	struct block_device *b;

	for_each_blkdev(b)
		if (b->disk == disk && b->readers)
			return -EBUSY;
	while ((b = next_of(disk)) != NULL) {
		blkdev_unlist(b);
		if (b->parent)
			kfree(b);
	}
	list_del(&disk->list);
	ktimer_cancel(&disk->timer);
	bounce_exit(disk);
	return 0;
}

void blk_finish(void)
{
	struct disk *disk;
	unsigned long flags;
	bool idle;

	list_for_each_entry(disk, &disks, list) {
		if (!disk->ops->finish)
			continue;
		flags = spin_lock_irqsave(&disk->lock);
		idle = list_empty(&disk->active) && list_empty(&disk->waiting) &&
		       !disk->resetting && !disk->dead;
		disk->dead |= idle;
		spin_unlock_irqrestore(&disk->lock, flags);
		if (idle)
			disk->ops->finish(disk);
	}
}

static void blk_shutdown(void)
{
	struct disk *disk;

	list_for_each_entry(disk, &disks, list) {
		disk->dead = true;
		disk->ops->stop(disk);
	}
}

static struct shutdown_hook hook = { .fn = blk_shutdown };

void blk_init(void)
{
	register_shutdown(&hook);
	blk_timeout_init();
}
