/* SPDX-License-Identifier: MIT */
/*
 * /bin/show [seconds=N] [key=N]: what the machine does when nobody says what.  The live picture
 * on the right half of the screen, beside it the tour of the book, with N seconds (10) for a
 * guess and as many for reading, and a shell in between for whoever presses s; then, for whoever
 * presses a key within the seconds of key= (10), a shell beside the picture; then the end.  It
 * needs no key, no screen, no serial line and no shell.
 *
 * Status: 0 if the tour's proofs held and the picture could be drawn where there is a screen.
 */
#include "lib/lib.h"

#define SIGKILL		9
#define SIGTERM		15
#define SECONDS		10
#define KEY_SECONDS	10
#define GRACE_MS	5000
#define PICTURE_MS	5000		/* until it has its half of the screen */
#define STEP_MS		20
#define DAY		86400		/* seconds */

static const char *self;

static long start(const char *name, const char *a, const char *b, const char *c, const char *d)
{
	const char *const env[] = { "PATH=/bin", "HOME=/", "TERM=linux", NULL };
	char path[64];
	const char *const argv[] = { path, a, b, c, d, NULL };
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

/*
 * What is written before the picture has its half is laid out for the whole screen.  So this
 * waits, but not for ever: the pid, or -errno.
 */
static long start_picture(void)
{
	struct pollfd p = { .events = POLLIN };
	char text[12], c;
	int fds[2];
	long pid = sys_pipe(fds);

	if (pid < 0)
		return pid;
	snprintf(text, sizeof(text), "%d", fds[1]);
	pid = start("picture", "--region", "right", "--ready", text);
	sys_close(fds[1]);
	p.fd = fds[0];
	if (pid > 0 && !sys_poll(&p, 1, PICTURE_MS))
		printf("show: the picture is not there after %u s: on without it\n", PICTURE_MS / 1000);
	else if (pid > 0 && sys_read(fds[0], &c, 1) != 1)
		printf("show: there is no picture: on without it\n");
	sys_close(fds[0]);
	return pid;
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

/* False: it could not be started, or it ended badly. */
static bool offer_shell(u64 seconds, long picture)
{
	char text[24], beside[24];
	long pid;

	if (!shell_is_there()) {
		printf("show: %s\n", NO_SHELL);
		return true;
	}
	snprintf(text, sizeof(text), "seconds=%u", (unsigned)seconds);
	snprintf(beside, sizeof(beside), "picture=%ld", picture);
	pid = start("shell", text, picture > 0 ? beside : NULL, NULL, NULL);
	return pid > 0 && went_well("the shell", wait_for((int)pid));
}

int main(int argc, char **argv, char **envp)
{
	u64 seconds = SECONDS, key = KEY_SECONDS;
	long picture = 0, pid;
	char text[24], beside[24];
	bool well, ours = terminal_is_ours();
	int i;

	self = argv[0];
	for (i = 1; i < argc; i++) {
		if (number_after(argv[i], "seconds=", 0, DAY, &seconds) ||
		    number_after(argv[i], "key=", 0, DAY, &key))
			continue;
		printf("show: %s: what is asked for can be seconds=N for the tour's pace, key=N to "
		       "wait for somebody who wants a shell (0: nobody), in seconds\n", argv[i]);
		return 2;
	}
	printf("show: the tour of the book%s; Enter goes on, q ends it\n",
	       has_screen() ? ", beside the live picture" : "");
	if (has_screen())
		picture = start_picture();
	snprintf(text, sizeof(text), "%u", (unsigned)seconds);
	snprintf(beside, sizeof(beside), "%ld", picture);
	pid = start("tour", "--seconds", text, picture > 0 ? "--picture" : NULL, beside);
	well = pid > 0 && went_well("the tour", wait_for((int)pid));
	/* Somebody may have killed the tour, and then the shell that it started is still there. */
	terminal_await(ours);
	printf("show: %s\n", well ? "the tour is over" : "something went wrong");
	if (key)
		well &= offer_shell(key, picture);
	if (picture)
		well &= picture > 0 && went_well("the picture", stop(picture));
	return !well;
}
