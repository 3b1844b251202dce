/* SPDX-License-Identifier: MIT */
/*
 * Regions against a dull model: an array with what each page of a small address space
 * should be.  After every random operation the validator must be content, every page must
 * be what the model says, and there must be no more regions than the model has runs.
 */
#include "tap.h"
#include <stdlib.h>
#include "host_user.h"
#include <kernel/random.h>
#include <linux/errno.h>
#include <mm/slab.h>
#include <mm/mmap.h>

#define PAGES	300
#define BASE	16ul			/* first page that the operations use */

struct model_page {
	unsigned long flags;		/* 0: nothing there */
	unsigned long pgoff;
	int file;
};

static struct model_page model[PAGES];
static struct mm_struct mm;
static struct rnd rnd;
static struct file file_objects[3];

static struct file *file_of(int n)
{
	return n ? &file_objects[n] : NULL;
}

static unsigned long model_runs(void)
{
	unsigned long i, runs = 0;

	for (i = 0; i < PAGES; i++) {
		const struct model_page *p = &model[i], *q = i ? &model[i - 1] : NULL;

		if (!p->flags)
			continue;
		runs += !q || q->flags != p->flags || q->file != p->file ||
			q->pgoff + 1 != p->pgoff || (p->flags & VM_SPECIAL);
	}
	return runs;
}

static bool same_as_model(void)
{
	struct vm_area_struct *vma = mm.mmap;
	unsigned long i, addr;

	for (i = 0; i < PAGES; i++) {
		addr = i << PAGE_SHIFT;
		while (vma && vma->vm_end <= addr)
			vma = vma->vm_next;
		if (!vma || vma->vm_start > addr) {
			if (model[i].flags)
				return false;
			continue;
		}
		if (vma->vm_flags != model[i].flags || vma->vm_file != file_of(model[i].file) ||
		    vma->vm_pgoff + ((addr - vma->vm_start) >> PAGE_SHIFT) != model[i].pgoff)
			return false;
	}
	return true;
}

static bool sane(const char *what)
{
	const char *wrong = vma_check(&mm);

	if (!wrong && !same_as_model())
		wrong = "a page is not what the model says";
	if (!wrong && (unsigned long)mm.map_count != model_runs())
		wrong = "regions that could be one";
	if (wrong)
		diag("%s: %s (%d regions, %lu runs)", what, wrong, mm.map_count, model_runs());
	return !wrong;
}

static void unmap(unsigned long first, unsigned long last)
{
	unsigned long start = first << PAGE_SHIFT, end = last << PAGE_SHIFT;
	struct vm_area_struct *vma;

	while ((vma = find_vma_intersection(&mm, start, end)) != NULL) {
		if (vma->vm_start < start && split_vma(&mm, vma, start, true))
			abort();
		if (vma->vm_end > end && split_vma(&mm, vma, end, false))
			abort();
		vma_unlink(&mm, vma);
		vma_release(vma);
	}
	memset(&model[first], 0, (last - first) * sizeof(model[0]));
}

static void map(unsigned long first, unsigned long last, unsigned long flags, int file,
		unsigned long pgoff)
{
	struct vma_desc d = {
		.start = first << PAGE_SHIFT, .end = last << PAGE_SHIFT, .flags = flags,
		.pgoff = pgoff, .file = file_of(file),
	};
	struct vm_area_struct *vma;
	unsigned long i;

	unmap(first, last);
	if (!vma_merge_new(&mm, &d)) {
		vma = vma_alloc(&mm);
		vma->vm_start = d.start;
		vma->vm_end = d.end;
		vma->vm_flags = flags;
		vma->vm_pgoff = pgoff;
		vma->vm_file = d.file ? get_file(d.file) : NULL;
		if (insert_vm_struct(&mm, vma))
			abort();
	}
	for (i = first; i < last; i++)
		model[i] = (struct model_page){ flags, pgoff + i - first, file };
}

/* As mprotect does it: region by region; flags of special regions stay. */
static void protect(unsigned long first, unsigned long last, unsigned long flags)
{
	unsigned long start = first << PAGE_SHIFT, end = last << PAGE_SHIFT, i;
	struct vm_area_struct *vma = find_vma(&mm, start);

	for (; vma && vma->vm_start < end; vma = vma->vm_next) {
		unsigned long from = max(start, vma->vm_start), to = min(end, vma->vm_end);

		if (vma->vm_flags & VM_SPECIAL)
			continue;
		vma = vma_modify(&mm, vma, from, to, flags);
		if (!vma)
			abort();
		/* A merge may have swallowed what came next: go on behind it. */
	}
	for (i = first; i < last; i++)
		if (model[i].flags && !(model[i].flags & VM_SPECIAL))
			model[i].flags = flags;
}

static unsigned long brute_topdown(unsigned long n, unsigned long low, unsigned long high)
{
	unsigned long i, run = 0;

	for (i = min(high, (unsigned long)PAGES); i-- > max(low, 1ul); ) {
		run = model[i].flags ? 0 : run + 1;
		if (run == n)
			return i;
	}
	return 0;
}

static unsigned long brute_bottomup(unsigned long n, unsigned long low, unsigned long high)
{
	unsigned long i, run = 0;

	for (i = max(low, 1ul); i < high; i++) {
		run = i < PAGES && model[i].flags ? 0 : run + 1;
		if (run == n)
			return i - n + 1;
	}
	return 0;
}

static bool areas_agree(void)
{
	unsigned long n = 1 + rnd_below(&rnd, 40), low = rnd_below(&rnd, PAGES / 2);
	unsigned long high = PAGES / 2 + rnd_below(&rnd, PAGES / 2), down, up;

	/* Half of them as mmap asks: those start where the last one ended. */
	if (rnd_below(&rnd, 2))
		high = mm.mmap_base >> PAGE_SHIFT;
	down = unmapped_area_topdown(&mm, n << PAGE_SHIFT, low << PAGE_SHIFT, high << PAGE_SHIFT);
	up = unmapped_area(&mm, n << PAGE_SHIFT, low << PAGE_SHIFT, high << PAGE_SHIFT);
	if (down >> PAGE_SHIFT == brute_topdown(n, low, high) &&
	    up >> PAGE_SHIFT == brute_bottomup(n, low, high))
		return true;
	diag("%lu pages in %lu..%lu: %#lx and %#lx, expected pages %lu and %lu", n, low, high,
	     down, up, brute_topdown(n, low, high), brute_bottomup(n, low, high));
	return false;
}

static bool find_agrees(void)
{
	unsigned long page = rnd_below(&rnd, PAGES), i = page;
	struct vm_area_struct *vma = find_vma(&mm, page << PAGE_SHIFT), *prev, *again;

	again = find_vma_prev(&mm, page << PAGE_SHIFT, &prev);
	while (i < PAGES && !model[i].flags)
		i++;
	if (vma != again || (vma && vma->vm_prev != prev))
		return false;
	if (i == PAGES)
		return !vma;
	return vma && vma->vm_start <= i << PAGE_SHIFT && vma->vm_end > i << PAGE_SHIFT;
}

static void random_use(unsigned long steps)
{
	static const unsigned long flags[] = {
		VM_READ, VM_READ | VM_WRITE, VM_READ | VM_EXEC, VM_READ | VM_LOCKED,
	};
	unsigned long i, bad = 0, bad_area = 0, bad_find = 0, first, last;
	int file;

	for (i = 0; i < steps && !bad; i++) {
		first = BASE + rnd_below(&rnd, PAGES - BASE - 1);
		last = first + 1 + rnd_below(&rnd, min(PAGES - first, 30ul));
		switch (rnd_below(&rnd, 8)) {
		case 0: case 1: case 2:
			/* Offsets that continue neighbours: merging must find them. */
			file = rnd_below(&rnd, 3);
			map(first, last, flags[rnd_below(&rnd, 4)], file,
			    first + (file ? 100 * rnd_below(&rnd, 2) : 0));
			break;
		case 3:
			unmap(first, last);
			break;
		default:
			protect(first, last, flags[rnd_below(&rnd, 4)]);
		}
		bad += !sane("random use");
		bad_area += !areas_agree();
		bad_find += !find_agrees();
	}
	is(bad, 0, "%lu random operations: regions are the model's, as few as can be", steps);
	is(bad_area, 0, "free areas are where brute force finds them");
	is(bad_find, 0, "find_vma and find_vma_prev find what a scan finds");
}

/* The twelve cases of joining a new region to its neighbours (catalogue A8). */
static void merge_cases(void)
{
	const unsigned long rw = VM_READ | VM_WRITE;

	unmap(0, PAGES);
	map(20, 30, rw, 0, 20);
	map(40, 50, rw, 0, 40);
	is(mm.map_count, 2, "two regions apart");
	map(30, 35, rw, 0, 30);
	is(mm.map_count, 2, "with the previous one");
	map(38, 40, rw, 0, 38);
	is(mm.map_count, 2, "with the next one");
	map(35, 38, rw, 0, 35);
	is(mm.map_count, 1, "with both");
	unmap(30, 35);
	is(mm.map_count, 2, "a hole makes two");
	map(30, 35, VM_READ, 0, 30);
	is(mm.map_count, 3, "not with other rights");
	protect(30, 35, rw);
	is(mm.map_count, 1, "but when the rights are the same again");
	unmap(30, 35);
	map(30, 35, rw, 1, 30);
	is(mm.map_count, 3, "not with a file");
	unmap(30, 35);
	map(30, 35, rw, 0, 31);
	is(mm.map_count, 3, "not with another offset");
	unmap(0, PAGES);
	map(20, 30, rw, 1, 5);
	map(30, 40, rw, 1, 15);
	is(mm.map_count, 1, "a file's offsets go on");
	map(40, 50, rw | VM_IO, 1, 25);
	map(50, 60, rw | VM_IO, 1, 35);
	is(mm.map_count, 3, "device regions stay alone");
	ok(!vma_check(&mm) && same_as_model(), "all of it in order");
	unmap(0, PAGES);
}

static void guard_gap(void)
{
	struct vm_area_struct *stack = vma_alloc(&mm);
	unsigned long top = 2000 * PAGE_SIZE;

	stack->vm_start = top - 10 * PAGE_SIZE;
	stack->vm_end = top;
	stack->vm_flags = VM_READ | VM_WRITE | VM_GROWSDOWN;
	is(insert_vm_struct(&mm, stack), 0, "a stack");
	is(unmapped_area_topdown(&mm, PAGE_SIZE, 0, top), stack->vm_start - 257 * PAGE_SIZE,
	   "256 pages below it stay free");
	is(insert_vm_struct(&mm, stack), -ENOMEM, "what overlaps is refused");
	ok(!vma_check(&mm), "in order");
	vma_unlink(&mm, stack);
	vma_free(stack);
	is(mm.total_vm, 0, "nothing is left");
}

/* A region more than allowed, and no memory for a split: nothing may change. */
static void refusals(void)
{
	struct vm_area_struct *vma;

	map(20, 40, VM_READ | VM_WRITE, 0, 20);
	vma = find_vma(&mm, 25 << PAGE_SHIFT);
	mm.map_count += sysctl_max_map_count - 1;
	is(split_vma(&mm, vma, 30 << PAGE_SHIFT, true), -ENOMEM, "65530 regions are the limit");
	mm.map_count--;
	ok(!vma_modify(&mm, vma, 25 << PAGE_SHIFT, 30 << PAGE_SHIFT, VM_READ),
	   "two more for the middle are refused");
	mm.map_count -= sysctl_max_map_count - 2;
	ok(sane("refusals"), "and nothing has changed");
	ok(vma_modify(&mm, vma, 25 << PAGE_SHIFT, 30 << PAGE_SHIFT, VM_READ) != NULL,
	   "with room it works");
	is(mm.map_count, 3, "three regions");
	unmap(0, PAGES);
}

/* Where searches start (Gorman 5.4.4), and what moves that place. */
static void area_cache(void)
{
	const unsigned long rw = VM_READ | VM_WRITE, base = mm.mmap_base;
	struct vm_area_struct *vma;

	map(100, 101, rw, 0, 100);
	map(200, 280, rw, 0, 200);
	is(unmapped_area_topdown(&mm, 2 * PAGE_SIZE, 0, base), 198 * PAGE_SIZE, "below the last region");
	ok(mm.free_area_cache == find_vma(&mm, 200 * PAGE_SIZE), "that is where the next one starts");
	map(198, 200, VM_READ, 0, 198);
	ok(mm.free_area_cache == find_vma(&mm, 198 * PAGE_SIZE), "and on below what fills the area");
	unmap(250, 251);
	is(unmapped_area_topdown(&mm, 2 * PAGE_SIZE, 0, base), 196 * PAGE_SIZE,
	   "a hole that is too small is passed");
	is(unmapped_area_topdown(&mm, PAGE_SIZE, 0, base), 250 * PAGE_SIZE,
	   "and found for a smaller request");
	is(unmapped_area_topdown(&mm, 2 * PAGE_SIZE, 0, base), 196 * PAGE_SIZE, "down again");
	unmap(251, 252);
	is(unmapped_area_topdown(&mm, 2 * PAGE_SIZE, 0, base), 250 * PAGE_SIZE,
	   "a hole that grew is found");
	vma = find_vma(&mm, 252 * PAGE_SIZE);
	vma_set_bounds(vma, 252 * PAGE_SIZE, 278 * PAGE_SIZE);
	memset(&model[278], 0, 2 * sizeof(model[0]));
	is(unmapped_area_topdown(&mm, 2 * PAGE_SIZE, 0, base), 278 * PAGE_SIZE,
	   "what a border gives free behind the last region too");
	unmap(200, 280);
	ok(sane("area cache"), "in order without the regions that it named");
	unmap(0, PAGES);
	ok(!mm.free_area_cache, "nothing is left to start at");
}

/* Ten thousand regions: steps of a search are logarithmic (catalogue A2). */
static void many(void)
{
	unsigned long i, worst = 0, before;
	struct vm_area_struct *vma;

	for (i = 0; i < 10000; i++) {
		vma = vma_alloc(&mm);
		vma->vm_start = (2 * i + 1) * PAGE_SIZE;
		vma->vm_end = vma->vm_start + PAGE_SIZE;
		vma->vm_flags = VM_READ;
		insert_vm_struct(&mm, vma);
	}
	for (i = 0; i < 10000; i++) {
		before = vma_stats.steps;
		find_vma(&mm, rnd_below(&rnd, 20000) * PAGE_SIZE);
		worst = max(worst, vma_stats.steps - before);
	}
	ok(worst <= 28, "10000 regions: at most %lu steps, 2 log2 n is 27", worst);
	while (mm.mmap) {
		vma = mm.mmap;
		vma_unlink(&mm, vma);
		vma_free(vma);
	}
	ok(!vma_check(&mm), "all unlinked again");
}

int main(void)
{
	host_boot(&host_small);
	vma_cache_init();
	file_objects[1].count = file_objects[2].count = 1;
	rnd_seed(&rnd, 11);
	mm.mmap_base = 280 * PAGE_SIZE;
	merge_cases();
	guard_gap();
	refusals();
	area_cache();
	many();
	random_use(20000);
	unmap(0, PAGES);
	kmem_cache_shrink(vm_area_cachep);
	is(kmem_cache_inuse(vm_area_cachep), 0, "no region is left over");
	is(file_objects[1].count + file_objects[2].count, 2, "no file reference is");
	return done();
}
