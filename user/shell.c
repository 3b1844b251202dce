/* SPDX-License-Identifier: MIT */
/*
 * /bin/shell [seconds=N] [now] [picture=PID] [PROGRAM [ARGUMENT...]]: a shell on the console
 * for whoever is there.  Waits N seconds (20) for a key, so that a machine that nobody sits at
 * goes on; with `now` it does not ask; picture=PID is a live picture beside it, and a line says
 * how to make room.  The shell (/bin/sh as a login shell, unless a program is named) gets a
 * session of its own with the console as its terminal: job control works, and whoever had the
 * terminal has it again when the shell has ended.
 *
 * Status 0 if nobody came or the shell ended; 1 if it cannot be started; 2: bad arguments.
 */
#include <asm/ioctls.h>
#include "lib/lib.h"

#define SECONDS		20
#define CANNOT_START	127		/* also what a shell says of its last command */

static const char *const login_shell[] = { "-sh", NULL };

static struct request {
	bool now;
	u64 seconds, picture;		/* picture: its pid, 0: there is none */
	const char *path;
	const char *const *argv;
} request = { .seconds = SECONDS, .path = "/bin/sh", .argv = login_shell };

static int bad_argument(const char *arg)
{
	printf("shell: %s: what is asked for can be seconds=N (1 to 86400), now, picture=PID, or the "
	       "path of a program: shell seconds=60 /bin/sh\n", arg);
	return 2;
}

static int read_arguments(int argc, char **argv)
{
	int i;

	for (i = 1; i < argc && argv[i][0] != '/'; i++) {
		if (strcmp(argv[i], "now") == 0)
			request.now = true;
		else if (!number_after(argv[i], "seconds=", 1, 86400, &request.seconds) &&
			 !number_after(argv[i], "picture=", 1, 4194304, &request.picture))
			return bad_argument(argv[i]);
	}
	if (i < argc) {
		request.path = argv[i];
		request.argv = (const char *const *)argv + i;
	}
	return 0;
}

/* ---- is anybody there? ------------------------------------------------------------- */

/* True: a key within the time, which is taken away. */
static bool key_comes(void)
{
	struct pollfd p = { .fd = 0, .events = POLLIN };
	u64 end = now_ns() + request.seconds * 1000000000u, now;
	char c;

	while ((now = now_ns()) < end) {
		long ret = sys_poll(&p, 1, (int)((end - now) / 1000000) + 1);

		if (ret > 0)
			return sys_read(0, &c, 1) == 1;
		if (ret < 0 && ret != -EINTR)
			return false;
	}
	return false;
}

static bool anybody_there(void)
{
	bool there;

	if (!terminal_raw(false)) {
		printf("shell: descriptor 0 is no terminal: nobody can be asked\n");
		return false;
	}
	printf("shell: press a key within %u s for a shell\n", (unsigned)request.seconds);
	there = key_comes();
	terminal_restore();
	return there;
}

/* ---- the shell --------------------------------------------------------------------- */

static const char *const environment[] = {
	"PATH=/bin", "HOME=/root", "TERM=linux", "USER=root", "SHELL=/bin/sh", "ENV=/etc/shrc",
	NULL
};

/* A picture that has been ended may still wait for its parent. */
static bool picture_runs(void)
{
	char path[40], text[256];
	const char *state;

	snprintf(path, sizeof(path), "/proc/%u/stat", (unsigned)request.picture);
	if (!request.picture || read_file(path, text, sizeof(text)) < 0)
		return false;
	state = strstr(text, ") ");
	return state && state[2] != 'Z';
}

/* For whoever sits before the prompt that comes next. */
static void greet(void)
{
	long fd = sys_open(request.path, O_RDONLY, 0);

	if (fd < 0 || request.argv != login_shell)
		return;
	sys_close((int)fd);
	printf("shell: `exit` leaves it");
	if (picture_runs())
		printf("; `kill %u` ends the picture and makes room", (unsigned)request.picture);
	printf("\n");
}

static int failed[2];		/* a pipe: closed by exec, or a byte that says it did not work */

static int run(void *unused)
{
	long err;

	syscall0(__NR_setsid);
	sys_ioctl(0, TIOCSCTTY, (void *)1);
	greet();
	err = sys_execve(request.path, request.argv, environment);
	if (err == -ENOENT && strcmp(request.path, "/bin/sh") == 0)
		printf("shell: there is no /bin/sh: copy busybox.cpio of the build to "
		       "\\EFI\\pagewalk on the stick\n");
	else
		printf("shell: %s cannot be started: error %ld\n", request.path, -err);
	sys_write(failed[1], "", 1);
	return CANNOT_START;
}

/* What a program has left that could not tidy up: the other screen, colours, no cursor. */
#define PLAIN_SCREEN	"\033[?47l\033[0m\033[?25h"

static void describe(int status)
{
	if (status & 0x7f)
		printf("%sshell: %s was killed by %s\n", is_terminal(1) ? PLAIN_SCREEN : "",
		       request.path, signal_name(status & 0x7f));
	else
		printf("shell: %s ended with status %d\n", request.path, status >> 8 & 0xff);
}

int main(int argc, char **argv, char **envp)
{
	int ret = read_arguments(argc, argv), status;
	long pid;
	char c;

	if (ret)
		return ret;
	if (!request.now && !anybody_there()) {
		printf("shell: no key: the run goes on\n");
		return 0;
	}
	pid = syscall2(__NR_pipe2, (long)failed, O_CLOEXEC | O_NONBLOCK);
	pid = pid < 0 ? pid : spawn(run, NULL);
	if (pid < 0) {
		printf("shell: no process for %s: error %ld\n", request.path, -pid);
		return 1;
	}
	status = wait_for((int)pid);
	if (sys_read(failed[0], &c, 1) == 1)
		return 1;
	describe(status);
	return 0;
}
