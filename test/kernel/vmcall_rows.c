/* SPDX-License-Identifier: MIT */
/*
 * Rows about the rest of the mmap family: mremap, mlock, brk, stacks, mprotect, flags,
 * limits and privileges.  Their programs are user/rows/{remap,lock,heap,protect,flags,
 * promise,rights}.c.
 */
#include <asm/setup.h>
#include <fs/proc.h>
#include <kernel/kernel.h>
#include <kernel/printk.h>
#include <kernel/sched.h>
#include <mm/mm.h>
#include <mm/mmap.h>
#include <test/row.h>

#include "little.h"
#include "user_knobs.h"

/*
 * region_flags=ADDR:FLAGS: what a driver's mmap method gives a region, given to one of the
 * program that writes this.
 */
static int knob_region_flags(const char *value)
{
	struct mm_struct *mm = current->mm;
	struct vm_area_struct *vma;
	unsigned long addr, flags;

	value = knob_hex(value, &addr);
	if (!value || *value != ':' || !knob_hex(value + 1, &flags) || flags & ~VM_SPECIAL)
		return -EINVAL;
	down_write(&mm->mmap_sem);
	vma = find_vma(mm, addr);
	if (vma && vma->vm_start <= addr)
		vma->vm_flags |= flags;
	up_write(&mm->mmap_sem);
	return vma ? 0 : -EFAULT;
}

static void with_knobs(struct row *r, const char *argument)
{
	const char *const argv[] = { "/bin/rows", r->id, argument, NULL };

	run_user_with_knobs(r, argv);
}

/* What they need to have pages swapped out. */
#define SWAP_PAGES	512u

static void with_swap(struct row *r, const char *argument)
{
	if (!little_swap(r, SWAP_PAGES))
		return;
	with_knobs(r, argument);
	little_end(r);
}

static void a9_mremap(struct row *r)
{
	with_swap(r, NULL);
}
ROW(A9, "mremap: shrink, grow in place, move: entries move, contents stay", a9_mremap);

static void a10_mlock(struct row *r)
{
	with_swap(r, zones[ZONE_HIGHMEM].managed_pages ? "1" : "0");
}
ROW(A10, "mlock and mlockall: there at once, counted, limited, privileged", a10_mlock);

USER_ROW(A11, "fix-up when locking: whole, start, middle, end", "/bin/rows");

static void a12_munlock(struct row *r)
{
	with_swap(r, NULL);
}
ROW(A12, "munlock, and one region again", a12_munlock);

USER_ROW(A16, "brk: grows, shrinks, refuses collisions and limits", "/bin/rows");
USER_ROW(A17, "the stack grows on touch, up to its limit and its gap", "/bin/rows");

static void a18_mprotect(struct row *r)
{
	with_knobs(r, supported_pte_mask & _PAGE_NX ? "1" : "0");
}
ROW(A18, "mprotect: regions split and merge, entries and TLB change", a18_mprotect);

static void a20_flags(struct row *r)
{
	register_knob("region_flags", knob_region_flags);
	with_knobs(r, NULL);
}
ROW(A20, "flags of regions have their effect", a20_flags);

USER_ROW(A23, "limits of an address space, and overcommit", "/bin/rows");
USER_ROW(X17, "privileges of calls: an unprivileged task is refused", "/bin/rows");
