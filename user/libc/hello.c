/* SPDX-License-Identifier: MIT */
/*
 * An ordinary C program, linked statically with somebody else's C library: /bin/hello-musl,
 * /bin/hello-glibc, /bin/hello-pie.  Nothing in it knows about Pagewalk.  It looks at what
 * a C library needs of its kernel and says "hello" and OK, or what was wrong.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define WORDS	50000

static int failed;
static volatile sig_atomic_t signals;
static _Thread_local int per_thread = 77;

static void expect(int ok, const char *what)
{
	if (!ok)
		printf("wrong: %s (errno %d, %s)\n", what, errno, strerror(errno));
	failed += !ok;
}

static int compare(const void *a, const void *b)
{
	unsigned x = *(const unsigned *)a, y = *(const unsigned *)b;

	return x < y ? -1 : x > y;
}

/* The heap grows by brk, then by mmap. */
static void use_heap(void)
{
	unsigned *small = malloc(1000), *p = malloc(WORDS * sizeof(*p)), i, wrong = 0;

	expect(small && p, "malloc");
	for (i = 0; i < WORDS; i++)
		p[i] = i * 2654435761u;
	qsort(p, WORDS, sizeof(*p), compare);
	for (i = 1; i < WORDS; i++)
		wrong += p[i - 1] > p[i];
	expect(!wrong, "qsort");
	p = realloc(p, 40 * WORDS * sizeof(*p));
	expect(p && p[WORDS - 1] > p[0], "realloc");
	free(p);
	free(small);
}

static void use_numbers(void)
{
	char text[64];

	snprintf(text, sizeof(text), "%.6f %e %lld", 355.0 / 113.0, 6.02214e23, 1LL << 62);
	expect(!strcmp(text, "3.141593 6.022140e+23 4611686018427387904"), text);
	expect(strtod("0.125", NULL) == 0.125, "strtod");
}

static void on_signal(int sig)
{
	signals += sig == SIGUSR1;
}

static void use_processes(void)
{
	int fds[2], status = 0, value = 0;
	pid_t pid;

	signal(SIGUSR1, on_signal);
	raise(SIGUSR1);
	expect(signals == 1, "raise");
	expect(!pipe(fds), "pipe");
	pid = fork();
	if (!pid) {
		per_thread++;
		value = per_thread;
		_exit(write(fds[1], &value, sizeof(value)) == sizeof(value) ? 5 : 6);
	}
	expect(pid > 0, "fork");
	expect(read(fds[0], &value, sizeof(value)) == sizeof(value) && value == 78, "read");
	expect(waitpid(pid, &status, 0) == pid && WIFEXITED(status) &&
	       WEXITSTATUS(status) == 5, "waitpid");
	expect(per_thread == 77, "thread-local data are shared with the child");
}

static void use_time(void)
{
	struct timespec a, b, nap = { 0, 10 * 1000 * 1000 };

	expect(!clock_gettime(CLOCK_MONOTONIC, &a), "clock_gettime");
	expect(!nanosleep(&nap, NULL), "nanosleep");
	clock_gettime(CLOCK_MONOTONIC, &b);
	expect((b.tv_sec - a.tv_sec) * 1000000000ll + b.tv_nsec - a.tv_nsec >= nap.tv_nsec,
	       "the clock during a sleep");
}

static void use_maps(void)
{
	long page = sysconf(_SC_PAGESIZE);
	char *p = mmap(NULL, 4 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
		       -1, 0);

	expect(p != MAP_FAILED, "mmap");
	p[3 * page] = 'x';
	expect(!mprotect(p, page, PROT_READ), "mprotect");
	expect(p[0] == 0 && p[3 * page] == 'x', "mapped memory");
	expect(!munmap(p, 4 * page), "munmap");
}

int main(int argc, char **argv)
{
	use_heap();
	use_numbers();
	use_processes();
	use_time();
	use_maps();
	expect(close(999) == -1 && errno == EBADF, "errno");
	printf("hello from %s, %d-bit, process %d: %s\n", argc ? argv[0] : "nobody",
	       (int)sizeof(long) * 8, (int)getpid(), failed ? "FAILED" : "OK");
	return failed != 0;
}
