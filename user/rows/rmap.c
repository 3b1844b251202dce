/* SPDX-License-Identifier: MIT */
/*
 * Random use of memory with an audit of the kernel's reverse mapping at each of 100 moments
 * (catalogue R1, R2; test/kernel/swap_rows.c has the audit).
 */
#include "rows.h"

#define SIGKILL		9
#define MOMENTS		100u
#define CHILDREN	4u
#define SLOTS		12u
#define MAX_PAGES	24u
#define RW		(PROT_READ | PROT_WRITE)

static struct {
	u8 *at;
	unsigned pages;
	bool grows;			/* there is something behind its end, too */
} maps[SLOTS];
static int children[CHILDREN];
static u32 seed;

static u32 below(u32 n)
{
	seed = seed * 1103515245 + 12345;
	return (seed >> 8) % n;
}

static void touch(unsigned i, unsigned n)
{
	for (; n; n--)
		maps[i].at[below(maps[i].pages) * PAGE_SIZE] = (u8)n;
}

static void new_map(unsigned i, int fd)
{
	int flags = below(3) ? MAP_PRIVATE : MAP_SHARED;
	bool anon = below(2);

	if (maps[i].at)
		sys_munmap(maps[i].at, maps[i].pages * PAGE_SIZE);
	maps[i].pages = 1 + below(MAX_PAGES);
	maps[i].grows = !anon || flags == MAP_PRIVATE;
	maps[i].at = anon ? sys_mmap(NULL, maps[i].pages * PAGE_SIZE, RW,
					 flags | MAP_ANONYMOUS, -1, 0) :
		     sys_mmap(NULL, maps[i].pages * PAGE_SIZE, RW, flags, fd,
			      below(8) * PAGE_SIZE);
	touch(i, below(MAX_PAGES));
}

static void change(unsigned i)
{
	u8 *middle = maps[i].at + maps[i].pages / 2 * PAGE_SIZE;
	void *to;

	switch (below(5)) {
	case 0:		/* a border, and no border again */
		sys_mprotect(middle, PAGE_SIZE, PROT_READ);
		if (below(2))
			sys_mprotect(middle, PAGE_SIZE, RW);
		break;
	case 1:
		sys_mprotect(middle, PAGE_SIZE, RW);
		to = sys_mremap(maps[i].at, maps[i].pages * PAGE_SIZE,
				(maps[i].pages + maps[i].grows) * PAGE_SIZE, MREMAP_MAYMOVE, NULL);
		if ((ulong)to < (ulong)-4095) {
			maps[i].at = to;
			maps[i].pages += maps[i].grows;
		}
		break;
	case 2:
		sys_madvise(middle, PAGE_SIZE, MADV_DONTNEED);
		break;
	default:
		sys_mprotect(maps[i].at, maps[i].pages * PAGE_SIZE, RW);
		touch(i, 4);
	}
}

static void end_child(unsigned k)
{
	int status;

	if (!children[k])
		return;
	sys_kill(children[k], SIGKILL);
	sys_wait4(children[k], &status, 0, NULL);
	children[k] = 0;
}

/* It writes to some of what it shares, then waits for its end. */
static void new_child(unsigned k)
{
	struct timespec day = { 86400, 0 };
	unsigned i;

	end_child(k);
	children[k] = (int)sys_fork();
	if (children[k])
		return;
	for (i = 0; i < SLOTS; i += 2) {
		if (!maps[i].at)
			continue;
		sys_mprotect(maps[i].at, maps[i].pages * PAGE_SIZE, RW);
		touch(i, 3);
	}
	for (;;)
		sys_nanosleep(&day, NULL);
}

static void moments(void)
{
	int fd = (int)sys_memfd_create("rmap", 0);
	unsigned n, i;

	sys_ftruncate(fd, 64 * PAGE_SIZE);
	for (n = 0; n < MOMENTS; n++) {
		for (i = 0; i < 4; i++) {
			unsigned slot = below(SLOTS);

			if (!maps[slot].at || !below(3))
				new_map(slot, fd);
			else
				change(slot);
		}
		if (!below(3))
			new_child(below(CHILDREN));
		if (!below(6))
			end_child(below(CHILDREN));
		sys_sched_yield();
		CHECK_EQ(pw_knob("rmap=audit"), 0, "knob rmap=audit");
	}
	for (i = 0; i < CHILDREN; i++)
		end_child(i);
}

static void r1_moments(void)
{
	seed = 1;
	moments();
}
TEST(R1, r1_moments);

static void r2_moments(void)
{
	seed = 2;
	moments();
}
TEST(R2, r2_moments);
