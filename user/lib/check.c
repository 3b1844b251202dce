/* SPDX-License-Identifier: MIT */
/* Counting and reporting checks; the format is in check.h. */
#include "check.h"

#define SHOWN_MAX	8	/* failures that get a line */

unsigned checks_failed;
static unsigned checks;
static char info[160];

static void complain(const char *what, const char *details)
{
	checks_failed++;
	if (checks_failed <= SHOWN_MAX)
		printf("not ok: %s%s\n", what, details);
}

bool check_eq(u64 seen, u64 expected, const char *fmt, ...)
{
	char what[256], details[128];
	va_list args;

	checks++;
	if (seen == expected)
		return true;
	va_start(args, fmt);
	vsnprintf(what, sizeof(what), fmt, args);
	va_end(args);
	snprintf(details, sizeof(details), ": seen %lld (%#llx), expected %lld (%#llx)",
		 (long long)seen, (unsigned long long)seen,
		 (long long)expected, (unsigned long long)expected);
	complain(what, details);
	return false;
}

bool CHECK(bool ok, const char *fmt, ...)
{
	char what[256];
	va_list args;

	checks++;
	if (ok)
		return true;
	va_start(args, fmt);
	vsnprintf(what, sizeof(what), fmt, args);
	va_end(args);
	complain(what, "");
	return false;
}

void CHECK_INFO(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vsnprintf(info, sizeof(info), fmt, args);
	va_end(args);
}

void check_child_begin(void)
{
	checks = 0;
	checks_failed = 0;
}

__noreturn void check_child_end(void)
{
	exit(checks_failed ? 1 : 0);
}

int check_in_child(void (*fn)(void *arg), void *arg, const char *what)
{
	long pid = sys_fork();
	int status;

	if (pid == 0) {
		check_child_begin();
		fn(arg);
		check_child_end();
	}
	if (!CHECK(pid > 0, "%s: fork returns %ld", what, pid))
		return (int)pid;
	status = wait_for((int)pid);
	CHECK_EQ(status, 0, "%s: wait status of the child", what);
	return status;
}

int check_result(void)
{
	if (info[0])
		printf("info: %s\n", info);
	printf("checks=%u failed=%u\n", checks, checks_failed);
	return checks_failed || !checks;
}
