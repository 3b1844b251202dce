/* SPDX-License-Identifier: MIT */
/*
 * /proc/pagewalk/rmap: who maps a frame, by reverse mapping (mm/rmap.h).
 *
 * Writing "frame=N" makes the list, at one moment; reading gives it, record by record.  Only
 * anonymous pages and pages of files have entries that are counted; the list of any other frame
 * is empty, that of the zero page too.
 */
#include <fs/proc.h>
#include <kernel/sched.h>
#include <kernel/string.h>
#include <mm/mm.h>
#include <mm/rmap.h>
#include <mm/vmalloc.h>
#include "internal.h"
#include <linux/errno.h>

#define TEXT_MAX	32

/* Several may read one descriptor at once, and one write to it. */
struct rmap_file {
	struct rw_semaphore lock;
	struct pagewalk_mapping *list;	/* NULL: nothing was asked yet */
	unsigned n, room;
};

static int rmap_open(struct inode *inode, struct file *f)
{
	struct rmap_file *rf = kzalloc(sizeof(*rf), GFP_KERNEL);

	if (!rf)
		return -ENOMEM;
	init_rwsem(&rf->lock);
	f->private = rf;
	return 0;
}

static void rmap_release(struct file *f)
{
	struct rmap_file *rf = f->private;

	vfree(rf->list);
	kfree(rf);
}

/* ---- the list ------------------------------------------------------------------------ */

/* Several may run in it: the oldest one. */
static int pid_of(const struct mm_struct *mm)
{
	const struct task_struct *p;

	for_each_task(p)
		if (p->mm == mm)
			return p->tgid;
	return 0;
}

static int add_mapping(struct page *page, struct vm_area_struct *vma, unsigned long addr,
		       pte_t *ptep, void *arg)
{
	struct rmap_file *rf = arg;

	if (rf->n == rf->room)
		return 1;
	rf->list[rf->n++] = (struct pagewalk_mapping){
		.address = addr, .entry = pte_val(*ptep), .top = mm_top_frame(vma->vm_mm),
		.pid = pid_of(vma->vm_mm),
	};
	return 0;
}

/* The list needs memory, for which others may run, who map and unmap. */
static int make_list(struct rmap_file *rf, struct page *page)
{
	unsigned want;

	do {
		want = (unsigned)page_mapcount(page);
		vfree(rf->list);
		rf->n = rf->room = 0;
		rf->list = vmalloc(max(want, 1u) * sizeof(*rf->list));
		if (!rf->list)
			return -ENOMEM;
		rf->room = want;
	} while ((unsigned)page_mapcount(page) > want);
	if (page_type(page) == PGT_ANON || page_type(page) == PGT_FILE)
		rmap_walk(page, add_mapping, rf);
	return 0;
}

static bool frame_exists(unsigned long pfn)
{
	return pfn_valid(pfn) && page_type(pfn_to_page(pfn)) != PGT_ABSENT;
}

static long rmap_write(struct file *f, const char *buf, size_t n, loff_k *pos)
{
	struct rmap_file *rf = f->private;
	char text[TEXT_MAX];
	unsigned pfn;
	long ret = proc_get_text(text, sizeof(text), buf, n);

	if (ret < 0)
		return ret;
	if (strncmp(text, "frame=", 6) || !proc_number(text + 6, (size_t)ret - 6, &pfn))
		return -EINVAL;
	if (!frame_exists(pfn))
		return -ENXIO;
	down_write(&rf->lock);
	ret = make_list(rf, pfn_to_page(pfn));
	up_write(&rf->lock);
	*pos = 0;
	return ret ? ret : (long)n;
}

/* ---- reading ------------------------------------------------------------------------- */

static int rmap_fill(void *arg, u64 first, unsigned n, void *records)
{
	const struct rmap_file *rf = arg;

	memcpy(records, rf->list + first, n * sizeof(*rf->list));
	return 0;
}

static long rmap_read(struct file *f, char *buf, size_t n, loff_k *pos)
{
	struct rmap_file *rf = f->private;
	long ret;

	down_read(&rf->lock);
	ret = proc_read_records(buf, n, pos, sizeof(*rf->list), rf->n, rmap_fill, rf);
	up_read(&rf->lock);
	return ret;
}

const struct file_operations pagewalk_rmap_ops = {
	.open = rmap_open, .release = rmap_release, .read = rmap_read, .write = rmap_write,
};
