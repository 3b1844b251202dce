/* SPDX-License-Identifier: MIT */
/*
 * Writing what is dirty: sync(2) and its kin, and the flusher (contracts: fs/super.h).
 *
 * Dirty data of a file is written when somebody asks for it, when it is older than
 * dirty_expire_centisecs, when a writer has made more than a fifth of memory dirty, or when
 * reclaim wants its memory; never by close.  The flusher also looks at files that are mapped,
 * because stores into them say nothing to anybody (mm/writeback.c).  With nothing dirty and
 * nothing mapped it sleeps until it is told.
 */
#include <fs/super.h>
#include <kernel/printk.h>
#include <kernel/time.h>
#include <mm/swap.h>
#include "internal.h"

#define CENTISEC	(10 * NSEC_PER_MSEC)
#define HURRY_NS	(250 * NSEC_PER_MSEC)	/* how long reclaim waits for a page */

int dirty_expire_centisecs = 3000;
static int dirty_writeback_centisecs = 500;
static struct task_struct *flusher_task;
static bool flusher_idle;		/* it has nothing to look at and waits for flusher_wake() */
static bool flusher_waits;		/* for the end of its period, or idle */
static bool flush_now;			/* reclaim has asked: all that is dirty, at once */

/* What programs have stored through their mappings; the file has changed then. */
static void collect_inode(struct inode *inode)
{
	struct address_space *mapping = &inode->mapping;

	if (!mapping->nrpages)
		return;
	collect_dirty(mapping, 0, ~0ul);
	if (!mapping->nrdirty || inode->dirty)
		return;
	inode->mtime_ns = inode->ctime_ns = fs_now_ns();
	mark_inode_dirty(inode);
}

/* The caller has a reference.  Pages that could not be written stay dirty. */
static int write_inode(struct inode *inode)
{
	collect_inode(inode);
	if (!inode->dirty && !inode->mapping.nrdirty)
		return 0;
	return inode->sb->op->write_inode(inode);
}

/* An error of the flusher's is told to the next one who asks, once. */
static int take_error(struct inode *inode, int err)
{
	if (!err)
		err = inode->mapping.wb_err;
	inode->mapping.wb_err = 0;
	return err;
}

int sync_inode(struct inode *inode)
{
	struct super_block *sb = inode->sb;
	int err, ret;

	if (!sb || sb->read_only)
		return 0;
	err = take_error(inode, write_inode(inode));
	ret = sb->op->sync_fs(sb);
	return err ? err : ret;
}

int generic_fsync(struct file *f)
{
	return sync_inode(f->inode);
}

/* ---- whole file systems -------------------------------------------------------------- */

typedef bool (*inode_filter)(const struct inode *inode);

static bool is_any(const struct inode *inode)
{
	return true;
}

static bool is_old(const struct inode *inode)
{
	return ktime_ns() - inode->dirtied_ns >= (u64)dirty_expire_centisecs * CENTISEC;
}

/* One reference for the time of the write, whoever else has none. */
static void hold_inode(struct inode *inode)
{
	list_del_init(&inode->unused);
	iget(inode);
}

/*
 * Write the inodes that `wanted` chooses.  Writing sleeps, so the list changes: each is
 * written at most once, because it is moved to the end first, and n is the length of the
 * list at the start.
 */
static int write_inodes(struct super_block *sb, inode_filter wanted)
{
	struct inode *inode;
	unsigned n = 0;
	int err, ret = 0;

	list_for_each_entry(inode, &sb->inodes, sb_list)
		n++;
	while (n-- && !list_empty(&sb->inodes)) {
		inode = list_first_entry(&sb->inodes, struct inode, sb_list);
		list_del(&inode->sb_list);
		list_add_tail(&inode->sb_list, &sb->inodes);
		collect_inode(inode);
		if ((!inode->dirty && !inode->mapping.nrdirty) || !wanted(inode))
			continue;
		hold_inode(inode);
		err = write_inode(inode);
		if (err && !ret)
			ret = err;
		iput(inode);
	}
	return ret;
}

int sync_sb(struct super_block *sb)
{
	int err, ret;

	if (sb->read_only)
		return 0;
	err = write_inodes(sb, is_any);
	ret = sb->op->sync_fs(sb);
	return err ? err : ret;
}

void sync_all(void)
{
	struct super_block *sb;
	int err;

	down_read(&super_sem);
	list_for_each_entry(sb, &super_blocks, list) {
		err = sync_sb(sb);
		if (err)
			pr_err("sync: %s: not everything could be written (error %d)\n",
			       sb->source, -err);
	}
	up_read(&super_sem);
}

/* ---- too much, too old --------------------------------------------------------------- */

static bool too_much_dirty(void)
{
	return nr_dirty + nr_writeback > totalram_pages / 5;
}

void balance_dirty_pages(struct inode *inode)
{
	if (likely(!too_much_dirty()))
		return;
	/* The error stays in wb_err for fsync(). */
	inode->sb->op->write_inode(inode);
}

static void flush(bool all)
{
	struct super_block *sb;

	down_read(&super_sem);
	list_for_each_entry(sb, &super_blocks, list)
		if (!sb->read_only)
			write_inodes(sb, all || too_much_dirty() ? is_any : is_old);
	up_read(&super_sem);
}

static bool may_become_old(const struct super_block *sb)
{
	const struct inode *inode;

	if (sb->read_only)
		return false;
	list_for_each_entry(inode, &sb->inodes, sb_list)
		if (inode->dirty || inode->mapping.nrdirty || inode->mapping.i_mmap.node)
			return true;
	return false;
}

static bool has_work(void)
{
	const struct super_block *sb;

	list_for_each_entry(sb, &super_blocks, list)
		if (may_become_old(sb))
			return true;
	return false;
}

/* A wake-up is a new period, which counts from then, or the end of this one. */
static void wait_period(void)
{
	u64 period;

	do {
		set_current_state(TASK_INTERRUPTIBLE);
		period = (u64)dirty_writeback_centisecs * CENTISEC;
	} while (!flush_now && schedule_until(ktime_ns() + period));
	set_current_state(TASK_RUNNING);
}

/* Contract: flush_for_reclaim in mm/swap.h. */
static bool flusher_hurry(bool wait)
{
	const u64 end = ktime_ns() + HURRY_NS;
	const unsigned long before = nr_written;

	flush_now = true;
	if (flusher_waits)
		wake_up_process(flusher_task);
	while (wait && nr_written == before && ktime_ns() < end) {
		set_current_state(TASK_UNINTERRUPTIBLE);
		schedule_until(min_t(u64, ktime_ns() + HURRY_NS / 64, end));
	}
	set_current_state(TASK_RUNNING);
	return nr_written != before || nr_writeback || !flusher_waits;
}

/*
 * Who wakes it may not have linked his region yet, so there is a period before the next look.
 * Between that look and schedule() nothing sleeps: no wake-up is missed.  It never reclaims:
 * others wait for what it writes.
 */
static int flusher(void *arg)
{
	bool all;

	flusher_task = current;
	current->flags |= PF_MEMALLOC;
	flush_for_reclaim = flusher_hurry;
	for (;;) {
		flusher_waits = true;
		set_current_state(TASK_INTERRUPTIBLE);
		flusher_idle = !flush_now && !has_work();
		if (flusher_idle)
			schedule();
		wait_period();
		flusher_waits = false;
		all = flush_now;
		flush_now = false;
		flush(all);
	}
	return 0;
}

void flusher_wake(void)
{
	if (!flusher_idle)
		return;
	flusher_idle = false;
	wake_up_process(flusher_task);
}

int dirty_writeback_get(void)
{
	return dirty_writeback_centisecs;
}

int dirty_writeback_set(int centisecs)
{
	dirty_writeback_centisecs = centisecs;
	if (flusher_task)
		wake_up_process(flusher_task);
	return 0;
}

void flusher_start(void)
{
	long pid = kernel_thread(flusher, NULL, "flusher");

	if (pid < 0)
		pr_warn("flusher: no thread (error %ld): dirty pages wait for sync\n", -pid);
}
