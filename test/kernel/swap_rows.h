/* SPDX-License-Identifier: MIT */
/* What rows about swap share (swap_rows.c). */
#ifndef TEST_SWAP_ROWS_H
#define TEST_SWAP_ROWS_H

#include <test/row.h>

/* /bin/rows with the row's ID; the knob swap= works meanwhile. */
void run_with_knob(struct row *r);

#endif
