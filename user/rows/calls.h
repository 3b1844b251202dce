/* SPDX-License-Identifier: MIT */
/* The parts of O3. */
#ifndef USER_ROWS_CALLS_H
#define USER_ROWS_CALLS_H

void more_calls(void);			/* calls_more.c */

#endif
