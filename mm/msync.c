/* SPDX-License-Identifier: MIT */
/*
 * msync: what a program has stored through its shared mappings goes to the disk.
 *
 * MS_SYNC writes the whole file, which is more than was asked for and never less.  MS_ASYNC
 * has nothing to start: the flusher looks at the page tables of every shared mapping anyway.
 */
#include <kernel/sched.h>
#include <mm/file.h>
#include <mm/syscalls_mm.h>
#include "internal.h"
#include <linux/errno.h>
#include <linux/mman.h>

/* Without the lock: whoever writes must not keep others from faulting. */
static int sync_region(struct mm_struct *mm, struct vm_area_struct *vma)
{
	struct file *file = get_file(vma->vm_file);
	int err;

	up_read(&mm->mmap_sem);
	err = file_sync(file);
	fput(file);
	down_read(&mm->mmap_sem);
	return err;
}

static int do_msync(struct mm_struct *mm, unsigned long start, unsigned long end, int flags)
{
	struct vm_area_struct *vma;
	int holes = 0, err;

	while (start < end) {
		vma = find_vma(mm, start);
		if (!vma || vma->vm_start >= end)
			return -ENOMEM;
		if (vma->vm_start > start)
			holes = -ENOMEM;
		if (flags & MS_INVALIDATE && vma->vm_flags & VM_LOCKED)
			return -EBUSY;
		start = vma->vm_end;
		if (!(flags & MS_SYNC) || !vma->vm_file || !(vma->vm_flags & VM_SHARED))
			continue;
		err = sync_region(mm, vma);	/* vma may be gone */
		if (err)
			return err;
	}
	return holes;
}

long sys_msync(unsigned long start, unsigned long len, int flags)
{
	struct mm_struct *mm = current->mm;
	unsigned long end = start + PAGE_ALIGN(len);
	int err;

	if (flags & ~(MS_ASYNC | MS_INVALIDATE | MS_SYNC) || start & ~PAGE_MASK ||
	    (flags & MS_ASYNC && flags & MS_SYNC))
		return -EINVAL;
	if (end < start)
		return -ENOMEM;
	if (end == start)
		return 0;
	down_read(&mm->mmap_sem);
	err = do_msync(mm, start, end, flags);
	up_read(&mm->mmap_sem);
	return err;
}
