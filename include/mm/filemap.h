/* SPDX-License-Identifier: MIT */
/*
 * The page cache: one frame for each page of a file (mm/filemap.c; Gorman chapter 10,
 * LinuxMM wiki).  A radix tree per address_space; pages have type PGT_FILE, one
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
	/* Later: writepage and what belongs to it. */
	int (*writepage)(struct address_space *mapping, struct page *page);
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
};

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

extern unsigned long nr_file_pages;

/* For vm_ops->fault and the fault-around of cached neighbours. */
int filemap_fault(struct address_space *mapping, struct vm_area_struct *vma,
		  struct vm_fault *vmf, unsigned long size_in_pages);

#endif
