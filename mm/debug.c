/* SPDX-License-Identifier: MIT */
/* Accounting and checks: contracts in mm/debug.h. */
#include <kernel/printk.h>
#include "internal.h"

/* ---- the accounting identity ------------------------------------------------------- */

static unsigned long *part(struct page_accounting *a, enum page_type type)
{
	switch (type) {
	case PGT_FREE:		return &a->free;
	case PGT_ANON:		return &a->anon;
	case PGT_FILE:		return &a->file;
	case PGT_SLAB:		return &a->slab;
	case PGT_TABLE:		return &a->table;
	case PGT_VMALLOC:	return &a->vmalloc;
	case PGT_RESERVED:	return &a->reserved;
	default:		return &a->kernel;
	}
}

void account_pages(struct page_accounting *a)
{
	unsigned long flags = local_irq_save();
	enum page_type type;
	struct zone *zone;

	*a = (struct page_accounting){ .free = nr_free_pages() };
	for (type = PGT_KERNEL; type < PGT_FREE; type++)
		*part(a, type) += page_type_count[type];
	for (zone = zones; zone < zones + MAX_NR_ZONES; zone++)
		a->total += zone->present_pages;
	local_irq_restore(flags);
}

/* A free page inside a block: nobody may refer to it, and it starts no block itself. */
static bool is_inner_free_page(const struct page *page)
{
	return (page->flags & ~ZONE_BITS_MASK) == (unsigned long)PGT_FREE << PGT_SHIFT &&
	       !page->_refcount && !page->_mapcount;
}

/* How many of the pages of this free block contradict that; *n is its size. */
static unsigned long check_free_block(const struct page *page, unsigned long *n)
{
	unsigned long i, bad = 0;

	if (PageHot(page)) {
		*n = 1;
		return page->_refcount || page->_mapcount || PageBuddy(page);
	}
	if (!PageBuddy(page) || page->private >= MAX_ORDER) {
		*n = 1;
		return 1;
	}
	*n = 1ul << page->private;
	for (i = 1; i < *n; i++)
		bad += !is_inner_free_page(page + i);
	return bad + (page->_refcount || page->_mapcount || page_to_pfn(page) & (*n - 1));
}

static unsigned long recount_range(struct page_accounting *a, const struct memmap_range *r,
				   unsigned long *bad_pfn)
{
	unsigned long pfn, n, bad = 0, wrong;
	const struct page *page;
	enum page_type type;

	for (pfn = r->start_pfn; pfn < r->end_pfn; pfn += n) {
		page = pfn_to_page(pfn);
		type = page_type(page);
		n = 1;
		if (type == PGT_ABSENT)
			continue;
		wrong = type >= NR_PAGE_TYPES;
		if (type == PGT_FREE)
			wrong = check_free_block(page, &n);
		if (wrong && !bad)
			*bad_pfn = pfn;
		bad += wrong;
		*part(a, type) += n;
		a->total += n;
	}
	return bad;
}

unsigned long recount_pages(struct page_accounting *a, unsigned long *bad_pfn)
{
	unsigned long flags = local_irq_save(), bad = 0, first = 0, n;
	const struct memmap_range *r;

	*a = (struct page_accounting){ 0 };
	for_each_memmap_range(r) {
		n = recount_range(a, r, &first);
		if (n && !bad && bad_pfn)
			*bad_pfn = first;
		bad += n;
	}
	local_irq_restore(flags);
	return bad;
}

static unsigned long sum_of_parts(const struct page_accounting *a)
{
	return a->free + a->anon + a->file + a->slab + a->table + a->vmalloc + a->kernel +
	       a->reserved;
}

bool accounting_identity(const struct page_accounting *counted,
			 const struct page_accounting *scanned)
{
	return sum_of_parts(counted) == counted->total &&
	       sum_of_parts(scanned) == scanned->total &&
	       counted->free == scanned->free && counted->anon == scanned->anon &&
	       counted->file == scanned->file && counted->slab == scanned->slab &&
	       counted->table == scanned->table && counted->vmalloc == scanned->vmalloc &&
	       counted->kernel == scanned->kernel && counted->reserved == scanned->reserved &&
	       counted->total == scanned->total;
}

/* ---- free lists -------------------------------------------------------------------- */

static const char *check_block(const struct zone *zone, const struct page *page,
			       unsigned int order)
{
	unsigned long pfn = page_to_pfn(page), n = 1ul << order;
	const struct page *buddy = page + ((pfn ^ n) - pfn);

	if (page->lru.next->prev != &page->lru || page->lru.prev->next != &page->lru)
		return "broken list";
	if (page_type(page) != PGT_FREE || !PageBuddy(page) || page->private != order)
		return "block not marked as free, or of another order";
	if (pfn & (n - 1))
		return "block not aligned to its size";
	if (page_zone(page) != zone || pfn < zone->start_pfn || pfn + n > zone->end_pfn)
		return "block of another zone";
	if (order < MAX_ORDER - 1 && page_zone(buddy) == zone &&
	    page_type(buddy) == PGT_FREE && PageBuddy(buddy) && buddy->private == order)
		return "two free buddies not merged";
	return NULL;
}

static const char *check_zone(const struct zone *zone)
{
	unsigned long blocks, pages = 0;
	const struct page *page;
	unsigned int order;
	const char *wrong;

	for (order = 0; order < MAX_ORDER; order++) {
		blocks = 0;
		list_for_each_entry(page, &zone->free_area[order].list, lru) {
			wrong = check_block(zone, page, order);
			if (wrong)
				return wrong;
			blocks++;
		}
		if (blocks != zone->free_area[order].nr_free)
			return "wrong count of blocks";
		pages += blocks << order;
	}
	blocks = 0;
	for (page = zone->hot; page; page = page->next_free) {
		if (page_type(page) != PGT_FREE || !PageHot(page) || page_zone(page) != zone)
			return "hot page not marked as such, or of another zone";
		if (++blocks > zone->nr_hot)
			break;
	}
	if (blocks != zone->nr_hot)
		return "wrong count of hot pages";
	return pages + blocks == zone->free_pages ? NULL : "wrong count of free pages";
}

const char *check_free_lists(void)
{
	unsigned long flags = local_irq_save();
	const char *wrong = NULL;
	struct zone *zone;

	for (zone = zones; zone < zones + MAX_NR_ZONES && !wrong; zone++)
		wrong = check_zone(zone);
	local_irq_restore(flags);
	return wrong;
}

/* ---- report ------------------------------------------------------------------------ */

static unsigned long kib(unsigned long pages)
{
	return pages << (PAGE_SHIFT - 10);
}

static void show_zone(const struct zone *zone)
{
	unsigned int order;

	pr_info("%-7s %#lx-%#lx: %lu of %lu KiB free, watermarks %lu/%lu/%lu KiB\n",
		zone->name, zone->start_pfn, zone->end_pfn, kib(zone->free_pages),
		kib(zone->managed_pages), kib(zone->pages_min), kib(zone->pages_low),
		kib(zone->pages_high));
	pr_info("%-7s blocks of 4 KiB .. 4 MiB:", "");
	for (order = 0; order < MAX_ORDER; order++)
		pr_cont(" %lu", zone->free_area[order].nr_free);
	pr_cont("; %lu hot pages\n", zone->nr_hot);
}

void show_mem(void)
{
	struct page_accounting a;
	struct zone *zone;

	account_pages(&a);
	for (zone = zones; zone < zones + MAX_NR_ZONES; zone++)
		if (zone->present_pages)
			show_zone(zone);
	pr_info("memory in KiB: %lu total, %lu free, %lu anon, %lu file, %lu slab, %lu table, "
		"%lu vmalloc, %lu kernel, %lu reserved\n",
		kib(a.total), kib(a.free), kib(a.anon), kib(a.file), kib(a.slab), kib(a.table),
		kib(a.vmalloc), kib(a.kernel), kib(a.reserved));
}
