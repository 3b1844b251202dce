/* SPDX-License-Identifier: MIT */
/*
 * Rows about the bookkeeping of regions (mm/vma.c): an address space of its own, without
 * pages, so that many operations cost little.  What a program can see of it is in
 * user/rows/regionset.c.
 */
#include <kernel/random.h>
#include <kernel/string.h>
#include <mm/mmap.h>
#include <test/row.h>

#define PAGES		200u
#define FIRST		32u		/* pages below are left alone */
#define ADDR(page)	((unsigned long)(page) << PAGE_SHIFT)

static struct rnd rnd;
static u8 model[PAGES];			/* flags of each page, 0: nothing there */

static struct mm_struct *begin(struct row *r, unsigned seed)
{
	struct mm_struct *mm = mm_alloc();

	row_ok(r, mm != NULL, "no address space");
	rnd_seed(&rnd, seed);
	memset(model, 0, sizeof(model));
	return mm;
}

/* As mmap does it where nothing is. */
static bool put(struct mm_struct *mm, unsigned long first, unsigned long end, unsigned long flags)
{
	const struct vma_desc d = {
		.start = ADDR(first), .end = ADDR(end), .flags = flags, .pgoff = first,
	};
	struct vm_area_struct *vma;

	if (vma_merge_new(mm, &d))
		return true;
	vma = vma_alloc(mm);
	if (!vma)
		return false;
	vma->vm_start = d.start;
	vma->vm_end = d.end;
	vma->vm_flags = flags;
	vma->vm_pgoff = first;
	if (!insert_vm_struct(mm, vma))
		return true;
	vma_free(vma);
	return false;
}

static int cut(struct mm_struct *mm, unsigned long first, unsigned long end)
{
	return do_munmap(mm, ADDR(first), ADDR(end - first));
}

static void modify(struct mm_struct *mm, unsigned long first, unsigned long end,
		   unsigned long flags)
{
	unsigned long at = ADDR(first), to;
	struct vm_area_struct *vma;

	for (; at < ADDR(end); at = to) {
		vma = find_vma_intersection(mm, at, ADDR(end));
		if (!vma)
			return;
		at = max(at, vma->vm_start);
		to = min(ADDR(end), vma->vm_end);
		vma_modify(mm, vma, at, to, flags);
	}
}

/* One operation at random, in both. */
static void random_op(struct mm_struct *mm)
{
	static const u8 kinds[] = { VM_READ, VM_READ | VM_WRITE, VM_READ | VM_EXEC };
	unsigned long first = FIRST + rnd_below(&rnd, PAGES - FIRST - 1);
	unsigned long end = first + 1 + rnd_below(&rnd, (u32)min(PAGES - first, 20ul)), i;
	u8 flags = kinds[rnd_below(&rnd, 3)];
	u32 what = rnd_below(&rnd, 4);

	end = min(end, (unsigned long)PAGES);
	if (what < 2)
		cut(mm, first, end);
	if (what == 0)
		put(mm, first, end, flags);
	if (what > 1)
		modify(mm, first, end, flags);
	for (i = first; i < end; i++)
		if (what < 2 || model[i])
			model[i] = what == 1 ? 0 : flags;
}

static unsigned long runs(void)
{
	unsigned long i, n = 0;

	for (i = 1; i < PAGES; i++)
		n += model[i] && model[i] != model[i - 1];
	return n;
}

/* The list says for each page what the model does. */
static bool same(struct mm_struct *mm)
{
	struct vm_area_struct *vma = mm->mmap;
	unsigned long i, flags;

	for (i = 0; i < PAGES; i++) {
		while (vma && vma->vm_end <= ADDR(i))
			vma = vma->vm_next;
		flags = vma && vma->vm_start <= ADDR(i) ? vma->vm_flags : 0;
		if (flags != model[i])
			return false;
	}
	return !vma || !vma->vm_next;
}

/* ---- A2: list and tree ------------------------------------------------------------- */

#define MANY		10000u
#define STEPS_MAX	26u		/* 2 log2 MANY */

static unsigned long worst_find(struct row *r, struct mm_struct *mm, unsigned long step)
{
	unsigned long i, before, worst = 0, wrong = 0;
	struct vm_area_struct *vma;

	for (i = 0; i < MANY; i += step) {
		before = vma_stats.steps;
		vma = find_vma(mm, ADDR(FIRST + 2 * i));
		wrong += !vma || vma->vm_start != ADDR(FIRST + 2 * i);
		worst = max(worst, vma_stats.steps - before);
	}
	row_eq(r, wrong, 0, "searches that found another region");
	return worst;
}

static void many_regions(struct row *r, struct mm_struct *mm)
{
	unsigned long i, worst;
	const char *wrong = NULL;

	for (i = 0; i < MANY; i++) {
		/* From both ends and the middle, so that the tree has to turn. */
		unsigned long at = i % 3 == 0 ? i / 3 : i % 3 == 1 ? MANY - 1 - i / 3 :
				   MANY / 3 + 1 + i / 3;

		if (!put(mm, FIRST + 2 * at, FIRST + 2 * at + 1, VM_READ))
			break;
		if (i % 2500 == 2499 && !wrong)
			wrong = vma_check(mm);
	}
	row_eq(r, mm->map_count, MANY, "regions of one page");
	row_ok(r, !wrong, "validator: %s", wrong ? wrong : "");
	worst = worst_find(r, mm, 1);
	row_ok(r, worst <= STEPS_MAX, "a search takes %lu steps, expected %u at most", worst, STEPS_MAX);
	for (i = 0; i < MANY; i += 2)
		cut(mm, FIRST + 2 * i, FIRST + 2 * i + 1);
	row_eq(r, mm->map_count, MANY / 2, "regions after every other one went");
	wrong = vma_check(mm);
	row_ok(r, !wrong, "validator: %s", wrong ? wrong : "");
	row_info(r, "%u regions, at most %lu steps", MANY, worst);
}

static void a2_list_and_tree(struct row *r)
{
	struct mm_struct *mm = begin(r, 2);
	unsigned long i, differ = 0, borders = 0;
	const char *wrong = NULL;

	if (!mm)
		return;
	for (i = 0; i < 1000 && !wrong; i++) {
		random_op(mm);
		wrong = vma_check(mm);
		differ += !same(mm);
		borders += runs() != (unsigned long)mm->map_count;
	}
	row_ok(r, !wrong, "validator after operation %lu: %s", i, wrong ? wrong : "");
	row_eq(r, differ, 0, "operations after which a page was not what it should be");
	row_eq(r, borders, 0, "operations after which there were other borders than needed");
	cut(mm, FIRST, PAGES);
	row_eq(r, mm->map_count, 0, "regions when all is unmapped");
	many_regions(r, mm);
	mmput(mm);
	run_user_row(r, "/bin/rows", "A2");
}
ROW(A2, "regions: list and tree always agree, searches are logarithmic", a2_list_and_tree);

/* ---- A4: find, and its cache ------------------------------------------------------- */

static unsigned long expected_find(unsigned long page)
{
	while (page < PAGES && !model[page])
		page++;
	return page;
}

static void check_finds(struct row *r, struct mm_struct *mm)
{
	unsigned long page, wrong = 0, expected;
	struct vm_area_struct *vma;

	for (page = 0; page < PAGES; page++) {
		vma = find_vma(mm, ADDR(page) + 5);
		expected = expected_find(page);
		if (expected == PAGES)
			wrong += vma != NULL;
		else
			wrong += !vma || vma->vm_start > ADDR(expected) ||
				 vma->vm_end <= ADDR(expected);
	}
	row_eq(r, wrong, 0, "searches that found another region than a scan of the pages");
}

/* hits, steps of a number of searches for one address */
static void repeated(struct row *r, struct mm_struct *mm, unsigned long page, unsigned long hits,
		     const char *what)
{
	const struct vma_stats before = vma_stats;
	unsigned long i;

	for (i = 0; i < 10; i++)
		find_vma(mm, ADDR(page) + i);
	row_eq(r, vma_stats.finds - before.finds, 10, "%s: searches counted", what);
	row_eq(r, vma_stats.cache_hits - before.cache_hits, hits, "%s: answers of the cache", what);
	if (hits == 10)
		row_eq(r, vma_stats.steps - before.steps, 0, "%s: steps in the tree", what);
}

static void a4_find(struct row *r)
{
	struct mm_struct *mm = begin(r, 4);
	struct vm_area_struct *vma, *next;
	unsigned long i;

	if (!mm)
		return;
	row_ok(r, !find_vma(mm, 0), "something is found where nothing is");
	for (i = 0; i < 100; i++) {
		random_op(mm);
		if (i % 10 == 9)
			check_finds(r, mm);
	}
	cut(mm, FIRST, PAGES);
	put(mm, 50, 60, VM_READ);
	put(mm, 60, 70, VM_READ | VM_WRITE);
	put(mm, 80, 90, VM_READ);
	vma = find_vma(mm, ADDR(65));
	next = find_vma(mm, ADDR(75));
	row_ok(r, next && next->vm_start == ADDR(80), "from a gap the next region is not found");
	row_ok(r, find_vma(mm, ADDR(60) - 1) == vma->vm_prev, "the last byte belongs to another");
	row_ok(r, !find_vma(mm, ADDR(90)), "the end of the last region belongs to it");
	repeated(r, mm, 80, 9, "the first one changes the cache");
	repeated(r, mm, 80, 10, "the same again");
	repeated(r, mm, 75, 10, "the gap below the cached region");
	repeated(r, mm, 45, 9, "the gap below another one, then from the cache");
	cut(mm, 80, 90);
	row_ok(r, !find_vma(mm, ADDR(85)), "after munmap the old region is still found");
	find_vma(mm, ADDR(65));
	cut(mm, 60, 70);
	row_ok(r, !find_vma(mm, ADDR(65)), "after munmap of the cached region it is still found");
	find_vma(mm, ADDR(55));
	cut(mm, 52, 55);
	row_ok(r, find_vma(mm, ADDR(53)) && find_vma(mm, ADDR(53))->vm_start == ADDR(55),
	       "a hole in the cached region is not seen");
	mmput(mm);
}
ROW(A4, "find_vma: the first region that ends above, from its cache if it is the same", a4_find);

/* ---- A5: with predecessor, intersections --------------------------------------------- */

static void a5_prev(struct row *r)
{
	/* Regions [50, 60), [60, 70), [80, 90): address; start of prev and answer, 0: none. */
	static const struct {
		u8 page, prev, vma;
	} finds[] = {
		{ 0, 0, 50 }, { 49, 0, 50 }, { 50, 0, 50 }, { 59, 0, 50 }, { 60, 50, 60 },
		{ 69, 50, 60 }, { 70, 60, 80 }, { 79, 60, 80 }, { 80, 60, 80 }, { 89, 60, 80 },
		{ 90, 80, 0 }, { 150, 80, 0 },
	};
	static const struct {
		u8 from, to, vma;
	} meets[] = {
		{ 0, 50, 0 }, { 0, 51, 50 }, { 40, 200, 50 }, { 59, 60, 50 }, { 59, 61, 50 },
		{ 60, 61, 60 }, { 70, 80, 0 }, { 69, 80, 60 }, { 70, 81, 80 }, { 75, 76, 0 },
		{ 89, 90, 80 }, { 90, 200, 0 },
	};
	struct mm_struct *mm = begin(r, 5);
	struct vm_area_struct *vma, *prev;
	unsigned i;

	if (!mm)
		return;
	vma = find_vma_prev(mm, 0, &prev);
	row_ok(r, !vma && !prev, "an empty address space has neighbours");
	put(mm, 50, 60, VM_READ);
	put(mm, 60, 70, VM_READ | VM_WRITE);
	put(mm, 80, 90, VM_READ);
	for (i = 0; i < ARRAY_SIZE(finds); i++) {
		vma = find_vma_prev(mm, ADDR(finds[i].page), &prev);
		row_eq(r, vma ? vma->vm_start : 0, ADDR(finds[i].vma), "region from page %u",
		       finds[i].page);
		row_eq(r, prev ? prev->vm_start : 0, ADDR(finds[i].prev), "the one before page %u",
		       finds[i].page);
	}
	for (i = 0; i < ARRAY_SIZE(meets); i++) {
		vma = find_vma_intersection(mm, ADDR(meets[i].from), ADDR(meets[i].to));
		row_eq(r, vma ? vma->vm_start : 0, ADDR(meets[i].vma), "region that meets %u..%u",
		       meets[i].from, meets[i].to);
	}
	vma = find_vma_intersection(mm, ADDR(60) - 1, ADDR(60));
	row_eq(r, vma ? vma->vm_start : 0, ADDR(50), "region of a last byte");
	mmput(mm);
	row_info(r, "%u searches, %u intersections", (unsigned)ARRAY_SIZE(finds),
		 (unsigned)ARRAY_SIZE(meets) + 1);
}
ROW(A5, "find with predecessor, and intersections, at every edge", a5_prev);

/* ---- A6: free areas ---------------------------------------------------------------- */

static unsigned long brute_down(unsigned long n, unsigned long low, unsigned long high)
{
	unsigned long i, run = 0;

	for (i = high; i-- > max(low, 1ul); ) {
		run = i < PAGES && model[i] ? 0 : run + 1;
		if (run == n)
			return i;
	}
	return 0;
}

static unsigned long brute_up(unsigned long n, unsigned long low, unsigned long high)
{
	unsigned long i, run = 0;

	for (i = max(low, 1ul); i < high; i++) {
		run = i < PAGES && model[i] ? 0 : run + 1;
		if (run == n)
			return i - n + 1;
	}
	return 0;
}

static void a6_places(struct row *r)
{
	struct mm_struct *mm = begin(r, 6);
	unsigned long i, k, n, low, high, wrong = 0;

	if (!mm)
		return;
	for (i = 0; i < 400; i++) {
		random_op(mm);
		for (k = 0; k < 4; k++) {
			n = 1 + rnd_below(&rnd, 30);
			low = rnd_below(&rnd, PAGES / 2);
			high = PAGES / 2 + rnd_below(&rnd, PAGES);
			wrong += unmapped_area_topdown(mm, ADDR(n), ADDR(low), ADDR(high)) !=
				 ADDR(brute_down(n, low, high));
			wrong += unmapped_area(mm, ADDR(n), ADDR(low), ADDR(high)) !=
				 ADDR(brute_up(n, low, high));
		}
	}
	row_eq(r, wrong, 0, "places of 3200 that brute force finds elsewhere");
	mmput(mm);
	run_user_row(r, "/bin/rows", "A6");
}
ROW(A6, "a free place: hint, fixed, top-down; every hole is found again", a6_places);

USER_ROW(A8, "regions merge with neighbours that fit, and only with those", "/bin/rows");
USER_ROW(A22, "random operations against a model: equal after each step", "/bin/rows");

/* Too long for every boot: test/boot/regions.t.  Each program has its own time limit. */
static void region_fuzz(struct row *r)
{
	static const char *const seeds[] = { "1", "2", "3", "4", "5", "6", "7", "8", "9", "10" };
	unsigned i;

	for (i = 0; i < ARRAY_SIZE(seeds); i++) {
		const char *const argv[] = { "/bin/rows", "A22", "10000", seeds[i], NULL };

		run_user_argv(r, argv);
	}
}
ROW_FLAGS(REGIONS, "100,000 random operations against a model", region_fuzz, ROW_EXPLICIT);
