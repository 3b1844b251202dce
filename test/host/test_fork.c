/* SPDX-License-Identifier: MIT */
/*
 * Families of programs: fork, copy on write and exit in any order, at random, against a
 * model of every page of every program.  Whenever two share a frame that one of them has
 * written to, or a stale translation survives, or a count is off, the model says so.
 */
#include "tap.h"
#include "model_ops.h"

#define PROCS	8u

static struct baseline base;
static struct model_proc procs[PROCS];
static struct model_proc *all[PROCS];
static unsigned long forks, failed_forks, exits;

static void model_exit(struct model_proc *m)
{
	model_unmap(m, 0, MODEL_PAGES);
	if (current->mm == m->mm)
		current->mm = NULL;
	mmput(m->mm);
	m->mm = NULL;
}

static struct model_proc *random_proc(bool alive)
{
	unsigned int i = model_random(PROCS), n;

	for (n = 0; n < PROCS; n++, i = (i + 1) % PROCS)
		if (alive == (procs[i].mm != NULL))
			return &procs[i];
	return NULL;
}

/* A child in a free place; without memory there is none, and nothing else has changed. */
static void op_fork(bool failing)
{
	struct model_proc *parent = random_proc(true), *child = random_proc(false);

	if (!parent || !child)
		return;
	host_switch_mm(parent->mm);
	if (failing)
		alloc_fail_arm(1 + model_random(12), 1000);
	child->mm = dup_mm(parent->mm);
	alloc_fail_arm(0, 0);
	if (!child->mm) {
		failed_forks++;
		if (!failing)
			model_differs("fork failed");
		return;
	}
	forks++;
	child->extra = parent->extra;
	model_fork(child, parent);
}

/* The last one stays. */
static void op_exit(void)
{
	unsigned int i, alive = 0;

	for (i = 0; i < PROCS; i++)
		alive += procs[i].mm != NULL;
	if (alive < 2)
		return;
	model_exit(random_proc(true));
	exits++;
}

static void random_step(void)
{
	bool failing = model_random(5) == 0;
	struct model_proc *m = random_proc(true);

	host_switch_mm(m->mm);
	switch (model_random(32)) {
	case 0: case 1: case 11:
		op_fork(failing);
		break;
	case 2:
		op_exit();
		break;
	case 3:
		model_op_mmap(m, failing);
		break;
	case 4:
		model_op_munmap(m, failing);
		break;
	case 5: case 6:
		model_op_mprotect(m, failing);
		break;
	case 7:
		model_op_dontneed(m);
		break;
	case 8: case 9:
		model_op_foreign(random_proc(true));
		break;
	case 10:
		if (model_random(4))
			break;
		drop_page_cache();
		model_recount_cache();
		break;
	default:
		model_op_access(m, failing);
	}
}

/* Every page of every program once, as the program sees it. */
static void read_everything(void)
{
	unsigned int i, page;

	for (i = 0; i < PROCS; i++) {
		if (!procs[i].mm)
			continue;
		host_switch_mm(procs[i].mm);
		for (page = 0; page < MODEL_PAGES; page++)
			model_access(&procs[i], page, false, 0);
	}
}

static void test_random(u32 seed, unsigned int steps)
{
	unsigned int i;

	model_seed = seed;
	for (i = 0; i < PROCS; i++)
		all[i] = &procs[i];
	model_open_files();
	procs[0].mm = mm_alloc();
	for (i = 0; i < steps && !model_wrong; i++) {
		random_step();
		/* What is counted wrong stays wrong.  Looking at everything is slow. */
		if (i % 64 == 0)
			model_check(all, PROCS);
		if (i % 256 == 255)
			read_everything();
	}
	is(model_wrong, 0, "%u random operations: %lu forks, %lu that failed, %lu exits", i, forks,
	   failed_forks, exits);
	model_check(all, PROCS);
	ok(vm_counters.cow_copies > steps / 8 && vm_counters.cow_reuses > steps / 40,
	   "%lu copies, %lu pages reused by their last owner", vm_counters.cow_copies,
	   vm_counters.cow_reuses);
	for (i = 0; i < PROCS; i++)
		if (procs[i].mm)
			model_exit(&procs[i]);
	model_close_files();
	is(model_wrong, 0, "at the end, too");
	ok(at_baseline(&base), "everything is as before");
}

/* ---- three generations, all orders of their ends ------------------------------------- */

#define FAMILY	4

static unsigned long copies_in_order(const unsigned int *order)
{
	struct mm_struct *mm[FAMILY];
	unsigned long addr, copies, i, k, bad = 0;

	mm[0] = mm_alloc();
	host_switch_mm(mm[0]);
	addr = do_mmap(NULL, 0, FAMILY * PAGE_SIZE, RW, ANON, 0, MODEL_MAY);
	for (i = 0; i < FAMILY; i++)
		host_poke(addr + i * PAGE_SIZE, (u8)i);
	mm[1] = dup_mm(mm[0]);
	mm[2] = dup_mm(mm[1]);
	mm[3] = dup_mm(mm[0]);
	copies = vm_counters.cow_copies;
	for (k = 0; k < FAMILY; k++) {
		/* Who goes next writes first: all but the last need a copy. */
		host_switch_mm(mm[order[k]]);
		bad += host_poke(addr + k * PAGE_SIZE, 99) != HOST_OK;
		for (i = 0; i < FAMILY; i++)
			bad += host_peek(addr + i * PAGE_SIZE) != (i == k ? 99 : (int)i);
		bad += audit(mm, FAMILY) != NULL;
		current->mm = NULL;
		mmput(mm[order[k]]);
		mm[order[k]] = NULL;
	}
	return bad ? ~0ul : vm_counters.cow_copies - copies;
}

static void test_orders(void)
{
	unsigned int order[FAMILY], orders = 0, wrong = 0;
	unsigned int a, b, c;

	for (a = 0; a < 4; a++) {
		for (b = 0; b < 4; b++) {
			for (c = 0; c < 4; c++) {
				if (a == b || b == c || a == c)
					continue;
				order[0] = a;
				order[1] = b;
				order[2] = c;
				order[3] = 6 - a - b - c;
				orders++;
				wrong += copies_in_order(order) != FAMILY - 1;
			}
		}
	}
	is(orders, 24, "a family of four, 24 orders of their ends");
	is(wrong, 0, "each write makes one copy, the last owner's none");
	ok(at_baseline(&base), "everything is as before");
}

/* A copy of a file's page goes to another region with a border, or with the whole region. */
static void test_moved_pages(void)
{
	struct mm_struct *mm = mm_alloc(), *child;
	unsigned long addr = MODEL_BASE, i, wrong = 0;
	struct file *f = host_file(16, 5);

	host_switch_mm(mm);
	for (i = 0; i < 3; i++)
		do_mmap(f, addr + 4 * i * PAGE_SIZE, 4 * PAGE_SIZE, i == 1 ? RW : PROT_READ,
			MAP_PRIVATE | MAP_FIXED | MAP_NORESERVE, 4 * i, MODEL_MAY);
	/* Four pages of one's own; regions are [0, 4) r, [4, 8) rw, [8, 12) r. */
	for (i = 4; i < 8; i++)
		host_poke(addr + i * PAGE_SIZE, (u8)(200 + i));
	is(sys_mprotect(addr + 4 * PAGE_SIZE, PAGE_SIZE, PROT_READ), 0, "a border goes up");
	is(sys_mprotect(addr + 7 * PAGE_SIZE, PAGE_SIZE, PROT_READ), 0, "another goes down");
	is(mm->map_count, 3, "there are three regions");
	child = dup_mm(mm);
	host_switch_mm(child);
	for (i = 0; i < 12; i++)
		wrong += host_peek(addr + i * PAGE_SIZE) !=
			 (i < 4 || i > 7 ? (u8)((i + 1) * 5) : (int)(200 + i));
	is(wrong, 0, "a child has all pages that had gone over");
	current->mm = NULL;
	mmput(child);
	mmput(mm);
	fput(f);
	ok(at_baseline(&base), "everything is as before");
}

/* More owners than a small counter holds. */
static void test_many_owners(void)
{
	static struct mm_struct *mm[300];
	unsigned long addr, i, bad = 0;
	struct page *page;

	mm[0] = mm_alloc();
	host_switch_mm(mm[0]);
	addr = do_mmap(NULL, 0, PAGE_SIZE, RW, ANON, 0, MODEL_MAY);
	host_poke(addr, 42);
	for (i = 1; i < ARRAY_SIZE(mm); i++)
		BUG_ON(!(mm[i] = dup_mm(mm[0])));
	page = pte_page(__pte(host_entry(mm[0], addr)));
	is(page_mapcount(page), 300, "a page that 300 programs map");
	bad += audit(mm, ARRAY_SIZE(mm)) != NULL;
	for (i = 0; i < ARRAY_SIZE(mm); i++) {
		host_switch_mm(mm[i]);
		bad += host_peek(addr) != 42;
		current->mm = NULL;
		mmput(mm[i]);
	}
	is(bad, 0, "all of them see it");
	ok(at_baseline(&base), "everything is as before");
}

int main(int argc, char **argv)
{
	host_boot(&host_small);
	mm_cache_init();
	take_baseline(&base);
	test_orders();
	test_moved_pages();
	test_many_owners();
	test_random(argc > 1 ? (u32)atoi(argv[1]) : 1,
		    argc > 2 ? (unsigned int)atoi(argv[2]) : sizeof(long) == 8 ? 8000 : 3000);
	return done();
}
