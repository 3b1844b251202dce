/* SPDX-License-Identifier: MIT */
/*
 * Making, finding and freeing page tables (mm/pgtable.c): all that the rest of the VM
 * knows about upper levels is that there may be some.
 *
 * Kernel tables and all upper tables lie in low memory.  Page tables of user addresses
 * may lie in high memory; the pte_t pointers returned here are mapped by kmap_local and
 * must be given back with pte_unmap(), last-in first-out, without sleeping meanwhile.
 */
#ifndef MM_PGTABLE_H
#define MM_PGTABLE_H

#include <mm/highmem.h>

/* Table pages taken from the buddy system, of all levels and address spaces. */
extern unsigned long nr_page_table_pages;

/* Extra gfp flags for user page tables: __GFP_HIGHMEM (the default) or 0. */
extern gfp_t user_pte_gfp;

/*
 * The entry for `addr`, with all tables above it made where they are missing.  NULL
 * without memory (tables made on the way stay) or if a large page is in the way.  May
 * sleep before the entry is mapped, not after.
 */
pte_t *pte_alloc_map(struct mm_struct *mm, unsigned long addr);

/* Only make the tables, for somebody who will map them: 0 or -ENOMEM.  May sleep. */
int pte_alloc(struct mm_struct *mm, unsigned long addr);

/* As pte_alloc_map() in init_mm; stays valid, needs no pte_unmap(). */
pte_t *pte_alloc_kernel(unsigned long addr);

/* The entry for `addr` if its page table exists, else NULL; never allocates. */
pte_t *pte_lookup(struct mm_struct *mm, unsigned long addr);

static inline void pte_unmap(pte_t *pte)
{
	kunmap_local(pte);
}

/*
 * Free the tables that mapped [start, end), bottom up.  No page is mapped in
 * [floor, ceiling) any more (floor <= start, end <= ceiling): a table is freed when its
 * whole span lies in there.  floor is the end of the region below, or 0; ceiling the start
 * of the region above, or 0 for the top (not TASK_SIZE: it may lie inside a span).  If
 * `freed` is given, the tables are only unhooked and put on that list, for the caller to
 * flush first and then call free_table_list().  Not for init_mm.
 */
void free_pgtables(struct mm_struct *mm, unsigned long start, unsigned long end,
		   unsigned long floor, unsigned long ceiling, struct list_head *freed);

/* Can there be such a table for [start, end)?  Most ranges are too small for one. */
static inline bool has_free_span(unsigned long start, unsigned long end, unsigned long floor,
				 unsigned long ceiling)
{
	unsigned long first = start & ~(PGTABLE_SPAN - 1);

	if (first < floor)
		first += PGTABLE_SPAN;
	return first < end && first + PGTABLE_SPAN - 1 <= ceiling - 1;
}

void free_table_list(struct list_head *freed);

/*
 * A top-level table: user half empty, kernel half copied from swapper_pg_dir.  NULL
 * without memory.  pgd_free() wants the user half to be empty again.
 */
pgd_t *pgd_alloc(struct mm_struct *mm);
void pgd_free(struct mm_struct *mm, pgd_t *pgd);

/* The same as part of an address space: 0, -ENOMEM. */
int mm_alloc_tables(struct mm_struct *mm);
void mm_free_tables(struct mm_struct *mm);

/*
 * Copy the top-level entry for a kernel address from swapper_pg_dir, when a process
 * meets a vmalloc area that is younger than its tables.  False if there is nothing to
 * copy: the fault is a real one.
 */
bool sync_kernel_pgd(pgd_t *pgd, unsigned long addr);

#endif
