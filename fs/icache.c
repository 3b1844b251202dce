/* SPDX-License-Identifier: MIT */
/*
 * Inodes of file systems on disks, found again by their key (contracts: fs/super.h).
 *
 * One inode in memory for one file on disk: that is what makes its page cache the only one.
 * Nobody uses it any more: it stays while it has pages or something to write, count 0 and
 * on the list of unused ones, so that the next open finds its pages.  Whoever takes the
 * last page away does not free it (reclaim must not sleep for an inode); the next inode
 * that becomes unused does, on its way.
 */
#include <fs/super.h>
#include <kernel/time.h>
#include "internal.h"

#define BUCKETS		256u
#define LOOK_AT		4		/* unused inodes, each time one is added */

static struct list_head buckets[BUCKETS];
static LIST_HEAD(unused_inodes);

void icache_init(void)
{
	unsigned i;

	for (i = 0; i < BUCKETS; i++)
		INIT_LIST_HEAD(&buckets[i]);
}

static struct list_head *bucket_of(const struct super_block *sb, u64 key)
{
	u64 h = (key ^ sb->dev) * 0x9e3779b97f4a7c15ull;

	return &buckets[h >> 56];
}

struct inode *icache_find(struct super_block *sb, u64 key)
{
	struct inode *inode;

	list_for_each_entry(inode, bucket_of(sb, key), hash) {
		if (inode->key != key || inode->sb != sb)
			continue;
		list_del_init(&inode->unused);
		return iget(inode);
	}
	return NULL;
}

void icache_insert(struct super_block *sb, struct inode *inode, u64 key)
{
	if (!list_empty(&inode->sb_list))
		icache_remove(inode);
	inode->sb = sb;
	inode->key = key;
	inode->dev = sb->dev;
	list_add_tail(&inode->sb_list, &sb->inodes);
	list_add_tail(&inode->hash, bucket_of(sb, key));
}

void icache_remove(struct inode *inode)
{
	list_del_init(&inode->sb_list);
	list_del_init(&inode->hash);
}

static bool worth_keeping(const struct inode *inode)
{
	return inode->dirty || inode->mapping.nrpages;
}

/* Some of the oldest: those that have lost their pages go, the others go to the end. */
static void prune_some(unsigned n)
{
	struct inode *inode;

	while (n-- && !list_empty(&unused_inodes)) {
		inode = list_first_entry(&unused_inodes, struct inode, unused);
		list_del_init(&inode->unused);
		if (worth_keeping(inode)) {
			list_add_tail(&inode->unused, &unused_inodes);
			continue;
		}
		icache_remove(inode);
		inode_free(inode);
	}
}

unsigned long prune_icache(void)
{
	unsigned long before = nr_inodes;
	struct list_head *p;
	unsigned n = 0;

	for (p = unused_inodes.next; p != &unused_inodes; p = p->next)
		n++;
	prune_some(n);
	return before - nr_inodes;
}

/* The last reference to an inode with a super block is gone: true if it stays. */
bool icache_keep(struct inode *inode)
{
	prune_some(LOOK_AT);
	if (list_empty(&inode->sb_list))
		return false;
	if (inode->nlink && worth_keeping(inode)) {
		list_add_tail(&inode->unused, &unused_inodes);
		return true;
	}
	icache_remove(inode);
	return false;
}

void icache_empty(struct super_block *sb, const struct inode *root)
{
	struct inode *inode, *next;

	list_for_each_entry_safe(inode, next, &sb->inodes, sb_list) {
		if (inode == root)
			continue;
		list_del_init(&inode->unused);
		icache_remove(inode);
		inode_free(inode);
	}
}

void mark_inode_dirty(struct inode *inode)
{
	if (!inode->sb || inode->dirty)
		return;
	inode->dirty = true;
	inode->dirtied_ns = ktime_ns();
	flusher_wake();
}
