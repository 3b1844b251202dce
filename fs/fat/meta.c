/* SPDX-License-Identifier: MIT */
/*
 * Tables and directories: the partition as one file, cached by page (contracts: fat.h).
 *
 * A change is written before anybody depends on it, by the unit that the disk changes as a
 * whole.  From the change until the next fat_flush(), by which all of them are written, the
 * page has PG_dirty, so that nobody drops it.  Data of files is
 * not in here; where both lie in one page, the bytes of the file are stale and nobody looks
 * at them: a cluster that becomes a directory's is made zero here first.
 */
#include <kernel/printk.h>
#include <mm/highmem.h>
#include "fat.h"

/* ---- changes ------------------------------------------------------------------------- */

void fat_begin(struct fat_fs *fat)
{
	down_write(&fat->sem);
	current->flags |= PF_FS_LOCKED;
	fat->pending = false;
}

/* Memory and disk differ, so nothing more is written. */
int fat_set_broken(struct fat_fs *fat, int err)
{
	if (!fat->sb->broken)
		pr_err("fat: %s: a table or directory cannot be written (error %d): read-only from now on\n",
		       fat->sb->source, -err);
	fat->sb->broken = true;
	return err;
}

int fat_failed(struct fat_fs *fat, int err)
{
	return fat->pending ? fat_set_broken(fat, err) : err;
}

int fat_end(struct fat_fs *fat, int err)
{
	if (err)
		fat_failed(fat, err);
	current->flags &= ~PF_FS_LOCKED;
	up_write(&fat->sem);
	return err;
}

/* ---- pages --------------------------------------------------------------------------- */

/* One page of the partition; the last one may reach over its end. */
static int meta_readpages(struct address_space *mapping, struct page **pages, unsigned n)
{
	struct inode *meta = mapping->host;
	struct fat_fs *fat = meta->private;
	u64 sector = (u64)pages[0]->index * PAGE_SECTORS, left;
	struct blk_vec vec[RA_MAX];
	unsigned i, used = 0;

	for (i = 0; i < n; i++, sector += PAGE_SECTORS) {
		left = fat->bdev->capacity > sector ? fat->bdev->capacity - sector : 0;
		left = min_t(u64, left << SECTOR_SHIFT, PAGE_SIZE);
		if (left < PAGE_SIZE)
			clear_highpage(pages[i]);
		if (left)
			vec[used++] = (struct blk_vec){ pages[i], 0, (u32)left };
	}
	return used ? blk_rw(fat->bdev, false, (u64)pages[0]->index * PAGE_SECTORS, vec, used) : 0;
}

static int meta_readpage(struct address_space *mapping, struct page *page)
{
	return meta_readpages(mapping, &page, 1);
}

static const struct address_space_operations meta_aops = {
	.readpage = meta_readpage, .readpages = meta_readpages,
};

int fat_meta_init(struct fat_fs *fat)
{
	fat->meta = inode_alloc(S_IFREG, NULL, NULL, fat);
	if (!fat->meta)
		return -ENOMEM;
	fat->meta->mapping.a_ops = &meta_aops;
	return 0;
}

void fat_meta_free(struct fat_fs *fat)
{
	iput(fat->meta);
}

int fat_meta_page(struct fat_fs *fat, u64 pos, struct page **page)
{
	return read_mapping_page(&fat->meta->mapping, (unsigned long)(pos >> PAGE_SHIFT), page);
}

size_t fat_in_page(u64 pos, u64 n)
{
	size_t room = PAGE_SIZE - ((size_t)pos & (PAGE_SIZE - 1));

	return n < room ? (size_t)n : room;
}

int fat_meta_read(struct fat_fs *fat, u64 pos, void *buf, size_t n)
{
	struct page *page;
	size_t piece;
	int err;

	for (; n; n -= piece, pos += piece, buf = (char *)buf + piece) {
		piece = fat_in_page(pos, n);
		err = fat_meta_page(fat, pos, &page);
		if (err)
			return err;
		memcpy_from_page(buf, page, (size_t)pos & (PAGE_SIZE - 1), piece);
		put_page(page);
	}
	return 0;
}

int fat_meta_change(struct fat_fs *fat, u64 pos, const void *buf, size_t n)
{
	struct page *page;
	size_t piece;
	int err;

	for (; n; n -= piece, pos += piece, buf = (const char *)buf + piece) {
		piece = fat_in_page(pos, n);
		err = fat_meta_page(fat, pos, &page);
		if (err)
			return err;
		memcpy_to_page(page, (size_t)pos & (PAGE_SIZE - 1), buf, piece);
		set_page_dirty(page);
		fat->pending = true;
		put_page(page);
	}
	return 0;
}

/* Units of one page. */
static int write_units(struct fat_fs *fat, u64 pos, size_t n)
{
	u64 end = ALIGN(pos + n, (u64)fat->unit);
	struct blk_vec vec;
	int err;

	pos = ALIGN_DOWN(pos, (u64)fat->unit);
	err = fat_meta_page(fat, pos, &vec.page);
	if (err)
		return err;
	vec.offset = (u32)pos & (PAGE_SIZE - 1);
	vec.len = (u32)(end - pos);
	err = blk_rw(fat->bdev, true, pos >> SECTOR_SHIFT, &vec, 1);
	put_page(vec.page);
	return err;
}

int fat_meta_write_back(struct fat_fs *fat, u64 pos, u64 n)
{
	size_t piece;
	int err = 0;

	for (; n && !err; n -= piece, pos += piece) {
		piece = fat_in_page(pos, n);
		err = write_units(fat, pos, piece);
	}
	return err;
}

int fat_meta_write(struct fat_fs *fat, u64 pos, const void *buf, size_t n)
{
	int err = fat_meta_change(fat, pos, buf, n);

	return err ? err : fat_meta_write_back(fat, pos, n);
}

int fat_meta_zero(struct fat_fs *fat, u64 pos, size_t n)
{
	struct page *page;
	u64 at, end = pos + n;
	size_t piece;
	int err;

	for (at = pos; at < end; at += piece) {
		piece = fat_in_page(at, end - at);
		err = fat_meta_page(fat, at, &page);
		if (err)
			return err;
		memset_page(page, (size_t)at & (PAGE_SIZE - 1), 0, piece);
		set_page_dirty(page);
		fat->pending = true;
		put_page(page);
	}
	return fat_meta_write_back(fat, pos, n);
}

int fat_flush(struct fat_fs *fat)
{
	struct page *pages[WRITEBACK_BATCH];
	int err = blk_flush(fat->bdev);
	unsigned n;

	if (err)
		return err;
	while ((n = writeback_begin(&fat->meta->mapping, 0, ~0ul, pages, WRITEBACK_BATCH)))
		writeback_end(pages, n, 0);
	fat->pending = false;
	return 0;
}
