/* SPDX-License-Identifier: MIT */
/*
 * Process numbers (Mauerer ch. 2.3): given out upwards and round again, so that a number
 * is not used again soon, and a hash to find the task.  Interrupts look tasks up, so the
 * chains are changed with interrupts off.
 *
 * Numbers that live on as a process group or session only are not protected: after 32768
 * births a new task may become the namesake of a group whose leader has ended.
 */
#include <asm/irqflags.h>
#include <kernel/bitmap.h>
#include <kernel/sched.h>

#define PID_HASH	512		/* chains; a power of two */
#define PID_RESERVED	300		/* after the first round, low numbers are left alone */

static DECLARE_BITMAP(pid_map, PID_MAX) = { 1 };	/* 0 is the idle loop */
static int last_pid;
static struct list_head chains[PID_HASH];

static struct list_head *chain_of(int pid)
{
	struct list_head *chain = &chains[pid & (PID_HASH - 1)];

	if (unlikely(!chain->next))
		INIT_LIST_HEAD(chain);
	return chain;
}

int pid_alloc(void)
{
	unsigned long pid = find_next_zero_bit(pid_map, PID_MAX, last_pid + 1);

	if (pid >= PID_MAX)
		pid = find_next_zero_bit(pid_map, PID_MAX, PID_RESERVED);
	if (pid >= PID_MAX)
		return -EAGAIN;
	__set_bit(pid, pid_map);
	last_pid = (int)pid;
	return last_pid;
}

void pid_free(int pid)
{
	__clear_bit(pid, pid_map);
}

void pid_hash_add(struct task_struct *p)
{
	unsigned long flags = local_irq_save();

	list_add(&p->pid_hash, chain_of(p->pid));
	local_irq_restore(flags);
}

void pid_hash_del(struct task_struct *p)
{
	unsigned long flags = local_irq_save();

	list_del_init(&p->pid_hash);
	local_irq_restore(flags);
}

struct task_struct *find_task(int pid)
{
	unsigned long flags = local_irq_save();
	struct task_struct *p, *found = NULL;

	list_for_each_entry(p, chain_of(pid), pid_hash) {
		if (p->pid == pid) {
			found = p;
			break;
		}
	}
	local_irq_restore(flags);
	return found;
}
