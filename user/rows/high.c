/* SPDX-License-Identifier: MIT */
/*
 * High memory in user tables (catalogue H7), and the slots by which the kernel gets at it
 * (H8).  Argument: the first high frame, 0 if the machine has no high memory; then the
 * opposite is asserted.
 */
#include "counting.h"
#include "rows.h"

#define ZONE_HIGH	3
#define CHUNK		512

static bool is_high(u64 pfn)
{
	struct pagewalk_frame f;

	pw_frame(pfn, &f);
	return f.zone == ZONE_HIGH;
}

/* ---- H7 -------------------------------------------------------------------------------- */

/* Pages whose frame is on the other side of `first_high` than `high` says. */
static ulong wrong_side(const u32 *p, ulong pages, u64 first_high)
{
	static struct pagewalk_walk w[CHUNK];
	ulong i, wrong = 0;
	unsigned k, n;

	for (i = 0; i < pages; i += n) {
		n = pages - i < CHUNK ? (unsigned)(pages - i) : CHUNK;
		pw_walk_range(p + i * PAGE_SIZE / 4, w, n);
		for (k = 0; k < n; k++)
			wrong += !(w[k].flags & PAGEWALK_PRESENT) ||
				 (first_high && w[k].phys >> 12 < first_high);
	}
	return wrong;
}

static void h7_high_frames(void)
{
	u64 first_high = row_number(0);
	ulong pages = 4096, i, wrong = 0;
	u32 *p;

	if (first_high)
		pages = (ulong)pw_counter("free_HighMem") / 8 * 7;
	p = map_anon(pages * PAGE_SIZE);
	start_count();
	for (i = 0; i < pages; i++)
		((volatile u32 *)p)[i * PAGE_SIZE / 4] = (u32)i * 2654435761u;
	pw_snapshot(&after);
	CHECK_EQ(growth("pages_anon"), pages, "anonymous frames");
	CHECK_EQ(wrong_side(p, pages, first_high), 0,
		 "pages of %lu that are not present or not high, from frame %#llx on", pages,
		 (unsigned long long)first_high);
	if (!first_high)
		CHECK(!is_high(pw_pfn(p)), "a high frame, and no high memory");
	/* At this moment no kernel address may lead to any of them. */
	CHECK_EQ(pw_knob("high=scan"), 0, "the kernel's scan for addresses of high frames");
	for (i = 0; i < pages; i++)
		wrong += ((volatile u32 *)p)[i * PAGE_SIZE / 4] != (u32)i * 2654435761u;
	CHECK_EQ(wrong, 0, "pages with another one's contents");
	if (first_high)
		CHECK_INFO("%lu pages of user memory, all of them high, 0 kernel addresses", pages);
	else
		CHECK_INFO("no high memory: %lu pages of user memory, all of them low", pages);
}
TEST(H7, h7_high_frames);

/* ---- H8 -------------------------------------------------------------------------------- */

#define H8_PAGES	32

static volatile u32 *h8_data;

static int h8_step(int command)
{
	return 0;
}

static bool table_is_high(const volatile void *p)
{
	struct pagewalk_walk w;

	pw_walk(p, &w);
	return is_high(w.table[w.depth - 1]);
}

static unsigned wrong_words(u32 first, u32 others)
{
	unsigned i, k, wrong = 0;

	for (i = 0; i < H8_PAGES; i++)
		for (k = 0; k < PAGE_SIZE / 4; k++)
			wrong += h8_data[i * PAGE_SIZE / 4 + k] != (k ? others : first + i);
	return wrong;
}

/* Slots for one fault: one to look at the table, if that is high, and `pages` for pages. */
static void h8_slots(bool high, unsigned pages, const char *what)
{
	unsigned table = high && table_is_high(h8_data);

	CHECK_EQ(growth("pgfault"), H8_PAGES, "%s: faults", what);
	CHECK_EQ(growth("kmap_local_maps"), high ? H8_PAGES * (table + pages) : 0,
		 "%s: slots used by %d faults", what, H8_PAGES);
}

static void h8_clear(bool high)
{
	unsigned i;

	h8_data[H8_PAGES * PAGE_SIZE / 4] = 1;	/* the table */
	start_count();
	for (i = 0; i < H8_PAGES; i++)
		h8_data[i * PAGE_SIZE / 4] = 0x1000 + i;
	pw_snapshot(&after);
	h8_slots(high, 1, "clearing");
	CHECK_EQ(wrong_words(0x1000, 0), 0, "words not zero after clearing");
}

static void h8_copy(bool high)
{
	struct child c;
	unsigned i, k;

	for (i = 0; i < H8_PAGES; i++)
		for (k = 1; k < PAGE_SIZE / 4; k++)
			h8_data[i * PAGE_SIZE / 4 + k] = 0xc0de;
	child_start(&c, h8_step);
	child_do(&c, 0);
	start_count();
	for (i = 0; i < H8_PAGES; i++)
		h8_data[i * PAGE_SIZE / 4] = 0x2000 + i;
	pw_snapshot(&after);
	h8_slots(high, 2, "COW copy");
	CHECK_EQ(growth("cow_copies"), H8_PAGES, "pages copied");
	CHECK_EQ(wrong_words(0x2000, 0xc0de), 0, "words that the copy changed");
	CHECK_EQ(child_end(&c), 0, "wait status of the child");
}

/*
 * The device is in RAM, and in high memory too: to copy a page takes two slots.  Besides,
 * if the table is high, a slot for it: twice in madvise (all pages become old, then they are
 * looked for), once for each page whose entry goes, twice in a fault (before it sleeps and
 * behind that).
 */
static void h8_swap(bool high)
{
	unsigned i, table = high && table_is_high(h8_data), faults;

	start_count();
	CHECK_EQ(sys_madvise((void *)h8_data, H8_PAGES * PAGE_SIZE, MADV_PAGEOUT), 0,
		 "MADV_PAGEOUT");
	pw_snapshot(&after);
	CHECK_EQ(growth("pswpout"), H8_PAGES, "pages written");
	CHECK_EQ(growth("kmap_local_maps"), high ? 2 * H8_PAGES + table * (H8_PAGES + 2) : 0,
		 "swapping out: slots");
	start_count();
	for (i = 0; i < H8_PAGES; i++)
		(void)h8_data[i * PAGE_SIZE / 4];
	pw_snapshot(&after);
	faults = (unsigned)growth("pgfault");
	CHECK_EQ(faults, H8_PAGES, "faults");
	CHECK_EQ(growth("pswpin"), H8_PAGES, "pages read");
	CHECK_EQ(growth("kmap_local_maps"), high ? (2 + 2 * table) * H8_PAGES : 0,
		 "swapping in: slots");
	CHECK_EQ(wrong_words(0x2000, 0xc0de), 0, "words that swapping changed");
}

/* The arguments of a new program are put into pages of its stack before it has any tables. */
static void h8_exec(bool high)
{
	static char argument[3 * PAGE_SIZE];
	const char *const argv[] = { "/bin/rows", "H8-new", argument, NULL };
	struct child c;

	memset(argument, 'x', sizeof(argument) - 1);
	start_count();
	child_exec(&c, argv);
	pw_snapshot(&after);
	CHECK_EQ(child_do(&c, 0), 1, "the new program's look at its argument");
	CHECK_EQ(growth("execs"), 1, "execs");
	if (high)
		CHECK(growth("kmap_local_maps") + growth("kmap_maps") + growth("kmap_hits") >= 4,
		      "exec used %lld slots for 3 pages of arguments",
		      (long long)(growth("kmap_local_maps") + growth("kmap_maps")));
	else
		CHECK_EQ(growth("kmap_local_maps") + growth("kmap_maps") + growth("kmap_hits"), 0,
			 "slots used by exec");
	CHECK_EQ(child_end(&c), 0, "wait status of the new program");
}

static int h8_look(int command)
{
	const char *p = row_argv[0];

	while (*p == 'x')
		p++;
	return !*p && p - row_argv[0] == (long)(3 * PAGE_SIZE - 1);
}

static void h8_new(void)
{
	child_serve(h8_look);
}
HELPER(H8_new, "H8-new", h8_new);

static void h8_slots_used(void)
{
	bool high = row_number(0) != 0;

	h8_data = map_at(EMPTY_PLACE, (H8_PAGES + 1) * PAGE_SIZE, PROT_READ | PROT_WRITE);
	start_count();
	pw_snapshot(&after);
	CHECK_EQ(growth("kmap_local_maps"), 0, "slots used by looking at the counters");
	h8_clear(high);
	CHECK_EQ(is_high(pw_pfn(h8_data)), high, "the frame is high");
	h8_copy(high);
	h8_swap(high);
	h8_exec(high);
	if (high)
		CHECK_INFO("high pages: 1 slot to clear, 2 to copy or swap%s; exec's arguments through slots",
			   table_is_high(h8_data) ? ", 1 for the table, also high" : "");
	else
		CHECK_INFO("no high memory: clearing, copying and exec use 0 slots");
}
TEST(H8, h8_slots_used);

/* ---- H9 -------------------------------------------------------------------------------- */

#define H9_SPANS	12

/* Which tables of these pages are high: those of entries, and those above. */
static void h9_tables(const volatile u8 *p, u64 first_high, unsigned *high, unsigned *upper)
{
	struct pagewalk_walk w;
	unsigned i, level;

	*high = *upper = 0;
	for (i = 0; i < H9_SPANS; i++) {
		pw_walk(p + i * TABLE_SPAN, &w);
		for (level = 0; level + 1 < w.depth; level++)
			*upper += first_high && w.table[level] >= first_high;
		*high += first_high && w.table[w.depth - 1] >= first_high;
	}
}

/* A page in each of some spans, then their neighbours: faults in tables that are there. */
static void h9_faults(volatile u8 *p, bool tables_high, bool pages_high)
{
	unsigned i, wrong = 0;

	start_count();
	for (i = 0; i < H9_SPANS; i++)
		p[i * TABLE_SPAN + PAGE_SIZE] = (u8)(i + 1);
	pw_snapshot(&after);
	CHECK_EQ(growth("pgfault"), H9_SPANS, "faults");
	CHECK_EQ(growth("kmap_local_maps"), H9_SPANS * (tables_high + pages_high),
		 "slots for %d faults", H9_SPANS);
	for (i = 0; i < H9_SPANS; i++)
		wrong += p[i * TABLE_SPAN] != 0x90 + i || p[i * TABLE_SPAN + PAGE_SIZE] != i + 1;
	CHECK_EQ(wrong, 0, "pages with wrong contents");
}

static volatile u8 *h9_place;

/* A child has tables of its own, and what it writes stays its own. */
static int h9_child(int command)
{
	unsigned i, high, upper, wrong = 0;
	u64 first_high = row_number(0);

	h9_tables(h9_place, first_high, &high, &upper);
	for (i = 0; i < H9_SPANS; i++) {
		wrong += h9_place[i * TABLE_SPAN] != 0x90 + i;
		h9_place[i * TABLE_SPAN] = 0;
	}
	return wrong || upper || high != (command ? H9_SPANS : 0);
}

static void h9_once(bool option, u64 first_high)
{
	bool tables_high = option && first_high;
	unsigned i, high, upper;
	volatile u8 *p;
	struct child c;

	CHECK_EQ(pw_knob(option ? "high_tables=1" : "high_tables=0"), 0, "knob high_tables");
	/* More than a small machine has, of which little is touched. */
	p = h9_place = sys_mmap((void *)EMPTY_PLACE, H9_SPANS * TABLE_SPAN, PROT_READ | PROT_WRITE,
				MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED, -1, 0);
	for (i = 0; i < H9_SPANS; i++)
		p[i * TABLE_SPAN] = (u8)(0x90 + i);
	h9_tables(p, first_high, &high, &upper);
	CHECK_EQ(high, tables_high ? H9_SPANS : 0, "high page tables of %d, option %s", H9_SPANS,
		 option ? "on" : "off");
	CHECK_EQ(upper, 0, "high tables of upper levels");
	h9_faults(p, tables_high, first_high != 0);
	child_start(&c, h9_child);
	CHECK_EQ(child_do(&c, tables_high), 0, "the child's look at its own tables");
	CHECK_EQ(child_end(&c), 0, "wait status of the child");
	CHECK_EQ(pw_knob("high_tables=kernel"), 0, "the kernel's look at its own tables");
	start_count();
	CHECK_EQ(sys_munmap((void *)p, H9_SPANS * TABLE_SPAN), 0, "munmap");
	pw_snapshot(&after);
	CHECK_EQ(-growth("page_tables"), H9_SPANS + (LONG64 ? 1 : 0), "tables given back");
	CHECK_EQ(-growth("pages_anon"), 2 * H9_SPANS, "pages given back");
}

static void h9_high_tables(void)
{
	u64 first_high = row_number(0);

	h9_once(true, first_high);
	h9_once(false, first_high);
	if (first_high)
		CHECK_INFO("option on: %d of %d page tables high, a slot for each look; off: 0; upper and kernel tables low",
			   H9_SPANS, H9_SPANS);
	else
		CHECK_INFO("no high memory: all tables low, no slots, option on or off");
}
TEST(H9, h9_high_tables);
