/* SPDX-License-Identifier: MIT */
/* Looking at this machine: entries, frames, regions, windows, counters. */
#include <linux/kernel-page-flags.h>
#include "../lib/entry.h"
#include "tour.h"

#define RUSAGE_SELF	0
#define ALONE_TRIES	200

/* ---- entries and frames ----------------------------------------------------------- */

static bool walk_in(int pid, const volatile void *p, struct pagewalk_walk *w)
{
	if (!pid)
		return pw_walk(p, w);
	return pw_walk_pid(pid, p, w) && w->flags & PAGEWALK_PRESENT;
}

static u64 last_entry(const struct pagewalk_walk *w)
{
	return w->depth == w->levels || w->flags & PAGEWALK_LARGE ? w->entry[w->depth - 1] : 0;
}

struct pagewalk_frame frame_at(const volatile void *p)
{
	struct pagewalk_frame f = { .pfn = pw_pfn(p), .type = PAGEWALK_FRAME_ABSENT };
	int fd = (int)sys_open("/proc/pagewalk/frames", O_RDONLY, 0);

	/* Behind the last frame of RAM, where devices are, the file has ended. */
	if (fd < 0)
		lacks("/proc/pagewalk/frames: error %d", -fd);
	sys_pread(fd, &f, sizeof(f), f.pfn * sizeof(f));
	sys_close(fd);
	return f;
}

bool expect_type(const volatile void *p, enum pagewalk_frame_type type, const char *what)
{
	static const char *const name[PAGEWALK_FRAME_TYPES] = {
		"kernel", "slab", "page table", "vmalloc", "anonymous", "page cache", "reserved",
		"free", "no RAM",
	};
	unsigned seen = frame_at(p).type;

	return expect(seen == type, "%s: type of its frame: %s%s%s", what,
		      seen < PAGEWALK_FRAME_TYPES ? name[seen] : "?", seen == type ? "" : ", expected ",
		      seen == type ? "" : name[type]);
}

bool is_zero_page(const struct pagewalk_frame *f)
{
	return f->flags & 1ull << KPF_ZERO_PAGE;
}

u64 kernel_walk(ulong address, struct pagewalk_walk *w)
{
	int fd = (int)sys_open("/proc/pagewalk/walk", O_RDWR, 0);

	memset(w, 0, sizeof(*w));
	if (fd < 0 || sys_write(fd, "pid=kernel", 10) < 0 ||
	    sys_pread(fd, w, sizeof(*w), address & -PAGE_SIZE) != sizeof(*w))
		lacks("/proc/pagewalk/walk cannot be read");
	sys_close(fd);
	return w->flags & PAGEWALK_PRESENT ? w->phys >> 12 : 0;
}

static void describe(char *to, size_t size, const struct pagewalk_walk *w)
{
	unsigned long long entry = last_entry(w);
	unsigned device;
	u64 slot;

	if (w->flags & PAGEWALK_PRESENT)
		snprintf(to, size, "%#llx = frame %#llx, %s%s%s%s%s", entry,
			 (unsigned long long)w->phys >> 12,
			 w->flags & PAGEWALK_WRITE ? "writable" : "read-only",
			 w->flags & PAGEWALK_USER ? ", user" : ", kernel",
			 w->flags & PAGEWALK_ACCESSED ? ", accessed" : "",
			 w->flags & PAGEWALK_DIRTY ? ", dirty" : "",
			 FOUR && !(w->flags & PAGEWALK_EXEC) ? ", no-execute" : "");
	else if (entry_swapped(entry, &device, &slot))
		snprintf(to, size, "%#llx = not present, the name of a slot", entry);
	else if (entry_protnone(entry))
		snprintf(to, size, "%#llx = not present (PROT_NONE), but its frame %#llx stays", entry,
			 (unsigned long long)entry_frame(entry));
	else if (w->depth < w->levels)
		snprintf(to, size, "none; not even a table for it (%u of %u levels)", w->depth,
			 w->levels);
	else
		snprintf(to, size, "0x0 = nothing");
}

void show_entry(const char *when, int pid, const volatile void *p)
{
	struct pagewalk_walk w = { 0 };
	char text[160];

	walk_in(pid, p, &w);
	describe(text, sizeof(text), &w);
	note("entry %s: %s", when, text);
}

void show_walk(const volatile void *p)
{
	static const char *const four[] = { "pgd", "pud", "pmd", "pte" };
	static const char *const two[] = { "pgd", "pte" };
	struct pagewalk_walk w;
	unsigned i;

	pw_walk(p, &w);
	note("address %#lx; CR3 says frame %#llx", (ulong)p, (unsigned long long)w.table[0]);
	for (i = 0; i < w.depth; i++)
		note("%s[%u] in frame %#llx: %#llx%s", FOUR ? four[i] : two[i],
		     index_of(w.levels, i, (ulong)p), (unsigned long long)w.table[i],
		     (unsigned long long)w.entry[i], w.entry[i] & ENTRY_P ? "" : " (not present)");
}

/* ---- faults ----------------------------------------------------------------------- */

struct usage {
	long time[4];
	long maxrss, ixrss, idrss, isrss;
	long minflt, majflt;
	long rest[8];
};

static struct usage start;

static void get_usage(struct usage *u)
{
	syscall2(__NR_getrusage, RUSAGE_SELF, (long)u);
}

void count_begin(void)
{
	get_usage(&start);
	get_usage(&start);
}

struct faults count_end(void)
{
	static struct usage end;

	get_usage(&end);
	return (struct faults){ (ulong)(end.minflt - start.minflt),
				(ulong)(end.majflt - start.majflt) };
}

/* ---- regions ---------------------------------------------------------------------- */

static char maps[65536];

static void read_maps(void)
{
	long n = read_file("/proc/self/maps", maps, sizeof(maps));

	if (n <= 0 || n == sizeof(maps) - 1)
		lacks("/proc/self/maps: %ld bytes", n);
}

unsigned regions_in(const volatile void *p, size_t len)
{
	read_maps();
	return lines_in(maps, (ulong)p, (ulong)p + len);
}

/* "START-END rwxp NAME", without offset, device and inode. */
static void short_line(const char *line, char *to, size_t size)
{
	ulong from, end;
	const char *rest = line_bounds(line, &from, &end), *name = rest + 1;
	const char *stop = strchr(rest, '\n');
	unsigned words = 0;

	for (; name < stop && words < 4; name++)
		words += *name == ' ' && name[1] != ' ';
	snprintf(to, size, "%lx-%lx %.4s%s%.*s", from, end, rest + 1, words == 4 ? " " : "",
		 words == 4 ? (int)(stop - name) : 0, name);
}

void region_line(ulong address, char *to, size_t size)
{
	const char *line = maps;
	ulong from, end;

	*to = '\0';
	read_maps();
	for (; *line; line = next_line(line)) {
		line_bounds(line, &from, &end);
		if (address >= from && address < end)
			short_line(line, to, size);
	}
}

void show_regions(const char *when, const volatile void *p, size_t len)
{
	const char *line = maps;
	char text[160];
	ulong from, end;

	note("%s:", when);
	read_maps();
	for (; *line; line = next_line(line)) {
		line_bounds(line, &from, &end);
		if (from >= (ulong)p + len || end <= (ulong)p)
			continue;
		short_line(line, text, sizeof(text));
		note("  %s", text);
	}
}

ulong pages_of(const char *name)
{
	s64 kb = pw_field("/proc/self/status", name);

	if (kb < 0)
		lacks("/proc/self/status has no %s", name);
	return (ulong)kb / (PAGE_SIZE / 1024);
}

/* ---- windows ---------------------------------------------------------------------- */

bool window(const char *name, ulong *from, ulong *to)
{
	static char text[4096];
	const char *line = text;
	size_t n = strlen(name);

	if (read_file("/proc/pagewalk/windows", text, sizeof(text)) <= 0)
		return false;
	for (; *line; line = next_line(line)) {
		const char *rest = line_bounds(line, from, to) + 1;

		if (strncmp(rest, name, n) == 0 && rest[n] == '\n')
			return true;
	}
	return false;
}

/* Where the stack's region ends. */
ulong task_size(void)
{
	const char *line = maps;
	ulong from, to = 0;

	read_maps();
	for (; *line; line = next_line(line))
		line_bounds(line, &from, &to);
	return to;
}

/* ---- counters of the machine ------------------------------------------------------ */

static struct pw_snapshot before, after;

bool count_alone(void (*again)(void), void (*act)(void))
{
	unsigned i;

	for (i = 0; i < ALONE_TRIES; i++) {
		sleep_ms(1);		/* a fresh share of the processor */
		if (again)
			again();
		pw_snapshot(&after);
		pw_snapshot(&before);
		act();
		pw_snapshot(&after);
		if (grown("switches") == 0)
			return true;
	}
	expect(false, "no moment without other tasks in %u tries", i);
	return false;
}

s64 grown(const char *counter)
{
	return pw_diff(&before, &after, counter);
}
