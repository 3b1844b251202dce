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

#include <kernel/list.h>
#include <asm/pgtable.h>

struct address_space;
struct kmem_cache;

struct page {
	unsigned long flags;		/* PG_*, page type, zone: mm/page_flags.h */
	int _refcount;			/* users; 0 only while free */
	int _mapcount;			/* entries of user page tables that name this frame */
	union {
		struct address_space *mapping;	/* file and anonymous pages */
		struct kmem_cache *slab_cache;	/* slab: whose objects these are */
	};
	union {
		unsigned long index;	/* page offset in the mapping; order of a large kmalloc */
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
	};
	unsigned long unused[sizeof(long) / 8];	/* none under two levels */
};

/* Eight words: a shift instead of a division between frame number and descriptor. */
static_assert(sizeof(struct page) == 8 * sizeof(long), "struct page is eight words");

/*
 * An address space.  mm_users counts tasks that run in it, mm_count everybody who needs
 * the descriptor itself (all mm_users together count as one).
 */
struct mm_struct {
	pgd_t *pgd;
	int mm_users;
	int mm_count;
	unsigned long nr_ptes;		/* page tables */
	unsigned long nr_pmds;		/* middle tables; always 0 under two levels */
	unsigned long nr_puds;
};

/* Owner of the kernel's page tables; never freed.  mm/init.c */
extern struct mm_struct init_mm;

#endif
