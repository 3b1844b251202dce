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
	b->keep_copies = false;
}

void zap_finish(struct zap_batch *b)
{
	if (b->start < b->end)
		flush_tlb_range(b->mm, b->start, b->end);
	free_page_chain(b->pages);
	if (!list_empty(&b->tables))
		free_table_list(&b->tables);
}

/* The last reference has gone with an entry: free the page after the flush. */
static inline void chain_page(struct page *page, struct page **chain)
{
	page->next_free = *chain;
	*chain = page;
}

/*
 * The entries of a region without methods: anonymous pages and the zero page.  Nobody
 * changes an entry between the look and the store, and what is written to anonymous
 * memory that goes away is of no interest.
 */
static noinline void zap_anon_ptes(struct zap_batch *b, pte_t *ptep, const pte_t *end)
{
	struct page *const first = pfn_to_page(0), *page, *chain = b->pages;
	unsigned long n = end - ptep, pfn, holes = 0, zeros = 0;
	const unsigned long zero = zero_pfn;
	pte_t pte;

	for (; ptep != end; ptep++) {
		pte = *ptep;
		if (pte_none(pte)) {
			holes++;
			continue;
		}
		pte_clear(ptep);
		pfn = pte_pfn(pte);
		if (unlikely(pfn == zero)) {
			zeros++;
			continue;
		}
		page = first + pfn;
		page->_mapcount--;
		if (!--page->_refcount)
			chain_page(page, &chain);
	}
	b->pages = chain;
	b->mm->rss[MM_ANONPAGES] -= n - holes - zeros;
	vm_counters.zapped += n - holes;
}

/* All there can be: pages of the cache, copies of them, anonymous pages, swapped ones. */
static noinline void zap_file_ptes(struct zap_batch *b, pte_t *ptep, const pte_t *end)
{
	long anon = 0, file = 0, swapped = 0;
	unsigned long n = 0;
	struct page *page;
	pte_t pte;

	for (; ptep != end; ptep++) {
		if (pte_none(*ptep))
			continue;
		pte = ptep_get_and_clear(ptep);
		if (unlikely(!pte_present(pte))) {
			free_swap_and_cache(pte_to_swp(pte));
			swapped++;
			continue;
		}
		n++;
		if (is_zero_pfn(pte_pfn(pte)))
			continue;
		page = pte_page(pte);
		if (page_type(page) == PGT_ANON) {
			anon++;
		} else {
			file++;
			if (pte_dirty(pte))
				set_page_dirty(page);
		}
		page->_mapcount--;
		if (unlikely(PageSwapCache(page)))
			free_swap_cache(page);
		if (!--page->_refcount)
			chain_page(page, &b->pages);
	}
	b->mm->rss[MM_ANONPAGES] -= anon;
	b->mm->rss[MM_FILEPAGES] -= file;
	b->mm->rss[MM_SWAPENTS] -= swapped;
	vm_counters.zapped += n;
}

/* Entries of a device have no pages to count; a hole in a file leaves private copies. */
static noinline void zap_some_ptes(struct zap_batch *b, pte_t *ptep, const pte_t *end)
{
	struct page *page;

	for (; ptep != end; ptep++) {
		if (pte_none(*ptep))
			continue;
		if (b->no_pages) {
			ptep_get_and_clear(ptep);
			vm_counters.zapped++;
			continue;
		}
		page = pte_present(*ptep) ? pte_page(*ptep) : NULL;
		if (page && page_type(page) == PGT_FILE)
			zap_file_ptes(b, ptep, ptep + 1);
	}
}

/* What the entries lose; not where only pages of a file go, and copies of them stay. */
static noinline void trace_unmaps(const struct zap_batch *b, const pte_t *ptep,
				  unsigned long addr, unsigned long end)
{
	for (; addr != end; addr += PAGE_SIZE, ptep++) {
		if (pte_none(*ptep))
			continue;
		if (b->keep_copies && !b->no_pages &&
		    !(pte_present(*ptep) && page_type(pte_page(*ptep)) == PGT_FILE))
			continue;
		trace(TRACE_UNMAP, addr, pte_val(*ptep), mm_top_frame(b->mm), TRACE_BY_ITSELF);
	}
}

/* One table.  What has to be flushed begins and ends with an entry that was there. */
static int zap_ptes(pte_t *ptep, unsigned long addr, unsigned long end, void *arg)
{
	const pte_t *last = ptep + ((end - addr) >> PAGE_SHIFT);
	struct zap_batch *b = arg;

	for (; ptep != last && pte_none(*ptep); ptep++)
		addr += PAGE_SIZE;
	if (ptep == last)
		return 0;
	for (; pte_none(last[-1]); last--)
		end -= PAGE_SIZE;
	b->start = min(b->start, addr);
	b->end = max(b->end, end);
	if (unlikely(trace_on))
		trace_unmaps(b, ptep, addr, end);
	if (b->only_anon)
		zap_anon_ptes(b, ptep, last);
	else if (unlikely(b->keep_copies | b->no_pages))
		zap_some_ptes(b, ptep, last);
	else
		zap_file_ptes(b, ptep, last);
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

	/* While nothing is swapped out the short loop does. */
	b->only_anon = !vma->vm_ops && !swap_pages_used;
	if (unlikely(vma->vm_flags & VM_LOCKED))
		munlock_pages(vma, start, end);
	b->no_pages = vma->vm_flags & VM_PFNMAP;
	walk_page_range(vma->vm_mm, start, end, &ops, b);
}

void zap_page_range(struct vm_area_struct *vma, unsigned long start, unsigned long end)
{
	zap_file_range(vma, start, end, true);
}

void zap_file_range(struct vm_area_struct *vma, unsigned long start, unsigned long end,
		    bool private_too)
{
	struct zap_batch b;

	zap_begin(&b, vma->vm_mm);
	b.keep_copies = !private_too;
	update_hiwater(vma->vm_mm);
	zap_range(&b, vma, start, end);
	zap_finish(&b);
}

/* Any flush also drops what the processor keeps of upper levels. */
void zap_flush_tables(struct zap_batch *b, unsigned long addr)
{
	if (list_empty(&b->tables) || b->start < b->end)
		return;
	b->start = addr;
	b->end = addr + PAGE_SIZE;
}

/* Only where regions were: the empty middle of four levels is never looked at. */
void zap_tables(struct zap_batch *b, const struct vm_area_struct *vma, unsigned long start,
		unsigned long end, unsigned long floor, unsigned long ceiling)
{
	const struct vm_area_struct *next;
	unsigned long first, last;

	if (!has_free_span(start, end, floor, ceiling))
		return;
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
		zap_flush_tables(b, first);
	}
}
