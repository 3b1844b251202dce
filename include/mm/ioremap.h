/* SPDX-License-Identifier: MIT */
/*
 * Mapping device memory, and RAM that the direct map does not have (Gorman 5.1; catalogue
 * V5).  Areas lie in the device window, each followed by a guard page.
 */
#ifndef MM_IOREMAP_H
#define MM_IOREMAP_H

#include <kernel/types.h>
#include <asm/pgtable.h>

/*
 * Uncached.  Any physical address that page tables of this mode can hold; needs slab and
 * the vmalloc machinery.  In two levels a range above 4 GiB is mapped by 4-MiB PSE-36 entries
 * if the processor has them, before the first program only (catalogue B7).  NULL: no room, or
 * not addressable.
 */
void *ioremap(phys_addr_t phys, size_t size);

/* Is this where only a few pieces can be mapped, which stay: above 4 GiB in two levels? */
bool ioremap_scarce(phys_addr_t phys, size_t size);

/*
 * Write-combining, for frame buffers; else the same.
 */
void *ioremap_wc(phys_addr_t phys, size_t size);
void iounmap(void *addr);

/* The same caching for entries of a region. */
pgprot_t pgprot_writecombine(pgprot_t prot);

/*
 * Ordinary memory by physical address, cached: the direct map where it reaches, else a
 * mapping in the device window.  Before vmalloc_init() only early_memremap() works: up to
 * 64 pages through fixmap slots, one mapping at a time, closed by early_memunmap().
 */
void *memremap(phys_addr_t phys, size_t size);
void memunmap(void *addr);
void *early_memremap(phys_addr_t phys, size_t size);
void early_memunmap(void);

/* Is [phys, phys + size) in the direct map? */
bool direct_mapped(phys_addr_t phys, size_t size);

#endif
