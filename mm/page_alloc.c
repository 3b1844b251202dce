/* SPDX-License-Identifier: MIT */
/*
 * The buddy system (Gorman chapter 6).  Contracts: mm/gfp.h.
 *
 * A free block of 2^order pages starts at a multiple of its size and lies in one zone; its
 * first descriptor has PG_buddy and the order in `private` and hangs in
 * free_area[order].  Two buddies are never both free: they are one larger block.
 * All descriptors of a free block say PGT_FREE and have no references.
 *
 * In front of the blocks each zone has a hot list of single free pages (PG_hot), because
 * cutting up a large block for one page and joining it again when that is freed costs ten
 * times as much as a push and a pop.  Hot pages are free in every count.
 *
 * A frame that is freed twice, or is in use by something else, is caught by its type: each
 * allocation finds PGT_FREE and each release finds something else, or the machine stops.
 *
 * Locks: zone->lock, taken last.  Interrupts may allocate and free.
 */
#include <kernel/printk.h>
#include <kernel/sched.h>
#include <kernel/trace.h>
#include "internal.h"

struct alloc_fail alloc_fail;
unsigned long (*reclaim_pages)(gfp_t gfp);
void (*wake_reclaim)(void);

void alloc_fail_arm(unsigned long countdown, unsigned long times)
{
	alloc_fail.countdown = countdown;
	alloc_fail.times = times;
	if (countdown)
		alloc_fail.failed = 0;
}

bool __alloc_should_fail(void)
{
	if (alloc_fail.countdown > 1) {
		alloc_fail.countdown--;
		return false;
	}
	if (alloc_fail.failed < alloc_fail.times) {
		alloc_fail.failed++;
		return true;
	}
	alloc_fail.countdown = 0;
	return false;
}

const char *page_type_name(enum page_type type)
{
	static const char *const names[NR_PAGE_TYPES] = {
		"kernel", "slab", "table", "vmalloc", "anon", "file", "reserved", "free",
		"absent",
	};

	return type < NR_PAGE_TYPES ? names[type] : "unknown";
}

void bad_page(const struct page *page, const char *why)
{
	panic("bad page, frame %#lx (%s): %s; flags %#lx, count %d, mapped %d, owner %p",
	      page_to_pfn(page), page_type_name(page_type(page)), why, page->flags,
	      page->_refcount, page->_mapcount, (void *)page->mapping);
}

void set_page_type(struct page *page, enum page_type type)
{
	enum page_type old = page_type(page);
	unsigned long flags;

	if (old >= PGT_RESERVED || type >= PGT_RESERVED)
		bad_page(page, "change of type");
	flags = local_irq_save();
	page_type_count[old]--;
	page_type_count[type]++;
	page->flags = (page->flags & ~PGT_MASK) | (unsigned long)type << PGT_SHIFT;
	local_irq_restore(flags);
}

unsigned long nr_free_pages(void)
{
	return zones[ZONE_DMA].free_pages + zones[ZONE_DMA32].free_pages +
	       zones[ZONE_NORMAL].free_pages + zones[ZONE_HIGHMEM].free_pages;
}

/* ---- free blocks ------------------------------------------------------------------- */

static inline void link_block(struct free_area *area, struct page *page, unsigned int order)
{
	page->flags |= 1ul << PG_buddy;
	page->private = order;
	list_add(&page->lru, &area->list);
	area->nr_free++;
}

static inline void unlink_block(struct free_area *area, struct page *page)
{
	page->flags &= ~(1ul << PG_buddy);
	list_del(&page->lru);
	area->nr_free--;
}

/* Is this descriptor the start of a free block of that order, in that zone? */
static inline bool is_free_buddy(const struct page *page, unsigned long zone_flags,
				 unsigned int order)
{
	return page->flags == (zone_flags | (unsigned long)PGT_FREE << PGT_SHIFT |
			       1ul << PG_buddy) && page->private == order;
}

/* The neighbour's descriptor exists, since mem_map comes in whole blocks. */
void buddy_add_block(struct zone *zone, struct page *page, unsigned int order)
{
	unsigned long zone_flags = (unsigned long)(zone - zones) << ZONE_SHIFT;
	unsigned long pfn = page_to_pfn(page);
	struct page *buddy;

	for (; order < MAX_ORDER - 1; order++) {
		buddy = page + ((pfn ^ 1ul << order) - pfn);
		if (!is_free_buddy(buddy, zone_flags, order))
			break;
		unlink_block(&zone->free_area[order], buddy);
		page = buddy < page ? buddy : page;
		pfn &= ~(1ul << order);
	}
	link_block(&zone->free_area[order], page, order);
}

/* Take a block of at least this order and give back what is too much; lowest first. */
static struct page *take_block(struct zone *zone, unsigned int order)
{
	struct free_area *area = &zone->free_area[order];
	unsigned int found = order;
	struct page *page;

	while (list_empty(&area->list)) {
		if (++found == MAX_ORDER)
			return NULL;
		area++;
	}
	page = list_first_entry(&area->list, struct page, lru);
	unlink_block(area, page);
	while (found > order) {
		found--;
		area--;
		link_block(area, page + (1ul << found), found);
	}
	zone->free_pages -= 1ul << order;
	return page;
}

/* ---- hot lists --------------------------------------------------------------------- */

#define HOT_ORDER	4		/* a refill takes one block of up to this order */
#define HOT_DRAIN	128		/* pages that leave a full list together */

unsigned long hot_pages_max = 512;

#define FREE_BITS	((unsigned long)PGT_FREE << PGT_SHIFT)
#define HOT_BITS	(FREE_BITS | 1ul << PG_hot)
#define RESERVED_BITS	((unsigned long)PGT_RESERVED << PGT_SHIFT)

static inline void push_hot(struct zone *zone, struct page *page)
{
	page->next_free = zone->hot;
	zone->hot = page;
	zone->nr_hot++;
}

/* The list is empty: cut up a block, the lowest page on top. */
static noinline void refill_hot(struct zone *zone)
{
	unsigned int order = HOT_ORDER;
	struct page *page, *p;

	for (;;) {
		page = take_block(zone, order);
		if (page)
			break;
		if (!order--)
			return;
	}
	zone->free_pages += 1ul << order;
	for (p = page + (1ul << order) - 1; p >= page; p--) {
		if (unlikely((p->flags & ~ZONE_BITS_MASK) != FREE_BITS || p->_refcount))
			bad_page(p, "on a free list, but not free");
		p->flags |= 1ul << PG_hot;
		push_hot(zone, p);
	}
}

/* Put n pages back into their blocks; the lock is held. */
static noinline void drain_hot(struct zone *zone, unsigned long n)
{
	struct page *page;

	for (; n && zone->hot; n--) {
		page = zone->hot;
		zone->hot = page->next_free;
		zone->nr_hot--;
		page->flags &= ~(1ul << PG_hot);
		buddy_add_block(zone, page, 0);
	}
}

void drain_hot_pages(void)
{
	struct zone *zone;
	unsigned long flags;

	for (zone = zones; zone < zones + MAX_NR_ZONES; zone++) {
		flags = spin_lock_irqsave(&zone->lock);
		drain_hot(zone, zone->nr_hot);
		spin_unlock_irqrestore(&zone->lock, flags);
	}
}

/* ---- allocation -------------------------------------------------------------------- */

/* Hand over one descriptor of a block: free, clean, and of the wanted type from now on. */
static inline void prepare_page(struct page *page, unsigned long type_bits)
{
	unsigned long flags = page->flags;

	if (unlikely((flags & ~ZONE_BITS_MASK) != (unsigned long)PGT_FREE << PGT_SHIFT ||
		     page->_refcount))
		bad_page(page, "on a free list, but not free");
	page->flags = (flags & ZONE_BITS_MASK) | type_bits;
	page->mapping = NULL;
	page->index = 0;
	page->private = 0;
}

static void prepare_block(struct page *page, gfp_t gfp, unsigned int order)
{
	unsigned long type_bits = gfp & PGT_MASK, n = 1ul << order, i;

	prepare_page(page, type_bits);
	page->_refcount = 1;
	for (i = 1; i < n; i++)
		prepare_page(page + i, type_bits);
}

static void clear_block(struct page *page, unsigned int order)
{
	struct page *end = page + (1ul << order);

	for (; page < end; page++)
		clear_highpage(page);
}

/* How far down a request may take a zone. */
enum mark {
	MARK_LOW,	/* first try: what is left lets everybody go on without a look */
	MARK_MIN	/* reclaim works in the background */
};

/* Below this many free pages a zone refuses a request from the class of `preferred`. */
static inline unsigned long zone_floor(const struct zone *zone, unsigned int preferred,
				       gfp_t gfp, enum mark mark)
{
	unsigned long pages = zone->lowmem_reserve[preferred];

	pages += mark == MARK_LOW ? zone->pages_low : zone->pages_min;
	return gfp & __GFP_HIGH ? pages / 2 : pages;
}

static struct page *alloc_from_zone(struct zone *zone, gfp_t gfp, unsigned int order,
				    bool fallback)
{
	unsigned long flags = spin_lock_irqsave(&zone->lock);
	struct page *page = take_block(zone, order);

	if (likely(page)) {
		page_type_count[(gfp & PGT_MASK) >> PGT_SHIFT] += 1ul << order;
		zone->nr_alloc++;
		zone->nr_fallback += fallback;
	}
	spin_unlock_irqrestore(&zone->lock, flags);
	return page;
}

/* Take the first page off the hot list, if there is one; the lock is held. */
static inline struct page *pop_hot(struct zone *zone, unsigned long type_bits)
{
	struct page *page = zone->hot;

	if (unlikely(!page))
		return NULL;
	zone->hot = page->next_free;
	zone->nr_hot--;
	zone->free_pages--;
	zone->nr_alloc++;
	page_type_count[type_bits >> PGT_SHIFT]++;
	return page;
}

/* Ready for use but for its contents. */
static inline struct page *prepare_hot(struct page *page, unsigned long type_bits)
{
	if (unlikely((page->flags & ~ZONE_BITS_MASK) != HOT_BITS || page->_refcount))
		bad_page(page, "on a hot list, but not free");
	page->flags = (page->flags & ZONE_BITS_MASK) | type_bits;
	page->_refcount = 1;
	page->mapping = NULL;
	page->index = 0;
	page->private = 0;
	return page;
}

static struct page *alloc_hot(struct zone *zone, gfp_t gfp, bool fallback)
{
	unsigned long type_bits = gfp & PGT_MASK, flags = spin_lock_irqsave(&zone->lock);
	struct page *page;

	if (!zone->hot)
		refill_hot(zone);
	page = pop_hot(zone, type_bits);
	zone->nr_fallback += page && fallback;
	spin_unlock_irqrestore(&zone->lock, flags);
	return page ? prepare_hot(page, type_bits) : NULL;
}

static struct page *take_from_zone(struct zone *zone, gfp_t gfp, unsigned int order,
				   bool fallback)
{
	struct page *page;

	if (likely(!order && hot_pages_max))
		return alloc_hot(zone, gfp, fallback);
	page = alloc_from_zone(zone, gfp, order, fallback);
	if (page)
		prepare_block(page, gfp, order);
	return page;
}

static struct page *get_block_above(gfp_t gfp, unsigned int order, enum mark mark)
{
	unsigned int preferred = gfp_zone_table[gfp & 7];
	struct zone *zone = gfp & __GFP_THISZONE ? &zones[preferred] : zones[preferred].first;
	bool fallback = false;
	struct page *page;

	for (;; zone--) {
		if (zone->free_pages >= zone_floor(zone, preferred, gfp, mark) + (1ul << order)) {
			page = take_from_zone(zone, gfp, order, fallback);
			if (likely(page))
				return page;
		}
		if (zone == zones || gfp & __GFP_THISZONE)
			return NULL;
		fallback |= zone->managed_pages != 0;
	}
}

/* Without reclaim there is no use in keeping a distance from pages_min. */
static noinline struct page *get_block(gfp_t gfp, unsigned int order)
{
	struct page *page;

	if (wake_reclaim) {
		page = get_block_above(gfp, order, MARK_LOW);
		if (page)
			return page;
		wake_reclaim();
	}
	return get_block_above(gfp, order, MARK_MIN);
}

/* A single page, as most requests are: it lies ready in the first zone. */
static inline struct page *get_single(gfp_t gfp)
{
	unsigned long type_bits = gfp & PGT_MASK, flags;
	unsigned int preferred = gfp_zone_table[gfp & 7];
	struct zone *zone = zones[preferred].first;
	struct page *page;

	if (unlikely(zone->free_pages <= zone_floor(zone, preferred, gfp, MARK_LOW) ||
		     gfp & __GFP_THISZONE))
		return get_block(gfp, 0);
	flags = spin_lock_irqsave(&zone->lock);
	page = pop_hot(zone, type_bits);
	spin_unlock_irqrestore(&zone->lock, flags);
	return likely(page) ? prepare_hot(page, type_bits) : get_block(gfp, 0);
}

/* Memory that the kernel itself holds back: areas waiting for a flush, unused objects. */
static bool reclaim_kernel_memory(void)
{
	static bool busy;
	unsigned long before = nr_free_pages();

	if (busy)
		return false;
	busy = true;
	vm_unmap_aliases();
	kmem_cache_shrink_all();
	drop_page_cache();
	drain_hot_pages();
	busy = false;
	return nr_free_pages() > before;
}

static void report_failure(gfp_t gfp, unsigned int order)
{
	static unsigned int reports;

	if (gfp & __GFP_NOWARN || reports >= 5)
		return;
	reports++;
	pr_warn("out of memory: no 2^%u pages for gfp %#x, %lu pages free%s\n", order, gfp,
		nr_free_pages(), reports == 5 ? "; no more such messages" : "");
}

/* Who makes memory free, holds up others who do, or is about to end and leave all he has. */
static bool may_use_reserves(void)
{
	return oom_victim_running() ||
	       (current && current->flags & (PF_MEMALLOC | PF_FS_LOCKED));
}

#define RECLAIM_TRIES	8	/* what is freed may be taken by others, or lie in pieces */

static struct page *reclaim_and_retry(gfp_t gfp, unsigned int order)
{
	struct page *page = NULL;
	unsigned int tries;

	for (tries = 0; !page && tries < RECLAIM_TRIES && reclaim_pages && reclaim_pages(gfp);
	     tries++) {
		if (order)
			drain_hot_pages();
		page = get_block(gfp, order);
	}
	if (!page) {
		reclaim_kernel_memory();
		page = get_block(gfp, order);	/* others may have made some free, too */
	}
	return page;
}

static noinline struct page *alloc_slow(gfp_t gfp, unsigned int order)
{
	struct page *page = NULL;

	if (order >= MAX_ORDER)
		return NULL;
	if (order) {
		drain_hot_pages();
		page = get_block(gfp, order);
	}
	if (!page && gfp & __GFP_WAIT)
		page = reclaim_and_retry(gfp, order);
	if (!page && gfp & __GFP_WAIT && may_use_reserves())
		page = get_block(gfp | __GFP_HIGH, order);
	if (!page)
		report_failure(gfp, order);
	return page;
}

/* NULL: there was none, and no event. */
static noinline void trace_alloc(const struct page *page, unsigned int order)
{
	if (page)
		trace(TRACE_ALLOC, page_to_pfn(page), order, page_type(page), 0);
}

static noinline void trace_free(const struct page *page, unsigned int order)
{
	trace(TRACE_FREE, page_to_pfn(page), order, page_type(page), 0);
}

static noinline void trace_free_chain(const struct page *page)
{
	for (; page; page = page->next_free)
		trace_free(page, 0);
}

struct page *alloc_pages(gfp_t gfp, unsigned int order)
{
	struct page *page = NULL;

	if (alloc_should_fail())
		return NULL;
	if (likely(!order))
		page = get_single(gfp);
	else if (order < MAX_ORDER)
		page = get_block(gfp, order);
	if (unlikely(!page))
		page = alloc_slow(gfp, order);
	if (unlikely(gfp & __GFP_ZERO) && likely(page))
		clear_block(page, order);
	if (unlikely(trace_on))
		trace_alloc(page, order);
	return page;
}

/* Failures are injected into the call that follows this one. */
struct page *alloc_page_nowait(gfp_t gfp)
{
	struct page *page = unlikely(alloc_fail.countdown) ? NULL : get_single(gfp);

	if (unlikely(trace_on))
		trace_alloc(page, 0);
	return page;
}

unsigned long __get_free_pages(gfp_t gfp, unsigned int order)
{
	struct page *page;

	BUG_ON(gfp & __GFP_HIGHMEM);
	page = alloc_pages(gfp, order);
	return page ? (unsigned long)lowmem_page_address(page) : 0;
}

/* ---- release ----------------------------------------------------------------------- */

static noinline __noreturn void bad_free(const struct page *page, unsigned long type_bits)
{
	unsigned long flags = page->flags;

	if (page_type(page) == PGT_FREE)
		bad_page(page, "freed twice");
	if (page_type(page) >= PGT_RESERVED)
		bad_page(page, "freed, but never allocated");
	if (flags & PG_CHECK_AT_FREE)
		bad_page(page, "freed while on a list, locked or in a cache");
	if ((flags & PGT_MASK) != type_bits)
		bad_page(page, "freed with pages of another type");
	if (page->_refcount)
		bad_page(page, "freed while referenced");
	bad_page(page, "freed while mapped");
}

static inline void release_page(struct page *page, unsigned long type_bits)
{
	unsigned long flags = page->flags;

	if (unlikely((flags & (PGT_MASK | PG_CHECK_AT_FREE)) != type_bits ||
		     page->_refcount || page->_mapcount))
		bad_free(page, type_bits);
	page->flags = (flags & ZONE_BITS_MASK) | (unsigned long)PGT_FREE << PGT_SHIFT;
}

static void free_block(struct page *page, unsigned int order)
{
	unsigned long type_bits = page->flags & PGT_MASK, n = 1ul << order, i, flags;
	struct zone *zone = page_zone(page);

	if (unlikely(type_bits >= (unsigned long)PGT_RESERVED << PGT_SHIFT ||
		     order >= MAX_ORDER || page_to_pfn(page) & (n - 1)))
		bad_page(page, type_bits == (unsigned long)PGT_FREE << PGT_SHIFT ?
			 "freed twice" : "freed, but not allocated like that");
	if (unlikely(trace_on))
		trace_free(page, order);
	for (i = 0; i < n; i++)
		release_page(page + i, type_bits);
	flags = spin_lock_irqsave(&zone->lock);
	page_type_count[type_bits >> PGT_SHIFT] -= n;
	zone->nr_freed++;
	zone->free_pages += n;
	buddy_add_block(zone, page, order);
	spin_unlock_irqrestore(&zone->lock, flags);
}

/* A single page goes on its zone's hot list; interrupts are off. */
static inline void free_hot(struct page *page)
{
	unsigned long flags = page->flags, type_bits = flags & PGT_MASK;
	struct zone *zone = page_zone(page);

	if (flags & 1ul << PG_lru) {
		nr_mlocked -= flags >> PG_mlocked & 1;
		lru_del(page);
		flags = page->flags & ~(1ul << PG_active);
	}
	if (unlikely(flags & PG_CHECK_AT_FREE || type_bits >= RESERVED_BITS ||
		     page->_refcount || page->_mapcount))
		bad_free(page, type_bits);
	page->flags = (flags & ZONE_BITS_MASK) | HOT_BITS;
	page_type_count[type_bits >> PGT_SHIFT]--;
	zone->nr_freed++;
	zone->free_pages++;
	push_hot(zone, page);
	if (unlikely(zone->nr_hot > hot_pages_max))
		drain_hot(zone, HOT_DRAIN);
}

void free_page_chain(struct page *chain)
{
	struct page *page;
	unsigned long flags;
	unsigned int n;

	if (unlikely(trace_on))
		trace_free_chain(chain);
	while (chain) {
		flags = local_irq_save();
		for (n = 64; n && chain; n--) {
			page = chain;
			chain = page->next_free;
			free_hot(page);
		}
		local_irq_restore(flags);
	}
}

static void free_single(struct page *page)
{
	unsigned long flags = local_irq_save();

	if (unlikely(trace_on))
		trace_free(page, 0);
	free_hot(page);
	local_irq_restore(flags);
}

/* True if that was the last reference. */
static inline bool drop_reference(struct page *page)
{
	if (likely(page->_refcount == 1)) {
		page->_refcount = 0;
		return true;
	}
	if (unlikely(page->_refcount <= 0))
		bad_page(page, page_type(page) == PGT_FREE ? "freed twice" :
			 "a reference too many was dropped");
	return __atomic_sub_fetch(&page->_refcount, 1, __ATOMIC_RELAXED) == 0;
}

void __free_pages(struct page *page, unsigned int order)
{
	if (!drop_reference(page))
		return;
	if (likely(!order))
		free_single(page);
	else
		free_block(page, order);
}

void put_page(struct page *page)
{
	if (unlikely(PageReserved(page)))
		return;
	if (drop_reference(page))
		free_single(page);
}

void free_pages(unsigned long addr, unsigned int order)
{
	if (addr)
		__free_pages(virt_to_page(addr), order);
}
