/* SPDX-License-Identifier: MIT */
/*
 * /bin/init: the first program.  Without arguments it becomes /bin/show.
 *
 * /bin/init [seconds=N] programs|PROGRAM...: starts the programs (`programs`: those of the
 * table below), looks after them, and ends when the time is over
 * (seconds=0: never) or a key is pressed; its name in the table of tasks counts the seconds.
 * Then it stops them, each says what it did, and init ends with status 0 if none of them
 * went wrong.
 *
 * Every few seconds it also starts one that misbehaves, each time in another way: that one
 * is killed, the others run on.
 */
#include "lib/lib.h"

#define SIGKILL		9
#define SIGTERM		15
#define WORKERS_MAX	16
#define SECONDS		20
#define CRASH_EVERY_NS	4000000000ull
#define GRACE_NS	5000000000ull	/* between SIGTERM and SIGKILL */

static const char *const standard[] = {
	"sieve", "matrix", "grower", "forker", "sleeper", "talker", "mapper",
};

static const char *const crashes[] = {
	"null-read", "kernel-read", "kernel-write", "kernel-jump", "ud2", "divide", "hlt",
	"stack-overflow", "text-write", "non-canonical", "bad-stack",
};

static struct worker {
	const char *name;
	long pid;			/* 0: does not run (any more) */
} workers[WORKERS_MAX];
static unsigned worker_count;

static const char *self;
static u64 seconds = SECONDS;
static unsigned failures, crashes_started, crashes_killed;
static long crash_pid;
static bool may_poll = true;

/* ---- start ------------------------------------------------------------------------- */

static long start(const char *name, const char *arg)
{
	const char *const env[] = { "PATH=/bin", "HOME=/", "TERM=linux", NULL };
	char path[64];
	const char *const argv[] = { path, arg, NULL };
	long pid;

	sibling_path(path, sizeof(path), self, name);
	pid = start_program("init", argv, env, NULL);
	if (pid < 0) {
		printf("init: no process for %s: error %ld\n", path, -pid);
		failures++;
		return 0;
	}
	return pid;
}

static void add_worker(const char *name)
{
	if (worker_count == WORKERS_MAX) {
		printf("init: %s is one program too many\n", name);
		return;
	}
	workers[worker_count++].name = name;
}

static void read_arguments(int argc, char **argv)
{
	unsigned i;
	int k;

	self = argc ? argv[0] : "/bin/init";
	for (k = 1; k < argc; k++) {
		if (strncmp(argv[k], "seconds=", 8) == 0)
			seconds = parse_u64(argv[k] + 8, NULL);
		else if (strcmp(argv[k], "programs"))
			add_worker(argv[k]);
	}
	for (i = 0; !worker_count && i < ARRAY_SIZE(standard); i++)
		workers[i].name = standard[i];
	if (!worker_count)
		worker_count = ARRAY_SIZE(standard);
}

/* ---- while they run ---------------------------------------------------------------- */

static void describe(char *text, size_t size, int status)
{
	if (status & 0x7f)
		snprintf(text, size, "was killed by %s", signal_name(status & 0x7f));
	else
		snprintf(text, size, "ended with status %d", status >> 8 & 0xff);
}

/* A child has ended; stopping says that we wanted it. */
static void ended(long pid, int status, bool stopping)
{
	char how[64];
	unsigned i;

	if (pid == crash_pid) {
		crash_pid = 0;
		if (status & 0x7f) {
			crashes_killed++;
			return;
		}
		failures++;
		printf("init: what should have been killed ended with status %d\n", status >> 8);
		return;
	}
	for (i = 0; i < worker_count && workers[i].pid != pid; i++)
		;
	if (i == worker_count)
		return;			/* somebody's orphan */
	workers[i].pid = 0;
	if (stopping && status == 0)
		return;
	failures++;
	describe(how, sizeof(how), status);
	printf("init: %s (process %ld) %s%s\n", workers[i].name, pid, how,
	       stopping ? "" : " before its time");
}

static void reap(bool stopping)
{
	int status;
	long pid;

	while ((pid = sys_wait4(-1, &status, WNOHANG, NULL)) > 0)
		ended(pid, status, stopping);
}

static unsigned running(void)
{
	unsigned i, n = crash_pid != 0;

	for (i = 0; i < worker_count; i++)
		n += workers[i].pid != 0;
	return n;
}

/* Let time pass; true if a key was pressed. */
static bool wait_for_key(unsigned ms)
{
	struct pollfd p = { .fd = 0, .events = POLLIN };
	char c;
	long ret;

	if (!may_poll) {
		sleep_ms(ms);
		return false;
	}
	ret = sys_poll(&p, 1, (int)ms);
	if (ret <= 0) {
		may_poll = ret == 0 || ret == -EINTR;
		return false;
	}
	ret = sys_read(0, &c, 1);
	may_poll = ret > 0;		/* no keyboard, or its end */
	return ret == 1;
}

static void start_crash(u64 now)
{
	static u64 next = CRASH_EVERY_NS / 4;

	if (crash_pid || now < next)
		return;
	next = now + CRASH_EVERY_NS;
	crash_pid = start("crash", crashes[crashes_started++ % ARRAY_SIZE(crashes)]);
}

/* In the table of tasks. */
static void show_time_left(u64 now)
{
	static u64 shown;
	u64 left = seconds - now / 1000000000;
	char name[16];

	if (!seconds || left == shown)
		return;
	shown = left;
	snprintf(name, sizeof(name), "init: %u s left", (unsigned)left);
	sys_set_name(name);
}

static const char *supervise(void)
{
	u64 begin = now_ns(), now;

	for (;;) {
		if (wait_for_key(200))
			return "a key was pressed";
		reap(false);
		now = now_ns() - begin;
		if (seconds && now >= seconds * 1000000000ull)
			return "the time is over";
		if (!running())
			return "no program runs any more";
		start_crash(now);
		show_time_left(now);
	}
}

/* ---- end --------------------------------------------------------------------------- */

static void signal_all(int sig)
{
	unsigned i;

	for (i = 0; i < worker_count; i++)
		if (workers[i].pid)
			sys_kill((int)workers[i].pid, sig);
	if (crash_pid)
		sys_kill((int)crash_pid, sig);
}

static void stop_all(void)
{
	u64 begin = now_ns();
	bool killed = false;

	signal_all(SIGTERM);
	while (running()) {
		sleep_ms(20);
		reap(true);
		if (!killed && now_ns() - begin > GRACE_NS) {
			printf("init: %u do not end: SIGKILL\n", running());
			signal_all(SIGKILL);
			killed = true;
		}
		if (now_ns() - begin > 2 * GRACE_NS)
			break;
	}
}

/* Returns only if it cannot be started. */
static void become_show(void)
{
	const char *show[] = { NULL, NULL };
	char path[64];
	long err;

	sibling_path(path, sizeof(path), self, "show");
	show[0] = path;
	err = sys_execve(path, show, (const char *const *)environ);
	printf("init: %s cannot be started: error %ld; programs instead\n", path, -err);
}

int main(int argc, char **argv, char **envp)
{
	const char *why, *plural;
	unsigned i;

	read_arguments(argc, argv);
	if (argc <= 1)
		become_show();
	plural = worker_count == 1 ? "" : "s";
	if (seconds)
		printf("init: %u program%s for %u s; any key ends it\n", worker_count,
		       plural, (unsigned)seconds);
	else
		printf("init: %u program%s; any key ends it\n", worker_count, plural);
	for (i = 0; i < worker_count; i++)
		workers[i].pid = start(workers[i].name, NULL);
	terminal_raw(true);
	why = supervise();
	terminal_restore();
	printf("init: %s\n", why);
	stop_all();
	reap(true);
	printf("init: %u program%s, %u of %u that misbehaved were killed, %u went wrong\n",
	       worker_count, plural, crashes_killed, crashes_started, failures);
	return failures != 0;
}
