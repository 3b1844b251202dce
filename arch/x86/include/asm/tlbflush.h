/* SPDX-License-Identifier: MIT */
/*
 * Dropping translations.  Counted, since tests assert how many flushes a mechanism needs.
 * The host build shadows this file.
 */
#ifndef ASM_TLBFLUSH_H
#define ASM_TLBFLUSH_H

#include <kernel/types.h>

struct tlb_counters {
	unsigned long flush_one;	/* INVLPG */
	unsigned long flush_all;	/* everything, global entries too */
	unsigned long flush_mm;		/* CR3 reloaded to drop the user half */
	unsigned long cr3_loads;	/* every load of CR3, for whatever reason */
};

extern struct tlb_counters tlb_counters;

/* Load CR3 with the physical address of a top-level table; counted. */
void load_cr3(unsigned long phys);

/* One page, in whatever address space is current; global entries too. */
static inline void flush_tlb_one(unsigned long addr)
{
	tlb_counters.flush_one++;
	__asm__ __volatile__("invlpg (%0)" : : "r" (addr) : "memory");
}

/* Everything: CR4.PGE off and on where global pages are in use, else CR3. */
void flush_tlb_all(void);

/* Kernel addresses [start, end): page by page while that is cheaper than flush_tlb_all(). */
void flush_tlb_kernel_range(unsigned long start, unsigned long end);

/*
 * User addresses of one address space (arch/x86/mm/tlb.c).  Nothing happens unless its
 * tables are in CR3, for whoever runs: a switch to it loads CR3 and so drops them anyway.
 */
struct mm_struct;
void flush_tlb_page(struct mm_struct *mm, unsigned long addr);
void flush_tlb_range(struct mm_struct *mm, unsigned long start, unsigned long end);
void flush_tlb_mm(struct mm_struct *mm);

#endif
