/* SPDX-License-Identifier: MIT */
/* Rows whose checks are made by user programs: /bin/rows (user/rows) and others. */
#include <test/row.h>

/* Programs that were linked with C libraries of Debian; every forbidden thing we know. */
static void o3_calls(struct row *r)
{
	static const char *const programs[][3] = {
		{ "/bin/hello-musl", NULL }, { "/bin/hello-glibc", NULL },
		{ "/bin/hello-pie", NULL }, { "/bin/crash", "all", NULL },
	};
	unsigned i;

	run_user_row(r, "/bin/rows", "O3");
	for (i = 0; i < ARRAY_SIZE(programs); i++)
		run_user_plain(r, programs[i], 0);
}
ROW(O3, "system calls of ordinary Linux programs, static musl and glibc among them", o3_calls);
