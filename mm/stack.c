/* SPDX-License-Identifier: MIT */
/*
 * Stacks grow when they are touched (Gorman 4.6; contracts: mm/fault.h).
 *
 * A stack is a region with VM_GROWSDOWN.  It may reach down as far as RLIMIT_STACK says at
 * the time of the fault, in one jump if need be, but stays STACK_GUARD_GAP away from
 * whatever lies below: a function with a large frame must not step over the gap.
 */
#include <kernel/kernel.h>
#include <kernel/sched.h>
#include <kernel/trace.h>
#include <mm/fault.h>
#include "internal.h"
#include <linux/errno.h>
#include <linux/resource.h>

#define MMAP_MIN_ADDR	65536ul

static bool guard_gap_is_free(const struct vm_area_struct *vma, unsigned long address)
{
	const struct vm_area_struct *prev = vma->vm_prev;

	if (!prev)
		return true;
	if (prev->vm_end > address)
		return false;
	/* Another stack has a gap of its own; an inaccessible region is as good as one. */
	if (prev->vm_flags & VM_GROWSDOWN ||
	    !(prev->vm_flags & (VM_READ | VM_WRITE | VM_EXEC)))
		return true;
	return address - prev->vm_end >= STACK_GUARD_GAP;
}

int expand_stack(struct vm_area_struct *vma, unsigned long address)
{
	unsigned long size, grow;

	address &= PAGE_MASK;
	if (address >= vma->vm_start)
		return 0;
	if (address < MMAP_MIN_ADDR || !guard_gap_is_free(vma, address))
		return -ENOMEM;
	size = vma->vm_end - address;
	grow = (vma->vm_start - address) >> PAGE_SHIFT;
	if (size > rlimit_cur(RLIMIT_STACK) || grow > vma->vm_pgoff)
		return -ENOMEM;
	if (!may_expand_vm(vma->vm_mm, vma->vm_flags, grow) ||
	    !may_lock_more(vma->vm_mm, vma->vm_flags, grow) || !vm_enough_memory(grow))
		return -ENOMEM;
	trace(TRACE_STACK, address, vma->vm_start, address, 0);
	vma_set_bounds(vma, address, vma->vm_end);
	return 0;
}

struct vm_area_struct *find_extend_vma(struct mm_struct *mm, unsigned long address)
{
	struct vm_area_struct *vma = find_vma(mm, address);

	if (!vma || vma->vm_start <= address)
		return vma;
	if (!(vma->vm_flags & VM_GROWSDOWN) || expand_stack(vma, address))
		return NULL;
	return vma;
}
