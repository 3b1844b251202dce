/* SPDX-License-Identifier: MIT */
/*
 * /bin/oracle WHAT...: one process after the other, each with its name in front:
 *
 *	cases			every hand-written case
 *	cases=PREFIX		some of them
 *	random=FIRST,COUNT	random programs
 *	full=FIRST,COUNT	the same, every step on a line
 *
 *	|== NAME
 *	|LINE...
 *	|-- exit 0
 *	|done N
 *
 * Inside, /bin/oracle -NAME runs one case, /bin/oracle =NAME a helper of one.
 */
#include "oracle.h"

#define SECONDS_MAX	20	/* for one case; then it is killed */

extern const struct oracle_case *const __start_cases[], *const __stop_cases[];
extern const struct oracle_helper *const __start_helpers[], *const __stop_helpers[];

static volatile int group;

static void on_alarm(int sig)
{
	sys_kill(-group, SIGKILL);
}

/* Copy what the process says, a '|' in front of each line, until nobody writes any more. */
static void copy_lines(int fd)
{
	static char in[4096], out[1024];
	size_t used = 0;
	long n, i;

	out[used++] = '|';
	while ((n = sys_read(fd, in, sizeof(in))) > 0 || n == -EINTR) {
		for (i = 0; i < n; i++) {
			if (used < sizeof(out) - 1 || in[i] == '\n')
				out[used++] = in[i];
			if (in[i] != '\n')
				continue;
			sys_write(1, out, used);
			used = 1;
		}
	}
	if (used > 1) {
		out[used++] = '\n';
		sys_write(1, out, used);
	}
}

/* One case or random program in a process of its own. */
static void run_one(const char *name, const char *arg)
{
	const char *argv[] = { SELF, arg, NULL }, *envp[] = { "PATH=/bin", NULL };
	int fds[2], pid;

	printf("|== %s\n", name);
	sys_pipe(fds);
	pid = (int)sys_fork();
	if (pid == 0) {
		sc(setpgid, 0, 0);
		sys_dup2(fds[1], 1);
		sys_close(fds[0]);
		sys_close(fds[1]);
		exit((int)-sys_execve(SELF, argv, envp));
	}
	sc(setpgid, pid, pid);
	group = pid;
	sys_close(fds[1]);
	sc(alarm, SECONDS_MAX);
	copy_lines(fds[0]);
	sc(alarm, 0);
	sys_close(fds[0]);
	printf("|-- %s\n", status(wait_for(pid)));
	sys_kill(-pid, SIGKILL);		/* whoever is left */
}

static unsigned run_cases(const char *prefix)
{
	const struct oracle_case *const *c;
	unsigned n = 0;
	char arg[64];

	for (c = __start_cases; c < __stop_cases; c++) {
		if (strncmp((*c)->name, prefix, strlen(prefix)))
			continue;
		snprintf(arg, sizeof(arg), "-%s", (*c)->name);
		run_one((*c)->name, arg);
		n++;
	}
	return n;
}

static unsigned run_random(const char *range, bool full)
{
	unsigned first, count, i;
	char name[32], arg[32];

	first = (unsigned)parse_u64(range, &range);
	count = *range == ',' ? (unsigned)parse_u64(range + 1, NULL) : 1;
	for (i = first; i < first + count; i++) {
		snprintf(name, sizeof(name), "random_%u", i);
		snprintf(arg, sizeof(arg), "%s%u", full ? "-full=" : "-random=", i);
		run_one(name, arg);
	}
	return count;
}

static int one_process(int argc, char **argv)
{
	const struct oracle_case *const *c;
	const struct oracle_helper *const *h;
	const char *name = argv[1] + 1;

	if (argv[1][0] == '=') {
		for (h = __start_helpers; h < __stop_helpers; h++)
			if (!strcmp((*h)->name, name))
				return (*h)->run(argc - 2, argv + 2);
		return 126;
	}
	if (!strncmp(name, "random=", 7) || !strncmp(name, "full=", 5)) {
		random_program((unsigned)parse_u64(strchr(name, '=') + 1, NULL), name[0] == 'f');
		return 0;
	}
	for (c = __start_cases; c < __stop_cases; c++) {
		if (strcmp((*c)->name, name))
			continue;
		(*c)->run();
		return 0;
	}
	return 126;
}

int main(int argc, char **argv, char **envp)
{
	unsigned n = 0;
	int i;

	if (argc > 1 && (argv[1][0] == '-' || argv[1][0] == '='))
		return one_process(argc, argv);
	set_signal(SIGALRM, on_alarm, 0);
	for (i = 1; i < argc; i++) {
		if (!strcmp(argv[i], "cases"))
			n += run_cases("");
		else if (!strncmp(argv[i], "cases=", 6))
			n += run_cases(argv[i] + 6);
		else if (!strncmp(argv[i], "random=", 7))
			n += run_random(argv[i] + 7, false);
		else if (!strncmp(argv[i], "full=", 5))
			n += run_random(argv[i] + 5, true);
	}
	printf("|done %u\n", n);
	return 0;
}
