/* SPDX-License-Identifier: MIT */
/* The conversation at the end of the wiki page: saxm asks, riel answers (I.1 to I.9). */
#include <linux/kernel-page-flags.h>
#include "tour.h"

static bool low_direct(u64 pfn, ulong *address)
{
	ulong from, to;

	if (!window("direct map", &from, &to) || pfn >= (to - from) / PAGE_SIZE)
		return false;
	*address = from + ((ulong)pfn << 12);
	return true;
}

/* ---- I.1 -------------------------------------------------------------------------- */

#define ACCESSED	0x20u

static volatile u8 *page;
enum { SETTLE, READ };

static int look_at_page(int command)
{
	struct faults f;

	if (command == SETTLE) {
		settle();
		return 0;
	}
	count_begin();
	(void)page[0];
	f = count_end();
	return (int)(f.minor + f.major);
}

static void all_is_paged(void)
{
	struct child h;

	page = fresh(1);
	page[0] = 1;
	sys_mprotect((void *)page, PAGE_SIZE, PROT_READ);
	helper_start(&h, look_at_page);
	helper_do(&h, SETTLE);
	show_entry("of a child that has touched nothing", h.pid, page);
	expect_eq(pw_entry(h.pid, page) & ACCESSED, 0, "its Accessed bit");
	expect_eq(helper_do(&h, READ), 0, "the child reads there: faults, so no kernel was asked");
	show_entry("after that", h.pid, page);
	expect(pw_entry(h.pid, page) & ACCESSED,
	       "its Accessed bit is set: the processor itself has read this entry");
	child_end(&h);
}

/* ---- I.2 -------------------------------------------------------------------------- */

static void map_page(void)
{
	sys_munmap((void *)EMPTY_PLACE, 16 * PAGE_SIZE);
	page = fresh(16);
}

static void work(void)
{
	static char text[512];

	write_pages(page, 16, 1);
	read_file("/proc/self/stat", text, sizeof(text));
	sys_getppid();
}

static void not_all_demand(void)
{
	if (!count_alone(map_page, work))
		return;
	expect_eq(grown("pgfault"), 16, "16 new pages are written to, system calls made: faults");
	expect_eq(grown("fault_kernel_address") + grown("fault_vmalloc"), 0, "of them at kernel addresses");
	note("since boot: %llu faults, %llu at kernel addresses, %llu of those to learn vmalloc",
	     (unsigned long long)pw_counter("fault_total"),
	     (unsigned long long)pw_counter("fault_kernel_address"),
	     (unsigned long long)pw_counter("fault_vmalloc"));
}

/* ---- I.3 -------------------------------------------------------------------------- */

#define FILE_PAGES	64
#define NAME		"/data/tour.tmp"

static void write_long(const char *path, const char *text)
{
	int fd = (int)sys_open(path, O_WRONLY, 0);

	sys_write(fd, text, strlen(text));
	sys_close(fd);
}

/* The directory is always there, in memory. */
static bool data_is_mounted(void)
{
	static char text[PAGE_SIZE];

	return read_file("/proc/mounts", text, sizeof(text)) > 0 && strstr(text, " /data ");
}

/* On a disk, and not in memory any more. */
static int cold_file(void)
{
	static u8 buf[PAGE_SIZE];
	int fd = -ENODEV;
	unsigned i;

	if (data_is_mounted())
		fd = (int)sys_open(NAME, O_RDWR | O_CREAT | O_TRUNC, 0600);

	for (i = 0; fd >= 0 && i < FILE_PAGES; i++)
		if (sys_write(fd, buf, sizeof(buf)) != sizeof(buf))
			fd = -ENOSPC;
	if (fd < 0)
		lacks("/data, the data partition of the image on a disk that has a driver, is not there "
		      "or cannot be written: error %d.", -fd);
	syscall1(__NR_fsync, fd);
	sys_close(fd);
	write_long("/proc/sys/vm/drop_caches", "1");
	return (int)sys_open(NAME, O_RDONLY, 0);
}

static void sequential(void)
{
	static u8 buf[PAGE_SIZE];
	int fd = cold_file();
	u64 windows, random;
	unsigned i, got = 0;

	windows = pw_counter("ra_sequential");
	for (i = 0; i < FILE_PAGES; i++)
		got += sys_read(fd, buf, sizeof(buf)) == sizeof(buf);
	expect_eq(got, FILE_PAGES, "pages read in order, one call each");
	expect_eq(pw_counter("ra_sequential") - windows, 5,
		  "times the device was asked for more: 4, 8, 16, 32 and the last 4 pages");
	sys_close(fd);
	fd = cold_file();
	random = pw_counter("ra_random");
	for (i = 1; i < FILE_PAGES; i += 8)
		sys_pread(fd, buf, sizeof(buf), (u64)(FILE_PAGES - i) * PAGE_SIZE);
	expect_eq(pw_counter("ra_random") - random, FILE_PAGES / 8,
		  "times for 8 pages read here and there: each alone");
	sys_close(fd);
	sys_unlink(NAME);
}

/* ---- I.4 -------------------------------------------------------------------------- */

static void two_sides(void)
{
	volatile u8 *p = fresh(8);
	ulong from, to, at = 0;
	struct pagewalk_walk w;
	unsigned i, low = 0, wrong = 0;
	u64 pfn;

	if (!window("direct map", &from, &to))
		lacks("/proc/pagewalk/windows has no direct map");
	write_pages(p, 8, 1);
	expect(from >= task_size(), "programs below %#lx, the kernel from %#lx on", task_size(), from);
	note("%lu MiB of RAM have a linear mapping: RAM address = address - %#lx", (to - from) / MiB, from);
	for (i = 0; i < 8; i++) {
		pfn = pw_pfn(p + i * PAGE_SIZE);
		if (!low_direct(pfn, &at))
			continue;
		low++;
		wrong += kernel_walk(at, &w) != pfn;
	}
	expect_eq(wrong, 0, "of 8 frames of ours, %u in that part, not found there by this rule", low);
	show_entry("of the first page", 0, p);
	note("and the pages of a program need no order at all: the next one is in frame %#llx",
	     (unsigned long long)pw_pfn(p + PAGE_SIZE));
}

/* ---- I.5 -------------------------------------------------------------------------- */

static void no_access(void)
{
	static const char *const name[] = { "direct map", "kernel image", "pkmap", "fixmap" };
	static const char *const verb[] = { "read", "write", "jump" };
	unsigned i, k, caught = 0, present = 0;
	struct pagewalk_walk w;
	struct caught c;
	ulong from, to;

	for (i = 0; i < ARRAY_SIZE(name); i++) {
		window(name[i], &from, &to);
		for (k = ACCESS_READ; k <= ACCESS_JUMP; k++) {
			c = try_access((enum access)k, from);
			caught += c.sig == SIGSEGV && c.addr == from;
			if (c.sig != SIGSEGV)
				note("%s at %#lx (%s): %s", verb[k], from, name[i],
				     c.sig ? signal_name(c.sig) : "it succeeded!");
			present += c.err & 1;
		}
	}
	expect_eq(caught, 12, "of 12 reads, writes and jumps in four windows, SIGSEGV");
	expect_eq(present, 12, "whose error code says \"present, but not for you\"");
	window("kernel image", &from, &to);
	kernel_walk(from + PAGE_SIZE, &w);
	expect(w.flags & PAGEWALK_PRESENT && !(w.flags & PAGEWALK_USER),
	       "the image is mapped all the time, without the User bit: %#llx",
	       (unsigned long long)w.entry[w.depth - 1]);
}

/* ---- I.6 -------------------------------------------------------------------------- */

static void many_mappings(void)
{
	int fd = scratch_file(1);
	volatile u8 *a = sys_mmap(NULL, PAGE_SIZE, RW, MAP_SHARED, fd, 0);
	volatile u8 *b = sys_mmap(NULL, PAGE_SIZE, RW, MAP_SHARED, fd, 0);
	struct pagewalk_walk w;
	struct pagewalk_frame f;
	ulong at;

	a[0] = 10;
	expect_eq(b[0], 10, "written at one address, read at another: value");
	show_entry("of the first", 0, a);
	show_entry("of the second", 0, b);
	f = frame_at(a);
	expect_frame(pw_pfn(b), f.pfn, "they are one");
	expect_eq(f.mapcount, 2, "entries of programs that name it");
	if (f.zone != 3 && low_direct(f.pfn, &at))
		expect_frame(kernel_walk(at, &w), f.pfn, "and the kernel's own address for it, %#lx", at);
	else
		note("It is high memory: the kernel has no address for it, programs do.");
	b[0] = 11;
	expect_eq(sys_pread(fd, (void *)&at, 1, 0), 1, "read(2) of a byte of the file: read");
	expect_eq(at & 0xff, 11, "sees it too: value");
}

/* ---- I.7, I.8 --------------------------------------------------------------------- */

#define BATCH	256

struct sums {
	ulong high, high_kernel, high_tables, kernel, kernel_on_lists, pages, pages_on_lists;
};

static void count_frame(struct sums *s, const struct pagewalk_frame *f)
{
	bool kernel = f->type == PAGEWALK_FRAME_KERNEL || f->type == PAGEWALK_FRAME_SLAB;
	bool table = f->type == PAGEWALK_FRAME_TABLE, high = f->zone == 3;
	bool user = f->type == PAGEWALK_FRAME_ANON || f->type == PAGEWALK_FRAME_FILE;
	bool listed = f->flags & 1ull << KPF_LRU;

	if (f->type == PAGEWALK_FRAME_ABSENT)
		return;
	s->high += high;
	s->high_kernel += high && kernel;
	s->high_tables += high && table;
	s->kernel += kernel || table;
	s->kernel_on_lists += (kernel || table) && listed;
	s->pages += user;
	s->pages_on_lists += user && listed;
}

static struct sums count_frames(void)
{
	static struct pagewalk_frame f[BATCH];
	int fd = (int)sys_open("/proc/pagewalk/frames", O_RDONLY, 0);
	struct sums s = { 0 };
	u64 at = 0;
	long n, i;

	if (fd < 0)
		lacks("/proc/pagewalk/frames: error %d", -fd);
	while ((n = sys_pread(fd, f, sizeof(f), at)) > 0) {
		for (i = 0; i < n / (long)sizeof(f[0]); i++)
			count_frame(&s, &f[i]);
		at += (u64)n;
	}
	sys_close(fd);
	return s;
}

static void kernel_allocates_low(void)
{
	struct sums s = count_frames();

	note("frames of high memory: %lu; of all frames, %lu are the kernel's", s.high, s.kernel);
	expect_eq(s.high_kernel, 0, "frames of kernel data and slabs in high memory");
	if (s.high)
		note("page tables of programs in high memory: %lu", s.high_tables);
	else
		note("This machine has no high memory.  With it (more than 896 MiB with two levels, or "
		     "lowmem=64M) tables of programs would lie there.");
	expect_type((void *)kernel_allocates_low, PAGEWALK_FRAME_FILE, "a program's page may lie anywhere");
}

static void kernel_is_resident(void)
{
	struct sums s = count_frames();

	expect(s.kernel != 0, "frames of kernel data, slabs and page tables: %lu", s.kernel);
	expect_eq(s.kernel_on_lists, 0, "of them on a list from which pages are taken when memory is short");
	expect(s.pages_on_lists != 0, "of %lu pages of programs and files, on such lists: %lu", s.pages,
	       s.pages_on_lists);
}

/* ---- I.9 -------------------------------------------------------------------------- */

#define HUNT	512
#define TRIES	5

static volatile u8 *others[TRIES];

/* Memory for the others, with its tables, so that none of these gets the frame. */
static void make_others(void)
{
	unsigned i;

	for (i = 0; i < TRIES; i++) {
		others[i] = map_anon(HUNT * PAGE_SIZE);
		others[i][0] = others[i][(HUNT - 1) * PAGE_SIZE] = 1;
	}
}

/* New pages until one of them gets the frame. */
static volatile u8 *give_away(volatile u8 *p, u64 frame)
{
	unsigned i;

	for (i = 1; i < HUNT - 1; i++) {
		p[i * PAGE_SIZE] = 0xee;
		if (pw_pfn(p + i * PAGE_SIZE) == frame)
			return p + i * PAGE_SIZE;
	}
	return NULL;
}

static volatile u8 *heap_page(void)
{
	char *heap = sys_brk(NULL);
	ulong at = 120 * MiB;

	if ((char *)sys_brk(heap + at + 2 * PAGE_SIZE) != heap + at + 2 * PAGE_SIZE) {
		at = 12 * MiB;		/* more than RAM is refused */
		if ((char *)sys_brk(heap + at + 2 * PAGE_SIZE) != heap + at + 2 * PAGE_SIZE)
			lacks("Not even a heap of 12 MiB is granted: no memory.");
	}
	note("a heap of %lu MiB, nothing but addresses but for the page at its end", at / MiB);
	return (volatile u8 *)(((ulong)heap + at) & -PAGE_SIZE);
}

static void example(void)
{
	volatile u8 *p, *other = NULL;
	u64 frame = 0, slot = 0;
	unsigned i;

	need_swap();
	make_others();
	p = heap_page();
	for (i = 0; i < TRIES && !other; i++) {
		p[0] = 'P';
		frame = pw_pfn(p);
		if (i == 0)
			show_entry("of that page", 0, p);
		swap_out(p, 1);
		slot = pw_entry(0, p);
		other = give_away(others[i], frame);
	}
	show_entry("swapped out", 0, p);
	expect(slot && !(slot & 1), "it names a slot, no frame");
	if (!expect(other != NULL, "frame %#llx has gone to another page", (unsigned long long)frame))
		return;
	show_entry("of that other page", 0, other);
	expect_eq(other[0], 0xee, "the frame has other contents now: first byte");
	expect(pw_entry(0, p) == slot, "the entry of the page that is out is as it was");
	expect(p[0] == 'P', "it is touched, and there it is: its byte is what it was");
	show_entry("back", 0, p);
	expect(pw_pfn(p) != frame, "in another frame, %#llx", (unsigned long long)pw_pfn(p));
	expect_eq(other[0], 0xee, "and the other page is as it was: first byte");
}

/* ---- the stops -------------------------------------------------------------------- */

static const struct stop stops[] = {
	{
		.section = "I.1", .title = "Is everything paged?",
		.text =
"saxm asks whether everything from PAGE_OFFSET on is paged.  It depends on the word: if it means translated by "
"the processor, then after boot all memory is accessed through the MMU, on either side "
"of PAGE_OFFSET.\n"
"One can watch the MMU at work: it sets the Accessed bit of every entry it uses.",
		.question = "Who sets the Accessed bit of an entry?",
		.choice = { "the kernel, in a fault", "the processor", "the program" },
		.answer = 2, .why = "the processor, when it reads the entry to translate.",
		.prove = all_is_paged, .rows = "E6",
	},
	{
		.section = "I.2", .title = "Not everything is demand paged",
		.text =
"The other meaning: brought in when it is touched.  That is for the memory of programs only.  What the kernel maps "
"for itself is there before anybody uses it, and a fault at a kernel address is a bug, with one "
"exception: with two levels, a process may have to learn the entry of a new vmalloc area.",
		.question = "How many faults at kernel addresses does a normal system call cause?",
		.choice = { "none", "one for each page of its stack", "it depends on memory" },
		.answer = 1, .why = "none. The kernel's pages do not come on demand.",
		.prove = not_all_demand, .rows = "K16 P6 V3",
	},
	{
		.section = "I.3", .title = "Reads in order are special",
		.text =
"In between, ahu asks what happens to the cache when a file is read from start to end.  Such readers are recognised: "
"one who goes on where he stopped will go on again.  So the kernel reads ahead, more each time, up to 32 pages in one "
"request; who jumps about gets what he asks for.  And if memory is short, pages that one reader "
"in order has used once are given back first.",
		.question = "64 pages are read one by one, in order. How many requests for them?",
		.choice = { "1", "5", "64" },
		.answer = 2, .why = "5, for 4, 8, 16, 32 and the last 4 pages.",
		.prove = sequential, .rows = "F9 F5",
	},
	{
		.section = "I.4", .title = "Below and above PAGE_OFFSET",
		.text =
"Addresses below PAGE_OFFSET belong to programs, and their pages come on demand; addresses above it are kernel "
"memory.  Is there no linear mapping then between virtual and physical memory?  There is one: the first "
"900 MB or so of RAM, in the kernel (with four levels: all RAM).  Programs have no such order.",
		.question = "Two pages of a program follow each other. Do their frames?",
		.choice = { "always", "never", "perhaps: nothing depends on it" },
		.answer = 3, .why = "perhaps. Each gets the frame that is at hand.",
		.prove = two_sides, .rows = "K2 K11 N12",
	},
	{
		.section = "I.5", .title = "Programs do not reach beyond PAGE_OFFSET",
		.text =
"saxm guesses that the tables of a program lead into the range above PAGE_OFFSET.  No: programs have no access to those "
"addresses at all.  They are mapped while a program runs, but every entry there says "
"\"kernel only\", and the processor refuses.",
		.question = "A program reads a kernel address. What does the error code say?",
		.choice = { "the page is not present", "the page is present, but not for programs", "nothing" },
		.answer = 2, .why = "present. (This kernel says so for all of its addresses, mapped or not.)",
		.prove = no_access, .rows = "K10 K15",
	},
	{
		.section = "I.6", .title = "One frame, many addresses",
		.text =
"Part of the kernel's addresses is a direct map of the first part of RAM.  But the same RAM may get other addresses "
"too, in programs or by vmalloc; and those may also map RAM from outside of the direct map.  That "
"cleared it up for saxm: several addresses for one frame.",
		.question = "A byte is written at one address of a frame. When is it seen at the others?",
		.choice = { "at once", "after a flush", "after a system call" },
		.answer = 1, .why = "at once: it is the same byte of RAM.",
		.prove = many_mappings, .rows = "K2 H7 H10 A21",
	},
	{
		.section = "I.7", .title = "What the kernel allocates must be low",
		.text =
"The kernel's own data must have an address at all times, so it comes from the direct map's part of RAM.  Page "
"tables of programs are the big exception: the processor finds them by physical addresses, and the kernel "
"needs an address only while it looks, so they may lie in high memory as well.",
		.question = "Where do the page tables of programs reside?",
		.choice = { "anywhere in RAM", "below PAGE_OFFSET", "in the direct map only" },
		.answer = 1, .why = "anywhere. (userpte=nohigh keeps them low.)",
		.prove = kernel_allocates_low, .rows = "P3 H9",
	},
	{
		.section = "I.8", .title = "Kernel data is always resident",
		.text =
"Does the kernel set a flag on its pages so that they are not paged out?  It needs none: pages that can be "
"taken stand on the lists of reclaim, and only pages of programs and files are ever put there. "
"Whatever is not on a list stays.",
		.question = "Which of these may be taken away when memory is short?",
		.choice = { "a page table in use", "a page of a file's cache", "a task_struct" },
		.answer = 2, .why = "the cached page: it can be read again.",
		.prove = kernel_is_resident, .rows = "P7 R15",
	},
	{
		.section = "I.9", .title = "Contents are pageable, frames are not",
		.text =
"riel's example.  A page at 120 MB of a heap lies in some frame, which the kernel also maps, at PAGE_OFFSET + its "
"address.  Now the page is paged out.  The frame is still there, the kernel's address still leads to "
"it, only its contents are somebody else's.  The program's page is not in it any more: its contents "
"are on disk until it is touched.",
		.question = "The page is paged out. What does the kernel's address for its old frame lead to?",
		.choice = { "nothing, it faults", "the swap device", "the same frame, with other contents" },
		.answer = 3, .why = "the same frame. Frames do not go anywhere.",
		.prove = example, .rows = "R10",
	},
};
const struct source irc = { "I", "LinuxMM wiki, the conversation of saxm and riel", stops, ARRAY_SIZE(stops) };
