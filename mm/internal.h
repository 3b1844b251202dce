/* SPDX-License-Identifier: MIT */
/* What the files of mm/ share and nobody else may include. */
#ifndef MM_INTERNAL_H
#define MM_INTERNAL_H

#include <mm/filemap.h>
#include <mm/mm.h>
#include <mm/mmap.h>
#include <mm/swap.h>

/* filemap.c: the page leaves its file's cache. */
void remove_from_page_cache(struct page *page);

/* mlock.c: pages that reclaim found locked there can be taken again. */
void munlock_pages(struct vm_area_struct *vma, unsigned long start, unsigned long end);

/* swapfile.c: the swap cache begins, or stops, to have the page of a slot. */
void swapcache_get(swp_entry_t entry);
void swapcache_put(swp_entry_t entry);

/* Expensive checks; compiled always, run in the host build. */
#ifndef DEBUG_VM
#define DEBUG_VM 0
#endif

/* page_alloc.c: link a block whose descriptors say PGT_FREE; the zone's lock is held. */
void buddy_add_block(struct zone *zone, struct page *page, unsigned int order);

/* page_alloc.c: stop the machine because of a descriptor. */
__noreturn void bad_page(const struct page *page, const char *why);

/* oom.c: the running task has been chosen, and may use the reserves to end. */
bool oom_victim_running(void);

/* page_init.c: the zone that the zone bits of a gfp_t mean. */
extern u8 gfp_zone_table[8];

/*
 * pgtable.c: make the table below an entry if it has none.  0, -ENOMEM, or -EBUSY if the
 * entry is a large page.  A folded level always has its table.
 */
int make_pud_table(struct mm_struct *mm, pgd_t *pgd);
int make_pmd_table(struct mm_struct *mm, pud_t *pud);
int make_pte_table(struct mm_struct *mm, pmd_t *pmd);

/*
 * pgtable.c: the entry for `addr` in the page table below *pmd, mapped; pte_unmap() it.
 * Kernel tables are low, and are needed before mem_map exists.
 */
pte_t *map_pte_table(pmd_t *pmd, unsigned long addr);

/* n entries of one table. */
static inline bool ptes_are_none(const pte_t *pte, unsigned long n)
{
	for (; n; n--, pte++)
		if (!pte_none(*pte))
			return false;
	return true;
}

/*
 * zap.c: tables of [addr, ...) may have been unhooked into b->tables: have them flushed even
 * if no page was.
 */
void zap_flush_tables(struct zap_batch *b, unsigned long addr);

/*
 * mmap.c: a free range of `len` bytes, at or near addr, as MAP_FIXED in flags says; or
 * -errno.
 */
unsigned long get_unmapped_area(struct mm_struct *mm, unsigned long addr, unsigned long len,
				unsigned long flags);

/*
 * populate.c: populate_vma() with the kind of access given (FAULT_FLAG_WRITE or 0), which
 * the region allows.
 */
int populate_pages(struct vm_area_struct *vma, unsigned long start, unsigned long end,
		   unsigned int flags);

/*
 * mremap.c: the tables of a range without entries, as far as nobody else needs them: not if
 * another region shares the first and the last.
 */
void free_empty_tables(struct zap_batch *b, unsigned long start, unsigned long end);

#endif
