/* SPDX-License-Identifier: MIT */
/* Joe Knapka, "Process Virtual Memory Mapping": its two paragraphs and the pages it links to. */
#include "../lib/entry.h"
#include "tour.h"

/* ---- K.1 -------------------------------------------------------------------------- */

/* The processor marks an entry of each table that it uses: no difference in what it maps. */
#define ACCESSED	0x20ull

static int nothing(int command)
{
	return 0;
}

/* Top-level entries of windows that differ between a process (0: this one) and the kernel. */
static unsigned top_differs(int pid)
{
	static const char *const name[] = { "direct map", "kernel stacks", "pkmap", "fixmap", "devices" };
	struct pagewalk_walk mine, kernel;
	unsigned i, wrong = 0;
	ulong from, to;

	for (i = 0; i < ARRAY_SIZE(name); i++) {
		if (!window(name[i], &from, &to))
			continue;
		kernel_walk(from, &kernel);
		if (pid)
			pw_walk_pid(pid, (void *)from, &mine);
		else
			pw_walk((void *)from, &mine);
		wrong += (mine.entry[0] & ~ACCESSED) != (kernel.entry[0] & ~ACCESSED);
	}
	return wrong;
}

static void thousand_calls(void)
{
	unsigned i;

	for (i = 0; i < 1000; i++)
		sys_getppid();
}

static void second_address(const volatile u8 *p)
{
	struct pagewalk_frame f = frame_at(p);
	struct pagewalk_walk w;
	ulong direct, end;

	window("direct map", &direct, &end);
	if (f.zone == 3) {
		note("Frame %#llx of our page is high memory: the exception, it has no address in the "
		     "kernel.", (unsigned long long)f.pfn);
		return;
	}
	expect_frame(kernel_walk(direct + ((ulong)f.pfn << 12), &w), f.pfn,
		     "our page at %p has a second address, %#lx in the direct map", (void *)p,
		     direct + ((ulong)f.pfn << 12));
}

static void kernel_tables(void)
{
	volatile u8 *p = fresh(1);
	struct pagewalk_walk mine, theirs;
	struct child h;

	p[0] = 1;
	helper_start(&h, nothing);
	helper_do(&h, 0);
	expect_eq(top_differs(0), 0, "top-level entries of kernel windows that differ from the kernel's, here");
	expect_eq(top_differs(h.pid), 0, "the same in a child");
	pw_walk(p, &mine);
	pw_walk_pid(h.pid, p, &theirs);
	expect(frame_at(p).mapcount == 2 && mine.table[1] != theirs.table[1],
	       "the child has tables of its own for the user half: frame %#llx, ours %#llx",
	       (unsigned long long)theirs.table[1], (unsigned long long)mine.table[1]);
	child_end(&h);
	second_address(p);
	if (count_alone(NULL, thousand_calls))
		expect_eq(grown("cr3_loads"), 0, "loads of CR3 in 1000 system calls: our tables serve there too");
}

/* ---- K.2 -------------------------------------------------------------------------- */

static u8 in_data = 7, in_bss;

static void methods(void)
{
	struct pagewalk_walk mine = { 0 }, parent = { 0 };
	volatile u8 *anon = fresh(1);
	char line[160];

	anon[0] = 1;
	in_data++;
	in_bss++;
	region_line((ulong)methods, line, sizeof(line));
	note("text: %s", line);
	/* Our parent is waiting in prove(), so it has that page. */
	pw_walk((void *)prove, &mine);
	pw_walk_pid((int)sys_getppid(), (void *)prove, &parent);
	expect_type((void *)prove, PAGEWALK_FRAME_FILE, "a page of it");
	expect_frame(mine.phys >> 12, parent.phys >> 12, "our parent runs the same program and has the same");
	region_line((ulong)&in_data, line, sizeof(line));
	note("data: %s", line);
	expect_type(&in_data, PAGEWALK_FRAME_ANON, "a page of it that was written to is a copy");
	region_line((ulong)anon, line, sizeof(line));
	note("what mmap gave us: %s", line);
	expect_type(anon, PAGEWALK_FRAME_ANON, "a page of it");
	region_line((ulong)line, line, sizeof(line));
	note("the stack: %s", line);
	expect_eq(in_data + in_bss, 9, "what was in the file is there, the rest began at zero: sum");
}

/* ---- K.3 -------------------------------------------------------------------------- */

#define BATCH	32

struct window_sums {
	ulong pages, other_type, jumps, longest;
};

static void sum_up(struct window_sums *s, const struct pagewalk_walk *w, u64 *last, u64 *frame,
		   ulong *run)
{
	struct pagewalk_frame f;

	pw_frame(w->phys >> 12, &f);
	s->pages++;
	s->other_type += f.type != PAGEWALK_FRAME_VMALLOC;
	if (*last + PAGE_SIZE == w->address) {
		s->jumps += w->phys >> 12 != *frame + 1;
		++*run;
	} else {
		*run = 1;
	}
	if (*run > s->longest)
		s->longest = *run;
	*last = w->address;
	*frame = w->phys >> 12;
}

/* All pages of a window. */
static struct window_sums look_through(ulong from, ulong to)
{
	static struct pagewalk_walk w[BATCH];
	int fd = (int)sys_open("/proc/pagewalk/walk", O_RDWR, 0);
	struct window_sums s = { 0 };
	u64 at = from, last = 0, frame = 0;
	ulong run = 0;
	long n, i;

	if (fd < 0 || sys_write(fd, "pid=kernel", 10) < 0 || sys_write(fd, "holes=hidden", 12) < 0)
		lacks("/proc/pagewalk/walk cannot be opened");
	while (at < to) {
		n = sys_pread(fd, w, sizeof(w), at) / (long)sizeof(w[0]);
		if (n <= 0)
			break;
		for (i = 0; i < n && w[i].address < to; i++)
			sum_up(&s, &w[i], &last, &frame, &run);
		if (i < n)
			break;
		at = w[n - 1].address + PAGE_SIZE;
	}
	sys_close(fd);
	return s;
}

static void kernel_allocation(void)
{
	const ulong stack_pages = BY_MODE(4, 2);
	struct window_sums s;
	ulong from, to;

	if (!window("vmalloc", &from, &to))
		lacks("/proc/pagewalk/windows has no vmalloc");
	s = look_through(from, to);
	note("vmalloc: %lx-%lx, %llu areas, %lu pages present; %lu times the next page is not in the next "
	     "frame", from, to, (unsigned long long)pw_counter("vmalloc_areas"), s.pages, s.jumps);
	expect_eq(s.other_type, 0, "of those pages, frames of another type than vmalloc");
	window("kernel stacks", &from, &to);
	s = look_through(from, to);
	note("kernel stacks: %lx-%lx, %lu pages present", from, to, s.pages);
	expect(s.pages != 0, "there are some");
	expect_eq(s.longest, stack_pages, "pages of the longest run: one stack; then a guard page");
}

/* ---- K.4 -------------------------------------------------------------------------- */

static void swapping(void)
{
	volatile u8 *p;
	unsigned device = 0;
	ulong swapped;
	u64 slot = 0;

	need_swap();
	p = fresh(4);
	write_pages(p, 4, 9);
	show_entry("of a written page", 0, p);
	swapped = pages_of("VmSwap:");
	swap_out(p, 4);
	show_entry("swapped out", 0, p);
	expect(entry_swapped(pw_entry(0, p), &device, &slot),
	       "not empty, not present: the entry is a name");
	note("it reads: device %u, slot %llu", device, (unsigned long long)slot);
	expect(slot >= 1 && slot * 4 < (u64)pw_field("/proc/meminfo", "SwapTotal:") + 4,
	       "that is a slot of the device; slot 0 is its header");
	expect_eq(pages_of("VmSwap:") - swapped, 4, "VmSwap, in pages more");
	expect_eq(read_pages(p, 4), 36, "the four bytes, when touched: sum");
	expect_eq(pages_of("VmSwap:") - swapped, 0, "VmSwap, in pages more");
}

/* ---- the stops -------------------------------------------------------------------- */

static const struct stop stops[] = {
	{
		.section = "K.1", .title = "One kernel in all page tables",
		.text =
"All processes share the kernel's page tables from PAGE_OFFSET on and have their own below.  When a directory is "
"made, the kernel part of it is copied: just the top-level entries, so the tables under them are "
"the same ones.  That is why the kernel can follow a program's pointers, and why entering it needs no new CR3; "
"the pages are privileged, so programs see nothing of it.\n"
"A frame in a program has at least two addresses: its own there, and PAGE_OFFSET + physical address in the "
"kernel.  High memory is the exception.  Programs that run the same file share its frames.",
		.question = "A program makes 1000 system calls. How often is CR3 loaded for that?",
		.choice = { "never", "1000 times", "2000 times" },
		.answer = 1, .why = "never. The kernel is in the program's own tables.",
		.prove = kernel_tables, .rows = "K10 K14 M2 M10 K2 F4 H1 H7",
	},
	{
		.section = "K.2", .title = "mm_struct, regions, and their handlers",
		.text =
"The mm_struct of a process has a list of vm_area_structs, and each may handle its faults in its own way. "
"A region of the program's file fetches the page from the file.  Anonymous memory "
"fetches it from swap, first from the swap cache, then from the device; if it is in neither, it "
"gets a new page.",
		.question = "Two processes run one program. How many frames has a page of its text?",
		.choice = { "one", "two", "two, until the kernel finds that they are equal" },
		.answer = 1, .why = "one: both regions get the page of the file's cache.",
		.prove = methods, .rows = "M1 A1 A19 F2 R11",
	},
	{
		.section = "K.3", .title = "Kernel VM allocation (linked page)",
		.text =
"The kernel's own memory lies in the direct map, where neighbours are neighbours in RAM too.  For much "
"memory at once that is hard to find, so vmalloc collects frames wherever they are and makes addresses for them "
"that follow each other, with a guard page behind each area.\n"
"Kernel stacks are made the same way here, in a window of their own, so that one that overflows "
"hits nothing.",
		.question = "What does vmalloc guarantee?",
		.choice = { "addresses in a row", "frames in a row", "both" },
		.answer = 1, .why = "addresses only. That is what makes it possible when memory is in pieces.",
		.prove = kernel_allocation, .rows = "V1 V2 V4 V5 X9",
	},
	{
		.section = "K.4", .title = "Swapping (linked page)",
		.text =
"An anonymous page has no file to go to, so it gets a slot of the swap device.  The order "
"matters: a slot; the page into the swap cache; every entry that named the frame becomes the "
"name of the slot; it is written; then the frame is free.\n"
"Back it goes the other way, by a fault, at any time later and into any frame.",
		.question = "What tells the processor that a page is swapped out?",
		.choice = { "a special bit", "nothing: to it the page is just not present", "the slot number" },
		.answer = 2, .why = "nothing. Present is 0; what else is in the entry is the kernel's business.",
		.prove = swapping, .rows = "R1 R5 R6 R7 R8 R9 R13",
	},
};
const struct source knapka = { "K", "Knapka, Process Virtual Memory Mapping", stops, ARRAY_SIZE(stops) };
