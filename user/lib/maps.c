/* SPDX-License-Identifier: MIT */
/* Files whose lines begin with "START-END": maps, smaps, /proc/pagewalk/windows. */
#include "lib.h"

const char *next_line(const char *line)
{
	line = strchr(line, '\n');
	return line ? line + 1 : "";
}

const char *line_bounds(const char *line, ulong *from, ulong *to)
{
	*from = (ulong)parse_hex(line, &line);
	*to = (ulong)parse_hex(line + 1, &line);
	return line;
}

unsigned lines_in(const char *maps, ulong from, ulong to)
{
	ulong start, end;
	unsigned n = 0;

	for (; *maps; maps = next_line(maps)) {
		line_bounds(maps, &start, &end);
		n += start < to && end > from;
	}
	return n;
}
