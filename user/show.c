/* SPDX-License-Identifier: MIT */
/*
 * /bin/show [seconds=N] [key=N]: what the machine does when nobody says what.  The live picture
 * on the right half of the screen, beside it the tour of the book, with N seconds (3) for a
 * guess and as many for reading; then, for whoever presses a key within the seconds of key=
 * (10), a shell beside the picture; then the end.  It needs no key, no screen and no serial
 * line.
 *
 * Status: 0 if the tour's proofs held and the picture could be drawn where there is a screen.
 */
#include "lib/lib.h"

#define SIGKILL		9
#define SIGTERM		15
#define SECONDS		3
#define KEY_SECONDS	10
#define GRACE_MS	5000
#define STEP_MS		20

static const char *self;

static long start(const char *name, const char *a, const char *b)
{
	const char *const env[] = { "PATH=/bin", "HOME=/", "TERM=linux", NULL };
	char path[64];
	const char *const argv[] = { path, a, b, NULL };
	long pid;

	sibling_path(path, sizeof(path), self, name);
	pid = start_program("show", argv, env, NULL);
	if (pid < 0)
		printf("show: no process for %s: error %ld\n", path, -pid);
	return pid;
}

static bool has_screen(void)
{
	long fd = sys_open("/dev/fb0", O_RDWR, 0);

	if (fd >= 0)
		sys_close((int)fd);
	return fd >= 0;
}

/* False: something went wrong, and a line says what. */
static bool went_well(const char *what, int status)
{
	if (!status)
		return true;
	if (status & 0x7f)
		printf("show: %s was killed by %s\n", what, signal_name(status & 0x7f));
	else
		printf("show: %s ended with status %d\n", what, status >> 8 & 0xff);
	return false;
}

/* Its wait status.  It gives the screen back when it ends, however it ends. */
static int stop(long pid)
{
	int status = 0, waited;

	sys_kill((int)pid, SIGTERM);
	for (waited = 0; waited < GRACE_MS; waited += STEP_MS) {
		if (sys_wait4((int)pid, &status, WNOHANG, NULL))
			return status;
		sleep_ms(STEP_MS);
	}
	sys_kill((int)pid, SIGKILL);
	return wait_for((int)pid);
}

/* "name=N", N at most a day. */
static bool number(const char *arg, const char *name, u64 *value)
{
	size_t n = strlen(name);
	const char *end;

	if (strncmp(arg, name, n))
		return false;
	*value = parse_u64(arg + n, &end);
	return end != arg + n && !*end && *value <= 86400;
}

/* False: it could not be started, or it ended badly. */
static bool offer_shell(u64 seconds, long picture)
{
	char text[24];
	long pid;

	if (picture > 0)
		printf("show: a shell would be beside the picture; `kill %ld` there makes room\n",
		       picture);
	snprintf(text, sizeof(text), "seconds=%u", (unsigned)seconds);
	pid = start("shell", text, NULL);
	return pid > 0 && went_well("the shell", wait_for((int)pid));
}

int main(int argc, char **argv, char **envp)
{
	u64 seconds = SECONDS, key = KEY_SECONDS;
	long picture = 0, pid;
	char text[24];
	bool well;
	int i;

	self = argv[0];
	for (i = 1; i < argc; i++) {
		if (number(argv[i], "seconds=", &seconds) || number(argv[i], "key=", &key))
			continue;
		printf("show: %s: what is asked for can be seconds=N for the tour's pace, key=N to "
		       "wait for somebody who wants a shell (0: nobody), in seconds\n", argv[i]);
		return 2;
	}
	printf("show: the tour of the book%s; Enter goes on, q ends it\n",
	       has_screen() ? ", beside the live picture" : "");
	if (has_screen())
		picture = start("picture", "--region", "right");
	snprintf(text, sizeof(text), "%u", (unsigned)seconds);
	pid = start("tour", "--seconds", text);
	well = pid > 0 && went_well("the tour", wait_for((int)pid));
	printf("show: %s\n", well ? "the tour is over" : "something went wrong");
	if (key)
		well &= offer_shell(key, picture);
	if (picture)
		well &= picture > 0 && went_well("the picture", stop(picture));
	return !well;
}
