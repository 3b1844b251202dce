/* SPDX-License-Identifier: MIT */
/*
 * Swapped pages and everything else: programs that map, write, read, move, share by fork,
 * protect, lock, forget and unmap their memory while pages of all of them are swapped out,
 * with a device that is often full.
 *
 *	test_swapfuzz [SEED [STEPS]]
 *
 * The model is what each byte must be, or that nothing is there.  Every 16th step all pages of
 * one program are looked at, every 256th the audit counts entries, slots, lists, reverse
 * mapping and everything else.
 */
#include "one_mm.h"
#include "fake_swap.h"
#include <mm/rmap.h>

#define PROCS	4u
#define WINDOW	256u		/* pages of addresses that a program uses */
#define SLOTS	600u		/* fewer than its pages, all programs together */
#define NOTHING	(-1)

static struct fake_disk disk;
static struct mm_struct *mm[PROCS];
static int model[PROCS][WINDOW];
static bool locked[PROCS][WINDOW];	/* by an mlock() that succeeded: the page is there */
static unsigned int who;
static unsigned long step, wrong, done_ops[16];
static u32 seed = 1;

static u32 below(u32 n)
{
	seed = seed * 1664525u + 1013904223u;
	return (u32)((u64)(seed >> 8) * n >> 24);
}

static unsigned long at(unsigned int page)
{
	return MODEL_BASE + PAGES(page);
}

static void differs(const char *what, unsigned int page, long seen, long expected)
{
	if (!wrong++)
		diag("step %lu, program %u, page %u: %s, seen %ld, expected %ld", step, who, page,
		     what, seen, expected);
}

/* ---- the walker -------------------------------------------------------------------- */

/* Also by one that failed for want of memory, or at a hole: then nothing need be there. */
static bool is_locked(unsigned int page)
{
	const struct vm_area_struct *vma = find_vma(mm[who], at(page));

	return vma && vma->vm_start <= at(page) && vma->vm_flags & VM_LOCKED;
}

static void check_pages(unsigned int first, unsigned int n)
{
	unsigned int page;
	int expected, seen;

	for (page = first; page < first + n; page++) {
		if (locked[who][page] && !pte_present(__pte(host_entry(mm[who], at(page)))))
			differs("a locked page is not there", page, 0, 1);
		expected = model[who][page];
		if (expected == NOTHING)
			expected = -1 - (int)HOST_MAPERR;
		seen = host_peek(at(page));
		if (seen != expected)
			differs("contents", page, seen, expected);
	}
}

static void check_all(void)
{
	const char *what = audit(mm, PROCS);
	unsigned long addr;

	if (!what && host_tlb_is_stale(&addr))
		what = "a stale translation";
	if (what)
		differs(what, 0, 0, 0);
}

/* ---- steps ------------------------------------------------------------------------- */

/* New memory, or none: in no case locked. */
static void fill(unsigned int first, unsigned int n, int value)
{
	for (; n; n--, first++) {
		model[who][first] = value;
		locked[who][first] = false;
	}
}

static void lock(unsigned int first, unsigned int n, bool on)
{
	bool done = !(on ? sys_mlock(at(first), PAGES(n)) : sys_munlock(at(first), PAGES(n)));

	if (done || !on)
		memset(&locked[who][first], done && on, n);
}

static void write_pages(unsigned int first, unsigned int n)
{
	unsigned int page;
	u8 value = (u8)below(256);
	bool there;

	for (page = first; page < first + n; page++) {
		there = model[who][page] != NOTHING;
		if (host_poke(at(page), value) != (there ? HOST_OK : HOST_MAPERR))
			differs("a write", page, 0, there);
		if (there)
			model[who][page] = value;
	}
}

static void move_pages(unsigned int first, unsigned int n)
{
	unsigned int to = below(WINDOW - n + 1), i;
	long ret;

	if (to < first + n && first < to + n)
		return;
	ret = sys_mremap(at(first), PAGES(n), PAGES(n), MREMAP_MAYMOVE | MREMAP_FIXED, at(to));
	if (ret != (long)at(to)) {
		/* Not one region: what was at the new place may be gone. */
		for (i = to; i < to + n; i++)
			if (!find_vma_intersection(mm[who], at(i), at(i + 1)))
				fill(i, 1, NOTHING);
		return;
	}
	memcpy(&model[who][to], &model[who][first], n * sizeof(model[0][0]));
	memcpy(&locked[who][to], &locked[who][first], n * sizeof(locked[0][0]));
	fill(first, n, NOTHING);
}

static void start_program(unsigned int child)
{
	bool forked = mm[who] && below(4);

	if (mm[child])
		return;
	mm[child] = forked ? dup_mm(mm[who]) : mm_alloc();
	if (!mm[child])
		return;
	memset(locked[child], 0, sizeof(locked[0]));
	if (forked)
		memcpy(model[child], model[who], sizeof(model[0]));
	who = child;
	if (!forked)
		fill(0, WINDOW, NOTHING);
	host_switch_mm(mm[who]);
}

static void end_program(void)
{
	current->mm = NULL;
	mmput(mm[who]);
	mm[who] = NULL;
}

static void protect(unsigned int first, unsigned int n)
{
	sys_mprotect(at(first), PAGES(n), PROT_READ);
	check_pages(first, n);
	sys_mprotect(at(first), PAGES(n), PROT_READ | PROT_WRITE);
}

/* Only where nothing is locked and nothing is missing: elsewhere it is done in part. */
static void forget(unsigned int first, unsigned int n)
{
	unsigned int i;

	for (i = first; i < first + n; i++)
		if (model[who][i] == NOTHING || is_locked(i))
			return;
	if (sys_madvise(at(first), PAGES(n), MADV_DONTNEED))
		differs("MADV_DONTNEED", first, 1, 0);
	for (i = first; i < first + n; i++)
		model[who][i] = 0;
}

static void one_step(void)
{
	unsigned int first = below(WINDOW), n = 1 + below(below(8) ? 12 : WINDOW / 2);
	unsigned int op = below(16);

	n = min(n, WINDOW - first);
	done_ops[op]++;
	switch (op) {
	case 0: case 1:
		if (map_at(at(first), n, RW, ANON | MAP_FIXED) == at(first))
			fill(first, n, 0);
		break;
	case 2:
		if (!sys_munmap(at(first), PAGES(n)))
			fill(first, n, NOTHING);
		break;
	case 3: case 4: case 5:
		write_pages(first, n);
		break;
	case 6:
		check_pages(first, n);
		break;
	case 7:
		move_pages(first, n);
		break;
	case 8:
		start_program(below(PROCS));
		break;
	case 9:
		if (!below(3))
			end_program();
		break;
	case 10:
		protect(first, n);
		break;
	case 11:
		lock(first, n, below(2));
		break;
	case 12:
		if (!below(4))
			forget(first, n);
		break;
	case 13:
		reclaim_pages(GFP_HIGHUSER);
		break;
	default:
		sys_madvise(at(first), PAGES(n), MADV_PAGEOUT);
	}
}

static void run(unsigned long steps)
{
	for (step = 1; step <= steps && !wrong; step++) {
		who = below(PROCS);
		if (!mm[who])
			start_program(who);
		host_switch_mm(mm[who]);
		one_step();
		if (mm[who] && step % 16 == 0)
			check_pages(0, WINDOW);
		if (step % 256 == 0)
			check_all();
	}
	check_all();
	for (who = 0; who < PROCS; who++)
		if (mm[who])
			end_program();
}

static const struct host_machine small = {
	.ram = { { 0, MIB_PFN(17) }, { MIB_PFN(18) + 3, MIB_PFN(24) } }, .low_end = MIB_PFN(20),
};

int main(int argc, char **argv)
{
	unsigned long steps = 6000;

	if (argc > 1)
		seed = (u32)strtoul(argv[1], NULL, 0);
	if (argc > 2)
		steps = strtoul(argv[2], NULL, 0);
	host_boot(&small);
	mm_cache_init();
	vmscan_init();
	disk_make(&disk, SLOTS, true);
	is(swap_device_add("disk", "fake", &disk_ops, &disk, SLOTS, 0), 0, "a device");
	audit_kernel_tables = nr_page_table_pages;
	take_baseline(&base);
	run(steps);
	is(wrong, 0, "%lu steps: everything is as the model says", step - 1);
	diag("%lu pages read, %lu written, %lu found in the cache", disk.reads, disk.writes,
	     swap_counters.cache_hits);
	ok(disk.reads > steps / 4 && disk.writes > steps / 4, "pages went out and came back");
	is(swap_pages_used + nr_swapcache, 0, "no slot is in use afterwards");
	ok(at_baseline(&base), "everything is as before");
	return done();
}
