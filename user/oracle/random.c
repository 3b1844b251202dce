/* SPDX-License-Identifier: MIT */
/*
 * Random programs: the seed decides on a sequence of calls and accesses; what comes of each
 * is a line.  Two systems agree if the lines are equal.
 *
 * Most of it happens in an arena of a few pages at a fixed address, so that operations meet
 * each other; besides there are the heap, the stack, three files and what mmap places itself.
 * Children run some steps of their own and are waited for.
 *
 * The choice of steps must not depend on what is no promise: where one region ends and an equal
 * one begins.  So mremap gets ranges that were made by one call and never cut since, and
 * /proc/self/maps is read with equal neighbours joined.  Files grow and shrink by whole pages
 * (what stands behind the end of a file is in no promise either).
 */
#include "oracle.h"

#define ARENA		((char *)0x20000000)
#define PAGES		48
#define FILES		3
#define FILE_PAGES	10
#define OUTSIDE		3	/* mappings whose place the kernel chose */
#define DIGEST		6	/* steps in one word of the short form */

#define RLIMIT_DATA	2
#define RLIMIT_AS	9

static struct {
	u64 random;
	bool full;
	int depth;			/* 0, in a child 1, .. */
	bool locked;			/* something was locked at some time */
	bool all_locked;		/* by mlockall: the program itself, too */
	long size, data;		/* VmSize and VmData at the beginning */
	unsigned ids;
	unsigned id[PAGES];		/* which call made the page; 0: not mapped */
	struct { char *at; size_t len; } outside[OUTSIDE];
	char *top;			/* the first place that mmap chose */
	char *stack;			/* where the stack's region began */
	char *heap;
	int fd[FILES + 1];		/* the last: the first file, read-only */
} s;

/* In shared memory: children add to it. */
static struct tally {
	u64 hash;
	unsigned steps;
	char digest[600];
	unsigned used;
} *tally;

/* ---- chance -------------------------------------------------------------------- */

static unsigned pick(unsigned n)
{
	return (unsigned)(next_random(&s.random) >> 20) % n;
}

static bool one_in(unsigned n)
{
	return pick(n) == 0;
}

/* A range of the arena, mostly short. */
static void pick_range(unsigned *first, unsigned *n)
{
	*first = pick(PAGES);
	*n = 1 + pick(one_in(4) ? 16 : 4);
	if (*n > PAGES - *first)
		*n = PAGES - *first;
}

static int pick_prot(void)
{
	static const int prots[] = {
		RW, RW, RW, RW, R, R, PROT_NONE, RX, RW | PROT_EXEC, PROT_WRITE,
	};

	return prots[pick(ARRAY_SIZE(prots))];
}

/* ---- telling ------------------------------------------------------------------- */

static void step(const char *fmt, ...)
{
	char line[400];
	va_list args;
	const char *p;

	va_start(args, fmt);
	vsnprintf(line, sizeof(line), fmt, args);
	va_end(args);
	for (p = line; *p; p++)
		tally->hash = (tally->hash ^ (u8)*p) * 0x100000001b3ull;
	tally->hash ^= tally->hash >> 29;
	tally->steps++;
	if (s.full)
		say("%u %.*s%s", tally->steps, s.depth, ">>>>", line);
	if (tally->steps % DIGEST == 0 && tally->used < sizeof(tally->digest) - 4)
		tally->used += snprintf(tally->digest + tally->used, 4, "%03x",
					(unsigned)(tally->hash >> 16) & 0xfff);
}

/* "a3": page 3 of the arena; t, s, h: pages from the first placed mapping, stack, heap. */
static const char *place(const volatile void *p)
{
	static char texts[8][32];
	static unsigned next;
	char *text = texts[next++ % ARRAY_SIZE(texts)];
	const char *from = ARENA;
	ulong a = (ulong)p;
	char name = 'a';
	long d;

	if (IS_ERR(p))
		return ret((long)p);
	if (a - (ulong)ARENA > 256 * PG) {
		name = 't';
		from = s.top;
		if (a - (ulong)s.heap < 64 * MiB) {
			name = 'h';
			from = s.heap;
		} else if (a > (ulong)s.stack - 16 * MiB) {
			name = 's';
			from = s.stack;
		}
	}
	d = (const volatile char *)p - from;
	snprintf(text, sizeof(texts[0]), d % (long)PG ? "%c%ld.%ld" : "%c%ld", name, d / (long)PG,
		 d % (long)PG);
	return text;
}

/* The present bit of the error code tells what the kernel mapped in advance: no promise. */
static const char *outcome(struct seen seen, bool store)
{
	static char texts[8][48];
	static unsigned next;
	char *text = texts[next++ % ARRAY_SIZE(texts)];

	if (seen.sig)
		snprintf(text, sizeof(texts[0]), "%d/%d@%s:%lu", seen.sig, seen.code,
			 place((void *)seen.addr), seen.err & ~1ul);
	else if (store)
		snprintf(text, sizeof(texts[0]), "ok");
	else
		snprintf(text, sizeof(texts[0]), "%02x", seen.value);
	return text;
}

/* VmLck; without the program itself, whose size is nobody's business. */
static long locked_kb(void)
{
	return figure(STATUS, "VmLck:") - (s.all_locked ? s.size : 0);
}

/* ---- which call made which page ------------------------------------------------ */

static void made(unsigned first, unsigned n)
{
	unsigned id = ++s.ids;

	while (n-- && first < PAGES)
		s.id[first++] = id;
}

static void gone(unsigned first, unsigned n)
{
	while (n-- && first < PAGES)
		s.id[first++] = 0;
}

/* The range may be a region of its own from now on. */
static void cut(unsigned first, unsigned n)
{
	unsigned end = first + n, old = 0, id = 0;

	for (; first < end && first < PAGES; first++) {
		if (s.id[first] != old) {
			old = s.id[first];
			id = ++s.ids;
		}
		if (old)
			s.id[first] = id;
	}
}

/* A range that one call made; n 0: none was found. */
static void pick_piece(unsigned *first, unsigned *n)
{
	unsigned i, tries, run;

	*n = 0;
	for (tries = 0; tries < 12; tries++) {
		i = pick(PAGES);
		if (!s.id[i])
			continue;
		for (run = 1; i + run < PAGES && s.id[i + run] == s.id[i]; run++)
			;
		*first = i;
		*n = 1 + pick(run);
		return;
	}
}

/* ---- steps: mappings ----------------------------------------------------------- */

static void do_mmap(void)
{
	unsigned first, n, kind = pick(10), file = FILES, at = 0;
	int prot = pick_prot(), flags = PRIV, fd = -1;
	char *want, *got;

	pick_range(&first, &n);
	if (kind == 5 || kind == 6) {
		flags = SHAR;
	} else if (kind >= 7) {
		file = pick(one_in(6) ? FILES + 1 : FILES);
		at = pick(FILE_PAGES);
		flags = kind == 7 ? MAP_PRIVATE : kind == 8 ? MAP_SHARED : MAP_PRIVATE;
		fd = s.fd[file];
	}
	if (one_in(8))
		flags |= MAP_NORESERVE;
	if (one_in(10))
		flags |= MAP_POPULATE;
	if (one_in(24)) {
		flags |= MAP_LOCKED;
		s.locked = true;
	}
	want = ARENA + first * PG;
	if (one_in(6))
		flags |= MAP_FIXED_NOREPLACE;
	else if (!one_in(6))
		flags |= MAP_FIXED;
	got = sys_mmap(want, n * PG, prot, flags, fd, at * PG);
	step("mmap %s %u prot %d flags %x file %d+%u: %s", place(want), n, prot, flags, fd < 0 ? -1 : (int)file,
	     at, place(got));
	if (IS_ERR(got))
		return;
	if ((ulong)got - (ulong)ARENA < PAGES * PG)
		made((unsigned)((got - ARENA) / PG), n);
	else
		sys_munmap(got, n * PG);
}

static void do_mmap_outside(void)
{
	unsigned i = pick(OUTSIDE), n = 1 + pick(6);
	char *p;
	long err;

	if (s.outside[i].at) {
		err = sys_munmap(s.outside[i].at, s.outside[i].len);
		step("munmap %s: %s", place(s.outside[i].at), ret(err));
		s.outside[i].at = NULL;
		return;
	}
	p = sys_mmap(NULL, n * PG, RW, one_in(3) ? SHAR : PRIV, -1, 0);
	step("mmap anywhere %u: %s", n, place(p));
	if (IS_ERR(p))
		return;
	s.outside[i].at = p;
	s.outside[i].len = n * PG;
	step("  store %s", outcome(probe_store(p + pick(n) * PG, 'o'), true));
}

static void do_munmap(void)
{
	unsigned first, n;
	char *p;

	pick_range(&first, &n);
	p = ARENA + first * PG + (one_in(20) ? 1 : 0);
	step("munmap %s %u: %s", place(p), n, ret(sys_munmap(p, n * PG)));
	if ((ulong)p % PG == 0)
		gone(first, n);
}

static void do_mprotect(void)
{
	unsigned first, n;
	int prot = pick_prot();

	pick_range(&first, &n);
	step("mprotect a%u %u %d: %s", first, n, prot, ret(sys_mprotect(ARENA + first * PG, n * PG, prot)));
	cut(first, n);
}

/* A mapping that mremap put somewhere: back into the arena, where it is one piece. */
static void bring_back(char *from, unsigned n)
{
	unsigned to = pick(PAGES - n + 1);
	char *got = sys_mremap(from, n * PG, n * PG, MREMAP_MAYMOVE | MREMAP_FIXED,
			       ARENA + to * PG);

	step("  and back to a%u: %s", to, place(got));
	if (IS_ERR(got))
		sys_munmap(from, n * PG);
	else
		made(to, n);
}

static void do_mremap(void)
{
	unsigned first, n, m, to = pick(PAGES);
	int flags = 0;
	char *got, *from;

	pick_piece(&first, &n);
	if (!n || one_in(12)) {
		pick_range(&first, &n);
		from = ARENA + first * PG;
		if (s.id[first]) {
			got = sys_mremap(from + 1, n * PG, n * PG, MREMAP_MAYMOVE, NULL);
			step("mremap, not aligned: %s", place(got));
		} else {
			got = sys_mremap(from, n * PG, n * PG + PG, MREMAP_MAYMOVE, NULL);
			step("mremap a%u, not mapped: %s", first, place(got));
		}
		return;
	}
	from = ARENA + first * PG;
	m = one_in(3) ? n : 1 + pick(8);
	if (to + m > PAGES)
		to = PAGES - m;
	if (!one_in(5))
		flags |= MREMAP_MAYMOVE;
	if (flags && !one_in(3))
		flags |= MREMAP_FIXED;
	/*
	 * Linux 6.1 unlocks the whole region that a part of is moved with DONTUNMAP, but goes
	 * on counting it as locked.
	 */
	if (flags && one_in(6) && !s.locked) {
		flags |= MREMAP_DONTUNMAP;
		m = one_in(5) ? m : n;
	}
	if (one_in(16)) {
		got = sys_mremap(from, 0, m * PG, flags, ARENA + to * PG);
		step("mremap a%u, 0 to %u, flags %d a%u: %s", first, m, flags, to, place(got));
		if (!IS_ERR(got) && (ulong)got - (ulong)ARENA < PAGES * PG)
			made((unsigned)((got - ARENA) / PG), m);
		else if (!IS_ERR(got))
			sys_munmap(got, m * PG);
		/* What was in the way may be gone even so. */
		else if (flags & MREMAP_FIXED)
			cut(to, m);
		return;
	}
	got = sys_mremap(from, n * PG, m * PG, flags, ARENA + to * PG);
	step("mremap a%u %u to %u flags %d a%u: %s", first, n, m, flags, to, place(got));
	if (IS_ERR(got)) {
		cut(first, n);
		if (flags & MREMAP_FIXED)
			cut(to, m);
		return;
	}
	if (!(flags & MREMAP_DONTUNMAP) && got != from)
		gone(first, n);
	else if (got == from && m < n)
		gone(first + m, n - m);
	else
		cut(first, n);
	if ((ulong)got - (ulong)ARENA < PAGES * PG) {
		made((unsigned)((got - ARENA) / PG), m);
		/* Growing can lead out of the arena. */
		if (got + m * PG > ARENA + PAGES * PG)
			sys_munmap(ARENA + PAGES * PG, 64 * PG);
	} else {
		bring_back(got, m);
	}
}

static void do_mlock(void)
{
	unsigned first, n, kind = pick(12);
	int what;
	long err;

	pick_range(&first, &n);
	s.locked = true;
	if (kind < 5) {
		err = sc(mlock, ARENA + first * PG, n * PG);
	} else if (kind < 8) {
		err = sc(munlock, ARENA + first * PG, n * PG);
	} else if (kind < 10) {
		err = sc(mlock2, ARENA + first * PG, n * PG, 1);
	} else if (kind == 10) {
		what = 1 + (int)pick(3) + (one_in(3) ? 4 : 0);
		err = sc(mlockall, what);
		s.all_locked |= what & MCL_CURRENT;
	} else {
		err = sc(munlockall);
		s.all_locked = false;
	}
	step("mlock %u a%u %u: %s, VmLck %ld", kind, first, n, ret(err), locked_kb());
	cut(kind < 10 ? first : 0, kind < 10 ? n : PAGES);
}

static void do_madvise(void)
{
	static const int advice[] = { 4, 4, 4, 4, 8, 0, 1, 2, 3, 10, 11, 16, 17, 18, 19 };
	int a = advice[pick(ARRAY_SIZE(advice))];
	unsigned first, n;

	pick_range(&first, &n);
	step("madvise a%u %u %d: %s", first, n, a, ret(sys_madvise(ARENA + first * PG, n * PG, a)));
	cut(first, n);
}

static void do_brk(void)
{
	char *now = (char *)sc(brk, 0), *want = s.heap + pick(40 * (unsigned)PG), *got;

	got = (char *)sc(brk, want);
	step("brk %s to %s: %s", place(now), place(want), place(got));
	if (got > s.heap)
		step("  first %s", outcome(probe_load(s.heap), false));
	want = s.heap + pick(40) * PG;
	step("  store %s: %s", place(want), outcome(probe_store(want, 'b'), true));
}

/* ---- steps: accesses ----------------------------------------------------------- */

static char *pick_byte(void)
{
	return ARENA + pick(PAGES) * PG + (one_in(3) ? pick((unsigned)PG) : 0);
}

static void do_access(void)
{
	unsigned i;
	char *p;

	for (i = 1 + pick(4); i; i--) {
		p = pick_byte();
		if (one_in(2))
			step("load %s: %s", place(p), outcome(probe_load(p), false));
		else
			step("store %s: %s", place(p), outcome(probe_store(p, 'a' + (int)pick(26)), true));
	}
}

static void do_stack(void)
{
	char *p = s.stack - pick(300) * PG - (one_in(2) ? 1 : 0);

	if (one_in(2))
		step("load %s: %s", place(p), outcome(probe_load(p), false));
	else
		step("store %s: %s", place(p), outcome(probe_store(p, 's'), true));
}

/* ---- steps: files -------------------------------------------------------------- */

static void do_file_write(void)
{
	static char data[3 * PAGE_SIZE];
	unsigned file = pick(FILES), page = pick(FILE_PAGES) * (unsigned)PG;
	unsigned from = page + (one_in(2) ? pick((unsigned)PG) : 0);
	unsigned end = (from / (unsigned)PG + 1 + pick(2)) * (unsigned)PG;
	long n;

	memset(data, 'A' + (int)pick(26), sizeof(data));
	n = write_at(s.fd[file], data, end - from, from);
	step("write file %u %u-%u: %s size %ld", file, from, end, ret(n), file_size(s.fd[file]));
}

static void do_truncate(void)
{
	unsigned file = pick(FILES), pages = pick(FILE_PAGES);

	step("truncate file %u to %u: %s", file, pages, ret(sys_ftruncate(s.fd[file], (long)(pages * PG))));
}

/* The kernel as the one that touches the arena. */
static void do_file_copy(void)
{
	unsigned file = pick(FILES), n = 1 + pick(3 * (unsigned)PG);
	unsigned at = pick(FILE_PAGES) * (unsigned)PG;
	char *p = pick_byte(), byte = 0;
	long got;

	if (one_in(2)) {
		got = read_at(s.fd[file], p, n, at);
		step("read file %u+%u into %s %u: %s", file, at, place(p), n, ret(got));
		return;
	}
	/* To the end of a page, so that the file keeps whole ones. */
	n = (unsigned)PG - (unsigned)((ulong)p % PG);
	got = write_at(s.fd[file], p, n, at + (unsigned)((ulong)p % PG));
	read_at(s.fd[file], &byte, 1, at + PG - 1);
	step("write %s to file %u+%u: %s %02x", place(p), file, at, ret(got), (u8)byte);
}

static void do_file_look(void)
{
	unsigned file = pick(FILES), i;
	u8 seen[FILE_PAGES] = { 0 };

	for (i = 0; i < FILE_PAGES; i++)
		read_at(s.fd[file], &seen[i], 1, i * PG + pick(2) * 100);
	step("file %u: size %ld, %s", file, file_size(s.fd[file]), bytes(seen, FILE_PAGES));
}

/* ---- steps: looking ------------------------------------------------------------ */

static void do_mincore(void)
{
	unsigned first, n;

	pick_range(&first, &n);
	step("mincore a%u %u: %s", first, n, core(ARENA + first * PG, n * PG));
}

static void do_msync(void)
{
	unsigned first, n;
	int flags = 1 + (int)pick(4);

	pick_range(&first, &n);
	step("msync a%u %u %d: %s", first, n, flags, ret(sc(msync, ARENA + first * PG, n * PG, flags)));
}

static void do_figures(void)
{
	step("VmSize %ld VmLck %ld VmData %ld VmStk %ld", figure(STATUS, "VmSize:") - s.size, locked_kb(),
	     figure(STATUS, "VmData:") - s.data, figure(STATUS, "VmStk:"));
}

struct line {
	ulong from, to;
	u64 offset;
	char perm[5], name[24];
};

static const char *word(const char *p, char *to, size_t size)
{
	size_t n = 0;

	while (*p == ' ')
		p++;
	for (; *p && *p != ' ' && *p != '\n'; p++)
		if (n < size - 1)
			to[n++] = *p;
	to[n] = 0;
	return p;
}

static const char *parse_line(const char *p, struct line *l)
{
	char ignored[24];

	l->from = (ulong)parse_hex(p, &p);
	l->to = (ulong)parse_hex(p + 1, &p);
	p = word(p, l->perm, sizeof(l->perm));
	while (*p == ' ')
		p++;
	l->offset = parse_hex(p, &p);
	p = word(p, ignored, sizeof(ignored));
	p = word(p, ignored, sizeof(ignored));
	p = word(p, l->name, sizeof(l->name));
	while (*p && *p != '\n')
		p++;
	return *p ? p + 1 : p;
}

static bool joins(const struct line *a, const struct line *b)
{
	if (a->to != b->from || strcmp(a->perm, b->perm) || strcmp(a->name, b->name))
		return false;
	return !a->name[0] || a->offset + (a->to - a->from) == b->offset;
}

/* The regions of the arena, equal neighbours joined. */
static void do_maps(void)
{
	static char text[32768];
	struct line now, all = { 0 };
	const char *p = text;
	unsigned n = 0;

	read_file("/proc/self/maps", text, sizeof(text));
	while (*p) {
		p = parse_line(p, &now);
		if (now.to <= (ulong)ARENA || now.from >= (ulong)ARENA + 256 * PG)
			continue;
		if (all.to && joins(&all, &now)) {
			all.to = now.to;
			continue;
		}
		if (all.to)
			step("map %u %s-%s %s %lx %s", n++, place((void *)all.from), place((void *)all.to),
			     all.perm, all.name[0] ? (ulong)all.offset : 0, all.name);
		all = now;
	}
	if (all.to)
		step("map %u %s-%s %s %lx %s", n, place((void *)all.from), place((void *)all.to),
		     all.perm, all.name[0] ? (ulong)all.offset : 0, all.name);
}

static void do_sweep(void)
{
	unsigned i;

	for (i = 0; i < PAGES; i++)
		if (s.id[i] || one_in(4))
			step("at a%u: %s %s", i, outcome(probe_load(ARENA + i * PG), false),
			     outcome(probe_load(ARENA + i * PG + 100), false));
}

/* ---- steps: limits ------------------------------------------------------------- */

/* For one mmap, brk and fork. */
static void do_limit(void)
{
	int which = one_in(2) ? RLIMIT_AS : RLIMIT_DATA;
	ulong room = pick(20) * PG;
	ulong used = (ulong)figure(STATUS, which == RLIMIT_AS ? "VmSize:" : "VmData:") * KiB;

	set_limit(which, used + room);
	step("limit %d: %lu pages more", which, room / PG);
	do_mmap();
	if (one_in(2))
		do_mremap();
	if (one_in(2))
		do_mprotect();
	do_brk();
	set_limit(which, ~0ul);
}

/* ---- processes ----------------------------------------------------------------- */

static void run_steps(unsigned n);

HELPER(arena)
{
	say("  exec'd: arena %s", core(ARENA, PG));
	return (int)figure("/proc/self/status", "VmLck:");
}

static void do_fork(void)
{
	unsigned steps = 2 + pick(10);
	bool exec = one_in(6);
	int pid;

	if (s.depth >= 2)
		return;
	step("fork");
	/* The parent goes on with other numbers than the child. */
	s.random ^= 0x5851f42d4c957f2dull;
	pid = (int)sys_fork();
	if (pid == 0) {
		s.depth++;
		s.all_locked = false;
		s.random ^= 0x9e3779b97f4a7c15ull;
		run_steps(steps);
		if (exec)
			exit((int)-exec_self("arena", NULL, NULL));
		if (one_in(2))
			do_sweep();
		exit(7);
	}
	if (pid < 0)
		step("fork: %s", ret(pid));
	else
		step("child: %s", status(wait_for(pid)));
}

/* ---- all ----------------------------------------------------------------------- */

static const struct {
	void (*run)(void);
	unsigned weight;
} operations[] = {
	{ do_mmap, 24 }, { do_mmap_outside, 4 }, { do_munmap, 8 }, { do_mprotect, 12 },
	{ do_mremap, 14 }, { do_mlock, 6 }, { do_madvise, 8 }, { do_brk, 4 },
	{ do_access, 28 }, { do_stack, 2 }, { do_file_write, 6 }, { do_truncate, 4 },
	{ do_file_copy, 8 }, { do_file_look, 3 }, { do_mincore, 4 }, { do_msync, 2 },
	{ do_figures, 2 }, { do_maps, 3 }, { do_sweep, 2 }, { do_limit, 2 }, { do_fork, 5 },
};

static void run_steps(unsigned n)
{
	unsigned i, total = 0, at;

	for (i = 0; i < ARRAY_SIZE(operations); i++)
		total += operations[i].weight;
	while (n--) {
		at = pick(total);
		for (i = 0; at >= operations[i].weight; i++)
			at -= operations[i].weight;
		operations[i].run();
	}
}

static char *stack_start(void)
{
	static char text[32768];
	const char *p = text;
	struct line now;

	read_file("/proc/self/maps", text, sizeof(text));
	while (*p) {
		p = parse_line(p, &now);
		if ((ulong)&now >= now.from && (ulong)&now < now.to)
			return (char *)now.from;
	}
	return NULL;
}

void random_program(unsigned seed, bool full)
{
	static const char *const names[] = { "/tmp/r0", "/tmp/r1", "/tmp/r2" };
	unsigned i;

	s.random = (seed + 1) * 0x9e3779b97f4a7c15ull;
	for (i = 0; i < 8; i++)
		next_random(&s.random);
	s.full = full;
	tally = map(2 * PG, RW, SHAR);
	s.top = (char *)tally;
	s.stack = stack_start();
	s.heap = (char *)(((ulong)sc(brk, 0) + PG - 1) & -PG);
	sc(brk, s.heap);
	for (i = 0; i < FILES; i++)
		s.fd[i] = make_file(names[i], pick(FILE_PAGES) * PG);
	s.fd[FILES] = open_or_die(names[0], O_RDONLY);
	s.size = figure(STATUS, "VmSize:");
	s.data = figure(STATUS, "VmData:");
	probe_begin();
	run_steps(40 + pick(61));
	do_maps();
	do_sweep();
	do_figures();
	for (i = 0; i < FILES; i++)
		do_file_look();
	say("%u steps, %016llx", tally->steps, (unsigned long long)tally->hash);
	if (!full)
		say("%s", tally->digest);
}
