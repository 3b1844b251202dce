/* SPDX-License-Identifier: MIT */
/*
 * mm/bootmem.c: against an array of bytes, one a frame; the log; retirement.
 */
#include "tap.h"
#include <errno.h>
#include <stdlib.h>
#include "host.h"
#include <kernel/random.h>

static struct rnd rnd;

/* ---- a model ----------------------------------------------------------------------- */

#define FIRST	777			/* not aligned to anything */
#define FRAMES	5000

static bool used[FIRST + FRAMES];

static bool all_free(unsigned long pfn, unsigned long n)
{
	while (n--)
		if (used[pfn + n])
			return false;
	return true;
}

static void set_used(unsigned long pfn, unsigned long n, bool value)
{
	memset(used + pfn, value, n);
}

/* Lowest fit, the dull way. */
static unsigned long model_fit(unsigned long from, unsigned long end, unsigned long n,
			       unsigned long align)
{
	unsigned long pfn;

	for (pfn = from; pfn + n <= end; pfn++)
		if (pfn % align == 0 && all_free(pfn, n))
			return pfn;
	return 0;
}

static unsigned long model_alloc(unsigned long n, unsigned long align, unsigned long goal,
				 unsigned long limit)
{
	unsigned long end = FIRST + FRAMES, pfn;

	if (limit && limit < end)
		end = limit;
	pfn = model_fit(goal > FIRST ? goal : FIRST, end, n, align);
	if (!pfn)
		pfn = model_fit(FIRST, end, n, align);
	if (pfn)
		set_used(pfn, n, true);
	return pfn;
}

static bool one_free(void)
{
	unsigned long first = FIRST - 20 + rnd_below(&rnd, FRAMES + 40);
	u64 phys = PFN_PHYS(first) + (rnd_below(&rnd, 2) ? rnd_below(&rnd, 4096) : 0);
	u64 size = rnd_below(&rnd, 300 * 4096), pfn;

	free_bootmem(phys, size);
	for (pfn = FIRST; pfn < FIRST + FRAMES; pfn++)
		if (PFN_PHYS(pfn) >= phys && PFN_PHYS(pfn + 1) <= phys + size)
			used[pfn] = false;
	return true;
}

static bool one_reserve(void)
{
	u64 phys = PFN_PHYS(FIRST - 20) + (u64)rnd_u32(&rnd) % PFN_PHYS(FRAMES + 40);
	u64 size = rnd_below(&rnd, 8 * 4096), pfn;
	bool busy = false, shared = rnd_below(&rnd, 2);
	int err;

	for (pfn = FIRST; pfn < FIRST + FRAMES; pfn++)
		if (size && PFN_PHYS(pfn + 1) > phys && PFN_PHYS(pfn) < phys + size)
			busy |= used[pfn];
	err = reserve_bootmem(phys, size, shared ? BOOTMEM_SHARED : 0);
	if (err != (busy && !shared ? -EBUSY : 0))
		return false;
	if (!err)
		for (pfn = FIRST; pfn < FIRST + FRAMES; pfn++)
			if (size && PFN_PHYS(pfn + 1) > phys && PFN_PHYS(pfn) < phys + size)
				used[pfn] = true;
	return true;
}

static bool one_alloc(void)
{
	unsigned long n = 1 + rnd_below(&rnd, rnd_below(&rnd, 8) ? 4 : 200);
	unsigned long align = rnd_below(&rnd, 2) ? 1 : 1ul << rnd_below(&rnd, 8);
	unsigned long goal = rnd_below(&rnd, 3) ? 0 : rnd_below(&rnd, FIRST + FRAMES + 100);
	unsigned long limit = rnd_below(&rnd, 3) ? 0 : rnd_below(&rnd, FIRST + FRAMES + 100);
	phys_addr_t phys = bootmem_alloc_phys(n * 4096 - rnd_below(&rnd, 4096), align << 12,
					      PFN_PHYS(goal), PFN_PHYS(limit));

	return phys == PFN_PHYS(model_alloc(n, align, goal, limit));
}

static bool random_against_model(void)
{
	unsigned long i, bad = 0;

	init_bootmem(__va(MIB(2)), FIRST, FIRST + FRAMES);
	memset(used, true, sizeof(used));
	for (i = 0; i < 20000 && !bad; i++) {
		switch (rnd_below(&rnd, 10)) {
		case 0:
			bad += !one_free();
			break;
		case 1:
			bad += !one_reserve();
			break;
		default:
			bad += !one_alloc();
		}
	}
	if (bad)
		printf("# operation %lu\n", i);
	return !bad && bootmem_log.calls && bootmem_log.lost;
}

/* 64 GiB, the largest bitmap. */
static bool largest_map(void)
{
	init_bootmem(__va(MIB(2)), 0, BOOTMEM_MAX_PFN);
	free_bootmem(60ull << 30, 4ull << 30);
	free_bootmem(1ull << 50, 1ull << 40);
	free_bootmem(~0ull - 8191, 8191);
	return bootmem_alloc_phys(MIB(8), MIB(4), 0, 0) == 60ull << 30 &&
	       bootmem_alloc_phys(1, 4096, 0, 60ull << 30) == 0 &&
	       bootmem_alloc_phys(1, 4096, (64ull << 30) - 4096, 0) == (64ull << 30) - 4096 &&
	       bootmem_alloc_phys(1, 4096, (64ull << 30) - 4096, 0) == (60ull << 30) + MIB(8) &&
	       bootmem_alloc_phys(MIB(4088), 4096, 0, 0) == 0;
}

static void too_early(void)
{
	free_bootmem(0, 4096);
}

static void too_large(void)
{
	init_bootmem(__va(MIB(2)), 0, BOOTMEM_MAX_PFN + 1);
}

/* ---- allocations by name ----------------------------------------------------------- */

static phys_addr_t maker_a(void)
{
	return bootmem_alloc_phys(4096, 4096, 0, 0);
}

static phys_addr_t maker_b(void)
{
	return bootmem_alloc_phys(2 * 4096, 4096, 0, 0);
}

static void test_log(void)
{
	unsigned int used_before = bootmem_log.used;
	unsigned long calls = bootmem_log.calls, pages = bootmem_log.pages;
	phys_addr_t a, b, last;
	int i;

	a = last = maker_a();
	for (i = 0; i < 9; i++)
		last = maker_a();
	is(last, a + 9 * 4096, "the lowest frames come one after the other");
	is(bootmem_log.used, used_before + 1, "one line in the log for ten neighbours");
	for (i = 0; i < 5; i++) {
		b = maker_b();
		maker_a();
	}
	is(bootmem_log.calls - calls, 20, "every call is counted");
	is(bootmem_log.pages - pages, 25, "and every page");
	ok(bootmem_log_has("maker_a", PFN_DOWN(a)), "the log knows who got a frame");
	ok(!bootmem_log_has("maker_b", PFN_DOWN(a)), "and who did not");
	ok(bootmem_log_has("maker_b", PFN_DOWN(b) + 1), "to the last page");
	ok(bootmem_log_has(NULL, PFN_DOWN(b)), "or just that somebody did");
	ok(!bootmem_log_has(NULL, PFN_DOWN(b) + 1000), "but not what is free");
	is(bootmem_log.lost, 0, "nothing was lost");
}

static void allocates_too_much(void)
{
	alloc_bootmem_low_pages(MIB_PFN(500));
}

static void test_low_pages(void)
{
	static const char zero[3 * 4096];
	char *p = alloc_bootmem_low_pages(3);
	unsigned long n = 3;

	ok((unsigned long)p >= PAGE_OFFSET && memcmp(p, zero, sizeof(zero)) == 0,
	   "alloc_bootmem_low_pages() gives cleared pages by address");
	while (bootmem_alloc_phys(MIB(1), 4096, 0, PFN_PHYS(max_low_pfn)))
		n++;
	ok(bootmem_alloc_phys(MIB(1), 4096, 0, 0) + MIB(1) > PFN_PHYS(max_low_pfn),
	   "above the limit there is still memory");
	ok(host_panics(allocates_too_much, "pages of low memory left for allocates_too_much"),
	   "without low memory the machine stops and says who wanted it");
}

/* ---- the end ----------------------------------------------------------------------- */

static void call_after_retirement(void)
{
	maker_a();
}

static void free_after_retirement(void)
{
	free_bootmem(MIB(3), 4096);
}

static void retire_twice(void)
{
	free_all_bootmem();
}

static void test_retirement(void)
{
	struct page_accounting now, scanned;
	unsigned long freed, pfn, wrong = 0;
	unsigned int i;

	host_paging();
	freed = free_all_bootmem();
	page_alloc_init();
	account_pages(&now);
	recount_pages(&scanned, NULL);
	is(now.free, freed, "all that was free is free");
	is(now.free, scanned.free, "also by counting");
	ok(accounting_identity(&now, &scanned) && !check_free_lists(), "nothing is wrong");
	for (i = 0; i < bootmem_log.used; i++)
		for (pfn = 0; pfn < bootmem_log.entry[i].pages; pfn++)
			wrong += !PageReserved(pfn_to_page(bootmem_log.entry[i].pfn + pfn));
	is(wrong, 0, "every logged frame stays reserved");
	for (pfn = 0; pfn < bootmem_log.map_pages; pfn++)
		wrong += page_type(pfn_to_page(bootmem_log.map_pfn + pfn)) != PGT_FREE;
	is(wrong, 0, "the bitmap's own pages are free");
	for (pfn = 0; pfn < MIB_PFN(1); pfn++)
		wrong += !PageReserved(pfn_to_page(pfn));
	is(wrong, 0, "the first MiB is not");
	is(now.total, now.free + now.reserved, "a frame is free or reserved");
	ok(bootmem_retired(), "bootmem is retired");
	ok(host_panics(call_after_retirement, "after retirement"),
	   "an allocation after that stops the machine");
	ok(host_panics(free_after_retirement, "after retirement"), "so does a release");
	ok(host_panics(retire_twice, "after retirement"), "and a second retirement");
}

int main(void)
{
	rnd_seed(&rnd, 1);
	host_power_on(&host_small);
	ok(host_in_copy(random_against_model), "20000 random operations against a model");
	ok(host_in_copy(largest_map), "a bitmap of 64 GiB");
	ok(host_panics(too_early, "before init_bootmem"), "too early stops the machine");
	ok(host_panics(too_large, "BOOTMEM_MAX_PFN"), "so does more than 64 GiB");
	host_bootmem();
	test_log();
	test_low_pages();
	test_retirement();
	return done();
}
