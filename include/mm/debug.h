/* SPDX-License-Identifier: MIT */
/* Where the memory is: counters, the same by looking at every frame, and a report. */
#ifndef MM_DEBUG_H
#define MM_DEBUG_H

#include <mm/mmzone.h>

/* Frames; the parts add up to the total. */
struct page_accounting {
	unsigned long free, anon, file, slab, table, vmalloc, kernel, reserved, total;
};

/* From the counters that every allocation keeps. */
void account_pages(struct page_accounting *a);

/*
 * From a scan of mem_map, without a look at any counter.  Also checks each descriptor;
 * returns the number of those that contradict themselves, and the first one's number.
 */
unsigned long recount_pages(struct page_accounting *a, unsigned long *bad_pfn);

/* The same twice: do the parts add up, and do counters and scan agree? */
bool accounting_identity(const struct page_accounting *counted,
			 const struct page_accounting *scanned);

/*
 * Check all free lists: links, orders, alignment, zone, counts, no two free buddies.
 * Returns NULL, or what is wrong.
 */
const char *check_free_lists(void);

/* Zones, free lists and the identity, by printk.  Any context. */
void show_mem(void);

#endif
