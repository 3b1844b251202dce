/* SPDX-License-Identifier: MIT */
/* What the kernel calls of its tests. */
#ifndef TEST_TEST_H
#define TEST_TEST_H

#include <kernel/kernel.h>

struct test_result {
	unsigned pass, fail, skip;
};

/*
 * Run what test= selects: all rows, the smoke checks, a list of row IDs, or nothing
 * ("off").  Prints KTAP; the default without test= is the smoke test.
 */
struct test_result run_tests(void);

/*
 * The banner of the screen: run_tests() shows its result; after the first program that of
 * the whole run (with the other kernel's, if that ran before).  program: NULL, or its path;
 * well: it ended with status 0.
 */
void show_test_result(const struct test_result *t, const char *program, bool well);

/* CRC-32 of each kernel's blob, before its memory is given away (catalogue B8). */
void test_check_blobs(void);

/* Ends the run if a knob asks for it: test/kernel/knobs.c. */
void test_provoke(void);

#endif
