/* SPDX-License-Identifier: MIT */
/*
 * Frame of the long-running programs: work round after round, each checking its own data,
 * until init sends SIGTERM; then one line that says how much was done.
 */
#ifndef USER_WORKER_H
#define USER_WORKER_H

#include "lib.h"

extern volatile int worker_stop;	/* SIGTERM has come: finish the round */

/* Start: `name` stands before each line. */
void worker_begin(const char *name);

/* Count a round; false when it is time to stop. */
bool worker_round(void);

/* Its data are wrong: say so and end with status 1. */
__noreturn void worker_fail(const char *fmt, ...) __printf(1, 2);

/* The last line, with what was done besides rounds; the exit status. */
int worker_end(const char *fmt, ...) __printf(1, 2);

/* Time between two rounds of those that do not want the processor for themselves. */
void worker_pause(unsigned ms);

#endif
