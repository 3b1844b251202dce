/* SPDX-License-Identifier: MIT */
/*
 * Rows about switching between address spaces, seen from a kernel thread: what it borrows,
 * what a switch changes, what it does not.  The tests run as process 1, which has no
 * address space; beside it run copies of /bin/rows that only compute, so whenever this
 * thread comes back from a sleep it has borrowed the tables of one of them (lazy TLB,
 * Gorman 4.3).
 */
#include <asm/kstack.h>
#include <asm/processor.h>
#include <asm/ptrace.h>
#include <asm/tlbflush.h>
#include <kernel/kernel.h>
#include <kernel/params.h>
#include <kernel/printk.h>
#include <kernel/sched.h>
#include <kernel/softlockup.h>
#include <kernel/string.h>
#include <kernel/time.h>
#include <mm/mm.h>
#include <mm/mmap.h>
#include <mm/vmalloc.h>
#include <test/row.h>

#include "walk.h"

#define SETTLE_MAX	500		/* sleeps until a program has settled down */
#define MEET_MAX	500		/* sleeps until a certain one was interrupted */

/* ---- programs that compute ----------------------------------------------------------- */

/* One that has made all its faults and runs; NULL if it does not come to that. */
static struct task_struct *start_spinner(struct row *r)
{
	static const char *const argv[] = { "/bin/rows", "SPIN", NULL };
	static const char *const envp[] = { NULL };
	long pid = run_program(argv[0], argv, envp);
	struct task_struct *p = pid > 0 ? find_task((int)pid) : NULL;
	unsigned long faults = ~0ul;
	unsigned quiet = 0, i;

	if (!row_ok(r, p != NULL, "/bin/rows SPIN cannot be started: error %ld", -pid))
		return NULL;
	for (i = 0; i < SETTLE_MAX && quiet < 5; i++) {
		msleep(4);
		quiet = p->nivcsw && p->min_flt == faults ? quiet + 1 : 0;
		faults = p->min_flt;
	}
	row_eq(r, quiet, 5, "looks at pid %ld between which it made no fault", pid);
	return p;
}

static void end_spinner(struct row *r, struct task_struct *p)
{
	int pid = p->pid, status = 0;

	send_sig(SIGKILL, p);
	send_sig(SIGCONT, p);
	row_eq(r, kernel_wait4(pid, &status, 0, NULL), pid, "wait4");
	row_eq(r, status, SIGKILL, "wait status of a program that was killed");
}

/* Sleep until this thread has borrowed the tables of p. */
static bool borrow_from(struct row *r, const struct task_struct *p)
{
	unsigned i;

	for (i = 0; i < MEET_MAX && current->active_mm != p->mm; i++)
		msleep(4);
	return row_ok(r, current->active_mm == p->mm,
		      "after %u sleeps the tables of pid %d were never those in CR3", i, p->pid);
}

/* ---- M9: lazy TLB -------------------------------------------------------------------- */

#define M9_ROUNDS	100

static const struct task_struct *m9_user;
static unsigned long m9_ticks, m9_borrowed;

/* In the tick: while the program itself runs, nobody borrows from it. */
static void m9_tick(struct pt_regs *regs)
{
	if (current != m9_user)
		return;
	m9_ticks++;
	m9_borrowed += m9_user->mm->mm_count != 1;
}

static void m9_back_and_forth(struct row *r, struct task_struct *p)
{
	struct mm_struct *mm = p->mm;
	unsigned long loads = tlb_counters.cr3_loads, lazy = sched_counters.lazy;
	unsigned long sleeps = current->nvcsw;
	unsigned i;

	m9_user = p;
	m9_ticks = m9_borrowed = 0;
	tick_hook = m9_tick;
	for (i = 0; i < M9_ROUNDS; i++) {
		msleep(4);
		row_eq(r, (unsigned long)current->active_mm, (unsigned long)mm, "active_mm");
		row_eq(r, read_cr3(), __pa(mm->pgd), "CR3 while the tables are borrowed");
		row_eq(r, mm->mm_count, 2, "mm_count while the tables are borrowed");
		row_eq(r, mm->mm_users, 1, "mm_users while the tables are borrowed");
	}
	tick_hook = NULL;
	sleeps = current->nvcsw - sleeps;
	row_eq(r, tlb_counters.cr3_loads - loads, 0,
	       "CR3 loads of %lu switches to a kernel thread and back", sleeps);
	row_eq(r, sched_counters.lazy - lazy, sleeps, "switches that borrowed");
	row_ok(r, sleeps >= M9_ROUNDS / 2, "only %lu switches in %d sleeps", sleeps, M9_ROUNDS);
	row_ok(r, m9_ticks > 0, "no tick came while the program ran");
	row_eq(r, m9_borrowed, 0, "of %lu ticks in the program with mm_count other than 1",
	       m9_ticks);
	row_info(r, "%lu switches to a kernel thread and back: 0 CR3 loads, mm_count 2 and 1",
		 sleeps);
}

/* The owner dies while its tables are in CR3. */
static void m9_survive(struct row *r, struct task_struct *p)
{
	struct mm_struct *mm = p->mm;
	unsigned long loads, flushes, mms = nr_mms, present;

	if (!borrow_from(r, p))
		return;
	loads = tlb_counters.cr3_loads;
	flushes = tlb_counters.flush_mm;
	end_spinner(r, p);
	row_eq(r, tlb_counters.cr3_loads - loads, tlb_counters.flush_mm - flushes,
	       "CR3 loads that were no flushes, while the owner ended");
	row_eq(r, (unsigned long)current->active_mm, (unsigned long)mm,
	       "active_mm after the owner's end");
	row_eq(r, read_cr3(), __pa(mm->pgd), "CR3 after the owner's end");
	row_eq(r, mm->mm_users, 0, "mm_users after the owner's end");
	row_eq(r, mm->mm_count, 1, "mm_count after the owner's end");
	row_eq(r, nr_mms, mms, "address spaces while one is still borrowed");
	present = walk_leaves(0, TASK_SIZE - 1, NULL, NULL);
	row_eq(r, present, 0, "pages in the user half of a dead address space");
	loads = tlb_counters.cr3_loads;
	use_init_mm();
	row_eq(r, tlb_counters.cr3_loads - loads, 1, "CR3 loads to let go of it");
	row_eq(r, nr_mms, mms - 1, "address spaces when the borrower has let go");
	row_eq(r, read_cr3(), __pa(swapper_pg_dir), "CR3 then");
}

static void m9_lazy(struct row *r)
{
	struct task_struct *p = start_spinner(r);

	if (!p)
		return;
	if (borrow_from(r, p))
		m9_back_and_forth(r, p);
	m9_survive(r, p);
}
ROW(M9, "lazy TLB: a kernel thread borrows the last address space, no CR3 load", m9_lazy);

/* ---- M15: what a switch changes in the user half --------------------------------------- */

#define DUMP_MAX	600ul
#define ACCESSED_DIRTY	0x60ull

/* The user half by the tables in CR3: every present page. */
static struct dump {
	u64 cr3;
	struct mm_struct *mm;
	unsigned long n;
	struct {
		unsigned long va;
		u64 entry;
	} page[DUMP_MAX];
} dumps[4];

static void dump_page(unsigned long va, const struct walk *w, void *arg)
{
	struct dump *d = arg;

	if (d->n < DUMP_MAX) {
		d->page[d->n].va = va;
		d->page[d->n].entry = w->entry[w->depth - 1] & ~ACCESSED_DIRTY;
	}
	d->n++;
}

static void take_dump(struct row *r, struct dump *d)
{
	d->cr3 = read_cr3();
	d->mm = current->active_mm;
	d->n = 0;
	walk_leaves(0, TASK_SIZE - 1, dump_page, d);
	row_ok(r, d->n && d->n <= DUMP_MAX, "%lu pages present in the user half", d->n);
	d->n = min(d->n, DUMP_MAX);
}

/* Addresses that one has and the other has not, or has with another entry. */
static unsigned long differences(const struct dump *a, const struct dump *b,
				 unsigned long *same)
{
	unsigned long i = 0, k = 0, differ = 0;

	*same = 0;
	while (i < a->n || k < b->n) {
		if (k >= b->n || (i < a->n && a->page[i].va < b->page[k].va)) {
			differ++;
			i++;
		} else if (i >= a->n || b->page[k].va < a->page[i].va) {
			differ++;
			k++;
		} else {
			if (a->page[i++].entry == b->page[k++].entry)
				++*same;
			else
				differ++;
		}
	}
	return differ;
}

static void m15_compare(struct row *r, struct task_struct *a, struct task_struct *b)
{
	unsigned long same, other;

	if (!borrow_from(r, a))
		return;
	take_dump(r, &dumps[0]);
	/* Only a goes on in between: a lazy switch, and one back. */
	send_sig(SIGSTOP, b);
	do
		msleep(4);
	while (!(b->state & TASK_STOPPED));
	if (!borrow_from(r, a))
		return;
	take_dump(r, &dumps[1]);
	msleep(20);
	take_dump(r, &dumps[2]);
	send_sig(SIGCONT, b);
	if (!borrow_from(r, b))
		return;
	take_dump(r, &dumps[3]);

	row_eq(r, dumps[2].cr3, dumps[1].cr3, "CR3 after a lazy switch");
	row_eq(r, differences(&dumps[1], &dumps[2], &same), 0,
	       "entries that differ after a lazy switch");
	row_eq(r, differences(&dumps[0], &dumps[2], &same), 0,
	       "entries that differ after switches away and back");
	row_ok(r, dumps[3].cr3 != dumps[2].cr3, "two tasks have the same CR3 %#llx",
	       (unsigned long long)dumps[2].cr3);
	other = differences(&dumps[2], &dumps[3], &same);
	row_ok(r, other > 0, "no entry differs between two tasks, %lu are the same", same);
	row_ok(r, same > 0, "two tasks of one program share no page of its file");
	row_info(r, "%lu pages; after a lazy switch 0 differ, after a switch %lu differ and %lu are shared",
		 dumps[2].n, other, same);
}

static void m15_user_half(struct row *r)
{
	struct task_struct *a = start_spinner(r), *b;

	if (!a)
		return;
	b = start_spinner(r);
	if (b) {
		m15_compare(r, a, b);
		end_spinner(r, b);
	}
	end_spinner(r, a);
}
ROW(M15, "a switch changes the contents of the user half, a lazy one does not", m15_user_half);

/* ---- a new task after 100 new vmalloc areas ------------------------------------------- */

#define OLDER		4
#define AREAS		100
#define AREA_PAGES	128

static void *areas[AREAS];

/* 100 areas of half a MiB that all show one page: addresses are what counts here. */
static unsigned make_areas(struct page *page)
{
	static struct page *pages[AREA_PAGES];
	unsigned i;

	for (i = 0; i < AREA_PAGES; i++)
		pages[i] = page;
	for (i = 0; i < AREAS; i++) {
		areas[i] = vmap(pages, AREA_PAGES, PAGE_KERNEL);
		if (!areas[i])
			break;
	}
	return i;
}

/*
 * Only these two run, so whoever loses the processor loses it to the other one, or to this
 * thread when it wakes up.  Then this thread reads every area in the older one's tables.
 */
static void switch_between(struct row *r, struct task_struct *old, struct task_struct *new)
{
	unsigned long sum = 0, before, sleeps = 0, n = 0;
	unsigned i;

	send_sig(SIGCONT, old);
	before = old->nivcsw;
	while (n < 3 && sleeps < MEET_MAX) {
		msleep(50);
		sleeps++;
		n = old->nivcsw - before;
		n = n > sleeps ? n - sleeps : 0;
	}
	row_ok(r, n >= 3, "%lu switches from pid %d to the new pid %d, expected 3 or more", n,
	       old->pid, new->pid);
	if (borrow_from(r, old))
		for (i = 0; i < AREAS; i++)
			sum += *(volatile u32 *)areas[i];
	row_eq(r, sum, AREAS * 7ul, "sum of what the %d areas show", AREAS);
	send_sig(SIGSTOP, old);
	while (!(old->state & TASK_STOPPED))
		msleep(4);
}

static void switch_from_all(struct row *r, struct task_struct **older, struct page *page)
{
	struct task_struct *new;
	unsigned i;

	*(u32 *)page_address(page) = 7;
	row_eq(r, make_areas(page), AREAS, "new vmalloc areas");
	kstack_cache_drain();
	new = start_spinner(r);
	if (new) {
		for (i = 0; i < OLDER; i++)
			switch_between(r, older[i], new);
		end_spinner(r, new);
	}
	for (i = 0; i < AREAS; i++)
		if (areas[i])
			vunmap(areas[i]);
}

static void switch_after_areas(struct row *r)
{
	struct page *page = alloc_page(GFP_KERNEL);
	struct task_struct *older[OLDER];
	unsigned n;

	for (n = 0; n < OLDER; n++) {
		older[n] = start_spinner(r);
		if (!older[n])
			break;
		send_sig(SIGSTOP, older[n]);
	}
	if (row_ok(r, page != NULL, "no memory") && n == OLDER)
		switch_from_all(r, older, page);
	while (n--)
		end_spinner(r, older[n]);
	if (page)
		__free_page(page);
	row_info(r, "%d areas, a new task, switches into it from %d older address spaces", AREAS,
		 OLDER);
}
ROW(SWITCH, "a task made after 100 vmalloc areas is switched into from every older mm",
    switch_after_areas);

/* ---- the watchdog lets them be ----------------------------------------------------------- */

/* How many ticks in a row there were without a switch, and how many of them in user mode. */
static struct {
	unsigned long switches, ticks, longest, user, user_longest;
} stretch;

static void stretch_tick(struct pt_regs *regs)
{
	if (stretch.switches != sched_counters.switches)
		stretch.ticks = stretch.user = 0;
	stretch.switches = sched_counters.switches;
	stretch.ticks++;
	stretch.user += user_mode(regs);
	stretch.longest = max(stretch.longest, stretch.ticks);
	stretch.user_longest = max(stretch.user_longest, stretch.user);
}

/* The short limit is a sixth of a second; two of them and more, in case a switch comes between. */
static unsigned long stretch_begin(void)
{
	memset(&stretch, 0, sizeof(stretch));
	softlockup_limit(hz / 6);
	tick_hook = stretch_tick;
	return jiffies + 5 * softlockup_limit_ticks() / 2;
}

static unsigned long stretch_end(struct row *r, const char *what, bool user)
{
	unsigned long seen = user ? stretch.user_longest : stretch.longest;
	unsigned limit = softlockup_limit_ticks();

	tick_hook = NULL;
	softlockup_limit(SOFTLOCKUP_SECONDS * hz);
	row_ok(r, seen > limit, "%s: at most %lu ticks without a switch, the limit is %u", what,
	       seen, limit);
	return seen;
}

static void sleep_until(unsigned long tick)
{
	while ((long)(tick - jiffies) > 0)
		msleep((unsigned)((tick - jiffies) * 1000 / hz) + 1);
}

/* Each of these goes on for longer than the limit without a single switch, and is no lockup. */
static void no_lockup(struct row *r)
{
	unsigned long until, loop, idle, program = 0;
	struct task_struct *p;
	unsigned limit;

	if (!strcmp(tick_source, "none")) {
		row_skip(r, "there is no tick");
		return;
	}
	row_eq(r, softlockup_limit_ticks(), 20 * hz, "ticks that the limit is");
	until = stretch_begin();
	limit = softlockup_limit_ticks();
	while ((long)(until - jiffies) > 0)
		cond_resched();
	loop = stretch_end(r, "a loop with cond_resched()", false);

	sleep_until(stretch_begin());
	idle = stretch_end(r, "idle", false);

	p = start_spinner(r);
	if (p) {
		sleep_until(stretch_begin());
		program = stretch_end(r, "a program that computes", true);
		end_spinner(r, p);
	}
	row_info(r, "with a limit of %u ticks a loop took %lu, idle %lu, a program %lu",
		 limit, loop, idle, program);
}
ROW(SOFTLOCKUP, "the watchdog lets idle, computing and cond_resched() go on for ever", no_lockup);

/* ---- O2: the fair scheduler ------------------------------------------------------------ */

static bool hog_stop;
static unsigned long hog_rounds;

#define HOG_NS	(20 * NSEC_PER_SEC)

/*
 * A kernel thread that wants the processor for itself, as far as it may.  Not for ever: if
 * nobody takes it away from it, the row must fail and not hang.
 */
static int hog(void *unused)
{
	u64 until = ktime_ns() + HOG_NS;

	while (!READ_ONCE(hog_stop) && ktime_ns() < until) {
		hog_rounds++;
		cond_resched();
	}
	return 0;
}

static void o2_fair(struct row *r)
{
	char text[12];
	const char *const argv[] = { "/bin/rows", "O2", text, NULL };
	int pid;

	hog_stop = false;
	pid = (int)kernel_thread(hog, NULL, "hog");
	if (!row_ok(r, pid > 0, "no kernel thread: error %d", -pid))
		return;
	scnprintf(text, sizeof(text), "%d", pid);
	run_user_argv(r, argv);
	hog_stop = true;
	kernel_wait4(pid, NULL, 0, NULL);
	row_ok(r, hog_rounds > 0, "the kernel thread did not run");
}
/* Counts loops: only where time is counted in instructions are equal shares equal loops. */
ROW_FLAGS(O2, "fair preemptive scheduler: equal shares without yielding, sleep, wait", o2_fair,
	  ROW_EXPLICIT);

/* Wants hz=2000 or more, trace=65536 and somebody outside who looks at the machine. */
USER_ROW_FLAGS(M8, "the scheduler switches CR3 between tasks: one address, two values",
	       "/bin/rows", ROW_EXPLICIT);

/* The host compares what it prints with the files that were built. */
USER_ROW_FLAGS(O1, "user programs: separate ELF files of this mode's width", "/bin/rows",
	       ROW_EXPLICIT);

/* ---- K11: the split ---------------------------------------------------------------------- */

static void k11_split(struct row *r)
{
	bool two = sizeof(long) == 4;
	char text[24];
	const char *const argv[] = { "/bin/rows", "K11", text, NULL };
	unsigned long end = (unsigned long)high_memory;
	unsigned long low = end - PAGE_OFFSET;
	u64 most;

	if (two) {
		row_eq(r, TASK_SIZE, PAGE_OFFSET, "end of the user half");
		row_eq(r, PAGE_OFFSET & ((1ul << 30) - 1), 0, "PAGE_OFFSET modulo 1 GiB");
		most = min((u64)max_pfn << PAGE_SHIFT, (u64)-PAGE_OFFSET - (128ul << 20));
		if (!param_get("lowmem"))
			row_eq(r, low, most, "bytes in the direct map, with RAM up to frame %#lx",
			       max_pfn);
		row_ok(r, low <= most, "%lu bytes in the direct map, at most %llu have room", low,
		       (unsigned long long)most);
	} else {
		row_eq(r, TASK_SIZE, (1ull << 47) - PAGE_SIZE, "end of the user half");
		row_eq(r, (u64)PAGE_OFFSET >> 47, 0x1ffff, "PAGE_OFFSET is in the upper half");
	}
	row_eq(r, WALK(end - PAGE_SIZE).present, 1, "the last page of the direct map");
	row_eq(r, WALK(end).present, 0, "the page behind the direct map");
	scnprintf(text, sizeof(text), "0x%lx", TASK_SIZE);
	run_user_argv(r, argv);
	row_info(r, "PAGE_OFFSET %#lx, TASK_SIZE %#lx, direct map %lu MiB", PAGE_OFFSET, TASK_SIZE,
		 low >> 20);
}
ROW(K11, "the split: user half, direct map and what mmap accepts agree", k11_split);
