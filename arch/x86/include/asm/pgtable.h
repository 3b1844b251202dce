/* SPDX-License-Identifier: MIT */
/*
 * The seam between the machine-independent VM and the page tables: entries, protections,
 * and the way from an address to its entry.  The only place that chooses the depth.
 *
 * Upper levels (pgd, pud, pmd) are named only in mm/pgtable.c, mm/pagewalk.c,
 * arch/x86/mm/ and the page-table headers; everybody else uses pte_alloc_map(),
 * pte_lookup() and walk_page_range() (mm/pgtable.h, mm/pagewalk.h).
 */
#ifndef ASM_PGTABLE_H
#define ASM_PGTABLE_H

#include <asm/page.h>

#ifdef __x86_64__
#include <asm/pgtable-4level.h>
#else
#include <asm/pgtable-2level.h>
#endif

/* Bytes that one page table maps: 2 MiB or 4 MiB. */
#define PGTABLE_SPAN	((unsigned long)PTRS_PER_PTE << PAGE_SHIFT)

#define PGDIR_SIZE	(1ul << PGDIR_SHIFT)
#define PGDIR_MASK	(~(PGDIR_SIZE - 1))

/* Entries of the top level that belong to the user half. */
#define USER_PTRS_PER_PGD	((TASK_SIZE + PGDIR_SIZE - 1) / PGDIR_SIZE)
#define KERNEL_PGD_START	(((PAGE_OFFSET) >> PGDIR_SHIFT) & (PTRS_PER_PGD - 1))

#ifndef __ASSEMBLER__

_Static_assert(sizeof(pte_t) * PTRS_PER_PTE == PAGE_SIZE, "a table is a page");
_Static_assert(sizeof(pgd_t) * PTRS_PER_PGD == PAGE_SIZE, "a directory is a page");
_Static_assert((PTRS_PER_PUD == 1) == (PGTABLE_LEVELS == 2), "folded levels match the depth");

extern pgd_t swapper_pg_dir[PTRS_PER_PGD];

/* Entries. */
static inline bool pte_none(pte_t pte)		{ return pte_val(pte) == 0; }
/* Names a frame; the hardware may use it unless it is _PAGE_PROTNONE. */
static inline bool pte_present(pte_t pte)
{
	return pte_val(pte) & (_PAGE_PRESENT | _PAGE_PROTNONE);
}
/* Neither empty nor present: its page is swapped out, swp_pte() has made it. */
static inline bool pte_swapped(pte_t pte)
{
	return !pte_none(pte) && !pte_present(pte);
}
static inline bool pte_write(pte_t pte)		{ return pte_val(pte) & _PAGE_RW; }
static inline bool pte_user(pte_t pte)		{ return pte_val(pte) & _PAGE_USER; }
static inline bool pte_dirty(pte_t pte)		{ return pte_val(pte) & _PAGE_DIRTY; }
static inline bool pte_young(pte_t pte)		{ return pte_val(pte) & _PAGE_ACCESSED; }
static inline bool pte_global(pte_t pte)	{ return pte_val(pte) & _PAGE_GLOBAL; }
static inline bool pte_exec(pte_t pte)		{ return !(pte_val(pte) & _PAGE_NX); }
static inline pte_t pte_wrprotect(pte_t pte)	{ return __pte(pte_val(pte) & ~_PAGE_RW); }
static inline pte_t pte_mkwrite(pte_t pte)	{ return __pte(pte_val(pte) | _PAGE_RW); }
static inline pte_t pte_mkdirty(pte_t pte)	{ return __pte(pte_val(pte) | _PAGE_DIRTY); }
static inline pte_t pte_mkclean(pte_t pte)	{ return __pte(pte_val(pte) & ~_PAGE_DIRTY); }
static inline pte_t pte_mkyoung(pte_t pte)	{ return __pte(pte_val(pte) | _PAGE_ACCESSED); }
static inline pte_t pte_mkold(pte_t pte)	{ return __pte(pte_val(pte) & ~_PAGE_ACCESSED); }

static inline unsigned long pte_pfn(pte_t pte)
{
	return (pte_val(pte) & PTE_PFN_MASK) >> PAGE_SHIFT;
}

static inline pte_t pfn_pte(unsigned long pfn, pgprot_t prot)
{
	return __pte((pfn << PAGE_SHIFT) | pgprot_val(prot));
}

#define mk_pte(page, prot)	pfn_pte(page_to_pfn(page), (prot))
#define pte_page(pte)		pfn_to_page(pte_pfn(pte))

/* Hardware may set Accessed and Dirty at any time: one store, never a half-written entry. */
static inline void set_pte(pte_t *ptep, pte_t pte)
{
	*(volatile pteval_t *)&ptep->pte = pte_val(pte);
}

static inline void pte_clear(pte_t *ptep)
{
	set_pte(ptep, __pte(0));
}

/* Read and clear in one step, so that a Dirty bit set meanwhile is not lost. */
static inline pte_t ptep_get_and_clear(pte_t *ptep)
{
	return __pte(__atomic_exchange_n(&ptep->pte, 0, __ATOMIC_SEQ_CST));
}

/* The entry just above the page tables. */
static inline bool pmd_large(pmd_t pmd)
{
	return (pmd_val(pmd) & (_PAGE_PSE | _PAGE_PRESENT)) == (_PAGE_PSE | _PAGE_PRESENT);
}

static inline unsigned long pmd_table_phys(pmd_t pmd)
{
	return pmd_val(pmd) & PTE_PFN_MASK;
}

#define pmd_populate(pmdp, table_phys, flags) set_pmd((pmdp), __pmd((table_phys) | (flags)))
#define pmd_clear(pmdp)		set_pmd((pmdp), __pmd(0))

/* Indices and the walk. */
static inline unsigned long pgd_index(unsigned long addr)
{
	return (addr >> PGDIR_SHIFT) & (PTRS_PER_PGD - 1);
}

static inline unsigned long pte_index(unsigned long addr)
{
	return (addr >> PAGE_SHIFT) & (PTRS_PER_PTE - 1);
}

#define pgd_offset_pgd(pgd, addr)	((pgd) + pgd_index(addr))
#define pgd_offset(mm, addr)		pgd_offset_pgd((mm)->pgd, addr)
#define pgd_offset_k(addr)		pgd_offset_pgd(swapper_pg_dir, addr)

/* Kernel page tables always lie in low memory; user ones may be high: pte_offset_map(). */
static inline pte_t *pte_offset_kernel(pmd_t *pmd, unsigned long addr)
{
	return (pte_t *)__va(pmd_table_phys(*pmd)) + pte_index(addr);
}

#define pgd_addr_end(addr, end) \
({	unsigned long _b = ((addr) + PGDIR_SIZE) & PGDIR_MASK; \
	_b - 1 < (end) - 1 ? _b : (end); })

#endif

#endif
