/* SPDX-License-Identifier: MIT */
/* Loading CR3 and dropping translations (Intel SDM volume 3, 4.10.4). */
#include <asm/page.h>
#include <asm/processor.h>
#include <asm/tlbflush.h>

#define FLUSH_ALL_PAGES	64	/* above this many pages one full flush is cheaper */

struct tlb_counters tlb_counters;

void load_cr3(unsigned long phys)
{
	tlb_counters.cr3_loads++;
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

void flush_tlb_kernel_range(unsigned long start, unsigned long end)
{
	unsigned long addr;

	if ((end - start) >> PAGE_SHIFT > FLUSH_ALL_PAGES) {
		flush_tlb_all();
		return;
	}
	for (addr = start & PAGE_MASK; addr != end; addr += PAGE_SIZE)
		flush_tlb_one(addr);
}
