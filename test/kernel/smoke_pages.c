/* SPDX-License-Identifier: MIT */
/*
 * Smoke: is the memory there, and does the MMU do what its tables say?
 *
 * The write test takes all free memory from the allocator, so it owns what it writes.  Some
 * words of every page get a value made from their physical address; all are read back
 * after all have been written and the caches emptied, so a place without RAM behind it, two
 * addresses for one place, and foreign writers show.  How much is covered is bounded by
 * time, and in a virtual machine by what its host should have to back; then every n-th
 * block is written, spread over all of memory.
 */
#include <asm/msr.h>
#include <asm/processor.h>
#include <asm/tlbflush.h>
#include <kernel/extable.h>
#include <kernel/printk.h>
#include <kernel/time.h>
#include <mm/ioremap.h>
#include <mm/mm.h>
#include "smoke.h"
#include "walk.h"

#define WRITE_BUDGET_NS		(2200 * NSEC_PER_MSEC)
#define VERIFY_BUDGET_NS	(800 * NSEC_PER_MSEC)
#define VIRTUAL_PAGES		(512ul << 10)	/* 2 GiB */
#define ROUNDS			16		/* blocks n, n + 16, ... in each */
#define PATTERN			0x5aa5c33cul

struct holding {
	struct list_head list[MAX_ORDER];	/* by page->lru of the first page */
	unsigned long pages, blocks;
	unsigned long written;			/* pages */
	unsigned long verified, bad;
	phys_addr_t bad_at;
	unsigned long seen, expected;
};

/* page->private of a block that has been written. */
#define BLOCK_WRITTEN	1

static const unsigned word_offset[] = { 0, 0x550, PAGE_SIZE - sizeof(long) };

static void take_zone(struct holding *h, gfp_t gfp)
{
	unsigned order = MAX_ORDER;
	struct page *page;

	gfp |= __GFP_HIGH | __GFP_NOWARN | __GFP_THISZONE;
	while (order--) {
		while ((page = alloc_pages(gfp, order))) {
			list_add_tail(&page->lru, &h->list[order]);
			h->pages += 1ul << order;
			h->blocks++;
		}
	}
}

static void take_all(struct holding *h)
{
	unsigned order;

	for (order = 0; order < MAX_ORDER; order++)
		INIT_LIST_HEAD(&h->list[order]);
	take_zone(h, __GFP_HIGHMEM);
	take_zone(h, 0);
	take_zone(h, __GFP_DMA32);
	take_zone(h, __GFP_DMA);
}

static void give_back(struct holding *h)
{
	struct page *page, *next;
	unsigned order;

	for (order = 0; order < MAX_ORDER; order++) {
		list_for_each_entry_safe(page, next, &h->list[order], lru) {
			list_del(&page->lru);
			page->private = 0;
			__free_pages(page, order);
		}
	}
}

static unsigned long pattern(phys_addr_t phys)
{
	return (unsigned long)phys ^ PATTERN;
}

static void write_block(struct page *page, unsigned long n)
{
	unsigned i;

	for (; n--; page++) {
		char *va = kmap_local_page(page);

		for (i = 0; i < ARRAY_SIZE(word_offset); i++)
			WRITE_ONCE(*(unsigned long *)(va + word_offset[i]),
				   pattern(page_to_phys(page) + word_offset[i]));
		kunmap_local(va);
	}
}

static void verify_block(struct holding *h, struct page *page, unsigned long n)
{
	unsigned i;

	h->verified += n;
	for (; n--; page++) {
		char *va = kmap_local_page(page);

		for (i = 0; i < ARRAY_SIZE(word_offset); i++) {
			phys_addr_t phys = page_to_phys(page) + word_offset[i];
			unsigned long seen = READ_ONCE(*(unsigned long *)(va + word_offset[i]));

			if (likely(seen == pattern(phys)))
				continue;
			if (!h->bad++) {
				h->bad_at = phys;
				h->seen = seen;
				h->expected = pattern(phys);
			}
		}
		kunmap_local(va);
	}
}

/* Every ROUNDS-th block from `round` on.  False: time or allowance is used up. */
static bool write_round(struct holding *h, unsigned round, unsigned long limit, u64 deadline)
{
	unsigned long nr = 0;
	struct page *page;
	unsigned order;

	for (order = 0; order < MAX_ORDER; order++) {
		list_for_each_entry(page, &h->list[order], lru) {
			if (nr++ % ROUNDS != round)
				continue;
			if (h->written >= limit || ktime_ns() >= deadline)
				return false;
			write_block(page, 1ul << order);
			page->private = BLOCK_WRITTEN;
			h->written += 1ul << order;
		}
	}
	return true;
}

static void verify_all(struct holding *h, u64 deadline)
{
	struct page *page;
	unsigned order;

	for (order = 0; order < MAX_ORDER; order++) {
		list_for_each_entry(page, &h->list[order], lru) {
			if (page->private != BLOCK_WRITTEN)
				continue;
			if (ktime_ns() >= deadline)
				return;
			verify_block(h, page, 1ul << order);
		}
	}
}

static void report_bad(struct row *r, const struct holding *h)
{
	unsigned long other = (h->seen ^ PATTERN) & PAGE_MASK;

	if (!h->bad)
		return;
	if (other < PFN_PHYS(max_pfn) && pfn_valid(other >> PAGE_SHIFT) &&
	    other != (h->bad_at & PAGE_MASK))
		row_ok(r, false, "%lu words wrong; %#llx and %#lx are the same RAM: wrong memory map or module",
		       h->bad, ULL(h->bad_at), other);
	else
		row_ok(r, false, "%lu words wrong, first at %#llx: %#lx, expected %#lx; not RAM, or bad: run a memory test",
		       h->bad, ULL(h->bad_at), h->seen, h->expected);
}

void smoke_pages_write_verify_all(struct row *r)
{
	unsigned long limit = smoke_virtual() ? VIRTUAL_PAGES : ~0ul, all = nr_free_pages();
	u64 start = ktime_ns();
	struct holding h = { .pages = 0 };
	unsigned round = 0;

	take_all(&h);
	while (round < ROUNDS && write_round(&h, round, limit, start + WRITE_BUDGET_NS))
		round++;
	__asm__ __volatile__("wbinvd" : : : "memory");
	verify_all(&h, ktime_ns() + VERIFY_BUDGET_NS);
	give_back(&h);

	row_info(r, "%lu of %lu free pages (%lu %%) in %llu ms%s", h.verified, all,
		 all ? (unsigned long)(h.verified * 100ull / all) : 0,
		 ULL((ktime_ns() - start) / NSEC_PER_MSEC),
		 h.written >= limit ? ", as much as a virtual machine gets" :
		 round < ROUNDS || h.verified < h.written ? ", cut by the time limit" : "");
	row_ok(r, h.verified, "no free page could be taken");
	report_bad(r, &h);
}

/* ---- no execute -------------------------------------------------------------------- */

/* RET, in data: the way back if it does run. */
static u8 nx_code[16] __used = { 0xc3 };

/* Call it; the fault of the fetch has its fix-up at the address of the data itself. */
static noinline bool data_runs(void)
{
	unsigned long ran = 1, unused;

	__asm__ __volatile__("	call *%[code]\n"
			     "	jmp 2f\n"
			     "1:	pop %[unused]\n"
			     "	xor %[ran], %[ran]\n"
			     "2:\n"
			     _ASM_EXTABLE(%c[where], 1b)
			     : [ran] "+r" (ran), [unused] "=&r" (unused)
			     : [code] "r" (nx_code), [where] "i" (nx_code)
			     : "memory", "cc");
	return ran;
}

void smoke_pages_nx_works(struct row *r)
{
	struct walk w;

	if (PGTABLE_LEVELS == 2) {
		row_skip(r, "two-level tables have no NX bit");
		return;
	}
	if (!cpu_has(X86_FEATURE_NX)) {
		row_skip(r, "no NX in CPUID; look for \"Execute Disable\" in the firmware setup");
		return;
	}
	w = WALK((unsigned long)nx_code);
	row_ok(r, rdmsr(MSR_EFER) & EFER_NXE, "EFER.NXE does not stay set");
	if (!row_ok(r, w.present && !w.exec, "kernel data is mapped executable: bug of this kernel"))
		return;
	if (row_ok(r, !data_runs(), "the processor runs code in a page marked NX"))
		row_info(r, "an instruction fetch from data faults");
}

/* ---- write protection -------------------------------------------------------------- */

void smoke_pages_wp_works(struct row *r)
{
	unsigned long *page = (unsigned long *)__get_free_page(GFP_KERNEL);
	unsigned long *alias = (unsigned long *)fix_to_virt(FIX_WP_TEST), value = ~0x600dul;
	char first = *(char *)_text;

	if (!page) {
		row_skip(r, "no memory for a page");
		return;
	}
	*page = 0x600d;
	__set_fixmap(FIX_WP_TEST, __pa(page), PAGE_KERNEL_RO);
	row_ok(r, read_cr0() & X86_CR0_WP, "CR0.WP does not stay set");
	row_ok(r, probe_kernel_write(alias, &value, sizeof(value)) == -EFAULT && *page == 0x600d,
	       "the kernel can write to a read-only page: copy-on-write cannot work here");
	clear_fixmap(FIX_WP_TEST);
	free_page((unsigned long)page);
	row_ok(r, probe_kernel_write(_text, &first, 1) == -EFAULT, "the kernel can write to its own code");
	if (!r->failed)
		row_info(r, "writes to a read-only page and to kernel code fault");
}

/* ---- translations of global pages -------------------------------------------------- */

struct alias {
	unsigned long *page[2];
	volatile unsigned long *at;
	pte_t *pte;
};

/* Let the alias lead to page n, without any flush. */
static void turn(struct alias *a, unsigned n)
{
	set_pte(a->pte, pfn_pte(__pa(a->page[n]) >> PAGE_SHIFT, PAGE_KERNEL));
	barrier();
}

/* Interrupts off: nothing else may fill or empty the TLB meanwhile. */
static void turn_and_flush(struct row *r, struct alias *a, bool *stale, bool *survived)
{
	unsigned long flags = local_irq_save();

	turn(a, 0);
	flush_tlb_one((unsigned long)a->at);
	row_eq(r, *a->at, 0, "page seen after INVLPG");
	turn(a, 1);
	*stale = *a->at == 0;
	load_cr3(read_cr3());
	*survived = *a->at == 0;
	flush_tlb_one((unsigned long)a->at);
	row_eq(r, *a->at, 1, "page seen after INVLPG (it must drop global entries too)");
	turn(a, 0);
	flush_tlb_all();
	row_eq(r, *a->at, 0, "page seen after a flush of everything (CR4.PGE)");
	local_irq_restore(flags);
}

void smoke_pages_global_invlpg(struct row *r)
{
	struct alias a = { .at = (unsigned long *)fix_to_virt(FIX_TEST) };
	bool stale, survived;
	unsigned i;

	for (i = 0; i < 2; i++)
		a.page[i] = (unsigned long *)get_zeroed_page(GFP_KERNEL);
	if (!a.page[0] || !a.page[1]) {
		row_skip(r, "no memory for two pages");
		goto out;
	}
	*a.page[1] = 1;
	a.pte = pte_lookup(&init_mm, (unsigned long)a.at);
	turn_and_flush(r, &a, &stale, &survived);
	pte_unmap(a.pte);
	clear_fixmap(FIX_TEST);
	row_info(r, "%s, old entry %s before a flush, %s after a load of CR3",
		 cpu_has(X86_FEATURE_PGE) ? "global pages" : "no global pages",
		 stale ? "kept" : "gone", survived ? "kept" : "gone");
	if (survived && !cpu_has(X86_FEATURE_PGE))
		row_ok(r, false, "a load of CR3 did not drop an entry that is not global");
out:
	for (i = 0; i < 2; i++)
		free_page((unsigned long)a.page[i]);
}
