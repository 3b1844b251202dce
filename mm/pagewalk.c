/* SPDX-License-Identifier: MIT */
/*
 * The walk over a range of page tables.  Contract: mm/pagewalk.h.
 *
 * One loop for each level.  `end` may be 0, the top of memory: the boundary macros compare
 * last bytes, and the loops stop when addr has reached end.  The boundary of a folded
 * level is `end`, so its loop runs once and disappears.
 */
#include "internal.h"
#include <linux/errno.h>

struct walk {
	struct mm_struct *mm;
	const struct mm_walk_ops *ops;
	void *arg;
};

static int walk_entries(const struct walk *w, pte_t *pte, unsigned long addr,
			unsigned long end)
{
	const struct mm_walk_ops *ops = w->ops;
	unsigned long next;
	int err;

	do {
		next = addr + PAGE_SIZE;
		if (ops->flags & WALK_SKIP_NONE && pte_none(*pte))
			continue;
		err = ops->pte_entry(pte, addr, next, w->arg);
		if (err)
			return err;
	} while (pte++, addr = next, addr != end);
	return 0;
}

static int walk_pte_table(const struct walk *w, pmd_t *pmd, unsigned long addr,
			  unsigned long end)
{
	const struct mm_walk_ops *ops = w->ops;
	pte_t *pte;
	int err;

	if (!ops->pte_range && !ops->pte_entry)
		return 0;
	pte = map_pte_table(pmd, addr);
	if (ops->pte_range)
		err = ops->pte_range(pte, addr, end, w->arg);
	else
		err = walk_entries(w, pte, addr, end);
	pte_unmap(pte);
	return err;
}

static int walk_large(const struct walk *w, enum pgtable_level level, unsigned long value,
		      unsigned long addr, unsigned long end)
{
	if (w->ops->large_entry)
		return w->ops->large_entry(level, value, addr, end, w->arg);
	return w->ops->flags & WALK_ALLOC ? -EBUSY : 0;
}

static int walk_hole(const struct walk *w, unsigned long addr, unsigned long end)
{
	return w->ops->hole ? w->ops->hole(addr, end, w->arg) : 0;
}

static int walk_pmd(const struct walk *w, pmd_t *pmd, unsigned long addr, unsigned long end)
{
	int err;

	if (pmd_none(*pmd)) {
		if (!(w->ops->flags & WALK_ALLOC))
			return walk_hole(w, addr, end);
		err = make_pte_table(w->mm, pmd);
		if (err)
			return err;
	} else if (pmd_large(*pmd)) {
		return walk_large(w, LEVEL_PMD, pmd_val(*pmd), addr, end);
	}
	return walk_pte_table(w, pmd, addr, end);
}

static int walk_pud(const struct walk *w, pud_t *pud, unsigned long addr, unsigned long end)
{
	unsigned long next;
	pmd_t *pmd;
	int err;

	if (pud_none(*pud)) {
		if (!(w->ops->flags & WALK_ALLOC))
			return walk_hole(w, addr, end);
		err = make_pmd_table(w->mm, pud);
		if (err)
			return err;
	} else if (pud_large(*pud)) {
		return walk_large(w, LEVEL_PUD, pud_val(*pud), addr, end);
	}
	pmd = pmd_offset(pud, addr);
	do {
		next = pmd_addr_end(addr, end);
		err = walk_pmd(w, pmd, addr, next);
		if (err)
			return err;
	} while (pmd++, addr = next, addr != end);
	return 0;
}

static int walk_pgd(const struct walk *w, pgd_t *pgd, unsigned long addr, unsigned long end)
{
	unsigned long next;
	pud_t *pud;
	int err;

	if (pgd_none(*pgd)) {
		if (!(w->ops->flags & WALK_ALLOC))
			return walk_hole(w, addr, end);
		err = make_pud_table(w->mm, pgd);
		if (err)
			return err;
	}
	pud = pud_offset(pgd, addr);
	do {
		next = pud_addr_end(addr, end);
		err = walk_pud(w, pud, addr, next);
		if (err)
			return err;
	} while (pud++, addr = next, addr != end);
	return 0;
}

/*
 * The top-level table translates the low VA_BITS bits; those above repeat bit
 * VA_BITS - 1, which says which half an address lies in.
 */
#define VA_BITS		(PGDIR_SHIFT + __builtin_ctzl(PTRS_PER_PGD))
#define UNUSED_BITS	(BITS_PER_LONG - VA_BITS)

static bool is_canonical(unsigned long addr)
{
	return (unsigned long)((long)(addr << UNUSED_BITS) >> UNUSED_BITS) == addr;
}

static bool range_is_valid(unsigned long start, unsigned long last)
{
	if (start > last || start & ~PAGE_MASK || ~last & ~PAGE_MASK)
		return false;
	if (UNUSED_BITS && (long)(start ^ last) < 0)
		return false;
	return is_canonical(start) && is_canonical(last);
}

int __walk_page_range(struct mm_struct *mm, unsigned long start, unsigned long end,
		      const struct mm_walk_ops *ops, void *arg)
{
	const struct walk w = { mm, ops, arg };
	unsigned long next;
	pgd_t *pgd;
	int err;

	if (start == end && start)
		return 0;
	if (!range_is_valid(start, end - 1))
		return -EINVAL;
	pgd = pgd_offset(mm, start);
	do {
		next = pgd_addr_end(start, end);
		err = walk_pgd(&w, pgd, start, next);
		if (err)
			return err;
	} while (pgd++, start = next, start != end);
	return 0;
}
