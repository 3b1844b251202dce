/* SPDX-License-Identifier: MIT */
/*
 * Fixed mappings: pages at addresses known at compile time, one per purpose (Gorman 5.1,
 * "fixed virtual mappings").  Slot n lies n pages below FIXADDR_TOP; all slots share one
 * page table, which exists from the first provisional tables on.
 */
#ifndef ASM_FIXMAP_H
#define ASM_FIXMAP_H

#include <asm/pgtable.h>

#define KMAP_LOCAL_SLOTS	16	/* nesting depth of kmap_local in one context */
#define KMAP_CONTEXTS		3	/* task, interrupt, NMI or oops */

enum fixed_addresses {
	FIX_HOLE,			/* never mapped: catches running off the top */
	FIX_APIC_BASE,
	FIX_HPET,
	FIX_IOAPIC,
	FIX_WP_TEST,			/* K9: a read-only page */
	FIX_TEST,			/* K8 and friends */
	FIX_WALK,			/* the independent walker's own window */
	FIX_BOOT_PUD,			/* tables under construction, one slot a level */
	FIX_BOOT_PMD,
	FIX_BOOT_PTE,
	FIX_BOOT_FIXMAP,		/* the fixmap's own table, while it is replaced */
	FIX_EARLY_MEM_END,		/* early_memremap(): a run of pages */
	FIX_EARLY_MEM = FIX_EARLY_MEM_END + 63,
	FIX_KMAP_LOCAL_END,
	FIX_KMAP_LOCAL = FIX_KMAP_LOCAL_END + KMAP_LOCAL_SLOTS * KMAP_CONTEXTS - 1,
	__end_of_fixed_addresses
};

#define __fix_to_virt(n)	(FIXADDR_TOP - ((unsigned long)(n) << PAGE_SHIFT))
#define FIXADDR_START		__fix_to_virt(__end_of_fixed_addresses - 1)

#define fix_to_virt(n)		__fix_to_virt(n)

/*
 * Map, change or clear a slot and drop its translation.  Any context, never fails: the
 * table is always there.  `phys` is page aligned.
 */
void __set_fixmap(enum fixed_addresses slot, phys_addr_t phys, pgprot_t prot);

#define set_fixmap(slot, phys)		__set_fixmap((slot), (phys), PAGE_KERNEL)
#define set_fixmap_nocache(slot, phys)	__set_fixmap((slot), (phys), PAGE_KERNEL_UC)
#define clear_fixmap(slot)		__set_fixmap((slot), 0, __pgprot(0))

#endif
