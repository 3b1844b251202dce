/* SPDX-License-Identifier: MIT */
/*
 * User memory seen by the kernel on behalf of somebody else: exec's arguments in an mm
 * that is not in CR3 yet, /proc/PID/cmdline (contracts: mm/fault.h).
 */
#include <kernel/string.h>
#include <mm/fault.h>
#include "internal.h"

/*
 * The page of an entry that allows the access, with a reference, or NULL.  The processor
 * does not see who writes by another address: the page is dirty from now on.
 */
static struct page *page_if_mapped(struct mm_struct *mm, unsigned long address, bool write)
{
	pte_t *ptep = pte_lookup(mm, address);
	struct page *page = NULL;

	if (!ptep)
		return NULL;
	if (pte_val(*ptep) & _PAGE_PRESENT && (!write || pte_write(*ptep))) {
		page = pte_page(*ptep);
		get_page(page);
		if (write)
			set_page_dirty(page);
	}
	pte_unmap(ptep);
	return page;
}

struct page *get_user_page(struct mm_struct *mm, unsigned long address, bool write)
{
	unsigned int flags = write ? FAULT_FLAG_WRITE : 0;
	struct vm_area_struct *vma;
	struct page *page;

	vma = find_extend_vma(mm, address);
	if (!vma || vma->vm_flags & VM_PFNMAP || !vma_permits(vma, flags))
		return NULL;
	/* Again after a fault: memory may have been taken away meanwhile. */
	for (;;) {
		page = page_if_mapped(mm, address, write);
		if (page)
			return page;
		if (handle_mm_fault(vma, address, flags) & VM_FAULT_ERROR)
			return NULL;
	}
}

unsigned long access_mm(struct mm_struct *mm, unsigned long address, void *buf,
			unsigned long len, bool write)
{
	unsigned long done = 0, offset, n;
	struct page *page;

	down_read(&mm->mmap_sem);
	for (; done < len; done += n) {
		page = get_user_page(mm, address + done, write);
		if (!page)
			break;
		offset = (address + done) & ~PAGE_MASK;
		n = min(len - done, PAGE_SIZE - offset);
		if (write)
			memcpy_to_page(page, offset, (char *)buf + done, n);
		else
			memcpy_from_page((char *)buf + done, page, offset, n);
		put_page(page);
	}
	up_read(&mm->mmap_sem);
	return done;
}
