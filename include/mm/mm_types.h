/* SPDX-License-Identifier: MIT */
/*
 * The two descriptors that everything else is about: struct page, one per frame, and
 * struct mm_struct, one per address space.
 *
 * A frame is in exactly one state, its page type (mm/page_flags.h); the unions below say
 * which state owns which words.  Descriptors of a block that is free as a whole are valid
 * in the first page of the block only, except for flags and the two counts.
 */
#ifndef MM_MM_TYPES_H
#define MM_MM_TYPES_H

#include <kernel/interval_tree.h>
#include <kernel/list.h>
#include <kernel/rbtree.h>
#include <kernel/rwsem.h>
#include <asm/pgtable.h>

struct address_space;
struct anon_family;
struct file;
struct vm_operations_struct;
struct kmem_cache;

struct page {
	unsigned long flags;		/* PG_*, page type, zone: mm/page_flags.h */
	int _refcount;			/* users; 0 only while free */
	int _mapcount;			/* entries of user page tables that name this frame */
	union {
		struct address_space *mapping;	/* file pages: where they are cached */
		struct anon_family *anon;	/* anonymous pages: who may map them, mm/rmap.h */
		struct kmem_cache *slab_cache;	/* slab: whose objects these are */
	};
	union {
		/* Offset in the file; anonymous: mm/rmap.h; order of a large kmalloc. */
		unsigned long index;
		struct {		/* slab, first page */
			u16 slab_inuse;
			u16 slab_objects;
		};
	};
	struct list_head lru;		/* free list, LRU list, list of slabs, list of the owner */
	union {
		unsigned long private;	/* free: order of the block; otherwise the owner's */
		void *freelist;		/* slab, first page: chain of free objects */
		struct page *first_page; /* PG_tail: the page that the block starts with */
		struct page *next_free;	/* PG_hot, or on its way to the allocator */
	};
	unsigned long unused[sizeof(long) / 8];	/* none under two levels */
};

/* Eight words: a shift instead of a division between frame number and descriptor. */
static_assert(sizeof(struct page) == 8 * sizeof(long), "struct page is eight words");

/* What mm->rss[] counts, in pages. */
enum { MM_FILEPAGES, MM_ANONPAGES, MM_SWAPENTS, NR_MM_COUNTERS };

/*
 * An address space.  mm_users counts tasks that run in it, mm_count everybody who needs
 * the descriptor itself (all mm_users together count as one; a kernel thread that borrows
 * the tables is one too).  mmap_sem protects the regions and the limits; the page tables
 * are changed with it held, without sleeping between look and store.
 */
struct mm_struct {
	struct vm_area_struct *mmap;	/* regions by address */
	struct rb_root mm_rb;		/* the same as a tree, with gaps */
	struct vm_area_struct *mmap_cache;	/* what find_vma() found last */
	/*
	 * Where the last search for a free area ended (Gorman 5.4.4): of the gaps higher up,
	 * and below mmap_base, all are smaller than cached_hole_size.  NULL: nothing is known.
	 */
	struct vm_area_struct *free_area_cache;
	unsigned long cached_hole_size;
	unsigned long highest_vm_end;	/* end of the last region; 0: none */
	int map_count;			/* regions */
	unsigned long total_vm;		/* pages in regions */
	unsigned long task_size;	/* end of the user half */
	unsigned long mmap_base;	/* free areas are searched downwards from here */
	pgd_t *pgd;
	struct list_head mms;		/* all_mms: mm/mmap.h */
	struct anon_family *anon;	/* shared with parents and children by fork: mm/rmap.h */
	struct list_head relatives;	/* anon->mms */
	int mm_users;
	int mm_count;
	struct rw_semaphore mmap_sem;
	unsigned long nr_ptes;		/* page tables */
	unsigned long nr_pmds;		/* middle tables; always 0 under two levels */
	unsigned long nr_puds;
	long rss[NR_MM_COUNTERS];
	unsigned long hiwater_rss, hiwater_vm;
	unsigned long locked_vm;	/* pages in VM_LOCKED regions */
	unsigned long data_vm;		/* pages of private writable regions, stack not */
	unsigned long def_flags;	/* mlockall(MCL_FUTURE) */

	/* The program: limits of its parts, bytes (Gorman 4.3). */
	unsigned long start_code, end_code, start_data, end_data;
	unsigned long start_brk, brk, start_stack;
	unsigned long arg_start, arg_end, env_start, env_end;
	struct file *exe_file;
	unsigned long saved_auxv[48];	/* pairs, as the program got them */
	unsigned int saved_auxc;	/* words in use */
};

/*
 * A region: user addresses with one rule for faults (Gorman 5.4).  Regions of an address
 * space do not overlap; they are linked by address and stand in mm_rb.
 */
struct vm_area_struct {
	/* What a search touches. */
	unsigned long vm_start;		/* first byte, page aligned */
	unsigned long vm_end;		/* first byte behind, page aligned */
	struct vm_area_struct *vm_next, *vm_prev;
	struct rb_node vm_rb;
	unsigned long vm_gap;		/* free below it, down to the end of the one before */
	unsigned long rb_subtree_gap;	/* largest vm_gap of this subtree */

	struct mm_struct *vm_mm;
	pgprot_t vm_page_prot;		/* of its entries */
	unsigned long vm_flags;		/* VM_*: mm/vma.h */
	unsigned long vm_pgoff;		/* offset in the file, in pages */
	struct file *vm_file;		/* NULL: anonymous */
	struct interval_node shared;	/* in the i_mmap of its file: pages of it */
	struct interval_node anon;	/* in vm_mm->anon->moved, if anon_shift: page->index */
	unsigned long anon_shift;	/* pages by which mremap() has moved anonymous pages */
	const struct vm_operations_struct *vm_ops;
	void *vm_private_data;
	bool anon_pages;		/* may map anonymous pages */
};

/* Owner of the kernel's page tables; never freed.  mm/init.c */
extern struct mm_struct init_mm;

#endif
