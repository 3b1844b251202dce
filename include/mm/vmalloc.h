/* SPDX-License-Identifier: MIT */
/*
 * Kernel addresses outside the direct map (mm/vmalloc.c): contiguous addresses over
 * scattered, possibly high, frames; and areas in other windows (devices, stacks).
 *
 * After each area one page stays unmapped.  An area that is given up is unmapped at once,
 * but its addresses, and frames that vmalloc() had put there, are kept until the TLB has
 * been flushed; one flush serves many areas (vm_unmap_aliases()).
 *
 * Page tables of these windows are made in swapper_pg_dir and never freed.
 */
#ifndef MM_VMALLOC_H
#define MM_VMALLOC_H

#include <mm/gfp.h>

/* The vmalloc window; set by the architecture before vmalloc_init(). */
extern unsigned long VMALLOC_START, VMALLOC_END;

/* vm_struct.flags */
#define VM_ALLOC	0x1u	/* vmalloc(): frames belong to the area */
#define VM_MAP		0x2u	/* vmap(): frames belong to the caller */
#define VM_IOREMAP	0x4u	/* device memory */
#define VM_STACK	0x8u	/* kernel stack */

struct vm_struct {
	unsigned long addr;
	unsigned long size;		/* bytes, without the guard page */
	unsigned int flags;
	unsigned long nr_pages;		/* VM_ALLOC: the frames, */
	struct list_head frames;	/* linked by page->lru in the order of addresses */
	phys_addr_t phys;		/* VM_IOREMAP: where it leads */
	const void *caller;		/* return address, for listings */
	struct list_head list;		/* all areas by address, given-up ones included */
	struct list_head lazy;		/* given up, waiting for a flush */
	bool dead;			/* on the lazy list */
};

/* All areas by address; those with `dead` set are waiting for a flush. */
extern struct list_head vm_areas;

struct vmalloc_stats {
	unsigned long areas;		/* live */
	unsigned long pages;		/* frames owned by live vmalloc() areas */
	unsigned long lazy_areas;	/* waiting for a flush */
	unsigned long lazy_pages;	/* their size in pages */
	unsigned long purges;		/* flushes made to release areas */
	unsigned long failed;		/* no room in a window */
};

extern struct vmalloc_stats vmalloc_stats;

/* Purge when more than this many pages of addresses wait; 0 flushes at each vfree(). */
extern unsigned long vmalloc_lazy_max;

void vmalloc_init(void);

/*
 * `size` bytes, rounded up to pages, page aligned, readable and writable, not executable
 * where the CPU can tell.  NULL without memory or room.  May sleep.
 */
void *vmalloc(unsigned long size);
void *vzalloc(unsigned long size);
void *__vmalloc(unsigned long size, gfp_t gfp, pgprot_t prot);
void vfree(const void *addr);

/* Map n frames that the caller owns; vunmap() leaves them alone. */
void *vmap(struct page **pages, unsigned long n, pgprot_t prot);
void vunmap(const void *addr);

static inline bool is_vmalloc_addr(const void *addr)
{
	return (unsigned long)addr >= VMALLOC_START && (unsigned long)addr < VMALLOC_END;
}

/* The frame behind an address of a mapped area; NULL if there is none. */
struct page *vmalloc_to_page(const void *addr);

/*
 * Reserve `size` bytes of addresses, aligned to `align` (a power of two, at least a
 * page), in the window [start, end): the lowest gap that has room for them and a guard
 * page.  Nothing is mapped.  NULL without room or memory.  May sleep.
 */
#define get_vm_area(size, start, end, flags) \
	get_vm_area_align((size), PAGE_SIZE, (start), (end), (flags))
struct vm_struct *get_vm_area_align(unsigned long size, unsigned long align,
				    unsigned long start, unsigned long end,
				    unsigned int flags);

/* The live area that contains an address, or NULL. */
struct vm_struct *find_vm_area(unsigned long addr);

/*
 * Give up an area: its range is unmapped, its addresses are reused after the next flush,
 * then the descriptor and the frames of a VM_ALLOC area are freed.
 */
void free_vm_area(struct vm_struct *area);

/* Flush now if anything waits for it, and release all that waited. */
void vm_unmap_aliases(void);

/*
 * Map kernel addresses to a physical range, page by page; all three page aligned, the
 * addresses not mapped yet.  -ENOMEM: nothing stays mapped, page tables may.  May sleep.
 */
int map_kernel_range(unsigned long addr, phys_addr_t phys, unsigned long size, pgprot_t prot);

/* The same with n single frames. */
int map_kernel_pages(unsigned long addr, struct page **pages, unsigned long n, pgprot_t prot);

/* Clear the entries; the caller flushes before it uses the addresses again. */
void unmap_kernel_range(unsigned long addr, unsigned long size);

#endif
