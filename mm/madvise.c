/* SPDX-License-Identifier: MIT */
/*
 * Advice about ranges: madvise, and mincore, which only looks.
 * A hole does not end the work: the rest is done, then ENOMEM is the answer.
 */
#include <asm/tlbflush.h>
#include <asm/uaccess.h>
#include <kernel/sched.h>
#include <mm/fault.h>
#include <mm/file.h>
#include <mm/syscalls_mm.h>
#include "internal.h"
#include <linux/errno.h>
#include <linux/mman.h>

/* ---- madvise ----------------------------------------------------------------------- */

/* Advice that is a flag of the region: the new flags, or -EINVAL in *err. */
static unsigned long advised_flags(const struct vm_area_struct *vma, int behavior, int *err)
{
	unsigned long flags = vma->vm_flags;

	switch (behavior) {
	case MADV_NORMAL:
		return flags & ~(VM_RAND_READ | VM_SEQ_READ);
	case MADV_SEQUENTIAL:
		return (flags & ~VM_RAND_READ) | VM_SEQ_READ;
	case MADV_RANDOM:
		return (flags & ~VM_SEQ_READ) | VM_RAND_READ;
	case MADV_DONTFORK:
		return flags | VM_DONTCOPY;
	case MADV_DOFORK:
		if (flags & VM_IO)
			*err = -EINVAL;
		return flags & ~VM_DONTCOPY;
	case MADV_WIPEONFORK:
		if (vma->vm_file || flags & VM_SHARED)
			*err = -EINVAL;
		return flags | VM_WIPEONFORK;
	case MADV_KEEPONFORK:
		return flags & ~VM_WIPEONFORK;
	case MADV_DONTDUMP:
		return flags | VM_DONTDUMP;
	case MADV_DODUMP:
		if (flags & VM_SPECIAL)
			*err = -EINVAL;
		return flags & ~VM_DONTDUMP;
	}
	return flags;
}

/* Nobody has used it for long: what the Accessed bits say to reclaim. */
static int make_table_old(pte_t *ptep, unsigned long addr, unsigned long end, void *arg)
{
	for (; addr != end; addr += PAGE_SIZE, ptep++)
		if (pte_present(*ptep) && pte_young(*ptep))
			set_pte(ptep, pte_mkold(ptep_get_and_clear(ptep)));
	return 0;
}

static void make_old(struct vm_area_struct *vma, unsigned long start, unsigned long end)
{
	static const struct mm_walk_ops ops = { .pte_range = make_table_old };

	walk_page_range(vma->vm_mm, start, end, &ops, NULL);
	flush_tlb_range(vma->vm_mm, start, end);
}

/* Pages of one table that only this entry has, on their way out. */
struct pageout {
	struct list_head pages;
	unsigned int n;
	unsigned long addr;		/* the next one, when that was enough for now */
};

static int isolate_table(pte_t *ptep, unsigned long addr, unsigned long end, void *arg)
{
	struct pageout *out = arg;
	struct page *page;

	for (; addr != end; addr += PAGE_SIZE, ptep++) {
		if (out->n == SWAP_CLUSTER_MAX) {
			out->addr = addr;
			return 1;
		}
		if (!pte_present(*ptep) || is_zero_pfn(pte_pfn(*ptep)))
			continue;
		page = pte_page(*ptep);
		if (page_mapcount(page) != 1 || !isolate_page(page))
			continue;
		ClearPageReferenced(page);
		ClearPageActive(page);
		list_add_tail(&page->lru, &out->pages);
		out->n++;
	}
	return 0;
}

/* Swapped out, or dropped, now: what nobody else has. */
static void page_out(struct vm_area_struct *vma, unsigned long start, unsigned long end)
{
	static const struct mm_walk_ops ops = { .pte_range = isolate_table };
	struct pageout out;
	int more;

	do {
		INIT_LIST_HEAD(&out.pages);
		out.n = 0;
		more = walk_page_range(vma->vm_mm, start, end, &ops, &out);
		start = out.addr;
		reclaim_isolated(&out.pages);
		cond_resched();
	} while (more);
}

/* As if the program had read or written every page; without the right to, -EINVAL. */
static int populate(struct vm_area_struct *vma, unsigned long start, unsigned long end,
		    unsigned long right, unsigned int access)
{
	if (vma->vm_flags & (VM_IO | VM_PFNMAP) || !(vma->vm_flags & right))
		return -EINVAL;
	return populate_pages(vma, start, end, access);
}

/* Part of one region; *vmap becomes the region that holds it afterwards. */
static int advise_region(struct vm_area_struct **vmap, unsigned long start, unsigned long end,
			 int behavior)
{
	struct vm_area_struct *vma = *vmap;
	unsigned long flags;
	int err = 0;

	switch (behavior) {
	case MADV_DONTNEED:
	case MADV_DONTNEED_LOCKED:
		if (vma->vm_flags & (behavior == MADV_DONTNEED ? VM_LOCKED | VM_PFNMAP : VM_PFNMAP))
			return -EINVAL;
		zap_page_range(vma, start, end);
		return 0;
	case MADV_FREE:			/* may be taken later, and here never is */
		return vma->vm_flags & (VM_LOCKED | VM_PFNMAP) || vma->vm_ops ? -EINVAL : 0;
	case MADV_COLD:
	case MADV_PAGEOUT:
		if (vma->vm_flags & (VM_LOCKED | VM_PFNMAP))
			return -EINVAL;
		make_old(vma, start, end);
		if (behavior == MADV_PAGEOUT)
			page_out(vma, start, end);
		return 0;
	case MADV_POPULATE_READ:
		return populate(vma, start, end, VM_READ, 0);
	case MADV_POPULATE_WRITE:
		return populate(vma, start, end, VM_WRITE, FAULT_FLAG_WRITE);
	case MADV_WILLNEED:
		return 0;
	}
	flags = advised_flags(vma, behavior, &err);
	if (err)
		return err;
	vma = vma_modify(vma->vm_mm, vma, start, end, flags);
	if (!vma)
		return -EAGAIN;		/* no memory for the borders: another time */
	*vmap = vma;
	return 0;
}

static bool behavior_is_known(int behavior)
{
	switch (behavior) {
	case MADV_NORMAL:
	case MADV_RANDOM:
	case MADV_SEQUENTIAL:
	case MADV_WILLNEED:
	case MADV_DONTNEED:
	case MADV_DONTNEED_LOCKED:
	case MADV_FREE:
	case MADV_COLD:
	case MADV_PAGEOUT:
	case MADV_POPULATE_READ:
	case MADV_POPULATE_WRITE:
	case MADV_DONTFORK:
	case MADV_DOFORK:
	case MADV_DONTDUMP:
	case MADV_DODUMP:
	case MADV_WIPEONFORK:
	case MADV_KEEPONFORK:
		return true;
	}
	return false;
}

static int do_madvise(struct mm_struct *mm, unsigned long start, unsigned long end,
		      int behavior)
{
	struct vm_area_struct *vma = find_vma(mm, start);
	int err, holes = 0;
	unsigned long next;

	for (; start < end; start = next, vma = find_vma(mm, start)) {
		if (!vma || vma->vm_start >= end)
			return -ENOMEM;
		if (vma->vm_start > start) {
			holes = -ENOMEM;
			start = vma->vm_start;
		}
		next = min(vma->vm_end, end);
		err = advise_region(&vma, start, next, behavior);
		if (err)
			return err;
	}
	return holes;
}

long sys_madvise(unsigned long start, unsigned long len, int behavior)
{
	struct mm_struct *mm = current->mm;
	unsigned long end = start + PAGE_ALIGN(len);
	int err;

	if (!behavior_is_known(behavior) || start & ~PAGE_MASK || (len && !PAGE_ALIGN(len)) ||
	    end < start)
		return -EINVAL;
	if (end == start)
		return 0;
	down_write(&mm->mmap_sem);
	err = do_madvise(mm, start, end, behavior);
	up_write(&mm->mmap_sem);
	return err;
}

/* ---- mincore ----------------------------------------------------------------------- */

static bool page_is_cached(const struct vm_area_struct *vma, unsigned long addr)
{
	struct address_space *mapping = vma->vm_file ? file_mapping(vma->vm_file) : NULL;
	unsigned long index = vma->vm_pgoff + ((addr - vma->vm_start) >> PAGE_SHIFT);
	struct page *page = mapping ? find_get_page(mapping, index) : NULL;
	bool uptodate = page && PageUptodate(page);

	if (page)
		put_page(page);
	return uptodate;
}

/* The swapped page is still, or again, in memory. */
static bool swap_page_is_cached(swp_entry_t entry)
{
	struct page *page = lookup_swap_cache(entry);
	bool uptodate = page && PageUptodate(page);

	if (page)
		put_page(page);
	return uptodate;
}

static unsigned char core_state(struct vm_area_struct *vma, unsigned long addr)
{
	pte_t *pte = pte_lookup(vma->vm_mm, addr);
	pte_t entry = pte ? *pte : __pte(0);

	if (pte)
		pte_unmap(pte);
	if (pte_swapped(entry))
		return swap_page_is_cached(pte_to_swp(entry));
	return pte_present(entry) || (vma->vm_ops && page_is_cached(vma, addr));
}

/* Answers for up to a buffer full of pages, without touching user memory; how many. */
static long mincore_part(struct mm_struct *mm, unsigned long addr, unsigned long pages,
			 unsigned char *buf)
{
	struct vm_area_struct *vma = find_vma(mm, addr);
	unsigned long i;

	for (i = 0; i < pages; i++, addr += PAGE_SIZE) {
		if (vma && vma->vm_end <= addr)
			vma = vma->vm_next;
		if (!vma || vma->vm_start > addr)
			return i ? (long)i : -ENOMEM;
		buf[i] = core_state(vma, addr);
	}
	return pages;
}

long sys_mincore(unsigned long start, unsigned long len, unsigned char *vec)
{
	unsigned long pages = (len >> PAGE_SHIFT) + !!(len & ~PAGE_MASK);
	struct mm_struct *mm = current->mm;
	unsigned char buf[256];
	long n;

	if (start & ~PAGE_MASK)
		return -EINVAL;
	if (!access_ok((void *)start, len))
		return -ENOMEM;
	if (!access_ok(vec, pages))
		return -EFAULT;
	for (; pages; pages -= n, vec += n, start += n << PAGE_SHIFT) {
		down_read(&mm->mmap_sem);
		n = mincore_part(mm, start, min_t(unsigned long, pages, sizeof(buf)), buf);
		up_read(&mm->mmap_sem);
		if (n < 0)
			return n;
		if (copy_to_user(vec, buf, n))
			return -EFAULT;
	}
	return 0;
}
