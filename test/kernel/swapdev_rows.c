/* SPDX-License-Identifier: MIT */
/*
 * Rows about swap and dirty files on real devices (R6, R16): they need the disks of
 * test/boot/swap.t.  Not in the catalogue: the requests of swap's other rows (SWAPIO), and more
 * dirty pages of a file than there is memory (DIRTY), devices that fail (SWAPERR: a RAM disk,
 * SWAPBAD: an NVMe disk).  The programs are in user/rows/swapdev.c; they make the RAM disk
 * fail by
 *
 *	swapdev=K:FIRST:END	K: f fails, s comes short, n never answers; slots, in hex; until
 *				the next time
 */
#include <kernel/ctype.h>
#include <kernel/ramdisk.h>
#include <kernel/string.h>
#include <fs/proc.h>
#include <mm/swap.h>
#include "little.h"
#include "swap_rows.h"
#include "user_knobs.h"

ROW_FLAGS(R6, "a swap partition: signature, swapon and swapoff, slots where the host finds them",
	  run_with_knob, ROW_EXPLICIT);
ROW_FLAGS(R16, "clean pages of files are dropped, dirty ones written there, text never goes to swap",
	  run_with_knob, ROW_EXPLICIT);
ROW_FLAGS(SWAPIO, "swap cache, read-ahead and order of faults, by the requests of the disk",
	  run_with_knob, ROW_EXPLICIT);

#define LEFT_PAGES	2048u		/* user/rows/swapdev.c counts on so many */

static void run_dirty(struct row *r)
{
	little_hold(LEFT_PAGES);
	run_with_knob(r);
	little_end(r);
}
ROW_FLAGS(DIRTY, "more dirty pages of a file than there is memory: written, nobody is killed",
	  run_dirty, ROW_EXPLICIT);

/* ---- a device that fails ------------------------------------------------------------- */

static struct disk *failing;

static int knob_swapdev(const char *value)
{
	static const char kinds[] = "fsn";	/* as enum ramdisk_fault */
	const char *kind = strchr(kinds, value[0]), *s = value + 2;
	struct ramdisk_faults faults = { .times = ~0u };

	if (!failing || !value[0] || !kind || value[1] != ':')
		return -EINVAL;
	faults.kind = (enum ramdisk_fault)(kind - kinds);
	faults.first = hex_number(&s) * PAGE_SECTORS;
	s += *s == ':';
	faults.end = hex_number(&s) * PAGE_SECTORS;
	s += *s == ':';
	ramdisk_set_faults(failing, &faults);
	return *s ? -EINVAL : 0;
}

#define FAILING_BYTES	(4u << 20)

static void run_failing(struct row *r)
{
	register_knob("swapdev", knob_swapdev);
	failing = ramdisk_add(FAILING_BYTES, ~0ull, true);
	if (!row_ok(r, failing != NULL, "no memory for a RAM disk"))
		return;
	row_eq(r, blk_swap_on(&failing->bdev, 0), 0, "its number as a swap device");
	run_with_knob(r);
	row_eq(r, swap_pages_used + nr_swapcache, 0, "slots in use afterwards");
	row_eq(r, blk_swap_off(&failing->bdev), 0, "swapoff");
	row_eq(r, total_swap_pages, 0, "slots without a device");
	row_eq(r, ramdisk_remove(failing), 0, "the disk is not open any more");
	failing = NULL;
}
ROW_FLAGS(SWAPERR, "swap that fails, comes short or never answers: only the owner gets SIGBUS",
	  run_failing, ROW_EXPLICIT);
ROW_FLAGS(SWAPBAD, "bad sectors of a disk: only the owner gets SIGBUS, a page that cannot be written stays",
	  run_with_knob, ROW_EXPLICIT);
