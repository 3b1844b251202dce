/* SPDX-License-Identifier: MIT */
/*
 * /proc/pagewalk/framemap: a byte for each frame, behind the allocator's own counts
 * (include/uapi/pagewalk.h), for whoever wants to see all of memory often.
 *
 * It is made without a sleep, so nothing changes meanwhile but by interrupts; those, and
 * what happens if the reader's buffer faults, show in `changes`.
 */
#include <asm/uaccess.h>
#include <fs/proc.h>
#include <kernel/string.h>
#include <kernel/time.h>
#include <linux/errno.h>
#include <mm/fault.h>
#include <mm/mm.h>
#include <mm/swap.h>
#include <uapi/pagewalk.h>
#include "internal.h"

#define HEADER	sizeof(struct pagewalk_framemap)

static_assert((int)NR_PAGE_TYPES == (int)PAGEWALK_FRAME_TYPES && PAGEWALK_MAP_ZERO < 16,
	      "a type fits in half a byte");
static_assert(2 << PG_dirty == PAGEWALK_MAP_DIRTY &&
	      1 << PG_swapcache >> 3 == PAGEWALK_MAP_SWAPCACHE &&
	      1 << PG_mlocked >> 3 == PAGEWALK_MAP_MLOCKED, "the shifts in frame_byte()");

/* Few instructions: this runs for each frame of the machine. */
static u8 frame_byte(const struct page *page)
{
	unsigned long flags = page->flags;

	return (u8)((flags & PGT_MASK) >> PGT_SHIFT | (flags << 1 & PAGEWALK_MAP_DIRTY) |
		    (flags >> 3 & (PAGEWALK_MAP_SWAPCACHE | PAGEWALK_MAP_MLOCKED)) |
		    (page_mapcount(page) > 0 ? PAGEWALK_MAP_MAPPED : 0));
}

/* Frames [first, first + n): those without a descriptor are absent. */
static void fill_bytes(u8 *bytes, unsigned long first, unsigned long n)
{
	const struct memmap_range *r;
	unsigned long pfn, end;

	memset(bytes, PAGEWALK_FRAME_ABSENT, n);
	for_each_memmap_range(r) {
		end = min(r->end_pfn, first + n);
		for (pfn = max(r->start_pfn, first); pfn < end; pfn++)
			bytes[pfn - first] = frame_byte(pfn_to_page(pfn));
	}
	if (zero_pfn - first < n)
		bytes[zero_pfn - first] = PAGEWALK_MAP_ZERO;
}

/* Calls of the allocator since boot, modulo 2^32. */
static u32 allocator_calls(void)
{
	unsigned long calls = 0;
	struct zone *zone;

	for (zone = zones; zone < zones + MAX_NR_ZONES; zone++)
		calls += zone->nr_alloc + zone->nr_freed;
	return (u32)calls;
}

static void fill_header(struct pagewalk_framemap *h, u32 changes)
{
	unsigned long present = 0;
	unsigned i;

	*h = (struct pagewalk_framemap){
		.size = HEADER, .changes = changes, .frames = max_pfn, .ns = ktime_ns(),
		.swapcache = nr_swapcache, .mlocked = nr_mlocked,
	};
	for (i = 0; i < PGT_FREE; i++)
		h->count[i] = page_type_count[i];
	for (i = 0; i < MAX_NR_ZONES; i++) {
		h->zone[i].start = zones[i].start_pfn;
		h->zone[i].end = zones[i].end_pfn;
		h->zone[i].free = zones[i].free_pages;
		present += zones[i].present_pages;
	}
	h->count[PAGEWALK_FRAME_FREE] = nr_free_pages();
	h->count[PAGEWALK_FRAME_ABSENT] = max_pfn - present;
}

/* n bytes of the file at `at`, behind the header.  0 or -EFAULT. */
static int copy_bytes(char *buf, size_t n, u64 at, u8 *page)
{
	size_t done, piece;

	for (done = 0; done < n; done += piece) {
		piece = min(n - done, (size_t)PAGE_SIZE);
		fill_bytes(page, (unsigned long)(at - HEADER + done), piece);
		if (copy_to_user(buf + done, page, piece))
			return -EFAULT;
	}
	return 0;
}

static long framemap_read(struct file *f, char *buf, size_t n, loff_k *pos)
{
	u64 at = (u64)*pos, end = HEADER + max_pfn;
	struct pagewalk_framemap header;
	size_t head;
	long ret;
	u32 calls;
	u8 *page;

	if (*pos < 0)
		return -EINVAL;
	if (at >= end)
		return 0;
	n = (size_t)min((u64)n, end - at);
	head = at < HEADER ? min(n, (size_t)(HEADER - at)) : 0;
	page = kmalloc(PAGE_SIZE, GFP_KERNEL);
	if (!page)
		return -ENOMEM;
	calls = allocator_calls();
	ret = copy_bytes(buf + head, n - head, at + head, page);
	fill_header(&header, allocator_calls() - calls);
	if (!ret && head && copy_to_user(buf, (char *)&header + at, head))
		ret = -EFAULT;
	kfree(page);
	if (ret)
		return ret;
	*pos += (loff_k)n;
	return (long)n;
}

const struct file_operations pagewalk_framemap_ops = { .read = framemap_read };
