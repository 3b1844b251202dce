/* SPDX-License-Identifier: MIT */
/* The Gregorian calendar. */
#ifndef KERNEL_DATE_H
#define KERNEL_DATE_H

#include <kernel/types.h>

/*
 * Days from 1 January 1970 to a date from then on.  month: 1 to 12; a day behind the month's end
 * is one of the next month.
 */
static inline u32 date_to_days(unsigned year, unsigned month, unsigned day)
{
	/* The year begins in March here, so that the leap day is its last. */
	unsigned y = year - (month <= 2), m = (month + 9) % 12;

	return 365 * y + y / 4 - y / 100 + y / 400 + (153 * m + 2) / 5 + day - 1 - 719468;
}

#endif
