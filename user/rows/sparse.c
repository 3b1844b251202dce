/* SPDX-License-Identifier: MIT */
/*
 * Address spaces that are mostly empty (catalogue M14, N12), and frames that had an owner
 * before (N4).
 */
#include "counting.h"
#include "rows.h"

#define MAP_NOTHING	(MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE)

/* ---- M14: tables by formula ------------------------------------------------------------ */

#define LEVELS		(LONG64 ? 4 : 2)
#define LEVEL_BITS	(LONG64 ? 9 : 10)

/* Tables below the top one that map these pages: one for each span that has a page. */
static unsigned tables_of(const ulong *va, unsigned n)
{
	unsigned level, i, k, tables = 0;

	for (level = 1; level < LEVELS; level++) {
		const unsigned shift = 12 + (LEVELS - level) * LEVEL_BITS;

		for (i = 0; i < n; i++) {
			for (k = 0; k < i && va[k] >> shift != va[i] >> shift; k++)
				;
			tables += k == i;
		}
	}
	return tables;
}

static void m14_at(const ulong *place, unsigned n, unsigned expected, const char *what)
{
	struct space *s = space_alloc();
	static ulong va[ARRAY_SIZE(s->leaf) + 3];
	unsigned i, old, with;

	space_scan(0, s);
	for (i = 0; i < s->n; i++)
		va[i] = s->leaf[i].va;
	old = tables_of(va, i);
	CHECK_EQ(s->tables, old + 1, "tables of the program: the formula, and the top one");
	memcpy(&va[i], place, n * sizeof(*place));
	with = tables_of(va, i + n);
	CHECK_EQ(with - old, expected, "formula for pages %s", what);
	start_count();
	for (i = 0; i < n; i++)
		*(volatile u8 *)map_at(place[i], PAGE_SIZE, PROT_READ | PROT_WRITE) = 1;
	pw_snapshot(&after);
	CHECK_EQ(growth("page_tables"), with - old, "page tables for pages %s", what);
	CHECK_EQ(growth("free_pages"), -(s64)(with - old + n), "free frames for pages %s", what);
	start_count();
	for (i = 0; i < n; i++)
		sys_munmap((void *)place[i], PAGE_SIZE);
	pw_snapshot(&after);
	CHECK_EQ(growth("page_tables"), -(s64)(with - old), "page tables after munmap");
	CHECK_EQ(growth("free_pages"), with - old + n, "free frames after munmap");
	sys_munmap(s, sizeof(*s));
}

static void m14_sparse(void)
{
	const ulong top = task_size();
	/* Lowest, middle, and far below the stack: three top-level entries under four levels. */
	const ulong far[] = { LONG64 ? top / 4 & ~0x1fffffful : 0x30000000ul,
			      LONG64 ? top / 2 & ~0x1fffffful : 0x50000000ul,
			      LONG64 ? top / 8 & ~0x1fffffful : 0x70000000ul };
	/* The first page that may be used; right below the stack's guard gap and limit. */
	const ulong ends[] = { 0x10000, top - 64 * MiB };

	m14_at(far, 3, LONG64 ? 9 : 3, "far from each other");
	m14_at(ends, 2, 2, "at both ends");
	CHECK_INFO("three pages far apart: %d tables besides the top one, gone with them",
		   LONG64 ? 9 : 3);
}
TEST(M14, m14_sparse);

/* ---- N12: frames for what is used ------------------------------------------------------- */

static void n12_map(u64 size, const char *what)
{
	volatile u8 *p;
	ulong step = (ulong)(size / 5) & -PAGE_SIZE, i, at[5];
	unsigned tables;
	s64 rss, vm;

	vm = pw_field("/proc/self/status", "VmSize:");
	p = sys_mmap(NULL, (size_t)size, PROT_READ | PROT_WRITE, MAP_NOTHING, -1, 0);
	if (!CHECK(!IS_ERR(p), "mmap of %s returns %ld", what, (long)p))
		return;
	CHECK_EQ(pw_field("/proc/self/status", "VmSize:") - vm, size >> 10, "VmSize of %s", what);
	start_count();
	pw_field("/proc/self/status", "RssAnon:");
	rss = pw_field("/proc/self/status", "RssAnon:");
	start_count();
	for (i = 0; i < 5; i++) {
		at[i] = (ulong)p + i * (step + PAGE_SIZE);	/* odd pages and even ones */
		*(volatile u8 *)at[i] = 1;
	}
	pw_snapshot(&after);
	tables = tables_of(at, 5);
	CHECK_EQ(growth("pages_anon"), 5, "frames for 5 pages of %s", what);
	CHECK_EQ(growth("pgfault"), 5, "faults");
	CHECK(growth("page_tables") <= tables && growth("page_tables") >= 4,
	      "%lld tables, the formula says %u at most", (long long)growth("page_tables"), tables);
	CHECK_EQ(growth("free_pages"), -5 - growth("page_tables"), "free frames");
	CHECK_EQ(pw_field("/proc/self/status", "RssAnon:") - rss, 5 * 4, "RssAnon of %s, kB",
		 what);
	start_count();
	sys_munmap((void *)p, (size_t)size);
	pw_snapshot(&after);
	CHECK_EQ(growth("pages_anon"), -5, "frames after munmap of %s", what);
	CHECK(growth("page_tables") <= -4, "%lld tables after munmap",
	      (long long)growth("page_tables"));
}

/* The largest map that this user half (3 GiB, or less by SPLIT=) has room for. */
static u64 largest(void)
{
	ulong size = task_size();

	if (LONG64)
		return 100ull << 30;
	return size > 0xb0000000ul ? 0xa0000000ul : size / 8 * 5 & ~0xffffful;
}

static void n12_used(void)
{
	u64 most = largest();

	n12_map(1ull << 30, "1 GiB");
	n12_map(most, "the largest map");
	CHECK_INFO("1 GiB and %u MiB mapped, 5 pages touched: 5 frames", (unsigned)(most >> 20));
}
TEST(N12, n12_used);

/* ---- N4: what frames held before -------------------------------------------------------- */

#define N4_PAGES	2048u
#define N4_MOST		(4 * N4_PAGES)	/* pages until all of them should have come back */
#define SECRET		0x5ec2e75e
#define FRAMES_MAX	(4u << 20)	/* of 16 GiB; later ones are not looked at */

static u32 *marks;			/* bit per frame: it held the secret */

static bool marked(u64 pfn)
{
	return pfn < FRAMES_MAX && marks[pfn / 32] >> pfn % 32 & 1;
}

/* In a child: fill, note the frames, end. */
static void n4_dirty(void *arg)
{
	static struct pagewalk_walk w[64];
	u32 *p = map_anon(N4_PAGES * PAGE_SIZE);
	unsigned i, k;

	for (i = 0; i < N4_PAGES * (PAGE_SIZE / sizeof(*p)); i++)
		p[i] = SECRET;
	for (i = 0; i < N4_PAGES; i += 64) {
		pw_walk_range(&p[i * (PAGE_SIZE / sizeof(*p))], w, 64);
		for (k = 0; k < 64; k++)
			if (w[k].phys >> 12 < FRAMES_MAX)
				marks[(w[k].phys >> 12) / 32] |= 1u << (w[k].phys >> 12) % 32;
	}
	CHECK_EQ(*p, SECRET, "the secret");
}

static unsigned nonzero(const volatile u8 *p)
{
	const volatile ulong *w = (const volatile ulong *)p;
	ulong any = 0;
	unsigned i;

	for (i = 0; i < PAGE_SIZE / sizeof(*w); i++)
		any |= w[i];
	return any != 0;
}

/* Pages of this memory, which become present by a write of 0 to each: not all zero. */
static unsigned n4_take(volatile u8 *p, unsigned pages, unsigned *back)
{
	static struct pagewalk_walk w[64];
	unsigned i, k, dirty = 0;

	for (i = 0; i < pages; i++)
		p[i * PAGE_SIZE + 100] = 0;
	for (i = 0; i < pages; i += 64) {
		pw_walk_range(p + i * PAGE_SIZE, w, 64);
		for (k = 0; k < 64; k++) {
			if (!marked(w[k].phys >> 12))
				continue;
			++*back;
			marks[(w[k].phys >> 12) / 32] &= ~(1u << (w[k].phys >> 12) % 32);
		}
	}
	for (i = 0; i < pages; i++)
		dirty += nonzero(p + i * PAGE_SIZE);
	return dirty;
}

/* All ways to new memory: anonymous, read first, shared, a hole in a file, the heap. */
static unsigned n4_all_ways(unsigned *back)
{
	int fd = (int)syscall2(__NR_memfd_create, (long)"n4", 0);
	volatile u8 *p, *heap;
	unsigned i, dirty = 0;
	size_t len = 256 * PAGE_SIZE;
	ulong sum = 0;

	p = map_anon(len);
	for (i = 0; i < 256; i++)
		sum += p[i * PAGE_SIZE];
	dirty += n4_take(p, 256, back) + (sum != 0);
	dirty += n4_take(sys_mmap(NULL, len, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
				  -1, 0), 256, back);
	CHECK_EQ(sys_ftruncate(fd, (long)len), 0, "ftruncate");
	dirty += n4_take(sys_mmap(NULL, len, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0), 256, back);
	heap = (u8 *)(((ulong)sys_brk(NULL) + PAGE_SIZE - 1) & -PAGE_SIZE);
	CHECK(sys_brk((void *)(heap + len)) == heap + len, "brk");
	dirty += n4_take(heap, 256, back);
	return dirty;
}

static void n4_no_old_data(void)
{
	unsigned back = 0, dirty = 0, taken = 1024;

	marks = map_shared(FRAMES_MAX / 8);
	check_in_child(n4_dirty, NULL, "the child with the secret");
	dirty += n4_all_ways(&back);
	for (; back < N4_PAGES * 95 / 100 && taken < N4_MOST; taken += 256)
		dirty += n4_take(map_anon(256 * PAGE_SIZE), 256, &back);
	CHECK_EQ(dirty, 0, "new pages that are not zero, of %u", taken);
	CHECK(back >= N4_PAGES * 9 / 10, "only %u of the %u frames with the secret came back", back,
	      N4_PAGES);
	CHECK_INFO("%u frames held a secret, %u of them came back among %u new pages: all zero",
		   N4_PAGES, back, taken);
}
TEST(N4, n4_no_old_data);
