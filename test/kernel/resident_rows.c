/* SPDX-License-Identifier: MIT */
/*
 * The kernel is resident (catalogue P7): while a program uses twice the memory that there
 * is, nothing of the kernel's is taken or changed.  What is compared before and after:
 * checksums of text and constants, of descriptors of frames that nobody may ever have, of
 * the direct map's entries, of objects, pages and areas of our own.  Meanwhile, every 64
 * pages (knob resident=look): no frame of the kernel's is on a list of pages that can be
 * taken, and of all frames that reclaim freed none was the kernel's all the time.
 */
#include <asm/setup.h>
#include <fs/proc.h>
#include <kernel/string.h>
#include <kernel/trace.h>
#include <linux/errno.h>
#include <mm/mm.h>
#include <mm/slab.h>
#include <mm/swap.h>
#include <mm/vmalloc.h>
#include <test/row.h>

#include "little.h"
#include "walk.h"

#define LEFT_PAGES	2048u		/* as user/rows/swap.c has it */
#define OBJECTS		64u
#define OBJECT_SIZE	200u
#define ACCESSED_DIRTY	0x60ull

static struct row *p7_row;
static u8 *kernels, *reclaimed;		/* per frame */
static u64 seen;			/* the last event that was looked at */
static unsigned long events, looks;

static void *object[OBJECTS];
static u8 *own_page, *own_area;

/* ---- checksums -------------------------------------------------------------------------- */

/* Changes that many words have in common must not cancel out, so no plain XOR. */
static u64 add(u64 sum, u64 word)
{
	return (sum ^ word) * 0x100000001b3ull;
}

static u64 checksum(const void *from, size_t size)
{
	const u32 *p = from;
	u64 sum = 0;

	for (; p < (const u32 *)(from + size); p++)
		sum = add(sum, *p);
	return sum;
}

static void add_leaf(unsigned long va, const struct walk *w, void *arg)
{
	u64 *sum = arg;

	*sum = add(add(*sum, va), w->entry[w->depth - 1] & ~ACCESSED_DIRTY);
}

struct sums {
	u64 text, rodata, descriptors, direct_map, objects, page, area;
};

static void take_sums(struct sums *s)
{
	const struct page *page;
	unsigned long i;

	memset(s, 0, sizeof(*s));
	s->text = checksum(_text, (size_t)(_etext - _text));
	s->rodata = checksum(_rodata, (size_t)(_erodata - _rodata));
	for (i = 0; i < max_pfn; i++) {
		page = pfn_to_page(i);
		if (pfn_valid(i) && page_type(page) == PGT_RESERVED && !is_zero_pfn(i))
			s->descriptors = add(s->descriptors, checksum(page, sizeof(*page)));
	}
	walk_leaves(PAGE_OFFSET, PAGE_OFFSET + (max_low_pfn << PAGE_SHIFT) - 1, add_leaf,
		    &s->direct_map);
	for (i = 0; i < OBJECTS; i++)
		s->objects = add(s->objects, checksum(object[i], OBJECT_SIZE));
	s->page = checksum(own_page, PAGE_SIZE);
	s->area = checksum(own_area, 4 * PAGE_SIZE);
}

static void compare_sums(struct row *r, const struct sums *a, const struct sums *b)
{
	row_eq(r, b->text, a->text, "checksum of the kernel's text");
	row_eq(r, b->rodata, a->rodata, "checksum of its constants");
	row_eq(r, b->descriptors, a->descriptors, "checksum of descriptors of reserved frames");
	row_eq(r, b->direct_map, a->direct_map, "checksum of the direct map's entries");
	row_eq(r, b->objects, a->objects, "checksum of slab objects");
	row_eq(r, b->page, a->page, "checksum of a page");
	row_eq(r, b->area, a->area, "checksum of a vmalloc area");
}

/* ---- meanwhile -------------------------------------------------------------------------- */

static bool is_kernels(const struct page *page)
{
	switch (page_type(page)) {
	case PGT_KERNEL:
	case PGT_SLAB:
	case PGT_TABLE:
	case PGT_VMALLOC:
	case PGT_RESERVED:
		return true;
	default:
		return false;
	}
}

static void look_at_events(void)
{
	struct pagewalk_event e;

	row_ok(p7_row, trace_seq() - seen <= trace_size(), "%llu events since the last look",
	       (unsigned long long)(trace_seq() - seen));
	for (; seen < trace_seq(); seen++) {
		if (!trace_read(seen + 1, &e) || e.kind != TRACE_RECLAIM)
			continue;
		events++;
		if (row_ok(p7_row, e.arg[0] < max_pfn, "frame %#llx was reclaimed",
			   (unsigned long long)e.arg[0]))
			reclaimed[e.arg[0]] = 1;
	}
}

static int knob_resident(const char *value)
{
	const struct page *page;
	unsigned long i, listed = 0;

	if (!p7_row || strcmp(value, "look"))
		return -EINVAL;
	look_at_events();
	for (i = 0; i < max_pfn; i++) {
		page = pfn_to_page(i);
		if (!kernels[i])
			continue;
		kernels[i] = is_kernels(page);
		listed += kernels[i] && page->flags & 1ul << PG_lru;
	}
	row_eq(p7_row, listed, 0, "frames of the kernel's on lists of reclaim");
	looks++;
	return 0;
}

static bool begin(struct row *r)
{
	unsigned long i;

	kernels = vzalloc(max_pfn);
	reclaimed = vzalloc(max_pfn);
	own_page = (u8 *)__get_free_page(GFP_KERNEL);
	own_area = vmalloc(4 * PAGE_SIZE);
	if (!row_ok(r, kernels && reclaimed && own_page && own_area, "no memory for the row"))
		return false;
	memset(own_page, 0x71, PAGE_SIZE);
	memset(own_area, 0x72, 4 * PAGE_SIZE);
	for (i = 0; i < OBJECTS; i++) {
		object[i] = kmalloc(OBJECT_SIZE, GFP_KERNEL);
		if (!row_ok(r, object[i] != NULL, "no memory for the row"))
			return false;
		memset(object[i], 0x73 + (int)i, OBJECT_SIZE);
	}
	return true;
}

static void end(void)
{
	unsigned i;

	for (i = 0; i < OBJECTS; i++) {
		kfree(object[i]);
		object[i] = NULL;
	}
	vfree(own_area);
	if (own_page)
		free_page((unsigned long)own_page);
	vfree(reclaimed);
	vfree(kernels);
}

static void under_pressure(struct row *r)
{
	unsigned long stolen = scan_counters.pgsteal_anon + scan_counters.pgsteal_file, i;
	unsigned long theirs = 0, wrong = 0;
	bool on = trace_on;

	for (i = 0; i < max_pfn; i++)
		kernels[i] = pfn_valid(i) && is_kernels(pfn_to_page(i));
	events = looks = 0;
	trace_only(1u << TRACE_RECLAIM);
	trace_set(true);
	seen = trace_seq();
	p7_row = r;
	run_user_row(r, "/bin/rows", r->id);
	knob_resident("look");
	p7_row = NULL;
	trace_set(on);
	trace_only(~0u);
	for (i = 0; i < max_pfn; i++) {
		theirs += kernels[i];
		wrong += kernels[i] && reclaimed[i];
	}
	row_eq(r, wrong, 0, "frames of the kernel's that were reclaimed");
	row_eq(r, events, scan_counters.pgsteal_anon + scan_counters.pgsteal_file - stolen,
	       "events, one for each page that was taken");
	row_info(r, "%lu pages taken, none of %lu frames of the kernel's; %lu looks, 7 checksums",
		 events, theirs, looks);
}

static void p7_resident(struct row *r)
{
	struct sums before, after;

	register_knob("resident", knob_resident);
	if (begin(r) && little_swap(r, 2 * LEFT_PAGES + 512)) {
		take_sums(&before);
		little_hold(LEFT_PAGES);
		under_pressure(r);
		little_end(r);
		take_sums(&after);
		compare_sums(r, &before, &after);
	}
	end();
}
ROW(P7, "kernel data is resident: never taken, never moved, under pressure", p7_resident);
