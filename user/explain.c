/* SPDX-License-Identifier: MIT */
/*
 * /bin/explain: page faults in plain words, a line for each, from the trace ring (--help).
 *
 *	explain			what is in the ring now; --last: the last COUNT faults
 *	explain --follow	and what comes, until it is stopped
 *	explain COMMAND		what happens while COMMAND runs
 *
 * Its own faults are left out, or it would never come to an end.  Recording is switched on if
 * this kernel lets programs do that (test=); else boot with trace=on.  The sentences are made
 * by lib/explain.c.
 */
#include "lib/explain.h"
#include "lib/lib.h"
#include "lib/pagewalk.h"

#define BATCH		1024	/* much at once: what is not read yet may be overwritten */
#define PAUSE_MS	50
#define LOST_MAX	(1ull << 32)	/* more would be a broken file */
#define JSON_MAX	2048

static struct explainer explainer;
static unsigned self;
static u64 only_pid;
static bool as_json;
static u64 faults, cut_off, lost, last_seq;

static const char help[] =
	"usage: explain [--follow] [--last COUNT] [--pid N] [--json] [COMMAND [ARG...]]\n"
	"\n"
	"Page faults in plain words, a line for each, from the kernel's trace ring.\n"
	"\n"
	"  explain COMMAND      what happens while COMMAND runs\n"
	"  explain              what is in the ring now\n"
	"  -f, --follow         then whatever comes, until it is stopped\n"
	"  -n, --last COUNT     of what is in the ring now, only the last COUNT faults\n"
	"  -p, --pid N          only those of process N\n"
	"  -j, --json           an object a line; the summary goes to standard error\n"
	"  -h, --help           this text\n"
	"\n"
	"A line says who touched which address and how, in which region; why that was a fault,\n"
	"what was done, and by which functions; the entry of the page table and the frame before\n"
	"and after; what it cost; and the section of Gorman's text on the Linux VM.\n"
	"Faults are recorded when the kernel is booted with trace=on.\n";

/* ---- the ring ---------------------------------------------------------------------- */

static void print_fault(const struct explained *f)
{
	char text[JSON_MAX];
	struct json j;

	if (!as_json) {
		explain_sentence(f, text, sizeof(text));
		printf("%s\n", text);
		return;
	}
	json_begin(&j, text, sizeof(text));
	json_open(&j, NULL, '{');
	explain_json(f, &j);
	json_close(&j, '}');
	json_print(&j);
}

static bool wanted(u32 pid)
{
	return pid != self && (!only_pid || pid == only_pid);
}

/* Print, or only count the first `skip`. */
static void take(const struct pagewalk_event *e, u64 skip)
{
	struct explained f;
	bool whole;

	if (last_seq && e->seq - last_seq - 1 < LOST_MAX)
		lost += e->seq - last_seq - 1;
	last_seq = e->seq;
	whole = explain_event(&explainer, e, &f);
	if (e->kind != TRACE_EXPLAIN || !wanted(e->pid))
		return;
	/* Without its region it was cut off by the end of the ring. */
	if (whole && faults >= skip)
		print_fault(&f);
	cut_off += !whole;
	faults++;
}

/* All events behind `seq` up to `until`; the number of the last one.  Reading makes new ones. */
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
		if (!i) {		/* the next one is newer: all of ours were overwritten */
			lost += last_seq ? until - seq : 0;
			return last_seq = until;
		}
		seq = events[i - 1].seq;
	}
	return seq;
}

static u64 newest(int fd)
{
	long n = sys_lseek(fd, 0, SEEK_END);

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
	return start_program("explain", (const char *const *)argv, (const char *const *)environ,
			     " (no such file; write the whole path)");
}

static void switch_on(void)
{
	long err = pw_knob("trace=1");

	if (err && !pw_counter("trace_size")) {
		dprintf(2, "explain: nothing is recorded, and only a kernel booted with test= lets "
			"programs change that: boot with trace=on\n");
		exit(1);
	}
}

/* First count, then print the last ones. */
static void show_ring(int fd, u64 count)
{
	u64 until = newest(fd), total;

	if (!count) {
		drain(fd, 0, until, 0);
		return;
	}
	drain(fd, 0, until, ~0ull);
	total = faults;
	faults = lost = cut_off = last_seq = 0;
	drain(fd, 0, until, total > count ? total - count : 0);
}

static void print_sums(void)
{
	dprintf(as_json ? 2 : 1, "explain: %llu faults up to event %llu, %llu events were "
		"overwritten too early\n", (unsigned long long)faults,
		(unsigned long long)last_seq, (unsigned long long)lost);
	if (cut_off)
		dprintf(as_json ? 2 : 1, "explain: of %llu of them the first half was overwritten: "
			"no line\n", (unsigned long long)cut_off);
}

/* ---- options ----------------------------------------------------------------------- */

struct options {
	bool follow;
	u64 last;
	char **command;
};

static bool is(const char *arg, const char *brief, const char *name)
{
	return strcmp(arg, brief) == 0 || strcmp(arg, name) == 0;
}

static __noreturn void refuse(const char *what, const char *arg)
{
	dprintf(2, "explain: %s%s%s%s; explain --help lists the options\n", what, arg ? " \"" : "",
		arg ? arg : "", arg ? "\"" : "");
	exit(2);
}

/* The number that follows an option: from 1 on. */
static u64 number_of(const char *option, const char *arg)
{
	const char *end;
	u64 n;

	if (!arg)
		refuse("a number is missing behind", option);
	n = parse_u64(arg, &end);
	if (end == arg || *end || !n)
		refuse(is(option, "-p", "--pid") ? "no process has the number" :
		       "a number from 1 on is wanted, not", arg);
	return n;
}

static void take_options(char **argv, struct options *o)
{
	for (argv++; *argv && argv[0][0] == '-'; argv++) {
		if (is(*argv, "-h", "--help")) {
			sys_write(1, help, sizeof(help) - 1);
			exit(0);
		}
		if (is(*argv, "-f", "--follow")) {
			o->follow = true;
		} else if (is(*argv, "-j", "--json")) {
			as_json = true;
		} else if (is(*argv, "-n", "--last")) {
			o->last = number_of(*argv, argv[1]);
			argv++;
		} else if (is(*argv, "-p", "--pid")) {
			only_pid = number_of(*argv, argv[1]);
			argv++;
		} else {
			refuse("there is no option", *argv);
		}
	}
	o->command = argv;
	if (*argv && (o->follow || o->last))
		refuse("--follow and --last are about the ring, not about a command:", *argv);
}

static int open_ring(void)
{
	int fd = (int)sys_open("/proc/pagewalk/trace", O_RDONLY, 0);

	if (fd >= 0)
		return fd;
	dprintf(2, "explain: /proc/pagewalk/trace cannot be opened: error %d%s\n", -fd,
		fd == -EACCES ? " (only root may)" : "");
	exit(1);
}

int main(int argc, char **argv, char **envp)
{
	struct options o = { .follow = false };
	int fd, status = 0;
	u64 seq;
	long pid;

	self = (unsigned)sys_getpid();
	take_options(argv, &o);
	fd = open_ring();
	if (*o.command) {
		switch_on();
		seq = newest(fd);
		pid = start(o.command);
		if (pid < 0) {
			dprintf(2, "explain: no process: error %ld\n", -pid);
			return 1;
		}
		status = follow(fd, seq, (int)pid);
	} else {
		show_ring(fd, o.last);
		if (o.follow) {
			switch_on();
			follow(fd, last_seq, 0);
		}
	}
	print_sums();
	return status ? 1 : 0;
}
