/* SPDX-License-Identifier: MIT */
/*
 * The allocation table: entry n says which cluster follows cluster n (contracts: fat.h).
 */
#include <kernel/printk.h>
#include <kernel/sched.h>
#include <mm/highmem.h>
#include "fat.h"

int fat_damaged(struct fat_fs *fat, const char *what, u32 number)
{
	if (!fat->warned)
		pr_err("fat: %s: damaged: %s (%#x): check it with fsck.vfat\n", fat->sb->source,
		       what, number);
	fat->warned = true;
	return -EIO;
}

int fat_may_change(const struct fat_fs *fat)
{
	return sb_is_read_only(fat->sb) ? -EROFS : 0;
}

/* The entries from the one of `first` on. */
static u64 entry_pos(const struct fat_fs *fat, int table, u32 first)
{
	return fat->l.fat_pos[table] + first * 4ull;
}

static int get_entry(struct fat_fs *fat, struct fat_window *w, u32 cluster, u32 *value)
{
	u32 first = ALIGN_DOWN(cluster, FAT_WINDOW);
	u64 left = fat->l.fat_bytes - first * 4ull;
	int err;

	if (!w->valid || w->first != first) {
		err = fat_meta_read(fat, entry_pos(fat, 0, first), w->entry,
				    min_t(size_t, left, sizeof(w->entry)));
		if (err)
			return err;
		w->first = first;
		w->valid = true;
	}
	*value = w->entry[cluster - first] & FAT_ENTRY_MASK;
	return 0;
}

int fat_next(struct fat_fs *fat, struct fat_window *w, u32 cluster, u32 *next)
{
	int err = get_entry(fat, w, cluster, next);

	if (err)
		return err;
	if (*next >= FAT_END)
		*next = FAT_END;
	else if (!fat_is_cluster(fat, *next))
		return fat_damaged(fat, "a cluster chain leads nowhere, after cluster", cluster);
	return 0;
}

/* What a run's entries become: each the next one's number and the last `after`, or all FREE. */
static u32 new_value(const struct fat_run *r, u32 i, u32 after)
{
	if (after == FAT_FREE)
		return FAT_FREE;
	return i == r->n - 1 ? after : r->start + i + 1;
}

/* A part of them in one table, in memory; the four bits that are not ours stay. */
static int set_part(struct fat_fs *fat, int table, const struct fat_run *r, u32 at, u32 n,
		    u32 after)
{
	u64 pos = entry_pos(fat, table, r->start + at);
	u32 e[FAT_WINDOW], i;
	int err = fat_meta_read(fat, pos, e, n * 4);

	for (i = 0; i < n; i++)
		e[i] = (e[i] & ~FAT_ENTRY_MASK) | new_value(r, at + i, after);
	return err ? err : fat_meta_change(fat, pos, e, n * 4);
}

/* In both tables. */
static int set_run(struct fat_fs *fat, const struct fat_run *r, u32 after)
{
	u32 at, n;
	int i, err = 0;

	for (i = 0; i < 2 && fat->l.fat_pos[i]; i++)
		for (at = 0; at < r->n && !err; at += n) {
			n = min(r->n - at, FAT_WINDOW);
			err = set_part(fat, i, r, at, n, after);
		}
	return err;
}

/* To the disk: the entries of n clusters, in table i. */
static int write_entries(struct fat_fs *fat, int i, u32 cluster, u32 n)
{
	return fat_meta_write_back(fat, entry_pos(fat, i, cluster), n * 4ull);
}

/* One entry, both tables, durable. */
static int write_one(struct fat_fs *fat, u32 cluster, u32 value)
{
	const struct fat_run r = { 0, cluster, 1 };
	int i, err = set_run(fat, &r, value);

	for (i = 0; i < 2 && fat->l.fat_pos[i] && !err; i++)
		err = write_entries(fat, i, cluster, 1);
	return err ? err : fat_flush(fat);
}

/* What of a run lies behind the first `keep` clusters of its file, if anything does. */
static struct fat_run run_behind(const struct fat_run *r, u32 keep)
{
	u32 skip = keep > r->at ? min(keep - r->at, r->n) : 0;

	return (struct fat_run){ r->at + skip, r->start + skip, r->n - skip };
}

/* The entries of all runs behind `keep` clusters, one table after the other, durable. */
static int write_runs(struct fat_fs *fat, const struct fat_runs *runs, u32 keep)
{
	const struct fat_run *r;
	struct fat_run part;
	int i, err = 0;

	for (i = 0; i < 2 && fat->l.fat_pos[i]; i++)
		for (r = runs->v; r < runs->v + runs->nr && !err; r++) {
			part = run_behind(r, keep);
			err = write_entries(fat, i, part.start, part.n);
		}
	return err ? err : fat_flush(fat);
}

/* ---- free clusters ------------------------------------------------------------------- */

/* Ask for the table in large pieces. */
static void read_table_ahead(struct fat_fs *fat, u64 pos, u64 start)
{
	if (pos == start || !(pos & (RA_MAX * PAGE_SIZE - 1)))
		read_cache_pages(&fat->meta->mapping, (unsigned long)(pos >> PAGE_SHIFT), RA_MAX);
}

static u32 free_in_page(struct page *page, size_t at, size_t n)
{
	const u32 *entry = (const u32 *)((const char *)kmap_local_page(page) + at);
	u32 free = 0, i;

	for (i = 0; i < n / 4; i++)
		free += (entry[i] & FAT_ENTRY_MASK) == FAT_FREE;
	kunmap_local(entry);
	return free;
}

/* A page of the table at a time: a partition may have hundreds of millions of entries. */
int fat_count_free(struct fat_fs *fat)
{
	u64 start = entry_pos(fat, 0, FAT_FIRST), pos, end = start + fat->l.clusters * 4ull;
	struct page *page;
	u32 free = 0;
	size_t piece;
	int err;

	for (pos = start; pos < end; pos += piece) {
		read_table_ahead(fat, pos, start);
		piece = fat_in_page(pos, end - pos);
		err = fat_meta_page(fat, pos, &page);
		if (err)
			return err;
		free += free_in_page(page, (size_t)pos & (PAGE_SIZE - 1), piece);
		put_page(page);
		cond_resched();
	}
	fat->free = free;
	fat->counted = true;
	return 0;
}

/* One way through the table, round its end, beginning at *cluster. */
static int collect_free(struct fat_fs *fat, u32 cluster, u32 n, struct fat_runs *runs)
{
	struct fat_window w = { .valid = false };
	u32 left = fat->l.clusters, value;
	int err;

	for (; n && left; left--, cluster++) {
		if (!fat_is_cluster(fat, cluster))
			cluster = FAT_FIRST;
		err = get_entry(fat, &w, cluster, &value);
		if (err)
			return err;
		if (value != FAT_FREE)
			continue;
		err = fat_runs_add(runs, cluster);
		if (err)
			return err;
		n--;
	}
	return n ? -ENOSPC : 0;
}

int fat_find_free(struct fat_fs *fat, u32 goal, u32 n, struct fat_runs *runs)
{
	u32 before = runs->clusters;
	int err;

	if (n > fat->free)
		return -ENOSPC;
	if (!goal)
		goal = fat->next;
	err = collect_free(fat, goal, n, runs);
	if (err)
		fat_runs_cut(runs, before);
	else
		fat->next = fat_runs_last(runs) + 1;
	return err;
}

/* ---- chains -------------------------------------------------------------------------- */

static int set_chain(struct fat_fs *fat, const struct fat_runs *runs)
{
	const struct fat_run *r, *end = runs->v + runs->nr;
	int err = 0;

	for (r = runs->v; r < end && !err; r++)
		err = set_run(fat, r, r + 1 < end ? r[1].start : FAT_END_MARK);
	return err;
}

/* Have the entries of a run in memory, in both tables. */
static int read_run(struct fat_fs *fat, const struct fat_run *r)
{
	u32 e[FAT_WINDOW], at, n;
	int i, err = 0;

	for (i = 0; i < 2 && fat->l.fat_pos[i]; i++)
		for (at = 0; at < r->n && !err; at += n) {
			n = min(r->n - at, FAT_WINDOW);
			err = fat_meta_read(fat, entry_pos(fat, i, r->start + at), e, n * 4);
		}
	return err;
}

/* From the last cluster that stays on. */
int fat_prepare_cut(struct fat_fs *fat, const struct fat_runs *runs, u32 keep)
{
	const struct fat_run *r;
	struct fat_run part;
	int err = 0;

	for (r = runs->v; r < runs->v + runs->nr && !err; r++) {
		part = run_behind(r, keep ? keep - 1 : 0);
		err = read_run(fat, &part);
	}
	return err;
}

/* The entries that a new chain behind `last` changes. */
static int read_for_chain(struct fat_fs *fat, const struct fat_runs *runs, u32 last)
{
	const struct fat_run tail = { 0, last, 1 };
	int err = last ? read_run(fat, &tail) : 0;

	return err ? err : fat_prepare_cut(fat, runs, 0);
}

int fat_write_chain(struct fat_fs *fat, const struct fat_runs *runs, u32 last)
{
	int err = read_for_chain(fat, runs, last);

	if (err)
		return err;
	err = set_chain(fat, runs);
	if (!err)
		err = write_runs(fat, runs, 0);
	if (!err && last)
		err = write_one(fat, last, runs->v[0].start);
	if (err)
		return fat_set_broken(fat, err);
	fat->free -= runs->clusters;
	fat->fsinfo_old = true;
	return 0;
}

static int clear_runs(struct fat_fs *fat, const struct fat_runs *runs, u32 keep)
{
	const struct fat_run *r;
	struct fat_run part;
	int err = 0;

	for (r = runs->v; r < runs->v + runs->nr && !err; r++) {
		part = run_behind(r, keep);
		err = set_run(fat, &part, FAT_FREE);
	}
	return err ? err : write_runs(fat, runs, keep);
}

int fat_cut_chain(struct fat_fs *fat, const struct fat_runs *runs, u32 keep)
{
	int err = fat_prepare_cut(fat, runs, keep);

	if (err)
		return err;
	if (keep)
		err = write_one(fat, fat_runs_at(runs, keep - 1), FAT_END_MARK);
	if (!err && runs->clusters > keep)
		err = clear_runs(fat, runs, keep);
	if (err)
		return fat_set_broken(fat, err);
	fat->free += runs->clusters - keep;
	fat->fsinfo_old = true;
	return 0;
}
