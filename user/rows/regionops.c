/* SPDX-License-Identifier: MIT */
/*
 * A7, F12: regions of files are made, cut, moved and given up, and after every step the
 * kernel compares all trees with all processes.  A19: drivers with methods of their own.
 */
#include "rows.h"

#define RW	(PROT_READ | PROT_WRITE)

static int fd;

static void audit(const char *what)
{
	CHECK_EQ(pw_knob("i_mmap=audit"), 0, "audit after %s", what);
}

/* Regions of the file in its tree. */
static unsigned regions(void)
{
	char text[32];

	snprintf(text, sizeof(text), "i_mmap=count:0x%x", fd);
	return (unsigned)-pw_knob(text);
}

static u8 *map(unsigned pages, unsigned offset, int flags)
{
	return sys_mmap(NULL, pages * PAGE_SIZE, RW, flags, fd, (u64)offset * PAGE_SIZE);
}

static void make_file(void)
{
	fd = (int)sys_memfd_create("regions", 0);
	CHECK_EQ(sys_ftruncate(fd, 64 * PAGE_SIZE), 0, "ftruncate");
}

/* ---- A7 ---------------------------------------------------------------------------------- */

static void a7_link(void)
{
	u8 *p, *q;

	make_file();
	CHECK_EQ(regions(), 0, "regions of a new file");
	p = map(16, 0, MAP_SHARED);
	CHECK_EQ(regions(), 1, "regions after mmap");
	CHECK_EQ(regions_in(p, 16 * PAGE_SIZE), 1, "lines of maps");
	audit("mmap");
	q = map(4, 8, MAP_PRIVATE);
	CHECK_EQ(regions(), 2, "regions after a private mmap");
	audit("a private mmap");
	sys_mmap(p + 4 * PAGE_SIZE, PAGE_SIZE, RW, MAP_SHARED | MAP_FIXED, fd, 20 * PAGE_SIZE);
	CHECK_EQ(regions(), 4, "regions after another page in the middle of the first");
	CHECK_EQ(regions_in(p, 16 * PAGE_SIZE), 3, "lines of maps");
	audit("a fixed mmap");
	sys_mmap(p + 4 * PAGE_SIZE, PAGE_SIZE, RW, MAP_SHARED | MAP_FIXED, fd, 4 * PAGE_SIZE);
	CHECK_EQ(regions(), 2, "regions after the right page again: merged");
	audit("a merge");
	sys_munmap(p, 16 * PAGE_SIZE);
	sys_munmap(q, 4 * PAGE_SIZE);
	CHECK_EQ(regions(), 0, "regions in the end");
	audit("munmap");
}
TEST(A7, a7_link);

/* ---- F12 --------------------------------------------------------------------------------- */

static int step(int command)
{
	u8 *p;

	switch (command) {
	case 0:				/* the child has copies of all of the parent's */
		return (int)regions();
	case 1:
		p = map(5, 30, MAP_PRIVATE);
		return IS_ERR(p) ? 255 : (int)regions();
	default:
		return 0;
	}
}

static void f12_steps(u8 *p, u8 *q)
{
	sys_mprotect(p + 4 * PAGE_SIZE, 4 * PAGE_SIZE, PROT_READ);
	CHECK_EQ(regions(), 4, "regions after mprotect in the middle");
	audit("mprotect");
	sys_mprotect(p + 4 * PAGE_SIZE, 2 * PAGE_SIZE, RW);
	CHECK_EQ(regions(), 4, "regions after a border moved");
	audit("a moved border");
	sys_munmap(p + 14 * PAGE_SIZE, 2 * PAGE_SIZE);
	audit("munmap of an end");
	sys_munmap(q + 2 * PAGE_SIZE, PAGE_SIZE);
	CHECK_EQ(regions(), 5, "regions after a hole");
	audit("a hole");
	sys_mlock(p, 2 * PAGE_SIZE);
	sys_munlock(p, 2 * PAGE_SIZE);
	CHECK_EQ(regions(), 5, "regions after mlock and munlock");
	audit("munlock");
}

static void f12_list(void)
{
	u8 *p, *q, *moved;
	struct child c;

	make_file();
	p = map(16, 0, MAP_SHARED);
	q = map(8, 10, MAP_PRIVATE);
	memset(p, 1, 16 * PAGE_SIZE);
	memset(q, 2, 8 * PAGE_SIZE);
	f12_steps(p, q);
	moved = sys_mremap(p, 4 * PAGE_SIZE, 24 * PAGE_SIZE, MREMAP_MAYMOVE, NULL);
	CHECK(!IS_ERR(moved), "mremap: %ld", (long)moved);
	CHECK_EQ(moved[3 * PAGE_SIZE], 1, "contents after mremap");
	audit("mremap");
	CHECK_EQ(regions(), 6, "regions after mremap of a part");
	child_start(&c, step);
	CHECK_EQ(regions(), 12, "regions after fork");
	audit("fork");
	CHECK_EQ(child_do(&c, 0), 12, "regions, as the child counts them");
	CHECK_EQ(child_do(&c, 1), 13, "regions after mmap in the child");
	audit("mmap in the child");
	CHECK_EQ(sys_ftruncate(fd, 5 * PAGE_SIZE), 0, "ftruncate");
	audit("ftruncate");
	CHECK_EQ(child_end(&c), 0, "wait status of the child");
	CHECK_EQ(regions(), 6, "regions after its exit");
	audit("exit");
	sys_munmap(moved, 24 * PAGE_SIZE);
	sys_munmap(p, 16 * PAGE_SIZE);
	sys_munmap(q, 8 * PAGE_SIZE);
	CHECK_EQ(regions(), 0, "regions in the end");
	audit("munmap");
	CHECK_INFO("up to 13 regions of one file in two processes");
}
TEST(F12, f12_list);

/* ---- A19 --------------------------------------------------------------------------------- */

#define PLACE(n)	((u8 *)EMPTY_PLACE + (n) * MiB)

static void map_driver(unsigned n)
{
	char text[64];

	snprintf(text, sizeof(text), "driver=map:0x%x:0x%lx", n, (ulong)PLACE(n));
	CHECK_EQ(pw_knob(text), 0, "mapping driver %u", n);
}

static void is_count(unsigned n, u64 opens, u64 closes, u64 faults, const char *what)
{
	static u64 seen[4];
	char text[64];

	snprintf(text, sizeof(text), "driver=get:0x%x:0x%lx", n, (ulong)seen);
	CHECK_EQ(pw_knob(text), 0, "figures of driver %u", n);
	CHECK_EQ(seen[0], 1, "driver %u: mmap after %s", n, what);
	CHECK_EQ(seen[1], opens, "driver %u: open after %s", n, what);
	CHECK_EQ(seen[2], closes, "driver %u: close after %s", n, what);
	CHECK_EQ(seen[3], faults, "driver %u: fault after %s", n, what);
}

static int touch(int command)
{
	return PLACE(command)[PAGE_SIZE];
}

static void a19_methods(void)
{
	struct pw_snapshot before, after;
	struct child c;
	u8 *file;

	catch_begin();
	map_driver(0);
	map_driver(1);
	is_count(0, 0, 0, 0, "mmap");
	CHECK_EQ(PLACE(0)[0], 0xa1, "a page of driver 0");
	PLACE(0)[2 * PAGE_SIZE] = 1;
	CHECK_EQ(PLACE(0)[2 * PAGE_SIZE + 1], 0xa1, "a page written first");
	CHECK_EQ(PLACE(1)[0], 0xb2, "a page of driver 1");
	is_count(0, 0, 0, 2, "two faults");
	is_count(1, 0, 0, 1, "one fault");
	CHECK_EQ(catch_access(ACCESS_READ, (ulong)PLACE(1) + 7 * PAGE_SIZE).sig, 7,
		 "signal for a page that driver 1 refuses");
	is_count(1, 0, 0, 1, "a refused fault");

	/* The third kind is the page cache's: no driver is asked. */
	make_file();
	file = map(1, 0, MAP_SHARED);
	pw_snapshot(&before);
	file[0] = 3;
	pw_snapshot(&after);
	CHECK_EQ(pw_diff(&before, &after, "file_maps"), 1, "pages of a file that were mapped");
	is_count(0, 0, 0, 2, "a fault of a file");

	sys_mprotect(PLACE(0) + 2 * PAGE_SIZE, PAGE_SIZE, PROT_READ);
	is_count(0, 2, 0, 2, "two splits");
	sys_mprotect(PLACE(0) + 2 * PAGE_SIZE, PAGE_SIZE, RW);
	is_count(0, 2, 0, 2, "equal flags again: never merged");
	sys_munmap(PLACE(0) + 2 * PAGE_SIZE, PAGE_SIZE);
	is_count(0, 2, 1, 2, "munmap of one part");
	child_start(&c, touch);
	is_count(0, 4, 1, 2, "fork with two parts");
	is_count(1, 1, 0, 1, "fork with one");
	CHECK_EQ(child_do(&c, 1), 0xb2, "a page of driver 1 in the child");
	is_count(1, 1, 0, 2, "a fault of the child");
	CHECK_EQ(child_end(&c), 0, "wait status of the child");
	is_count(0, 4, 3, 2, "exit of the child");
	is_count(1, 1, 1, 2, "exit of the child");
	sys_munmap(PLACE(0), 8 * PAGE_SIZE);
	is_count(0, 4, 5, 2, "munmap");
	CHECK_INFO("driver 1 is closed by exit");
	catch_end();
}
TEST(A19, a19_methods);
