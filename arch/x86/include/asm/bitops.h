/* SPDX-License-Identifier: MIT */
/*
 * Bit operations that an interrupt cannot split: one instruction each.  No lock prefix,
 * there is one processor; the day there are two, this is the file to change.
 *
 * With a constant bit number a byte is or-ed or and-ed (the bt family with a memory
 * operand and a register is slow microcode on every processor).
 */
#ifndef ASM_BITOPS_H
#define ASM_BITOPS_H

#include <kernel/types.h>

#define __bit_byte(n, map)	(((volatile u8 *)(map))[(n) / 8])

static inline __attribute__((__always_inline__))
void set_bit(unsigned long n, volatile unsigned long *map)
{
	if (__builtin_constant_p(n))
		__asm__ __volatile__("orb %b1, %0" : "+m" (__bit_byte(n, map))
				     : "iq" ((u8)(1u << (n & 7))) : "memory");
	else
		__asm__ __volatile__("bts %1, %0" : "+m" (*map) : "r" (n) : "memory");
}

static inline __attribute__((__always_inline__))
void clear_bit(unsigned long n, volatile unsigned long *map)
{
	if (__builtin_constant_p(n))
		__asm__ __volatile__("andb %b1, %0" : "+m" (__bit_byte(n, map))
				     : "iq" ((u8)~(1u << (n & 7))) : "memory");
	else
		__asm__ __volatile__("btr %1, %0" : "+m" (*map) : "r" (n) : "memory");
}

static inline void change_bit(unsigned long n, volatile unsigned long *map)
{
	__asm__ __volatile__("btc %1, %0" : "+m" (*map) : "r" (n) : "memory");
}

static inline bool test_and_set_bit(unsigned long n, volatile unsigned long *map)
{
	bool old;

	__asm__ __volatile__("bts %2, %0" : "+m" (*map), "=@ccc" (old)
			     : "r" (n) : "memory");
	return old;
}

static inline bool test_and_clear_bit(unsigned long n, volatile unsigned long *map)
{
	bool old;

	__asm__ __volatile__("btr %2, %0" : "+m" (*map), "=@ccc" (old)
			     : "r" (n) : "memory");
	return old;
}

#endif
