/* SPDX-License-Identifier: MIT */
/*
 * The loops behind memcpy and memset in plain C, for the host build and for any
 * architecture without string instructions.  barrier() keeps the compiler from turning
 * the loop into a call of the very function that contains it.
 */
#ifndef ASM_GENERIC_STRING_H
#define ASM_GENERIC_STRING_H

#include <kernel/kernel.h>

static inline void arch_memcpy(void *dst, const void *src, size_t n)
{
	u8 *d = dst;
	const u8 *s = src;

	while (n--) {
		*d++ = *s++;
		barrier();
	}
}

static inline void arch_memset(void *dst, u8 c, size_t n)
{
	u8 *d = dst;

	while (n--) {
		*d++ = c;
		barrier();
	}
}

#endif
