/* SPDX-License-Identifier: MIT */
/*
 * Children that do one step at a time, so that the parent can look at both between two steps: a
 * byte down one pipe is a command, a byte up the other its result.
 */
#ifndef USER_STEPS_H
#define USER_STEPS_H

#include "lib.h"

struct child {
	int pid;
	int down, up;		/* our ends of the pipes */
};

/*
 * Fork.  In the child, 0: ends[0] is for commands, ends[1] for results.  In the parent its pid; or
 * -errno, with pipes that may be left open.
 */
long child_fork(struct child *c, int ends[2]);

/* In the child: step(command) for each command until child_end(). */
__noreturn void child_steps(const int ends[2], int (*step)(int command));

/* What step() returned, 0 to 255; -1: the child has ended. */
int child_ask(const struct child *c, int command);

int child_end(struct child *c);			/* its wait status */

#endif
