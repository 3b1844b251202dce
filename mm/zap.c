/* SPDX-License-Identifier: MIT */
/*
 * Taking pages away from an address space: munmap, exit, MADV_DONTNEED (Gorman 5.4.11,
 * 5.4.12).  Contracts: mm/mmap.h.
 *
 * The order is fixed: entries are cleared, then the TLB is flushed once, then pages and
 * tables go back to the allocator.  Between the first step and the last nobody else can
 * have the frames, so a stale translation leads to memory that still is what it was.
 */
#include <asm/tlbflush.h>
#include <kernel/trace.h>
#include <mm/fault.h>
#include "internal.h"

void zap_begin(struct zap_batch *b, struct mm_struct *mm)
{
	b->mm = mm;
	b->pages = NULL;
	INIT_LIST_HEAD(&b->tables);
	b->start = ~0ul;
	b->end = 0;
	b->exiting = false;
}

void zap_finish(struct zap_batch *b)
{
	if (b->start < b->end)
		flush_tlb_range(b->mm, b->start, b->end);
	free_page_chain(b->pages);
	if (!list_empty(&b->tables))
		free_table_list(&b->tables);
}

/* The last reference is gone with this entry, or some other one keeps the page. */
static inline void drop_mapping(struct zap_batch *b, struct page *page)
{
	page->_mapcount--;
	if (likely(page->_refcount == 1)) {
		page->_refcount = 0;
		page->next_free = b->pages;
		b->pages = page;
	} else {
		put_page(page);
	}
}

/* All entries of one table; the counts are kept in registers. */
static int zap_ptes(pte_t *ptep, unsigned long addr, unsigned long end, void *arg)
{
	struct zap_batch *b = arg;
	unsigned long first = 0, last = 0, n = 0;
	long anon = 0, file = 0;
	struct page *page;
	pte_t pte;

	for (; addr != end; addr += PAGE_SIZE, ptep++) {
		if (pte_none(*ptep))
			continue;
		pte = ptep_get_and_clear(ptep);
		trace(TRACE_UNMAP, addr, pte_val(pte), 0, 0);
		first = n++ ? first : addr;
		last = addr;
		if (is_zero_pfn(pte_pfn(pte)))
			continue;
		page = pte_page(pte);
		if (likely(page_type(page) == PGT_ANON)) {
			anon++;
		} else {
			file++;
			if (pte_dirty(pte))
				SetPageDirty(page);
		}
		drop_mapping(b, page);
	}
	if (!n)
		return 0;
	b->start = min(b->start, first);
	b->end = max(b->end, last + PAGE_SIZE);
	b->mm->rss[MM_ANONPAGES] -= anon;
	b->mm->rss[MM_FILEPAGES] -= file;
	vm_counters.zapped += n;
	if (b->exiting) {
		free_page_chain(b->pages);
		b->pages = NULL;
	}
	return 0;
}

void zap_range(struct zap_batch *b, struct vm_area_struct *vma, unsigned long start,
	       unsigned long end)
{
	static const struct mm_walk_ops ops = { .pte_range = zap_ptes };

	walk_page_range(vma->vm_mm, start, end, &ops, b);
}

void zap_page_range(struct vm_area_struct *vma, unsigned long start, unsigned long end)
{
	struct zap_batch b;

	zap_begin(&b, vma->vm_mm);
	update_hiwater(vma->vm_mm);
	zap_range(&b, vma, start, end);
	zap_finish(&b);
}

/* Only where regions were: the empty middle of four levels is never looked at. */
void zap_tables(struct zap_batch *b, const struct vm_area_struct *vma, unsigned long start,
		unsigned long end, unsigned long floor, unsigned long ceiling)
{
	const struct vm_area_struct *next;
	unsigned long first, last;

	for (; vma && vma->vm_start < end; vma = next) {
		first = max(vma->vm_start, start);
		last = min(vma->vm_end, end);
		next = vma->vm_next;
		while (next && next->vm_start < end && next->vm_start - last < PGTABLE_SPAN) {
			last = min(next->vm_end, end);
			next = next->vm_next;
		}
		free_pgtables(b->mm, first, last, floor,
			      next && next->vm_start < end ? next->vm_start : ceiling, &b->tables);
		/* Any flush also drops what the processor keeps of upper levels. */
		if (!list_empty(&b->tables) && b->start >= b->end) {
			b->start = first;
			b->end = first + PAGE_SIZE;
		}
	}
}
