/* SPDX-License-Identifier: MIT */
/*
 * A picture of the provisional tables, taken by the first C code (catalogue E1).
 *
 * It walks from CR3 as the processor does.  All provisional tables lie in the image, so
 * a table's address follows from its frame; a table anywhere else is not ours and ends
 * the walk at that place with a count that no test accepts.
 */
#include <asm/processor.h>
#include <asm/setup.h>
#include <kernel/kernel.h>

#include "internal.h"

struct early_snapshot early_snapshot;

static unsigned long last_id_table, last_high_table;

/* The address of a table frame, or NULL if it is not inside the image. */
static void *image_table(unsigned long phys)
{
	unsigned long offset = phys - phys_base;

	if (offset >= (unsigned long)(_end - _head))
		return NULL;
	early_snapshot.tables++;
	return _head + offset;
}

static void early_page(unsigned long va, phys_addr_t pa)
{
	struct early_snapshot *s = &early_snapshot;
	struct early_run *r = &s->run[s->runs - 1];

	s->pages++;
	if (s->runs && s->runs <= EARLY_RUNS &&
	    r->va + (r->pages << PAGE_SHIFT) == va && r->pa + PFN_PHYS(r->pages) == pa) {
		r->pages++;
		return;
	}
	if (s->runs++ < EARLY_RUNS)
		s->run[s->runs - 1] = (struct early_run){ .va = va, .pages = 1, .pa = pa };
}

static void early_pte_range(pmd_t *pmd, unsigned long va)
{
	unsigned long phys = pmd_table_phys(*pmd);
	pte_t *pte = image_table(phys);
	unsigned i;

	if (!pte)
		return;
	if (va < PAGE_OFFSET)
		last_id_table = phys;
	else if (pte != early_fix_pt)
		last_high_table = phys;
	for (i = 0; i < PTRS_PER_PTE; i++)
		if (pte_present(pte[i]))
			early_page(va + ((unsigned long)i << PAGE_SHIFT),
				   PFN_PHYS(pte_pfn(pte[i])));
}

/* One entry of the level that points to page tables. */
static void early_pmd_entry(pmd_t *pmd, unsigned long va)
{
	if (pmd_present(*pmd) && !pmd_large(*pmd))
		early_pte_range(pmd, va);
}

static unsigned long sign_extend(unsigned long va)
{
	return PGTABLE_LEVELS == 4 ? (unsigned long)((long)(va << 16) >> 16) : va;
}

void early_snapshot_take(void)
{
	unsigned long i;
	pgd_t *pgd;

	early_snapshot.cr3 = read_cr3();
	pgd = image_table(early_snapshot.cr3 & PAGE_MASK);
	for (i = 0; pgd && i < PTRS_PER_PGD; i++)
		early_walk_pgd(&pgd[i], sign_extend(i << PGDIR_SHIFT), image_table,
			       early_pmd_entry);
	early_snapshot.shared = last_id_table == last_high_table;
}
