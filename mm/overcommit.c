/* SPDX-License-Identifier: MIT */
/*
 * How much memory may be promised (contracts: mm/mmap.h).  A promise is a region with
 * VM_ACCOUNT, or shared memory without a name; mm/vma.c and fs/shmem.c add them up.
 */
#include <kernel/sched.h>
#include "internal.h"
#include <linux/capability.h>

#define MIB_PAGES(n)	((n) << (20 - PAGE_SHIFT))

long vm_committed;
unsigned long total_swap_pages;
int sysctl_overcommit_memory = OVERCOMMIT_GUESS;
int sysctl_overcommit_ratio = 50;
int sysctl_max_map_count = DEFAULT_MAX_MAP_COUNT;

unsigned long vm_commit_limit(void)
{
	return totalram_pages * (unsigned long)sysctl_overcommit_ratio / 100 + total_swap_pages;
}

/* Mode 2.  Something is kept back for root, and for a way out of one greedy process. */
static bool below_limit(unsigned long pages)
{
	const unsigned long share = totalram_pages / 32;
	const unsigned long for_root = min(share, MIB_PAGES(8ul));
	const unsigned long for_user = min(share, MIB_PAGES(128ul));
	const struct mm_struct *mm = current->mm;
	long allowed = (long)vm_commit_limit();

	if (!capable(CAP_SYS_ADMIN))
		allowed -= (long)for_root;
	if (mm)
		allowed -= (long)min(mm->total_vm / 32, for_user);
	return vm_committed + (long)pages < allowed;
}

bool vm_enough_memory(unsigned long pages)
{
	if (likely(sysctl_overcommit_memory == OVERCOMMIT_GUESS))
		return pages <= totalram_pages + total_swap_pages;
	return sysctl_overcommit_memory == OVERCOMMIT_ALWAYS || below_limit(pages);
}
