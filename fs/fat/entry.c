/* SPDX-License-Identifier: MIT */
/*
 * Directories, changed: entries made and removed (contracts: fat.h).
 *
 * A sector changes as a whole, so the short entry, which is what makes the name exist, is the
 * last one written when a name is made and the first one when it goes.  What a power cut
 * leaves are long entries without a short one: nothing.
 */
#include "fat.h"

/* Entries of one name, ready to be written. */
struct name_set {
	struct fat_entry entry[LONG_MAX_ENTRIES + 1];
	u32 n;
};

#define TRIES	8u			/* short names that one look at the directory checks */

/* A short name for a long one that nobody in the directory has. */
static int choose_short(struct inode *dir, const char *name, size_t len, u8 out[11])
{
	u8 names[TRIES][11];
	unsigned n, i;
	u32 used;
	int err;

	for (n = 0; n < 100 * TRIES; n += TRIES) {
		for (i = 0; i < TRIES; i++)
			fat_make_short(name, len, n + i, names[i]);
		err = fat_short_used(dir, (const u8 (*)[11])names, TRIES, &used);
		if (err)
			return err;
		for (i = 0; i < TRIES; i++)
			if (!(used & 1u << i)) {
				memcpy(out, names[i], 11);
				return 0;
			}
	}
	return -ENOSPC;
}

static void set_units(struct fat_long_entry *e, const u16 units[LONG_UNITS])
{
	memcpy(e->name1, units, sizeof(e->name1));
	memcpy(e->name2, units + 5, sizeof(e->name2));
	memcpy(e->name3, units + 11, sizeof(e->name3));
}

/* The long entries, last part first; a NUL behind the name, then 0xffff. */
static void make_long(struct name_set *set, u16 *units, unsigned n, u8 checksum)
{
	u32 entries = (n + LONG_UNITS - 1) / LONG_UNITS, i;
	unsigned at = n;

	if (at < entries * LONG_UNITS)
		units[at++] = 0;
	while (at < entries * LONG_UNITS)
		units[at++] = 0xffff;
	for (i = 0; i < entries; i++) {
		struct fat_long_entry *e = (struct fat_long_entry *)&set->entry[i];

		*e = (struct fat_long_entry){
			.seq = (u8)((entries - i) | (i ? 0 : 0x40)), .attr = ATTR_LONG,
			.checksum = checksum,
		};
		set_units(e, units + (entries - 1 - i) * LONG_UNITS);
	}
	set->n = entries;
}

static int make_set(struct inode *dir, const char *name, size_t len, const struct fat_entry *e,
		    struct name_set *set)
{
	u16 units[LONG_MAX_ENTRIES * LONG_UNITS];
	u8 text[11];
	int n, err;

	set->n = 0;
	if (!fat_is_short(name, len, text)) {
		n = fat_utf16(name, len, units, LONG_MAX_UNITS);
		if (n < 0)
			return n;
		err = choose_short(dir, name, len, text);
		if (err)
			return err;
		make_long(set, units, (unsigned)n, fat_checksum(text));
	}
	set->entry[set->n] = *e;
	memcpy(set->entry[set->n].name, text, 11);
	set->entry[set->n++].lower = 0;
	return 0;
}

/* ---- room ---------------------------------------------------------------------------- */

/* One more cluster, zero, at the end of the directory; durable. */
static int grow_dir(struct inode *dir)
{
	struct fat_inode *fi = FAT_I(dir);
	struct fat_fs *fat = fi->fat;
	u32 last = fat_runs_last(&fi->runs), before = fi->runs.clusters;
	struct fat_runs new = { 0 };
	int err;

	if (((u64)before << fat->l.cluster_shift) >= (u64)DIR_MAX_ENTRIES * ENTRY_SIZE)
		return -ENOSPC;
	if (fat->free <= fat->reserved)
		return -ENOSPC;
	err = fat_find_free(fat, fat_goal(fi), 1, &new);
	if (err)
		return err;
	err = fat_runs_add(&fi->runs, new.v[0].start);
	if (!err)
		err = fat_meta_zero(fat, fat_cluster_pos(fat, new.v[0].start),
				    fat_cluster_size(&fat->l));
	if (!err)
		err = fat_flush(fat);
	fat_forget_change(fat);
	fi->elsewhere = err == -EIO;
	if (!err)
		err = fat_write_chain(fat, &new, last);
	if (err)
		fat_runs_cut(&fi->runs, before);
	fat_runs_free(&new);
	dir->size = (loff_k)fi->runs.clusters << fat->l.cluster_shift;
	return err;
}

/*
 * n free entries in a row: *index.  They may reach behind the mark of the end, *at_end;
 * what is there then is undefined and needs a new mark.
 */
static int find_room(struct inode *dir, u32 n, u32 *index, bool *at_end)
{
	struct fat_reader reader = { .pos = 0 };
	struct fat_entry e;
	u32 at, row = 0;
	u64 pos;
	int err;

	*at_end = false;
	for (at = 0; row < n; at++) {
		err = fat_read_entry(dir, &reader, at, &e, &pos);
		if (err == -ENOENT) {
			err = at >= DIR_MAX_ENTRIES ? -ENOSPC : grow_dir(dir);
			*at_end = true;
		}
		if (err)
			return err;
		*at_end = *at_end || e.name[0] == ENTRY_END;
		row = *at_end || e.name[0] == ENTRY_FREE ? row + 1 : 0;
	}
	*index = at - n;
	return 0;
}

/* The mark of the end behind entry `index` - 1, if there is room and something else is there. */
static int mark_end(struct inode *dir, u32 index)
{
	struct fat_fs *fat = FAT_I(dir)->fat;
	static const struct fat_entry none;
	u64 pos = fat_entry_pos(dir, index);
	u8 first;
	int err;

	if (!pos)
		return 0;
	err = fat_meta_read(fat, pos, &first, 1);
	if (err || first == ENTRY_END)
		return err;
	err = fat_meta_write(fat, pos, &none, sizeof(none));
	return err ? err : fat_flush(fat);
}

/* ---- writing ------------------------------------------------------------------------- */

/* All in memory, then by sector, ascending: the short entry is in the last one. */
static int write_set(struct inode *dir, u32 index, const struct name_set *set)
{
	struct fat_fs *fat = FAT_I(dir)->fat;
	u64 pos, unit, last = ~0ull;
	u32 i;
	int err = 0;

	for (i = 0; i < set->n && !err; i++)
		err = fat_meta_change(fat, fat_entry_pos(dir, index + i), &set->entry[i],
				      ENTRY_SIZE);
	for (i = 0; i < set->n && !err; i++) {
		pos = fat_entry_pos(dir, index + i);
		unit = ALIGN_DOWN(pos, (u64)fat->unit);
		if (unit != last)
			err = fat_meta_write_back(fat, pos, ENTRY_SIZE);
		last = unit;
	}
	return err ? err : fat_flush(fat);
}

static int add_set(struct inode *dir, const struct name_set *set, struct fat_intent *intent,
		   struct fat_slot *slot)
{
	struct fat_fs *fat = FAT_I(dir)->fat;
	bool at_end;
	int err = find_room(dir, set->n, &slot->index, &at_end);

	if (err)
		return err;
	slot->pos = fat_entry_pos(dir, slot->index + set->n - 1);
	if (at_end)
		err = mark_end(dir, slot->index + set->n);
	if (!err && intent)
		err = fat_intent_begin(fat, intent, slot->pos);
	if (!err)
		err = write_set(dir, slot->index, set);
	if (err)
		return fat_failed(fat, err);
	slot->entries = set->n;
	slot->e = set->entry[set->n - 1];
	return 0;
}

int fat_add_name(struct inode *dir, const char *name, size_t len, const struct fat_entry *e,
		 struct fat_intent *intent, struct fat_slot *slot)
{
	struct name_set *set = kmalloc(sizeof(*set), GFP_KERNEL);
	int err;

	if (!set)
		return -ENOMEM;
	err = make_set(dir, name, len, e, set);
	if (!err)
		err = add_set(dir, set, intent, slot);
	kfree(set);
	return err;
}

int fat_remove_name(struct inode *dir, u32 index, u32 entries)
{
	struct fat_fs *fat = FAT_I(dir)->fat;
	static const u8 gone = ENTRY_FREE;
	u64 unit, pos, last = ~0ull;
	u32 i;
	int err = 0;

	for (i = entries; i-- && !err;)
		err = fat_meta_change(fat, fat_entry_pos(dir, index + i), &gone, 1);
	for (i = entries; i-- && !err;) {
		pos = fat_entry_pos(dir, index + i);
		unit = ALIGN_DOWN(pos, (u64)fat->unit);
		if (unit != last)
			err = fat_meta_write_back(fat, pos, 1);
		last = unit;
	}
	if (!err)
		err = fat_flush(fat);
	return err ? fat_failed(fat, err) : 0;
}
