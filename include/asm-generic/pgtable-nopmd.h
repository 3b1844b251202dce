/* SPDX-License-Identifier: MIT */
/* The second level folded into the third, which is folded itself: see pgtable-nopud.h. */
#ifndef ASM_GENERIC_PGTABLE_NOPMD_H
#define ASM_GENERIC_PGTABLE_NOPMD_H

#include <asm-generic/pgtable-nopud.h>

typedef struct { pud_t pud; } pmd_t;

#define PMD_SHIFT	PUD_SHIFT
#define PTRS_PER_PMD	1
#define PMD_SIZE	(1ul << PMD_SHIFT)
#define PMD_MASK	(~(PMD_SIZE - 1))

#define __pmd(x)	((pmd_t){ __pud(x) })
#define pmd_val(x)	pud_val((x).pud)

static inline bool pud_none(pud_t pud)		{ return false; }
static inline bool pud_present(pud_t pud)	{ return true; }
static inline bool pud_large(pud_t pud)		{ return false; }

static inline pmd_t *pmd_offset(pud_t *pud, unsigned long addr)
{
	return (pmd_t *)pud;
}

#define pmd_addr_end(addr, end)	(end)
#define pud_populate(pudp, table_phys, flags)	do { } while (0)
#define pud_clear(pudp)				do { } while (0)

#endif
