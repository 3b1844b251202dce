/* SPDX-License-Identifier: MIT */
/*
 * The baseline: each row leaves the machine as it found it (catalogue rule 4).
 *
 * Counted are free pages of each zone, objects of each slab cache, page tables, kernel
 * stacks, vmalloc areas, address spaces and tasks.  Before counting, everything goes that
 * is only kept because it may be wanted again: cached file pages (written first), mapped
 * stacks, addresses that wait for a flush, empty slabs, and the dead address space that a
 * kernel thread may still borrow.  Tables of the kernel's own windows are made once and stay:
 * they are the one difference that is allowed, and free pages must differ by just that
 * number.  The zero page still is zero.
 */
#include <asm/kstack.h>
#include <fs/super.h>
#include <kernel/kernel.h>
#include <kernel/sched.h>
#include <kernel/string.h>
#include <kernel/trace.h>
#include <mm/fault.h>
#include <mm/filemap.h>
#include <mm/mmap.h>
#include "baseline.h"
#include "walk.h"

/* The ring stays once it is there, so it is there before anything is counted. */
static void have_trace_ring(void)
{
	bool on = trace_on;

	if (!trace_size()) {
		trace_set(true);
		trace_set(on);
	}
}

static void give_back(void)
{
	have_trace_ring();
	use_init_mm();		/* lazy TLB: Gorman 4.3 */
	sync_all();
	drop_page_cache();
	prune_icache();
	kstack_cache_drain();
	vm_unmap_aliases();
	kmem_cache_shrink_all();
	drain_hot_pages();
}

static void count_objects(struct baseline *b)
{
	struct kmem_cache *c;

	b->caches = 0;
	for_each_kmem_cache(c) {
		if (b->caches == BASELINE_CACHES)
			panic("more than %d slab caches: raise BASELINE_CACHES",
			      BASELINE_CACHES);
		b->slab[b->caches].cache = c;
		b->slab[b->caches++].objects = kmem_cache_inuse(c);
	}
}

void baseline_take(struct baseline *b)
{
	unsigned z;

	give_back();
	for (z = 0; z < MAX_NR_ZONES; z++)
		b->free[z] = zones[z].free_pages;
	b->kernel_tables = init_mm.nr_ptes + init_mm.nr_pmds + init_mm.nr_puds;
	b->user_tables = nr_page_table_pages - b->kernel_tables;
	b->stacks = nr_kstacks;
	b->areas = vmalloc_stats.areas;
	b->mms = nr_mms;
	b->tasks = nr_tasks;
	count_objects(b);
}

/* Kernel tables come from low zones, which ones is the allocator's choice: their sum is exact. */
static void check_free(struct row *r, const struct baseline *before, const struct baseline *after)
{
	unsigned long tables = after->kernel_tables - before->kernel_tables, gone;
	unsigned z;

	for (z = 0; z < MAX_NR_ZONES; z++) {
		gone = before->free[z] - after->free[z];
		if (z < ZONE_HIGHMEM && gone <= tables)
			tables -= gone;
		else
			row_eq(r, after->free[z], before->free[z], "baseline: free pages of zone %s",
			       zones[z].name);
	}
	row_eq(r, tables, 0, "baseline: new kernel tables that no zone lacks");
}

static void check_objects(struct row *r, const struct baseline *before,
			  const struct baseline *after)
{
	unsigned i, k;

	for (i = 0; i < before->caches; i++)
		for (k = 0; k < after->caches; k++)
			if (before->slab[i].cache == after->slab[k].cache)
				row_eq(r, after->slab[k].objects, before->slab[i].objects,
				       "baseline: objects in use of slab cache %s",
				       before->slab[i].cache->name);
}

/* Read through the walker's slot, whatever the kernel believes about the page. */
unsigned long zero_page_dirt(void)
{
	u64 pa = PFN_PHYS(zero_pfn);
	unsigned long i, dirty = 0;

	for (i = 0; i < PAGE_SIZE; i += sizeof(u64))
		dirty += phys_read(pa + i, sizeof(u64)) != 0;
	return dirty;
}

void baseline_check(struct row *r, const struct baseline *before)
{
	static struct baseline after;

	baseline_take(&after);
	row_eq(r, after.tasks, before->tasks, "baseline: tasks");
	row_eq(r, after.mms, before->mms, "baseline: address spaces");
	row_eq(r, after.user_tables, before->user_tables, "baseline: page tables of user halves");
	row_eq(r, after.stacks, before->stacks, "baseline: kernel stacks");
	row_eq(r, after.areas, before->areas, "baseline: vmalloc areas");
	check_objects(r, before, &after);
	check_free(r, before, &after);
	row_eq(r, zero_page_dirt(), 0, "baseline: words of the zero page that are not zero");
}
