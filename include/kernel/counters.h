/* SPDX-License-Identifier: MIT */
/*
 * Exact counters: the in-kernel half of /proc/pagewalk/counters.
 *
 * Every mechanism counts in a plain unsigned long of its own; the table in
 * kernel/counters.c gives each a name.  Tests assert equality on differences.
 */
#ifndef KERNEL_COUNTERS_H
#define KERNEL_COUNTERS_H

#include <kernel/types.h>

struct fault_counters {
	unsigned long total;		/* every #PF after trap_init() */
	unsigned long kernel_address;	/* CR2 in the kernel half, from whichever mode */
	unsigned long vmalloc;		/* ... and a top-level entry learned (two levels) */
	unsigned long fixup;		/* gone on at a fix-up of the exception table */
};
extern struct fault_counters fault_counters;

struct counter {
	const char *name;
	const unsigned long *value;
};

extern const struct counter counter_table[];
extern const unsigned counter_count;

/* The value of a counter by name.  Stops the machine for a name that does not exist. */
unsigned long counter(const char *name);

#endif
