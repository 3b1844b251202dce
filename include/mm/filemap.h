/* SPDX-License-Identifier: MIT */
/*
 * The page cache: one frame for each page of a file (Gorman chapter 10, LinuxMM wiki).
 *
 *	mm/filemap.c	pages in and out; faults	mm/readahead.c	more than was asked for
 *	mm/writeback.c	dirty pages			mm/truncate.c	pages that go
 *
 *  A radix tree per address_space; pages have type PGT_FILE, one
 * reference of the cache, page->mapping and page->index say where they belong.
 */
#ifndef MM_FILEMAP_H
#define MM_FILEMAP_H

#include <kernel/radix_tree.h>
#include <mm/fault.h>

struct address_space;

struct address_space_operations {
	/* Fill a locked page that is not uptodate; 0 or -errno.  May sleep. */
	int (*readpage)(struct address_space *mapping, struct page *page);
	/*
	 * The same for n pages that follow each other, in as few requests as possible; an error
	 * is one of all.  Not NULL: the pages come from a device, so a fault that reads is a
	 * major one, read-ahead is worth while, and PG_dirty means that the device waits.
	 */
	int (*readpages)(struct address_space *mapping, struct page **pages, unsigned n);
};

/*
 * What somebody who reads a file has been doing, to guess what he wants next
 * (mm/readahead.c).  All zero: nothing yet.
 */
struct file_ra_state {
	unsigned long next;		/* page behind the last one that he used */
	unsigned long start, size;	/* what was read ahead last, in pages */
};

/* What the files of one file system may have in the cache together (tmpfs). */
struct page_quota {
	unsigned long limit, used;		/* pages */
};

struct address_space {
	void *host;				/* the inode: fs/ knows what it is */
	struct radix_tree_root pages;
	unsigned long nrpages;
	const struct address_space_operations *a_ops;
	struct list_head mappings;		/* all address_spaces that have pages */
	struct rb_root i_mmap;			/* regions that map it: vma->shared */
	struct page_quota *quota;		/* NULL: as many pages as there are */
	bool unevictable;			/* ramfs: the pages are the only copy */
	int wb_err;				/* pages could not be written; fsync takes it */
	unsigned long nrdirty;			/* pages with PG_dirty, of a device only */
};

/* Do its pages come from a device? */
static inline bool mapping_has_device(const struct address_space *mapping)
{
	return mapping->a_ops && mapping->a_ops->readpages;
}

void address_space_init(struct address_space *mapping, void *host,
			const struct address_space_operations *ops);

/* The cached page with a reference, or NULL; nothing is read. */
struct page *find_get_page(struct address_space *mapping, unsigned long index);

/*
 * The page, uptodate, with a reference: from the cache or read.  *pagep; 0 or -errno
 * (-ENOMEM, -ENOSPC: the quota is used up).
 */
int read_mapping_page(struct address_space *mapping, unsigned long index, struct page **pagep);

/* The same for a page that will be overwritten whole or grown: made if absent, zeroed. */
int grab_cache_page(struct address_space *mapping, unsigned long index, struct page **pagep);

/*
 * Pages of [first, last] leave the cache; entries that name them stay (see truncate_range).
 * Sleeps until nobody fills or uses them under the page lock.
 */
void truncate_pages(struct address_space *mapping, unsigned long first, unsigned long last);

/*
 * mm/truncate.c: no region has an entry for the pages [first, last] of the file any more.
 * private_too: also not for private copies of them, as truncate wants it and a hole does
 * not.  Takes no lock, and does not sleep: nobody else runs.  Flushes.
 */
void unmap_mapping_range(struct address_space *mapping, unsigned long first,
			 unsigned long last, bool private_too);

/*
 * The same, and the pages leave the cache: what truncate and hole punching do once the new
 * size is set, so that faults which were asleep find it (mm/filemap.c).  May sleep.
 */
void truncate_range(struct address_space *mapping, unsigned long first, unsigned long last,
		    bool private_too);

/* Drop clean unmapped pages of all evictable mappings; how many.  For reclaim and tests. */
unsigned long drop_page_cache(void);

/* The caller's reference and the cache's are the only ones: out of it.  True if it is. */
bool drop_clean_page(struct page *page);

extern unsigned long nr_file_pages;

/*
 * For vm_ops->fault and the fault-around of cached neighbours.  `ra`: of the open file that
 * is mapped.  0 with vmf->page, or VM_FAULT_*; VM_FAULT_MAJOR among them if a device was
 * asked.
 */
int filemap_fault(struct address_space *mapping, struct vm_area_struct *vma,
		  struct vm_fault *vmf, unsigned long size_in_pages, struct file_ra_state *ra);

/* The lock of a page: taking it sleeps until it is free. */
void lock_page(struct page *page);
void unlock_page(struct page *page);

/* ---- reading ahead (mm/readahead.c) ------------------------------------------------- */

#define RA_MIN		4u		/* pages: the first window of a sequential reader */
#define RA_MAX		32u		/* the largest one */
#define RA_AROUND	16u		/* aligned pages around a fault */

struct ra_counters {
	unsigned long sequential, random, around;	/* windows of each kind */
	unsigned long pages;				/* read because of them */
	unsigned long dropped;				/* used-once pages dropped behind readers */
};
extern struct ra_counters ra_counters;

/*
 * Read the pages of [index, index + n) that are not cached, as far as memory is at hand;
 * how many were read.  Errors are left to who wants the page.  At most RA_MAX.  Sleeps.
 */
unsigned read_cache_pages(struct address_space *mapping, unsigned long index, unsigned long n);

/*
 * read(2) wants page `index`, and `want` of them altogether, and it is not cached: read it,
 * and more if he reads in order.  `size`: pages of the file.  Sleeps.
 */
void readahead_read(struct address_space *mapping, struct file_ra_state *ra,
		    unsigned long index, unsigned long want, unsigned long size);

/* A fault wants it: what advice (VM_SEQ_READ, VM_RAND_READ) and habit suggest. */
void readahead_fault(struct address_space *mapping, struct file_ra_state *ra,
		     const struct vm_area_struct *vma, unsigned long index, unsigned long size);

/*
 * He has used page `index` and is done with it.  Behind one who reads in order pages that
 * nobody else used are dropped while memory is scarce, before they push out better ones.
 */
void __readahead_used(struct address_space *mapping, const struct file_ra_state *ra,
		      unsigned long index);

static inline void readahead_used(struct address_space *mapping, struct file_ra_state *ra,
				  unsigned long index)
{
	if (unlikely(ra->size >= RA_MAX))
		__readahead_used(mapping, ra, index);
	ra->next = index + 1;
}

/* ---- dirty pages (mm/writeback.c) ---------------------------------------------------- */

extern unsigned long nr_dirty, nr_writeback;	/* pages, of devices only */
extern unsigned long nr_written;		/* pages handed to devices since boot */

#define WRITEBACK_BATCH	32u

/*
 * The contents are newer than what the device has.  The page is in the cache, or was (then
 * nothing happens).  Any context, no sleep.
 */
void set_page_dirty(struct page *page);

/*
 * Stores through shared mappings leave their trace in page tables only, in the Dirty bit.
 * Take it over into PG_dirty for the pages [first, last].  No lock, no sleep (see
 * unmap_mapping_range); flushes where a bit was cleared.
 */
void collect_dirty(struct address_space *mapping, unsigned long first, unsigned long last);

/*
 * The first dirty pages from `index` on that follow each other, at most n <=
 * WRITEBACK_BATCH: locked, PG_dirty cleared, PG_writeback set; how many.  Each has a
 * reference.  Sleeps for the first one's lock.  writeback_end() with the result gives them
 * back; after an error they are dirty again, and mapping->wb_err is set.
 */
unsigned writeback_begin(struct address_space *mapping, unsigned long index,
			 unsigned long last, struct page **pages, unsigned n);
void writeback_end(struct page **pages, unsigned n, int err);

/* The page is leaving the cache: nobody will write it.  Locked or unused. */
void cancel_dirty_page(struct page *page);

#endif
