/* SPDX-License-Identifier: MIT */
/*
 * Zones, and the making of mem_map (mm/page_init.c).
 *
 * A zone is a range of frames that are equally good for a purpose.  All four exist in
 * both modes; those that a machine has no use for are empty:
 *
 *	DMA	below 16 MiB
 *	DMA32	below 4 GiB (4-level mode; under two levels that is all of NORMAL)
 *	NORMAL	the rest of what is directly mapped
 *	HIGHMEM	above the direct map: reached through kmap slots (mm/highmem.h)
 *
 * Order at boot: free_area_init(), memmap_init_range() for each range, free_all_bootmem(),
 * free_pages_bulk_range() for RAM that bootmem did not manage, page_alloc_init().
 */
#ifndef MM_MMZONE_H
#define MM_MMZONE_H

#include <kernel/lock.h>
#include <mm/mm_types.h>
#include <mm/page_flags.h>

#define MAX_ORDER		11	/* the largest block has 2^10 pages: 4 MiB */
#define MAX_ORDER_NR_PAGES	(1ul << (MAX_ORDER - 1))

enum zone_type {
	ZONE_DMA,
	ZONE_DMA32,
	ZONE_NORMAL,
	ZONE_HIGHMEM,
	MAX_NR_ZONES
};
static_assert(ZONE_HIGHMEM == 3 && MAX_NR_ZONES == 4, "PageHighMem() and ZONE_SHIFT");

struct free_area {
	struct list_head list;		/* free blocks, by page->lru of the first page */
	unsigned long nr_free;		/* blocks */
};

/* The pages of a zone that programs and files use, by what reclaim thinks of them (mm/swap.h). */
enum lru_list {
	LRU_INACTIVE_ANON,
	LRU_ACTIVE_ANON,
	LRU_INACTIVE_FILE,
	LRU_ACTIVE_FILE,
	LRU_UNEVICTABLE,
	NR_LRU_LISTS
};
#define LRU_ACTIVE	1	/* from an inactive list to its active one */
#define LRU_FILE	2	/* from a list of anonymous pages to that of files */

/* All counts are in pages unless they say otherwise. */
struct zone {
	const char *name;
	unsigned long start_pfn;
	unsigned long end_pfn;		/* start_pfn == end_pfn: empty */
	unsigned long present_pages;	/* RAM, reserved or not */
	unsigned long managed_pages;	/* ever given to the buddy system */
	unsigned long free_pages;
	unsigned long pages_min;	/* only atomic allocations go below */
	unsigned long pages_low;	/* below: background reclaim starts */
	unsigned long pages_high;	/* above: background reclaim stops */
	struct zone *first;		/* itself or the next lower one that is not empty */
	/* Kept back from requests that a higher zone i could have served. */
	unsigned long lowmem_reserve[MAX_NR_ZONES];
	struct free_area free_area[MAX_ORDER];
	struct list_head lru[NR_LRU_LISTS];	/* most recent first; by page->lru */
	unsigned long nr_lru[NR_LRU_LISTS];
	struct page *hot;		/* single free pages, used last, by next_free */
	unsigned long nr_hot;		/* they are part of free_pages */
	spinlock_t lock;		/* free lists and counts */
	unsigned long nr_alloc;		/* successful allocations, of any order */
	unsigned long nr_freed;		/* calls */
	unsigned long nr_fallback;	/* of nr_alloc: a higher, non-empty zone was preferred */
};

extern struct zone zones[MAX_NR_ZONES];
extern unsigned long totalram_pages;	/* managed pages of all zones */

static inline enum zone_type page_zonenum(const struct page *page)
{
	return (enum zone_type)((page->flags & ZONE_BITS_MASK) >> ZONE_SHIFT);
}

static inline struct zone *page_zone(const struct page *page)
{
	return &zones[page_zonenum(page)];
}

/* Free pages of all zones. */
unsigned long nr_free_pages(void);

/*
 * Define the zones: max_zone_pfn[z] is the end (exclusive) of zone z, which starts where
 * zone z - 1 ends; a value not above the previous one makes zone z empty.  Boot, once.
 */
void free_area_init(const unsigned long max_zone_pfn[MAX_NR_ZONES]);

/*
 * Make the descriptors of frames [start_pfn, end_pfn): reserved if `present`, absent
 * otherwise; the memory behind them must be mapped, and need not be zero.  Ranges come in
 * ascending order and do not overlap.  Taken together they must cover whole blocks of
 * MAX_ORDER_NR_PAGES frames, with absent ones where RAM ends inside a block: the
 * buddy system looks at a neighbour before it knows whether it is there.  Boot only.
 */
void memmap_init_range(unsigned long start_pfn, unsigned long end_pfn, bool present);

/*
 * Give reserved frames [start_pfn, end_pfn) to the buddy system, in blocks as large as
 * their alignment allows.  Frame 0 must not be among them.  At boot, and later for
 * memory that is no longer needed (initramfs, .init).  Frames without a descriptor are
 * left out with a warning; frames that are not reserved stop the machine.
 */
void free_pages_bulk_range(unsigned long start_pfn, unsigned long end_pfn);

/* Watermarks and reserves, from what the zones hold now.  Boot, after the last free. */
void page_alloc_init(void);

/* The ranges that have descriptors, ascending, adjacent ones merged. */
struct memmap_range {
	unsigned long start_pfn;
	unsigned long end_pfn;
};

#define MAX_MEMMAP_RANGES	256

extern struct memmap_range memmap_ranges[MAX_MEMMAP_RANGES];
extern unsigned int nr_memmap_ranges;

#define for_each_memmap_range(r) \
	for (r = memmap_ranges; r < memmap_ranges + nr_memmap_ranges; r++)

/* Is there a struct page for this frame? */
bool pfn_valid(unsigned long pfn);

/* Is any of it memory that is in use or free, not a hole or the firmware's? */
bool is_ram(u64 phys, u64 size);

/*
 * What only atomic requests may use, all zones together (pages_min; the other marks follow):
 * /proc/sys/vm/min_free_kbytes.  Each zone gives a share, at most a quarter of itself.
 */
unsigned long min_free_pages(void);
void set_min_free_pages(unsigned long pages);

#endif
