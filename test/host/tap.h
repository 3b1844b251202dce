/* SPDX-License-Identifier: MIT */
/*
 * A few lines of TAP for host tests: plan(n) first (or done() with n = 0 planned), then
 * ok() and is(), then `return done();`.  One program, one file: everything is static.
 */
#ifndef TEST_HOST_TAP_H
#define TEST_HOST_TAP_H

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

static int tap_planned, tap_run, tap_failed;

/* How many tests will follow. */
__attribute__((__unused__))
static void plan(int n)
{
	setvbuf(stdout, NULL, _IOLBF, 0);
	tap_planned = n;
	printf("1..%d\n", n);
}

/* One test.  Returns its condition. */
__attribute__((__format__(__printf__, 2, 3), __unused__))
static bool ok(bool passed, const char *name, ...)
{
	va_list args;

	printf("%sok %d - ", passed ? "" : "not ", ++tap_run);
	va_start(args, name);
	vprintf(name, args);
	va_end(args);
	printf("\n");
	tap_failed += !passed;
	return passed;
}

/* Two integers must be equal; shows both if they are not. */
#define is(seen, expected, ...) do { \
	long long _s = (long long)(seen), _e = (long long)(expected); \
	if (!ok(_s == _e, __VA_ARGS__)) \
		printf("# seen %lld (0x%llx), expected %lld (0x%llx)\n# at %s:%d\n", \
		       _s, _s, _e, _e, __FILE__, __LINE__); \
} while (0)

/* The same for two strings. */
#define is_str(seen, expected, ...) do { \
	const char *_s = (seen), *_e = (expected); \
	if (!ok(strcmp(_s, _e) == 0, __VA_ARGS__)) \
		printf("# seen     '%s'\n# expected '%s'\n# at %s:%d\n", \
		       _s, _e, __FILE__, __LINE__); \
} while (0)

__attribute__((__format__(__printf__, 1, 2), __unused__))
static void diag(const char *text, ...)
{
	va_list args;

	printf("# ");
	va_start(args, text);
	vprintf(text, args);
	va_end(args);
	printf("\n");
}

/* The exit status of main: 0 only if all planned tests ran and passed. */
static int done(void)
{
	if (!tap_planned)
		printf("1..%d\n", tap_run);
	else if (tap_run != tap_planned)
		printf("# ran %d of %d planned tests\n", tap_run, tap_planned);
	if (tap_failed)
		printf("# failed %d of %d tests\n", tap_failed, tap_run);
	return tap_failed || (tap_planned && tap_run != tap_planned);
}

#endif
