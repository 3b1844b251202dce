/* SPDX-License-Identifier: MIT */
/* Contracts: counting.h. */
#include "counting.h"

struct pw_snapshot before, after;

void start_count(void)
{
	pw_snapshot(&after);
	pw_snapshot(&before);
}

s64 growth(const char *counter)
{
	return pw_diff(&before, &after, counter);
}
