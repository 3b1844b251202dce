/* SPDX-License-Identifier: MIT */
/* PMM rows: boot memory, descriptors, zones, buddy, accounting. */
#include <asm/setup.h>
#include <asm/tlbflush.h>
#include <kernel/extable.h>
#include <kernel/printk.h>
#include <kernel/random.h>
#include <kernel/softlockup.h>
#include <mm/bootmem.h>
#include <mm/mm.h>
#include <test/row.h>

#include "walk.h"

/* ---- P1: bootmem ------------------------------------------------------------------- */

struct p1 {
	unsigned long tables, in_image, not_logged, not_reserved, high;
	u64 last[4];
};

static void p1_table(struct p1 *p, u64 pa)
{
	unsigned long pfn = PFN_DOWN(pa);

	p->tables++;
	p->in_image += pa >= phys_base && pa < phys_base + (unsigned long)(_end - _head);
	p->high += pfn >= max_low_pfn;
	if (!pfn_valid(pfn))
		return;
	/* Tables made after boot come from the buddy system and say so. */
	if (PageTable(pfn_to_page(pfn)))
		return;
	p->not_logged += !bootmem_log_has(NULL, pfn);
	p->not_reserved += !PageReserved(pfn_to_page(pfn));
}

/* Each page table once: the walk visits leaves in order, so a new table is a new address. */
static void p1_leaf(unsigned long va, const struct walk *w, void *arg)
{
	struct p1 *p = arg;
	unsigned level;

	for (level = 1; level < w->depth; level++) {
		if (p->last[level] == w->table[level])
			continue;
		p->last[level] = w->table[level];
		p1_table(p, w->table[level]);
	}
}

static void p1_bootmem(struct row *r)
{
	const struct bootmem_log *log = &bootmem_log;
	struct p1 p = { 0 };
	unsigned long pages = 0, pfn, in_use = 0;
	unsigned i;

	for (i = 0; i < log->used; i++)
		pages += log->entry[i].pages;
	row_eq(r, log->lost, 0, "allocations that the log has no room for");
	row_eq(r, pages, log->pages, "pages in the log");
	walk_leaves(PAGE_OFFSET, ~0ul, p1_leaf, &p);
	row_eq(r, p.in_image, 0, "page tables inside the image");
	row_eq(r, p.not_logged, 0, "page tables that are neither in the boot log nor from the buddy system");
	row_eq(r, p.not_reserved, 0, "boot page tables that are not reserved");
	row_eq(r, p.high, 0, "page tables above max_low_pfn");
	row_ok(r, bootmem_retired(), "bootmem has not retired");
	for (pfn = log->map_pfn; pfn < log->map_pfn + log->map_pages; pfn++)
		in_use += PageReserved(pfn_to_page(pfn));
	row_eq(r, in_use, 0, "pages of the boot bitmap that are still reserved");
	row_info(r, "%lu calls, %lu pages, %lu tables, %lu bitmap pages freed", log->calls,
		 log->pages, p.tables, log->map_pages);
}
ROW(P1, "boot memory: every table from it and in its log; it retires and frees its bitmap",
    p1_bootmem);

/* ---- P2: mem_map ------------------------------------------------------------------- */

static void p2_mem_map(struct row *r)
{
	unsigned long pfn, frames = 0, broken = 0, wrong_zone = 0, sum = 0, bad_pfn = 0;
	struct page_accounting counted, scanned;
	const struct memmap_range *range;
	struct zone *zone;

	for_each_memmap_range(range) {
		for (pfn = range->start_pfn; pfn < range->end_pfn; pfn++) {
			frames++;
			broken += page_to_pfn(pfn_to_page(pfn)) != pfn;
			zone = page_zone(pfn_to_page(pfn));
			if (page_type(pfn_to_page(pfn)) != PGT_ABSENT)
				wrong_zone += pfn < zone->start_pfn || pfn >= zone->end_pfn;
		}
	}
	row_eq(r, broken, 0, "frames whose descriptor leads to another frame");
	row_eq(r, wrong_zone, 0, "descriptors with the wrong zone");
	account_pages(&counted);
	row_eq(r, recount_pages(&scanned, &bad_pfn), 0, "descriptors in an impossible state (first: frame %#lx)", bad_pfn);
	sum = scanned.free + scanned.anon + scanned.file + scanned.slab + scanned.table +
	      scanned.vmalloc + scanned.kernel + scanned.reserved;
	row_eq(r, sum, scanned.total, "sum of all states");
	row_eq(r, counted.total, scanned.total, "frames by counters and by scan");
	row_eq(r, sizeof(struct page) <= (BITS_PER_LONG == 64 ? 64 : 32), 1, "size of a descriptor");
	row_info(r, "%lu descriptors of %lu bytes", frames, (unsigned long)sizeof(struct page));
}
ROW(P2, "a descriptor for every frame; the sum by state is the total", p2_mem_map);

/* ---- P3: zones --------------------------------------------------------------------- */

#define P3_KERNEL_ALLOCATIONS 100000

/* Drain zone z by requests that prefer it; the pages are chained through their contents. */
static unsigned long drain_zone(struct zone *zone, gfp_t gfp, struct list_head *held,
				unsigned long *wrong)
{
	unsigned long n = 0;
	struct page *page;

	while ((page = alloc_pages(gfp | __GFP_THISZONE | __GFP_NOWARN | __GFP_HIGH, 0)) != NULL) {
		*wrong += page_zone(page) != zone;
		list_add(&page->lru, held);
		n++;
	}
	return n;
}

static void free_list(struct list_head *held)
{
	struct page *page, *next;

	list_for_each_entry_safe(page, next, held, lru) {
		list_del(&page->lru);
		__free_pages(page, 0);
	}
}

static void p3_low_requests(struct row *r)
{
	unsigned long i, high = 0;
	LIST_HEAD(held);
	struct page *page;

	for (i = 0; i < P3_KERNEL_ALLOCATIONS; i++) {
		page = alloc_pages(GFP_KERNEL | __GFP_NOWARN, 0);
		if (!page) {
			free_list(&held);
			continue;
		}
		high += page_to_pfn(page) >= max_low_pfn;
		list_add(&page->lru, &held);
	}
	free_list(&held);
	row_eq(r, high, 0, "kernel allocations that got a high frame");
}

static void p3_zones(struct row *r)
{
	static const gfp_t prefers[MAX_NR_ZONES] = { GFP_DMA, GFP_DMA32, GFP_KERNEL, GFP_HIGHUSER };
	enum zone_type top = ZONE_HIGHMEM;
	unsigned long wrong = 0, drained, fallbacks;
	bool may_fall_back;
	LIST_HEAD(held);
	struct page *page;
	struct zone *next;

	while (top > ZONE_DMA && !zones[top].managed_pages)
		top--;
	next = &zones[top];
	do
		next--;
	while (next > zones && !next->managed_pages);
	drained = drain_zone(&zones[top], prefers[top], &held, &wrong);
	row_eq(r, wrong, 0, "frames of another zone while draining %s", zones[top].name);
	row_eq(r, zones[top].free_pages, zones[top].pages_min / 2,
	       "free pages of %s when only the atomic reserve is left", zones[top].name);
	if (next->managed_pages && next != &zones[top]) {
		may_fall_back = next->free_pages >
				(next->pages_min + next->lowmem_reserve[top]) / 2;
		fallbacks = next->nr_fallback;
		page = alloc_pages(prefers[top] | __GFP_HIGH | __GFP_NOWARN, 0);
		row_eq(r, page != NULL, may_fall_back, "a page from %s when %s is empty", next->name,
		       zones[top].name);
		row_eq(r, next->nr_fallback, fallbacks + may_fall_back, "fallbacks counted by %s",
		       next->name);
		if (page) {
			row_eq(r, page_zonenum(page), next - zones, "zone of the next page");
			__free_pages(page, 0);
		}
	}
	free_list(&held);
	p3_low_requests(r);
	row_eq(r, zones[ZONE_DMA].start_pfn, 0, "start of zone DMA");
	row_eq(r, zones[ZONE_HIGHMEM].managed_pages != 0, max_pfn > max_low_pfn, "high memory");
	row_info(r, "%lu pages drained from %s, then %s", drained, zones[top].name, next->name);
}
ROW(P3, "zones and fallback; a kernel request never gets a high frame", p3_zones);

/* ---- P4: buddy --------------------------------------------------------------------- */

#define P4_OPERATIONS	1000000
#define P4_BLOCKS	512

struct p4_block {
	struct page *page;
	unsigned order;
	u32 pattern;
};

/* The first and last word of each page of the block. */
static void p4_fill(const struct p4_block *b)
{
	unsigned long i;
	u32 *p;

	for (i = 0; i < 1ul << b->order; i++) {
		p = kmap_local_page(b->page + i);
		p[0] = b->pattern + i;
		p[PAGE_SIZE / 4 - 1] = ~(b->pattern + i);
		kunmap_local(p);
	}
}

static bool p4_intact(const struct p4_block *b)
{
	bool ok = true;
	unsigned long i;
	u32 *p;

	for (i = 0; i < 1ul << b->order; i++) {
		p = kmap_local_page(b->page + i);
		ok &= p[0] == (u32)(b->pattern + i) &&
		      p[PAGE_SIZE / 4 - 1] == ~(u32)(b->pattern + i);
		kunmap_local(p);
	}
	return ok;
}

static void p4_count(unsigned long *n)
{
	unsigned z, o;

	drain_hot_pages();
	for (z = 0; z < MAX_NR_ZONES; z++)
		for (o = 0; o < MAX_ORDER; o++)
			n[z * MAX_ORDER + o] = zones[z].free_area[o].nr_free;
}

static void p4_buddy(struct row *r)
{
	static struct p4_block block[P4_BLOCKS];
	unsigned long before[MAX_NR_ZONES * MAX_ORDER], after[MAX_NR_ZONES * MAX_ORDER];
	unsigned long i, damaged = 0, failed = 0, misaligned = 0, differ = 0;
	const char *broken;
	struct p4_block *b;
	struct rnd rnd;
	gfp_t gfp;

	rnd_seed(&rnd, 4);
	p4_count(before);
	for (i = 0; i < P4_OPERATIONS; i++) {
		/* No cond_resched(): who runs then may change the lists. */
		if (i % 1000 == 0)
			touch_softlockup_watchdog();
		b = &block[rnd_below(&rnd, P4_BLOCKS)];
		if (b->page) {
			damaged += !p4_intact(b);
			__free_pages(b->page, b->order);
			b->page = NULL;
			continue;
		}
		/* Small blocks are common, the largest one in a thousand. */
		b->order = __builtin_ctz(rnd_u32(&rnd) | 1u << (MAX_ORDER - 1));
		b->pattern = rnd_u32(&rnd);
		/* A quarter from high memory: every kmap there costs a flush. */
		gfp = rnd_u32(&rnd) & 3 ? GFP_KERNEL : GFP_HIGHUSER;
		b->page = alloc_pages(gfp | __GFP_NOWARN, b->order);
		if (!b->page) {
			failed++;
			continue;
		}
		misaligned += page_to_pfn(b->page) & ((1ul << b->order) - 1);
		p4_fill(b);
	}
	for (b = block; b < block + P4_BLOCKS; b++) {
		if (b->page)
			__free_pages(b->page, b->order);
		b->page = NULL;
	}
	p4_count(after);
	for (i = 0; i < ARRAY_SIZE(before); i++)
		differ += before[i] != after[i];
	row_eq(r, damaged, 0, "blocks whose pattern was overwritten");
	row_eq(r, misaligned, 0, "blocks that are not aligned to their size");
	row_eq(r, differ, 0, "free lists (zone, order) that did not return to their length");
	broken = check_free_lists();
	row_ok(r, !broken, "free lists: %s", broken ? broken : "");
	row_info(r, "%d operations, %lu allocations found no block", P4_OPERATIONS, failed);
}
ROW(P4, "buddy allocator: random use with patterns; all free lists return to their length",
    p4_buddy);

/* ---- P8: accounting ---------------------------------------------------------------- */

static void p8_step(struct row *r, const char *step)
{
	struct page_accounting counted, scanned;
	unsigned long bad_pfn = 0;

	account_pages(&counted);
	row_eq(r, recount_pages(&scanned, &bad_pfn), 0, "%s: bad descriptors (first %#lx)", step, bad_pfn);
	row_ok(r, accounting_identity(&counted, &scanned),
	       "%s: counters say free %lu slab %lu table %lu vmalloc %lu kernel %lu, a scan %lu %lu %lu %lu %lu",
	       step, counted.free, counted.slab, counted.table, counted.vmalloc, counted.kernel,
	       scanned.free, scanned.slab, scanned.table, scanned.vmalloc, scanned.kernel);
}

static void p8_identity(struct row *r)
{
	struct page_accounting before, now;
	struct page *page;
	void *area, *object;

	p8_step(r, "at the start");
	account_pages(&before);
	page = alloc_pages(GFP_HIGHUSER, 3);
	p8_step(r, "after 8 pages");
	account_pages(&now);
	row_eq(r, now.kernel, before.kernel + 8, "pages of type kernel");
	row_eq(r, now.free, before.free - 8, "free pages");
	if (page)
		__free_pages(page, 3);
	area = vmalloc(37 * PAGE_SIZE);
	p8_step(r, "after vmalloc of 37 pages");
	account_pages(&now);
	row_eq(r, now.vmalloc, before.vmalloc + 37, "pages of type vmalloc");
	vfree(area);
	vm_unmap_aliases();
	object = kmalloc(3000, GFP_KERNEL);
	p8_step(r, "after kmalloc");
	kfree(object);
	p8_step(r, "at the end");
	row_info(r, "%lu frames: %lu free, %lu reserved, %lu kernel, %lu slab, %lu table", now.total,
		 now.free, now.reserved, now.kernel, now.slab, now.table);
}
ROW(P8, "accounting identity holds after every step, by counters and by scan", p8_identity);
