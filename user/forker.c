/* SPDX-License-Identifier: MIT */
/*
 * /bin/forker: fork shares every page until one side writes.  Parent and child write
 * different values to the same addresses and see only their own; every eighth child runs
 * /bin/tiny instead.
 */
#include "lib/worker.h"

#define PAGES		32
#define WORDS		(PAGES * PAGE_SIZE / sizeof(u32))
#define STEP		97		/* words between those that are looked at */

static u32 shared[WORDS];
static unsigned long execs;

static void put(u32 value)
{
	unsigned i;

	for (i = 0; i < WORDS; i += STEP)
		shared[i] = value ^ i;
}

static bool intact(u32 value)
{
	unsigned i;

	for (i = 0; i < WORDS; i += STEP)
		if (shared[i] != (value ^ i))
			return false;
	return true;
}

static int child(u32 before, u32 own)
{
	if (!intact(before))
		return 1;
	put(own);
	sys_sched_yield();		/* let the parent write too */
	return intact(own) ? 0 : 2;
}

static void one_round(u32 value, const char *tiny, bool exec)
{
	const char *const argv[] = { tiny, NULL };
	long pid;
	int status;

	put(value);
	pid = sys_fork();
	if (pid == 0 && exec) {
		sys_execve(tiny, argv, argv + 1);
		exit(3);
	}
	if (pid == 0)
		exit(child(value, value + 0x10000000));
	if (pid < 0)
		worker_fail("fork: error %ld", -pid);
	put(value + 0x20000000);
	status = wait_for((int)pid);
	if (status)
		worker_fail("wait status %#x of the child (0x100: it did not get my data; 0x200: it lost its own; 0x300: %s cannot be started)",
			    status, tiny);
	if (!intact(value + 0x20000000))
		worker_fail("the child's writes show here");
	execs += exec;
}

int main(int argc, char **argv, char **envp)
{
	char tiny[64];
	u32 value = 0;

	sibling_path(tiny, sizeof(tiny), argv[0], "tiny");
	worker_begin("forker");
	while (worker_round()) {
		one_round(value, tiny, value % 8 == 7);
		value++;
		worker_pause(15);
	}
	return worker_end("%lu execs", execs);
}
