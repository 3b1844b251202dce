/* SPDX-License-Identifier: MIT */
/*
 * Wait queues (Love, Linux Kernel Development, ch. 4): who waits for an event stands in a
 * queue; who makes the event happen wakes the queue.  Waking is allowed in any context,
 * waiting only in task context with interrupts on and no kmap_local slot held.
 */
#ifndef KERNEL_WAIT_H
#define KERNEL_WAIT_H

#include <kernel/sched.h>
#include <kernel/time.h>

struct wait_queue_entry {
	struct task_struct *task;
	struct list_head list;
	bool exclusive;			/* wake_up() wakes at most one of these */
};

#define WAIT_QUEUE_INIT(name)	{ LIST_HEAD_INIT((name).tasks) }
#define DECLARE_WAIT_QUEUE_HEAD(name) struct wait_queue_head name = WAIT_QUEUE_INIT(name)

static inline void init_waitqueue_head(struct wait_queue_head *wq)
{
	INIT_LIST_HEAD(&wq->tasks);
}

/* Stand in the queue and set the state; then test the condition, schedule(), and again. */
void prepare_to_wait(struct wait_queue_head *wq, struct wait_queue_entry *entry, int state);
void finish_wait(struct wait_queue_head *wq, struct wait_queue_entry *entry);

/* All non-exclusive waiters and the first exclusive one; _all: everybody. */
void wake_up(struct wait_queue_head *wq);
void wake_up_all(struct wait_queue_head *wq);

/* Sleep until cond; evaluated again after each wake-up.  Not ended by signals. */
#define wait_event(wq, cond) do { \
	struct wait_queue_entry __w = { .task = current }; \
	for (;;) { \
		prepare_to_wait(&(wq), &__w, TASK_UNINTERRUPTIBLE); \
		if (cond) \
			break; \
		schedule(); \
	} \
	finish_wait(&(wq), &__w); \
} while (0)

/* The same, but a pending signal ends it: -ERESTARTSYS, else 0. */
#define wait_event_interruptible(wq, cond) ({ \
	struct wait_queue_entry __w = { .task = current }; \
	int __ret = 0; \
	for (;;) { \
		prepare_to_wait(&(wq), &__w, TASK_INTERRUPTIBLE); \
		if (cond) \
			break; \
		if (signal_pending(current)) { \
			__ret = -ERESTARTSYS; \
			break; \
		} \
		schedule(); \
	} \
	finish_wait(&(wq), &__w); \
	__ret; \
})

/*
 * Wait for hardware in task context: look every millisecond, for at most so many.  Says
 * whether the condition came true; it is evaluated once more at the end.
 */
#define sleep_until(cond, ms) ({ \
	u64 __end = ktime_ns() + (ms) * NSEC_PER_MSEC; \
	bool __ok; \
	while (!(__ok = !!(cond)) && ktime_ns() < __end) \
		msleep(1); \
	__ok || (cond); \
})

#endif
