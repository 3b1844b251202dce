/* SPDX-License-Identifier: MIT */
/*
 * /bin/grower: memory appears when it is touched.  Maps up to 1 MiB, reads (the zero page),
 * writes (a new frame), gives a hole in the middle back, and moves its heap's end.
 */
#include "lib/worker.h"

#define PAGES_MAX	256
#define WORDS		(PAGE_SIZE / sizeof(long))	/* in a page */

static u64 seed;

static ulong word_for(ulong page)
{
	return page * 2654435761ul ^ (ulong)seed;
}

static void check_zero(const ulong *p, unsigned pages)
{
	unsigned i, k;

	for (i = 0; i < pages; i++)
		for (k = 0; k < WORDS; k += 37)
			if (p[i * WORDS + k])
				worker_fail("new memory at %p is not zero",
					    &p[i * WORDS + k]);
}

static void put(ulong *p, unsigned from, unsigned to)
{
	for (; from < to; from++)
		p[from * WORDS + from % WORDS] = word_for(from);
}

static void check(const ulong *p, unsigned from, unsigned to)
{
	for (; from < to; from++)
		if (p[from * WORDS + from % WORDS] != word_for(from))
			worker_fail("page %u of the map has lost its value", from);
}

static void use_map(void)
{
	unsigned pages = 16 + (unsigned)(next_random(&seed) % (PAGES_MAX - 16));
	unsigned from = pages / 4, to = pages / 2;
	ulong *p = map_anon(pages * PAGE_SIZE);
	char *bytes = (char *)p;

	check_zero(p, pages);
	put(p, 0, pages);
	check(p, 0, pages);
	if (sys_munmap(bytes + from * PAGE_SIZE, (to - from) * PAGE_SIZE))
		worker_fail("munmap in the middle fails");
	check(p, 0, from);
	check(p, to, pages);
	sys_munmap(p, pages * PAGE_SIZE);
}

static void use_heap(void)
{
	char *start = sys_brk(NULL), *end;
	size_t size = (1 + next_random(&seed) % 32) * PAGE_SIZE;

	end = sys_brk(start + size);
	if (end != start + size)
		worker_fail("brk(%p) returns %p", start + size, end);
	check_zero((ulong *)(((ulong)start + 7) & -8ul), 1);
	memset(start, 0x5a, size);
	sys_brk(start);
}

int main(int argc, char **argv, char **envp)
{
	worker_begin("grower");
	seed = now_ns() | 1;
	while (worker_round()) {
		use_map();
		use_heap();
		worker_pause(20);
	}
	return worker_end("up to %u pages each", PAGES_MAX);
}
