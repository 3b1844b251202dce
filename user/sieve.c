/* SPDX-License-Identifier: MIT */
/*
 * /bin/sieve: wants the whole processor.  Counts the primes below 200,000 in its bss, again
 * and again, and never gives the processor up: the timer has to take it.
 */
#include "lib/worker.h"

#define LIMIT	200000
#define PRIMES	17984		/* below LIMIT */

static u8 composite[LIMIT];

static unsigned count_primes(void)
{
	unsigned i, k, n = 0;

	memset(composite, 0, sizeof(composite));
	for (i = 2; i < LIMIT; i++) {
		if (composite[i])
			continue;
		n++;
		for (k = i + i; k < LIMIT; k += i)
			composite[k] = 1;
	}
	return n;
}

int main(int argc, char **argv, char **envp)
{
	unsigned n;

	worker_begin("sieve");
	while (worker_round()) {
		n = count_primes();
		if (n != PRIMES)
			worker_fail("%u primes below %u, not %u", n, LIMIT, PRIMES);
	}
	return worker_end("%u primes each", PRIMES);
}
