/* SPDX-License-Identifier: MIT */
/*
 * /proc/PID: what a task is and what it uses, in Linux's formats (man 5 proc), so that ps,
 * top and test programs read it as they do there.
 *
 * The texts here are made without sleeping, so the task cannot go away meanwhile, and
 * without mmap_sem: lists of regions are changed in one go, never with a sleep half-way.
 */
#include <asm/ptrace.h>
#include <asm/uaccess.h>
#include <fs/proc.h>
#include <kernel/sched.h>
#include <kernel/string.h>
#include <kernel/time.h>
#include <kernel/tty.h>
#include <linux/resource.h>
#include <mm/mm.h>
#include "internal.h"

#define CLOCK_TICK_NS	10000000u	/* times are in 1/100 s */

static const char *state_name(const struct task_struct *p)
{
	if (p->state & TASK_ZOMBIE)
		return "Z (zombie)";
	if (p->state & TASK_DEAD)
		return "X (dead)";
	if (p->state & TASK_STOPPED)
		return "T (stopped)";
	if (p->state & TASK_UNINTERRUPTIBLE)	/* how kernel threads wait for work */
		return p->flags & PF_KTHREAD ? "I (idle)" : "D (disk sleep)";
	return p->state & TASK_INTERRUPTIBLE ? "S (sleeping)" : "R (running)";
}

static int thread_count(const struct task_struct *p)
{
	const struct task_struct *t = next_thread((struct task_struct *)p);
	int n = 1;

	for (; t != p; t = next_thread((struct task_struct *)t))
		n++;
	return n;
}

static int parent_pid(const struct task_struct *p)
{
	/* A thread's own pointer is as old as the thread. */
	return p->group_leader && p->group_leader->parent ? p->group_leader->parent->tgid : 0;
}

static void signal_sets(const struct task_struct *p, ksigset_t *ignored, ksigset_t *caught)
{
	int sig;

	*ignored = *caught = 0;
	for (sig = 1; p->sighand && sig <= _NSIG; sig++) {
		unsigned long handler = p->sighand->action[sig - 1].handler;

		if (handler == SIG_IGN_K)
			*ignored |= sigmask(sig);
		else if (handler != SIG_DFL_K)
			*caught |= sigmask(sig);
	}
}

/* Pages by kind of region that the mm does not count itself. */
struct mm_sums {
	unsigned long stack, exec;
};

static struct mm_sums sum_regions(const struct mm_struct *mm)
{
	struct mm_sums sums = { 0, 0 };
	struct vm_area_struct *vma;

	for (vma = mm->mmap; vma; vma = vma->vm_next) {
		if (vma->vm_flags & VM_GROWSDOWN)
			sums.stack += vma_pages(vma);
		else if ((vma->vm_flags & (VM_EXEC | VM_WRITE)) == VM_EXEC)
			sums.exec += vma_pages(vma);
	}
	return sums;
}

static unsigned long text_pages(const struct mm_struct *mm)
{
	return (PAGE_ALIGN(mm->end_code) - (mm->start_code & PAGE_MASK)) >> PAGE_SHIFT;
}

/* ---- status -------------------------------------------------------------------------- */

static void show_mm_lines(struct seq *s, const struct mm_struct *mm)
{
	struct mm_sums sums = sum_regions(mm);
	unsigned long rss = mm_rss(mm), text = text_pages(mm);

	seq_kb(s, "VmPeak:\t", max(mm->hiwater_vm, mm->total_vm));
	seq_kb(s, "VmSize:\t", mm->total_vm);
	seq_kb(s, "VmLck:\t", mm->locked_vm);
	seq_kb(s, "VmPin:\t", 0);
	seq_kb(s, "VmHWM:\t", max(mm->hiwater_rss, rss));
	seq_kb(s, "VmRSS:\t", rss);
	seq_kb(s, "RssAnon:\t", mm->rss[MM_ANONPAGES]);
	seq_kb(s, "RssFile:\t", mm->rss[MM_FILEPAGES]);
	seq_kb(s, "RssShmem:\t", 0);
	seq_kb(s, "VmData:\t", mm->data_vm);
	seq_kb(s, "VmStk:\t", sums.stack);
	seq_kb(s, "VmExe:\t", text);
	seq_kb(s, "VmLib:\t", sums.exec > text ? sums.exec - text : 0);
	seq_kb(s, "VmPTE:\t", mm->nr_ptes + mm->nr_pmds + mm->nr_puds);
	seq_kb(s, "VmSwap:\t", mm->rss[MM_SWAPENTS]);
	seq_kb(s, "HugetlbPages:\t", 0);
	seq_puts(s, "CoreDumping:\t0\nTHP_enabled:\t0\n");
}

static void show_ids(struct seq *s, const struct task_struct *p)
{
	seq_printf(s, "Name:\t%s\n", p->comm);
	if (p->fs)
		seq_printf(s, "Umask:\t%04o\n", p->fs->umask);
	seq_printf(s, "State:\t%s\nTgid:\t%d\nNgid:\t0\nPid:\t%d\nPPid:\t%d\nTracerPid:\t0\n",
		   state_name(p), p->tgid, p->pid, parent_pid(p));
	seq_printf(s, "Uid:\t%u\t%u\t%u\t%u\n", p->uid, p->euid, p->suid, p->euid);
	seq_printf(s, "Gid:\t%u\t%u\t%u\t%u\n", p->gid, p->egid, p->sgid, p->egid);
	seq_printf(s, "FDSize:\t%u\nGroups:\t \n", p->files ? files_max(p->files) : 0);
	seq_printf(s, "NStgid:\t%d\nNSpid:\t%d\nNSpgid:\t%d\nNSsid:\t%d\n", p->tgid, p->pid,
		   p->pgrp, p->session);
}

static void show_signals(struct seq *s, const struct task_struct *p)
{
	ksigset_t ignored, caught;

	signal_sets(p, &ignored, &caught);
	seq_printf(s, "SigQ:\t0/%lu\n", p->rlim[RLIMIT_SIGPENDING].cur);
	seq_printf(s, "SigPnd:\t%016llx\nShdPnd:\t%016llx\nSigBlk:\t%016llx\n",
		   (unsigned long long)p->signal.pending,
		   (unsigned long long)p->group_leader->signal.shared,
		   (unsigned long long)p->signal.blocked);
	seq_printf(s, "SigIgn:\t%016llx\nSigCgt:\t%016llx\n", (unsigned long long)ignored,
		   (unsigned long long)caught);
}

static void show_caps(struct seq *s, const struct task_struct *p)
{
	seq_printf(s, "CapInh:\t%016llx\nCapPrm:\t%016llx\nCapEff:\t%016llx\n",
		   (unsigned long long)p->cap_inheritable, (unsigned long long)p->cap_permitted,
		   (unsigned long long)p->cap_effective);
	seq_printf(s, "CapBnd:\t%016llx\nCapAmb:\t%016llx\n", (1ull << (CAP_LAST_CAP + 1)) - 1,
		   0ull);
}

static int show_status(struct seq *s, struct task_struct *p)
{
	show_ids(s, p);
	if (p->mm)
		show_mm_lines(s, p->mm);
	seq_printf(s, "Threads:\t%d\n", thread_count(p));
	show_signals(s, p);
	show_caps(s, p);
	seq_puts(s, "NoNewPrivs:\t0\nSeccomp:\t0\nSeccomp_filters:\t0\n");
	seq_puts(s, "Cpus_allowed:\t1\nCpus_allowed_list:\t0\nMems_allowed:\t1\n");
	seq_puts(s, "Mems_allowed_list:\t0\n");
	seq_printf(s, "voluntary_ctxt_switches:\t%lu\nnonvoluntary_ctxt_switches:\t%lu\n",
		   p->nvcsw, p->nivcsw);
	return 0;
}

/* ---- stat, statm --------------------------------------------------------------------- */

static unsigned long long clock_ticks(u64 ns)
{
	return ns / CLOCK_TICK_NS;
}

static unsigned long user_sp(const struct task_struct *p)
{
	return p->flags & PF_KTHREAD ? 0 : task_pt_regs((struct task_struct *)p)->sp;
}

static unsigned long user_ip(const struct task_struct *p)
{
	return p->flags & PF_KTHREAD ? 0 : task_pt_regs((struct task_struct *)p)->ip;
}

/* Fields 1 to 27: who it is, its faults and times. */
static void stat_task(struct seq *s, const struct task_struct *p)
{
	seq_printf(s, "%d (%s) %c %d %d %d %d %d %u ", p->pid, p->comm, state_name(p)[0],
		   parent_pid(p), p->pgrp, p->session, tty_number(p), tty_foreground(p), p->flags);
	seq_printf(s, "%lu %lu %lu %lu ", p->min_flt, p->child_min_flt, p->maj_flt,
		   p->child_maj_flt);
	seq_printf(s, "%llu 0 %llu 0 ", clock_ticks(task_runtime_ns(p)),
		   clock_ticks(tsc_to_ns(p->child_sum_exec)));
	seq_printf(s, "%d %d %d 0 %llu ", 20 + p->se.nice, p->se.nice, thread_count(p),
		   clock_ticks(p->start_ns));
}

/* Fields 23 to 52; zeroes for what does not exist here. */
static int show_stat(struct seq *s, struct task_struct *p)
{
	const struct mm_struct *mm = p->mm;
	ksigset_t ignored, caught;

	signal_sets(p, &ignored, &caught);
	stat_task(s, p);
	seq_printf(s, "%lu %lu %lu ", mm ? mm->total_vm << PAGE_SHIFT : 0, mm ? mm_rss(mm) : 0,
		   p->rlim[RLIMIT_RSS].cur);
	seq_printf(s, "%lu %lu %lu %lu %lu ", mm ? mm->start_code : 0, mm ? mm->end_code : 0,
		   mm ? mm->start_stack : 0, mm ? user_sp(p) : 0, mm ? user_ip(p) : 0);
	seq_printf(s, "%lu %lu %lu %lu 0 0 0 %d 0 0 0 0 0 0 ",
		   (unsigned long)p->signal.pending & 0x7fffffff,
		   (unsigned long)p->signal.blocked & 0x7fffffff,
		   (unsigned long)ignored & 0x7fffffff, (unsigned long)caught & 0x7fffffff,
		   p->exit_signal);
	seq_printf(s, "%lu %lu %lu %lu %lu %lu %lu %d\n", mm ? mm->start_data : 0,
		   mm ? mm->end_data : 0, mm ? mm->start_brk : 0, mm ? mm->arg_start : 0,
		   mm ? mm->arg_end : 0, mm ? mm->env_start : 0, mm ? mm->env_end : 0,
		   p->exit_code);
	return 0;
}

static int show_statm(struct seq *s, struct task_struct *p)
{
	const struct mm_struct *mm = p->mm;

	if (!mm) {
		seq_puts(s, "0 0 0 0 0 0 0\n");
		return 0;
	}
	seq_printf(s, "%lu %lu %ld %lu 0 %lu 0\n", mm->total_vm, mm_rss(mm),
		   mm->rss[MM_FILEPAGES], text_pages(mm), mm->data_vm + sum_regions(mm).stack);
	return 0;
}

static int show_comm(struct seq *s, struct task_struct *p)
{
	seq_printf(s, "%s\n", p->comm);
	return 0;
}

static int show_oom_score_adj(struct seq *s, struct task_struct *p)
{
	seq_puts(s, "0\n");
	return 0;
}

/* ---- links --------------------------------------------------------------------------- */

/* The text that path functions leave at the end of a buffer, to its start. */
static int shift_path(char *buf, const char *path)
{
	size_t n;

	if (!path)
		return -ENAMETOOLONG;
	n = strlen(path);
	memmove(buf, path, n);
	return (int)n;
}

static int link_exe(struct task_struct *p, char *buf, size_t n)
{
	if (!p->mm || !p->mm->exe_file)
		return -ENOENT;
	return shift_path(buf, file_path(p->mm->exe_file, buf, n));
}

static int link_cwd(struct task_struct *p, char *buf, size_t n)
{
	return shift_path(buf, d_path(p->fs ? p->fs->pwd : root_dentry, buf, n));
}

static int link_root(struct task_struct *p, char *buf, size_t n)
{
	*buf = '/';
	return 1;
}

/* ---- bytes of the program's memory ---------------------------------------------------- */

struct mm_range {
	unsigned long start, end;
};

/* Read [*pos, *pos + n) of a range of a task's memory, through a page. */
static long read_range(struct mm_struct *mm, struct mm_range range, char *buf, size_t n,
		       loff_k *pos)
{
	unsigned long size = range.end - range.start, got;
	long done = 0;
	void *page;

	if (*pos < 0 || range.end <= range.start || (u64)*pos >= size)
		return 0;
	n = min((unsigned long)n, size - (unsigned long)*pos);
	page = kmalloc(PAGE_SIZE, GFP_KERNEL);
	if (!page)
		return -ENOMEM;
	while (n) {
		got = access_mm(mm, range.start + (unsigned long)*pos, page,
				min((unsigned long)n, PAGE_SIZE), false);
		if (!got)
			break;
		if (copy_to_user(buf + done, page, got)) {
			done = done ? done : -EFAULT;
			break;
		}
		done += got;
		*pos += got;
		n -= got;
	}
	kfree(page);
	return done;
}

static long read_mm_file(struct file *f, char *buf, size_t n, loff_k *pos, bool environ)
{
	struct task_struct *p = proc_task(f->inode);
	struct mm_range range;
	struct mm_struct *mm;
	long ret;

	if (!p)
		return -ESRCH;
	mm = proc_get_mm(p);
	if (!mm)
		return 0;
	range.start = environ ? mm->env_start : mm->arg_start;
	range.end = environ ? mm->env_end : mm->arg_end;
	ret = read_range(mm, range, buf, n, pos);
	mmput(mm);
	return ret;
}

static long cmdline_read(struct file *f, char *buf, size_t n, loff_k *pos)
{
	return read_mm_file(f, buf, n, pos, false);
}

static long environ_read(struct file *f, char *buf, size_t n, loff_k *pos)
{
	return read_mm_file(f, buf, n, pos, true);
}

static long auxv_read(struct file *f, char *buf, size_t n, loff_k *pos)
{
	struct task_struct *p = proc_task(f->inode);
	struct mm_struct *mm = proc_get_mm(p);
	long ret;

	if (!mm)
		return p ? 0 : -ESRCH;
	ret = simple_read(buf, n, pos, mm->saved_auxv, mm->saved_auxc * sizeof(long));
	mmput(mm);
	return ret;
}

static const struct file_operations cmdline_ops = { .read = cmdline_read };
static const struct file_operations environ_ops = { .read = environ_read };
static const struct file_operations auxv_ops = { .read = auxv_read };

const struct proc_entry proc_pid_entries[] = {
	{ .name = "task", .mode = S_IFDIR | 0555, .children = &proc_end,
	  .find = proc_find_thread, .list = proc_list_threads },	/* first: see tid_dir */
	PROC_FILE("auxv", 0400, &auxv_ops),
	PROC_FILE("cmdline", 0444, &cmdline_ops),
	PROC_TEXT("comm", 0444, show_comm),
	PROC_LINK("cwd", link_cwd),
	PROC_FILE("environ", 0400, &environ_ops),
	PROC_LINK("exe", link_exe),
	{ .name = "fd", .mode = S_IFDIR | 0500, .children = &proc_end, .find = proc_find_fd,
	  .list = proc_list_fd },
	PROC_TEXT("maps", 0444, proc_show_maps),
	PROC_TEXT("mounts", 0444, proc_show_mounts),
	PROC_TEXT("oom_score_adj", 0644, show_oom_score_adj),
	PROC_FILE("pagemap", 0400, &proc_pagemap_ops),
	PROC_LINK("root", link_root),
	PROC_TEXT("smaps", 0444, proc_show_smaps),
	PROC_TEXT("smaps_rollup", 0444, proc_show_smaps_rollup),
	PROC_TEXT("stat", 0444, show_stat),
	PROC_TEXT("statm", 0444, show_statm),
	PROC_TEXT("status", 0444, show_status),
	{ .name = NULL }
};

const struct proc_entry proc_end = { .name = NULL };
