/* SPDX-License-Identifier: MIT */
/*
 * Getting and giving back page frames (mm/page_alloc.c).
 *
 * Zones are tried from the one that the flags name downwards: HIGHMEM, NORMAL, DMA32,
 * DMA.  A request without __GFP_HIGHMEM never gets a frame without an address.
 * Bits 24..27 of gfp_t are the page type that the frames are accounted as.
 */
#ifndef MM_GFP_H
#define MM_GFP_H

#include <mm/mmzone.h>

#define __GFP_DMA	0x01u		/* below 16 MiB */
#define __GFP_DMA32	0x02u		/* below 4 GiB */
#define __GFP_HIGHMEM	0x04u		/* need not have an address */
#define __GFP_HIGH	0x08u		/* may use the reserve below pages_min */
#define __GFP_WAIT	0x10u		/* may sleep and reclaim */
#define __GFP_ZERO	0x20u		/* cleared */
#define __GFP_NOWARN	0x40u		/* failure is expected: no message */
#define __GFP_THISZONE	0x80u		/* no fallback to a lower zone */

#define __GFP_TYPE(t)	((gfp_t)(t) << PGT_SHIFT)
#define __GFP_SLAB	__GFP_TYPE(PGT_SLAB)
#define __GFP_TABLE	__GFP_TYPE(PGT_TABLE)
#define __GFP_VMALLOC	__GFP_TYPE(PGT_VMALLOC)
#define __GFP_ANON	__GFP_TYPE(PGT_ANON)
#define __GFP_FILE	__GFP_TYPE(PGT_FILE)

#define GFP_ATOMIC	__GFP_HIGH
#define GFP_KERNEL	__GFP_WAIT
#define GFP_DMA		(__GFP_WAIT | __GFP_DMA)
#define GFP_DMA32	(__GFP_WAIT | __GFP_DMA32)
#define GFP_USER	__GFP_WAIT
#define GFP_HIGHUSER	(__GFP_WAIT | __GFP_HIGHMEM)

/*
 * 2^order frames, contiguous and aligned to their size, each with a reference count of 1
 * for order 0 (for higher orders only the first page is counted).  NULL if there are
 * none.  Sleeps only with __GFP_WAIT.
 */
struct page *alloc_pages(gfp_t gfp, unsigned int order);

/*
 * A single page if one is at hand: never sleeps, says nothing.  The caller falls back on
 * alloc_page() where he may sleep.
 */
struct page *alloc_page_nowait(gfp_t gfp);

#define alloc_page(gfp)		alloc_pages((gfp), 0)

/*
 * Drop the reference that alloc_pages() returned and, if it was the last, free the block;
 * `order` is the one it was allocated with.  Any context.  A page that is already free,
 * still mapped or still on a list stops the machine.
 */
void __free_pages(struct page *page, unsigned int order);

#define __free_page(page)	__free_pages((page), 0)

/*
 * Free single pages, chained by next_free, that nobody refers to any more: their counts
 * are 0.  Any context.
 */
void free_page_chain(struct page *chain);

/*
 * In front of the blocks each zone keeps up to hot_pages_max single free pages, so that
 * most requests are one push or pop; 0: none.  Draining puts them into their blocks; it
 * is done before a request for more than a page fails.
 */
extern unsigned long hot_pages_max;
void drain_hot_pages(void);

/*
 * The same by address in the direct map; 0 if there is no memory.  free_pages(0, order)
 * does nothing.
 */
unsigned long __get_free_pages(gfp_t gfp, unsigned int order);
void free_pages(unsigned long addr, unsigned int order);

#define __get_free_page(gfp)	__get_free_pages((gfp), 0)
#define get_zeroed_page(gfp)	__get_free_pages((gfp) | __GFP_ZERO, 0)
#define free_page(addr)		free_pages((addr), 0)

/* The order whose block holds `size` bytes. */
static inline unsigned int get_order(unsigned long size)
{
	size = (size - 1) >> PAGE_SHIFT;
	return size ? BITS_PER_LONG - __builtin_clzl(size) : 0;
}

/*
 * Failure injection, for tests: the countdown-th allocation from now (1 is the next) of
 * pages or slab objects fails, and so does every later one up to `times`; 0 switches off.
 */
struct alloc_fail {
	unsigned long countdown;
	unsigned long times;
	unsigned long failed;		/* how many did since it was last armed (countdown not 0) */
};

extern struct alloc_fail alloc_fail;

void alloc_fail_arm(unsigned long countdown, unsigned long times);
bool __alloc_should_fail(void);

static inline bool alloc_should_fail(void)
{
	return unlikely(alloc_fail.countdown) && __alloc_should_fail();
}

#endif
