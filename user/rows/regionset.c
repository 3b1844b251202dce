/* SPDX-License-Identifier: MIT */
/*
 * The set of regions as a program sees it: many of them (catalogue A2), where new ones are
 * placed (A6), which become one (A8), and random operations against a model (A22).
 */
#include "rows.h"

#define SIGSEGV		11
#define ACCERR		2
#define RW		(PROT_READ | PROT_WRITE)
#define PAGES(n)	((ulong)(n) * PAGE_SIZE)
#define ANON		(MAP_PRIVATE | MAP_ANONYMOUS)
#define GUARD		PAGES(256)
#define LOWEST		65536ul		/* below it nothing is placed */

static char maps[65536];

static long map(ulong addr, ulong len, int prot, int flags)
{
	return (long)sys_mmap((void *)addr, len, prot, flags, -1, 0);
}

/* An address may be negative as a long; the last page of numbers is errors. */
static bool is_error(long got)
{
	return (ulong)got > -4096ul;
}

/* One line of maps; NULL behind the last one. */
struct line {
	ulong start, end;
	char rights[5];
};

static const char *take_line(const char *p, struct line *l)
{
	if (!p || !*p)
		return NULL;
	l->start = (ulong)parse_hex(p, &p);
	l->end = (ulong)parse_hex(p + 1, &p);
	memcpy(l->rights, p + 1, 4);
	l->rights[4] = '\0';
	p = strchr(p, '\n');
	return p ? p + 1 : "";
}

static const char *read_maps(void)
{
	long n = read_file("/proc/self/maps", maps, sizeof(maps));

	if (n <= 0 || n >= (long)sizeof(maps) - 1) {
		printf("not ok: maps has %ld bytes\n", n);
		exit(3);
	}
	return maps;
}

/* ---- A2 ------------------------------------------------------------------------------ */

#define MANY	10000u		/* and as many holes between them */

static void a2_many(void)
{
	static struct pw_snapshot before, after;
	static unsigned char core;
	ulong base = EMPTY_PLACE, i, bad = 0;

	CHECK_EQ(map(base, PAGES(2 * MANY), PROT_NONE, ANON | MAP_FIXED | MAP_NORESERVE), base,
		 "a large region");
	for (i = 0; i < MANY; i++)
		bad += sys_munmap((void *)(base + PAGES(2 * i)), PAGE_SIZE) != 0;
	CHECK_EQ(bad, 0, "munmaps of every other page that failed");
	core = 1;
	pw_snapshot(&after);
	pw_snapshot(&before);
	for (i = 0; i < 2 * MANY; i += 20)
		bad += sys_mincore((void *)(base + PAGES((i * 7919) % (2 * MANY) | 1)), PAGE_SIZE,
				   &core);
	pw_snapshot(&after);
	CHECK_EQ(bad, 0, "regions that were not found");
	CHECK_EQ(pw_diff(&before, &after, "vma_finds"), MANY / 10, "searches");
	CHECK(pw_diff(&before, &after, "vma_steps") <= (s64)(MANY / 10 * 26),
	      "steps: seen %lld, expected 26 a search at most",
	      (long long)pw_diff(&before, &after, "vma_steps"));
	CHECK_EQ(sys_munmap((void *)base, PAGES(2 * MANY)), 0, "munmap of all");
	CHECK_EQ(regions_in((void *)base, PAGES(2 * MANY)), 0, "regions left");
}
TEST(A2, a2_many);

/* ---- A6 ------------------------------------------------------------------------------ */

static void hints(void)
{
	ulong at = EMPTY_PLACE;
	long got;

	CHECK_EQ(map(at + 5, PAGES(2), RW, ANON), at, "a hint is rounded down and taken");
	got = map(at + PAGES(1), PAGES(2), RW, ANON);
	CHECK(!is_error(got) && (ulong)got != at + PAGES(1), "a hint on something: %#lx", got);
	sys_munmap((void *)got, PAGES(2));
	CHECK_EQ(map(at + PAGES(2), PAGES(2), PROT_READ, ANON), at + PAGES(2), "a hint that fits");
	*(volatile u8 *)at = 7;
	*(volatile u8 *)(at + PAGES(1)) = 8;
	CHECK_EQ(map(at + PAGES(1), PAGES(2), RW, ANON | MAP_FIXED), at + PAGES(1), "FIXED");
	CHECK_EQ(*(volatile u8 *)at, 7, "what is beside it");
	CHECK_EQ(*(volatile u8 *)(at + PAGES(1)), 0, "what it replaces");
	CHECK_EQ(map(at + PAGES(3), PAGES(2), RW, ANON | MAP_FIXED_NOREPLACE), -EEXIST, "NOREPLACE");
	CHECK_EQ(sys_munmap((void *)at, PAGES(4)), 0, "munmap");
}

/* Downwards from below the largest stack; a hole is taken before what lies below it. */
static void top_down(void)
{
	const ulong top = task_size() - 128 * MiB;	/* the guard gap included */
	long first = map(0, PAGES(8), RW, ANON), second = map(0, PAGES(4), PROT_READ, ANON), got;

	CHECK((ulong)first + PAGES(8) <= top, "the first one is at %#lx, the top is %#lx", first, top);
	CHECK_EQ(second, first - (long)PAGES(4), "the next one is right below");
	CHECK_EQ(sys_munmap((void *)(first + PAGES(3)), PAGES(2)), 0, "a hole");
	CHECK_EQ(sys_munmap((void *)(first + PAGES(6)), PAGES(1)), 0, "a smaller one above");
	got = map(0, PAGES(2), RW, ANON);
	CHECK_EQ(got, first + (long)PAGES(3), "two pages go where two are free");
	CHECK_EQ(map(0, PAGES(1), RW, ANON), first + (long)PAGES(6), "one where one is");
	CHECK_EQ(map(0, PAGES(1), RW, ANON), second - (long)PAGES(1), "then further down");
	sys_munmap((void *)(second - PAGES(1)), PAGES(13));
}

/* All there is: no hole is left but what must stay free. */
static void fill(void)
{
	ulong len = task_size() / 4 & ~4095ul, calls = 0, holes = 0, at = LOWEST, page;
	const char *p;
	struct line l;
	long got = 0;

	for (; len; len = len > PAGE_SIZE ? (len / 2) & ~4095ul : 0) {
		while (!is_error(got = map(0, len, PROT_NONE, ANON | MAP_NORESERVE)))
			calls++;
		if (got != -ENOMEM)
			break;
	}
	CHECK_EQ(got, -ENOMEM, "mmap when all is full");
	for (p = take_line(read_maps(), &l); p; p = take_line(p, &l)) {
		/* The last region is the stack, whose gap is not given away. */
		bool stack = l.end == task_size();

		if (l.start > at && !(stack && l.start - at == GUARD))
			holes += l.start - at;
		at = l.end;
	}
	CHECK_EQ(holes, 0, "bytes that are free and were not found");
	page = task_size() / 2 & ~4095ul;
	CHECK_EQ(sys_munmap((void *)page, PAGE_SIZE), 0, "munmap of a page in the middle");
	CHECK_EQ(map(0, PAGE_SIZE * 2, PROT_NONE, ANON), -ENOMEM, "two pages do not fit there");
	CHECK_EQ(map(0, PAGE_SIZE, PROT_NONE, ANON), page, "one does");
	CHECK_EQ(map(0, PAGE_SIZE, PROT_NONE, ANON), -ENOMEM, "once");
	CHECK_INFO("full after %lu calls", calls);
}

static void fill_in_child(void *arg)
{
	fill();
}

static void a6_places(void)
{
	hints();
	top_down();
	CHECK_EQ(check_in_child(fill_in_child, NULL, "fill"), 0, "the child that fills its space");
}
TEST(A6, a6_places);

/* ---- A8 ------------------------------------------------------------------------------ */

static ulong base;

static unsigned count(void)
{
	return regions_in((void *)base, PAGES(64));
}

static void put(unsigned page, unsigned n, int prot)
{
	map(base + PAGES(page), PAGES(n), prot, ANON | MAP_FIXED);
}

static long put_file(unsigned page, unsigned n, int fd, unsigned index, int flags)
{
	return (long)sys_mmap((void *)(base + PAGES(page)), PAGES(n), PROT_READ,
			      flags | MAP_FIXED, fd,
			      PAGES(index));
}

static void clear(void)
{
	sys_munmap((void *)base, PAGES(64));
}

static void merge_anonymous(void)
{
	put(10, 5, RW);
	put(20, 5, RW);
	CHECK_EQ(count(), 2, "regions: two apart");
	put(15, 2, RW);
	CHECK_EQ(count(), 2, "regions: (1) joined to the previous one");
	put(18, 2, RW);
	CHECK_EQ(count(), 2, "regions: (2) joined to the next one");
	put(17, 1, RW);
	CHECK_EQ(count(), 1, "regions: (3) joined to both");
	put(17, 1, PROT_READ);
	CHECK_EQ(count(), 3, "regions: (4) not with other rights");
	sys_mprotect((void *)(base + PAGES(17)), PAGE_SIZE, RW);
	CHECK_EQ(count(), 1, "regions: (5) with the same again by mprotect");
	map(base + PAGES(25), PAGES(2), RW, MAP_SHARED | MAP_ANONYMOUS | MAP_FIXED);
	CHECK_EQ(count(), 2, "regions: (6) private not with shared");
	map(base + PAGES(8), PAGES(2), RW, ANON | MAP_FIXED | MAP_NORESERVE);
	CHECK_EQ(count(), 3, "regions: (7) not with other flags");
	clear();
}

static void merge_files(void)
{
	int a = (int)sys_memfd_create("a", 0), b = (int)sys_memfd_create("b", 0);

	sys_ftruncate(a, PAGES(32));
	sys_ftruncate(b, PAGES(32));
	put_file(10, 4, a, 0, MAP_SHARED);
	put_file(14, 4, a, 4, MAP_SHARED);
	CHECK_EQ(count(), 1, "regions: (8) a file whose offsets go on");
	put_file(18, 4, a, 9, MAP_SHARED);
	CHECK_EQ(count(), 2, "regions: (9) not with a page left out");
	put_file(22, 4, b, 13, MAP_SHARED);
	CHECK_EQ(count(), 3, "regions: (10) not with another file");
	put_file(26, 4, b, 17, MAP_PRIVATE);
	CHECK_EQ(count(), 4, "regions: (11) not private with shared of one file");
	put(30, 4, PROT_READ);
	CHECK_EQ(count(), 5, "regions: (12) not anonymous with a file");
	clear();
	sys_close(a);
	sys_close(b);
}

/* Whoever joins everything gives the right of one side to the other. */
static void seam(void)
{
	volatile u8 *p = (volatile u8 *)base;
	struct caught c;

	catch_begin();
	put(0, 4, RW);
	put(4, 4, PROT_READ);
	p[PAGES(3)] = 1;
	CHECK_EQ(p[PAGES(4)], 0, "first byte behind the seam");
	c = catch_access(ACCESS_WRITE, base + PAGES(4));
	CHECK_EQ(c.sig, SIGSEGV, "write behind the seam: signal");
	CHECK_EQ(c.code, ACCERR, "write behind the seam: si_code");
	c = catch_access(ACCESS_WRITE, base + PAGES(4) - 1);
	CHECK_EQ(c.sig, 0, "write before it");
	clear();
	catch_end();
}

static void a8_merge(void)
{
	ulong heap = ((ulong)sys_brk(NULL) + 4095) & ~4095ul, n;

	base = EMPTY_PLACE;
	merge_anonymous();
	merge_files();
	seam();
	for (n = 1; n <= 8; n++)
		CHECK_EQ((ulong)sys_brk((void *)(heap + PAGES(n))), heap + PAGES(n), "brk");
	CHECK_EQ(regions_in((void *)heap, PAGES(8)), 1, "regions of a heap that grew eight times");
	CHECK_INFO("12 cases");
}
TEST(A8, a8_merge);

/* ---- A22 ----------------------------------------------------------------------------- */

#define WINDOW	192u

enum kind { NONE, PRIVATE, SHARED };

/* What a page should be. */
struct page {
	u8 kind, prot, value;
	bool touched, locked;
};

static struct page model[WINDOW];
static u64 random_state;
static u64 hash = 0xcbf29ce484222325ull;
static ulong step, wrong;

/* What goes into the transcript is the same in both modes: no addresses, only pages. */
static void transcript(u64 value)
{
	unsigned i;

	for (i = 0; i < 4; i++, value >>= 8)
		hash = (hash ^ (u8)value) * 0x100000001b3ull;
}

static u32 below(u32 n)
{
	return (u32)((next_random(&random_state) >> 33) % n);
}

static void *at(unsigned page)
{
	return (void *)(base + PAGES(page));
}

static void answered(const char *what, long seen, long expected)
{
	transcript(seen == (long)base ? 0 : (u64)seen);
	if (seen != expected && wrong++ < 3)
		printf("not ok: step %lu: %s: %ld, expected %ld\n", step, what, seen, expected);
}

static unsigned mapped_from(unsigned first, unsigned n)
{
	unsigned i = 0;

	while (i < n && model[first + i].kind != NONE)
		i++;
	return i;
}

/* The rest of what maps shows as one region, from this page on. */
static unsigned same_from(unsigned first)
{
	const struct page *p = &model[first];
	unsigned i = first + 1;

	while (i < WINDOW && model[i].kind == p->kind && model[i].prot == p->prot &&
	       model[i].locked == p->locked)
		i++;
	return i - first;
}

static void lock_pages(unsigned first, unsigned n)
{
	for (; n; n--, first++) {
		model[first].locked = true;
		model[first].touched = true;
	}
}

static void fuzz_mmap(unsigned first, unsigned n, int prot)
{
	enum kind kind = below(3) ? PRIVATE : SHARED;
	int flags = (kind == SHARED ? MAP_SHARED : MAP_PRIVATE) | MAP_ANONYMOUS;
	bool noreplace = below(6) == 0;
	long expected = (long)at(first), got;
	unsigned i;

	for (i = first; noreplace && i < first + n; i++)
		if (model[i].kind != NONE)
			expected = -EEXIST;
	got = map(base + PAGES(first), PAGES(n), prot,
		  flags | (noreplace ? MAP_FIXED_NOREPLACE : MAP_FIXED));
	answered("mmap", got > 0 ? got - (long)base : got,
		 expected > 0 ? expected - (long)base : expected);
	if (got <= 0)
		return;
	for (i = first; i < first + n; i++)
		model[i] = (struct page){ .kind = (u8)kind, .prot = (u8)prot };
}

static void fuzz_mprotect(unsigned first, unsigned n, int prot)
{
	unsigned done = mapped_from(first, n), i;

	answered("mprotect", sys_mprotect(at(first), PAGES(n), prot), done == n ? 0 : -ENOMEM);
	for (i = first; i < first + done; i++) {
		/* Locked memory that may be written to now is made one's own. */
		if (model[i].locked && prot & PROT_WRITE && model[i].kind == PRIVATE &&
		    !(model[i].prot & PROT_WRITE))
			model[i].touched = true;
		model[i].prot = (u8)prot;
	}
}

static void fuzz_mlock(unsigned first, unsigned n)
{
	unsigned done = mapped_from(first, n), i;

	if (below(2)) {
		answered("munlock", sys_munlock(at(first), PAGES(n)), done == n ? 0 : -ENOMEM);
		for (i = first; i < first + done; i++)
			model[i].locked = false;
		return;
	}
	/* Memory without rights cannot be brought in: locked up to there. */
	for (i = first; i < first + done && model[i].prot; i++)
		;
	answered("mlock", sys_mlock(at(first), PAGES(n)), i == first + n ? 0 : -ENOMEM);
	if (done == n)
		lock_pages(first, i - first);
	for (i = first; i < first + done; i++)
		model[i].locked = true;
}

static void fuzz_dontneed(unsigned first, unsigned n)
{
	unsigned i, holes = mapped_from(first, n) != n;

	for (i = first; i < first + n && !model[i].locked; i++) {
		if (model[i].kind == PRIVATE) {
			model[i].value = 0;
			model[i].touched = false;
		}
		/* Shared pages stay cached. */
	}
	answered("madvise", sys_madvise(at(first), PAGES(n), MADV_DONTNEED),
		 i < first + n ? -EINVAL : holes ? -ENOMEM : 0);
}

/* A move to another place of the window, of private memory or of a whole shared mapping. */
static void fuzz_mremap(unsigned first, unsigned to)
{
	static struct page moved[WINDOW];
	unsigned n;

	if (model[first].kind != PRIVATE)
		return;
	n = same_from(first);
	n = n > 24 ? 24 : n;
	if (to + n > WINDOW)
		return;
	/* Memory that moved before may lie there in several regions: half of it is enough then. */
	if (regions_in(at(first), PAGES(n)) != 1)
		return;
	if (first + n > to && to + n > first) {
		answered("mremap", (long)sys_mremap(at(first), PAGES(n), PAGES(n),
						    MREMAP_MAYMOVE | MREMAP_FIXED, at(to)),
			 -EINVAL);
		return;
	}
	answered("mremap", (long)sys_mremap(at(first), PAGES(n), PAGES(n),
					    MREMAP_MAYMOVE | MREMAP_FIXED, at(to)) -
		 (long)at(to), 0);
	memcpy(moved, &model[first], n * sizeof(moved[0]));
	memset(&model[first], 0, n * sizeof(moved[0]));
	memcpy(&model[to], moved, n * sizeof(moved[0]));
}

static void fuzz_touch(unsigned first, unsigned n)
{
	bool write = below(2);
	unsigned i;
	u8 value;

	for (i = first; i < first + n; i++) {
		volatile u8 *p = at(i);
		struct page *m = &model[i];

		if (m->kind == NONE || !m->prot || (write && !(m->prot & PROT_WRITE))) {
			if (below(8))
				continue;
			struct caught c = catch_access(write ? ACCESS_WRITE : ACCESS_READ,
						       (ulong)p);

			answered("access", c.sig * 16 + c.code, SIGSEGV * 16 + (m->kind ? ACCERR : 1));
			continue;
		}
		value = (u8)below(256);
		if (write)
			*p = m->value = value;
		else if (*p != m->value && wrong++ < 3)
			printf("not ok: step %lu: page %u holds %u, expected %u\n", step, i, *p, m->value);
		transcript(*p);
		m->touched = true;
	}
}

/* A child sees all of it, changes private pages, and nobody notices. */
static int child_looks(void *arg)
{
	unsigned i, bad = 0;

	for (i = 0; i < WINDOW; i++) {
		volatile u8 *p = at(i);

		if (model[i].kind == NONE || !(model[i].prot & PROT_READ))
			continue;
		bad += *p != model[i].value;
		if (model[i].kind == PRIVATE && model[i].prot & PROT_WRITE)
			*p = (u8)(model[i].value + 1);
	}
	return bad != 0;
}

static void fuzz_fork(void)
{
	unsigned i;

	answered("a child that looks", wait_for((int)spawn(child_looks, NULL)), 0);
	for (i = 0; i < WINDOW; i++)
		if (model[i].kind == SHARED && model[i].prot & PROT_READ)
			model[i].touched = true;
}

static void fuzz_brk(void)
{
	static ulong start;
	ulong to;

	if (!start)
		start = (ulong)sys_brk(NULL);
	to = start + below(PAGES(20));
	answered("brk", (long)((ulong)sys_brk((void *)to) - to), 0);
}

static void random_step(void)
{
	static const u8 prots[] = { PROT_NONE, PROT_READ, RW, RW, RW, PROT_READ | PROT_EXEC };
	unsigned first = below(WINDOW), n = 1 + below(below(8) ? 12 : WINDOW), i;
	int prot = prots[below(6)];
	u32 what = below(32);

	if (n > WINDOW - first)
		n = WINDOW - first;
	transcript(what << 24 | first << 16 | n << 8 | (u32)prot);
	if (what < 6) {
		fuzz_mmap(first, n, prot);
	} else if (what < 9) {
		answered("munmap", sys_munmap(at(first), PAGES(n)), 0);
		for (i = first; i < first + n; i++)
			model[i] = (struct page){ NONE };
	} else if (what < 14) {
		fuzz_mprotect(first, n, prot);
	} else if (what < 17) {
		fuzz_mlock(first, n);
	} else if (what < 19) {
		fuzz_dontneed(first, n);
	} else if (what < 21) {
		fuzz_mremap(first, below(WINDOW));
	} else if (what == 21) {
		fuzz_brk();
	} else if (what == 22 && below(16) == 0) {
		fuzz_fork();
	} else {
		fuzz_touch(first, n > 12 ? 12 : n);
	}
}

/* What each page is, by mincore: ENOMEM for holes; there or not. */
static void check_core(void)
{
	static unsigned char core[WINDOW];
	unsigned i, n;

	for (i = 0; i < WINDOW; i += n) {
		for (n = 1; i + n < WINDOW && !model[i + n].kind == !model[i].kind; n++)
			;
		long got = sys_mincore(at(i), PAGES(n), core);

		answered("mincore", got, model[i].kind ? 0 : -ENOMEM);
		for (unsigned k = 0; !got && k < n; k++)
			if (core[k] != model[i + k].touched && wrong++ < 3)
				printf("not ok: step %lu: page %u: mincore says %u, expected %u\n", step,
				       i + k, core[k], model[i + k].touched);
	}
}

/* Rights of each page, by maps. */
static void check_maps(void)
{
	const char *p = read_maps();
	struct line l;
	unsigned i = 0;

	for (p = take_line(p, &l); p; p = take_line(p, &l)) {
		if (l.end <= base || l.start >= base + PAGES(WINDOW))
			continue;
		for (; (ulong)at(i) < l.start; i++)
			wrong += model[i].kind != NONE;
		for (; (ulong)at(i) < l.end && i < WINDOW; i++) {
			const struct page *m = &model[i];

			wrong += m->kind == NONE ||
				 (l.rights[0] == 'r') != !!(m->prot & PROT_READ) ||
				 (l.rights[1] == 'w') != !!(m->prot & PROT_WRITE) ||
				 (l.rights[2] == 'x') != !!(m->prot & PROT_EXEC) ||
				 (l.rights[3] == 's') != (m->kind == SHARED);
		}
	}
	for (; i < WINDOW; i++)
		wrong += model[i].kind != NONE;
	if (wrong)
		printf("not ok: step %lu: maps shows other regions than the model\n", step);
}

static void a22_fuzz(void)
{
	ulong steps = row_argc ? row_number(0) : 2000;
	unsigned i, locked = 0;

	base = EMPTY_PLACE;
	random_state = row_argc > 1 ? row_number(1) : 22;
	catch_begin();
	for (step = 1; step <= steps && !wrong; step++) {
		random_step();
		check_core();
		if (step % 32 == 0)
			check_maps();
	}
	for (i = 0; i < WINDOW; i++)
		locked += model[i].locked;
	CHECK_EQ(wrong, 0, "differences between kernel and model");
	CHECK_EQ(locked_pages(), locked, "pages that are locked");
	printf("transcript of %lu steps: %016llx\n", steps, (unsigned long long)hash);
	CHECK_INFO("%lu steps, transcript %016llx", steps, (unsigned long long)hash);
	sys_munmap((void *)base, PAGES(WINDOW));
}
TEST(A22, a22_fuzz);
