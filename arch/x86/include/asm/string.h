/* SPDX-License-Identifier: MIT */
/*
 * memcpy and memset by string instructions, a machine word at a time; the loader's too, in
 * whose ABI a long is no machine word.
 *
 * Words and not bytes: a processor without fast `rep movsb` needs eight times as long for
 * bytes, and so does an emulator that counts each iteration as an instruction.  The
 * direction flag is clear everywhere in the kernel (the entry code sees to it) and in UEFI.
 */
#ifndef ASM_STRING_H
#define ASM_STRING_H

#include <kernel/types.h>

#ifdef __x86_64__
#define REP_MOVS_WORD	"rep movsq"
#define REP_STOS_WORD	"rep stosq"
#else
#define REP_MOVS_WORD	"rep movsl"
#define REP_STOS_WORD	"rep stosl"
#endif

static inline void arch_memcpy(void *dst, const void *src, size_t n)
{
	size_t words = n / sizeof(size_t), rest = n % sizeof(size_t);

	__asm__ __volatile__(REP_MOVS_WORD
			     : "+D" (dst), "+S" (src), "+c" (words)
			     : : "memory");
	if (rest)
		__asm__ __volatile__("rep movsb"
				     : "+D" (dst), "+S" (src), "+c" (rest)
				     : : "memory");
}

static inline void arch_memset(void *dst, u8 c, size_t n)
{
	size_t words = n / sizeof(size_t), rest = n % sizeof(size_t);
	size_t pattern = c * (~(size_t)0 / 255);

	__asm__ __volatile__(REP_STOS_WORD
			     : "+D" (dst), "+c" (words)
			     : "a" (pattern) : "memory");
	if (rest)
		__asm__ __volatile__("rep stosb"
				     : "+D" (dst), "+c" (rest)
				     : "a" (pattern) : "memory");
}

/* Even a freestanding build may expand small constant sizes in place. */
#define memcpy(d, s, n)		__builtin_memcpy(d, s, n)
#define memmove(d, s, n)	__builtin_memmove(d, s, n)
#define memset(d, c, n)		__builtin_memset(d, c, n)
#define memcmp(a, b, n)		__builtin_memcmp(a, b, n)

#endif
