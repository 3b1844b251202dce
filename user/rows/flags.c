/* SPDX-License-Identifier: MIT */
/*
 * Flags of regions that do something (catalogue A20).  The knob region_flags=ADDR:FLAGS gives
 * a region what a device driver would give it.
 */
#include "rows.h"

#define RW		(PROT_READ | PROT_WRITE)
#define PAGES(n)	((ulong)(n) * PAGE_SIZE)
#define MOVE		(MREMAP_MAYMOVE | MREMAP_FIXED)
#define VM_IO		0x00004000ul
#define VM_DONTEXPAND	0x00040000ul

static volatile u8 *area;

/* ---- fork ------------------------------------------------------------------------------ */

static void in_child(void *arg)
{
	CHECK_EQ(regions_in(area, PAGES(4)), 0, "regions of DONTFORK memory in a child");
	CHECK_EQ(regions_in(area + PAGES(4), PAGES(4)), 1, "regions of WIPEONFORK memory");
	CHECK_EQ(area[PAGES(4)], 0, "a byte of it");
	CHECK_EQ(area[PAGES(8)], 3, "a byte of ordinary memory");
	CHECK_EQ(catch_access(ACCESS_READ, (ulong)area).sig, 11, "a touch of the first: signal");
}

static void check_fork(void)
{
	volatile u8 *shared = map_shared(PAGE_SIZE);

	area = map_at(EMPTY_PLACE, PAGES(12), RW);
	area[0] = 1;
	area[PAGES(4)] = 2;
	area[PAGES(8)] = 3;
	CHECK_EQ(sys_madvise((void *)area, PAGES(4), MADV_DONTFORK), 0, "DONTFORK");
	CHECK_EQ(sys_madvise((void *)area + PAGES(4), PAGES(4), MADV_WIPEONFORK), 0, "WIPEONFORK");
	CHECK_EQ(sys_madvise((void *)shared, PAGE_SIZE, MADV_WIPEONFORK), -EINVAL,
		 "WIPEONFORK of shared memory");
	CHECK(region_has(area, "dc") && region_has(area + PAGES(4), "wf"), "VmFlags of the two");
	CHECK_EQ(regions_in(area, PAGES(12)), 3, "regions");
	check_in_child(in_child, NULL, "fork");
	CHECK_EQ(sys_madvise((void *)area, PAGES(4), MADV_DOFORK), 0, "DOFORK");
	CHECK_EQ(sys_madvise((void *)area + PAGES(4), PAGES(4), MADV_KEEPONFORK), 0, "KEEPONFORK");
	CHECK_EQ(regions_in(area, PAGES(12)), 1, "regions");
	CHECK(area[0] == 1 && area[PAGES(4)] == 2, "the parent's bytes");
	sys_munmap((void *)area, PAGES(12));
	sys_munmap((void *)shared, PAGE_SIZE);
}

/* ---- device memory --------------------------------------------------------------------- */

static void give(volatile u8 *p, ulong flags)
{
	char knob[64];

	snprintf(knob, sizeof(knob), "region_flags=%#lx:%#lx", (ulong)p, flags);
	CHECK_EQ(pw_knob(knob), 0, "knob %s", knob);
}

static void check_device(void)
{
	char *p = map_at(EMPTY_PLACE, PAGES(4), RW), *q;
	struct pagewalk_walk w;

	p[0] = 7;
	give((u8 *)p, VM_DONTEXPAND);
	CHECK(region_has(p, "de"), "VmFlags has no \"de\"");
	CHECK_EQ((long)sys_mremap(p, PAGES(4), PAGES(5), MREMAP_MAYMOVE, NULL), -EFAULT,
		 "DONTEXPAND: mremap to more");
	CHECK_EQ((long)sys_mremap(p, PAGES(4), PAGES(4), MREMAP_MAYMOVE | MREMAP_DONTUNMAP, NULL),
		 -EINVAL, "DONTUNMAP");
	q = map_at((ulong)p + PAGES(4), PAGES(4), RW);
	CHECK_EQ(regions_in(p, PAGES(8)), 2, "regions: it does not merge");
	CHECK_EQ(sys_munmap(q, PAGES(4)), 0, "munmap of the neighbour");
	CHECK_EQ(sys_madvise(p, PAGES(4), MADV_DODUMP), -EINVAL, "DODUMP");
	CHECK_EQ(sys_mlock(p, PAGES(4)), 0, "mlock of it");
	CHECK_EQ(locked_pages(), 0, "VmLck: it is never locked");
	q = sys_mremap(p, PAGES(4), PAGES(2), MREMAP_MAYMOVE, NULL);
	CHECK_EQ((ulong)q, (ulong)p, "it shrinks");
	q = sys_mremap(p, PAGES(2), PAGES(2), MOVE, p + PAGES(64));
	CHECK_EQ(q[0], 7, "and moves");
	sys_munmap(q, PAGES(2));

	p = map_at(EMPTY_PLACE, PAGES(4), RW);
	give((u8 *)p, VM_IO);
	CHECK(region_has(p, "io"), "VmFlags has no \"io\"");
	CHECK_EQ(sys_madvise(p, PAGES(4), MADV_DONTFORK), 0, "I/O: DONTFORK");
	CHECK_EQ(sys_madvise(p, PAGES(4), MADV_DOFORK), -EINVAL, "DOFORK");
	CHECK_EQ(sys_mlock(p, PAGES(4)), 0, "mlock of it");
	CHECK_EQ(locked_pages(), 0, "VmLck");
	CHECK(!pw_walk(p, &w) || !(w.flags & PAGEWALK_PRESENT), "mlock has touched it");
	CHECK_EQ(sys_madvise(p, PAGES(4), MADV_POPULATE_READ), -EINVAL, "POPULATE_READ");
	sys_munmap(p, PAGES(4));
}

/* ---- order of reading ------------------------------------------------------------------ */

static void check_reading(void)
{
	char *p = map_at(EMPTY_PLACE, PAGES(8), RW);

	CHECK_EQ(sys_madvise(p + PAGES(2), PAGES(2), MADV_SEQUENTIAL), 0, "SEQUENTIAL");
	CHECK_EQ(sys_madvise(p + PAGES(4), PAGES(2), MADV_RANDOM), 0, "RANDOM");
	CHECK(region_has(p + PAGES(2), "sr") && region_has(p + PAGES(4), "rr"), "VmFlags");
	CHECK_EQ(regions_in(p, PAGES(8)), 4, "regions");
	CHECK_EQ(sys_madvise(p + PAGES(2), PAGES(2), MADV_RANDOM), 0, "RANDOM");
	CHECK(!region_has(p + PAGES(2), "sr"), "one takes the other away");
	CHECK_EQ(regions_in(p, PAGES(8)), 3, "regions");
	CHECK_EQ(sys_madvise(p, PAGES(8), MADV_NORMAL), 0, "NORMAL");
	CHECK_EQ(regions_in(p, PAGES(8)), 1, "regions");
	sys_munmap(p, PAGES(8));
}

static struct pw_snapshot before, after;

/* What the touch of a page brought: pages of the file read, mapped besides. */
static void check_touch(const volatile char *page, s64 read, s64 around, const char *what)
{
	pw_snapshot(&after);
	pw_snapshot(&before);
	(void)*page;
	pw_snapshot(&after);
	CHECK_EQ(pw_diff(&before, &after, "pgfault"), 1, "%s: faults", what);
	CHECK_EQ(pw_diff(&before, &after, "file_pages"), read, "%s: pages read", what);
	CHECK_EQ(pw_diff(&before, &after, "fault_around"), around, "%s: pages mapped besides", what);
}

/* A file that nobody has read: by the page, sixteen at once, and without neighbours. */
static void check_file(void)
{
	long fd = sys_open("/bin/bigprog", O_RDONLY, 0), n;
	char *p = sys_mmap(NULL, PAGES(48), PROT_READ, MAP_PRIVATE, (int)fd, 0);
	static char buf[8 * PAGE_SIZE];

	CHECK_EQ(pw_knob("drop_caches=1"), 0, "knob drop_caches");
	check_touch(p, 1, 0, "NORMAL");
	CHECK_EQ(sys_madvise(p + PAGES(16), PAGES(16), MADV_SEQUENTIAL), 0, "SEQUENTIAL");
	check_touch(p + PAGES(16), 16, 0, "SEQUENTIAL");
	check_touch(p + PAGES(17), 0, 14, "SEQUENTIAL, next page");
	CHECK_EQ(sys_madvise(p + PAGES(32), PAGES(16), MADV_RANDOM), 0, "RANDOM");
	n = sys_pread((int)fd, buf, sizeof(buf), PAGES(32));
	CHECK_EQ(n, (long)sizeof(buf), "pread");
	check_touch(p + PAGES(33), 0, 0, "RANDOM, cached neighbours");
	check_touch(p + PAGES(44), 1, 0, "RANDOM");
	sys_munmap(p, PAGES(48));
	sys_close((int)fd);
}

/* ---- errors of each advice ------------------------------------------------------------- */

static void check_errors(void)
{
	char *p = map_at(EMPTY_PLACE, PAGES(4), RW), *shared = map_shared(PAGE_SIZE);
	unsigned char vec[4];

	CHECK_EQ(sys_madvise(p + 1, PAGE_SIZE, MADV_NORMAL), -EINVAL, "unaligned");
	CHECK_EQ(sys_madvise(p, PAGE_SIZE, 4711), -EINVAL, "unknown advice");
	CHECK_EQ(sys_madvise(p, ~0ul, MADV_NORMAL), -EINVAL, "a length that wraps");
	CHECK_EQ(sys_madvise(p, 0, MADV_DONTNEED), 0, "length 0");
	CHECK_EQ(sys_madvise(p, PAGES(5), MADV_NORMAL), -ENOMEM, "across the end");
	CHECK_EQ(sys_madvise(shared, PAGE_SIZE, MADV_FREE), -EINVAL, "FREE of shared memory");
	CHECK_EQ(sys_madvise(p, PAGES(2), MADV_POPULATE_READ), 0, "POPULATE_READ");
	sys_mincore(p, PAGES(4), vec);
	CHECK((vec[0] & 1) && (vec[1] & 1) && !(vec[2] & 1), "mincore behind it");
	CHECK_EQ(region_kb(p, "Anonymous:"), 0, "kB of anonymous pages");
	CHECK_EQ(sys_madvise(p, PAGES(4), MADV_POPULATE_WRITE), 0, "POPULATE_WRITE");
	CHECK_EQ(region_kb(p, "Anonymous:"), 16, "kB of anonymous pages");
	CHECK_EQ(region_kb(p, "Referenced:"), 16, "kB that were used");
	CHECK_EQ(sys_madvise(p, PAGES(4), MADV_COLD), 0, "COLD");
	CHECK_EQ(region_kb(p, "Referenced:"), 0, "kB that were used since");
	CHECK_EQ(sys_madvise(p, PAGES(4), MADV_PAGEOUT), 0, "PAGEOUT");
	sys_mprotect(p, PAGES(4), PROT_READ);
	CHECK_EQ(sys_madvise(p, PAGES(4), MADV_POPULATE_WRITE), -EINVAL, "POPULATE_WRITE, read-only");
	sys_mprotect(p, PAGES(4), PROT_NONE);
	CHECK_EQ(sys_madvise(p, PAGES(4), MADV_POPULATE_READ), -EINVAL, "POPULATE_READ, no right");
	CHECK_EQ(sys_mlock(p, PAGES(4)), -ENOMEM, "mlock of it");
	CHECK_EQ(sys_madvise(p, PAGES(4), MADV_FREE), -EINVAL, "FREE of locked memory");
	CHECK_EQ(sys_madvise(p, PAGES(4), MADV_COLD), -EINVAL, "COLD");
	CHECK_EQ(sys_madvise(p, PAGES(4), MADV_PAGEOUT), -EINVAL, "PAGEOUT");
	CHECK_EQ(sys_madvise(p, PAGES(4), MADV_DONTNEED_LOCKED), 0, "DONTNEED_LOCKED");
	sys_munmap(p, PAGES(4));
	sys_munmap(shared, PAGE_SIZE);
}

static void a20_flags(void)
{
	catch_begin();
	check_fork();
	check_device();
	check_reading();
	check_file();
	check_errors();
	catch_end();
	CHECK_INFO("don't copy, wipe, don't expand, I/O, sequential, random: in maps and in what calls do");
}
TEST(A20, a20_flags);
