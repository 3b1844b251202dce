/* SPDX-License-Identifier: MIT */
/*
 * Reading, writing and mapping files whose bytes are in the page cache (Gorman ch. 10).
 *
 * A page may be high and a user address may fault in the middle of a copy; everything
 * counts by what was copied.  Before bytes are copied in from the user, the source is
 * touched: copy_from_user() clears what it could not read, and that must not happen to a
 * file's old contents.
 */
#include <fs/super.h>
#include "internal.h"

/*
 * The page at index, with a reference; *page NULL: a hole.  `want`: pages that the caller
 * will ask for altogether.
 */
static int page_for_read(struct file *f, unsigned long index, unsigned long want,
			 struct page **page)
{
	struct inode *inode = f->inode;

	*page = find_get_page(&inode->mapping, index);
	if (likely(*page && PageUptodate(*page)))
		return 0;
	if (*page)
		put_page(*page);
	else if (inode->mapping.unevictable && !inode->private_size)
		return 0;
	else
		readahead_read(&inode->mapping, &f->ra, index, want, inode_pages(inode));
	return read_mapping_page(&inode->mapping, index, page);
}

/*
 * Copy n bytes, first through a slot of this context, with page faults off: that is cheap.
 * If the user's page is not there it takes a slot that may be held while sleeping.  Both
 * return what was not copied.
 */
static size_t page_to_user(struct page *page, size_t offset, char *buf, size_t n)
{
	char *addr = kmap_local_page(page);
	size_t left;

	pagefault_disable();
	left = copy_to_user(buf, addr + offset, n);
	pagefault_enable();
	kunmap_local(addr);
	if (likely(!left))
		return 0;
	addr = kmap(page);
	left = copy_to_user(buf + n - left, addr + offset + n - left, left);
	kunmap(page);
	return left;
}

static size_t user_to_page(struct page *page, size_t offset, const char *buf, size_t n)
{
	char *addr = kmap_local_page(page);
	size_t left;

	pagefault_disable();
	left = copy_from_user(addr + offset, buf, n);
	pagefault_enable();
	kunmap_local(addr);
	if (likely(!left))
		return 0;
	addr = kmap(page);
	left = copy_from_user(addr + offset, buf, n);
	kunmap(page);
	return left;
}

/* Returns what was not copied. */
static size_t copy_page_out(struct page *page, char *buf, size_t offset, size_t n)
{
	size_t left;

	if (!page)
		return clear_user(buf, n);
	left = page_to_user(page, offset, buf, n);
	put_page(page);
	return left;
}

long generic_file_read(struct file *f, char *buf, size_t n, loff_k *pos)
{
	struct inode *inode = f->inode;
	loff_k at = *pos, size = inode->size;
	size_t done = 0, left = 0;
	struct page *page;
	int err = 0;

	if (at < 0)
		return -EINVAL;
	if (at >= size)
		return 0;
	if ((u64)(size - at) < n)
		n = (size_t)(size - at);
	while (done < n && !left) {
		size_t offset = (size_t)at & (PAGE_SIZE - 1);
		size_t piece = min_t(size_t, n - done, PAGE_SIZE - offset);
		unsigned long index = (unsigned long)(at >> PAGE_SHIFT);

		err = page_for_read(f, index, (offset + n - done + PAGE_SIZE - 1) >> PAGE_SHIFT,
				    &page);
		if (unlikely(err))
			break;
		left = copy_page_out(page, buf + done, offset, piece);
		readahead_used(&inode->mapping, &f->ra, index);
		done += piece - left;
		at += piece - left;
		if (likely(!current->work))
			continue;
		if (fatal_signal_pending(current))
			break;
		cond_resched();
	}
	*pos = at;
	return done || (!left && !err) ? (long)done : err ? err : -EFAULT;
}

/* How many of n bytes (at most a page) can be read from there: touches each page. */
static size_t readable(const char *buf, size_t n)
{
	const char *second = (const char *)(((unsigned long)buf | (PAGE_SIZE - 1)) + 1);
	char c;

	if (unlikely(get_user(c, buf)))
		return 0;
	if (second >= buf + n)
		return n;
	return get_user(c, second) ? (size_t)(second - buf) : n;
}

/* The page to be written, with a reference: 0 or -errno. */
static int page_for_write(struct inode *inode, unsigned long index, struct page **page)
{
	if (inode->private_size || mapping_has_device(&inode->mapping))
		return read_mapping_page(&inode->mapping, index, page);
	return grab_cache_page(&inode->mapping, index, page);
}

/* n bytes at `at`, within a page, out of user or kernel memory: 0 or -errno. */
static int copy_page_in(struct inode *inode, loff_k at, const char *buf, size_t n, bool kernel)
{
	size_t offset = (size_t)at & (PAGE_SIZE - 1), left = 0;
	struct page *page;
	int err;

	err = page_for_write(inode, (unsigned long)(at >> PAGE_SHIFT), &page);
	if (unlikely(err))
		return err;
	if (unlikely(kernel))
		memcpy_to_page(page, offset, buf, n);
	else
		left = user_to_page(page, offset, buf, n);
	if (inode->sb)
		set_page_dirty(page);
	put_page(page);
	return left ? -EFAULT : 0;
}

/* Where a write may end at most: 0, or -EFBIG. */
static int check_end(loff_k at, size_t *n)
{
	loff_k limit = MAX_FILE_SIZE;

	if (at >= limit)
		return -EFBIG;
	if ((u64)(limit - at) < *n)
		*n = (size_t)(limit - at);
	return 0;
}

static long write_pages(struct file *f, const char *buf, size_t n, loff_k *pos, bool kernel)
{
	struct inode *inode = f->inode;
	loff_k at = f->flags & O_APPEND ? inode->size : *pos;
	size_t done = 0;
	int err = at < 0 ? -EINVAL : n ? check_end(at, &n) : 0;

	while (done < n && !err) {
		size_t offset = (size_t)at & (PAGE_SIZE - 1);
		size_t piece = min_t(size_t, n - done, PAGE_SIZE - offset);
		size_t good = kernel ? piece : readable(buf + done, piece);

		err = good ? copy_page_in(inode, at, buf + done, good, kernel) : -EFAULT;
		if (unlikely(err))
			break;
		if (unlikely(good < piece))
			err = -EFAULT;
		done += good;
		at += good;
		if (at > inode->size)
			inode->size = at;
		if (fatal_signal_pending(current))
			break;
		cond_resched();
	}
	if (!done)
		return err;
	inode->mtime_ns = inode->ctime_ns = fs_now_ns();
	*pos = at;
	if (inode->sb) {
		mark_inode_dirty(inode);
		balance_dirty_pages(inode);
	}
	return (long)done;
}

long generic_file_write(struct file *f, const char *buf, size_t n, loff_k *pos)
{
	return write_pages(f, buf, n, pos, false);
}

long generic_file_write_kernel(struct file *f, const char *data, size_t n, loff_k *pos)
{
	return write_pages(f, data, n, pos, true);
}

long kernel_read(struct file *f, void *buf, size_t n, loff_k pos)
{
	struct inode *inode = f->inode;
	struct page *page;
	size_t done = 0;
	int err;

	if (!S_ISREG_K(inode->mode) || !inode->mapping.a_ops)
		return -EINVAL;
	while (done < n && pos < inode->size) {
		size_t offset = (size_t)pos & (PAGE_SIZE - 1);
		size_t piece = min_t(size_t, n - done, PAGE_SIZE - offset);

		if ((u64)(inode->size - pos) < piece)
			piece = (size_t)(inode->size - pos);
		err = page_for_read(f, (unsigned long)(pos >> PAGE_SHIFT), 1, &page);
		if (err)
			return err;
		if (page) {
			memcpy_from_page((char *)buf + done, page, offset, piece);
			put_page(page);
		} else {
			memset((char *)buf + done, 0, piece);
		}
		done += piece;
		pos += piece;
	}
	return (long)done;
}

/* ---- mapping ----------------------------------------------------------------------- */

/* Filling a page may sleep; if the file became shorter meanwhile the page must go again. */
static int file_fault(struct vm_area_struct *vma, struct vm_fault *vmf)
{
	struct inode *inode = vma->vm_file->inode;
	int ret = filemap_fault(&inode->mapping, vma, vmf, inode_pages(inode),
				&vma->vm_file->ra);

	if (likely(ret & ~VM_FAULT_MAJOR || vmf->pgoff < inode_pages(inode)))
		return ret;
	put_page(vmf->page);
	truncate_range(&inode->mapping, inode_pages(inode), ~0ul, true);
	return VM_FAULT_SIGBUS;
}

static const struct vm_operations_struct file_vm_ops = {
	.fault = file_fault,
};

int generic_file_mmap(struct file *f, struct vm_area_struct *vma)
{
	vma->vm_ops = &file_vm_ops;
	if (f->inode->sb && vma->vm_flags & VM_SHARED)
		flusher_wake();
	return 0;
}
