/* SPDX-License-Identifier: MIT */
/*
 * The regions of an address space: find, link, split, merge, and where there is room
 * (Gorman 5.4.3 to 5.4.6, 5.4.10).  Pure bookkeeping: no page table is touched here.
 *
 * Every function wants the address space to itself (mmap_sem held for writing; the find_
 * functions for reading).  None sleeps but vma_alloc() and what splits.
 */
#ifndef MM_VMA_H
#define MM_VMA_H

#include <mm/mm.h>

#define VM_READ		0x00000001ul
#define VM_WRITE	0x00000002ul
#define VM_EXEC		0x00000004ul
#define VM_SHARED	0x00000008ul
#define VM_MAYREAD	0x00000010ul	/* mprotect() may set the bit four below */
#define VM_MAYWRITE	0x00000020ul
#define VM_MAYEXEC	0x00000040ul
#define VM_MAYSHARE	0x00000080ul
#define VM_GROWSDOWN	0x00000100ul	/* a stack: grows on faults below it */
#define VM_PFNMAP	0x00000400ul	/* frames without descriptors */
#define VM_DENYWRITE	0x00000800ul
#define VM_LOCKED	0x00002000ul
#define VM_IO		0x00004000ul
#define VM_SEQ_READ	0x00008000ul
#define VM_RAND_READ	0x00010000ul
#define VM_DONTCOPY	0x00020000ul
#define VM_DONTEXPAND	0x00040000ul
#define VM_LOCKONFAULT	0x00080000ul	/* locked as faults bring pages in */
#define VM_ACCOUNT	0x00100000ul
#define VM_NORESERVE	0x00200000ul
#define VM_WIPEONFORK	0x02000000ul
#define VM_DONTDUMP	0x04000000ul

/* A region with one of these is never merged with another, and never locked. */
#define VM_SPECIAL	(VM_IO | VM_DONTEXPAND | VM_PFNMAP)

#define VM_LOCK_FLAGS	(VM_LOCKED | VM_LOCKONFAULT)

#define DEFAULT_MAX_MAP_COUNT	65530	/* sysctl_max_map_count: mm/mmap.h */
#define STACK_GUARD_GAP		(256 * PAGE_SIZE)	/* kept free below a stack */

struct vm_fault;

/* What a kind of region does (Gorman 5.4.1); every member may be NULL. */
struct vm_operations_struct {
	void (*open)(struct vm_area_struct *vma);	/* one more region: fork, split */
	void (*close)(struct vm_area_struct *vma);	/* one less */
	int (*fault)(struct vm_area_struct *vma, struct vm_fault *vmf);
};

struct vma_stats {
	unsigned long finds, cache_hits, steps;		/* find_vma(); tree nodes visited */
	unsigned long merges, splits, shifts;		/* shift: a border moved */
};
extern struct vma_stats vma_stats;

/* After kmem_cache_init(): the cache that regions come from. */
void vma_cache_init(void);
extern struct kmem_cache *vm_area_cachep;

/*
 * A zeroed region of `mm`, linked nowhere, or NULL.  vma_free() is for one that holds no
 * references; vma_release() closes it and drops its file too (may sleep).
 */
struct vm_area_struct *vma_alloc(struct mm_struct *mm);
void vma_free(struct vm_area_struct *vma);
void vma_release(struct vm_area_struct *vma);

/* Private and writable, not a stack: what RLIMIT_DATA counts. */
static inline bool is_data_mapping(unsigned long flags)
{
	return (flags & (VM_WRITE | VM_SHARED | VM_GROWSDOWN)) == VM_WRITE;
}

extern long vm_committed;	/* pages of VM_ACCOUNT regions and of shared memory, everywhere */

/* The first region that ends above addr (it need not contain addr), or NULL. */
struct vm_area_struct *find_vma(struct mm_struct *mm, unsigned long addr);

/* The same, and in *pprev the region before it (NULL: none; the last if NULL is returned). */
struct vm_area_struct *find_vma_prev(struct mm_struct *mm, unsigned long addr,
				     struct vm_area_struct **pprev);

/* The first region that has a byte in [start, end), or NULL. */
static inline struct vm_area_struct *find_vma_intersection(struct mm_struct *mm,
							   unsigned long start, unsigned long end)
{
	struct vm_area_struct *vma = find_vma(mm, start);

	return vma && vma->vm_start < end ? vma : NULL;
}

/* Where others must stay away below a region: the guard gap of a stack included. */
static inline unsigned long vm_start_gap(const struct vm_area_struct *vma)
{
	if (!(vma->vm_flags & VM_GROWSDOWN))
		return vma->vm_start;
	return vma->vm_start > STACK_GUARD_GAP ? vma->vm_start - STACK_GUARD_GAP : 0;
}

static inline unsigned long vma_pages(const struct vm_area_struct *vma)
{
	return (vma->vm_end - vma->vm_start) >> PAGE_SHIFT;
}

/* Put a filled-in region into list and tree; -ENOMEM: it overlaps, nothing is changed. */
int insert_vm_struct(struct mm_struct *mm, struct vm_area_struct *vma);

/* The same for who knows the neighbours: behind prev (NULL: the first), where it fits. */
void vma_link(struct mm_struct *mm, struct vm_area_struct *vma, struct vm_area_struct *prev);

/* Take a region out of list and tree; it is not freed. */
void vma_unlink(struct mm_struct *mm, struct vm_area_struct *vma);

/*
 * Linked regions with a file stand in its i_mmap too (mm/filemap.h).  This takes one out of
 * that alone, for exit, which does not keep the rest in order.
 */
void vma_unlink_file(struct vm_area_struct *vma);

/*
 * Move the borders of a linked region, in its own gap; pgoff follows vm_start.  For brk,
 * stack growth and mremap in place.
 */
void vma_set_bounds(struct vm_area_struct *vma, unsigned long start, unsigned long end);

/*
 * Cut at addr, which lies inside: with new_below the new region is [vm_start, addr), else
 * [addr, vm_end).  -ENOMEM (no memory, or too many regions): nothing is changed.
 */
int split_vma(struct mm_struct *mm, struct vm_area_struct *vma, unsigned long addr,
	      bool new_below);
/* The same without the limit on regions, for munmap: one half is about to go. */
int __split_vma(struct mm_struct *mm, struct vm_area_struct *vma, unsigned long addr,
		bool new_below);

/* What a new region would be; for vma_merge_new(). */
struct vma_desc {
	unsigned long start, end, flags, pgoff;
	struct file *file;
	const struct vm_operations_struct *ops;
	void *private_data;
	unsigned long anon_shift;
};

/*
 * Cover the empty range of `d` by extending the region before it, the one behind, or
 * both into one (Gorman 5.4.6).  The region that covers it now, or NULL if neither fits.
 */
struct vm_area_struct *vma_merge_new(struct mm_struct *mm, const struct vma_desc *d);

/* The same pages count for other flags now.  Does it join a neighbour?  See vma_modify(). */
static inline void vma_set_flags(struct mm_struct *mm, struct vm_area_struct *vma,
				 unsigned long flags)
{
	unsigned long old = vma->vm_flags;
	long pages = vma_pages(vma);

	vma->vm_flags = flags;
	mm->data_vm += (is_data_mapping(flags) - is_data_mapping(old)) * pages;
	if (likely(!((old ^ flags) & (VM_LOCKED | VM_ACCOUNT))))
		return;
	if ((old ^ flags) & VM_LOCKED)
		mm->locked_vm += flags & VM_LOCKED ? pages : -pages;
	if ((old ^ flags) & VM_ACCOUNT)
		vm_committed += flags & VM_ACCOUNT ? pages : -pages;
}

static inline bool vma_has_flags(const struct vm_area_struct *vma, unsigned long flags)
{
	return vma && vma->vm_flags == flags;
}

/* vma_modify() where the region is split, joins a neighbour or gives a part to one. */
struct vm_area_struct *vma_modify_part(struct mm_struct *mm, struct vm_area_struct *vma,
				       unsigned long start, unsigned long end,
				       unsigned long flags);

/*
 * Give [start, end) of a region other flags: split it, move a border, or merge it with its
 * neighbours, whatever leaves the fewest regions (mprotect, mlock, madvise; Gorman
 * 5.4.10).  Returns the region that holds [start, end) now, or NULL (-ENOMEM) with
 * everything as it was.  vm_page_prot of the result is the caller's business.
 */
static inline struct vm_area_struct *vma_modify(struct mm_struct *mm,
						struct vm_area_struct *vma,
						unsigned long start, unsigned long end,
						unsigned long flags)
{
	/* Most changes are to a whole region that stays what it is. */
	if (start != vma->vm_start || end != vma->vm_end ||
	    vma_has_flags(vma->vm_prev, flags) || vma_has_flags(vma->vm_next, flags))
		return vma_modify_part(mm, vma, start, end, flags);
	vma_set_flags(mm, vma, flags);
	return vma;
}

/*
 * Make [start, end) of a region one by itself, by splits at its borders: that region, or
 * NULL (-ENOMEM) with everything as it was.  vma_rejoin() takes the splits back, given the
 * borders that the region had before.
 */
struct vm_area_struct *vma_isolate(struct mm_struct *mm, struct vm_area_struct *vma,
				   unsigned long start, unsigned long end);
void vma_rejoin(struct mm_struct *mm, struct vm_area_struct *vma, unsigned long start,
		unsigned long end);

/*
 * Moving (mremap, Gorman 5.4.7); entries are the caller's business.  An anonymous region
 * without pages takes the offset of its new place, so that it fits its neighbours there.
 *
 *	vma_add		link a filled-in region, or let a neighbour take over its range and its
 *			references: the region that covers the range now; the range is free
 *	vma_move	a whole region goes to the free range [start, end): the same
 *	vma_dup		another region like it, linked nowhere, or NULL; vma_release() it
 */
struct vm_area_struct *vma_add(struct mm_struct *mm, struct vm_area_struct *vma);
struct vm_area_struct *vma_move(struct mm_struct *mm, struct vm_area_struct *vma,
				unsigned long start, unsigned long end);
struct vm_area_struct *vma_dup(const struct vm_area_struct *vma, unsigned long pgoff,
			       unsigned long start, unsigned long end);

/*
 * `length` free bytes in [low, high), page aligned: the highest place, or the lowest.
 * 0 if there is none (address 0 is never free).  O(log n) by the gaps in the tree.
 */
unsigned long unmapped_area_topdown(struct mm_struct *mm, unsigned long length,
				    unsigned long low, unsigned long high);
unsigned long unmapped_area(struct mm_struct *mm, unsigned long length, unsigned long low,
			    unsigned long high);

/* What is wrong with list, tree, gaps or counts, or NULL.  For tests; O(n). */
const char *vma_check(struct mm_struct *mm);

#endif
