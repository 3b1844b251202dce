/* SPDX-License-Identifier: MIT */
/*
 * Self-test rows: one function per row of the catalogue, found by the linker.
 *
 *	ROW(P4, "buddy allocator: random use returns to the initial state", buddy_row)
 *
 * A row passes if it made at least one check and none failed.  The first failed check is
 * what its line shows: what was seen and what was expected.  Each row leaves the machine
 * as it found it (free pages, slab objects, tables): the runner checks this baseline.
 */
#ifndef TEST_ROW_H
#define TEST_ROW_H

#include <kernel/kernel.h>

#define ROW_TEXT_MAX	160

struct row {
	const char *id, *text;
	void (*run)(struct row *r);
	unsigned flags;
	const char *program;		/* USER_ROW */
	/* While it runs: */
	unsigned checks, failed;
	bool warned, skipped;
	char figure[ROW_TEXT_MAX];	/* row_info(): what was measured */
	char reason[ROW_TEXT_MAX];	/* first failure, or why it warns */
};

#define ROW_SMOKE	0x01	/* a named check of test=smoke, not a catalogue row */
#define ROW_NO_BASELINE	0x02	/* changes free memory on purpose and says so */
#define ROW_EXPLICIT	0x04	/* only when named: needs a boot of its own */

/* Rows are writable: results are kept in place. */
#define __ROW(sym, id_, text_, fn, flags_) \
	static struct row row_##sym = { .id = id_, .text = text_, .run = fn, .flags = flags_ }; \
	static struct row *const __used __attribute__((__section__(".rows"))) \
		row_ptr_##sym = &row_##sym

#define ROW(id_, text_, fn)		__ROW(id_, #id_, text_, fn, 0)
#define ROW_FLAGS(id_, text_, fn, f)	__ROW(id_, #id_, text_, fn, f)
#define SMOKE(sym, name, fn) \
	__ROW(smoke_##sym, name, "", fn, ROW_SMOKE | ROW_NO_BASELINE)

/*
 * A row whose checks are made by a user program: PROGRAM ID, see user/lib/check.h.
 *
 *	USER_ROW(N5, "fork shares pages until one writes", "/bin/rows")
 */
#define USER_ROW(id_, text_, program_)	__USER_ROW(id_, #id_, text_, program_, 0)
#define USER_ROW_FLAGS(id_, text_, program_, f) __USER_ROW(id_, #id_, text_, program_, f)
#define __USER_ROW(sym, id_, text_, program_, flags_) \
	static struct row row_##sym = { .id = id_, .text = text_, .run = run_user_program, \
					.flags = flags_, .program = program_ }; \
	static struct row *const __used __attribute__((__section__(".rows"))) \
		row_ptr_##sym = &row_##sym

/* What USER_ROW runs: r->program with r->id as its argument. */
void run_user_program(struct row *r);

/*
 * Run a user program as a child and add its checks and failures to the row; all that it
 * has written and that is no result is shown as diagnostics.  The row fails too if a
 * signal kills it, if it does not end within 60 s, or if it reports nothing.  Whatever
 * processes it leaves behind are killed.  arg may be NULL.
 */
void run_user_row(struct row *r, const char *program, const char *arg);

/* The same with a whole argv (NULL at its end; argv[0] is the path). */
void run_user_argv(struct row *r, const char *const *argv);

/*
 * The same, but each line is first offered to take(), which runs in the process that has
 * written it: true if it was for the row.
 */
void run_user_lines(struct row *r, const char *const *argv,
		    bool (*take)(struct row *r, const char *line));

/* An ordinary program that knows nothing of rows: its wait status must be `expected`. */
void run_user_plain(struct row *r, const char *const *argv, int expected);

/* Equality of two numbers; false when they differ. */
#define row_eq(r, seen, expected, ...) \
	__row_eq((r), (u64)(seen), (u64)(expected), __VA_ARGS__)
bool __row_eq(struct row *r, u64 seen, u64 expected, const char *fmt, ...) __printf(4, 5);

/* A condition that is not an equality; the text says what and with which figures. */
bool row_ok(struct row *r, bool ok, const char *fmt, ...) __printf(3, 4);

/* The figure that the row's line shows.  The last call counts. */
void row_info(struct row *r, const char *fmt, ...) __printf(2, 3);

/* Smoke checks: not as it should be, but no failure; or not applicable on this machine. */
void row_warn(struct row *r, const char *fmt, ...) __printf(2, 3);
void row_skip(struct row *r, const char *fmt, ...) __printf(2, 3);

#endif
