/* SPDX-License-Identifier: MIT */
/*
 * Directories, read: 32-byte entries in the directory's clusters (contracts: fat.h).
 *
 * A file has one short entry, and before it up to twenty long ones with the parts of its long
 * name from the last to the first.  The long ones count only if all of them are there, in
 * order, with the short name's checksum; else they are left over from somebody who did not
 * know them, and the short name is the name.
 */
#include "fat.h"

u64 fat_entry_pos(const struct inode *dir, u32 index)
{
	const struct fat_inode *fi = FAT_I(dir);
	u64 offset = (u64)index * ENTRY_SIZE;
	unsigned shift = fi->fat->l.cluster_shift;
	u32 cluster = (u32)(offset >> shift);
	const struct fat_run *r = fat_runs_find(&fi->runs, cluster);

	if (!r || index >= DIR_MAX_ENTRIES)
		return 0;
	return fat_cluster_pos(fi->fat, r->start + (cluster - r->at)) +
	       (offset & (fat_cluster_size(&fi->fat->l) - 1));
}

int fat_read_entry(const struct inode *dir, struct fat_reader *reader, u32 index,
		   struct fat_entry *e, u64 *pos)
{
	u64 sector;
	int err;

	*pos = fat_entry_pos(dir, index);
	if (!*pos)
		return -ENOENT;
	sector = ALIGN_DOWN(*pos, (u64)SECTOR_SIZE);
	if (reader->pos != sector) {
		err = fat_meta_read(FAT_I(dir)->fat, sector, reader->bytes, SECTOR_SIZE);
		if (err)
			return err;
		reader->pos = sector;
	}
	memcpy(e, reader->bytes + (*pos - sector), sizeof(*e));
	return 0;
}

/* ---- long names ---------------------------------------------------------------------- */

struct long_name {
	u16 units[LONG_MAX_ENTRIES * LONG_UNITS];
	u8 checksum;
	unsigned entries;		/* in all; 0: nothing collected */
	unsigned left;			/* still to come */
};

static void put_part(struct long_name *l, const struct fat_long_entry *e)
{
	u16 *to = l->units + (l->left - 1) * LONG_UNITS;

	memcpy(to, e->name1, sizeof(e->name1));
	memcpy(to + 5, e->name2, sizeof(e->name2));
	memcpy(to + 11, e->name3, sizeof(e->name3));
}

/* One long entry; what does not continue a name begins one, or is nothing. */
static void collect_long(struct long_name *l, const struct fat_long_entry *e)
{
	unsigned seq = e->seq & 0x3f;

	if (e->seq & 0x40) {
		l->entries = l->left = seq >= 1 && seq <= LONG_MAX_ENTRIES ? seq : 0;
		l->checksum = e->checksum;
	} else if (!l->left || seq != l->left || e->checksum != l->checksum) {
		l->entries = 0;
	}
	if (!l->entries || !l->left) {
		l->entries = l->left = 0;
		return;
	}
	put_part(l, e);
	l->left--;
}

/* Up to the NUL, or all of it. */
static unsigned long_units(const struct long_name *l)
{
	unsigned n = 0, max = l->entries * LONG_UNITS;

	while (n < max && l->units[n])
		n++;
	return min(n, LONG_MAX_UNITS);
}

/* The collected parts belong to the short entry in slot. */
static void use_long_name(struct long_name *l, struct fat_slot *slot)
{
	int len;

	if (!l->entries || l->left || l->checksum != fat_checksum(slot->e.name))
		return;
	slot->index -= l->entries;
	slot->entries += l->entries;
	len = fat_utf8(l->units, long_units(l), slot->name, sizeof(slot->name));
	if (len > 0)
		slot->len = (unsigned)len;
}

/* ---- files --------------------------------------------------------------------------- */

static bool is_dots(const struct fat_entry *e)
{
	return !memcmp(e->name, ".          ", 11) || !memcmp(e->name, "..         ", 11);
}

static void fill_slot(struct fat_slot *slot, struct long_name *l, u32 index, u64 pos)
{
	slot->index = index;
	slot->entries = 1;
	slot->pos = pos;
	slot->alias_len = fat_short_text(&slot->e, slot->alias);
	slot->len = 0;
	use_long_name(l, slot);
	if (slot->len)
		return;
	memcpy(slot->name, slot->alias, slot->alias_len + 1);
	slot->len = slot->alias_len;
}

static int next_slot(struct inode *dir, struct fat_reader *reader, u32 *index,
		     struct fat_slot *slot)
{
	struct long_name l = { .entries = 0 };
	u64 pos;
	int err;

	for (;; ++*index) {
		err = fat_read_entry(dir, reader, *index, &slot->e, &pos);
		if (err)
			return err;
		if (slot->e.name[0] == ENTRY_END)
			return -ENOENT;
		if (slot->e.name[0] == ENTRY_FREE) {
			l.entries = l.left = 0;
			continue;
		}
		if ((slot->e.attr & ATTR_LONG_MASK) == ATTR_LONG) {
			collect_long(&l, (const struct fat_long_entry *)&slot->e);
			continue;
		}
		if (!(slot->e.attr & ATTR_VOLUME) && !is_dots(&slot->e))
			break;
		l.entries = l.left = 0;
	}
	fill_slot(slot, &l, *index, pos);
	++*index;
	return slot->len ? 0 : fat_damaged(FAT_I(dir)->fat, "an empty name, entry", *index - 1);
}

int fat_next_slot(struct inode *dir, u32 *index, struct fat_slot *slot)
{
	struct fat_reader reader = { .pos = 0 };

	return next_slot(dir, &reader, index, slot);
}

int fat_find_slot(struct inode *dir, const char *name, size_t len, struct fat_slot *slot)
{
	struct fat_reader reader = { .pos = 0 };
	u32 index = 0;
	int err;

	do {
		err = next_slot(dir, &reader, &index, slot);
		if (err)
			return err;
	} while (!fat_same_name(slot->name, slot->len, name, len) &&
		 !fat_same_name(slot->alias, slot->alias_len, name, len));
	return 0;
}

int fat_short_used(struct inode *dir, const u8 (*names)[11], unsigned n, u32 *used)
{
	struct fat_reader reader = { .pos = 0 };
	struct fat_entry e;
	u32 index;
	unsigned i;
	u64 pos;
	int err;

	*used = 0;
	for (index = 0;; index++) {
		err = fat_read_entry(dir, &reader, index, &e, &pos);
		if (err)
			return err == -ENOENT ? 0 : err;
		if (e.name[0] == ENTRY_END)
			return 0;
		if (e.name[0] == ENTRY_FREE || (e.attr & ATTR_LONG_MASK) == ATTR_LONG)
			continue;
		for (i = 0; i < n; i++)
			*used |= (u32)!memcmp(e.name, names[i], 11) << i;
	}
}

int fat_dir_empty(struct inode *dir)
{
	struct fat_slot *slot = kmalloc(sizeof(*slot), GFP_KERNEL);
	u32 index = 0;
	int err;

	if (!slot)
		return -ENOMEM;
	err = fat_load_runs(dir);
	if (!err)
		err = fat_next_slot(dir, &index, slot);
	kfree(slot);
	return err == -ENOENT ? 1 : err;
}

/* ---- reading by programs ------------------------------------------------------------- */

/* Its number while it is in memory, else one made of its place. */
static unsigned long slot_ino(struct super_block *sb, const struct fat_slot *slot)
{
	struct inode *inode = icache_find(sb, slot->pos);
	unsigned long ino = (unsigned long)(slot->pos / ENTRY_SIZE) | 1ul << (BITS_PER_LONG - 1);

	if (!inode)
		return ino;
	ino = inode->ino;
	iput(inode);
	return ino;
}

/* Not under the lock: giving an entry to the program may fault. */
static int next_locked(struct inode *dir, u32 *index, struct fat_slot *slot)
{
	struct fat_fs *fat = FAT_I(dir)->fat;
	int err;

	fat_lock_shared(fat);
	err = fat_load_runs(dir);
	if (!err)
		err = fat_next_slot(dir, index, slot);
	fat_unlock_shared(fat);
	return err;
}

/* Positions behind the two dots: 2 + the entry to go on at. */
static int emit_files(struct inode *dir, struct dir_context *ctx, struct fat_slot *slot)
{
	u32 index;
	int err;

	if (ctx->pos > (loff_k)DIR_MAX_ENTRIES + 2)
		return 0;
	for (index = (u32)ctx->pos - 2;; ctx->pos = (loff_k)index + 2) {
		err = next_locked(dir, &index, slot);
		if (err)
			return err == -ENOENT ? 0 : err;
		if (!dir_emit(ctx, slot->name, slot->len, slot_ino(dir->sb, slot),
			      (slot->e.attr & ATTR_DIR ? S_IFDIR : S_IFREG) >> 12))
			return 0;
	}
}

static int fat_iterate(struct file *f, struct dir_context *ctx)
{
	struct fat_slot *slot;
	int err;

	if (!dir_emit_dots(f, ctx))
		return 0;
	slot = kmalloc(sizeof(*slot), GFP_KERNEL);
	if (!slot)
		return -ENOMEM;
	err = emit_files(f->inode, ctx, slot);
	kfree(slot);
	return err;
}

const struct file_operations fat_dir_ops = {
	.iterate = fat_iterate,
	.fsync = generic_fsync,
};
