/* SPDX-License-Identifier: MIT */
/*
 * Where the clusters of a file are: its chain, read once, as an array of runs (contracts:
 * fat.h).
 *
 * Finding a page's place is then a binary search, without the table and without its lock.
 * A chain is only as trustworthy as the disk: it may leave the partition (fat_next() looks),
 * end too early, or go round.
 */
#include "fat.h"

void fat_runs_free(struct fat_runs *runs)
{
	kfree(runs->v);
	*runs = (struct fat_runs){ 0 };
}

static int make_room(struct fat_runs *runs)
{
	unsigned room = runs->room ? runs->room * 2 : 4;
	struct fat_run *v;

	if (runs->nr < runs->room)
		return 0;
	v = kmalloc(room * sizeof(*v), GFP_KERNEL);
	if (!v)
		return -ENOMEM;
	if (runs->nr)
		memcpy(v, runs->v, runs->nr * sizeof(*v));
	kfree(runs->v);
	runs->v = v;
	runs->room = room;
	return 0;
}

int fat_runs_add(struct fat_runs *runs, u32 cluster)
{
	struct fat_run *r = runs->nr ? &runs->v[runs->nr - 1] : NULL;
	int err;

	if (r && cluster == r->start + r->n) {
		r->n++;
		runs->clusters++;
		return 0;
	}
	err = make_room(runs);
	if (err)
		return err;
	runs->v[runs->nr++] = (struct fat_run){ runs->clusters++, cluster, 1 };
	return 0;
}

void fat_runs_cut(struct fat_runs *runs, u32 n)
{
	while (runs->clusters > n) {
		struct fat_run *r = &runs->v[runs->nr - 1];
		u32 drop = min(runs->clusters - n, r->n);

		r->n -= drop;
		runs->clusters -= drop;
		if (!r->n)
			runs->nr--;
	}
}

const struct fat_run *fat_runs_find(const struct fat_runs *runs, u32 at)
{
	unsigned low = 0, high = runs->nr, mid;

	if (at >= runs->clusters)
		return NULL;
	while (high - low > 1) {
		mid = (low + high) / 2;
		if (runs->v[mid].at <= at)
			low = mid;
		else
			high = mid;
	}
	return &runs->v[low];
}

u32 fat_runs_at(const struct fat_runs *runs, u32 at)
{
	const struct fat_run *r = fat_runs_find(runs, at);

	return r ? r->start + (at - r->at) : 0;
}

u32 fat_runs_last(const struct fat_runs *runs)
{
	const struct fat_run *r = runs->nr ? &runs->v[runs->nr - 1] : NULL;

	return r ? r->start + r->n - 1 : 0;
}

u32 fat_goal(const struct fat_inode *fi)
{
	return fi->runs.nr && !fi->elsewhere ? fat_runs_last(&fi->runs) + 1 : 0;
}

/* ---- reading a chain ----------------------------------------------------------------- */

/* A chain that comes back to a cluster that it passed at step 1, 2, 4, 8, ... goes round. */
struct loop {
	u32 mark, step, power;
};

static bool goes_round(struct loop *l, u32 cluster)
{
	if (cluster == l->mark)
		return true;
	if (++l->step == l->power) {
		l->mark = cluster;
		l->step = 0;
		l->power *= 2;
	}
	return false;
}

/* What the inode needs: clusters for its size; a directory has none that it would say. */
static u32 wanted(const struct inode *inode)
{
	const struct fat_fs *fat = FAT_I(inode)->fat;

	if (S_ISDIR_K(inode->mode))
		return (u32)(((u64)DIR_MAX_ENTRIES * ENTRY_SIZE) >> fat->l.cluster_shift);
	return fat_clusters_for(fat, FAT_I(inode)->disk_size);
}

/* Into `runs`, up to max clusters; *end: the chain ends there. */
static int read_chain(struct fat_fs *fat, u32 cluster, u32 max, struct fat_runs *runs, bool *end)
{
	struct fat_window w = { .valid = false };
	struct loop l = { 0, 0, 1 };
	int err = 0;

	*end = false;
	while (!err && runs->clusters < max && !*end) {
		if (goes_round(&l, cluster))
			return fat_damaged(fat, "a cluster chain goes round, at cluster", cluster);
		err = fat_runs_add(runs, cluster);
		if (!err)
			err = fat_next(fat, &w, cluster, &cluster);
		*end = cluster == FAT_END;
	}
	return err;
}

static int load(struct inode *inode, struct fat_runs *runs, bool *end)
{
	struct fat_inode *fi = FAT_I(inode);
	struct fat_fs *fat = fi->fat;
	bool dir = S_ISDIR_K(inode->mode);
	u32 max = wanted(inode);
	int err;

	*end = !fi->start;
	if (!fi->start)
		return max && !dir ? fat_damaged(fat, "a file has no first cluster", 0) : 0;
	if (!fat_is_cluster(fat, fi->start))
		return fat_damaged(fat, "a first cluster does not exist", fi->start);
	if (!max)
		return 0;
	err = read_chain(fat, fi->start, max, runs, end);
	if (err)
		return err;
	if (dir && !*end)
		return fat_damaged(fat, "a directory is too long, from cluster", fi->start);
	if (!dir && runs->clusters < max)
		return fat_damaged(fat, "a file's chain is too short, from cluster", fi->start);
	return 0;
}

int fat_load_runs(struct inode *inode)
{
	struct fat_inode *fi = FAT_I(inode);
	struct fat_runs runs = { 0 };
	bool end;
	int err;

	if (fi->loaded)
		return 0;
	err = load(inode, &runs, &end);
	if (err || fi->loaded) {	/* somebody was faster while this slept */
		fat_runs_free(&runs);
		return err;
	}
	fi->runs = runs;
	fi->overlong = !end;
	fi->loaded = true;
	return 0;
}

int fat_need_runs(struct inode *inode)
{
	struct fat_inode *fi = FAT_I(inode);
	int err;

	if (likely(fi->loaded))
		return 0;
	fat_lock_shared(fi->fat);
	err = fat_load_runs(inode);
	fat_unlock_shared(fi->fat);
	return err;
}
