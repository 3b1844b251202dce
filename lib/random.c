/* SPDX-License-Identifier: MIT */
/* Pseudo-random numbers.  Contract: kernel/random.h. */
#include <kernel/random.h>

u64 splitmix64(u64 *state)
{
	u64 z = *state += 0x9e3779b97f4a7c15ull;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ull;
	z = (z ^ z >> 27) * 0x94d049bb133111ebull;
	return z ^ z >> 31;
}

void rnd_seed(struct rnd *r, u64 seed)
{
	r->state = splitmix64(&seed);
	if (!r->state)
		r->state = 1;
}

u64 rnd_u64(struct rnd *r)
{
	u64 x = r->state;

	x ^= x >> 12;
	x ^= x << 25;
	x ^= x >> 27;
	r->state = x;
	return x * 0x2545f4914f6cdd1dull;
}

/* The high half is the better one. */
u32 rnd_u32(struct rnd *r)
{
	return rnd_u64(r) >> 32;
}

u32 rnd_below(struct rnd *r, u32 n)
{
	return ((u64)rnd_u32(r) * n) >> 32;
}
