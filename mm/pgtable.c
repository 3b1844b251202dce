/* SPDX-License-Identifier: MIT */
/*
 * Making, finding and freeing page tables.  Contracts: mm/pgtable.h.
 *
 * With pagewalk.c the only file of mm/ that names the levels above the page table.  All
 * levels are written out; where the architecture folds one, its table always "exists" and
 * the code for it disappears.
 */
#include <kernel/string.h>
#include "internal.h"
#include <linux/errno.h>

unsigned long nr_page_table_pages;
gfp_t user_pte_gfp = __GFP_HIGHMEM;

/* ---- table pages ------------------------------------------------------------------- */

static struct page *alloc_table(gfp_t gfp)
{
	struct page *page = alloc_page(GFP_KERNEL | __GFP_TABLE | gfp);

	if (page)
		nr_page_table_pages++;
	return page;
}

static void free_table(struct page *page)
{
	nr_page_table_pages--;
	__free_page(page);
}

/* By another fault of this address space, or another fork, while the allocation slept. */
static noinline int made_meanwhile(struct page *page)
{
	free_table(page);
	return 0;
}

static unsigned long table_flags(const struct mm_struct *mm)
{
	return mm == &init_mm ? _KERNPG_TABLE : _PAGE_TABLE;
}

int make_pud_table(struct mm_struct *mm, pgd_t *pgd)
{
	struct page *page;

	if (likely(!pgd_none(*pgd)))
		return 0;
	page = alloc_table(__GFP_ZERO);
	if (!page)
		return -ENOMEM;
	if (unlikely(!pgd_none(*pgd)))
		return made_meanwhile(page);
	pgd_populate(pgd, page_to_phys(page), table_flags(mm));
	mm->nr_puds++;
	return 0;
}

int make_pmd_table(struct mm_struct *mm, pud_t *pud)
{
	struct page *page;

	if (likely(!pud_none(*pud)))
		return pud_large(*pud) ? -EBUSY : 0;
	page = alloc_table(__GFP_ZERO);
	if (!page)
		return -ENOMEM;
	if (unlikely(!pud_none(*pud)))
		return made_meanwhile(page);
	pud_populate(pud, page_to_phys(page), table_flags(mm));
	mm->nr_pmds++;
	return 0;
}

int make_pte_table(struct mm_struct *mm, pmd_t *pmd)
{
	struct page *page;

	if (likely(!pmd_none(*pmd)))
		return pmd_large(*pmd) ? -EBUSY : 0;
	page = alloc_table(__GFP_ZERO | (mm == &init_mm ? 0 : user_pte_gfp));
	if (!page)
		return -ENOMEM;
	if (unlikely(!pmd_none(*pmd)))
		return made_meanwhile(page);
	pmd_populate(pmd, page_to_phys(page), table_flags(mm));
	mm->nr_ptes++;
	return 0;
}

/* ---- finding an entry -------------------------------------------------------------- */

pte_t *map_pte_table(pmd_t *pmd, unsigned long addr)
{
	unsigned long pfn = pmd_table_phys(*pmd) >> PAGE_SHIFT;

	if (likely(pfn < max_low_pfn))
		return pte_offset_kernel(pmd, addr);
	return (pte_t *)kmap_local_high(pfn_to_page(pfn)) + pte_index(addr);
}

/* Does an entry lead to a table: neither empty nor a large page? */
static inline bool is_table(unsigned long entry)
{
	return (entry & (_PAGE_PRESENT | _PAGE_PSE)) == _PAGE_PRESENT;
}

/* The entry above the page table for `addr`, if that table exists, else NULL. */
static inline pmd_t *find_pmd(struct mm_struct *mm, unsigned long addr)
{
	pgd_t *pgd = pgd_offset(mm, addr);
	pud_t *pud;
	pmd_t *pmd;

	if (unlikely(!is_table(pgd_val(*pgd))))
		return NULL;
	pud = pud_offset(pgd, addr);
	if (unlikely(!is_table(pud_val(*pud))))
		return NULL;
	pmd = pmd_offset(pud, addr);
	return likely(is_table(pmd_val(*pmd))) ? pmd : NULL;
}

static pmd_t *alloc_pmd(struct mm_struct *mm, unsigned long addr)
{
	pgd_t *pgd = pgd_offset(mm, addr);
	pud_t *pud;
	pmd_t *pmd;

	if (make_pud_table(mm, pgd))
		return NULL;
	pud = pud_offset(pgd, addr);
	if (make_pmd_table(mm, pud))
		return NULL;
	pmd = pmd_offset(pud, addr);
	return make_pte_table(mm, pmd) ? NULL : pmd;
}

static noinline pte_t *make_and_map(struct mm_struct *mm, unsigned long addr)
{
	pmd_t *pmd = alloc_pmd(mm, addr);

	return pmd ? map_pte_table(pmd, addr) : NULL;
}

pte_t *pte_alloc_map(struct mm_struct *mm, unsigned long addr)
{
	pmd_t *pmd = find_pmd(mm, addr);

	return likely(pmd) ? map_pte_table(pmd, addr) : make_and_map(mm, addr);
}

int pte_alloc(struct mm_struct *mm, unsigned long addr)
{
	return alloc_pmd(mm, addr) ? 0 : -ENOMEM;
}

pte_t *pte_alloc_kernel(unsigned long addr)
{
	pmd_t *pmd = alloc_pmd(&init_mm, addr);

	return pmd ? pte_offset_kernel(pmd, addr) : NULL;
}

pte_t *pte_lookup(struct mm_struct *mm, unsigned long addr)
{
	pmd_t *pmd = find_pmd(mm, addr);

	return pmd ? map_pte_table(pmd, addr) : NULL;
}

/* ---- freeing tables ---------------------------------------------------------------- */

struct table_range {
	struct mm_struct *mm;
	unsigned long floor, last;	/* nothing is mapped from floor to last, inclusive */
	struct list_head *freed;
};

/* Does the naturally aligned span around `addr` lie inside? */
static bool span_is_empty(const struct table_range *r, unsigned long addr, unsigned long mask)
{
	unsigned long first = addr & mask;

	return first >= r->floor && (first | ~mask) <= r->last;
}

/* In debug builds: a table that still has entries is a broken invariant. */
static void check_empty(struct page *table)
{
	const unsigned long *entry = kmap_local_page(table);
	size_t i;

	for (i = 0; i < PAGE_SIZE / sizeof(*entry); i++)
		if (entry[i])
			bad_page(table, "page table freed with entries in it");
	kunmap_local(entry);
}

static void drop_table(const struct table_range *r, struct page *table)
{
	if (DEBUG_VM)
		check_empty(table);
	if (r->freed)
		list_add_tail(&table->lru, r->freed);
	else
		free_table(table);
}

void free_table_list(struct list_head *freed)
{
	struct page *table, *next;

	list_for_each_entry_safe(table, next, freed, lru)
		free_table(table);
	INIT_LIST_HEAD(freed);
}

static void free_pmd_range(const struct table_range *r, pud_t *pud, unsigned long addr,
			   unsigned long end)
{
	unsigned long start = addr, next;
	pmd_t *pmd = pmd_offset(pud, addr);
	struct page *table;

	do {
		next = pmd_addr_end(addr, end);
		if (pmd_none(*pmd) || pmd_large(*pmd) || !span_is_empty(r, addr, PMD_MASK))
			continue;
		table = pfn_to_page(pmd_table_phys(*pmd) >> PAGE_SHIFT);
		pmd_clear(pmd);
		r->mm->nr_ptes--;
		drop_table(r, table);
	} while (pmd++, addr = next, addr != end);

	if (PTRS_PER_PMD == 1 || !span_is_empty(r, start, PUD_MASK))
		return;
	table = virt_to_page(pmd_offset(pud, 0));
	pud_clear(pud);
	r->mm->nr_pmds--;
	drop_table(r, table);
}

static void free_pud_range(const struct table_range *r, pgd_t *pgd, unsigned long addr,
			   unsigned long end)
{
	unsigned long start = addr, next;
	pud_t *pud = pud_offset(pgd, addr);
	struct page *table;

	do {
		next = pud_addr_end(addr, end);
		if (!pud_none(*pud) && !pud_large(*pud))
			free_pmd_range(r, pud, addr, next);
	} while (pud++, addr = next, addr != end);

	if (PTRS_PER_PUD == 1 || !span_is_empty(r, start, PGDIR_MASK))
		return;
	table = virt_to_page(pud_offset(pgd, 0));
	pgd_clear(pgd);
	r->mm->nr_puds--;
	drop_table(r, table);
}

void free_pgtables(struct mm_struct *mm, unsigned long start, unsigned long end,
		   unsigned long floor, unsigned long ceiling, struct list_head *freed)
{
	struct table_range r = { mm, floor, ceiling - 1, freed };
	unsigned long addr = start, next;
	pgd_t *pgd = pgd_offset(mm, start);

	BUG_ON(mm == &init_mm || floor > start || end - 1 > r.last);
	if (!has_free_span(start, end, floor, ceiling))
		return;
	do {
		next = pgd_addr_end(addr, end);
		if (!pgd_none(*pgd))
			free_pud_range(&r, pgd, addr, next);
	} while (pgd++, addr = next, addr != end);
}

/* ---- top-level tables -------------------------------------------------------------- */

pgd_t *pgd_alloc(struct mm_struct *mm)
{
	struct page *page = alloc_table(0);
	pgd_t *pgd;

	if (!page)
		return NULL;
	pgd = lowmem_page_address(page);
	memset(pgd, 0, KERNEL_PGD_START * sizeof(*pgd));
	memcpy(pgd + KERNEL_PGD_START, swapper_pg_dir + KERNEL_PGD_START,
	       (PTRS_PER_PGD - KERNEL_PGD_START) * sizeof(*pgd));
	return pgd;
}

void pgd_free(struct mm_struct *mm, pgd_t *pgd)
{
	size_t i;

	for (i = 0; DEBUG_VM && i < KERNEL_PGD_START; i++)
		BUG_ON(pgd_val(pgd[i]));
	free_table(virt_to_page(pgd));
}

int mm_alloc_tables(struct mm_struct *mm)
{
	mm->pgd = pgd_alloc(mm);
	return mm->pgd ? 0 : -ENOMEM;
}

void mm_free_tables(struct mm_struct *mm)
{
	pgd_free(mm, mm->pgd);
	mm->pgd = NULL;
}

bool sync_kernel_pgd(pgd_t *pgd, unsigned long addr)
{
	pgd_t theirs = *pgd_offset_pgd(pgd, addr), ours = *pgd_offset_k(addr);

	if (!pgd_val(ours) || pgd_val(theirs) == pgd_val(ours))
		return false;
	set_pgd(pgd_offset_pgd(pgd, addr), ours);
	return true;
}
