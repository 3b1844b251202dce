/* SPDX-License-Identifier: MIT */
/* Gorman 5.4.7 to 5.4.12: regions are moved, locked, unlocked, cut, and deleted. */
#include "tour.h"

#define WNOWAIT		0x01000000
#define P_PID		1

/* ---- 5.4.7 ------------------------------------------------------------------------ */

static void moving(void)
{
	volatile u8 *p = fresh(4), *q = p + 64 * MiB;
	u64 frame[4];
	unsigned i, same = 0;
	struct faults f;

	for (i = 0; i < 4; i++) {
		p[i * PAGE_SIZE] = (u8)(i + 1);
		frame[i] = pw_pfn(p + i * PAGE_SIZE);
	}
	fresh_at((ulong)q, 1)[0] = 1;		/* so that the tables there are no question */
	show_entry("at the old place", 0, p);
	count_begin();
	sys_mremap((void *)p, 4 * PAGE_SIZE, 4 * PAGE_SIZE, MREMAP_MAYMOVE | MREMAP_FIXED,
		   (void *)q);
	f = count_end();
	for (i = 0; i < 4; i++)
		same += pw_pfn(q + i * PAGE_SIZE) == frame[i];
	show_entry("at the new place", 0, q);
	expect_eq(same, 4, "pages of 4 that are in the same frames, 64 MiB further up");
	expect_eq(f.minor + f.major, 0, "faults for that");
	expect_eq(q[0] + q[3 * PAGE_SIZE], 5, "first byte of the first and the last page");
	expect_eq(pw_entry(0, p), 0, "entry at the old place");
	expect_signal(try_access(ACCESS_READ, (ulong)p), SIGSEGV, SEGV_MAPERR, "a touch of the old place");
}

/* ---- 5.4.8 ------------------------------------------------------------------------ */

#define LOCKED	16

static unsigned present(const volatile u8 *p)
{
	static struct pagewalk_walk w[LOCKED];
	unsigned i, n = 0;

	pw_walk_range(p, w, LOCKED);
	for (i = 0; i < LOCKED; i++)
		n += w[i].flags & PAGEWALK_PRESENT;
	return n;
}

static void locking(void)
{
	volatile u8 *p = fresh(LOCKED);
	struct rlimit none = { 0, 0 };
	struct faults f;

	expect_eq(present(p), 0, "of 16 pages that were never touched, present");
	expect_eq(sys_mlock((void *)p, LOCKED * PAGE_SIZE), 0, "mlock");
	expect_eq(present(p), LOCKED, "present when it returns");
	expect_eq(pages_of("VmLck:"), LOCKED, "VmLck of the program, in pages");
	count_begin();
	write_pages(p, LOCKED, 1);
	f = count_end();
	expect_eq(f.minor + f.major, 0, "faults when all are written to");
	if (have_swap()) {
		sys_madvise((void *)p, LOCKED * PAGE_SIZE, MADV_PAGEOUT);	/* refused */
		expect_eq(present(p), LOCKED, "present after somebody asked to swap them out");
	}
	sys_setrlimit(8, &none);		/* RLIMIT_MEMLOCK */
	syscall3(__NR_setresuid, 1, 1, 1);
	expect_eq(sys_mlock((void *)p, PAGE_SIZE), -(long)EPERM,
		  "mlock by a user without privilege whose limit is 0");
}

/* ---- 5.4.9 ------------------------------------------------------------------------ */

static void unlocking(void)
{
	volatile u8 *p = fresh(LOCKED);

	sys_mlock((void *)p, LOCKED * PAGE_SIZE);
	expect_eq(pages_of("VmLck:"), LOCKED, "VmLck, in pages");
	expect_eq(sys_munlock((void *)p, LOCKED * PAGE_SIZE), 0, "munlock");
	expect_eq(pages_of("VmLck:"), 0, "VmLck after it");
	expect_eq(present(p), LOCKED, "pages that are still present");
	expect_eq(regions_in(p, LOCKED * PAGE_SIZE), 1, "regions");
	if (have_swap()) {
		swap_out(p, LOCKED);
		expect_eq(present(p), 0, "present after swapping out: unlocked pages can go");
	}
}

/* ---- 5.4.10 ----------------------------------------------------------------------- */

static void lock_part(volatile u8 *p, unsigned from, unsigned n, unsigned parts, const char *what)
{
	sys_mlock((void *)(p + from * PAGE_SIZE), n * PAGE_SIZE);
	expect_eq(regions_in(p, 9 * PAGE_SIZE), parts, "%s is locked: regions", what);
	expect_eq(pages_of("VmLck:"), n, "VmLck, in pages");
	sys_munlock((void *)p, 9 * PAGE_SIZE);
}

static void fixing_up(void)
{
	volatile u8 *p = fresh(9);

	lock_part(p, 0, 9, 1, "the whole");
	lock_part(p, 0, 3, 2, "the start");
	lock_part(p, 6, 3, 2, "the end");
	lock_part(p, 3, 3, 3, "the middle");
	expect_eq(regions_in(p, 9 * PAGE_SIZE), 1, "all is unlocked: regions");
}

/* ---- 5.4.11 ----------------------------------------------------------------------- */

static void deleting(void)
{
	ulong tables = pages_of("VmPTE:"), rss = pages_of("RssAnon:");
	volatile u8 *p = fresh(9);

	write_pages(p, 9, 1);
	expect_eq(pages_of("RssAnon:") - rss, 9, "frames that nine pages have");
	expect_eq(pages_of("VmPTE:") - tables, BY_MODE(2, 1), "page tables that they needed");
	sys_munmap((void *)(p + 3 * PAGE_SIZE), 3 * PAGE_SIZE);
	show_regions("three in the middle are unmapped", p, 9 * PAGE_SIZE);
	expect_eq(regions_in(p, 9 * PAGE_SIZE), 2, "regions");
	expect_eq(pages_of("RssAnon:") - rss, 6, "frames");
	expect_eq(pw_entry(0, p + 4 * PAGE_SIZE), 0, "entry of a page that is gone");
	expect_signal(try_access(ACCESS_READ, (ulong)p + 4 * PAGE_SIZE), SIGSEGV, SEGV_MAPERR,
		      "a touch of it");
	expect_eq(p[0] + p[8 * PAGE_SIZE], 2, "the others are as they were: sum");
	expect_eq(pages_of("VmPTE:") - tables, BY_MODE(2, 1), "page tables: others are still in them");
	expect_eq(sys_munmap((void *)p, 9 * PAGE_SIZE), 0, "munmap of all nine, hole included");
	expect_eq(pages_of("RssAnon:") - rss, 0, "frames");
	expect_eq(pages_of("VmPTE:") - tables, 0, "page tables: they went with the last page");
}

/* ---- 5.4.12 ----------------------------------------------------------------------- */

static volatile u8 *shared;

static int read_shared(int command)
{
	return (int)read_pages(shared, 3);
}

/* The child has ended and nobody has asked how: a zombie. */
static void wait_for_zombie(int pid)
{
	static long info[32];

	syscall5(__NR_waitid, P_PID, pid, (long)info, WEXITED | WNOWAIT, 0);
}

static void deleting_all(void)
{
	struct pagewalk_walk w = { 0 };
	struct child h;
	u8 end = 0xff;

	shared = fresh_shared(3);
	write_pages(shared, 3, 2);
	helper_start(&h, read_shared);
	expect_eq(helper_do(&h, 0), 6, "a child reads three pages that both map: sum");
	expect_eq(frame_at(shared).mapcount, 2, "entries that name the first one's frame");
	pw_walk_pid(h.pid, shared, &w);
	note("the child's top-level table: %#llx", (unsigned long long)w.cr3);
	sys_write(h.down, &end, 1);
	wait_for_zombie(h.pid);
	expect_eq(frame_at(shared).mapcount, 1, "it has ended, nobody has waited for it: entries");
	pw_walk_pid(h.pid, shared, &w);
	expect_eq(w.cr3, (u64)pw_field("/proc/pagewalk/cr3", "kernel_pgd "),
		  "it has no tables any more, only the kernel's: CR3");
	expect_eq(wait_for(h.pid), 0, "its wait status, all that it left");
	expect_eq(shared[0], 2, "our page is as it was");
}

/* ---- the stops -------------------------------------------------------------------- */

static const struct stop stops[] = {
	{
		.section = "5.4.7", .title = "Remapping and moving a memory region",
		.text =
"mremap changes the size of a region.  To shrink it is to unmap; to grow, a border moves if nothing is "
"behind it; else, if the caller allows it, the region moves.\n"
"Then move_page_tables() takes the entries from the old tables to new ones.  The pages stay "
"where they are, swapped ones too: their slot stands in the entry, so it moves along.",
		.question = "Four written pages are moved by 64 MiB. How many bytes of them are copied?",
		.choice = { "none", "16 KiB", "only what has been written" },
		.answer = 1, .why = "none. The four entries move to another table.",
		.prove = moving, .rows = "A9",
	},
	{
		.section = "5.4.8", .title = "Locking a Memory Region",
		.text =
"mlock promises two things: the pages are there when it returns, and they stay.  So it sets VM_LOCKED "
"on the region and then faults in what is missing, as if the program had touched it.  Reclaim puts locked "
"pages aside.\n"
"It takes memory away from everybody else, so it needs a privilege, or a limit (RLIMIT_MEMLOCK) that is not used up.",
		.question = "mlock of 16 pages never touched has returned. What does a write to each cost?",
		.choice = { "16 faults", "16 faults, but none waits for a disk", "no fault" },
		.answer = 3, .why = "none. They are present and writable: that is the promise.",
		.prove = locking, .rows = "A10 X17 R15",
	},
	{
		.section = "5.4.9", .title = "Unlocking the region",
		.text =
"munlock is the small brother: the flag goes, the pages stay.  Nothing has to be done for each of them; they "
"only may be reclaimed again.  The region is like its neighbours then, and they merge.",
		.question = "What happens to the pages at munlock?",
		.choice = { "they are freed", "they are swapped out", "nothing" },
		.answer = 3, .why = "nothing. They have lost a protection, not their frames.",
		.prove = unlocking, .rows = "A12",
	},
	{
		.section = "5.4.10", .title = "Fixing up regions after locking",
		.text =
"A lock covers whole pages but seldom a whole region.  As one region has one rule, the region must be cut "
"where the lock begins and where it ends.  The book has four functions: mlock_fixup_all, _start, _end, "
"_middle.\n"
"Here all changes of a region's flags share one: vma_modify() cuts, changes, and merges.",
		.question = "Three pages in the middle of a region of nine are locked. How many regions?",
		.choice = { "one", "two", "three" },
		.answer = 3, .why = "three: before, locked, behind.",
		.prove = fixing_up, .rows = "A11",
	},
	{
		.section = "5.4.11", .title = "Deleting a memory region",
		.text =
"do_munmap() takes a range, not a region: it cuts what reaches over the ends, unlinks what lies between, "
"empties the entries, flushes the TLB, and only then gives frames and tables back, so that nobody can reach a frame "
"through an old translation when it has a new owner.\n"
"A page table is freed with the last region in its span.",
		.question = "The range has a hole in it. munmap returns ...",
		.choice = { "0", "EINVAL", "the number of pages that were there" },
		.answer = 1, .why = "0. After it nothing is mapped there, which is all that was asked.",
		.prove = deleting, .rows = "A13 A14",
	},
	{
		.section = "5.4.12", .title = "Deleting all memory regions",
		.text =
"exit_mmap() runs when the last task of an address space ends or calls exec: all regions, all entries, all "
"tables, in one pass and with one flush.  A frame that others share only loses an entry.\n"
"The task itself stays as a zombie until its parent has asked: a number, a status, no memory.",
		.question = "A child has ended; its parent has not waited yet. When are its pages freed?",
		.choice = { "when the parent waits", "already when it ended", "when memory gets short" },
		.answer = 2, .why = "when it ended. A zombie has no address space.",
		.prove = deleting_all, .rows = "A15 M3 M7",
	},
};
const struct source gorman_changes = { "G", GORMAN, stops, ARRAY_SIZE(stops) };
