/* SPDX-License-Identifier: MIT */
/*
 * Rows about tasks that share address spaces: their life (M3), threads (M6), TLB rules
 * (M11), and memory that runs out (N11).
 */
#include <asm/processor.h>
#include <asm/uaccess.h>
#include <fs/proc.h>
#include <kernel/bitops.h>
#include <kernel/futex.h>
#include <kernel/kernel.h>
#include <kernel/sched.h>
#include <kernel/string.h>
#include <kernel/time.h>
#include <linux/errno.h>
#include <mm/mm.h>
#include <mm/mmap.h>
#include <test/row.h>

#include "walk.h"

/* ---- M3: users and references -------------------------------------------------------- */

/*
 * The program's first task, a thread of it, a process in the same address space, and we,
 * who hold the descriptor as a borrower does: each of the 24 orders in which they can let
 * go.  A forked child with an address space of its own looks on.
 */
enum { FIRST, THREAD, SHARER, BORROWER, ACTORS };

struct cast {
	struct mm_struct *mm, *child_mm;
	int pid[ACTORS];		/* BORROWER: not used */
	int child;
};

#define M3_WAITS	500

static bool asleep(const struct task_struct *p)
{
	return p->mm && p->state == TASK_INTERRUPTIBLE;
}

/* All four are there and sleep: true, and the cast is known. */
static bool find_cast(int pid, struct cast *c)
{
	struct task_struct *first = find_task(pid), *p;
	int found = 0;

	if (!first || !asleep(first) || thread_group_empty(first) ||
	    !asleep(next_thread(first)))
		return false;
	c->mm = first->mm;
	c->pid[FIRST] = pid;
	c->pid[THREAD] = next_thread(first)->pid;
	list_for_each_entry(p, &first->children, sibling) {
		if (!asleep(p))
			return false;
		found++;
		if (p->mm == first->mm) {
			c->pid[SHARER] = p->pid;
		} else {
			c->child = p->pid;
			c->child_mm = p->mm;
		}
	}
	return found == 2;
}

/* It has left its address space, for good. */
static bool has_left(int pid)
{
	const struct task_struct *p = find_task(pid);

	return !p || (!p->mm && p->state & (TASK_ZOMBIE | TASK_DEAD));
}

static void let_go(struct row *r, struct cast *c, int who)
{
	const struct ksiginfo end = { .signo = SIGUSR1, .code = SI_KERNEL };
	unsigned i;

	if (who == BORROWER) {
		mmdrop(c->mm);
		return;
	}
	send_signal(find_task(c->pid[who]), &end);
	for (i = 0; i < M3_WAITS && !has_left(c->pid[who]); i++)
		msleep(2);
	row_ok(r, has_left(c->pid[who]), "actor %d does not end", who);
	use_init_mm();			/* what we borrowed in the sleep */
}

/* The table: one user per task that is left; one reference for all users, one for us. */
static void check_counts(struct row *r, const struct cast *c, unsigned left, unsigned long mms)
{
	unsigned users = hweight32(left & ~(1u << BORROWER));
	unsigned count = (users != 0) + (left >> BORROWER & 1);

	row_eq(r, nr_mms - mms, 1 + (count != 0), "address spaces, with actors %#x left", left);
	if (!count)
		return;
	row_eq(r, c->mm->mm_users, users, "mm_users with actors %#x left", left);
	row_eq(r, c->mm->mm_count, count, "mm_count with actors %#x left", left);
	row_eq(r, !c->mm->mmap, !users, "regions are gone, with actors %#x left", left);
	row_eq(r, c->child_mm->mm_users * 16 + c->child_mm->mm_count, 17,
	       "the forked child's counts");
}

static void m3_order(struct row *r, const int *order)
{
	static const char *const argv[] = { "/bin/rows", "M3CAST", NULL };
	static const char *const envp[] = { NULL };
	unsigned left = (1u << ACTORS) - 1, i;
	unsigned long mms;
	struct cast c = { .mm = NULL };
	long pid;

	use_init_mm();
	mms = nr_mms;
	pid = run_program(argv[0], argv, envp);
	for (i = 0; i < M3_WAITS && !(pid > 0 && find_cast((int)pid, &c)); i++)
		msleep(2);
	if (row_ok(r, pid > 0 && i < M3_WAITS, "the program's tasks are not there (%ld)", pid)) {
		use_init_mm();
		mmgrab(c.mm);
		check_counts(r, &c, left, mms);
		for (i = 0; i < ACTORS; i++) {
			let_go(r, &c, order[i]);
			left &= ~(1u << order[i]);
			check_counts(r, &c, left, mms);
		}
		send_sig(SIGKILL, find_task(c.child));
	} else if (pid > 0) {
		send_sig(SIGKILL, find_task((int)pid));
		mms = nr_mms;		/* nothing is known any more */
	}
	/* The others are our children since the program ended. */
	kernel_wait4((int)pid, NULL, 0, NULL);
	kernel_wait4(c.pid[SHARER], NULL, 0, NULL);
	kernel_wait4(c.child, NULL, 0, NULL);
	use_init_mm();
	row_eq(r, nr_mms, mms, "address spaces in the end");
}

/* Steps through all orders of four. */
static bool next_order(int *a)
{
	int i = ACTORS - 2, k = ACTORS - 1, swap;

	while (i >= 0 && a[i] > a[i + 1])
		i--;
	if (i < 0)
		return false;
	while (a[k] < a[i])
		k--;
	swap = a[i], a[i] = a[k], a[k] = swap;
	for (i++, k = ACTORS - 1; i < k; i++, k--)
		swap = a[i], a[i] = a[k], a[k] = swap;
	return true;
}

static void m3_life(struct row *r)
{
	int order[ACTORS] = { FIRST, THREAD, SHARER, BORROWER };
	unsigned n = 0;

	do {
		m3_order(r, order);
		n++;
	} while (!r->failed && next_order(order));
	row_eq(r, n, 24, "orders");
	row_info(r, "first task, thread, sharer, borrower let go in %u orders: counts as the table "
		 "says, freed with the last", n);
}
ROW(M3, "life of an address space: users, references, freed at the exact step", m3_life);

/* ---- M6: threads --------------------------------------------------------------------- */

static struct row *mm_row;

/* "ADDR": mm_users and mm_count of the writer go there, two words of 32 bits. */
static int knob_mm_counts(const char *value)
{
	unsigned long addr = 0;
	u32 *to;

	if (!mm_row)
		return -EPERM;
	for (; *value >= '0' && *value <= '9'; value++)
		addr = addr * 10 + (unsigned long)(*value - '0');
	to = (u32 *)addr;
	if (put_user((u32)current->mm->mm_users, to) ||
	    put_user((u32)current->mm->mm_count, to + 1))
		return -EFAULT;
	return 0;
}

static void m6_threads(struct row *r)
{
	static const char *const programs[][2] = {
		{ "/bin/threads-musl", NULL }, { "/bin/threads-glibc", NULL },
	};
	static bool registered;
	unsigned i;

	if (!registered && register_knob("mm_counts", knob_mm_counts) == 0)
		registered = true;
	mm_row = r;
	run_user_row(r, "/bin/rows", "M6");
	mm_row = NULL;
	for (i = 0; i < ARRAY_SIZE(programs); i++)
		run_user_plain(r, programs[i], 0);
	row_eq(r, nr_futex_waiters, 0, "futex waiters left behind");
}
ROW(M6, "threads: one address space, no CR3 loads between them, futexes", m6_threads);

/* ---- M11: what is flushed -------------------------------------------------------------- */

static void m11_flushes(struct row *r)
{
	struct walk w = WALK((unsigned long)m11_flushes);

	run_user_row(r, "/bin/rows", "M11");
	/* That global entries survive a load of CR3 shows only on hardware (TCG drops them). */
	row_eq(r, !!(read_cr4() & X86_CR4_PGE), 1, "CR4.PGE");
	row_eq(r, w.entry[w.depth - 1] >> 8 & 1, 1, "the Global bit of a kernel entry");
}
ROW(M11, "TLB: a page on COW, unmap, protect; all on exit; global kernel entries", m11_flushes);

/* ---- N11: memory runs out -------------------------------------------------------------- */

#define N11_LEFT	(16ul << (20 - PAGE_SHIFT))	/* pages that the program finds */

static void n11_exhausted(struct row *r)
{
	unsigned order = MAX_ORDER - 1;
	struct page *page, *next;
	LIST_HEAD(blocks);

	while (nr_free_pages() > N11_LEFT) {
		while (order && nr_free_pages() - N11_LEFT < 1ul << order)
			order--;
		page = alloc_pages(GFP_HIGHUSER | __GFP_NOWARN, order);
		if (page) {
			page->private = order;
			list_add(&page->lru, &blocks);
		} else if (!order--) {
			break;
		}
	}
	row_ok(r, nr_free_pages() <= 4 * N11_LEFT, "%lu pages are still free", nr_free_pages());
	run_user_row(r, "/bin/rows", "N11");
	list_for_each_entry_safe(page, next, &blocks, lru) {
		list_del(&page->lru);
		__free_pages(page, (unsigned)page->private);
	}
}
/* By name only: how much memory the program finds differs too much between machines. */
ROW_FLAGS(N11, "out of memory in a first touch or a copy: that task is killed, no other", n11_exhausted, ROW_EXPLICIT);

/* ---- rows that are programs alone -------------------------------------------------------- */

USER_ROW(M14, "sparse address spaces are cheap: tables for used parts only", "/bin/rows");
USER_ROW(N4, "new memory is zero, whatever the frame held before", "/bin/rows");
USER_ROW(N6, "three generations, all orders of exit; 300 processes share a page", "/bin/rows");
USER_ROW(N9, "no stale translation after a copy made by the kernel, or a change of entries",
	 "/bin/rows");
USER_ROW(N10, "the cost of fork grows with tables, not with data", "/bin/rows");
USER_ROW(N12, "only the used part of a large map has frames", "/bin/rows");
