/* SPDX-License-Identifier: MIT */
/* Changing the address space: CR3.  The host build shadows this file. */
#ifndef ASM_MMU_CONTEXT_H
#define ASM_MMU_CONTEXT_H

#include <asm/page.h>
#include <asm/tlbflush.h>
#include <mm/mm_types.h>

/* Load next's tables unless they are there already.  Interrupts off. */
static inline void switch_mm(struct mm_struct *prev, struct mm_struct *next)
{
	if (prev != next)
		load_cr3(__pa(next->pgd));
}

#endif
