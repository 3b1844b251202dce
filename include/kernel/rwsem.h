/* SPDX-License-Identifier: MIT */
/*
 * A sleeping lock for many readers or one writer.  Kernel code is not preempted, so the
 * fast path is one test and one store; who finds it taken sleeps in turn (kernel/rwsem.c).
 */
#ifndef KERNEL_RWSEM_H
#define KERNEL_RWSEM_H

#include <kernel/kernel.h>
#include <kernel/list.h>

struct rw_semaphore {
	int count;			/* readers, or -1: a writer */
	struct list_head waiters;	/* in order of arrival; owned by kernel/rwsem.c */
};

#define RWSEM_INIT(name)	{ 0, LIST_HEAD_INIT((name).waiters) }

static inline void init_rwsem(struct rw_semaphore *sem)
{
	sem->count = 0;
	INIT_LIST_HEAD(&sem->waiters);
}

void __down_read(struct rw_semaphore *sem);	/* slow paths: sleep */
void __down_write(struct rw_semaphore *sem);
void __rwsem_wake(struct rw_semaphore *sem);

/* May sleep.  A reader waits behind a writer that waits, so writers do not starve. */
static inline void down_read(struct rw_semaphore *sem)
{
	if (likely(sem->count >= 0 && list_empty(&sem->waiters)))
		sem->count++;
	else
		__down_read(sem);
}

static inline void up_read(struct rw_semaphore *sem)
{
	sem->count--;
	if (unlikely(!list_empty(&sem->waiters)))
		__rwsem_wake(sem);
}

static inline void down_write(struct rw_semaphore *sem)
{
	if (likely(sem->count == 0 && list_empty(&sem->waiters)))
		sem->count = -1;
	else
		__down_write(sem);
}

static inline void up_write(struct rw_semaphore *sem)
{
	sem->count = 0;
	if (unlikely(!list_empty(&sem->waiters)))
		__rwsem_wake(sem);
}

#endif
