/* SPDX-License-Identifier: MIT */
/*
 * Threads and futexes by the raw calls (catalogue M6), and the actors of M3.  What C
 * libraries make of them is in user/libc/threads.c.
 */
#include <linux/sched.h>
#include "../lib/thread.h"
#include "counting.h"
#include "rows.h"

#define SIGUSR1	10
#define SIGKILL	9
#define SIGSEGV	11
#define SIGCHLD	17
#define WAITERS	5

/* ---- M3: four tasks that wait for their end (test/kernel/thread_rows.c) ---------------- */

static void end_this_task(int sig)
{
	sys_exit(0);
}

static int wait_for_end(void *arg)
{
	for (;;)
		syscall0(__NR_pause);
	return 0;
}

static void m3_cast(void)
{
	static struct thread thread, sharer;

	set_signal(SIGUSR1, (void *)end_this_task, 0);
	if (!sys_fork())
		wait_for_end(NULL);
	thread_start(&thread, THREAD_FLAGS, wait_for_end, NULL);
	thread_start(&sharer, CLONE_VM | SIGCHLD, wait_for_end, NULL);
	wait_for_end(NULL);
}
HELPER(m3, "M3CAST", m3_cast);

/* ---- M6: one address space ------------------------------------------------------------- */

static volatile int turn, asked, answered;
static volatile u64 cr3_of_thread;
static volatile u8 *place;
static volatile u8 value;
static struct caught caught;

static void mm_counts(u32 counts[2])
{
	char text[40];

	snprintf(text, sizeof(text), "mm_counts=%lu", (ulong)counts);
	CHECK_EQ(pw_knob(text), 0, "the knob mm_counts");
}

static void pass_turn(int from, int to)
{
	while (turn != from)
		futex_wait(&turn, (u32)to);
	turn = to;
	futex_wake(&turn, 1);
}

#define ROUNDS	300

static int m6_thread(void *arg)
{
	int i;

	cr3_of_thread = pw_cr3();
	add_count(&answered);
	for (i = 0; i < ROUNDS; i++)
		pass_turn(1, 0);
	wait_count(&asked, 1);
	value = *place;
	add_count(&answered);
	wait_count(&asked, 2);
	caught = catch_access(ACCESS_READ, (ulong)place);
	place = map_at(EMPTY_PLACE + PAGE_SIZE, PAGE_SIZE, PROT_READ | PROT_WRITE);
	*place = 6;
	add_count(&answered);
	return 0;
}

static void m6_one_space(void)
{
	u32 counts[2] = { 0, 0 };
	struct thread t;
	int i;

	place = map_at(EMPTY_PLACE, PAGE_SIZE, PROT_READ | PROT_WRITE);
	*place = 5;
	CHECK_EQ(thread_start(&t, THREAD_FLAGS, m6_thread, NULL), t.tid, "clone, and its tid");
	/* Whoever reads /proc through pagewalk.h has the same buffer: first the thread, then we. */
	wait_count(&answered, 1);
	mm_counts(counts);
	CHECK_EQ(counts[0], 2, "mm_users with a thread");
	CHECK_EQ(counts[1], 1, "mm_count with a thread");
	CHECK_EQ(pw_field("/proc/self/status", "Threads:"), 2, "Threads: in /proc/self/status");
	CHECK_EQ(cr3_of_thread, pw_cr3(), "CR3 of the thread");

	pw_snapshot(&after);
	pw_snapshot(&before);
	for (i = 0; i < ROUNDS; i++)
		pass_turn(0, 1);
	while (turn)
		futex_wait(&turn, 1);
	pw_snapshot(&after);
	CHECK(growth("switches") >= 2 * ROUNDS, "%lld switches in %d rounds",
	      (long long)growth("switches"), ROUNDS);
	CHECK_EQ(growth("cr3_loads"), 0, "CR3 loads between the threads");
	CHECK_EQ(growth("mm_switches"), 0, "switches to another address space");

	add_count(&asked);
	wait_count(&answered, 2);
	CHECK_EQ(value, 5, "what the thread reads");
	sys_munmap((void *)place, PAGE_SIZE);
	add_count(&asked);
	thread_join(&t);
	CHECK(caught.sig == SIGSEGV && caught.code == 1,
	      "the thread reads what we have unmapped (signal %d)", caught.sig);
	CHECK_EQ(*place, 6, "what the thread has mapped and written");
	sys_munmap((void *)place, PAGE_SIZE);
	mm_counts(counts);
	CHECK_EQ(counts[0], 1, "mm_users when the thread has ended");
	CHECK_INFO("%lld switches between two threads, 0 CR3 loads; mm_users 2", (long long)
		   growth("switches"));
}

/* ---- futexes: how many wake, and who --------------------------------------------------- */

static u32 words[2];
static volatile int woken[WAITERS];
static volatile long results[WAITERS];

static int wait_for_word(void *arg)
{
	long i = (long)arg;

	results[i] = sys_futex(&words[0], FUTEX_WAIT_BITSET | FUTEX_PRIVATE_FLAG, 0, NULL, NULL,
			       1u << i);
	woken[i] = 1;
	return 0;
}

static unsigned count_woken(void)
{
	unsigned i, n = 0;

	for (i = 0; i < WAITERS; i++)
		n += woken[i];
	return n;
}

/* What was woken runs before what yields again and again. */
static void settle(u64 waiting)
{
	int i;

	for (i = 0; i < 2000 && pw_counter("futex_waiters") != waiting; i++)
		sys_sched_yield();
	for (i = 0; i < 8; i++)
		sys_sched_yield();
}

static void start_waiters(struct thread *t)
{
	long i;

	for (i = 0; i < WAITERS; i++) {
		woken[i] = 0;
		results[i] = -1;
		CHECK(thread_start(&t[i], THREAD_FLAGS, wait_for_word, (void *)i) > 0, "clone");
		settle((u64)i + 1);	/* one after the other */
	}
	CHECK_EQ(pw_counter("futex_waiters"), WAITERS, "threads that wait");
}

static void join_waiters(struct thread *t)
{
	unsigned i, wrong = 0;

	for (i = 0; i < WAITERS; i++) {
		thread_join(&t[i]);
		wrong += results[i] != 0;
	}
	CHECK_EQ(wrong, 0, "waits with another result than 0");
	CHECK_EQ(pw_counter("futex_waiters"), 0, "threads that wait at the end");
}

#define PRIVATE(op)	((op) | FUTEX_PRIVATE_FLAG)

static void futex_counts(void)
{
	struct thread t[WAITERS];

	start_waiters(t);
	CHECK_EQ(sys_futex(&words[0], FUTEX_WAKE, 9, NULL, NULL, 0), 0,
		 "woken by a wake that is not private");
	CHECK_EQ(sys_futex(&words[0], PRIVATE(FUTEX_WAKE_BITSET), 9, NULL, NULL, 1u << 3), 1,
		 "woken by bit 3");
	settle(WAITERS - 1);
	CHECK(woken[3] && count_woken() == 1, "another one than thread 3 was woken");
	CHECK_EQ(sys_futex(&words[0], PRIVATE(FUTEX_WAKE), 2, NULL, NULL, 0), 2, "woken of 2");
	settle(WAITERS - 3);
	CHECK(woken[0] && woken[1] && count_woken() == 3, "not the first two were woken");
	CHECK_EQ(sys_futex(&words[0], PRIVATE(FUTEX_WAKE), 9, NULL, NULL, 0), 2, "woken of all");
	join_waiters(t);

	start_waiters(t);
	CHECK_EQ(sys_futex(&words[0], PRIVATE(FUTEX_CMP_REQUEUE), 1, (void *)2, &words[1], 1),
		 -EAGAIN, "FUTEX_CMP_REQUEUE with another value");
	CHECK_EQ(sys_futex(&words[0], PRIVATE(FUTEX_CMP_REQUEUE), 1, (void *)2, &words[1], 0), 3,
		 "woken and moved");
	settle(WAITERS - 1);
	CHECK_EQ(count_woken(), 1, "threads that FUTEX_CMP_REQUEUE has woken");
	CHECK_EQ(sys_futex(&words[0], PRIVATE(FUTEX_WAKE), 9, NULL, NULL, 0), 2,
		 "woken at the first word");
	CHECK_EQ(sys_futex(&words[1], PRIVATE(FUTEX_WAKE), 9, NULL, NULL, 0), 2,
		 "woken at the second word");
	join_waiters(t);

	start_waiters(t);
	words[1] = 7;
	/* words[1] += 3; wake 2 at the first, and since it was 7, 9 at the second. */
	CHECK_EQ(sys_futex(&words[0], PRIVATE(FUTEX_WAKE_OP), 2, (void *)9, &words[1],
			   FUTEX_OP(FUTEX_OP_ADD, 3, FUTEX_OP_CMP_EQ, 7)), 2, "FUTEX_WAKE_OP");
	CHECK_EQ(words[1], 10, "the word that FUTEX_WAKE_OP changes");
	CHECK_EQ(sys_futex(&words[0], PRIVATE(FUTEX_REQUEUE), 0, (void *)9, &words[1], 0), 3,
		 "moved by FUTEX_REQUEUE");
	CHECK_EQ(sys_futex(&words[1], PRIVATE(FUTEX_WAKE), 9, NULL, NULL, 0), 3, "woken there");
	words[1] = 0;
	join_waiters(t);
}

static void futex_errors(void)
{
	struct timespec ms = { 0, 5000000 }, bad = { 0, -1 }, past = { 1, 0 };
	u32 word = 5, *unmapped = (u32 *)EMPTY_PLACE;
	u64 start = now_ns();

	CHECK_EQ(sys_futex(&word, FUTEX_WAIT, 4, NULL, NULL, 0), -EAGAIN, "another value");
	CHECK_EQ(sys_futex(&word, FUTEX_WAIT, 5, &ms, NULL, 0), -ETIMEDOUT, "a wait of 5 ms");
	CHECK(now_ns() - start >= 5000000, "5 ms were only %u us",
	      (unsigned)((now_ns() - start) / 1000));
	CHECK_EQ(sys_futex(&word, FUTEX_WAIT_BITSET | FUTEX_CLOCK_REALTIME, 5, &past, NULL, 1),
		 -ETIMEDOUT, "a wait until a second after 1970 began");
	CHECK_EQ(sys_futex(&word, FUTEX_WAIT, 5, &bad, NULL, 0), -EINVAL, "a negative time");
	CHECK_EQ(sys_futex(&word, FUTEX_WAIT, 5, (void *)-8l, NULL, 0), -EFAULT, "a bad time");
	CHECK_EQ(sys_futex(&word, FUTEX_WAIT_BITSET, 5, NULL, NULL, 0), -EINVAL, "no bits");
	CHECK_EQ(sys_futex((char *)&word + 1, FUTEX_WAKE, 1, NULL, NULL, 0), -EINVAL,
		 "an address that is not aligned");
	CHECK_EQ(sys_futex(unmapped, FUTEX_WAIT, 0, NULL, NULL, 0), -EFAULT, "no memory there");
	CHECK_EQ(sys_futex(unmapped, PRIVATE(FUTEX_WAIT), 0, NULL, NULL, 0), -EFAULT,
		 "the same, private");
	CHECK_EQ(sys_futex(unmapped, FUTEX_WAKE, 1, NULL, NULL, 0), -EFAULT, "to wake there");
	CHECK_EQ(sys_futex(unmapped, PRIVATE(FUTEX_WAKE), 1, NULL, NULL, 0), 0,
		 "the same, private: nobody looks at memory");
	CHECK_EQ(sys_futex((void *)-4096l, PRIVATE(FUTEX_WAKE), 1, NULL, NULL, 0), -EFAULT,
		 "a kernel address");
	CHECK_EQ(sys_futex(&word, FUTEX_CMP_REQUEUE, 1, (void *)-1l, &word, 5), -EINVAL,
		 "a negative number to move");
	CHECK_EQ(sys_futex(&word, FUTEX_LOCK_PI, 0, NULL, NULL, 0), -ENOSYS, "FUTEX_LOCK_PI");
	CHECK_EQ(sys_futex(&word, FUTEX_WAKE | FUTEX_CLOCK_REALTIME, 1, NULL, NULL, 0), -ENOSYS,
		 "FUTEX_WAKE by a clock");
	CHECK_EQ(sys_futex(&word, FUTEX_FD, 1, NULL, NULL, 0), -ENOSYS, "FUTEX_FD");
}

/* ---- between processes ------------------------------------------------------------------ */

static void shared_futex(void)
{
	volatile u32 *w = map_shared(PAGE_SIZE), *again;
	long pid, i;
	int status;

	/* The same page at another address: it is the page that counts. */
	again = sys_mremap((void *)w, 0, PAGE_SIZE, MREMAP_MAYMOVE, NULL);
	pid = sys_fork();
	if (!pid)
		sys_exit_group(sys_futex(w, FUTEX_WAIT, 0, NULL, NULL, 0) == 0 ? 5 : 6);
	for (i = 0; i < 500 && pw_counter("futex_waiters") != 1; i++)
		sleep_ms(1);
	CHECK_EQ(futex_wake(IS_ERR(again) ? w : again, 1), 1, "woken in another process");
	status = wait_for((int)pid);
	CHECK(EXITED(status, 5), "wait status of the waiter: %#x", status);

	/* Killed while it waits: nothing stays behind. */
	pid = sys_fork();
	if (!pid)
		sys_exit_group(sys_futex(w, FUTEX_WAIT, 0, NULL, NULL, 0) == 0 ? 5 : 6);
	for (i = 0; i < 500 && pw_counter("futex_waiters") != 1; i++)
		sleep_ms(1);
	sys_kill((int)pid, SIGKILL);
	status = wait_for((int)pid);
	CHECK(KILLED(status, SIGKILL), "wait status: %#x", status);
	CHECK_EQ(pw_counter("futex_waiters"), 0, "waiters after one was killed");
	CHECK_EQ(futex_wake(w, 9), 0, "woken when nobody waits");
}

struct lock {
	struct robust_list list;
	u32 word;
};

static void robust_list(void)
{
	struct {
		struct robust_list_head head;
		struct lock lock[3];
	} *s = map_shared(PAGE_SIZE);
	struct robust_list_head *head = NULL;
	size_t size = 0;
	int status, i;
	long pid;

	CHECK_EQ(syscall2(__NR_set_robust_list, (long)&s->head, 7), -EINVAL, "a wrong size");
	pid = sys_fork();
	if (!pid) {
		const u32 tid = (u32)sys_gettid();

		for (i = 0; i < 3; i++) {
			s->lock[i].list.next = i < 2 ? &s->lock[i + 1].list : &s->head.list;
			s->lock[i].word = tid | (i == 1 ? FUTEX_WAITERS : 0);
		}
		s->lock[2].word = tid + 1;	/* not ours */
		s->head.list.next = &s->lock[0].list;
		s->head.futex_offset = offsetof(struct lock, word);
		s->head.list_op_pending = NULL;
		syscall2(__NR_set_robust_list, (long)&s->head, sizeof(s->head));
		sys_exit_group(syscall3(__NR_get_robust_list, 0, (long)&head, (long)&size) ||
			       head != &s->head || size != sizeof(s->head));
	}
	status = wait_for((int)pid);
	CHECK(EXITED(status, 0), "get_robust_list (status %#x)", status);
	CHECK_EQ(s->lock[0].word, FUTEX_OWNER_DIED, "a lock of a process that has ended");
	CHECK_EQ(s->lock[1].word, FUTEX_OWNER_DIED | FUTEX_WAITERS, "one that others wait for");
	CHECK_EQ(s->lock[2].word, (u32)pid + 1, "one that another holds");
	CHECK_EQ(syscall3(__NR_get_robust_list, 999999, (long)&head, (long)&size), -ESRCH,
		 "get_robust_list of nobody");

	/* A list that never ends. */
	pid = sys_fork();
	if (!pid) {
		s->lock[0].list.next = &s->lock[0].list;
		syscall2(__NR_set_robust_list, (long)&s->head, sizeof(s->head));
		sys_exit_group(3);
	}
	status = wait_for((int)pid);
	CHECK(EXITED(status, 3), "a process with an endless list (status %#x)", status);
}

/* ---- clone3, exit, exec ------------------------------------------------------------------ */

static long clone3(struct clone_args *a, size_t size)
{
	return syscall2(__NR_clone3, (long)a, (long)size);
}

static void clone3_calls(void)
{
	struct {
		struct clone_args a;
		u64 more;
	} x = { .a = { .exit_signal = SIGCHLD } };
	int tid = 0, status;
	long pid;

	CHECK_EQ(clone3(&x.a, 56), -EINVAL, "clone3 with less than its first version");
	CHECK_EQ(clone3(&x.a, PAGE_SIZE + 8), -E2BIG, "clone3 with more than a page");
	CHECK_EQ(clone3((void *)-4096l, sizeof(x.a)), -EFAULT, "clone3 from a kernel address");
	x.more = 1;
	CHECK_EQ(clone3(&x.a, sizeof(x)), -E2BIG, "clone3 with something unknown");
	x.more = 0;
	x.a.flags = SIGCHLD;
	CHECK_EQ(clone3(&x.a, sizeof(x.a)), -EINVAL, "clone3 with a signal among the flags");
	x.a.flags = CLONE_SIGHAND;
	CHECK_EQ(clone3(&x.a, sizeof(x.a)), -EINVAL, "CLONE_SIGHAND without CLONE_VM");
	x.a.flags = CLONE_THREAD | CLONE_SIGHAND | CLONE_VM;
	CHECK_EQ(clone3(&x.a, sizeof(x.a)), -EINVAL, "CLONE_THREAD with an exit signal");
	x.a.flags = 0;
	x.a.stack = 0x1000;
	CHECK_EQ(clone3(&x.a, sizeof(x.a)), -EINVAL, "a stack without a size");
	x.a.stack = 0;
	x.a.exit_signal = 65;
	CHECK_EQ(clone3(&x.a, sizeof(x.a)), -EINVAL, "an exit signal that does not exist");
	x.a.exit_signal = SIGCHLD;

	x.a.flags = CLONE_PARENT_SETTID | CLONE_CLEAR_SIGHAND;
	x.a.parent_tid = (ulong)&tid;
	set_signal(SIGUSR1, (void *)end_this_task, 0);
	pid = clone3(&x.a, sizeof(x));
	if (!pid) {
		sys_kill((int)sys_getpid(), SIGUSR1);	/* no handler: killed by it */
		sys_exit_group(9);
	}
	CHECK(pid > 0 && tid == pid, "clone3 returns %ld, the number is %d", pid, tid);
	status = wait_for((int)pid);
	CHECK(KILLED(status, SIGUSR1), "the child without handlers (status %#x)", status);
	set_signal(SIGUSR1, SIG_DFL, 0);
}

static volatile int handler_tid;

static void note_tid(int sig)
{
	handler_tid = (int)sys_gettid();
}

static int wait_for_signal(void *arg)
{
	add_count(&answered);
	while (!handler_tid)
		syscall0(__NR_pause);
	return 0;
}

static void signals_to_threads(void)
{
	char path[48], text[64];
	struct thread t;

	handler_tid = answered = 0;
	set_signal(SIGUSR1, (void *)note_tid, 0);
	thread_start(&t, THREAD_FLAGS, wait_for_signal, NULL);
	wait_count(&answered, 1);
	snprintf(path, sizeof(path), "/proc/%ld/task/%d/comm", sys_getpid(), t.number);
	CHECK(read_file(path, text, sizeof(text)) > 0, "%s cannot be read", path);
	CHECK_EQ(syscall3(__NR_tgkill, sys_getpid() + 1, t.number, SIGUSR1), -ESRCH,
		 "tgkill with another group");
	CHECK_EQ(syscall3(__NR_tgkill, sys_getpid(), t.number, SIGUSR1), 0, "tgkill");
	thread_join(&t);
	CHECK_EQ(handler_tid, t.number, "the thread that has run the handler");
	CHECK_EQ(read_file(path, text, sizeof(text)), -ENOENT, "its directory in /proc now");
	set_signal(SIGUSR1, SIG_DFL, 0);
}

static int exit_all(void *arg)
{
	sys_exit_group(21);
}

static int end_alone(void *arg)
{
	sleep_ms(5);
	return 55;
}

static void group_exit(void)
{
	struct thread t;
	int status;
	long pid = sys_fork();

	if (!pid) {
		thread_start(&t, THREAD_FLAGS, exit_all, NULL);
		wait_for_end(NULL);
	}
	status = wait_for((int)pid);
	CHECK(EXITED(status, 21), "exit_group by a thread (status %#x)", status);
	/* The first thread ends first: its status counts, when the last one has ended. */
	pid = sys_fork();
	if (!pid) {
		thread_start(&t, THREAD_FLAGS, end_alone, NULL);
		sys_exit(22);
	}
	status = wait_for((int)pid);
	CHECK(EXITED(status, 22), "exit of the first thread before another (status %#x)", status);
}

static void m6_threads(void)
{
	catch_begin();
	m6_one_space();
	catch_end();
	futex_counts();
	futex_errors();
	shared_futex();
	robust_list();
	clone3_calls();
	signals_to_threads();
	group_exit();
}
TEST(M6, m6_threads);
