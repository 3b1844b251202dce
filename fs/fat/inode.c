/* SPDX-License-Identifier: MIT */
/*
 * Inodes and their directory entries; size and clusters (contracts: fat.h).
 *
 * An inode is found by the place of its short entry on the disk.  Written data gets clusters
 * only when it is written back (data.c); until then they are promised, so that write(2) is
 * where a full disk shows.
 */
#include <kernel/date.h>
#include <kernel/printk.h>
#include <kernel/time.h>
#include "fat.h"

/* ---- fields of an entry -------------------------------------------------------------- */

u32 fat_start(const struct fat_entry *e)
{
	return ((u32)e->start_hi << 16 | e->start_lo) & FAT_ENTRY_MASK;
}

void fat_set_start(struct fat_entry *e, u32 start)
{
	e->start_hi = (u16)(start >> 16);
	e->start_lo = (u16)start;
}

#define SECS_PER_DAY	86400u
#define DAYS_1980	3652u		/* from 1970 */
#define DAYS_2108	50404u		/* the first day that FAT cannot say */

static bool is_leap(unsigned year)
{
	return year % 4 == 0 && (year % 100 || year % 400 == 0);
}

static unsigned month_days(unsigned month, unsigned year)
{
	static const u8 days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };

	return days[month - 1] + (month == 2 && is_leap(year));
}

void fat_set_time(u64 ns, u16 *date, u16 *time)
{
	u64 sec = ns / NSEC_PER_SEC, all_days = sec / SECS_PER_DAY;
	u32 in_day = (u32)(sec - all_days * SECS_PER_DAY), days;
	unsigned year = 1980, month = 1;

	if (all_days < DAYS_1980 || all_days >= DAYS_2108) {
		bool early = all_days < DAYS_1980;

		*date = early ? 1 << 5 | 1 : 127 << 9 | 12 << 5 | 31;
		*time = early ? 0 : 23 << 11 | 59 << 5 | 29;
		return;
	}
	for (days = (u32)all_days - DAYS_1980; days >= 365u + is_leap(year); year++)
		days -= 365u + is_leap(year);
	for (; days >= month_days(month, year); month++)
		days -= month_days(month, year);
	*date = (u16)((year - 1980) << 9 | month << 5 | (days + 1));
	*time = (u16)(in_day / 3600 << 11 | in_day / 60 % 60 << 5 | in_day % 60 / 2);
}

/* Fields that make no date are taken as the nearest that do. */
u64 fat_get_time(u16 date, u16 time)
{
	unsigned month = date >> 5 & 15, day = date & 31;
	u64 days;

	month = month < 1 ? 1 : month > 12 ? 12 : month;
	days = date_to_days(1980 + (date >> 9), month, day ? day : 1);
	return (days * SECS_PER_DAY + (time >> 11) * 3600u + (time >> 5 & 63) * 60u +
		(time & 31) * 2u) * NSEC_PER_SEC;
}

/* ---- inodes -------------------------------------------------------------------------- */

static struct inode *new_inode(struct super_block *sb, unsigned mode)
{
	struct fat_inode *fi = kzalloc(sizeof(*fi), GFP_KERNEL);
	bool dir = S_ISDIR_K(mode);
	struct inode *inode;

	if (!fi)
		return NULL;
	fi->fat = fat_of(sb);
	inode = inode_alloc(mode, dir ? &fat_dir_inode_ops : &fat_file_inode_ops,
			    dir ? &fat_dir_ops : &fat_file_ops, fi);
	if (!inode) {
		kfree(fi);
		return NULL;
	}
	inode->uid = inode->gid = 0;
	if (!dir)
		inode->mapping.a_ops = &fat_aops;
	return inode;
}

static void fill_inode(struct inode *inode, const struct fat_slot *slot)
{
	struct fat_inode *fi = FAT_I(inode);
	const struct fat_entry *e = &slot->e;

	fi->start = fat_start(e);
	fi->attr = e->attr;
	fi->entry_pos = slot->pos;
	fi->parent_index = slot->index;
	fi->parent_entries = slot->entries;
	fi->disk_size = inode->size = S_ISDIR_K(inode->mode) ? 0 : e->size;
	inode->mtime_ns = inode->ctime_ns = fat_get_time(e->mdate, e->mtime);
	inode->atime_ns = fat_get_time(e->adate, 0);
}

static unsigned mode_of(const struct fat_entry *e)
{
	if (e->attr & ATTR_DIR)
		return S_IFDIR | 0755;
	return S_IFREG | (e->attr & ATTR_READ_ONLY ? 0555 : 0755);
}

int fat_iget(struct super_block *sb, const struct fat_slot *slot, struct inode **inode)
{
	struct inode *other;

	*inode = icache_find(sb, slot->pos);
	if (*inode)
		return 0;
	*inode = new_inode(sb, mode_of(&slot->e));
	if (!*inode)
		return -ENOMEM;
	fill_inode(*inode, slot);
	/* That may have slept. */
	other = icache_find(sb, slot->pos);
	if (other) {
		iput(*inode);
		*inode = other;
	} else {
		icache_insert(sb, *inode, slot->pos);
	}
	return 0;
}

int fat_root_inode(struct super_block *sb, struct inode **inode)
{
	*inode = new_inode(sb, S_IFDIR | 0755);
	if (!*inode)
		return -ENOMEM;
	FAT_I(*inode)->start = fat_of(sb)->l.root;
	icache_insert(sb, *inode, 0);
	return 0;
}

int fat_write_entry(struct inode *inode)
{
	struct fat_inode *fi = FAT_I(inode);
	struct fat_entry e;
	int err;

	if (!fi->entry_pos)
		return 0;
	err = fat_meta_read(fi->fat, fi->entry_pos, &e, sizeof(e));
	if (err)
		return err;
	fat_set_start(&e, fi->start);
	e.size = S_ISDIR_K(inode->mode) ? 0 : (u32)fi->disk_size;
	e.attr = fi->attr;
	fat_set_time(inode->mtime_ns, &e.mdate, &e.mtime);
	e.adate = e.mdate;
	err = fat_meta_write(fi->fat, fi->entry_pos, &e, sizeof(e));
	return err ? err : fat_flush(fi->fat);
}

/* ---- promises ------------------------------------------------------------------------ */

/* Clusters that the size needs and the inode does not have. */
static u32 missing(const struct inode *inode, loff_k size)
{
	const struct fat_inode *fi = FAT_I(inode);
	u32 need = fat_clusters_for(fi->fat, size);

	return need > fi->runs.clusters ? need - fi->runs.clusters : 0;
}

int fat_reserve(struct inode *inode, loff_k size)
{
	struct fat_inode *fi = FAT_I(inode);
	u32 need = missing(inode, size);

	if (need <= fi->reserved)
		return 0;
	if (need - fi->reserved > fi->fat->free - fi->fat->reserved)
		return -ENOSPC;
	fi->fat->reserved += need - fi->reserved;
	fi->reserved = need;
	return 0;
}

void fat_unreserve(struct inode *inode)
{
	struct fat_inode *fi = FAT_I(inode);
	u32 need = missing(inode, inode->size);

	if (fi->writers || need >= fi->reserved)
		return;
	fi->fat->reserved -= fi->reserved - need;
	fi->reserved = need;
}

/* ---- size ---------------------------------------------------------------------------- */

void fat_clear_tail(struct inode *inode)
{
	size_t offset = (size_t)inode->size & (PAGE_SIZE - 1);
	struct page *page;

	if (!offset)
		return;
	page = find_get_page(&inode->mapping, (unsigned long)(inode->size >> PAGE_SHIFT));
	if (!page)
		return;
	memset_page(page, offset, 0, PAGE_SIZE - offset);
	put_page(page);
}

int fat_write_size(struct inode *inode)
{
	struct fat_inode *fi = FAT_I(inode);
	u32 keep = fat_clusters_for(fi->fat, fi->disk_size), start = fi->start;
	int err;

	if (!keep)
		fi->start = 0;
	err = fat_write_entry(inode);
	if (!err && fi->runs.clusters > keep)
		err = fat_cut_chain(fi->fat, &fi->runs, keep);
	if (err) {
		fi->start = start;
		return err;
	}
	fat_runs_cut(&fi->runs, keep);
	/* What somebody has written behind it meanwhile was for clusters that were there still. */
	return fat_reserve(inode, inode->size);
}

/*
 * What the disk has becomes shorter: the entry first, then the chain.  What could not be begun
 * is left to the next write-back.
 */
static int cut(struct inode *inode, loff_k size)
{
	struct fat_inode *fi = FAT_I(inode);
	int err;

	fi->disk_size = size;
	err = fat_write_size(inode);
	if (err)
		fat_failed(fi->fat, err);
	return fi->fat->sb->broken ? err : 0;
}

/* The last moment at which all can stay as it is: cut() will find in memory what it changes. */
static int prepare_cut(struct inode *inode, loff_k size)
{
	struct fat_inode *fi = FAT_I(inode);
	struct fat_entry e;
	u32 keep = fat_clusters_for(fi->fat, size);
	int err = fi->entry_pos ? fat_meta_read(fi->fat, fi->entry_pos, &e, sizeof(e)) : 0;

	if (!err && fi->runs.clusters > keep)
		err = fat_prepare_cut(fi->fat, &fi->runs, keep);
	return err;
}

/* sem is held for writing. */
static int change_size(struct inode *inode, loff_k size)
{
	struct fat_inode *fi = FAT_I(inode);
	loff_k old = inode->size;
	int err = fat_load_runs(inode);

	if (!err && size < fi->disk_size)
		err = prepare_cut(inode, size);
	if (!err && size > old)
		err = fat_reserve(inode, size);
	if (err)
		return err;
	if (size > old)
		fat_clear_tail(inode);
	inode->size = size;
	if (size < old) {
		truncate_range(&inode->mapping, inode_pages(inode), ~0ul, true);
		fat_clear_tail(inode);
	}
	inode->mtime_ns = inode->ctime_ns = fs_now_ns();
	mark_inode_dirty(inode);
	if (size < fi->disk_size)
		err = cut(inode, size);
	fat_unreserve(inode);
	return err;
}

int fat_truncate(struct inode *inode, loff_k size)
{
	struct fat_fs *fat = FAT_I(inode)->fat;
	int err;

	fat_begin(fat);
	err = fat_may_change(fat);
	if (!err)
		err = size > FAT_MAX_SIZE ? -EFBIG : change_size(inode, size);
	return fat_end(fat, err);
}

/* ---- the end ------------------------------------------------------------------------- */

int fat_free_all(struct inode *inode)
{
	struct fat_inode *fi = FAT_I(inode);
	int err = fat_load_runs(inode);

	if (!err && fi->runs.nr)
		err = fat_cut_chain(fi->fat, &fi->runs, 0);
	return err;
}

void fat_evict(struct inode *inode)
{
	struct fat_inode *fi = FAT_I(inode);
	struct fat_fs *fat = fi->fat;
	int err;

	fat->reserved -= fi->reserved;
	if (!inode->nlink) {
		fat_begin(fat);
		err = fat_may_change(fat) ? 0 : fat_free_all(inode);
		if (fat_end(fat, err))
			pr_warn("fat: %s: clusters of a removed file are lost: fsck.vfat finds them\n",
				fat->sb->source);
	}
	fat_runs_free(&fi->runs);
	kfree(fi);
}
