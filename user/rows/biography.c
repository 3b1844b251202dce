/* SPDX-License-Identifier: MIT */
/*
 * The biography of a frame, as pagewalk --frame tells it, is the history that this program gives
 * it: written, shared by fork, copied for the child, written to by the last owner, swapped out,
 * given to another page, while its contents come back in another frame.  What uses the slot later
 * is none of its business.  Frames, entries, slots and processes are what WALK and /proc say when
 * it happens.  Needs a swap device, /dev/ram0 (swap=ram).
 */
#include "../lib/entry.h"
#include "rows.h"

#define RW		(PROT_READ | PROT_WRITE)
#define MARKS		0x60ull		/* Accessed, Dirty: the processor sets them later */
#define LINES_MAX	24
#define NO_ENTRY	(~0ull)
#define SWAP		"/dev/ram0"

/* What a line must be: who, the text up to the entry, the entry, the text behind it. */
static struct {
	unsigned pid;
	char before[120], behind[40];
	u64 entry;
} lines[LINES_MAX];
static unsigned nr_lines;
static unsigned self;
static u64 start;			/* the last event before the history */
static char text[64 * 1024];

static void expect(unsigned pid, u64 entry, const char *behind, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vsnprintf(lines[nr_lines].before, sizeof(lines[0].before), fmt, args);
	va_end(args);
	lines[nr_lines].pid = pid;
	lines[nr_lines].entry = entry;
	strlcpy(lines[nr_lines++].behind, behind, sizeof(lines[0].behind));
}

/* ---- the history ----------------------------------------------------------------------- */

static volatile u8 *page;

static int write_there(int command)
{
	page[1] = 2;
	return 0;
}

/* What the child does with the page: it has it by fork, then it wants its own. */
static void share(u64 frame)
{
	struct pagewalk_walk w;
	struct child c;

	child_start(&c, write_there);
	CHECK(pw_walk_pid(c.pid, page, &w), "the child has the page");
	expect(self, w.entry[w.levels - 1], ", read-only, dirty", "mapped at %#lx of rows[%u] by fork: entry ",
	       (ulong)page, c.pid);
	CHECK_EQ(w.phys >> 12, frame, "frame that the child has");
	child_do(&c, 0);
	CHECK(pw_walk_pid(c.pid, page, &w), "the child has its copy");
	expect((unsigned)c.pid, NO_ENTRY, "",
	       "copied to frame %#llx, since rows[%u] wrote to %#lx; its entry names the copy now",
	       (unsigned long long)(w.phys >> 12), c.pid, (ulong)page);
	CHECK_EQ(child_end(&c), 0, "wait status of the child");
}

/* Nothing is asked between the page's end and the moment when another one gets the frame. */
static u64 swap_out(volatile u8 *other, u64 frame)
{
	u64 last = pw_entry(0, page), entry, slot;
	unsigned device;

	CHECK_EQ(sys_madvise((void *)page, PAGE_SIZE, MADV_PAGEOUT), 0, "MADV_PAGEOUT");
	other[0] = 3;
	entry = pw_entry(0, page);
	if (!CHECK(entry_swapped(entry, &device, &slot), "entry %#llx names a slot",
		   (unsigned long long)entry))
		return 0;
	expect(self, last, ", writable, dirty", "unmapped at %#lx of rows[%u] by reclaim: entry was ",
	       (ulong)page, self);
	expect(self, NO_ENTRY, "", "written to slot %llu of swap device %u", (unsigned long long)slot,
	       device);
	expect(self, NO_ENTRY, "", "reclaimed");
	expect(self, NO_ENTRY, "", "freed; it was anonymous");
	expect(self, NO_ENTRY, "", "allocated: anonymous");
	CHECK_EQ(pw_pfn(other), frame, "frame of the page that was touched next");
	expect(self, pw_entry(0, other), ", writable, dirty", "mapped at %#lx of rows[%u]: entry ",
	       (ulong)other, self);
	CHECK_EQ(page[1], 1, "the byte that was written");
	expect(self, NO_ENTRY, "",
	       "its contents, from slot %llu of swap device %u, come back in frame %#llx",
	       (unsigned long long)slot, device, (unsigned long long)pw_pfn(page));
	return slot;
}

/* The next slot is its first one. */
static void use_swap_anew(void)
{
	CHECK_EQ(syscall1(__NR_swapoff, (long)SWAP), 0, "swapoff " SWAP);
	CHECK_EQ(syscall2(__NR_swapon, (long)SWAP, 0), 0, "swapon " SWAP);
}

/* Another page goes to the same slot and comes back. */
static void slot_again(volatile u8 *another, u64 slot)
{
	unsigned device;
	u64 now = 0;

	use_swap_anew();
	CHECK_EQ(sys_madvise((void *)another, PAGE_SIZE, MADV_PAGEOUT), 0, "MADV_PAGEOUT");
	entry_swapped(pw_entry(0, another), &device, &now);
	CHECK_EQ(now, slot, "slot of another page");
	CHECK_EQ(another[0], 4, "what that page has");
}

static u64 history(volatile u8 *other, volatile u8 *another)
{
	u64 frame;

	page[0] = 1;
	frame = pw_pfn(page);
	expect(self, NO_ENTRY, "", "allocated: anonymous");
	expect(self, pw_entry(0, page), ", writable, dirty", "mapped at %#lx of rows[%u]: entry ",
	       (ulong)page, self);
	share(frame);
	page[1] = 1;
	CHECK_EQ(pw_pfn(page), frame, "frame of its last owner");
	expect(self, pw_entry(0, page), ", writable, dirty",
	       "written to at %#lx of rows[%u], its only owner or all share it: entry ", (ulong)page,
	       self);
	slot_again(another, swap_out(other, frame));
	return frame;
}

/* ---- what is told ------------------------------------------------------------------------ */

/* "  #SEQ  TIME s  rows[PID]  TEXT": the text, or NULL. */
static const char *skip_prefix(const char *line, unsigned pid)
{
	char who[24];
	const char *p;

	snprintf(who, sizeof(who), " s  rows[%u]  ", pid);
	p = strstr(line, who);
	return strncmp(line, "  #", 3) == 0 && p ? p + strlen(who) : NULL;
}

static void judge(unsigned i, char *line)
{
	const char *p = skip_prefix(line, lines[i].pid);
	size_t n = strlen(lines[i].before);

	if (!CHECK(p && strncmp(p, lines[i].before, n) == 0, "line %u is \"%s\", expected \"rows[%u]  %s\"",
		   i, line, lines[i].pid, lines[i].before))
		return;
	p += n;
	if (lines[i].entry != NO_ENTRY)
		CHECK_EQ(parse_u64(p, &p) & ~MARKS, lines[i].entry & ~MARKS, "line %u: entry", i);
	CHECK(strcmp(p, lines[i].behind) == 0, "line %u ends with \"%s\", expected \"%s\"", i, p,
	      lines[i].behind);
}

/* Of a life that the frame has had before. */
static bool is_earlier(const char *line)
{
	return strncmp(line, "  #", 3) == 0 && parse_u64(line + 3, NULL) <= start;
}

static void judge_all(void)
{
	char *p = strstr(text, "what became of it"), *end;
	unsigned i = 0;

	if (!CHECK(p != NULL, "pagewalk says nothing of what became of it"))
		return;
	for (p = strchr(p, '\n'); p && p[1]; p = end) {
		end = strchr(p + 1, '\n');
		if (is_earlier(p + 1))
			continue;
		if (end)
			*end = '\0';
		if (i < nr_lines)
			judge(i, p + 1);
		i++;
		if (end)
			*end = '\n';
	}
	CHECK_EQ(i, nr_lines, "lines of the biography");
}

static void biography(void)
{
	volatile u8 *other, *another;
	char frame[24], line[80];
	const char *const argv[] = { "/bin/pagewalk", "--frame", frame, NULL };
	u64 pfn;

	self = (unsigned)sys_getpid();
	other = map_at(EMPTY_PLACE, 2 * PAGE_SIZE, RW);
	page = map_at(EMPTY_PLACE + 16 * PAGE_SIZE, 2 * PAGE_SIZE, RW);
	another = map_at(EMPTY_PLACE + 32 * PAGE_SIZE, PAGE_SIZE, RW);
	other[PAGE_SIZE] = page[PAGE_SIZE] = 1;		/* the table is there */
	another[0] = 4;
	sys_madvise((void *)other, 2 * PAGE_SIZE, MADV_DONTFORK);
	sys_madvise((void *)another, PAGE_SIZE, MADV_DONTFORK);
	use_swap_anew();
	CHECK_EQ(pw_knob("trace=1"), 0, "knob trace=1");
	start = pw_trace_seq();
	pfn = history(other, another);
	snprintf(frame, sizeof(frame), "%#llx", (unsigned long long)pfn);
	CHECK_EQ(run_captured(argv, text, sizeof(text)), 0, "wait status of pagewalk");
	CHECK_EQ(pw_knob("trace=0"), 0, "knob trace=0");
	CHECK(strstr(text, "reverse mapping finds 1 entry that names it") != NULL, "one entry is found");
	snprintf(line, sizeof(line), "  rows[%u] at %#lx in anonymous, entry ", self, (ulong)other);
	CHECK(strstr(text, line) != NULL, "pagewalk has no line \"%s\"", line);
	CHECK(strstr(text, "a scan of all tables finds the same\n") != NULL, "the scan finds the same");
	judge_all();
	CHECK_INFO("frame %#llx: %u events, as they were made", (unsigned long long)pfn, nr_lines);
}
TEST(BIOGRAPHY, biography);
