/* SPDX-License-Identifier: MIT */
/*
 * No memory for a fault: one task must go, so that the others can go on (Gorman chapter
 * 13, much simplified).  The victim is the task with the most resident pages, of equal ones
 * the youngest; never pid 1 or a kernel thread, and the program that the kernel started
 * first only when nobody else is left: it may have least to do with what fills memory (pages
 * of pipes and files belong to no task) and everything ends with it.  With the victim go all
 * that run in the same address space: as long as one of them is left, nothing is freed.
 * They may use the reserves to end, and while somebody is ending nobody else is chosen.
 */
#include <kernel/printk.h>
#include <kernel/sched.h>
#include <mm/fault.h>
#include "internal.h"

unsigned long oom_kills;

bool oom_victim_running(void)
{
	return current && current->flags & PF_OOM_VICTIM;
}

static bool may_be_killed(const struct task_struct *p)
{
	return p->mm && p->pid != 1 && !(p->flags & (PF_KTHREAD | PF_IDLE));
}

/* NULL: the first program is over. */
static struct mm_struct *mm_of_first_program(void)
{
	struct task_struct *p;

	for_each_task(p)
		if (p->flags & PF_FIRST_PROGRAM && p->mm)
			return p->mm;
	return NULL;
}

/* The largest; NULL if nobody may be killed.  *ending: somebody is on his way out. */
static struct task_struct *select_victim(bool *ending)
{
	const struct mm_struct *first_mm = mm_of_first_program();
	struct task_struct *p, *victim = NULL, *first = NULL;
	unsigned long most = 0, rss;

	*ending = false;
	for_each_task(p) {
		if (!may_be_killed(p))
			continue;
		if (p->flags & PF_OOM_VICTIM && p != current) {
			*ending = true;
			return NULL;
		}
		if (p->mm == first_mm) {
			first = p;
			continue;
		}
		rss = mm_rss(p->mm) + p->mm->rss[MM_SWAPENTS] + p->mm->nr_ptes;
		if (rss >= most) {
			victim = p;
			most = rss;
		}
	}
	return victim ? victim : first;
}

static void kill_victim(struct task_struct *p)
{
	p->flags |= PF_OOM_VICTIM;
	send_sig(SIGKILL, p);
}

static void kill_address_space(struct task_struct *victim)
{
	struct task_struct *p;

	for_each_task(p)
		if (p != victim && p->mm == victim->mm && may_be_killed(p))
			kill_victim(p);
	kill_victim(victim);
}

void pagefault_out_of_memory(void)
{
	struct task_struct *victim;
	bool ending;

	victim = select_victim(&ending);
	if (ending) {
		yield();
		return;
	}
	if (!victim)
		victim = current;
	if (!(victim->flags & PF_OOM_VICTIM)) {
		oom_kills++;
		pr_err("out of memory: pid %d (%s) is killed, it has %lu resident pages; "
		       "%lu pages are free\n", victim->pid, victim->comm,
		       victim->mm ? mm_rss(victim->mm) : 0, nr_free_pages());
	}
	kill_address_space(victim);
	if (victim != current)
		yield();
}
