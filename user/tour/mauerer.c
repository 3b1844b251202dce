/* SPDX-License-Identifier: MIT */
/* Mauerer, "Linux Kernel Architecture", the opening of chapter 4 (A.1 to A.6). */
#include "tour.h"

/* ---- A.1 -------------------------------------------------------------------------- */

static volatile u8 *page;

static int add_to_page(int command)
{
	page[0] = (u8)(page[0] + command);
	return page[0];
}

static void same_view(void)
{
	struct pagewalk_walk mine, a, b;
	struct child first, second;

	page = fresh(1);
	page[0] = 100;
	helper_start(&first, add_to_page);
	helper_start(&second, add_to_page);
	note("the page at %p has %d names now: ours, and those of two children", (void *)page,
	     frame_at(page).mapcount);
	expect_eq(frame_at(page).mapcount, 3, "entries that name its frame, by reverse mapping");
	expect_eq(helper_do(&first, 1), 101, "the first child adds 1: it reads");
	expect_eq(helper_do(&second, 2), 102, "the second child adds 2: it reads");
	expect_eq(page[0], 100, "we read");
	pw_walk(page, &mine);
	pw_walk_pid(first.pid, page, &a);
	pw_walk_pid(second.pid, page, &b);
	expect(mine.phys != a.phys && a.phys != b.phys && b.phys != mine.phys,
	       "frames behind that one address: %#llx, %#llx, %#llx", (unsigned long long)mine.phys >> 12,
	       (unsigned long long)a.phys >> 12, (unsigned long long)b.phys >> 12);
	child_end(&first);
	child_end(&second);
}

/* ---- A.2 -------------------------------------------------------------------------- */

#define WINDOWS	4

static void kernel_tops(u64 *entry)
{
	static const char *const name[WINDOWS] = { "direct map", "kernel stacks", "pkmap", "fixmap" };
	struct pagewalk_walk w;
	ulong from, to;
	unsigned i;

	for (i = 0; i < WINDOWS; i++) {
		window(name[i], &from, &to);
		kernel_walk(from, &w);
		entry[i] = w.entry[0];
	}
}

static int nothing(int command)
{
	return 0;
}

static void more_complex(void)
{
	u64 before[WINDOWS], after[WINDOWS];
	unsigned regions = regions_in(NULL, task_size()), i, changed = 0;
	struct child h;

	kernel_tops(before);
	for (i = 0; i < 10; i++)
		fresh_at(EMPTY_PLACE + 2 * i * PAGE_SIZE, 1)[0] = 1;
	expect_eq(regions_in(NULL, task_size()) - regions, 10, "a program maps ten pages here and there: regions more");
	helper_start(&h, nothing);
	expect_eq(frame_at((void *)EMPTY_PLACE).mapcount, 2, "it forks: owners of its first page");
	child_end(&h);
	sys_munmap((void *)EMPTY_PLACE, 20 * PAGE_SIZE);
	expect_eq(regions_in(NULL, task_size()) - regions, 0, "it takes them back: regions more");
	kernel_tops(after);
	for (i = 0; i < WINDOWS; i++)
		changed += before[i] != after[i];
	expect_eq(changed, 0, "meanwhile, of four windows of the kernel, top-level entries that changed");
}

/* ---- A.3 -------------------------------------------------------------------------- */

#define SECRETS	32

static int write_secrets(int command)
{
	write_pages(page, SECRETS, (u8)command);
	return (int)(read_pages(page, SECRETS) / SECRETS);
}

static void segregated(void)
{
	struct pagewalk_walk mine, theirs;
	unsigned i, common = 0;
	struct child h;

	page = fresh(SECRETS);
	write_pages(page, SECRETS, 1);
	helper_start(&h, write_secrets);
	expect_eq(helper_do(&h, 9), 9, "a child writes 9 to 32 pages at the same addresses; it reads");
	expect_eq(read_pages(page, SECRETS), SECRETS, "we read 32 times 1: sum");
	for (i = 0; i < SECRETS; i++) {
		pw_walk(page + i * PAGE_SIZE, &mine);
		pw_walk_pid(h.pid, page + i * PAGE_SIZE, &theirs);
		common += mine.phys == theirs.phys;
	}
	expect_eq(common, 0, "frames that both have");
	pw_walk_pid(h.pid, page, &theirs);
	expect(theirs.cr3 != pw_cr3(), "top-level tables: %#llx there, %#llx here",
	       (unsigned long long)theirs.cr3, (unsigned long long)pw_cr3());
	child_end(&h);
}

/* ---- A.4 -------------------------------------------------------------------------- */

static void sparse(void)
{
	const ulong top = task_size();
	const ulong place[] = {
		BY_MODE(top / 4 & ~0x1fffffful, 0x30000000ul),
		BY_MODE(top / 2 & ~0x1fffffful, 0x50000000ul),
		BY_MODE(top / 8 & ~0x1fffffful, 0x70000000ul),
	};
	ulong tables = pages_of("VmPTE:");
	unsigned i;

	for (i = 0; i < ARRAY_SIZE(place); i++) {
		fresh_at(place[i], 1)[0] = 1;
		note("a page at %#lx is written", place[i]);
	}
	expect_eq(pages_of("VmPTE:") - tables, BY_MODE(9, 3), "tables for three pages far from each other");
	note(BY_MODE("A table with an entry for each page of the user half would have 256 GiB.",
		     "A table with an entry for each page of the user half would have 3 MiB (with the "
		     "usual split)."));
	for (i = 0; i < ARRAY_SIZE(place); i++)
		sys_munmap((void *)place[i], PAGE_SIZE);
	expect_eq(pages_of("VmPTE:") - tables, 0, "tables when they are unmapped");
}

/* ---- A.5 -------------------------------------------------------------------------- */

static void when_necessary(void)
{
	const ulong gib = BY_MODE(100, 1), step = gib * 1024 / 5;
	ulong rss = pages_of("VmRSS:"), size = pages_of("VmSize:");
	volatile u8 *p;
	unsigned i;

	p = sys_mmap(NULL, gib * 1024 * MiB, RW, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE,
		     -1, 0);
	if (IS_ERR(p))
		lacks("mmap of %lu GiB: error %ld", gib, -(long)p);
	expect_eq(pages_of("VmSize:") - size, gib * 1024 * MiB / PAGE_SIZE, "%lu GiB are mapped: pages", gib);
	expect_eq(pages_of("VmRSS:") - rss, 0, "frames for them");
	for (i = 0; i < 5; i++)
		p[i * step * MiB] = 1;
	expect_eq(pages_of("VmRSS:") - rss, 5, "five are touched: frames");
	note("this machine has %lld MiB of RAM", (long long)pw_field("/proc/meminfo", "MemTotal:") / 1024);
}

/* ---- A.6 -------------------------------------------------------------------------- */

static void trust(void)
{
	volatile u8 *p = fresh(1);
	int fd = (int)sys_open("/bin/tour", O_RDONLY, 0), in = scratch_file(1);
	ulong direct, end;
	void *map;

	window("direct map", &direct, &end);
	expect_eq(sys_pread(in, (void *)direct, 8, 0), -(long)EFAULT, "read(2) into the kernel");
	expect_eq(sys_pread(in, (void *)-8ul, 64, 0), -(long)EFAULT,
		  "into a range that wraps around the end");
	map = sys_mmap(NULL, PAGE_SIZE, PROT_READ, MAP_SHARED, fd, 0);
	expect_eq(sys_mprotect(map, PAGE_SIZE, RW), -(long)EACCES,
		  "to make a shared map of a file writable that is open for reading");
	expect_eq(sys_munmap((void *)direct, PAGE_SIZE), -(long)EINVAL, "to unmap the kernel");
	p[0] = 1;
	syscall3(__NR_setresuid, 1, 1, 1);
	expect_eq(sys_open("/proc/pagewalk/walk", O_RDONLY, 0), -(long)EACCES,
		  "an ordinary user opens the page tables");
	expect_eq(sys_kill(1, 0), -(long)EPERM, "he signals process 1");
	expect_eq(p[0], 1, "and nothing of all that has changed our page: value");
}

/* ---- the stops -------------------------------------------------------------------- */

static const struct stop stops[] = {
	{
		.section = "A.1", .title = "Virtual Process Memory",
		.text =
"Every process sees the same: an address space as if it were alone.  That is what lets many run at a time without "
"spoiling each other's memory, and makes techniques like memory mapping possible.\n"
"Two mechanisms connect it with RAM: reverse mapping, which tells for a frame who has it, "
"and page faults, which fill the address space on demand, from block devices too.",
		.question = "Three processes write to one address, each its own value. What do they read then?",
		.choice = { "the last value", "each its own", "it depends on the scheduler" },
		.answer = 2, .why = "each its own: one address, three frames.",
		.prove = same_view, .rows = "M8 M12 F15 R1 R2",
	},
	{
		.section = "A.2", .title = "4.1 Introduction",
		.text =
"Physical memory and the kernel's addresses were managed in the chapters before; now it is about the addresses of "
"programs, which is more complex, for the four reasons that follow.\n"
"The kernel's part of the tables is made once; a program's changes all the time: it maps and "
"unmaps, forks, grows and ends.",
		.question = "Ten pages are mapped, the program forks, all is unmapped. What changed for the kernel's windows?",
		.choice = { "ten entries", "one top-level table", "nothing" },
		.answer = 3, .why = "nothing at all in the kernel's part.",
		.prove = more_complex, .rows = "A22 K14 P6",
	},
	{
		.section = "A.3", .title = "Each has its own, apart from all others",
		.text =
"The first reason: each application has an address space of its own, separated from those of all others.  Not "
"by checks at each access: a frame of somebody else just has no address there.",
		.question = "How can a program read a private frame of another one?",
		.choice = { "by guessing the address", "not at all: no address of it leads there", "by a jump" },
		.answer = 2, .why = "not at all, whatever the address: its tables do not name the frame.",
		.prove = segregated, .rows = "M12 N4",
	},
	{
		.section = "A.4", .title = "Few sections, far apart",
		.text =
"The second: of the large linear space only a few sections are used, some far from the others.  The "
"kernel needs structures that manage such scattered pieces cheaply: regions in a tree, and "
"tables of several levels, of which only the used branches exist.",
		.question = "Three pages in three far corners need how many tables, all levels?",
		.choice = { "a few: one branch for each", "one for each page in between", "none" },
		.answer = 1, .why = "a branch each: three times three tables with four levels, three with two.",
		.prove = sparse, .rows = "M14 A2",
	},
	{
		.section = "A.5", .title = "Frames only where they are necessary",
		.text =
"The third: only the smallest part of the address space is connected with frames.  Parts that are seldom "
"used get a page when it is needed, and only then.",
		.question = "A program maps more than there is RAM and touches five pages. It has ...",
		.choice = { "no success: mmap fails", "five frames", "as many frames as there are" },
		.answer = 2, .why = "five frames: what it has touched.",
		.prove = when_necessary, .rows = "N12 A23",
	},
	{
		.section = "A.6", .title = "The kernel trusts itself, not programs",
		.text =
"The fourth: the kernel trusts itself but no program.  So every operation on a program's address space comes with checks: "
"no program may get more rights than it has, or endanger the system.",
		.question = "A program asks read(2) to store at an address of the kernel. The kernel ...",
		.choice = { "stores there: it may", "returns EFAULT", "stops" },
		.answer = 2, .why = "returns EFAULT: the range is checked first, since the kernel itself could write there.",
		.prove = trust, .rows = "X11 X14 X17 A3",
	},
};
const struct source mauerer = { "A", "Mauerer, Linux Kernel Architecture, chapter 4", stops, ARRAY_SIZE(stops) };
