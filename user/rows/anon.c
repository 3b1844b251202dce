/* SPDX-License-Identifier: MIT */
/*
 * Anonymous memory: the zero page, first writes, copy on write (catalogue N1, N2, N3, N5).
 *
 * Two snapshots of the counters see only this program: nothing else runs.  The first
 * snapshot is taken twice, so that the library's own pages are there before it counts.
 */
#include <linux/kernel-page-flags.h>
#include "rows.h"

static struct pw_snapshot before, after;

static void snapshot_warm(struct pw_snapshot *s)
{
	pw_snapshot(&after);
	pw_snapshot(s);
}

static u64 growth(const char *counter)
{
	return (u64)pw_diff(&before, &after, counter);
}

/* ---- N1 ---------------------------------------------------------------------------- */

#define N1_PAGES	1000

static struct pagewalk_walk walks[N1_PAGES];

/* A run of entries: how many are not the page `pfn`, read-only, user. */
static unsigned not_zero_page(const struct pagewalk_walk *w, unsigned n, u64 pfn)
{
	const u32 rights = PAGEWALK_PRESENT | PAGEWALK_USER;
	unsigned i, wrong = 0;

	for (i = 0; i < n; i++)
		wrong += (w[i].flags & (rights | PAGEWALK_WRITE)) != rights ||
			 w[i].phys >> 12 != pfn;
	return wrong;
}

static void check_zero_frame(u64 pfn)
{
	struct pagewalk_frame f;

	pw_frame(pfn, &f);
	CHECK(f.flags & 1ull << KPF_ZERO_PAGE, "frame %#llx is not the zero page",
	      (unsigned long long)pfn);
	CHECK_EQ(f.mapcount, 0, "mapcount of the zero page, which is not counted");
}

static void n1_zero_page(void)
{
	volatile u8 *p = map_at(EMPTY_PLACE, N1_PAGES * PAGE_SIZE, PROT_READ | PROT_WRITE);
	unsigned i, sum = 0;

	pw_walk_range(p, walks, N1_PAGES);
	snapshot_warm(&before);
	for (i = 0; i < N1_PAGES; i++)
		sum += p[i * PAGE_SIZE + i];
	pw_snapshot(&after);
	CHECK_EQ(sum, 0, "sum of bytes read");
	CHECK_EQ(growth("pgfault"), N1_PAGES, "faults");
	CHECK_EQ(growth("zero_maps"), N1_PAGES, "zero-page maps");
	CHECK_EQ(growth("anon_new"), 0, "new anonymous pages");
	CHECK_EQ(growth("pages_anon"), 0, "anonymous frames");
	CHECK_EQ(growth("page_tables"), tables_for(N1_PAGES), "page tables");
	CHECK_EQ(growth("free_pages"), -(s64)tables_for(N1_PAGES), "free frames");

	pw_walk_range(p, walks, N1_PAGES);
	CHECK_EQ(not_zero_page(walks, N1_PAGES, walks[0].phys >> 12), 0,
		 "pages that are not read-only maps of the frame of the first");
	check_zero_frame(walks[0].phys >> 12);

	snapshot_warm(&before);
	sys_munmap((void *)p, N1_PAGES * PAGE_SIZE);
	pw_snapshot(&after);
	CHECK_EQ(growth("page_tables"), -(s64)tables_for(N1_PAGES), "page tables after munmap");
	CHECK_EQ(growth("pages_anon"), 0, "anonymous frames after munmap");
	CHECK_INFO("%d pages read: frame %#llx each time, 0 anonymous frames, %lu tables",
		   N1_PAGES, (unsigned long long)walks[0].phys >> 12, tables_for(N1_PAGES));
}
TEST(N1, n1_zero_page);

/* ---- N2 ---------------------------------------------------------------------------- */

#define N2_PAGES	64

static unsigned other_than_zero(const volatile u8 *p, unsigned except)
{
	unsigned i, wrong = 0;

	for (i = 0; i < PAGE_SIZE; i++)
		wrong += i != except && p[i];
	return wrong;
}

static void check_replaced(volatile u8 *p, u64 zero, unsigned offset)
{
	struct pagewalk_walk w;

	pw_walk(p, &w);
	CHECK(w.flags & PAGEWALK_PRESENT && w.flags & PAGEWALK_WRITE && w.flags & PAGEWALK_DIRTY,
	      "flags of the entry after the write: %#x", w.flags);
	CHECK(w.phys >> 12 != zero, "the zero page itself was made writable");
	CHECK_EQ(p[offset], 0x5a, "the byte written");
	CHECK_EQ(other_than_zero(p, offset), 0, "other bytes that are not zero");
}

static void n2_first_write(void)
{
	volatile u8 *p = map_at(EMPTY_PLACE, (N2_PAGES + 1) * PAGE_SIZE, PROT_READ | PROT_WRITE);
	unsigned i, sum = 0;
	u64 zero;

	for (i = 0; i <= N2_PAGES; i++)
		sum += p[i * PAGE_SIZE];
	zero = pw_pfn(p);
	check_zero_frame(zero);
	snapshot_warm(&before);
	for (i = 0; i < N2_PAGES; i++)
		p[i * PAGE_SIZE + i * 61] = 0x5a;
	pw_snapshot(&after);
	CHECK_EQ(sum, 0, "sum of bytes read first");
	CHECK_EQ(growth("pgfault"), N2_PAGES, "faults");
	CHECK_EQ(growth("zero_cows"), N2_PAGES, "zero-page entries replaced");
	CHECK_EQ(growth("cow_copies"), 0, "pages copied");
	CHECK_EQ(growth("cow_reuses"), 0, "pages reused");
	CHECK_EQ(growth("pages_anon"), N2_PAGES, "anonymous frames");
	CHECK_EQ(growth("page_tables"), 0, "page tables");
	for (i = 0; i < N2_PAGES; i++)
		check_replaced(p + i * PAGE_SIZE, zero, i * 61);
	CHECK_EQ(pw_pfn(p + N2_PAGES * PAGE_SIZE), zero, "frame of a page that was only read");
	CHECK_EQ(other_than_zero(p + N2_PAGES * PAGE_SIZE, PAGE_SIZE), 0,
		 "bytes of the zero page that are not zero");
	CHECK_INFO("%d pages: frame changed, zero but for the byte written", N2_PAGES);
}
TEST(N2, n2_first_write);

/* ---- N3 ---------------------------------------------------------------------------- */

#define N3_PAGES	100

static void n3_write_first(void)
{
	volatile u8 *p = map_at(EMPTY_PLACE, (N3_PAGES + 2) * PAGE_SIZE, PROT_READ | PROT_WRITE);
	unsigned i;

	p[0] = 1;			/* the table */
	snapshot_warm(&before);
	p[PAGE_SIZE] = 1;
	pw_snapshot(&after);
	CHECK_EQ(growth("pgfault"), 1, "faults of one write to an untouched page");
	CHECK_EQ(growth("zero_maps"), 0, "zero-page maps of it");
	CHECK_EQ(growth("anon_new"), 1, "new pages of it");
	snapshot_warm(&before);
	for (i = 0; i < N3_PAGES; i++)
		p[(i + 2) * PAGE_SIZE] = 1;
	pw_snapshot(&after);
	CHECK_EQ(growth("fault_total"), N3_PAGES, "page faults of the processor");
	CHECK_EQ(growth("pgfault"), N3_PAGES, "faults");
	CHECK_EQ(growth("zero_maps"), 0, "zero-page maps");
	CHECK_EQ(growth("zero_cows"), 0, "zero-page entries replaced");
	CHECK_EQ(growth("anon_new"), N3_PAGES, "new pages");
	CHECK_EQ(growth("pages_anon"), N3_PAGES, "anonymous frames");
	CHECK_INFO("%d untouched pages written: %d faults, 0 zero-page maps", N3_PAGES, N3_PAGES);
}
TEST(N3, n3_write_first);

/* ---- N5 ---------------------------------------------------------------------------- */

#define N5_PAGES	64
enum { N5_NOTHING, N5_WRITE, N5_READ };

static u32 *n5_data;

static int n5_step(int command)
{
	volatile u32 *p = n5_data;

	if (command == N5_WRITE)
		p[0] = 0xb;
	return command == N5_READ ? (int)p[0] : 0;
}

/*
 * Pages of the whole process, right after fork: those that both have and that are not the
 * same frame have been copied for a writer since.
 */
static void n5_all_pages(const struct child *c, struct space *mine, struct space *theirs)
{
	unsigned i, differ = 0, writable = 0, shared = 0;
	const struct leaf *l, *k;

	for (i = 0; i < mine->n; i++) {
		l = &mine->leaf[i];
		k = space_find(theirs, l->va);
		if (!k || (l->type != PAGEWALK_FRAME_ANON && k->type != PAGEWALK_FRAME_ANON))
			continue;
		/* Where one has only looked, nothing was there when the child was made. */
		if (l->type == FRAME_ZERO || k->type == FRAME_ZERO)
			continue;
		if (l->pfn != k->pfn) {
			differ++;
			continue;
		}
		shared++;
		writable += ((l->flags | k->flags) & PAGEWALK_WRITE) != 0;
	}
	CHECK_EQ(differ, growth("cow_copies"), "private pages of pid %d with a frame of its own; "
		 "expected: as many as were copied", c->pid);
	CHECK_EQ(writable, 0, "shared private pages that one of them may write");
	CHECK(shared >= N5_PAGES, "only %u pages shared", shared);
}

/* The region: same frame, read-only in both, two entries, two references. */
static void n5_region(const struct space *mine, const struct space *theirs)
{
	const struct leaf *l, *k;
	struct pagewalk_frame f;
	unsigned i, wrong = 0;

	for (i = 0; i < N5_PAGES; i++) {
		l = space_find(mine, (ulong)n5_data + i * PAGE_SIZE);
		k = space_find(theirs, (ulong)n5_data + i * PAGE_SIZE);
		if (!l || !k || l->pfn != k->pfn || (l->flags | k->flags) & PAGEWALK_WRITE) {
			wrong++;
			continue;
		}
		pw_frame(l->pfn, &f);
		wrong += f.mapcount != 2 || f.refcount != 2 || f.type != PAGEWALK_FRAME_ANON;
	}
	CHECK_EQ(wrong, 0, "pages of the region that are not one frame, read-only, mapcount 2");
}

static void n5_break(struct child *c)
{
	struct pagewalk_walk w, k;
	struct pagewalk_frame f;
	u64 frame = pw_pfn(n5_data);

	pw_walk_pid(c->pid, n5_data, &k);
	pw_frame(frame, &f);		/* the library's pages, before it counts */
	snapshot_warm(&before);
	child_do(c, N5_WRITE);
	pw_snapshot(&after);
	CHECK_EQ(growth("cow_copies"), 1, "pages copied by the child's write");
	CHECK_EQ(growth("cow_reuses"), 0, "pages reused by the child's write");
	CHECK_EQ(child_do(c, N5_READ), 0xb, "what the child reads then");
	CHECK_EQ(*(volatile u32 *)n5_data, 0xa, "what the parent reads then");
	pw_walk(n5_data, &w);
	pw_walk_pid(c->pid, n5_data, &k);
	CHECK_EQ(w.phys >> 12, frame, "the parent's frame after the child's write");
	CHECK(k.phys != w.phys, "the child still has the parent's frame");
	CHECK(k.flags & PAGEWALK_WRITE, "the child's copy is not writable");
	CHECK(!(w.flags & PAGEWALK_WRITE), "the parent's entry became writable by itself");
	pw_frame(frame, &f);
	CHECK_EQ(f.mapcount, 1, "mapcount of the parent's frame then");

	snapshot_warm(&before);
	*(volatile u32 *)n5_data = 0xa2;
	pw_snapshot(&after);
	CHECK_EQ(growth("cow_copies"), 0, "pages copied by the parent's write");
	CHECK_EQ(growth("cow_reuses"), 1, "pages reused by the parent's write");
	CHECK_EQ(growth("pages_anon"), 0, "anonymous frames more");
	pw_walk(n5_data, &w);
	CHECK_EQ(w.phys >> 12, frame, "the parent's frame after its write");
	CHECK(w.flags & PAGEWALK_WRITE, "the parent's entry is not writable after its write");
	CHECK_EQ(child_do(c, N5_READ), 0xb, "what the child reads at the end");
}

static void n5_fork(void)
{
	struct space *mine = space_alloc(), *theirs = space_alloc();
	struct child c;
	unsigned i;

	n5_data = map_at(EMPTY_PLACE, N5_PAGES * PAGE_SIZE, PROT_READ | PROT_WRITE);
	for (i = 0; i < N5_PAGES; i++)
		n5_data[i * PAGE_SIZE / 4] = 0xa;
	space_scan(0, mine);		/* the library's pages */
	child_start(&c, n5_step);	/* what both write to at the start is there then */
	child_end(&c);
	snapshot_warm(&before);
	child_start(&c, n5_step);
	child_do(&c, N5_NOTHING);
	space_scan(0, mine);
	space_scan(c.pid, theirs);
	pw_snapshot(&after);
	/* Again: the first scans and the snapshot may have copied what they use. */
	space_scan(0, mine);
	space_scan(c.pid, theirs);
	n5_all_pages(&c, mine, theirs);
	n5_region(mine, theirs);
	child_do(&c, N5_READ);
	n5_break(&c);
	CHECK_EQ(child_end(&c), 0, "wait status of the child");
	CHECK_INFO("%d pages shared read-only, mapcount 2; child's write: 1 copy, parent's: 1 reuse",
		   N5_PAGES);
}
TEST(N5, n5_fork);
