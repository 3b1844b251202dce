/* SPDX-License-Identifier: MIT */
/*
 * 64-bit division for the i386 kernel: the functions that the compiler calls for / and %
 * of 64-bit numbers.  Compiled like everything else with -mregparm=3, and the compilers
 * call them so: the dividend in edx:eax, the divisor on the stack (one register is left,
 * which is not enough for it).
 *
 * Division by 0 traps as the instruction does.  About 10 instructions if the divisor fits
 * in 32 bits, about 25 if not; still, a hot path should shift or multiply.
 */
#include <kernel/types.h>

u64 __udivmoddi4(u64 n, u64 d, u64 *rem);
s64 __divmoddi4(s64 n, s64 d, s64 *rem);
u64 __udivdi3(u64 n, u64 d);
u64 __umoddi3(u64 n, u64 d);
s64 __divdi3(s64 n, s64 d);
s64 __moddi3(s64 n, s64 d);

/* high:low / d; the quotient must fit in 32 bits, that is high < d. */
static inline u32 div_64_32(u32 high, u32 low, u32 d, u32 *rem)
{
	u32 q;

	__asm__("divl %4" : "=a" (q), "=d" (*rem) : "0" (low), "1" (high), "rm" (d) : "cc");
	return q;
}

static u64 divide_by_32(u64 n, u32 d, u64 *rem)
{
	u32 high = n >> 32, q_high = 0, q_low, r = high;

	if (high >= d)
		q_high = div_64_32(0, high, d, &r);
	q_low = div_64_32(r, n, d, &r);
	*rem = r;
	return (u64)q_high << 32 | q_low;
}

/*
 * A divisor of more than 32 bits: the quotient fits in 32.  Divide by the divisor's top
 * 32 bits, the dividend halved so that it cannot overflow: the result is exact or one
 * too large, after it has been shifted back.
 */
static u64 divide_by_64(u64 n, u64 d, u64 *rem)
{
	int shift = __builtin_clz((u32)(d >> 32));
	u32 top = d << shift >> 32, unused, q;

	q = div_64_32(n >> 33, n >> 1, top, &unused);
	q = (u64)q << shift >> 31;
	if (q)
		q--;
	n -= q * d;
	if (n >= d) {
		n -= d;
		q++;
	}
	*rem = n;
	return q;
}

u64 __udivmoddi4(u64 n, u64 d, u64 *rem)
{
	u64 r, q = d >> 32 ? divide_by_64(n, d, &r) : divide_by_32(n, d, &r);

	if (rem)
		*rem = r;
	return q;
}

/* Truncates toward zero; the remainder has the sign of the dividend. */
s64 __divmoddi4(s64 n, s64 d, s64 *rem)
{
	u64 r, q = __udivmoddi4(n < 0 ? -(u64)n : (u64)n, d < 0 ? -(u64)d : (u64)d, &r);

	if (rem)
		*rem = n < 0 ? -r : r;
	return (n < 0) != (d < 0) ? -q : q;
}

u64 __udivdi3(u64 n, u64 d)
{
	return __udivmoddi4(n, d, NULL);
}

u64 __umoddi3(u64 n, u64 d)
{
	u64 rem;

	__udivmoddi4(n, d, &rem);
	return rem;
}

s64 __divdi3(s64 n, s64 d)
{
	return __divmoddi4(n, d, NULL);
}

s64 __moddi3(s64 n, s64 d)
{
	s64 rem;

	__divmoddi4(n, d, &rem);
	return rem;
}
