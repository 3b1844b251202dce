/* SPDX-License-Identifier: MIT */
/*
 * /bin/pagewalk and 100,000 random addresses: of regions of this process, of holes between them,
 * of the kernel's windows, and with four levels of the middle that no table translates.  Its
 * lines go to the kernel's test, which walks these addresses itself (test/kernel/show_rows.c);
 * this process, whose tables they are, sleeps meanwhile.
 *
 * TOOLS is the first program of a boot (test/boot/explain.t): what explain and pagewalk print
 * for people and for programs, between markers; the host judges it.
 */
#include <asm/ioctls.h>
#include <asm/termios.h>
#include "rows.h"

#define RW		(PROT_READ | PROT_WRITE)
#define ADDRESSES	100000u
#define WINDOWS_MAX	32
#define LINE		20

static struct {
	u64 start, end;
} windows[WINDOWS_MAX];
static unsigned nr_windows;
static char text[32 * 1024];

static void read_windows(void)
{
	const char *p;

	CHECK(read_file("/proc/pagewalk/windows", text, sizeof(text)) > 0, "windows can be read");
	for (p = text; *p && nr_windows < WINDOWS_MAX; p = next_line(p)) {
		windows[nr_windows].start = parse_hex(p, &p);
		windows[nr_windows++].end = parse_hex(p + 1, &p);
	}
	CHECK(nr_windows > 8, "%u windows", nr_windows);
}

/* Written, read, without rights, empty, and far away from each other. */
static void make_tables(void)
{
	ulong at = EMPTY_PLACE;
	volatile u8 *p = map_at(at, 64 * PAGE_SIZE, RW);
	unsigned i;

	for (i = 0; i < 16; i += 2)
		p[i * PAGE_SIZE] = 1;
	for (i = 16; i < 24; i++)
		(void)p[i * PAGE_SIZE];
	for (i = 24; i < 32; i++)
		p[i * PAGE_SIZE] = 1;
	sys_mprotect((void *)(p + 24 * PAGE_SIZE), 8 * PAGE_SIZE, PROT_NONE);
	p = map_at(at + 3 * TABLE_SPAN, 5 * TABLE_SPAN, RW);
	for (i = 0; i < 5; i++)
		p[i * TABLE_SPAN + i * PAGE_SIZE] = 1;
}

static u64 near(ulong at, u64 *state)
{
	return at + next_random(state) % (64 * PAGE_SIZE);
}

static u64 in_window(u64 *state)
{
	unsigned i = (unsigned)(next_random(state) % nr_windows);
	u64 size = windows[i].end - windows[i].start;

	size = size ? next_random(state) % size : 0;
	return windows[i].start + (LONG64 ? size : (u32)size);
}

static u64 random_address(u64 *state)
{
	u64 any = next_random(state);

	switch (next_random(state) % 10) {
	case 0:
		return near(EMPTY_PLACE, state);
	case 1:
		return near((ulong)&make_tables & -(ulong)PAGE_SIZE, state);
	case 2:
		return near(task_size() - 64 * PAGE_SIZE, state);
	case 3:
		return near(EMPTY_PLACE + 3 * TABLE_SPAN + any % 5 * TABLE_SPAN, state);
	case 4:
		return any % task_size();
	case 5:
		return LONG64 ? any | 0xffff800000000000ull : task_size() | (u32)any;
	case 6:
		return LONG64 ? any : (u32)any;
	default:
		return in_window(state);
	}
}

static __noreturn void feed(int fd)
{
	static char out[200 * LINE];
	u64 state = 20261127;
	size_t used = 0;
	unsigned i;

	for (i = 0; i < ADDRESSES; i++) {
		used += (size_t)snprintf(out + used, sizeof(out) - used, "%llx\n",
					 (unsigned long long)random_address(&state));
		if (used > sizeof(out) - LINE || i == ADDRESSES - 1) {
			sys_write(fd, out, used);
			used = 0;
		}
	}
	exit(0);
}

static __noreturn void exec_pagewalk(int from, int pid)
{
	static const char *const envp[] = { "PATH=/bin", NULL };
	char number[16];
	const char *const argv[] = { "/bin/pagewalk", "--raw", "-", number, NULL };

	snprintf(number, sizeof(number), "%d", pid);
	sys_dup2(from, 0);
	exit((int)-sys_execve(argv[0], argv, envp));
}

/* ---- tables of a process that ends ------------------------------------------------------ */

#define DYING_ROUNDS	40
#define DYING_AT	0x20000000ul
#define DYING_TABLES	(LONG64 ? 3000ul : 600ul)
#define DYING_SPAN	((LONG64 ? 2ul : 4ul) * 1024 * 1024)	/* of a page table */
#define CHURN_PAGES	1536u

static volatile int *dying_ready;

/* Many tables, and nothing in them. */
static int have_tables(void *unused)
{
	volatile u8 *p = sys_mmap((void *)DYING_AT, DYING_TABLES * DYING_SPAN,
				  PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS |
				  MAP_NORESERVE | MAP_FIXED, -1, 0);
	ulong i;

	for (i = 0; i < DYING_TABLES; i++)
		p[i * DYING_SPAN] = 1;
	sys_madvise((void *)p, DYING_TABLES * DYING_SPAN, MADV_DONTNEED);
	*dying_ready = 1;
	for (;;)
		sleep_ms(1000);
}

static int victim;

/* Kill it a little later, and fill what frames become free with what looks like entries. */
static int kill_and_fill(void *delay)
{
	ulong i, *p;

	sleep_ms((unsigned)(ulong)delay);
	sys_kill(victim, 9);
	for (;;) {
		p = map_anon(CHURN_PAGES * PAGE_SIZE);
		for (i = 0; i < CHURN_PAGES * PAGE_SIZE / sizeof(*p); i++)
			p[i] = (i % 20000) << 12 | 0x67;
		sys_munmap(p, CHURN_PAGES * PAGE_SIZE);
	}
}

enum dying { GONE, STRANGE, ALIVE };

/*
 * Walk from the victim's empty tables on until it has no tables any more; STRANGE: one of them
 * claims to be a page; ALIVE: it does not end.
 */
static enum dying read_dying(int fd)
{
	u64 end = now_ns() + 10 * 1000000000ull;
	struct pagewalk_walk w;

	while (now_ns() < end) {
		if (sys_pread(fd, &w, sizeof(w), DYING_AT) != (long)sizeof(w) || w.pid != victim)
			return GONE;
		if (w.address - DYING_AT < DYING_TABLES * DYING_SPAN)
			return STRANGE;
	}
	return ALIVE;
}

/* A file that walks the tables of the victim, what is present there. */
static int open_walk(void)
{
	int fd = (int)sys_open("/proc/pagewalk/walk", O_RDWR, 0);
	char pid[24];
	long n = snprintf(pid, sizeof(pid), "pid=%d", victim);

	CHECK_EQ(sys_write(fd, pid, (size_t)n), n, "walk: %s", pid);
	CHECK_EQ(sys_write(fd, "holes=hidden", 12), 12, "walk: holes=hidden");
	return fd;
}

/* Whose tables are read may end at any time: what its frames become then is not shown. */
static void walk_of_the_dying(void)
{
	unsigned round, ends[3] = { 0 };
	long filler;
	int fd;

	dying_ready = (volatile int *)map_shared(PAGE_SIZE);
	for (round = 0; round < DYING_ROUNDS; round++) {
		*dying_ready = 0;
		victim = (int)spawn(have_tables, NULL);
		while (!*dying_ready)
			sleep_ms(1);
		fd = open_walk();
		filler = spawn(kill_and_fill, (void *)(ulong)(1 + round % 20));
		if (!CHECK(filler > 0, "fork: error %ld", -filler))
			exit(1);
		ends[read_dying(fd)]++;
		sys_close(fd);
		sys_kill((int)filler, 9);
		wait_for(victim);
		wait_for((int)filler);
	}
	CHECK_EQ(ends[STRANGE], 0, "walks of %u that show pages where there were none", DYING_ROUNDS);
	CHECK_EQ(ends[GONE], DYING_ROUNDS, "walks that went on until there were no tables");
}

static void pagewalk_random(void)
{
	int fds[2], self = (int)sys_getpid();
	long feeder, walker;

	read_windows();
	make_tables();
	printf("walk %d\n", self);
	sys_pipe(fds);
	feeder = sys_fork();
	if (!feeder) {
		sys_close(fds[0]);
		feed(fds[1]);
	}
	sys_close(fds[1]);
	walker = sys_fork();
	if (!walker)
		exec_pagewalk(fds[0], self);
	sys_close(fds[0]);
	CHECK_EQ(wait_for((int)walker), 0, "wait status of pagewalk: its views agree");
	printf("walk end\n");
	CHECK_EQ(wait_for((int)feeder), 0, "wait status of the child that makes addresses");
	walk_of_the_dying();
}
TEST(PAGEWALK, pagewalk_random);

/* ---- what people and programs see ------------------------------------------------------------ */

/* "== NAME", what it prints, "== NAME STATUS". */
static void show(const char *name, const char *const *argv)
{
	static const char *const envp[] = { "PATH=/bin", NULL };
	long pid;
	int status;

	printf("== %s\n", name);
	pid = sys_fork();
	if (!pid)
		exit((int)-sys_execve(argv[0], argv, envp));
	status = wait_for((int)pid);
	printf("== %s %d\n", name, status & 0x7f ? -1 : status >> 8);
}

#define SHOW(name, ...) show(name, (const char *const[]){ __VA_ARGS__, NULL })

static void set_columns(unsigned columns)
{
	struct winsize w = { .ws_row = columns ? 40 : 0, .ws_col = (unsigned short)columns };

	CHECK_EQ(sys_ioctl(1, TIOCSWINSZ, &w), 0, "TIOCSWINSZ, %u columns", columns);
}

/* Beside the live picture on screens of 1280x800 and 800x600. */
static void show_on_widths(const char *at, const char *none, const char *pid)
{
	set_columns(78);
	SHOW("walk-78", "/bin/pagewalk", at, pid);
	SHOW("none-78", "/bin/pagewalk", none, pid);
	set_columns(49);
	SHOW("walk-49", "/bin/pagewalk", at, pid);
	SHOW("none-49", "/bin/pagewalk", none, pid);
	set_columns(0);			/* as it was */
}

static void show_tools(void)
{
	volatile u8 *p = map_at(EMPTY_PLACE, 2 * PAGE_SIZE, RW);
	volatile u8 *q = map_at(EMPTY_PLACE + 16 * PAGE_SIZE, PAGE_SIZE, RW);
	char none[24], at[24], hole[24], pid[16], frame[24], kernel[24];
	u64 pfn;

	p[5] = 1;
	sys_madvise((void *)p, 2 * PAGE_SIZE, MADV_DONTFORK);	/* it stays writable */
	pfn = pw_pfn(p);
	CHECK(pfn != 0, "the page has a frame");
	q[0] = 1;
	sys_mprotect((void *)q, PAGE_SIZE, PROT_NONE);
	snprintf(none, sizeof(none), "%#lx", (ulong)q);
	snprintf(at, sizeof(at), "%#lx", (ulong)p + 5);
	snprintf(hole, sizeof(hole), "%#lx", (ulong)p + 64 * PAGE_SIZE);
	snprintf(kernel, sizeof(kernel), "%#llx", LONG64 ? 0xffff888000200000ull : 0xc0200000ull);
	snprintf(pid, sizeof(pid), "%ld", sys_getpid());
	snprintf(frame, sizeof(frame), "%#llx", (unsigned long long)pfn);
	printf("== facts pid %s at %s frame %s\n", pid, at, frame);
	SHOW("explain-json", "/bin/explain", "--json", "/bin/hello");
	SHOW("explain", "/bin/explain", "/bin/hello");
	SHOW("walk-json", "/bin/pagewalk", "--json", at, pid);
	SHOW("walk", "/bin/pagewalk", at, pid);
	SHOW("hole", "/bin/pagewalk", hole, pid);
	show_on_widths(at, none, pid);
	SHOW("kernel", "/bin/pagewalk", kernel, "kernel");
	SHOW("kernel-json", "/bin/pagewalk", "--json", kernel, "kernel");
	SHOW("frame", "/bin/pagewalk", "--frame", frame);
	SHOW("frame-json", "/bin/pagewalk", "--json", "--frame", frame);
	SHOW("odd", "/bin/pagewalk", LONG64 ? "0x800000000000" : "0x123456789");
	SHOW("nobody", "/bin/pagewalk", at, "30000");
	SHOW("beyond", "/bin/pagewalk", "--frame", "0xfffffff");
	SHOW("absent", "/bin/pagewalk", "--frame", "0xa0");
	SHOW("word", "/bin/pagewalk", "hello");
	SHOW("nothing", "/bin/pagewalk");
	SHOW("option", "/bin/explain", "--all");
	SHOW("number", "/bin/explain", "--pid", "x");
	SHOW("missing", "/bin/explain", "/bin/nothing");
}
TEST(TOOLS, show_tools);
