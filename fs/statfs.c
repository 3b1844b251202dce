/* SPDX-License-Identifier: MIT */
/*
 * statfs(2): what is free, or what the mount may have; of a file system on a disk, what it
 * says.
 */
#include <asm/statfs.h>
#include <linux/magic.h>
#include <fs/super.h>
#include "internal.h"

static const struct {
	const char *name;
	long magic;
} types[] = {
	{ "rootfs", RAMFS_MAGIC }, { "devtmpfs", TMPFS_MAGIC }, { "proc", PROC_SUPER_MAGIC },
};

static long magic_of(const struct dentry *d)
{
	unsigned i;

	while (d->parent != d)
		d = d->parent;
	for (i = 0; d->fs_name && i < ARRAY_SIZE(types); i++)
		if (!strcmp(types[i].name, d->fs_name))
			return types[i].magic;
	return TMPFS_MAGIC;
}

/* What both structures say. */
struct fs_figures {
	u64 blocks, free;
	long magic;
	unsigned block_size;
};

/* All that files in memory can have, and how much of it is free. */
static void memory_figures(const struct dentry *d, struct fs_figures *f)
{
	const struct page_quota *quota = d ? d->inode->mapping.quota : NULL;

	f->blocks = max_pfn;
	f->free = nr_free_pages();
	f->block_size = PAGE_SIZE;
	f->magic = d ? magic_of(d) : (long)PIPEFS_MAGIC;
	if (f->magic == PROC_SUPER_MAGIC)
		f->blocks = f->free = 0;	/* df(1) leaves it out */
	if (!quota)
		return;
	f->blocks = quota->limit;
	f->free = min_t(u64, f->free, quota->limit - quota->used);
}

/* The reference to the dentry (or NULL) goes over; 0 or -errno. */
static int figures_of(struct dentry *d, struct fs_figures *f)
{
	struct super_block *sb = d ? d->inode->sb : NULL;
	int err = 0;

	if (sb) {
		f->magic = sb->magic;
		err = sb->op->statfs(sb, &f->blocks, &f->free, &f->block_size);
	} else {
		memory_figures(d, f);
	}
	dput(d);
	return err;
}

/* Both structures have the same names. */
#define FILL_STATFS(out, f) do { \
	memset(&(out), 0, sizeof(out)); \
	(out).f_type = (f).magic; \
	(out).f_bsize = (out).f_frsize = (f).block_size; \
	(out).f_blocks = (f).blocks; \
	(out).f_bfree = (out).f_bavail = (f).free; \
	(out).f_namelen = NAME_MAX_K; \
} while (0)

static long put_statfs(struct dentry *d, void *buf)
{
	struct fs_figures f;
	struct statfs out;
	int err = figures_of(d, &f);

	if (err)
		return err;
	FILL_STATFS(out, f);
	return copy_to_user(buf, &out, sizeof(out)) ? -EFAULT : 0;
}

static long put_statfs64(struct dentry *d, size_t size, void *buf)
{
	struct fs_figures f;
	struct statfs64 out;
	int err = figures_of(d, &f);

	if (err)
		return err;
	FILL_STATFS(out, f);
	if (size != sizeof(out))
		return -EINVAL;
	return copy_to_user(buf, &out, sizeof(out)) ? -EFAULT : 0;
}

long sys_statfs(const char *path, void *buf)
{
	struct dentry *d;
	int err = user_path(AT_FDCWD, path, 0, &d);

	return err ? err : put_statfs(d, buf);
}

long sys_fstatfs(int fd, void *buf)
{
	struct file *f = fd_file(fd);

	if (!f)
		return -EBADF;
	return put_statfs(f->dentry ? dget(f->dentry) : NULL, buf);
}

long sys32_statfs64(const char *path, size_t size, void *buf)
{
	struct dentry *d;
	int err = user_path(AT_FDCWD, path, 0, &d);

	return err ? err : put_statfs64(d, size, buf);
}

long sys32_fstatfs64(int fd, size_t size, void *buf)
{
	struct file *f = fd_file(fd);

	if (!f)
		return -EBADF;
	return put_statfs64(f->dentry ? dget(f->dentry) : NULL, size, buf);
}
