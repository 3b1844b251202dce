/* SPDX-License-Identifier: MIT */
/* Contracts: little.h. */
#include "little.h"
#include <linux/errno.h>
#include <mm/mm.h>
#include <mm/swap.h>

static int swap_type = -1;
static LIST_HEAD(held);

bool little_swap(struct row *r, unsigned long n)
{
	swap_type = swap_ram_add(n, 0);
	return row_ok(r, swap_type >= 0, "no swap device: error %d", -swap_type);
}

int little_swapoff(void)
{
	int ret = swap_type < 0 ? -ENODEV : swap_device_remove((unsigned)swap_type);

	if (!ret)
		swap_type = -1;
	return ret;
}

static void give_back(struct page *page)
{
	list_del(&page->lru);
	__free_page(page);
}

/*
 * Each zone is balanced again, of its own pages: else kswapd would take whatever programs have
 * in a zone that can never have enough.
 */
static void balance_zones(void)
{
	struct page *page, *next;
	struct zone *zone;

	list_for_each_entry_safe(page, next, &held, lru) {
		zone = page_zone(page);
		if (zone->free_pages < zone->pages_high)
			give_back(page);
	}
}

void little_hold(unsigned long left)
{
	struct page *page;

	while ((page = alloc_page(__GFP_HIGHMEM | __GFP_NOWARN)) != NULL)
		list_add_tail(&page->lru, &held);
	balance_zones();
	/* The first came from the zone that programs get most from. */
	for (; left && !list_empty(&held); left--)
		give_back(list_first_entry(&held, struct page, lru));
}

void little_hold_high(void)
{
	struct page *page;

	while ((page = alloc_page(__GFP_HIGHMEM | __GFP_THISZONE | __GFP_NOWARN)) != NULL) {
		list_add_tail(&page->lru, &held);
		if (page_zone(page) != &zones[ZONE_HIGHMEM])
			break;
	}
}

void little_end(struct row *r)
{
	while (!list_empty(&held))
		give_back(list_first_entry(&held, struct page, lru));
	row_eq(r, swap_pages_used + nr_swapcache, 0, "slots in use afterwards");
	if (swap_type < 0)
		return;
	row_eq(r, little_swapoff(), 0, "swapoff");
	row_eq(r, total_swap_pages, 0, "slots without a device");
}
