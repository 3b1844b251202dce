/* SPDX-License-Identifier: MIT */
/* Kernel stacks with guard pages, in a window that every address space shares. */
#ifndef ASM_KSTACK_H
#define ASM_KSTACK_H

#include <asm/page.h>

/*
 * THREAD_SIZE bytes of mapped stack; returns the lowest address, the stack grows down from
 * base + THREAD_SIZE.  NULL: no memory or no slot, nothing left behind.  Frames are low or
 * high.  Not from interrupts.
 */
void *kstack_alloc(void);

/*
 * Give back what kstack_alloc() returned; not the stack one stands on.  A few stay mapped
 * for the next kstack_alloc(): kstack_cache_drain() unmaps those, where memory is counted.
 */
void kstack_free(void *base);
void kstack_cache_drain(void);

/* Is this the guard page of some stack? */
bool kstack_guard_hit(unsigned long addr);

extern unsigned long nr_kstacks;	/* in use */

/* Call fn(arg) on another stack and come back; arch/x86/lib. */
unsigned long call_on_stack(unsigned long (*fn)(void *arg), void *arg, void *stack_top);

#endif
