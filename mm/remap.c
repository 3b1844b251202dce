/* SPDX-License-Identifier: MIT */
/*
 * Device memory in a region (Gorman 5.4.1; contract: mm/mmap.h).
 *
 * All entries are made at once.  Nobody may look for a struct page behind one: VM_PFNMAP
 * says so to whoever walks the region (zap, fork, mlock, get_user_page, smaps).
 */
#include <mm/fault.h>
#include "internal.h"
#include <linux/errno.h>

bool phys_mappable(phys_addr_t phys, u64 size)
{
	const phys_addr_t beyond = ~(phys_addr_t)PTE_PFN_MASK & -(phys_addr_t)PAGE_SIZE;
	phys_addr_t last = phys + size - 1;

	return size && last >= phys && !(last & beyond);
}

/* Regions without ops are anonymous; these have no page to bring, so a hole is SIGBUS. */
static const struct vm_operations_struct no_ops;

static int map_frame(struct vm_area_struct *vma, unsigned long addr, unsigned long pfn)
{
	pte_t *pte = pte_alloc_map(vma->vm_mm, addr);

	if (!pte)
		return -ENOMEM;
	set_pte(pte, pfn_pte(pfn, vma->vm_page_prot));
	pte_unmap(pte);
	return 0;
}

/* The region is not linked yet: its tables have to go now. */
static void undo(struct vm_area_struct *vma, unsigned long start, unsigned long end)
{
	struct zap_batch b;

	zap_begin(&b, vma->vm_mm);
	zap_range(&b, vma, start, end);
	free_empty_tables(&b, start, end);
	zap_finish(&b);
}

int remap_pfn_range(struct vm_area_struct *vma, unsigned long addr, u64 pfn, unsigned long size)
{
	unsigned long at;
	int err = 0;

	/* A private copy would need a page to copy from. */
	if (!(vma->vm_flags & VM_SHARED))
		return -EINVAL;
	if (!phys_mappable((phys_addr_t)pfn << PAGE_SHIFT, size))
		return -ENXIO;
	vma->vm_flags |= VM_IO | VM_PFNMAP | VM_DONTEXPAND | VM_DONTDUMP;
	if (!vma->vm_ops)
		vma->vm_ops = &no_ops;
	for (at = addr; at != addr + size && !err; at += PAGE_SIZE)
		err = map_frame(vma, at, (unsigned long)pfn++);
	if (err)
		undo(vma, addr, at);
	return err;
}
