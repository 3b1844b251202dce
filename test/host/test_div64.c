/* SPDX-License-Identifier: MIT */
/*
 * lib/div64.c against the division of libgcc (-m32) or of the processor (-m64), at the
 * corners of every width and at random.
 */
#include "tap.h"

#define __udivmoddi4 kern_udivmoddi4
#define __divmoddi4 kern_divmoddi4
#define __udivdi3 kern_udivdi3
#define __umoddi3 kern_umoddi3
#define __divdi3 kern_divdi3
#define __moddi3 kern_moddi3
#include "../../lib/div64.c"

#include <kernel/random.h>

static int bad_unsigned, bad_signed;

static void check(u64 n, u64 d)
{
	s64 sn = n, sd = d, srem;
	u64 rem;

	if (!d)
		return;
	bad_unsigned += kern_udivdi3(n, d) != n / d || kern_umoddi3(n, d) != n % d ||
			kern_udivmoddi4(n, d, &rem) != n / d || rem != n % d;
	if (sn == INT64_MIN && sd == -1)
		return;
	bad_signed += kern_divdi3(sn, sd) != sn / sd || kern_moddi3(sn, sd) != sn % sd ||
		      kern_divmoddi4(sn, sd, &srem) != sn / sd || srem != sn % sd;
}

int main(void)
{
	u64 corner[400];
	struct rnd rnd;
	int i, j, n = 0;

	plan(4);
	for (i = 0; i < 64; i++)
		for (j = -2; j <= 2; j++)
			corner[n++] = (1ull << i) + j;
	for (i = 0; i < n; i++)
		for (j = 0; j < n; j++)
			check(corner[i], corner[j]);
	is(bad_unsigned, 0, "unsigned, around all powers of two");
	is(bad_signed, 0, "signed, around all powers of two");
	rnd_seed(&rnd, 7);
	for (i = 0; i < 200000; i++)
		check(rnd_u64(&rnd) >> rnd_below(&rnd, 64),
		      rnd_u64(&rnd) >> rnd_below(&rnd, 64));
	is(bad_unsigned, 0, "unsigned, 200000 random pairs");
	is(bad_signed, 0, "signed, 200000 random pairs");
	return done();
}
