/* SPDX-License-Identifier: MIT */
/*
 * The live table of tasks (kernel/taskview.c): on the screen under the header, twice a
 * second; on the other consoles every five seconds, but not into a shell.
 */
#ifndef KERNEL_TASKVIEW_H
#define KERNEL_TASKVIEW_H

/*
 * Start the kernel thread that shows it, before the first program; the smoke test's banner
 * shrinks to a field of the title bar.  Not with test=: rows count what happens.  A failure
 * costs only the table.
 */
void taskview_start(void);

/*
 * The first program has ended: what was seen last stays, as far as there is room for it
 * beside the result; print the totals; draw no more.
 */
void taskview_end(void);

#endif
