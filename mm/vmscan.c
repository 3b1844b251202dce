/* SPDX-License-Identifier: MIT */
/*
 * Reclaim (Gorman chapter 10; contracts: mm/swap.h).
 *
 * Each zone has three marks of free pages.  Below pages_low the allocator wakes kswapd, which
 * works until there are pages_high; below pages_min who wants a page frees some himself
 * first (direct reclaim).  Both scan: a part of each list, 1/2^priority, with priority going
 * down from 12 to 0, until enough is free.
 *
 * A page is judged by whether it was used while it went along its inactive list, from the
 * moment when it was made inactive, and its Accessed bits were cleared, to the moment when it
 * is at the tail.  That list is kept about as long as the active one, so this is the time in
 * which a good part of memory is used anew, however quickly some pages are taken now and then.
 *
 * What becomes of a page from the tail of an inactive list (look_at_page):
 *	used meanwhile			active if a program has it (mapped pages of files: used
 *					twice, or text), else once more around
 *	of a locked region, of ramfs	to the unevictable list
 *	anonymous			a slot of the swap device, entries name that; written
 *	of a file			entries go; if it is clean, dropped, else the flusher woken
 * Only with no reference left but its cache's and ours does a page become free.
 *
 * Pages that are written are locked, and written in runs.  Who has PF_MEMALLOC never
 * reclaims: it is him.
 */
#include <kernel/printk.h>
#include <kernel/sched.h>
#include <kernel/trace.h>
#include <kernel/wait.h>
#include <mm/rmap.h>
#include <mm/swap.h>
#include "internal.h"

#define DEF_PRIORITY	12

struct scan {
	int priority;
	bool background;		/* kswapd */
	bool forced;			/* take it, used or not */
	unsigned long reclaimed;
	unsigned long dirty;		/* pages of files that must be written first */
	unsigned int nr_writes;		/* locked, unmapped, dirty, no reference but ours */
	struct page *writes[SWAP_CLUSTER_MAX];
};

/* ---- one page ---------------------------------------------------------------------- */

enum verdict { KEEP, ACTIVATE, CULL, CULL_LOCKED, WRITE, FREE };

static bool is_anon(const struct page *page)
{
	return page_type(page) == PGT_ANON;
}

/* Has it been used?  FREE: no. */
static enum verdict check_references(struct page *page)
{
	unsigned long vm_flags;
	unsigned int used = page_referenced(page, &vm_flags);
	bool before = TestClearPageReferenced(page);

	if (vm_flags & VM_LOCKED)
		return CULL_LOCKED;
	if (!used)
		return before && !is_anon(page) && !page_mapcount(page) ? KEEP : FREE;
	/* A file may be read from end to end once; programs' text is not the first to go. */
	if (is_anon(page) || before || used > 1 || vm_flags & VM_EXEC)
		return ACTIVATE;
	SetPageReferenced(page);
	return KEEP;
}

static enum verdict unmap_page(struct page *page)
{
	switch (try_to_unmap(page)) {
	case UNMAP_DONE:
		return FREE;
	case UNMAP_LOCKED:
		return CULL_LOCKED;
	default:
		return ACTIVATE;
	}
}

static enum verdict look_at_anon(struct page *page)
{
	enum verdict verdict;

	/* Another slot is possible as soon as no entry names the bad one. */
	if (PageSwapCache(page) && PageDirty(page) && swap_is_bad(page_swp(page)) &&
	    !try_to_free_swap(page))
		return ACTIVATE;
	if (!PageSwapCache(page)) {
		/* Somebody works on it who is about to let it go. */
		if (!page_mapcount(page))
			return page_count(page) == 1 ? FREE : KEEP;
		if (!add_to_swap(page))
			return ACTIVATE;
	}
	if (page_mapcount(page)) {
		verdict = unmap_page(page);
		if (verdict != FREE)
			return verdict;
	}
	if (PageDirty(page) && swap_count(page_swp(page)))
		return page_count(page) == 2 ? WRITE : KEEP;
	return FREE;
}

static enum verdict look_at_file(struct page *page, struct scan *sc)
{
	enum verdict verdict;

	if (!page->mapping)
		return KEEP;		/* truncated: goes with its last reference */
	if (page->mapping->unevictable)
		return CULL;
	if (page_mapcount(page)) {
		verdict = unmap_page(page);
		if (verdict != FREE)
			return verdict;
	}
	if (PageDirty(page)) {
		sc->dirty++;
		return KEEP;		/* comes along again when the flusher has written it */
	}
	return PageUptodate(page) ? FREE : ACTIVATE;
}

/* The page is locked and isolated. */
static enum verdict look_at_page(struct page *page, struct scan *sc)
{
	enum verdict verdict;

	if (PageWriteback(page)) {
		sc->dirty++;
		return KEEP;
	}
	if (!sc->forced) {
		verdict = check_references(page);
		if (verdict != FREE)
			return verdict;
	}
	return is_anon(page) ? look_at_anon(page) : look_at_file(page, sc);
}

/* ---- what becomes of it ------------------------------------------------------------ */

/* Unlock it, and back onto a list, or free it if that was the last reference. */
static void put_back(struct page *page)
{
	unlock_page(page);
	if (page_count(page) == 1)
		ClearPageActive(page);
	else
		lru_add(page);
	put_page(page);
}

/* Nobody but its cache has it: out of that.  False: somebody has. */
static bool leave_cache(struct page *page)
{
	if (!is_anon(page)) {
		if (page_count(page) != 2 || !page->mapping || PageDirty(page))
			return false;
		remove_from_page_cache(page);
		return true;
	}
	if (!PageSwapCache(page))
		return page_count(page) == 1;
	if (page_count(page) != 2 || page_mapcount(page) ||
	    (PageDirty(page) && swap_count(page_swp(page))))
		return false;
	delete_from_swap_cache(page);
	return true;
}

static void free_or_put_back(struct page *page, struct scan *sc)
{
	if (leave_cache(page)) {
		trace(TRACE_RECLAIM, page_to_pfn(page), is_anon(page), 0, 0);
		sc->reclaimed++;
		*(is_anon(page) ? &scan_counters.pgsteal_anon : &scan_counters.pgsteal_file) += 1;
	}
	put_back(page);
}

static void write_pages(struct scan *sc)
{
	unsigned int i;

	if (!sc->nr_writes)
		return;
	swap_write_pages(sc->writes, sc->nr_writes);
	for (i = 0; i < sc->nr_writes; i++)
		free_or_put_back(sc->writes[i], sc);
	sc->nr_writes = 0;
}

static void execute(struct page *page, enum verdict verdict, struct scan *sc)
{
	switch (verdict) {
	case WRITE:
		sc->writes[sc->nr_writes++] = page;
		if (sc->nr_writes == SWAP_CLUSTER_MAX)
			write_pages(sc);
		return;
	case FREE:
		free_or_put_back(page, sc);
		return;
	case CULL_LOCKED:
		if (!TestSetPageMlocked(page))
			nr_mlocked++;
		/* Fall through. */
	case CULL:
		ClearPageActive(page);
		SetPageUnevictable(page);
		break;
	case ACTIVATE:
		SetPageActive(page);
		scan_counters.pgactivate++;
		break;
	case KEEP:
		break;
	}
	put_back(page);
}

static void shrink_page_list(struct list_head *pages, struct scan *sc)
{
	struct page *page;

	while (!list_empty(pages)) {
		page = list_first_entry(pages, struct page, lru);
		list_del(&page->lru);
		if (TestSetPageLocked(page)) {
			lru_add(page);
			put_page(page);
			continue;
		}
		execute(page, look_at_page(page, sc), sc);
	}
	write_pages(sc);
}

/*
 * Wake who writes what stood in the way.  With wait: is it worth looking again?  Not for one who
 * holds the lock that the flusher will want.
 */
static bool ask_flusher(const struct scan *sc, bool wait)
{
	const bool may_wait = !(current->flags & PF_FS_LOCKED);

	return sc->dirty && flush_for_reclaim && flush_for_reclaim(wait && may_wait) && may_wait;
}

unsigned long reclaim_isolated(struct list_head *pages)
{
	struct scan sc = { .forced = true };
	unsigned int old = current->flags & PF_MEMALLOC;

	current->flags |= PF_MEMALLOC;
	shrink_page_list(pages, &sc);
	current->flags = (current->flags & ~PF_MEMALLOC) | old;
	ask_flusher(&sc, false);
	return sc.reclaimed;
}

/* ---- lists ------------------------------------------------------------------------- */

/* Up to n pages from the tail, with a reference each. */
static unsigned int isolate_tail(struct zone *zone, enum lru_list from, unsigned long n,
				 struct list_head *taken)
{
	struct page *page;
	unsigned int got = 0;

	INIT_LIST_HEAD(taken);
	for (; n && !list_empty(&zone->lru[from]); n--, got++) {
		page = list_last_entry(&zone->lru[from], struct page, lru);
		isolate_page(page);
		list_add(&page->lru, taken);
	}
	return got;
}

static void shrink_inactive(struct zone *zone, enum lru_list from, unsigned long n,
			    struct scan *sc)
{
	unsigned long before = sc->reclaimed;
	struct list_head taken;
	unsigned int got;

	got = isolate_tail(zone, from, n, &taken);
	*(sc->background ? &scan_counters.pgscan_kswapd : &scan_counters.pgscan_direct) += got;
	/* The oldest first. */
	shrink_page_list(&taken, sc);
	*(sc->background ? &scan_counters.pgsteal_kswapd : &scan_counters.pgsteal_direct) +=
		sc->reclaimed - before;
}

/*
 * Active pages from the tail become inactive, used or not: whether they are used from now on
 * is the question.  Only text in use goes once more around.
 */
static void shrink_active(struct zone *zone, enum lru_list active, unsigned long n)
{
	unsigned long vm_flags;
	struct page *page;
	bool text;

	for (; n && !list_empty(&zone->lru[active]); n--) {
		page = list_last_entry(&zone->lru[active], struct page, lru);
		lru_del(page);
		text = page_referenced(page, &vm_flags) && vm_flags & VM_EXEC && !is_anon(page);
		if (!text) {
			ClearPageActive(page);
			ClearPageReferenced(page);
			scan_counters.pgdeactivate++;
		}
		lru_add(page);
	}
}

/* Who reclaims for himself needs a few pages; kswapd brings the zone to pages_high. */
static bool is_enough(const struct zone *zone, const struct scan *sc)
{
	return sc->background ? zone->free_pages >= zone->pages_high :
				sc->reclaimed >= SWAP_CLUSTER_MAX;
}

/*
 * So many thirds of 1/2^priority of both lists of a kind.  Pages that have just become
 * inactive come last, so a list that was empty only fills at first.
 */
static void shrink_kind(struct zone *zone, enum lru_list inactive, unsigned int thirds,
			struct scan *sc)
{
	const enum lru_list active = inactive + LRU_ACTIVE;
	unsigned long n = zone->nr_lru[inactive] >> sc->priority, piece;

	if (zone->nr_lru[inactive] <= zone->nr_lru[active])
		shrink_active(zone, active, zone->nr_lru[active] >> sc->priority);
	for (n = n * thirds / 3; n && !is_enough(zone, sc); n -= piece) {
		piece = min_t(unsigned long, n, SWAP_CLUSTER_MAX);
		shrink_inactive(zone, inactive, piece, sc);
	}
}

static bool can_swap(void)
{
	return nr_swap_pages() || nr_swapcache;
}

/* Files give three pages where programs give two: those can be had again by one read. */
static void shrink_zone(struct zone *zone, struct scan *sc)
{
	bool many_files = zone->nr_lru[LRU_INACTIVE_FILE] + zone->nr_lru[LRU_ACTIVE_FILE] >
			  zone->pages_high;

	shrink_kind(zone, LRU_INACTIVE_FILE, 3, sc);
	if (can_swap())
		shrink_kind(zone, LRU_INACTIVE_ANON, many_files ? 2 : 3, sc);
}

/* ---- direct reclaim ---------------------------------------------------------------- */

static void shrink_zones(struct zone *first, struct scan *sc)
{
	struct zone *zone;

	sc->dirty = 0;
	for (sc->priority = DEF_PRIORITY; sc->priority >= 0; sc->priority--) {
		for (zone = first; zone >= zones; zone--)
			shrink_zone(zone, sc);
		if (sc->reclaimed >= SWAP_CLUSTER_MAX)
			break;
	}
}

/*
 * Tasks that reclaim at the moment, kswapd among them.  One that finds nothing while others hold
 * what could be taken, or write it, waits until one of them has done: their pages are for all.
 * Nobody waits for a page or a task while he is counted, only for devices.
 */
static unsigned int nr_reclaimers;
static unsigned long reclaims_done;
static DECLARE_WAIT_QUEUE_HEAD(others_wait);

static void end_reclaim(void)
{
	nr_reclaimers--;
	reclaims_done++;
	wake_up_all(&others_wait);
}

static bool wait_for_others(void)
{
	unsigned long seen = reclaims_done;

	if (!nr_reclaimers || current->flags & PF_FS_LOCKED)
		return false;
	wait_event(others_wait, reclaims_done != seen);
	return true;
}

/*
 * Has somebody else made room meanwhile, one who has ended, say?  Then nobody waits for a
 * device any longer.
 */
static bool has_room(unsigned int preferred)
{
	const struct zone *zone;

	for (zone = zones[preferred].first; zone >= zones; zone--)
		if (zone->free_pages > zone->pages_high + zone->lowmem_reserve[preferred])
			return true;
	return false;
}

#define FLUSH_ROUNDS	32	/* of 0.25 s at most: a device may be slow, not stuck */

static unsigned long try_to_free_pages(gfp_t gfp)
{
	const unsigned int preferred = gfp_zone_table[gfp & 7];
	struct scan sc = { .reclaimed = 0 };
	unsigned int round = 0;

	if (!current || current->flags & PF_MEMALLOC)
		return 0;
	current->flags |= PF_MEMALLOC;
	scan_counters.direct_reclaims++;
	nr_reclaimers++;
	do
		shrink_zones(zones[preferred].first, &sc);
	while (!sc.reclaimed && !has_room(preferred) && ask_flusher(&sc, true) &&
	       ++round < FLUSH_ROUNDS);
	ask_flusher(&sc, false);
	end_reclaim();
	current->flags &= ~PF_MEMALLOC;
	if (!sc.reclaimed && (has_room(preferred) || wait_for_others()))
		return 1;
	return sc.reclaimed;
}

/* ---- kswapd ------------------------------------------------------------------------ */

static DECLARE_WAIT_QUEUE_HEAD(kswapd_wait);
static bool kswapd_wanted;
static unsigned int kswapd_failures;	/* in a row: when there is nothing to take it sleeps */

#define MAX_FAILURES	16

static void wake_kswapd(void)
{
	if (kswapd_wanted || kswapd_failures >= MAX_FAILURES)
		return;
	kswapd_wanted = true;
	wake_up(&kswapd_wait);
}

static bool needs_balance(const struct zone *zone)
{
	return zone->managed_pages && zone->free_pages < zone->pages_high;
}

static bool all_balanced(void)
{
	const struct zone *zone;

	for (zone = zones; zone < zones + MAX_NR_ZONES; zone++)
		if (needs_balance(zone))
			return false;
	return true;
}

/* Until every zone has pages_high, or a whole round brings nothing. */
static void balance_zones(void)
{
	struct scan sc = { .background = true };
	struct zone *zone;

	for (sc.priority = DEF_PRIORITY; sc.priority >= 0 && !all_balanced(); sc.priority--) {
		for (zone = zones; zone < zones + MAX_NR_ZONES; zone++)
			if (needs_balance(zone))
				shrink_zone(zone, &sc);
		ask_flusher(&sc, false);
		cond_resched();
	}
	kswapd_failures = sc.reclaimed || all_balanced() ? 0 : kswapd_failures + 1;
}

int kswapd(void *unused)
{
	current->flags |= PF_MEMALLOC;
	for (;;) {
		wait_event(kswapd_wait, kswapd_wanted);
		scan_counters.kswapd_wakes++;
		kswapd_wanted = false;
		nr_reclaimers++;
		balance_zones();
		end_reclaim();
	}
}

static unsigned long reclaim_directly(gfp_t gfp)
{
	unsigned long n = try_to_free_pages(gfp);

	if (n)
		kswapd_failures = 0;
	return n;
}

void vmscan_init(void)
{
	reclaim_pages = reclaim_directly;
	wake_reclaim = wake_kswapd;
}
