/* SPDX-License-Identifier: MIT */
/*
 * Proofs: each runs in a child, so that whatever it maps or breaks is gone afterwards, and its
 * wait status says how it went.
 */
#include "tour.h"

#define EXIT_HOLDS	0
#define EXIT_FAILS	1
#define EXIT_SKIPPED	2
#define INDENT		2

static unsigned checks, failed;

static bool state(bool ok, const char *text, const char *more)
{
	checks++;
	failed += !ok;
	show(ok ? TONE_GOOD : TONE_BAD, INDENT, "%s %s%s", ok ? "[ok]" : "[NO]", text, more);
	return ok;
}

bool expect(bool ok, const char *fmt, ...)
{
	char text[320];
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	return state(ok, text, "");
}

static const char *error_name(u64 value)
{
	static const struct {
		int number;
		const char *name;
	} errors[] = {
		{ EPERM, "-EPERM" }, { ENOENT, "-ENOENT" }, { EBADF, "-EBADF" },
		{ ENOMEM, "-ENOMEM" }, { EACCES, "-EACCES" }, { EFAULT, "-EFAULT" },
		{ EEXIST, "-EEXIST" }, { EINVAL, "-EINVAL" }, { ENAMETOOLONG, "-ENAMETOOLONG" },
	};
	unsigned i;

	for (i = 0; i < ARRAY_SIZE(errors); i++)
		if (value == (u64)-(s64)errors[i].number || value == (ulong)-errors[i].number)
			return errors[i].name;
	return NULL;
}

/* Frames, entries and addresses are easier to compare in base 16. */
static void number_text(char *to, size_t size, u64 value)
{
	const char *name = error_name(value);

	if (name)
		strlcpy(to, name, size);
	else
		snprintf(to, size, value < 0x10000 ? "%llu" : "%#llx", (unsigned long long)value);
}

bool expect_frame(u64 seen, u64 expected, const char *fmt, ...)
{
	char text[320], more[80];
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	if (seen == expected)
		snprintf(more, sizeof(more), ": frame %#llx", (unsigned long long)seen);
	else
		snprintf(more, sizeof(more), ": frame %#llx, expected %#llx", (unsigned long long)seen,
			 (unsigned long long)expected);
	return state(seen == expected, text, more);
}

bool expect_number(u64 seen, u64 expected, const char *fmt, ...)
{
	char text[320], more[80], a[24], b[24];
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	number_text(a, sizeof(a), seen);
	number_text(b, sizeof(b), expected);
	if (seen == expected)
		snprintf(more, sizeof(more), ": %s", a);
	else
		snprintf(more, sizeof(more), ": %s, expected %s", a, b);
	return state(seen == expected, text, more);
}

void note(const char *fmt, ...)
{
	char text[400];
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	show(TONE_PLAIN, INDENT, "%s", text);
}

void lacks(const char *fmt, ...)
{
	char text[320];
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	show(TONE_FAINT, INDENT, "%s", text);
	exit(failed ? EXIT_FAILS : EXIT_SKIPPED);
}

static __noreturn void run(const struct stop *s)
{
	settle();
	s->prove();
	if (!checks)
		show(TONE_BAD, INDENT, "[NO] nothing was proven");
	exit(checks && !failed ? EXIT_HOLDS : EXIT_FAILS);
}

enum result prove(const struct stop *s)
{
	long pid = sys_fork();
	int status;

	if (pid == 0)
		run(s);
	if (pid < 0) {
		show(TONE_BAD, INDENT, "[NO] no process for the proof: error %ld", -pid);
		return FAILS;
	}
	status = wait_for((int)pid);
	if (EXITED(status, EXIT_HOLDS))
		return HOLDS;
	if (EXITED(status, EXIT_SKIPPED))
		return SKIPPED;
	if (status & 0x7f)
		show(TONE_BAD, INDENT, "[NO] the proof was killed by %s", signal_name(status & 0x7f));
	else if (!EXITED(status, EXIT_FAILS))
		show(TONE_BAD, INDENT, "[NO] the proof ended with status %#x", status);
	return FAILS;
}
