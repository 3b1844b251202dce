/* SPDX-License-Identifier: MIT */
/*
 * Bounce pages: a device that reaches only addresses up to its dma_mask gets a page that it
 * does reach in place of one that it does not, and the bytes are copied.
 *
 * Each such disk has a pool, filled when it is announced, so that no I/O needs memory.  A
 * request takes all the pages that it needs at once: nobody holds some and waits for more.
 * Those who wait stand in line behind `turn`.
 */
#include <asm/irqflags.h>
#include <kernel/rwsem.h>
#include <kernel/string.h>
#include <kernel/wait.h>
#include <mm/mm.h>
#include "blk.h"

/* One request's; the pool has as many as requests can hold pages. */
struct bounce {
	struct bounce_pool *pool;
	struct bounce *next;			/* free ones */
	struct page *taken[BLK_MAX_VECS];	/* for the pieces that need one, in order */
	struct blk_vec vec[BLK_MAX_VECS];
};

#define BOUNCES		8u

struct bounce_pool {
	struct page *page[BLK_MAX_VECS];	/* free pages: the first nfree */
	unsigned nfree;
	struct bounce *free, all[BOUNCES];
	struct rw_semaphore turn;
	unsigned waiters;			/* for it, or in it for pages */
	struct wait_queue_head wait;
};

static bool reaches(const struct disk *disk, const struct page *page)
{
	return PFN_PHYS(page_to_pfn(page) + 1) - 1 <= disk->dma_mask;
}

static bool reaches_all(const struct disk *disk)
{
	return PFN_PHYS(max_pfn) - 1 <= disk->dma_mask;
}

bool blkdev_may_bounce(const struct block_device *bdev)
{
	return bdev->disk->bounce;
}

/* ---- the pool ------------------------------------------------------------------------ */

static struct page *alloc_reached(const struct disk *disk)
{
	struct page *page = alloc_page(GFP_KERNEL | __GFP_NOWARN);
	gfp_t zone = disk->dma_mask < 0xffffffffull ? GFP_DMA : GFP_DMA32;

	if (page && !reaches(disk, page)) {
		__free_page(page);
		page = alloc_page(zone | __GFP_NOWARN);
	}
	if (page && !reaches(disk, page)) {
		__free_page(page);
		page = NULL;
	}
	return page;
}

int bounce_init(struct disk *disk)
{
	struct bounce_pool *pool;
	unsigned i;

	disk->bounce = NULL;
	if (reaches_all(disk))
		return 0;
	pool = kzalloc(sizeof(*pool), GFP_KERNEL);
	if (!pool)
		return -ENOMEM;
	init_rwsem(&pool->turn);
	init_waitqueue_head(&pool->wait);
	disk->bounce = pool;
	for (i = 0; i < BOUNCES; i++) {
		pool->all[i].pool = pool;
		pool->all[i].next = pool->free;
		pool->free = &pool->all[i];
	}
	for (; pool->nfree < BLK_MAX_VECS; pool->nfree++) {
		pool->page[pool->nfree] = alloc_reached(disk);
		if (!pool->page[pool->nfree]) {
			bounce_exit(disk);
			return -ENOMEM;
		}
	}
	return 0;
}

void bounce_exit(struct disk *disk)
{
	struct bounce_pool *pool = disk->bounce;

	if (!pool)
		return;
	while (pool->nfree)
		__free_page(pool->page[--pool->nfree]);
	kfree(pool);
	disk->bounce = NULL;
}

/* n pages and a place for their list, or NULL. */
static struct bounce *take(struct bounce_pool *pool, unsigned n)
{
	unsigned long flags = local_irq_save();
	struct bounce *b = pool->nfree >= n ? pool->free : NULL;

	if (b) {
		pool->free = b->next;
		pool->nfree -= n;
		memcpy(b->taken, &pool->page[pool->nfree], n * sizeof(b->taken[0]));
	}
	local_irq_restore(flags);
	return b;
}

static struct bounce *take_waiting(struct bounce_pool *pool, unsigned n)
{
	struct bounce *b = pool->waiters ? NULL : take(pool, n);

	if (b)
		return b;
	pool->waiters++;
	down_write(&pool->turn);
	wait_event(pool->wait, (b = take(pool, n)) != NULL);
	up_write(&pool->turn);
	pool->waiters--;
	return b;
}

/* ---- a request ----------------------------------------------------------------------- */

static void copy_piece(struct page *to, struct page *from, u32 offset, u32 len)
{
	char *src = kmap_local_page(from), *dst = kmap_local_page(to);

	memcpy(dst + offset, src + offset, len);
	kunmap_local(dst);
	kunmap_local(src);
}

static unsigned count_unreached(const struct disk *disk, const struct request *req)
{
	unsigned i, n = 0;

	for (i = 0; i < req->nvec; i++)
		n += !reaches(disk, req->vec[i].page);
	return n;
}

void bounce_map(struct request *req)
{
	struct disk *disk = req->bdev->disk;
	unsigned n = count_unreached(disk, req), i, used = 0;
	struct bounce *b;

	if (!n)
		return;
	b = take_waiting(disk->bounce, n);
	for (i = 0; i < req->nvec; i++) {
		b->vec[i] = req->vec[i];
		if (reaches(disk, req->vec[i].page))
			continue;
		b->vec[i].page = b->taken[used++];
		if (req->op == REQ_WRITE)
			copy_piece(b->vec[i].page, req->vec[i].page, b->vec[i].offset,
				   b->vec[i].len);
	}
	req->bounce = b;
	req->dma_vec = b->vec;
	disk->count.bounced += n;
	blk_counters.bounced += n;
}

void bounce_unmap(struct request *req, int error)
{
	struct bounce *b = req->bounce;
	struct bounce_pool *pool = b->pool;
	unsigned i;

	for (i = 0; i < req->nvec; i++) {
		if (b->vec[i].page == req->vec[i].page)
			continue;
		if (req->op == REQ_READ && !error)
			copy_piece(req->vec[i].page, b->vec[i].page, b->vec[i].offset,
				   b->vec[i].len);
		pool->page[pool->nfree++] = b->vec[i].page;
	}
	b->next = pool->free;
	pool->free = b;
	req->bounce = NULL;
	req->dma_vec = req->vec;
	wake_up(&pool->wait);
}
