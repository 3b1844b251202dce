/* SPDX-License-Identifier: MIT */
/*
 * Pages that can be taken away: the lists (mm/swap.c), reclaim (mm/vmscan.c), swap devices
 * and their slots (mm/swapfile.c), the swap cache (mm/swap_state.c); Gorman chapters 10, 11.
 *
 * Every page of a program or a file is on one list of its zone.  What a program has just
 * touched is active, a new page of a file and what was read ahead from swap inactive; they
 * come to the head.  From the tail of its active list a page becomes inactive, and from the
 * tail of that it goes if it was not used meanwhile (mm/vmscan.c).  A page that cannot be
 * taken (ramfs, locked memory) goes to the unevictable list when reclaim meets it.
 *
 * A page leaves its list when its last reference is dropped.  Who takes pages off to work on
 * them while sleeping (isolates them) holds a reference.  Tasks only, never interrupts, and
 * nobody sleeps in the middle: no lock.
 */
#ifndef MM_SWAP_H
#define MM_SWAP_H

#include <mm/filemap.h>
#include <mm/mm.h>

/* ---- lists (mm/swap.c) -------------------------------------------------------------- */

static inline enum lru_list page_lru(const struct page *page)
{
	unsigned long flags = page->flags;

	if (flags & 1ul << PG_unevictable)
		return LRU_UNEVICTABLE;
	return (flags & 1ul << PG_active ? LRU_ACTIVE : 0) +
	       (page_type(page) == PGT_FILE ? LRU_FILE : 0);
}

/* Onto the list that its flags say, at the head; it is on none. */
static inline void lru_add(struct page *page)
{
	struct zone *zone = page_zone(page);
	enum lru_list list = page_lru(page);

	page->flags |= 1ul << PG_lru;
	list_add(&page->lru, &zone->lru[list]);
	zone->nr_lru[list]++;
}

/* A new anonymous page, which nobody else knows, and whose flags say nothing yet. */
static inline void lru_add_new(struct page *page)
{
	struct zone *zone = page_zone(page);

	page->flags |= 1ul << PG_lru | 1ul << PG_active;
	list_add(&page->lru, &zone->lru[LRU_ACTIVE_ANON]);
	zone->nr_lru[LRU_ACTIVE_ANON]++;
}

static inline void lru_del(struct page *page)
{
	page_zone(page)->nr_lru[page_lru(page)]--;
	list_del(&page->lru);
	page->flags &= ~(1ul << PG_lru);
}

unsigned long nr_lru_pages(enum lru_list list);		/* of all zones */

/* It was used by a system call, which leaves no mark in any table. */
void mark_page_accessed(struct page *page);

/* To the active list, if it is on an inactive one. */
void activate_page(struct page *page);

/* From the unevictable list back to where it can be taken, if it is there. */
void lru_rescue(struct page *page);

/* Pages with PG_mlocked. */
extern unsigned long nr_mlocked;

/* ---- reclaim (mm/vmscan.c) ---------------------------------------------------------- */

#define SWAP_CLUSTER_MAX	32u

struct scan_counters {
	unsigned long pgactivate, pgdeactivate;
	unsigned long pgscan_kswapd, pgscan_direct;
	unsigned long pgsteal_kswapd, pgsteal_direct;
	unsigned long pgsteal_anon, pgsteal_file;
	unsigned long kswapd_wakes, direct_reclaims;
};
extern struct scan_counters scan_counters;

/*
 * What the page allocator asks for (NULL before vmscan_init()): pages for such a request, how
 * many became free, or 1 if others are at it and may have freed some (sleeps); and that
 * kswapd looks after it (any context).
 */
extern unsigned long (*reclaim_pages)(gfp_t gfp);
extern void (*wake_reclaim)(void);

/*
 * What reclaim asks for when it meets dirty pages of files (NULL: there is nobody): that they
 * are written soon.  With wait: sleeps until something has been written, at most 0.25 s; false:
 * nothing was, and nobody is at it.  Set by fs/writeback.c.
 */
extern bool (*flush_for_reclaim)(bool wait);

/* From now on the page allocator reclaims.  Once, after mm_cache_init(). */
void vmscan_init(void);

/* The thread that keeps free pages between pages_low and pages_high; never returns. */
int kswapd(void *unused);

/*
 * MADV_PAGEOUT: swap out, or drop, these pages, which are isolated and on no list; all are
 * released.  How many were freed.  Sleeps.
 */
unsigned long reclaim_isolated(struct list_head *pages);

/* Take the page off its list with a reference for the caller; false: it is on none. */
bool isolate_page(struct page *page);

/* ---- swap entries ------------------------------------------------------------------- */

#define MAX_SWAPFILES	8u

/* A slot of a device: what is in an entry whose page is swapped out, and in page->private. */
typedef struct { unsigned long val; } swp_entry_t;

static inline swp_entry_t swp_entry(unsigned int type, unsigned long offset)
{
	return (swp_entry_t){ offset * MAX_SWAPFILES + type };
}

static inline unsigned int swp_type(swp_entry_t entry)
{
	return entry.val % MAX_SWAPFILES;
}

static inline unsigned long swp_offset(swp_entry_t entry)
{
	return entry.val / MAX_SWAPFILES;
}

static inline swp_entry_t pte_to_swp(pte_t pte)
{
	return swp_entry(pte_swp_type(pte), pte_swp_offset(pte));
}

static inline pte_t swp_to_pte(swp_entry_t entry)
{
	return swp_pte(swp_type(entry), swp_offset(entry));
}

static inline swp_entry_t page_swp(const struct page *page)
{
	return (swp_entry_t){ page->private };
}

/* ---- devices and slots (mm/swapfile.c) ---------------------------------------------- */

struct swap_ops {
	/*
	 * Read or write n pages at slots `slot`, slot + 1, ...; high pages too.  0 or -errno,
	 * then any of them may have failed.  Sleeps; bounded by the device's time limits.
	 */
	int (*rw)(void *dev, unsigned long slot, struct page **pages, unsigned int n, bool write);
	void (*release)(void *dev);	/* swapoff; may be NULL */
};

struct swap_device {
	const struct swap_ops *ops;	/* NULL: no device */
	void *dev;
	char name[32];			/* /proc/swaps: Filename */
	const char *kind;		/* /proc/swaps: Type */
	int priority;
	unsigned long slots;		/* slot 0 is the header */
	unsigned long usable;		/* of slots 1 ... slots - 1: those not known as bad */
	unsigned long used;
	unsigned long bad;		/* slots found bad since it was switched on */
	unsigned long next;		/* where the search for a free slot begins */
	bool writable;			/* not being switched off */
	u16 *map;			/* per slot: SWAP_COUNT, SWAP_HAS_CACHE, SWAP_IS_BAD */
	struct radix_tree_root cache;	/* slot -> page */
};
extern struct swap_device swap_devices[MAX_SWAPFILES];

#define SWAP_HAS_CACHE	0x8000u
#define SWAP_IS_BAD	0x4000u		/* as long as it is in use it stays readable */
#define SWAP_COUNT	0x3fffu		/* entries that name it */
#define SWAP_MAX_COUNT	0x3ffeu

extern unsigned long total_swap_pages;	/* usable slots of all devices */
extern unsigned long swap_pages_used;	/* 0: there is not a swapped page anywhere */

static inline unsigned long nr_swap_pages(void)
{
	return total_swap_pages > swap_pages_used ? total_swap_pages - swap_pages_used : 0;
}

/*
 * Swap to a device of `slots` pages from now on, after a look at its header: mkswap's version
 * 1 in page 0, with at most 128 bad pages.  A negative priority: behind all others.  Its type;
 * -EINVAL: the header is wrong, which a line says; -ENOMEM; -EPERM: too many devices; an error
 * of the device.  May sleep.
 */
int swap_device_add(const char *name, const char *kind, const struct swap_ops *ops, void *dev,
		    unsigned long slots, int priority);

/* Make such a header in the first 2 KiB and at the end of a page. */
void swap_make_header(struct page *page, unsigned long slots);

/*
 * Everything comes back to memory, then the device is let go.  -ENOMEM (also if more was
 * promised than there would be), -EIO, -EINTR, -EBUSY: it stays.  Sleeps.
 */
int swap_device_remove(unsigned int type);

/*
 * A piece of RAM as a swap device (mm/swap_ram.c), for tests and for machines without a disk
 * of ours: nothing is gained by it, and /proc/swaps calls it what it is.  As
 * swap_device_add(); n pages can be swapped to it.
 */
int swap_ram_add(unsigned long n, int priority);

/* A free slot with SWAP_HAS_CACHE; val 0: none. */
swp_entry_t get_swap_page(void);

/* An entry more names the slot: false: too many.  One less; the last frees page and slot. */
bool swap_duplicate(swp_entry_t entry);
void swap_free(swp_entry_t entry);
void free_swap_and_cache(swp_entry_t entry);

/*
 * The device cannot read or write this slot, which is in use.  When it becomes free, it is
 * not used again.
 */
void swap_mark_bad(swp_entry_t entry);
bool swap_is_bad(swp_entry_t entry);

/* Entries that name it; 0 also if there is no such slot.  Is it in use at all? */
unsigned int swap_count(swp_entry_t entry);
bool swap_entry_valid(swp_entry_t entry);

/* ---- swap cache (mm/swap_state.c) --------------------------------------------------- */

struct swap_counters {
	unsigned long pswpin, pswpout;
	unsigned long cache_hits;	/* faults that found their page there */
	unsigned long readahead;	/* pages read besides the wanted one */
	unsigned long requests;		/* calls of swap_ops->rw */
	unsigned long errors;		/* requests that failed */
	unsigned long bad_slots;
};
extern struct swap_counters swap_counters;
extern unsigned long nr_swapcache;

/* The page of a slot with a reference, or NULL. */
struct page *lookup_swap_cache(swp_entry_t entry);

/* A locked anonymous page that is in no cache gets a slot; false: none free, no memory. */
bool add_to_swap(struct page *page);

/* The page is locked or nobody can know it; its slot is free if no entry names it. */
void delete_from_swap_cache(struct page *page);

/* Nobody needs the copy on the device: give the slot up.  The page is locked. */
bool try_to_free_swap(struct page *page);

/* An entry has let go of the page: if it was the last that knew the slot, free that. */
void free_swap_cache(struct page *page);

/*
 * Read the page of a slot, and what is beside it.  The page, in the cache, with a reference,
 * perhaps still being read (lock it and look at PageUptodate); NULL: no memory, or the slot
 * has just been freed.  Sleeps.
 */
struct page *swapin(swp_entry_t entry);

/* Write n locked pages of the cache that are dirty, in runs of consecutive slots. */
void swap_write_pages(struct page **pages, unsigned int n);

#endif
