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
#include <kernel/string.h>
#include <mm/vmalloc.h>

#define PID_HASH	512		/* chains; a power of two */
#define PID_RESERVED	300		/* after the first round, low numbers are left alone */

int pid_max = PID_MAX_DEFAULT;
static DECLARE_BITMAP(first_map, PID_MAX_DEFAULT) = { 1 };	/* 0 is the idle loop */
static unsigned long *pid_map = first_map;
static int pid_room = PID_MAX_DEFAULT;	/* bits of pid_map */
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
	const unsigned long max = (unsigned long)pid_max;
	unsigned long pid = max;

	if (last_pid + 1 < pid_max)
		pid = find_next_zero_bit(pid_map, max, last_pid + 1);
	if (pid >= max)
		pid = find_next_zero_bit(pid_map, max, PID_RESERVED);
	if (pid >= max)
		return -EAGAIN;
	__set_bit(pid, pid_map);
	last_pid = (int)pid;
	return last_pid;
}

void pid_free(int pid)
{
	__clear_bit(pid, pid_map);
}

/* All numbers of the larger map are free: back to the one that is always there. */
static void drop_large_map(void)
{
	unsigned long *old = pid_map;

	memcpy(first_map, old, sizeof(first_map));
	pid_map = first_map;
	pid_room = PID_MAX_DEFAULT;
	vfree(old);
}

int pid_set_max(int max)
{
	unsigned long bytes = BITS_TO_LONGS(PID_MAX_LIMIT) * sizeof(long), *map;

	if (max > pid_room) {
		map = vzalloc(bytes);
		if (!map)
			return -ENOMEM;
		memcpy(map, first_map, sizeof(first_map));
		pid_map = map;
		pid_room = PID_MAX_LIMIT;
	}
	pid_max = max;
	if (max <= PID_MAX_DEFAULT && pid_map != first_map &&
	    find_next_bit(pid_map, PID_MAX_LIMIT, PID_MAX_DEFAULT) >= PID_MAX_LIMIT)
		drop_large_map();
	return 0;
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
