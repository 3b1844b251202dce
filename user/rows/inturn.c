/* SPDX-License-Identifier: MIT */
/*
 * /bin/rows inturn FILE: run the commands of FILE, a line each, one after the other, and say
 * how each ended, so that one boot can try many.  "@N COMMAND" kills it after N seconds,
 * "& COMMAND" goes on at once.
 */
#include "rows.h"

#define WORDS	24
#define SIGKILL	9

static char list[8192];

static unsigned split(char *line, const char **argv)
{
	unsigned n = 0;

	while (*line && n < WORDS - 1) {
		while (*line == ' ')
			*line++ = '\0';
		if (*line)
			argv[n++] = line;
		while (*line && *line != ' ')
			line++;
	}
	argv[n] = NULL;
	return n;
}

static void run(char *line, unsigned nr)
{
	const char *argv[WORDS];
	u64 limit = *line == '@' ? parse_u64(line + 1, (const char **)&line) : 0;
	bool background = *line == '&';
	int status;
	long pid;

	line += background;
	if (!split(line, argv))
		return;
	pid = start_program("inturn", argv, (const char *const *)environ, NULL);
	if (!CHECK(pid > 0, "start of command %u: %ld", nr, pid) || background)
		return;
	if (limit) {
		sleep_ms((unsigned)limit * 1000);
		sys_kill((int)pid, SIGKILL);
	}
	status = wait_for((int)pid);
	printf("inturn: %u: status %d signal %d\n", nr, status >> 8, status & 0x7f);
	CHECK(status >= 0, "wait for command %u: %d", nr, status);
}

static void inturn(void)
{
	unsigned nr = 1;
	char *line, *end;

	if (row_argc != 1 || read_file(row_argv[0], list, sizeof(list)) <= 0) {
		CHECK(false, "usage: rows inturn FILE");
		return;
	}
	for (line = list; *line; line = end, nr++) {
		for (end = line; *end && *end != '\n'; end++)
			;
		if (*end)
			*end++ = '\0';
		run(line, nr);
	}
	while (sys_wait4(-1, NULL, 0, NULL) > 0)
		;
}
HELPER(inturn, "inturn", inturn);
