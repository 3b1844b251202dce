/* SPDX-License-Identifier: MIT */
/*
 * The mmap family as programs call it: arguments as Linux has them, the lock, and then
 * mmap.c, mprotect.c.  The other calls stand with their work: mremap.c, mlock.c, madvise.c.
 */
#include <kernel/sched.h>
#include <mm/fault.h>
#include <mm/file.h>
#include <mm/syscalls_mm.h>
#include "internal.h"
#include <linux/errno.h>
#include <linux/mman.h>

/* Positions in a file are signed and have 64 bits; page numbers are words. */
#define FILE_PAGES_MAX	(sizeof(long) == 8 ? ~0ul >> (PAGE_SHIFT + 1) : ~0ul)

/* All of it at once, because of this call or of mlockall(MCL_FUTURE)? */
static bool wants_pages(const struct mm_struct *mm, unsigned long flags)
{
	return flags & MAP_LOCKED || mm->def_flags & VM_LOCKED ||
	       (flags & (MAP_POPULATE | MAP_NONBLOCK)) == MAP_POPULATE;
}

/* What MAP_POPULATE asks for is done with the lock for reading, like a fault. */
static long mmap_file(struct file *file, unsigned long addr, unsigned long len,
		      unsigned long prot, unsigned long flags, unsigned long pgoff,
		      unsigned long vm_may)
{
	struct mm_struct *mm = current->mm;

	down_write(&mm->mmap_sem);
	addr = do_mmap(file, addr, len, prot, flags, pgoff, vm_may);
	up_write(&mm->mmap_sem);
	if (IS_ERR_VALUE(addr) || likely(!wants_pages(mm, flags)))
		return addr;
	mm_populate(mm, addr, addr + PAGE_ALIGN(len));
	return addr;
}

long sys_mmap_pgoff(unsigned long addr, unsigned long len, unsigned long prot,
		    unsigned long flags, long fd, unsigned long pgoff)
{
	unsigned long vm_may = VM_MAYREAD | VM_MAYWRITE | VM_MAYEXEC;
	struct file *file;
	long ret;

	if (flags & MAP_ANONYMOUS) {
		if (unlikely(flags & MAP_HUGETLB))
			return len ? -ENOMEM : -EINVAL;	/* no page is huge here */
		return mmap_file(NULL, addr, len, prot, flags, pgoff, vm_may);
	}
	file = file_for_mmap((int)fd, prot, flags, &vm_may);
	if (!file)
		return -EBADF;
	if (flags & MAP_HUGETLB)
		ret = -EINVAL;
	else if (len && pgoff > FILE_PAGES_MAX - (len >> PAGE_SHIFT))
		ret = -EOVERFLOW;
	else
		ret = mmap_file(file, addr, len, prot, flags, pgoff, vm_may);
	fput(file);
	return ret;
}

long sys_mmap(unsigned long addr, unsigned long len, unsigned long prot,
	      unsigned long flags, long fd, unsigned long offset)
{
	if (offset & ~PAGE_MASK)
		return -EINVAL;
	return sys_mmap_pgoff(addr, len, prot, flags, fd, offset >> PAGE_SHIFT);
}

long sys_munmap(unsigned long addr, unsigned long len)
{
	struct mm_struct *mm = current->mm;
	int err;

	down_write(&mm->mmap_sem);
	err = do_munmap(mm, addr, len);
	up_write(&mm->mmap_sem);
	return err;
}

/* The new break, or the old one: never an error number. */
long sys_brk(unsigned long brk)
{
	struct mm_struct *mm = current->mm;
	unsigned long old;

	down_write(&mm->mmap_sem);
	old = mm->brk;
	do_brk(mm, brk);
	brk = mm->brk;
	up_write(&mm->mmap_sem);
	if (unlikely(mm->def_flags & VM_LOCKED) && brk > old)
		mm_populate(mm, PAGE_ALIGN(old), PAGE_ALIGN(brk));
	return brk;
}
