/* SPDX-License-Identifier: MIT */
/* See steps.h. */
#include "steps.h"

#define END	0xff	/* not the end of the pipe: another child may hold it open */

long child_fork(struct child *c, int ends[2])
{
	int down[2], up[2];
	long pid = sys_pipe(down);

	if (!pid)
		pid = sys_pipe(up);
	if (pid)
		return pid;
	pid = sys_fork();
	if (pid < 0)
		return pid;
	ends[0] = down[0];
	ends[1] = up[1];
	sys_close(pid ? down[0] : down[1]);
	sys_close(pid ? up[1] : up[0]);
	*c = (struct child){ .pid = (int)pid, .down = down[1], .up = up[0] };
	return pid;
}

void child_steps(const int ends[2], int (*step)(int command))
{
	u8 command, result;

	while (sys_read(ends[0], &command, 1) == 1 && command != END) {
		result = (u8)step(command);
		sys_write(ends[1], &result, 1);
	}
	sys_exit_group(0);
}

int child_ask(const struct child *c, int command)
{
	u8 byte = (u8)command;

	if (sys_write(c->down, &byte, 1) != 1 || sys_read(c->up, &byte, 1) != 1)
		return -1;
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
