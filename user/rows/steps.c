/* SPDX-License-Identifier: MIT */
/*
 * Children that do one step at a time, so that the parent can look at both between two
 * steps: a byte down one pipe is a command, a byte up the other its result.
 */
#include "rows.h"

#define EXEC_IN		10	/* where a started program finds its ends */
#define EXEC_OUT	11
#define READY		'r'
#define END		0xff	/* not the end of the pipe: another child may hold it open */

static void pipe_or_exit(int fds[2])
{
	long ret = sys_pipe(fds);

	if (ret) {
		printf("not ok: pipe: error %ld\n", -ret);
		exit(3);
	}
}

static int steps_in, steps_out;		/* the child's ends */

static __noreturn void run_steps(int (*step)(int command))
{
	u8 command, result;

	while (sys_read(steps_in, &command, 1) == 1 && command != END) {
		result = (u8)step(command);
		sys_write(steps_out, &result, 1);
	}
	sys_exit_group(0);
}

static long start(struct child *c)
{
	int down[2], up[2];
	long pid;

	pipe_or_exit(down);
	pipe_or_exit(up);
	pid = sys_fork();
	if (pid < 0) {
		printf("not ok: fork: error %ld\n", -pid);
		exit(3);
	}
	steps_in = down[0];
	steps_out = up[1];
	sys_close(pid ? down[0] : down[1]);
	sys_close(pid ? up[1] : up[0]);
	*c = (struct child){ .pid = (int)pid, .down = down[1], .up = up[0] };
	return pid;
}

void child_start(struct child *c, int (*step)(int command))
{
	if (start(c) == 0)
		run_steps(step);
}

int child_do(struct child *c, int command)
{
	u8 byte = (u8)command;

	if (sys_write(c->down, &byte, 1) != 1 || sys_read(c->up, &byte, 1) != 1) {
		printf("not ok: a child (pid %d) has ended too early\n", c->pid);
		exit(3);
	}
	return byte;
}

int child_end(struct child *c)
{
	u8 byte = END;

	sys_write(c->down, &byte, 1);
	sys_close(c->down);
	sys_close(c->up);
	return wait_for(c->pid);
}

__noreturn void child_become(const char *const *argv)
{
	static const char *const envp[] = { "PATH=/bin", NULL };

	sys_dup2(steps_in, EXEC_IN);
	sys_dup2(steps_out, EXEC_OUT);
	sys_close(steps_in);
	sys_close(steps_out);
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

	steps_in = EXEC_IN;
	steps_out = EXEC_OUT;
	sys_write(EXEC_OUT, &byte, 1);
	run_steps(step);
}

static int no_step(int command)
{
	return 0;
}

void child_wait_here(void)
{
	child_serve(no_step);
}
