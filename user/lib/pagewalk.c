/* SPDX-License-Identifier: MIT */
/* Readers of /proc/pagewalk; see pagewalk.h. */
#include "entry.h"
#include "pagewalk.h"

#define DIR	"/proc/pagewalk/"
#define TEXT_MAX (16 * 1024)

static char text[TEXT_MAX];

static __noreturn void fail(const char *what, long error)
{
	printf("not ok: %s: error %ld\n", what, -error);
	exit(3);
}

/* So that reading into it is no fault, and no copy after a fork. */
static void touch(void *p, size_t n)
{
	volatile char *c = p;
	size_t i;

	for (i = 0; i < n; i += PAGE_SIZE)
		c[i] = 0;
	if (n)
		c[n - 1] = 0;
}

static int open_or_fail(const char *path, int flags)
{
	long fd = sys_open(path, flags, 0);

	if (fd < 0)
		fail(path, fd);
	return (int)fd;
}

/* n bytes from a position that may lie in the upper half of the address space. */
static void read_at(const char *path, u64 pos, void *buf, size_t n)
{
	int fd = open_or_fail(path, O_RDONLY);
	long ret;

	touch(buf, n);
	ret = sys_pread(fd, buf, n, pos);
	sys_close(fd);
	if (ret != (long)n)
		fail(path, ret < 0 ? ret : -EIO);
}

/* ---- counters ---------------------------------------------------------------------- */

static size_t read_text(const char *path)
{
	int fd = open_or_fail(path, O_RDONLY);
	long ret;

	touch(text, sizeof(text));
	ret = sys_read(fd, text, sizeof(text) - 1);
	sys_close(fd);
	if (ret < 0)
		fail(path, ret);
	text[ret] = '\0';
	return ret;
}

void pw_snapshot(struct pw_snapshot *s)
{
	const char *p, *end;
	size_t len;

	touch(s, sizeof(*s));
	read_text(DIR "counters");
	s->n = 0;
	for (p = text; *p && s->n < PW_COUNTERS_MAX; p = *end ? end + 1 : end) {
		for (end = p; *end && *end != ' '; end++)
			;
		len = end - p;
		if (len >= PW_NAME_MAX)
			len = PW_NAME_MAX - 1;
		memcpy(s->counter[s->n].name, p, len);
		s->counter[s->n].name[len] = '\0';
		while (*end == ' ')
			end++;
		s->counter[s->n++].value = parse_u64(end, &end);
		while (*end && *end != '\n')
			end++;
	}
}

static const u64 *find(const struct pw_snapshot *s, const char *name)
{
	unsigned i;

	for (i = 0; i < s->n; i++)
		if (strncmp(s->counter[i].name, name, PW_NAME_MAX - 1) == 0)
			return &s->counter[i].value;
	return NULL;
}

u64 pw_get(const struct pw_snapshot *s, const char *name)
{
	const u64 *value = find(s, name);

	if (!value)
		fail(name, -ENOENT);
	return *value;
}

s64 pw_diff(const struct pw_snapshot *before, const struct pw_snapshot *after,
	    const char *name)
{
	return (s64)(pw_get(after, name) - pw_get(before, name));
}

static struct pw_snapshot now;

u64 pw_counter(const char *name)
{
	pw_snapshot(&now);
	return pw_get(&now, name);
}

bool pw_has(const char *name)
{
	pw_snapshot(&now);
	return find(&now, name) != NULL;
}

/* ---- tables and frames ------------------------------------------------------------- */

void pw_walk_range(const volatile void *addr, struct pagewalk_walk *w, unsigned pages)
{
	read_at(DIR "walk", (ulong)addr & -PAGE_SIZE, w, pages * sizeof(*w));
}

bool pw_walk(const volatile void *addr, struct pagewalk_walk *w)
{
	pw_walk_range(addr, w, 1);
	return w->flags & PAGEWALK_PRESENT;
}

bool pw_walk_pid(int pid, const volatile void *addr, struct pagewalk_walk *w)
{
	int fd = open_or_fail(DIR "walk", O_RDWR);
	char line[24];
	long ret;

	touch(w, sizeof(*w));
	ret = sys_write(fd, line, snprintf(line, sizeof(line), "pid=%d", pid));
	if (ret > 0)
		ret = sys_pread(fd, w, sizeof(*w), (ulong)addr & -PAGE_SIZE);
	sys_close(fd);
	return ret == sizeof(*w);
}

u64 pw_entry(int pid, const volatile void *addr)
{
	struct pagewalk_walk w = { 0 };

	/* They say whether it is present, or the process there, which is not the question. */
	if (pid)
		pw_walk_pid(pid, addr, &w);
	else
		pw_walk(addr, &w);
	if (!w.depth || (w.depth != w.levels && !(w.flags & PAGEWALK_LARGE)))
		return 0;
	return w.entry[w.depth - 1];
}

u64 pw_slot(const volatile void *addr)
{
	unsigned device;
	u64 slot;

	return entry_swapped(pw_entry(0, addr), &device, &slot) ? slot : 0;
}

u64 pw_pfn(const volatile void *addr)
{
	struct pagewalk_walk w;

	return pw_walk(addr, &w) ? w.phys >> 12 : 0;
}

void pw_frame(u64 pfn, struct pagewalk_frame *f)
{
	read_at(DIR "frames", pfn * sizeof(*f), f, sizeof(*f));
}

/* ---- the rest ---------------------------------------------------------------------- */

s64 pw_field(const char *path, const char *name)
{
	const char *p;

	read_text(path);
	p = strstr(text, name);
	if (!p)
		return -1;
	for (p += strlen(name); *p == ' ' || *p == '\t'; p++)
		;
	return (s64)parse_u64(p, NULL);
}

u64 pw_cr3(void)
{
	return (u64)pw_field(DIR "cr3", "cr3 ");
}

long pw_knob(const char *knob)
{
	int fd = open_or_fail(DIR "knob", O_WRONLY);
	long ret = sys_write(fd, knob, strlen(knob));

	sys_close(fd);
	return ret < 0 ? ret : 0;
}

u64 pw_trace_seq(void)
{
	return pw_counter("trace_seq");
}

unsigned pw_trace(u64 seq, struct pagewalk_event *events, unsigned max)
{
	int fd = open_or_fail(DIR "trace", O_RDONLY);
	long ret;

	touch(events, max * sizeof(*events));
	ret = sys_pread(fd, events, max * sizeof(*events), seq);
	sys_close(fd);
	if (ret < 0)
		fail(DIR "trace", ret);
	return (unsigned)(ret / sizeof(*events));
}
