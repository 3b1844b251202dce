/* SPDX-License-Identifier: MIT */
/*
 * struct page, word `flags`:
 *
 *	bits 0..23	PG_* flags
 *	bits 24..27	page type: what the frame is used for
 *	bits 28..29	zone, constant after memmap_init_range()
 *
 * The page type is the state that the accounting identity is about: every frame that
 * exists has exactly one, page_type_count[] has their sums, and recount_pages() finds the
 * same sums by looking at every descriptor.  The type stands at the same bits as in gfp_t,
 * so an allocation sets it for nothing (mm/gfp.h).
 */
#ifndef MM_PAGE_FLAGS_H
#define MM_PAGE_FLAGS_H

#include <mm/mm_types.h>

enum page_flag {
	PG_locked,		/* I/O or truncation in progress */
	PG_error,
	PG_referenced,
	PG_uptodate,
	PG_dirty,
	PG_lru,			/* on one of the LRU lists */
	PG_active,
	PG_writeback,
	PG_reclaim,
	PG_swapcache,
	PG_mlocked,		/* reclaim has met it in a locked region */
	PG_unevictable,		/* on the list of pages that reclaim need not look at */
	PG_private,		/* page->private belongs to the file system */
	PG_buddy,		/* first page of a free block; private is its order */
	PG_tail,		/* not the first page of a slab or large kmalloc */
	PG_large,		/* first page of a large kmalloc; index is its order */
	PG_hot,			/* free, on its zone's hot list instead of in a block */
	NR_PAGE_FLAGS
};

#define PG_FLAGS_MASK	((1ul << 24) - 1)

/* Flags that no page may have when it is freed. */
#define PG_CHECK_AT_FREE \
	(1ul << PG_locked | 1ul << PG_lru | 1ul << PG_active | 1ul << PG_writeback | \
	 1ul << PG_swapcache | 1ul << PG_private | 1ul << PG_buddy)

enum page_type {
	PGT_KERNEL,		/* allocated, no other type given: kernel data, stacks */
	PGT_SLAB,
	PGT_TABLE,		/* a page table of any level */
	PGT_VMALLOC,
	PGT_ANON,		/* anonymous user memory */
	PGT_FILE,		/* page cache */
	PGT_RESERVED,		/* never given to the allocator: image, boot data, firmware */
	PGT_FREE,		/* in the buddy system */
	PGT_ABSENT,		/* no RAM behind it; only the descriptor exists */
	NR_PAGE_TYPES
};

#define PGT_SHIFT	24
#define PGT_MASK	(15ul << PGT_SHIFT)
#define ZONE_SHIFT	28
#define ZONE_BITS_MASK	(3ul << ZONE_SHIFT)

/* Frames of each type; free ones are counted by their zones (nr_free_pages()). */
extern unsigned long page_type_count[NR_PAGE_TYPES];

static inline enum page_type page_type(const struct page *page)
{
	return (enum page_type)((page->flags & PGT_MASK) >> PGT_SHIFT);
}

/* "kernel", "slab", ...: for messages. */
const char *page_type_name(enum page_type type);

/*
 * Change what an allocated page is accounted as.  The caller owns the page; any context.
 * Not for free, reserved or absent pages.
 */
void set_page_type(struct page *page, enum page_type type);

static inline bool PageSlab(const struct page *page)
{
	return page_type(page) == PGT_SLAB;
}

static inline bool PageTable(const struct page *page)
{
	return page_type(page) == PGT_TABLE;
}

static inline bool PageReserved(const struct page *page)
{
	return page_type(page) == PGT_RESERVED;
}

/* In high memory: no address of its own.  Decided at run time in both modes. */
static inline bool PageHighMem(const struct page *page)
{
	return (page->flags & ZONE_BITS_MASK) == ZONE_BITS_MASK;	/* ZONE_HIGHMEM == 3 */
}

/*
 * Flags change with one instruction on x86, so that an interrupt cannot lose another
 * flag's change; test-and-set returns the old value.
 */
#define PAGE_FLAG(Name, name) \
static inline bool Page##Name(const struct page *page) \
{ \
	return READ_ONCE(page->flags) & (1ul << PG_##name); \
} \
static inline void SetPage##Name(struct page *page) \
{ \
	__atomic_or_fetch(&page->flags, 1ul << PG_##name, __ATOMIC_RELAXED); \
} \
static inline void ClearPage##Name(struct page *page) \
{ \
	__atomic_and_fetch(&page->flags, ~(1ul << PG_##name), __ATOMIC_RELAXED); \
} \
static inline bool TestSetPage##Name(struct page *page) \
{ \
	return __atomic_fetch_or(&page->flags, 1ul << PG_##name, __ATOMIC_RELAXED) & \
		(1ul << PG_##name); \
} \
static inline bool TestClearPage##Name(struct page *page) \
{ \
	return __atomic_fetch_and(&page->flags, ~(1ul << PG_##name), __ATOMIC_RELAXED) & \
		(1ul << PG_##name); \
}

PAGE_FLAG(Locked, locked)
PAGE_FLAG(Error, error)
PAGE_FLAG(Referenced, referenced)
PAGE_FLAG(Uptodate, uptodate)
PAGE_FLAG(Dirty, dirty)
PAGE_FLAG(LRU, lru)
PAGE_FLAG(Active, active)
PAGE_FLAG(Writeback, writeback)
PAGE_FLAG(Reclaim, reclaim)
PAGE_FLAG(SwapCache, swapcache)
PAGE_FLAG(Mlocked, mlocked)
PAGE_FLAG(Unevictable, unevictable)
PAGE_FLAG(Private, private)
PAGE_FLAG(Buddy, buddy)
PAGE_FLAG(Tail, tail)
PAGE_FLAG(Large, large)
PAGE_FLAG(Hot, hot)

#endif
