/* SPDX-License-Identifier: MIT */
/*
 * What only four levels have: real middle tables, 1-GiB pages, a window for the image and
 * a virtual mem_map.
 */
#include <asm/processor.h>
#include <asm/tlbflush.h>
#include <kernel/kernel.h>
#include <kernel/printk.h>
#include <kernel/string.h>
#include <mm/bootmem.h>
#include <mm/mm.h>

#include "internal.h"

/* A table of `level` entries under *entry, taken over if it was a provisional one. */
static unsigned long md_table(enum fixed_addresses slot, unsigned long phys)
{
	if (phys && !table_is_provisional(phys))
		return phys;
	paging_log.md_tables++;
	return boot_table_alloc(slot, phys);
}

static pud_t *pud_table_init(pgd_t *pgd)
{
	unsigned long old = pgd_table_phys(*pgd), phys = md_table(FIX_BOOT_PUD, old);

	if (phys != old)
		set_pgd(pgd, __pgd(phys | _KERNPG_TABLE));
	return boot_table(FIX_BOOT_PUD, phys);
}

pmd_t *one_md_table_init(pgd_t *pgd, unsigned long addr)
{
	unsigned long old, phys;
	pud_t *pud;

	boot_step_enter(STEP_ONE_MD_TABLE_INIT);
	pud = pud_table_init(pgd) + pud_index(addr);
	old = pud_table_phys(*pud);
	phys = md_table(FIX_BOOT_PMD, old);
	if (phys != old)
		set_pud(pud, __pud(phys | _KERNPG_TABLE));
	boot_step_leave(STEP_ONE_MD_TABLE_INIT);
	return (pmd_t *)boot_table(FIX_BOOT_PMD, phys) + pmd_index(addr);
}

bool large_pud_init(pgd_t *pgd, unsigned long addr, unsigned long end)
{
	unsigned long phys = addr - PAGE_OFFSET;
	pud_t *pud;

	if (!cpu_has(X86_FEATURE_GBPAGES) ||
	    !large_page_fits(phys, end - PAGE_OFFSET, PUD_SIZE))
		return false;
	boot_step_enter(STEP_ONE_MD_TABLE_INIT);
	pud = pud_table_init(pgd) + pud_index(addr);
	set_pud(pud, __pud(phys | pgprot_val(PAGE_KERNEL) | _PAGE_PSE));
	boot_step_leave(STEP_ONE_MD_TABLE_INIT);
	return true;
}

static void kernel_image_init(void)
{
	unsigned long offset, size = _end - _head;
	pte_t *pte = NULL;
	pmd_t *pmd;

	for (offset = 0; offset < size; offset += PAGE_SIZE) {
		if (!pte || IS_ALIGNED(offset, PMD_SIZE)) {
			pmd = one_md_table_init(pgd_offset_k(KERNEL_IMAGE_BASE),
						KERNEL_IMAGE_BASE + offset);
			pte = one_page_table_init(pmd);
		}
		set_pte(&pte[pte_index(offset)],
			pfn_pte((phys_base + offset) >> PAGE_SHIFT, kernel_image_prot(offset)));
	}
}

void own_windows_init(void)
{
	kernel_image_init();
	page_table_range_init(VMALLOC_BASE, VMALLOC_TOP, false);
}

/*
 * The identity entry, and behind the image what only the hand-over needed.  Page tables
 * that still are provisional hold nothing else and go whole.
 */
void zap_provisional(void)
{
	unsigned long offset, size = _end - _head;
	pte_t *pte;
	pmd_t *pmd;

	set_pgd(swapper_pg_dir, __pgd(0));
	for (offset = ALIGN_DOWN(size, PMD_SIZE); offset < KERNEL_IMAGE_SIZE; offset += PMD_SIZE) {
		pmd = one_md_table_init(pgd_offset_k(KERNEL_IMAGE_BASE),
					KERNEL_IMAGE_BASE + offset);
		if (!pmd_present(*pmd))
			continue;
		if (table_is_provisional(pmd_table_phys(*pmd))) {
			set_pmd(pmd, __pmd(0));
			continue;
		}
		pte = boot_table(FIX_BOOT_PTE, pmd_table_phys(*pmd));
		memset(&pte[pte_index(size)], 0, (PTRS_PER_PTE - pte_index(size)) * sizeof(*pte));
	}
}

void early_walk_pgd(pgd_t *pgd, unsigned long va, void *(*table)(unsigned long phys),
		    void (*fn)(pmd_t *pmd, unsigned long va))
{
	unsigned long i, j;
	pud_t *pud;
	pmd_t *pmd;

	pud = pgd_present(*pgd) ? table(pgd_table_phys(*pgd)) : NULL;
	for (i = 0; pud && i < PTRS_PER_PUD; i++) {
		pmd = pud_present(pud[i]) ? table(pud_table_phys(pud[i])) : NULL;
		for (j = 0; pmd && j < PTRS_PER_PMD; j++)
			fn(&pmd[j], va + (i << PUD_SHIFT) + (j << PMD_SHIFT));
	}
}

/* ---- the virtual mem_map ----------------------------------------------------------- */

static void *boot_page(unsigned long size)
{
	phys_addr_t phys = bootmem_alloc_phys(size, size, 0, PFN_PHYS(max_low_pfn));

	return phys ? __va(phys) : NULL;
}

static void *boot_table_page(void)
{
	void *page = boot_page(PAGE_SIZE);

	if (!page)
		panic("no memory for mem_map's page tables: the machine needs more RAM");
	clear_page(page);
	paging_log.vmemmap_tables++;
	return page;
}

static pmd_t *vmemmap_pmd(unsigned long addr)
{
	pgd_t *pgd = pgd_offset_k(addr);
	pud_t *pud;

	if (pgd_none(*pgd))
		set_pgd(pgd, __pgd(__pa(boot_table_page()) | _KERNPG_TABLE));
	pud = pud_offset(pgd, addr);
	if (pud_none(*pud))
		set_pud(pud, __pud(__pa(boot_table_page()) | _KERNPG_TABLE));
	return pmd_offset(pud, addr);
}

static void vmemmap_pte(pmd_t *pmd, unsigned long addr)
{
	pte_t *pte;
	void *page;

	if (pmd_none(*pmd))
		set_pmd(pmd, __pmd(__pa(boot_table_page()) | _KERNPG_TABLE));
	pte = pte_offset_kernel(pmd, addr);
	if (!pte_none(*pte))
		return;
	page = boot_page(PAGE_SIZE);
	if (!page)
		panic("no memory for mem_map: the machine needs more RAM");
	set_pte(pte, pfn_pte(__pa(page) >> PAGE_SHIFT, PAGE_KERNEL));
}

/* Map [start, end) of mem_map with fresh memory, large pages where a whole one is needed. */
static void vmemmap_populate(unsigned long start, unsigned long end)
{
	unsigned long addr, next;
	pmd_t *pmd;
	void *page;

	for (addr = start & PAGE_MASK; addr < end; addr = next) {
		pmd = vmemmap_pmd(addr);
		next = addr + PAGE_SIZE;
		if (pmd_large(*pmd)) {
			next = (addr + PMD_SIZE) & PMD_MASK;
		} else if (use_large_pages && pmd_none(*pmd) && IS_ALIGNED(addr, PMD_SIZE) &&
			   end - addr >= PMD_SIZE && (page = boot_page(PMD_SIZE)) != NULL) {
			set_pmd(pmd, __pmd(__pa(page) | pgprot_val(PAGE_KERNEL) | _PAGE_PSE));
			next = addr + PMD_SIZE;
		} else {
			vmemmap_pte(pmd, addr);
		}
	}
}

void mem_map_init(void)
{
	unsigned long start, end;
	unsigned i;

	for (i = 0; i < span_count; i++) {
		span_pfns(i, &start, &end);
		vmemmap_populate((unsigned long)pfn_to_page(start),
				 (unsigned long)pfn_to_page(end));
	}
}
