/* SPDX-License-Identifier: MIT */
/*
 * The memory management at a glance: everything that mm/ offers, by file.
 *
 *	init.c		globals of this header, init_mm
 *	bootmem.c	mm/bootmem.h: frames before the buddy system
 *	page_init.c	mm/mmzone.h: zones, mem_map
 *	page_alloc.c	mm/gfp.h: the buddy system
 *	slab.c		mm/slab.h: objects
 *	vmalloc.c	mm/vmalloc.h: kernel addresses outside the direct map
 *	highmem.c	mm/highmem.h: addresses for frames that have none
 *	pgtable.c	mm/pgtable.h: making, finding and freeing tables
 *	pagewalk.c	mm/pagewalk.h: the walk over a range
 *	rmap.c		mm/rmap.h: from a page to the entries that name it
 *	swap.c vmscan.c	mm/swap.h: lists of pages, reclaim
 *	swapfile.c swap_state.c swap_ram.c	mm/swap.h: slots, swap cache, a device in RAM
 *	debug.c		mm/debug.h: accounting, show_mem
 */
#ifndef MM_MM_H
#define MM_MM_H

#include <mm/debug.h>
#include <mm/gfp.h>
#include <mm/highmem.h>
#include <mm/mm_types.h>
#include <mm/mmzone.h>
#include <mm/page_flags.h>
#include <mm/pagewalk.h>
#include <mm/pgtable.h>
#include <mm/slab.h>
#include <mm/vmalloc.h>

/* Set by the architecture in setup_arch(). */
extern unsigned long max_pfn;		/* end of the frames that have descriptors */
extern unsigned long max_low_pfn;	/* end of the direct map */
extern void *high_memory;		/* address of max_low_pfn, as if it were mapped */

static inline int page_count(const struct page *page)
{
	return READ_ONCE(page->_refcount);
}

static inline int page_mapcount(const struct page *page)
{
	return READ_ONCE(page->_mapcount);
}

static inline void get_page(struct page *page)
{
	__atomic_add_fetch(&page->_refcount, 1, __ATOMIC_RELAXED);
}

/* Drop a reference; frees an order-0 page with the last one.  Reserved pages stay. */
void put_page(struct page *page);

#endif
