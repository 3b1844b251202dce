/* SPDX-License-Identifier: MIT */
/*
 * Every fault is explained, and truly (catalogue O9): decision, entry before and after as
 * WALK sees them, region, access; none is missing; /bin/explain has a line for each.
 *
 * EXPLAIN is the same with the reasons that need a swap device and a failing allocator
 * (test/boot/explain.t), and with the sentence of each of them.
 */
#include "../lib/entry.h"
#include "../lib/explain.h"
#include "../lib/thread.h"
#include "rows.h"

#define SIGSEGV		11
#define SIGBUS		7
#define MARKS		0x60ull		/* Accessed, Dirty: the processor sets them later */
#define WAS_WRITE	2u
#define WAS_USER	4u

struct o9_fault {
	ulong addr;
	unsigned decision, error, signal;
	u64 flags, before, after;
	u64 from;		/* the frame that was copied, where no entry before names it */
	ulong region;		/* its start; 0: none */
	unsigned pid;		/* whose; 0: this program's first thread */
};

static struct o9_fault expected[40];
static unsigned nr_expected;
static struct pagewalk_event *events;
static unsigned events_max;		/* as many as the ring has */

/* ---- one fault with WALK around it ------------------------------------------------------ */

static struct o9_fault *begin(ulong addr, unsigned decision, unsigned error, ulong region)
{
	struct o9_fault *f = &expected[nr_expected++];

	*f = (struct o9_fault){ .addr = addr, .decision = decision, .error = error,
				.region = region, .before = pw_entry(0, (void *)addr) };
	return f;
}

static void end(struct o9_fault *f)
{
	f->after = pw_entry(0, (void *)f->addr);
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
	ulong same = (ulong)sys_mmap(NULL, PAGE_SIZE, PROT_READ, MAP_PRIVATE, fd, 0);
	ulong beyond = (ulong)sys_mmap(NULL, PAGE_SIZE, PROT_READ, MAP_PRIVATE, fd, 64 * MiB);

	touch(ACCESS_READ, p + 9, PAGEWALK_FILE_MAP, 0, p);
	touch(ACCESS_WRITE, q + 10, PAGEWALK_FILE_COPY, 0, q);
	(void)*(volatile u8 *)same;
	expected[nr_expected - 1].from = pw_pfn((void *)same);
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

/* The kernel itself, where nobody would serve it: it has a place to go on at. */
static void not_here(ulong at)
{
	struct o9_fault *f = begin(at, PAGEWALK_NOT_HERE, 0, 0);
	char knob[40];

	snprintf(knob, sizeof(knob), "x1=read:%#lx", at);
	CHECK_EQ(pw_knob(knob), -EFAULT, "knob %s", knob);
	f->flags = PAGEWALK_EXPLAIN_FIXUP;
	end(f);
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

/* Two neighbours go to the swap device, and come back by one request: of one of them. */
static void swapped(ulong at)
{
	ulong p = (ulong)map_at(at, 2 * PAGE_SIZE, PROT_READ | PROT_WRITE);
	struct o9_fault *f;
	unsigned device;
	u64 slot;

	*(volatile u8 *)p = *(volatile u8 *)(p + PAGE_SIZE) = 1;
	CHECK_EQ(sys_madvise((void *)p, 2 * PAGE_SIZE, MADV_PAGEOUT), 0, "MADV_PAGEOUT");
	touch(ACCESS_READ, p + 13, PAGEWALK_SWAP_IN, 0, p);
	f = &expected[nr_expected - 1];
	f->flags = PAGEWALK_EXPLAIN_MAJOR;
	CHECK(entry_swapped(f->before, &device, &slot), "the entry %#llx is a swap entry",
	      (unsigned long long)f->before);
	touch(ACCESS_READ, p + PAGE_SIZE + 14, PAGEWALK_SWAP_CACHE, 0, p);
}

#define STARVING_PAGES	512u

static struct {
	int pid, go[2];
	ulong *page;
} starving;

/* Larger than its parent, so that it is the one that is killed. */
static int starve(void *arg)
{
	volatile u8 *p = map_anon(STARVING_PAGES * PAGE_SIZE);
	unsigned i;
	u8 byte;

	for (i = 0; i < STARVING_PAGES - 1; i++)
		p[i * PAGE_SIZE] = 1;
	*starving.page = (ulong)p + i * PAGE_SIZE;
	sys_read(starving.go[0], &byte, 1);
	if (pw_knob("alloc_fail=1:1"))
		return 1;
	p[i * PAGE_SIZE] = 1;
	return 2;
}

/* Before tracing begins. */
static void begin_starving(void)
{
	starving.page = map_shared(PAGE_SIZE);
	sys_pipe(starving.go);
	starving.pid = (int)spawn(starve, NULL);
	while (!READ_ONCE(*starving.page))
		sleep_ms(10);
}

/* An allocator that has nothing: the fault is not served, somebody is killed. */
static void starved(void)
{
	sys_write(starving.go[1], "", 1);
	CHECK(KILLED(wait_for(starving.pid), 9), "who finds no memory is killed");
	CHECK_EQ(pw_knob("alloc_fail=0"), 0, "knob alloc_fail=0");
}

/* Entries that nothing here makes: the first names nothing, the second takes a right away. */
static void damaged(ulong at)
{
	ulong p = (ulong)map_at(at, PAGE_SIZE, PROT_READ | PROT_WRITE);
	ulong q = (ulong)map_shared(PAGE_SIZE);
	char knob[40];

	*(volatile u8 *)p = *(volatile u8 *)q = 1;
	sys_madvise((void *)p, PAGE_SIZE, MADV_DONTNEED);
	snprintf(knob, sizeof(knob), "fault=bad:%#lx", p);
	CHECK_EQ(pw_knob(knob), 0, "knob %s", knob);
	touch(ACCESS_READ, p + 15, PAGEWALK_BAD_ENTRY, SIGBUS, p);
	snprintf(knob, sizeof(knob), "fault=none:%#lx", p);
	CHECK_EQ(pw_knob(knob), 0, "knob %s", knob);
	snprintf(knob, sizeof(knob), "fault=readonly:%#lx", q);
	CHECK_EQ(pw_knob(knob), 0, "knob %s", knob);
	touch(ACCESS_WRITE, q + 16, PAGEWALK_BAD_ENTRY, SIGBUS, q);
	sys_munmap((void *)q, PAGE_SIZE);
}

/* ---- two at one address ---------------------------------------------------------------------- */

static struct late_thread {
	struct thread thread;
	ulong at;
	bool write;
} late[2];

/* Comes when the knob has said so, on the page before its own. */
static int come_late(void *arg)
{
	const struct late_thread *l = arg;
	volatile u8 *p = (volatile u8 *)l->at;

	while (!READ_ONCE(*(u32 *)((l->at & -PAGE_SIZE) - PAGE_SIZE)))
		sys_sched_yield();
	if (l->write)
		*p = 1;
	else
		(void)*p;
	return 0;
}

/* The knob's way of being faster; what the late thread's fault is then.  Not judged here yet. */
static struct o9_fault *meet(struct late_thread *l, const char *how, ulong at, bool write,
			     unsigned decision, ulong region)
{
	struct o9_fault *f;
	char knob[40];

	*l = (struct late_thread){ .at = at, .write = write };
	CHECK(thread_start(&l->thread, THREAD_FLAGS, come_late, l) > 0, "clone");
	f = begin(at, decision, WAS_USER | (write ? WAS_WRITE : 0), region);
	f->pid = (unsigned)l->thread.number;
	snprintf(knob, sizeof(knob), "fault=%s:%#lx", how, at);
	CHECK_EQ(pw_knob(knob), 0, "knob %s", knob);
	thread_join(&l->thread);
	end(f);
	return f;
}

/* Who is late sees in the table what the other one has made of it, or that it was changed. */
static void raced(ulong at)
{
	volatile u8 *p = map_at(at, 3 * PAGE_SIZE, PROT_READ | PROT_WRITE);
	struct o9_fault *f, *own;

	p[0] = 0;
	f = meet(&late[0], "stale", at + PAGE_SIZE + 17, true, PAGEWALK_NOTHING, at);
	f->before = f->after;
	CHECK_EQ(p[PAGE_SIZE + 17], 1, "what the late thread wrote");
	/* Both pages go; the second one comes back with the first, but for its entry. */
	*(volatile u32 *)(p + PAGE_SIZE) = 0;
	p[2 * PAGE_SIZE] = 1;
	CHECK_EQ(sys_madvise((void *)(p + PAGE_SIZE), 2 * PAGE_SIZE, MADV_PAGEOUT), 0, "MADV_PAGEOUT");
	p[PAGE_SIZE] = 0;
	own = begin(at + 2 * PAGE_SIZE + 18, PAGEWALK_SWAP_CACHE, 0, at);
	f = meet(&late[1], "race", at + 2 * PAGE_SIZE + 18, false, PAGEWALK_RACE, at);
	own->after = f->after;
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
		if (events[i].kind != TRACE_EXPLAIN || events[i].arg[0] != expected[k].addr ||
		    events[i].pid != (expected[k].pid ? expected[k].pid : self))
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

#define TEXT_SIZE	(256 * 1024)

static char *text;

/* What it prints for this process. */
static void run_explain(unsigned pid)
{
	char number[16];
	const char *const argv[] = { "/bin/explain", "-p", number, NULL };

	snprintf(number, sizeof(number), "%u", pid);
	CHECK_EQ(run_captured(argv, text, TEXT_SIZE), 0, "wait status of /bin/explain");
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
	char line[640];
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

/* Every decision that was provoked, in the words of the reader's book. */
static const struct {
	unsigned decision;
	const char *words, *section;
} sentences[] = {
	{ PAGEWALK_ZERO_MAP, "nothing was there, so it sees the zero page, read-only;", "5.6.2" },
	{ PAGEWALK_ANON_NEW, "nothing was there, so it got a frame of zeroes;", "5.6.2" },
	{ PAGEWALK_ZERO_COW, "the zero page was there, so it got a frame of zeroes;", "5.6.2" },
	{ PAGEWALK_COW_COPY, "others have the page too, so it got a copy;", "5.6.4" },
	{ PAGEWALK_COW_REUSE, "nobody else has the page any more, so it may write there now;", "5.6.4" },
	{ PAGEWALK_FILE_MAP, "nothing was there, so it got the page of the file", "5.6.3" },
	{ PAGEWALK_FILE_COPY, "the region is private, so it got a copy of the page of the file;", "5.6.4" },
	{ PAGEWALK_SWAP_IN, "swapped out, so it was read from the swap device, after reading it;", "5.6.3" },
	{ PAGEWALK_SWAP_CACHE, "swapped out, but still in memory, so its frame was mapped again;", "5.6.3" },
	{ PAGEWALK_VMALLOC, "older than this part of vmalloc, so the top-level entry was copied;", "5.6.1" },
	{ PAGEWALK_NO_STACK, "the stack may not grow that far, so it gets SIGSEGV;", "5.6.1" },
	{ PAGEWALK_NO_RIGHT, "the region does not allow it, so it gets SIGSEGV;", "5.6.1" },
	{ PAGEWALK_NO_PAGE, "the file has no such page, so it gets SIGBUS;", "5.6.3" },
	{ PAGEWALK_BAD_ENTRY, "the entry is none that this region can have, so it gets SIGBUS;", "5.6.1" },
	{ PAGEWALK_NOTHING, "the entry allows it already, so nothing was left to do;", "5.6.1" },
	{ PAGEWALK_RACE, "the entry changed meanwhile, so it tries again;", "5.6.1" },
	{ PAGEWALK_KERNEL_ADDRESS, "that is the kernel's, so it gets SIGSEGV;", "5.1" },
	{ PAGEWALK_NOT_HERE, "may not be touched there, so the kernel goes on at its fix-up (5.5);", "5.5" },
};

/*
 * What a sentence must say between its entries and its cost: the frames in them, a slot of the swap
 * device in place of the one before, and for a copy the frame that was copied.
 */
static void expected_frames(const struct o9_fault *f, char *to, size_t size)
{
	u64 before = f->from, after = f->after & ENTRY_P ? entry_frame(f->after) : 0, slot;
	unsigned device;

	if (f->before & ENTRY_P)
		before = entry_frame(f->before);
	if (after && entry_swapped(f->before, &device, &slot))
		snprintf(to, size, ", slot %llu -> frame %#llx; ", (unsigned long long)slot,
			 (unsigned long long)after);
	else if (before && before != after)
		snprintf(to, size, ", frame %#llx -> %#llx; ", (unsigned long long)before,
			 (unsigned long long)after);
	else if (after)
		snprintf(to, size, ", frame %#llx; ", (unsigned long long)after);
	else
		snprintf(to, size, "; ");
}

/* "; PTE 0xBEFORE -> 0xAFTER, FRAMES; COST". */
static void check_frames(unsigned k, unsigned pid, const char *access)
{
	char line[640], frames[64];
	const char *p;

	snprintf(line, sizeof(line), "rows[%u] %s %#lx", pid, access, expected[k].addr);
	p = strstr(text, line);
	p = p ? strstr(p, "; PTE 0x") : NULL;
	p = p ? strstr(p, " -> 0x") : NULL;
	if (!CHECK(p != NULL, "explain has no entries for \"%s\"", line))
		return;
	parse_u64(p + 4, &p);
	expected_frames(&expected[k], frames, sizeof(frames));
	strlcpy(line, p, strlen(frames) + 1);
	CHECK(strcmp(line, frames) == 0, "%#lx: behind its entries explain says \"%s\", expected \"%s\"",
	      expected[k].addr, line, frames);
}

/* Each fault that is expected of it has a line: what was decided, entries, cost and section. */
static unsigned check_sentences(unsigned pid, bool first_thread)
{
	unsigned k, i, seen = 0;
	char tail[40], unit[24];

	/* The host knows which of both it must be: test/boot/explain.t. */
	snprintf(unit, sizeof(unit), " %s (", explain_unit());

	for (k = 0; k < nr_expected; k++) {
		const struct o9_fault *f = &expected[k];
		const char *access = f->error & WAS_WRITE ? "wrote to" : "read from";

		for (i = 0; i < ARRAY_SIZE(sentences); i++)
			if (sentences[i].decision == f->decision)
				break;
		if (i == ARRAY_SIZE(sentences) || (first_thread ? f->pid != 0 : f->pid != pid))
			continue;
		seen |= 1u << i;
		check_sentence(k, pid, access, sentences[i].words);
		snprintf(tail, sizeof(tail), " (Gorman %s)", sentences[i].section);
		check_sentence(k, pid, access, tail);
		if (f->decision != PAGEWALK_VMALLOC)	/* its entries are of the top level */
			check_frames(k, pid, access);
		check_sentence(k, pid, access, "; PTE 0x");
		check_sentence(k, pid, access, unit);
	}
	return seen;
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
	n = pw_trace(0, events, events_max);
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

/* Two levels learn vmalloc, four need not. */
static void check_more(void)
{
	unsigned all = (1u << ARRAY_SIZE(sentences)) - 1, seen, i;
	char line[80];

	for (i = 0; i < ARRAY_SIZE(sentences); i++)
		if (LONG64 && sentences[i].decision == PAGEWALK_VMALLOC)
			all &= ~(1u << i);
	seen = check_sentences((unsigned)sys_getpid(), true);
	for (i = 0; i < ARRAY_SIZE(late); i++) {
		run_explain((unsigned)late[i].thread.number);
		seen |= check_sentences((unsigned)late[i].thread.number, false);
	}
	CHECK_EQ(seen, all, "kinds of sentences seen, a bit each");
	run_explain((unsigned)starving.pid);
	snprintf(line, sizeof(line), "rows[%d] wrote to %#lx", starving.pid, *starving.page);
	CHECK(strstr(text, line) != NULL, "explain has no line \"%s\"", line);
	CHECK(strstr(text, "there is no memory, so somebody is killed and it tries again;") != NULL,
	      "explain does not say that there was no memory");
}

/* ---- the row ----------------------------------------------------------------------------- */

static void everything(bool more)
{
	static struct pw_snapshot before, after;
	ulong at = (ulong)map_at(EMPTY_PLACE, 4 * PAGE_SIZE, PROT_READ | PROT_WRITE);
	int zero = (int)sys_open("/dev/zero", O_RDONLY, 0);
	int exe = (int)sys_open("/proc/self/exe", O_RDONLY, 0);
	unsigned n, explained;
	u64 from;

	if (more)
		begin_starving();
	CHECK_EQ(pw_knob("trace=1"), 0, "knob trace=1");
	events_max = (unsigned)pw_counter("trace_size");
	/* Children do not get these: each page of a child is two events more. */
	events = map_anon(events_max * sizeof(*events));
	text = map_anon(TEXT_SIZE);
	sys_madvise(events, events_max * sizeof(*events), MADV_DONTFORK);
	sys_madvise(text, TEXT_SIZE, MADV_DONTFORK);
	catch_begin();
	pw_snapshot(&after);
	pw_snapshot(&before);
	from = pw_get(&before, "trace_seq");
	anonymous(at, zero);
	copy_on_write(at);
	files(exe);
	shared();
	refused(at, zero);
	not_here(at + 66 * PAGE_SIZE);
	stack(at);
	learned();
	if (more) {
		swapped(at + 2048 * PAGE_SIZE);
		damaged(at + 2052 * PAGE_SIZE);
		raced(at + 2056 * PAGE_SIZE);
		starved();
	}
	pw_snapshot(&after);
	n = pw_trace(from, events, events_max);
	CHECK(n < events_max, "the buffer is full");
	explained = count_kind(n, TRACE_EXPLAIN, 0, pw_get(&after, "trace_seq"));
	CHECK_EQ(explained, pw_diff(&before, &after, "fault_total"),
		 "faults explained, of all that were counted");
	judge_all(n);
	check_explain();
	if (more)
		check_more();
	catch_end();
	CHECK_EQ(pw_knob("trace=0"), 0, "knob trace=0");
	CHECK_INFO("%u faults, all explained; %u made on purpose, entries as WALK sees them", explained,
		   nr_expected);
}

static void o9_explained(void)
{
	everything(false);
}
TEST(O9, o9_explained);

static void explain_all(void)
{
	everything(true);
}
TEST(EXPLAIN, explain_all);
