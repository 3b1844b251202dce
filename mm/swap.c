/* SPDX-License-Identifier: MIT */
/* The lists of pages that can be taken away: contracts in mm/swap.h. */
#include <mm/swap.h>
#include "internal.h"

unsigned long nr_mlocked;
struct scan_counters scan_counters;
bool (*flush_for_reclaim)(bool wait);

unsigned long nr_lru_pages(enum lru_list list)
{
	unsigned long sum = 0;
	struct zone *zone;

	for (zone = zones; zone < zones + MAX_NR_ZONES; zone++)
		sum += zone->nr_lru[list];
	return sum;
}

void activate_page(struct page *page)
{
	if (PageActive(page) || PageUnevictable(page) || !PageLRU(page))
		return;
	lru_del(page);
	SetPageActive(page);
	ClearPageReferenced(page);
	lru_add(page);
	scan_counters.pgactivate++;
}

/* Inactive and not referenced, referenced, active: one step for each use. */
void mark_page_accessed(struct page *page)
{
	if (!PageReferenced(page)) {
		SetPageReferenced(page);
		return;
	}
	activate_page(page);
}

void lru_rescue(struct page *page)
{
	if (TestClearPageMlocked(page))
		nr_mlocked--;
	if (!PageUnevictable(page) || !PageLRU(page))
		return;
	lru_del(page);
	ClearPageUnevictable(page);
	lru_add(page);
}

bool isolate_page(struct page *page)
{
	if (!PageLRU(page))
		return false;
	lru_del(page);
	get_page(page);
	return true;
}
