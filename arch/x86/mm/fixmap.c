/* SPDX-License-Identifier: MIT */
/*
 * Fixed mappings (Gorman 5.1).  One page table serves all slots: at first the provisional
 * one inside the image, from pagetable_init() on a boot page.  While tables are under
 * construction that page maps itself in the slot FIX_BOOT_FIXMAP, since it has no other
 * address yet.
 */
#include <asm/tlbflush.h>
#include <kernel/kernel.h>

#include "internal.h"

static_assert(FIXADDR_START >= FIXADDR_BASE, "all slots share one page table");

static pte_t *fixmap_table = early_fix_pt;

void __set_fixmap(enum fixed_addresses slot, phys_addr_t phys, pgprot_t prot)
{
	unsigned long addr = fix_to_virt(slot);

	BUG_ON(slot == FIX_HOLE || slot >= __end_of_fixed_addresses);
	set_pte(&fixmap_table[pte_index(addr)],
		__pte((unsigned long)phys | pgprot_val(prot)));
	flush_tlb_one(addr);
}

void fixmap_move(void)
{
	unsigned long self = fix_to_virt(FIX_BOOT_FIXMAP);
	pmd_t *pmd = one_md_table_init(pgd_offset_k(FIXADDR_BASE), FIXADDR_BASE);
	pte_t *pte = one_page_table_init(pmd);

	set_pte(&pte[pte_index(self)], pfn_pte(pmd_table_phys(*pmd) >> PAGE_SHIFT, PAGE_KERNEL));
	fixmap_table = (pte_t *)self;
}

/* CR3 is loaded: the direct map knows the table, the construction slots close. */
void fixmap_settle(void)
{
	pgd_t *pgd = pgd_offset_k(FIXADDR_BASE);
	pmd_t *pmd = pmd_offset(pud_offset(pgd, FIXADDR_BASE), FIXADDR_BASE);

	fixmap_table = pte_offset_kernel(pmd, FIXADDR_BASE);
	clear_fixmap(FIX_BOOT_PUD);
	clear_fixmap(FIX_BOOT_PMD);
	clear_fixmap(FIX_BOOT_PTE);
	clear_fixmap(FIX_BOOT_FIXMAP);
}
