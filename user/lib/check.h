/* SPDX-License-Identifier: MIT */
/*
 * Checks of a test program, and the lines by which it reports them.
 *
 *	not ok: WHAT: seen X, expected Y	for each failed check
 *	info: FIGURES				at most one; the last CHECK_INFO() counts
 *	checks=N failed=M			at the end; exit status 0 only if M is 0
 *
 * test/kernel/user_run.c reads these lines; other lines are shown as they are.  A row that
 * makes no check fails.
 */
#ifndef USER_CHECK_H
#define USER_CHECK_H

#include "lib.h"

/* Two numbers are equal; false if not. */
#define CHECK_EQ(seen, expected, ...) \
	check_eq((u64)(seen), (u64)(expected), __VA_ARGS__)
bool check_eq(u64 seen, u64 expected, const char *fmt, ...) __printf(3, 4);

/* A condition; the text says what was expected, with figures. */
bool CHECK(bool ok, const char *fmt, ...) __printf(2, 3);

void CHECK_INFO(const char *fmt, ...) __printf(1, 2);

/* In a forked child: forget the parent's checks; then end with 0 only if none failed. */
void check_child_begin(void);
__noreturn void check_child_end(void);

/* Run fn in a child that may check; its failures count here.  Its wait status. */
int check_in_child(void (*fn)(void *arg), void *arg, const char *what);

/* Print the result; the exit status of the program. */
int check_result(void);

extern unsigned checks_failed;

/*
 * A test by the name of its row.  main() of bin/rows runs the one whose ID is argv[1];
 * without an argument it lists all.
 */
struct user_test {
	const char *id;
	void (*run)(void);
};
#define TEST(id_, fn) \
	static const struct user_test test_##id_ = { #id_, fn }; \
	static const struct user_test *const __used __attribute__((__section__("tests"))) \
		test_ptr_##id_ = &test_##id_

#endif
