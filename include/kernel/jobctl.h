/* SPDX-License-Identifier: MIT */
/* Process groups, sessions, and what happens to stopped ones (kernel/jobctl.c). */
#ifndef KERNEL_JOBCTL_H
#define KERNEL_JOBCTL_H

#include <kernel/types.h>

struct task_struct;

/* Does the group exist, and in this session? */
bool pgrp_in_session(int pgrp, int session);

/*
 * Orphaned: no member has a parent in another group of the same session, so nobody is left who
 * could continue it after a stop.  Signals of the terminal do not stop such a group.
 */
bool pgrp_is_orphaned(int pgrp);

/*
 * The process of this leader, whose threads have all ended, still has its children.  Groups
 * that are orphaned by that and have a stopped member get SIGHUP and SIGCONT; the terminal of
 * its session is free if it was the session's leader.  Does not sleep.
 */
void jobctl_exit(struct task_struct *leader);

#endif
