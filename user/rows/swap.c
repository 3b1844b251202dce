/* SPDX-License-Identifier: MIT */
/*
 * Swapped pages as a program and its page tables see them (catalogue R5 to R19; the knob
 * swap= is in test/kernel/swap_rows.c, which provides the device).
 */
#include "../lib/entry.h"
#include "rows.h"

#define RW		(PROT_READ | PROT_WRITE)
#define PAGES(n)	((n) * (ulong)PAGE_SIZE)

static struct pw_snapshot before, after;

static void start_count(void)
{
	pw_snapshot(&after);
	pw_snapshot(&before);
}

static u64 counted(const char *counter)
{
	return (u64)pw_diff(&before, &after, counter);
}

static s64 growth(const char *counter)
{
	pw_snapshot(&after);
	return pw_diff(&before, &after, counter);
}

/* n pages, page i holding i + 1; their table is there, and alone. */
static volatile u8 *fresh(unsigned n)
{
	volatile u8 *p = sys_mmap(NULL, PAGES(n), RW, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	unsigned i;

	for (i = 0; i < n; i++)
		p[PAGES(i)] = (u8)(i + 1);
	return p;
}

static bool is_swapped(int pid, const volatile void *p)
{
	unsigned type;
	u64 slot;

	return entry_swapped(pw_entry(pid, p), &type, &slot);
}

static void out(volatile u8 *p, unsigned n)
{
	CHECK_EQ(sys_madvise((void *)p, PAGES(n), MADV_PAGEOUT), 0, "MADV_PAGEOUT");
}

/* The same for one page, whoever else has it: as reclaim would, and nothing else is taken. */
static void out_for_all(const volatile u8 *p)
{
	char text[40];

	snprintf(text, sizeof(text), "swap=out:%lx", (ulong)p);
	CHECK_EQ(pw_knob(text), 0, "knob %s", text);
}

/* Entries that name the slot of p. */
static u64 entries_of(const volatile u8 *p)
{
	u64 arg = (ulong)p;
	char text[40];

	snprintf(text, sizeof(text), "swap=count:%lx", (ulong)&arg);
	CHECK_EQ(pw_knob(text), 0, "knob %s", text);
	return arg;
}

/* ---- R5 ------------------------------------------------------------------------------- */

static void r5_shared(void)
{
	volatile u8 *p = fresh(1);
	struct child a, b;

	child_start(&a, NULL);
	child_start(&b, NULL);
	out_for_all(p);
	CHECK(is_swapped(0, p), "the page is swapped out");
	CHECK_EQ(pw_entry(a.pid, p), pw_entry(0, p), "the first child's entry");
	CHECK_EQ(pw_entry(b.pid, p), pw_entry(0, p), "the second child's entry");
	CHECK_EQ(entries_of(p), 3, "entries that name the slot");
	child_end(&b);
	CHECK_EQ(entries_of(p), 2, "after one child's end");
	child_end(&a);
	CHECK_EQ(entries_of(p), 1, "after the other's");
	CHECK_EQ(p[0], 1, "the contents");
	CHECK_INFO("three sharers: 3 equal entries, slot count 3, 2, 1");
}
TEST(R5, r5_shared);

/* ---- R7 ------------------------------------------------------------------------------- */

static void r7_states(void)
{
	volatile u8 *p = fresh(3);
	u64 entry, there, word = 0, slot = 0;
	unsigned type = 0;
	int fd;

	CHECK_EQ(sys_madvise((void *)(p + PAGES(1)), PAGE_SIZE, MADV_DONTNEED), 0,
		 "MADV_DONTNEED");
	out(p, 1);
	entry = pw_entry(0, p);
	there = pw_entry(0, p + PAGES(2));
	CHECK(entry_swapped(entry, &type, &slot), "swapped: %#llx", (unsigned long long)entry);
	CHECK_EQ(pw_entry(0, p + PAGES(1)), 0, "none");
	CHECK(there & 1, "present: %#llx", (unsigned long long)there);
	CHECK_EQ(type, 0, "the type in the entry");
	CHECK(slot >= 1 && slot <= 2048, "the slot in the entry: %llu", (unsigned long long)slot);
	fd = (int)sys_open("/proc/self/pagemap", 0, 0);
	sys_pread(fd, &word, sizeof(word), (ulong)p / PAGE_SIZE * 8);
	sys_close(fd);
	CHECK_EQ(word, 1ull << 62 | type | slot << 5, "pagemap");
	CHECK_EQ(pw_field("/proc/self/status", "VmSwap:"), PAGE_SIZE / 1024, "VmSwap");
	CHECK_EQ(p[0], 1, "the contents");
	CHECK_INFO("swapped %#llx: type %u, slot %llu", (unsigned long long)entry, type,
		   (unsigned long long)slot);
}
TEST(R7, r7_states);

/* ---- R9 ------------------------------------------------------------------------------- */

static volatile u8 *r9_page;

static int r9_step(int command)
{
	return r9_page[0];
}

static void r9_cache(void)
{
	struct child c;

	r9_page = fresh(1);
	child_start(&c, r9_step);
	out_for_all(r9_page);
	CHECK(is_swapped(0, r9_page) && is_swapped(c.pid, r9_page), "both entries are swapped");
	start_count();
	CHECK_EQ(r9_page[0], 1, "the first sharer reads");
	CHECK_EQ(growth("pswpin"), 1, "pages read");
	CHECK_EQ(growth("pgmajfault"), 1, "major faults");
	CHECK_EQ(child_do(&c, 0), 1, "the second reads");
	CHECK_EQ(growth("pswpin"), 1, "pages read by both");
	CHECK_EQ(growth("pgmajfault"), 1, "major faults of both");
	child_end(&c);
	r9_page = fresh(1);
	out(r9_page, 1);
	CHECK_EQ(r9_page[0], 1, "another page is read");
	start_count();
	out(r9_page, 1);
	CHECK(is_swapped(0, r9_page), "clean, it goes out again");
	CHECK_EQ(growth("pswpout"), 0, "pages written for that");
	CHECK_EQ(r9_page[0], 1, "the contents");
	CHECK_INFO("two sharers: 1 read, the second fault minor; clean again: 0 writes");
}
TEST(R9, r9_cache);

/* ---- R11 ------------------------------------------------------------------------------- */

static void r11_order(void)
{
	volatile u8 *p = fresh(1), *q;
	struct child c;

	/* The other sharer's look leaves the page in the cache, and p's entry swapped. */
	r9_page = p;
	child_start(&c, r9_step);
	out_for_all(p);
	CHECK(is_swapped(0, p), "swapped");
	CHECK_EQ(child_do(&c, 0), 1, "a child reads it");
	start_count();
	CHECK_EQ(p[0], 1, "from the cache");
	CHECK_EQ(growth("swap_cache_hits"), 1, "cache hits");
	CHECK_EQ(growth("pswpin"), 0, "pages read");
	CHECK_EQ(growth("anon_new"), 0, "new pages");
	child_end(&c);
	q = fresh(1);
	out(q, 1);
	start_count();
	CHECK_EQ(q[0], 1, "from the device");
	CHECK_EQ(growth("swap_cache_hits"), 0, "cache hits");
	CHECK_EQ(growth("pswpin"), 1, "pages read");
	CHECK_EQ(growth("anon_new"), 0, "new pages");
	q = sys_mmap(NULL, PAGE_SIZE, RW, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	start_count();
	q[0] = 9;
	CHECK_EQ(growth("swap_cache_hits"), 0, "cache hits");
	CHECK_EQ(growth("pswpin"), 0, "pages read");
	CHECK_EQ(growth("anon_new"), 1, "new pages");
	CHECK_INFO("cache: 1 hit, 0 read; device: 1 read; neither: 1 new page");
}
TEST(R11, r11_order);

/* ---- R12 ------------------------------------------------------------------------------- */

static void r12_cluster(void)
{
	volatile u8 *p = fresh(4 * SWAP_CLUSTER);
	unsigned first, i, present = 0, wrong = 0;
	u64 slot;

	out(p, 4 * SWAP_CLUSTER);
	first = first_of_cluster(p, 3 * SWAP_CLUSTER);
	if (!CHECK(first < 3 * SWAP_CLUSTER, "no page is in the first slot of a cluster"))
		return;
	slot = pw_slot(p + PAGES(first));
	for (i = 0; i < SWAP_CLUSTER; i++)
		wrong += pw_slot(p + PAGES(first + i)) != slot + i;
	CHECK_EQ(wrong, 0, "pages whose slots do not follow each other");
	start_count();
	CHECK_EQ(p[PAGES(first + 3)], (u8)(first + 4), "one page of a cluster");
	CHECK_EQ(growth("swap_requests"), 1, "requests");
	CHECK_EQ(growth("pswpin"), SWAP_CLUSTER, "pages read");
	CHECK_EQ(growth("swap_readahead"), SWAP_CLUSTER - 1, "of them ahead");
	start_count();
	for (i = 0; i < SWAP_CLUSTER; i++)
		present += p[PAGES(first + i)] == (u8)(first + i + 1);
	CHECK_EQ(present, SWAP_CLUSTER, "pages of the cluster");
	CHECK_EQ(growth("pswpin"), 0, "pages read for the others");
	CHECK_EQ(growth("swap_cache_hits"), SWAP_CLUSTER - 1, "cache hits");
	CHECK_INFO("1 request, %u pages, %u of them ahead", SWAP_CLUSTER, SWAP_CLUSTER - 1);
}
TEST(R12, r12_cluster);

/* ---- R13 ------------------------------------------------------------------------------- */

static int r13_step(int command)
{
	if (command == 1)
		return (int)sys_munmap((void *)r9_page, PAGES(4));
	return r9_page[PAGES(5)];
}

static void r13_counts(void)
{
	volatile u8 *p = r9_page = fresh(16);
	struct child c;

	out(p, 16);
	CHECK_EQ(pw_counter("swap_used"), 16, "slots in use");
	child_start(&c, r13_step);
	CHECK_EQ(entries_of(p), 2, "entries after fork");
	CHECK_EQ(child_do(&c, 1), 0, "the child unmaps four");
	CHECK_EQ(entries_of(p), 1, "entries of one of them");
	CHECK_EQ(sys_munmap((void *)p, PAGES(2)), 0, "the parent unmaps two");
	CHECK_EQ(pw_counter("swap_used"), 14, "slots in use");
	CHECK_EQ(sys_munmap((void *)(p + PAGES(8)), PAGES(8)), 0, "and eight");
	CHECK_EQ(pw_counter("swap_used"), 14, "the child still has those");
	child_end(&c);
	CHECK_EQ(pw_counter("swap_used"), 6, "not any more");
	CHECK_EQ(sys_munmap((void *)(p + PAGES(2)), PAGES(6)), 0, "the rest");
	CHECK_EQ(pw_counter("swap_used"), 0, "slots in use");
	CHECK_INFO("16 slots: fork, unmap on both sides, exit: counts at each step");
}
TEST(R13, r13_counts);

/* ---- R14 ------------------------------------------------------------------------------- */

static void r14_off(void)
{
	volatile u8 *p = fresh(64);
	unsigned i, wrong = 0, swapped = 0;
	struct child c;

	r9_page = p;
	out(p, 64);
	child_start(&c, r13_step);
	CHECK_EQ(pw_knob("swap=off"), 0, "swapoff");
	CHECK_EQ(pw_field("/proc/meminfo", "SwapTotal:"), 0, "SwapTotal");
	for (i = 0; i < 64; i++) {
		swapped += is_swapped(0, p + PAGES(i)) + is_swapped(c.pid, p + PAGES(i));
		wrong += p[PAGES(i)] != (u8)(i + 1);
	}
	CHECK_EQ(swapped, 0, "swapped entries of parent and child");
	CHECK_EQ(wrong, 0, "pages with other contents");
	CHECK_EQ(child_do(&c, 0), 6, "the child's contents");
	child_end(&c);
	CHECK_INFO("64 pages of two programs came back");
}
TEST(R14, r14_off);

/* ---- R15, R19 ---------------------------------------------------------------------------- */

static void r15_locked(void)
{
	volatile u8 *p = fresh(64);
	unsigned i, stayed = 0, went = 0;
	u64 frames[32];

	for (i = 0; i < 32; i++)
		frames[i] = pw_pfn(p + PAGES(i));
	CHECK_EQ(sys_mlock((void *)p, PAGES(32)), 0, "mlock of one half");
	pw_knob("swap=squeeze:40");
	for (i = 0; i < 64; i++) {
		if (i < 32)
			stayed += pw_pfn(p + PAGES(i)) == frames[i];
		else
			went += is_swapped(0, p + PAGES(i));
	}
	CHECK_EQ(stayed, 32, "locked pages in their frames");
	CHECK_EQ(went, 32, "of the others swapped out");
	CHECK_EQ(pw_counter("nr_mlocked"), 32, "pages set aside");
	start_count();
	for (i = 0; i < 32; i++)
		stayed += p[PAGES(i)] == (u8)(i + 1);
	CHECK_EQ(stayed, 64, "their contents");
	CHECK_EQ(growth("pswpin"), 0, "pages read for them");
	CHECK_EQ(sys_munlock((void *)p, PAGES(32)), 0, "munlock");
	CHECK_EQ(pw_counter("nr_mlocked"), 0, "pages set aside");
	pw_knob("swap=squeeze:40");
	for (i = 0, went = 0; i < 32; i++)
		went += is_swapped(0, p + PAGES(i));
	CHECK_EQ(went, 32, "swapped out once they are not locked");
	CHECK_INFO("32 locked pages stay, 32 others go; then those");
}
TEST(R15, r15_locked);

/* A swapped page of ours is copied to and from the device's frame: a slot for each high one. */
static void r17_high(void)
{
	volatile u8 *p = fresh(64);
	struct pagewalk_frame f;
	unsigned i, high = 0, wrong = 0;
	s64 slots;

	for (i = 0; i < 64; i++) {
		pw_frame(pw_pfn(p + PAGES(i)), &f);
		high += f.zone == 3;
		for (f.pfn = 0; f.pfn < PAGE_SIZE; f.pfn += 64)
			p[PAGES(i) + f.pfn] = (u8)(i ^ f.pfn >> 6);
	}
	start_count();
	out(p, 64);
	slots = growth("kmap_local_maps");
	CHECK(is_swapped(0, p) && is_swapped(0, p + PAGES(63)), "swapped out");
	for (i = 0; i < 64; i++)
		for (f.pfn = 0; f.pfn < PAGE_SIZE; f.pfn += 64)
			wrong += p[PAGES(i) + f.pfn] != (u8)(i ^ f.pfn >> 6);
	CHECK_EQ(wrong, 0, "bytes that differ");
	if (!high) {
		CHECK_EQ(slots, 0, "slots used without high memory");
		CHECK_INFO("no high memory: 64 pages out and in, 0 slots");
		return;
	}
	CHECK_EQ(high, 64, "pages in high frames");
	CHECK(slots >= 64, "%lld slots used for 64 pages", (long long)slots);
	CHECK_INFO("64 high pages out and in, %lld slots for the way out", (long long)slots);
}
TEST(R17, r17_high);

static void r19_no_swap(void)
{
	volatile u8 *p = fresh(64), *file;
	unsigned i, stayed = 0, gone = 0;
	u64 frames[64];
	int fd = (int)sys_open("/bin/bigprog", 0, 0);

	file = sys_mmap(NULL, PAGES(64), PROT_READ, MAP_PRIVATE, fd, 0);
	for (i = 0; i < 64; i++) {
		frames[i] = pw_pfn(p + PAGES(i));
		stayed += file[PAGES(i)] & 1;
	}
	pw_knob("swap=squeeze:40");
	for (i = 0, stayed = 0; i < 64; i++) {
		stayed += pw_pfn(p + PAGES(i)) == frames[i];
		gone += pw_entry(0, file + PAGES(i)) == 0;
	}
	CHECK_EQ(stayed, 64, "anonymous pages in their frames");
	CHECK_EQ(gone, 64, "pages of the file that were taken");
	CHECK_EQ(file[1], 'E', "they come back");
	sys_close(fd);
	CHECK_INFO("64 anonymous pages stay, 64 pages of a file go");
}
TEST(R19, r19_no_swap);

/* ---- little memory: R3, R4, R8, R18 -------------------------------------------------------- */

#define LEFT	2048u		/* pages that there are, about: swap_rows.c */

static volatile u32 *big(unsigned n)
{
	return sys_mmap(NULL, PAGES(n), RW, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
}

#define WORD(p, i)	((p)[(ulong)(i) * (PAGE_SIZE / 4)])

/* Pages that are not in memory at this moment. */
static unsigned missing(volatile u32 *p, unsigned n)
{
	static unsigned char vec[LEFT];
	unsigned i, lost = 0;

	sys_mincore((void *)p, PAGES(n), vec);
	for (i = 0; i < n; i++)
		lost += !(vec[i] & 1);
	return lost;
}

/*
 * A tick: see who is missing, and use all of them.  Before the sweep begins, memory has been
 * full once: what has only ever been touched all looks the same.
 */
static void r3_hot(void)
{
	const unsigned hot = LEFT / 10, cold = 3 * LEFT, window = LEFT * 3 / 2;
	volatile u32 *h = big(hot), *c = big(window);
	unsigned i, k, lost = 0;
	u32 sum = 0;

	for (i = 0; i < hot; i++)
		WORD(h, i) = i;
	for (i = 0; i < LEFT + cold; i++) {
		WORD(c, i % window) += i;
		if (i % 32)
			continue;
		lost += i >= LEFT ? missing(h, hot) : 0;
		for (k = 0; k < hot; k++)
			sum += WORD(h, k);
	}
	CHECK(lost * 20 <= hot, "%u times one of %u hot pages was missing", lost, hot);
	CHECK(pw_counter("pswpout") > 0 && sum, "nothing was swapped out");
	CHECK_INFO("%u pages in use, %u others written: %u times one was missing", hot, cold, lost);
}
TEST(R3, r3_hot);

static void r4_marks(void)
{
	volatile u32 *p = big(2 * LEFT);
	u64 wakes, direct, scanned, taken;
	u64 free = pw_field("/proc/meminfo", "MemFree:") / 4;
	unsigned i;

	start_count();
	for (i = 0; i < 2 * LEFT; i++)
		WORD(p, i) = i;
	/* All of one moment: kswapd is still at work. */
	pw_snapshot(&after);
	wakes = counted("kswapd_wakes");
	direct = counted("direct_reclaims");
	scanned = counted("pgscan_kswapd") + counted("pgscan_direct");
	taken = counted("pgsteal_anon") + counted("pgsteal_file");
	CHECK(wakes > 0, "kswapd has not been woken");
	/* Whoever wants more than is free has the rest by reclaim, and nothing is taken unseen. */
	CHECK(taken + free >= 2 * LEFT, "%llu pages were free, %llu were taken",
	      (unsigned long long)free, (unsigned long long)taken);
	CHECK(taken > 0 && scanned >= taken, "scanned: %llu, taken: %llu",
	      (unsigned long long)scanned, (unsigned long long)taken);
	CHECK_EQ(pw_knob("swap=marks"), 0, "knob swap=marks");
	sys_munmap((void *)p, PAGES(2 * LEFT));
	p = big(LEFT / 2);
	start_count();
	for (i = 0; i < LEFT / 2; i++)
		WORD(p, i) = i;
	CHECK_EQ(growth("kswapd_wakes"), 0, "wakes while there is enough");
	CHECK_EQ(growth("direct_reclaims"), 0, "direct reclaims while there is enough");
	CHECK_INFO("%llu wakes, %llu direct reclaims; pages_high in each zone afterwards",
		   (unsigned long long)wakes, (unsigned long long)direct);
}
TEST(R4, r4_marks);

/* Of n pages, those in high frames; the others are low or swapped. */
static unsigned in_high(volatile u32 *p, unsigned n)
{
	struct pagewalk_frame f;
	unsigned i, high = 0;
	u64 pfn;

	for (i = 0; i < n; i++) {
		pfn = pw_pfn(&WORD(p, i));
		if (!pfn)
			continue;
		pw_frame(pfn, &f);
		high += f.zone == 3;
	}
	return high;
}

/* Arguments: pages, and whether the machine has high memory. */
static void r8_integrity(void)
{
	const unsigned n = (unsigned)row_number(0), passes = 5;
	volatile u32 *p = big(n);
	unsigned i, pass, wrong = 0, high;

	start_count();
	for (pass = 0; pass < passes; pass++) {
		for (i = 0; i < n; i++) {
			if (pass) {
				wrong += WORD(p, i) != (i * 2654435761u ^ (pass - 1));
				wrong += (&WORD(p, i))[PAGE_SIZE / 4 - 1] != i + pass - 1;
			}
			WORD(p, i) = i * 2654435761u ^ pass;
			(&WORD(p, i))[PAGE_SIZE / 4 - 1] = i + pass;
		}
	}
	CHECK_EQ(wrong, 0, "wrong words");
	CHECK(growth("pswpin") >= (s64)n && growth("pswpout") >= (s64)n,
	      "%llu pages in, %llu out", (unsigned long long)growth("pswpin"),
	      (unsigned long long)growth("pswpout"));
	high = in_high(p, n);
	CHECK_EQ(high != 0, row_number(1), "high memory is in use");
	CHECK_INFO("%u pages, %u passes: %llu in, %llu out, no wrong word; %u pages are high", n,
		   passes, (unsigned long long)growth("pswpin"),
		   (unsigned long long)growth("pswpout"), high);
}
TEST(R8, r8_integrity);

static void r18_full(void)
{
	volatile u32 *mine = big(256), *p;
	unsigned i, wrong = 0;
	int pid, status = 0;

	for (i = 0; i < 256; i++)
		WORD(mine, i) = ~i;
	pid = (int)sys_fork();
	if (!pid) {
		p = big(16 * LEFT);
		for (i = 0; i < 16 * LEFT; i++)
			WORD(p, i) = i;
		sys_exit_group(1);
	}
	CHECK_EQ(sys_wait4(pid, &status, 0, NULL), pid, "wait4");
	CHECK_EQ(status, 9, "the child's end: killed");
	for (i = 0; i < 256; i++)
		wrong += WORD(mine, i) != ~i;
	CHECK_EQ(wrong, 0, "wrong words of the other");
	CHECK_INFO("one killed, 256 pages of the other intact");
}
TEST(R18, r18_full);

/* ---- out of memory, a hundred times -------------------------------------------------------- */

#define EVENTS		100u
#define MINE		256u
#define SECOND		1000000000ull

/* Somebody takes memory until he is killed; how long we could not run meanwhile, at most. */
static u64 wait_for_victim(volatile u32 *mine, unsigned event)
{
	struct timespec tick = { 0, 4000000 };
	u64 longest = 0, last, now;
	int pid, status = 0;
	volatile u32 *p;
	unsigned i;

	pid = (int)sys_fork();
	if (!pid) {
		p = big(16 * LEFT);
		for (i = 0; i < 16 * LEFT; i++)
			WORD(p, i) = i;
		sys_exit_group(1);
	}
	last = now_ns();
	do {
		sys_nanosleep(&tick, NULL);
		for (i = event % 16; i < MINE; i += 16)
			CHECK_EQ(WORD(mine, i), ~i, "a word of another program");
		now = now_ns();
		longest = now - last > longest ? now - last : longest;
		last = now;
	} while (sys_wait4(pid, &status, 1 /* WNOHANG */, NULL) == 0);
	CHECK_EQ(status, 9, "event %u: the end of who takes all memory", event);
	return longest;
}

/* Who takes all is killed, nobody else: this program and a sleeping one run on. */
static void oom_hundred(void)
{
	volatile u32 *mine = big(MINE);
	u64 longest = 0, gap;
	unsigned event, i;
	struct child other;

	for (i = 0; i < MINE; i++)
		WORD(mine, i) = ~i;
	child_start(&other, NULL);
	for (event = 0; event < EVENTS; event++) {
		start_count();
		gap = wait_for_victim(mine, event);
		longest = gap > longest ? gap : longest;
		CHECK_EQ(growth("oom_kills"), 1, "event %u: victims", event);
	}
	CHECK(longest < SECOND, "another program could not run for %llu ms",
	      (unsigned long long)longest / 1000000);
	CHECK_EQ(child_end(&other), 0, "the end of the other program");
	CHECK_INFO("%u events, one victim each; another program waited %llu ms at most", EVENTS,
		   (unsigned long long)longest / 1000000);
}
TEST(OOM100, oom_hundred);

/* ---- P7: the kernel stays ------------------------------------------------------------------ */

/* The kernel looks at itself every 64 pages (test/kernel/resident_rows.c). */
static void p7_pressure(void)
{
	const unsigned n = 2 * LEFT, passes = 2;
	volatile u32 *p = big(n);
	unsigned i, pass, wrong = 0;

	start_count();
	for (pass = 0; pass < passes; pass++) {
		for (i = 0; i < n; i++) {
			wrong += pass && WORD(p, i) != (i ^ 0x700u);
			WORD(p, i) = i ^ 0x700u;
			if (i % 64 == 63)
				CHECK_EQ(pw_knob("resident=look"), 0, "knob resident=look");
		}
	}
	CHECK_EQ(wrong, 0, "wrong words");
	CHECK(growth("pswpin") >= (s64)LEFT && growth("pswpout") >= (s64)n, "%lld in, %lld out",
	      (long long)growth("pswpin"), (long long)growth("pswpout"));
}
TEST(P7, p7_pressure);
