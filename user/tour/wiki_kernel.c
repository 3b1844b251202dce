/* SPDX-License-Identifier: MIT */
/* LinuxMM wiki, "VirtualMemory": what it is, and the kernel's own tables (W.1 to W.11). */
#include "tour.h"

/* ---- W.1 -------------------------------------------------------------------------- */

static volatile u8 *page;

static int write_there(int command)
{
	page[0] = (u8)command;
	return page[0];
}

static u64 pagemap(const volatile void *p)
{
	int fd = (int)sys_open("/proc/self/pagemap", O_RDONLY, 0);
	u64 word = 0;

	sys_pread(fd, &word, sizeof(word), (ulong)p / PAGE_SIZE * 8);
	sys_close(fd);
	return word;
}

static void lookup(void)
{
	struct pagewalk_walk mine, theirs;
	struct child h;

	page = fresh(1);
	page[0] = 1;
	show_walk(page);
	pw_walk(page, &mine);
	note("the last entry names frame %#llx: the byte is at %#llx in RAM",
	     (unsigned long long)mine.phys >> 12, (unsigned long long)mine.phys);
	expect_frame(pagemap(page) & ((1ull << 55) - 1), mine.phys >> 12,
		     "the kernel's own view (/proc/self/pagemap)");
	helper_start(&h, write_there);
	expect_eq(helper_do(&h, 2), 2, "a child writes 2 to the same address and reads it: value");
	pw_walk_pid(h.pid, page, &theirs);
	expect(theirs.phys != mine.phys, "its lookup ends elsewhere: at %#llx in RAM",
	       (unsigned long long)theirs.phys);
	expect_eq(page[0], 1, "what we read there");
	child_end(&h);
}

/* ---- W.2 -------------------------------------------------------------------------- */

static void not_swap(void)
{
	volatile u8 *p = fresh(8);
	struct faults f;

	count_begin();
	write_pages(p, 8, 3);
	expect_eq(read_pages(p, 8), 24, "8 pages are written and read: sum");
	f = count_end();
	expect_eq(f.minor, 8, "minor faults");
	expect_eq(f.major, 0, "major faults: nothing was read from anywhere");
	expect_eq(pages_of("VmSwap:"), 0, "pages of this program that are swapped out");
	note("%s", have_swap() ? "This machine has swap space too; it is another matter (K.4)." :
	     "This machine has no swap space at all, and every address is translated all the same.");
}

/* ---- W.3 -------------------------------------------------------------------------- */

static void table_and_flag(void)
{
	struct pagewalk_walk w;
	struct pagewalk_frame f;
	u64 cr3 = pw_cr3();
	unsigned i, wrong = 0;

	pw_walk((void *)table_and_flag, &w);
	note("CR3 holds %#llx", (unsigned long long)cr3);
	expect_eq(cr3, (u64)pw_field("/proc/pagewalk/cr3", "pgd "), "what the mm_struct says: pgd");
	expect_frame(w.table[0], cr3 >> 12, "where the walk of an address begins");
	for (i = 0; i < w.depth; i++) {
		pw_frame(w.table[i], &f);
		wrong += f.type != PAGEWALK_FRAME_TABLE;
	}
	expect_eq(wrong, 0, "frames on the way that are no page tables");
	expect_eq(w.depth, BY_MODE(4, 2), "tables on the way");
	note(BY_MODE("The flag is CR0.PG; long mode cannot run without it, so this mode replaced the firmware's "
		     "tables by its own.",
		     "The flag is CR0.PG; this mode has switched it off to leave the firmware's tables, and on "
		     "with its own."));
}

/* ---- W.4 -------------------------------------------------------------------------- */

static void provisional(void)
{
	struct pagewalk_walk w;
	unsigned i, present = 0;
	ulong from, to;

	for (i = 0; i < 64; i++)
		present += kernel_walk(i * MiB, &w) != 0;
	expect_eq(present, 0, "of the first 64 MiB, a page in each, mapped in the kernel's tables");
	if (window("kernel image", &from, &to)) {
		kernel_walk(from, &w);
		expect(w.flags & PAGEWALK_PRESENT, "the high address of the image stayed: %#lx is frame %#llx",
		       from, (unsigned long long)w.phys >> 12);
	}
	expect_signal(try_access(ACCESS_READ, 0), SIGSEGV, SEGV_MAPERR, "a program reads address 0");
}

/* ---- W.5 -------------------------------------------------------------------------- */

static void widths(void)
{
	volatile u8 *p = fresh(1);
	struct pagewalk_walk w;

	p[0] = 0xc3;			/* RET */
	pw_walk(p, &w);
	expect_eq(w.levels, BY_MODE(4, 2), "levels");
	expect_eq(sizeof(long), BY_MODE(8, 4), "bytes of an entry");
	note("so a table of 4096 bytes has %u entries, and an address is split %s",
	     BY_MODE(512, 1024), BY_MODE("9 + 9 + 9 + 9 + 12 bits", "10 + 10 + 12 bits"));
	show_entry("of a data page", 0, p);
	if (w.flags & PAGEWALK_EXEC)
		expect_signal(try_access(ACCESS_JUMP, (ulong)p), 0, 0,
			      "a jump there, which no bit of the entry forbids");
	else
		expect_signal(try_access(ACCESS_JUMP, (ulong)p), SIGSEGV, SEGV_ACCERR,
			      "a jump there, which the entry forbids");
}

/* ---- W.6 -------------------------------------------------------------------------- */

#define BATCH	256

static ulong high_frames(void)
{
	static struct pagewalk_frame f[BATCH];
	int fd = (int)sys_open("/proc/pagewalk/frames", O_RDONLY, 0);
	ulong n = 0, high = 0;
	long got, i;

	if (fd < 0)
		lacks("/proc/pagewalk/frames: error %d", -fd);
	while ((got = sys_pread(fd, f, sizeof(f), (u64)n * sizeof(f[0]))) > 0) {
		got /= (long)sizeof(f[0]);
		for (i = 0; i < got; i++)
			high += f[i].zone == 3 && f[i].type != PAGEWALK_FRAME_ABSENT &&
				f[i].type != PAGEWALK_FRAME_RESERVED;
		n += (ulong)got;
	}
	sys_close(fd);
	return high;
}

static void map_page(void)
{
	sys_munmap((void *)EMPTY_PLACE, 64 * PAGE_SIZE);
	page = fresh(64);
	page[0] = 1;
}

static void write_eight(void)
{
	write_pages(page + PAGE_SIZE, 8, 1);
}

/* A slot for each high page that is cleared, and for the page table if that is high. */
static ulong slots_for_eight(void)
{
	struct pagewalk_frame table;
	struct pagewalk_walk w;
	ulong i, n = 0;

	for (i = 1; i <= 8; i++) {
		pw_walk(page + i * PAGE_SIZE, &w);
		pw_frame(w.table[w.depth - 1], &table);
		n += frame_at(page + i * PAGE_SIZE).zone == 3;
		n += table.zone == 3;
	}
	return n;
}

static void high_memory(void)
{
	s64 total = pw_field("/proc/meminfo", "HighTotal:") / 4;
	struct pagewalk_walk w;
	ulong from, to;

	if (!window("direct map", &from, &to))
		lacks("/proc/pagewalk/windows has no direct map");
	note("direct map: %lx-%lx, %lu MiB; high memory: %lld pages", from, to, (to - from) / MiB,
	     (long long)total);
	expect_eq(kernel_walk(to, &w), 0, "what is mapped directly behind it");
	expect_eq(high_frames(), total, "frames of RAM in the zone of high memory");
	if (count_alone(map_page, write_eight))
		expect_eq(grown("kmap_local_maps"), slots_for_eight(),
			  "slots used to clear 8 new pages: %s", total ? "each that is high, and each look "
			  "at a table that is" : "all have an address already");
}

/* ---- W.7 -------------------------------------------------------------------------- */

static void swapper(void)
{
	u64 pgd = (u64)pw_field("/proc/pagewalk/cr3", "kernel_pgd ");
	struct pagewalk_walk w;
	ulong from, to;

	if (!window("kernel image", &from, &to))
		lacks("/proc/pagewalk/windows has no kernel image");
	note("the image begins at %#lx; swapper_pg_dir is at %#llx in RAM", from, (unsigned long long)pgd);
	expect_frame(kernel_walk(from + 0x1000, &w), pgd >> 12, "the page 0x1000 behind the image's base");
	expect_eq(w.cr3, pgd, "where a walk in the kernel's own tables begins");
	expect(pw_cr3() != pgd, "our own table is another one: %#llx", (unsigned long long)pw_cr3());
}

/* ---- W.8 -------------------------------------------------------------------------- */

static void linear(void)
{
	ulong from, to, pfn, seen = 0, wrong = 0, step;
	struct pagewalk_frame f;
	struct pagewalk_walk w;

	if (!window("direct map", &from, &to))
		lacks("/proc/pagewalk/windows has no direct map");
	step = (to - from) / PAGE_SIZE / 257 + 1;
	for (pfn = step; pfn < (to - from) / PAGE_SIZE; pfn += step) {
		pw_frame(pfn, &f);
		if (f.type == PAGEWALK_FRAME_ABSENT || f.type == PAGEWALK_FRAME_RESERVED)
			continue;
		seen++;
		wrong += kernel_walk(from + (pfn << 12), &w) != pfn || w.flags & PAGEWALK_USER;
	}
	expect(seen >= 16, "frames looked at, spread over all of RAM: %lu", seen);
	expect_eq(wrong, 0, "that are not at PAGE_OFFSET + their address, for the kernel only");
	kernel_walk(from + 64 * MiB, &w);
	note("at 64 MiB the direct map uses pages of %llu KiB%s: what the processor can do was asked first",
	     (unsigned long long)w.size / 1024, w.flags & PAGEWALK_GLOBAL ? ", global ones" : "");
}

/* ---- W.9 -------------------------------------------------------------------------- */

static void tables(void)
{
	const ulong far = BY_MODE((ulong)0x10000000000ull, 0x50000000ul);
	ulong before = pages_of("VmPTE:");
	volatile u8 *p = fresh_at(far, 1);
	struct pagewalk_walk w;

	p[0] = 1;
	show_walk(p);
	expect_eq(pages_of("VmPTE:") - before, BY_MODE(3, 1), "tables that this page needed");
	pw_walk(p, &w);
	expect_eq(w.depth, BY_MODE(4, 2), "entries that the processor reads");
	expect_frame(w.entry[w.depth - 2] >> 12 & 0xfffffffff, w.table[w.depth - 1],
		     "the upper entry names the lower table by its frame");
	note(BY_MODE("The middle levels, pud and pmd, are real tables in this mode.",
		     "The middle level is folded: a pmd is the directory's entry itself, and no memory is "
		     "used for it.  PAE would add a real one, with entries of 8 bytes."));
}

/* ---- W.10 ------------------------------------------------------------------------- */

static void permanent_kmaps(void)
{
	struct pagewalk_walk w;
	ulong from, to, at, used = 0;

	if (!window("pkmap", &from, &to))
		lacks("/proc/pagewalk/windows has no pkmap");
	expect_eq((to - from) / PAGE_SIZE, BY_MODE(512, 1024), "slots of the window: one page table");
	kernel_walk(from, &w);
	expect_eq(w.depth, w.levels, "levels down to the first slot: the table is there");
	for (at = from; at < to; at += PAGE_SIZE)
		used += kernel_walk(at, &w) != 0;
	note("%lu of the slots are in use; kmap was called for high pages %llu times since boot", used,
	     (unsigned long long)(pw_counter("kmap_maps") + pw_counter("kmap_hits")));
	expect(pw_field("/proc/meminfo", "HighTotal:") || !used, "without high memory no slot is in use");
	window("fixmap", &from, &to);
	kernel_walk(to - PAGE_SIZE, &w);
	expect_eq(w.depth, w.levels, "the slots of kmap_atomic, in the fixmap, have a table: levels");
}

/* ---- W.11 ------------------------------------------------------------------------- */

static ulong flush_pages;

static void map_some(void)
{
	sys_munmap((void *)EMPTY_PLACE, 128 * PAGE_SIZE);
	page = fresh(128);
	write_pages(page, 128, 5);
}

static void unmap_some(void)
{
	sys_munmap((void *)page, flush_pages * PAGE_SIZE);
}

static void flushing(void)
{
	flush_pages = 1;
	map_some();
	expect_eq(page[0], 5, "a byte that the TLB knows by now");
	unmap_some();
	fresh_at((ulong)page, 1);
	expect_eq(page[0], 0, "its page was unmapped and a new one mapped there: the byte");
	if (!count_alone(map_some, unmap_some))
		return;
	expect_eq(grown("tlb_flush_one") - grown("kmap_local_maps"), 1,
		  "one page is unmapped: single translations dropped");
	expect_eq(grown("cr3_loads"), 0, "loads of CR3 for it");
	flush_pages = 100;
	if (!count_alone(map_some, unmap_some))
		return;
	expect_eq(grown("cr3_loads"), 1, "100 pages are unmapped: one load of CR3 drops all of ours");
}

/* ---- the stops -------------------------------------------------------------------- */

static const struct stop stops[] = {
	{
		.section = "W.1", .title = "Virtual memory is a lookup",
		.text =
"A program's address is not a place in RAM.  The processor looks it up, at every access, "
"in tables that the kernel has made: on Intel's processors that is called paging.  (Intel calls the address "
"linear, the kernel calls it virtual.)\n"
"So the same address may lead to different places, and different addresses to one.",
		.question = "Two processes use the same address. Do they use the same byte of RAM?",
		.choice = { "always", "never", "only if their tables say so" },
		.answer = 3, .why = "it depends on the tables. Here they were the same until the child wrote.",
		.prove = lookup, .rows = "M8 M12",
	},
	{
		.section = "W.2", .title = "Paging is not swapping",
		.text =
"The words are related and often confused.  Paging, in the processor's sense, is the translation of addresses, and "
"it never stops.  Swapping moves the contents of pages to a disk when memory is short, "
"and uses paging for it: an entry that is not present makes the processor call the kernel.",
		.question = "A machine without swap space: is paging on?",
		.choice = { "no", "yes", "only in the kernel" },
		.answer = 2, .why = "yes. Every address is translated.",
		.prove = not_swap, .rows = "E6 X2",
	},
	{
		.section = "W.3", .title = "What the processor must be told",
		.text =
"Two things.  Where the tables are: CR3 holds the physical address of the topmost one.  And that it should use them: a "
"flag in CR0.  From then on every address is looked up, the kernel's own too.",
		.question = "What is in CR3?",
		.choice = { "a virtual address", "a physical address", "a process number" },
		.answer = 2, .why = "a physical one; a virtual one would have to be looked up first.",
		.prove = table_and_flag, .rows = "E1 E2 E3 B5",
	},
	{
		.section = "W.4", .title = "The first tables are provisional",
		.text =
"When paging is switched on, the next instruction must be found at the old address, which is the physical one; "
"the kernel is linked for high addresses.  So head.S makes small tables that map its first megabytes "
"twice, low and high, switches, and jumps up.\n"
"The low half of that is gone before the first program runs: it belongs to programs.",
		.question = "Where is the low mapping of head.S now?",
		.choice = { "still there, for the kernel only", "nowhere", "at 1 MiB" },
		.answer = 2, .why = "nowhere: it was removed, and address 0 faults again.",
		.prove = provisional, .rows = "E1 E3 E4",
	},
	{
		.section = "W.5", .title = "Out of date? 32 bits and 64",
		.text =
"The page warns that from here on it is about 32-bit systems.  Here both can be run from one source and compared "
"(paging=2, paging=4): the mechanisms are the same, and the numbers differ.  Four "
"levels have so many addresses that all RAM fits into the direct map, and a bit that forbids to execute data.",
		.question = "Which of these does not exist with two levels?",
		.choice = { "read-only pages", "pages that must not be executed", "pages for the kernel only" },
		.answer = 2, .why = "the no-execute bit: it is bit 63 of an entry, and entries have 32 there.",
		.prove = widths, .rows = "K5 K13 X15",
	},
	{
		.section = "W.6", .title = "896 MB, and what lies above",
		.text =
"The kernel keeps physical memory mapped from PAGE_OFFSET on, as much as fits: 896 MiB of the fourth "
"gigabyte on i386, as 128 MiB are kept for vmalloc, kmap and fixed addresses.  RAM above it is high "
"memory: it has no address in the kernel until kmap() or kmap_atomic() gives it one for a while.\n"
"With four levels there is none, unless lowmem= ends the direct map early, which is a good way to watch it.",
		.question = "May a program have frames of high memory?",
		.choice = { "no", "yes, like any other", "only with kmap()" },
		.answer = 2, .why = "yes: only the kernel lacks an address for them.",
		.prove = high_memory, .rows = "K2 K12 H1 H3 H6 H8 H12",
	},
	{
		.section = "W.7", .title = "paging_init() and swapper_pg_dir",
		.text =
"paging_init() is called once.  It calls pagetable_init(), which fills swapper_pg_dir: "
"the kernel's top-level table, which the linker has put at a fixed place, 0x1000 behind the base of the kernel, "
"where head.S could find it.\n"
"Every address from PAGE_OFFSET on is the kernel's, every address below is a program's.",
		.question = "Which process uses swapper_pg_dir as its own table?",
		.choice = { "the first one", "none: each has a copy of its kernel part", "all" },
		.answer = 2, .why = "none. The tables below the copied entries are shared, though.",
		.prove = swapper, .rows = "K1 E2 K14",
	},
	{
		.section = "W.8", .title = "The direct map is linear",
		.text =
"kernel_physical_mapping_init() does most of it: for each frame set_pte() with PAGE_KERNEL, or one large entry for "
"many if the processor can (that was the capability check).  So the address in the kernel is the "
"physical one plus PAGE_OFFSET, and __va() and __pa() are one addition or subtraction.",
		.question = "How does the kernel find a frame's address in the direct map?",
		.choice = { "it adds PAGE_OFFSET", "it searches the tables", "the frame's descriptor says it" },
		.answer = 1, .why = "it adds PAGE_OFFSET to the physical address.",
		.prove = linear, .rows = "K2 K5 K6",
	},
	{
		.section = "W.9", .title = "Making middle and lower tables",
		.text =
"one_md_table_init() makes a middle table, one_page_table_init() a page table: a frame from the boot "
"memory allocator, as there is no other yet, then set_pmd() writes its physical address into the level above.\n"
"Without PAE there is no middle level: the pmd is folded into the directory, the loops stay the same, "
"and no memory is used.  User tables are made by the same steps, by faults, from ordinary frames.",
		.question = "How much memory do middle tables need with two levels?",
		.choice = { "a frame for each", "one frame in all", "none" },
		.answer = 3, .why = "none: the directory's entry is the pmd.",
		.prove = tables, .rows = "K3 K4 K13 P1",
	},
	{
		.section = "W.10", .title = "permanent_kmaps_init() and kmap_init()",
		.text =
"kmap() gives a high page an address in the pkmap window.  Its page table is made by permanent_kmaps_init(), empty, so that "
"later only an entry has to be set.  kmap_init(), the last step of paging_init(), does "
"the same for kmap_atomic(), whose slots are in the fixmap: one for each use, at addresses known "
"when the kernel was compiled.",
		.question = "kmap() is called for a page of low memory. What does it return?",
		.choice = { "a slot of the window", "its address in the direct map", "NULL" },
		.answer = 2, .why = "its direct-map address: it has one, and no slot is used.",
		.prove = permanent_kmaps, .rows = "H2 H3 H4 H6 K8",
	},
	{
		.section = "W.11", .title = "CR3 is loaded, the TLB flushed",
		.text =
"At last CR3 is loaded with the new table and the TLB flushed, since the processor keeps translations and "
"would go on using old ones.  From then on the kernel's paging is active.\n"
"The same rule holds ever after: who takes rights away or frees a page must drop its translation, one by one "
"(INVLPG) or all at once, by a load of CR3.",
		.question = "100 pages are unmapped. How does this kernel drop their translations?",
		.choice = { "100 times INVLPG", "one load of CR3", "not at all, they age" },
		.answer = 2, .why = "by one load of CR3: above 33 pages that is cheaper.",
		.prove = flushing, .rows = "K7 M11 N9",
	},
};
const struct source wiki_kernel = { "W", WIKI, stops, ARRAY_SIZE(stops) };
