/* SPDX-License-Identifier: MIT */
/*
 * The boot memory allocator: one bit a frame, set while the frame is not free
 * (mm/bootmem.c).  It serves page tables, mem_map and what else is needed before the
 * buddy system, and then hands everything over and retires: any later call panics.
 *
 * Every frame starts out reserved; free_bootmem() tells it what is RAM.  Allocation is
 * by whole frames and returns physical addresses, since the direct map may not yet exist;
 * nothing is cleared.  No locking: interrupts are off.
 */
#ifndef MM_BOOTMEM_H
#define MM_BOOTMEM_H

#include <kernel/kernel.h>
#include <asm/page.h>

/* The bitmap covers no more than this. */
#define BOOTMEM_MAX_PFN		(64ull << 30 >> PAGE_SHIFT)

/* Bytes of bitmap for frames [start_pfn, end_pfn), in whole pages. */
#define bootmem_map_size(start_pfn, end_pfn) \
	PAGE_ALIGN((unsigned long)(((end_pfn) - (start_pfn) + 7) / 8))

/*
 * Manage frames [start_pfn, end_pfn), all reserved for now.  `map` is page aligned and
 * owns bootmem_map_size() bytes, which must be mapped where __pa(map) is right.
 */
void init_bootmem(void *map, unsigned long start_pfn, unsigned long end_pfn);

/*
 * The bitmap is mapped at another address from now on (the same frames): early boot sees
 * it in the provisional mapping first and in the direct map later.
 */
void bootmem_map_moved(void *map);

/*
 * RAM, or no longer needed.  Only frames that lie wholly inside become free.  Parts
 * outside the bitmap are ignored, here and in reserve_bootmem().
 */
void free_bootmem(phys_addr_t phys, u64 size);

#define BOOTMEM_SHARED	1u	/* parts may be reserved already */

/*
 * Every frame that is touched becomes unavailable.  -EBUSY if one of them already is and
 * BOOTMEM_SHARED is not set: nothing has changed then.
 */
int reserve_bootmem(phys_addr_t phys, u64 size, unsigned int flags);

/*
 * Find and reserve `size` bytes (rounded up to frames), aligned to `align` (a power of
 * two, at least a page), ending at or below `limit` (0: none).  The lowest place from
 * `goal` up, or if there is none, the lowest of all.  Returns 0 if there is no room.
 */
#define bootmem_alloc_phys(size, align, goal, limit) \
	__bootmem_alloc_phys((size), (align), (goal), (limit), __func__)
phys_addr_t __bootmem_alloc_phys(unsigned long size, unsigned long align, phys_addr_t goal,
				 phys_addr_t limit, const char *who);

/*
 * n pages of the direct map, by address and cleared; panics if there are none.  Only
 * after the direct map exists; the limit is the end of the direct map.
 */
#define alloc_bootmem_low_pages(n)	__alloc_bootmem_low_pages((n), __func__)
void *__alloc_bootmem_low_pages(unsigned long n, const char *who);

/*
 * Hand all free frames, then the bitmap's own, to the buddy system and retire.  Returns
 * the number of pages handed over.
 */
unsigned long free_all_bootmem(void);

bool bootmem_retired(void);

/* The log of all allocations; neighbours of one caller are one entry. */
struct bootmem_log_entry {
	const char *who;
	unsigned long pfn;
	unsigned long pages;
	unsigned long calls;
};

#define BOOTMEM_LOG_SIZE	512

struct bootmem_log {
	struct bootmem_log_entry entry[BOOTMEM_LOG_SIZE];
	unsigned int used;
	unsigned long lost;		/* allocations that found the log full */
	unsigned long calls;		/* all allocations, and their pages */
	unsigned long pages;
	unsigned long map_pfn;		/* the bitmap itself */
	unsigned long map_pages;
};

extern struct bootmem_log bootmem_log;

/* Did one allocation of `who` (NULL: of anybody) get this frame?  Valid after retirement. */
bool bootmem_log_has(const char *who, unsigned long pfn);

#endif
