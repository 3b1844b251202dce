/* SPDX-License-Identifier: MIT */
/*
 * /bin/stress WHAT [NUMBER]: what must leave nothing behind, many times over.
 *
 *	cycles N	fork, exec, exit, wait
 *	killed N	tasks killed in whatever they just do
 *	nomem OP	OP with each of its allocations failing in turn (knob alloc_fail)
 *	exhaust		real memory used up, by tasks and by pages
 *	args		arguments that are too long
 *	bad		every file in /bad, whose name says how it must fail
 *
 * Reports like a row (lib/check.h); who started it compares the machine before and after.
 */
#include "lib/check.h"
#include "lib/pagewalk.h"

#define SIGKILL		9
#define SIGSEGV		11
#define SIGSTOP		19
#define MiB		(1024ul * 1024)

static const char *const no_env[] = { NULL };

static void run_tiny(void)
{
	static const char *const argv[] = { "/bin/tiny", NULL };

	exit(sys_execve(argv[0], argv, no_env) ? 99 : 0);
}

static void write_ones(volatile char *p, size_t len)
{
	size_t i;

	for (i = 0; i < len; i += PAGE_SIZE)
		p[i] = 1;
}

/* ---- cycles, killed --------------------------------------------------------------------- */

static void cycles(unsigned n)
{
	unsigned i;
	long pid;
	int status;

	for (i = 0; i < n; i++) {
		pid = sys_fork();
		if (pid == 0)
			run_tiny();
		status = pid > 0 ? wait_for((int)pid) : (int)pid;
		if (!CHECK_EQ(status, 0, "cycle %u: status of the child", i))
			return;
	}
	CHECK_INFO("%u times fork, exec, exit, wait", n);
}

/* What the victims are doing. */
static __noreturn void victim(unsigned kind, const int *fds)
{
	char c;

	switch (kind % 6) {
	case 0:
		for (;;)
			;
	case 1:
		sleep_ms(1000000);
		break;
	case 2:
		sys_read(fds[0], &c, 1);
		break;
	case 3:
		for (;;)
			write_ones(map_anon(16 * PAGE_SIZE), 16 * PAGE_SIZE);
	case 4:
		for (;;)
			if (sys_fork() == 0)
				exit(0);
			else
				sys_wait4(-1, NULL, 0, NULL);
	case 5:
		sys_kill((int)sys_getpid(), SIGSTOP);
	}
	exit(98);
}

static void killed(unsigned n)
{
	unsigned i;
	int fds[2], status;
	long pid;

	if (!CHECK_EQ(sys_pipe(fds), 0, "pipe"))
		return;
	for (i = 0; i < n; i++) {
		pid = sys_fork();
		if (pid == 0)
			victim(i, fds);
		if (!CHECK(pid > 0, "fork number %u returns %ld", i, pid))
			break;
		/* Some die before they have run at all, some later. */
		if (i / 6 % 4)
			sleep_ms(i / 6 % 4);
		CHECK_EQ(sys_kill((int)pid, SIGKILL), 0, "kill");
		status = wait_for((int)pid);
		if (!CHECK(KILLED(status, SIGKILL), "task %u: wait status %#x", i,
			   (unsigned)status))
			break;
	}
	CHECK_INFO("%u tasks killed: computing, asleep, reading, mapping, forking, stopped", i);
}

/* ---- nomem ------------------------------------------------------------------------------ */

#define SWEEP_MAX	3000
#define QUIET_RUNS	3		/* without a failure, in a row: the end */

static int knob_fd;

/* By a descriptor that is open already: this must not need memory. */
static void arm(unsigned countdown)
{
	char text[32];

	sys_write(knob_fd, text, snprintf(text, sizeof(text), "alloc_fail=%u", countdown));
}

static int op_fork(void)
{
	long pid = sys_fork();

	if (pid == 0)
		exit(0);
	if (pid < 0)
		return (int)pid;
	return wait_for((int)pid) < 0 ? -EINVAL : 0;
}

static int op_exec(void)
{
	static const char *const argv[] = { "/bin/tiny", "an argument", NULL };

	return (int)sys_execve(argv[0], argv, no_env);
}

/* First touches by reading, by writing and by the kernel, new tables, COW. */
static char cow_page[PAGE_SIZE] __attribute__((__aligned__(4096)));

static int op_fault(void)
{
	volatile char *p = sys_mmap(NULL, 16 * MiB, PROT_READ | PROT_WRITE,
				    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	long fd, ret;
	char c;

	if (IS_ERR(p))
		return (int)(long)p;
	c = p[0];
	p[0] = (char)(c + 1);
	p[5 * MiB] = 1;
	c += p[9 * MiB];
	WRITE_ONCE(cow_page[0], c);
	fd = sys_open("/dev/zero", O_RDONLY, 0);
	if (fd < 0)
		return (int)fd;
	ret = sys_read((int)fd, (char *)p + 13 * MiB, 2 * PAGE_SIZE);
	if (ret != 2 * PAGE_SIZE)
		return ret < 0 ? (int)ret : -EFAULT;
	return 0;
}

static int op_files(void)
{
	char buf[64];
	int fds[2];
	long fd, ret;
	void *p;

	ret = sys_pipe(fds);
	if (ret)
		return (int)ret;
	ret = sys_write(fds[1], "x", 1);
	if (ret != 1)
		return (int)ret;
	fd = sys_open("/proc/self/status", O_RDONLY, 0);
	if (fd < 0)
		return (int)fd;
	ret = sys_read((int)fd, buf, sizeof(buf));
	if (ret < 0)
		return (int)ret;
	fd = sys_open("/bin/tiny", O_RDONLY, 0);
	if (fd < 0)
		return (int)fd;
	p = sys_mmap(NULL, 2 * PAGE_SIZE, PROT_READ, MAP_PRIVATE, (int)fd, 0);
	if (IS_ERR(p))
		return (int)(long)p;
	ret = sys_mprotect(p, PAGE_SIZE, PROT_READ | PROT_WRITE);
	if (ret)
		return (int)ret;
	WRITE_ONCE(*(char *)p, 1);
	return 0;
}

/* Regions that are made, cut, moved, locked. */
static int op_mmap(void)
{
	const int rw = PROT_READ | PROT_WRITE, move = MREMAP_MAYMOVE | MREMAP_FIXED;
	char *p = sys_mmap(NULL, 32 * PAGE_SIZE, rw, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0), *q;
	long ret;

	if (IS_ERR(p))
		return (int)(long)p;
	q = sys_mmap(NULL, 8 * PAGE_SIZE, rw, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (IS_ERR(q))
		return (int)(long)q;
	ret = sys_mprotect(p + 8 * PAGE_SIZE, 8 * PAGE_SIZE, PROT_READ);
	if (!ret)
		ret = sys_munmap(p + 20 * PAGE_SIZE, 4 * PAGE_SIZE);
	if (!ret)
		ret = sys_mlock(p, 2 * PAGE_SIZE);
	if (ret)
		return (int)ret;
	q = sys_mremap(p, 2 * PAGE_SIZE, 2 * PAGE_SIZE, move, (void *)0x30000000);
	if (IS_ERR(q))
		return (int)(long)q;
	q = (char *)sys_brk(NULL) + 8 * PAGE_SIZE;
	return (char *)sys_brk(q) == q ? 0 : -ENOMEM;
}

static const struct op {
	const char *name;
	int (*fn)(void);
} ops[] = {
	{ "fork", op_fork }, { "exec", op_exec }, { "fault", op_fault }, { "files", op_files },
	{ "mmap", op_mmap },
};

/*
 * A task that is larger than all others is the one to be killed when memory is short; the
 * one that wanted it goes on then.
 */
static int start_scapegoat(void)
{
	long pid = sys_fork();

	if (pid == 0) {
		write_ones(map_anon(2 * MiB), 2 * MiB);
		sys_kill((int)sys_getpid(), SIGSTOP);
		exit(97);
	}
	if (pid > 0)
		sys_wait4((int)pid, NULL, WUNTRACED, NULL);
	return (int)pid;
}

/* True: it has been killed already. */
static bool end_scapegoat(int pid)
{
	bool dead = sys_wait4(pid, NULL, WNOHANG, NULL) == pid;

	if (!dead) {
		sys_kill(pid, SIGKILL);
		wait_for(pid);
	}
	return dead;
}

static __noreturn void try_op(const struct op *op, unsigned countdown)
{
	int ret;

	arm(countdown);
	ret = op->fn();
	arm(0);
	exit(ret == 0 ? 0 : ret == -ENOMEM || ret == -EAGAIN || ret == -EFAULT ? 1 : 2);
}

/* The op with its first allocation failing, its second, until none of them is left. */
static void sweep(const struct op *op)
{
	unsigned n, fine = 0, errors = 0, kills = 0, quiet = 0;
	int status, scapegoat;
	bool dead;
	long pid;

	for (n = 1; n <= SWEEP_MAX && quiet < QUIET_RUNS; n++) {
		scapegoat = start_scapegoat();
		pid = sys_fork();
		if (pid == 0)
			try_op(op, n);
		if (!CHECK(pid > 0, "fork returns %ld although nothing fails", pid))
			return;
		status = wait_for((int)pid);
		arm(0);
		dead = end_scapegoat(scapegoat);
		quiet = pw_counter("alloc_failed") ? 0 : quiet + 1;
		if (quiet)
			CHECK(!status && !dead, "%s without a failure: status %#x, killed %d",
			      op->name, (unsigned)status, dead);
		kills += dead || KILLED(status, SIGKILL) || KILLED(status, SIGSEGV);
		CHECK(!dead || status == 0 || EXITED(status, 1),
		      "%s, allocation %u fails: two tasks are dead", op->name, n);
		if (status == 0)
			fine += !dead;
		else if (EXITED(status, 1))
			errors++;
		else if (KILLED(status, SIGKILL) || KILLED(status, SIGSEGV))
			continue;
		else
			CHECK(false, "%s, allocation %u fails: wait status %#x", op->name, n,
			      (unsigned)status);
	}
	CHECK(quiet == QUIET_RUNS, "%s still fails at allocation %u", op->name, n);
	CHECK(errors + kills > 0, "%s: no allocation ever failed", op->name);
	printf("%s: %u allocations failed in turn: %u errors, %u tasks killed, %u times no harm\n",
	       op->name, n - 1 - QUIET_RUNS, errors, kills, fine - QUIET_RUNS);
}

static void nomem(const char *name)
{
	unsigned i;
	long fd = sys_open("/proc/pagewalk/knob", O_WRONLY, 0);

	if (!CHECK(fd >= 0, "the knob file: error %ld", -fd))
		return;
	knob_fd = (int)fd;
	for (i = 0; i < ARRAY_SIZE(ops); i++)
		if (strcmp(ops[i].name, name) == 0)
			sweep(&ops[i]);
}

/* ---- exhaust ---------------------------------------------------------------------------- */

#define TASKS_MAX	30000

/* Fork until it fails.  The children wait for the end of the pipe. */
static __noreturn void fork_all(int *fds)
{
	unsigned n;
	long pid = 0;
	char c;

	write_ones(map_anon(MiB), MiB);
	for (n = 0; n < TASKS_MAX; n++) {
		pid = sys_fork();
		if (pid == 0) {
			sys_close(fds[1]);
			sys_read(fds[0], &c, 1);
			exit(0);
		}
		if (pid < 0)
			break;
	}
	printf("fork fails with error %ld after %u tasks\n", -pid, n);
	sys_close(fds[1]);
	while (sys_wait4(-1, NULL, 0, NULL) > 0)
		;
	exit(pid == -ENOMEM || pid == -EAGAIN ? 0 : 1);
}

/*
 * If who forked was killed, its children still are on their way out, and until then there is
 * no memory to look at counters: the pipe that all of them have open ends first.
 */
static void wait_for_ends(u64 mms, int *ends)
{
	unsigned i;
	char c;

	sys_close(ends[1]);
	CHECK_EQ(sys_read(ends[0], &c, 1), 0, "read of a pipe whose writers have ended");
	sys_close(ends[0]);
	for (i = 0; i < 500 && pw_counter("nr_mms") > mms; i++)
		sleep_ms(10);
	CHECK_EQ(pw_counter("nr_mms"), mms, "address spaces after all have ended");
}

static void exhaust_by_tasks(void)
{
	u64 mms = pw_counter("nr_mms");
	int fds[2], ends[2], status;
	long pid;

	if (!CHECK_EQ(sys_pipe(fds), 0, "pipe") || !CHECK_EQ(sys_pipe(ends), 0, "pipe"))
		return;
	pid = sys_fork();
	if (pid == 0)
		fork_all(fds);
	sys_close(fds[1]);
	status = wait_for((int)pid);
	sys_close(fds[0]);
	CHECK(status == 0 || KILLED(status, SIGKILL), "who forked has wait status %#x",
	      (unsigned)status);
	wait_for_ends(mms, ends);
}

static __noreturn void touch_all(void)
{
	for (;;)
		write_ones(map_anon(MiB), MiB);
}

/* One takes all pages; another one with data of its own is there all the time. */
static void exhaust_by_pages(void)
{
	ulong *data = map_anon(MiB), i, wrong = 0;
	const ulong n = MiB / sizeof(ulong);
	int status;
	long pid;

	for (i = 0; i < n; i++)
		data[i] = i * 7 + 1;
	pid = sys_fork();
	if (pid == 0)
		touch_all();
	status = wait_for((int)pid);
	CHECK(KILLED(status, SIGKILL) || EXITED(status, 1),
	      "who took all pages has wait status %#x", (unsigned)status);
	for (i = 0; i < n; i++)
		wrong += data[i] != i * 7 + 1;
	CHECK_EQ(wrong, 0, "words of another task that have changed");
	write_ones(map_anon(8 * MiB), 8 * MiB);
	CHECK_INFO("all memory used by tasks, then by pages: one killed at most, others intact");
}

/* ---- args ------------------------------------------------------------------------------- */

#define ARG_LEN		(100 * 1024)
#define ARGS_MAX	64

static char long_arg[140 * 1024];

/* exec of n strings of this length: the error, or 0 if the program ran. */
static int exec_with(unsigned n, size_t len)
{
	static const char *argv[ARGS_MAX + 2];
	unsigned i;
	int status;
	long pid;

	memset(long_arg, 'a', len);
	long_arg[len] = '\0';
	argv[0] = "/bin/tiny";
	for (i = 1; i <= n; i++)
		argv[i] = long_arg;
	argv[i] = NULL;
	pid = sys_fork();
	if (pid == 0)
		exit((int)-sys_execve(argv[0], argv, no_env));
	status = wait_for((int)pid);
	return status & 0x7f ? -1 : status >> 8;
}

static void args(void)
{
	static const char *const bad[] = { "/bin/tiny", (const char *)8, NULL };

	CHECK_EQ(exec_with(10, ARG_LEN), 0, "exec with 1 MB of arguments");
	CHECK_EQ(exec_with(30, ARG_LEN), E2BIG, "error of exec with 3 MB of arguments");
	CHECK_EQ(exec_with(1, 128 * 1024 - 1), 0, "exec with one argument of 128 KiB");
	CHECK_EQ(exec_with(1, 128 * 1024), E2BIG, "error of exec with one that is longer");
	CHECK_EQ(sys_execve("/bin/tiny", bad, no_env), -EFAULT, "exec with a bad pointer");
	CHECK_EQ(sys_execve("/bin/tiny", (const char *const *)-4096l, no_env), -EFAULT,
		 "exec with a bad vector");
	CHECK_INFO("E2BIG above a quarter of the stack limit and above 128 KiB in one");
}

/* ---- bad: "E8-what" must fail with error 8, "K11-what" be killed by signal 11 ------------ */

static bool bad_file(const char *name)
{
	const char *argv[] = { NULL, NULL };
	char path[128];
	int wanted = (int)parse_u64(name + 1, NULL), status;
	long pid;

	if (*name != 'E' && *name != 'K')
		return false;
	snprintf(path, sizeof(path), "/bad/%s", name);
	argv[0] = path;
	pid = sys_fork();
	if (pid == 0)
		exit((int)-sys_execve(path, argv, no_env));
	status = wait_for((int)pid);
	if (*name == 'E')
		CHECK_EQ(status, wanted << 8, "wait status after exec of %s", path);
	else
		CHECK(KILLED(status, wanted), "%s: wait status %#x", path, (unsigned)status);
	return true;
}

static void bad(void)
{
	static char buf[2048];
	const struct dirent64 *d;
	unsigned files = 0;
	long fd = sys_open("/bad", O_RDONLY | O_DIRECTORY, 0), n, at;

	if (!CHECK(fd >= 0, "/bad: error %ld: it comes in an archive on the stick", -fd))
		return;
	while ((n = syscall3(__NR_getdents64, fd, (long)buf, sizeof(buf))) > 0) {
		for (at = 0; at < n; at += d->reclen) {
			d = (const void *)(buf + at);
			files += bad_file(d->name);
		}
	}
	sys_close((int)fd);
	CHECK(files > 0, "no files in /bad");
	CHECK_INFO("%u bad files, each with the right error", files);
}

int main(int argc, char **argv, char **envp)
{
	const char *what = argc > 1 ? argv[1] : "";
	unsigned n = argc > 2 ? (unsigned)parse_u64(argv[2], NULL) : 0;

	if (strcmp(what, "cycles") == 0)
		cycles(n);
	else if (strcmp(what, "killed") == 0)
		killed(n);
	else if (strcmp(what, "nomem") == 0)
		nomem(argc > 2 ? argv[2] : "");
	else if (strcmp(what, "exhaust") == 0) {
		exhaust_by_tasks();
		exhaust_by_pages();
	} else if (strcmp(what, "args") == 0)
		args();
	else if (strcmp(what, "bad") == 0)
		bad();
	else
		printf("usage: %s cycles|killed N, nomem OP, exhaust, args, bad\n", argv[0]);
	return check_result();
}
