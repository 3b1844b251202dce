/* SPDX-License-Identifier: MIT */
/*
 * The swap cache (Gorman 11.4; contracts: mm/swap.h): one frame for each slot, while its
 * page is on the way in or out, and afterwards as long as both copies are the same.
 *
 * A page in it is anonymous, has PG_swapcache, its slot in page->private and one reference
 * from the cache.  page->anon and page->index stay what they are.  It goes in, is read,
 * written and taken out under its lock.
 */
#include <kernel/trace.h>
#include <mm/swap.h>
#include "internal.h"
#include <linux/errno.h>

struct swap_counters swap_counters;
unsigned long nr_swapcache;

#define READ_CLUSTER	8u		/* slots, naturally aligned, that are read together */

static inline struct radix_tree_root *cache_of(swp_entry_t entry)
{
	return &swap_devices[swp_type(entry)].cache;
}

struct page *lookup_swap_cache(swp_entry_t entry)
{
	struct page *page = radix_tree_lookup(cache_of(entry), swp_offset(entry));

	if (page)
		get_page(page);
	return page;
}

static int add_to_cache(struct page *page, swp_entry_t entry)
{
	int err = radix_tree_insert(cache_of(entry), swp_offset(entry), page);

	if (err)
		return err;
	get_page(page);
	page->private = entry.val;
	SetPageSwapCache(page);
	nr_swapcache++;
	return 0;
}

void delete_from_swap_cache(struct page *page)
{
	swp_entry_t entry = page_swp(page);

	BUG_ON(radix_tree_delete(cache_of(entry), swp_offset(entry)) != page);
	ClearPageSwapCache(page);
	page->private = 0;
	nr_swapcache--;
	swapcache_put(entry);
	put_page(page);
}

bool add_to_swap(struct page *page)
{
	swp_entry_t entry = get_swap_page();

	if (!entry.val)
		return false;
	if (add_to_cache(page, entry)) {
		swapcache_put(entry);
		return false;
	}
	SetPageDirty(page);
	SetPageUptodate(page);
	return true;
}

bool try_to_free_swap(struct page *page)
{
	if (!PageSwapCache(page) || PageWriteback(page) || swap_count(page_swp(page)))
		return false;
	delete_from_swap_cache(page);
	SetPageDirty(page);
	return true;
}

void free_swap_cache(struct page *page)
{
	if (!PageSwapCache(page) || page_mapcount(page) || TestSetPageLocked(page))
		return;
	try_to_free_swap(page);
	unlock_page(page);
}

/* ---- in ---------------------------------------------------------------------------- */

/* A new locked page for a slot that is in use and not cached; NULL: it is otherwise. */
static struct page *new_cache_page(swp_entry_t entry, gfp_t gfp)
{
	struct page *page = alloc_page(gfp | __GFP_HIGHMEM | __GFP_ANON);

	if (!page)
		return NULL;
	/* It may have slept. */
	if (!swap_count(entry) || radix_tree_lookup(cache_of(entry), swp_offset(entry)) ||
	    add_to_cache(page, entry)) {
		__free_page(page);
		return NULL;
	}
	swapcache_get(entry);
	SetPageLocked(page);
	lru_add(page);
	return page;
}

/* One request: n pages of the cache, at consecutive slots. */
static int swap_rw(struct page **pages, unsigned int n, bool write)
{
	swp_entry_t first = page_swp(pages[0]);
	struct swap_device *d = &swap_devices[swp_type(first)];
	int err = d->ops->rw(d->dev, swp_offset(first), pages, n, write);

	swap_counters.requests++;
	swap_counters.errors += err != 0;
	return err;
}

/* It cannot be read: whoever waits for it sees PG_error, who comes later tries again. */
static void drop_unread(struct page *page)
{
	SetPageError(page);
	swap_mark_bad(page_swp(page));
	delete_from_swap_cache(page);
}

/* It was read, and perhaps everybody who wanted it has gone meanwhile. */
static void accept_read(struct page *page)
{
	trace(TRACE_SWAP_IN, page_to_pfn(page), swp_type(page_swp(page)),
	      swp_offset(page_swp(page)), 0);
	SetPageUptodate(page);
	swap_counters.pswpin++;
	try_to_free_swap(page);
}

/* n locked new pages of consecutive slots; each has a reference of the caller. */
static void read_pages(struct page **pages, unsigned int n)
{
	int err = swap_rw(pages, n, false);
	unsigned int i;

	for (i = 0; i < n; i++) {
		/* One bad slot does not make its neighbours bad. */
		if (err && (n == 1 || swap_rw(&pages[i], 1, false)))
			drop_unread(pages[i]);
		else
			accept_read(pages[i]);
		unlock_page(pages[i]);
	}
}

/* A page for the slot beside one that is wanted; NULL: not worth reading, or not possible. */
static struct page *neighbour(swp_entry_t entry)
{
	return swap_entry_valid(entry) && !swap_is_bad(entry) ?
	       new_cache_page(entry, __GFP_NOWARN) : NULL;
}

/* Around a page, the neighbours before and behind it that are out, too. */
static unsigned int gather(swp_entry_t entry, struct page **pages, unsigned long *first)
{
	unsigned int type = swp_type(entry), n = 0;
	unsigned long at = swp_offset(entry), start = ALIGN_DOWN(at, READ_CLUSTER), i;
	struct page *page, *before[READ_CLUSTER];
	unsigned int nr_before = 0;

	for (i = at; i-- > start; ) {
		page = neighbour(swp_entry(type, i));
		if (!page)
			break;
		before[nr_before++] = page;
	}
	*first = at - nr_before;
	while (nr_before)
		pages[n++] = before[--nr_before];
	n++;				/* the page itself */
	for (i = at + 1; i < start + READ_CLUSTER; i++) {
		page = neighbour(swp_entry(type, i));
		if (!page)
			break;
		pages[n++] = page;
	}
	return n;
}

struct page *swapin(swp_entry_t entry)
{
	struct page *pages[READ_CLUSTER], *page = new_cache_page(entry, __GFP_WAIT);
	unsigned long first;
	unsigned int n, i;

	/* Somebody was faster, or there is no memory. */
	if (!page)
		return swap_entry_valid(entry) ? lookup_swap_cache(entry) : NULL;
	n = gather(entry, pages, &first);
	pages[swp_offset(entry) - first] = page;
	swap_counters.readahead += n - 1;
	read_pages(pages, n);
	for (i = 0; i < n; i++)
		if (pages[i] != page)
			put_page(pages[i]);
	return page;
}

/* ---- out --------------------------------------------------------------------------- */

/*
 * A page that cannot be written is dirty again, and stays: it is the only copy.  Its slot is
 * bad, so nobody tries again (look_at_anon() in mm/vmscan.c).
 */
static void write_run(struct page **pages, unsigned int n)
{
	unsigned int i;
	int err;

	for (i = 0; i < n; i++) {
		ClearPageDirty(pages[i]);
		SetPageWriteback(pages[i]);
	}
	err = swap_rw(pages, n, true);
	for (i = 0; i < n; i++) {
		if (err && (n == 1 || swap_rw(&pages[i], 1, true))) {
			SetPageDirty(pages[i]);
			swap_mark_bad(page_swp(pages[i]));
		} else {
			swap_counters.pswpout++;
			trace(TRACE_SWAP_OUT, page_to_pfn(pages[i]), swp_type(page_swp(pages[i])),
			      swp_offset(page_swp(pages[i])), 0);
		}
		ClearPageWriteback(pages[i]);
	}
}

void swap_write_pages(struct page **pages, unsigned int n)
{
	unsigned int start, end;

	for (start = 0; start < n; start = end) {
		for (end = start + 1; end < n; end++)
			if (pages[end]->private != pages[end - 1]->private + MAX_SWAPFILES)
				break;
		write_run(pages + start, end - start);
	}
}
