/* SPDX-License-Identifier: MIT */
/*
 * Timers in a red-black tree by the time they are due (Mauerer ch. 15), looked at in the
 * tick; so nothing is due earlier than asked for, and up to a tick later.
 */
#include <asm/irqflags.h>
#include <kernel/sched.h>
#include <kernel/time.h>

static struct rb_root timers;
static struct rb_node *first;

static void remove(struct ktimer *t)
{
	if (first == &t->node)
		first = rb_next(&t->node);
	rb_erase(&t->node, &timers, NULL);
	t->queued = false;
}

void ktimer_start(struct ktimer *t, u64 expires)
{
	unsigned long flags = local_irq_save();
	struct rb_node **link = &timers.node, *parent = NULL;
	bool leftmost = true;

	if (t->queued)
		remove(t);
	t->expires = expires;
	while (*link) {
		parent = *link;
		if (expires < rb_entry(parent, struct ktimer, node)->expires) {
			link = &parent->left;
		} else {
			link = &parent->right;
			leftmost = false;
		}
	}
	rb_insert(&t->node, parent, link, &timers, NULL);
	if (leftmost)
		first = &t->node;
	t->queued = true;
	local_irq_restore(flags);
}

bool ktimer_cancel(struct ktimer *t)
{
	unsigned long flags = local_irq_save();
	bool queued = t->queued;

	if (queued)
		remove(t);
	local_irq_restore(flags);
	return queued;
}

/* A timer may start itself or others again: those due are run in the next tick. */
void timer_tick(void)
{
	struct ktimer *t;
	u64 now;

	if (likely(!first))
		return;
	now = ktime_ns();
	while (first) {
		t = rb_entry(first, struct ktimer, node);
		if (t->expires > now)
			break;
		remove(t);
		t->fn(t);
	}
}

struct sleeper {
	struct ktimer timer;
	struct task_struct *task;
};

static void wake_sleeper(struct ktimer *t)
{
	wake_up_process(container_of(t, struct sleeper, timer)->task);
}

u64 schedule_until(u64 when)
{
	struct sleeper s = { .timer.fn = wake_sleeper, .task = current };
	u64 now = ktime_ns();

	if (when <= now) {
		set_current_state(TASK_RUNNING);
		return 0;
	}
	if (when != KTIME_NEVER)
		ktimer_start(&s.timer, when);
	schedule();
	ktimer_cancel(&s.timer);
	now = ktime_ns();
	return when > now ? when - now : 0;
}

u64 schedule_timeout_ns(u64 ns)
{
	u64 when = ktime_ns() + ns;

	return schedule_until(when < ns ? KTIME_NEVER : when);
}

void msleep(unsigned ms)
{
	u64 until = ktime_ns() + ms * NSEC_PER_MSEC;

	do
		set_current_state(TASK_UNINTERRUPTIBLE);
	while (schedule_until(until));
}
