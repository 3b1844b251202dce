/* SPDX-License-Identifier: MIT */
/*
 * Reverse mapping (mm/rmap.c; Gorman 3.8): from a page to the entries
 * of page tables that name it.
 *
 * A page says which offset of which object it is (page->index), and the object has a tree of
 * the regions that may map it; where in a region the page is follows from vm_pgoff, and
 * whether it is there the entry says.  No page keeps a list of its entries, so faults, fork
 * and exit, which are frequent, pay nothing for it, and reclaim, which is rare, looks:
 *
 *	file page	the object is its address_space, the tree i_mmap
 *	anonymous page	the object is its anon_family, the tree `regions`
 *
 * An anon_family is what has descended from one exec by fork: only these address spaces can
 * ever share an anonymous page.  A region enters the tree with its first anonymous page.
 * (Linux has an anon_vma for each region, and chains that join them; there regions with
 * different ones cannot become one, and fork allocates for each.  Here fork puts a node into
 * a tree, any two regions can be merged, and looking for a page costs a look at every
 * address space of the family that has a region at its offset.)
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
	int users;			/* address spaces */
	struct rb_root regions;		/* vma->anon of theirs that have anonymous pages */
};

/* For new address spaces: a family of its own, or NULL; the last put frees it. */
struct anon_family *anon_family_alloc(void);
void anon_family_put(struct anon_family *family);

static inline struct anon_family *anon_family_get(struct anon_family *family)
{
	family->users++;
	return family;
}

/*
 * The region is about to get an anonymous page (or entries copied from one that has some):
 * from now on it is in its family's tree.  Linked regions only.  Never fails.
 */
void __anon_prepare(struct vm_area_struct *vma);

static inline void anon_prepare(struct vm_area_struct *vma)
{
	if (unlikely(!vma->anon_pages))
		__anon_prepare(vma);
}

/*
 * mm/vma.c: a region with anon_pages is linked, unlinked, or has got other borders or
 * another offset (it may also have been moved in one step).
 */
void anon_link(struct vm_area_struct *vma);
void anon_unlink(struct vm_area_struct *vma);
void anon_update(struct vm_area_struct *vma);

/* It has no anonymous pages any more. */
void anon_forget(struct vm_area_struct *vma);

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
	unsigned long regions;		/* looked at: at most those of the object */
	unsigned long entries;		/* found */
};
extern struct rmap_stats rmap_stats;

void rmap_init(void);			/* slab caches; mm_cache_init() calls it */

#endif
