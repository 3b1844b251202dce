/* SPDX-License-Identifier: MIT */
/*
 * ramfs: a file system that is nothing but the caches.  Directories are dentries, file
 * contents are pages of the page cache that must not be dropped (mapping.unevictable).
 *
 * A file may have a backing, bytes in memory that it starts with: the initramfs.  Its
 * pages are copied from there when they are first wanted, and while nobody has opened it
 * for writing they can be dropped and copied again.  The first writer makes the mapping
 * unevictable, so changed pages stay; pages that were never looked at still come from the
 * backing, of which truncate cuts off what it cuts off the file.
 *
 * inode->private: the backing, or the target of a symbolic link; private_size: its bytes.
 */
#include "internal.h"

static const struct inode_operations ramfs_file_inode_ops, ramfs_link_inode_ops;
static const struct file_operations ramfs_file_ops;
static const struct address_space_operations ramfs_aops;

/* ---- data -------------------------------------------------------------------------- */

/* A page that is not in the cache: from the backing, zero behind it. */
static int ramfs_readpage(struct address_space *mapping, struct page *page)
{
	const struct inode *inode = mapping->host;
	u64 offset = (u64)page->index << PAGE_SHIFT;
	char *addr = kmap_local_page(page);
	size_t n = 0;

	if (offset < inode->private_size)
		n = min_t(size_t, inode->private_size - (size_t)offset, PAGE_SIZE);
	memcpy(addr, (const char *)inode->private + offset, n);
	memset(addr + n, 0, PAGE_SIZE - n);
	kunmap_local(addr);
	return 0;
}

static const struct address_space_operations ramfs_aops = {
	.readpage = ramfs_readpage,
};

/* A file that gets longer again must read zero where its old last page ended. */
static void clear_tail(struct inode *inode, loff_k size)
{
	size_t offset = (size_t)size & (PAGE_SIZE - 1);
	struct page *page;

	if (!offset)
		return;
	page = find_get_page(&inode->mapping, (unsigned long)(size >> PAGE_SHIFT));
	if (!page)
		return;
	memset_page(page, offset, 0, PAGE_SIZE - offset);
	put_page(page);
}

int ramfs_truncate(struct inode *inode, loff_k size)
{
	loff_k old = inode->size;

	if (size > MAX_FILE_SIZE)
		return -EFBIG;
	inode->mapping.unevictable = true;
	inode->size = size;
	if (size < old) {
		if ((u64)size < inode->private_size)
			inode->private_size = (unsigned long)size;
		truncate_range(&inode->mapping, inode_pages(inode), ~0ul, true);
	}
	clear_tail(inode, min(size, old));
	inode->mtime_ns = inode->ctime_ns = fs_now_ns();
	return 0;
}

/* Part of a page that is there, or that the backing would bring back. */
static int clear_part(struct inode *inode, loff_k start, loff_k end)
{
	unsigned long index = (unsigned long)(start >> PAGE_SHIFT);
	struct page *page = find_get_page(&inode->mapping, index);
	int err = 0;

	if (!page && (u64)start < inode->private_size)
		err = read_mapping_page(&inode->mapping, index, &page);
	if (!page)
		return err;
	memset_page(page, (size_t)start & (PAGE_SIZE - 1), 0, (size_t)(end - start));
	put_page(page);
	return 0;
}

int ramfs_punch_hole(struct inode *inode, loff_k start, loff_k end)
{
	loff_k first, last, next;
	int err = 0;

	inode->mapping.unevictable = true;
	/* Whole pages go; borders, and what has a backing, are cleared. */
	first = (max(start, (loff_k)inode->private_size) + PAGE_SIZE - 1) & -(loff_k)PAGE_SIZE;
	last = end & -(loff_k)PAGE_SIZE;
	if (first < last)
		truncate_range(&inode->mapping, (unsigned long)(first >> PAGE_SHIFT),
			       (unsigned long)((last - 1) >> PAGE_SHIFT), false);
	else
		first = last = end;
	for (; start < end && !err; start = next) {
		if (start == first) {
			next = last;
			continue;
		}
		next = min((start | (loff_k)(PAGE_SIZE - 1)) + 1, end);
		err = clear_part(inode, start, next);
	}
	inode->mtime_ns = inode->ctime_ns = fs_now_ns();
	return err;
}

/* All pages, or (as far as they are behind the end of the file) none. */
int ramfs_allocate(struct inode *inode, loff_k start, loff_k end)
{
	const struct page_quota *quota = inode->mapping.quota;
	unsigned long first = (unsigned long)(start >> PAGE_SHIFT), i;
	unsigned long last = (unsigned long)((end - 1) >> PAGE_SHIFT);
	struct page *page;
	int err = 0;

	if (end > MAX_FILE_SIZE)
		return -EFBIG;
	if (last - first >= (quota ? quota->limit : max_pfn))
		return -ENOSPC;
	inode->mapping.unevictable = true;
	for (i = first; i <= last && !err; i++) {
		err = read_mapping_page(&inode->mapping, i, &page);
		if (!err)
			put_page(page);
		else if (i > first && i > inode_pages(inode))
			truncate_pages(&inode->mapping, max(first, inode_pages(inode)), i - 1);
		cond_resched();
	}
	return err;
}

static int ramfs_file_open(struct inode *inode, struct file *f)
{
	if (f->mode & FMODE_WRITE)
		inode->mapping.unevictable = true;
	return 0;
}

static const struct file_operations ramfs_file_ops = {
	.read = generic_file_read,
	.write = generic_file_write,
	.write_kernel = generic_file_write_kernel,
	.mmap = generic_file_mmap,
	.open = ramfs_file_open,
};

static const struct inode_operations ramfs_file_inode_ops = {
	.truncate = ramfs_truncate,
	.allocate = ramfs_allocate,
	.punch_hole = ramfs_punch_hole,
};

/* ---- symbolic links ---------------------------------------------------------------- */

static int ramfs_readlink(struct inode *inode, char *buf, size_t n)
{
	n = min_t(size_t, n, inode->private_size);
	memcpy(buf, inode->private, n);
	return (int)n;
}

/* Targets made by symlink() are kmalloc'ed, those of the initramfs are not. */
static void free_target(struct inode *inode)
{
	if (inode->mapping.unevictable)
		kfree(inode->private);
}

static const struct inode_operations ramfs_link_inode_ops = {
	.readlink = ramfs_readlink,
	.evict = free_target,
};

/* ---- inodes ------------------------------------------------------------------------ */

struct inode *ramfs_inode(unsigned mode, u64 rdev, u32 dev)
{
	struct inode *inode = inode_alloc(mode, NULL, NULL, NULL);

	if (!inode)
		return NULL;
	inode->dev = dev;
	inode->rdev = rdev;
	switch (mode & S_IFMT) {
	case S_IFREG:
		inode->op = &ramfs_file_inode_ops;
		inode->fop = &ramfs_file_ops;
		inode->mapping.a_ops = &ramfs_aops;
		inode->mapping.unevictable = true;
		break;
	case S_IFDIR:
		inode->op = &ramfs_dir_inode_ops;
		inode->fop = &ramfs_dir_ops;
		inode->nlink = 2;
		break;
	case S_IFLNK:
		inode->op = &ramfs_link_inode_ops;
		break;
	default:
		inode->fop = device_ops(mode, rdev);
		break;
	}
	return inode;
}

void ramfs_set_backing(struct inode *inode, const void *data, unsigned long size)
{
	inode->private = (void *)data;
	inode->private_size = size;
	inode->size = size;
	inode->mapping.unevictable = false;
}

/* ---- directories ------------------------------------------------------------------- */

static int new_inode(struct inode *dir, struct dentry *d, unsigned mode, u64 rdev)
{
	struct inode *inode = ramfs_inode(mode, rdev, dir->dev);

	if (!inode)
		return -ENOMEM;
	inode->mapping.quota = dir->mapping.quota;
	d_instantiate(d, inode);
	dir->mtime_ns = dir->ctime_ns = inode->mtime_ns;
	return 0;
}

static int ramfs_create(struct inode *dir, struct dentry *d, unsigned mode)
{
	return new_inode(dir, d, S_IFREG | mode, 0);
}

static int ramfs_mkdir(struct inode *dir, struct dentry *d, unsigned mode)
{
	return new_inode(dir, d, S_IFDIR | mode, 0);
}

static int ramfs_mknod(struct inode *dir, struct dentry *d, unsigned mode, u64 rdev)
{
	return new_inode(dir, d, mode, rdev);
}

static int ramfs_symlink(struct inode *dir, struct dentry *d, const char *target)
{
	size_t n = strlen(target);
	char *copy = kmalloc(n, GFP_KERNEL);
	int err;

	if (!copy)
		return -ENOMEM;
	memcpy(copy, target, n);
	err = new_inode(dir, d, S_IFLNK | 0777, 0);
	if (err) {
		kfree(copy);
		return err;
	}
	ramfs_set_backing(d->inode, copy, n);
	d->inode->mapping.unevictable = true;
	return 0;
}

const struct inode_operations ramfs_dir_inode_ops = {
	.create = ramfs_create,
	.mkdir = ramfs_mkdir,
	.mknod = ramfs_mknod,
	.symlink = ramfs_symlink,
};

const struct file_operations ramfs_dir_ops = {
	.iterate = dcache_readdir,
};
