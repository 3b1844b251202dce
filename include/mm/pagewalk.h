/* SPDX-License-Identifier: MIT */
/*
 * The one walk over a range of page tables (mm/pagewalk.c).  Every operation on a range
 * is a callback of this walk.
 */
#ifndef MM_PAGEWALK_H
#define MM_PAGEWALK_H

#include <mm/pgtable.h>

#define WALK_ALLOC	0x1u	/* make missing tables; then hole() is never called */
#define WALK_SKIP_NONE	0x2u	/* pte_entry() is not called for empty entries */

/* The level of an entry; also that of a large page. */
enum pgtable_level { LEVEL_PTE, LEVEL_PMD, LEVEL_PUD, LEVEL_PGD };

/*
 * Callbacks, each optional.  A value other than 0 ends the walk and is its result.  The
 * ranges [addr, next) of successive calls ascend and do not overlap; next is 0 for the
 * top of memory.  pte_entry() and pte_range() run while the table is mapped by
 * kmap_local: they must not sleep and must leave kmap_local as they found it.
 */
struct mm_walk_ops {
	unsigned int flags;
	/* One entry of a page table, empty or not. */
	int (*pte_entry)(pte_t *pte, unsigned long addr, unsigned long next, void *arg);
	/* Instead of pte_entry: all entries of one table at once, for short loops. */
	int (*pte_range)(pte_t *pte, unsigned long addr, unsigned long next, void *arg);
	/* A large page; [addr, next) is the part inside the range. */
	int (*large_entry)(enum pgtable_level level, unsigned long value,
			   unsigned long addr, unsigned long next, void *arg);
	/* No table: the span of one missing entry of an upper level, cut to the range. */
	int (*hole)(unsigned long addr, unsigned long next, void *arg);
};

/*
 * Walk [start, end), both page aligned; end == 0 is the top of memory.  Under four levels
 * a range lies in one half.  -EINVAL for any other range; with WALK_ALLOC -ENOMEM
 * (what came before stays) or -EBUSY (a large page where a table is needed, and no
 * large_entry()); else what the last callback returned.
 */
int __walk_page_range(struct mm_struct *mm, unsigned long start, unsigned long end,
		      const struct mm_walk_ops *ops, void *arg);

/* Whole pages of user addresses that one page table maps? */
static inline bool in_one_table(const struct mm_struct *mm, unsigned long start,
				unsigned long end)
{
	return start < end && end <= mm->task_size && !((start | end) & ~PAGE_MASK) &&
	       (start ^ (end - 1)) < PGTABLE_SPAN;
}

/* Most ranges are such, and who only wants the entries gets them without the way down. */
static inline int walk_page_range(struct mm_struct *mm, unsigned long start,
				  unsigned long end, const struct mm_walk_ops *ops, void *arg)
{
	pte_t *pte;
	int err;

	if (!ops->pte_range || ops->flags || ops->hole || ops->large_entry ||
	    !in_one_table(mm, start, end))
		return __walk_page_range(mm, start, end, ops, arg);
	pte = pte_lookup(mm, start);
	if (!pte)
		return 0;
	err = ops->pte_range(pte, start, end, arg);
	pte_unmap(pte);
	return err;
}

#endif
