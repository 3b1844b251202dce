/* SPDX-License-Identifier: MIT */
/* Gorman 5.4 to 5.4.6: regions, and how they are made, found, placed, linked and merged. */
#include "tour.h"

#define ANON	(MAP_PRIVATE | MAP_ANONYMOUS)

/* ---- 5.4 -------------------------------------------------------------------------- */

static void regions(void)
{
	volatile u8 *p = fresh(4);

	show_regions("four pages, one rule", p, 4 * PAGE_SIZE);
	expect_eq(regions_in(p, 4 * PAGE_SIZE), 1, "regions");
	expect_eq(sys_mprotect((void *)(p + PAGE_SIZE), PAGE_SIZE, PROT_READ), 0,
		  "mprotect: the second page becomes read-only");
	show_regions("now", p, 4 * PAGE_SIZE);
	expect_eq(regions_in(p, 4 * PAGE_SIZE), 3, "regions");
	expect_eq(pw_entry(0, p), 0, "entries of the first page, which was never touched");
}

/* ---- 5.4.1 ------------------------------------------------------------------------ */

static volatile u8 *map_file(int fd, ulong pages, int prot, int flags)
{
	void *p = sys_mmap(NULL, pages * PAGE_SIZE, prot, flags, fd, 0);

	if (IS_ERR(p))
		lacks("mmap of a file: error %ld", -(long)p);
	return p;
}

static void device_region(void)
{
	int fd = (int)sys_open("/dev/fb0", O_RDWR, 0);
	struct pagewalk_frame f;
	volatile u8 *p;

	p = fd < 0 ? (volatile u8 *)(long)fd :
	    sys_mmap(NULL, PAGE_SIZE, PROT_READ, MAP_SHARED, fd, 0);
	if (IS_ERR(p)) {
		note("No frame buffer can be mapped here; else its region would name a device's memory.");
		return;
	}
	(void)*p;
	f = frame_at(p);
	show_entry("of the frame buffer's first page", 0, p);
	expect(f.type == PAGEWALK_FRAME_ABSENT || f.type == PAGEWALK_FRAME_RESERVED,
	       "no RAM that could be given to anybody is behind it");
}

static void file_regions(void)
{
	int fd = scratch_file(2);
	volatile u8 *a = map_file(fd, 2, PROT_READ, MAP_PRIVATE);
	volatile u8 *b = map_file(fd, 2, PROT_READ, MAP_SHARED), *anon = fresh(1);

	expect_eq(a[0], 1, "first byte of the file, by one map of it");
	expect_eq(b[0], 1, "by the other");
	show_entry("of the private map", 0, a);
	show_entry("of the shared map", 0, b);
	expect_frame(pw_pfn(b), pw_pfn(a), "the same one");
	expect_type(a, PAGEWALK_FRAME_FILE, "a page of a file");
	expect_eq(frame_at(a).mapcount, 2, "entries that name it");
	anon[0] = 1;
	expect_type(anon, PAGEWALK_FRAME_ANON, "a page without a file");
	device_region();
}

/* ---- 5.4.2 ------------------------------------------------------------------------ */

static void creating(void)
{
	int fd = (int)sys_open("/bin/tour", O_RDONLY, 0);
	volatile u8 *p = fresh(1);

	expect_eq(sys_mmap(NULL, 0, RW, ANON, -1, 0), (ulong)-EINVAL, "no length");
	expect_eq(sys_mmap(NULL, 1, RW, MAP_ANONYMOUS, -1, 0), (ulong)-EINVAL,
		  "neither private nor shared");
	expect_eq(sys_mmap((void *)(p + 1), 1, RW, ANON | MAP_FIXED, -1, 0), (ulong)-EINVAL,
		  "a fixed address inside a page");
	expect_eq(sys_mmap(NULL, 1, RW, MAP_PRIVATE, 999, 0), (ulong)-EBADF, "no such file");
	expect_eq(sys_mmap(NULL, 1, RW, MAP_SHARED, fd, 0), (ulong)-EACCES,
		  "to write to a file that is open for reading");
	expect_eq(sys_mmap(NULL, ~0ul - PAGE_SIZE, RW, ANON, -1, 0), (ulong)-ENOMEM,
		  "more than there are addresses");
	p = sys_mmap(NULL, 1, RW, ANON, -1, 0);
	expect_eq((ulong)p % PAGE_SIZE, 0, "one byte is granted, at the start of a page: offset");
	show_regions("its region", p, 1);
	p[PAGE_SIZE - 1] = 1;
	expect_eq(p[PAGE_SIZE - 1], 1, "and the whole page may be used: its last byte");
}

/* ---- 5.4.3 ------------------------------------------------------------------------ */

static volatile u8 *looked;

static void look_again(void)
{
	sys_munmap((void *)EMPTY_PLACE, 64 * PAGE_SIZE);
	looked = fresh(64);
	looked[0] = 1;
}

static void touch_sixteen(void)
{
	write_pages(looked + PAGE_SIZE, 16, 1);
}

static void finding(void)
{
	volatile u8 *p = fresh(3);
	u8 in_core;

	sys_munmap((void *)(p + PAGE_SIZE), PAGE_SIZE);
	expect_eq(sys_mincore((void *)p, PAGE_SIZE, &in_core), 0, "mincore of a page in a region");
	expect_eq(sys_mincore((void *)(p + PAGE_SIZE), PAGE_SIZE, &in_core), -(long)ENOMEM,
		  "mincore of a page in a hole: what find_vma() finds begins behind it");
	sys_munmap((void *)p, 3 * PAGE_SIZE);
	if (!count_alone(look_again, touch_sixteen))
		return;
	expect_eq(grown("vma_finds"), 16, "calls of find_vma() by 16 faults in one region");
	expect_eq(grown("vma_cache_hits"), 16, "answered by mmap_cache");
	expect_eq(grown("vma_steps"), 0, "nodes of the tree visited");
}

/* ---- 5.4.4 ------------------------------------------------------------------------ */

static void free_place(void)
{
	volatile u8 *p = sys_mmap(NULL, 5 * PAGE_SIZE, PROT_READ, ANON, -1, 0), *q;

	note("five pages without a wish: placed at %p, top down from below the stack", (void *)p);
	sys_munmap((void *)(p + PAGE_SIZE), PAGE_SIZE);
	note("the second page is unmapped: a hole of one page at %p", (void *)(p + PAGE_SIZE));
	q = sys_mmap(NULL, 2 * PAGE_SIZE, RW, ANON, -1, 0);
	expect_eq(q + 2 * PAGE_SIZE, (ulong)p, "two pages do not fit there, they go below the five: end");
	q = sys_mmap(NULL, PAGE_SIZE, RW, ANON, -1, 0);
	expect_eq(q, (ulong)p + PAGE_SIZE, "one page does: it goes into the hole, at");
	q = sys_mmap((void *)EMPTY_PLACE, PAGE_SIZE, RW, ANON, -1, 0);
	expect_eq(q, EMPTY_PLACE, "a wish that can be fulfilled is: at");
	q = sys_mmap((void *)EMPTY_PLACE, PAGE_SIZE, PROT_READ, ANON, -1, 0);
	expect(q != (volatile u8 *)EMPTY_PLACE, "the same wish again is not: %p", (void *)q);
	q = sys_mmap((void *)EMPTY_PLACE, PAGE_SIZE, PROT_READ, ANON | MAP_FIXED, -1, 0);
	expect_eq(q, EMPTY_PLACE, "but MAP_FIXED takes the place of what was there: at");
}

/* ---- 5.4.5 ------------------------------------------------------------------------ */

#define MANY		512
#define STRIDE		(2 * PAGE_SIZE)

static volatile u8 *many;

static void touch_far_apart(void)
{
	unsigned i;

	for (i = 0; i < 16; i++)
		(void)many[(i * 331 + 17) % MANY * STRIDE];
}

static void map_many(void)
{
	unsigned i;

	sys_munmap((void *)EMPTY_PLACE, MANY * STRIDE);
	many = (volatile u8 *)EMPTY_PLACE;
	for (i = 0; i < MANY; i++)
		fresh_at(EMPTY_PLACE + (i * 331) % MANY * STRIDE, 1);
}

static void inserting(void)
{
	map_many();
	expect_eq(regions_in(many, MANY * STRIDE), MANY,
		  "regions made in a mixed order; maps has them by address");
	if (!count_alone(map_many, touch_far_apart))
		return;
	expect_eq(grown("vma_finds"), 16, "regions looked up, far apart");
	expect(grown("vma_steps") <= 16 * 20, "nodes visited for all 16: %lld, no more than 20 each",
	       (long long)grown("vma_steps"));
}

/* ---- 5.4.6 ------------------------------------------------------------------------ */

static void merging(void)
{
	ulong at = EMPTY_PLACE;
	volatile u8 *p = fresh_at(at, 1);
	int fd = scratch_file(4);
	void *fixed;

	fresh_at(at + 2 * PAGE_SIZE, 1);
	expect_eq(regions_in(p, 3 * PAGE_SIZE), 2, "regions: two pages and a hole between them");
	fresh_at(at + PAGE_SIZE, 1);
	expect_eq(regions_in(p, 3 * PAGE_SIZE), 1, "the hole is filled: regions");
	fixed = sys_mmap((void *)(at + 3 * PAGE_SIZE), PAGE_SIZE, PROT_READ, ANON | MAP_FIXED, -1,
			 0);
	expect_eq(fixed, at + 3 * PAGE_SIZE, "a page behind it with other rights: at");
	expect_eq(regions_in(p, 4 * PAGE_SIZE), 2, "other rights: regions");
	sys_munmap((void *)p, 4 * PAGE_SIZE);
	sys_mmap((void *)at, PAGE_SIZE, PROT_READ, MAP_SHARED | MAP_FIXED, fd, 0);
	sys_mmap((void *)(at + PAGE_SIZE), PAGE_SIZE, PROT_READ, MAP_SHARED | MAP_FIXED, fd,
		 PAGE_SIZE);
	expect_eq(regions_in(p, 2 * PAGE_SIZE), 1, "pages 0 and 1 of a file side by side: regions");
	sys_mmap((void *)(at + 2 * PAGE_SIZE), PAGE_SIZE, PROT_READ, MAP_SHARED | MAP_FIXED, fd, 0);
	expect_eq(regions_in(p, 3 * PAGE_SIZE), 2, "and page 0 once more behind them: regions");
}

/* ---- the stops -------------------------------------------------------------------- */

static const struct stop stops[] = {
	{
		.section = "5.4", .title = "Memory Regions",
		.text =
"A program uses little of its address space, in pieces: regions.  A vm_area_struct stands for a range of "
"addresses with one rule: from where to where, with what rights, private or shared, and which file's "
"pages from which offset, or none.  /proc/PID/maps is the list of them.\n"
"A region says what may be there, the page table what is there.  A fault asks the region first.",
		.question = "Four writable pages are one region; the second becomes read-only. How many regions?",
		.choice = { "still one: rights stand in the page table", "two", "three" },
		.answer = 3, .why = "three. A region has one rule, so it is cut: before, the page, behind.",
		.prove = regions, .rows = "A1 A2 A20",
	},
	{
		.section = "5.4.1", .title = "File/Device backed memory regions",
		.text =
"A region has methods: vm_ops with open, close, and fault, which finds the page for an address.  Those "
"of a file look in its address_space, the cache of the file's pages: one frame for each page, "
"however many regions map it.  A region without methods is anonymous.\n"
"A device may offer memory of its own, as the frame buffer does: then the entries name frames that are no RAM, "
"and nobody counts or swaps them.",
		.question = "Two regions, one private, one shared, map a page of a file and read it. How many frames?",
		.choice = { "one", "two", "three: each region has one, the cache too" },
		.answer = 1, .why = "one, the page cache's. A private map gets a copy when it is written to.",
		.prove = file_regions, .rows = "A19 F12 F13",
	},
	{
		.section = "5.4.2", .title = "Creating A Memory Region",
		.text =
"mmap comes down to do_mmap(): check what is asked for, find a place (5.4.4), unmap what is there "
"if the address is fixed, look at limits and promises, try to merge (5.4.6), and only else make a new "
"vm_area_struct, tell the file, and link it (5.4.5).\n"
"Most of it is saying no: each kind of nonsense has its own error, and nothing has changed when it is given.",
		.question = "mmap is asked for one byte. What does the program get?",
		.choice = { "EINVAL, one byte is no page", "a page", "a byte; the next one faults" },
		.answer = 2, .why = "a page. Regions begin and end at pages; the length is rounded up.",
		.prove = creating, .rows = "A3",
	},
	{
		.section = "5.4.3", .title = "Finding a Mapped Memory Region",
		.text =
"find_vma(mm, address) gives the first region that ends above the address.  It may begin above it "
"too: then the address lies in a hole, and the caller has to look.  Faults ask it first of all.\n"
"Programs stay where they are for a while, so the answer is kept in mm->mmap_cache and tried before "
"the tree is searched.  find_vma_prev() also gives the region before.",
		.question = "The address lies in a hole between two regions. What does find_vma() return?",
		.choice = { "NULL", "the region below the hole", "the region above the hole" },
		.answer = 3, .why = "the region above: the first whose end is higher. NULL means that none is above.",
		.prove = finding, .rows = "A4 A5",
	},
	{
		.section = "5.4.4", .title = "Finding a Free Memory Region",
		.text =
"If mmap gets no address, get_unmapped_area() looks for a gap that is large enough.  The book's kernel "
"goes upwards from a third of the address space; here, as in today's Linux, the search goes "
"downwards from below the stack.  Each node of the tree knows the largest gap under it, so "
"a search takes a few steps, not a walk over all regions.\n"
"An address without MAP_FIXED is a wish, with MAP_FIXED an order: what is there is unmapped first.",
		.question = "MAP_FIXED names a place where something is mapped already. What happens?",
		.choice = { "the old region is replaced", "EEXIST", "the next free place is taken" },
		.answer = 1, .why = "it is replaced. MAP_FIXED_NOREPLACE is for those who would rather get EEXIST.",
		.prove = free_place, .rows = "A6",
	},
	{
		.section = "5.4.5", .title = "Inserting a memory region",
		.text =
"A new region is linked three times: into the list by address, for those who walk over all; into "
"the red-black tree, for those who look for one; and if it maps a file, into the file's own "
"tree of regions, for those who start from a page.  The book's find_vma_prepare() finds the places in list "
"and tree in one go.",
		.question = "One region of 512 is looked up. About how many nodes of the tree are visited?",
		.choice = { "10", "256", "512" },
		.answer = 1, .why = "about 10: a red-black tree of 512 is no deeper than twice the logarithm.",
		.prove = inserting, .rows = "A2 A7 F12",
	},
	{
		.section = "5.4.6", .title = "Merging contiguous regions",
		.text =
"Two regions that touch and have the same rule may be one.  Whenever one is made, changed or moved, its neighbours "
"are tried: same rights, same file, and offsets that go on.  So a heap that grows "
"page by page stays one region.\n"
"The book's kernel merges in a few places, this one everywhere, also after mprotect, mremap and munlock.",
		.question = "Page 0 of a file is mapped directly behind page 1 of it, same rights. One region?",
		.choice = { "yes: same file, same rights", "no: the offsets do not go on", "only if both are private" },
		.answer = 2, .why = "no. One region has one offset for all of its pages.",
		.prove = merging, .rows = "A8",
	},
};
const struct source gorman_regions = { "G", GORMAN, stops, ARRAY_SIZE(stops) };
