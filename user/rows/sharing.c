/* SPDX-License-Identifier: MIT */
/*
 * Pages with many owners, and what fork costs (catalogue N6, N10); memory that runs out in
 * a fault (N11).
 */
#include "counting.h"
#include "rows.h"

#define SIGKILL	9
#define SIGTERM	15

static __noreturn void wait_to_be_killed(void)
{
	for (;;)
		syscall0(__NR_pause);
}

static struct pagewalk_frame frame_at(const volatile void *p)
{
	struct pagewalk_frame f;

	pw_frame(pw_pfn(p), &f);
	return f;
}

/* ---- N6: a tree of processes ---------------------------------------------------------- */

#define TREE	4			/* child, grandchild, great-grandchild, another child */
#define SETTLE	2000

static volatile u8 *page;
static volatile int *tree;		/* their pids; shared */

static void tree_member(int i)
{
	tree[i] = (int)sys_getpid();
	if (i < 2) {
		if (!sys_fork())
			tree_member(i + 1);
	}
	wait_to_be_killed();
}

static bool grow_tree(void)
{
	int i, n = 0;

	for (i = 0; i < TREE; i++)
		tree[i] = 0;
	if (!sys_fork())
		tree_member(0);
	if (!sys_fork())
		tree_member(3);
	for (i = 0; i < SETTLE && n < TREE; i++) {
		sys_sched_yield();
		n = !!tree[0] + !!tree[1] + !!tree[2] + !!tree[3];
	}
	return n == TREE;
}

/* Owners of the page: n processes and this one. */
static void check_owners(int n, const char *when)
{
	struct pagewalk_frame f = frame_at(page);
	int i;

	/* Who was killed ends when it is its turn. */
	for (i = 0; i < SETTLE && f.mapcount > n + 1; i++) {
		sys_sched_yield();
		f = frame_at(page);
	}
	CHECK_EQ(f.mapcount, n + 1, "entries that name the page %s", when);
	CHECK_EQ(f.refcount, n + 1, "references to the page %s", when);
}

static void n6_order(const int *order)
{
	int i;

	*page = 77;
	if (!CHECK(grow_tree(), "the tree does not grow"))
		return;
	check_owners(TREE, "with all four");
	for (i = 0; i < TREE; i++) {
		sys_kill(tree[order[i]], SIGTERM);
		while (sys_wait4(-1, NULL, WNOHANG, NULL) > 0)
			;
		check_owners(TREE - 1 - i, "after an exit");
		CHECK_EQ(*page, 77, "contents");
	}
	while (sys_wait4(-1, NULL, 0, NULL) > 0)
		;
	start_count();
	*page = 78;
	pw_snapshot(&after);
	CHECK_EQ(growth("cow_reuses"), 1, "the last owner keeps the page");
	CHECK_EQ(growth("cow_copies"), 0, "copies for the last owner");
}

static void n6_orders(void)
{
	int a, b, c, d, n = 0;

	for (a = 0; a < TREE; a++)
		for (b = 0; b < TREE; b++)
			for (c = 0; c < TREE; c++) {
				d = 6 - a - b - c;
				if (a == b || b == c || a == c)
					continue;
				n6_order((const int[]){ a, b, c, d });
				n++;
			}
	CHECK_EQ(n, 24, "orders");
}

#define MANY	300

static void n6_many(void)
{
	static int pids[MANY];
	unsigned i, killed = 0;
	int status;

	for (i = 0; i < MANY; i++) {
		pids[i] = (int)sys_fork();
		if (!pids[i])
			wait_to_be_killed();
		if (!CHECK(pids[i] > 0, "fork %u returns %d", i, pids[i]))
			break;
	}
	check_owners((int)i, "with 300 children");
	for (i = 0; i < MANY; i++) {
		sys_kill(pids[i], SIGTERM);
		status = wait_for(pids[i]);
		killed += KILLED(status, SIGTERM);
		if (i == 44)		/* a count of 8 bits says 0 here */
			check_owners(MANY - 45, "with 255 children");
	}
	CHECK_EQ(killed, MANY, "children killed");
	check_owners(0, "with none");
}

static void n6_sharing(void)
{
	tree = map_shared(PAGE_SIZE);
	page = map_anon(PAGE_SIZE);
	n6_orders();
	n6_many();
	CHECK_INFO("24 orders of exit of four processes in three generations, then %d children: "
		   "owners counted at each step", MANY);
}
TEST(N6, n6_sharing);

/* ---- N10: what fork costs ------------------------------------------------------------- */

/* Fork with n resident pages more; ns until the child has been made, entries shared. */
static u64 n10_fork(ulong pages, s64 *shared)
{
	volatile u8 *p = map_at(EMPTY_PLACE, pages * PAGE_SIZE, PROT_READ | PROT_WRITE);
	u64 start, ns;
	ulong i;
	long pid;

	for (i = 0; i < pages; i++)
		p[i * PAGE_SIZE] = (u8)i;
	start_count();
	start = now_ns();
	pid = syscall5(__NR_clone, CLONE_VFORK | 17, 0, 0, 0, 0);
	if (!pid)
		sys_exit_group(0);
	ns = now_ns() - start;
	pw_snapshot(&after);
	wait_for((int)pid);
	*shared = growth("fork_shared");
	/* The child leaves by its own stack page, and by nothing of these. */
	CHECK(growth("cow_copies") < 8, "%lld pages copied", (long long)growth("cow_copies"));
	CHECK_EQ(growth("anon_new"), 0, "new pages");
	CHECK_EQ(growth("zapped") >= growth("fork_shared"), 1, "entries of the child gone again");
	sys_munmap((void *)p, pages * PAGE_SIZE);
	return ns;
}

static s64 n10_tables(ulong pages)
{
	volatile u8 *p = map_at(EMPTY_PLACE, pages * PAGE_SIZE, PROT_READ | PROT_WRITE);
	struct child c;
	s64 tables;
	ulong i;

	for (i = 0; i < pages; i++)
		p[i * PAGE_SIZE] = 1;
	start_count();
	child_start(&c, NULL);
	pw_snapshot(&after);
	tables = growth("page_tables");
	child_end(&c);
	sys_munmap((void *)p, pages * PAGE_SIZE);
	return tables;
}

static void n10_cost(void)
{
	ulong there = (ulong)pw_counter("free_pages") / 4, most = there < 16384 ? there : 16384;
	s64 few, some, many, t0, t1;
	u64 first = n10_fork(1, &few), small = n10_fork(256, &some), large = n10_fork(most, &many);

	t0 = n10_tables(1);
	t1 = n10_tables(most);
	CHECK_EQ(some - few, 255, "entries shared for 255 pages more");
	CHECK_EQ(many - few, most - 1, "entries shared for %lu pages more", most - 1);

	CHECK_EQ(t1 - t0, tables_for(most) - tables_for(1), "page tables for %lu pages more",
		 most);
	CHECK_INFO("%lu MiB against 1 MiB resident: 0 pages of data copied, %ld tables more, "
		   "%u against %u us (%u times)", most >> 8, (long)(t1 - t0),
		   (unsigned)(large / 1000), (unsigned)(small / 1000),
		   (unsigned)(large / (small ? small : 1)));
	CHECK(first, "a fork took no time");
}
TEST(N10, n10_cost);

/* ---- N11: no memory for a fault ------------------------------------------------------- */

/* The pages of a region, one after the other, far more than there are. */
static __noreturn void touch_all(volatile u8 *p, ulong pages, volatile ulong *done)
{
	for (*done = 0; *done < pages; ++*done)
		p[*done * PAGE_SIZE] = 2;
	sys_exit_group(77);
}

static void *map_big(ulong pages)
{
	return sys_mmap(NULL, pages * PAGE_SIZE, PROT_READ | PROT_WRITE,
			MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
}

static void check_end(long pid, const char *what)
{
	int status;

	CHECK(pid > 0, "fork for %s returns %ld", what, pid);
	status = wait_for((int)pid);
	CHECK_EQ(status, SIGKILL, "wait status of the process without memory for %s", what);
}

static void n11_exhausted(void)
{
	u64 there = pw_counter("free_pages");
	volatile ulong *done = map_shared(PAGE_SIZE);
	ulong pages = (ulong)there + 1000, half, copied, i;
	volatile u8 *p = map_big(pages), *q;
	long pid;

	CHECK(!IS_ERR(p), "mmap returns %ld", (long)p);
	pid = sys_fork();
	if (!pid)
		touch_all(p, pages, done);
	check_end(pid, "a first touch");
	half = *done * 6 / 10;
	CHECK(half > 100 && *done < there, "%lu pages touched", *done);
	CHECK(pw_counter("free_pages") + 64 > there, "%llu pages are free of %llu before",
	      (unsigned long long)pw_counter("free_pages"), (unsigned long long)there);

	/* The child is larger than we are: it is the one to go. */
	q = map_big(half);
	CHECK(!IS_ERR(q), "mmap returns %ld", (long)q);
	for (i = 0; i < half; i++)
		q[i * PAGE_SIZE] = 1;
	pid = sys_fork();
	if (!pid) {
		for (i = 0; i < half / 10; i++)
			p[i * PAGE_SIZE] = 1;
		touch_all(q, half, done);
	}
	check_end(pid, "a copy");
	copied = *done;
	CHECK(copied > 0 && copied < half, "%lu pages copied of %lu", copied, half);
	for (i = 0; i < half && q[i * PAGE_SIZE] == 1; i++)
		;
	CHECK_EQ(i, half, "pages of ours that are as they were");
	CHECK_INFO("%lu pages touched, or %lu resident and %lu copied, then that process is killed; "
		   "its parent goes on", half * 10 / 6, half, copied);
}
TEST(N11, n11_exhausted);
