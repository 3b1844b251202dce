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

struct address_space {
	void *host;				/* the inode: fs/ knows what it is */
	struct radix_tree_root pages;
	unsigned long nrpages;
	const struct address_space_operations *a_ops;
	struct list_head mappings;		/* all address_spaces that have pages */
	bool unevictable;			/* ramfs: the pages are the only copy */
};

void address_space_init(struct address_space *mapping, void *host,
			const struct address_space_operations *ops);

/* The cached page with a reference, or NULL; nothing is read. */
struct page *find_get_page(struct address_space *mapping, unsigned long index);

/* The page, uptodate, with a reference: from the cache or read.  *pagep; 0 or -errno. */
int read_mapping_page(struct address_space *mapping, unsigned long index, struct page **pagep);

/* The same for a page that will be overwritten whole or grown: made if absent, zeroed. */
int grab_cache_page(struct address_space *mapping, unsigned long index, struct page **pagep);

/* Pages from index `from` on leave the cache (not those still mapped: they lose it). */
void truncate_pages(struct address_space *mapping, unsigned long from);

/* Drop clean unmapped pages of all evictable mappings; how many.  For reclaim and tests. */
unsigned long drop_page_cache(void);

extern unsigned long nr_file_pages;

/* For vm_ops->fault and the fault-around of cached neighbours. */
int filemap_fault(struct address_space *mapping, struct vm_area_struct *vma,
		  struct vm_fault *vmf, unsigned long size_in_pages);

#endif
