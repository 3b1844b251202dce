/* SPDX-License-Identifier: MIT */
/* Gorman, chapter 5: its introduction, and the address space as a whole (5.1 to 5.3). */
#include "tour.h"
#include "../lib/thread.h"

/* ---- 5.0 -------------------------------------------------------------------------- */

#define PROMISED	256

static struct pagewalk_walk walks[PROMISED];

static unsigned present(const volatile u8 *p)
{
	unsigned i, n = 0;

	pw_walk_range(p, walks, PROMISED);
	for (i = 0; i < PROMISED; i++)
		n += walks[i].flags & PAGEWALK_PRESENT;
	return n;
}

static void intro(void)
{
	volatile u8 *p = fresh(PROMISED);
	struct pagewalk_frame zero, own;
	struct pagewalk_walk w;
	ulong direct, end;

	expect_eq(present(p), 0, "entries of 256 pages that were just mapped");
	show_entry("of the first", 0, p);
	count_begin();
	(void)p[0];
	expect_eq(count_end().minor, 1, "faults of a read");
	zero = frame_at(p);
	show_entry("after the read", 0, p);
	expect(is_zero_page(&zero), "that frame is the page of zeroes that all share");
	p[0] = 1;
	own = frame_at(p);
	show_entry("after a write", 0, p);
	expect(own.pfn != zero.pfn && own.type == PAGEWALK_FRAME_ANON,
	       "that is a frame of its own, anonymous");
	expect_eq(p[1] | p[4095], 0, "the rest of it is zero");
	expect_eq(present(p), 1, "entries of the 256 pages now");
	if (window("direct map", &direct, &end)) {
		kernel_walk(direct + (ulong)pw_cr3(), &w);
		expect(w.flags & PAGEWALK_PRESENT && !(w.flags & PAGEWALK_USER),
		       "the kernel's memory was there all the time: frame %#llx at %#lx",
		       (unsigned long long)w.phys >> 12, direct + (ulong)pw_cr3());
	}
	note("Footnote 5.1: %s; such faults since boot: %llu",
	     BY_MODE("with four levels the top entry of vmalloc is in every table from the start, so no "
		     "process has to learn it",
		     "with two levels an old process learns a new vmalloc area by a minor fault"),
	     (unsigned long long)pw_counter("fault_vmalloc"));
}

/* ---- 5.1 -------------------------------------------------------------------------- */

static void linear_address_space(void)
{
	static const char *const name[] = { "direct map", "vmalloc", "kernel stacks", "pkmap", "fixmap" };
	ulong from, to, top = task_size(), direct, end;
	struct pagewalk_walk w;
	unsigned i, wrong = 0;
	char line[160];

	region_line(top - 1, line, sizeof(line));
	note("user half: 0 to %#lx; at its end: %s", top, line);
	for (i = 0; i < ARRAY_SIZE(name); i++) {
		if (!window(name[i], &from, &to))
			lacks("/proc/pagewalk/windows has no %s", name[i]);
		note("kernel: %lx-%lx %s", from, to, name[i]);
		wrong += from < top || to <= from;
	}
	expect_eq(wrong, 0, "windows of the kernel that lie in the user half");
	window("direct map", &direct, &end);
	expect(kernel_walk(direct + 16 * MiB, &w) == 16 * MiB / PAGE_SIZE,
	       "direct map: %#lx leads to the byte at 16 MiB of RAM", direct + 16 * MiB);
	expect_eq(sys_mmap((void *)top, PAGE_SIZE, RW, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED,
			   -1, 0), (ulong)-ENOMEM, "mmap of a page at %#lx, behind the user half", top);
	expect_signal(try_access(ACCESS_READ, direct + 16 * MiB), SIGSEGV, 0,
		      "a program reads the direct map");
}

/* ---- 5.2 -------------------------------------------------------------------------- */

static volatile u64 cr3_of_thread;

static int thread_looks(void *arg)
{
	cr3_of_thread = pw_cr3();
	return 0;
}

static int does_nothing(int command)
{
	return 0;
}

static void managing(void)
{
	volatile u8 *p = fresh(2);
	struct pagewalk_walk w = { 0 };
	struct thread t;
	struct child h;
	char *heap = sys_brk(NULL);
	u64 mine = pw_cr3();

	expect_eq(regions_in(p, 2 * PAGE_SIZE), 1, "regions there after mmap");
	expect_eq(sys_mremap((void *)p, 2 * PAGE_SIZE, 3 * PAGE_SIZE, 0, NULL), (ulong)p,
		  "mremap makes it a page longer, in place: at");
	expect_eq(sys_munmap((void *)p, 3 * PAGE_SIZE), 0, "munmap");
	expect_eq(regions_in(p, 3 * PAGE_SIZE), 0, "regions there after munmap");
	expect_eq(sys_brk(heap + PAGE_SIZE), (ulong)heap + PAGE_SIZE, "brk: the heap ends a page later");
	if (thread_start(&t, THREAD_FLAGS, thread_looks, NULL) < 0)
		lacks("no thread can be started");
	thread_join(&t);
	expect_eq(cr3_of_thread, mine, "clone with CLONE_VM: CR3 of the thread, which is ours");
	helper_start(&h, does_nothing);
	pw_walk_pid(h.pid, &w, &w);
	expect(w.cr3 && w.cr3 != mine, "fork: CR3 of the child is %#llx, another one than ours",
	       (unsigned long long)w.cr3);
	child_end(&h);
}

/* ---- 5.3 -------------------------------------------------------------------------- */

static volatile int may_end;

static int thread_waits(void *arg)
{
	while (!may_end)
		sys_sched_yield();
	return 0;
}

static void nap(void)
{
	sleep_ms(2);
}

static void descriptor(void)
{
	struct thread t;
	struct pw_snapshot *a, *b;

	a = map_anon(2 * sizeof(*a));
	b = a + 1;
	expect_eq(pw_counter("mm_users"), 1, "mm_users: tasks that run in this address space");
	if (thread_start(&t, THREAD_FLAGS, thread_waits, NULL) < 0)
		lacks("no thread can be started");
	expect_eq(pw_counter("mm_users"), 2, "mm_users with a thread more");
	expect_eq(pw_counter("mm_count"), 1, "mm_count: all users together are one");
	may_end = 1;
	thread_join(&t);
	expect_eq(pw_counter("mm_users"), 1, "mm_users when it has ended");
	pw_snapshot(b);
	pw_snapshot(a);
	nap();
	pw_snapshot(b);
	expect_eq(pw_diff(a, b, "cr3_loads"),
		  pw_diff(a, b, "tlb_flush_mm") + pw_diff(a, b, "mm_switches"),
		  "loads of CR3 while we slept: only to another program or to flush");
	note("%lld switches were made meanwhile, %lld of them lazy: to a kernel thread, which borrows "
	     "the tables that are loaded.", (long long)pw_diff(a, b, "switches"),
	     (long long)pw_diff(a, b, "lazy_switches"));
	note("init_mm, whose tables are the kernel's own, has its top-level table at %#llx; ours is at "
	     "%#llx.", (unsigned long long)pw_field("/proc/pagewalk/cr3", "kernel_pgd "),
	     (unsigned long long)pw_cr3());
}

/* ---- the stops -------------------------------------------------------------------- */

static const struct stop stops[] = {
	{
		.section = "5.0", .title = "Process Address Space",
		.text =
"Each process has an address space of its own, which the kernel maps to physical memory.  The kernel "
"treats its own half and the program's half very differently.\n"
"What the kernel allocates for itself is there at once and visible in all processes.  What a program "
"maps is only a promise: a region is written down.  A read of it finds one page of zeroes that "
"everybody shares, read-only; the first write faults, and now a frame is taken, cleared (footnote 5.2: "
"so that it looks like the page of zeroes) and mapped writable.\n"
"The program's half is not trusted either: its addresses may be wrong, and after a switch they mean "
"something else.  So every fault must be caught.",
		.question = "A program maps 256 pages and touches none. How many frames has it got?",
		.choice = { "256", "one, the page of zeroes", "none" },
		.answer = 3, .why = "none. Mapping makes a region; entries come with the first touch.",
		.prove = intro, .rows = "P6 N1 N2 N4 M15 V3",
	},
	{
		.section = "5.1", .title = "Linear Address Space",
		.text =
"The linear address space has two parts.  Below PAGE_OFFSET everything changes with the process; "
"above it lies the kernel, the same in all of them: the direct map of physical memory, then behind a gap "
"vmalloc, the slots of kmap, and at the top fixed addresses that are known when the kernel is "
"compiled.\n"
"On i386 the border is at 3 GiB by default, which leaves 896 MiB for the direct map.  With four levels "
"each half has 128 TiB, with a hole of addresses between them that the processor refuses; "
"the direct map has room for all RAM.",
		.question = "mmap is asked for a fixed page just behind the program's half. What happens?",
		.choice = { "it fails with ENOMEM", "it succeeds, and the first touch is fatal",
			    "the page is put somewhere else" },
		.answer = 1, .why = "ENOMEM. No region of a program may reach into the kernel's half.",
		.prove = linear_address_space, .rows = "K8 K11 K12 V4 M13",
	},
	{
		.section = "5.2", .title = "Managing the Address Space",
		.text =
"An address space is an mm_struct, and in it regions, vm_area_structs, that do not overlap.  Few system "
"calls touch them: fork copies all, clone may share, exec throws away and begins anew, exit gives "
"back; mmap, munmap, mremap, brk and mprotect change single regions.\n"
"None of them touches the memory itself: pages come and go by faults.",
		.question = "Which call makes a new mm_struct?",
		.choice = { "mmap", "clone with CLONE_VM", "fork" },
		.answer = 3, .why = "fork. CLONE_VM shares the mm_struct (that is a thread), mmap adds a region.",
		.prove = managing, .rows = "O3 M5 M6 M7 A21",
	},
	{
		.section = "5.3", .title = "Process Address Space Descriptor",
		.text =
"The mm_struct has the list and the tree of regions, the top-level table, and the limits of code, data, heap, "
"stack and arguments.  mm_users counts the tasks that run in it: when the last one goes, regions and pages go. "
"mm_count counts who needs the descriptor itself; all users together are one.\n"
"A kernel thread has no mm.  While it runs, the tables of the task before it stay loaded: it borrows "
"them (active_mm), takes a reference in mm_count, and no CR3 load is needed.  That is the lazy TLB.",
		.question = "A kernel thread runs after your program. Whose tables are in CR3 meanwhile?",
		.choice = { "the kernel's own, swapper_pg_dir", "still your program's", "none" },
		.answer = 2, .why = "your program's. The kernel half is the same in all tables, so any will do.",
		.prove = descriptor, .rows = "M1 M2 M3 M4 M9",
	},
};
const struct source gorman_space = { "G", GORMAN, stops, ARRAY_SIZE(stops) };
