/* SPDX-License-Identifier: MIT */
/*
 * /bin/ptdump [-r] [PID|kernel]: what the page tables of a process or of the kernel map, as
 * runs of pages that follow each other and have the same rights, by region or window.
 *
 *	400000-401000		4K	4K	r--	u	-
 *	from-to, size, page size, rights of all levels together, u(ser) or k(ernel), and
 *	g(lobal), uc or wc (cache) where they are not the usual ones
 *
 * What is writable and executable is marked W+X; two levels have no bit against execution.
 * -r: for programs, a line "START END PAGESIZE FLAGS" a run, hexadecimal, regions ignored;
 * FLAGS: PAGEWALK_* without Accessed and Dirty, RUN_*.
 *
 * All is read before anything is printed, so that a process can look at itself.
 */
#include "lib/lib.h"
#include "lib/pagewalk.h"

#define RUNS_MAX	16384
#define AREAS_MAX	4096
#define BATCH		32
#define TEXT_SIZE	(512 * 1024)
#define MARKS		(PAGEWALK_ACCESSED | PAGEWALK_DIRTY | PAGEWALK_PRESENT)
#define RUN_PWT		0x100u		/* bits of the last entry */
#define RUN_PCD		0x200u
#define RUN_PAT		0x400u

struct run {
	u64 start, last;		/* last byte: the top of memory fits */
	u64 size;			/* of a page */
	unsigned flags;
};

struct area {
	u64 start, last;
	const char *name;
};

static struct run *runs;
static struct area *areas;
static unsigned nr_runs, nr_areas;
static unsigned levels;
static bool whole = true;

/* ---- reading ----------------------------------------------------------------------- */

static unsigned flags_of(const struct pagewalk_walk *w)
{
	u64 entry = w->entry[w->depth - 1];
	u64 pat = w->flags & PAGEWALK_LARGE ? 0x1000 : 0x80;

	return (w->flags & ~MARKS) | (entry & 8 ? RUN_PWT : 0) | (entry & 0x10 ? RUN_PCD : 0) |
	       (entry & pat ? RUN_PAT : 0);
}

static void add(const struct pagewalk_walk *w)
{
	u64 start = w->address, last = w->address | (w->size - 1);
	struct run *r = nr_runs ? &runs[nr_runs - 1] : NULL;
	unsigned flags = flags_of(w);

	levels = w->levels;
	if (r && r->last + 1 == start && r->size == w->size && r->flags == flags) {
		r->last = last;
		return;
	}
	if (nr_runs == RUNS_MAX) {
		whole = false;
		return;
	}
	runs[nr_runs++] = (struct run){ start, last, w->size, flags };
}

/* From `start` on, up to `last`. */
static long read_tables(const char *who, u64 start, u64 last)
{
	static struct pagewalk_walk w[BATCH];
	int fd = (int)sys_open("/proc/pagewalk/walk", O_RDWR, 0);
	char text[24];
	long n, i, err;

	if (fd < 0)
		return fd;
	err = sys_write(fd, "holes=hidden", 12);
	if (err > 0)
		err = sys_write(fd, text, snprintf(text, sizeof(text), "pid=%s", who));
	if (err < 0)
		return err;
	memset(w, 0, sizeof(w));
	while (start <= last) {
		n = sys_pread(fd, w, sizeof(w), start);
		if (n <= 0)
			return n;
		for (i = 0; i < n / (long)sizeof(w[0]); i++) {
			if (w[i].address > last)
				return 0;
			add(&w[i]);
			start = (w[i].address | (w[i].size - 1)) + 1;
		}
		if (!start)
			return 0;		/* the top of memory */
	}
	return 0;
}

/* Lines "START-END WORD... NAME": the name is what follows `words` - 1 words. */
static long read_areas(const char *path, unsigned words)
{
	char *text = map_anon(TEXT_SIZE);
	const char *p, *q;
	char *end;
	unsigned i;
	long n = read_file(path, text, TEXT_SIZE);

	if (n < 0)
		return n;
	for (p = text; *p && nr_areas < AREAS_MAX; p = end + 1) {
		end = strchr(p, '\n');
		if (!end)
			break;
		*end = '\0';
		areas[nr_areas].start = parse_hex(p, &p);
		areas[nr_areas].last = parse_hex(p + 1, &p) - 1;
		for (i = 0, q = p; i < words; i++) {
			while (*q && *q != ' ' && i)
				q++;
			while (*q == ' ')
				q++;
		}
		areas[nr_areas++].name = *q ? q : "anonymous";
	}
	return 0;
}

/* ---- printing ---------------------------------------------------------------------- */

static void print_size(u64 bytes)
{
	char unit = 'K';

	bytes >>= 10;
	if (!(bytes & 1023)) {
		bytes >>= 10;
		unit = 'M';
	}
	if (unit == 'M' && !(bytes & 1023)) {
		bytes >>= 10;
		unit = 'G';
	}
	printf(" %7llu%c", (unsigned long long)bytes, unit);
}

static bool is_wx(const struct run *r)
{
	return levels > 2 && (r->flags & (PAGEWALK_WRITE | PAGEWALK_EXEC)) ==
	       (PAGEWALK_WRITE | PAGEWALK_EXEC);
}

static const char *cache_name(unsigned flags)
{
	if (flags & RUN_PCD)
		return " uc";
	return flags & (RUN_PAT | RUN_PWT) ? " wc" : "";
}

static void print_run(const struct run *r, u64 start, u64 last)
{
	printf("%0*llx-%0*llx", levels > 2 ? 16 : 8, (unsigned long long)start,
	       levels > 2 ? 16 : 8, (unsigned long long)(last + 1));
	print_size(last - start + 1);
	print_size(r->size);
	printf(" r%c%c %c%s%s%s\n", r->flags & PAGEWALK_WRITE ? 'w' : '-',
	       r->flags & PAGEWALK_EXEC ? 'x' : '-', r->flags & PAGEWALK_USER ? 'u' : 'k',
	       r->flags & PAGEWALK_GLOBAL ? " g" : "", cache_name(r->flags),
	       is_wx(r) ? " W+X: writable and executable" : "");
}

/* The area of an address, or where the next one begins (*until: last byte before that). */
static const struct area *area_at(u64 at, u64 *until)
{
	const struct area *best = NULL;
	unsigned i;

	*until = ~0ull;
	for (i = 0; i < nr_areas; i++) {
		if (areas[i].start <= at && at <= areas[i].last) {
			if (!best || areas[i].start > best->start)
				best = &areas[i];
		} else if (areas[i].start > at && areas[i].start - 1 < *until) {
			*until = areas[i].start - 1;
		}
	}
	if (best && best->last < *until)
		*until = best->last;
	return best;
}

/* A run that crosses from one area into another is printed in pieces. */
static unsigned print_all(void)
{
	const struct area *area, *header = NULL;
	unsigned i, pieces = 0;
	u64 at, until;

	for (i = 0; i < nr_runs; i++) {
		for (at = runs[i].start; ; at = until + 1) {
			area = area_at(at, &until);
			if (until > runs[i].last)
				until = runs[i].last;
			if (area != header || !pieces)
				printf("---[ %s ]---\n", area ? area->name : "no area");
			header = area;
			print_run(&runs[i], at, until);
			pieces++;
			if (until == runs[i].last)
				break;
		}
	}
	return pieces;
}

static void print_raw(void)
{
	unsigned i;

	for (i = 0; i < nr_runs; i++)
		printf("%llx %llx %llx %x\n", (unsigned long long)runs[i].start,
		       (unsigned long long)runs[i].last, (unsigned long long)runs[i].size,
		       runs[i].flags);
}

static void print_sums(unsigned pieces)
{
	unsigned i, wx = 0;
	u64 bytes = 0;

	for (i = 0; i < nr_runs; i++) {
		bytes += runs[i].last - runs[i].start + 1;
		wx += is_wx(&runs[i]);
	}
	printf("ptdump: %u ranges, %llu KiB, ", pieces, (unsigned long long)(bytes >> 10));
	if (levels > 2)
		printf("%u W+X\n", wx);
	else
		printf("no NX bit in two levels: all that is mapped can be executed\n");
}

/* ---- which tables ------------------------------------------------------------------ */

static long kernel_start(u64 *start)
{
	unsigned i;

	*start = ~0ull;
	for (i = 0; i < nr_areas; i++)
		if (areas[i].start && areas[i].start < *start)
			*start = areas[i].start;
	return *start == ~0ull ? -ENOENT : 0;
}

static long dump(const char *who)
{
	u64 kernel, top = sizeof(long) == 8 ? ~0ull : 0xffffffffull;
	char path[40];
	long err;

	err = read_areas("/proc/pagewalk/windows", 1);
	if (!err)
		err = kernel_start(&kernel);
	if (err || strcmp(who, "kernel") == 0)
		return err ? err : read_tables(who, kernel, top);
	nr_areas = 0;
	snprintf(path, sizeof(path), "/proc/%s/maps", who);
	err = read_areas(path, 5);
	return err ? err : read_tables(who, 0, sizeof(long) == 8 ? 0x7fffffffffffull : kernel - 1);
}

int main(int argc, char **argv, char **envp)
{
	bool raw = argc > 1 && strcmp(argv[1], "-r") == 0;
	const char *who = argc > 1 + raw ? argv[1 + raw] : "0";
	char self[16];
	long err;

	if (argc > 2 + raw) {
		printf("usage: ptdump [-r] [PID|kernel]\n");
		return 2;
	}
	if (strcmp(who, "0") == 0) {
		snprintf(self, sizeof(self), "%ld", sys_getpid());
		who = self;
	}
	runs = map_anon(RUNS_MAX * sizeof(*runs));
	areas = map_anon(AREAS_MAX * sizeof(*areas));
	err = dump(who);
	if (err) {
		printf("ptdump: %s: error %ld%s\n", who, -err, err == -ESRCH || err == -ENOENT ?
		       " (no such process)" : "");
		return 1;
	}
	if (raw)
		print_raw();
	else
		print_sums(print_all());
	if (!whole)
		printf("ptdump: there are more than %d ranges\n", RUNS_MAX);
	return whole ? 0 : 1;
}
