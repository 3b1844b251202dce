/* SPDX-License-Identifier: MIT */
/* LinuxMM wiki, "VirtualMemory": the memory of programs (W.12 to W.15). */
#include "tour.h"

/* ---- W.12 ------------------------------------------------------------------------- */

static void four_gigabytes(void)
{
	ulong top = task_size(), direct, end;
	char line[160];
	struct caught c;

	window("direct map", &direct, &end);
	region_line(top - PAGE_SIZE, line, sizeof(line));
	note("the last page below %#lx: %s", top, line);
	expect(pw_entry(0, (void *)(top - PAGE_SIZE)) & 1, "it is there: the stack begins with it");
	expect_eq(sys_mmap((void *)(top - PAGE_SIZE), 2 * PAGE_SIZE, RW,
			   MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0), (ulong)-ENOMEM,
		  "mmap of it and the next one");
	expect_eq(fresh_at(0x20000, 1), 0x20000, "a page near the lower end: at");
	c = try_access(ACCESS_READ, direct);
	expect_signal(c, SIGSEGV, 0, "a read at PAGE_OFFSET");
	expect_eq(c.addr, direct, "the address that the signal tells");
	if (FOUR)
		expect_signal(try_access(ACCESS_READ, (ulong)0x800000000000ull), SIGSEGV, SI_KERNEL,
			      "a read of 0x800000000000, an address that cannot exist");
	else
		expect_eq(direct, top, "with two levels the kernel begins where programs end: at");
}

/* ---- W.13 ------------------------------------------------------------------------- */

static ulong stat_field(const char *text, unsigned n)
{
	const char *p = strchr(text, ')') + 2;		/* field 3 */

	for (; n > 3 && *p; n--)
		p = strchr(p, ' ') + 1;
	return (ulong)parse_u64(p, NULL);
}

static int in_data = 1;

static void descriptor_fields(void)
{
	static char text[1024];
	ulong code, end_code, data, end_data, brk, arg, arg_end, env, env_end;

	if (read_file("/proc/self/stat", text, sizeof(text)) <= 0)
		lacks("/proc/self/stat cannot be read");
	code = stat_field(text, 26);
	end_code = stat_field(text, 27);
	data = stat_field(text, 45);
	end_data = stat_field(text, 46);
	brk = stat_field(text, 47);
	arg = stat_field(text, 48);
	arg_end = stat_field(text, 49);
	env = stat_field(text, 50);
	env_end = stat_field(text, 51);
	note("code %lx-%lx, data %lx-%lx, heap from %lx", code, end_code, data, end_data, brk);
	note("arguments %lx-%lx, environment %lx-%lx", arg, arg_end, env, env_end);
	expect((ulong)descriptor_fields >= code && (ulong)descriptor_fields < end_code,
	       "this function, at %#lx, is in the code", (ulong)descriptor_fields);
	expect((ulong)&in_data >= data && (ulong)&in_data < end_data, "a variable, at %#lx, in the data",
	       (ulong)&in_data);
	expect_eq(sys_brk(NULL), brk, "the heap, which nobody has used, ends where it begins");
	expect_eq(arg_end, env, "the environment follows the arguments: at");
	expect(!*environ || (ulong)*environ == env, "its first text is environ[0]");
	expect_eq(pw_cr3(), (u64)pw_field("/proc/pagewalk/cr3", "pgd "), "pgd, and CR3");
	note("regions in the list: %u", regions_in(NULL, task_size()));
}

/* ---- W.14 ------------------------------------------------------------------------- */

static void in_order(void)
{
	static char text[16384];
	ulong from, to, last = 0;
	unsigned n = 0, wrong = 0;
	const char *p = text;

	if (read_file("/proc/self/maps", text, sizeof(text)) <= 0)
		lacks("/proc/self/maps cannot be read");
	for (; *p; p = next_line(p), n++) {
		line_bounds(p, &from, &to);
		wrong += from < last || to <= from;
		last = to;
	}
	expect_eq(wrong, 0, "of %u regions, out of order or over another one", n);
}

static void region_fields(void)
{
	int fd = scratch_file(3);
	volatile u8 *p = fresh(1), *q, *r;
	char line[160];

	q = sys_mmap(NULL, PAGE_SIZE, PROT_READ, MAP_SHARED, fd, PAGE_SIZE);
	r = sys_mmap(NULL, PAGE_SIZE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	region_line((ulong)p, line, sizeof(line));
	expect(strstr(line, "rw-p") != NULL, "private, may be written: %s", line);
	region_line((ulong)q, line, sizeof(line));
	expect(strstr(line, "r--s") != NULL, "shared, of a file: %s", line);
	expect_eq(q[0], 2, "its offset is a page: the byte there");
	region_line((ulong)r, line, sizeof(line));
	expect(strstr(line, "---p") != NULL, "nobody may do anything: %s", line);
	in_order();
}

/* ---- W.15 ------------------------------------------------------------------------- */

static void life_of_a_page(void)
{
	volatile u8 *p = fresh(1), *q = p + PAGE_SIZE * 16;
	ulong rss = pages_of("RssAnon:");
	u64 frame;

	show_entry("before", 0, p);
	p[0] = 42;
	frame = pw_pfn(p);
	show_entry("allocated", 0, p);
	expect(frame_at(p).refcount >= 1 && frame_at(p).mapcount == 1, "its frame has one user");
	expect_eq(pages_of("RssAnon:") - rss, 1, "frames more");
	sys_mremap((void *)p, PAGE_SIZE, PAGE_SIZE, MREMAP_MAYMOVE | MREMAP_FIXED, (void *)q);
	show_entry("moved", 0, q);
	expect_frame(pw_pfn(q), frame, "it is where it was");
	if (have_swap()) {
		swap_out(q, 1);
		show_entry("swapped out", 0, q);
		expect_eq(pages_of("RssAnon:") - rss, 0, "frames more");
		expect_eq(q[0], 42, "touched, it is back: its byte");
		show_entry("back", 0, q);
	} else {
		note("(it cannot be swapped out: this machine has no swap space)");
	}
	sys_munmap((void *)q, PAGE_SIZE);
	show_entry("freed", 0, q);
	expect_eq(pw_entry(0, q), 0, "entry");
	expect_eq(pages_of("RssAnon:") - rss, 0, "frames more");
}

/* ---- the stops -------------------------------------------------------------------- */

static const struct stop stops[] = {
	{
		.section = "W.12", .title = "Four gigabytes, three of them for programs",
		.text =
"With 32 bits a process sees 4 GiB: the lower three are its own, code, data, heap, mappings and stack; the "
"last one is the kernel's, which a program does not touch and cannot.\n"
"With four levels each half has 128 TiB, and between them lies a hole: the processor refuses addresses whose "
"upper 17 bits are not all equal, before it looks at any table.",
		.question = "How large is the address space of a process, with little RAM?",
		.choice = { "as large as RAM", "as large as RAM and swap space", "as large as ever" },
		.answer = 3, .why = "as ever. Addresses cost nothing; frames do.",
		.prove = four_gigabytes, .rows = "M13 K10 K11",
	},
	{
		.section = "W.13", .title = "mm_struct",
		.text =
"One mm_struct for each process: the list of its regions (mmap), its top-level table (pgd), and where code, "
"data, heap, stack, arguments and environment begin and end.  Most of those are for /proc and for brk; the "
"pgd is what the scheduler loads into CR3.\n"
"The tables it points to tell which frames the process has, low or high; the kernel's limits for its "
"own map do not apply to them.",
		.question = "Which member of mm_struct does the processor use?",
		.choice = { "the list of regions", "pgd", "start_stack" },
		.answer = 2, .why = "pgd. It knows nothing of regions; those are for the kernel when it faults.",
		.prove = descriptor_fields, .rows = "M1 M2 H7",
	},
	{
		.section = "W.14", .title = "vm_area_struct",
		.text =
"A region is any part of the address space that has a special rule for the page-fault handlers: a library, "
"the program's text, the stack.  It says: start, end, whose, rights, which file from which offset; and it "
"hangs in a list and in a tree, for a fast search.\n"
"(The page ends by naming books to go on with; Gorman's is the other half of this tour.)",
		.question = "May two regions of a process overlap?",
		.choice = { "yes, the newer one counts", "no", "if both are private" },
		.answer = 2, .why = "no: an address has one rule or none.",
		.prove = region_fields, .rows = "A1 A2 F14",
	},
	{
		.section = "W.15", .title = "The life of a page",
		.text =
"With these structures the kernel manages it all: pages are allocated by faults, freed by munmap "
"or exit, moved by mremap, written to swap and brought back, and at each step the entry says what is.",
		.question = "During its life, how often does a page's address for the program change?",
		.choice = { "with every new frame", "when it is swapped", "only if the program asks (mremap)" },
		.answer = 3, .why = "only if it asks. Frames change behind its back; addresses do not.",
		.prove = life_of_a_page, .rows = "X1 X2 A9 R8 N2 A13",
	},
};
const struct source wiki_user = { "W", WIKI, stops, ARRAY_SIZE(stops) };
