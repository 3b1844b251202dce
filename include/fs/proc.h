/* SPDX-License-Identifier: MIT */
/*
 * procfs: files whose text is made when they are read (Love ch. 17, Mauerer 10.1).
 *
 *	proc.c		the tree: directories, lookup, /proc/self
 *	proc_seq.c	texts				proc_task.c	/proc/PID/...
 *	proc_maps.c	maps, smaps			proc_pages.c	pagemap, kpage*
 *	proc_fd.c	/proc/PID/fd			proc_system.c	meminfo, stat, ...
 *	proc_pagewalk.c	/proc/pagewalk/...		proc_walk.c	its walk, cr3
 *	proc_knob.c	its knob			proc_sys.c	/proc/sys
 *	proc_devices.c	partitions, diskstats, interrupts
 *	proc_blk.c	its disks, requests		proc_keymap.c	its keymap
 *	proc_rmap.c	its rmap		proc_framemap.c	its framemap
 *
 * An inode knows its entry and a pid, nothing more; the task is looked for at each read.
 * A file of a task that has ended, even if the pid is in use again, answers ESRCH.
 */
#ifndef FS_PROC_H
#define FS_PROC_H

#include <fs/fs.h>
#include <linux/stat.h>
#include <mm/mmap.h>

/* ---- texts (proc_seq.c) -------------------------------------------------------------- */

/* Grows until it holds the whole text: what does not fit makes the text be made again. */
struct seq {
	char *buf;
	size_t size, len;
	bool full;		/* something did not fit: the text is worthless */
	char *scratch;		/* PATH_MAX_K bytes for whoever makes the text */
};

void seq_printf(struct seq *s, const char *fmt, ...) __printf(2, 3);
void seq_puts(struct seq *s, const char *text);
void seq_write(struct seq *s, const void *data, size_t n);
/* Blanks until the line that began at `start` (a value of s->len) has `width` columns. */
void seq_pad(struct seq *s, size_t start, size_t width);
/* "name     1234 kB\n" as in status (a tab after the colon is part of name). */
void seq_kb(struct seq *s, const char *name, unsigned long pages);

/* ---- entries ------------------------------------------------------------------------- */

struct proc_entry {
	const char *name;
	unsigned mode;				/* S_IF* and permissions */
	/*
	 * One of these, by the kind of entry.  p is the task of a file below /proc/PID, else
	 * NULL; it is valid until the first sleep.  show() makes the whole text (it may
	 * sleep on mmap_sem, after its last use of p) and is called again for a larger
	 * buffer; link() writes an unterminated target.  0 or -errno; a length.
	 */
	int (*show)(struct seq *s, struct task_struct *p);
	int (*link)(struct task_struct *p, char *buf, size_t n);
	const struct file_operations *fop;
	const struct proc_sysctl *sysctl;	/* of a file of /proc/sys */
	/* Directory: the fixed entries; the last one has no name. */
	const struct proc_entry *children;
	/* Directory: further entries, by name; from ctx->pos on, PROC_DYNAMIC + something. */
	int (*find)(struct inode *dir, const char *name, size_t len, struct inode **inode);
	int (*list)(struct file *f, struct dir_context *ctx);
};

#define PROC_DYNAMIC	1024

#define PROC_TEXT(n, m, fn)	{ .name = n, .mode = S_IFREG | (m), .show = fn }
#define PROC_LINK(n, fn)	{ .name = n, .mode = S_IFLNK | 0777, .link = fn }
#define PROC_FILE(n, m, ops)	{ .name = n, .mode = S_IFREG | (m), .fop = ops }
#define PROC_DIR(n, table)	{ .name = n, .mode = S_IFDIR | 0555, .children = table }

static inline const struct proc_entry *proc_entry(const struct inode *inode)
{
	return inode->private;
}

/* pid << 16 | descriptor, which is 0 but for entries of /proc/PID/fd. */
static inline int proc_pid(const struct inode *inode)
{
	return (int)(inode->private_size >> 16);
}

static inline unsigned proc_fd(const struct inode *inode)
{
	return inode->private_size & 0xffff;
}

static inline struct task_struct *proc_task(const struct inode *inode)
{
	return find_task(proc_pid(inode));
}

/* A number without sign, leading zeroes or anything behind it; false: not one. */
bool proc_number(const char *name, size_t len, unsigned *value);

/* NULL: no memory. */
struct inode *proc_inode(const struct proc_entry *e, int pid, unsigned fd, unsigned long ino);

/* The mm of a task with a reference (mmput), or NULL. */
static inline struct mm_struct *proc_get_mm(struct task_struct *p)
{
	if (!p || !p->mm)
		return NULL;
	mmget(p->mm);
	return p->mm;
}

/* What an open file of a task keeps: the task may end and its pid be used again. */
struct proc_ref {
	int pid;
	u64 born;
};

void proc_ref_take(struct proc_ref *ref, const struct task_struct *p);
struct task_struct *proc_ref_task(const struct proc_ref *ref);	/* NULL: it has ended */

extern const struct proc_entry proc_pid_entries[], proc_root_entries[];
extern const struct proc_entry proc_end;	/* a table without entries */
extern const struct proc_entry proc_pagewalk_entries[], proc_sys_entries[];

extern const struct file_operations proc_text_ops;	/* of entries with show() */
extern const struct file_operations proc_pagemap_ops, proc_kpagecount_ops, proc_kpageflags_ops;
extern const struct file_operations pagewalk_trace_ops, pagewalk_frames_ops, pagewalk_walk_ops;
extern const struct file_operations pagewalk_knob_ops, pagewalk_requests_ops, pagewalk_rmap_ops;
extern const struct file_operations pagewalk_keymap_ops, pagewalk_framemap_ops;

/* "[heap]", "[stack]", or NULL: of a region without a file. */
const char *region_name(const struct vm_area_struct *vma);

int proc_show_maps(struct seq *s, struct task_struct *p);
int proc_show_smaps(struct seq *s, struct task_struct *p);
int proc_show_smaps_rollup(struct seq *s, struct task_struct *p);
int proc_show_mounts(struct seq *s, struct task_struct *p);
int proc_show_cr3(struct seq *s, struct task_struct *p);
int proc_show_disks(struct seq *s, struct task_struct *p);
int proc_show_partitions(struct seq *s, struct task_struct *p);
int proc_show_diskstats(struct seq *s, struct task_struct *p);
int proc_show_interrupts(struct seq *s, struct task_struct *p);
int proc_find_fd(struct inode *dir, const char *name, size_t len, struct inode **inode);
int proc_list_fd(struct file *f, struct dir_context *ctx);
int proc_find_thread(struct inode *dir, const char *name, size_t len, struct inode **inode);
int proc_list_threads(struct file *f, struct dir_context *ctx);

/*
 * What a program writes at once, n bytes, as a string in text[size], without a newline at its end.
 * Its length; -EINVAL: nothing, or too much; -EFAULT.
 */
long proc_get_text(char *text, size_t size, const char *buf, size_t n);

/*
 * Arrays of fixed-size records as files: fill n records from number `first` on; the
 * caller has cut n.  For proc_read_records().
 */
typedef int (*record_fn)(void *arg, u64 first, unsigned n, void *records);
long proc_read_records(char *buf, size_t n, loff_k *pos, unsigned size, u64 count,
		       record_fn fill, void *arg);

/*
 * Logs as files, whose position is the number of the last record that was read: next() gives the
 * first record behind number `seq` that is still there, and its number, 0: none.  `record` has
 * room for one, of `size` bytes.
 */
long proc_read_log(char *buf, size_t n, loff_k *pos, void *record, size_t size,
		   u64 (*next)(u64 seq, void *record));

/* KPF_* bits of a frame: /proc/kpageflags and /proc/pagewalk/frames. */
u64 proc_frame_flags(unsigned long pfn);

/* ---- knobs (proc_knob.c) ------------------------------------------------------------- */

/*
 * A name that may be written to /proc/pagewalk/knob as name=value when the kernel was
 * booted with test=.  fn gets the text behind "=", returns 0 or -errno, may sleep.
 * -ENOSPC: too many; -EEXIST.
 */
int register_knob(const char *name, int (*fn)(const char *value));

#endif
