/* SPDX-License-Identifier: MIT */
/*
 * /proc/PID/maps and smaps: the regions of an address space, column by column as Linux
 * prints them (Gorman 4.4, man 5 proc).
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

struct smaps {
	unsigned long shared_clean, shared_dirty, private_clean, private_dirty;
	unsigned long referenced, anonymous, swap;
	u64 pss;			/* bytes << 12, to add parts of pages exactly */
};

static int smaps_entry(pte_t *ptep, unsigned long addr, unsigned long next, void *arg)
{
	struct smaps *sum = arg;
	pte_t pte = *ptep;
	struct page *page;
	bool dirty;

	if (!pte_present(pte)) {
		sum->swap++;
		return 0;
	}
	if (is_zero_pfn(pte_pfn(pte)) || !pfn_valid(pte_pfn(pte)))
		return 0;
	page = pte_page(pte);
	if (PageReserved(page))
		return 0;
	dirty = pte_dirty(pte) || PageDirty(page);
	if (pte_young(pte) || PageReferenced(page))
		sum->referenced++;
	if (page_type(page) == PGT_ANON)
		sum->anonymous++;
	if (page_mapcount(page) > 1)
		*(dirty ? &sum->shared_dirty : &sum->shared_clean) += 1;
	else
		*(dirty ? &sum->private_dirty : &sum->private_clean) += 1;
	sum->pss += ((u64)PAGE_SIZE << 12) / (u32)max(page_mapcount(page), 1);
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

static void show_sums(struct seq *s, const struct vm_area_struct *vma)
{
	unsigned long rss;
	struct smaps sum = { 0 };

	walk_page_range(vma->vm_mm, vma->vm_start, vma->vm_end, &smaps_ops, &sum);
	rss = sum.shared_clean + sum.shared_dirty + sum.private_clean + sum.private_dirty;
	seq_kb(s, "Size:           ", vma_pages(vma));
	seq_puts(s, "KernelPageSize:        4 kB\nMMUPageSize:           4 kB\n");
	seq_kb(s, "Rss:            ", rss);
	seq_printf(s, "Pss:            %8lu kB\n", (unsigned long)(sum.pss >> 22));
	seq_kb(s, "Shared_Clean:   ", sum.shared_clean);
	seq_kb(s, "Shared_Dirty:   ", sum.shared_dirty);
	seq_kb(s, "Private_Clean:  ", sum.private_clean);
	seq_kb(s, "Private_Dirty:  ", sum.private_dirty);
	seq_kb(s, "Referenced:     ", sum.referenced);
	seq_kb(s, "Anonymous:      ", sum.anonymous);
	seq_kb(s, "Swap:           ", sum.swap);
	seq_kb(s, "Locked:         ", vma->vm_flags & VM_LOCKED ? rss : 0);
	show_flags(s, vma->vm_flags);
}

/* ---- the files ----------------------------------------------------------------------- */

static int show_regions(struct seq *s, struct task_struct *p, bool sums)
{
	struct mm_struct *mm = proc_get_mm(p);
	struct vm_area_struct *vma;

	if (!mm)
		return 0;
	down_read(&mm->mmap_sem);
	for (vma = mm->mmap; vma && !s->full; vma = vma->vm_next) {
		show_region(s, vma);
		if (sums)
			show_sums(s, vma);
	}
	up_read(&mm->mmap_sem);
	mmput(mm);
	return 0;
}

int proc_show_maps(struct seq *s, struct task_struct *p)
{
	return show_regions(s, p, false);
}

int proc_show_smaps(struct seq *s, struct task_struct *p)
{
	return show_regions(s, p, true);
}
