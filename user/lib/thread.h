/* SPDX-License-Identifier: MIT */
/* Threads by clone(2), and the futexes that they wait with. */
#ifndef USER_THREAD_H
#define USER_THREAD_H

#include <linux/futex.h>
#include "lib.h"

#define THREAD_FLAGS	(CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD | \
			 CLONE_SYSVSEM | CLONE_PARENT_SETTID | CLONE_CHILD_CLEARTID)
#define THREAD_STACK	(16 * PAGE_SIZE)

struct thread {
	volatile int tid;	/* 0 when it has ended: the kernel clears it and wakes */
	int number;		/* what tid was */
	void *stack;
};

/*
 * Run fn(arg) on a stack of its own; it ends with fn's result by exit(2).  flags: usually
 * THREAD_FLAGS, or others with CLONE_VM.  The number of the new task or -errno.
 */
long thread_start(struct thread *t, ulong flags, int (*fn)(void *arg), void *arg);

/* Wait until it has ended, and give its stack back. */
void thread_join(struct thread *t);

static inline long sys_futex(volatile void *word, int op, u32 value, const struct timespec *time,
			     volatile void *word2, u32 value3)
{
	return syscall6(__NR_futex, (long)word, op, (long)value, (long)time, (long)word2,
			(long)value3);
}

/* Sleep while *word is `value`; wake n who do. */
static inline long futex_wait(volatile void *word, u32 value)
{
	return sys_futex(word, FUTEX_WAIT, value, NULL, NULL, 0);
}

static inline long futex_wake(volatile void *word, u32 n)
{
	return sys_futex(word, FUTEX_WAKE, n, NULL, NULL, 0);
}

/* A word that counts up: wait until it has reached n; count and tell everybody. */
void wait_count(volatile int *word, int n);
void add_count(volatile int *word);

#endif
