/* SPDX-License-Identifier: MIT */
/* Little memory and a swap device, for the time of a row. */
#ifndef TEST_LITTLE_H
#define TEST_LITTLE_H

#include <test/row.h>

/* A device of n pages in RAM, which the row's program alone uses; false: the row has failed. */
bool little_swap(struct row *r, unsigned long n);

/* Take it away before little_end(): 0 or -errno. */
int little_swapoff(void);

/*
 * Hold everything above pages_min, but `left` pages above pages_high.  What is left is high
 * memory, if there is enough.
 */
void little_hold(unsigned long left);

/* Hold all high memory. */
void little_hold_high(void);

/* Give all back.  Nothing may be swapped any more. */
void little_end(struct row *r);

#endif
