/* SPDX-License-Identifier: MIT */
/* Host build: the running task is whichever the test says. */
#ifndef ASM_CURRENT_H
#define ASM_CURRENT_H

struct task_struct;

extern struct task_struct *host_current;

#define current host_current

#endif
