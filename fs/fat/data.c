/* SPDX-License-Identifier: MIT */
/*
 * The pages of files: read, and written back (contracts: fat.h, mm/filemap.h).
 *
 * Pages that follow each other on the disk are one request, however they were asked for.
 * Behind fi->disk_size the disk has nothing that counts, and such bytes read zero; but while a
 * file grows, pages that are on the disk already (fi->written) may be taken and read again.
 */
#include <mm/highmem.h>
#include "fat.h"

/* ---- requests ------------------------------------------------------------------------ */

/* A request that grows while what is added continues it. */
struct io {
	struct fat_fs *fat;
	bool write;
	u64 pos, end;			/* on the partition */
	struct blk_vec vec[RA_MAX];
	unsigned n;
};

static int io_submit(struct io *io)
{
	int err = 0;

	if (io->n)
		err = blk_rw(io->fat->bdev, io->write, io->pos >> SECTOR_SHIFT, io->vec, io->n);
	io->n = 0;
	return err;
}

static bool io_continues(const struct io *io, const struct page *page, u32 offset, u64 pos)
{
	const struct blk_vec *v;

	if (!io->n || pos != io->end)
		return false;
	v = &io->vec[io->n - 1];
	if (v->page == page)
		return v->offset + v->len == offset;
	return !offset && v->offset + v->len == PAGE_SIZE && io->n < ARRAY_SIZE(io->vec);
}

static int io_add(struct io *io, struct page *page, u32 offset, u32 len, u64 pos)
{
	int err = 0;

	if (!io_continues(io, page, offset, pos)) {
		err = io_submit(io);
		io->pos = pos;
	}
	if (io->n && io->vec[io->n - 1].page == page)
		io->vec[io->n - 1].len += len;
	else
		io->vec[io->n++] = (struct blk_vec){ page, offset, len };
	io->end = pos + len;
	return err;
}

/* The first len bytes of a page of the file, run by run: clusters can be smaller than a page. */
static int io_add_page(struct io *io, const struct inode *inode, struct page *page, u32 len)
{
	const struct fat_inode *fi = FAT_I(inode);
	unsigned shift = io->fat->l.cluster_shift;
	u64 at = (u64)page->index << PAGE_SHIFT, end = at + len, run_end;
	const struct fat_run *r;
	u32 cluster, piece;
	int err = 0;

	for (; at < end && !err; at += piece) {
		cluster = (u32)(at >> shift);
		r = fat_runs_find(&fi->runs, cluster);
		if (!r)
			return -EIO;
		run_end = (u64)(r->at + r->n) << shift;
		piece = (u32)(min(end, run_end) - at);
		err = io_add(io, page, (u32)(len - (end - at)), piece,
			     fat_cluster_pos(io->fat, r->start + (cluster - r->at)) +
			     ((u32)at & (fat_cluster_size(&io->fat->l) - 1)));
	}
	return err;
}

/* Bytes of a page up to `size`, in whole units of the disk. */
static u32 page_bytes(const struct fat_fs *fat, const struct page *page, loff_k size)
{
	loff_k left = size - ((loff_k)page->index << PAGE_SHIFT);

	if (left <= 0)
		return 0;
	return left >= (loff_k)PAGE_SIZE ? PAGE_SIZE : ALIGN((u32)left, fat->unit);
}

/* ---- reading ------------------------------------------------------------------------- */

static void clear_behind(struct page *page, loff_k size)
{
	loff_k left = size - ((loff_k)page->index << PAGE_SHIFT);

	if (left <= 0)
		clear_highpage(page);
	else if (left < (loff_k)PAGE_SIZE)
		memset_page(page, (size_t)left, 0, PAGE_SIZE - (size_t)left);
}

static int fat_readpages(struct address_space *mapping, struct page **pages, unsigned n)
{
	struct inode *inode = mapping->host;
	struct fat_inode *fi = FAT_I(inode);
	struct io *io = kmalloc(sizeof(*io), GFP_KERNEL);
	loff_k size = max(fi->disk_size, fi->written);
	unsigned i;
	u32 len;
	int err = 0;

	if (!io)
		return -ENOMEM;
	io->fat = fi->fat;
	io->write = false;
	io->n = 0;
	for (i = 0; i < n && !err; i++) {
		len = page_bytes(fi->fat, pages[i], size);
		if (len)
			err = io_add_page(io, inode, pages[i], len);
	}
	if (!err)
		err = io_submit(io);
	for (i = 0; i < n && !err; i++)
		clear_behind(pages[i], size);
	kfree(io);
	return err;
}

static int fat_readpage(struct address_space *mapping, struct page *page)
{
	return fat_readpages(mapping, &page, 1);
}

const struct address_space_operations fat_aops = {
	.readpage = fat_readpage, .readpages = fat_readpages,
};

/* ---- writing back; sem is held for writing ------------------------------------------- */

static int write_batch(struct inode *inode, struct page **pages, unsigned n, loff_k size)
{
	struct fat_fs *fat = FAT_I(inode)->fat;
	struct io *io = kmalloc(sizeof(*io), GFP_KERNEL);
	unsigned i;
	int err = 0;

	if (!io)
		return -ENOMEM;
	io->fat = fat;
	io->write = true;
	io->n = 0;
	for (i = 0; i < n && !err; i++)
		err = io_add_page(io, inode, pages[i], page_bytes(fat, pages[i], size));
	if (!err)
		err = io_submit(io);
	kfree(io);
	return err;
}

/*
 * Their write-back is over.  While the file grows its pages are written in order, and what is
 * on the disk so far is known before anybody can drop the pages.
 */
static void end_batch(struct inode *inode, struct page **pages, unsigned n, loff_k size,
		      bool in_order, int err)
{
	struct fat_inode *fi = FAT_I(inode);

	if (!err && in_order)
		fi->written = min((loff_k)(pages[n - 1]->index + 1) << PAGE_SHIFT, size);
	writeback_end(pages, n, err);
}

/*
 * One by one: a bad sector is to cost its own page and not those that were written with it;
 * but in a file that grows what is behind it is not the file's yet and stays dirty.
 */
static int write_singly(struct inode *inode, struct page **pages, unsigned n, loff_k size,
			bool in_order)
{
	int err, ret = 0;
	unsigned i;

	for (i = 0; i < n; i++) {
		err = ret && in_order ? ret : write_batch(inode, &pages[i], 1, size);
		end_batch(inode, &pages[i], 1, size, in_order, err);
		if (err && !ret)
			ret = err;
	}
	return ret;
}

/*
 * All dirty pages in [first, last], whatever becomes of some, or in order up to the first one
 * that cannot be written; the first error.
 */
static int write_dirty(struct inode *inode, unsigned long first, unsigned long last, loff_k size,
		       bool in_order)
{
	struct page *pages[WRITEBACK_BATCH];
	int err, ret = 0;
	unsigned n;

	while (first <= last && !(ret && in_order)) {
		n = writeback_begin(&inode->mapping, first, last, pages, WRITEBACK_BATCH);
		if (!n)
			break;
		first = pages[n - 1]->index + 1;
		err = write_batch(inode, pages, n, size);
		if (err && n > 1)
			err = write_singly(inode, pages, n, size, in_order);
		else
			end_batch(inode, pages, n, size, in_order, err);
		if (err && !ret)
			ret = err;
	}
	return ret;
}

/* The first page behind `size` bytes. */
static unsigned long page_index_up(loff_k size)
{
	return (unsigned long)((size + PAGE_SIZE - 1) >> PAGE_SHIFT);
}

/* Pages that nobody has written, behind the old end: zero, but the disk does not know. */
static int make_dirty(struct inode *inode, unsigned long first, unsigned long end)
{
	struct page *page;
	int err;

	for (; first < end; first++) {
		err = read_mapping_page(&inode->mapping, first, &page);
		if (err)
			return err;
		set_page_dirty(page);
		put_page(page);
	}
	return 0;
}

/*
 * From the old end of the file to the new one every page is written, a batch at a time, until
 * one cannot be: fi->written says how far it came.
 */
static int write_new(struct inode *inode, loff_k from, loff_k size)
{
	unsigned long first = (unsigned long)(from >> PAGE_SHIFT), next;
	unsigned long end = page_index_up(size);
	int err = 0;

	for (; first < end && !err; first = next) {
		next = min(first + WRITEBACK_BATCH, end);
		err = make_dirty(inode, first, next);
		if (!err)
			err = write_dirty(inode, first, next - 1, size, true);
	}
	return err;
}

/*
 * What the disk has of the file already: whole pages if the part behind could not be written,
 * because the last one, dirty still, needs clusters of that part.
 */
static int write_old(struct inode *inode, loff_k old, loff_k size, int err)
{
	unsigned long end = err ? (unsigned long)(old >> PAGE_SHIFT) : page_index_up(size);

	return end ? write_dirty(inode, 0, end - 1, size, false) : 0;
}

/*
 * Only the part up to fi->written is on the disk, and becomes the file's; but no cluster whose
 * rest may be bad: its good pages are to be written elsewhere.
 */
static void round_down(struct inode *inode, loff_k old)
{
	struct fat_inode *fi = FAT_I(inode);
	loff_k whole = max(old, ALIGN_DOWN(fi->written, (loff_k)fat_cluster_size(&fi->fat->l)));

	if (whole < fi->written &&
	    !make_dirty(inode, (unsigned long)(whole >> PAGE_SHIFT), page_index_up(fi->written)))
		fi->written = whole;
}

/*
 * A chain that goes on behind the file's end: left over from a power cut, perhaps, and
 * perhaps part of another file by now.  End it here; what is behind belongs to nobody.
 */
static int end_chain(struct inode *inode)
{
	struct fat_inode *fi = FAT_I(inode);
	int err = 0;

	if (!fi->overlong)
		return 0;
	if (fi->runs.nr)
		err = fat_cut_chain(fi->fat, &fi->runs, fi->runs.clusters);
	if (!err)
		fi->overlong = false;
	return err;
}

/* Clusters up to `size`, as runs of their own in `new` and behind the inode's. */
static int add_clusters(struct inode *inode, loff_k size, struct fat_runs *new)
{
	struct fat_inode *fi = FAT_I(inode);
	u32 need = fat_clusters_for(fi->fat, size), before = fi->runs.clusters, i;
	const struct fat_run *r;
	int err;

	if (need <= before)
		return 0;
	err = end_chain(inode);
	if (!err)
		err = fat_find_free(fi->fat, fat_goal(fi), need - before, new);
	for (r = new->v; !err && r < new->v + new->nr; r++)
		for (i = 0; i < r->n && !err; i++)
			err = fat_runs_add(&fi->runs, r->start + i);
	if (err)
		fat_runs_cut(&fi->runs, before);
	return err;
}

/*
 * The clusters up to fi->written have their data: now the table, which makes them the file's.
 * After an error that leaves the table as it was all of that is dirty again.
 */
static int publish(struct inode *inode, u32 before, const struct fat_runs *new)
{
	struct fat_inode *fi = FAT_I(inode);
	u32 last = before ? fat_runs_at(&fi->runs, before - 1) : 0, promised;
	int err = fat_flush(fi->fat);

	if (!err && new->nr)
		err = fat_write_chain(fi->fat, new, last);
	if (err && !fi->fat->sb->broken &&
	    make_dirty(inode, (unsigned long)(fi->disk_size >> PAGE_SHIFT),
		       page_index_up(fi->written)))
		fat_set_broken(fi->fat, err);
	if (err)
		return err;
	if (!before && new->nr)
		fi->start = new->v[0].start;
	promised = min(new->clusters, fi->reserved);
	fi->reserved -= promised;
	fi->fat->reserved -= promised;
	WARN_ON(fi->fat->free < fi->fat->reserved);
	return 0;
}

/*
 * As far as it is written the file grows, on the disk too.  When the table is broken, the
 * clusters stay in memory: what is in them can still be read.
 */
static int end_growing(struct inode *inode, u32 before, struct fat_runs *new)
{
	struct fat_inode *fi = FAT_I(inode);
	u32 keep = max(before, fat_clusters_for(fi->fat, fi->written));
	int err;

	fat_runs_cut(&fi->runs, keep);
	fat_runs_cut(new, keep - before);
	err = new->nr || fi->written != fi->disk_size ? publish(inode, before, new) : 0;
	if (!err)
		fi->disk_size = fi->written;
	else if (fi->fat->sb->broken)
		return err;
	else
		fat_runs_cut(&fi->runs, before);
	fi->written = 0;
	return err;
}

/* The clusters for all of `size`, then what is new in them; fi->written says how far it came. */
static int grow(struct inode *inode, loff_k size, struct fat_runs *new)
{
	struct fat_inode *fi = FAT_I(inode);
	loff_k old = fi->disk_size;
	int err = fat_reserve(inode, size);

	fi->written = old;
	if (!err)
		err = add_clusters(inode, size, new);
	if (!err && old < size) {
		err = write_new(inode, old, size);
		fi->elsewhere = err == -EIO;
	}
	if (err)
		round_down(inode, old);
	return err;
}

/* What can be written is, whatever becomes of the rest; the first error. */
static int write_file(struct inode *inode)
{
	struct fat_inode *fi = FAT_I(inode);
	loff_k size = inode->size, old = fi->disk_size;
	struct fat_runs new = { 0 };
	int err = fat_load_runs(inode), old_err, end_err = 0;
	u32 before = fi->runs.clusters;

	if (err)
		return err;
	err = grow(inode, size, &new);
	old_err = write_old(inode, old, size, err);
	if (!err)
		err = old_err;
	if (!err || fi->written != old) {
		end_err = end_growing(inode, before, &new);
		if (!end_err)
			end_err = fat_write_size(inode);
	} else {
		fat_runs_cut(&fi->runs, before);
		fi->written = 0;
	}
	fat_runs_free(&new);
	return err ? err : end_err;
}

/* Changes from here on make it dirty again. */
int fat_write_inode(struct inode *inode)
{
	struct fat_fs *fat = FAT_I(inode)->fat;
	int err;

	fat_begin(fat);
	err = fat_may_change(fat);
	inode->dirty = false;
	if (!err)
		err = S_ISDIR_K(inode->mode) ? fat_write_entry(inode) : write_file(inode);
	if (err)
		mark_inode_dirty(inode);
	return fat_end(fat, err);
}

/* ---- files --------------------------------------------------------------------------- */

static int fat_open(struct inode *inode, struct file *f)
{
	return fat_need_runs(inode);
}

/* How much of n bytes at `at` there is room for: bytes, or -ENOSPC, -EFBIG. */
static long make_room(struct inode *inode, loff_k at, size_t n)
{
	const struct fat_inode *fi = FAT_I(inode);
	loff_k end;

	if (at >= FAT_MAX_SIZE)
		return -EFBIG;
	if ((u64)(FAT_MAX_SIZE - at) < n)
		n = (size_t)(FAT_MAX_SIZE - at);
	if (!fat_reserve(inode, at + (loff_k)n))
		return (long)n;
	end = (loff_k)((u64)(fi->runs.clusters + fi->reserved + fi->fat->free -
			     fi->fat->reserved) << fi->fat->l.cluster_shift);
	if (end <= at)
		return -ENOSPC;
	return fat_reserve(inode, end) ? -ENOSPC : (long)(end - at);
}

typedef long (*write_fn)(struct file *f, const char *buf, size_t n, loff_k *pos);

static long write_with(struct file *f, const char *buf, size_t n, loff_k *pos, write_fn fn)
{
	struct inode *inode = f->inode;
	loff_k at = f->flags & O_APPEND ? inode->size : *pos;
	long ret = fat_may_change(FAT_I(inode)->fat);

	if (ret)
		return ret;
	if (at < 0)
		return -EINVAL;
	if (!n)
		return 0;
	ret = make_room(inode, at, n);
	if (ret < 0)
		return ret;
	if (at > inode->size)
		fat_clear_tail(inode);
	FAT_I(inode)->writers++;
	ret = fn(f, buf, (size_t)ret, pos);
	FAT_I(inode)->writers--;
	fat_unreserve(inode);
	return ret;
}

static long fat_file_write(struct file *f, const char *buf, size_t n, loff_k *pos)
{
	return write_with(f, buf, n, pos, generic_file_write);
}

static long fat_file_write_kernel(struct file *f, const char *data, size_t n, loff_k *pos)
{
	return write_with(f, data, n, pos, generic_file_write_kernel);
}

const struct file_operations fat_file_ops = {
	.read = generic_file_read,
	.write = fat_file_write,
	.write_kernel = fat_file_write_kernel,
	.mmap = generic_file_mmap,
	.open = fat_open,
	.fsync = generic_fsync,
};

const struct inode_operations fat_file_inode_ops = {
	.truncate = fat_truncate,
	.evict = fat_evict,
};
