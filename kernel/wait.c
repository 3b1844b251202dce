/* SPDX-License-Identifier: MIT */
/*
 * Wait queues (Love ch. 4).  Entries stand on the stacks of those who wait.  The state is
 * set before the condition is looked at, so a wake-up in between is not lost: schedule()
 * then finds the task runnable.  Interrupts are off inside, since interrupts wake.
 */
#include <asm/irqflags.h>
#include <kernel/wait.h>

void prepare_to_wait(struct wait_queue_head *wq, struct wait_queue_entry *entry, int state)
{
	unsigned long flags = local_irq_save();

	if (!entry->list.next) {
		if (entry->exclusive)
			list_add_tail(&entry->list, &wq->tasks);
		else
			list_add(&entry->list, &wq->tasks);
	}
	set_current_state(state);
	local_irq_restore(flags);
}

void finish_wait(struct wait_queue_head *wq, struct wait_queue_entry *entry)
{
	unsigned long flags = local_irq_save();

	set_current_state(TASK_RUNNING);
	if (entry->list.next)
		list_del(&entry->list);
	local_irq_restore(flags);
}

static void wake(struct wait_queue_head *wq, bool all)
{
	unsigned long flags = local_irq_save();
	struct wait_queue_entry *entry;

	/* Waking takes nobody out of the queue: each does that when it runs. */
	list_for_each_entry(entry, &wq->tasks, list)
		if (wake_up_process(entry->task) && entry->exclusive && !all)
			break;
	local_irq_restore(flags);
}

void wake_up(struct wait_queue_head *wq)
{
	wake(wq, false);
}

void wake_up_all(struct wait_queue_head *wq)
{
	wake(wq, true);
}
