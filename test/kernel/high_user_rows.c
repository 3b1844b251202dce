/* SPDX-License-Identifier: MIT */
/*
 * HIGH rows whose work is done by programs: user tables name high frames directly, and the
 * kernel gets at their contents by slots.  Without high memory the same programs assert
 * that there is none and that no slot is used.
 */
#include <fs/proc.h>
#include <kernel/params.h>
#include <kernel/printk.h>
#include <kernel/string.h>
#include <linux/errno.h>
#include <mm/mm.h>
#include <mm/pgtable.h>
#include <mm/vmalloc.h>

#include "high.h"
#include "little.h"
#include "user_knobs.h"
#include "walk.h"

static void run_high(struct row *r, const char *id)
{
	char first[24];
	const char *const argv[] = { "/bin/rows", id, first, NULL };

	scnprintf(first, sizeof(first), "%#lx", have_high_memory() ? max_low_pfn : 0);
	run_user_with_knobs(r, argv);
}

static void h7_high_frames(struct row *r)
{
	run_high(r, "H7");
}
ROW(H7, "user page tables map high frames directly", h7_high_frames);

static void h8_slots(struct row *r)
{
	if (!little_swap(r, 64))
		return;
	run_high(r, "H8");
	little_end(r);
}
ROW(H8, "clearing, copying, exec and swapping of high pages go through kmap slots", h8_slots);

/* ---- H9: page tables in high memory ---------------------------------------------------- */

static struct row *h9_row;
static unsigned long h9_leaves, h9_high;

static void h9_leaf(unsigned long va, const struct walk *w, void *arg)
{
	unsigned level;

	h9_leaves++;
	for (level = 0; level < w->depth; level++)
		h9_high += PFN_DOWN(w->table[level]) >= max_low_pfn;
}

/*
 * high_tables=0|1: as userpte=nohigh, for tables made from now on, or as without it.
 * high_tables=kernel: all tables of the kernel half are low.
 */
static int knob_high_tables(const char *value)
{
	if (!h9_row)
		return -EPERM;
	if (!strcmp(value, "kernel")) {
		h9_leaves = h9_high = 0;
		walk_leaves(PAGE_OFFSET, ~0ul, h9_leaf, NULL);
		row_eq(h9_row, h9_high, 0, "tables of the kernel half that are high, of %lu leaves",
		       h9_leaves);
		row_ok(h9_row, h9_leaves > 0, "no kernel leaf was seen");
		return 0;
	}
	if ((*value != '0' && *value != '1') || value[1])
		return -EINVAL;
	user_pte_gfp = *value == '1' ? __GFP_HIGHMEM : 0;
	return 0;
}

static void h9_high_tables(struct row *r)
{
	const char *key = param_get("userpte");
	gfp_t at_boot = user_pte_gfp;
	static bool registered;

	if (!registered)
		BUG_ON(register_knob("high_tables", knob_high_tables));
	registered = true;
	row_eq(r, at_boot, key && !strcmp(key, "nohigh") ? 0 : __GFP_HIGHMEM,
	       "user_pte_gfp with userpte=%s", key ? key : "");
	h9_row = r;
	run_high(r, "H9");
	h9_row = NULL;
	user_pte_gfp = at_boot;
}
ROW(H9, "user page tables may be in high memory, and are reached by slots", h9_high_tables);

/* ---- H10: vmalloc ------------------------------------------------------------------------ */

/* 64 MiB, or a quarter of what is free. */
static unsigned long h10_bytes;

static unsigned long h10_word(unsigned long i)
{
	return (i + 1) * 0x9e3779b1ul;
}

/* The frames behind an area, by WALK: how many are high; which are not there. */
static unsigned long h10_frames(struct row *r, unsigned long area)
{
	unsigned long va, high = 0, missing = 0;
	struct walk w;

	for (va = area; va < area + h10_bytes; va += PAGE_SIZE) {
		w = WALK(va);
		missing += !w.present;
		high += w.present && PFN_DOWN(w.pa) >= max_low_pfn;
	}
	row_eq(r, missing, 0, "pages of the area that are not mapped");
	return high;
}

static void h10_vmalloc(struct row *r)
{
	unsigned long pages = min(64ul << (20 - PAGE_SHIFT), nr_free_pages() / 4);
	unsigned long high_free = zones[ZONE_HIGHMEM].free_pages, expected, i, high, wrong = 0;
	unsigned long *area;
	const unsigned long step = PAGE_SIZE / sizeof(*area);

	h10_bytes = pages << PAGE_SHIFT;
	area = vmalloc(h10_bytes);
	if (!row_ok(r, area != NULL, "no area of %lu KiB", h10_bytes >> 10))
		return;
	for (i = 0; i < pages; i++)
		area[i * step] = area[i * step + step - 1] = h10_word(i);
	high = h10_frames(r, (unsigned long)area);
	/* High memory first, as far as it goes. */
	expected = high_free > pages + 2048 ? pages : 0;
	if (expected)
		row_eq(r, high, expected, "high frames in an area of %lu pages", pages);
	else
		row_eq(r, high != 0, have_high_memory(), "there are high frames in the area");
	for (i = 0; i < pages; i++)
		wrong += area[i * step] != h10_word(i) || area[i * step + step - 1] != h10_word(i);
	row_eq(r, wrong, 0, "pages with wrong contents");
	vfree(area);
	row_info(r, "%lu MiB, %lu of %lu frames high", h10_bytes >> 20, high, pages);
}
ROW(H10, "vmalloc takes high frames", h10_vmalloc);
