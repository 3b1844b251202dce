/* SPDX-License-Identifier: MIT */
/*
 * Faulting pages in ahead of the program: locked memory, MAP_POPULATE, MADV_POPULATE_*
 * (contracts: mm/mmap.h).  What is there already is only looked at, a table at a time.
 */
#include <kernel/sched.h>
#include <mm/fault.h>
#include "internal.h"
#include <linux/errno.h>

/* The first page of a range whose entry lacks one of these bits. */
struct wanted {
	pteval_t bits;
	unsigned long addr;
};

static int look_at_table(pte_t *ptep, unsigned long addr, unsigned long end, void *arg)
{
	struct wanted *w = arg;
	const pteval_t bits = w->bits;

	for (; addr != end; addr += PAGE_SIZE, ptep++) {
		if ((pte_val(*ptep) & bits) == bits)
			continue;
		w->addr = addr;
		return 1;
	}
	return 0;
}

static int no_table(unsigned long addr, unsigned long end, void *arg)
{
	((struct wanted *)arg)->addr = addr;
	return 1;
}

int populate_pages(struct vm_area_struct *vma, unsigned long start, unsigned long end,
		   unsigned int flags)
{
	static const struct mm_walk_ops ops = { .pte_range = look_at_table, .hole = no_table };
	struct wanted w = {
		.bits = _PAGE_PRESENT | (flags & FAULT_FLAG_WRITE ? _PAGE_RW : 0),
		.addr = start,
	};
	int ret;

	while (w.addr < end && walk_page_range(vma->vm_mm, w.addr, end, &ops, &w)) {
		if (fatal_signal_pending(current))
			return -EINTR;
		ret = handle_mm_fault(vma, w.addr, flags);
		if (ret & VM_FAULT_ERROR)
			return ret & VM_FAULT_OOM ? -ENOMEM : -EFAULT;
		cond_resched();
	}
	return 0;
}

int populate_vma(struct vm_area_struct *vma, unsigned long start, unsigned long end)
{
	unsigned int flags = 0;

	if (vma->vm_flags & VM_LOCKONFAULT)
		return 0;
	/* A write makes private pages one's own; shared ones need not become dirty. */
	if ((vma->vm_flags & (VM_WRITE | VM_SHARED)) == VM_WRITE)
		flags = FAULT_FLAG_WRITE;
	if (!vma_permits(vma, flags))
		return -EFAULT;
	return populate_pages(vma, start, end, flags);
}

static int populate_range(struct mm_struct *mm, unsigned long start, unsigned long end,
			  bool strict)
{
	struct vm_area_struct *vma;
	int err = 0;

	if (start >= end)
		return 0;
	down_read(&mm->mmap_sem);
	vma = find_vma_intersection(mm, start, end);
	for (; vma && vma->vm_start < end && !err; vma = vma->vm_next) {
		if (vma->vm_flags & (VM_IO | VM_PFNMAP))
			continue;
		err = populate_vma(vma, max(vma->vm_start, start), min(vma->vm_end, end));
		if (!strict && err != -EINTR)
			err = 0;
	}
	up_read(&mm->mmap_sem);
	return err;
}

int mm_populate_strict(struct mm_struct *mm, unsigned long start, unsigned long end)
{
	return populate_range(mm, start, end, true);
}

void mm_populate(struct mm_struct *mm, unsigned long start, unsigned long end)
{
	populate_range(mm, start, end, false);
}
