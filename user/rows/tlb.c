/* SPDX-License-Identifier: MIT */
/*
 * Translations that must not be used any more (catalogue M11, N9).
 *
 * Each case: prime, so that the TLB has the page; change the entry without a fault of this
 * program; access, which must see the change.  All of it again with another thread that
 * primes and accesses.  And each operation drops what it has to, page by page or all, and no
 * more: the counters say so.
 */
#include "../lib/thread.h"
#include "counting.h"
#include "rows.h"

#define SIGSEGV	11

/* Since start_count(): single pages, whole user halves, everything; no other load of CR3. */
static void flushed(s64 one, s64 mm, const char *what)
{
	pw_snapshot(&after);
	CHECK_EQ(growth("tlb_flush_one") - growth("kmap_local_maps"), one,
		 "pages flushed one by one by %s", what);
	CHECK_EQ(growth("tlb_flush_mm"), mm, "flushes of the user half by %s", what);
	CHECK_EQ(growth("tlb_flush_all"), 0, "flushes of everything by %s", what);
	CHECK_EQ(growth("cr3_loads"), growth("tlb_flush_mm") + growth("mm_switches"),
		 "loads of CR3 by %s, that are neither flush nor switch", what);
}

static volatile u8 *fresh(ulong pages)
{
	volatile u8 *p = map_at(EMPTY_PLACE, pages * PAGE_SIZE, PROT_READ | PROT_WRITE);
	ulong i;

	for (i = 0; i < pages; i++)
		p[i * PAGE_SIZE] = 1;
	return p;
}

static void drop(volatile u8 *p, ulong pages)
{
	sys_munmap((void *)p, pages * PAGE_SIZE);
}

static int nothing(int command)
{
	return 0;
}

static unsigned faults(volatile u8 *p, ulong pages, enum access kind, int code)
{
	unsigned n = 0;
	ulong i;

	for (i = 0; i < pages; i++) {
		struct caught c = catch_access(kind, (ulong)(p + i * PAGE_SIZE));

		n += c.sig == SIGSEGV && c.code == code;
	}
	return n;
}

/* ---- M11 ----------------------------------------------------------------------------- */

static void m11_copy(void)
{
	volatile u8 *p = fresh(3);
	struct child c;

	child_start(&c, nothing);
	child_do(&c, 0);
	CHECK_EQ(p[0] + p[PAGE_SIZE] + p[2 * PAGE_SIZE], 3, "contents before the copies");
	start_count();
	p[0] = 2;
	p[PAGE_SIZE] = 2;
	flushed(2, 0, "two copies on write");
	CHECK_EQ(growth("cow_copies"), 2, "copies");
	CHECK_EQ(p[0] + p[PAGE_SIZE], 4, "contents after the copies");
	child_end(&c);
	start_count();
	p[2 * PAGE_SIZE] = 2;		/* ours alone by now */
	flushed(0, 0, "a write by the last owner");
	CHECK_EQ(growth("cow_reuses"), 1, "pages reused");
	drop(p, 3);
}

static void m11_protect(ulong pages, s64 one, s64 mm)
{
	volatile u8 *p = fresh(pages);

	start_count();
	CHECK_EQ(sys_mprotect((void *)p, pages * PAGE_SIZE, PROT_READ), 0, "mprotect");
	flushed(one, mm, "mprotect(PROT_READ)");
	CHECK_EQ(faults(p, pages, ACCESS_WRITE, 2), pages, "writes refused of %lu", pages);
	start_count();
	CHECK_EQ(sys_mprotect((void *)p, pages * PAGE_SIZE, PROT_READ | PROT_WRITE), 0,
		 "mprotect");
	flushed(0, 0, "mprotect that gives rights");
	p[0] = 3;
	CHECK_EQ(p[0], 3, "a write after that");
	drop(p, pages);
}

static void m11_unmap(ulong pages, s64 one, s64 mm)
{
	volatile u8 *p = fresh(pages), *far = map_at(EMPTY_PLACE + 64 * MiB, PAGE_SIZE,
						     PROT_READ | PROT_WRITE);

	far[0] = 1;			/* so that upper tables stay */
	start_count();
	drop(p, pages);
	flushed(one, mm, "munmap");
	CHECK_EQ(faults(p, pages, ACCESS_READ, 1), pages, "reads refused of %lu", pages);
	drop(far, 1);
}

static void m11_untouched(void)
{
	volatile u8 *p = map_at(EMPTY_PLACE, 100 * PAGE_SIZE, PROT_READ | PROT_WRITE);

	start_count();
	sys_mprotect((void *)p, 50 * PAGE_SIZE, PROT_READ);
	drop(p, 100);
	flushed(0, 0, "mprotect and munmap of memory that was never touched");
}

static void m11_fork_and_exit(void)
{
	volatile u8 *p = fresh(4);
	int status = 0;
	long pid;

	start_count();
	pid = sys_fork();
	if (!pid)
		sys_exit_group(0);
	sys_wait4((int)pid, &status, 0, NULL);
	pw_snapshot(&after);
	CHECK_EQ(growth("tlb_flush_mm"), 2, "flushes of a user half by fork and exit");
	CHECK_EQ(growth("tlb_flush_all"), 0, "flushes of everything by fork and exit");
	CHECK_EQ(growth("cr3_loads"), 2 + growth("mm_switches"), "CR3 loads of both");
	drop(p, 4);
}

static void m11_flushes(void)
{
	catch_begin();
	m11_copy();
	m11_protect(1, 1, 0);
	m11_protect(33, 33, 0);
	m11_protect(34, 0, 1);
	m11_unmap(1, 1, 0);
	m11_unmap(33, 33, 0);
	m11_unmap(34, 0, 1);
	m11_untouched();
	m11_fork_and_exit();
	catch_end();
	CHECK_INFO("COW 1 page each, mprotect and munmap up to 33 pages one by one, more with one "
		   "load of CR3, fork and exit one load each, everything never");
}
TEST(M11, m11_flushes);

/* ---- N9 ------------------------------------------------------------------------------ */

static int fds[2];			/* a pipe: read(2) writes to our page, in kernel mode */

static void kernel_writes(volatile u8 *p, u8 value)
{
	CHECK_EQ(sys_write(fds[1], &value, 1), 1, "write to the pipe");
	CHECK_EQ(sys_read(fds[0], (void *)p, 1), 1, "read from the pipe into the page");
}

/* What primes and looks: this thread, or the other one at our command. */
static volatile int asked, answered;
static volatile enum { LOOK, STORE, TRY_READ, TRY_WRITE, STOP } question;
static volatile u8 *about;
static volatile u8 answer;
static struct caught caught;

static void do_question(void)
{
	switch (question) {
	case LOOK:
		answer = *about;
		break;
	case STORE:
		*about = 9;
		break;
	case TRY_READ:
		caught = catch_access(ACCESS_READ, (ulong)about);
		break;
	case TRY_WRITE:
		caught = catch_access(ACCESS_WRITE, (ulong)about);
		break;
	case STOP:
		break;
	}
}

static int other_thread(void *arg)
{
	int n = 0, last;

	do {
		wait_count(&asked, ++n);
		last = question;
		do_question();
		add_count(&answered);
	} while (last != STOP);
	return 0;
}

static bool by_other;

static void ask(int q, volatile u8 *p)
{
	question = q;
	about = p;
	caught = (struct caught){ 0 };
	if (!by_other) {
		do_question();
		return;
	}
	add_count(&asked);
	wait_count(&answered, asked);
}

static u8 look(volatile u8 *p)
{
	ask(LOOK, p);
	return answer;
}

static const char *who(void)
{
	return by_other ? "the other thread" : "this thread";
}

/* The child keeps the old page, so a stale translation has something to show. */
static void n9_cow(void)
{
	volatile u8 *p = fresh(1);
	struct child c;

	child_start(&c, nothing);
	child_do(&c, 0);
	CHECK_EQ(look(p), 1, "primed by %s", who());
	start_count();
	kernel_writes(p, 7);
	pw_snapshot(&after);
	CHECK_EQ(growth("cow_copies"), 1, "copies");
	CHECK_EQ(look(p), 7, "what %s sees after the kernel broke the COW", who());
	child_end(&c);
	drop(p, 1);
}

static void n9_zero_page(void)
{
	volatile u8 *p = map_at(EMPTY_PLACE, PAGE_SIZE, PROT_READ | PROT_WRITE);

	CHECK_EQ(look(p), 0, "the zero page, by %s", who());
	kernel_writes(p, 8);
	CHECK_EQ(look(p), 8, "what %s sees after the kernel replaced the zero page", who());
	drop(p, 1);
}

static void n9_protect(void)
{
	volatile u8 *p = fresh(1);

	ask(STORE, p);
	sys_mprotect((void *)p, PAGE_SIZE, PROT_READ);
	ask(TRY_WRITE, p);
	CHECK(caught.sig == SIGSEGV && caught.code == 2 && *p == 9,
	      "%s writes to a page that has become read-only (signal %d)", who(), caught.sig);
	sys_mprotect((void *)p, PAGE_SIZE, PROT_NONE);
	ask(TRY_READ, p);
	CHECK(caught.sig == SIGSEGV && caught.code == 2,
	      "%s reads a PROT_NONE page (signal %d)", who(), caught.sig);
	drop(p, 1);
}

static void n9_unmap(void)
{
	volatile u8 *p = fresh(1);

	CHECK_EQ(look(p), 1, "primed by %s", who());
	drop(p, 1);
	ask(TRY_READ, p);
	CHECK(caught.sig == SIGSEGV && caught.code == 1,
	      "%s reads a page that is not mapped any more (signal %d)", who(), caught.sig);
	p = fresh(1);
	p[0] = 5;
	CHECK_EQ(look(p), 5, "what %s sees of the next page at that address", who());
	sys_madvise((void *)p, PAGE_SIZE, MADV_DONTNEED);
	CHECK_EQ(look(p), 0, "what %s sees after MADV_DONTNEED", who());
	drop(p, 1);
}

static void n9_move(void)
{
	volatile u8 *p = fresh(1), *to = (void *)(EMPTY_PLACE + 32 * MiB), *q;

	p[0] = 6;
	CHECK_EQ(look(p), 6, "primed by %s", who());
	q = sys_mremap((void *)p, PAGE_SIZE, PAGE_SIZE, MREMAP_MAYMOVE | MREMAP_FIXED, (void *)to);
	if (!CHECK(q == to, "mremap returns %p", q))
		return;
	CHECK_EQ(look(q), 6, "what %s sees at the new address", who());
	ask(TRY_READ, p);
	CHECK(caught.sig == SIGSEGV && caught.code == 1,
	      "%s reads the old address after mremap (signal %d)", who(), caught.sig);
	drop(q, 1);
}

static void n9_stale(void)
{
	struct thread t;
	int i;

	CHECK_EQ(sys_pipe(fds), 0, "pipe");
	catch_begin();
	CHECK(thread_start(&t, THREAD_FLAGS, other_thread, NULL) > 0, "clone");
	for (i = 0; i < 2; i++) {
		by_other = i;
		n9_cow();
		n9_zero_page();
		n9_protect();
		n9_unmap();
		n9_move();
	}
	by_other = true;
	ask(STOP, NULL);
	thread_join(&t);
	catch_end();
	CHECK_INFO("copies by read(2), mprotect, munmap, MADV_DONTNEED, mremap: nothing stale in "
		   "this thread or another");
}
TEST(N9, n9_stale);
