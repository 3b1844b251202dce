/* SPDX-License-Identifier: MIT */
/*
 * Address spaces as a whole, and the operations on their regions (Gorman 4.3, 4.4).
 *
 *	mm/mm.c		mm_alloc, dup_mm, mmput: life of an mm_struct
 *	mm/copy.c	copy_page_range: fork		mm/zap.c	taking pages away
 *	mm/mmap.c	do_mmap, do_munmap, brk		mm/mprotect.c	changing rights
 *
 * Unless said otherwise the caller holds mmap_sem for writing.  Errors are -errno in an
 * unsigned long where an address is returned (IS_ERR_VALUE).
 */
#ifndef MM_MMAP_H
#define MM_MMAP_H

#include <mm/vma.h>

#define MAX_ERRNO		4095
#define IS_ERR_VALUE(x)		((unsigned long)(x) >= (unsigned long)-MAX_ERRNO)

/* ---- life (mm/mm.c) ---------------------------------------------------------------- */

void mm_cache_init(void);		/* slab caches, zero page; after kmem_cache_init() */

/* An empty address space, mm_users = mm_count = 1; NULL without memory. */
struct mm_struct *mm_alloc(void);

/* fork: copy regions and tables of current's mm; pages are shared.  NULL, all undone. */
struct mm_struct *dup_mm(struct mm_struct *old);

static inline void mmget(struct mm_struct *mm)	{ mm->mm_users++; }
static inline void mmgrab(struct mm_struct *mm)	{ mm->mm_count++; }

/* One user less; the last one takes all pages and tables with it (exit_mmap). May sleep. */
void mmput(struct mm_struct *mm);

/* One reference to the descriptor less; the last frees it and its top-level table. */
void mmdrop(struct mm_struct *mm);

extern unsigned long nr_mms;		/* mm_structs in existence, init_mm not */
extern struct list_head all_mms;	/* those with mm_users, by mm->mms */

/* By which the trace tells whose an entry is: the frame of the top-level table. */
static inline unsigned long mm_top_frame(const struct mm_struct *mm)
{
	return PFN_DOWN(__pa(mm->pgd));
}

/* Resident pages, and the most there ever were (up to now). */
static inline unsigned long mm_rss(const struct mm_struct *mm)
{
	return mm->rss[MM_FILEPAGES] + mm->rss[MM_ANONPAGES];
}

static inline void update_hiwater(struct mm_struct *mm)
{
	unsigned long rss = mm_rss(mm);

	if (mm->hiwater_rss < rss)
		mm->hiwater_rss = rss;
	if (mm->hiwater_vm < mm->total_vm)
		mm->hiwater_vm = mm->total_vm;
}

/* exec: where free areas are searched from, by current's RLIMIT_STACK. */
void set_mmap_base(struct mm_struct *mm, unsigned long stack_top);

/*
 * For a driver's mmap method (mm/remap.c): entries for [addr, addr + size) of a new region,
 * which become frames from pfn on.  They need no struct page: no counts, no rss (VM_PFNMAP),
 * and fork copies them.  Only shared regions: -EINVAL; page tables of this mode cannot hold
 * such a frame: -ENXIO; -ENOMEM.  After an error the region has no entries.
 */
int remap_pfn_range(struct vm_area_struct *vma, unsigned long addr, u64 pfn, unsigned long size);

/* Can page tables of this mode hold all frames of that physical range? */
bool phys_mappable(phys_addr_t phys, u64 size);

/* ---- tables and pages (mm/copy.c, mm/zap.c) ---------------------------------------- */

/* Share what the region maps with dst, both read-only if private.  -ENOMEM. */
int copy_page_range(struct mm_struct *dst, struct mm_struct *src, struct vm_area_struct *vma);

/* Remove the pages of [start, end) of one region: rss, counts, TLB; tables stay. */
void zap_page_range(struct vm_area_struct *vma, unsigned long start, unsigned long end);
/* The same; private_too: false leaves private copies of the file's pages. */
void zap_file_range(struct vm_area_struct *vma, unsigned long start, unsigned long end,
		    bool private_too);

/*
 * Taking pages away in several steps, with one flush for all (Linux: mmu_gather).  Pages
 * and tables that were unhooked wait here: a translation may still lead to them.
 */
struct zap_batch {
	struct mm_struct *mm;
	struct page *pages;		/* unmapped, nobody refers to them; by next_free */
	struct list_head tables;
	unsigned long start, end;	/* what has to be flushed; start >= end: nothing */
	bool exiting;			/* no program runs there: pages are freed at once */
	bool only_anon;			/* the region at hand has no other pages */
	bool keep_copies;		/* take pages of the cache only */
	bool no_pages;			/* the region at hand is a device's (VM_PFNMAP) */
};

void zap_begin(struct zap_batch *b, struct mm_struct *mm);
void zap_range(struct zap_batch *b, struct vm_area_struct *vma, unsigned long start,
	       unsigned long end);

/*
 * Tables that mapped [start, end) of the regions from vma on.  Nothing is mapped, and no
 * other region lies, between floor and ceiling (as for free_pgtables()).
 */
void zap_tables(struct zap_batch *b, const struct vm_area_struct *vma, unsigned long start,
		unsigned long end, unsigned long floor, unsigned long ceiling);
void zap_finish(struct zap_batch *b);

/* ---- regions (mm/mmap.c) ----------------------------------------------------------- */

/*
 * Create a region (the checks of the book and of Linux's mmap: abi.md).  `file` is opaque
 * here; vm_may: VM_MAY* that its open mode allows, e.g. no VM_MAYWRITE for a shared map
 * of a read-only file, or the -errno to answer when nothing else is wrong.  Takes a
 * reference to the file.
 */
unsigned long do_mmap(struct file *file, unsigned long addr, unsigned long len,
		      unsigned long prot, unsigned long flags, unsigned long pgoff,
		      unsigned long vm_may);

/* Remove whatever is mapped there: -EINVAL, -ENOMEM (a split needs one region too many). */
int do_munmap(struct mm_struct *mm, unsigned long start, unsigned long len);

/* An anonymous private region at a fixed place, for exec's bss and brk: 0 or -errno. */
int vm_brk_flags(struct mm_struct *mm, unsigned long addr, unsigned long len,
		 unsigned long vm_flags);

/* brk: false if the break stays where it is. */
bool do_brk(struct mm_struct *mm, unsigned long brk);

/* Take down everything: mmput of the last user only. */
void exit_mmap(struct mm_struct *mm);

/* exec: the stack region of a new mm, one page below stack_top, growing down; NULL. */
struct vm_area_struct *setup_stack_vma(struct mm_struct *mm, unsigned long stack_top);

/* Would so many more pages stay within RLIMIT_AS, and RLIMIT_DATA if flags say data? */
bool may_expand_vm(const struct mm_struct *mm, unsigned long flags, unsigned long pages);

/* ---- commitments (mm/overcommit.c) -------------------------------------------------- */

/* /proc/sys/vm: the mode, and what CommitLimit is made of in mode 2. */
#define OVERCOMMIT_GUESS	0	/* only what could never be met is refused */
#define OVERCOMMIT_ALWAYS	1
#define OVERCOMMIT_NEVER	2	/* all commitments together stay below CommitLimit */
extern int sysctl_overcommit_memory;
extern int sysctl_overcommit_ratio;	/* percent of RAM */
extern int sysctl_max_map_count;	/* regions of one address space */

/* May so many more pages be promised?  The promise itself is a region with VM_ACCOUNT. */
bool vm_enough_memory(unsigned long pages);
unsigned long vm_commit_limit(void);	/* pages */

/* ---- locked memory (mm/mlock.c, mm/populate.c) -------------------------------------- */

/* Would so many more pages in regions with these flags stay within RLIMIT_MEMLOCK? */
bool may_lock_more(const struct mm_struct *mm, unsigned long flags, unsigned long pages);
bool can_do_mlock(void);		/* may current lock anything at all? */

/*
 * Fault in every page of [start, end) of one region as its owner would touch it: pages of
 * their own where it is private and writable.  Regions that lock as they go (VM_LOCKONFAULT)
 * are left alone.  mmap_sem held.  0, -EFAULT (no access at all, or behind the end of a
 * file), -ENOMEM, -EINTR (current is to die); what came before is there.  May sleep.
 */
int populate_vma(struct vm_area_struct *vma, unsigned long start, unsigned long end);

/* The same for all regions of the range; takes mmap_sem; stops at the first error. */
int mm_populate_strict(struct mm_struct *mm, unsigned long start, unsigned long end);

/* As MAP_POPULATE wants it: what cannot be had of a region is left to its faults. */
void mm_populate(struct mm_struct *mm, unsigned long start, unsigned long end);

/* Rights of entries, by VM_READ, VM_WRITE, VM_EXEC and VM_SHARED. */
#define PROTECTION_MAP_SIZE	16
extern pgprot_t protection_map[PROTECTION_MAP_SIZE];
void protection_map_init(void);		/* once supported_pte_mask is known */

static inline pgprot_t vm_get_page_prot(unsigned long vm_flags)
{
	return protection_map[vm_flags % PROTECTION_MAP_SIZE];
}

/* mprotect of [start, end): 0 or -errno; what came before a hole is done. */
int do_mprotect(struct mm_struct *mm, unsigned long start, unsigned long len,
		unsigned long prot);

#endif
