/* SPDX-License-Identifier: MIT */
/*
 * Model fuzz of the whole mm core: families of programs that map, unmap, protect, move, lock,
 * advise, grow, fork and end, read, write and execute their memory, in the kernel and in the
 * model (model.h, fuzz_ops.h), on machines with and without high memory.
 *
 *	test_mmfuzz [SEED [STEPS [MACHINE [shrink]]]]
 *
 * 64 bits with sanitizers: 10^6 operations; 32 bits, which may run under emulation: 60,000 with
 * them, and 10^6 without (test_mmsoak, mm.mk).
 *
 * Every step has random numbers of its own, made from the seed and its number: a failure is
 * the same with any number of steps, and steps can be left out (shrink) without changing
 * the others.
 *
 * The walker, after each operation (check_step):
 *	the answer of the call; list = tree = gaps = counts of the address space it was about;
 *	every translation in the TLB still stands in the tables; the pages of the ranges it was
 *	about, and one more on each side: entry, rights, first and last byte; after
 *	ftruncate the pages of that file in all address spaces
 * every 16th:	regions of that address space are the model's, no more and no others
 * every 128th:	contents of all its pages
 * every 1024th: all address spaces: rss, tables found = counted, _mapcount and _refcount of
 *	every frame = a scan of all tables, promised memory, free lists, page accounting; no
 *	file has pages in the cache that nobody read
 */
#include "tap.h"
#include "fuzz_ops.h"

static const struct host_machine machines[] = {
	/* No high memory; */
	{ .ram = { { 0, MIB_PFN(64) } }, .low_end = MIB_PFN(64) },
	/* DMA, NORMAL, HIGHMEM with a hole; */
	{ .ram = { { 0, MIB_PFN(20) }, { MIB_PFN(21) + 3, MIB_PFN(96) } }, .low_end = MIB_PFN(48) },
	/* hardly any low memory. */
	{ .ram = { { 0, MIB_PFN(64) } }, .low_end = MIB_PFN(20) },
};

/* Every access to a high frame costs the simulation system calls: a 50th of the steps each. */
#define HIGH_SHARE	50u
#define HIGH_MOST	5000u

#ifdef SOAK
#define STEPS		1000000u
#else
#define STEPS		(sizeof(long) == 8 ? 1000000u : 60000u)
#endif

static struct baseline base;
static struct model_proc *const all[PROCS] = {
	&procs[0], &procs[1], &procs[2], &procs[3], &procs[4], &procs[5],
};

/* ---- the walker -------------------------------------------------------------------- */

static void check_sound(struct mm_struct *mm)
{
	const char *wrong = vma_check(mm);
	unsigned long addr;

	if (wrong)
		model_differs("regions: %s", wrong);
	if (host_tlb_is_stale(&addr))
		model_differs("a stale translation of page %ld",
			      ((long)addr - (long)MODEL_BASE) / (long)PAGE_SIZE);
}

static void check_everything(void)
{
	struct page_accounting counted, scanned;
	unsigned long bad = 0;
	const char *wrong;

	model_check(all, PROCS);
	model_recount_cache();
	wrong = check_free_lists();
	if (wrong)
		model_differs("free lists: %s", wrong);
	account_pages(&counted);
	if (recount_pages(&scanned, &bad) || !accounting_identity(&counted, &scanned))
		model_differs("page accounting, frame %#lx", bad);
}

static void check_promises(void)
{
	long sum = 0;
	unsigned int i, k;

	for (i = 0; i < PROCS; i++)
		for (k = 0; procs[i].mm && k < MODEL_PAGES; k++)
			sum += procs[i].page[k].account;
	for (i = 0; i < MODEL_OBJS; i++)
		if (model_objs[i].file)
			sum += (long)model_objs[i].file->committed;
	if (sum != vm_committed)
		model_differs("%ld pages are promised, expected %ld", vm_committed, sum);
}

/* Of touched_obj, wherever it is mapped. */
static void check_file_pages(void)
{
	unsigned int i, k;

	for (i = 0; i < PROCS; i++)
		for (k = 0; procs[i].mm && k < MODEL_PAGES; k++)
			if (procs[i].page[k].obj == touched_obj)
				model_check_pages(&procs[i], k, 1);
}

static void check_step(struct model_proc *m, unsigned long step)
{
	unsigned int r;

	if (touched_obj)
		check_file_pages();
	if (m->mm) {
		check_sound(m->mm);
		for (r = 0; r < ARRAY_SIZE(touched); r++)
			model_check_pages(m, touched[r].first, touched[r].n);
		if (step % 16 == 0 || model_wrong)
			model_check_regions(m);
		if (step % 128 == 0)
			model_check_contents(m);
	}
	if (step % 1024 == 0) {
		check_everything();
		check_promises();
	}
}

/* ---- a step ------------------------------------------------------------------------ */

static void one_step(struct model_proc *m)
{
	bool failing = model_random(6) == 0;

	switch (model_random(64)) {
	case 0: case 1:
		op_fork(m, failing);
		break;
	case 2: case 3:
		op_exit(m);
		break;
	case 4: case 5: case 6: case 7: case 8: case 9: case 10:
		op_mmap(m, failing);
		break;
	case 11: case 12: case 13: case 14:
		op_munmap(m, failing);
		break;
	case 15: case 16: case 17: case 18: case 19: case 20:
		op_mprotect(m, failing);
		break;
	case 21: case 22: case 23: case 24: case 25: case 26:
		op_mremap(m);
		break;
	case 27: case 28: case 29:
		op_mlock(m);
		break;
	case 30:
		if (model_random(8) == 0)
			op_mlockall(m);
		break;
	case 31: case 32: case 33: case 34:
		op_madvise(m);
		break;
	case 35: case 36:
		op_brk(m, failing);
		break;
	case 37: case 38: case 39:
		op_foreign(m);
		break;
	case 40: case 41:
		op_file_write(m);
		break;
	case 42:
		if (model_random(4) == 0)
			op_drop_cache(m);
		else if (model_random(2))
			op_truncate(m);
		break;
	default:
		op_access(m, failing);
	}
}

/* Numbers of one step that have nothing to do with those of the next. */
static u32 step_seed(u32 seed, unsigned long step)
{
	u64 x = ((u64)seed << 32 | (u32)step) + 0x9e3779b97f4a7c15ull * (step + 1);

	x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9ull;
	x = (x ^ x >> 27) * 0x94d049bb133111ebull;
	return (u32)(x >> 31);
}

static void do_step(u32 seed, unsigned long step)
{
	struct model_proc *m;

	model_seed = step_seed(seed, step);
	memset(touched, 0, sizeof(touched));
	touched_obj = NULL;
	record = &records[step % RECORDS];
	memset(record, 0, sizeof(*record));
	record->step = step;
	m = random_proc(true);
	/* Who runs stays for a while, and its translations with it; others are looked at. */
	if (model_random(4) || !current->mm)
		host_switch_mm(m->mm);
	else
		for (m = procs; m->mm != current->mm; m++)
			;
	one_step(m);
	check_step(m, step);
}

/* ---- a run ------------------------------------------------------------------------- */

static struct {
	u32 seed;
	unsigned long steps;
	unsigned int machine;
	bool quiet;
} what;
static unsigned char *skipped;		/* steps that are left out, when shrinking */

/* What led to a failure; by the process that survives it. */
static void print_records(void)
{
	unsigned long i, first = 0;
	const struct record *r;

	for (i = 0; i < RECORDS; i++)
		if (records[i].step > records[first].step)
			first = i;
	for (i = 1; i <= RECORDS; i++) {
		r = &records[(first + i) % RECORDS];
		if (r->what)
			diag("step %lu, program %u: %s %u %u %#x %#x = %ld", r->step, r->proc, r->what,
			     r->arg[0], r->arg[1], r->arg[2], r->arg[3], r->result);
	}
	diag("again: test_mmfuzz %u %lu %u; shorter: test_mmfuzz %u %lu %u shrink", what.seed,
	     records[first].step, what.machine, what.seed, records[first].step, what.machine);
}

static void start(unsigned int machine)
{
	unsigned int i;

	host_boot(&machines[machine]);
	mm_cache_init();
	take_baseline(&base);
	current->rlim[RLIMIT_STACK].cur = STACK_PAGES * PAGE_SIZE;
	model_open_files();
	for (i = 0; i < ARRAY_SIZE(model_files); i++)
		host_fd[i] = model_files[i]->file;
	procs[0].mm = mm_alloc();
	procs[0].mm->mmap_base = model_addr(MODEL_PAGES);
	procs[0].mm->start_brk = procs[0].mm->brk = model_addr(BRK_PAGE) + 99;
}

static bool finish(void)
{
	unsigned int i;

	check_everything();
	check_promises();
	for (i = 0; i < PROCS; i++)
		if (procs[i].mm)
			end_proc(&procs[i]);
	model_close_files();
	return !model_wrong && at_baseline(&base);
}

static bool run(void)
{
	unsigned long step;

	if (what.quiet && !freopen("/dev/null", "w", stdout))
		return false;
	start(what.machine);
	for (step = 1; step <= what.steps && !model_wrong; step++)
		if (!skipped || !skipped[step])
			do_step(what.seed, step);
	return !model_wrong && finish();
}

static bool run_is_right(u32 seed, unsigned long steps, unsigned int machine, bool quiet)
{
	what.seed = seed;
	what.steps = steps;
	what.machine = machine;
	what.quiet = quiet;
	memset(records, 0, RECORDS * sizeof(*records));
	if (host_in_copy(run))
		return true;
	if (!quiet)
		print_records();
	return false;
}

/* Leave out what does not matter: halves, quarters, down to single steps. */
static void shrink(u32 seed, unsigned long steps, unsigned int machine)
{
	unsigned char *before = malloc(steps + 1);
	unsigned long size, at, n, left = 0;

	skipped = calloc(steps + 1, 1);
	for (size = (steps + 1) / 2; size; size /= 2) {
		for (at = 1; at <= steps; at += size) {
			n = min(size, steps + 1 - at);
			memcpy(before, skipped, steps + 1);
			if (!memchr(skipped + at, 0, n))
				continue;
			memset(skipped + at, 1, n);
			if (run_is_right(seed, steps, machine, true))
				memcpy(skipped, before, steps + 1);
		}
	}
	for (at = 1; at <= steps; at++)
		left += !skipped[at];
	diag("%lu steps are enough:", left);
	run_is_right(seed, steps, machine, false);
	free(before);
	free(skipped);
}

int main(int argc, char **argv)
{
	u32 seed = argc > 1 ? (u32)strtoul(argv[1], NULL, 0) : 1;
	unsigned long steps = argc > 2 ? strtoul(argv[2], NULL, 0) : STEPS, part, high;
	unsigned int machine = argc > 3 ? (unsigned int)atoi(argv[3]) % ARRAY_SIZE(machines) : 0;

	records = host_shared(RECORDS * sizeof(*records));
	if (argc > 4) {
		shrink(seed, steps, machine);
		return 1;
	}
	if (argc > 3) {
		ok(run_is_right(seed, steps, machine, false), "seed %u, %lu operations", seed, steps);
		return done();
	}
	for (; machine < ARRAY_SIZE(machines); machine++) {
		high = min_t(unsigned long, steps / HIGH_SHARE, HIGH_MOST);
		part = machine ? high : steps - 2 * high;
		ok(run_is_right(seed + machine, part, machine, false),
		   "seed %u: %lu operations on machine %u", seed + machine, part, machine);
	}
	return done();
}
