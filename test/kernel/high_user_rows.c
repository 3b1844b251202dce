/* SPDX-License-Identifier: MIT */
/*
 * HIGH rows whose work is done by programs: user tables name high frames directly, and the
 * kernel gets at their contents by slots.  Without high memory the same programs assert
 * that there is none and that no slot is used.
 */
#include <kernel/printk.h>
#include <mm/mm.h>

#include "high.h"
#include "user_knobs.h"

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
	run_high(r, "H8");
}
ROW(H8, "clearing, copying and exec of high pages go through kmap slots", h8_slots);
