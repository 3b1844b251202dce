/* SPDX-License-Identifier: MIT */
/*
 * /dev/NAME of a disk or partition: its bytes as they are, past the page cache.  Who opens it
 * for writing is the only one who writes to it: no file system, not even a read-only one, and no
 * swap is on it meanwhile; whole blocks only.
 */
#include <asm/uaccess.h>
#include <fs/devfs.h>
#include <kernel/printk.h>
#include <mm/mm.h>
#include "blk.h"
#include "internal.h"

static loff_k size_of(const struct file *f)
{
	const struct block_device *b = f->private;

	return (loff_k)(b->capacity << SECTOR_SHIFT);
}

static int node_open(struct inode *inode, struct file *f)
{
	struct block_device *b = blkdev_find_rdev(inode->rdev);

	if (!b)
		return -ENXIO;
	f->private = b;
	return blkdev_get(b, f->mode & FMODE_WRITE);
}

static void node_release(struct file *f)
{
	blkdev_put(f->private, f->mode & FMODE_WRITE);
}

static loff_k node_llseek(struct file *f, loff_k offset, int whence)
{
	return llseek_by_size(f, offset, whence, size_of(f));
}

static int read_piece(struct file *f, struct page *page, char *buf, size_t n, loff_k pos)
{
	int err = blk_read_bytes(f->private, (u64)pos, page_address(page), n);

	return err ? err : copy_to_user(buf, page_address(page), n) ? -EFAULT : 0;
}

static int write_piece(struct file *f, struct page *page, char *buf, size_t n, loff_k pos)
{
	struct blk_vec vec = { .page = page, .len = (u32)n };

	if (copy_from_user(page_address(page), buf, n))
		return -EFAULT;
	return blk_rw(f->private, true, (u64)pos >> SECTOR_SHIFT, &vec, 1);
}

/* A page at a time; what was done before an error counts. */
static long transfer(struct file *f, char *buf, size_t n, loff_k *pos,
		     int (*piece)(struct file *, struct page *, char *, size_t, loff_k))
{
	struct page *page = alloc_page(GFP_KERNEL);
	size_t done = 0, part;
	int err = page ? 0 : -ENOMEM;

	for (; done < n && !err && !fatal_signal_pending(current); cond_resched()) {
		part = min_t(size_t, n - done, PAGE_SIZE);
		err = piece(f, page, buf + done, part, *pos);
		if (err)
			break;
		done += part;
		*pos += (loff_k)part;
	}
	if (page)
		__free_page(page);
	return done ? (long)done : err;
}

static size_t cut(const struct file *f, size_t n, loff_k pos)
{
	return pos >= size_of(f) ? 0 : (size_t)min_t(u64, n, (u64)(size_of(f) - pos));
}

static long node_read(struct file *f, char *buf, size_t n, loff_k *pos)
{
	return *pos < 0 ? -EINVAL : transfer(f, buf, cut(f, n, *pos), pos, read_piece);
}

static long node_write(struct file *f, const char *buf, size_t n, loff_k *pos)
{
	const struct block_device *b = f->private;

	if (*pos < 0 || (u64)*pos % b->block_size || n % b->block_size)
		return -EINVAL;
	if (n && *pos >= size_of(f))
		return -ENOSPC;
	return transfer(f, (char *)buf, cut(f, n, *pos), pos, write_piece);
}

static const struct file_operations blk_node_ops = {
	.read = node_read, .write = node_write, .llseek = node_llseek,
	.open = node_open, .release = node_release,
};

void blk_node_add(struct block_device *bdev)
{
	char path[5 + BLK_NAME_LEN];
	int err;

	if (bdev->disk->no_node)
		return;
	devfs_set_block_ops(&blk_node_ops);
	snprintf(path, sizeof(path), "/dev/%s", bdev->name);
	err = kern_mknod(path, S_IFBLK | 0600, bdev->rdev);
	if (err)
		pr_warn("%s: %s cannot be made (error %d): going on without\n", bdev->name, path,
			-err);
}
