/* SPDX-License-Identifier: MIT */
/*
 * Loading CR3 and dropping translations (Intel SDM volume 3, 4.10.4; Gorman 3.8).
 *
 * User translations are dropped only for the address space that is in CR3: a switch to any
 * other one loads CR3 and so starts without them.  A kernel thread that borrows an address
 * space counts as running in it (active_mm).
 */
#include <asm/page.h>
#include <asm/processor.h>
#include <asm/tlbflush.h>
#include <kernel/sched.h>
#include <kernel/trace.h>

#define FLUSH_ALL_PAGES	64	/* kernel: above this many pages one full flush is cheaper */
#define FLUSH_MM_PAGES	33	/* user: the same with a load of CR3, as Linux has it */

struct tlb_counters tlb_counters;

void load_cr3(unsigned long phys)
{
	tlb_counters.cr3_loads++;
	trace(TRACE_CR3_LOAD, phys, read_cr3(), 0, 0);
	write_cr3(phys);
}

void flush_tlb_all(void)
{
	unsigned long cr4 = read_cr4();

	tlb_counters.flush_all++;
	if (cr4 & X86_CR4_PGE) {
		write_cr4(cr4 & ~X86_CR4_PGE);	/* clearing PGE drops global entries too */
		write_cr4(cr4);
	} else {
		load_cr3(read_cr3());
	}
}

static void flush_pages(unsigned long start, unsigned long end)
{
	unsigned long addr;

	for (addr = start & PAGE_MASK; addr != end; addr += PAGE_SIZE)
		flush_tlb_one(addr);
}

void flush_tlb_kernel_range(unsigned long start, unsigned long end)
{
	if ((end - start) >> PAGE_SHIFT > FLUSH_ALL_PAGES)
		flush_tlb_all();
	else
		flush_pages(start, end);
}

void flush_tlb_page(struct mm_struct *mm, unsigned long addr)
{
	if (mm == current->active_mm)
		flush_tlb_one(addr);
}

void flush_tlb_mm(struct mm_struct *mm)
{
	if (mm != current->active_mm)
		return;
	tlb_counters.flush_mm++;
	load_cr3(read_cr3());
}

void flush_tlb_range(struct mm_struct *mm, unsigned long start, unsigned long end)
{
	if (mm != current->active_mm)
		return;
	if ((end - start) >> PAGE_SHIFT > FLUSH_MM_PAGES)
		flush_tlb_mm(mm);
	else
		flush_pages(start, PAGE_ALIGN(end));
}
