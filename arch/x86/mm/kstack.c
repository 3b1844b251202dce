/* SPDX-License-Identifier: MIT */
/*
 * Kernel stacks in a window of their own, a guard page below each.
 *
 * Slot n is [KSTACK_START + n * (PAGE_SIZE + THREAD_SIZE)): first the guard page, which is
 * never mapped, then the stack.  An overflow hits the guard page, which the processor
 * reports as a double fault on another stack.  The window's top-level entries exist from
 * paging_init() on, so a stack is valid in every address space at once.
 *
 * Stacks that were given back stay mapped, up to KSTACK_CACHE of them: the next fork takes
 * one without a page allocated, an entry written or a translation dropped.
 */
#include <asm/kstack.h>
#include <asm/pgtable.h>
#include <asm/tlbflush.h>
#include <kernel/bitmap.h>
#include <kernel/bitops.h>
#include <kernel/kernel.h>
#include <mm/gfp.h>
#include <mm/mm_types.h>
#include <mm/pgtable.h>

#define SLOT_SIZE	(PAGE_SIZE + THREAD_SIZE)
#define WINDOW_SLOTS	((KSTACK_END - KSTACK_START) / SLOT_SIZE)
#define SLOTS		(WINDOW_SLOTS < 4096 ? WINDOW_SLOTS : 4096)
#define KSTACK_CACHE	8

static unsigned long slots_used[(SLOTS + BITS_PER_LONG - 1) / BITS_PER_LONG];
static unsigned long cache[KSTACK_CACHE];	/* mapped, in nobody's use */
static unsigned int cached;
unsigned long nr_kstacks;

static void unmap_pages(unsigned long stack, unsigned long end)
{
	unsigned long addr;
	pte_t *pte, old;

	for (addr = stack; addr < end; addr += PAGE_SIZE) {
		pte = pte_alloc_kernel(addr);
		old = ptep_get_and_clear(pte);
		flush_tlb_one(addr);
		__free_pages(pte_page(old), 0);
	}
}

static void release(unsigned long stack)
{
	unmap_pages(stack, stack + THREAD_SIZE);
	clear_bit((stack - KSTACK_START) / SLOT_SIZE, slots_used);
}

/* Map a new one; 0: no slot, no memory. */
static unsigned long map_stack(void)
{
	unsigned long slot = find_next_zero_bit(slots_used, SLOTS, 0), stack, addr;
	struct page *page;
	pte_t *pte;

	if (slot >= SLOTS)
		return 0;
	/* At once: an allocation may sleep, and somebody else may fork meanwhile. */
	set_bit(slot, slots_used);
	stack = KSTACK_START + slot * SLOT_SIZE + PAGE_SIZE;
	for (addr = stack; addr < stack + THREAD_SIZE; addr += PAGE_SIZE) {
		page = alloc_pages(GFP_KERNEL | __GFP_ZERO, 0);
		pte = page ? pte_alloc_kernel(addr) : NULL;
		if (!pte)
			goto out_free;
		set_pte(pte, mk_pte(page, PAGE_KERNEL));
	}
	return stack;

out_free:
	if (page)
		__free_pages(page, 0);
	unmap_pages(stack, addr);
	clear_bit(slot, slots_used);
	return 0;
}

void *kstack_alloc(void)
{
	unsigned long stack = cached ? cache[--cached] : map_stack();

	if (stack)
		nr_kstacks++;
	return (void *)stack;
}

void kstack_free(void *base)
{
	unsigned long stack = (unsigned long)base;

	nr_kstacks--;
	if (cached < KSTACK_CACHE)
		cache[cached++] = stack;
	else
		release(stack);
}

void kstack_cache_drain(void)
{
	while (cached)
		release(cache[--cached]);
}

bool kstack_guard_hit(unsigned long addr)
{
	return addr >= KSTACK_START && addr < KSTACK_START + SLOTS * SLOT_SIZE &&
	       (addr - KSTACK_START) % SLOT_SIZE < PAGE_SIZE;
}
