/* SPDX-License-Identifier: MIT */
/*
 * /bin/sleeper: sleeps 1 to 40 ms, over and over.  The clock never goes back and no sleep is
 * too short; how late the longest one ended is told at the end.
 */
#include "lib/worker.h"

int main(int argc, char **argv, char **envp)
{
	u64 seed = 88172645463325252ull, before, after, slept, worst = 0;
	unsigned ms;

	worker_begin("sleeper");
	while (worker_round()) {
		ms = 1 + (unsigned)(next_random(&seed) % 40);
		before = now_ns();
		worker_pause(ms);
		after = now_ns();
		if (worker_stop)
			break;
		slept = after - before;
		if (after < before || slept < (u64)ms * 1000000)
			worker_fail("%u ms of sleep took %lld ns", ms, (long long)slept);
		if (slept - (u64)ms * 1000000 > worst)
			worst = slept - (u64)ms * 1000000;
	}
	return worker_end("at most %u us late", (unsigned)(worst / 1000));
}
