/* SPDX-License-Identifier: MIT */
/*
 * HIGH rows that need no program: the pkmap window, the fixmap slots, and that a high
 * frame has no address of its own.
 *
 * Under four levels there is high memory only with lowmem=; without it the same rows
 * assert that kmap is the identity and takes no slot (H12).
 */
#include <asm/setup.h>
#include <asm/tlbflush.h>
#include <kernel/kernel.h>
#include <kernel/sched.h>
#include <kernel/time.h>
#include <kernel/trace.h>
#include <linux/errno.h>
#include <mm/mm.h>
#include <mm/vmalloc.h>
#include <test/row.h>

#include "high.h"
#include "walk.h"

bool have_high_memory(void)
{
	return zones[ZONE_HIGHMEM].managed_pages != 0;
}

/* A word that only this frame has. */
static u32 pattern(const struct page *page)
{
	return (u32)page_to_pfn(page) * 2654435761u;
}

static struct page *high_page(struct row *r)
{
	struct page *page = alloc_page(GFP_HIGHUSER | __GFP_THISZONE);

	row_ok(r, page != NULL, "no high page to be had");
	if (page)
		phys_write(page_to_phys(page), pattern(page), 4);
	return page;
}

/* Without high memory: kmap of any page is its linear address, and no slot is touched. */
static void identity(struct row *r)
{
	struct kmap_stats before = kmap_stats;
	struct page *page = alloc_page(GFP_HIGHUSER);

	row_ok(r, page != NULL, "no page");
	if (!page)
		return;
	row_eq(r, (unsigned long)kmap(page), PAGE_OFFSET + (unsigned long)page_to_phys(page), "kmap");
	row_eq(r, (unsigned long)kmap_local_page(page), (unsigned long)page_address(page),
	       "kmap_local_page");
	kunmap_local(page_address(page));
	kunmap(page);
	row_eq(r, kmap_stats.maps + kmap_stats.hits + kmap_stats.local_maps,
	       before.maps + before.hits + before.local_maps, "slots taken");
	__free_page(page);
	row_info(r, "no high memory: kmap is the linear address, 0 slots");
}

/* ---- H1: no permanent address ------------------------------------------------------- */

struct high_scan {
	unsigned long leaves, mapped;
	unsigned long first_va;
};

/* The only windows that may name high frames: vmalloc's, and the walker's own slot. */
static bool may_map_high(unsigned long va)
{
	return (va >= VMALLOC_START && va < VMALLOC_END) || va == fix_to_virt(FIX_WALK);
}

static void high_leaf(unsigned long va, const struct walk *w, void *arg)
{
	u64 pa = w->pa & ~(w->size - 1), last = pa + w->size - 1;
	struct high_scan *s = arg;

	s->leaves++;
	if (last < PFN_PHYS(max_low_pfn) || may_map_high(va))
		return;
	if (!pfn_valid(PFN_DOWN(last)) || page_type(pfn_to_page(PFN_DOWN(last))) == PGT_ABSENT)
		return;			/* a device */
	if (!s->mapped++)
		s->first_va = va;
}

unsigned long scan_for_high_frames(unsigned long *first_va, unsigned long *leaves)
{
	struct high_scan s = { 0, 0, 0 };

	kmap_flush_unused();
	walk_leaves(PAGE_OFFSET, ~0ul, high_leaf, &s);
	*first_va = s.first_va;
	*leaves = s.leaves;
	return s.mapped;
}

static void h1_no_address(struct row *r)
{
	unsigned long first, leaves, mapped = scan_for_high_frames(&first, &leaves);
	struct page *page;

	row_eq(r, mapped, 0, "kernel addresses of high frames, the first at %lx", first);
	row_ok(r, leaves > 0, "the scan saw nothing");
	if (have_high_memory()) {
		page = high_page(r);
		if (!page)
			return;
		row_ok(r, !page_address(page), "an unmapped high page has address %p",
		       page_address(page));
		__free_page(page);
	} else {
		row_eq(r, max_pfn, max_low_pfn, "end of the direct map");
	}
	row_info(r, "%lu leaves of the kernel half, %lu high frames, 0 mapped", leaves,
		 zones[ZONE_HIGHMEM].managed_pages);
}
ROW(H1, "high frames have no permanent kernel address", h1_no_address);

/* ---- H2: the window ------------------------------------------------------------------ */

static void h2_window(struct row *r)
{
	unsigned long nr, present = 0;
	u64 table = 0;
	struct walk w;

	kmap_flush_unused();
	for (nr = 0; nr < LAST_PKMAP; nr++) {
		w = WALK(PKMAP_ADDR(nr));
		present += w.present;
		if (!nr)
			table = w.table[w.depth - 1];
		if (!row_eq(r, w.depth, sizeof(long) == 8 ? 4 : 2, "levels of slot %lu", nr) ||
		    !row_eq(r, w.table[w.depth - 1], table, "page table of slot %lu", nr))
			return;
	}
	row_eq(r, present, 0, "entries in use while nobody holds a slot");
	row_eq(r, LAST_PKMAP, sizeof(long) == 8 ? 512 : 1024, "slots");
	row_eq(r, paging_log.step[STEP_PERMANENT_KMAPS_INIT].tables, 1,
	       "tables made by permanent_kmaps_init");
	row_eq(r, page_type(pfn_to_page(PFN_DOWN(table))), PGT_RESERVED,
	       "type of the window's table: boot memory");
	row_info(r, "%d slots in one table at %#llx", LAST_PKMAP, (unsigned long long)table);
}
ROW(H2, "permanent_kmaps_init made the pkmap table, all entries empty", h2_window);

/* ---- H3: counts ---------------------------------------------------------------------- */

static void h3_low_page(struct row *r)
{
	struct kmap_stats before = kmap_stats;
	struct page *page = alloc_page(GFP_KERNEL);

	if (!row_ok(r, page != NULL, "no low page"))
		return;
	row_eq(r, (unsigned long)kmap(page), PAGE_OFFSET + (unsigned long)page_to_phys(page),
	       "kmap of a low page");
	kunmap(page);
	row_eq(r, kmap_stats.maps, before.maps, "slots taken for a low page");
	__free_page(page);
}

static void h3_counts(struct row *r)
{
	struct kmap_stats before;
	struct page *page;
	unsigned nr;
	u32 *a;

	h3_low_page(r);
	if (!have_high_memory())
		return identity(r);
	kmap_flush_unused();
	before = kmap_stats;
	page = high_page(r);
	if (!page)
		return;
	a = kmap(page);
	nr = PKMAP_NR((unsigned long)a);
	if (!row_ok(r, nr < LAST_PKMAP, "kmap gave %p, not a slot", a))
		goto out;
	row_eq(r, WALK((unsigned long)a).pa, page_to_phys(page), "frame behind the slot");
	row_eq(r, *a, pattern(page), "word read through the slot");
	row_eq(r, pkmap_count[nr], 2, "count after the first kmap");
	row_eq(r, (unsigned long)kmap(page), (unsigned long)a, "address of the second kmap");
	row_eq(r, pkmap_count[nr], 3, "count after the second");
	row_eq(r, (unsigned long)page_address(page), (unsigned long)a, "page_address");
	*a = ~pattern(page);
	row_eq(r, phys_read(page_to_phys(page), 4), (u32)~pattern(page), "word in the frame itself");
	kunmap(page);
	row_eq(r, pkmap_count[nr], 2, "count after one kunmap");
	kunmap(page);
	row_eq(r, pkmap_count[nr], 1, "count after both: unmapped lazily");
	row_ok(r, WALK((unsigned long)a).present, "the entry went at once");
	row_eq(r, kmap_stats.maps - before.maps, 1, "slots taken");
	row_eq(r, kmap_stats.hits - before.hits, 1, "found again");
	row_info(r, "slot %u", nr);
out:
	kmap_flush_unused();
	__free_page(page);
}
ROW(H3, "kmap: low page linear, high page a slot, counted", h3_counts);

/* ---- H4: one flush a round ----------------------------------------------------------- */

static void h4_round(struct row *r, struct list_head *pages)
{
	struct kmap_stats before;
	struct page *page;
	unsigned long wrong = 0;

	kmap_flush_unused();
	before = kmap_stats;
	list_for_each_entry(page, pages, lru) {
		wrong += *(u32 *)kmap(page) != pattern(page);
		kunmap(page);
	}
	row_eq(r, wrong, 0, "pages that showed another page's word");
	row_eq(r, kmap_stats.maps - before.maps, LAST_PKMAP + 1, "slots taken");
	row_eq(r, kmap_stats.flushes - before.flushes, 1, "flushes of the window");
}

/*
 * A round of the whole window is more than some TLBs hold (QEMU's under two levels): with
 * all slots held but a few, what is not flushed is certain to be seen.
 */
#define H4_FREE		8
#define H4_CYCLES	8

static unsigned long h4_cycle(struct page *const *few)
{
	unsigned long i, wrong = 0;

	for (i = 0; i <= H4_FREE; i++) {
		wrong += *(u32 *)kmap(few[i]) != pattern(few[i]);
		kunmap(few[i]);
	}
	return wrong;
}

static void h4_few(struct row *r, struct list_head *pages)
{
	struct page *few[H4_FREE + 1], *page;
	unsigned long wrong, flushes;
	unsigned i = 0;

	kmap_flush_unused();
	list_for_each_entry(page, pages, lru) {
		if (i >= LAST_PKMAP - H4_FREE)
			few[i - (LAST_PKMAP - H4_FREE)] = page;
		else
			kmap(page);
		i++;
	}
	wrong = h4_cycle(few);
	flushes = kmap_stats.flushes;
	for (i = 0; i < H4_CYCLES; i++)
		wrong += h4_cycle(few);
	row_eq(r, wrong, 0, "pages in the last slots that showed another page's word");
	row_eq(r, kmap_stats.flushes - flushes, H4_CYCLES * (H4_FREE + 1) / H4_FREE,
	       "flushes while the other slots are held");
	i = 0;
	list_for_each_entry(page, pages, lru)
		if (i++ < LAST_PKMAP - H4_FREE)
			kunmap(page);
}

static void h4_lazy(struct row *r)
{
	struct page *page, *next;
	LIST_HEAD(pages);
	unsigned i;

	if (!have_high_memory())
		return identity(r);
	for (i = 0; i <= LAST_PKMAP; i++) {
		page = high_page(r);
		if (!page)
			break;
		list_add_tail(&page->lru, &pages);
	}
	/* Twice: from the second round on every slot has had another page before. */
	if (i > LAST_PKMAP) {
		h4_round(r, &pages);
		h4_round(r, &pages);
		h4_few(r, &pages);
	}
	kmap_flush_unused();
	list_for_each_entry_safe(page, next, &pages, lru)
		__free_page(page);
	row_info(r, "%u pages through %d slots, 1 flush a round", i, LAST_PKMAP);
}
ROW(H4, "lazy unmapping: one flush when the slots come round", h4_lazy);

/* ---- H5: full window ----------------------------------------------------------------- */

struct h5 {
	struct page *page;
	bool done;
	u32 seen;
};

static int h5_second(void *arg)
{
	struct h5 *h = arg;

	h->seen = *(u32 *)kmap(h->page);
	kunmap(h->page);
	h->done = true;
	return 0;
}

static void h5_hold_all(struct row *r, struct page **held, struct page *extra)
{
	unsigned long waits = kmap_stats.waits;
	struct h5 h = { .page = extra };
	struct task_struct *second;
	unsigned i;
	long pid;

	for (i = 0; i < LAST_PKMAP; i++)
		kmap(held[i]);
	pid = kernel_thread(h5_second, &h, "kmap-waiter");
	if (row_ok(r, pid > 0, "no second thread: %ld", pid)) {
		yield();
		yield();
		second = find_task((int)pid);
		row_eq(r, kmap_stats.waits - waits, 1, "kmap calls that had to wait");
		row_eq(r, second ? second->state : -1, TASK_UNINTERRUPTIBLE, "state of the second thread");
		row_ok(r, !h.done, "the second thread got a slot that was not there");
	}
	kunmap(held[LAST_PKMAP - 1]);
	for (i = 0; pid > 0 && i < 100 && !h.done; i++)
		yield();
	row_ok(r, h.done, "the second thread was not woken by kunmap");
	row_eq(r, h.seen, pattern(extra), "word that it read through the freed slot");
	if (pid > 0)
		kernel_wait4((int)pid, NULL, 0, NULL);
	for (i = 0; i < LAST_PKMAP - 1; i++)
		kunmap(held[i]);
	kmap_flush_unused();
	row_info(r, "%d slots held, the next caller slept until one was free", LAST_PKMAP);
}

static void h5_full(struct row *r)
{
	struct page **held, *extra;
	unsigned i, n = 0;

	if (!have_high_memory())
		return identity(r);
	kmap_flush_unused();
	held = vmalloc(LAST_PKMAP * sizeof(*held));
	extra = high_page(r);
	for (; held && n < LAST_PKMAP; n++) {
		held[n] = high_page(r);
		if (!held[n])
			break;
	}
	if (row_ok(r, held && extra && n == LAST_PKMAP, "no memory for the row"))
		h5_hold_all(r, held, extra);
	for (i = 0; i < n; i++)
		__free_page(held[i]);
	if (extra)
		__free_page(extra);
	vfree(held);
}
ROW(H5, "a full pkmap window: the caller sleeps until a slot is free", h5_full);

/* ---- H6: slots of contexts ----------------------------------------------------------- */

static struct h6 {
	struct page *page;
	volatile unsigned ticks;
	unsigned long address, second;
	u32 seen;
	bool cleared;
} h6;

/* In the timer interrupt, while the task holds its own first slots. */
static void h6_tick(struct pt_regs *regs)
{
	u32 *a, *b;

	if (h6.ticks)
		return;
	a = kmap_atomic(h6.page);
	b = kmap_atomic(h6.page);
	h6.address = (unsigned long)a;
	h6.second = (unsigned long)b;
	h6.seen = *a ^ *b ^ *a;
	*a = 0x12345678;
	kunmap_atomic(b);
	kunmap_atomic(a);
	h6.cleared = !WALK(h6.address).present && !WALK(h6.second).present;
	h6.ticks = 1;
}

static unsigned long slot_address(unsigned context, unsigned depth)
{
	return KMAP_LOCAL_TOP - ((unsigned long)(context * KMAP_LOCAL_SLOTS + depth) << PAGE_SHIFT);
}

static void h6_nested(struct row *r, struct page *one, struct page *two)
{
	u64 until = ktime_ns() + NSEC_PER_SEC;
	u32 *a, *b;

	a = kmap_atomic(one);
	b = kmap_atomic(two);
	row_eq(r, (unsigned long)a, slot_address(KMAP_TASK, 0), "first slot of the task");
	row_eq(r, (unsigned long)b, slot_address(KMAP_TASK, 1), "second slot of the task");
	h6.ticks = 0;
	tick_hook = h6_tick;
	while (!h6.ticks && ktime_ns() < until)
		;
	tick_hook = NULL;
	row_eq(r, h6.ticks, 1, "timer interrupts that mapped");
	row_eq(r, h6.address, slot_address(KMAP_IRQ, 0), "first slot of the interrupt");
	row_eq(r, h6.second, slot_address(KMAP_IRQ, 1), "second slot of the interrupt");
	row_eq(r, h6.seen, pattern(h6.page), "word that the interrupt read");
	row_ok(r, h6.cleared, "entries of the interrupt stayed behind");
	row_eq(r, *a, pattern(one), "the task's first page after the interrupt");
	row_eq(r, *b, pattern(two), "the task's second page after the interrupt");
	kunmap_atomic(b);
	kunmap_atomic(a);
	row_ok(r, !WALK((unsigned long)a).present, "the task's entry stayed behind");
	row_eq(r, phys_read(page_to_phys(h6.page), 4), 0x12345678, "word that the interrupt wrote");
	row_info(r, "2 slots of the task, 2 of the interrupt, each at its constant address");
}

static void h6_contexts(struct row *r)
{
	struct page *one, *two;

	if (!have_high_memory())
		return identity(r);
	one = high_page(r);
	two = high_page(r);
	h6.page = high_page(r);
	if (one && two && h6.page)
		h6_nested(r, one, two);
	if (one)
		__free_page(one);
	if (two)
		__free_page(two);
	if (h6.page)
		__free_page(h6.page);
}
ROW(H6, "kmap_atomic: slots per context, nested, also in interrupts", h6_contexts);

/* ---- H12: with a limit, or the identity ---------------------------------------------- */

static void h12_either(struct row *r)
{
	if (!have_high_memory()) {
		identity(r);
		row_eq(r, kmap_stats.maps, 0, "pkmap slots since boot");
		row_eq(r, kmap_stats.local_maps, 0, "fixmap slots since boot");
		return;
	}
	row_ok(r, kmap_stats.maps > 0 || kmap_stats.local_maps > 0,
	       "high memory, and no slot was ever used");
	row_info(r, "high memory from frame %#lx: %lu slots, %lu fixmap slots so far", max_low_pfn,
		 kmap_stats.maps, kmap_stats.local_maps);
}
ROW(H12, "the same slots in both modes; without high memory kmap is the identity", h12_either);
