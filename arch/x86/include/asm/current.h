/* SPDX-License-Identifier: MIT */
/* The running task.  The host build shadows this file. */
#ifndef ASM_CURRENT_H
#define ASM_CURRENT_H

#include <asm/percpu.h>

struct task_struct;

static inline struct task_struct *get_current(void)
{
	return cpu_area.current_task;
}

#define current get_current()

#endif
