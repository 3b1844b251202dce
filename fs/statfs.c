/* SPDX-License-Identifier: MIT */
/* statfs(2): every file system here is memory: what is free, or what the mount may have. */
#include <asm/statfs.h>
#include <linux/magic.h>
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

/* All that its files can have, and how much of it is free. */
static unsigned long blocks_of(const struct dentry *d, unsigned long *free)
{
	const struct page_quota *quota = d ? d->inode->mapping.quota : NULL;

	*free = nr_free_pages();
	if (!quota)
		return max_pfn;
	*free = min(*free, quota->limit - quota->used);
	return quota->limit;
}

/* Both structures have the same names; reference to the dentry (or NULL) goes over. */
#define FILL_STATFS(out, d) do { \
	unsigned long free; \
\
	memset(&(out), 0, sizeof(out)); \
	(out).f_type = (d) ? magic_of(d) : (long)PIPEFS_MAGIC; \
	(out).f_bsize = (out).f_frsize = PAGE_SIZE; \
	(out).f_blocks = blocks_of(d, &free); \
	(out).f_bfree = (out).f_bavail = free; \
	(out).f_namelen = NAME_MAX_K; \
	dput(d); \
} while (0)

static long put_statfs(struct dentry *d, void *buf)
{
	struct statfs out;

	FILL_STATFS(out, d);
	return copy_to_user(buf, &out, sizeof(out)) ? -EFAULT : 0;
}

static long put_statfs64(struct dentry *d, size_t size, void *buf)
{
	struct statfs64 out;

	FILL_STATFS(out, d);
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
