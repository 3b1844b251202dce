/* SPDX-License-Identifier: MIT */
/*
 * The live table of tasks (kernel/taskview.c): on the screen under the header, twice a
 * second; on the other consoles every five seconds.
 */
#ifndef KERNEL_TASKVIEW_H
#define KERNEL_TASKVIEW_H

/*
 * Start the kernel thread that shows it; the caller is the first task, before it becomes
 * /bin/init.  Not with test=: rows count what happens.  A failure costs only the table.
 */
void taskview_start(void);

/* The first program has ended: show the table and the totals once more, draw no more. */
void taskview_end(void);

#endif
