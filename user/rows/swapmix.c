/* SPDX-License-Identifier: MIT */
/*
 * Four programs that change their address spaces all the time, with twice the memory that
 * there is: fork, copies on write, unmap, mremap, exec, MADV_PAGEOUT, locks.  Each knows what
 * every page of its regions must hold: that depends on the region, the page's number in it
 * and how often it was written.  test/kernel/swap_rows.c provides the machine.
 */
#include "rows.h"

#define WORKERS		4u
#define STEPS		700u		/* of each worker */
#define REGIONS		6u
#define MAX_PAGES	220u		/* 4 * 6 * 110 pages on average: more than there is */
#define CHILDREN	2u
#define WORDS		16u		/* looked at of a page */
#define RW		(PROT_READ | PROT_WRITE)
#define PAGES(n)	((ulong)(n) * PAGE_SIZE)

struct region {
	u32 *at;
	unsigned pages;
	u32 seed;
	u8 version[MAX_PAGES];		/* 0: never written */
};

/* What all of them did, in shared memory; each adds by itself. */
struct tally {
	ulong steps, pages, wrong, forks, execs, moves;
};

static struct region regions[REGIONS];
static int children[CHILDREN];
static struct tally *tally;
static u32 state;
static ulong bad_children;

static u32 below(u32 n)
{
	state = state * 1664525 + 1013904223;
	return (u32)((u64)(state >> 4) * n >> 28);
}

/* ---- pages ------------------------------------------------------------------------------ */

static u32 word_of(const struct region *r, unsigned page, unsigned k)
{
	return r->version[page] ? (r->seed ^ page * 2654435761u ^ k << 24) + r->version[page] : 0;
}

static volatile u32 *word_at(const struct region *r, unsigned page, unsigned k)
{
	return r->at + page * (PAGE_SIZE / 4) + k * (PAGE_SIZE / 4 / WORDS);
}

static void check_page(const struct region *r, unsigned page)
{
	unsigned k, wrong = 0;

	for (k = 0; k < WORDS; k++)
		wrong += *word_at(r, page, k) != word_of(r, page, k);
	tally->pages++;
	tally->wrong += wrong;
}

static void write_page(struct region *r, unsigned page)
{
	unsigned k;

	check_page(r, page);
	r->version[page] = (u8)(r->version[page] % 255 + 1);
	for (k = 0; k < WORDS; k++)
		*word_at(r, page, k) = word_of(r, page, k);
}

static void check_region(const struct region *r)
{
	unsigned i;

	for (i = 0; i < r->pages; i++)
		check_page(r, i);
}

static void write_some(struct region *r, unsigned n)
{
	while (n--)
		write_page(r, below(r->pages));
}

/* ---- regions ---------------------------------------------------------------------------- */

static __noreturn void give_up(const char *what, long error)
{
	printf("not ok: %s: error %ld\n", what, -error);
	sys_exit_group(3);
}

static void new_region(struct region *r)
{
	r->pages = 1 + below(MAX_PAGES);
	r->seed = below(1u << 28) << 4;
	memset(r->version, 0, sizeof(r->version));
	r->at = sys_mmap(NULL, PAGES(r->pages), RW,
			 MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (IS_ERR(r->at))
		give_up("mmap", (long)r->at);
	write_some(r, r->pages);
}

static void renew(struct region *r)
{
	check_region(r);
	sys_munmap(r->at, PAGES(r->pages));
	new_region(r);
}

/* It grows or shrinks, where it is or elsewhere. */
static void resize(struct region *r)
{
	unsigned pages = 1 + below(MAX_PAGES);
	void *to = sys_mremap(r->at, PAGES(r->pages), PAGES(pages), MREMAP_MAYMOVE, NULL);

	if (IS_ERR(to))
		give_up("mremap", (long)to);
	if (pages > r->pages)
		memset(r->version + r->pages, 0, pages - r->pages);
	r->at = to;
	r->pages = pages;
}

static void move(struct region *r)
{
	void *hole = sys_mmap(NULL, PAGES(r->pages), PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1,
			      0), *to;

	if (IS_ERR(hole))
		give_up("mmap", (long)hole);
	to = sys_mremap(r->at, PAGES(r->pages), PAGES(r->pages), MREMAP_MAYMOVE | MREMAP_FIXED,
			hole);
	if (to != hole)
		give_up("mremap to a fixed place", (long)to);
	r->at = to;
	tally->moves++;
}

/* A part of it: dropped, pushed out, read-only for a moment, or locked for a moment. */
static void change_part(struct region *r, unsigned how)
{
	unsigned first = below(r->pages), n = 1 + below(r->pages - first);
	void *at = r->at + first * (PAGE_SIZE / 4);
	unsigned i;

	switch (how) {
	case 0:
		sys_madvise(at, PAGES(n), MADV_DONTNEED);
		memset(r->version + first, 0, n);
		break;
	case 1:
		sys_madvise(at, PAGES(n), MADV_PAGEOUT);
		break;
	case 2:
		sys_mprotect(at, PAGES(n), PROT_READ);
		check_page(r, first);
		sys_mprotect(at, PAGES(n), RW);
		break;
	default:
		n = n > 16 ? 16 : n;
		sys_mlock(at, PAGES(n));
		for (i = 0; i < n; i++)
			check_page(r, first + i);
		sys_munlock(at, PAGES(n));
	}
}

/* ---- children --------------------------------------------------------------------------- */

static void end_child(unsigned i)
{
	int status = 0;

	if (!children[i])
		return;
	sys_wait4(children[i], &status, 0, NULL);
	bad_children += status != 0;
	children[i] = 0;
}

/* It shares everything at first, writes to a part, and must see nothing of what we write. */
static void child_works(void)
{
	unsigned i;

	for (i = 0; i < 2; i++)
		write_some(&regions[below(REGIONS)], 32);
	for (i = 0; i < REGIONS; i++)
		check_region(&regions[i]);
	sys_exit_group(0);
}

static void child_becomes(u32 seed)
{
	const char *argv[] = { "/bin/rows", "SWAPMIX.new", NULL, NULL };
	const char *const no_env[] = { NULL };
	char text[24];

	snprintf(text, sizeof(text), "%u", seed);
	argv[2] = text;
	sys_execve(argv[0], argv, no_env);
	sys_exit_group(4);
}

static void new_child(bool exec)
{
	unsigned i = below(CHILDREN);
	u32 seed = below(1u << 28);

	end_child(i);
	children[i] = (int)sys_fork();
	if (children[i] < 0)
		give_up("fork", children[i]);
	if (!children[i]) {
		state ^= seed;
		if (exec)
			child_becomes(seed);
		child_works();
	}
	*(exec ? &tally->execs : &tally->forks) += 1;
}

/* A program of its own: what there is in memory and on the device is nothing of his. */
static void new_program(void)
{
	static struct tally mine;

	tally = &mine;
	state = (u32)row_number(0);
	new_region(&regions[0]);
	write_some(&regions[0], 64);
	check_region(&regions[0]);
	sys_exit_group(mine.wrong ? 5 : 0);
}
HELPER(SWAPMIX_new, "SWAPMIX.new", new_program);

/* ---- a worker --------------------------------------------------------------------------- */

static void step(void)
{
	struct region *r = &regions[below(REGIONS)];
	unsigned what = below(16);

	tally->steps++;
	if (what < 4)
		write_some(r, 40);
	else if (what < 6)
		check_region(r);
	else if (what == 6)
		resize(r);
	else if (what == 7)
		move(r);
	else if (what == 8)
		renew(r);
	else if (what == 9)
		new_child(false);
	else if (what == 10)
		new_child(true);
	else
		change_part(r, what % 4);
}

static __noreturn void work(u32 seed)
{
	unsigned i;

	state = seed * 2654435761u;
	for (i = 0; i < REGIONS; i++)
		new_region(&regions[i]);
	for (i = 0; i < STEPS; i++)
		step();
	for (i = 0; i < CHILDREN; i++)
		end_child(i);
	for (i = 0; i < REGIONS; i++)
		check_region(&regions[i]);
	sys_exit_group(bad_children ? 6 : 0);
}

static void swap_mix(void)
{
	static struct pw_snapshot before, after;
	u32 seed = (u32)row_number(0);
	int pid[WORKERS], status;
	unsigned i;

	tally = map_shared(sizeof(*tally));
	pw_snapshot(&after);
	pw_snapshot(&before);
	for (i = 0; i < WORKERS; i++) {
		pid[i] = (int)sys_fork();
		if (!pid[i])
			work(seed * WORKERS + i);
	}
	for (i = 0; i < WORKERS; i++) {
		status = -1;
		sys_wait4(pid[i], &status, 0, NULL);
		CHECK_EQ(status, 0, "wait status of worker %u", i);
	}
	pw_snapshot(&after);
	CHECK_EQ(tally->wrong, 0, "wrong words");
	CHECK_EQ(tally->steps, WORKERS * STEPS, "steps");
	CHECK_EQ(pw_diff(&before, &after, "oom_kills"), 0, "tasks killed for memory");
	CHECK(pw_diff(&before, &after, "pswpin") > 0 && pw_diff(&before, &after, "pswpout") > 0,
	      "nothing was swapped");
	CHECK_INFO("%lu steps, %lu pages looked at, %lu forks, %lu execs, %lu moves; %lld in, %lld out, no wrong word",
		   tally->steps, tally->pages, tally->forks, tally->execs, tally->moves,
		   (long long)pw_diff(&before, &after, "pswpin"),
		   (long long)pw_diff(&before, &after, "pswpout"));
}
TEST(SWAPMIX, swap_mix);
