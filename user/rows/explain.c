/* SPDX-License-Identifier: MIT */
/*
 * Every fault is explained, and truly (catalogue O9): decision, entry before and after as
 * WALK sees them, region, access; none is missing; /bin/explain has a line for each.
 */
#include "rows.h"

#define SIGSEGV		11
#define SIGBUS		7
#define O9_EVENTS	4096	/* as many as the ring has */
#define MARKS		0x60ull		/* Accessed, Dirty: the processor sets them later */
#define WAS_WRITE	2u
#define WAS_USER	4u

struct o9_fault {
	ulong addr;
	unsigned decision, error, signal;
	u64 flags, before, after;
	ulong region;		/* its start; 0: none */
};

static struct o9_fault expected[40];
static unsigned nr_expected;
static struct pagewalk_event *events;

/* ---- one fault with WALK around it ------------------------------------------------------ */

/* The entry in the page table, 0 where there is none. */
static u64 entry_of(ulong addr)
{
	struct pagewalk_walk w;

	pw_walk((void *)addr, &w);
	return w.depth == w.levels ? w.entry[w.depth - 1] : 0;
}

static struct o9_fault *begin(ulong addr, unsigned decision, unsigned error, ulong region)
{
	struct o9_fault *f = &expected[nr_expected++];

	*f = (struct o9_fault){ .addr = addr, .decision = decision, .error = error,
				.region = region, .before = entry_of(addr) };
	return f;
}

static void end(struct o9_fault *f)
{
	f->after = entry_of(f->addr);
}

/* By the program itself. */
static void touch(enum access kind, ulong addr, unsigned decision, int sig, ulong region)
{
	struct o9_fault *f = begin(addr, decision, WAS_USER |
				   (kind == ACCESS_WRITE ? WAS_WRITE : 0), region);
	struct caught c = catch_access(kind, addr);

	CHECK_EQ(c.sig, sig, "access %d to %#lx: signal", kind, addr);
	f->signal = (unsigned)sig;
	end(f);
}

/* By the kernel for it: read(2) from /dev/zero writes there. */
static void kernel_writes(int zero, ulong addr, unsigned decision, u64 flags, ulong region)
{
	struct o9_fault *f = begin(addr, decision, WAS_WRITE, region);

	CHECK_EQ(sys_read(zero, (void *)addr, 1), flags ? -EFAULT : 1, "read(2) to %#lx", addr);
	f->flags = flags;
	end(f);
}

/* ---- the list ----------------------------------------------------------------------------- */

static void anonymous(ulong at, int zero)
{
	touch(ACCESS_READ, at + 5, PAGEWALK_ZERO_MAP, 0, at);
	touch(ACCESS_WRITE, at + 6, PAGEWALK_ZERO_COW, 0, at);
	touch(ACCESS_WRITE, at + PAGE_SIZE, PAGEWALK_ANON_NEW, 0, at);
	kernel_writes(zero, at + 2 * PAGE_SIZE + 1, PAGEWALK_ANON_NEW, 0, at);
}

static int nothing(int command)
{
	return 0;
}

/* The first page is shared with a child that lives, then the second one with nobody. */
static void copy_on_write(ulong at)
{
	struct child c;

	child_start(&c, nothing);
	child_do(&c, 0);
	touch(ACCESS_WRITE, at + 7, PAGEWALK_COW_COPY, 0, at);
	child_end(&c);
	touch(ACCESS_WRITE, at + PAGE_SIZE + 8, PAGEWALK_COW_REUSE, 0, at);
}

/* This program once more: its second page, which holds code. */
static void files(int fd)
{
	ulong p = (ulong)sys_mmap(NULL, PAGE_SIZE, PROT_READ, MAP_PRIVATE, fd, PAGE_SIZE);
	ulong q = (ulong)sys_mmap(NULL, PAGE_SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);
	ulong beyond = (ulong)sys_mmap(NULL, PAGE_SIZE, PROT_READ, MAP_PRIVATE, fd, 64 * MiB);

	touch(ACCESS_READ, p + 9, PAGEWALK_FILE_MAP, 0, p);
	touch(ACCESS_WRITE, q + 10, PAGEWALK_FILE_COPY, 0, q);
	touch(ACCESS_READ, beyond + 11, PAGEWALK_NO_PAGE, SIGBUS, beyond);
}

static void shared(void)
{
	ulong p = (ulong)sys_mmap(NULL, PAGE_SIZE, PROT_READ | PROT_WRITE,
				  MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	touch(ACCESS_READ, p, PAGEWALK_FILE_MAP, 0, p);
	CHECK_EQ(sys_mprotect((void *)p, PAGE_SIZE, PROT_READ), 0, "mprotect");
	touch(ACCESS_WRITE, p + 2, PAGEWALK_NO_RIGHT, SIGSEGV, p);
}

static void refused(ulong at, int zero)
{
	touch(ACCESS_READ, at + 64 * PAGE_SIZE, PAGEWALK_NO_REGION, SIGSEGV, 0);
	kernel_writes(zero, at + 65 * PAGE_SIZE, PAGEWALK_NO_REGION, PAGEWALK_EXPLAIN_FIXUP, 0);
	touch(ACCESS_READ, task_size() + 12, PAGEWALK_KERNEL_ADDRESS, SIGSEGV, 0);
	/* What is there is not told. */
	expected[nr_expected - 1].before = expected[nr_expected - 1].after = 0;
}

/* A region that grows: touched below its start, then too far below. */
static void stack(ulong at)
{
	ulong end_of = at + 1024 * PAGE_SIZE;
	ulong start = end_of - PAGE_SIZE;

	sys_mmap((void *)start, PAGE_SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS |
		 MAP_FIXED | MAP_GROWSDOWN, -1, 0);
	touch(ACCESS_WRITE, start - 3 * PAGE_SIZE, PAGEWALK_ANON_NEW, 0, start - 3 * PAGE_SIZE);
	/* Now it begins there, and what is below the mappings is too near. */
	touch(ACCESS_WRITE, at + 20 * PAGE_SIZE, PAGEWALK_NO_STACK, SIGSEGV,
	      start - 3 * PAGE_SIZE);
}

static ulong *vmalloc_page;

static int make_area(int command)
{
	char knob[40];

	snprintf(knob, sizeof(knob), "v3=make:%#lx", (ulong)vmalloc_page);
	return (int)-pw_knob(knob);
}

/* Two levels: tables that are older than an area learn it. */
static void learned(void)
{
	struct child c;
	char knob[40];

	vmalloc_page = map_shared(PAGE_SIZE);
	child_start(&c, make_area);
	CHECK_EQ(child_do(&c, 0), 0, "knob v3=make");
	snprintf(knob, sizeof(knob), "v3=touch:%#lx", vmalloc_page[0]);
	CHECK_EQ(pw_knob(knob), 0, "knob %s", knob);
	if (!LONG64)
		expected[nr_expected++] = (struct o9_fault){ .addr = vmalloc_page[0],
							     .decision = PAGEWALK_VMALLOC };
	CHECK_EQ(pw_knob("v3=drop"), 0, "knob v3=drop");
	child_end(&c);
}

/* ---- judging -------------------------------------------------------------------------------- */

static void judge(const struct o9_fault *f, const struct pagewalk_event *e,
		  const struct pagewalk_event *region)
{
	u64 x = e->arg[1];

	CHECK_EQ(PAGEWALK_EXPLAIN_DECISION(x), f->decision, "%#lx: decision", f->addr);
	CHECK_EQ(PAGEWALK_EXPLAIN_SIGNAL(x), f->signal, "%#lx: signal", f->addr);
	CHECK_EQ(x & -PAGEWALK_EXPLAIN_MAJOR, f->flags, "%#lx: flags", f->addr);
	CHECK_EQ(region->kind, TRACE_REGION, "%#lx: the event before", f->addr);
	CHECK_EQ(region->arg[0], f->region, "%#lx: start of its region", f->addr);
	CHECK(strcmp((const char *)&region->arg[2], "rows") == 0, "%#lx: it was %s", f->addr,
	      (const char *)&region->arg[2]);
	if (f->decision == PAGEWALK_VMALLOC) {
		CHECK(e->arg[3] & 1 && !(e->arg[2] & 1), "%#lx: top entry %#llx -> %#llx", f->addr,
		      (unsigned long long)e->arg[2], (unsigned long long)e->arg[3]);
		return;
	}
	CHECK_EQ(PAGEWALK_EXPLAIN_ERROR(x) & (WAS_WRITE | WAS_USER), f->error, "%#lx: access",
		 f->addr);
	CHECK_EQ(e->arg[2] & ~MARKS, f->before & ~MARKS, "%#lx: entry before, by WALK", f->addr);
	CHECK_EQ(e->arg[3] & ~MARKS, f->after & ~MARKS, "%#lx: entry after, by WALK", f->addr);
}

/* In the order in which they were made; other faults (of the stack, say) may lie between. */
static void judge_all(unsigned n)
{
	unsigned i, k = 0, self = (unsigned)sys_getpid();
	const struct pagewalk_event *region;

	for (i = 0; i < n && k < nr_expected; i++) {
		if (events[i].kind != TRACE_EXPLAIN || events[i].pid != self ||
		    events[i].arg[0] != expected[k].addr)
			continue;
		region = &events[i - 1];
		if (region->kind == TRACE_PATH)
			region--;
		judge(&expected[k++], &events[i], region);
	}
	CHECK_EQ(k, nr_expected, "faults found in the trace, of those made on purpose");
}

static unsigned count_kind(unsigned n, unsigned kind, unsigned pid, u64 last)
{
	unsigned i, count = 0;

	for (i = 0; i < n && events[i].seq <= last; i++)
		count += events[i].kind == kind && (!pid || events[i].pid == pid);
	return count;
}

/* ---- /bin/explain ------------------------------------------------------------------------- */

static char text[64 * 1024];

/* What it prints for this process. */
static void run_explain(unsigned pid)
{
	static const char *const envp[] = { "PATH=/bin", NULL };
	char number[16];
	const char *const argv[] = { "/bin/explain", "-p", number, NULL };
	int fds[2], status;
	size_t used = 0;
	long child, n;

	snprintf(number, sizeof(number), "%u", pid);
	sys_pipe(fds);
	child = sys_fork();
	if (!child) {
		sys_close(fds[0]);
		sys_dup2(fds[1], 1);
		exit((int)-sys_execve(argv[0], argv, envp));
	}
	sys_close(fds[1]);
	while ((n = sys_read(fds[0], text + used, sizeof(text) - 1 - used)) > 0)
		used += (size_t)n;
	sys_close(fds[0]);
	text[used] = '\0';
	status = wait_for((int)child);
	CHECK_EQ(status, 0, "wait status of /bin/explain");
}

static unsigned count_lines(const char *word)
{
	unsigned n = 0;
	const char *p = text;

	while ((p = strstr(p, word)) != NULL) {
		n++;
		p++;
	}
	return n;
}

/* The sentence for the expected fault number k, as far as it can be known. */
static void check_sentence(unsigned k, unsigned pid, const char *access, const char *so)
{
	const struct o9_fault *f = &expected[k];
	char line[200];
	const char *p;

	snprintf(line, sizeof(line), "rows[%u] %s %#lx", pid, access, f->addr);
	p = strstr(text, line);
	if (!CHECK(p != NULL, "explain has no line \"%s\"", line))
		return;
	strlcpy(line, p, sizeof(line));
	if (strchr(line, '\n'))
		*strchr(line, '\n') = '\0';
	CHECK(strstr(line, so) != NULL, "\"%s\" lacks \"%s\"", line, so);
}

static void check_explain(void)
{
	unsigned pid = (unsigned)sys_getpid(), n;
	const char *p;
	char word[24];
	u64 faults, last;

	run_explain(pid);
	p = strstr(text, "explain: ");
	if (!CHECK(p != NULL, "explain ended without its last line"))
		return;
	faults = parse_u64(p + 9, &p);
	p = strstr(p, "event ");
	last = p ? parse_u64(p + 6, NULL) : 0;
	n = pw_trace(0, events, O9_EVENTS);
	CHECK_EQ(faults, count_kind(n, TRACE_EXPLAIN, pid, last), "faults that explain has seen");
	snprintf(word, sizeof(word), "rows[%u] ", pid);
	CHECK_EQ(count_lines(word), faults, "lines of explain");
	check_sentence(0, pid, "read from", "nothing was there, so it sees the zero page");
	check_sentence(1, pid, "wrote to", "the zero page was there, so it got a frame of zeroes");
	check_sentence(3, pid, "wrote to", "PTE 0x0 -> 0x");
	check_sentence(4, pid, "wrote to", "others have the page too, so it got a copy");
	check_sentence(6, pid, "read from", "in /bin/rows r--p");
	check_sentence(8, pid, "read from", "the file has no such page, so it gets SIGBUS");
}

/* ---- the row ----------------------------------------------------------------------------- */

static void o9_explained(void)
{
	static struct pw_snapshot before, after;
	ulong at = (ulong)map_at(EMPTY_PLACE, 4 * PAGE_SIZE, PROT_READ | PROT_WRITE);
	int zero = (int)sys_open("/dev/zero", O_RDONLY, 0);
	int exe = (int)sys_open("/proc/self/exe", O_RDONLY, 0);
	unsigned n, explained;
	u64 from;

	events = map_anon(O9_EVENTS * sizeof(*events));
	CHECK_EQ(pw_knob("trace=1"), 0, "knob trace=1");
	catch_begin();
	pw_snapshot(&after);
	pw_snapshot(&before);
	from = pw_get(&before, "trace_seq");
	anonymous(at, zero);
	copy_on_write(at);
	files(exe);
	shared();
	refused(at, zero);
	stack(at);
	learned();
	pw_snapshot(&after);
	n = pw_trace(from, events, O9_EVENTS);
	CHECK(n < O9_EVENTS, "the buffer is full");
	explained = count_kind(n, TRACE_EXPLAIN, 0, pw_get(&after, "trace_seq"));
	CHECK_EQ(explained, pw_diff(&before, &after, "fault_total"),
		 "faults explained, of all that were counted");
	judge_all(n);
	check_explain();
	catch_end();
	CHECK_EQ(pw_knob("trace=0"), 0, "knob trace=0");
	CHECK_INFO("%u faults, all explained; %u made on purpose, entries as WALK sees them", explained,
		   nr_expected);
}
TEST(O9, o9_explained);
