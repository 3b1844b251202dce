/* SPDX-License-Identifier: MIT */
/*
 * Host build: the TLB is the process's own mapping of the kernel windows, filled page by
 * page on access from the tables in swapper_pg_dir (test/host/host.c) and emptied here
 * only.  A missing flush leaves the old frame in sight, as on the real machine.
 */
#ifndef ASM_TLBFLUSH_H
#define ASM_TLBFLUSH_H

#include <kernel/types.h>

struct tlb_counters {
	unsigned long flush_one;
	unsigned long flush_all;
	unsigned long flush_mm;
	unsigned long cr3_loads;
};

extern struct tlb_counters tlb_counters;

void flush_tlb_one(unsigned long addr);
void flush_tlb_all(void);
void flush_tlb_kernel_range(unsigned long start, unsigned long end);

/* User addresses: the TLB of the simulated processor (test/host/host_user.c). */
struct mm_struct;
void flush_tlb_page(struct mm_struct *mm, unsigned long addr);
void flush_tlb_range(struct mm_struct *mm, unsigned long start, unsigned long end);
void flush_tlb_mm(struct mm_struct *mm);

#endif
