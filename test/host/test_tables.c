/* SPDX-License-Identifier: MIT */
/*
 * mm/pgtable.c: the allocation of a table may sleep, and another fault of the same address
 * space comes first.  What that one mapped stays, and no table is lost.
 */
#include "tap.h"
#include "one_mm.h"

static int sleep_in, others;
static unsigned long other_at;

static struct page *sleepy_alloc_pages(gfp_t gfp, unsigned int order);

/* The n-th allocation of a table from now on sleeps. */
#define alloc_pages sleepy_alloc_pages
#include "../../mm/pgtable.c"
#undef alloc_pages

static struct page *sleepy_alloc_pages(gfp_t gfp, unsigned int order)
{
	if (sleep_in && !--sleep_in)
		others += host_poke(other_at, 47) == HOST_OK;
	return alloc_pages(gfp, order);
}

/* Two pages in one table; the first fault sleeps with its n-th table, the second is served. */
static void two_faults(int n)
{
	struct mm_struct *mm = start_mm();
	unsigned long at = map_at(0, 2, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS);

	sleep_in = n;
	other_at = at + PAGE_SIZE;
	is(host_poke(at, 42), HOST_OK, "table %d: the first fault is served", n);
	host_switch_mm(mm);
	is(host_peek(at), 42, "what the one wrote is there");
	is(host_peek(other_at), 47, "and what the other wrote");
	end_mm(mm, NULL, "two faults at once");
}

int main(void)
{
	int n, levels = PGTABLE_LEVELS - 1;

	host_boot(&host_small);
	mm_cache_init();
	take_baseline(&base);
	for (n = 1; n <= levels; n++)
		two_faults(n);
	is(others, levels, "in each table there was another fault");
	return done();
}
