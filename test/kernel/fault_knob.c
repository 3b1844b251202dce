/* SPDX-License-Identifier: MIT */
/*
 * Faults whose reason is not the program's alone, made to happen at a certain moment.
 *
 *	fault=stale:ADDR	a thread that faults there finds that another one was faster
 *	fault=race:ADDR		the same while it waits for the lock of a page in the swap cache
 *	fault=bad:ADDR		the absent entry there names neither a frame nor a slot
 *	fault=readonly:ADDR	the entry there may not be written any more
 *	fault=none:ADDR		the entry there is empty, whatever it was
 *
 * For the first two the thread waits until the u32 on the page before ADDR, which the caller has
 * written to, is no longer 0; then it touches ADDR, and nothing else of what is not mapped.
 */
#include <asm/tlbflush.h>
#include <asm/uaccess.h>
#include <kernel/sched.h>
#include <linux/errno.h>
#include <mm/fault.h>
#include <mm/filemap.h>
#include <mm/mm.h>
#include <mm/swap.h>

#include "user_knobs.h"
#include "walk.h"

#define ENTRY_BYTES	sizeof(long)
#define BIT_RW		0x2ul
/* Neither present nor empty, and no swap device has such a slot: with two levels or four. */
#define BAD_ENTRY	((pteval_t)0x7fff5a00)
#define WAIT_MS		5000u

/* Does another thread of this program wait for a lock? */
static bool somebody_waits(void)
{
	const struct task_struct *p;

	for_each_task(p)
		if (p != current && p->group_leader == current->group_leader &&
		    p->state & TASK_UNINTERRUPTIBLE)
			return true;
	return false;
}

/* Tell the other thread that it may come; wait until it does.  0, -EFAULT, -ETIMEDOUT. */
static int let_come(unsigned long addr)
{
	unsigned ms;

	if (put_user(1u, (u32 *)((addr & PAGE_MASK) - PAGE_SIZE)))
		return -EFAULT;
	for (ms = 0; ms < WAIT_MS; ms++) {
		if (somebody_waits())
			return 0;
		msleep(1);
	}
	return -ETIMEDOUT;
}

/* While the lock of the address space is ours for writing, nobody else is served. */
static int stale(unsigned long addr)
{
	struct mm_struct *mm = current->mm;
	struct vm_area_struct *vma;
	int err;

	down_write(&mm->mmap_sem);
	vma = find_vma(mm, addr);
	err = vma && vma->vm_start <= addr ? let_come(addr) : -EFAULT;
	if (!err && handle_mm_fault(vma, addr, FAULT_FLAG_WRITE | FAULT_FLAG_USER) & VM_FAULT_ERROR)
		err = -ENOMEM;
	up_write(&mm->mmap_sem);
	return err;
}

pte_t knob_entry(unsigned long addr)
{
	pte_t *ptep = pte_lookup(current->mm, addr), pte = __pte(0);

	if (ptep) {
		pte = *ptep;
		pte_unmap(ptep);
	}
	return pte;
}

/* When the lock is given back the waiter is woken, but runs only when this has had its fault. */
static int race(unsigned long addr)
{
	pte_t pte = knob_entry(addr);
	struct page *page;
	int err;
	u8 byte;

	if (pte_none(pte) || pte_present(pte))
		return -EINVAL;
	page = lookup_swap_cache(pte_to_swp(pte));
	if (!page)
		return -ENOENT;
	lock_page(page);
	err = let_come(addr);
	unlock_page(page);
	put_page(page);
	if (!err && get_user(byte, (u8 *)addr))
		err = -EFAULT;
	return err;
}

/* By the independent walker: the entry of the last level, whatever it holds. */
int knob_change_entry(unsigned long addr, pteval_t keep, pteval_t set)
{
	unsigned long mask = PAGE_SIZE / ENTRY_BYTES - 1;
	struct walk w = WALK(addr);
	u64 at;

	if (w.depth != (sizeof(long) == 8 ? 4 : 2))
		return -EFAULT;
	at = w.table[w.depth - 1] + (addr >> PAGE_SHIFT & mask) * ENTRY_BYTES;
	phys_write(at, (w.entry[w.depth - 1] & keep) | set, ENTRY_BYTES);
	flush_tlb_one(addr);
	return 0;
}

static bool user_at(const char *value, const char *name, unsigned long *addr)
{
	return knob_number(value, name, addr) && *addr < TASK_SIZE;
}

int knob_fault(const char *value)
{
	unsigned long addr;

	if (user_at(value, "stale", &addr))
		return stale(addr);
	if (user_at(value, "race", &addr))
		return race(addr);
	if (user_at(value, "bad", &addr))
		return knob_change_entry(addr, 0, BAD_ENTRY);
	if (user_at(value, "readonly", &addr))
		return knob_change_entry(addr, ~(pteval_t)BIT_RW, 0);
	if (user_at(value, "none", &addr))
		return knob_change_entry(addr, 0, 0);
	return -EINVAL;
}
