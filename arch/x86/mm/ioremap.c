/* SPDX-License-Identifier: MIT */
/*
 * Device memory and foreign RAM at kernel addresses (catalogue V5, B7).
 *
 * Areas come from the device window by the same first-fit as vmalloc.  The caching of a
 * mapping is in its PAT, PCD and PWT bits; write-combining is whatever PAT entry
 * cpu_control_init() gave it.
 */
#include <asm/fixmap.h>
#include <asm/processor.h>
#include <asm/setup.h>
#include <asm/tlbflush.h>
#include <kernel/kernel.h>
#include <mm/ioremap.h>
#include <mm/mm.h>

#define EARLY_MEM_PAGES		(FIX_EARLY_MEM - FIX_EARLY_MEM_END + 1)
#define PSE36_SIZE		0x400000ull
#define PSE36_REACH		(1ull << min(boot_cpu.phys_bits, 40u))

bool direct_mapped(phys_addr_t phys, size_t size)
{
	unsigned i;

	if (phys + size < phys || phys + size > PFN_PHYS(max_low_pfn))
		return false;
	for (i = 0; i < span_count; i++)
		if (phys >= spans[i].start && phys + size <= spans[i].end)
			return true;
	return false;
}

/* Can PTEs of this mode hold all frames of [phys, phys + size)?  Wrapping ranges never. */
static bool pte_reaches(phys_addr_t phys, size_t size)
{
	phys_addr_t end = phys + size;
	unsigned bits = boot_cpu.phys_bits ? boot_cpu.phys_bits : 36;	/* 0: not yet asked */

	return end > phys && end <= 1ull << (PGTABLE_LEVELS > 2 ? bits : 32);
}

static void *map_device(phys_addr_t phys, size_t size, pgprot_t prot)
{
	phys_addr_t start = phys & ~(phys_addr_t)(PAGE_SIZE - 1);
	unsigned long bytes = PAGE_ALIGN(phys + size) - start;
	struct vm_struct *area;

	if (!size || !pte_reaches(phys, size))
		return NULL;
	area = get_vm_area(bytes, IOREMAP_START, IOREMAP_END, VM_IOREMAP);
	if (!area)
		return NULL;
	area->phys = start;
	if (map_kernel_range(area->addr, start, bytes, prot)) {
		free_vm_area(area);
		return NULL;
	}
	return (void *)(area->addr + (unsigned long)(phys - start));
}

/* The page table that pagetable_init() made for this part of the window serves nobody now. */
static void free_replaced_table(pgd_t old)
{
	unsigned long pfn = pgd_val(old) >> PAGE_SHIFT;

	if ((pgd_val(old) & (_PAGE_PRESENT | _PAGE_PSE)) != _PAGE_PRESENT)
		return;
	free_pages_bulk_range(pfn, pfn + 1);
	paging_log.replaced_tables++;
}

/*
 * PSE-36: bits 13..20 of a 4-MiB directory entry hold bits 32..39 of the address (Intel
 * SDM volume 3, table 4-4).  swapper_pg_dir is changed directly: this is boot, and no
 * other directory exists yet.  Registers of devices lie up there too, where the firmware
 * thinks of 64-bit systems only.
 */
static void *map_pse36(phys_addr_t phys, size_t size, unsigned long cache_bits)
{
	phys_addr_t start = phys & ~(PSE36_SIZE - 1), frame;
	unsigned long bytes = ALIGN(phys + size, PSE36_SIZE) - start, addr;
	unsigned long prot = pgprot_val(PAGE_KERNEL) | _PAGE_PSE | cache_bits;
	struct vm_struct *area;
	pgd_t *pgd, old;

	if (!cpu_has(X86_FEATURE_PSE36) || !cpu_has(X86_FEATURE_PSE) ||
	    phys + size < phys || phys + size > PSE36_REACH)
		return NULL;
	area = get_vm_area_align(bytes, PSE36_SIZE, IOREMAP_START, IOREMAP_END, VM_IOREMAP);
	if (!area)
		return NULL;
	area->phys = start;
	for (frame = start, addr = area->addr; addr < area->addr + bytes;
	     frame += PSE36_SIZE, addr += PSE36_SIZE) {
		pgd = pgd_offset_k(addr);
		old = *pgd;
		set_pgd(pgd, __pgd((unsigned long)frame |
				   (unsigned long)(frame >> 32) << 13 | prot));
		flush_tlb_all();
		free_replaced_table(old);
	}
	return (void *)(area->addr + (unsigned long)(phys - start));
}

bool ioremap_scarce(phys_addr_t phys, size_t size)
{
	return PGTABLE_LEVELS == 2 && phys + size > 1ull << 32;
}

/*
 * Registers up there are few and close together, and the window is small: 4-MiB pieces that
 * are mapped once, shared, and stay.
 */
static struct pse36_piece {
	phys_addr_t start, end;
	char *addr;
} pieces[4];

static void *map_registers_pse36(phys_addr_t phys, size_t size)
{
	struct pse36_piece *p;

	for (p = pieces; p < pieces + ARRAY_SIZE(pieces); p++) {
		if (!p->addr) {
			p->start = phys & ~(PSE36_SIZE - 1);
			p->end = ALIGN(phys + size, PSE36_SIZE);
			p->addr = map_pse36(p->start, (size_t)(p->end - p->start),
					    pgprot_val(PAGE_KERNEL_UC) & _PAGE_CACHE_MASK);
			if (!p->addr)
				return NULL;
		}
		if (phys >= p->start && phys + size <= p->end)
			return p->addr + (size_t)(phys - p->start);
	}
	return NULL;
}

static bool in_pse36_piece(const char *addr)
{
	const struct pse36_piece *p;

	for (p = pieces; p < pieces + ARRAY_SIZE(pieces); p++)
		if (p->addr && addr >= p->addr && addr < p->addr + (p->end - p->start))
			return true;
	return false;
}

void *ioremap(phys_addr_t phys, size_t size)
{
	if (ioremap_scarce(phys, size))
		return map_registers_pse36(phys, size);
	return map_device(phys, size, PAGE_KERNEL_UC);
}

void *ioremap_wc(phys_addr_t phys, size_t size)
{
	if (ioremap_scarce(phys, size))
		return map_pse36(phys, size, cpu_wc_bits(true));
	return map_device(phys, size,
			  __pgprot(pgprot_val(PAGE_KERNEL) | cpu_wc_bits(false)));
}

pgprot_t pgprot_writecombine(pgprot_t prot)
{
	return __pgprot((pgprot_val(prot) & ~_PAGE_CACHE_MASK) | cpu_wc_bits(false));
}

void iounmap(void *addr)
{
	struct vm_struct *area;

	if (in_pse36_piece(addr))
		return;
	area = find_vm_area((unsigned long)addr);
	if (WARN_ON(!area || area->flags != VM_IOREMAP))
		return;
	free_vm_area(area);
}

void *memremap(phys_addr_t phys, size_t size)
{
	if (direct_mapped(phys, size))
		return __va(phys);
	return map_device(phys, size, PAGE_KERNEL);
}

void memunmap(void *addr)
{
	if (addr >= (void *)IOREMAP_START && addr < (void *)IOREMAP_END)
		iounmap(addr);
}

/* ---- before vmalloc ---------------------------------------------------------------- */

static bool early_mem_busy;

void *early_memremap(phys_addr_t phys, size_t size)
{
	phys_addr_t start = phys & ~(phys_addr_t)(PAGE_SIZE - 1);
	unsigned long n = (PAGE_ALIGN(phys + size) - start) >> PAGE_SHIFT, i;

	if (!n || n > EARLY_MEM_PAGES || !pte_reaches(phys, size) || WARN_ON(early_mem_busy))
		return NULL;
	early_mem_busy = true;
	for (i = 0; i < n; i++)
		set_fixmap(FIX_EARLY_MEM - i, start + (i << PAGE_SHIFT));
	return (void *)(fix_to_virt(FIX_EARLY_MEM) + (unsigned long)(phys - start));
}

void early_memunmap(void)
{
	unsigned i;

	for (i = FIX_EARLY_MEM_END; i <= FIX_EARLY_MEM; i++)
		clear_fixmap(i);
	early_mem_busy = false;
}
