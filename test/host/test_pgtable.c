/* SPDX-License-Identifier: MIT */
/*
 * mm/pgtable.c: tables made and found, page tables in high memory, tables freed exactly
 * when nothing in their span is left, kernel halves.
 */
#include "tap.h"
#include <stdlib.h>
#include "host.h"
#include <kernel/random.h>

static struct rnd rnd;
static struct mm_struct mm;
static struct page_accounting start;

static bool as_at_start(void)
{
	struct page_accounting now, scanned;

	account_pages(&now);
	recount_pages(&scanned, NULL);
	return memcmp(&now, &start, sizeof(now)) == 0 && accounting_identity(&now, &scanned);
}

static void set_entry(unsigned long addr, unsigned long value)
{
	pte_t *pte = pte_alloc_map(&mm, addr);

	if (!pte)
		abort();
	set_pte(pte, __pte(value));
	pte_unmap(pte);
}

static unsigned long get_entry(unsigned long addr)
{
	pte_t *pte = pte_lookup(&mm, addr);
	unsigned long value;

	if (!pte)
		return 0;
	value = pte_val(*pte);
	pte_unmap(pte);
	return value;
}

static void free_region(unsigned long addr, unsigned long end, unsigned long floor,
			unsigned long ceiling)
{
	free_pgtables(&mm, addr, end, floor, ceiling, NULL);
}

static void test_one(void)
{
	unsigned long table, local = kmap_stats.local_maps;

	ok(!pte_lookup(&mm, 0x400000), "nothing there");
	set_entry(0x400000, 0x1234067);
	is(get_entry(0x400000), 0x1234067, "an entry is found again");
	is(get_entry(0x401000), 0, "its neighbour is empty");
	is(host_walk(mm.pgd, 0x400000), 0x1234067, "where the processor looks for it");
	is(mm.nr_ptes, 1, "one page table");
	is(mm.nr_pmds, PTRS_PER_PMD > 1, "one middle table, if there are any");
	is(mm.nr_puds, PTRS_PER_PUD > 1, "and one above");
	is(nr_page_table_pages, 2 + 2 * (PGTABLE_LEVELS == 4), "pages in all");
	is(page_type_count[PGT_TABLE], nr_page_table_pages, "accounted as tables");
	ok(kmap_stats.local_maps > local && !kmap_local_held(),
	   "the page table is in high memory, reached through a slot");
	set_entry(0x400000, 0);
	free_region(0x400000, 0x401000, 0x400000, 0x401000);
	is(mm.nr_ptes, 1, "a table is kept while a neighbour could use it");
	free_region(0x400000, 0x401000, 0, 0);
	is(mm.nr_ptes + mm.nr_pmds + mm.nr_puds, 0, "and freed with the last");
	is(nr_page_table_pages, 1, "but for the directory");

	user_pte_gfp = 0;
	local = kmap_stats.local_maps;
	set_entry(0x400000, 0x5678067);
	is(get_entry(0x400000), 0x5678067, "page tables in low memory");
	is(kmap_stats.local_maps, local, "need no slot");
	user_pte_gfp = __GFP_HIGHMEM;
	set_entry(0x400000, 0);
	table = host_walk(mm.pgd, 0x400000);
	is(table, 0, "empty again");
	free_region(0x400000, 0x401000, 0, 0);
}

/* Unhooked first, flushed, freed then. */
static void test_deferred(void)
{
	unsigned long tables;
	LIST_HEAD(freed);

	set_entry(PGDIR_SIZE, 1);
	set_entry(PGDIR_SIZE, 0);
	tables = nr_page_table_pages;
	free_pgtables(&mm, PGDIR_SIZE, PGDIR_SIZE + 4096, 0, 0, &freed);
	is(mm.nr_ptes, 0, "unhooked");
	is(nr_page_table_pages, tables, "not yet freed");
	free_table_list(&freed);
	is(nr_page_table_pages, 1, "freed");
	ok(list_empty(&freed), "the list is empty");
}

/* ---- regions that come and go ------------------------------------------------------ */

#define REGIONS	24
#define PLACES	(PGTABLE_LEVELS == 4 ? 4 : 2)

static struct region {
	unsigned long start, end;	/* end 0: unused */
} region[REGIONS];

/* User addresses at which things of several sizes meet. */
static unsigned long place(unsigned int n)
{
	const unsigned long places[] = {
		0x1000, 30 * PGDIR_SIZE - 8 * PMD_SIZE, PUD_SIZE - 4 * PMD_SIZE,
		TASK_SIZE - 16 * PMD_SIZE,
	};

	return places[n % PLACES];
}

static bool overlaps(unsigned long from, unsigned long to)
{
	int i;

	for (i = 0; i < REGIONS; i++)
		if (region[i].end && from < region[i].end && region[i].start < to)
			return true;
	return false;
}

static void neighbours(const struct region *r, unsigned long *floor, unsigned long *ceiling)
{
	int i;

	*floor = *ceiling = 0;
	for (i = 0; i < REGIONS; i++) {
		if (!region[i].end || &region[i] == r)
			continue;
		if (region[i].end <= r->start)
			*floor = max(*floor, region[i].end);
		else if (!*ceiling || region[i].start < *ceiling)
			*ceiling = region[i].start;
	}
}

static void fill_region(const struct region *r)
{
	unsigned long addr, i;

	for (i = 0; i < 10; i++) {
		addr = r->start + ((unsigned long)rnd_u32(&rnd) << 12) % (r->end - r->start);
		set_entry(addr, addr | 0x67);
	}
}

static int clear_entry(pte_t *pte, unsigned long addr, unsigned long next, void *arg)
{
	unsigned long *bad = arg;

	*bad += pte_val(*pte) != (addr | 0x67);
	pte_clear(pte);
	return 0;
}

static unsigned long empty_region(struct region *r)
{
	static const struct mm_walk_ops ops = {
		.flags = WALK_SKIP_NONE, .pte_entry = clear_entry,
	};
	unsigned long floor, ceiling, bad = 0;

	walk_page_range(&mm, r->start, r->end, &ops, &bad);
	neighbours(r, &floor, &ceiling);
	free_region(r->start, r->end, floor, ceiling);
	r->end = 0;
	return bad;
}

static unsigned long random_step(void)
{
	struct region *r = &region[rnd_below(&rnd, REGIONS)];
	unsigned long from, to;

	if (r->end)
		return empty_region(r);
	from = place(rnd_u32(&rnd)) + ((unsigned long)rnd_below(&rnd, 8 * PTRS_PER_PTE) << 12);
	to = from + ((unsigned long)(1 + rnd_below(&rnd, 3 * PTRS_PER_PTE)) << 12);
	if (to > TASK_SIZE || overlaps(from, to))
		return 0;
	*r = (struct region){ from, to };
	fill_region(r);
	return 0;
}

/* Tables whose span no region touches, found by reading the tables as numbers. */
static unsigned long count_leaks(const unsigned long *table, unsigned long base, int shift,
				 unsigned long n, unsigned long *tables)
{
	unsigned int bits = PGTABLE_LEVELS == 4 ? 9 : 10;
	unsigned long copy[4096 / sizeof(long)], i, leaks = 0, from;

	for (i = 0; i < n; i++) {
		if (!table[i])
			continue;
		from = base + (i << shift);
		++*tables;
		leaks += !overlaps(from, from + (1ul << shift));
		if (shift == 12 + (int)bits)
			continue;
		host_read_frame((table[i] & PTE_PFN_MASK) >> 12, copy);
		leaks += count_leaks(copy, from, shift - bits, 1ul << bits, tables);
	}
	return leaks;
}

static unsigned long check_tables(void)
{
	unsigned long tables = 0, leaks;

	leaks = count_leaks((unsigned long *)mm.pgd, 0, PGDIR_SHIFT, KERNEL_PGD_START, &tables);
	return leaks + (tables != mm.nr_ptes + mm.nr_pmds + mm.nr_puds) +
	       (tables + 1 != nr_page_table_pages);
}

static void test_regions(void)
{
	unsigned long i, bad = 0, leaks = 0, most = 0;

	for (i = 0; i < 6000; i++) {
		bad += random_step();
		most = max(most, nr_page_table_pages);
		if (i % 20 == 0)
			leaks += check_tables();
	}
	is(bad, 0, "regions come and go: their entries stay (up to %lu tables)", most);
	is(leaks, 0, "and each table goes with the last region of its span");
	for (i = 0; i < REGIONS; i++)
		if (region[i].end)
			bad += empty_region(&region[i]);
	is(nr_page_table_pages, 1, "in the end only the directory is left");
}

static void test_failures(void)
{
	unsigned long nth, bad = 0;
	pte_t *pte;

	for (nth = 1; ; nth++) {
		alloc_fail_arm(nth, 1);
		pte = pte_alloc_map(&mm, PGDIR_SIZE * 2);
		if (!alloc_fail.failed)
			break;
		bad += pte != NULL;
		alloc_fail_arm(0, 0);
		free_region(PGDIR_SIZE * 2, PGDIR_SIZE * 2 + 4096, 0, 0);
		bad += nr_page_table_pages != 1;
	}
	alloc_fail_arm(0, 0);
	pte_unmap(pte);
	free_region(PGDIR_SIZE * 2, PGDIR_SIZE * 2 + 4096, 0, 0);
	is(nth - 1, PGTABLE_LEVELS - 1, "each table on the way may be missing");
	is(bad, 0, "no table stays behind");
}

/* ---- the kernel half --------------------------------------------------------------- */

static void test_kernel_half(void)
{
	struct mm_struct other = { 0 };
	unsigned long addr = VMALLOC_BASE, i, differ = 0;
	pte_t *pte;

	for (i = 0; i < KERNEL_PGD_START; i++)
		differ += pgd_val(mm.pgd[i]) != 0;
	for (; i < PTRS_PER_PGD; i++)
		differ += pgd_val(mm.pgd[i]) != pgd_val(swapper_pg_dir[i]);
	is(differ, 0, "user half empty, kernel half as in swapper_pg_dir");
	ok(!pte_lookup(&init_mm, addr), "no table yet for a kernel address");
	ok(!sync_kernel_pgd(mm.pgd, addr), "nothing to learn");
	pte = pte_alloc_kernel(addr);
	ok(pte && pte == pte_lookup(&init_mm, addr), "pte_alloc_kernel()");
	is(init_mm.nr_ptes, 1, "counted in init_mm");
	set_pte(pte, mk_pte(pfn_to_page(5), PAGE_KERNEL));
	ok(!pte_lookup(&mm, addr), "an older address space does not know it");
	ok(sync_kernel_pgd(mm.pgd, addr), "and learns it");
	ok(pte_lookup(&mm, addr) == pte, "the same table");
	ok(!sync_kernel_pgd(mm.pgd, addr), "once");
	other.pgd = pgd_alloc(&other);
	ok(pte_lookup(&other, addr) == pte, "a younger one knows it from the start");
	pgd_free(&other, other.pgd);
	ok(!(host_walk(mm.pgd, addr) & _PAGE_USER), "the entry is privileged");
	ok(!(pgd_val(*pgd_offset_k(addr)) & _PAGE_USER), "and so is the top level");
	pte_clear(pte);
}

static void free_with_entries(void)
{
	set_entry(0x400000, 0x1067);
	free_region(0x400000, 0x401000, 0, 0);
}

int main(void)
{
	rnd_seed(&rnd, 6);
	host_boot(&host_small);
	account_pages(&start);
	mm.pgd = pgd_alloc(&mm);
	test_one();
	test_deferred();
	test_regions();
	test_failures();
	ok(host_panics(free_with_entries, "page table freed with entries"),
	   "freeing a table that is in use is noticed");
	pgd_free(&mm, mm.pgd);
	ok(as_at_start(), "nothing is lost");
	mm.pgd = pgd_alloc(&mm);
	test_kernel_half();
	return done();
}
