/* SPDX-License-Identifier: MIT */
/*
 * Changing the rights of a range: the regions first (vma_modify splits and merges), then
 * the entries that exist, then one flush (Gorman 5.4.10).
 *
 * In a private region an entry becomes writable only if its page has no other owner;
 * otherwise the next write still makes a copy.  A flush is needed only where rights were
 * taken away: too few rights in the TLB end in a fault that finds everything in order.
 */
#include <asm/tlbflush.h>
#include <mm/fault.h>
#include "internal.h"
#include <linux/errno.h>
#include <linux/mman.h>

#define VM_RWX		(VM_READ | VM_WRITE | VM_EXEC)

struct change {
	pteval_t prot;			/* of the region's entries from now on */
	bool own_writable;		/* private and writable */
	unsigned long start, end;	/* where rights were taken away */
};

static inline bool owned_alone(pte_t pte)
{
	const struct page *page = pte_page(pte);

	return page_type(page) == PGT_ANON && page->_refcount == 1;
}

/* Did the old entry allow something, in the TLB, that the new one does not? */
static inline bool loses_rights(pteval_t old, pteval_t new)
{
	const pteval_t rights = _PAGE_PRESENT | _PAGE_RW | _PAGE_USER;

	return old & _PAGE_PRESENT && ((old & ~new & rights) || (new & ~old & _PAGE_NX));
}

static int change_ptes(pte_t *ptep, unsigned long addr, unsigned long end, void *arg)
{
	const pteval_t keep = PTE_PFN_MASK | _PAGE_DIRTY;
	struct change *c = arg;
	pteval_t new;
	pte_t old;

	for (; addr != end; addr += PAGE_SIZE, ptep++) {
		if (!pte_present(*ptep))
			continue;
		old = ptep_get_and_clear(ptep);
		new = (pte_val(old) & keep) | c->prot;
		if (c->own_writable && owned_alone(old))
			new |= _PAGE_RW;
		set_pte(ptep, __pte(new));
		if (!loses_rights(pte_val(old), new))
			continue;
		c->start = min(c->start, addr);
		c->end = addr + PAGE_SIZE;
	}
	return 0;
}

static void change_protection(struct vm_area_struct *vma, unsigned long start,
			      unsigned long end)
{
	static const struct mm_walk_ops ops = { .pte_range = change_ptes };
	struct change c = {
		.prot = pgprot_val(vma->vm_page_prot),
		.own_writable = (vma->vm_flags & (VM_WRITE | VM_SHARED)) == VM_WRITE,
		.start = ~0ul,
	};

	walk_page_range(vma->vm_mm, start, end, &ops, &c);
	if (c.start < c.end)
		flush_tlb_range(vma->vm_mm, c.start, c.end);
}

/* Private memory that becomes writable is charged like a new one. */
static int charge_new_writer(struct mm_struct *mm, unsigned long old, unsigned long *flags,
			     unsigned long pages)
{
	if (!(*flags & VM_WRITE))
		return 0;
	if (!may_expand_vm(mm, *flags, pages) && may_expand_vm(mm, old, pages))
		return -ENOMEM;
	if (old & (VM_ACCOUNT | VM_WRITE | VM_SHARED | VM_NORESERVE))
		return 0;
	if (!vm_enough_memory(pages))
		return -ENOMEM;
	*flags |= VM_ACCOUNT;
	return 0;
}

/* Part of one region; *vmap becomes the region that holds it afterwards. */
static int mprotect_fixup(struct vm_area_struct **vmap, unsigned long start, unsigned long end,
			  unsigned long flags)
{
	struct vm_area_struct *vma = *vmap;
	struct mm_struct *mm = vma->vm_mm;
	unsigned long old = vma->vm_flags;
	int err;

	if (flags == old)
		return 0;
	err = charge_new_writer(mm, old, &flags, (end - start) >> PAGE_SHIFT);
	if (err)
		return err;
	vma = vma_modify(mm, vma, start, end, flags);
	if (!vma)
		return -ENOMEM;
	/* How a device's memory is cached is not a matter of rights. */
	vma->vm_page_prot = __pgprot(pgprot_val(vm_get_page_prot(flags)) |
				     (pgprot_val(vma->vm_page_prot) & _PAGE_CACHE_MASK));
	change_protection(vma, start, end);
	/* Locked memory does not fault: the copies that writes would make are made now. */
	if (unlikely((old & (VM_WRITE | VM_SHARED | VM_LOCKED)) == VM_LOCKED && flags & VM_WRITE))
		populate_vma(vma, start, end);
	*vmap = vma;
	return 0;
}

/* The regions from vma, which contains start, up to end; stops at the first hole. */
static int protect_regions(struct vm_area_struct *vma, unsigned long start, unsigned long end,
			   unsigned long prot)
{
	unsigned long flags, next;
	int err;

	for (;;) {
		flags = (vma->vm_flags & ~VM_RWX) | prot;
		if (flags & ~(flags >> 4) & VM_RWX)
			return -EACCES;
		next = min(vma->vm_end, end);
		err = mprotect_fixup(&vma, start, next, flags);
		if (err || next >= end)
			return err;
		/* The region may have grown over what follows it. */
		start = next;
		if (vma->vm_end <= start)
			vma = vma->vm_next;
		if (!vma || vma->vm_start > start)
			return -ENOMEM;
	}
}

int do_mprotect(struct mm_struct *mm, unsigned long start, unsigned long len,
		unsigned long prot)
{
	unsigned long grows = prot & (PROT_GROWSDOWN | PROT_GROWSUP), end;
	struct vm_area_struct *vma;

	if (grows == (PROT_GROWSDOWN | PROT_GROWSUP) || start & ~PAGE_MASK)
		return -EINVAL;
	if (!len)
		return 0;
	end = start + PAGE_ALIGN(len);
	if (end <= start)
		return -ENOMEM;
	prot &= ~grows;
	if (prot & ~(unsigned long)(PROT_READ | PROT_WRITE | PROT_EXEC | PROT_SEM))
		return -EINVAL;
	vma = find_vma(mm, start);
	if (!vma)
		return -ENOMEM;
	if (grows & PROT_GROWSDOWN) {
		if (vma->vm_start >= end)
			return -ENOMEM;
		if (!(vma->vm_flags & VM_GROWSDOWN))
			return -EINVAL;
		start = vma->vm_start;
	} else if (vma->vm_start > start) {
		return -ENOMEM;
	}
	if (grows & PROT_GROWSUP)
		return -EINVAL;
	return protect_regions(vma, start, end, prot & VM_RWX);
}
