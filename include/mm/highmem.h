/* SPDX-License-Identifier: MIT */
/*
 * Addresses for frames that may have none (mm/highmem.c).  Which frames are high is
 * decided at run time in both modes; for the others all of this is page_address().
 *
 *	kmap_local_page()	short, nested last-in first-out, any context, not held
 *				across a sleep: a fixmap slot of this context
 *	kmap()			may be held for long and passed on; may sleep: a slot of
 *				the pkmap window, unmapped lazily with one flush a round
 */
#ifndef MM_HIGHMEM_H
#define MM_HIGHMEM_H

#include <kernel/string.h>
#include <asm/fixmap.h>
#include <asm/irqflags.h>
#include <mm/mm_types.h>
#include <mm/page_flags.h>

#define PKMAP_ADDR(nr)		(PKMAP_BASE + ((unsigned long)(nr) << PAGE_SHIFT))
#define PKMAP_NR(addr)		(((addr) - PKMAP_BASE) >> PAGE_SHIFT)

/* Stops the machine: somebody wants the address of a frame that has none. */
__noreturn void no_lowmem_address(const struct page *page);

/* __va() of a frame, for pages that are never high; free where that was just tested. */
static inline void *lowmem_page_address(const struct page *page)
{
	if (unlikely(PageHighMem(page)))
		no_lowmem_address(page);
	return pfn_to_kaddr(page_to_pfn(page));
}

void *page_address_high(const struct page *page);

/* The address of a low page; that of a high page if kmap() has mapped it, else NULL. */
static inline void *page_address(const struct page *page)
{
	if (likely(!PageHighMem(page)))
		return lowmem_page_address(page);
	return page_address_high(page);
}

/* End of paging_init(): find the tables of the pkmap and fixmap windows. */
void kmap_init(void);

/* The pkmap pool.  kmap() of a page that is mapped returns the same address again. */
void *kmap_high(struct page *page, bool may_wait);
void kunmap_high(struct page *page);

/* May sleep until a slot is free. */
static inline void *kmap(struct page *page)
{
	return PageHighMem(page) ? kmap_high(page, true) : lowmem_page_address(page);
}

/* The same, but NULL when all slots are held.  Not from interrupts. */
static inline void *kmap_try(struct page *page)
{
	return PageHighMem(page) ? kmap_high(page, false) : lowmem_page_address(page);
}

static inline void kunmap(struct page *page)
{
	if (PageHighMem(page))
		kunmap_high(page);
}

/* Clear all slots that nobody holds, with one flush if there are any. */
void kmap_flush_unused(void);

/* Tasks that sleep in kmap() now. */
unsigned int kmap_nr_waiting(void);

struct kmap_stats {
	unsigned long maps;		/* slots taken by kmap() */
	unsigned long hits;		/* kmap() of a page that had a slot */
	unsigned long flushes;		/* of the pkmap window */
	unsigned long waits;		/* kmap() found all slots held */
	unsigned long local_maps;	/* fixmap slots taken */
	unsigned int local_max;		/* deepest nesting seen in one context */
};

extern struct kmap_stats kmap_stats;
extern pte_t *pkmap_page_table;		/* LAST_PKMAP entries */
extern u16 pkmap_count[LAST_PKMAP];	/* 0 free, 1 unused but in the TLB, n + 1: n users */

/* One set of fixmap slots for each: */
enum kmap_context { KMAP_TASK, KMAP_IRQ, KMAP_OOPS };

/*
 * Entry code of interrupts (KMAP_IRQ) and of NMI, double fault and oops (KMAP_OOPS)
 * brackets everything that may map:  old = kmap_context_enter(...); ...
 * kmap_context_leave(old).  The lower context may be interrupted at any instruction.
 */
extern unsigned int kmap_current_context;
extern unsigned int kmap_local_depth[KMAP_CONTEXTS];

static inline unsigned int kmap_context_enter(enum kmap_context context)
{
	unsigned int old = kmap_current_context;

	if (context > old)
		kmap_current_context = context;
	return old;
}

static inline void kmap_context_leave(unsigned int old)
{
	kmap_current_context = old;
}

/* Slots that this context holds; 0 whenever a task sleeps. */
static inline unsigned int kmap_local_held(void)
{
	return kmap_local_depth[kmap_current_context];
}

void *kmap_local_high(struct page *page);
void kunmap_local_high(const void *addr);

#define KMAP_LOCAL_TOP		fix_to_virt(FIX_KMAP_LOCAL_END)	/* the slot mapped first */
#define KMAP_LOCAL_BOTTOM	fix_to_virt(FIX_KMAP_LOCAL)

/* Never fails, never sleeps; nesting deeper than KMAP_LOCAL_SLOTS stops the machine. */
static inline void *kmap_local_page(struct page *page)
{
	if (likely(!PageHighMem(page)))
		return lowmem_page_address(page);
	return kmap_local_high(page);
}

/* Any address inside the page that was mapped last. */
static inline void kunmap_local(const void *addr)
{
	if (unlikely((unsigned long)addr >= KMAP_LOCAL_BOTTOM &&
		     (unsigned long)addr < KMAP_LOCAL_TOP + PAGE_SIZE))
		kunmap_local_high(addr);
}

/* As in the book; nothing sleeps or is preempted in kernel mode, so it is the same. */
#define kmap_atomic(page)	kmap_local_page(page)
#define kunmap_atomic(addr)	kunmap_local(addr)

static inline void clear_highpage(struct page *page)
{
	void *addr = kmap_local_page(page);

	clear_page(addr);
	kunmap_local(addr);
}

static inline void copy_highpage(struct page *to, struct page *from)
{
	void *src = kmap_local_page(from);
	void *dst = kmap_local_page(to);

	copy_page(dst, src);
	kunmap_local(dst);
	kunmap_local(src);
}

/* Part of a page; offset + n <= PAGE_SIZE. */
static inline void memset_page(struct page *page, size_t offset, int c, size_t n)
{
	char *addr = kmap_local_page(page);

	memset(addr + offset, c, n);
	kunmap_local(addr);
}

static inline void memcpy_to_page(struct page *page, size_t offset, const void *from, size_t n)
{
	char *addr = kmap_local_page(page);

	memcpy(addr + offset, from, n);
	kunmap_local(addr);
}

static inline void memcpy_from_page(void *to, struct page *page, size_t offset, size_t n)
{
	char *addr = kmap_local_page(page);

	memcpy(to, addr + offset, n);
	kunmap_local(addr);
}

#endif
