/* SPDX-License-Identifier: MIT */
/*
 * Reverse mapping (mm/rmap.c; Gorman 3.8): from a page to the entries
 * of page tables that name it.
 *
 * No page keeps a list of its entries, so that faults, fork and exit, which are frequent, pay
 * nothing for it; reclaim, which is rare, looks at the places where they can be:
 *
 *	file page	page->index is the offset in its address_space; the tree i_mmap has
 *			the regions that map it
 *	anonymous page	page->index is the number of the page of addresses where it came
 *			into being, and there it is in every address space of its anon_family;
 *			except where mremap() has moved it, and these regions are in a tree
 *
 * Whether it is there the entry says.  An anon_family is what has descended from one exec by
 * fork: only these address spaces can ever share an anonymous page.  (Linux has an anon_vma
 * for each region, and chains that join them; there regions with different ones cannot become
 * one, and fork allocates for each.  Here fork puts the address space into one list, regions
 * are split and merged without a thought, and looking for a page costs a look at one entry of
 * each address space of the family, until all are found.)
 *
 * Neither lock nor sleep: the kernel is not preempted, and wherever it may sleep each
 * region is in the trees that it belongs to.  Entries that mremap() is moving while it
 * sleeps for a table are the one thing that may be missed: who unmaps must be prepared for
 * fewer entries than page_mapcount() says.
 */
#ifndef MM_RMAP_H
#define MM_RMAP_H

#include <mm/vma.h>

struct anon_family {
	struct list_head mms;		/* mm->relatives */
	struct rb_root moved;		/* vma->anon of regions with an anon_shift */
};

/* Make the address space a member of the family, or (NULL) of one of its own: 0, -ENOMEM. */
int anon_family_join(struct mm_struct *mm, struct anon_family *family);

/* It has no regions any more; the last one takes the family with it. */
void anon_family_leave(struct mm_struct *mm);

/* page->index of an anonymous page that is at this address of a region. */
static inline unsigned long anon_index(const struct vm_area_struct *vma, unsigned long addr)
{
	return (addr >> PAGE_SHIFT) - vma->anon_shift;
}

/*
 * mm/vma.c: a region with an anon_shift is linked, or is not any more; it gets another one,
 * by being moved.
 */
void anon_link(struct vm_area_struct *vma);
void anon_unlink(struct vm_area_struct *vma);
void anon_set_shift(struct vm_area_struct *vma, unsigned long shift);

/* All regions of an address space, which is at its end. */
void anon_unlink_all(struct mm_struct *mm);

/*
 * One entry that names the page, mapped: it may be changed, nothing may sleep.  A result
 * other than 0 ends the walk.
 */
typedef int (*rmap_fn)(struct page *page, struct vm_area_struct *vma, unsigned long addr,
		       pte_t *ptep, void *arg);

/* All entries that name a page, in the order of its object's tree; fn's last result. */
int rmap_walk(struct page *page, rmap_fn fn, void *arg);

/*
 * How many entries were used since the last call, by the processor's Accessed bits, which
 * are cleared (and flushed: what is not in the TLB sets them again).  *vm_flags: the flags
 * of all regions that map it, together.
 */
unsigned int page_referenced(struct page *page, unsigned long *vm_flags);

/*
 * Take the Dirty bits of its entries; true if there was one.  The page's own PG_dirty is not
 * looked at.  A write after this sets Dirty again.
 */
bool page_mkclean(struct page *page);

/*
 * Take all entries away; Dirty goes to PG_dirty.  Entries of an anonymous page, which is in
 * the swap cache, become its slot.  The page is locked, and the caller has a reference.
 *	UNMAP_DONE	no entry names it any more
 *	UNMAP_AGAIN	some could not be found or changed: not now
 *	UNMAP_LOCKED	a locked region has it; entries before that may be gone
 */
enum unmap_result { UNMAP_DONE, UNMAP_AGAIN, UNMAP_LOCKED };
enum unmap_result try_to_unmap(struct page *page);

struct rmap_stats {
	unsigned long walks;
	unsigned long places;		/* looked at: address spaces and regions of the object */
	unsigned long entries;		/* found */
};
extern struct rmap_stats rmap_stats;

void rmap_init(void);			/* slab caches; mm_cache_init() calls it */

#endif
