/* SPDX-License-Identifier: MIT */
/*
 * What a rename is about to do, on the disk before it begins (contracts: fat.h).
 *
 * Between the new name and the end of the old one a power cut would leave two names for one
 * chain of clusters.  That is no harm by itself, but whoever then removes or shortens the one
 * frees clusters of the other.  So the next mount for writing finishes the rename, by a
 * record in a reserved sector that no system uses (FSInfo is 1, our superblock 4, the copies
 * are 6 and 7).
 */
#include <kernel/crc32.h>
#include <kernel/printk.h>
#include "fat.h"

#define INTENT_SECTOR	5u
#define INTENT_MAGIC	"PWRENAM1"

static u32 checksum(const struct fat_intent *in)
{
	return crc32(in, offsetof(struct fat_intent, crc));
}

static bool is_zero(const void *p, size_t n)
{
	const u8 *byte = p;

	while (n && !*byte)
		byte++, n--;
	return !n;
}

/* Is what a record says possible at all? */
static bool is_valid(const struct fat_fs *fat, const struct fat_intent *in)
{
	u64 end = fat->l.data_pos + ((u64)fat->l.clusters << fat->l.cluster_shift);
	u32 i;

	if (memcmp(in->magic, INTENT_MAGIC, sizeof(in->magic)) || in->crc != checksum(in) ||
	    !in->n || in->n > FAT_MAX_NAME_ENTRIES)
		return false;
	for (i = 0; i < in->n; i++)
		if (in->old_pos[i] < fat->l.data_pos || in->old_pos[i] >= end ||
		    in->old_pos[i] % ENTRY_SIZE)
			return false;
	return in->new_pos >= fat->l.data_pos && in->new_pos < end &&
	       in->new_pos % ENTRY_SIZE == 0 && in->dotdot_pos < end &&
	       in->dotdot_pos % ENTRY_SIZE == 0;
}

/* ---- at mount ------------------------------------------------------------------------ */

/* The new name has everything of the old one but the name. */
static bool same_file(const struct fat_entry *a, const struct fat_entry *b)
{
	return a->attr == b->attr && fat_start(a) == fat_start(b) && fat_start(a) &&
	       a->size == b->size && a->ctime == b->ctime && a->cdate == b->cdate;
}

/* Both names are there: 1, else 0; or an error. */
static int has_both(struct fat_fs *fat, const struct fat_intent *in)
{
	struct fat_entry old, new;
	int err = fat_meta_read(fat, in->old_pos[in->n - 1], &old, sizeof(old));

	if (!err)
		err = fat_meta_read(fat, in->new_pos, &new, sizeof(new));
	if (err)
		return err;
	return !memcmp(&old, &in->entry, sizeof(old)) && new.name[0] != ENTRY_FREE &&
	       new.name[0] != ENTRY_END && same_file(&old, &new);
}

static int fix_dotdot(struct fat_fs *fat, const struct fat_intent *in)
{
	struct fat_entry e;
	int err = fat_meta_read(fat, in->dotdot_pos, &e, sizeof(e));

	if (err || memcmp(e.name, "..         ", 11))
		return err;
	fat_set_start(&e, in->dotdot);
	err = fat_meta_write(fat, in->dotdot_pos, &e, sizeof(e));
	return err ? err : fat_flush(fat);
}

static int finish(struct fat_fs *fat, const struct fat_intent *in)
{
	static const u8 gone = ENTRY_FREE;
	int err = in->dotdot_pos ? fix_dotdot(fat, in) : 0;
	u32 i;

	for (i = in->n; i-- && !err;)
		err = fat_meta_write(fat, in->old_pos[i], &gone, 1);
	if (!err)
		err = fat_flush(fat);
	if (!err)
		pr_info("fat: %s: a rename was cut off: finished\n", fat->sb->source);
	return err;
}

int fat_intent_recover(struct fat_fs *fat)
{
	u64 pos = (u64)INTENT_SECTOR * fat->l.sector_size;
	struct fat_intent *in;
	int err;

	if (pos + fat->l.sector_size > fat->l.reserved_bytes)
		return 0;
	in = kmalloc(sizeof(*in), GFP_KERNEL);
	if (!in)
		return -ENOMEM;
	err = fat_meta_read(fat, pos, in, sizeof(*in));
	if (!err && is_valid(fat, in)) {
		fat->intent_pos = pos;
		err = has_both(fat, in);
		if (err > 0)
			err = finish(fat, in);
		if (!err)
			err = fat_intent_end(fat);
	} else if (!err && is_zero(in, sizeof(*in))) {
		fat->intent_pos = pos;		/* anything else is somebody else's */
	}
	kfree(in);
	return err;
}

/* ---- at a rename --------------------------------------------------------------------- */

struct fat_intent *fat_intent_alloc(struct inode *olddir, const struct inode *inode)
{
	const struct fat_inode *fi = FAT_I(inode);
	struct fat_intent *in = kzalloc(sizeof(*in), GFP_KERNEL);
	u32 i;

	if (!in || fi->parent_entries > FAT_MAX_NAME_ENTRIES)
		return in;
	memcpy(in->magic, INTENT_MAGIC, sizeof(in->magic));
	in->n = fi->parent_entries;
	for (i = 0; i < in->n; i++)
		in->old_pos[i] = fat_entry_pos(olddir, fi->parent_index + i);
	return in;
}

int fat_intent_begin(struct fat_fs *fat, struct fat_intent *in, u64 new_pos)
{
	int err;

	if (!fat->intent_pos || !in->n)
		return 0;
	in->new_pos = new_pos;
	in->crc = checksum(in);
	err = fat_meta_write(fat, fat->intent_pos, in, sizeof(*in));
	return err ? err : fat_flush(fat);
}

int fat_intent_end(struct fat_fs *fat)
{
	return fat->intent_pos ?
	       fat_meta_zero(fat, fat->intent_pos, sizeof(struct fat_intent)) : 0;
}
