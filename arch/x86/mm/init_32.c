/* SPDX-License-Identifier: MIT */
/*
 * What only two levels have: nothing between directory and page table, the image in the
 * direct map, and a flat mem_map in low memory.
 */
#include <asm/tlbflush.h>
#include <kernel/kernel.h>
#include <mm/bootmem.h>
#include <mm/mm.h>

#include "internal.h"

struct page *mem_map;

/* Folded: "the pmd is not used and no memory is allocated" (LinuxMM wiki). */
pmd_t *one_md_table_init(pgd_t *pgd, unsigned long addr)
{
	boot_step_enter(STEP_ONE_MD_TABLE_INIT);
	boot_step_leave(STEP_ONE_MD_TABLE_INIT);
	return pmd_offset(pud_offset(pgd, addr), addr);
}

bool large_pud_init(pgd_t *pgd, unsigned long addr, unsigned long end)
{
	return false;
}

void own_windows_init(void)
{
}

/* The identity entries, and in the kernel part tables that no span of RAM replaced. */
void zap_provisional(void)
{
	unsigned i;

	for (i = 0; i < PTRS_PER_PGD; i++)
		if (i < KERNEL_PGD_START ||
		    table_is_provisional(pgd_val(swapper_pg_dir[i]) & PAGE_MASK))
			set_pgd(&swapper_pg_dir[i], __pgd(0));
}

void early_walk_pgd(pgd_t *pgd, unsigned long va, void *(*table)(unsigned long phys),
		    void (*fn)(pmd_t *pmd, unsigned long va))
{
	fn(pmd_offset(pud_offset(pgd, va), va), va);
}

void mem_map_init(void)
{
	unsigned long size = ALIGN(max_pfn, MAX_ORDER_NR_PAGES) * sizeof(struct page);
	phys_addr_t phys = bootmem_alloc_phys(size, PAGE_SIZE, 0, PFN_PHYS(max_low_pfn));

	if (!phys)
		panic("no memory for mem_map (%lu KiB): the machine needs more RAM", size >> 10);
	mem_map = __va(phys);
}
