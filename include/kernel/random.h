/* SPDX-License-Identifier: MIT */
/*
 * Deterministic pseudo-random numbers for tests and models: the same seed gives the same
 * numbers in both kernels, on the host and tomorrow.  Nothing secret may depend on them.
 * The state belongs to the caller; seeding expands one number by splitmix64, drawing is
 * xorshift64*.
 */
#ifndef KERNEL_RANDOM_H
#define KERNEL_RANDOM_H

#include <kernel/types.h>

struct rnd {
	u64 state;		/* never 0 */
};

/* One step of splitmix64: advances *state, returns a well-mixed number. */
u64 splitmix64(u64 *state);

void rnd_seed(struct rnd *r, u64 seed);
u64 rnd_u64(struct rnd *r);
u32 rnd_u32(struct rnd *r);

/* A number below n; n must not be 0.  Unbiased to within n / 2^32. */
u32 rnd_below(struct rnd *r, u32 n);

#endif
