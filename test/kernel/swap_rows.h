/* SPDX-License-Identifier: MIT */
/* What rows about swap share (swap_rows.c). */
#ifndef TEST_SWAP_ROWS_H
#define TEST_SWAP_ROWS_H

#include <test/row.h>

/* /bin/rows with the row's ID; the knob swap= works meanwhile. */
void run_with_knob(struct row *r);

/*
 * Hold everything above pages_min, but `left` pages above pages_high; give all of it back.
 */
void balloon_blow(unsigned long left);
void balloon_burst(void);

#endif
