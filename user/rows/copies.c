/* SPDX-License-Identifier: MIT */
/*
 * User copies and the faults that the kernel takes itself (catalogue X2, X5, X7, X8, X10,
 * X12, X13, X15, X16, N7).  The kernel's part is behind the knob exc=WHAT:ADDR
 * (test/kernel/exc_rows.c).
 */
#include <linux/kernel-page-flags.h>
#include "counting.h"
#include "rows.h"

#define SIGSEGV		11
#define MAPERR		1
#define ACCERR		2
#define RW		(PROT_READ | PROT_WRITE)

static void exc_knob(const char *what, ulong addr)
{
	char text[48];

	snprintf(text, sizeof(text), "exc=%s:%#lx", what, addr);
	CHECK_EQ(pw_knob(text), 0, "knob %s", text);
}

/* ---- X2: the table of reasons --------------------------------------------------- */

/* What one fault adds; everything else of the table adds nothing. */
struct x2_reason {
	const char *what;
	u64 total, pgfault, fixup, kernel_mode, vmalloc, zero, anon, zero_cow, copy, file;
	u64 cache, pages_read, requests, maj;
	long min;			/* of getrusage */
	int sig;
};

static const struct {
	const char *name;
	size_t offset;
} x2_columns[] = {
	{ "fault_total", offsetof(struct x2_reason, total) },
	{ "pgfault", offsetof(struct x2_reason, pgfault) },
	{ "fault_fixup", offsetof(struct x2_reason, fixup) },
	{ "kernel_mode_faults", offsetof(struct x2_reason, kernel_mode) },
	{ "fault_vmalloc", offsetof(struct x2_reason, vmalloc) },
	{ "zero_maps", offsetof(struct x2_reason, zero) },
	{ "anon_new", offsetof(struct x2_reason, anon) },
	{ "zero_cows", offsetof(struct x2_reason, zero_cow) },
	{ "cow_copies", offsetof(struct x2_reason, copy) },
	{ "file_maps", offsetof(struct x2_reason, file) },
	{ "swap_cache_hits", offsetof(struct x2_reason, cache) },
	{ "pswpin", offsetof(struct x2_reason, pages_read) },
	{ "swap_requests", offsetof(struct x2_reason, requests) },
	{ "pgmajfault", offsetof(struct x2_reason, maj) },
};

static void x2_faults(long *min, long *maj)
{
	long usage[18] = { 0 };		/* two timevals, then 14 longs: minflt is the fifth */

	syscall2(__NR_getrusage, 0, (long)usage);
	*min = usage[4 + 4];
	*maj = usage[4 + 5];
}

static long x2_min, x2_maj;
static unsigned x2_done;

static void x2_begin(void)
{
	long min, maj;

	start_count();
	x2_faults(&min, &maj);
	pw_snapshot(&before);
	x2_faults(&x2_min, &x2_maj);
}

static void x2_end(const struct x2_reason *e)
{
	long min, maj;
	unsigned i;

	x2_faults(&min, &maj);
	pw_snapshot(&after);
	for (i = 0; i < ARRAY_SIZE(x2_columns); i++)
		CHECK_EQ(growth(x2_columns[i].name),
			 *(const u64 *)((const char *)e + x2_columns[i].offset), "%s: %s",
			 e->what, x2_columns[i].name);
	CHECK_EQ(growth("spurious_faults"), 0, "%s: spurious_faults", e->what);
	CHECK_EQ(min - x2_min, e->min, "%s: ru_minflt", e->what);
	CHECK_EQ(maj - x2_maj, e->maj, "%s: ru_majflt", e->what);
	x2_done++;
}

static void x2_access(enum access kind, ulong addr, const struct x2_reason *e)
{
	struct caught c;

	x2_begin();
	c = catch_access(kind, addr);
	x2_end(e);
	CHECK_EQ(c.sig, e->sig, "%s: signal", e->what);
}

/* A region that grows down, below where the stack is: one step of it at a time. */
static ulong x2_growing(void)
{
	ulong at = EMPTY_PLACE + 512 * PAGE_SIZE;

	sys_mmap((void *)at, PAGE_SIZE, RW,
		 MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE | MAP_GROWSDOWN, -1, 0);
	return at;
}

/* A page of this program's file that nobody has touched in this map, but is cached. */
static ulong x2_file_page(void)
{
	long fd = sys_open("/proc/self/exe", O_RDONLY, 0);
	char *p = sys_mmap(NULL, PAGE_SIZE, PROT_READ, MAP_PRIVATE, (int)fd, 0);

	sys_close((int)fd);
	return (ulong)p;
}

static void x2_user(void)
{
	ulong at = (ulong)map_at(EMPTY_PLACE, 8 * PAGE_SIZE, RW), grow = x2_growing();
	ulong file = x2_file_page();

	x2_access(ACCESS_READ, at, &(struct x2_reason){
		  "valid, not present, read", .total = 1, .pgfault = 1, .zero = 1, .min = 1 });
	x2_access(ACCESS_WRITE, at, &(struct x2_reason){
		  "write to the zero page", .total = 1, .pgfault = 1, .zero_cow = 1, .min = 1 });
	x2_access(ACCESS_WRITE, at + PAGE_SIZE, &(struct x2_reason){
		  "valid, not present, write", .total = 1, .pgfault = 1, .anon = 1, .min = 1 });
	x2_access(ACCESS_WRITE, grow - PAGE_SIZE, &(struct x2_reason){
		  "just below a growing stack", .total = 1, .pgfault = 1, .anon = 1, .min = 1 });
	x2_access(ACCESS_READ, file, &(struct x2_reason){
		  "file page in the cache", .total = 1, .pgfault = 1, .file = 1, .min = 1 });
	x2_access(ACCESS_READ, at + 64 * PAGE_SIZE, &(struct x2_reason){
		  "no region", .total = 1, .sig = SIGSEGV });
	x2_access(ACCESS_WRITE, file, &(struct x2_reason){
		  "write that the region does not allow", .total = 1, .sig = SIGSEGV });
}

/* The child keeps the page shared until it ends. */
static int x2_nothing(int command)
{
	return 0;
}

static void x2_cow(void)
{
	ulong at = EMPTY_PLACE + PAGE_SIZE;
	struct child c;
	long min, maj;

	catch_access(ACCESS_WRITE, at);
	child_start(&c, x2_nothing);
	child_do(&c, 0);
	/* The parent's own pages are shared too: it writes to them before it counts. */
	x2_begin();
	catch_access(ACCESS_READ, at);
	x2_faults(&min, &maj);
	pw_snapshot(&after);
	CHECK(!growth("pgmajfault"), "a major fault");
	x2_access(ACCESS_WRITE, at, &(struct x2_reason){
		  "write to a shared page", .total = 1, .pgfault = 1, .copy = 1, .min = 1 });
	child_end(&c);
}

/* Two pages go out to neighbouring slots: the fault of one reads both. */
static void x2_swap(void)
{
	ulong at = EMPTY_PLACE + 3 * PAGE_SIZE;

	catch_access(ACCESS_WRITE, at);
	catch_access(ACCESS_WRITE, at + PAGE_SIZE);
	CHECK_EQ(sys_madvise((void *)at, 2 * PAGE_SIZE, MADV_PAGEOUT), 0, "MADV_PAGEOUT");
	x2_access(ACCESS_READ, at, &(struct x2_reason){
		  "swapped out, on the device", .total = 1, .pgfault = 1, .pages_read = 2,
		  .requests = 1, .maj = 1 });
	x2_access(ACCESS_READ, at + PAGE_SIZE, &(struct x2_reason){
		  "swapped out, in the swap cache", .total = 1, .pgfault = 1, .cache = 1, .min = 1 });
}

static void x2_kernel(void)
{
	ulong at = EMPTY_PLACE + 2 * PAGE_SIZE;
	int zero = (int)sys_open("/dev/zero", O_RDONLY, 0);

	x2_begin();
	CHECK_EQ(sys_read(zero, (void *)at, 1), 1, "read into an untouched page");
	x2_end(&(struct x2_reason){ "user page, in kernel mode", .total = 1, .pgfault = 1,
				    .kernel_mode = 1, .anon = 1, .min = 1 });
	x2_begin();
	CHECK_EQ(sys_read(zero, (void *)(at + 64 * PAGE_SIZE), 1), -EFAULT, "read into a hole");
	x2_end(&(struct x2_reason){ "no region, in kernel mode", .total = 1, .fixup = 1,
				    .kernel_mode = 1 });
	sys_close(zero);
}

static void x2_vmalloc(void)
{
	volatile u64 *answer = map_shared(PAGE_SIZE);
	char text[48];
	long pid = sys_fork();

	if (pid == 0) {
		snprintf(text, sizeof(text), "v3=make:%#lx", (ulong)answer);
		exit(pw_knob(text) ? 1 : 0);
	}
	CHECK_EQ(wait_for((int)pid), 0, "wait status of the child that asked for an area");
	snprintf(text, sizeof(text), "v3=touch:%#lx", (ulong)*answer);
	x2_begin();
	CHECK_EQ(pw_knob(text), 0, "the pattern in the area");
	x2_end(&(struct x2_reason){ "kernel vmalloc", .total = !LONG64, .vmalloc = !LONG64 });
	CHECK_EQ(pw_knob("v3=drop"), 0, "knob v3=drop");
}

static void x2_reasons(void)
{
	catch_begin();
	catch_access(ACCESS_READ, 64);		/* the handler's own pages */
	x2_begin();
	x2_end(&(struct x2_reason){ "nothing" });
	x2_user();
	x2_cow();
	x2_swap();
	x2_kernel();
	x2_vmalloc();
	catch_end();
	CHECK_INFO("%u reasons, 17 columns each: 1 where it belongs, 0 elsewhere", x2_done);
}
TEST(X2, x2_reasons);

/* ---- a second thread ------------------------------------------------------------ */

#define THREAD_STACK	(4 * PAGE_SIZE)

/*
 * fn(arg) in a process that shares our memory and files, on a stack of its own.  The stack
 * holds what the new one starts with: its function and its argument.
 */
static long start_sharing(void (*fn)(ulong arg), ulong arg)
{
	ulong *top = (ulong *)((char *)map_anon(THREAD_STACK) + THREAD_STACK) - 8;
	ulong flags = CLONE_VM | CLONE_FILES | 17 /* SIGCHLD */;
	long ret;

	top[0] = (ulong)fn;
	top[1] = arg;
#ifdef __x86_64__
	register long r10 __asm__("r10") = 0;
	register long r8 __asm__("r8") = 0;

	__asm__ volatile("syscall\n"
			 "	test %%rax, %%rax\n"
			 "	jnz 1f\n"
			 "	xor %%ebp, %%ebp\n"
			 "	pop %%rax\n"
			 "	pop %%rdi\n"
			 "	call *%%rax\n"
			 "	ud2\n"
			 "1:" : "=a"(ret)
			 : "0"(__NR_clone), "D"(flags), "S"(top), "d"(0), "r"(r10), "r"(r8)
			 : "rcx", "r11", "memory");
#else
	__asm__ volatile("int $0x80\n"
			 "	test %%eax, %%eax\n"
			 "	jnz 1f\n"
			 "	xor %%ebp, %%ebp\n"
			 "	pop %%eax\n"
			 "	call *%%eax\n"
			 "	ud2\n"
			 "1:" : "=a"(ret)
			 : "0"(__NR_clone), "b"(flags), "c"(top), "d"(0), "S"(0), "D"(0)
			 : "memory");
#endif
	return ret;
}

/* ---- X5 ------------------------------------------------------------------------- */

static int x5_pipe[2];

static void x5_unmap(ulong addr)
{
	sleep_ms(10);
	sys_munmap((void *)addr, 2 * PAGE_SIZE);
	sys_write(x5_pipe[1], "x", 1);
	sys_exit(0);
}

/* The page is there when the call begins; another thread takes it away while it sleeps. */
static void x5_blocked_read(void)
{
	volatile u8 *p = map_at(EMPTY_PLACE, 2 * PAGE_SIZE, RW);
	long pid;
	u8 byte;

	p[0] = 1;
	pid = start_sharing(x5_unmap, (ulong)p);
	CHECK_EQ(sys_read(x5_pipe[0], (void *)p, 1), -EFAULT,
		 "read(2) into a page that went away while it waited");
	CHECK_EQ(wait_for((int)pid), 0, "wait status of the other thread");
	CHECK_EQ(sys_read(x5_pipe[0], &byte, 1), 1, "the byte is still in the pipe");
}

static void x5_stalled_copy(void)
{
	volatile u8 *p = map_at(EMPTY_PLACE, 2 * PAGE_SIZE, RW);
	long pid;
	u8 byte;

	p[0] = p[PAGE_SIZE] = 1;
	pid = start_sharing(x5_unmap, (ulong)p);
	exc_knob("stall", (ulong)p);
	CHECK_EQ(wait_for((int)pid), 0, "wait status of the other thread");
	sys_read(x5_pipe[0], &byte, 1);
}

static void x5_table(void)
{
	sys_pipe(x5_pipe);
	exc_knob("force", EMPTY_PLACE + 8 * PAGE_SIZE);
	x5_stalled_copy();
	x5_blocked_read();
}
TEST(X5, x5_table);

/* ---- X7: served like any other -------------------------------------------------- */

#define X7_PAGES	16u

static int x7_zero;

/* One read(2) or write(2) of `pages` pages: faults in kernel mode, and what they did. */
static void x7_count(const char *what, long result, u64 faults, const char *counter)
{
	pw_snapshot(&after);
	CHECK_EQ(result, X7_PAGES * PAGE_SIZE, "%s: bytes", what);
	CHECK_EQ(growth("kernel_mode_faults"), faults, "%s: faults in kernel mode", what);
	CHECK_EQ(growth("pgfault"), faults, "%s: all faults", what);
	CHECK_EQ(growth("fault_fixup"), 0, "%s: fix-ups", what);
	CHECK_EQ(growth(counter), faults, "%s: %s", what, counter);
}

static void x7_anonymous(void)
{
	volatile u8 *p = map_at(EMPTY_PLACE, 4 * X7_PAGES * PAGE_SIZE, RW);
	int null = (int)sys_open("/dev/null", O_WRONLY, 0), fds[2];
	size_t n = X7_PAGES * PAGE_SIZE;
	unsigned i, sum = 0;
	long ret;

	start_count();
	ret = sys_read(x7_zero, (void *)p, n);
	x7_count("read into untouched pages", ret, X7_PAGES, "anon_new");

	for (i = 0; i < X7_PAGES; i++)
		sum += p[n + i * PAGE_SIZE];
	start_count();
	ret = sys_read(x7_zero, (void *)(p + n), n);
	x7_count("read into the zero page", ret, X7_PAGES, "zero_cows");
	start_count();
	ret = sys_read(x7_zero, (void *)p, n);
	x7_count("read into pages that are there", ret, 0, "anon_new");

	/* A pipe takes one page at a time. */
	sys_pipe(fds);
	start_count();
	ret = sys_write(fds[1], (void *)(p + 2 * n), PAGE_SIZE);
	pw_snapshot(&after);
	CHECK_EQ(ret, PAGE_SIZE, "write from an untouched page");
	CHECK_EQ(growth("kernel_mode_faults"), 1, "write from an untouched page: faults");
	CHECK_EQ(growth("zero_maps"), 1, "write from an untouched page: zero-page maps");
	sys_close(fds[0]);
	sys_close(fds[1]);
	sys_close(null);
	CHECK_EQ(sum, 0, "sum of what was read first");
	sys_munmap((void *)p, 4 * n);
}

/* Pages of this program's file, into and from a private map. */
static void x7_file(void)
{
	long fd = sys_open("/proc/self/exe", O_RDONLY, 0);
	u8 *p = sys_mmap(NULL, 4 * PAGE_SIZE, RW, MAP_PRIVATE, (int)fd, 0), first;
	int fds[2];

	first = 0;
	CHECK_EQ(sys_pread((int)fd, &first, 1, 0), 1, "first byte of the file");
	CHECK_EQ(first, 0x7f, "first byte of the file");
	sys_pipe(fds);
	start_count();
	CHECK_EQ(sys_write(fds[1], p + 5, 64), 64, "write from a file page");
	pw_snapshot(&after);
	CHECK_EQ(growth("kernel_mode_faults"), 1, "write from a file page: faults in kernel mode");
	CHECK(growth("file_maps") >= 1, "write from a file page: no file page was mapped");
	start_count();
	CHECK_EQ(sys_read(fds[0], p + 5, 64), 64, "read into a private file page");
	pw_snapshot(&after);
	CHECK_EQ(growth("kernel_mode_faults"), 1, "read into a file page: faults in kernel mode");
	CHECK_EQ(growth("cow_copies"), 1, "read into a file page: copies");
	CHECK_EQ(p[0], 0x7f, "the rest of the private copy");
	sys_close(fds[0]);
	sys_close(fds[1]);
	sys_munmap(p, 4 * PAGE_SIZE);
	sys_close((int)fd);
}

/* The kernel grows the stack too (abi.md has it of Linux). */
static void x7_stack(void)
{
	volatile u8 here = 0;
	u8 *below = (u8 *)((((ulong)&here) - 40 * PAGE_SIZE) & -PAGE_SIZE);

	start_count();
	CHECK_EQ(sys_read(x7_zero, below, 1), 1, "read below the stack, inside its limit");
	pw_snapshot(&after);
	CHECK_EQ(growth("kernel_mode_faults"), 1, "read below the stack: faults in kernel mode");
}

static void x7_served(void)
{
	x7_zero = (int)sys_open("/dev/zero", O_RDONLY, 0);
	x7_anonymous();
	x7_file();
	x7_stack();
	CHECK_INFO("untouched, zero page, file page, stack: a fault in kernel mode for each page, none before the copy");
}
TEST(X7, x7_served);

/* ---- X8 ------------------------------------------------------------------------- */

static void x8_interrupt(void)
{
	volatile u8 *p = map_at(EMPTY_PLACE, 2 * PAGE_SIZE, RW);

	p[0] = 0xa5;
	exc_knob("irq-present", (ulong)p);
	exc_knob("irq-absent", (ulong)p + PAGE_SIZE);
	CHECK_INFO("in the timer interrupt: error at once, page still absent; the same call in the task serves it");
}
TEST(X8, x8_interrupt);

/* ---- X10 ------------------------------------------------------------------------ */

static unsigned kernel_faults(u64 seq, struct pagewalk_event *found, unsigned max)
{
	static struct pagewalk_event events[256];
	unsigned i, k = 0, n = pw_trace(seq, events, ARRAY_SIZE(events));
	u32 self = (u32)sys_getpid();

	for (i = 0; i < n; i++)
		if (events[i].kind == TRACE_FAULT && events[i].pid == self &&
		    !(events[i].arg[1] & 4) && k < max)
			found[k++] = events[i];
	return k;
}

/* 8 bytes, half of them on either page, both untouched: by one instruction or by two? */
static void x10_loads(void)
{
	ulong seam = (ulong)map_at(EMPTY_PLACE, 2 * PAGE_SIZE, RW) + PAGE_SIZE;
	struct pagewalk_event fault[4];
	u64 seq;

	pw_knob("trace=1");
	kernel_faults(0, fault, ARRAY_SIZE(fault));	/* its own pages */
	seq = pw_trace_seq();
	exc_knob("get8", seam - 4);
	CHECK_EQ(kernel_faults(seq, fault, ARRAY_SIZE(fault)), 2, "faults of get_user of 8 bytes");
	pw_knob("trace=0");
	CHECK_EQ(fault[0].arg[0], seam - 4, "address of the first");
	CHECK_EQ(fault[1].arg[0], seam, "address of the second");
	CHECK_EQ(fault[0].arg[2] == fault[1].arg[2], LONG64, "both at one instruction");
	sys_munmap((void *)(seam - PAGE_SIZE), 2 * PAGE_SIZE);
}

static void x10_copies(void)
{
	volatile u8 *p = map_at(EMPTY_PLACE, 4 * PAGE_SIZE, RW);
	unsigned i;

	for (i = 0; i < 4; i++)
		p[i * PAGE_SIZE] = 1;
	sys_munmap((void *)(p + 3 * PAGE_SIZE), PAGE_SIZE);
	exc_knob("seam-absent", (ulong)p + 3 * PAGE_SIZE);
	map_at((ulong)p + 3 * PAGE_SIZE, PAGE_SIZE, PROT_READ);
	(void)p[3 * PAGE_SIZE];
	exc_knob("seam-readonly", (ulong)p + 3 * PAGE_SIZE);
	for (i = 0; i < PAGE_SIZE; i++)
		if (p[3 * PAGE_SIZE + i])
			break;
	CHECK_EQ(i, PAGE_SIZE, "bytes of the read-only page that are zero");
	sys_munmap((void *)p, 4 * PAGE_SIZE);
	x10_loads();
	CHECK_INFO("5 x 9001 lengths x 8 alignments, exact; 8 bytes are %s", LONG64 ? "one load" : "two loads");
}
TEST(X10, x10_copies);

/* ---- X12 ------------------------------------------------------------------------ */

static void x12_calls(char *seam)
{
	char path[] = "/dev/null";
	size_t n = sizeof(path);
	long fd;

	memcpy(seam - n, path, n);
	fd = sys_open(seam - n, O_RDONLY, 0);
	CHECK(fd >= 0, "open of a path that ends at a seam: error %ld", -fd);
	sys_close((int)fd);
	memcpy(seam - n + 1, path, n - 1);
	CHECK_EQ(sys_open(seam - n + 1, O_RDONLY, 0), -EFAULT, "open of a path that does not end");
	CHECK_EQ(sys_open(seam, O_RDONLY, 0), -EFAULT, "open of a path that is not there");
	memset(seam - 8, 'x', 8);
}

static void x12_strings(void)
{
	char *p = map_at(EMPTY_PLACE, PAGE_SIZE, RW);

	memset(p, 'x', PAGE_SIZE);
	exc_knob("strings", (ulong)p + PAGE_SIZE);
	x12_calls(p + PAGE_SIZE);
	CHECK_INFO("strings of 0 to 40 characters at a seam: length, copy, EFAULT");
}
TEST(X12, x12_strings);

/* ---- X13, N7 -------------------------------------------------------------------- */

static int x13_zero;

static bool all_are(const volatile u8 *p, size_t n, u8 value)
{
	size_t i;

	for (i = 0; i < n && p[i] == value; i++)
		;
	return i == n;
}

static void x13_readonly(void)
{
	volatile u8 *p = map_at(EMPTY_PLACE, 2 * PAGE_SIZE, RW);
	u64 frame;

	p[0] = p[1] = 0x5a;
	p[PAGE_SIZE] = 1;
	sys_mprotect((void *)p, PAGE_SIZE, PROT_READ);
	frame = pw_pfn(p);
	start_count();
	CHECK_EQ(sys_read(x13_zero, (void *)p, 2), -EFAULT, "read into a read-only page");
	CHECK_EQ(syscall2(__NR_clock_gettime, CLOCK_MONOTONIC, (long)p), -EFAULT,
		 "a structure for a read-only page");
	CHECK_EQ(sys_read(x13_zero, (void *)(ulong)probe_ret, 1), -EFAULT, "read into text");
	pw_snapshot(&after);
	CHECK(p[0] == 0x5a && p[1] == 0x5a, "the read-only page has changed");
	CHECK_EQ(*(const u8 *)probe_ret, 0xc3, "the text");
	CHECK_EQ(pw_pfn(p), frame, "frame of the read-only page");
	CHECK_EQ(growth("cow_copies") + growth("cow_reuses"), 0, "pages copied or reused");
	sys_mprotect((void *)p, PAGE_SIZE, PROT_NONE);
	CHECK_EQ(sys_read(x13_zero, (void *)p, 2), -EFAULT, "read into PROT_NONE");
	sys_mprotect((void *)p, PAGE_SIZE, RW);
	CHECK_EQ(sys_read(x13_zero, (void *)p, 1), 1, "read into the page, writable again");
	CHECK(p[0] == 0 && p[1] == 0x5a, "the byte read");
	sys_munmap((void *)p, 2 * PAGE_SIZE);
}

/* To a page shared by fork: a copy of the writer's own.  fd gives zeros. */
static volatile u8 *cow_page;

static int cow_step(int command)
{
	u64 frame = pw_pfn(cow_page);
	long ret;

	start_count();
	ret = sys_read(x13_zero, (void *)(cow_page + 7), 100);
	pw_snapshot(&after);
	if (ret != 100 || growth("cow_copies") != 1 || growth("kernel_mode_faults") != 1)
		return 1;
	if (pw_pfn(cow_page) == frame)
		return 2;
	if (!all_are(cow_page + 7, 100, 0) || cow_page[6] != 0x77 || cow_page[107] != 0x77)
		return 3;
	return 0;
}

static void cow_by_kernel(void)
{
	struct child c;
	u64 frame;

	cow_page = map_at(EMPTY_PLACE, PAGE_SIZE, RW);
	memset((void *)cow_page, 0x77, PAGE_SIZE);
	frame = pw_pfn(cow_page);
	child_start(&c, cow_step);
	CHECK_EQ(child_do(&c, 0), 0, "the child: 1 counters, 2 frame, 3 contents");
	CHECK_EQ(pw_pfn(cow_page), frame, "the parent's frame");
	CHECK(all_are(cow_page, PAGE_SIZE, 0x77), "the parent's page has changed");
	CHECK_EQ(child_end(&c), 0, "wait status of the child");
	/* And the other direction: the parent writes by the kernel, the child stays. */
	child_start(&c, cow_step);
	CHECK_EQ(sys_read(x13_zero, (void *)cow_page, PAGE_SIZE), PAGE_SIZE, "read in the parent");
	CHECK(all_are(cow_page, PAGE_SIZE, 0), "the parent does not see what it has read");
	child_end(&c);
	sys_munmap((void *)cow_page, PAGE_SIZE);
}

static void x13_protection(void)
{
	x13_zero = (int)sys_open("/dev/zero", O_RDONLY, 0);
	x13_readonly();
	cow_by_kernel();
	CHECK_INFO("read-only, text, PROT_NONE: EFAULT and not a byte; shared: a private copy");
}
TEST(X13, x13_protection);

/* N7 proper: every page of a buffer, filled by one read(2) from a file. */
#define N7_PAGES	16u

static int n7_step(int command)
{
	unsigned i, wrong = 0;
	long ret;

	start_count();
	ret = sys_read(x13_zero, (void *)cow_page, N7_PAGES * PAGE_SIZE);
	pw_snapshot(&after);
	for (i = 0; i < N7_PAGES; i++)
		wrong += !all_are(cow_page + i * PAGE_SIZE, PAGE_SIZE, 0);
	return ret != N7_PAGES * (long)PAGE_SIZE ? 1 : growth("cow_copies") != N7_PAGES ? 2 :
	       growth("kernel_mode_faults") != N7_PAGES ? 3 : wrong ? 4 : 0;
}

static void n7_kernel_writes(void)
{
	static u64 frame[N7_PAGES];
	unsigned i, moved = 0, changed = 0;
	struct child c;

	x13_zero = (int)sys_open("/dev/zero", O_RDONLY, 0);
	cow_page = map_at(EMPTY_PLACE, N7_PAGES * PAGE_SIZE, RW);
	for (i = 0; i < N7_PAGES; i++) {
		memset((void *)(cow_page + i * PAGE_SIZE), (int)i + 1, PAGE_SIZE);
		frame[i] = pw_pfn(cow_page + i * PAGE_SIZE);
	}
	child_start(&c, n7_step);
	CHECK_EQ(child_do(&c, 0), 0, "the child's read: 1 result, 2 copies, 3 faults, 4 contents");
	for (i = 0; i < N7_PAGES; i++) {
		moved += pw_pfn(cow_page + i * PAGE_SIZE) != frame[i];
		changed += !all_are(cow_page + i * PAGE_SIZE, PAGE_SIZE, (u8)(i + 1));
	}
	CHECK_EQ(changed, 0, "pages of the parent that changed when the child read into its own");
	CHECK_EQ(moved, 0, "pages of the parent in another frame");
	CHECK_EQ(child_end(&c), 0, "wait status of the child");
	start_count();
	CHECK_EQ(sys_read(x13_zero, (void *)cow_page, N7_PAGES * PAGE_SIZE), N7_PAGES * PAGE_SIZE,
		 "the last owner's read");
	pw_snapshot(&after);
	CHECK_EQ(growth("cow_reuses"), N7_PAGES, "pages reused by the last owner");
	CHECK_EQ(growth("cow_copies"), 0, "pages copied by the last owner");
	CHECK_INFO("%u pages read into by the child: parent as before; the last owner reuses them",
		   N7_PAGES);
}
TEST(N7, n7_kernel_writes);

/* ---- X15 ------------------------------------------------------------------------ */

static void x15_jump(ulong addr, bool nx, const char *what)
{
	struct caught c;

	*(volatile u8 *)addr = 0xc3;		/* ret */
	c = catch_access(ACCESS_JUMP, addr);
	CHECK_EQ(c.sig, nx ? SIGSEGV : 0, "jump to %s: signal", what);
	if (!nx)
		return;
	CHECK_EQ(c.code, ACCERR, "jump to %s: si_code", what);
	CHECK_EQ(c.addr, addr, "jump to %s: si_addr", what);
	CHECK_EQ(c.err, 0x15, "jump to %s: error code: present, user, fetch", what);
	CHECK_EQ(c.ip, addr, "jump to %s: instruction", what);
}

static u8 x15_data[16] = { 1 }, x15_bss[16];

static void x15_execute(void)
{
	ulong at = (ulong)map_at(EMPTY_PLACE, 2 * PAGE_SIZE, RW);
	bool nx = row_number(0) & 1;
	u8 on_stack[16];

	CHECK_EQ(nx, LONG64, "NX in these tables: four levels have it, two levels cannot");
	catch_begin();
	x15_jump((ulong)on_stack, nx, "the stack");
	x15_jump((ulong)x15_data, nx, "data");
	x15_jump((ulong)x15_bss, nx, "bss");
	x15_jump(at + 5, nx, "anonymous memory");
	sys_mprotect((void *)at, PAGE_SIZE, RW | PROT_EXEC);
	x15_jump(at + 5, false, "memory made executable");
	sys_mprotect((void *)at, PAGE_SIZE, RW);
	x15_jump(at + 5, nx, "memory made data again");
	catch_end();
	CHECK_INFO(nx ? "stack, data, bss, anonymous: SIGSEGV, ACCERR, fetch bit" :
		   "entries of 32 bits have no NX bit: stack, data, bss, anonymous run");
}
TEST(X15, x15_execute);

/* ---- X16 ------------------------------------------------------------------------ */

static void x16_guard(void)
{
	volatile u32 *p = map_at(EMPTY_PLACE, PAGE_SIZE, RW);

	*p = 0x5eed5eed;
	exc_knob("probe", (ulong)p);
}
TEST(X16, x16_guard);

/* Ends the kernel where it has the guard. */
static void stray(void)
{
	volatile u32 *p = map_at(EMPTY_PLACE, PAGE_SIZE, RW);

	*p = 0x5eed5eed;
	exc_knob("stray", (ulong)p);
	CHECK_INFO("the kernel read user memory: no guard in this processor");
}
TEST(STRAY, stray);
