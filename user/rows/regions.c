/* SPDX-License-Identifier: MIT */
/* Regions as /proc shows them, and limits: for the rows about system calls of the mmap family. */
#include "rows.h"

static char text[65536];

static void read_or_fail(const char *path)
{
	long n = read_file(path, text, sizeof(text));

	if (n <= 0 || n == sizeof(text) - 1) {
		printf("not ok: %s: %ld bytes\n", path, n);
		exit(3);
	}
}

unsigned regions_in(const volatile void *addr, size_t len)
{
	read_or_fail("/proc/self/maps");
	return lines_in(text, (ulong)addr, (ulong)addr + len);
}

/* Its first line in smaps, one that begins with no capital letter; NULL: no region. */
static const char *find_region(ulong addr)
{
	const char *line = text;
	ulong start, end;

	read_or_fail("/proc/self/smaps");
	for (; *line; line = next_line(line)) {
		if (*line >= 'A' && *line <= 'Z')
			continue;
		line_bounds(line, &start, &end);
		if (addr >= start && addr < end)
			return line;
	}
	return NULL;
}

/* What follows `name` among its lines. */
static const char *region_line(const volatile void *addr, const char *name)
{
	const char *line = find_region((ulong)addr);

	if (!line)
		return NULL;
	for (line = next_line(line); *line >= 'A' && *line <= 'Z'; line = next_line(line))
		if (strncmp(line, name, strlen(name)) == 0)
			return line + strlen(name);
	return NULL;
}

bool region_has(const volatile void *addr, const char *flag)
{
	const char *p = region_line(addr, "VmFlags:");

	for (; p && *p && *p != '\n'; p++)
		if (*p == ' ' && p[1] == flag[0] && p[2] == flag[1])
			return true;
	return false;
}

s64 region_kb(const volatile void *addr, const char *name)
{
	const char *p = region_line(addr, name);

	while (p && *p == ' ')
		p++;
	return p ? (s64)parse_u64(p, NULL) : -1;
}

u64 locked_pages(void)
{
	return (u64)pw_field("/proc/self/status", "VmLck:") / (PAGE_SIZE / 1024);
}

void limit(int resource, ulong value)
{
	struct rlimit r = { value, value };

	CHECK_EQ(sys_setrlimit(resource, &r), 0, "setrlimit(%d)", resource);
}
