/* SPDX-License-Identifier: MIT */
/*
 * mremap (catalogue A9): what moves is the entries, so frames, the zero page and Dirty bits
 * are the same at the new place, and the kernel has looked at no byte.
 */
#include "../lib/entry.h"
#include "rows.h"

#define SIGSEGV		11
#define MAPERR		1
#define N		1000u
#define RW		(PROT_READ | PROT_WRITE)
#define MOVE		(MREMAP_MAYMOVE | MREMAP_FIXED)
#define AWAY		(EMPTY_PLACE + 64 * MiB + 3 * PAGE_SIZE)	/* tables begin elsewhere */

static struct pw_snapshot before, after;
static struct pagewalk_walk old[N], new[N];

static void start_count(void)
{
	pw_snapshot(&after);
	pw_snapshot(&before);
}

static s64 growth(const char *counter)
{
	pw_snapshot(&after);
	return pw_diff(&before, &after, counter);
}

static void clean(const volatile u8 *p)
{
	char knob[48];

	snprintf(knob, sizeof(knob), "clear_marks=%#lx", (ulong)p);
	CHECK_EQ(pw_knob(knob), 0, "knob %s", knob);
}

/* Page i: written, read only (the zero page), written and clean since, or untouched. */
static void fill(volatile u8 *p)
{
	unsigned i;

	for (i = 0; i < N; i++) {
		if (i % 4 == 0 || i % 4 == 2)
			p[i * PAGE_SIZE] = (u8)(i / 4);
		else if (i % 4 == 1)
			(void)p[i * PAGE_SIZE];
	}
	for (i = 2; i < N; i += 40)
		clean(p + i * PAGE_SIZE);
}

static unsigned differing(void)
{
	unsigned i, n = 0;

	for (i = 0; i < N; i++)
		n += old[i].flags != new[i].flags ||
		     (old[i].flags & PAGEWALK_PRESENT && old[i].phys != new[i].phys);
	return n;
}

static unsigned present(const struct pagewalk_walk *w)
{
	unsigned i, n = 0;

	for (i = 0; i < N; i++)
		n += w[i].flags & PAGEWALK_PRESENT;
	return n;
}

static unsigned wrong_bytes(const volatile u8 *p)
{
	unsigned i, n = 0;

	for (i = 0; i < N; i++)
		n += p[i * PAGE_SIZE] != (i % 4 == 0 || i % 4 == 2 ? (u8)(i / 4) : 0);
	return n;
}

/* Two snapshots around the call: what it cost. */
static void check_move(volatile u8 *p, volatile u8 *to)
{
	ulong ret;

	pw_walk_range(p, old, N);
	pw_walk_range(to, new, N);
	start_count();
	ret = (ulong)sys_mremap((void *)p, N * PAGE_SIZE, N * PAGE_SIZE, MOVE, (void *)to);
	pw_snapshot(&after);
	CHECK_EQ(ret, (ulong)to, "mremap of %u pages", N);
	CHECK_EQ(pw_diff(&before, &after, "pgfault"), 0, "faults during the move");
	CHECK_EQ(pw_diff(&before, &after, "cow_copies"), 0, "pages copied");
	CHECK_EQ(pw_diff(&before, &after, "anon_new"), 0, "pages made");
	CHECK_EQ(pw_diff(&before, &after, "zapped"), 0, "entries zapped");
	CHECK_EQ(pw_diff(&before, &after, "pages_anon"), 0, "anonymous frames");
	CHECK_EQ(pw_diff(&before, &after, "page_tables"), 0, "page tables: those of the old place go");
	CHECK_EQ(pw_diff(&before, &after, "cr3_loads"), 1, "CR3 loads");
	CHECK_EQ(pw_diff(&before, &after, "tlb_flush_one") -
		 pw_diff(&before, &after, "kmap_local_maps"), 0, "INVLPG");
	pw_walk_range(to, new, N);
	CHECK_EQ(present(old), N / 4 * 3, "pages that were present");
	CHECK_EQ(differing(), 0, "pages whose frame or flags (Dirty, Accessed) are others now");
	pw_walk_range(p, old, N);
	CHECK_EQ(present(old), 0, "pages present at the old place");
}

static void check_gone(ulong addr, const char *what)
{
	struct caught c = catch_access(ACCESS_READ, addr);

	CHECK_EQ(c.sig, SIGSEGV, "%s: signal", what);
	CHECK_EQ(c.code, MAPERR, "%s: si_code", what);
}

/* Shrink, grow where there is room, move where there is none. */
static void check_sizes(void)
{
	volatile u8 *p = map_at(EMPTY_PLACE, 8 * PAGE_SIZE, RW), *to;
	unsigned i;

	for (i = 0; i < 8; i++)
		p[i * PAGE_SIZE] = (u8)(i + 1);
	start_count();
	CHECK_EQ((ulong)sys_mremap((void *)p, 8 * PAGE_SIZE, 3 * PAGE_SIZE, 0, NULL), (ulong)p, "shrink");
	CHECK_EQ(growth("pages_anon"), -5, "frames after the shrink");
	check_gone((ulong)p + 3 * PAGE_SIZE, "behind the shrunk region");
	CHECK_EQ((ulong)sys_mremap((void *)p, 3 * PAGE_SIZE, 6 * PAGE_SIZE, 0, NULL), (ulong)p,
		 "grow in place");
	CHECK_EQ(regions_in(p, 6 * PAGE_SIZE), 1, "regions");
	CHECK_EQ(p[2 * PAGE_SIZE], 3, "the third page");
	CHECK_EQ(p[3 * PAGE_SIZE] + p[5 * PAGE_SIZE], 0, "bytes of the new part");
	map_at((ulong)p + 6 * PAGE_SIZE, PAGE_SIZE, PROT_READ);
	CHECK_EQ((long)sys_mremap((void *)p, 6 * PAGE_SIZE, 7 * PAGE_SIZE, 0, NULL), -ENOMEM,
		 "no room, and it may not move");
	to = sys_mremap((void *)p, 6 * PAGE_SIZE, 7 * PAGE_SIZE, MREMAP_MAYMOVE, NULL);
	CHECK(!IS_ERR(to) && to != p, "MAYMOVE: %p", to);
	CHECK(to[0] == 1 && to[2 * PAGE_SIZE] == 3 && to[6 * PAGE_SIZE] == 0, "contents after it moved");
	check_gone((ulong)p, "where it was");
	sys_munmap((void *)to, 7 * PAGE_SIZE);
	sys_munmap((void *)p, 7 * PAGE_SIZE);
}

/* Pages that a child shares are still shared, and copied by the next write. */
static volatile u8 *cow_page;

static int cow_step(int command)
{
	return cow_page[0];
}

static void check_cow(void)
{
	struct pagewalk_frame f;
	struct child c;
	u64 pfn;

	cow_page = map_at(EMPTY_PLACE, PAGE_SIZE, RW);
	cow_page[0] = 7;
	child_start(&c, cow_step);
	cow_page = sys_mremap((void *)cow_page, PAGE_SIZE, PAGE_SIZE, MOVE, (void *)AWAY);
	pfn = pw_pfn(cow_page);
	pw_frame(pfn, &f);
	CHECK_EQ(f.mapcount, 2, "mapcount of a page shared with a child, after the move");
	start_count();
	cow_page[0] = 8;
	CHECK_EQ(growth("cow_copies"), 1, "copies made by the write behind it");
	CHECK(pw_pfn(cow_page) != pfn, "the page is still the child's");
	CHECK_EQ(child_do(&c, 1), 7, "what the child sees at the old place");
	child_end(&c);
	sys_munmap((void *)cow_page, PAGE_SIZE);
}

static unsigned swapped(const struct pagewalk_walk *w, unsigned n)
{
	unsigned i, device, found = 0;
	u64 slot;

	for (i = 0; i < n; i++)
		found += w[i].depth == w[i].levels &&
			 entry_swapped(w[i].entry[w[i].depth - 1], &device, &slot);
	return found;
}

/* What is swapped out stays out: its entry moves, and nobody asks the device. */
static void check_swapped(void)
{
	volatile u8 *p = map_at(EMPTY_PLACE, 8 * PAGE_SIZE, RW), *to = (u8 *)AWAY;
	unsigned i, other = 0, wrong = 0;

	for (i = 0; i < 8; i++)
		p[i * PAGE_SIZE] = (u8)(i + 1);
	CHECK_EQ(sys_madvise((void *)p, 5 * PAGE_SIZE, MADV_PAGEOUT), 0, "MADV_PAGEOUT");
	pw_walk_range(p, old, 8);
	CHECK_EQ(swapped(old, 8), 5, "swapped pages");
	start_count();
	sys_mremap((void *)p, 8 * PAGE_SIZE, 8 * PAGE_SIZE, MOVE, (void *)to);
	CHECK_EQ(growth("pswpin"), 0, "pages read by the move");
	pw_walk_range(to, new, 8);
	for (i = 0; i < 8; i++)
		other += old[i].entry[old[i].depth - 1] != new[i].entry[new[i].depth - 1];
	CHECK_EQ(other, 0, "entries that are others behind the move");
	pw_walk_range(p, new, 8);
	CHECK_EQ(swapped(new, 8), 0, "swapped entries at the old place");
	start_count();
	for (i = 0; i < 8; i++)
		wrong += to[i * PAGE_SIZE] != i + 1;
	CHECK_EQ(wrong, 0, "pages with other contents");
	CHECK_EQ(growth("pswpin"), 5, "pages read by touching them");
	sys_munmap((void *)to, 8 * PAGE_SIZE);
}

/* Old length 0: another view of shared memory.  DONTUNMAP: the old region starts over. */
static void check_copies(void)
{
	volatile u8 *p = map_shared(4 * PAGE_SIZE), *q;

	p[PAGE_SIZE] = 5;
	q = sys_mremap((void *)p, 0, 4 * PAGE_SIZE, MREMAP_MAYMOVE, NULL);
	CHECK(!IS_ERR(q) && q != p, "old length 0: %p", q);
	CHECK_EQ(q[PAGE_SIZE], 5, "a byte of the other view");
	CHECK_EQ(pw_pfn(q + PAGE_SIZE), pw_pfn(p + PAGE_SIZE), "its frame");
	sys_munmap((void *)p, 4 * PAGE_SIZE);
	sys_munmap((void *)q, 4 * PAGE_SIZE);

	p = map_at(EMPTY_PLACE, 4 * PAGE_SIZE, RW);
	p[0] = 9;
	pw_walk_range(p, old, 1);
	q = sys_mremap((void *)p, 4 * PAGE_SIZE, 4 * PAGE_SIZE, MREMAP_MAYMOVE | MREMAP_DONTUNMAP,
		       NULL);
	CHECK(!IS_ERR(q) && q != p, "DONTUNMAP: %p", q);
	CHECK_EQ(pw_pfn(q), old[0].phys >> 12, "frame at the new place");
	CHECK_EQ(pw_pfn(p), 0, "frame at the old place");
	CHECK_EQ(p[0], 0, "byte at the old place");
	sys_munmap((void *)p, 4 * PAGE_SIZE);
	sys_munmap((void *)q, 4 * PAGE_SIZE);
}

/* Every error, in the order in which Linux looks for them. */
static void check_errors(void)
{
	char *p = map_at(EMPTY_PLACE, 4 * PAGE_SIZE, RW);
	const struct {
		ulong from, len, to_len, flags, to;
		long error;
	} table[] = {
		{ 0, 1, 1, 8, 0, EINVAL }, { 0, 1, 1, MREMAP_FIXED, AWAY, EINVAL },
		{ 1, 1, 1, 0, 0, EINVAL }, { 0, 1, 0, 0, 0, EINVAL },
		{ 64 * PAGE_SIZE, 1, 1, 0, 0, EFAULT }, { 0, 0, 1, MREMAP_MAYMOVE, 0, EINVAL },
		{ 0, 5 * PAGE_SIZE, 6 * PAGE_SIZE, MREMAP_MAYMOVE, 0, EFAULT },
		{ 0, 2 * PAGE_SIZE, 4 * PAGE_SIZE, 0, 0, ENOMEM },
		{ 0, 1, 1, MOVE, AWAY + 1, EINVAL },
		{ 0, 4 * PAGE_SIZE, 4 * PAGE_SIZE, MOVE, EMPTY_PLACE + PAGE_SIZE, EINVAL },
		{ 0, PAGE_SIZE, 2 * PAGE_SIZE, MREMAP_MAYMOVE | MREMAP_DONTUNMAP, 0, EINVAL },
	};
	unsigned i;

	for (i = 0; i < ARRAY_SIZE(table); i++)
		CHECK_EQ((long)sys_mremap(p + table[i].from, table[i].len, table[i].to_len,
					  (int)table[i].flags, (void *)table[i].to),
			 -table[i].error, "error %u", i);
	CHECK_EQ(regions_in(p, 4 * PAGE_SIZE), 1, "regions after the errors");
	sys_munmap(p, 4 * PAGE_SIZE);
}

/* A private file map that grows past the end of the file. */
static void check_file(void)
{
	long fd = sys_memfd_create("a9", 0);
	struct caught c;
	char *p;

	sys_ftruncate((int)fd, 2 * PAGE_SIZE);
	p = sys_mmap(NULL, PAGE_SIZE, RW, MAP_PRIVATE, (int)fd, PAGE_SIZE);
	sys_write((int)fd, "a", 1);
	p[0] = 3;
	p = sys_mremap(p, PAGE_SIZE, 2 * PAGE_SIZE, MOVE, (void *)EMPTY_PLACE);
	CHECK_EQ((ulong)p, EMPTY_PLACE, "a file map moves and grows");
	CHECK_EQ(p[0], 3, "the page of its own");
	c = catch_access(ACCESS_READ, EMPTY_PLACE + PAGE_SIZE);
	CHECK_EQ(c.sig, 7, "behind the end of the file: signal");
	sys_munmap(p, 2 * PAGE_SIZE);
	sys_close((int)fd);
}

static void a9_mremap(void)
{
	volatile u8 *p = map_at(EMPTY_PLACE, N * PAGE_SIZE, RW), *to = (u8 *)AWAY;

	catch_begin();
	fill(p);
	check_move(p, to);
	check_gone((ulong)p, "the old place");
	CHECK_EQ(wrong_bytes(to), 0, "pages with wrong contents");
	sys_munmap((void *)to, N * PAGE_SIZE);
	check_sizes();
	check_cow();
	check_swapped();
	check_copies();
	check_file();
	check_errors();
	catch_end();
	CHECK_INFO("%u pages moved: same frames, zero page, Dirty bits, 5 swap entries, 0 copies, 0 faults, 1 flush",
		   N);
}
TEST(A9, a9_mremap);
