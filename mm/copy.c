/* SPDX-License-Identifier: MIT */
/*
 * fork: the entries of a region are copied, the pages shared (Gorman 4.7.1, 4.6.4).
 * Contract: mm/mmap.h.
 *
 * In a private region both sides become read-only, and the first to write gets a copy
 * (do_wp_page).  What the page cache can supply again is not copied at all, nor is a region
 * that has seen nothing but the zero page.  The child has touched nothing yet: its entries
 * are old.
 *
 * The child's table may have to be allocated, which can sleep, while the parent's is
 * mapped, which forbids that.  So the walk stops where a table is missing, the table is
 * made, and the walk goes on: once a table, not once a page.
 */
#include <asm/tlbflush.h>
#include <kernel/trace.h>
#include <mm/fault.h>
#include "internal.h"
#include <linux/errno.h>

struct copy {
	struct mm_struct *dst, *src;
	bool cow, only_anon, device;
	unsigned long addr;		/* -EAGAIN: the table for this address is missing */
};

/*
 * The same table on both sides.  A region without methods has only anonymous pages and
 * the zero page, which saves a look at each descriptor's type; this loop is most of what
 * fork costs.
 */
static noinline void copy_anon_ptes(pte_t *dst, pte_t *src, unsigned long n, struct copy *c)
{
	struct page *const first = pfn_to_page(0), *page;
	const unsigned long zero = zero_pfn;
	unsigned long pfn, skipped = 0;
	pte_t *const end = src + n;
	pte_t pte;

	for (; src != end; src++, dst++) {
		pte = *src;
		if (pte_none(pte)) {
			skipped++;
			continue;
		}
		if (unlikely(pte_write(pte))) {
			pte = pte_wrprotect(pte);
			set_pte(src, pte);
		}
		set_pte(dst, pte_mkold(pte));
		pfn = pte_pfn(pte);
		if (unlikely(pfn == zero)) {
			skipped++;
			continue;
		}
		page = first + pfn;
		page->_refcount++;
		page->_mapcount++;
	}
	c->dst->rss[MM_ANONPAGES] += n - skipped;
	vm_counters.fork_shared += n - skipped;
}

/* All there can be; nothing is known but by looking.  False: too many share a swapped page. */
static noinline bool copy_file_ptes(pte_t *dst, pte_t *src, unsigned long n, struct copy *c)
{
	long *rss = c->dst->rss;
	struct page *page;
	pte_t pte;

	for (; n; n--, src++, dst++) {
		pte = *src;
		if (pte_none(pte))
			continue;
		if (unlikely(!pte_present(pte))) {
			if (!swap_duplicate(pte_to_swp(pte)))
				return false;
			set_pte(dst, pte);
			rss[MM_SWAPENTS]++;
			continue;
		}
		if (c->cow && pte_write(pte)) {
			pte = pte_wrprotect(pte);
			set_pte(src, pte);
		}
		set_pte(dst, pte_mkold(pte));
		if (is_zero_pfn(pte_pfn(pte)))
			continue;
		page = pte_page(pte);
		page->_refcount++;
		page->_mapcount++;
		rss[page_type(page) == PGT_ANON ? MM_ANONPAGES : MM_FILEPAGES]++;
		vm_counters.fork_shared++;
	}
	return true;
}

/* A device's memory has no counts, and is nobody's own. */
static noinline void copy_device_ptes(pte_t *dst, const pte_t *src, unsigned long n)
{
	for (; n; n--, src++, dst++)
		if (!pte_none(*src))
			set_pte(dst, *src);
}

/* What the child has got. */
static noinline void trace_copies(const struct mm_struct *mm, const pte_t *ptep,
				  unsigned long addr, unsigned long end)
{
	for (; addr != end; addr += PAGE_SIZE, ptep++)
		if (pte_present(*ptep))
			trace(TRACE_MAP, addr, pte_val(*ptep), mm_top_frame(mm), TRACE_BY_FORK);
}

static int copy_table(pte_t *src, unsigned long addr, unsigned long end, void *arg)
{
	struct copy *c = arg;
	pte_t *dst = pte_lookup(c->dst, addr);
	unsigned long n = (end - addr) >> PAGE_SHIFT;
	int err = 0;

	if (!dst) {
		if (ptes_are_none(src, n))
			return 0;
		c->addr = addr;
		return -EAGAIN;
	}
	if (c->only_anon)
		copy_anon_ptes(dst, src, n, c);
	else if (unlikely(c->device))
		copy_device_ptes(dst, src, n);
	else if (!copy_file_ptes(dst, src, n, c))
		err = -ENOMEM;
	if (unlikely(trace_on))
		trace_copies(c->dst, dst, addr, end);
	pte_unmap(dst);
	return err;
}

/*
 * Faults bring everything back, pages of the cache and the zero page: no entry there is the
 * child's only way to its contents.  A device's entries are all there is.
 */
static bool refaults(const struct vm_area_struct *vma)
{
	return !vma->anon_pages && !(vma->vm_flags & VM_PFNMAP);
}

int copy_page_range(struct mm_struct *dst, struct mm_struct *src, struct vm_area_struct *vma)
{
	static const struct mm_walk_ops ops = { .pte_range = copy_table };
	struct copy c = {
		.dst = dst, .src = src, .addr = vma->vm_start,
		.cow = !(vma->vm_flags & VM_SHARED), .only_anon = !vma->vm_ops && !swap_pages_used,
		.device = vma->vm_flags & VM_PFNMAP,
	};
	int err;

	if (refaults(vma))
		return 0;
	for (;;) {
		err = walk_page_range(src, c.addr, vma->vm_end, &ops, &c);
		if (err != -EAGAIN)
			return err;
		/* Another thread may run if this sleeps: its translations must be read-only too. */
		if (src->mm_users > 1)
			flush_tlb_mm(src);
		err = pte_alloc(dst, c.addr);
		if (err)
			return err;
		/* What was anonymous pages only may have been swapped out. */
		c.only_anon = !vma->vm_ops && !swap_pages_used;
	}
}
