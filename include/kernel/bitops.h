/* SPDX-License-Identifier: MIT */
/*
 * Bits in words and in arrays of unsigned long (bit n: word n / BITS_PER_LONG).
 *
 * set_bit, clear_bit, change_bit, test_and_set_bit and test_and_clear_bit come from
 * <asm/bitops.h> and cannot be split by an interrupt on this processor.  They order
 * nothing between processors.  The forms with __ in front are plain C: for memory that
 * no interrupt touches.
 */
#ifndef KERNEL_BITOPS_H
#define KERNEL_BITOPS_H

#include <kernel/types.h>

#define BIT(n)			(1ul << (n))
#define BIT_MASK(n)		(1ul << ((n) % BITS_PER_LONG))
#define BIT_WORD(n)		((n) / BITS_PER_LONG)
#define BITS_TO_LONGS(n)	(((n) + BITS_PER_LONG - 1) / BITS_PER_LONG)

#include <asm/bitops.h>

static inline void __set_bit(unsigned long n, unsigned long *map)
{
	map[BIT_WORD(n)] |= BIT_MASK(n);
}

static inline void __clear_bit(unsigned long n, unsigned long *map)
{
	map[BIT_WORD(n)] &= ~BIT_MASK(n);
}

static inline bool test_bit(unsigned long n, const volatile unsigned long *map)
{
	return map[BIT_WORD(n)] & BIT_MASK(n);
}

static inline bool __test_and_set_bit(unsigned long n, unsigned long *map)
{
	bool old = test_bit(n, map);

	__set_bit(n, map);
	return old;
}

static inline bool __test_and_clear_bit(unsigned long n, unsigned long *map)
{
	bool old = test_bit(n, map);

	__clear_bit(n, map);
	return old;
}

/* Lowest set bit, highest set bit, lowest clear bit: undefined if there is none. */
static inline unsigned int __ffs(unsigned long word)
{
	return __builtin_ctzl(word);
}

static inline unsigned int __fls(unsigned long word)
{
	return BITS_PER_LONG - 1 - __builtin_clzl(word);
}

static inline unsigned int ffz(unsigned long word)
{
	return __ffs(~word);
}

/* Position of the highest set bit counted from 1; 0 for 0. */
static inline unsigned int fls(u32 x)
{
	return x ? 32 - __builtin_clz(x) : 0;
}

static inline unsigned int fls64(u64 x)
{
	return x >> 32 ? 32 + fls(x >> 32) : fls(x);
}

/* The smallest order with (size - 1) >> order == 0: 2^order >= size; 0 for 0 and 1. */
static inline unsigned int order_base_2(unsigned long size)
{
	return size > 1 ? __fls(size - 1) + 1 : 0;
}

static inline bool is_power_of_2(u64 x)
{
	return x && !(x & (x - 1));
}

/* How many bits are set.  No popcnt: old processors lack it. */
static inline unsigned int hweight32(u32 x)
{
	x -= (x >> 1) & 0x55555555;
	x = (x & 0x33333333) + ((x >> 2) & 0x33333333);
	x = (x + (x >> 4)) & 0x0f0f0f0f;
	return (x * 0x01010101) >> 24;
}

static inline unsigned int hweight64(u64 x)
{
	return hweight32(x) + hweight32(x >> 32);
}

static inline unsigned int hweight_long(unsigned long x)
{
	return hweight64(x);
}

#endif
