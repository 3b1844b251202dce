/* SPDX-License-Identifier: MIT */
/*
 * Bitmaps: arrays of unsigned long, bit numbers and sizes in bits.  Nothing here locks.
 * A search returns `size` when it finds nothing.
 */
#ifndef KERNEL_BITMAP_H
#define KERNEL_BITMAP_H

#include <kernel/bitops.h>

#define DECLARE_BITMAP(name, bits)	unsigned long name[BITS_TO_LONGS(bits)]

unsigned long find_next_bit(const unsigned long *map, unsigned long size,
			    unsigned long start);
unsigned long find_next_zero_bit(const unsigned long *map, unsigned long size,
				 unsigned long start);

#define find_first_bit(map, size)	find_next_bit(map, size, 0)
#define find_first_zero_bit(map, size)	find_next_zero_bit(map, size, 0)

#define for_each_set_bit(bit, map, size) \
	for (bit = find_next_bit(map, size, 0); bit < (size); \
	     bit = find_next_bit(map, size, bit + 1))

/* Bits start .. start + n - 1. */
void bitmap_set(unsigned long *map, unsigned long start, unsigned long n);
void bitmap_clear(unsigned long *map, unsigned long start, unsigned long n);

/* All bits of the words that hold `size` bits, the unused ones of the last included. */
void bitmap_zero(unsigned long *map, unsigned long size);
void bitmap_fill(unsigned long *map, unsigned long size);

/* How many of the first `size` bits are set. */
unsigned long bitmap_weight(const unsigned long *map, unsigned long size);

/*
 * The first n clear bits in a row at or after `start`, the first of them a multiple of
 * align (a power of two, not 0).  Returns its number, or size.
 */
unsigned long bitmap_find_free(const unsigned long *map, unsigned long size,
			       unsigned long start, unsigned long n, unsigned long align);

#endif
