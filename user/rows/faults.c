/* SPDX-License-Identifier: MIT */
/*
 * What the processor says about a fault, and what a program is told (catalogue X1, X3).
 */
#include <linux/elf.h>
#include "rows.h"

#define SIGSEGV		11
#define MAPERR		1
#define ACCERR		2
#define TRAP_PF		14

/* Bits of the error code: Intel SDM volume 3, 4.7. */
#define P	0x01u
#define W	0x02u
#define U	0x04u
#define F	0x10u

/* ---- X1: the error code of every kind of fault ---------------------------------------- */

/* What the processor can, as the kernel found it: arguments of the row. */
static u32 fetch_bit;		/* F, if it tells fetches from reads */
static bool nx, smep, smap;
static ulong kernel_address;	/* mapped */

#define X1_MAX	48

static struct x1_fault {
	ulong addr;
	u32 err;
} expected[X1_MAX];
static unsigned nr_expected;

static void expect(ulong addr, u32 err)
{
	if (nr_expected < X1_MAX)
		expected[nr_expected] = (struct x1_fault){ addr, err };
	nr_expected++;
}

/* Ring 3; sig 0 is an access that is served. */
static void x1_user(enum access kind, ulong addr, u32 err, int sig)
{
	expect(addr, err);
	CHECK_EQ(catch_access(kind, addr).sig, sig, "signal of user access %d to %#lx", kind, addr);
}

static int pipe_in, pipe_out, zero;

/* The kernel reads (for write(2)) or writes (for read(2)) one byte of ours. */
static void x1_kernel_read(ulong addr, u32 err, long result)
{
	expect(addr, err);
	CHECK_EQ(sys_write(pipe_out, (void *)addr, 1), result, "write(2) from %#lx", addr);
}

static void x1_kernel_write(ulong addr, u32 err, long result)
{
	expect(addr, err);
	CHECK_EQ(sys_read(zero, (void *)addr, 1), result, "read(2) to %#lx", addr);
}

/* The kernel without its licence to touch user memory: SMAP, SMEP. */
static void x1_knob(const char *how, ulong addr, bool faults, u32 err)
{
	char text[64];

	if (faults)
		expect(addr, err);
	snprintf(text, sizeof(text), "x1=%s:%#lx", how, addr);
	CHECK_EQ(pw_knob(text), faults ? -EFAULT : 0, "knob %s", text);
}

struct x1_places {
	ulong fresh;		/* 8 untouched pages */
	ulong readonly, none, hole, code, data_code;
};

static void x1_user_accesses(const struct x1_places *at)
{
	x1_user(ACCESS_READ, at->fresh + 5, U, 0);
	x1_user(ACCESS_WRITE, at->fresh + 7, P | W | U, 0);
	x1_user(ACCESS_WRITE, at->fresh + PAGE_SIZE + 1, W | U, 0);
	x1_user(ACCESS_READ, at->hole + 9, U, SIGSEGV);
	x1_user(ACCESS_WRITE, at->hole + 10, W | U, SIGSEGV);
	x1_user(ACCESS_JUMP, at->hole + 11, U | fetch_bit, SIGSEGV);
	x1_user(ACCESS_READ, at->readonly, U, 0);
	x1_user(ACCESS_WRITE, at->readonly + 3, P | W | U, SIGSEGV);
	x1_user(ACCESS_READ, at->none, U, SIGSEGV);
	x1_user(ACCESS_WRITE, at->none, W | U, SIGSEGV);
	x1_user(ACCESS_READ, kernel_address, P | U, SIGSEGV);
	x1_user(ACCESS_WRITE, kernel_address, P | W | U, SIGSEGV);
	x1_user(ACCESS_JUMP, kernel_address, P | U | fetch_bit, SIGSEGV);
	x1_user(ACCESS_JUMP, at->code, U | fetch_bit, 0);
	if (nx)
		x1_user(ACCESS_JUMP, at->data_code, P | U | F, SIGSEGV);
	else
		CHECK_EQ(catch_access(ACCESS_JUMP, at->data_code).sig, 0,
			 "signal of a jump to data, without NX");
}

static void x1_kernel_accesses(const struct x1_places *at)
{
	u8 byte;

	x1_kernel_read(at->fresh + 2 * PAGE_SIZE, 0, 1);
	sys_read(pipe_in, &byte, 1);
	x1_kernel_write(at->fresh + 3 * PAGE_SIZE, W, 1);
	x1_kernel_write(at->fresh + 2 * PAGE_SIZE, P | W, 1);
	x1_kernel_read(at->hole, 0, -EFAULT);
	x1_kernel_write(at->hole, W, -EFAULT);
	x1_kernel_write(at->readonly, P | W, -EFAULT);
	x1_kernel_read(at->none, 0, -EFAULT);
	x1_kernel_write(at->none, W, -EFAULT);
	/* Refused before they are touched: no fault at all. */
	CHECK_EQ(sys_write(pipe_out, (void *)kernel_address, 1), -EFAULT, "write(2) from the kernel");
	CHECK_EQ(sys_read(zero, (void *)kernel_address, 1), -EFAULT, "read(2) into the kernel");
	x1_knob("read", at->fresh, smap, P);
	x1_knob("write", at->fresh, smap, P | W);
	x1_knob("exec", at->code, smep, P | fetch_bit);
	x1_knob("exec", at->hole, true, fetch_bit);
}

/* A page of this program once more, where nobody has touched it: a RET is in it. */
static ulong map_code(void)
{
	ulong ret = (ulong)probe_ret, base = LONG64 ? 0x400000 : 0x8048000;
	long fd = sys_open("/proc/self/exe", O_RDONLY, 0);
	char *p;

	p = sys_mmap(NULL, PAGE_SIZE, PROT_READ | PROT_EXEC, MAP_PRIVATE, (int)fd,
		     (ret & -PAGE_SIZE) - base);
	sys_close((int)fd);
	return (ulong)p + ret % PAGE_SIZE;
}

static void x1_places(struct x1_places *at)
{
	volatile u8 *p;

	at->fresh = (ulong)map_at(EMPTY_PLACE, 8 * PAGE_SIZE, PROT_READ | PROT_WRITE);
	at->hole = at->fresh + 16 * PAGE_SIZE;
	at->readonly = (ulong)map_at(at->fresh + 32 * PAGE_SIZE, PAGE_SIZE, PROT_READ);
	p = map_at(at->fresh + 48 * PAGE_SIZE, PAGE_SIZE, PROT_READ | PROT_WRITE);
	p[0] = 1;
	sys_mprotect((void *)p, PAGE_SIZE, PROT_NONE);
	at->none = (ulong)p;
	p = map_at(at->fresh + 64 * PAGE_SIZE, PAGE_SIZE, PROT_READ | PROT_WRITE);
	p[0] = 0xc3;
	at->data_code = (ulong)p;
	at->code = map_code();
}

static unsigned own_faults(u64 seq, struct pagewalk_event *events, unsigned max)
{
	unsigned i, k = 0, n = pw_trace(seq, events, max);
	u32 self = (u32)sys_getpid();

	for (i = 0; i < n; i++)
		if (events[i].kind == TRACE_FAULT && events[i].pid == self)
			events[k++] = events[i];
	return k;
}

#define X1_EVENTS	1024

/* Once through all of them; the second time nothing else is touched for the first time. */
static unsigned x1_round(struct pagewalk_event *events)
{
	struct x1_places at;
	unsigned n;
	u64 seq;

	nr_expected = 0;
	x1_places(&at);
	seq = pw_trace_seq();
	x1_user_accesses(&at);
	x1_kernel_accesses(&at);
	n = own_faults(seq, events, X1_EVENTS);
	sys_munmap((void *)at.fresh, 65 * PAGE_SIZE);
	sys_munmap((void *)(at.code & -PAGE_SIZE), PAGE_SIZE);
	return n;
}

static void x1_codes(void)
{
	struct pagewalk_event *events = map_anon(X1_EVENTS * sizeof(*events));
	unsigned i, n, kinds = 0;
	u32 seen = 0;
	int fds[2];

	kernel_address = row_number(0);
	nx = row_number(1) & 1;
	smep = row_number(1) & 2;
	smap = row_number(1) & 4;
	fetch_bit = nx || smep ? F : 0;
	sys_pipe(fds);
	pipe_in = fds[0];
	pipe_out = fds[1];
	zero = (int)sys_open("/dev/zero", O_RDONLY, 0);
	CHECK_EQ(pw_knob("trace=1"), 0, "knob trace=1");
	catch_begin();
	x1_round(events);
	n = x1_round(events);
	catch_end();
	CHECK_EQ(pw_knob("trace=0"), 0, "knob trace=0");
	CHECK_EQ(n, nr_expected, "faults in the trace");
	for (i = 0; i < n && i < nr_expected; i++) {
		CHECK_EQ(events[i].arg[1], expected[i].err, "error code of fault %u at %#lx", i,
			 expected[i].addr);
		CHECK_EQ(events[i].arg[0], expected[i].addr, "address (CR2) of fault %u", i);
		seen |= 1u << events[i].arg[1];
	}
	for (; seen; seen &= seen - 1)
		kinds++;
	CHECK_INFO("%u faults, %u different error codes, each as expected", n, kinds);
}
TEST(X1, x1_codes);

/* ---- X3: the signal -------------------------------------------------------------------- */

static void x3_one(enum access kind, ulong addr, int code, ulong err, const char *what)
{
	struct caught c = catch_access(kind, addr);

	CHECK_EQ(c.sig, SIGSEGV, "%s: signal", what);
	CHECK_EQ(c.code, code, "%s: si_code", what);
	CHECK_EQ(c.addr, addr, "%s: si_addr", what);
	CHECK_EQ(c.cr2, addr, "%s: CR2 in the ucontext", what);
	CHECK_EQ(c.err, err, "%s: error code in the ucontext", what);
	CHECK_EQ(c.trap, TRAP_PF, "%s: trap number in the ucontext", what);
	CHECK_EQ(c.ip, kind == ACCESS_READ ? (ulong)probe_read_insn :
		 kind == ACCESS_WRITE ? (ulong)probe_write_insn : addr, "%s: instruction", what);
}

static void x3_handler(void)
{
	ulong at = (ulong)map_at(EMPTY_PLACE, 4 * PAGE_SIZE, PROT_READ);
	u32 fetch = row_number(0) & 3 ? F : 0;
	unsigned offset;

	sys_mprotect((void *)(at + PAGE_SIZE), PAGE_SIZE, PROT_NONE);
	sys_munmap((void *)(at + 2 * PAGE_SIZE), PAGE_SIZE);
	catch_access(ACCESS_READ, at);
	catch_begin();
	for (offset = 0; offset < PAGE_SIZE; offset += 0x123) {
		x3_one(ACCESS_READ, at + 2 * PAGE_SIZE + offset, MAPERR, U, "read of a hole");
		x3_one(ACCESS_WRITE, at + 2 * PAGE_SIZE + offset, MAPERR, W | U, "write to a hole");
		x3_one(ACCESS_WRITE, at + offset, ACCERR, P | W | U, "write to read-only");
		x3_one(ACCESS_READ, at + PAGE_SIZE + offset, ACCERR, U, "read of PROT_NONE");
	}
	x3_one(ACCESS_WRITE, at + 3 * PAGE_SIZE, ACCERR, W | U, "write to untouched read-only");
	x3_one(ACCESS_READ, 0, MAPERR, U, "read of 0");
	x3_one(ACCESS_JUMP, at + 2 * PAGE_SIZE + 5, MAPERR, U | fetch, "jump to a hole");
	if (row_number(0) & 1)
		x3_one(ACCESS_JUMP, at + 1, ACCERR, P | U | F, "jump to data");
	catch_end();
}

static volatile u32 *x3_shared;		/* [0] counts, [1] stops */

static int x3_runner(void *arg)
{
	while (!x3_shared[1])
		x3_shared[0]++;
	return 17;
}

/* Default action, blocked and ignored: the end in each case, of this task alone. */
static int x3_crash(void *how)
{
	u64 mask = 1ull << (SIGSEGV - 1);

	if (how == (void *)1)
		syscall4(__NR_rt_sigprocmask, 0, (long)&mask, 0, 8);
	if (how == (void *)2)
		set_signal(SIGSEGV, SIG_IGN, 0);
	*(volatile int *)(EMPTY_PLACE + 2 * PAGE_SIZE) = 1;
	return 1;
}

static void x3_default(void)
{
	static const char *const how[] = { "by default", "blocked", "ignored" };
	long runner, pid;
	u32 count;
	ulong i;

	x3_shared = map_shared(PAGE_SIZE);
	runner = spawn(x3_runner, NULL);
	for (i = 0; i < ARRAY_SIZE(how); i++) {
		pid = spawn(x3_crash, (void *)i);
		CHECK_EQ(wait_for((int)pid) & 0x7f, SIGSEGV, "signal that ended a child, %s", how[i]);
		count = x3_shared[0];
		sleep_ms(30);
		CHECK(x3_shared[0] != count, "the sibling does not run on");
	}
	CHECK_EQ(sys_kill((int)runner, 0), 0, "kill(sibling, 0)");
	x3_shared[1] = 1;
	CHECK_EQ(wait_for((int)runner), 17 << 8, "wait status of the sibling");
}

static void x3_signal(void)
{
	x3_handler();
	x3_default();
	CHECK_INFO("si_addr byte exact, MAPERR and ACCERR, err, trapno and cr2; 3 children ended, the sibling ran on");
}
TEST(X3, x3_signal);
