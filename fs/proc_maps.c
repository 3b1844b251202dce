/* SPDX-License-Identifier: MIT */
/*
 * /proc/PID/maps, smaps and smaps_rollup: the regions of an address space, column by column
 * as Linux prints them (Gorman 4.4, man 5 proc).
 */
#include <fs/proc.h>
#include <kernel/sched.h>
#include <kernel/string.h>
#include <mm/mm.h>
#include "internal.h"

/* Where the name of a region starts: as wide as the longest numbers need. */
#define NAME_COLUMN	(25 + sizeof(void *) * 6)

const char *region_name(const struct vm_area_struct *vma)
{
	const struct mm_struct *mm = vma->vm_mm;

	if (vma->vm_start <= mm->brk && vma->vm_end >= mm->start_brk)
		return "[heap]";
	if (vma->vm_start <= mm->start_stack && vma->vm_end >= mm->start_stack)
		return "[stack]";
	return NULL;
}

static void show_region(struct seq *s, const struct vm_area_struct *vma)
{
	const struct inode *inode = vma->vm_file ? vma->vm_file->inode : NULL;
	unsigned long flags = vma->vm_flags;
	const char *name;
	size_t start = s->len;

	seq_printf(s, "%08lx-%08lx %c%c%c%c %08llx %02x:%02x %lu ", vma->vm_start, vma->vm_end,
		   flags & VM_READ ? 'r' : '-', flags & VM_WRITE ? 'w' : '-',
		   flags & VM_EXEC ? 'x' : '-', flags & VM_MAYSHARE ? 's' : 'p',
		   inode ? (unsigned long long)vma->vm_pgoff << PAGE_SHIFT : 0,
		   inode ? inode->dev >> 8 : 0, inode ? inode->dev & 0xff : 0,
		   inode ? inode->ino : 0);
	name = inode ? file_path(vma->vm_file, s->scratch, PATH_MAX_K) : region_name(vma);
	if (name) {
		seq_pad(s, start, NAME_COLUMN);
		seq_puts(s, name);
	}
	seq_puts(s, "\n");
}

/* ---- smaps --------------------------------------------------------------------------- */

/* Pages; of the pss* bytes << 12, to add parts of pages exactly. */
struct smaps {
	unsigned long shared_clean, shared_dirty, private_clean, private_dirty;
	unsigned long referenced, anonymous, swap, locked;
	u64 pss, pss_dirty, pss_anon, pss_locked;
};

static int smaps_entry(pte_t *ptep, unsigned long addr, unsigned long next, void *arg)
{
	struct smaps *sum = arg;
	pte_t pte = *ptep;
	struct page *page;
	bool dirty;
	u64 part;

	if (!pte_present(pte)) {
		sum->swap++;
		return 0;
	}
	if (!pfn_valid(pte_pfn(pte)))
		return 0;
	page = pte_page(pte);
	if (page_type(page) != PGT_ANON && page_type(page) != PGT_FILE)
		return 0;	/* a device's, reserved, the zero page: nobody's resident page */
	dirty = pte_dirty(pte) || PageDirty(page);
	if (pte_young(pte) || PageReferenced(page))
		sum->referenced++;
	part = ((u64)PAGE_SIZE << 12) / (u32)max(page_mapcount(page), 1);
	sum->pss += part;
	sum->pss_dirty += dirty ? part : 0;
	if (page_type(page) == PGT_ANON) {
		sum->anonymous++;
		sum->pss_anon += part;
	}
	if (page_mapcount(page) > 1)
		*(dirty ? &sum->shared_dirty : &sum->shared_clean) += 1;
	else
		*(dirty ? &sum->private_dirty : &sum->private_clean) += 1;
	return 0;
}

static const struct mm_walk_ops smaps_ops = {
	.flags = WALK_SKIP_NONE, .pte_entry = smaps_entry,
};

static const struct {
	unsigned long flag;
	char name[3];
} flag_names[] = {
	{ VM_READ, "rd" }, { VM_WRITE, "wr" }, { VM_EXEC, "ex" }, { VM_SHARED, "sh" },
	{ VM_MAYREAD, "mr" }, { VM_MAYWRITE, "mw" }, { VM_MAYEXEC, "me" },
	{ VM_MAYSHARE, "ms" }, { VM_GROWSDOWN, "gd" }, { VM_PFNMAP, "pf" },
	{ VM_LOCKED, "lo" }, { VM_IO, "io" }, { VM_SEQ_READ, "sr" }, { VM_RAND_READ, "rr" },
	{ VM_DONTCOPY, "dc" }, { VM_DONTEXPAND, "de" }, { VM_LOCKONFAULT, "lf" },
	{ VM_ACCOUNT, "ac" }, { VM_NORESERVE, "nr" }, { VM_WIPEONFORK, "wf" }, { VM_DONTDUMP, "dd" },
};

static void show_flags(struct seq *s, unsigned long flags)
{
	unsigned i;

	seq_puts(s, "VmFlags: ");
	for (i = 0; i < ARRAY_SIZE(flag_names); i++)
		if (flags & flag_names[i].flag)
			seq_printf(s, "%s ", flag_names[i].name);
	seq_puts(s, "\n");
}

static unsigned long smaps_rss(const struct smaps *sum)
{
	return sum->shared_clean + sum->shared_dirty + sum->private_clean + sum->private_dirty;
}

static void seq_pss(struct seq *s, const char *name, u64 pss)
{
	seq_printf(s, "%s%8lu kB\n", name, (unsigned long)(pss >> 22));
}

/* Sums of a region, or of all: of the whole, Pss is also shown by kind. */
static void show_counts(struct seq *s, const struct smaps *sum, bool rollup)
{
	seq_kb(s, "Rss:            ", smaps_rss(sum));
	seq_pss(s, "Pss:            ", sum->pss);
	seq_pss(s, "Pss_Dirty:      ", sum->pss_dirty);
	if (rollup) {
		seq_pss(s, "Pss_Anon:       ", sum->pss_anon);
		seq_pss(s, "Pss_File:       ", sum->pss - sum->pss_anon);
		seq_kb(s, "Pss_Shmem:      ", 0);
	}
	seq_kb(s, "Shared_Clean:   ", sum->shared_clean);
	seq_kb(s, "Shared_Dirty:   ", sum->shared_dirty);
	seq_kb(s, "Private_Clean:  ", sum->private_clean);
	seq_kb(s, "Private_Dirty:  ", sum->private_dirty);
	seq_kb(s, "Referenced:     ", sum->referenced);
	seq_kb(s, "Anonymous:      ", sum->anonymous);
	seq_kb(s, "LazyFree:       ", 0);
	seq_kb(s, "AnonHugePages:  ", 0);
	seq_kb(s, "ShmemPmdMapped: ", 0);
	seq_kb(s, "FilePmdMapped:  ", 0);
	seq_kb(s, "Shared_Hugetlb: ", 0);
	seq_puts(s, "Private_Hugetlb:       0 kB\n");
	seq_kb(s, "Swap:           ", sum->swap);
	seq_kb(s, "SwapPss:        ", sum->swap);
	seq_pss(s, "Locked:         ", sum->pss_locked);
}

static void add_region(const struct vm_area_struct *vma, struct smaps *sum)
{
	u64 pss = sum->pss;

	walk_page_range(vma->vm_mm, vma->vm_start, vma->vm_end, &smaps_ops, sum);
	if (vma->vm_flags & VM_LOCKED)
		sum->pss_locked += sum->pss - pss;
}

static void show_sums(struct seq *s, const struct vm_area_struct *vma)
{
	struct smaps sum = { 0 };

	add_region(vma, &sum);
	seq_kb(s, "Size:           ", vma_pages(vma));
	seq_puts(s, "KernelPageSize:        4 kB\nMMUPageSize:           4 kB\n");
	show_counts(s, &sum, false);
	seq_puts(s, "THPeligible:    0\n");
	show_flags(s, vma->vm_flags);
}

/* ---- the files ----------------------------------------------------------------------- */

/* There may be 65,530 of them: others run meanwhile, and who is killed need not finish. */
static int show_regions(struct seq *s, struct task_struct *p, bool sums)
{
	struct mm_struct *mm = proc_get_mm(p);
	struct vm_area_struct *vma;
	int ret = 0;

	if (!mm)
		return 0;
	down_read(&mm->mmap_sem);
	for (vma = mm->mmap; vma && !s->full; vma = vma->vm_next) {
		show_region(s, vma);
		if (sums)
			show_sums(s, vma);
		if (fatal_signal_pending(current)) {
			ret = -EINTR;
			break;
		}
		cond_resched();
	}
	up_read(&mm->mmap_sem);
	mmput(mm);
	return ret;
}

int proc_show_maps(struct seq *s, struct task_struct *p)
{
	return show_regions(s, p, false);
}

int proc_show_smaps(struct seq *s, struct task_struct *p)
{
	return show_regions(s, p, true);
}

/* All regions in one, from the first to the end of the last. */
int proc_show_smaps_rollup(struct seq *s, struct task_struct *p)
{
	struct mm_struct *mm = proc_get_mm(p);
	unsigned long start, last = 0;
	struct vm_area_struct *vma;
	struct smaps sum = { 0 };
	size_t column = s->len;

	if (!mm)
		return -ESRCH;
	down_read(&mm->mmap_sem);
	start = mm->mmap ? mm->mmap->vm_start : 0;
	for (vma = mm->mmap; vma; vma = vma->vm_next) {
		add_region(vma, &sum);
		last = vma->vm_end;
		cond_resched();
	}
	up_read(&mm->mmap_sem);
	mmput(mm);
	seq_printf(s, "%08lx-%08lx ---p 00000000 00:00 0 ", start, last);
	seq_pad(s, column, NAME_COLUMN);
	seq_puts(s, "[rollup]\n");
	show_counts(s, &sum, true);
	return 0;
}
