/* SPDX-License-Identifier: MIT */
/* Bit operations in plain C, for programs that no interrupt can interrupt (host tests). */
#ifndef ASM_GENERIC_BITOPS_H
#define ASM_GENERIC_BITOPS_H

#include <kernel/types.h>

static inline void set_bit(unsigned long n, volatile unsigned long *map)
{
	map[n / BITS_PER_LONG] |= 1ul << (n % BITS_PER_LONG);
}

static inline void clear_bit(unsigned long n, volatile unsigned long *map)
{
	map[n / BITS_PER_LONG] &= ~(1ul << (n % BITS_PER_LONG));
}

static inline void change_bit(unsigned long n, volatile unsigned long *map)
{
	map[n / BITS_PER_LONG] ^= 1ul << (n % BITS_PER_LONG);
}

static inline bool test_and_set_bit(unsigned long n, volatile unsigned long *map)
{
	bool old = map[n / BITS_PER_LONG] >> (n % BITS_PER_LONG) & 1;

	set_bit(n, map);
	return old;
}

static inline bool test_and_clear_bit(unsigned long n, volatile unsigned long *map)
{
	bool old = map[n / BITS_PER_LONG] >> (n % BITS_PER_LONG) & 1;

	clear_bit(n, map);
	return old;
}

#endif
