/* SPDX-License-Identifier: MIT */
/*
 * Open files, and what mm/ wants of them (include/mm/file.h).
 *
 * A struct file has one reference for each descriptor, for each region that maps it, and
 * for each system call that is at work on it while it may sleep.  It holds its dentry, or,
 * without a name, its inode.
 */
#include <linux/mman.h>
#include <kernel/printk.h>
#include "internal.h"

static struct kmem_cache *file_cachep;
unsigned long nr_open_files;

void file_cache_init(void)
{
	file_cachep = kmem_cache_create("file", sizeof(struct file), 0, SLAB_PANIC, NULL);
}

static unsigned mode_of_flags(unsigned flags)
{
	static const u8 modes[] = { FMODE_READ, FMODE_WRITE, FMODE_READ | FMODE_WRITE, 0 };

	return flags & O_PATH ? 0 : modes[flags & O_ACCMODE];
}

/* Flags that only matter while the file is opened are not kept; O_NOCTTY the device sees. */
static struct file *file_alloc(unsigned flags)
{
	struct file *f = kmem_cache_zalloc(file_cachep, GFP_KERNEL);

	if (!f)
		return NULL;
	f->count = 1;
	f->mode = mode_of_flags(flags);
	f->flags = flags & ~(unsigned)(O_CREAT | O_EXCL | O_TRUNC | O_CLOEXEC);
	nr_open_files++;
	return f;
}

static void file_free(struct file *f)
{
	nr_open_files--;
	kmem_cache_free(file_cachep, f);
}

static bool counts_as_writer(const struct file *f)
{
	return f->mode & FMODE_WRITE && S_ISREG_K(f->inode->mode);
}

void __fput(struct file *f)
{
	if (f->op && f->op->release)
		f->op->release(f);
	if (counts_as_writer(f))
		put_write_access(f->inode);
	if (f->mode & FMODE_EXEC)
		allow_write_access(f->inode);
	if (f->dentry)
		dput(f->dentry);
	else
		iput(f->inode);
	file_free(f);
}

struct file *get_file(struct file *f)
{
	f->count++;
	return f;
}

void fput(struct file *f)
{
	if (f && --f->count == 0)
		__fput(f);
}

struct file *file_create_inode(struct inode *inode, unsigned flags)
{
	struct file *f = inode ? file_alloc(flags) : NULL;

	if (!f) {
		iput(inode);
		return NULL;
	}
	f->inode = inode;
	f->op = inode->fop;
	f->private = inode->private;
	if (counts_as_writer(f))
		inode->writecount++;
	return f;
}

struct file *file_create_anon(const struct file_operations *op, unsigned flags, void *private)
{
	struct file *f = file_create_inode(inode_alloc(0600, NULL, op, NULL), flags);

	if (f)
		f->private = private;
	return f;
}

static const struct file_operations path_only_ops;

/* Everything but the permissions. */
static int open_inode(struct inode *inode, struct file *f)
{
	int err;

	if (f->flags & O_PATH) {
		f->op = &path_only_ops;
		return 0;
	}
	if (!inode->fop)
		return -ENXIO;
	f->op = inode->fop;
	err = f->op->open ? f->op->open(inode, f) : 0;
	f->flags &= ~(unsigned)O_NOCTTY;
	return err;
}

static int may_open(const struct inode *inode, const struct file *f)
{
	unsigned mask = 0;

	if (S_ISDIR_K(inode->mode) && f->mode & FMODE_WRITE)
		return -EISDIR;
	if (S_ISLNK_K(inode->mode) && !(f->flags & O_PATH))
		return -ELOOP;
	if (f->mode & FMODE_WRITE && S_ISREG_K(inode->mode) && is_read_only(inode))
		return -EROFS;
	mask |= f->mode & FMODE_READ ? MAY_READ : 0;
	mask |= f->mode & FMODE_WRITE ? MAY_WRITE : 0;
	return mask ? inode_permission(inode, mask) : 0;
}

/* `created`: whoever makes a file may open it, whatever the mode says. */
int dentry_open_checked(struct dentry *d, unsigned flags, bool created, struct file **file)
{
	struct inode *inode = d->inode;
	struct file *f = file_alloc(flags);
	int err;

	if (!f)
		return -ENOMEM;
	err = created ? 0 : may_open(inode, f);
	if (err)
		goto free;
	f->inode = inode;
	if (counts_as_writer(f)) {
		/* Asked again, with nothing that sleeps behind it: a remount may have come. */
		err = is_read_only(inode) ? -EROFS : get_write_access(inode);
		if (err)
			goto free;
	}
	f->dentry = dget(d);
	err = open_inode(inode, f);
	if (err)
		goto put;
	*file = f;
	return 0;
put:
	if (counts_as_writer(f))
		put_write_access(inode);
	dput(d);
free:
	file_free(f);
	return err;
}

int dentry_open(struct dentry *d, unsigned flags, struct file **file)
{
	return dentry_open_checked(d, flags, false, file);
}

/* ---- for mm/ ----------------------------------------------------------------------- */

int file_mmap(struct file *f, struct vm_area_struct *vma)
{
	return f->op->mmap ? f->op->mmap(f, vma) : -ENODEV;
}

int file_sync(struct file *f)
{
	return f->op->fsync ? f->op->fsync(f) : 0;
}

struct address_space *file_mapping(struct file *f)
{
	return f->inode->mapping.a_ops ? &f->inode->mapping : NULL;
}

/* The VM_MAY that this access mode allows, or -errno. */
static unsigned long mmap_rights(const struct file *f, unsigned long prot, bool shared)
{
	bool writable = f->mode & FMODE_WRITE;

	if (!(f->mode & FMODE_READ) || (shared && prot & PROT_WRITE && !writable))
		return -EACCES;
	if (!f->op->mmap)
		return -ENODEV;
	return VM_MAYREAD | VM_MAYEXEC | (shared && !writable ? 0 : VM_MAYWRITE);
}

struct file *file_for_mmap(int fd, unsigned long prot, unsigned long flags,
			   unsigned long *vm_may)
{
	struct file *f = fget(fd);

	if (f && f->op == &path_only_ops) {
		fput(f);
		f = NULL;
	}
	if (f)
		*vm_may = mmap_rights(f, prot, (flags & MAP_TYPE) != MAP_PRIVATE);
	return f;
}

char *file_path(const struct file *f, char *buf, size_t size)
{
	if (f->dentry)
		return d_path(f->dentry, buf, size);
	if (S_ISFIFO_K(f->inode->mode))
		scnprintf(buf, size, "pipe:[%lu]", f->inode->ino);
	else if (S_ISREG_K(f->inode->mode))
		scnprintf(buf, size, "%s (deleted)",
			  f->private ? (const char *)f->private : "/dev/zero");
	else
		scnprintf(buf, size, "anon_inode:[%lu]", f->inode->ino);
	return buf;
}
