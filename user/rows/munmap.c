/* SPDX-License-Identifier: MIT */
/*
 * Taking away: munmap of parts and of many regions (catalogue A13), empty page tables (A14),
 * everything at exit and exec (A15).
 */
#include "counting.h"
#include "rows.h"

#define SIGSEGV		11
#define MAPERR		1
#define RW		(PROT_READ | PROT_WRITE)
#define PAGE(at, n)	((at) + (ulong)(n) * PAGE_SIZE)

static void fill(ulong at, unsigned pages, u32 mark)
{
	unsigned i;

	for (i = 0; i < pages; i++)
		*(volatile u32 *)PAGE(at, i) = mark + i;
}

/* ---- A13 -------------------------------------------------------------------------------- */

#define A13_PAGES	16

/* Pages [0, A13_PAGES) are gone exactly in [from, to). */
static void a13_parts(ulong at, unsigned from, unsigned to, u32 mark)
{
	unsigned i, wrong = 0;
	struct caught c;

	for (i = 0; i < A13_PAGES; i++) {
		if (i < from || i >= to) {
			wrong += *(volatile u32 *)PAGE(at, i) != mark + i;
			continue;
		}
		c = catch_access(i & 1 ? ACCESS_READ : ACCESS_WRITE, PAGE(at, i) + 3);
		wrong += c.sig != SIGSEGV || c.code != MAPERR || c.addr != PAGE(at, i) + 3;
		wrong += pw_pfn((void *)PAGE(at, i)) != 0;
	}
	CHECK_EQ(wrong, 0, "pages of 16 that are not as they should be after unmapping %u to %u",
		 from, to);
}

/* One region of 16 pages, of which [from, to) go. */
static void a13_one(unsigned from, unsigned to, int regions)
{
	ulong at = (ulong)map_at(EMPTY_PLACE, A13_PAGES * PAGE_SIZE, RW);
	u32 mark = from * 100 + to + 1;

	fill(at, A13_PAGES, mark);
	start_count();
	CHECK_EQ(sys_munmap((void *)PAGE(at, from), (to - from) * PAGE_SIZE), 0, "munmap");
	pw_snapshot(&after);
	CHECK_EQ(growth("slab_vm_area_struct"), regions - 1, "regions of one, without %u to %u",
		 from, to);
	CHECK_EQ(-growth("pages_anon"), to - from, "frames given back for %u to %u", from, to);
	CHECK_EQ(growth("zapped"), to - from, "entries cleared");
	a13_parts(at, from, to, mark);
	CHECK_EQ(sys_munmap((void *)at, A13_PAGES * PAGE_SIZE), 0, "munmap of the rest, with a hole");
}

/* Eight regions of two pages with holes of one, all but the ends by one call. */
static void a13_many(void)
{
	ulong at = EMPTY_PLACE;
	unsigned i;

	for (i = 0; i < 8; i++)
		fill((ulong)map_at(PAGE(at, 3 * i), 2 * PAGE_SIZE, RW), 2, i * 16);
	start_count();
	CHECK_EQ(sys_munmap((void *)PAGE(at, 1), 21 * PAGE_SIZE), 0, "munmap over 8 regions and 7 holes");
	pw_snapshot(&after);
	CHECK_EQ(-growth("slab_vm_area_struct"), 6, "regions gone, two were cut");
	CHECK_EQ(-growth("pages_anon"), 14, "frames given back by one call");
	CHECK_EQ(*(volatile u32 *)at, 0, "the first page");
	CHECK_EQ(*(volatile u32 *)PAGE(at, 22), 7 * 16 + 1, "the last page");
	CHECK_EQ(catch_access(ACCESS_READ, PAGE(at, 1)).sig, SIGSEGV, "behind the first page");
	CHECK_EQ(catch_access(ACCESS_READ, PAGE(at, 21)).sig, SIGSEGV, "before the last page");
	sys_munmap((void *)at, 24 * PAGE_SIZE);
}

static void a13_arguments(void)
{
	ulong at = EMPTY_PLACE;

	CHECK_EQ(sys_munmap((void *)at, PAGE_SIZE), 0, "munmap of a hole");
	CHECK_EQ(sys_munmap((void *)(at + 1), PAGE_SIZE), -EINVAL, "munmap, not aligned");
	CHECK_EQ(sys_munmap((void *)at, 0), -EINVAL, "munmap of nothing");
	CHECK_EQ(sys_munmap((void *)task_size(), PAGE_SIZE), -EINVAL, "munmap behind the user half");
	CHECK_EQ(sys_munmap((void *)at, -PAGE_SIZE), -EINVAL, "munmap of too much");
	CHECK_EQ(sys_munmap((void *)at, 1), 0, "munmap of one byte: a page");
}

static void a13_munmap(void)
{
	catch_begin();
	a13_one(0, 16, 0);
	a13_one(0, 5, 1);
	a13_one(11, 16, 1);
	a13_one(4, 12, 2);
	a13_one(7, 8, 2);
	a13_many();
	a13_arguments();
	catch_end();
	CHECK_INFO("whole 0, start 1, end 1, middle 2 regions; 8 with holes by one call; frames exact");
}
TEST(A13, a13_munmap);

/* ---- A14 -------------------------------------------------------------------------------- */

/* Where all spans begin: nothing of this program is within a top-level entry. */
#define A14_PLACE	(LONG64 ? (ulong)(1ull << 45) : 0x40000000ul)
#define PTE_SPAN	TABLE_SPAN
#define PMD_SPAN	(LONG64 ? (ulong)(1ull << 30) : 0)
#define PUD_SPAN	(LONG64 ? (ulong)(1ull << 39) : 0)

/* Map and touch a page: tables made for it. */
static void a14_map(ulong at, int tables)
{
	map_at(at, PAGE_SIZE, RW);
	start_count();
	*(volatile u32 *)at = (u32)(at >> 12);
	pw_snapshot(&after);
	CHECK_EQ(growth("page_tables"), tables, "tables made for a page at %#lx", at);
}

/* Unmap: tables gone for it; and how far the processor still gets at its address. */
static void a14_unmap(ulong at, int tables, unsigned depth)
{
	struct pagewalk_walk w;

	start_count();
	CHECK_EQ(sys_munmap((void *)at, PAGE_SIZE), 0, "munmap at %#lx", at);
	pw_snapshot(&after);
	CHECK_EQ(-growth("page_tables"), tables, "tables freed with the page at %#lx", at);
	pw_walk((void *)at, &w);
	CHECK_EQ(w.depth, depth, "levels that WALK can still read at %#lx", at);
}

static void a14_contents(ulong at)
{
	CHECK_EQ(*(volatile u32 *)at, (u32)(at >> 12), "the neighbour's page at %#lx", at);
}

/* Of two levels: one span. */
static void a14_two_levels(ulong at)
{
	a14_map(at, 1);
	a14_map(at + PAGE_SIZE, 0);
	a14_map(at + PTE_SPAN - PAGE_SIZE, 0);
	a14_map(at + PTE_SPAN, 1);
	a14_unmap(at + PTE_SPAN, 1, 1);
	a14_unmap(at, 0, 2);
	a14_contents(at + PAGE_SIZE);
	a14_unmap(at + PTE_SPAN - PAGE_SIZE, 0, 2);
	a14_contents(at + PAGE_SIZE);
	a14_unmap(at + PAGE_SIZE, 1, 1);
}

static void a14_four_levels(ulong at)
{
	a14_map(at, 3);
	a14_map(at + PAGE_SIZE, 0);
	a14_map(at + PTE_SPAN - PAGE_SIZE, 0);
	a14_map(at + PTE_SPAN, 1);
	a14_map(at + PMD_SPAN, 2);
	a14_map(at + PUD_SPAN, 3);
	a14_unmap(at, 0, 4);
	a14_unmap(at + PTE_SPAN - PAGE_SIZE, 0, 4);
	a14_contents(at + PAGE_SIZE);
	a14_unmap(at + PAGE_SIZE, 1, 3);	/* the PTE table; 2 MiB */
	a14_contents(at + PTE_SPAN);
	a14_unmap(at + PTE_SPAN, 2, 2);		/* and the PMD table; 1 GiB */
	a14_contents(at + PMD_SPAN);
	a14_unmap(at + PMD_SPAN, 3, 1);		/* and the PUD table; 512 GiB */
	a14_contents(at + PUD_SPAN);
	a14_unmap(at + PUD_SPAN, 3, 1);
}

/* A region without pages keeps the table that it lies in, until it goes itself. */
static void a14_empty_neighbour(ulong at)
{
	a14_map(at, LONG64 ? 3 : 1);
	map_at(at + 8 * PAGE_SIZE, PAGE_SIZE, RW);
	a14_unmap(at, 0, LONG64 ? 4 : 2);
	a14_unmap(at + 8 * PAGE_SIZE, LONG64 ? 3 : 1, 1);
}

/* Many tables by one call. */
static void a14_at_once(ulong at)
{
	unsigned i, n = 8;

	map_at(at, n * PTE_SPAN, RW);
	start_count();
	for (i = 0; i < n; i++)
		*(volatile u32 *)(at + i * PTE_SPAN) = i;
	pw_snapshot(&after);
	CHECK_EQ(growth("page_tables"), n + (LONG64 ? 2 : 0), "tables of %u spans", n);
	start_count();
	CHECK_EQ(sys_munmap((void *)(at + PAGE_SIZE), n * PTE_SPAN - 2 * PAGE_SIZE), 0, "munmap but the ends");
	pw_snapshot(&after);
	CHECK_EQ(-growth("page_tables"), n - 2, "tables freed between the ends");
	start_count();
	CHECK_EQ(sys_munmap((void *)at, n * PTE_SPAN), 0, "munmap of the ends");
	pw_snapshot(&after);
	CHECK_EQ(-growth("page_tables"), 2 + (LONG64 ? 2 : 0), "tables freed with the ends");
}

static void a14_tables(void)
{
	ulong at = A14_PLACE;

	if (LONG64)
		a14_four_levels(at);
	else
		a14_two_levels(at);
	a14_empty_neighbour(at);
	a14_at_once(at);
	CHECK_INFO("a table goes with the last region of its span: %s",
		   LONG64 ? "2 MiB, 1 GiB, 512 GiB" : "4 MiB");
}
TEST(A14, a14_tables);

/* ---- A15 -------------------------------------------------------------------------------- */

#define A15_PAGES	64

/* What a process may own: pages of all kinds, tables far apart, a file, a grown stack. */
static int a15_own_much(int command)
{
	int fd = (int)sys_open("/proc/self/exe", O_RDONLY, 0);
	volatile u32 *p, *q;
	unsigned i;

	p = map_at(A14_PLACE, A15_PAGES * PAGE_SIZE, RW);
	fill((ulong)p, A15_PAGES, 7);
	map_at(A14_PLACE + 4 * PTE_SPAN, PAGE_SIZE, RW);
	*(volatile u32 *)(A14_PLACE + 4 * PTE_SPAN) = 1;
	for (i = 0; i < 10; i++)
		map_at(A14_PLACE + 8 * PTE_SPAN + 2 * i * PAGE_SIZE, PAGE_SIZE,
		       i & 1 ? RW : PROT_READ);
	p = sys_mmap(NULL, 4 * PAGE_SIZE, PROT_READ, MAP_SHARED, fd, 0);
	q = sys_mmap(NULL, 4 * PAGE_SIZE, RW, MAP_PRIVATE, fd, 0);
	for (i = 0; i < 4; i++)
		q[i * PAGE_SIZE / 4] = p[i * PAGE_SIZE / 4];
	sys_close(fd);
	p = sys_mmap(NULL, 4 * PAGE_SIZE, RW, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	p[0] = p[PAGE_SIZE] = 5;
	return 0;
}

static const char *const a15_counters[] = {
	"pages_anon", "pages_table", "page_tables", "slab_vm_area_struct", "slab_mm_struct", "mms",
	"nr_open_files", "tasks",
};

static void a15_compare(const char *when)
{
	unsigned i;

	for (i = 0; i < ARRAY_SIZE(a15_counters); i++)
		CHECK_EQ(growth(a15_counters[i]), 0, "%s that are left %s", a15_counters[i], when);
}

/* Entries that name the first page of this program's file. */
static int a15_mapcount(volatile u8 *page)
{
	struct pagewalk_frame f;

	pw_frame(pw_pfn(page), &f);
	return f.mapcount;
}

static void a15_exit(volatile u8 *page, unsigned round)
{
	struct child c;
	int maps = a15_mapcount(page);

	child_start(&c, a15_own_much);
	child_do(&c, 0);
	CHECK(a15_mapcount(page) > maps, "the child has not mapped the file");
	child_end(&c);
	pw_snapshot(&after);
	CHECK_EQ(a15_mapcount(page), maps, "entries that name a page of the file, after exit");
	/* The first time, the parent's own pages are copied. */
	if (round)
		a15_compare("by exit");
	pw_snapshot(&before);
}

static int a15_become(int command)
{
	static const char *const argv[] = { "/bin/rows", "A15-new", NULL };

	if (command)
		a15_own_much(0);
	child_become(argv);
}

static void a15_new(void)
{
	child_wait_here();
}
HELPER(A15_new, "A15-new", a15_new);

/* The new program's address space is the same, whatever the old one had. */
static void a15_exec(int much, struct pw_snapshot *seen)
{
	struct child c;

	child_start(&c, a15_become);
	child_do(&c, much);
	pw_snapshot(seen);
	child_end(&c);
}

static void a15_all(void)
{
	int fd = (int)sys_open("/proc/self/exe", O_RDONLY, 0);
	volatile u8 *page = sys_mmap(NULL, PAGE_SIZE, PROT_READ, MAP_SHARED, fd, 0);
	unsigned i;

	(void)page[0];
	pw_snapshot(&after);
	pw_snapshot(&before);
	for (i = 0; i < 3; i++)
		a15_exit(page, i);
	for (i = 0; i < 2; i++) {
		a15_exec(0, &before);
		a15_exec(1, &after);
	}
	a15_compare("by exec");
	CHECK_INFO("a child with %u pages, 3 kinds of memory, 17 regions: nothing left by exit or exec",
		   A15_PAGES + 7);
}
TEST(A15, a15_all);
