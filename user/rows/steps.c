/* SPDX-License-Identifier: MIT */
/* Children that do one step at a time (lib/steps.h), and programs that do. */
#include "rows.h"

#define EXEC_IN		10	/* where a started program finds its ends */
#define EXEC_OUT	11
#define READY		'r'

static int ends[2];			/* the child's */

static long start(struct child *c)
{
	long pid = child_fork(c, ends);

	if (pid < 0) {
		printf("not ok: no child: error %ld\n", -pid);
		exit(3);
	}
	return pid;
}

void child_start(struct child *c, int (*step)(int command))
{
	if (start(c) == 0)
		child_steps(ends, step);
}

int child_do(struct child *c, int command)
{
	int result = child_ask(c, command);

	if (result < 0) {
		printf("not ok: a child (pid %d) has ended too early\n", c->pid);
		exit(3);
	}
	return result;
}

__noreturn void child_become(const char *const *argv)
{
	static const char *const envp[] = { "PATH=/bin", NULL };

	sys_dup2(ends[0], EXEC_IN);
	sys_dup2(ends[1], EXEC_OUT);
	sys_close(ends[0]);
	sys_close(ends[1]);
	sys_exit_group(sys_execve(argv[0], argv, envp) ? 127 : 0);
}

void child_exec(struct child *c, const char *const *argv)
{
	u8 byte = 0;

	if (start(c) == 0)
		child_become(argv);
	if (sys_read(c->up, &byte, 1) != 1 || byte != READY) {
		printf("not ok: %s does not start\n", argv[0]);
		exit(3);
	}
}

__noreturn void child_serve(int (*step)(int command))
{
	u8 byte = READY;

	ends[0] = EXEC_IN;
	ends[1] = EXEC_OUT;
	sys_write(EXEC_OUT, &byte, 1);
	child_steps(ends, step);
}

static int no_step(int command)
{
	return 0;
}

void child_wait_here(void)
{
	child_serve(no_step);
}
