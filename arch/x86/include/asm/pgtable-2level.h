/* SPDX-License-Identifier: MIT */
/*
 * i386 legacy two-level paging: 1024 directory entries and 1024 table entries of 4 bytes,
 * CR4.PAE = 0 (Intel SDM volume 3, 4.3).  The middle levels are folded.
 */
#ifndef ASM_PGTABLE_2LEVEL_H
#define ASM_PGTABLE_2LEVEL_H

#define PGTABLE_LEVELS	2

#define PGDIR_SHIFT	22
#define PTRS_PER_PGD	1024
#define PTRS_PER_PTE	1024

#define _PAGE_NX	_UL(0)
#define PTE_PFN_MASK	_UL(0xfffff000)

#ifndef __ASSEMBLER__
#include <asm/pgtable_types.h>

typedef struct { pteval_t pte; } pte_t;
typedef struct { pteval_t pgd; } pgd_t;

#define __pte(x)	((pte_t){ (x) })
#define __pgd(x)	((pgd_t){ (x) })
#define pte_val(x)	((x).pte)

/* A swapped page: bits 1-5 the device, 9-31 the slot; bits 0 and 8 make pte_present(). */
#define SWP_MAX_OFFSET		((1ul << 23) - 1)
#define swp_pte(type, offset)	__pte((pteval_t)(type) << 1 | (pteval_t)(offset) << 9)
#define pte_swp_type(pte)	(pte_val(pte) >> 1 & 31)
#define pte_swp_offset(pte)	(pte_val(pte) >> 9)
#define pgd_val(x)	((x).pgd)

static inline void set_pgd(pgd_t *pgdp, pgd_t pgd)
{
	*(volatile pteval_t *)&pgdp->pgd = pgd_val(pgd);
}

#include <asm-generic/pgtable-nopmd.h>

/* What the lowest upper level holds is the directory entry itself. */
static inline bool pmd_none(pmd_t pmd)		{ return pmd_val(pmd) == 0; }
static inline bool pmd_present(pmd_t pmd)	{ return pmd_val(pmd) & _PAGE_PRESENT; }
static inline void set_pmd(pmd_t *pmdp, pmd_t pmd)
{
	set_pgd((pgd_t *)pmdp, __pgd(pmd_val(pmd)));
}
#endif

#endif
