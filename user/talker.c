/* SPDX-License-Identifier: MIT */
/*
 * /bin/talker: two processes and two pipes.  One sends blocks of 1 to 8000 bytes, the other
 * sends each back with every byte inverted; more than a pipe holds at once makes both wait.
 */
#include "lib/worker.h"

#define BLOCK_MAX	8000

static u8 block[BLOCK_MAX], answer[BLOCK_MAX];

static bool read_all(int fd, u8 *p, size_t n)
{
	long ret;

	while (n) {
		ret = sys_read(fd, p, n);
		if (ret == -EINTR)
			continue;
		if (ret <= 0)
			return false;
		p += ret;
		n -= ret;
	}
	return true;
}

static bool write_all(int fd, const u8 *p, size_t n)
{
	long ret;

	while (n) {
		ret = sys_write(fd, p, n);
		if (ret == -EINTR)
			continue;
		if (ret <= 0)
			return false;
		p += ret;
		n -= ret;
	}
	return true;
}

/* The child: until its input ends. */
static int echo(int in, int out)
{
	u32 n;
	unsigned i;

	while (read_all(in, (u8 *)&n, sizeof(n))) {
		if (n > BLOCK_MAX || !read_all(in, block, n))
			return 1;
		for (i = 0; i < n; i++)
			block[i] = ~block[i];
		if (!write_all(out, block, n))
			return 0;
	}
	return 0;
}

static void one_round(int to, int from, u64 *seed)
{
	u32 n = 1 + (u32)(next_random(seed) % BLOCK_MAX), i;

	for (i = 0; i < n; i++)
		block[i] = (u8)(next_random(seed) >> 24);
	if (!write_all(to, (const u8 *)&n, sizeof(n)) || !write_all(to, block, n))
		worker_fail("the other end of the pipe is closed");
	memset(answer, 0, n);
	if (!read_all(from, answer, n))
		worker_fail("the answer of %u bytes is incomplete", n);
	for (i = 0; i < n; i++)
		if (answer[i] != (u8)~block[i])
			worker_fail("byte %u of %u: sent %#x, got %#x", i, n, block[i],
				    answer[i]);
}

int main(int argc, char **argv, char **envp)
{
	int to[2], from[2], status;
	u64 seed = 0x2545f4914f6cdd1dull;
	long pid;

	worker_begin("talker");
	if (sys_pipe(to) || sys_pipe(from))
		worker_fail("no pipe");
	pid = sys_fork();
	if (pid == 0) {
		sys_close(to[1]);
		sys_close(from[0]);
		exit(echo(to[0], from[1]));
	}
	sys_close(to[0]);
	sys_close(from[1]);
	while (worker_round()) {
		one_round(to[1], from[0], &seed);
		worker_pause(10);
	}
	sys_close(to[1]);
	status = wait_for((int)pid);
	if (status)
		worker_fail("wait status %#x of the other half", status);
	return worker_end("two processes");
}
