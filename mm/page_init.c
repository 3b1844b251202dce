/* SPDX-License-Identifier: MIT */
/*
 * The making of zones and of mem_map.  Contracts: mm/mmzone.h.
 *
 * These loops run over every frame of the machine, so they are counted: about nine
 * instructions to make a descriptor, three to give its frame to the buddy system.
 */
#include <kernel/bitops.h>
#include <kernel/printk.h>
#include "internal.h"

struct zone zones[MAX_NR_ZONES];
unsigned long totalram_pages;
struct memmap_range memmap_ranges[MAX_MEMMAP_RANGES];
unsigned int nr_memmap_ranges;
unsigned long page_type_count[NR_PAGE_TYPES];
u8 gfp_zone_table[8];

/* A request that zone j serves for a higher zone leaves 1/ratio of that zone's size. */
static const unsigned int lowmem_reserve_ratio[MAX_NR_ZONES] = { 256, 256, 32, 1 };

static void init_zone(struct zone *zone, const char *name, unsigned long start,
		      unsigned long end)
{
	unsigned int order, list;

	zone->name = name;
	zone->first = zone;
	zone->start_pfn = start;
	zone->end_pfn = end;
	spin_lock_init(&zone->lock);
	for (order = 0; order < MAX_ORDER; order++)
		INIT_LIST_HEAD(&zone->free_area[order].list);
	for (list = 0; list < NR_LRU_LISTS; list++) {
		INIT_LIST_HEAD(&zone->lru[list]);
		zone->nr_lru[list] = 0;
	}
}

void __init free_area_init(const unsigned long max_zone_pfn[MAX_NR_ZONES])
{
	static const char *const names[MAX_NR_ZONES] = { "DMA", "DMA32", "Normal", "HighMem" };
	unsigned long start = 0, end;
	unsigned int z;

	for (z = 0; z < MAX_NR_ZONES; z++) {
		end = max(start, max_zone_pfn[z]);
		init_zone(&zones[z], names[z], start, end);
		start = end;
	}
	/* Where no zone ends at 4 GiB, all of NORMAL lies below. */
	z = zones[ZONE_DMA32].start_pfn == zones[ZONE_DMA32].end_pfn ? ZONE_NORMAL : ZONE_DMA32;
	gfp_zone_table[0] = ZONE_NORMAL;
	gfp_zone_table[__GFP_DMA32] = z;
	gfp_zone_table[__GFP_HIGHMEM] = ZONE_HIGHMEM;
	gfp_zone_table[__GFP_HIGHMEM | __GFP_DMA32] = z;
}

/* A zone has got its first pages: where do requests begin to look? */
static void update_first_zones(void)
{
	struct zone *zone;

	for (zone = zones; zone < zones + MAX_NR_ZONES; zone++)
		zone->first = zone->managed_pages || zone == zones ? zone : zone[-1].first;
}

/* Remember that [start, end) has descriptors.  False: too many pieces. */
static bool __init add_memmap_range(unsigned long start, unsigned long end)
{
	struct memmap_range *last = &memmap_ranges[nr_memmap_ranges];

	if (nr_memmap_ranges && last[-1].end_pfn == start) {
		last[-1].end_pfn = end;
		return true;
	}
	BUG_ON(nr_memmap_ranges && last[-1].end_pfn > start);
	if (nr_memmap_ranges == MAX_MEMMAP_RANGES)
		return false;
	last->start_pfn = start;
	last->end_pfn = end;
	nr_memmap_ranges++;
	return true;
}

static inline void init_page(struct page *page, unsigned long flags)
{
	page->flags = flags;
	page->_refcount = 1;
	page->_mapcount = 0;
	page->mapping = NULL;
	page->index = 0;
	page->lru.next = NULL;
	page->lru.prev = NULL;
	page->private = 0;
}

static void __init init_pages(struct page *page, unsigned long n, unsigned long flags)
{
	struct page *end = page + n;

	for (; n >= 4; n -= 4, page += 4) {
		init_page(page, flags);
		init_page(page + 1, flags);
		init_page(page + 2, flags);
		init_page(page + 3, flags);
	}
	for (; page < end; page++)
		init_page(page, flags);
}

void __init memmap_init_range(unsigned long start_pfn, unsigned long end_pfn, bool present)
{
	enum page_type type = present ? PGT_RESERVED : PGT_ABSENT;
	unsigned long first, end;
	struct zone *zone;

	if (start_pfn >= end_pfn)
		return;
	if (!add_memmap_range(start_pfn, end_pfn)) {
		pr_warn("mem_map: too many pieces, frames %#lx to %#lx stay unused\n",
			start_pfn, end_pfn - 1);
		return;
	}
	page_type_count[type] += end_pfn - start_pfn;
	for (zone = zones; zone < zones + MAX_NR_ZONES; zone++) {
		first = max(start_pfn, zone->start_pfn);
		end = min(end_pfn, zone->end_pfn);
		if (first >= end)
			continue;
		if (present)
			zone->present_pages += end - first;
		init_pages(pfn_to_page(first), end - first,
			   (unsigned long)type << PGT_SHIFT |
			   (unsigned long)(zone - zones) << ZONE_SHIFT);
	}
	/* Descriptors beyond the last zone fill its last block: never RAM. */
	first = max(start_pfn, zones[ZONE_HIGHMEM].end_pfn);
	if (first < end_pfn) {
		BUG_ON(present);
		init_pages(pfn_to_page(first), end_pfn - first,
			   (unsigned long)type << PGT_SHIFT | ZONE_BITS_MASK);
	}
}

bool pfn_valid(unsigned long pfn)
{
	unsigned int low = 0, high = nr_memmap_ranges, mid;

	while (low < high) {
		mid = (low + high) / 2;
		if (pfn >= memmap_ranges[mid].end_pfn)
			low = mid + 1;
		else
			high = mid;
	}
	return low < nr_memmap_ranges && pfn >= memmap_ranges[low].start_pfn;
}

bool is_ram(u64 phys, u64 size)
{
	u64 pfn, end = (phys + size - 1) >> PAGE_SHIFT;
	unsigned int type;

	for (pfn = phys >> PAGE_SHIFT; pfn <= end && pfn < max_pfn; pfn++) {
		if (!pfn_valid((unsigned long)pfn))
			continue;
		type = page_type(pfn_to_page((unsigned long)pfn));
		if (type != PGT_RESERVED && type != PGT_ABSENT)
			return true;
	}
	return false;
}

/* Reserved becomes free; the first and the last descriptor of the run are checked. */
static void mark_free(struct page *page, unsigned long n)
{
	unsigned long flags = (page->flags & ZONE_BITS_MASK) |
			      (unsigned long)PGT_FREE << PGT_SHIFT;
	struct page *end = page + n;

	if (!PageReserved(page))
		bad_page(page, "given to the allocator, but not reserved");
	if (!PageReserved(end - 1))
		bad_page(end - 1, "given to the allocator, but not reserved");
	for (; n >= 4; n -= 4, page += 4) {
		page[0].flags = flags;
		page[0]._refcount = 0;
		page[1].flags = flags;
		page[1]._refcount = 0;
		page[2].flags = flags;
		page[2]._refcount = 0;
		page[3].flags = flags;
		page[3]._refcount = 0;
	}
	for (; page < end; page++) {
		page->flags = flags;
		page->_refcount = 0;
	}
}

/* [pfn, end) lies in one zone. */
static void free_range_in_zone(struct zone *zone, unsigned long pfn, unsigned long end)
{
	unsigned long flags = spin_lock_irqsave(&zone->lock);
	unsigned int order;

	zone->managed_pages += end - pfn;
	totalram_pages += end - pfn;
	update_first_zones();
	zone->free_pages += end - pfn;
	page_type_count[PGT_RESERVED] -= end - pfn;
	for (; pfn < end; pfn += 1ul << order) {
		order = min_t(unsigned int, __ffs(pfn), MAX_ORDER - 1);
		order = min_t(unsigned int, order, __fls(end - pfn));
		mark_free(pfn_to_page(pfn), 1ul << order);
		buddy_add_block(zone, pfn_to_page(pfn), order);
	}
	spin_unlock_irqrestore(&zone->lock, flags);
}

/* [pfn, end) has descriptors. */
static void free_valid_range(unsigned long pfn, unsigned long end)
{
	struct zone *zone;
	unsigned long stop;

	for (zone = zones; zone < zones + MAX_NR_ZONES && pfn < end; zone++) {
		stop = min(end, zone->end_pfn);
		if (pfn >= stop)
			continue;
		free_range_in_zone(zone, pfn, stop);
		pfn = stop;
	}
}

void free_pages_bulk_range(unsigned long start_pfn, unsigned long end_pfn)
{
	unsigned long first, end, done = 0;
	const struct memmap_range *r;

	if (start_pfn >= end_pfn)
		return;
	if (start_pfn == 0)
		panic("frame 0 must never be free: its number means \"none\"");
	for_each_memmap_range(r) {
		first = max(start_pfn, r->start_pfn);
		end = min(end_pfn, r->end_pfn);
		if (first >= end)
			continue;
		free_valid_range(first, end);
		done += end - first;
	}
	if (done != end_pfn - start_pfn)
		pr_warn("mem_map: %lu of the frames %#lx to %#lx have no descriptor\n",
			end_pfn - start_pfn - done, start_pfn, end_pfn - 1);
}

/* What zone j keeps back from requests for zone i: a share of the zones between. */
static void __init init_lowmem_reserve(unsigned int j)
{
	unsigned long pages = 0;
	unsigned int i;

	for (i = 0; i <= j; i++)
		zones[j].lowmem_reserve[i] = 0;
	for (i = j + 1; i < MAX_NR_ZONES; i++) {
		pages += zones[i].managed_pages;
		zones[j].lowmem_reserve[i] = pages / lowmem_reserve_ratio[j];
	}
}

static void set_marks(struct zone *zone, unsigned long pages)
{
	zone->pages_min = pages;
	zone->pages_low = pages + pages / 4;
	zone->pages_high = pages + pages / 2;
}

unsigned long min_free_pages(void)
{
	unsigned long pages = 0;
	unsigned int z;

	for (z = 0; z < MAX_NR_ZONES; z++)
		pages += zones[z].pages_min;
	return pages;
}

void set_min_free_pages(unsigned long pages)
{
	unsigned long managed, share;
	unsigned int z;

	for (z = 0; z < MAX_NR_ZONES; z++) {
		managed = zones[z].managed_pages;
		share = (unsigned long)((u64)pages * managed / totalram_pages);
		set_marks(&zones[z], min(managed / 4, share));
	}
}

void __init page_alloc_init(void)
{
	const struct memmap_range *r;
	struct zone *zone;
	unsigned int z;

	for_each_memmap_range(r)
		if ((r->start_pfn | r->end_pfn) % MAX_ORDER_NR_PAGES)
			panic("mem_map: frames %#lx to %#lx are not whole blocks of %lu",
			      r->start_pfn, r->end_pfn - 1, MAX_ORDER_NR_PAGES);
	for (z = 0; z < MAX_NR_ZONES; z++) {
		zone = &zones[z];
		set_marks(zone, min(zone->managed_pages / 256, 1024ul));
		init_lowmem_reserve(z);
	}
}
