/* SPDX-License-Identifier: MIT */
/*
 * Rows whose checks are made by user programs (catalogue rule 6): start one as a child,
 * read what it writes (user/lib/check.h says how), wait for it, and clean up after it.
 *
 * Its descriptors 0 to 2 are one file that lives only here: reads give end of file, what
 * is written comes line by line to take_line().
 */
#include <asm/uaccess.h>
#include <fs/fs.h>
#include <kernel/printk.h>
#include <kernel/sched.h>
#include <kernel/string.h>
#include <kernel/time.h>
#include <linux/fcntl.h>
#include <linux/wait.h>
#include <mm/mm.h>
#include <test/row.h>

#define LIMIT_NS	60000000000ull
#define LEFTOVERS_MAX	1000		/* rounds of killing what a program left behind */

/* One program that runs. */
struct user_run {
	struct row *row;
	const char *const *argv;
	int pid;
	bool plain;			/* an ordinary program: only its end counts */
	bool (*take)(struct row *r, const char *line);	/* true: the line was for it */
	bool finished;			/* it has printed its checks=N line */
	bool too_long;
	unsigned failed;		/* "not ok" lines */
	struct ktimer watchdog;
	size_t used;
	char line[256];
};

/* ---- what it says ------------------------------------------------------------------ */

static bool starts_with(const char *s, const char *start)
{
	return strncmp(s, start, strlen(start)) == 0;
}

static unsigned number(const char **s)
{
	unsigned n = 0;

	for (; **s >= '0' && **s <= '9'; ++*s)
		n = n * 10 + **s - '0';
	return n;
}

/* "checks=N failed=M" */
static void take_result(struct user_run *u, const char *s)
{
	unsigned checks, failed = 0;

	s += strlen("checks=");
	checks = number(&s);
	if (starts_with(s, " failed=")) {
		s += strlen(" failed=");
		failed = number(&s);
	}
	u->finished = true;
	u->row->checks += checks;
	if (failed > u->failed)
		u->row->failed += failed - u->failed;
}

static void take_line(struct user_run *u, const char *s)
{
	if (u->take && u->take(u->row, s))
		return;
	if (u->plain) {
		printk_raw("# %s: %s\n", u->row->id, s);
	} else if (starts_with(s, "not ok: ")) {
		u->failed++;
		row_ok(u->row, false, "%s", s + strlen("not ok: "));
		if (u->failed > 1)
			printk_raw("# %s\n", s);
	} else if (starts_with(s, "checks=")) {
		take_result(u, s);
	} else if (starts_with(s, "info: ")) {
		row_info(u->row, "%s", s + strlen("info: "));
	} else if (*s) {
		printk_raw("# %s: %s\n", u->row->id, s);
	}
}

static void end_line(struct user_run *u)
{
	u->line[u->used] = '\0';
	u->used = 0;
	take_line(u, u->line);
}

static void take_char(struct user_run *u, char c)
{
	if (c == '\n')
		end_line(u);
	else if (u->used < sizeof(u->line) - 1)
		u->line[u->used++] = c;
}

static long capture_write(struct file *f, const char *buf, size_t n, loff_k *pos)
{
	char part[128];
	size_t done = 0, i, len;

	while (done < n) {
		len = min(n - done, sizeof(part));
		if (copy_from_user(part, buf + done, len))
			return done ? (long)done : -EFAULT;
		for (i = 0; i < len; i++)
			take_char(f->private, part[i]);
		done += len;
	}
	return (long)n;
}

static long capture_read(struct file *f, char *buf, size_t n, loff_k *pos)
{
	return 0;
}

static const struct file_operations capture_fops = {
	.read = capture_read,
	.write = capture_write,
};

/* ---- start ------------------------------------------------------------------------- */

static int install_files(struct user_run *u)
{
	struct file *f;
	int fd, ret;

	f = file_create_anon(&capture_fops, O_RDWR, u);
	if (!f)
		return -ENOMEM;
	for (fd = 0; fd < 3; fd++) {
		ret = fd_install_at(current->files, fd, get_file(f));
		if (ret < 0)
			break;
	}
	fput(f);
	return fd == 3 ? 0 : ret;
}

/* The new task: still kernel code; what it returns to is the program. */
static int start_program(void *arg)
{
	static const char *const envp[] = { "PATH=/bin", "HOME=/", "TERM=linux", NULL };
	struct user_run *u = arg;
	int ret;

	current->pgrp = current->session = current->pid;
	if (!current->files)
		current->files = files_alloc();
	ret = current->files ? install_files(u) : -ENOMEM;
	if (!ret)
		ret = kernel_execve(u->argv[0], u->argv, envp);
	if (ret)
		row_ok(u->row, false, "%s cannot be started: error %d", u->argv[0], -ret);
	return ret ? 127 : 0;
}

static void watchdog_fn(struct ktimer *t)
{
	struct user_run *u = container_of(t, struct user_run, watchdog);
	struct task_struct *p = find_task(u->pid);

	u->too_long = true;
	if (p)
		send_sig(SIGKILL, p);
}

/* ---- end --------------------------------------------------------------------------- */

/* Kill what is still there of its process group; true if there was something. */
static bool kill_group(int pgrp)
{
	struct task_struct *p;
	bool any = false;

	for_each_task(p) {
		if (p->pgrp != pgrp || p == current)
			continue;
		any = true;
		send_sig(SIGKILL, p);
	}
	return any;
}

/* Its children became ours when it ended (we are process 1). */
static void clean_up(struct user_run *u)
{
	unsigned rounds;

	for (rounds = 0; kill_group(u->pid); rounds++) {
		if (rounds == LEFTOVERS_MAX) {
			row_ok(u->row, false, "%s left processes behind that do not die",
			       u->argv[0]);
			return;
		}
		while (kernel_wait4(-1, NULL, WNOHANG, NULL) > 0)
			;
		msleep(4);
	}
	while (kernel_wait4(-1, NULL, WNOHANG, NULL) > 0)
		;
}

static void judge(struct user_run *u, int status)
{
	const char *name = u->argv[0];
	int sig = status & 0x7f, code = status >> 8 & 0xff;

	if (u->too_long)
		row_ok(u->row, false, "%s did not end within %u s", name,
		       (unsigned)(LIMIT_NS / 1000000000));
	else if (sig)
		row_ok(u->row, false, "%s was killed by signal %d", name, sig);
	else if (!u->finished)
		row_ok(u->row, false, "%s ended with status %d and no result", name, code);
	else if (code && !u->failed)
		row_ok(u->row, false, "%s ended with status %d", name, code);
}

/* Run it to its end; the wait status, or -errno if it could not be started. */
static long run(struct user_run *u)
{
	struct clone_request req = { .fn = start_program, .arg = u, .exit_signal = SIGCHLD,
				     .name = "user-row" };
	int status = 0;
	long ret;

	u->watchdog.fn = watchdog_fn;
	ret = kernel_clone(&req);
	if (ret < 0) {
		row_ok(u->row, false, "no process for %s: error %ld", u->argv[0], -ret);
		return ret;
	}
	u->pid = (int)ret;
	ktimer_start(&u->watchdog, ktime_ns() + LIMIT_NS);
	do
		ret = kernel_wait4(u->pid, &status, 0, NULL);
	while (ret == -EINTR || ret == -ERESTARTSYS);
	ktimer_cancel(&u->watchdog);
	if (u->used)
		end_line(u);
	row_eq(u->row, ret, u->pid, "wait4 for %s", u->argv[0]);
	clean_up(u);
	return status;
}

void run_user_argv(struct row *r, const char *const *argv)
{
	struct user_run u = { .row = r, .argv = argv };
	long status = run(&u);

	if (status >= 0)
		judge(&u, (int)status);
}

void run_user_lines(struct row *r, const char *const *argv,
		    bool (*take)(struct row *r, const char *line))
{
	struct user_run u = { .row = r, .argv = argv, .take = take };
	long status = run(&u);

	if (status >= 0)
		judge(&u, (int)status);
}

void run_user_plain(struct row *r, const char *const *argv, int expected)
{
	struct user_run u = { .row = r, .argv = argv, .plain = true };
	long status = run(&u);

	if (u.too_long)
		judge(&u, (int)status);
	else if (status >= 0)
		row_eq(r, status, expected, "wait status of %s", argv[0]);
}

void run_user_row(struct row *r, const char *program, const char *arg)
{
	const char *const argv[] = { program, arg, NULL };

	run_user_argv(r, argv);
}

void run_user_program(struct row *r)
{
	run_user_row(r, r->program, r->id);
}
