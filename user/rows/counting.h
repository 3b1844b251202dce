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

/*
 * Touches all pages of the program itself, for writing where that is allowed, so that no row
 * counts a fault of its own code or data, and none finds that two processes have touched a
 * page for the first time.  After a fork once more: the pages are shared again.
 */
void populate_self(void);

/* Fills `before`; the program has been populated then. */
void start_count(void);

/* By how much a counter is larger in `after` than in `before`. */
s64 growth(const char *counter);

#endif
