/* SPDX-License-Identifier: MIT */
/*
 * Reading more of a file than was asked for (contracts: mm/filemap.h).
 *
 * A device answers one request for 32 pages nearly as fast as one for a single page, so the
 * only question is what will be wanted.  The policy:
 *
 *	who				what is read at a miss
 *	read(2), in order		4, 8, 16, 32, 32, ... pages
 *	read(2), anywhere		what the call asks for
 *	fault				the aligned 16 pages around it, which the fault maps too
 *	fault where the last window	as read(2) in order
 *	  ended, or MADV_SEQUENTIAL
 *	fault, MADV_RANDOM		one page
 *
 * "In order": at the page behind the last one used, or at the end of the last window, or at
 * the beginning of a file that was not read yet.
 *
 * Behind one who reads in order with the largest window, pages that only he used are given
 * back while less than an eighth of memory is free: they were used once, and others are not
 * to pay for that.
 */
#include "internal.h"

struct ra_counters ra_counters;

static bool is_sequential(const struct file_ra_state *ra, unsigned long index)
{
	return index == ra->next || (ra->size && index == ra->start + ra->size);
}

static void read_window(struct address_space *mapping, struct file_ra_state *ra,
			unsigned long index, unsigned long n, unsigned long size)
{
	ra->start = index;
	ra->size = min(n, size - index);
	ra_counters.pages += read_cache_pages(mapping, index, ra->size);
}

/* The next window of one who reads in order, at least `want` pages. */
static void read_sequential(struct address_space *mapping, struct file_ra_state *ra,
			    unsigned long index, unsigned long want, unsigned long size)
{
	unsigned long n = max_t(unsigned long, ra->size * 2, RA_MIN);

	n = max(n, want);
	ra_counters.sequential++;
	read_window(mapping, ra, index, min_t(unsigned long, n, RA_MAX), size);
}

void readahead_read(struct address_space *mapping, struct file_ra_state *ra,
		    unsigned long index, unsigned long want, unsigned long size)
{
	if (!mapping_has_device(mapping) || index >= size)
		return;
	if (is_sequential(ra, index)) {
		read_sequential(mapping, ra, index, want, size);
		return;
	}
	ra_counters.random++;
	read_window(mapping, ra, index, min_t(unsigned long, want, RA_MAX), size);
	ra->size = 0;
}

/* Aligned, inside the file, and only what is not there. */
static void read_around(struct address_space *mapping, struct file_ra_state *ra,
			unsigned long index, unsigned long size)
{
	ra_counters.around++;
	read_window(mapping, ra, ALIGN_DOWN(index, RA_AROUND), RA_AROUND, size);
}

/* Without a device: what MADV_SEQUENTIAL brings is only the copying that comes anyway. */
static void read_memory(struct address_space *mapping, const struct vm_area_struct *vma,
			unsigned long index, unsigned long size)
{
	unsigned long end = min(size, vma->vm_pgoff + vma_pages(vma));
	struct page *page;

	if (!(vma->vm_flags & VM_SEQ_READ))
		return;
	for (end = min(end, index + RA_AROUND); index < end; index++) {
		if (read_mapping_page(mapping, index, &page))
			return;
		put_page(page);
	}
}

void readahead_fault(struct address_space *mapping, struct file_ra_state *ra,
		     const struct vm_area_struct *vma, unsigned long index, unsigned long size)
{
	if (!mapping_has_device(mapping))
		read_memory(mapping, vma, index, size);
	else if (vma->vm_flags & VM_RAND_READ)
		ra_counters.random++;
	else if (vma->vm_flags & VM_SEQ_READ ||
		 (ra->size && index == ra->start + ra->size))
		read_sequential(mapping, ra, index, 1, size);
	else
		read_around(mapping, ra, index, size);
}

/* Nobody maps it, and nobody but this reader has looked at it. */
static void drop_used_once(struct address_space *mapping, unsigned long index)
{
	struct page *page = find_get_page(mapping, index);

	if (!page)
		return;
	if (page_mapcount(page) == 0 && !PageReferenced(page) && drop_clean_page(page))
		ra_counters.dropped++;
	put_page(page);
}

void __readahead_used(struct address_space *mapping, const struct file_ra_state *ra,
		      unsigned long index)
{
	bool in_order = index == ra->next || index + 1 == ra->next;

	if (!in_order || index < 2 * RA_MAX || !mapping_has_device(mapping) ||
	    nr_free_pages() >= totalram_pages / 8)
		return;
	drop_used_once(mapping, index - 2 * RA_MAX);
}
