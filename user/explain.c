/* SPDX-License-Identifier: MIT */
/*
 * /bin/explain [-f] [-n COUNT] [-p PID] [COMMAND [ARG...]]: page faults in plain words, a line
 * for each, from the trace ring.
 *
 *	explain			what is in the ring now; -n: the last COUNT faults
 *	explain -f		and what comes, until it is stopped
 *	explain COMMAND		what happens while COMMAND runs
 *
 * -p shows one process only.  Its own faults are left out, or it would never come to an end.
 * Recording is switched on if this kernel lets programs do that (test=); else boot with
 * trace=on.
 */
#include "lib/lib.h"
#include "lib/pagewalk.h"

#define BATCH		64
#define PAGE_PRESENT	1u
#define ERROR_WRITE	2u
#define ERROR_USER	4u
#define ERROR_FETCH	0x10u
#define PAUSE_MS	50
#define LOST_MAX	(1ull << 32)	/* more would be a broken file */

/* What the events before TRACE_EXPLAIN have said. */
static struct {
	struct pagewalk_event region, path, cow, stack;
} said;

static unsigned self;
static u64 only_pid;
static u64 faults, lost, last_seq;

/* Gorman's section, and what was done, as the rest of "..., so ...". */
static const struct {
	const char *section, *why, *what;
} decisions[PAGEWALK_DECISIONS] = {
	[PAGEWALK_NOTHING] = { "4.6.1", "the entry allows it already", "nothing was done: only the translation was old" },
	[PAGEWALK_ZERO_MAP] = { "4.6.2", "nothing was there", "it sees the zero page, read-only" },
	[PAGEWALK_ANON_NEW] = { "4.6.2", "nothing was there", "it got a frame of zeroes" },
	[PAGEWALK_ZERO_COW] = { "4.6.2", "the zero page was there", "it got a frame of zeroes" },
	[PAGEWALK_COW_COPY] = { "4.6.4", "others have the page too", "it got a copy" },
	[PAGEWALK_COW_REUSE] = { "4.6.4", "nobody else has the page any more", "it may write there now" },
	[PAGEWALK_SHARED_WRITE] = { "4.6.4", "the region is shared", "it may write to the page that all see" },
	[PAGEWALK_FILE_MAP] = { "4.6.3", "nothing was there", "it got the page of the file" },
	[PAGEWALK_FILE_COPY] = { "4.6.4", "the region is private", "it got a copy of the page of the file" },
	[PAGEWALK_RACE] = { "4.6.1", "the entry changed meanwhile", "it tries again" },
	[PAGEWALK_SWAP_CACHE] = { "11.4", "swapped out, but still in memory", "its frame was mapped again" },
	[PAGEWALK_SWAP_IN] = { "11.6", "swapped out", "it was read from the swap device" },
	[PAGEWALK_VMALLOC] = { "7.2", "its tables are older than this part of vmalloc", "the top-level entry was copied" },
	[PAGEWALK_NO_REGION] = { "4.6.1", "there is no region", NULL },
	[PAGEWALK_NO_STACK] = { "4.6.1", "the stack may not grow that far", NULL },
	[PAGEWALK_NO_RIGHT] = { "4.6.1", "the region does not allow it", NULL },
	[PAGEWALK_NO_PAGE] = { "4.6.3", "the file has no such page", NULL },
	[PAGEWALK_BAD_ENTRY] = { "4.6.1", "the entry names no frame", NULL },
	[PAGEWALK_NO_MEMORY] = { "13.1", "there is no memory", NULL },
	[PAGEWALK_KERNEL_ADDRESS] = { "4.1", "that is the kernel's", NULL },
	[PAGEWALK_NOT_HERE] = { "4.5", "user memory may not be touched there", NULL },
};

/* ---- one line ---------------------------------------------------------------------- */

static const char *access_word(unsigned error)
{
	if (error & ERROR_FETCH)
		return "executed";
	return error & ERROR_WRITE ? "wrote to" : "read from";
}

/* "rw-p /bin/rows 400000-401000", or "" without a region. */
static void region_text(char *to, size_t size)
{
	const struct pagewalk_event *r = &said.region;
	const char *name = "anonymous";
	char path[41];

	*to = '\0';
	if (!r->arg[1])
		return;
	if (r->more & PAGEWALK_REGION_FILE) {
		memcpy(path, said.path.arg, 32);
		memcpy(path + 32, &said.path.more, 8);
		path[40] = '\0';
		name = path;
	} else if (r->more & PAGEWALK_REGION_HEAP) {
		name = "[heap]";
	} else if (r->more & PAGEWALK_REGION_STACK) {
		name = "[stack]";
	}
	snprintf(to, size, " in %s%s %c%c%c%c %llx-%llx", name[0] && name[strlen(name) - 1] &&
		 strlen(name) == 40 ? "..." : "", name,
		 r->more & PAGEWALK_REGION_READ ? 'r' : '-',
		 r->more & PAGEWALK_REGION_WRITE ? 'w' : '-',
		 r->more & PAGEWALK_REGION_EXEC ? 'x' : '-',
		 r->more & PAGEWALK_REGION_SHARED ? 's' : 'p',
		 (unsigned long long)r->arg[0], (unsigned long long)r->arg[1]);
}

static u64 frame_of(u64 entry)
{
	return sizeof(long) == 8 ? entry >> 12 & 0xffffffffffull : (entry & 0xffffffff) >> 12;
}

/* What a program gets for an access that was not served. */
static void result_text(char *to, size_t size, u64 x)
{
	unsigned sig = PAGEWALK_EXPLAIN_SIGNAL(x);

	if (x & PAGEWALK_EXPLAIN_OOPS)
		snprintf(to, size, "that is a bug of the kernel");
	else if (x & PAGEWALK_EXPLAIN_FIXUP)
		snprintf(to, size, "the kernel goes on at its fix-up (4.5)");
	else if (sig)
		snprintf(to, size, "it gets %s", signal_name((int)sig));
	else
		snprintf(to, size, "somebody is killed and it tries again");
}

/* " frame 0x12 -> 0x34", "" where neither entry names one. */
static void frames_text(char *to, size_t size, const struct pagewalk_event *e)
{
	u64 from = e->arg[2] & PAGE_PRESENT ? frame_of(e->arg[2]) : 0;
	u64 after = e->arg[3] & PAGE_PRESENT ? frame_of(e->arg[3]) : 0;

	if (said.cow.seq && said.cow.pid == e->pid &&
	    said.cow.arg[0] == (e->arg[0] & ~(u64)(PAGE_SIZE - 1)))
		from = said.cow.arg[1];
	*to = '\0';
	if (from && from != after)
		snprintf(to, size, ", frame %#llx -> %#llx", (unsigned long long)from,
			 (unsigned long long)after);
	else if (after)
		snprintf(to, size, ", frame %#llx", (unsigned long long)after);
}

static void print_fault(const struct pagewalk_event *e)
{
	unsigned error = PAGEWALK_EXPLAIN_ERROR(e->arg[1]);
	unsigned decision = PAGEWALK_EXPLAIN_DECISION(e->arg[1]);
	char region[160], result[64], frames[64], comm[17];
	bool grew = said.stack.seq && said.stack.pid == e->pid &&
		    said.stack.arg[0] == (e->arg[0] & ~(u64)(PAGE_SIZE - 1));
	const char *what;

	memcpy(comm, &said.region.arg[2], 16);
	comm[16] = '\0';
	if (decision >= PAGEWALK_DECISIONS || !decisions[decision].why) {
		printf("%s[%u]: a fault that this program does not know: decision %u\n", comm,
		       e->pid, decision);
		return;
	}
	region_text(region, sizeof(region));
	frames_text(frames, sizeof(frames), e);
	what = decisions[decision].what;
	if (!what) {
		result_text(result, sizeof(result), e->arg[1]);
		what = result;
	}
	printf("%s%s[%u] %s %#llx%s: %s%s, so %s%s; PTE %#llx -> %#llx%s (Gorman %s)\n",
	       error & ERROR_USER ? "" : "kernel for ", comm, e->pid, access_word(error),
	       (unsigned long long)e->arg[0], region, grew ? "the stack grew; " : "",
	       decisions[decision].why, what,
	       e->arg[1] & PAGEWALK_EXPLAIN_MAJOR ? ", after reading it" : "",
	       (unsigned long long)e->arg[2], (unsigned long long)e->arg[3], frames,
	       decisions[decision].section);
}

/* ---- the ring ---------------------------------------------------------------------- */

static bool wanted(const struct pagewalk_event *e)
{
	return e->pid != self && (!only_pid || e->pid == only_pid);
}

/* Print or only count. */
static void take(const struct pagewalk_event *e, u64 skip)
{
	if (last_seq && e->seq - last_seq - 1 < LOST_MAX)
		lost += e->seq - last_seq - 1;
	last_seq = e->seq;
	switch (e->kind) {
	case TRACE_REGION:
		said.region = *e;
		break;
	case TRACE_PATH:
		said.path = *e;
		break;
	case TRACE_COW:
		said.cow = *e;
		break;
	case TRACE_STACK:
		said.stack = *e;
		break;
	case TRACE_EXPLAIN:
		if (!wanted(e))
			break;
		/* Without its region it was cut off by the end of the ring. */
		if (said.region.seq && e->seq - said.region.seq <= 2 && faults >= skip)
			print_fault(e);
		faults++;
		said.cow.seq = said.stack.seq = 0;
		break;
	}
}

/* All events behind `seq`; the number of the last one. */
static u64 drain(int fd, u64 seq, u64 until, u64 skip)
{
	static struct pagewalk_event events[BATCH];
	long n, i;

	while (seq < until) {
		n = sys_pread(fd, events, sizeof(events), seq) / (long)sizeof(events[0]);
		if (n <= 0)
			return seq;
		for (i = 0; i < n && events[i].seq <= until; i++)
			take(&events[i], skip);
		seq = events[n - 1].seq;
	}
	return seq;
}

static u64 newest(int fd)
{
	long n = sys_lseek(fd, 0, 2);

	return n < 0 ? 0 : (u64)n;
}

/* ---- modes ------------------------------------------------------------------------- */

/* From now on, until the child has ended or (pid 0) for ever. */
static int follow(int fd, u64 seq, int pid)
{
	int status = 0;
	bool ended = false;

	last_seq = seq;
	for (;;) {
		if (pid)
			ended = sys_wait4(pid, &status, WNOHANG, NULL) != 0;
		seq = drain(fd, seq, newest(fd), 0);
		if (ended)
			return status;
		sleep_ms(PAUSE_MS);
	}
}

static long start(char **argv)
{
	long pid = sys_fork(), err;

	if (pid)
		return pid;
	err = sys_execve(argv[0], (const char *const *)argv, (const char *const *)environ);
	printf("explain: %s cannot be started: error %ld\n", argv[0], -err);
	exit(127);
}

static void switch_on(void)
{
	long err = pw_knob("trace=1");

	if (err && !pw_counter("trace_size")) {
		printf("explain: nothing is recorded, and only a kernel booted with test= lets "
		       "programs change that: boot with trace=on\n");
		exit(1);
	}
}

static int usage(void)
{
	printf("usage: explain [-f] [-n COUNT] [-p PID] [COMMAND [ARG...]]\n");
	return 2;
}

/* First count, then print the last ones. */
static void show_ring(int fd, u64 count)
{
	u64 until = newest(fd), total;

	if (count) {
		drain(fd, 0, until, ~0ull);
		total = faults;
		faults = lost = last_seq = 0;
		drain(fd, 0, until, total > count ? total - count : 0);
	} else {
		drain(fd, 0, until, 0);
	}
}

int main(int argc, char **argv, char **envp)
{
	bool forever = false;
	u64 count = 0, seq;
	int fd, i, status = 0;
	long pid;

	self = (unsigned)sys_getpid();
	for (i = 1; i < argc && argv[i][0] == '-'; i++) {
		if (strcmp(argv[i], "-f") == 0)
			forever = true;
		else if (strcmp(argv[i], "-n") == 0 && i + 1 < argc)
			count = parse_u64(argv[++i], NULL);
		else if (strcmp(argv[i], "-p") == 0 && i + 1 < argc)
			only_pid = parse_u64(argv[++i], NULL);
		else
			return usage();
	}
	fd = (int)sys_open("/proc/pagewalk/trace", O_RDONLY, 0);
	if (fd < 0) {
		printf("explain: /proc/pagewalk/trace: error %d\n", -fd);
		return 1;
	}
	if (i < argc) {
		switch_on();
		seq = newest(fd);
		pid = start(argv + i);
		if (pid < 0)
			return 1;
		status = follow(fd, seq, (int)pid);
	} else {
		show_ring(fd, count);
		if (forever) {
			switch_on();
			follow(fd, last_seq, 0);
		}
	}
	printf("explain: %llu faults up to event %llu, %llu events were overwritten too early\n",
	       (unsigned long long)faults, (unsigned long long)last_seq, (unsigned long long)lost);
	return status ? 1 : 0;
}
