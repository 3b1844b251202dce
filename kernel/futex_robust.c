/* SPDX-License-Identifier: MIT */
/*
 * What a thread that ends, or calls exec, owes to those who wait for it.
 *
 * Robust mutexes: the C library keeps a list of the locks that a thread holds, and tells us
 * where it begins.  Each word in it with our thread number gets FUTEX_OWNER_DIED instead,
 * and one waiter is woken, who then finds out.  The list is user memory: it may be nonsense,
 * circular or gone, so every pointer is read with care, and not more than ROBUST_LIST_LIMIT.
 *
 * CLONE_CHILD_CLEARTID: a word becomes 0 and one who waits for it is woken; pthread_join().
 */
#include <asm/uaccess.h>
#include <kernel/futex.h>
#include <kernel/sched.h>
#include <kernel/syscalls.h>
#include <linux/capability.h>
#include <linux/futex.h>
#include <mm/mmap.h>

/* An entry's address; bit 0 says that it is a PI futex. */
static int fetch_entry(struct robust_list **entry, bool *pi, struct robust_list **from)
{
	struct robust_list *p;

	if (get_user(p, from))
		return -EFAULT;
	*pi = (unsigned long)p & 1;
	*entry = (struct robust_list *)((unsigned long)p & ~1ul);
	return 0;
}

/* Is the lock ours?  Then it is a dead man's from now on; who waits is kept in mind. */
static bool mark_dead(u32 *word, void *mine)
{
	*(bool *)mine = (*word & FUTEX_TID_MASK) == (u32)current->pid;
	if (*(bool *)mine)
		*word = (*word & FUTEX_WAITERS) | FUTEX_OWNER_DIED;
	return *(bool *)mine;
}

/*
 * `pending`: the thread was about to lock or unlock it.  Had it already written the 0 of an
 * unlock, its wake-up is still missing.
 */
static int release_lock(u32 *uaddr, bool pi, bool pending)
{
	bool mine;
	u32 old;

	if (futex_change(uaddr, mark_dead, &mine, &old))
		return -EFAULT;
	if (pi)
		return 0;
	if ((mine && old & FUTEX_WAITERS) || (pending && !old))
		(void)futex_wake(uaddr, true, 1, FUTEX_MATCH_ANY);
	return 0;
}

static u32 *word_of(struct robust_list *entry, long offset)
{
	return (u32 *)((unsigned long)entry + (unsigned long)offset);
}

static void release_robust_list(struct robust_list_head *head)
{
	struct robust_list *entry, *next, *pending;
	unsigned limit = ROBUST_LIST_LIMIT;
	bool pi, next_pi, pending_pi;
	long offset;
	int err;

	if (fetch_entry(&entry, &pi, &head->list.next) || get_user(offset, &head->futex_offset) ||
	    fetch_entry(&pending, &pending_pi, &head->list_op_pending))
		return;
	while (entry != &head->list && limit--) {
		/* Before the lock is given away: its memory may go with it. */
		err = fetch_entry(&next, &next_pi, &entry->next);
		if (entry != pending && release_lock(word_of(entry, offset), pi, false))
			return;
		if (err)
			return;
		entry = next;
		pi = next_pi;
		cond_resched();
	}
	if (pending)
		(void)release_lock(word_of(pending, offset), pending_pi, true);
}

void futex_exit(void)
{
	struct robust_list_head *head = current->robust_list;
	int *tid = current->clear_child_tid;

	current->robust_list = NULL;
	current->clear_child_tid = NULL;
	if (head)
		release_robust_list(head);
	if (!tid || current->mm->mm_users < 2)
		return;
	(void)put_user(0, tid);
	(void)futex_wake((u32 *)tid, true, 1, FUTEX_MATCH_ANY);
}

/* ---- system calls ------------------------------------------------------------------ */

long sys_set_robust_list(void *head, size_t n)
{
	if (n != sizeof(struct robust_list_head))
		return -EINVAL;
	current->robust_list = head;
	return 0;
}

long sys_get_robust_list(int pid, void **head, size_t *n)
{
	const struct task_struct *p = pid ? find_task(pid) : current;
	void *list;

	if (!p)
		return -ESRCH;
	if (p->tgid != current->tgid && current->uid != p->uid && !capable(CAP_SYS_PTRACE))
		return -EPERM;
	list = p->robust_list;
	if (put_user(sizeof(struct robust_list_head), n))
		return -EFAULT;
	return put_user(list, head) ? -EFAULT : 0;
}
