/* SPDX-License-Identifier: MIT */
/*
 * /proc/pagewalk: what tests and tools see of the machine beyond Linux's interfaces.  The
 * layouts are in include/uapi/pagewalk.h, the walk in proc_walk.c, knobs in proc_knob.c.
 */
#include <asm/layout-table.h>
#include <fs/proc.h>
#include <kernel/counters.h>
#include <kernel/sched.h>
#include <kernel/string.h>
#include <kernel/trace.h>
#include <mm/mm.h>
#include <mm/mmap.h>
#include "internal.h"

/* ---- counters ------------------------------------------------------------------------ */

static int show_counters(struct seq *s, struct task_struct *p)
{
	struct kmem_cache *c;
	struct zone *zone;
	unsigned i;

	for (i = 0; i < counter_count; i++)
		seq_printf(s, "%s %lu\n", counter_table[i].name, *counter_table[i].value);
	for (zone = zones; zone < zones + MAX_NR_ZONES; zone++)
		seq_printf(s, "free_%s %lu\n", zone->name, zone->free_pages);
	seq_printf(s, "free_pages %lu\n", nr_free_pages());
	for_each_kmem_cache(c)
		seq_printf(s, "slab_%s %lu\n", c->name, kmem_cache_inuse(c));
	seq_printf(s, "nr_tasks %lu\nnr_mms %lu\n", nr_tasks, nr_mms);
	seq_printf(s, "nr_inodes %lu\nnr_dentries %lu\nnr_open_files %lu\n", nr_inodes,
		   nr_dentries, nr_open_files);
	if (current->mm)
		seq_printf(s, "mm_users %d\nmm_count %d\n", current->mm->mm_users,
			   current->mm->mm_count);
	seq_printf(s, "trace_seq %llu\ntrace_size %lu\n", (unsigned long long)trace_seq(),
		   trace_size());
	return 0;
}

/* ---- windows ------------------------------------------------------------------------- */

static int show_windows(struct seq *s, struct task_struct *p)
{
	unsigned i;

	for (i = 0; i < window_count; i++)
		seq_printf(s, "%08lx-%08lx %s\n", window_table[i].start, window_table[i].end,
			   window_table[i].name);
	return 0;
}

/* ---- trace --------------------------------------------------------------------------- */

/* For proc_read_log(). */
static u64 next_event(u64 seq, void *event)
{
	u64 last = trace_seq(), oldest = last > trace_size() ? last - trace_size() : 0;

	for (seq = max(seq, oldest); seq < last; seq++)
		if (trace_read(seq + 1, event))
			return seq + 1;
	return 0;
}

static long trace_file_read(struct file *f, char *buf, size_t n, loff_k *pos)
{
	struct pagewalk_event event;

	return proc_read_log(buf, n, pos, &event, sizeof(event), next_event);
}

/* SEEK_END: behind the last event that there is now. */
static loff_k trace_llseek(struct file *f, loff_k offset, int whence)
{
	return llseek_by_size(f, offset, whence, (loff_k)trace_seq());
}

const struct file_operations pagewalk_trace_ops = {
	.read = trace_file_read, .llseek = trace_llseek,
};

/* ---- frames -------------------------------------------------------------------------- */

static_assert((int)PAGEWALK_FRAME_TYPES == (int)NR_PAGE_TYPES &&
	      (int)PAGEWALK_FRAME_TABLE == (int)PGT_TABLE &&
	      (int)PAGEWALK_FRAME_ANON == (int)PGT_ANON &&
	      (int)PAGEWALK_FRAME_FREE == (int)PGT_FREE &&
	      (int)PAGEWALK_FRAME_ABSENT == (int)PGT_ABSENT, "uapi/pagewalk.h has the same types");

static void fill_frame(struct pagewalk_frame *frame, unsigned long pfn)
{
	const struct page *page;

	*frame = (struct pagewalk_frame){
		.pfn = pfn, .type = PAGEWALK_FRAME_ABSENT, .flags = proc_frame_flags(pfn),
	};
	if (!pfn_valid(pfn))
		return;
	page = pfn_to_page(pfn);
	frame->type = page_type(page);
	frame->zone = page_zonenum(page);
	frame->refcount = page_count(page);
	frame->mapcount = page_mapcount(page);
}

static int frames_fill(void *arg, u64 first, unsigned n, void *records)
{
	struct pagewalk_frame *frames = records;
	unsigned i;

	for (i = 0; i < n; i++)
		fill_frame(&frames[i], (unsigned long)first + i);
	return 0;
}

static long frames_read(struct file *f, char *buf, size_t n, loff_k *pos)
{
	return proc_read_records(buf, n, pos, sizeof(struct pagewalk_frame), max_pfn, frames_fill,
				 NULL);
}

const struct file_operations pagewalk_frames_ops = { .read = frames_read };

const struct proc_entry proc_pagewalk_entries[] = {
	PROC_TEXT("counters", 0444, show_counters),
	PROC_TEXT("cr3", 0444, proc_show_cr3),
	PROC_TEXT("disks", 0444, proc_show_disks),
	PROC_FILE("framemap", 0400, &pagewalk_framemap_ops),
	PROC_FILE("frames", 0400, &pagewalk_frames_ops),
	PROC_FILE("keymap", 0644, &pagewalk_keymap_ops),
	PROC_FILE("knob", 0200, &pagewalk_knob_ops),
	PROC_FILE("requests", 0400, &pagewalk_requests_ops),
	PROC_FILE("rmap", 0600, &pagewalk_rmap_ops),
	PROC_FILE("trace", 0400, &pagewalk_trace_ops),
	PROC_FILE("walk", 0600, &pagewalk_walk_ops),
	PROC_TEXT("windows", 0444, show_windows),
	{ .name = NULL }
};
