/* SPDX-License-Identifier: MIT */
/* The two regions that grow by themselves: the heap (catalogue A16) and the stack (A17). */
#include "rows.h"

#define SIGSEGV		11
#define MAPERR		1
#define RW		(PROT_READ | PROT_WRITE)
#define PAGES(n)	((ulong)(n) * PAGE_SIZE)
#define GUARD_PAGES	256u

static char maps[16384];

/* Bounds of the line of maps that has this name. */
static bool find_named(const char *name, ulong *start, ulong *end)
{
	const char *line, *p;

	read_file("/proc/self/maps", maps, sizeof(maps));
	p = strstr(maps, name);
	if (!p)
		return false;
	for (line = p; line > maps && line[-1] != '\n'; line--)
		;
	*start = (ulong)parse_hex(line, &line);
	*end = (ulong)parse_hex(line + 1, NULL);
	return true;
}

/* ---- A16 ------------------------------------------------------------------------------- */

static ulong brk_to(ulong to)
{
	return (ulong)sys_brk((void *)to);
}

static void check_limits(void *arg)
{
	ulong base = (ulong)arg, used, room;

	limit(RLIMIT_DATA, PAGES(600));
	used = (ulong)pw_field("/proc/self/status", "VmData:") / 4;
	room = 600 - used;
	CHECK_EQ(brk_to(base + PAGES(room) + 1), base, "brk a byte over RLIMIT_DATA");
	CHECK(brk_to(base + PAGES(room / 2)) == base + PAGES(room / 2), "brk far below it");
	CHECK_EQ((long)sys_mmap(NULL, PAGES(room), RW, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0), -ENOMEM,
		 "mmap counts with it");
}

static void a16_brk(void)
{
	static struct pw_snapshot before, after;
	ulong base = brk_to(0), first = (base + 4095) & ~4095ul, start, end, i;
	volatile u8 *p = (u8 *)base;
	struct caught c;

	catch_begin();
	CHECK_EQ(brk_to(base - 1), base, "brk below its start");
	CHECK_EQ(brk_to(~0ul), base, "brk to the top");
	CHECK_EQ(brk_to(base + 5), base + 5, "brk is exact to the byte");
	CHECK_EQ(brk_to(first + PAGES(100)), first + PAGES(100), "brk up by 100 pages");
	CHECK(find_named("[heap]", &start, &end), "no [heap] in maps");
	CHECK_EQ(end, first + PAGES(100), "end of [heap]");
	for (i = 0; i < 100; i++)
		*(volatile u8 *)(first + PAGES(i)) = (u8)(i + 1);
	pw_snapshot(&after);
	pw_snapshot(&before);
	CHECK_EQ(brk_to(first + PAGES(40)), first + PAGES(40), "brk down by 60 pages");
	pw_snapshot(&after);
	CHECK_EQ(pw_diff(&before, &after, "pages_anon"), -60, "frames given back");
	c = catch_access(ACCESS_READ, first + PAGES(40));
	CHECK_EQ(c.sig, SIGSEGV, "behind the break: signal");
	CHECK_EQ(c.code, MAPERR, "behind the break: si_code");
	CHECK_EQ(brk_to(first + PAGES(41)), first + PAGES(41), "and up again");
	CHECK_EQ(*(volatile u8 *)(first + PAGES(40)), 0, "the page that came back");
	CHECK_EQ(*(volatile u8 *)(first + PAGES(39)), 40, "the page before it");
	map_at(first + PAGES(50), PAGE_SIZE, RW);
	CHECK_EQ(brk_to(first + PAGES(50)), first + PAGES(41), "brk up to another region");
	CHECK_EQ(brk_to(first + PAGES(49)), first + PAGES(49), "a page before it");
	sys_munmap((void *)(first + PAGES(50)), PAGE_SIZE);
	CHECK_EQ(brk_to(base), base, "all the way back");
	check_in_child(check_limits, (void *)base, "limits");
	catch_end();
	CHECK_EQ((ulong)p, base, "the start");
	CHECK_INFO("100 pages up, 60 down: 60 frames back; stops before regions and at RLIMIT_DATA");
}
TEST(A16, a16_brk);

/* ---- A17 ------------------------------------------------------------------------------- */

/* The array has to be there, all of it, and to stay. */
#define KEEP(array)	__asm__ volatile("" : : "r"(array) : "memory")

static noinline unsigned recurse(unsigned depth)
{
	char frame[PAGE_SIZE];
	unsigned below = 0;

	frame[0] = (char)depth;
	KEEP(frame);
	if (depth)
		below = recurse(depth - 1);
	KEEP(frame);
	return below + (frame[0] == (char)depth);
}

static noinline int one_jump(void)
{
	char frame[1024 * 1024];

	frame[0] = 5;
	KEEP(frame);
	return frame[0];
}

static ulong stack_pages(void)
{
	ulong start, end;

	return find_named("[stack]", &start, &end) ? (end - start) / PAGE_SIZE : 0;
}

static void by_recursion(void *arg)
{
	CHECK_EQ(recurse(256), 257, "256 frames of a page each");
	CHECK(stack_pages() >= 257, "the stack has %lu pages", stack_pages());
}

static void by_jump(void *arg)
{
	ulong before = stack_pages(), rss = (ulong)region_kb(&before, "Rss:");

	CHECK_EQ(one_jump(), 5, "a byte a megabyte down");
	CHECK(before < 100 && stack_pages() >= 256, "the stack had %lu pages, now %lu", before,
	      stack_pages());
	CHECK((ulong)region_kb(&before, "Rss:") <= rss + 12, "more is there than was touched");
}

/* The limit is read when the fault comes; a read(2) grows the stack as well. */
static void to_the_limit(void *arg)
{
	long zero = sys_open("/dev/zero", O_RDONLY, 0);
	ulong start, end;
	struct caught c;

	limit(RLIMIT_STACK, PAGES(512));
	find_named("[stack]", &start, &end);
	catch_begin();
	c = catch_access(ACCESS_WRITE, end - PAGES(512) - 1);
	CHECK_EQ(c.sig, SIGSEGV, "a byte beyond the limit: signal");
	CHECK_EQ(c.code, MAPERR, "a byte beyond the limit: si_code");
	CHECK_EQ(sys_read((int)zero, (void *)(end - PAGES(512) - 1), 1), -EFAULT, "read(2) to it");
	CHECK_EQ(sys_read((int)zero, (void *)(end - PAGES(400)), 1), 1, "read(2) above it");
	CHECK_EQ(stack_pages(), 400, "pages that it has grown to");
	c = catch_access(ACCESS_WRITE, end - PAGES(512));
	CHECK_EQ(c.sig, 0, "the last page within the limit: signal");
	CHECK_EQ(stack_pages(), 512, "pages of the stack");
	catch_end();
	recurse(1024);			/* must not come back */
	CHECK(false, "a recursion beyond the limit was served");
}

static int overflow(void *arg)
{
	to_the_limit(arg);
	return 0;
}

static void guard_gap(void *arg)
{
	ulong start, end, hint, got;
	struct caught c;

	find_named("[stack]", &start, &end);
	hint = start - PAGES(GUARD_PAGES / 2);
	got = (ulong)sys_mmap((void *)hint, PAGE_SIZE, RW, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	CHECK(!IS_ERR(got) && (got >= end || got + PAGE_SIZE <= start - PAGES(GUARD_PAGES)),
	      "mmap with a hint in the gap: %#lx, stack from %#lx", got, start);
	catch_begin();
	map_at(start - PAGES(GUARD_PAGES + 10), PAGE_SIZE, RW);
	c = catch_access(ACCESS_WRITE, start - PAGES(9));
	CHECK_EQ(c.sig, 0, "growth that leaves %u pages free: signal", GUARD_PAGES);
	c = catch_access(ACCESS_WRITE, start - PAGES(10));
	CHECK_EQ(c.sig, SIGSEGV, "growth that leaves a page less: signal");
	catch_end();
}

static void a17_stack(void)
{
	int here = 0, status;
	s64 rss = region_kb(&here, "Rss:");

	CHECK(rss > 0 && rss <= 12, "the stack of a program that has done little: %lld kB",
	      (long long)rss);
	check_in_child(by_recursion, NULL, "recursion");
	check_in_child(by_jump, NULL, "one jump");
	check_in_child(guard_gap, NULL, "guard gap");
	status = wait_for((int)spawn(overflow, NULL));
	CHECK(KILLED(status, SIGSEGV), "a recursion beyond the limit: wait status %#x", status);
	CHECK_INFO("%lld kB at first; grows by steps, in one jump, by read(2), to the limit; gap %u pages",
		   (long long)rss, GUARD_PAGES);
}
TEST(A17, a17_stack);
