/* SPDX-License-Identifier: MIT */
/*
 * /bin/riel: contents are pageable, frames are not.
 *
 * riel's example: the page at 120 MB of a heap lies in the frame at 400 MB and is swapped out.
 * The kernel's address for the frame leads to it as before, only somebody else's contents are
 * there; touched, the page is back in another frame.  Step by step, with the numbers of this
 * machine; each sentence is checked before it is said.
 *
 * As row R10 (an argument: "low" or "high") the kernel is asked for what only it can see: its
 * address for the frame, and what it reads there.
 */
#include "lib/check.h"
#include "lib/entry.h"
#include "lib/pagewalk.h"

#define MiB		(1024ul * 1024)
#define HUNT		512u		/* pages, one of which gets the frame */
#define RW		(PROT_READ | PROT_WRITE)
#define OTHER		0xee

static const char text_of_page[] = "this page is at 120 MB of a heap";
static bool as_row;

/* In the middle of a heap that is otherwise untouched; of a small one if memory is short. */
static volatile u8 *page_of_heap(void)
{
	char *heap = sys_brk(NULL);
	ulong at = 120 * MiB;

	if ((char *)sys_brk(heap + at + 2 * PAGE_SIZE) != heap + at + 2 * PAGE_SIZE) {
		at = 12 * MiB;
		CHECK((char *)sys_brk(heap + at + 2 * PAGE_SIZE) == heap + at + 2 * PAGE_SIZE,
		      "a heap of 12 MB");
	}
	printf("1. a heap of %lu MB from %p on: nothing but address space\n", at / MiB, heap);
	return (u8 *)(((ulong)heap + at) & -(ulong)PAGE_SIZE);
}

static void ask(const char *what, u64 number)
{
	char knob[48];

	snprintf(knob, sizeof(knob), "swap=%s:%llx", what, (unsigned long long)number);
	CHECK_EQ(pw_knob(knob), 0, "knob %s", knob);
}

/* What the kernel reads at its address for the frame: 8 bytes. */
static u64 peek(u64 frame)
{
	u64 arg = frame;

	ask("peek", (ulong)&arg);
	return arg;
}

static u64 first_word(const volatile u8 *p)
{
	u64 word;

	memcpy(&word, (const void *)p, sizeof(word));
	return word;
}

/* A high frame has no address in the kernel; another has the same one all the time. */
static void look_at_frame(u64 frame, bool high, u64 contents)
{
	if (!as_row)
		return;
	ask(high ? "nowhere" : "direct", frame);
	if (high)
		printf("   no kernel address leads to this frame: it is high memory\n");
	else if (CHECK_EQ(peek(frame), contents, "what the kernel reads in frame %#llx",
			  (unsigned long long)frame))
		printf("   the kernel's address for it leads to frame %#llx, there it reads %016llx\n",
		       (unsigned long long)frame, (unsigned long long)contents);
}

/* Others touch pages until one of them gets the frame; its address. */
static volatile u8 *give_to_others(volatile u8 *others, u64 frame)
{
	unsigned i;

	for (i = 1; i < HUNT - 1; i++) {
		memset((void *)(others + i * PAGE_SIZE), OTHER, PAGE_SIZE);
		if (pw_pfn(others + i * PAGE_SIZE) == frame)
			return others + i * PAGE_SIZE;
	}
	return NULL;
}

static void story(void)
{
	volatile u8 *others = sys_mmap(NULL, HUNT * PAGE_SIZE, RW, MAP_PRIVATE | MAP_ANONYMOUS, -1,
				       0), *p, *q;
	static u8 copy[PAGE_SIZE];
	struct pagewalk_frame f;
	u64 frame, entry, majors, slot;
	unsigned i, device;
	bool high;

	/* The tables of what comes later are there, so that none of them gets the frame. */
	others[0] = others[(HUNT - 1) * PAGE_SIZE] = OTHER;
	p = page_of_heap();
	for (i = 0; i < PAGE_SIZE; i++)
		copy[i] = (u8)(i < sizeof(text_of_page) ? text_of_page[i] : i * 7);
	memcpy((void *)p, copy, PAGE_SIZE);
	frame = pw_pfn(p);
	pw_frame(frame, &f);
	high = f.zone == 3;
	printf("2. the page at %p is written: frame %#llx, at %llu MB of RAM; its entry is %#llx\n", p,
	       (unsigned long long)frame, (unsigned long long)frame >> 8,
	       (unsigned long long)pw_entry(0, p));
	CHECK(frame && pw_entry(0, p) & 1, "the page is present");
	look_at_frame(frame, high, first_word(copy));

	CHECK_EQ(sys_madvise((void *)p, PAGE_SIZE, MADV_PAGEOUT), 0, "MADV_PAGEOUT");
	entry = pw_entry(0, p);
	CHECK(entry_swapped(entry, &device, &slot), "the entry is a swap entry: %#llx",
	      (unsigned long long)entry);
	printf("3. it is swapped out; its entry, %#llx, names a slot and no frame\n",
	       (unsigned long long)entry);
	pw_frame(frame, &f);
	CHECK_EQ(f.type, PAGEWALK_FRAME_FREE, "type of the frame: free");

	q = give_to_others(others, frame);
	if (!CHECK(q != NULL, "the frame has gone to another page"))
		return;
	printf("4. frame %#llx is free, and soon given to another page, at %p, full of %x\n",
	       (unsigned long long)frame, q, OTHER);
	look_at_frame(frame, high, first_word(q));
	CHECK_EQ(pw_entry(0, p), entry, "the entry of the page that is out");

	majors = pw_counter("pgmajfault");
	CHECK_EQ(p[0], text_of_page[0], "the first byte of the page");
	CHECK_EQ(pw_counter("pgmajfault") - majors, 1, "major faults");
	CHECK(pw_pfn(p) && pw_pfn(p) != frame, "it is in another frame");
	printf("5. it is touched: one major fault, and it is back, in frame %#llx: \"%s\"\n",
	       (unsigned long long)pw_pfn(p), (const char *)p);
	CHECK_EQ(memcmp((const void *)p, copy, PAGE_SIZE), 0, "byte for byte what it was");
	CHECK_EQ(pw_pfn(q), frame, "and the other page is where it was");
	CHECK_EQ(q[PAGE_SIZE - 1], OTHER, "with its own contents");
	CHECK_INFO("%s frame %#llx: out, given to others, back in frame %#llx", high ? "high" : "low",
		   (unsigned long long)frame, (unsigned long long)pw_pfn(p));
}

int main(int argc, char **argv, char **envp)
{
	struct pagewalk_frame f;
	volatile u8 probe = 0;

	as_row = argc > 1;
	if (!as_row && !pw_field("/proc/meminfo", "SwapTotal:")) {
		printf("there is no swap device; boot with swap=ram, for instance\n");
		return 1;
	}
	story();
	pw_frame(pw_pfn(&probe), &f);
	if (as_row)
		CHECK_EQ(f.zone == 3, !strcmp(argv[1], "high"), "frames are %s", argv[1]);
	return check_result();
}
