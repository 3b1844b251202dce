/* SPDX-License-Identifier: MIT */
/*
 * Serving page faults of user addresses (mm/memory.c; Gorman 4.6, 5.6).
 *
 *	do_page_fault (arch)  ->  handle_mm_fault  ->  handle_pte_fault, the policy:
 *		nothing there	anonymous region: zero page or new page
 *				file or device: vma->vm_ops->fault
 *		swap entry	do_swap_page
 *		write to RO	do_wp_page: copy on write
 */
#ifndef MM_FAULT_H
#define MM_FAULT_H

#include <mm/vma.h>
#include <uapi/pagewalk.h>

#define FAULT_FLAG_WRITE	0x1u
#define FAULT_FLAG_USER		0x2u	/* the program touched it, not the kernel for it */
#define FAULT_FLAG_INSTR	0x4u

/* Result: 0 or VM_FAULT_MAJOR is success; the others say why not. */
#define VM_FAULT_MAJOR		0x1	/* needed I/O */
#define VM_FAULT_OOM		0x2
#define VM_FAULT_SIGBUS		0x4
#define VM_FAULT_SIGSEGV	0x8
#define VM_FAULT_NOPAGE	0x10	/* from vm_ops->fault: the entry has been set already */
/* What was done, enum pagewalk_decision, in the bits above: for whoever explains it. */
#define VM_FAULT_DID(what)	((int)PAGEWALK_##what << 8)
#define VM_FAULT_DECISION(ret)	((unsigned)(ret) >> 8)
#define VM_FAULT_ERROR		(VM_FAULT_OOM | VM_FAULT_SIGBUS | VM_FAULT_SIGSEGV)

/* Does the region allow the access?  What may be written or executed may be read. */
static inline bool vma_permits(const struct vm_area_struct *vma, unsigned int flags)
{
	if (flags & FAULT_FLAG_WRITE)
		return vma->vm_flags & VM_WRITE;
	if (flags & FAULT_FLAG_INSTR)
		return vma->vm_flags & VM_EXEC;
	return vma->vm_flags & (VM_READ | VM_WRITE | VM_EXEC);
}

/* The question to vm_ops->fault and the answer: a page with a reference for the caller. */
struct vm_fault {
	unsigned long address;		/* page aligned */
	unsigned long pgoff;		/* offset of the page in the file, in pages */
	unsigned int flags;		/* FAULT_FLAG_* */
	struct page *page;		/* answer, uptodate */
};

/*
 * Make the page of `address` usable for this access.  The region contains the address and
 * allows the access; mmap_sem is held for reading and stays so.  May sleep.  Counts.
 */
int handle_mm_fault(struct vm_area_struct *vma, unsigned long address, unsigned int flags);

/*
 * Grow a VM_GROWSDOWN region down to the page of `address` if limit, guard gap and memory
 * allow (mmap_sem for reading is enough: the kernel is not preempted).  0, -ENOMEM.
 */
int expand_stack(struct vm_area_struct *vma, unsigned long address);

/*
 * find_vma() with stack growth: the region that contains address, grown if it has to be,
 * or NULL.
 */
struct vm_area_struct *find_extend_vma(struct mm_struct *mm, unsigned long address);

/*
 * handle_mm_fault() said VM_FAULT_OOM: choose a task, kill it, and let current try again
 * (or end, if it is the one).  May sleep; no lock held.
 */
void pagefault_out_of_memory(void);

extern unsigned long oom_kills;		/* tasks that were chosen */

/* Exact counters of what faults did; /proc/vmstat has Linux's names besides. */
struct vm_counters {
	unsigned long pgfault, pgmajfault;	/* served user-address faults */
	unsigned long zero_maps;	/* zero page mapped */
	unsigned long anon_new;		/* new zeroed anonymous pages */
	unsigned long cow_copies;	/* page copied for a writer */
	unsigned long cow_reuses;	/* last owner: entry made writable */
	unsigned long zero_cows;	/* zero page replaced by a new page */
	unsigned long file_maps;	/* page-cache pages mapped by faults */
	unsigned long fault_around;	/* ... and mapped besides the faulting one */
	unsigned long fork_shared;	/* entries shared by fork */
	unsigned long zapped;		/* present entries removed by unmap and exit */
	unsigned long spurious;		/* nothing to do: somebody was faster, stale TLB */
	unsigned long kernel_mode;	/* user addresses touched by the kernel */
};
extern struct vm_counters vm_counters;

extern struct page *zero_page;		/* never written, never counted */
void zero_page_init(void);
extern unsigned long zero_pfn;
static inline bool is_zero_pfn(unsigned long pfn)
{
	return pfn == zero_pfn;
}

/* Pages of user memory, for the kernel's own eyes (exec arguments, /proc/PID/cmdline). */

/*
 * The page behind a user address of any mm, faulted in for reading or writing, with a
 * reference.  mmap_sem held for reading.  NULL: no region, no permission, no memory.
 */
struct page *get_user_page(struct mm_struct *mm, unsigned long address, bool write);

/* Copy to or from another address space; bytes done.  Takes mmap_sem.  May sleep. */
unsigned long access_mm(struct mm_struct *mm, unsigned long address, void *buf,
			unsigned long len, bool write);

#endif
