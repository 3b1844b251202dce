/* SPDX-License-Identifier: MIT */
/* Shared by the HIGH rows. */
#ifndef TEST_KERNEL_HIGH_H
#define TEST_KERNEL_HIGH_H

#include <kernel/types.h>

bool have_high_memory(void);

/*
 * Look at every present leaf of the kernel half: how many map a high frame where only
 * low ones may be (catalogue H1).
 */
unsigned long scan_for_high_frames(unsigned long *first_va, unsigned long *leaves);

#endif
