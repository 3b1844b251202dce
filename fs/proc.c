/* SPDX-License-Identifier: MIT */
/*
 * The tree of /proc.  No dentry is kept: each walk makes an inode from a table of entries
 * and, below /proc/PID, a pid.  Tasks come and go without procfs being told.
 *
 * Directory positions: 0 and 1 are the dots, then the table, then, from PROC_DYNAMIC on,
 * what is not in a table: tasks by pid, descriptors by number.
 */
#include <fs/proc.h>
#include <kernel/printk.h>
#include <kernel/string.h>
#include <linux/fs.h>
#include "internal.h"

#define PROC_DEV	3u	/* number of the file system: "00:03" */
#define DT_DIR_K	4u
#define INO_TASK(pid)	(((unsigned long)(pid) + 1) << 8)

/* ---- inodes -------------------------------------------------------------------------- */

static const struct inode_operations proc_dir_iops, proc_link_iops, proc_file_iops;
static const struct file_operations proc_dir_ops;

static const struct inode_operations *iop_of(const struct proc_entry *e)
{
	if ((e->mode & S_IFMT) == S_IFDIR)
		return &proc_dir_iops;
	return (e->mode & S_IFMT) == S_IFLNK ? &proc_link_iops : &proc_file_iops;
}

static const struct file_operations *fop_of(const struct proc_entry *e)
{
	if ((e->mode & S_IFMT) == S_IFDIR)
		return &proc_dir_ops;
	return e->fop ? e->fop : &proc_text_ops;
}

struct inode *proc_inode(const struct proc_entry *e, int pid, unsigned fd, unsigned long ino)
{
	struct task_struct *p = pid ? find_task(pid) : NULL;
	struct inode *inode = inode_alloc(e->mode, iop_of(e), fop_of(e), (void *)e);

	if (!inode)
		return NULL;
	inode->ino = ino;
	inode->dev = PROC_DEV;
	inode->private_size = (unsigned long)pid << 16 | fd;
	inode->uid = p ? p->euid : 0;
	inode->gid = p ? p->egid : 0;
	if ((e->mode & S_IFMT) == S_IFDIR)
		inode->nlink = 2;
	return inode;
}

void proc_ref_take(struct proc_ref *ref, const struct task_struct *p)
{
	ref->pid = p->pid;
	ref->born = p->start_ns;
}

struct task_struct *proc_ref_task(const struct proc_ref *ref)
{
	struct task_struct *p = find_task(ref->pid);

	return p && p->start_ns == ref->born ? p : NULL;
}

bool proc_number(const char *name, size_t len, unsigned *value)
{
	size_t i;

	*value = 0;
	if (!len || len > 9 || (name[0] == '0' && len > 1))
		return false;
	for (i = 0; i < len; i++) {
		if (name[i] < '0' || name[i] > '9')
			return false;
		*value = *value * 10 + (unsigned)(name[i] - '0');
	}
	return true;
}

/* ---- directories --------------------------------------------------------------------- */

/* Numbers of the entries of a table: below the task's, or below 256 for those of none. */
static unsigned long child_ino(const struct inode *dir, unsigned i)
{
	return (dir->ino & ~0xfful) + (dir->ino & 0xff) + 1 + i;
}

static int proc_lookup(struct inode *dir, const char *name, size_t len, struct inode **inode)
{
	const struct proc_entry *d = proc_entry(dir), *e;
	unsigned i;

	if (proc_pid(dir) && !proc_task(dir))
		return -ENOENT;
	for (i = 0; d->children[i].name; i++) {
		e = &d->children[i];
		if (strlen(e->name) == len && memcmp(e->name, name, len) == 0) {
			*inode = proc_inode(e, proc_pid(dir), 0, child_ino(dir, i));
			return *inode ? 0 : -ENOMEM;
		}
	}
	return d->find ? d->find(dir, name, len, inode) : -ENOENT;
}

static int proc_iterate(struct file *f, struct dir_context *ctx)
{
	const struct proc_entry *d = proc_entry(f->inode), *e;
	unsigned i;

	if (proc_pid(f->inode) && !proc_task(f->inode))
		return -ENOENT;
	if (ctx->pos < 2 && !dir_emit_dots(f, ctx))
		return 0;
	for (i = 0; d->children[i].name; i++) {
		e = &d->children[i];
		if (ctx->pos != i + 2)
			continue;
		if (!dir_emit(ctx, e->name, strlen(e->name), child_ino(f->inode, i),
			      e->mode >> 12))
			return 0;
		ctx->pos++;
	}
	if (!d->list)
		return 0;
	if (ctx->pos < PROC_DYNAMIC)
		ctx->pos = PROC_DYNAMIC;
	return d->list(f, ctx);
}

static const struct inode_operations proc_dir_iops = { .lookup = proc_lookup };
/* A shell truncates what it writes to; there is nothing to take away. */
static int proc_truncate(struct inode *inode, loff_k size)
{
	return 0;
}

static const struct inode_operations proc_file_iops = { .truncate = proc_truncate };
static const struct file_operations proc_dir_ops = { .iterate = proc_iterate };

/* ---- links --------------------------------------------------------------------------- */

static int proc_readlink(struct inode *inode, char *buf, size_t n)
{
	const struct proc_entry *e = proc_entry(inode);
	struct task_struct *p = NULL;

	if (proc_pid(inode)) {
		p = proc_task(inode);
		if (!p)
			return -ENOENT;
	}
	return e->link(p, buf, n);
}

static const struct inode_operations proc_link_iops = { .readlink = proc_readlink };

/* ---- tasks in the root --------------------------------------------------------------- */

static const struct proc_entry pid_dir = {
	.mode = S_IFDIR | 0555, .children = proc_pid_entries,
};

static int find_pid(struct inode *dir, const char *name, size_t len, struct inode **inode)
{
	unsigned pid;

	if (!proc_number(name, len, &pid) || !pid || pid > PID_MAX_LIMIT || !find_task((int)pid))
		return -ENOENT;
	*inode = proc_inode(&pid_dir, (int)pid, 0, INO_TASK(pid));
	return *inode ? 0 : -ENOMEM;
}

/* The group leader with the least pid that is not below `from`. */
static int next_pid(int from)
{
	struct task_struct *p;
	int best = 0;

	for_each_task(p)
		if (p->pid == p->tgid && p->pid >= from && (!best || p->pid < best))
			best = p->pid;
	return best;
}

static int list_pids(struct file *f, struct dir_context *ctx)
{
	char name[12];
	int pid;

	for (;;) {
		pid = next_pid((int)(ctx->pos - PROC_DYNAMIC));
		if (!pid)
			return 0;
		ctx->pos = PROC_DYNAMIC + pid;
		scnprintf(name, sizeof(name), "%d", pid);
		if (!dir_emit(ctx, name, strlen(name), INO_TASK(pid), DT_DIR_K))
			return 0;
		ctx->pos++;
	}
}

/* ---- threads in /proc/PID/task ------------------------------------------------------- */

/* As /proc/PID, but for the first entry, which is "task". */
static const struct proc_entry tid_dir = {
	.mode = S_IFDIR | 0555, .children = proc_pid_entries + 1,
};

int proc_find_thread(struct inode *dir, const char *name, size_t len, struct inode **inode)
{
	const struct task_struct *p;
	unsigned tid;

	if (!proc_number(name, len, &tid) || !tid)
		return -ENOENT;
	p = find_task((int)tid);
	if (!p || !proc_task(dir) || p->tgid != proc_task(dir)->tgid)
		return -ENOENT;
	*inode = proc_inode(&tid_dir, (int)tid, 0, INO_TASK(tid));
	return *inode ? 0 : -ENOMEM;
}

/* The thread of p's group with the least number that is not below `from`. */
static int next_tid(struct task_struct *p, int from)
{
	struct task_struct *t = p;
	int best = 0;

	do {
		if (t->pid >= from && (!best || t->pid < best))
			best = t->pid;
		t = next_thread(t);
	} while (t != p);
	return best;
}

int proc_list_threads(struct file *f, struct dir_context *ctx)
{
	struct task_struct *p;
	char name[12];
	int tid;

	for (;;) {
		p = proc_task(f->inode);
		tid = p ? next_tid(p, (int)(ctx->pos - PROC_DYNAMIC)) : 0;
		if (!tid)
			return 0;
		ctx->pos = PROC_DYNAMIC + tid;
		scnprintf(name, sizeof(name), "%d", tid);
		if (!dir_emit(ctx, name, strlen(name), INO_TASK(tid), DT_DIR_K))
			return 0;
		ctx->pos++;
	}
}

static const struct proc_entry root = {
	.mode = S_IFDIR | 0555, .children = proc_root_entries,
	.find = find_pid, .list = list_pids,
};

struct inode *proc_root_inode(void)
{
	return proc_inode(&root, 0, 0, 1);
}

void proc_init(void)
{
	int ret = mount_proc("/proc");

	if (ret)
		pr_err("procfs: cannot be mounted on /proc (error %d): tools that read it will fail\n",
		       -ret);
}
