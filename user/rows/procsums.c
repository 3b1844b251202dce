/* SPDX-License-Identifier: MIT */
/*
 * What /proc says about memory adds up, and to what WALK sees (catalogue O4): maps, smaps,
 * smaps_rollup, status, statm, pagemap, kpagecount, kpageflags, meminfo, vmstat.  The sums of
 * pagetypes, which follows, are the kernel's test to judge (test/kernel/show_rows.c).
 */
#include <linux/kernel-page-flags.h>
#include "rows.h"

#define RW	(PROT_READ | PROT_WRITE)
#define WORDS	512

static char text[64 * 1024];
static struct space *space, *other;

/* The sum of all "NAME: n kB" lines of a file, in pages; -1: none. */
static long sum_of(const char *path, const char *name)
{
	size_t n = strlen(name);
	const char *p = text;
	long sum = -1;

	read_file(path, text, sizeof(text));
	for (; p && *p; p = strchr(p, '\n'), p = p ? p + 1 : NULL) {
		if (strncmp(p, name, n))
			continue;
		for (p += n; *p == ' ' || *p == '\t'; p++)
			;
		sum = (sum < 0 ? 0 : sum) + (long)parse_u64(p, &p) / 4;
	}
	return sum;
}

/* Field `n` (0 is the first) of a file of numbers. */
static long field_of(const char *path, unsigned n)
{
	const char *p = text;

	read_file(path, text, sizeof(text));
	for (; n; n--)
		p = strchr(p, ' ') + 1;
	return (long)parse_u64(p, NULL);
}

static void own_memory(void)
{
	int fd = (int)sys_open("/proc/self/exe", O_RDONLY, 0);
	volatile u8 *p = map_at(EMPTY_PLACE, 32 * PAGE_SIZE, RW);
	unsigned i;

	for (i = 0; i < 20; i++)
		p[i * PAGE_SIZE] = 1;
	for (; i < 25; i++)
		(void)p[i * PAGE_SIZE];		/* the zero page */
	p = sys_mmap(NULL, 8 * PAGE_SIZE, PROT_READ, MAP_SHARED, fd, 0);
	(void)p[0];
	p = sys_mmap(NULL, 4 * PAGE_SIZE, RW, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	p[0] = p[PAGE_SIZE] = 1;
	sys_close(fd);
}

/* ---- one process ------------------------------------------------------------------------- */

static unsigned resident(const struct space *s)
{
	return s->n - space_count(s, FRAME_ZERO);
}

/* In the first round what is counted still changes by counting. */
static bool judging;

static void same(long seen, long expected, const char *what)
{
	if (judging)
		CHECK_EQ(seen, expected, "%s", what);
}

static void check_process(bool judge)
{
	unsigned rss, anon;

	judging = judge;
	space_scan(0, space);
	rss = resident(space);
	anon = space_count(space, PAGEWALK_FRAME_ANON);
	same(sum_of("/proc/self/status", "VmRSS:"), rss, "VmRSS, pages, by WALK");
	same(sum_of("/proc/self/status", "RssAnon:"), anon, "RssAnon, by WALK");
	same(sum_of("/proc/self/status", "RssFile:") + sum_of("/proc/self/status", "RssShmem:"),
		 rss - anon, "RssFile and RssShmem, by WALK");
	same(field_of("/proc/self/statm", 1), rss, "resident in statm");
	same(field_of("/proc/self/stat", 23), rss, "rss in stat");
	same(sum_of("/proc/self/smaps", "Rss:"), rss, "sum of Rss in smaps");
	same(sum_of("/proc/self/smaps_rollup", "Rss:"), rss, "Rss in smaps_rollup");
	same(sum_of("/proc/self/smaps", "Anonymous:"), anon, "sum of Anonymous in smaps");
	same(sum_of("/proc/self/smaps", "Private_Clean:") + sum_of("/proc/self/smaps", "Private_Dirty:") +
		 sum_of("/proc/self/smaps", "Shared_Clean:") + sum_of("/proc/self/smaps", "Shared_Dirty:"),
		 rss, "private and shared, clean and dirty");
	same(sum_of("/proc/self/smaps", "Size:"), sum_of("/proc/self/status", "VmSize:"),
		 "sum of Size in smaps: VmSize");
	same(field_of("/proc/self/statm", 0), sum_of("/proc/self/status", "VmSize:"), "size in statm");
	same(sum_of("/proc/self/status", "VmPTE:"), space->tables - 1, "VmPTE, by WALK, without the top");
}

/* Every present page: its frame in pagemap and its mappings in kpagecount. */
static void check_pagemap(void)
{
	int map = (int)sys_open("/proc/self/pagemap", O_RDONLY, 0);
	int counts = (int)sys_open("/proc/kpagecount", O_RDONLY, 0);
	unsigned i, wrong = 0, wrong_count = 0;
	struct pagewalk_frame f;
	u64 word;

	space_scan(0, space);
	for (i = 0; i < space->n; i++) {
		const struct leaf *l = &space->leaf[i];

		sys_pread(map, &word, 8, (u64)(l->va / PAGE_SIZE) * 8);
		wrong += (word & ((1ull << 55) - 1)) != l->pfn || !(word >> 63);
		wrong += l->type != FRAME_ZERO &&
			 (word >> 61 & 1) != (l->type != PAGEWALK_FRAME_ANON);
		pw_frame(l->pfn, &f);
		sys_pread(counts, &word, 8, (u64)l->pfn * 8);
		wrong_count += (s64)word != f.mapcount;
	}
	CHECK_EQ(wrong, 0, "pages of %u whose pagemap is not what WALK says", space->n);
	CHECK_EQ(wrong_count, 0, "frames whose kpagecount is not their mapcount");
	sys_pread(map, &word, 8, (u64)((EMPTY_PLACE + 30 * PAGE_SIZE) / PAGE_SIZE) * 8);
	CHECK_EQ(word, 0, "pagemap of a page that is not there");
	sys_close(map);
	sys_close(counts);
}

/* ---- all frames ---------------------------------------------------------------------------- */

static u64 flag_frames[64], mappings, frames;

static void count_frames(void)
{
	static u64 flags[WORDS], counts[WORDS];
	int a = (int)sys_open("/proc/kpageflags", O_RDONLY, 0);
	int b = (int)sys_open("/proc/kpagecount", O_RDONLY, 0);
	long n, i, bit;

	memset(flag_frames, 0, sizeof(flag_frames));
	mappings = frames = 0;
	while ((n = sys_read(a, flags, sizeof(flags)) / 8) > 0) {
		CHECK_EQ(sys_read(b, counts, sizeof(counts)), n * 8, "as much of kpagecount as of kpageflags");
		for (i = 0; i < n; i++) {
			mappings += counts[i];
			for (bit = 0; bit < 32; bit++)
				flag_frames[bit] += flags[i] >> bit & 1;
		}
		frames += (u64)n;
	}
	sys_close(a);
	sys_close(b);
}

static int stay(int command)
{
	return 0;
}

/* This process and that one. */
static void compare_frames(int pid, bool judge)
{
	judging = judge;
	count_frames();
	space_scan(0, space);
	space_scan(pid, other);
	same(mappings, resident(space) + resident(other), "sum of kpagecount, by WALK of both processes");
	same(flag_frames[KPF_ANON], sum_of("/proc/meminfo", "AnonPages:"), "anonymous frames: AnonPages");
	same(flag_frames[KPF_ANON], pw_field("/proc/vmstat", "nr_anon_pages "), "nr_anon_pages");
	same(flag_frames[KPF_SLAB], sum_of("/proc/meminfo", "Slab:"), "frames of slabs: Slab");
	same(flag_frames[KPF_BUDDY], sum_of("/proc/meminfo", "MemFree:"), "free frames: MemFree");
	same(flag_frames[KPF_BUDDY], pw_field("/proc/vmstat", "nr_free_pages "), "nr_free_pages");
	same(sum_of("/proc/meminfo", "PageTables:"), pw_counter("page_tables"), "PageTables");
	same(sum_of("/proc/meminfo", "Cached:"), pw_counter("file_pages"), "Cached");
	same(pw_field("/proc/vmstat", "nr_mapped "), sum_of("/proc/meminfo", "Mapped:"), "nr_mapped: Mapped");
	}

/* With a child, so that pages have more than one mapping. */
static void check_frames(void)
{
	struct child c;

	child_start(&c, stay);
	child_do(&c, 0);
	compare_frames(c.pid, false);
	compare_frames(c.pid, true);
	CHECK_EQ(child_end(&c), 0, "wait status of the child");
}

/* ---- the tool -------------------------------------------------------------------------------- */

static void run_pagetypes(void)
{
	static const char *const argv[] = { "/bin/pagetypes", "2", NULL };
	static const char *const envp[] = { NULL };
	long pid = sys_fork();

	if (!pid)
		exit((int)-sys_execve(argv[0], argv, envp));
	CHECK_EQ(wait_for((int)pid), 0, "wait status of pagetypes");
}

static void o4_sums(void)
{
	space = space_alloc();
	other = space_alloc();
	own_memory();
	check_pagemap();
	check_process(false);
	check_process(true);
	check_frames();
	run_pagetypes();
	CHECK_INFO("%u pages of this process, %llu frames: /proc, kpage* and WALK agree",
		   resident(space), (unsigned long long)frames);
}
TEST(O4, o4_sums);
