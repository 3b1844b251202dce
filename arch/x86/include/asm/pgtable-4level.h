/* SPDX-License-Identifier: MIT */
/*
 * x86-64 four-level paging: four real levels of 512 entries of 8 bytes
 * (Intel SDM volume 3, 4.5).
 */
#ifndef ASM_PGTABLE_4LEVEL_H
#define ASM_PGTABLE_4LEVEL_H

#define PGTABLE_LEVELS	4

#define PGDIR_SHIFT	39
#define PUD_SHIFT	30
#define PMD_SHIFT	21
#define PTRS_PER_PGD	512
#define PTRS_PER_PUD	512
#define PTRS_PER_PMD	512
#define PTRS_PER_PTE	512

#define _PAGE_NX	_UL(0x8000000000000000)
#define PTE_PFN_MASK	_UL(0x000ffffffffff000)

#ifndef __ASSEMBLER__
#include <asm/pgtable_types.h>

typedef struct { pteval_t pte; } pte_t;
typedef struct { pteval_t pmd; } pmd_t;
typedef struct { pteval_t pud; } pud_t;
typedef struct { pteval_t pgd; } pgd_t;

#define __pte(x)	((pte_t){ (x) })
#define __pmd(x)	((pmd_t){ (x) })
#define __pud(x)	((pud_t){ (x) })
#define __pgd(x)	((pgd_t){ (x) })
#define pte_val(x)	((x).pte)

/*
 * A swapped page: bits 59-63 the device, 9-58 the slot, inverted: processors that follow
 * the address of an entry without looking at its Present bit (L1TF) find nothing up there.
 * Bits 0 and 8 make pte_present().
 */
#define SWP_MAX_OFFSET		((1ul << 32) - 1)
#define SWP_SLOT_MASK		((1ul << 50) - 1)
#define swp_pte(type, offset) \
	__pte((pteval_t)(type) << 59 | (~(pteval_t)(offset) & SWP_SLOT_MASK) << 9)
#define pte_swp_type(pte)	(pte_val(pte) >> 59)
#define pte_swp_offset(pte)	(~pte_val(pte) >> 9 & SWP_SLOT_MASK)
#define pmd_val(x)	((x).pmd)
#define pud_val(x)	((x).pud)
#define pgd_val(x)	((x).pgd)

#define PUD_SIZE	(1ul << PUD_SHIFT)
#define PUD_MASK	(~(PUD_SIZE - 1))
#define PMD_SIZE	(1ul << PMD_SHIFT)
#define PMD_MASK	(~(PMD_SIZE - 1))

/* The middle levels are real: their entries can be empty, hold a table or a large page. */
static inline bool pgd_none(pgd_t pgd)		{ return pgd_val(pgd) == 0; }
static inline bool pgd_present(pgd_t pgd)	{ return pgd_val(pgd) & _PAGE_PRESENT; }
static inline void set_pgd(pgd_t *pgdp, pgd_t pgd)
{
	*(volatile pteval_t *)&pgdp->pgd = pgd_val(pgd);
}

static inline bool pud_none(pud_t pud)		{ return pud_val(pud) == 0; }
static inline bool pud_present(pud_t pud)	{ return pud_val(pud) & _PAGE_PRESENT; }
static inline bool pud_large(pud_t pud)
{
	return (pud_val(pud) & (_PAGE_PSE | _PAGE_PRESENT)) == (_PAGE_PSE | _PAGE_PRESENT);
}
static inline void set_pud(pud_t *pudp, pud_t pud)
{
	*(volatile pteval_t *)&pudp->pud = pud_val(pud);
}

static inline bool pmd_none(pmd_t pmd)		{ return pmd_val(pmd) == 0; }
static inline bool pmd_present(pmd_t pmd)	{ return pmd_val(pmd) & _PAGE_PRESENT; }
static inline void set_pmd(pmd_t *pmdp, pmd_t pmd)
{
	*(volatile pteval_t *)&pmdp->pmd = pmd_val(pmd);
}

static inline unsigned long pgd_table_phys(pgd_t pgd)	{ return pgd_val(pgd) & PTE_PFN_MASK; }
static inline unsigned long pud_table_phys(pud_t pud)	{ return pud_val(pud) & PTE_PFN_MASK; }

static inline unsigned long pud_index(unsigned long addr)
{
	return (addr >> PUD_SHIFT) & (PTRS_PER_PUD - 1);
}

static inline unsigned long pmd_index(unsigned long addr)
{
	return (addr >> PMD_SHIFT) & (PTRS_PER_PMD - 1);
}

/* Middle-level tables always lie in low memory. */
static inline pud_t *pud_offset(pgd_t *pgd, unsigned long addr)
{
	return (pud_t *)__va(pgd_table_phys(*pgd)) + pud_index(addr);
}

static inline pmd_t *pmd_offset(pud_t *pud, unsigned long addr)
{
	return (pmd_t *)__va(pud_table_phys(*pud)) + pmd_index(addr);
}

/* The end of this entry's span, or `end` if that comes first; safe at the top of memory. */
#define pud_addr_end(addr, end) \
({	unsigned long _b = ((addr) + PUD_SIZE) & PUD_MASK; \
	_b - 1 < (end) - 1 ? _b : (end); })
#define pmd_addr_end(addr, end) \
({	unsigned long _b = ((addr) + PMD_SIZE) & PMD_MASK; \
	_b - 1 < (end) - 1 ? _b : (end); })

#define pgd_populate(pgdp, table_phys, flags) set_pgd((pgdp), __pgd((table_phys) | (flags)))
#define pud_populate(pudp, table_phys, flags) set_pud((pudp), __pud((table_phys) | (flags)))
#define pgd_clear(pgdp)		set_pgd((pgdp), __pgd(0))
#define pud_clear(pudp)		set_pud((pudp), __pud(0))
#endif

#endif
