/* SPDX-License-Identifier: MIT */
/*
 * The third level folded into the top one: a pud_t is the pgd_t seen through another
 * type, its table has one entry, and it is never empty, so that tests for emptiness
 * disappear and happen one level further down.
 */
#ifndef ASM_GENERIC_PGTABLE_NOPUD_H
#define ASM_GENERIC_PGTABLE_NOPUD_H

typedef struct { pgd_t pgd; } pud_t;

#define PUD_SHIFT	PGDIR_SHIFT
#define PTRS_PER_PUD	1
#define PUD_SIZE	(1ul << PUD_SHIFT)
#define PUD_MASK	(~(PUD_SIZE - 1))

#define __pud(x)	((pud_t){ __pgd(x) })
#define pud_val(x)	pgd_val((x).pgd)

static inline bool pgd_none(pgd_t pgd)		{ return false; }
static inline bool pgd_present(pgd_t pgd)	{ return true; }

static inline pud_t *pud_offset(pgd_t *pgd, unsigned long addr)
{
	return (pud_t *)pgd;
}

#define pud_addr_end(addr, end)	(end)
#define pgd_populate(pgdp, table_phys, flags)	do { } while (0)
#define pgd_clear(pgdp)				do { } while (0)

#endif
