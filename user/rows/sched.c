/* SPDX-License-Identifier: MIT */
/*
 * The scheduler as programs see it: O2 (equal shares without yielding, sleep, wait), M8
 * (two tasks at one address), and a program that only computes, for rows of the kernel.
 */
#include "rows.h"

#define RUSAGE_WORDS	18

/* ---- SPIN: computes for ever ---------------------------------------------------------- */

static volatile ulong spun;

static void spin(void)
{
	for (;;)
		spun++;
}
TEST(SPIN, spin);

/* ---- what /proc says ------------------------------------------------------------------ */

struct usage {
	u64 cpu_ms;			/* utime, 10 ms fine */
	u64 voluntary, preempted;
};

/* Field 14 of /proc/PID/stat; the name in field 2 may hold anything but ')'. */
static u64 cpu_ms(int pid)
{
	char path[32], text[512];
	const char *p;
	int field;

	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	if (read_file(path, text, sizeof(text)) <= 0)
		return 0;
	p = strchr(text, ')');
	for (field = 2; p && field < 14; field++)
		p = strchr(p + 1, ' ');
	return p ? parse_u64(p + 1, NULL) * 10 : 0;
}

static struct usage usage_of(int pid)
{
	struct usage u = { .cpu_ms = cpu_ms(pid) };
	char path[32];

	snprintf(path, sizeof(path), "/proc/%d/status", pid);
	u.preempted = (u64)pw_field(path, "nonvoluntary_ctxt_switches:");
	u.voluntary = (u64)pw_field(path, "\nvoluntary_ctxt_switches:");
	return u;
}

/* ---- O2 -------------------------------------------------------------------------------- */

#define SPINNERS	3
#define WINDOW_MS	4000
#define SLEEPS		50
#define SLEEP_MS	20
#define LATE_MS		12		/* three ticks at 250 Hz */

struct shared {
	volatile int go, stop;
	volatile ulong loops[SPINNERS];
};

static struct shared *shared;

static __noreturn void compute(int i)
{
	while (!shared->go)
		;
	while (!shared->stop)
		shared->loops[i]++;
	exit(40 + i);
}

static bool within_5_percent(u64 seen, u64 expected)
{
	return seen * 100 >= expected * 95 && seen * 100 <= expected * 105;
}

/* Nobody wakes up in between: what takes the processor away from them is the tick alone. */
static void check_shares(const int *pids, int hog)
{
	struct usage before[SPINNERS], after[SPINNERS];
	u64 hog_before, hog_ran, share, total = 0, ran, begin, elapsed;
	ulong loops[SPINNERS];
	int i;

	hog_before = cpu_ms(hog);
	for (i = 0; i < SPINNERS; i++) {
		before[i] = usage_of(pids[i]);
		loops[i] = shared->loops[i];
	}
	begin = now_ns();
	sleep_ms(WINDOW_MS);
	elapsed = (now_ns() - begin) / 1000000;
	for (i = 0; i < SPINNERS; i++) {
		loops[i] = shared->loops[i] - loops[i];
		total += loops[i];
	}
	for (i = 0; i < SPINNERS; i++)
		after[i] = usage_of(pids[i]);
	hog_ran = cpu_ms(hog) - hog_before;

	share = elapsed / (SPINNERS + 1);
	CHECK(within_5_percent(hog_ran, share),
	      "the kernel thread ran %u ms of %u, expected %u within 5 %%", (unsigned)hog_ran,
	      (unsigned)elapsed, (unsigned)share);
	for (i = 0; i < SPINNERS; i++) {
		ran = after[i].cpu_ms - before[i].cpu_ms;
		CHECK(within_5_percent(ran, share),
		      "task %d ran %u ms of %u, expected %u within 5 %%", i, (unsigned)ran,
		      (unsigned)elapsed, (unsigned)share);
		CHECK(within_5_percent((u64)loops[i] * SPINNERS, total),
		      "task %d made %lu of %lu loops, expected a third within 5 %%", i, loops[i],
		      (ulong)total);
		CHECK(after[i].preempted > before[i].preempted,
		      "task %d was preempted %u times", i,
		      (unsigned)(after[i].preempted - before[i].preempted));
		CHECK_EQ(after[i].voluntary, 0, "times that task %d yielded or slept", i);
	}
	CHECK_INFO("%d tasks and a kernel thread, %u ms: loops %lu %lu %lu, preempted %u %u %u times, yielded 0",
		   SPINNERS, (unsigned)elapsed, loops[0], loops[1], loops[2],
		   (unsigned)after[0].preempted, (unsigned)after[1].preempted,
		   (unsigned)after[2].preempted);
}

/* Who sleeps is back in time although others want the processor all the time. */
static void check_sleeper(void)
{
	u64 begin, late, worst = 0;
	int i;

	for (i = 0; i < SLEEPS; i++) {
		begin = now_ns();
		sleep_ms(SLEEP_MS);
		late = now_ns() - begin;
		CHECK(late >= SLEEP_MS * 1000000ull, "a sleep of %d ms took %u us", SLEEP_MS,
		      (unsigned)(late / 1000));
		late -= SLEEP_MS * 1000000ull;
		if (late > worst)
			worst = late;
	}
	CHECK(worst <= LATE_MS * 1000000ull,
	      "a sleep of %d ms beside busy tasks was %u us late, expected at most %d ms",
	      SLEEP_MS, (unsigned)(worst / 1000), LATE_MS);
}

static u64 micros(const long *timeval)
{
	return (u64)timeval[0] * 1000000 + (u64)timeval[1];
}

/* All of them ran from the same moment to the same: rusage, to the microsecond. */
static void check_ends(const int *pids)
{
	long usage[SPINNERS][RUSAGE_WORDS];
	u64 ran[SPINNERS], total = 0;
	int i, status = 0;

	shared->stop = 1;
	for (i = 0; i < SPINNERS; i++) {
		memset(usage[i], 0, sizeof(usage[i]));
		CHECK_EQ(sys_wait4(pids[i], &status, 0, usage[i]), pids[i], "wait4");
		CHECK(EXITED(status, 40 + i), "wait status of task %d is %#x", i,
		      (unsigned)status);
		ran[i] = micros(usage[i]) + micros(usage[i] + 2);
		total += ran[i];
		CHECK(usage[i][17] > 0, "rusage: task %d was preempted %ld times", i,
		      usage[i][17]);
	}
	for (i = 0; i < SPINNERS; i++)
		CHECK(within_5_percent(ran[i] * SPINNERS, total),
		      "rusage: task %d ran %u us of %u, expected a third within 5 %%", i,
		      (unsigned)ran[i], (unsigned)total);
	CHECK_EQ(sys_wait4(-1, &status, 0, NULL), -ECHILD, "wait4 when all have ended");
}

static void o2_fair(void)
{
	int pids[SPINNERS], i;

	shared = map_shared(PAGE_SIZE);
	for (i = 0; i < SPINNERS; i++) {
		pids[i] = (int)sys_fork();
		if (pids[i] == 0)
			compute(i);
		if (!CHECK(pids[i] > 0, "fork returns %d", pids[i]))
			return;
	}
	shared->go = 1;
	sleep_ms(100);
	check_shares(pids, (int)row_number(0));
	check_sleeper();
	check_ends(pids);
}
TEST(O2, o2_fair);

/* ---- M8 -------------------------------------------------------------------------------- */

#define M8_ADDRESS	0x10000000ul
#define M8_PREEMPTIONS	10000
#define M8_WORDS	(PAGE_SIZE / sizeof(ulong))
#define M8_EVENTS	512

struct m8_task {
	volatile int ready;
	volatile ulong value, reads, wrong;
	volatile u64 cr3, pfn, pfn_after;
};

static struct {
	volatile int stop;
	struct m8_task task[2];
} *m8;

static ulong wrong_words(const volatile ulong *page, ulong value)
{
	ulong wrong = 0;
	unsigned i;

	for (i = 0; i < M8_WORDS; i++)
		wrong += page[i] != value;
	return wrong;
}

/* One of the two: the same address, its own value, read over and over. */
static __noreturn void m8_reader(struct m8_task *t)
{
	volatile ulong *page = map_at(M8_ADDRESS, PAGE_SIZE, PROT_READ | PROT_WRITE);
	ulong value = t->value;
	unsigned i;

	for (i = 0; i < M8_WORDS; i++)
		page[i] = value;
	t->cr3 = pw_cr3();
	t->pfn = pw_pfn(page);
	t->ready = 1;
	while (!m8->stop) {
		for (i = 0; i < M8_WORDS; i++)
			t->wrong += page[i] != value;
		t->reads += M8_WORDS;
	}
	t->wrong += wrong_words(page, value);
	t->pfn_after = pw_pfn(page);
	exit(0);
}

/* The log: every CR3 load and every switch behind `seq`, up to `last`. */
static void check_log(u64 seq, u64 last, const int *pids)
{
	static struct pagewalk_event e[M8_EVENTS];
	unsigned n, i, direct = 0, repeated = 0, wrong_cr3 = 0, lost = 0, loads = 0;
	unsigned since = 0, odd_loads = 0, now_loads;
	u64 cr3 = 0, next = seq + 1;
	int from, to;

	while (seq < last && (n = pw_trace(seq, e, M8_EVENTS)) > 0) {
		for (i = 0; i < n && e[i].seq <= last; i++) {
			lost += e[i].seq != next;
			next = e[i].seq + 1;
			if (e[i].kind == TRACE_CR3_LOAD) {
				loads++;
				since++;
				repeated += cr3 && e[i].arg[0] == cr3;
				cr3 = e[i].arg[0];
			}
			if (e[i].kind != TRACE_SWITCH)
				continue;
			now_loads = since;
			since = 0;
			if (e[i].arg[3] != TRACE_SW_PREEMPT)
				continue;
			from = (int)e[i].arg[0];
			to = (int)e[i].arg[1];
			if ((from != pids[0] || to != pids[1]) &&
			    (from != pids[1] || to != pids[0]))
				continue;
			direct++;
			odd_loads += now_loads != 1;
			wrong_cr3 += e[i].arg[2] != m8->task[to == pids[1]].cr3 ||
				     e[i].arg[2] != cr3;
		}
		seq = e[n - 1].seq;
	}
	CHECK_EQ(lost, 0, "events missing from the log: boot with trace=65536");
	CHECK(direct >= M8_PREEMPTIONS,
	      "%u switches by the tick from one to the other in the log, expected %d", direct,
	      M8_PREEMPTIONS);
	CHECK_EQ(odd_loads, 0, "of %u switches with none or several CR3 loads", direct);
	CHECK_EQ(wrong_cr3, 0, "of these with another CR3 than that of the next task");
	CHECK_EQ(repeated, 0, "CR3 loads of %u that did not alternate", loads);
}

static u64 m8_preempted(int pid)
{
	return usage_of(pid).preempted;
}

/* Until both have lost the processor often enough. */
static void m8_wait(const int *pids, const struct usage *before, struct usage *after)
{
	int i;

	do {
		sleep_ms(250);
		for (i = 0; i < 2 && m8_preempted(pids[i]) - before[i].preempted >=
		     M8_PREEMPTIONS + M8_PREEMPTIONS / 20; i++)
			;
	} while (i < 2);
	for (i = 0; i < 2; i++)
		after[i] = usage_of(pids[i]);
}

static void m8_check_task(int i, int pid, const struct usage *before,
			  const struct usage *after)
{
	const struct m8_task *t = &m8->task[i];
	u64 preempted = after->preempted - before->preempted;
	struct pagewalk_walk w;

	CHECK(preempted >= M8_PREEMPTIONS, "task %d was preempted %u times, expected %d", i,
	      (unsigned)preempted, M8_PREEMPTIONS);
	CHECK_EQ(after->voluntary - before->voluntary, 0, "times that task %d yielded", i);
	CHECK(pw_walk_pid(pid, (void *)M8_ADDRESS, &w) && w.cr3 == t->cr3 &&
	      w.phys >> 12 == t->pfn, "task %d seen from outside: CR3 %#llx, frame %#llx; by itself %#llx, %#llx",
	      i, (unsigned long long)w.cr3, (unsigned long long)w.phys >> 12,
	      (unsigned long long)t->cr3, (unsigned long long)t->pfn);
}

static void m8_run(const int *pids)
{
	struct usage before[2], after[2];
	u64 seq, last;
	int i;

	for (i = 0; i < 2; i++)
		printf("pid=%d address=%#lx value=%#lx frame=%#llx cr3=%#llx\n", pids[i],
		       M8_ADDRESS, m8->task[i].value, (unsigned long long)m8->task[i].pfn,
		       (unsigned long long)m8->task[i].cr3);
	CHECK(m8->task[0].pfn != m8->task[1].pfn, "both have frame %#llx",
	      (unsigned long long)m8->task[0].pfn);
	CHECK(m8->task[0].cr3 != m8->task[1].cr3, "both have CR3 %#llx",
	      (unsigned long long)m8->task[0].cr3);
	for (i = 0; i < 2; i++)
		before[i] = usage_of(pids[i]);
	seq = pw_trace_seq();
	m8_wait(pids, before, after);
	for (i = 0; i < 2; i++)
		m8_check_task(i, pids[i], &before[i], &after[i]);
	last = pw_trace_seq();
	m8->stop = 1;
	for (i = 0; i < 2; i++)
		CHECK_EQ(wait_for(pids[i]), 0, "wait status of task %d", i);
	check_log(seq, last, pids);
	for (i = 0; i < 2; i++) {
		CHECK_EQ(m8->task[i].wrong, 0, "of %lu reads of task %d that saw another value",
			 m8->task[i].reads, i);
		CHECK_EQ(m8->task[i].pfn_after, m8->task[i].pfn, "frame of task %d afterwards", i);
	}
	CHECK_INFO("%#lx: preempted %u and %u times, %lu and %lu reads, 0 wrong", M8_ADDRESS,
		   (unsigned)(after[0].preempted - before[0].preempted),
		   (unsigned)(after[1].preempted - before[1].preempted), m8->task[0].reads,
		   m8->task[1].reads);
}

static void m8_two_tasks(void)
{
	int pids[2], i;
	u64 until;

	m8 = map_shared(PAGE_SIZE);
	if (!CHECK_EQ(pw_knob("trace=1"), 0, "result of the trace knob"))
		return;
	for (i = 0; i < 2; i++) {
		m8->task[i].value = i ? 0xb0b0b0b1 : 0xa1a1a1a0;
		pids[i] = (int)sys_fork();
		if (pids[i] == 0)
			m8_reader(&m8->task[i]);
		if (!CHECK(pids[i] > 0, "fork returns %d", pids[i]))
			return;
	}
	until = now_ns() + 5000000000ull;
	while ((!m8->task[0].ready || !m8->task[1].ready) && now_ns() < until)
		sleep_ms(20);
	if (CHECK(m8->task[0].ready && m8->task[1].ready, "the two tasks are not ready in 5 s"))
		m8_run(pids);
	pw_knob("trace=0");
}
TEST(M8, m8_two_tasks);
