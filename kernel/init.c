/* SPDX-License-Identifier: MIT */
/*
 * Process 1: a kernel thread that runs the tests which test= asks for, starts the first
 * program, inherits and reaps everybody's orphans, and ends the run when the program has
 * ended.
 *
 *	test=   init=	what happens
 *	-       -	smoke test, then /bin/init, which shows what there is, with trace=on
 *	rows    -	the rows, then the end
 *	off     -	/bin/init
 *	-       given	that program
 *	any     given	the rows (off: none), then that program
 */
#include <fs/super.h>
#include <kernel/blkdev.h>
#include <kernel/console.h>
#include <kernel/ctype.h>
#include <kernel/main.h>
#include <kernel/params.h>
#include <kernel/printk.h>
#include <kernel/report.h>
#include <kernel/sched.h>
#include <kernel/string.h>
#include <kernel/taskview.h>
#include <kernel/trace.h>
#include <test/test.h>

#define ARGS_MAX	32

static char command[1024];
static const char *argv[ARGS_MAX + 1];
/* ENV: what an interactive shell reads that nobody has logged in to. */
static const char *const envp[] = {
	"PATH=/bin", "HOME=/", "TERM=linux", "ENV=/etc/shrc", NULL
};

/* The words of init=, or /bin/init alone. */
static void split_command(void)
{
	const char *init = param_get("init");
	char *s = command;
	int n = 0;

	if (strlcpy(command, init && *init ? init : "/bin/init", sizeof(command)) >=
	    sizeof(command))
		pr_warn("init=: only the first %d bytes are used\n", (int)sizeof(command) - 1);
	for (;;) {
		while (isspace(*s))
			*s++ = '\0';
		if (!*s)
			break;
		if (n == ARGS_MAX) {
			pr_warn("init=: only the first %d words are used\n", ARGS_MAX);
			*s = '\0';
			break;
		}
		argv[n++] = s;
		while (*s && !isspace(*s))
			s++;
	}
}

const char *first_program(void)
{
	split_command();
	return argv[0] ? argv[0] : "";
}

/* Whoever ends is our child now, its parent having gone before it. */
static int wait_for(long pid)
{
	int status;

	while (kernel_wait4(-1, &status, 0, NULL) != pid)
		;
	return status;
}

/* False: there is no such program, or it did not end with status 0. */
static bool run_first_program(void)
{
	int status, sig;
	long pid;

	pid = run_program(argv[0], argv, envp);
	if (pid < 0) {
		pr_err("init: %s cannot be started (error %ld): is it in the initramfs, and "
		       "an ELF file of this kernel's width?\n", argv[0], -pid);
		return false;
	}
	status = wait_for(pid);
	sig = status & 0x7f;
	if (sig)
		pr_err("init: %s was killed by signal %d\n", argv[0], sig);
	else
		pr_info("init: %s ended with status %d\n", argv[0], status >> 8 & 0xff);
	return status == 0;
}

int init_thread(void *unused)
{
	const char *test = param_get("test"), *init = param_get("init");
	bool program = init || !test || strcmp(test, "off") == 0;
	struct test_result result = { 0, 0, 0 };
	bool well;

	report_step("drivers_init");
	drivers_init();
	report_step("mount_disks");
	mount_disks();
	swap_setup();
	report_step("tests");
	test_provoke();
	if (test || !init)
		result = run_tests();
	if (program) {
		/* The show tells of page faults. */
		if (!test && !init && !param_get("trace"))
			trace_set(true);
		if (!test)
			taskview_start();
		report_step("program %s", argv[0]);
		well = run_first_program();
		result.fail += !well;
		if (!test)
			taskview_end();
		show_test_result(&result, argv[0], well);
	}
	unmount_disks();
	use_init_mm();
	blk_finish();
	finish(result.pass, result.fail, result.skip);
}
