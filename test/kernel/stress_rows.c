/* SPDX-License-Identifier: MIT */
/*
 * Long runs that must leave nothing behind; the work is done by /bin/stress.  They are no
 * rows of the catalogue and run only when they are named (test/boot/stress.t):
 *
 *	STRESS		10,000 cycles of fork, exec, exit, and 1,000 killed tasks
 *	NOMEM		every allocation of fork, exec, fault, files and mmap fails in turn
 *	EXHAUST		memory really used up
 *	BADFILES	arguments that are too long, files that are no programs
 */
#include <kernel/printk.h>
#include <mm/mm.h>
#include <test/row.h>
#include "baseline.h"

/* Run it and compare what there is before and after. */
static void stress(struct row *r, const char *what, const char *arg)
{
	const char *const argv[] = { "/bin/stress", what, arg, NULL };
	static struct baseline before, after;
	unsigned long free[2] = { 0, 0 }, objects[2] = { 0, 0 };
	unsigned i;

	baseline_take(&before);
	run_user_argv(r, argv);
	baseline_check(r, &before);
	baseline_take(&after);
	for (i = 0; i < MAX_NR_ZONES; i++) {
		free[0] += before.free[i];
		free[1] += after.free[i];
	}
	for (i = 0; i < before.caches; i++)
		objects[0] += before.slab[i].objects;
	for (i = 0; i < after.caches; i++)
		objects[1] += after.slab[i].objects;
	printk_raw("# %s %s %s: free pages %lu, then %lu; slab objects %lu, %lu; user tables %lu, %lu; kernel tables %lu, %lu; vmalloc areas %lu, %lu; tasks %lu, %lu\n",
		   r->id, what, arg ? arg : "", free[0], free[1], objects[0], objects[1],
		   before.user_tables, after.user_tables, before.kernel_tables,
		   after.kernel_tables, before.areas, after.areas, before.tasks, after.tasks);
}

static void stress_row(struct row *r)
{
	stress(r, "cycles", "10000");
	stress(r, "killed", "1000");
	row_info(r, "10000 times fork, exec, exit; 1000 tasks killed; all as before");
}
ROW_FLAGS(STRESS, "10,000 cycles of fork, exec, exit and 1,000 killed tasks leave nothing",
	  stress_row, ROW_EXPLICIT);

static void nomem_row(struct row *r)
{
	static const char *const ops[] = { "fork", "exec", "fault", "files", "mmap" };
	unsigned i;

	for (i = 0; i < ARRAY_SIZE(ops); i++)
		stress(r, "nomem", ops[i]);
	row_info(r, "fork, exec, fault, files, mmap: each allocation failed in turn; all as before");
}
ROW_FLAGS(NOMEM, "an allocation that fails is an error or one killed task, and leaves nothing",
	  nomem_row, ROW_EXPLICIT);

static void exhaust_row(struct row *r)
{
	stress(r, "exhaust", NULL);
}
ROW_FLAGS(EXHAUST, "memory used up: an error or one killed task, and nothing left",
	  exhaust_row, ROW_EXPLICIT);

static void badfiles_row(struct row *r)
{
	stress(r, "args", NULL);
	stress(r, "bad", NULL);
}
ROW_FLAGS(BADFILES, "too long arguments and bad files: the right error, and nothing left",
	  badfiles_row, ROW_EXPLICIT);
