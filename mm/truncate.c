/* SPDX-License-Identifier: MIT */
/*
 * Pages of a file go away while processes map them: truncate and holes (contracts:
 * mm/filemap.h).
 *
 * The file's tree of regions says where its pages can be mapped; where they are, the page
 * tables say.  No region's lock is taken: the kernel is not preempted, so between two
 * places where it sleeps every region and every table is consistent.  Who was asleep in
 * the middle of something looks again afterwards: a fault at the page it got and at the size
 * (filemap_fault), fork and mremap have linked the region that entries are copied to.
 */
#include "internal.h"

/* Entries of the part of one region that maps [first, last]. */
static void unmap_part(struct vm_area_struct *vma, unsigned long first, unsigned long last,
		       bool private_too)
{
	unsigned long pgoff = vma->vm_pgoff, end = vma->vm_end, start = vma->vm_start;

	if (first > pgoff)
		start += (first - pgoff) << PAGE_SHIFT;
	if (last - pgoff < vma_pages(vma) - 1)
		end = vma->vm_start + ((last - pgoff + 1) << PAGE_SHIFT);
	zap_file_range(vma, start, end, private_too);
}

void unmap_mapping_range(struct address_space *mapping, unsigned long first,
			 unsigned long last, bool private_too)
{
	struct interval_node *node = interval_first(&mapping->i_mmap, first, last);

	for (; node; node = interval_next(node, first, last))
		unmap_part(container_of(node, struct vm_area_struct, shared), first, last,
			   private_too);
}

void truncate_range(struct address_space *mapping, unsigned long first, unsigned long last,
		    bool private_too)
{
	unmap_mapping_range(mapping, first, last, private_too);
	if (!mapping->nrpages)
		return;
	truncate_pages(mapping, first, last);
	/* It may have slept, and a fault been faster. */
	unmap_mapping_range(mapping, first, last, private_too);
}
