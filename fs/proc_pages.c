/* SPDX-License-Identifier: MIT */
/*
 * Frames and entries as arrays of 64-bit words, in Linux's layouts (Documentation,
 * "pagemap"): /proc/PID/pagemap, a word for each page of the address space;
 * /proc/kpagecount and /proc/kpageflags, a word for each frame.
 */
#include <fs/proc.h>
#include <kernel/sched.h>
#include <kernel/string.h>
#include <linux/kernel-page-flags.h>
#include <mm/fault.h>
#include <mm/mm.h>
#include "internal.h"

#define PM_FRAME(pfn)	((u64)(pfn) & ((1ull << 55) - 1))
#define PM_EXCLUSIVE	(1ull << 56)
#define PM_FILE		(1ull << 61)
#define PM_SWAP		(1ull << 62)
#define PM_PRESENT	(1ull << 63)

/* ---- pagemap ------------------------------------------------------------------------- */

static u64 pagemap_word(pte_t pte)
{
	unsigned long pfn = pte_pfn(pte);
	struct page *page;
	u64 word;

	if (pte_none(pte))
		return 0;
	if (!pte_present(pte))
		return PM_SWAP | pte_swp_type(pte) | (u64)pte_swp_offset(pte) << 5;
	word = PM_PRESENT | PM_FRAME(pfn);
	if (is_zero_pfn(pfn) || !pfn_valid(pfn))
		return word;
	page = pfn_to_page(pfn);
	if (page_type(page) == PGT_FILE)
		word |= PM_FILE;
	if (page_mapcount(page) == 1)
		word |= PM_EXCLUSIVE;
	return word;
}

struct pagemap_fill {
	unsigned long start;
	u64 *words;
};

static int pagemap_entry(pte_t *pte, unsigned long addr, unsigned long next, void *arg)
{
	struct pagemap_fill *fill = arg;

	fill->words[(addr - fill->start) >> PAGE_SHIFT] = pagemap_word(*pte);
	return 0;
}

static const struct mm_walk_ops pagemap_walk = {
	.flags = WALK_SKIP_NONE, .pte_entry = pagemap_entry,
};

static int pagemap_fill(void *arg, u64 first, unsigned n, void *words)
{
	struct mm_struct *mm = arg;
	struct pagemap_fill fill = { (unsigned long)first << PAGE_SHIFT, words };
	int ret;

	memset(words, 0, n * sizeof(u64));
	down_read(&mm->mmap_sem);
	ret = walk_page_range(mm, fill.start, fill.start + ((unsigned long)n << PAGE_SHIFT),
			      &pagemap_walk, &fill);
	up_read(&mm->mmap_sem);
	return ret;
}

static long pagemap_read(struct file *f, char *buf, size_t n, loff_k *pos)
{
	struct task_struct *p = proc_task(f->inode);
	struct mm_struct *mm = proc_get_mm(p);
	long ret;

	if (!mm)
		return p ? 0 : -ESRCH;
	ret = proc_read_records(buf, n, pos, sizeof(u64), mm->task_size >> PAGE_SHIFT,
				pagemap_fill, mm);
	mmput(mm);
	return ret;
}

const struct file_operations proc_pagemap_ops = { .read = pagemap_read };

/* ---- frames -------------------------------------------------------------------------- */

/* Which of our flags is which of Linux's. */
static const struct {
	u8 ours, theirs;
} flag_map[] = {
	{ PG_locked, KPF_LOCKED }, { PG_error, KPF_ERROR }, { PG_referenced, KPF_REFERENCED },
	{ PG_uptodate, KPF_UPTODATE }, { PG_dirty, KPF_DIRTY }, { PG_lru, KPF_LRU },
	{ PG_active, KPF_ACTIVE }, { PG_writeback, KPF_WRITEBACK },
	{ PG_reclaim, KPF_RECLAIM }, { PG_swapcache, KPF_SWAPCACHE },
	{ PG_unevictable, KPF_UNEVICTABLE }, { PG_buddy, KPF_BUDDY },
};

static u64 type_flags(const struct page *page)
{
	switch (page_type(page)) {
	case PGT_SLAB:
		return 1ull << KPF_SLAB;
	case PGT_TABLE:
		return 1ull << KPF_PGTABLE;
	case PGT_ANON:
		return 1ull << KPF_ANON | 1ull << KPF_SWAPBACKED;
	case PGT_FREE:
		return 1ull << KPF_BUDDY;
	case PGT_ABSENT:
		return 1ull << KPF_NOPAGE;
	default:
		return 0;
	}
}

u64 proc_frame_flags(unsigned long pfn)
{
	const struct page *page;
	u64 flags;
	unsigned i;

	if (!pfn_valid(pfn))
		return 1ull << KPF_NOPAGE;
	page = pfn_to_page(pfn);
	flags = type_flags(page);
	if (page_type(page) == PGT_ABSENT)
		return flags;
	for (i = 0; i < ARRAY_SIZE(flag_map); i++)
		if (page->flags & 1ul << flag_map[i].ours)
			flags |= 1ull << flag_map[i].theirs;
	if (page_mapcount(page) > 0)
		flags |= 1ull << KPF_MMAP;
	if (is_zero_pfn(pfn))
		flags |= 1ull << KPF_ZERO_PAGE;
	return flags;
}

static int kpageflags_fill(void *arg, u64 first, unsigned n, void *records)
{
	u64 *words = records;
	unsigned i;

	for (i = 0; i < n; i++)
		words[i] = proc_frame_flags((unsigned long)first + i);
	return 0;
}

static int kpagecount_fill(void *arg, u64 first, unsigned n, void *records)
{
	unsigned long pfn = (unsigned long)first;
	u64 *words = records;
	unsigned i;

	for (i = 0; i < n; i++)
		words[i] = pfn_valid(pfn + i) ? (u64)page_mapcount(pfn_to_page(pfn + i)) : 0;
	return 0;
}

static long kpageflags_read(struct file *f, char *buf, size_t n, loff_k *pos)
{
	return proc_read_records(buf, n, pos, sizeof(u64), max_pfn, kpageflags_fill, NULL);
}

static long kpagecount_read(struct file *f, char *buf, size_t n, loff_k *pos)
{
	return proc_read_records(buf, n, pos, sizeof(u64), max_pfn, kpagecount_fill, NULL);
}

const struct file_operations proc_kpageflags_ops = { .read = kpageflags_read };
const struct file_operations proc_kpagecount_ops = { .read = kpagecount_read };
