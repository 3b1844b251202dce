/* SPDX-License-Identifier: MIT */
/*
 * Locked memory: mlock and mlockall (catalogue A10), the fix-ups that they make (A11), and
 * the way back (A12).
 */
#include "rows.h"

#define RW		(PROT_READ | PROT_WRITE)
#define N		64u
#define PAGES(n)	((ulong)(n) * PAGE_SIZE)
#define ZONE_HIGH	3

static struct pagewalk_walk walks[N];

static unsigned present(const volatile void *p, unsigned n)
{
	unsigned i, found = 0;

	pw_walk_range(p, walks, n);
	for (i = 0; i < n; i++)
		found += walks[i].flags & PAGEWALK_PRESENT;
	return found;
}

static unsigned writable(unsigned n)
{
	unsigned i, found = 0;

	for (i = 0; i < n; i++)
		found += (walks[i].flags & PAGEWALK_WRITE) != 0;
	return found;
}

/* ---- A10 ------------------------------------------------------------------------------- */

static unsigned high_frames(unsigned n)
{
	struct pagewalk_frame f;
	unsigned i, found = 0;

	for (i = 0; i < n; i++) {
		pw_frame(walks[i].phys >> 12, &f);
		found += f.zone == ZONE_HIGH;
	}
	return found;
}

static void check_present(ulong first_high)
{
	static struct pw_snapshot before, after;
	volatile u8 *p = map_at(EMPTY_PLACE, PAGES(N), RW);

	present(p, N);
	pw_snapshot(&after);
	pw_snapshot(&before);
	CHECK_EQ(sys_mlock((void *)p, PAGES(N)), 0, "mlock");
	pw_snapshot(&after);
	CHECK_EQ(pw_diff(&before, &after, "anon_new"), N, "pages made by mlock");
	CHECK_EQ(present(p, N), N, "pages present when mlock returns");
	CHECK_EQ(writable(N), N, "pages that a write finds ready");
	CHECK_EQ(high_frames(N), first_high ? N : 0, "high frames");
	CHECK_EQ(locked_pages(), N, "VmLck");
	CHECK(region_has(p, "lo"), "VmFlags has no \"lo\"");
	CHECK_EQ(sys_mlock((void *)p, PAGES(N)), 0, "mlock again");
	CHECK_EQ(locked_pages(), N, "VmLck: it counts once");
	CHECK_EQ(sys_madvise((void *)p, PAGE_SIZE, MADV_DONTNEED), -EINVAL, "DONTNEED");
	CHECK_EQ(sys_msync((void *)p, PAGE_SIZE, MS_INVALIDATE), -EBUSY, "msync(INVALIDATE)");
	CHECK_EQ(sys_munmap((void *)p, PAGES(N)), 0, "munmap");
	CHECK_EQ(locked_pages(), 0, "VmLck after munmap");
}

static void *map_locked(unsigned pages)
{
	return sys_mmap(NULL, PAGES(pages), RW, MAP_PRIVATE | MAP_ANONYMOUS | MAP_LOCKED, -1, 0);
}

static void check_variants(void)
{
	volatile u8 *p = map_at(EMPTY_PLACE, PAGES(8), PROT_NONE);

	CHECK_EQ(sys_mlock((void *)p, PAGES(8)), -ENOMEM, "mlock of PROT_NONE");
	CHECK_EQ(locked_pages(), 8, "VmLck: it counts all the same");
	sys_munmap((void *)p + PAGES(2), PAGES(2));
	CHECK_EQ(sys_munlock((void *)p, PAGES(8)), -ENOMEM, "munlock across a hole");
	CHECK_EQ(locked_pages(), 4, "VmLck: what was before the hole is unlocked");
	sys_munmap((void *)p, PAGES(8));

	p = map_at(EMPTY_PLACE, PAGES(8), RW);
	CHECK_EQ(sys_mlock2((void *)p, PAGES(8), 2), -EINVAL, "mlock2: unknown flag");
	CHECK_EQ(sys_mlock2((void *)p, PAGES(8), MLOCK_ONFAULT), 0, "mlock2(ONFAULT)");
	CHECK_EQ(present(p, 8), 0, "pages present");
	CHECK_EQ(locked_pages(), 8, "VmLck");
	CHECK(region_has(p, "lf"), "VmFlags has no \"lf\"");
	sys_munmap((void *)p, PAGES(8));

	p = map_locked(8);
	CHECK_EQ(present(p, 8), 8, "pages present after MAP_LOCKED");
	CHECK_EQ(locked_pages(), 8, "VmLck");
	p = sys_mremap((void *)p, PAGES(8), PAGES(12), MREMAP_MAYMOVE, NULL);
	CHECK_EQ(present(p, 12), 12, "pages present after it has grown");
	CHECK_EQ(locked_pages(), 12, "VmLck");
	sys_munmap((void *)p, PAGES(12));

	p = map_at(EMPTY_PLACE, PAGES(8), PROT_READ);
	CHECK_EQ(sys_mlock((void *)p, PAGES(8)), 0, "mlock of read-only memory");
	CHECK_EQ(present(p, 8), 8, "pages present");
	CHECK_EQ(sys_mprotect((void *)p, PAGES(8), RW), 0, "mprotect");
	present(p, 8);
	CHECK_EQ(writable(8), 8, "pages of its own at once");
	sys_munmap((void *)p, PAGES(8));
}

static void check_future(void)
{
	char *heap = sys_brk(NULL);
	volatile u8 *p;

	CHECK_EQ(sys_mlockall(0), -EINVAL, "mlockall(0)");
	CHECK_EQ(sys_mlockall(MCL_ONFAULT), -EINVAL, "mlockall(ONFAULT)");
	CHECK_EQ(sys_mlockall(MCL_FUTURE), 0, "mlockall(FUTURE)");
	CHECK_EQ(locked_pages(), 0, "VmLck: nothing yet");
	p = map_at(EMPTY_PLACE, PAGES(8), RW);
	CHECK_EQ(present(p, 8), 8, "pages of a new map");
	CHECK_EQ(locked_pages(), 8, "VmLck");
	CHECK_EQ((ulong)sys_brk(heap + PAGES(4)), (ulong)heap + PAGES(4), "brk");
	CHECK_EQ(present((void *)(((ulong)heap + 4095) & ~4095ul), 4), 4, "pages of the heap");
	CHECK_EQ(locked_pages(), 12, "VmLck");
	sys_brk(heap);
	CHECK_EQ(sys_munlockall(), 0, "munlockall");
	CHECK_EQ(locked_pages(), 0, "VmLck after munlockall");
	sys_munmap((void *)p, PAGES(8));
	p = map_at(EMPTY_PLACE, PAGES(8), RW);
	CHECK_EQ(present(p, 8), 0, "pages of a map behind it");
	CHECK_EQ(sys_mlockall(MCL_CURRENT), 0, "mlockall(CURRENT)");
	CHECK_EQ(present(p, 8), 8, "pages of what there is");
	CHECK_EQ(locked_pages(), (u64)pw_field("/proc/self/status", "VmSize:") / 4, "VmLck: all");
	sys_munlockall();
	sys_munmap((void *)p, PAGES(8));
}

static void after_fork(void *arg)
{
	CHECK_EQ(locked_pages(), 0, "VmLck of a child");
	CHECK(!region_has(arg, "lo"), "a child's region is locked");
	CHECK_EQ(sys_munlock(arg, PAGES(2)), 0, "munlock of what is not locked");
}

/* The limits of somebody without privileges. */
static void as_nobody(void *arg)
{
	char *p = arg;

	limit(RLIMIT_MEMLOCK, PAGES(4) + 5);
	CHECK_EQ(syscall3(__NR_setresuid, 1000, 1000, 1000), 0, "setresuid");
	CHECK_EQ(sys_mlock(p, PAGES(4)), 0, "mlock up to the limit");
	CHECK_EQ(sys_mlock(p, PAGES(4)), 0, "once more");
	CHECK_EQ(sys_mlock(p + PAGES(4), 1), -ENOMEM, "a page beyond it");
	CHECK_EQ(sys_mlockall(MCL_CURRENT), -ENOMEM, "mlockall");
	CHECK_EQ((long)map_locked(1), -EAGAIN, "MAP_LOCKED");
	CHECK_EQ(locked_pages(), 4, "VmLck");
	limit(RLIMIT_MEMLOCK, 0);
	CHECK_EQ(sys_mlock(p, 1), -EPERM, "mlock with a limit of 0");
	CHECK_EQ(sys_mlockall(MCL_FUTURE), -EPERM, "mlockall");
	CHECK_EQ((long)map_locked(1), -EPERM, "MAP_LOCKED");
	CHECK_EQ(sys_munlock(p, PAGES(4)), 0, "munlock needs no right");
}

static void a10_after_exec(void)
{
	CHECK_EQ(locked_pages(), 0, "VmLck after exec");
}
HELPER(A10_exec, "A10.exec", a10_after_exec);

static void then_exec(void *arg)
{
	static const char *const argv[] = { "/bin/rows", "A10.exec", NULL };
	static const char *const envp[] = { NULL };

	CHECK_EQ(sys_mlockall(MCL_CURRENT | MCL_FUTURE), 0, "mlockall");
	sys_execve(argv[0], argv, envp);
	exit(98);
}

/* What is swapped out is there when mlock returns, and stays. */
static void check_swapped(void)
{
	static struct pw_snapshot before, after;
	volatile u8 *p = map_at(EMPTY_PLACE, PAGES(N), RW);
	unsigned i, wrong = 0;

	for (i = 0; i < N; i++)
		p[PAGES(i)] = (u8)(i + 1);
	CHECK_EQ(sys_madvise((void *)p, PAGES(N), MADV_PAGEOUT), 0, "PAGEOUT");
	CHECK_EQ(present(p, N), 0, "pages present when all are swapped out");
	pw_snapshot(&after);
	pw_snapshot(&before);
	CHECK_EQ(sys_mlock((void *)p, PAGES(N)), 0, "mlock of swapped pages");
	pw_snapshot(&after);
	CHECK_EQ(pw_diff(&before, &after, "pswpin"), N, "pages read by mlock");
	CHECK_EQ(pw_diff(&before, &after, "anon_new"), 0, "pages made by mlock");
	CHECK_EQ(present(p, N), N, "pages present");
	CHECK_EQ(sys_madvise((void *)p, PAGES(N), MADV_PAGEOUT), -EINVAL, "PAGEOUT of locked pages");
	for (i = 0; i < N; i++)
		wrong += p[PAGES(i)] != (u8)(i + 1);
	CHECK_EQ(wrong, 0, "pages with other contents");
	sys_munmap((void *)p, PAGES(N));
}

static void a10_mlock(void)
{
	ulong first_high = row_number(0);
	char *p;

	check_present(first_high);
	check_swapped();
	check_variants();
	check_future();
	p = map_at(EMPTY_PLACE, PAGES(8), RW);
	sys_mlock(p, PAGES(2));
	check_in_child(after_fork, p, "fork");
	sys_munlock(p, PAGES(2));
	check_in_child(as_nobody, p, "limits");
	check_in_child(then_exec, p, "exec");
	CHECK_INFO("%u pages there on return, %s; limits and privilege as Linux; fork and exec drop locks",
		   N, first_high ? "all in high frames" : "no high memory");
}
TEST(A10, a10_mlock);

/* ---- A11, A12 -------------------------------------------------------------------------- */

static const struct part {
	unsigned first, n, regions;
	const char *name;
} parts[] = {
	{ 0, 8, 1, "whole" }, { 0, 3, 2, "start" }, { 2, 3, 3, "middle" }, { 5, 3, 2, "end" },
};

static unsigned wrong_flags(const char *p, const struct part *part)
{
	unsigned i, wrong = 0;

	for (i = 0; i < 8; i++)
		wrong += region_has(p + PAGES(i), "lo") !=
			 (i >= part->first && i < part->first + part->n);
	return wrong;
}

static void a11_fixup(void)
{
	const struct part *part;
	char *p;

	for (part = parts; part < parts + ARRAY_SIZE(parts); part++) {
		p = map_at(EMPTY_PLACE, PAGES(8), RW);
		CHECK_EQ(sys_mlock(p + PAGES(part->first), PAGES(part->n)), 0, "mlock: %s", part->name);
		CHECK_EQ(regions_in(p, PAGES(8)), part->regions, "regions: %s", part->name);
		CHECK_EQ(wrong_flags(p, part), 0, "pages with a wrong flag: %s", part->name);
		CHECK_EQ(locked_pages(), part->n, "VmLck: %s", part->name);
		CHECK_EQ(present(p, 8), part->n, "pages present: %s", part->name);
		sys_munmap(p, PAGES(8));
	}
	CHECK_INFO("whole, start, middle, end: 1, 2, 3, 2 regions, each with its own flag");
}
TEST(A11, a11_fixup);

/* Locked, then unlocked: reclaim takes them. */
static void check_reclaimable(void)
{
	char *p = map_at(EMPTY_PLACE, PAGES(8), RW);

	sys_mlock(p, PAGES(8));
	CHECK_EQ(sys_madvise(p, PAGES(8), MADV_PAGEOUT), -EINVAL, "PAGEOUT of locked pages");
	CHECK_EQ(present(p, 8), 8, "locked pages present");
	sys_munlock(p, PAGES(8));
	CHECK_EQ(sys_madvise(p, PAGES(8), MADV_PAGEOUT), 0, "PAGEOUT behind munlock");
	CHECK_EQ(present(p, 8), 0, "unlocked pages present");
	sys_munmap(p, PAGES(8));
}

static void a12_munlock(void)
{
	static const struct part hole = { 0, 0, 1, "none" };
	const struct part *part;
	char *p;

	for (part = parts; part < parts + ARRAY_SIZE(parts); part++) {
		p = map_at(EMPTY_PLACE, PAGES(8), RW);
		sys_mlock(p + PAGES(part->first), PAGES(part->n));
		CHECK_EQ(sys_munlock(p + PAGES(part->first), PAGES(part->n)), 0, "munlock: %s", part->name);
		CHECK_EQ(regions_in(p, PAGES(8)), 1, "regions: %s", part->name);
		CHECK_EQ(wrong_flags(p, &hole), 0, "pages still locked: %s", part->name);
		CHECK_EQ(locked_pages(), 0, "VmLck: %s", part->name);
		CHECK_EQ(present(p, 8), part->n, "pages present: %s", part->name);
		CHECK_EQ(sys_madvise(p, PAGES(8), MADV_DONTNEED), 0, "DONTNEED: %s", part->name);
		CHECK_EQ(present(p, 8), 0, "pages present behind it: %s", part->name);
		sys_munmap(p, PAGES(8));
	}
	p = map_at(EMPTY_PLACE, PAGES(8), RW);
	sys_mlock(p, PAGES(8));
	CHECK_EQ(sys_munlock(p + PAGES(3), PAGES(2)), 0, "munlock in the middle");
	CHECK_EQ(regions_in(p, PAGES(8)), 3, "regions");
	CHECK_EQ(locked_pages(), 6, "VmLck");
	CHECK_EQ(sys_madvise(p + PAGES(3), PAGES(2), MADV_DONTNEED), 0, "DONTNEED of that part");
	CHECK_EQ(sys_madvise(p, PAGES(8), MADV_DONTNEED), -EINVAL, "of all");
	CHECK_EQ(sys_munlock(p, PAGES(8)), 0, "munlock of all");
	CHECK_EQ(regions_in(p, PAGES(8)), 1, "regions");
	sys_munmap(p, PAGES(8));
	check_reclaimable();
	CHECK_INFO("4 shapes back to 1 region; pages can be taken away again, and swapped out");
}
TEST(A12, a12_munlock);
