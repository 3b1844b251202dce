/* SPDX-License-Identifier: MIT */
/*
 * Sleeping read-write locks, the part that sleeps.  The lock is handed over: who is woken
 * holds it already, so nobody can slip in between and everybody is served in the order of
 * arrival.  Not for interrupts; the kernel is not preempted, so nothing needs protection.
 */
#include <kernel/rwsem.h>
#include <kernel/sched.h>

struct rwsem_waiter {
	struct list_head list;
	struct task_struct *task;
	bool write;
	bool granted;
};

/* Whoever grants the lock takes the entry off again, before the waiter returns. */
static noinline void enqueue(struct rw_semaphore *sem, struct rwsem_waiter *waiter)
{
	list_add_tail(&waiter->list, &sem->waiters);
}

static void wait_for(struct rw_semaphore *sem, bool write)
{
	struct rwsem_waiter waiter = { .task = current, .write = write };

	enqueue(sem, &waiter);
	for (;;) {
		set_current_state(TASK_UNINTERRUPTIBLE);
		if (waiter.granted)
			break;
		schedule();
	}
	set_current_state(TASK_RUNNING);
}

void __down_read(struct rw_semaphore *sem)
{
	wait_for(sem, false);
}

void __down_write(struct rw_semaphore *sem)
{
	wait_for(sem, true);
}

/* Grant what is possible: the writer in front, or all readers up to the next writer. */
void __rwsem_wake(struct rw_semaphore *sem)
{
	struct rwsem_waiter *w;

	while (!list_empty(&sem->waiters)) {
		w = list_first_entry(&sem->waiters, struct rwsem_waiter, list);
		if (w->write ? sem->count != 0 : sem->count < 0)
			break;
		sem->count = w->write ? -1 : sem->count + 1;
		list_del(&w->list);
		w->granted = true;
		wake_up_process(w->task);
	}
}
