/* SPDX-License-Identifier: MIT */
/*
 * Reading a GUID partition table (UEFI specification, chapter 5).
 *
 * Nothing is believed that is not covered by a correct CRC: the header at block 1 and its
 * array of entries, or else the copy in the last block.  A disk whose first sector does not
 * say by a partition of type 0xEE that it has a GPT has none, whatever stands behind it: that
 * may be left from an earlier life of the disk.
 */
#include <kernel/crc32.h>
#include <kernel/string.h>
#include <mm/mm.h>
#include "blk.h"

#define MBR_SIGNATURE	0xaa55
#define MBR_GPT		0xee
#define HEADER_MIN	92u
#define ENTRY_MIN	128u
#define ARRAY_MAX	(256u << 10)	/* bytes; a usual one has 16 KiB */

struct gpt_header {
	u8 signature[8];		/* "EFI PART" */
	u32 revision;
	u32 header_size;
	u32 header_crc;			/* with this field 0 */
	u32 reserved;
	u64 my_lba, alternate_lba;
	u64 first_usable, last_usable;
	u8 disk_guid[16];
	u64 entries_lba;
	u32 entries, entry_size;
	u32 entries_crc;
} __packed;
static_assert(sizeof(struct gpt_header) == HEADER_MIN, "UEFI 5.3.2");

struct gpt_entry {
	u8 type[16], uuid[16];
	u64 first, last;		/* blocks, both belong to it */
	u64 attributes;
	u16 name[36];
} __packed;
static_assert(sizeof(struct gpt_entry) == ENTRY_MIN, "UEFI 5.3.3");

/* ---- reading ------------------------------------------------------------------------- */

static u64 last_block(const struct block_device *disk)
{
	u64 blocks = disk->capacity / (disk->block_size / SECTOR_SIZE);

	return blocks ? blocks - 1 : 0;
}

/* 0: the MBR of a disk with a GPT; -ENOENT. */
static int check_mbr(struct block_device *disk)
{
	u8 mbr[SECTOR_SIZE];
	int err = blk_read_bytes(disk, 0, mbr, sizeof(mbr)), i;

	if (err)
		return err;
	if ((mbr[510] | mbr[511] << 8) != MBR_SIGNATURE)
		return -ENOENT;
	for (i = 0; i < 4; i++)
		if (mbr[446 + 16 * i + 4] == MBR_GPT)
			return 0;
	return -ENOENT;
}

static bool header_crc_ok(u8 *block, const struct gpt_header *h)
{
	memset(block + offsetof(struct gpt_header, header_crc), 0, sizeof(h->header_crc));
	return crc32(block, h->header_size) == h->header_crc;
}

static bool header_makes_sense(const struct gpt_header *h, u64 lba, u64 last)
{
	return h->my_lba == lba && h->first_usable <= h->last_usable && h->last_usable <= last &&
	       h->entry_size >= ENTRY_MIN && h->entry_size % 8 == 0 && h->entries &&
	       h->entries <= ARRAY_MAX / h->entry_size && h->entries_lba < last;
}

/* block: a buffer of one block.  0, -EUCLEAN, -EIO. */
static int read_header(struct block_device *disk, u64 lba, u8 *block, struct gpt_header *h)
{
	int err = blk_read_bytes(disk, lba * disk->block_size, block, disk->block_size);

	if (err)
		return err;
	memcpy(h, block, sizeof(*h));
	if (memcmp(h->signature, "EFI PART", 8) || h->header_size < HEADER_MIN ||
	    h->header_size > disk->block_size || !header_crc_ok(block, h) ||
	    !header_makes_sense(h, lba, last_block(disk)))
		return -EUCLEAN;
	return 0;
}

/* ---- entries ------------------------------------------------------------------------- */

static bool take_entry(const struct block_device *disk, const struct gpt_header *h,
		       const struct gpt_entry *e, struct gpt_partition *p)
{
	static const struct guid none;
	u64 per_block = disk->block_size / SECTOR_SIZE;

	memcpy(&p->type, e->type, sizeof(p->type));
	memcpy(&p->uuid, e->uuid, sizeof(p->uuid));
	if (guid_equal(&p->type, &none) || e->first > e->last || e->first < h->first_usable ||
	    e->last > h->last_usable)
		return false;
	p->start = e->first * per_block;
	p->sectors = (e->last - e->first + 1) * per_block;
	return true;
}

static bool overlaps(const struct gpt *gpt, const struct gpt_partition *p)
{
	const struct gpt_partition *q;

	for (q = gpt->part; q < gpt->part + gpt->count; q++)
		if (p->start < q->start + q->sectors && q->start < p->start + p->sectors)
			return true;
	return false;
}

/* -EUCLEAN: partitions that overlap are no table to go by. */
static int take_entries(const struct block_device *disk, const struct gpt_header *h,
			const u8 *array, struct gpt *gpt)
{
	struct gpt_partition p;
	struct gpt_entry e;
	unsigned i;

	gpt->count = 0;
	gpt->part = kcalloc(h->entries, sizeof(*gpt->part), GFP_KERNEL);
	if (!gpt->part)
		return -ENOMEM;
	for (i = 0; i < h->entries; i++) {
		memcpy(&e, array + (size_t)i * h->entry_size, sizeof(e));
		if (!take_entry(disk, h, &e, &p))
			continue;
		if (overlaps(gpt, &p)) {
			kfree(gpt->part);
			return -EUCLEAN;
		}
		p.number = i + 1;
		gpt->part[gpt->count++] = p;
	}
	return 0;
}

static int read_entries(struct block_device *disk, const struct gpt_header *h, struct gpt *gpt)
{
	size_t size = (size_t)h->entries * h->entry_size;
	u8 *array = vzalloc(size);
	int err;

	if (!array)
		return -ENOMEM;
	err = blk_read_bytes(disk, h->entries_lba * disk->block_size, array, size);
	if (!err)
		err = crc32(array, size) == h->entries_crc ?
			take_entries(disk, h, array, gpt) : -EUCLEAN;
	vfree(array);
	return err;
}

/* One of the two copies. */
static int read_table(struct block_device *disk, u64 lba, struct gpt *gpt)
{
	u8 *block = kmalloc(disk->block_size, GFP_KERNEL);
	struct gpt_header h;
	int err;

	if (!block)
		return -ENOMEM;
	err = read_header(disk, lba, block, &h);
	if (!err)
		err = read_entries(disk, &h, gpt);
	kfree(block);
	return err;
}

int gpt_read(struct block_device *disk, struct gpt *gpt)
{
	int err;

	*gpt = (struct gpt){ .part = NULL };
	if (last_block(disk) < 3)
		return -ENOENT;
	err = check_mbr(disk);
	if (err)
		return err;
	err = read_table(disk, 1, gpt);
	if (err != -EUCLEAN && err != -EIO)
		return err;
	gpt->damaged = true;
	return read_table(disk, last_block(disk), gpt);
}
