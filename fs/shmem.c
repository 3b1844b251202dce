/* SPDX-License-Identifier: MIT */
/*
 * Files without a name: shared anonymous memory and memfd_create(2).  An inode of ramfs
 * that no directory knows; file->private is what /proc/PID/maps calls it.
 */
#include <linux/memfd.h>
#include <fs/devfs.h>
#include <mm/mmap.h>
#include "internal.h"

#define MEMFD_NAME_MAX	249		/* with "memfd:" in front a NAME_MAX */

static struct file *nameless_file(unsigned long size, unsigned flags)
{
	struct inode *inode = ramfs_inode(S_IFREG | 0600, 0, 0);

	if (!inode)
		return NULL;
	inode->nlink = 0;
	inode->size = (loff_k)size;
	return file_create_inode(inode, flags);
}

struct file *shmem_file(unsigned long size, bool charge)
{
	struct file *f = nameless_file(size, O_RDWR);

	if (f && charge) {
		f->inode->committed = PAGE_ALIGN(size) >> PAGE_SHIFT;
		vm_committed += (long)f->inode->committed;
	}
	return f;
}

int shmem_zero_setup(struct vm_area_struct *vma)
{
	bool charge = !(vma->vm_flags & VM_NORESERVE);
	struct file *f, *old;

	if (charge && !vm_enough_memory(vma_pages(vma)))
		return -ENOMEM;
	f = shmem_file((vma_pages(vma) + vma->vm_pgoff) << PAGE_SHIFT, charge);
	if (!f)
		return -ENOMEM;
	old = vma->vm_file;
	vma->vm_file = f;		/* the region holds it now */
	fput(old);
	return generic_file_mmap(f, vma);
}

static void free_name(struct inode *inode)
{
	kfree(inode->private);
}

/* A file of ramfs, and the name goes with the inode. */
static const struct inode_operations memfd_ops = {
	.truncate = ramfs_truncate, .allocate = ramfs_allocate,
	.punch_hole = ramfs_punch_hole, .evict = free_name,
};

#define MEMFD_PREFIX	"/memfd:"

/* "/memfd:NAME", or NULL and *err. */
static char *memfd_name(const char *name, int *err)
{
	const size_t prefix = sizeof(MEMFD_PREFIX) - 1;
	char *text = kmalloc(prefix + MEMFD_NAME_MAX + 1, GFP_KERNEL);
	long n;

	*err = -ENOMEM;
	if (!text)
		return NULL;
	memcpy(text, MEMFD_PREFIX, prefix);
	n = strncpy_from_user(text + prefix, name, MEMFD_NAME_MAX + 1);
	if (n >= 0 && n <= MEMFD_NAME_MAX)
		return text;
	*err = n < 0 ? (int)n : -EINVAL;
	kfree(text);
	return NULL;
}

long sys_memfd_create(const char *name, unsigned flags)
{
	struct file *f;
	char *text;
	int fd, err;

	if (flags & ~(unsigned)(MFD_CLOEXEC | MFD_ALLOW_SEALING))
		return -EINVAL;
	text = memfd_name(name, &err);
	if (!text)
		return err;
	fd = fd_alloc(0, flags & MFD_CLOEXEC ? O_CLOEXEC : 0);
	f = fd < 0 ? NULL : nameless_file(0, O_RDWR);
	if (!f) {
		kfree(text);
		if (fd < 0)
			return fd;
		fd_release((unsigned)fd);
		return -ENOMEM;
	}
	f->inode->op = &memfd_ops;
	f->inode->private = f->private = text;
	fd_install((unsigned)fd, f);
	return fd;
}
