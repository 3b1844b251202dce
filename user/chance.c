/* SPDX-License-Identifier: MIT */
/*
 * /bin/chance SEED [STEPS]: two processes that do to their address spaces what a generator of
 * pseudo-random numbers says: map, read, write, fork, remap, protect, drop, unmap.  What they do
 * depends on the seed alone; when they are interrupted, and which frames they get, on the
 * machine.  So a machine that is the same to the instruction writes the same trace (`make
 * replay`, doc/replay.md).
 */
#include "lib/lib.h"

#define PROCESSES	2u
#define STEPS		400u
#define REGIONS		6u
#define MAX_PAGES	24u
#define RW		(PROT_READ | PROT_WRITE)

static struct region {
	u32 *at;			/* NULL: none */
	unsigned pages;
} regions[REGIONS];

static u64 state, sum;

static unsigned below(unsigned n)
{
	return (unsigned)(next_random(&state) >> 20) % n;
}

static size_t bytes(unsigned pages)
{
	return pages * PAGE_SIZE;
}

static u32 *word(const struct region *r, unsigned page)
{
	return r->at + page * (PAGE_SIZE / sizeof(u32));
}

static __noreturn void stop(const char *what, long error)
{
	printf("chance: %s: error %ld\n", what, -error);
	exit(1);
}

static void map_region(struct region *r)
{
	r->pages = 1 + below(MAX_PAGES);
	r->at = sys_mmap(NULL, bytes(r->pages), RW, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (IS_ERR(r->at))
		stop("mmap", (long)r->at);
}

static void unmap_region(struct region *r)
{
	sys_munmap(r->at, bytes(r->pages));
	r->at = NULL;
}

static void resize_region(struct region *r)
{
	unsigned pages = 1 + below(MAX_PAGES);
	void *to = sys_mremap(r->at, bytes(r->pages), bytes(pages), MREMAP_MAYMOVE, NULL);

	if (IS_ERR(to))
		stop("mremap", (long)to);
	r->at = to;
	r->pages = pages;
}

static void write_some(const struct region *r)
{
	unsigned n = 1 + below(r->pages);

	while (n--)
		*word(r, below(r->pages)) += (u32)next_random(&state);
}

static void read_some(const struct region *r)
{
	unsigned n = 1 + below(r->pages);

	while (n--)
		sum = sum * 31 + *word(r, below(r->pages));
}

/* Read-only for a moment. */
static void protect_region(const struct region *r)
{
	sys_mprotect(r->at, bytes(r->pages), PROT_READ);
	read_some(r);
	sys_mprotect(r->at, bytes(r->pages), RW);
}

/* The child sees all of it and writes to a part; what the parent has stays as it is. */
static void fork_once(const struct region *r)
{
	long pid = sys_fork();

	if (pid < 0)
		stop("fork", pid);
	if (!pid) {
		read_some(r);
		write_some(r);
		exit(0);
	}
	if (wait_for((int)pid))
		stop("a child went wrong", 0);
}

static void step(void)
{
	struct region *r = &regions[below(REGIONS)];

	if (!r->at) {
		map_region(r);
		return;
	}
	switch (below(10)) {
	case 0:
		unmap_region(r);
		break;
	case 1:
		resize_region(r);
		break;
	case 2:
		protect_region(r);
		break;
	case 3:
		sys_madvise(r->at, bytes(1 + below(r->pages)), MADV_DONTNEED);
		break;
	case 4:
		fork_once(r);
		break;
	case 5:
	case 6:
		read_some(r);
		break;
	default:
		write_some(r);
	}
}

static __noreturn void work(u64 seed, unsigned n, u64 steps)
{
	state = (seed + 1) * 0x9e3779b97f4a7c15ull + n;
	while (steps--)
		step();
	printf("chance: process %u: sum %#llx\n", n, (unsigned long long)sum);
	exit(0);
}

int main(int argc, char **argv, char **envp)
{
	u64 seed, steps = STEPS;
	const char *end;
	long pid[PROCESSES];
	int status = 0;
	unsigned i;

	if (argc < 2 || argc > 3)
		goto usage;
	seed = parse_u64(argv[1], &end);
	if (end == argv[1] || *end)
		goto usage;
	if (argc == 3) {
		steps = parse_u64(argv[2], &end);
		if (end == argv[2] || *end)
			goto usage;
	}
	for (i = 0; i < PROCESSES; i++) {
		pid[i] = sys_fork();
		if (!pid[i])
			work(seed, i, steps);
		if (pid[i] < 0)
			stop("fork", pid[i]);
	}
	for (i = 0; i < PROCESSES; i++)
		status |= wait_for((int)pid[i]);
	return status ? 1 : 0;
usage:
	printf("usage: chance SEED [STEPS]\n");
	return 2;
}
