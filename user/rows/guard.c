/* SPDX-License-Identifier: MIT */
/*
 * The kernel half from below: there, and out of reach (catalogue K10); never filled on a
 * fault (K16).
 */
#include "rows.h"

#define SIGSEGV		11
#define SIGTERM		15
#define MAPERR		1

/* ---- K10 ------------------------------------------------------------------------------- */

#define K10_EVENTS	2048

/* Arguments: bits of the processor (nx, smep), then addresses that are mapped. */
static void k10_walk(ulong addr)
{
	struct pagewalk_walk w;

	CHECK(pw_walk((void *)addr, &w), "%#lx is not mapped in this program's tables", addr);
	CHECK(!(w.entry[0] & 4), "%#lx: U/S is set at the top level: entry %#llx", addr,
	      (unsigned long long)w.entry[0]);
	CHECK(!(w.flags & PAGEWALK_USER), "%#lx may be used by a program", addr);
}

static void k10_access(enum access kind, ulong addr, u32 err)
{
	struct caught c = catch_access(kind, addr);

	CHECK_EQ(c.sig, SIGSEGV, "access %d to %#lx: signal", kind, addr);
	CHECK_EQ(c.code, MAPERR, "access %d to %#lx: si_code", kind, addr);
	CHECK_EQ(c.addr, addr, "access %d to %#lx: si_addr", kind, addr);
	CHECK_EQ(c.err, err, "access %d to %#lx: error code for the handler", kind, addr);
}

/* The processor's own words: "present", which a kernel half without entries cannot get. */
static void k10_trace(u64 seq, ulong addr, const u32 *err, struct pagewalk_event *events)
{
	unsigned i, k = 0, n = pw_trace(seq, events, K10_EVENTS);

	for (i = 0; i < n; i++) {
		if (events[i].kind != TRACE_FAULT || events[i].arg[0] != addr)
			continue;
		if (k < 3)
			CHECK_EQ(events[i].arg[1], err[k], "access %u to %#lx: error code of the processor",
				 k, addr);
		k++;
	}
	CHECK_EQ(k, 3, "faults at %#lx in the trace", addr);
}

static void k10_privileged(void)
{
	struct pagewalk_event *events = map_anon(K10_EVENTS * sizeof(*events));
	u32 err[3] = { 5, 7, row_number(0) & 3 ? 0x15 : 5 };
	ulong addr;
	u64 seq;
	int i;

	CHECK_EQ(pw_knob("trace=1"), 0, "knob trace=1");
	catch_begin();
	for (i = 1; i < row_argc; i++) {
		addr = row_number(i);
		k10_walk(addr);
		seq = pw_trace_seq();
		k10_access(ACCESS_READ, addr, err[0]);
		k10_access(ACCESS_WRITE, addr, err[1]);
		k10_access(ACCESS_JUMP, addr, err[2]);
		k10_trace(seq, addr, err, events);
	}
	catch_end();
	CHECK_EQ(pw_knob("trace=0"), 0, "knob trace=0");
	CHECK_EQ(i - 1, 50, "addresses tried");
	CHECK_INFO("%d mapped kernel addresses: read 5, write 7, jump %#x, MAPERR, U/S clear on top",
		   i - 1, err[2]);
}
TEST(K10, k10_privileged);

/* ---- K16 ------------------------------------------------------------------------------- */

#define K16_SECONDS	10

static const char *const k16_programs[] = { "sieve", "matrix", "grower", "forker", "mapper", "talker" };

static int k16_start(void *name)
{
	static const char *const envp[] = { "PATH=/bin", NULL };
	const char *argv[] = { NULL, NULL };
	char path[32];
	long null = sys_open("/dev/null", O_RDWR, 0);

	sys_dup2((int)null, 1);
	snprintf(path, sizeof(path), "/bin/%s", (const char *)name);
	argv[0] = path;
	return (int)-sys_execve(path, argv, envp);
}

static void k16_no_demand_paging(void)
{
	static struct pw_snapshot before, after;
	int pid[ARRAY_SIZE(k16_programs)];
	s64 kernel, learned;
	unsigned i;

	pw_snapshot(&before);
	for (i = 0; i < ARRAY_SIZE(k16_programs); i++)
		pid[i] = (int)spawn(k16_start, (void *)k16_programs[i]);
	sleep_ms(K16_SECONDS * 1000);
	for (i = 0; i < ARRAY_SIZE(k16_programs); i++)
		sys_kill(pid[i], SIGTERM);
	for (i = 0; i < ARRAY_SIZE(k16_programs); i++)
		CHECK_EQ(wait_for(pid[i]), 0, "wait status of %s", k16_programs[i]);
	pw_snapshot(&after);
	kernel = pw_diff(&before, &after, "fault_kernel_address");
	learned = pw_diff(&before, &after, "fault_vmalloc");
	CHECK_EQ(kernel, learned, "faults at kernel addresses: those that learn a vmalloc entry");
	if (LONG64)
		CHECK_EQ(kernel, 0, "faults at kernel addresses under four levels");
	CHECK(pw_diff(&before, &after, "pgfault") > 1000, "the programs did next to nothing");
	CHECK(pw_diff(&before, &after, "forks") > 20, "the programs forked too little");
	CHECK_INFO("%d s of %zu programs, %lld faults: %lld at kernel addresses, all of them vmalloc's",
		   K16_SECONDS, ARRAY_SIZE(k16_programs),
		   (long long)pw_diff(&before, &after, "fault_total"), (long long)kernel);
}
TEST(K16, k16_no_demand_paging);
