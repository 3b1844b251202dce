/* SPDX-License-Identifier: MIT */
/*
 * Locked memory (Gorman 5.4.8 to 5.4.10): mlock, munlock and their all-forms.
 *
 * A lock is a flag of the region: reclaim leaves its pages alone, and locking faults them in
 * once.  So it is vma_modify() that does the work (whole, start, middle, end: the fix-ups of
 * the book), and mm->locked_vm follows the flag by itself.
 */
#include <kernel/sched.h>
#include <mm/fault.h>
#include <mm/syscalls_mm.h>
#include "internal.h"
#include <linux/capability.h>
#include <linux/errno.h>
#include <linux/mman.h>
#include <linux/resource.h>

/* ---- limits ------------------------------------------------------------------------ */

bool can_do_mlock(void)
{
	return rlimit_cur(RLIMIT_MEMLOCK) || capable(CAP_IPC_LOCK);
}

/* In all: so many pages locked. */
static bool within_limit(unsigned long pages)
{
	return pages <= rlimit_cur(RLIMIT_MEMLOCK) >> PAGE_SHIFT || capable(CAP_IPC_LOCK);
}

bool may_lock_more(const struct mm_struct *mm, unsigned long flags, unsigned long pages)
{
	return !(flags & VM_LOCKED) || within_limit(mm->locked_vm + pages);
}

/* Pages of [start, start + len) that are locked already: they count once. */
static unsigned long locked_pages_in(struct mm_struct *mm, unsigned long start,
				     unsigned long len)
{
	/* Up to the top: a range that wraps is refused later. */
	unsigned long end = start + len < start ? ~0ul & PAGE_MASK : start + len, pages = 0;
	struct vm_area_struct *vma = find_vma_intersection(mm, start, end);

	for (; vma && vma->vm_start < end; vma = vma->vm_next)
		if (vma->vm_flags & VM_LOCKED)
			pages += (min(vma->vm_end, end) - max(vma->vm_start, start)) >> PAGE_SHIFT;
	return pages;
}

/* ---- pages that reclaim has put aside ------------------------------------------------ */

static int rescue_table(pte_t *ptep, unsigned long addr, unsigned long end, void *arg)
{
	for (; addr != end; addr += PAGE_SIZE, ptep++)
		if (pte_present(*ptep) && !is_zero_pfn(pte_pfn(*ptep)) &&
		    PageMlocked(pte_page(*ptep)))
			lru_rescue(pte_page(*ptep));
	return 0;
}

/* If another locked region has one of them, reclaim will meet it there. */
void munlock_pages(struct vm_area_struct *vma, unsigned long start, unsigned long end)
{
	static const struct mm_walk_ops ops = { .pte_range = rescue_table };

	if (nr_mlocked && !(vma->vm_flags & VM_PFNMAP))
		walk_page_range(vma->vm_mm, start, end, &ops, NULL);
}

/* ---- fix-up (Gorman 5.4.10) -------------------------------------------------------- */

/*
 * Part of one region gets these of the lock flags: the region that holds it afterwards, or
 * NULL (-ENOMEM).  Device memory is never locked.
 */
static struct vm_area_struct *mlock_fixup(struct vm_area_struct *vma, unsigned long start,
					  unsigned long end, unsigned long lock)
{
	if (vma->vm_flags & VM_SPECIAL)
		return vma;
	if (vma->vm_flags & VM_LOCKED && !lock)
		munlock_pages(vma, start, end);
	return vma_modify(vma->vm_mm, vma, start, end, (vma->vm_flags & ~VM_LOCK_FLAGS) | lock);
}

/* 0; -ENOMEM at the first hole, or if a split fails: what comes before is done. */
static int apply_lock(struct mm_struct *mm, unsigned long start, unsigned long len,
		      unsigned long lock)
{
	unsigned long end = start + len, next;
	struct vm_area_struct *vma;

	if (end < start)
		return -EINVAL;
	if (end == start)
		return 0;
	vma = find_vma(mm, start);
	for (; vma && vma->vm_start <= start; vma = find_vma(mm, start)) {
		next = min(vma->vm_end, end);
		vma = mlock_fixup(vma, start, next, lock);
		if (!vma)
			break;
		if (next >= end)
			return 0;
		start = next;
	}
	return -ENOMEM;
}

/* ---- ranges ------------------------------------------------------------------------ */

static long do_mlock(unsigned long start, unsigned long len, unsigned long lock)
{
	struct mm_struct *mm = current->mm;
	unsigned long locked;
	int err = -ENOMEM;

	if (!can_do_mlock())
		return -EPERM;
	len = PAGE_ALIGN(len + (start & ~PAGE_MASK));
	start &= PAGE_MASK;
	down_write(&mm->mmap_sem);
	locked = mm->locked_vm + (len >> PAGE_SHIFT);
	if (within_limit(locked) || within_limit(locked - locked_pages_in(mm, start, len)))
		err = apply_lock(mm, start, len, lock);
	up_write(&mm->mmap_sem);
	if (err)
		return err;
	err = mm_populate_strict(mm, start, start + len);
	/* Said in POSIX's words. */
	return err == -EFAULT ? -ENOMEM : err == -ENOMEM ? -EAGAIN : err;
}

long sys_mlock(unsigned long start, unsigned long len)
{
	return do_mlock(start, len, VM_LOCKED);
}

long sys_mlock2(unsigned long start, unsigned long len, int flags)
{
	if (flags & ~MLOCK_ONFAULT)
		return -EINVAL;
	return do_mlock(start, len, flags ? VM_LOCKED | VM_LOCKONFAULT : VM_LOCKED);
}

long sys_munlock(unsigned long start, unsigned long len)
{
	struct mm_struct *mm = current->mm;
	int err;

	len = PAGE_ALIGN(len + (start & ~PAGE_MASK));
	down_write(&mm->mmap_sem);
	err = apply_lock(mm, start & PAGE_MASK, len, 0);
	up_write(&mm->mmap_sem);
	return err;
}

/* ---- everything -------------------------------------------------------------------- */

/* Regions that cannot be changed stay as they are: only whole ones are, so none is split. */
static void apply_lock_all(struct mm_struct *mm, unsigned long lock)
{
	struct vm_area_struct *vma = mm->mmap;

	for (; vma; vma = vma->vm_next)
		vma = mlock_fixup(vma, vma->vm_start, vma->vm_end, lock);
}

static void apply_mlockall(struct mm_struct *mm, int flags)
{
	unsigned long lock = VM_LOCKED | (flags & MCL_ONFAULT ? VM_LOCKONFAULT : 0);

	mm->def_flags &= ~VM_LOCK_FLAGS;
	if (flags & MCL_FUTURE)
		mm->def_flags |= lock;
	if (flags & MCL_CURRENT || !(flags & MCL_FUTURE))
		apply_lock_all(mm, flags & MCL_CURRENT ? lock : 0);
}

long sys_mlockall(int flags)
{
	struct mm_struct *mm = current->mm;
	int err = -ENOMEM;

	if (!flags || flags & ~(MCL_CURRENT | MCL_FUTURE | MCL_ONFAULT) || flags == MCL_ONFAULT)
		return -EINVAL;
	if (!can_do_mlock())
		return -EPERM;
	down_write(&mm->mmap_sem);
	if (!(flags & MCL_CURRENT) || within_limit(mm->total_vm)) {
		apply_mlockall(mm, flags);
		err = 0;
	}
	up_write(&mm->mmap_sem);
	if (!err && flags & MCL_CURRENT)
		mm_populate(mm, 0, mm->task_size);
	return err;
}

long sys_munlockall(void)
{
	struct mm_struct *mm = current->mm;

	down_write(&mm->mmap_sem);
	apply_mlockall(mm, 0);
	up_write(&mm->mmap_sem);
	return 0;
}
