/* SPDX-License-Identifier: MIT */
/*
 * mm/pagewalk.c against a dull model: the tables are read as arrays of numbers, one page
 * (or one missing entry) after the other, and the events must be the same.
 */
#include "tap.h"
#include <errno.h>
#include <stdlib.h>
#include "host.h"
#include <kernel/random.h>

static struct rnd rnd;
static struct mm_struct mm;

struct event {
	char kind;			/* pte, Run of ptes, Large, hole */
	unsigned int level;
	unsigned long addr, next, value;
};

#define MAX_EVENTS	60000

static struct event seen[MAX_EVENTS], expected[MAX_EVENTS];
static unsigned long nr_seen, nr_expected;
static unsigned long stop_after;	/* callback number that returns 42; 0: none */

/* ---- the model --------------------------------------------------------------------- */

#define LEVELS	(__SIZEOF_LONG__ == 8 ? 4 : 2)
#define BITS	(__SIZEOF_LONG__ == 8 ? 9 : 10)

static unsigned int level_shift(unsigned int level)
{
	return 12 + level * BITS;
}

/* The last entry read on the way to an address, and its level; 0 is a page table's. */
static unsigned long model_entry(unsigned long addr, unsigned int *level)
{
	static unsigned long copy[4096 / sizeof(long)];
	const unsigned long *table = (const unsigned long *)mm.pgd;
	unsigned long entry, phys;

	*level = LEVELS - 1;
	for (;;) {
		entry = table[(addr >> level_shift(*level)) & ((1ul << BITS) - 1)];
		if (*level == 0 || entry == 0 || entry & _PAGE_PSE)
			return entry;
		phys = entry & PTE_PFN_MASK;
		if (phys < MIB(48)) {
			table = __va(phys);
		} else {
			host_read_frame(phys >> 12, copy);
			table = copy;
		}
		--*level;
	}
}

static void expect(char kind, unsigned int level, unsigned long addr, unsigned long next,
		   unsigned long value)
{
	expected[nr_expected++] = (struct event){ kind, level, addr, next, value };
}

static void model_walk(unsigned long start, unsigned long end, bool runs, bool skip_none)
{
	unsigned long addr = start, next, value, last = end - 1;
	struct event *e;
	unsigned int level;

	nr_expected = 0;
	do {
		value = model_entry(addr, &level);
		next = (addr | ((1ul << level_shift(level)) - 1)) + 1;
		if (next - 1 > last)
			next = end;
		e = &expected[nr_expected ? nr_expected - 1 : 0];
		if (level && value) {
			/* The middle levels are folded: what is large is called PMD. */
			expect('L', level, addr, next, value);
		} else if (level) {
			expect('h', 0, addr, next, 0);
		} else if (runs) {
			if (nr_expected && e->kind == 'R' && e->next == addr &&
			    addr % (1ul << level_shift(1)))
				e->next = next;
			else
				expect('R', 0, addr, next, value);
		} else if (value || !skip_none) {
			expect('p', 0, addr, next, value);
		}
		addr = next;
	} while (addr != end);
}

/* ---- callbacks --------------------------------------------------------------------- */

static int record(char kind, unsigned int level, unsigned long addr, unsigned long next,
		  unsigned long value, void *arg)
{
	if (arg != &mm || nr_seen == MAX_EVENTS)
		abort();
	seen[nr_seen++] = (struct event){ kind, level, addr, next, value };
	return nr_seen == stop_after ? 42 : 0;
}

static int on_pte(pte_t *pte, unsigned long addr, unsigned long next, void *arg)
{
	return record('p', 0, addr, next, pte_val(*pte), arg);
}

static int on_run(pte_t *pte, unsigned long addr, unsigned long next, void *arg)
{
	return record('R', 0, addr, next, pte_val(*pte), arg);
}

static int on_large(enum pgtable_level level, unsigned long value, unsigned long addr,
		    unsigned long next, void *arg)
{
	return record('L', level, addr, next, value, arg);
}

static int on_hole(unsigned long addr, unsigned long next, void *arg)
{
	return record('h', 0, addr, next, 0, arg);
}

static const struct mm_walk_ops each = {
	.pte_entry = on_pte, .large_entry = on_large, .hole = on_hole,
};
static const struct mm_walk_ops each_set = {
	.flags = WALK_SKIP_NONE,
	.pte_entry = on_pte, .large_entry = on_large, .hole = on_hole,
};
static const struct mm_walk_ops by_table = {
	.pte_range = on_run, .pte_entry = on_pte, .large_entry = on_large, .hole = on_hole,
};

static int walk(unsigned long start, unsigned long end, const struct mm_walk_ops *ops)
{
	int err;

	nr_seen = 0;
	err = walk_page_range(&mm, start, end, ops, &mm);
	if (kmap_local_held())
		abort();
	return err;
}

static bool same_events(unsigned long n)
{
	unsigned long i;

	for (i = 0; i < n; i++)
		if (memcmp(&seen[i], &expected[i], sizeof(seen[i])) != 0)
			return false;
	return true;
}

static bool agrees(unsigned long start, unsigned long end, const struct mm_walk_ops *ops)
{
	model_walk(start, end, ops->pte_range, ops->flags & WALK_SKIP_NONE);
	if (walk(start, end, ops) == 0 && nr_seen == nr_expected && same_events(nr_seen))
		return true;
	printf("# [%#lx, %#lx): %lu events, expected %lu\n", start, end, nr_seen, nr_expected);
	return false;
}

/* ---- a crowded address space ------------------------------------------------------- */

#define TOP_BIT		(1ul << (BITS_PER_LONG - 1))
#define USER_TOP	(__SIZEOF_LONG__ == 8 ? 1ul << 47 : TOP_BIT)
#define KERNEL_BOTTOM	(__SIZEOF_LONG__ == 8 ? 0ul - (1ul << 47) : TOP_BIT)

/* Places where something ends; the edges tested lie around them. */
static unsigned long anchors[16];
static unsigned int nr_anchors;
static unsigned long edges[256];
static unsigned int nr_edges;

static void add_anchor(unsigned long addr)
{
	anchors[nr_anchors++] = addr;
}

static void choose_anchors(void)
{
	add_anchor(0);
	add_anchor(PMD_SIZE);
	add_anchor(8 * PMD_SIZE);
	add_anchor(PUD_SIZE * 2);
	add_anchor(PUD_SIZE * 3);
	add_anchor(PGDIR_SIZE);
	add_anchor(3 * PGDIR_SIZE);
	add_anchor(USER_TOP - PGDIR_SIZE);
	add_anchor(USER_TOP);
	add_anchor(KERNEL_BOTTOM);
	add_anchor(KERNEL_BOTTOM + 5 * PGDIR_SIZE);
	add_anchor(0ul - PGDIR_SIZE);
	add_anchor(0ul - PUD_SIZE);
	add_anchor(0ul - PMD_SIZE);
}

static bool usable(unsigned long addr)
{
	return addr < USER_TOP || addr >= KERNEL_BOTTOM;
}

static void populate(void)
{
	unsigned long i, addr;
	pte_t *pte;

	for (i = 0; i < 1500; i++) {
		addr = anchors[rnd_below(&rnd, nr_anchors)] +
		       ((rnd_below(&rnd, 2200) - 1100ul) << 12);
		if (!usable(addr))
			continue;
		/* Few tables in high memory: the model is slow there. */
		user_pte_gfp = addr < PMD_SIZE ? __GFP_HIGHMEM : 0;
		pte = pte_alloc_map(&mm, addr);
		if (!pte)
			continue;
		if (rnd_below(&rnd, 4))
			set_pte(pte, __pte((unsigned long)rnd_u32(&rnd) << 12 | 1));
		pte_unmap(pte);
	}
}

/* A large page next to, or in place of, tables. */
static void put_large(unsigned long addr)
{
	pud_t *pud = pud_offset(pgd_offset(&mm, addr), addr);

	if (pud_none(*pud) || pud_large(*pud))
		return;
	set_pmd(pmd_offset(pud, addr), __pmd(0x00c00000ul | _PAGE_PSE | _PAGE_PRESENT));
}

/* The same one level higher, where there is one, in an empty entry. */
static void put_huge(unsigned long addr)
{
	unsigned long *pud;

	if (PTRS_PER_PUD == 1)
		return;
	pte_unmap(pte_alloc_map(&mm, addr ^ 8 * PUD_SIZE));
	pud = (unsigned long *)pud_offset(pgd_offset(&mm, addr), addr);
	if (*pud == 0)
		*pud = 0x40000000ul | _PAGE_PSE | _PAGE_PRESENT;
}

static void choose_edges(void)
{
	static const long offsets[] = { 0, -1, 1, 511, -1025 };
	unsigned int a, o;
	unsigned long addr;

	for (a = 0; a < nr_anchors; a++)
		for (o = 0; o < ARRAY_SIZE(offsets); o++) {
			addr = anchors[a] + ((unsigned long)offsets[o] << 12);
			if (usable(addr))
				edges[nr_edges++] = addr;
		}
}

/* Is [start, end) a range in one half, and small enough for the model's array? */
static bool testable(unsigned long start, unsigned long end)
{
	if (start > end - 1 || start == end)
		return false;
	return __SIZEOF_LONG__ == 4 || (long)(start ^ (end - 1)) >= 0;
}

static void test_all_edges(const struct mm_walk_ops *ops, const char *what)
{
	unsigned long bad = 0, ranges = 0;
	unsigned int i, j;

	for (i = 0; i < nr_edges; i++)
		for (j = 0; j < nr_edges; j++) {
			/* All pairs that are close, some of the others. */
			if ((j < i || j - i > 12) && (7 * i + j) % 11)
				continue;
			if (!testable(edges[i], edges[j]))
				continue;
			ranges++;
			bad += !agrees(edges[i], edges[j], ops);
		}
	is(bad, 0, "%lu ranges between edges, %s", ranges, what);
}

static void test_early_stop(void)
{
	unsigned long n, bad = 0;

	model_walk(0, PGDIR_SIZE + PMD_SIZE, false, false);
	for (n = 1; n <= nr_expected; n += 1 + n / 50) {
		stop_after = n;
		bad += walk(0, PGDIR_SIZE + PMD_SIZE, &each) != 42 || nr_seen != n ||
		       !same_events(n);
	}
	stop_after = 0;
	is(bad, 0, "a callback's value ends the walk and is its result");
}

static void test_random_ranges(void)
{
	unsigned long i, bad = 0, start, end;

	for (i = 0; i < 3000; i++) {
		start = anchors[rnd_below(&rnd, nr_anchors)] +
			((rnd_below(&rnd, 4000) - 2000ul) << 12);
		end = start + ((unsigned long)rnd_below(&rnd, 1500) << 12);
		if (!usable(start) || !usable(end - 1) || !testable(start, end))
			continue;
		bad += !agrees(start, end, i % 2 ? &each : &by_table);
	}
	is(bad, 0, "random ranges");
}

static void test_invalid(void)
{
	is(walk(4096, 4096, &each), 0, "an empty range is one");
	is(nr_seen, 0, "and calls nobody");
	is(walk(8192, 4096, &each), -EINVAL, "start behind end");
	is(walk(4097, 8192, &each), -EINVAL, "start not aligned");
	is(walk(4096, 8193, &each), -EINVAL, "end not aligned");
	if (__SIZEOF_LONG__ == 8) {
		is(walk(0, 0, &each), -EINVAL, "both halves");
		is(walk(USER_TOP - 4096, USER_TOP + 4096, &each), -EINVAL, "out of the half");
		is(walk(USER_TOP, USER_TOP + 4096, &each), -EINVAL, "between the halves");
		is(walk(KERNEL_BOTTOM - 4096, 0, &each), -EINVAL, "from between the halves");
		is(walk(4096, 0, &each), -EINVAL, "from one half to the top of the other");
		return;
	}
	ok(agrees(0, 0, &each_set), "everything there is");
	ok(agrees(4096, 0, &each_set), "all but the first page");
}

/* ---- allocating walks -------------------------------------------------------------- */

static const struct mm_walk_ops filling = { .flags = WALK_ALLOC, .pte_entry = on_pte };
static const struct mm_walk_ops filling_large = {
	.flags = WALK_ALLOC, .pte_entry = on_pte, .large_entry = on_large,
};

static void test_alloc(void)
{
	unsigned long start = 40 * PMD_SIZE - 8192, end = 43 * PMD_SIZE + 4096, i, wrong = 0;
	unsigned long ptes = mm.nr_ptes;

	is(walk(start, end, &filling), 0, "WALK_ALLOC makes what is missing");
	is(mm.nr_ptes - ptes, 5, "five page tables");
	is(nr_seen, (end - start) >> 12, "every entry is visited");
	for (i = 0; i < nr_seen; i++)
		wrong += seen[i].kind != 'p' || seen[i].addr != start + (i << 12) ||
			 seen[i].value;
	is(wrong, 0, "in order");
	is(walk(start, end, &filling), 0, "again");
	is(mm.nr_ptes - ptes, 5, "no more tables");
	ok(agrees(start - PMD_SIZE, end + PMD_SIZE, &each), "a plain walk sees them");

	put_large(41 * PMD_SIZE);
	is(walk(start, end, &filling), -EBUSY, "a large page in the way");
	is(walk(start, end, &filling_large), 0, "is passed to who can use it");
	is(walk(start, end, &(struct mm_walk_ops){ .pte_entry = on_pte }), 0,
	   "or skipped when nothing is to be made");
	if (PTRS_PER_PUD > 1)
		is(walk(3 * PUD_SIZE, 3 * PUD_SIZE + 4096, &filling), -EBUSY, "a huge one, too");
	is(walk(0ul - 3 * 4096, 0, &filling), 0, "to the top of memory");
	is(nr_seen, 3, "three entries");
	ok(seen[2].next == 0, "the last ends at 0");
}

static void test_alloc_failure(void)
{
	unsigned long start = 20 * PGDIR_SIZE - PMD_SIZE, end = 20 * PGDIR_SIZE + PMD_SIZE;
	unsigned long nth, bad = 0, tables = nr_page_table_pages;

	for (nth = 1; nth < 100; nth++) {
		alloc_fail_arm(nth, 1);
		if (walk(start, end, &filling) == 0 && !alloc_fail.failed)
			break;
		bad += alloc_fail.failed && nr_seen && nr_seen != PTRS_PER_PTE;
		alloc_fail_arm(0, 0);
		bad += walk(start, end, &filling) != 0;	/* goes on where it stopped */
		free_pgtables(&mm, start, end, start - PGDIR_SIZE, end + PGDIR_SIZE, NULL);
		bad += nr_page_table_pages > tables + 2;
	}
	alloc_fail_arm(0, 0);
	ok(nth >= 3 && !bad, "each of %lu tables may be missing", nth - 1);
}

int main(void)
{
	rnd_seed(&rnd, 9);
	host_boot(&host_small);
	mm.pgd = pgd_alloc(&mm);
	memset(mm.pgd, 0, 4096);
	choose_anchors();
	put_huge(PUD_SIZE * 3);
	put_huge(0ul - 2 * PUD_SIZE);
	populate();
	put_large(2 * PMD_SIZE);
	put_large(PGDIR_SIZE - PMD_SIZE);
	put_large(0ul - 2 * PMD_SIZE);
	choose_edges();
	test_all_edges(&each, "every entry");
	test_all_edges(&each_set, "only entries that are set");
	test_all_edges(&by_table, "table by table");
	test_random_ranges();
	test_early_stop();
	test_invalid();
	test_alloc();
	test_alloc_failure();
	ok(!check_free_lists(), "free lists are sound");
	return done();
}
