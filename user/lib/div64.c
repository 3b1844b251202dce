/* SPDX-License-Identifier: MIT */
/* Division of 64-bit numbers for i386: the compiler calls these. */
#include "types.h"

u64 __udivmoddi4(u64 a, u64 b, u64 *rest);
u64 __udivdi3(u64 a, u64 b);
u64 __umoddi3(u64 a, u64 b);
s64 __divdi3(s64 a, s64 b);
s64 __moddi3(s64 a, s64 b);

/* Two divisions of the processor if the divisor has 32 bits, else bit by bit. */
u64 __udivmoddi4(u64 a, u64 b, u64 *rest)
{
	u64 q = 0, r = 0;
	int i;

	if (!(b >> 32)) {
		u32 d = (u32)b, high = (u32)(a >> 32), low = (u32)a, qh, ql, m;

		qh = high / d;
		__asm__("divl %4" : "=a"(ql), "=d"(m) : "0"(low), "1"(high % d), "rm"(d));
		if (rest)
			*rest = m;
		return (u64)qh << 32 | ql;
	}
	for (i = 63; i >= 0; i--) {
		r = r << 1 | (a >> i & 1);
		if (r >= b) {
			r -= b;
			q |= 1ull << i;
		}
	}
	if (rest)
		*rest = r;
	return q;
}

u64 __udivdi3(u64 a, u64 b)
{
	return __udivmoddi4(a, b, NULL);
}

u64 __umoddi3(u64 a, u64 b)
{
	u64 rest;

	__udivmoddi4(a, b, &rest);
	return rest;
}

s64 __divdi3(s64 a, s64 b)
{
	u64 q = __udivmoddi4(a < 0 ? -(u64)a : (u64)a, b < 0 ? -(u64)b : (u64)b, NULL);

	return (a < 0) != (b < 0) ? -q : q;
}

s64 __moddi3(s64 a, s64 b)
{
	u64 rest;

	__udivmoddi4(a < 0 ? -(u64)a : (u64)a, b < 0 ? -(u64)b : (u64)b, &rest);
	return a < 0 ? -rest : rest;
}
