/* SPDX-License-Identifier: MIT */
/*
 * Kernel threads (Love ch. 3): tasks without an address space of their own, which borrow
 * the one that happens to be loaded.  Signals do not concern them.  A kernel thread that
 * calls kernel_execve() becomes a program when its function returns 0.
 */
#include <fs/fs.h>
#include <kernel/sched.h>

long kernel_thread(int (*fn)(void *), void *arg, const char *name)
{
	const struct clone_request req = {
		.fn = fn,
		.arg = arg,
		.name = name,
		.exit_signal = SIGCHLD,
	};

	return kernel_clone(&req);
}

struct program {
	const char *path;
	const char *const *argv, *const *envp;
	struct task_struct *starter;
	bool started;
	int error;			/* of kernel_execve() */
};

static int exec_program(void *arg)
{
	struct program *program = arg;
	int err = -ENOMEM;

	current->pgrp = current->session = current->pid;
	if (!current->files)
		current->files = files_alloc();
	if (current->files)
		err = console_open_std(current->files);
	if (!err)
		err = kernel_execve(program->path, program->argv, program->envp);
	if (!err)
		current->flags |= PF_FIRST_PROGRAM;
	program->error = err;
	program->started = true;
	wake_up_process(program->starter);
	return err ? 127 : 0;
}

long run_program(const char *path, const char *const *argv, const char *const *envp)
{
	struct program program = {
		.path = path,
		.argv = argv,
		.envp = envp,
		.starter = current,
	};
	long pid = kernel_thread(exec_program, &program, path);

	if (pid < 0)
		return pid;
	for (;;) {
		set_current_state(TASK_UNINTERRUPTIBLE);
		if (program.started)
			break;
		schedule();
	}
	set_current_state(TASK_RUNNING);
	if (!program.error)
		return pid;
	kernel_wait4((int)pid, NULL, 0, NULL);
	return program.error;
}
