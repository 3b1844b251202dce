/* SPDX-License-Identifier: MIT */
/*
 * An ordinary program with threads, linked statically with somebody else's C library:
 * /bin/threads-musl, /bin/threads-glibc.  Everything that pthreads build on futex, clone and
 * signals, with figures that come out right only if nothing is lost.
 */
#include <errno.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define THREADS	24
#define ROUNDS	400
#define ITEMS	500

static int failed;
static pthread_t threads[THREADS];
static _Thread_local unsigned long mine = 1;

static void expect(int ok, const char *what)
{
	if (!ok)
		printf("wrong: %s (errno %d)\n", what, errno);
	failed += !ok;
}

static void run_all(void *(*fn)(void *), const char *what)
{
	void *result;
	long i, good = 0;

	for (i = 0; i < THREADS; i++)
		expect(!pthread_create(&threads[i], NULL, fn, (void *)i), "pthread_create");
	for (i = 0; i < THREADS; i++)
		good += !pthread_join(threads[i], &result) && result == (void *)(i * 3);
	expect(good == THREADS, what);
}

/* ---- a mutex, and data of each thread ------------------------------------------------ */

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static unsigned long sum;

static void *add(void *arg)
{
	unsigned long i, seen;

	for (i = 0; i < ROUNDS; i++) {
		mine++;
		pthread_mutex_lock(&lock);
		seen = sum;
		if (i % 16 == 0)
			sched_yield();		/* somebody else would like to have it */
		sum = seen + 1;
		pthread_mutex_unlock(&lock);
	}
	return (void *)(mine == ROUNDS + 1 ? (long)arg * 3 : -1);
}

static void use_mutex(void)
{
	run_all(add, "threads with a mutex and data of their own");
	expect(sum == THREADS * ROUNDS, "the sum that a mutex protects");
	expect(mine == 1, "thread-local data of the first thread");
}

/* ---- condition variables ------------------------------------------------------------- */

static pthread_cond_t not_empty = PTHREAD_COND_INITIALIZER, not_full = PTHREAD_COND_INITIALIZER;
static int queue[4], queued, taken, given;
static long total;

static void *produce_or_consume(void *arg)
{
	int producer = (long)arg % 2;

	pthread_mutex_lock(&lock);
	while (producer ? given < ITEMS : taken < ITEMS) {
		if (producer) {
			while (queued == 4 && given < ITEMS)
				pthread_cond_wait(&not_full, &lock);
			if (given == ITEMS)
				break;
			queue[queued++] = ++given;
			pthread_cond_signal(&not_empty);
		} else {
			while (!queued && taken < ITEMS)
				pthread_cond_wait(&not_empty, &lock);
			if (taken == ITEMS)
				break;
			total += queue[--queued];
			taken++;
			pthread_cond_signal(&not_full);
		}
	}
	pthread_cond_broadcast(&not_empty);
	pthread_cond_broadcast(&not_full);
	pthread_mutex_unlock(&lock);
	return (void *)((long)arg * 3);
}

static void use_conditions(void)
{
	struct timespec t;
	int ret;

	run_all(produce_or_consume, "producers and consumers");
	expect(taken == ITEMS && given == ITEMS && total == ITEMS * (ITEMS + 1l) / 2,
	       "what went through the queue");
	clock_gettime(CLOCK_REALTIME, &t);
	t.tv_nsec += 15000000;
	if (t.tv_nsec >= 1000000000) {
		t.tv_nsec -= 1000000000;
		t.tv_sec++;
	}
	pthread_mutex_lock(&lock);
	ret = pthread_cond_timedwait(&not_empty, &lock, &t);
	pthread_mutex_unlock(&lock);
	expect(ret == ETIMEDOUT, "pthread_cond_timedwait");
}

/* ---- barriers, read-write locks, once, semaphores ------------------------------------- */

static pthread_barrier_t barrier;
static pthread_rwlock_t rwlock = PTHREAD_RWLOCK_INITIALIZER;
static pthread_once_t once = PTHREAD_ONCE_INIT;
static pthread_key_t key;
static sem_t sem;
static int phase[4], serial, onces, destroyed, writes;

static void at_once(void)
{
	onces++;
}

static void destroy(void *value)
{
	__sync_fetch_and_add(&destroyed, (int)(long)value);
}

static void *meet(void *arg)
{
	int i, wrong = 0;

	pthread_once(&once, at_once);
	pthread_setspecific(key, (void *)1);
	for (i = 0; i < 4; i++) {
		__sync_fetch_and_add(&phase[i], 1);
		if (pthread_barrier_wait(&barrier) == PTHREAD_BARRIER_SERIAL_THREAD)
			__sync_fetch_and_add(&serial, 1);
		wrong += phase[i] != THREADS;
		sem_wait(&sem);
		pthread_rwlock_wrlock(&rwlock);
		writes++;
		pthread_rwlock_unlock(&rwlock);
		sem_post(&sem);
		pthread_rwlock_rdlock(&rwlock);
		wrong += writes < 1;
		pthread_rwlock_unlock(&rwlock);
	}
	return (void *)(wrong ? -1 : (long)arg * 3);
}

static void use_barriers(void)
{
	pthread_barrier_init(&barrier, NULL, THREADS);
	pthread_key_create(&key, destroy);
	sem_init(&sem, 0, 2);
	run_all(meet, "threads that meet at a barrier");
	expect(serial == 4 && onces == 1 && writes == 4 * THREADS && destroyed == THREADS,
	       "barrier, once, rwlock, keys");
}

/* ---- cancellation and signals --------------------------------------------------------- */

static volatile int cleaned, handled;
static volatile pid_t handler_tid;

static void clean(void *arg)
{
	cleaned++;
}

static void *sleep_for_ever(void *arg)
{
	pthread_cleanup_push(clean, NULL);
	if (arg)
		pause();
	else
		sem_wait(&sem);
	pthread_cleanup_pop(0);
	return NULL;
}

static void on_signal(int sig)
{
	handled++;
	handler_tid = (pid_t)syscall(SYS_gettid);
}

static void *take_signal(void *arg)
{
	while (!handled)
		usleep(1000);
	return (void *)(handler_tid == (pid_t)syscall(SYS_gettid) ? 1l : 0l);
}

static void *wait_for_signal(void *arg)
{
	int sig = 0;

	sigwait(arg, &sig);
	return (void *)(long)sig;
}

static void use_signals(void)
{
	struct sigaction sa = { .sa_handler = on_signal };
	void *result = NULL;
	sigset_t set;
	pthread_t t;
	int i;

	sem_init(&sem, 0, 0);
	for (i = 0; i < 2; i++) {
		pthread_create(&t, NULL, sleep_for_ever, (void *)(long)i);
		usleep(2000);
		pthread_cancel(t);
		expect(!pthread_join(t, &result) && result == PTHREAD_CANCELED, "cancellation");
	}
	expect(cleaned == 2, "clean-up handlers");

	sigaction(SIGUSR1, &sa, NULL);
	pthread_create(&t, NULL, take_signal, NULL);
	pthread_kill(t, SIGUSR1);
	pthread_join(t, &result);
	expect(handled == 1 && result == (void *)1l, "pthread_kill");

	/* To the process, when only the other thread takes it; then when nobody does yet. */
	handled = 0;
	pthread_create(&t, NULL, take_signal, NULL);
	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	pthread_sigmask(SIG_BLOCK, &set, NULL);
	kill(getpid(), SIGUSR1);
	pthread_join(t, &result);
	expect(handled == 1 && result == (void *)1l, "a signal to the process");
	kill(getpid(), SIGUSR1);
	pthread_create(&t, NULL, wait_for_signal, &set);
	pthread_join(t, &result);
	expect(result == (void *)(long)SIGUSR1 && handled == 1, "sigwait in another thread");
}

/* ---- robust mutexes, between processes ------------------------------------------------ */

struct shared {
	pthread_mutex_t mutex;
	int value;
};

static void use_robust(void)
{
	struct shared *s = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
				-1, 0);
	pthread_mutexattr_t attr;
	int status, ret;
	pid_t pid;

	pthread_mutexattr_init(&attr);
	pthread_mutexattr_setrobust(&attr, PTHREAD_MUTEX_ROBUST);
	pthread_mutexattr_setpshared(&attr, PTHREAD_PROCESS_SHARED);
	expect(s != MAP_FAILED && !pthread_mutex_init(&s->mutex, &attr), "a robust mutex");
	pid = fork();
	if (!pid) {
		pthread_mutex_lock(&s->mutex);
		s->value = 1;
		usleep(20000);
		kill(getpid(), SIGKILL);
	}
	while (!*(volatile int *)&s->value)
		usleep(1000);
	ret = pthread_mutex_lock(&s->mutex);
	expect(ret == EOWNERDEAD, "the lock of a killed process");
	expect(!pthread_mutex_consistent(&s->mutex), "pthread_mutex_consistent");
	expect(!pthread_mutex_unlock(&s->mutex) && !pthread_mutex_lock(&s->mutex) &&
	       !pthread_mutex_unlock(&s->mutex), "the lock afterwards");
	expect(waitpid(pid, &status, 0) == pid && WIFSIGNALED(status), "waitpid");
}

/* ---- exec and exit with threads about -------------------------------------------------- */

static char *self;

static void *call_exec(void *arg)
{
	usleep(2000);
	execl(self, self, "child", (char *)arg, NULL);
	_exit(99);
}

static void use_exec(void)
{
	char pid_text[16];
	int status = 0;
	pthread_t t;
	pid_t pid = fork();

	if (!pid) {
		snprintf(pid_text, sizeof(pid_text), "%d", (int)getpid());
		sem_init(&sem, 0, 0);
		pthread_create(&t, NULL, sleep_for_ever, NULL);
		pthread_create(&t, NULL, call_exec, pid_text);
		pause();
		_exit(98);
	}
	expect(waitpid(pid, &status, 0) == pid && WIFEXITED(status) && WEXITSTATUS(status) == 7,
	       "exec by a thread that is not the first");

	pid = fork();
	if (!pid) {
		pthread_create(&t, NULL, sleep_for_ever, NULL);
		pthread_exit(NULL);	/* the first thread goes before the others */
	}
	usleep(20000);
	expect(!waitpid(pid, &status, WNOHANG), "a process whose first thread has ended");
	kill(pid, SIGTERM);
	expect(waitpid(pid, &status, 0) == pid && WIFSIGNALED(status) &&
	       WTERMSIG(status) == SIGTERM, "a signal to such a process");
}

/* exec has been called by another thread: the number is the process's all the same. */
static int after_exec(const char *pid)
{
	return atoi(pid) == (int)getpid() && syscall(SYS_gettid) == getpid() ? 7 : 8;
}

int main(int argc, char **argv)
{
	if (argc == 3 && !strcmp(argv[1], "child"))
		return after_exec(argv[2]);
	self = argv[0];
	use_mutex();
	use_conditions();
	use_barriers();
	use_signals();
	use_robust();
	use_exec();
	printf("%d threads from %s, %d-bit: %s\n", THREADS, argv[0], (int)sizeof(long) * 8,
	       failed ? "FAILED" : "OK");
	return failed != 0;
}
