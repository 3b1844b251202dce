/* SPDX-License-Identifier: MIT */
/* /proc/PID/fd: a symbolic link for each open descriptor. */
#include <fs/proc.h>
#include <kernel/printk.h>
#include <kernel/sched.h>
#include <kernel/string.h>

#define DT_LNK_K	10u
#define INO_FD(pid, fd)	(0x80000000ul | (unsigned long)(pid) << 16 | (fd))

/* Needs the inode of the link itself for the number: proc_readlink() knows only the task. */
static int fd_readlink(struct inode *inode, char *buf, size_t n)
{
	struct task_struct *p = proc_task(inode);
	struct file *f = p && p->files ? files_lookup(p->files, proc_fd(inode)) : NULL;
	const char *path;
	size_t len;

	if (!f)
		return -ENOENT;
	path = file_path(f, buf, n);
	if (!path)
		return -ENAMETOOLONG;
	len = strlen(path);
	memmove(buf, path, len);
	return (int)len;
}

static const struct inode_operations fd_link_iops = { .readlink = fd_readlink };
static const struct proc_entry fd_entry = { .name = "fd", .mode = S_IFLNK | 0700 };

int proc_find_fd(struct inode *dir, const char *name, size_t len, struct inode **inode)
{
	struct task_struct *p = proc_task(dir);
	unsigned fd;

	if (!p || !p->files || !proc_number(name, len, &fd) || fd >= files_max(p->files) ||
	    !files_lookup(p->files, fd))
		return -ENOENT;
	*inode = proc_inode(&fd_entry, p->pid, fd, INO_FD(p->pid, fd));
	if (!*inode)
		return -ENOMEM;
	(*inode)->op = &fd_link_iops;
	return 0;
}

int proc_list_fd(struct file *f, struct dir_context *ctx)
{
	struct task_struct *p = proc_task(f->inode);
	char name[12];
	unsigned fd;

	for (; p && p->files && ctx->pos - PROC_DYNAMIC < files_max(p->files); ctx->pos++) {
		fd = (unsigned)(ctx->pos - PROC_DYNAMIC);
		if (!files_lookup(p->files, fd))
			continue;
		scnprintf(name, sizeof(name), "%u", fd);
		if (!dir_emit(ctx, name, strlen(name), INO_FD(p->pid, fd), DT_LNK_K))
			break;
	}
	return 0;
}
