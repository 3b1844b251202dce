/* SPDX-License-Identifier: MIT */
/* Gorman 5.5 to 5.7: exceptions, page faults, and the kernel's hands on a program's memory. */
#include "tour.h"

/* The processor's error code (Intel SDM volume 3, 4.7). */
#define ERR_PRESENT	1u
#define ERR_WRITE	2u
#define ERR_USER	4u

/* ---- 5.5 -------------------------------------------------------------------------- */

static int pipe_ends[2];

static void write_from_nowhere(void)
{
	sys_write(pipe_ends[1], (void *)EMPTY_PLACE, 1);
}

static void signal_line(const char *what, struct caught c, int sig, int code, ulong err)
{
	expect_signal(c, sig, code, "%s", what);
	expect(c.err == err, "the processor's error code, %#lx: %s%s%s", c.err,
	       c.err & ERR_USER ? "a program" : "the kernel", c.err & ERR_WRITE ? " wrote" : " read",
	       c.err & ERR_PRESENT ? ", and the page is present" : ", and no page is present");
}

static void exceptions(void)
{
	ulong p = EMPTY_PLACE, file;
	int fd = scratch_file(1);
	struct caught c = try_access(ACCESS_READ, p);

	signal_line("a read where there is no region", c, SIGSEGV, SEGV_MAPERR, ERR_USER);
	expect_eq(c.addr, p, "the address that the handler is told");
	signal_line("a write to the program's own text", try_access(ACCESS_WRITE, (ulong)exceptions),
		    SIGSEGV, SEGV_ACCERR, ERR_USER | ERR_WRITE | ERR_PRESENT);
	file = (ulong)sys_mmap(NULL, 2 * PAGE_SIZE, PROT_READ, MAP_SHARED, fd, 0);
	signal_line("a read behind the end of a mapped file", try_access(ACCESS_READ, file + PAGE_SIZE),
		    SIGBUS, BUS_ADRERR, ERR_USER);
	if (sys_pipe(pipe_ends))
		lacks("no pipe");
	expect_eq(sys_write(pipe_ends[1], (void *)p, 1), -(long)EFAULT,
		  "write(2) of a byte at that first address: no signal, but an error");
	if (count_alone(NULL, write_from_nowhere))
		expect_eq(grown("fault_fixup"), 1,
			  "faults of the kernel that ended at a fix-up of the exception table");
}

/* ---- 5.6 -------------------------------------------------------------------------- */

/* The lowest address of the stack's region. */
static ulong stack_start(void)
{
	char line[160];

	region_line(task_size() - 1, line, sizeof(line));
	return (ulong)parse_hex(line, NULL);
}

static void page_faulting(void)
{
	ulong start = stack_start();
	struct rlimit limit = { 0, 0 };
	struct faults f;
	char line[160];

	region_line(start, line, sizeof(line));
	note("the stack: %s", line);
	count_begin();
	*(volatile u8 *)(start - 100 * PAGE_SIZE) = 1;
	f = count_end();
	region_line(start, line, sizeof(line));
	note("a write 100 pages below it; now: %s", line);
	expect_eq(stack_start(), start - 100 * PAGE_SIZE, "the stack begins at");
	expect_eq(f.minor, 1, "minor faults: the region grew and the page came in one");
	expect_eq(f.major, 0, "major faults: nothing had to be read");
	expect_eq(pw_entry(0, (void *)(start - 50 * PAGE_SIZE)), 0, "entry half way down");
	sys_getrlimit(3, &limit);
	expect_signal(try_access(ACCESS_WRITE, task_size() - limit.cur - PAGE_SIZE), SIGSEGV,
		      SEGV_MAPERR, "a page more than the limit (%lu MiB) below the top",
		      limit.cur / MiB);
	expect_signal(try_access(ACCESS_READ, 0x10), SIGSEGV, SEGV_MAPERR,
		      "address 0x10, as of a null pointer");
}

/* ---- 5.6.1 ------------------------------------------------------------------------ */

static void handling(void)
{
	volatile u8 *p = fresh(2);
	ulong tables = pages_of("VmPTE:");
	struct pagewalk_walk w;

	pw_walk(p, &w);
	expect_eq(w.depth, BY_MODE(2, 1), "entries that the processor reads before it gives up");
	show_walk(p);
	count_begin();
	p[0] = 1;
	expect_eq(count_end().minor, 1, "faults of a write");
	expect_eq(pages_of("VmPTE:") - tables, BY_MODE(2, 1), "tables that it made");
	show_walk(p);
	p[PAGE_SIZE] = 1;
	expect_eq(pages_of("VmPTE:") - tables, BY_MODE(2, 1),
		  "tables after a write to the next page: it found them");
}

/* ---- 5.6.2 ------------------------------------------------------------------------ */

static volatile u8 *demanded;

static void map_again(void)
{
	sys_munmap((void *)EMPTY_PLACE, 64 * PAGE_SIZE);
	demanded = fresh(64);
}

static void read_then_write(void)
{
	read_pages(demanded, 16);
	write_pages(demanded, 16, 1);
	write_pages(demanded + 16 * PAGE_SIZE, 16, 1);
}

static int use_and_free(int command)
{
	volatile u8 *p = fresh_at(EMPTY_PLACE + 128 * MiB, command);
	int i;

	for (i = 0; i < command; i++)
		memset((void *)(p + i * PAGE_SIZE), 0xaa, PAGE_SIZE);
	return 0;
}

static void demand_allocation(void)
{
	struct child h;
	ulong i, sum = 0;

	if (!count_alone(map_again, read_then_write))
		return;
	note("16 pages are read and then written, 16 others written at once:");
	expect_eq(grown("zero_maps"), 16, "maps of the page of zeroes");
	expect_eq(grown("zero_cows"), 16, "of them replaced at a write");
	expect_eq(grown("anon_new"), 16, "pages that got a frame at their first touch");
	expect_eq(grown("pgfault"), 48, "faults: two for each of the first, one for the others");
	expect_eq(grown("pages_anon"), 32, "frames");
	show_entry("of the first page", 0, demanded);
	helper_start(&h, use_and_free);
	helper_do(&h, 200);
	child_end(&h);
	note("A child has filled 200 pages with 0xaa and ended.  We write to 200 new ones:");
	demanded = fresh_at(EMPTY_PLACE + 64 * MiB, 200);
	write_pages(demanded, 200, 1);
	for (i = 0; i < 200 * PAGE_SIZE; i++)
		sum += demanded[i] != (i % PAGE_SIZE == 0);
	expect_eq(sum, 0, "bytes in them that are anything else than zero or ours");
}

/* ---- 5.6.3 ------------------------------------------------------------------------ */

static void from_a_file(void)
{
	int fd = scratch_file(3);
	volatile u8 *p = sys_mmap(NULL, 3 * PAGE_SIZE, PROT_READ, MAP_PRIVATE, fd, 0);
	struct faults f;

	if (IS_ERR(p))
		lacks("mmap of a file: error %ld", -(long)p);
	sys_madvise((void *)p, 3 * PAGE_SIZE, MADV_RANDOM);	/* no neighbours */
	show_entry("of a file's third page, mapped", 0, p + 2 * PAGE_SIZE);
	count_begin();
	expect_eq(p[2 * PAGE_SIZE], 3, "the byte there");
	f = count_end();
	show_entry("after the touch", 0, p + 2 * PAGE_SIZE);
	expect(f.minor == 1 && f.major == 0, "a minor fault, the page was in the cache: %lu, %lu major",
	       f.minor, f.major);
	expect_eq(pw_entry(0, p), 0, "entry of the first page, which nobody touched");
}

static void from_swap(void)
{
	volatile u8 *p = fresh(1);
	struct faults f;

	p[0] = 77;
	show_entry("of a page of ours", 0, p);
	swap_out(p, 1);
	show_entry("swapped out", 0, p);
	expect(pw_entry(0, p) && !(pw_entry(0, p) & 1), "the entry is neither empty nor present");
	count_begin();
	expect_eq(p[0], 77, "the byte, touched");
	f = count_end();
	show_entry("now", 0, p);
	expect(f.minor == 0 && f.major == 1, "a major fault, it was read: %lu minor, %lu major", f.minor,
	       f.major);
}

static void demand_paging(void)
{
	from_a_file();
	if (have_swap())
		from_swap();
	else
		note("This machine has no swap space (swap=ram would make some), so the other half, a page "
		     "that comes back from it, cannot be shown.");
}

/* ---- 5.6.4 ------------------------------------------------------------------------ */

static volatile u8 *cow;
enum { NOTHING, WRITE, READ };

static int cow_step(int command)
{
	if (command == WRITE)
		cow[0] = 'B';
	return command == READ ? cow[0] : 0;
}

static void copy_on_write(void)
{
	struct child h;
	struct faults f;
	u64 frame;

	cow = fresh(1);
	cow[0] = 'A';
	frame = pw_pfn(cow);
	show_entry("before fork", 0, cow);
	helper_start(&h, cow_step);
	show_entry("after fork, parent", 0, cow);
	show_entry("after fork, child", h.pid, cow);
	expect(!(pw_entry(0, cow) & 2) && !(pw_entry(h.pid, cow) & 2), "neither may write");
	expect_eq(frame_at(cow).mapcount, 2, "entries that name the frame");
	helper_do(&h, WRITE);
	show_entry("after the child's write", h.pid, cow);
	expect(pw_entry(h.pid, cow) >> 12 << 12 != pw_entry(0, cow) >> 12 << 12,
	       "the child has a frame of its own");
	expect(helper_do(&h, READ) == 'B' && cow[0] == 'A', "the child reads B, the parent still A");
	expect_eq(frame_at(cow).mapcount, 1, "entries that name the old frame");
	count_begin();
	cow[0] = 'C';
	f = count_end();
	show_entry("after the parent's write", 0, cow);
	expect_eq(f.minor, 1, "the parent writes too: faults");
	expect_frame(pw_pfn(cow), frame, "the last owner keeps his, nothing is copied");
	child_end(&h);
}

/* ---- 5.7 -------------------------------------------------------------------------- */

static void copying(void)
{
	static u8 text[2 * PAGE_SIZE];
	ulong direct, end;
	volatile u8 *p = fresh(2);
	int fd = scratch_file(2);
	struct faults f;
	u64 zero;

	count_begin();
	expect_eq(sys_pread(fd, (void *)p, 10, 0), 10, "read(2) of 10 bytes into a page that was never touched: read");
	f = count_end();
	expect_eq(f.minor, 1, "faults, made by the kernel and served as if they were ours");
	sys_munmap((void *)(p + PAGE_SIZE), PAGE_SIZE);
	expect_eq(sys_pread(fd, (void *)(p + PAGE_SIZE - 100), 1000, 0), 100,
		  "1000 bytes for a buffer of which only 100 are mapped: read");
	if (window("direct map", &direct, &end))
		expect_eq(sys_pread(fd, (void *)(direct + 16 * MiB), 8, 0), -(long)EFAULT,
			  "into the kernel's memory, which the kernel could write");
	p = fresh_at(EMPTY_PLACE + 64 * MiB, 1);
	(void)p[0];
	zero = pw_pfn(p);
	expect_eq(sys_pread(fd, (void *)p, 1, 0), 1, "read(2) of a byte into the page of zeroes: read");
	expect(pw_pfn(p) != zero && p[0] == 1, "the kernel's own write broke the sharing");
	sys_mprotect((void *)p, PAGE_SIZE, PROT_READ);
	expect_eq(sys_pread(fd, (void *)p, 1, PAGE_SIZE), -(long)EFAULT,
		  "into a page that the program may only read");
	expect_eq(p[0], 1, "it still holds the byte");
	memset(text, 'x', sizeof(text));
	expect_eq(sys_open((char *)text, O_RDONLY, 0), -(long)ENAMETOOLONG,
		  "a name without an end");
}

/* ---- the stops -------------------------------------------------------------------- */

static const struct stop stops[] = {
	{
		.section = "5.5", .title = "Exception Handling",
		.text =
"Addresses of programs can be wrong, and the kernel must survive all of them.  A program's own wrong touch "
"is a page fault that no region allows: it gets a signal.\n"
"It may also pass the wrong address to a system call.  The kernel does not check first whether it is "
"mapped: the few instructions that touch user memory stand in the exception table, each with a fix-up. "
"If such an instruction faults and the fault cannot be served, do_page_fault() goes on at the "
"fix-up, and the call returns EFAULT.  A kernel fault that is in no table is a bug: an oops.",
		.question = "write(2) is called with a bad address. What happens to the program?",
		.choice = { "SIGSEGV", "the call returns EFAULT", "SIGSEGV, but only if nothing handles it" },
		.answer = 2, .why = "EFAULT. The fault happened in the kernel, at an instruction of the table.",
		.prove = exceptions, .rows = "X1 X3 X4 X5 X6 X8 X9",
	},
	{
		.section = "5.6", .title = "Page Faulting",
		.text =
"Not every fault is an error.  Minor: the page is in memory or needs nothing read.  Major: it must be read "
"from a device.  Errors: no region, no right, no page in the file.\n"
"Between them stands the stack: a touch below it, where there is no region, makes it grow.  The book's "
"kernel allows 32 bytes below the stack pointer, because of PUSHA; this one, like today's Linux, "
"anything within the limit, but keeps 256 pages away from what lies below.",
		.question = "Which of these touches is no error?",
		.choice = { "a write to the program's text", "a write 100 pages below the stack",
			    "a read at address 0x10" },
		.answer = 2, .why = "the one below the stack: the region grows down to it.",
		.prove = page_faulting, .rows = "X1 X2 A17 F6",
	},
	{
		.section = "5.6.1", .title = "Handling a Page Fault",
		.text =
"do_page_fault() has found the region and its rights in order.  handle_mm_fault() then goes down the tables and "
"makes those that are missing, pgd, pmd and pte in the book; with two levels only the last one can be "
"missing.\n"
"handle_pte_fault() decides by what the entry holds: nothing: demand allocation, or the file's page. "
"Not present but not empty: swapped out.  Present, but a write is not allowed: copy on write.",
		.question = "The first touch in an empty gigabyte makes how many tables?",
		.choice = { "as many as are missing on the way", "always one", "one for each page of the region" },
		.answer = 1, .why = "those that are missing: two with four levels here, one with two levels.",
		.prove = handling, .rows = "X2 M14",
	},
	{
		.section = "5.6.2", .title = "Demand Allocation",
		.text =
"The first touch of anonymous memory.  A read gets the page of zeroes, read-only: it costs an entry and no "
"frame.  A write to it later, or a write at once, gets a frame, cleared, so that nobody finds "
"what somebody else has left there.",
		.question = "A program reads 16 new pages and then writes to them. How many faults?",
		.choice = { "16", "17", "32" },
		.answer = 3, .why = "32: one each for the page of zeroes, one each to replace it.",
		.prove = demand_allocation, .rows = "N1 N2 N3 N4",
	},
	{
		.section = "5.6.3", .title = "Demand Paging",
		.text =
"The page exists, but elsewhere.  Of a file: vm_ops->fault looks into the page cache; if it "
"is not there, it is read.  Swapped out: the entry is not empty, it names the slot; do_swap_page() looks into the swap cache "
"and then reads it from the device.\n"
"If something was read, the fault counts as major.",
		.question = "How does the kernel know where a swapped page is?",
		.choice = { "the entry says so", "the region says so", "a table by address says so" },
		.answer = 1, .why = "the entry: Present is 0, so the processor leaves all other bits to the kernel.",
		.prove = demand_paging, .rows = "R8 R9 R10 R11 R12 F2 F5 F6",
	},
	{
		.section = "5.6.4", .title = "Copy On Write (COW) Pages",
		.text =
"fork gives the child the same frames, and makes the entries of both read-only, though the region is writable. "
"That contradiction marks a page to be copied on write: whoever writes first faults, and "
"do_wp_page() gives him a copy.\n"
"Who writes when nobody else has the page any more needs no copy: his entry becomes writable again.",
		.question = "After fork the child writes, then the parent, to the same page. How many copies?",
		.choice = { "none", "one", "two" },
		.answer = 2, .why = "one, for the child. Then the parent is alone with the old frame.",
		.prove = copy_on_write, .rows = "N5 N6 N7 N8 N9 N10",
	},
	{
		.section = "5.7", .title = "Copying To/From Userspace",
		.text =
"The kernel reads and writes a program's memory only by copy_from_user(), copy_to_user(), get_user(), "
"put_user() and their kin.  They check that the range lies in the user half, then just do it: absent pages come by "
"faults as always; what cannot be had ends at a fix-up (5.5), which knows how many bytes were left.\n"
"The write-protect bit of CR0 makes the kernel respect read-only entries, so its writes break copy on write too.",
		.question = "read(2) wants to store 1000 bytes, but only the first 100 are mapped. It returns ...",
		.choice = { "EFAULT", "100", "1000, and the rest is lost" },
		.answer = 2, .why = "100. What was copied before the fault counts.",
		.prove = copying, .rows = "X7 X10 X11 X12 X13 N7",
	},
};
const struct source gorman_faults = { "G", GORMAN, stops, ARRAY_SIZE(stops) };
