/* SPDX-License-Identifier: MIT */
/*
 * Address spaces side by side (catalogue M5, M12): what fork shares, and what no two
 * processes share.
 */
#include "counting.h"
#include "rows.h"

/* ---- M5: fork ------------------------------------------------------------------------ */

#define M5_PAGES	300
#define MAPS_MAX	8192

static int m5_step(int command)
{
	return 0;
}

/*
 * Tables that the parent's private pages need, all levels: what fork has to make.  Its
 * file pages come to the child by faults, and need none.
 */
static unsigned expected_tables(const struct space *s)
{
	const unsigned bits = LONG64 ? 9 : 10, levels = LONG64 ? 4 : 2;
	unsigned i, level, n = 1;
	ulong seen[4] = { ~0ul, ~0ul, ~0ul, ~0ul }, span;

	for (i = 0; i < s->n; i++) {
		if (s->leaf[i].type != PAGEWALK_FRAME_ANON && s->leaf[i].type != FRAME_ZERO)
			continue;
		for (level = 1; level < levels; level++) {
			span = s->leaf[i].va >> (12 + (levels - level) * bits);
			n += span != seen[level];
			seen[level] = span;
		}
	}
	return n;
}

static unsigned same_frame(const struct space *a, const struct space *b, ulong va, unsigned pages)
{
	const struct leaf *l, *k;
	unsigned i, same = 0;

	for (i = 0; i < pages; i++) {
		l = space_find(a, va + i * PAGE_SIZE);
		k = space_find(b, va + i * PAGE_SIZE);
		same += l && k && l->pfn == k->pfn;
	}
	return same;
}

/* Private frames of one process that are not the other's page at that address. */
static unsigned frames_of_its_own(const struct space *mine, const struct space *theirs)
{
	const struct leaf *l;
	unsigned i, n = 0;

	for (i = 0; i < mine->n; i++) {
		if (mine->leaf[i].type != PAGEWALK_FRAME_ANON)
			continue;
		l = space_find(theirs, mine->leaf[i].va);
		n += l && l->type == PAGEWALK_FRAME_ANON && l->pfn != mine->leaf[i].pfn;
	}
	return n;
}

static void m5_fork(void)
{
	struct space *old = space_alloc(), *mine = space_alloc(), *theirs = space_alloc();
	volatile u8 *p = map_at(EMPTY_PLACE, M5_PAGES * PAGE_SIZE, PROT_READ | PROT_WRITE);
	char *maps = map_shared(2 * MAPS_MAX), path[32];
	struct child c;
	unsigned i;

	for (i = 0; i < M5_PAGES; i++)
		p[i * PAGE_SIZE] = (u8)i;
	child_start(&c, m5_step);	/* what both write to at the start is there then */
	child_end(&c);
	read_file("/proc/self/maps", maps, MAPS_MAX);
	space_scan(0, old);
	pw_snapshot(&after);
	pw_snapshot(&before);
	space_scan(0, old);
	pw_snapshot(&before);
	child_start(&c, m5_step);
	child_do(&c, 0);
	space_scan(0, mine);
	space_scan(c.pid, theirs);
	pw_snapshot(&after);
	space_scan(0, mine);
	space_scan(c.pid, theirs);
	snprintf(path, sizeof(path), "/proc/%d/maps", c.pid);
	read_file(path, maps + MAPS_MAX, MAPS_MAX);
	CHECK(*maps && strcmp(maps, maps + MAPS_MAX) == 0, "maps of parent and child differ:\n%s\n%s",
	      maps, maps + MAPS_MAX);

	CHECK_EQ(growth("forks"), 1, "forks");
	CHECK_EQ(growth("mms"), 1, "address spaces more");
	CHECK_EQ(growth("page_tables"), theirs->tables, "page tables more: the child's");
	CHECK_EQ(theirs->tables, expected_tables(old),
		 "page tables of the child: those of private pages");
	CHECK_EQ(growth("fork_shared"), space_count(old, PAGEWALK_FRAME_ANON),
		 "entries shared by fork: all private pages");
	CHECK_EQ(same_frame(mine, theirs, (ulong)p, M5_PAGES), M5_PAGES,
		 "pages of the region with the same frame");
	CHECK_EQ(growth("cow_copies"), frames_of_its_own(mine, theirs),
		 "copies: pages that one of them has written since");
	CHECK_EQ(growth("pages_anon"), growth("cow_copies") + growth("anon_new") +
		 growth("zero_cows"), "anonymous frames more: nothing was copied by fork itself");
	CHECK(growth("cow_copies") < 40, "%lld pages copied", (long long)growth("cow_copies"));
	CHECK_EQ(child_end(&c), 0, "wait status of the child");
	CHECK_INFO("%lld entries shared, %u tables, 0 of %d pages copied; same maps",
		   (long long)growth("fork_shared"), theirs->tables, M5_PAGES);
}
TEST(M5, m5_fork);

/* ---- M12: isolation ------------------------------------------------------------------- */

#define M12_PAGES	200

/* In memory there are only canaries of one's own, and keys that are no canary. */
#define M12_MASK	0x3c5aa5c3u

static ulong canary(u32 key)
{
	return (key ^ M12_MASK) * (ulong)0x9e3779b1u;
}

/* Words of everything readable that are `key`'s canary. */
static noinline unsigned find_canaries(const struct space *s, u32 key)
{
	ulong want = ~canary(key), i;
	unsigned k, found = 0;

	for (k = 0; k < s->n; k++) {
		const volatile ulong *p = (const volatile ulong *)s->leaf[k].va;

		for (i = 0; i < PAGE_SIZE / sizeof(ulong); i++)
			found += ~p[i] == want;
	}
	return found;
}

static noinline void sow(u32 key)
{
	volatile ulong *p = map_at(EMPTY_PLACE, M12_PAGES * PAGE_SIZE, PROT_READ | PROT_WRITE);
	unsigned i;

	for (i = 0; i < M12_PAGES; i++)
		p[i * PAGE_SIZE / sizeof(ulong) + i] = canary(key);
}

/*
 * /bin/rows M12-part MINE OTHER: sow the one, wait for a step, look for both.  The answer
 * is 0, 1: fewer of mine than there are, 2: one of the other's.
 */
static u32 m12_mine, m12_other;

static int m12_look(int command)
{
	struct space *s = space_alloc();
	unsigned mine, others;

	space_scan(0, s);
	mine = find_canaries(s, m12_mine);
	others = find_canaries(s, m12_other);
	return (mine < M12_PAGES) + 2 * (others != 0);
}

static void m12_part(void)
{
	m12_mine = (u32)row_number(0);
	m12_other = (u32)row_number(1);
	sow(m12_mine);
	child_serve(m12_look);
}
HELPER(M12_part, "M12-part", m12_part);

/* Frames of both: only what is everybody's, and nobody may write it. */
static unsigned common(const struct space *a, const struct space *b, unsigned *wrong)
{
	const struct leaf *l, *k;
	unsigned i, n = 0;

	for (i = 0; i < a->n; i++) {
		l = &a->leaf[i];
		k = space_frame(b, l->pfn);
		if (!k)
			continue;
		n++;
		*wrong += (l->type != PAGEWALK_FRAME_FILE && l->type != FRAME_ZERO) ||
			  (l->flags | k->flags) & PAGEWALK_WRITE;
	}
	return n;
}

static void m12_isolation(void)
{
	static const char *const one[] = { "/bin/rows", "M12-part", "0x11110001", "0x22220002", NULL };
	static const char *const two[] = { "/bin/rows", "M12-part", "0x22220002", "0x11110001", NULL };
	struct space *s[3] = { space_alloc(), space_alloc(), space_alloc() };
	unsigned i, k, wrong = 0, shared = 0;
	struct child a, b;

	child_exec(&a, one);
	child_exec(&b, two);
	CHECK_EQ(child_do(&a, 1), 0, "canaries seen by the first process");
	CHECK_EQ(child_do(&b, 1), 0, "canaries seen by the second process");
	space_scan(0, s[0]);
	space_scan(a.pid, s[1]);
	space_scan(b.pid, s[2]);
	for (i = 0; i < 3; i++)
		for (k = i + 1; k < 3; k++) {
			shared += common(s[i], s[k], &wrong);
			wrong += s[i]->top == s[k]->top;
		}
	CHECK_EQ(wrong, 0, "frames of two processes that are private or writable");
	CHECK(shared > 0, "not even the program's text is shared");
	CHECK(space_find(s[1], EMPTY_PLACE) && space_find(s[2], EMPTY_PLACE),
	      "the canaries' address is not mapped in both");
	CHECK(space_count(s[1], PAGEWALK_FRAME_ANON) >= M12_PAGES,
	      "the first process has too few private frames");
	CHECK_EQ(child_end(&a), 0, "wait status of the first process");
	CHECK_EQ(child_end(&b), 0, "wait status of the second process");
	CHECK_INFO("3 processes, %u, %u and %u pages; common: %u maps of file pages and zero page",
		   s[0]->n, s[1]->n, s[2]->n, shared);
}
TEST(M12, m12_isolation);
