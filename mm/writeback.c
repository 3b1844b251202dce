/* SPDX-License-Identifier: MIT */
/*
 * Dirty pages of files on devices (contracts: mm/filemap.h).
 *
 * A page is dirty in one of two places.  write(2) sets PG_dirty.  A store through a shared
 * mapping sets the Dirty bit of a page-table entry, without a fault after the first one, so
 * nobody notices; collect_dirty() looks before anything is written.  The order in both
 * directions is what makes that safe: a writer changes the contents and then sets the mark,
 * write-back takes the mark away and then reads the contents.  A change during the I/O leaves
 * a new mark.
 *
 * Pages are locked while they are written, which keeps truncate away; readers and faults do
 * not ask for that lock.
 */
#include <asm/tlbflush.h>
#include "internal.h"

unsigned long nr_dirty, nr_writeback, nr_written;

void set_page_dirty(struct page *page)
{
	struct address_space *mapping = page_type(page) == PGT_FILE ? page->mapping : NULL;

	if (TestSetPageDirty(page) || !mapping || !mapping_has_device(mapping))
		return;
	mapping->nrdirty++;
	nr_dirty++;
}

void cancel_dirty_page(struct page *page)
{
	if (!TestClearPageDirty(page) || !mapping_has_device(page->mapping))
		return;
	page->mapping->nrdirty--;
	nr_dirty--;
}

/* ---- Dirty bits of page tables ------------------------------------------------------- */

struct collect {
	unsigned long start, end;	/* what has to be flushed; start >= end: nothing */
};

static int collect_ptes(pte_t *ptep, unsigned long addr, unsigned long end, void *arg)
{
	struct collect *c = arg;
	struct page *page;

	for (; addr != end; addr += PAGE_SIZE, ptep++) {
		if (!pte_present(*ptep) || !pte_dirty(*ptep))
			continue;
		page = pte_page(*ptep);
		if (page_type(page) != PGT_FILE)
			continue;
		set_pte(ptep, pte_mkclean(ptep_get_and_clear(ptep)));
		c->start = min(c->start, addr);
		c->end = addr + PAGE_SIZE;
		set_page_dirty(page);
	}
	return 0;
}

/* The part of one region that maps [first, last]. */
static void collect_part(struct vm_area_struct *vma, unsigned long first, unsigned long last)
{
	static const struct mm_walk_ops ops = { .pte_range = collect_ptes };
	unsigned long start = vma->vm_start, end = vma->vm_end;
	struct collect c = { ~0ul, 0 };

	if (first > vma->vm_pgoff)
		start += (first - vma->vm_pgoff) << PAGE_SHIFT;
	if (last - vma->vm_pgoff < vma_pages(vma) - 1)
		end = vma->vm_start + ((last - vma->vm_pgoff + 1) << PAGE_SHIFT);
	walk_page_range(vma->vm_mm, start, end, &ops, &c);
	if (c.start < c.end)
		flush_tlb_range(vma->vm_mm, c.start, c.end);
}

void collect_dirty(struct address_space *mapping, unsigned long first, unsigned long last)
{
	struct interval_node *node = interval_first(&mapping->i_mmap, first, last);
	struct vm_area_struct *vma;

	for (; node; node = interval_next(node, first, last)) {
		vma = container_of(node, struct vm_area_struct, shared);
		if ((vma->vm_flags & (VM_SHARED | VM_MAYWRITE)) == (VM_SHARED | VM_MAYWRITE))
			collect_part(vma, first, last);
	}
}

/* ---- handing pages to the device ----------------------------------------------------- */

#define GANG	16

/* The first dirty page in [index, last], with a reference, or NULL. */
static struct page *find_dirty(struct address_space *mapping, unsigned long index,
			       unsigned long last)
{
	unsigned long indices[GANG];
	void *pages[GANG];
	unsigned n, i;

	do {
		n = radix_tree_gang_lookup(&mapping->pages, index, pages, indices, GANG);
		for (i = 0; i < n && indices[i] <= last; i++) {
			if (!PageDirty(pages[i]))
				continue;
			get_page(pages[i]);
			return pages[i];
		}
		index = n ? indices[n - 1] + 1 : 0;
	} while (n == GANG && i == n && index);
	return NULL;
}

/* The page is locked and in the cache. */
static void begin_page(struct page *page)
{
	cancel_dirty_page(page);
	SetPageWriteback(page);
	nr_writeback++;
}

/* The one behind, if it is dirty and nobody is at work on it. */
static struct page *next_dirty(struct address_space *mapping, unsigned long index)
{
	struct page *page = radix_tree_lookup(&mapping->pages, index);

	if (!page || !PageDirty(page) || TestSetPageLocked(page))
		return NULL;
	get_page(page);
	return page;
}

/* The first one, locked: it may have been truncated or written while this slept. */
static struct page *first_dirty(struct address_space *mapping, unsigned long index,
				unsigned long last)
{
	struct page *page;

	while (mapping->nrdirty) {
		page = find_dirty(mapping, index, last);
		if (!page)
			return NULL;
		lock_page(page);
		if (page->mapping == mapping && PageDirty(page))
			return page;
		unlock_page(page);
		put_page(page);
	}
	return NULL;
}

unsigned writeback_begin(struct address_space *mapping, unsigned long index,
			 unsigned long last, struct page **pages, unsigned n)
{
	struct page *page = first_dirty(mapping, index, last);
	unsigned got = 0;

	while (page) {
		begin_page(page);
		pages[got++] = page;
		if (got == n || page->index == last)
			break;
		page = next_dirty(mapping, page->index + 1);
	}
	return got;
}

void writeback_end(struct page **pages, unsigned n, int err)
{
	unsigned i;

	for (i = 0; i < n; i++) {
		ClearPageWriteback(pages[i]);
		nr_writeback--;
		if (err) {
			SetPageError(pages[i]);
			set_page_dirty(pages[i]);
			pages[i]->mapping->wb_err = err;
		} else {
			ClearPageError(pages[i]);
			nr_written++;
		}
		unlock_page(pages[i]);
		put_page(pages[i]);
	}
}
