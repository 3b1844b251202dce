/* SPDX-License-Identifier: MIT */
/*
 * Exact counters over a few statements:
 *
 *	start_count();
 *	p[0] = 1;
 *	pw_snapshot(&after);
 *	CHECK_EQ(growth("pgfault"), 1, "faults");
 */
#ifndef USER_ROWS_COUNTING_H
#define USER_ROWS_COUNTING_H

#include "../lib/pagewalk.h"

extern struct pw_snapshot before, after;

/* Fills `before`; both buffers and the way to the kernel have been touched then. */
void start_count(void);

/* By how much a counter is larger in `after` than in `before`. */
s64 growth(const char *counter);

#endif
