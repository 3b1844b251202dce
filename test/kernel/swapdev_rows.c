/* SPDX-License-Identifier: MIT */
/*
 * Rows about swap and dirty files on real devices (R6, R16): they need the disks of
 * test/boot/swap.t.  Not in the catalogue: the requests of swap's other rows (SWAPIO), and more
 * dirty pages of a file than there is memory (DIRTY).  The programs are in user/rows/swapdev.c.
 */
#include "swap_rows.h"

ROW_FLAGS(R6, "a swap partition: signature, swapon and swapoff, slots where the host finds them",
	  run_with_knob, ROW_EXPLICIT);
ROW_FLAGS(R16, "clean pages of files are dropped, dirty ones written there, text never goes to swap",
	  run_with_knob, ROW_EXPLICIT);
ROW_FLAGS(SWAPIO, "swap cache, read-ahead and order of faults, by the requests of the disk",
	  run_with_knob, ROW_EXPLICIT);

#define LEFT_PAGES	2048u		/* user/rows/swapdev.c counts on so many */

static void run_dirty(struct row *r)
{
	balloon_blow(LEFT_PAGES);
	run_with_knob(r);
	balloon_burst();
}
ROW_FLAGS(DIRTY, "more dirty pages of a file than there is memory: written, nobody is killed",
	  run_dirty, ROW_EXPLICIT);
