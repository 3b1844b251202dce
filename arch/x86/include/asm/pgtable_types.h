/* SPDX-License-Identifier: MIT */
/*
 * Bits of a page-table entry and protections; the same in both modes but for NX, which
 * legacy two-level paging does not have (Intel SDM volume 3, 4.3 and 4.5).
 */
#ifndef ASM_PGTABLE_TYPES_H
#define ASM_PGTABLE_TYPES_H

#include <kernel/const.h>

#define _PAGE_PRESENT	_UL(0x001)
#define _PAGE_RW	_UL(0x002)
#define _PAGE_USER	_UL(0x004)
#define _PAGE_PWT	_UL(0x008)
#define _PAGE_PCD	_UL(0x010)
#define _PAGE_ACCESSED	_UL(0x020)
#define _PAGE_DIRTY	_UL(0x040)
#define _PAGE_PSE	_UL(0x080)		/* in an upper level: a large page */
#define _PAGE_PAT	_UL(0x080)		/* in a PTE */
#define _PAGE_GLOBAL	_UL(0x100)
#define _PAGE_CACHE_MASK (_PAGE_PWT | _PAGE_PCD | _PAGE_PAT)
/* In an entry that is not present: it names a frame all the same (PROT_NONE). */
#define _PAGE_PROTNONE	_PAGE_GLOBAL
#define _PAGE_PAT_LARGE	_UL(0x1000)	/* in a large page */

#define _PAGE_TABLE	(_PAGE_PRESENT | _PAGE_RW | _PAGE_USER | _PAGE_ACCESSED | _PAGE_DIRTY)
#define _KERNPG_TABLE	(_PAGE_PRESENT | _PAGE_RW | _PAGE_ACCESSED | _PAGE_DIRTY)

#ifndef __ASSEMBLER__
#include <kernel/types.h>

typedef unsigned long pteval_t;
typedef struct { pteval_t pgprot; } pgprot_t;

#define __pgprot(x)	((pgprot_t){ (x) })
#define pgprot_val(x)	((x).pgprot)

/* The bits that this processor has: the others are masked out of every protection. */
extern pteval_t supported_pte_mask;

#define __PAGE_KERNEL_EXEC \
	(_PAGE_PRESENT | _PAGE_RW | _PAGE_ACCESSED | _PAGE_DIRTY | _PAGE_GLOBAL)
#define __PAGE_KERNEL		(__PAGE_KERNEL_EXEC | _PAGE_NX)
#define __PAGE_KERNEL_RO	(__PAGE_KERNEL & ~_PAGE_RW & ~_PAGE_DIRTY)
#define __PAGE_KERNEL_RX	(__PAGE_KERNEL_EXEC & ~_PAGE_RW & ~_PAGE_DIRTY)
#define __PAGE_KERNEL_UC	(__PAGE_KERNEL | _PAGE_PCD | _PAGE_PWT)

#define PAGE_KERNEL		__pgprot(__PAGE_KERNEL & supported_pte_mask)
#define PAGE_KERNEL_EXEC	__pgprot(__PAGE_KERNEL_EXEC & supported_pte_mask)
#define PAGE_KERNEL_RO		__pgprot(__PAGE_KERNEL_RO & supported_pte_mask)
#define PAGE_KERNEL_RX		__pgprot(__PAGE_KERNEL_RX & supported_pte_mask)
#define PAGE_KERNEL_UC		__pgprot(__PAGE_KERNEL_UC & supported_pte_mask)
#endif

#endif
