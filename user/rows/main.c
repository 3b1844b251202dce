/* SPDX-License-Identifier: MIT */
/*
 * /bin/rows ID [ARG...]: the user side of one row of the catalogue.  The tests are in
 * user/rows/, each announces itself by TEST().  Without an argument: the list of IDs.
 */
#include "counting.h"
#include "rows.h"

extern const struct user_test *const __start_tests[], *const __stop_tests[];

int row_argc;
char **row_argv;

ulong row_number(int i)
{
	if (i >= row_argc) {
		printf("not ok: rows: argument %d is missing\n", i + 1);
		exit(2);
	}
	return (ulong)parse_u64(row_argv[i], NULL);
}

int main(int argc, char **argv, char **envp)
{
	const struct user_test *const *t;

	for (t = __start_tests; t < __stop_tests; t++) {
		if (argc < 2) {
			printf("%s\n", (*t)->id);
		} else if (strcmp((*t)->id, argv[1]) == 0) {
			row_argc = argc - 2;
			row_argv = argv + 2;
			populate_self();
			(*t)->run();
			return check_result();
		}
	}
	if (argc < 2)
		return 0;
	printf("not ok: rows: there is no test for row \"%s\"\n", argv[1]);
	return 2;
}
