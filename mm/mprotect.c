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
#include <kernel/sched.h>
#include <mm/fault.h>
#include <mm/syscalls_mm.h>
#include "internal.h"
#include <linux/errno.h>
#include <linux/mman.h>
#include <linux/resource.h>

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

static inline int change_ptes(pte_t *ptep, unsigned long addr, unsigned long end, void *arg)
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

static inline struct change change_to(const struct vm_area_struct *vma)
{
	return (struct change){
		.prot = pgprot_val(vma->vm_page_prot),
		.own_writable = (vma->vm_flags & (VM_WRITE | VM_SHARED)) == VM_WRITE,
		.start = ~0ul,
	};
}

static inline void flush_changed(const struct vm_area_struct *vma, const struct change *c)
{
	if (c->start < c->end)
		flush_tlb_range(vma->vm_mm, c->start, c->end);
}

static noinline void change_many_tables(struct vm_area_struct *vma, unsigned long start,
					unsigned long end)
{
	static const struct mm_walk_ops ops = { .pte_range = change_ptes };
	struct change c = change_to(vma);

	walk_page_range(vma->vm_mm, start, end, &ops, &c);
	flush_changed(vma, &c);
}

/* Nearly always the range lies in one page table, and then what changes is in registers. */
static inline void change_protection(struct vm_area_struct *vma, unsigned long start,
				     unsigned long end)
{
	struct change c = change_to(vma);
	pte_t *pte;

	if (unlikely((start ^ (end - 1)) >= PGTABLE_SPAN)) {
		change_many_tables(vma, start, end);
		return;
	}
	pte = pte_lookup(vma->vm_mm, start);
	if (!pte)
		return;
	change_ptes(pte, start, end, &c);
	pte_unmap(pte);
	flush_changed(vma, &c);
}

/* Out of line: the limit of data would be passed, unless that of all memory is already. */
static noinline bool data_limit_refuses(const struct mm_struct *mm, unsigned long old,
					unsigned long flags, unsigned long pages)
{
	return !may_expand_vm(mm, flags, pages) && may_expand_vm(mm, old, pages);
}

/*
 * Private memory that becomes writable is charged like a new one: the flags with VM_ACCOUNT
 * where they get it, or 0: too much.
 */
static inline unsigned long charge_writer(struct mm_struct *mm, unsigned long old,
					  unsigned long flags, unsigned long pages)
{
	if (!is_data_mapping(old) && is_data_mapping(flags) &&
	    unlikely(mm->data_vm + pages > rlimit_cur(RLIMIT_DATA) >> PAGE_SHIFT) &&
	    data_limit_refuses(mm, old, flags, pages))
		return 0;
	if (old & (VM_ACCOUNT | VM_WRITE | VM_SHARED | VM_NORESERVE))
		return flags;
	return vm_enough_memory(pages) ? flags | VM_ACCOUNT : 0;
}

/* Part of one region; the region that holds it afterwards, or NULL: no memory. */
static inline struct vm_area_struct *mprotect_fixup(struct vm_area_struct *vma,
						      unsigned long start, unsigned long end,
						      unsigned long flags)
{
	struct mm_struct *mm = vma->vm_mm;
	unsigned long old = vma->vm_flags;

	if (flags == old)
		return vma;
	if (flags & VM_WRITE)
		flags = charge_writer(mm, old, flags, (end - start) >> PAGE_SHIFT);
	vma = flags ? vma_modify(mm, vma, start, end, flags) : NULL;
	if (!vma)
		return NULL;
	/* How a device's memory is cached is not a matter of rights. */
	vma->vm_page_prot = __pgprot(pgprot_val(vm_get_page_prot(flags)) |
				     (pgprot_val(vma->vm_page_prot) & _PAGE_CACHE_MASK));
	change_protection(vma, start, end);
	/* Locked memory does not fault: the copies that writes would make are made now. */
	if (unlikely(old & VM_LOCKED) && !(old & (VM_WRITE | VM_SHARED)) && flags & VM_WRITE)
		populate_vma(vma, start, end);
	return vma;
}

/* The flags of a region with other rights; 0: it may not have them. */
static inline unsigned long with_rights(const struct vm_area_struct *vma, unsigned long prot)
{
	unsigned long flags = (vma->vm_flags & ~VM_RWX) | prot;

	return flags & ~(flags >> 4) & VM_RWX ? 0 : flags;
}

/* The regions from vma, which contains start, up to end; stops at the first hole. */
static noinline int protect_regions(struct vm_area_struct *vma, unsigned long start,
				    unsigned long end, unsigned long prot)
{
	unsigned long flags, next;

	for (;;) {
		flags = with_rights(vma, prot);
		if (!flags)
			return -EACCES;
		next = min(vma->vm_end, end);
		vma = mprotect_fixup(vma, start, next, flags);
		if (!vma)
			return -ENOMEM;
		if (next >= end)
			return 0;
		/* The region may have grown over what follows it. */
		start = next;
		if (vma->vm_end <= start)
			vma = vma->vm_next;
		if (!vma || vma->vm_start > start)
			return -ENOMEM;
	}
}

/* Nearly always the range lies in one region. */
static inline int protect(struct mm_struct *mm, unsigned long start, unsigned long end,
			  unsigned long prot)
{
	struct vm_area_struct *vma = find_vma(mm, start);
	unsigned long flags;

	if (!vma || vma->vm_start > start)
		return -ENOMEM;
	if (unlikely(vma->vm_end < end))
		return protect_regions(vma, start, end, prot);
	flags = with_rights(vma, prot);
	if (!flags)
		return -EACCES;
	return mprotect_fixup(vma, start, end, flags) ? 0 : -ENOMEM;
}

#define PROT_GROWS	((unsigned long)(PROT_GROWSDOWN | PROT_GROWSUP))

/* From the start of a stack up to `end`; no region grows upwards. */
static noinline int protect_growing(struct mm_struct *mm, unsigned long start,
				    unsigned long end, unsigned long prot)
{
	struct vm_area_struct *vma = find_vma(mm, start);

	if (!vma)
		return -ENOMEM;
	if (!(prot & PROT_GROWSDOWN))
		return vma->vm_start > start ? -ENOMEM : -EINVAL;
	if (vma->vm_start >= end)
		return -ENOMEM;
	if (!(vma->vm_flags & VM_GROWSDOWN))
		return -EINVAL;
	return protect_regions(vma, vma->vm_start, end, prot & VM_RWX);
}

/* Odd rights: unknown ones, or from the start of a stack on. */
static noinline int protect_oddly(struct mm_struct *mm, unsigned long start, unsigned long len,
				  unsigned long prot)
{
	unsigned long end = start + PAGE_ALIGN(len);

	if (start & ~PAGE_MASK || (prot & PROT_GROWS) == PROT_GROWS)
		return -EINVAL;
	if (!len)
		return 0;
	if (end <= start)
		return -ENOMEM;
	if (prot & ~(VM_RWX | PROT_SEM | PROT_GROWS))
		return -EINVAL;
	return prot & PROT_GROWS ? protect_growing(mm, start, end, prot) :
				   protect(mm, start, end, prot & VM_RWX);
}

__always_inline int do_mprotect(struct mm_struct *mm, unsigned long start, unsigned long len,
				unsigned long prot)
{
	unsigned long end = start + PAGE_ALIGN(len);

	if (unlikely(prot & ~VM_RWX))
		return protect_oddly(mm, start, len, prot);
	if (start & ~PAGE_MASK)
		return -EINVAL;
	if (!len)
		return 0;
	if (end <= start)
		return -ENOMEM;
	return protect(mm, start, end, prot);
}

long sys_mprotect(unsigned long start, unsigned long len, unsigned long prot)
{
	struct mm_struct *mm = current->mm;
	int err;

	down_write(&mm->mmap_sem);
	err = do_mprotect(mm, start, len, prot);
	up_write(&mm->mmap_sem);
	return err;
}
