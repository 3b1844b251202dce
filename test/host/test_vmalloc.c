/* SPDX-License-Identifier: MIT */
/*
 * mm/vmalloc.c: real accesses through the simulated MMU, guard pages, reuse only after a
 * flush, fragmented memory, exhausted windows, failing allocations.
 */
#include "tap.h"
#include <errno.h>
#include <stdlib.h>
#include "host.h"
#include <asm/tlbflush.h>
#include <kernel/random.h>

static struct rnd rnd;
static struct page_accounting start;

static bool as_at_start(void)
{
	struct page_accounting now, scanned;

	vm_unmap_aliases();
	kmem_cache_shrink_all();
	account_pages(&now);
	recount_pages(&scanned, NULL);
	if (vmalloc_stats.areas || vmalloc_stats.pages || vmalloc_stats.lazy_areas ||
	    vmalloc_stats.lazy_pages || !list_empty(&vm_areas))
		return false;
	return memcmp(&now, &start, sizeof(now)) == 0 && accounting_identity(&now, &scanned);
}

/* Page tables of the windows stay once they are made: make them all first. */
static void make_tables(unsigned long from, unsigned long to)
{
	for (; from < to; from += PMD_SIZE)
		pte_alloc_kernel(from);
}

static void test_one(void)
{
	unsigned long i, wrong = 0, purges;
	u32 *p = vmalloc(5 * 4096 + 1);
	struct page *page;
	char *q;

	ok((unsigned long)p == VMALLOC_START, "the first area is at the start of the window");
	for (i = 0; i < 6 * 1024; i++)
		p[i] = i;
	for (i = 0; i < 6; i++) {
		static u32 buf[1024];

		page = vmalloc_to_page(p + i * 1024);
		host_read_frame(page_to_pfn(page), buf);
		wrong += buf[0] != i * 1024 || buf[1023] != i * 1024 + 1023;
		wrong += page_type(page) != PGT_VMALLOC;
	}
	is(wrong, 0, "its frames hold what was written");
	is(page_type_count[PGT_VMALLOC], 6, "six of them");
	ok(PageHighMem(vmalloc_to_page(p)), "they may be high");
	ok(host_faults(p + 6 * 1024), "the guard page faults");
	ok(!vmalloc_to_page(p + 6 * 1024), "and leads nowhere");
	q = vzalloc(100);
	ok(q == (char *)p + 7 * 4096, "the next area follows after one page");
	for (i = 0; i < 4096; i++)
		wrong += q[i];
	is(wrong, 0, "vzalloc() clears");
	ok(is_vmalloc_addr(q) && !is_vmalloc_addr((void *)PAGE_OFFSET), "is_vmalloc_addr()");
	ok(find_vm_area((unsigned long)q + 5)->addr == (unsigned long)q, "find_vm_area()");
	ok(!find_vm_area((unsigned long)q + 4096), "knows that the guard is not inside");

	purges = vmalloc_stats.purges;
	vfree(p);
	is(vmalloc_stats.purges, purges, "vfree() does not flush at once");
	is(page_type_count[PGT_VMALLOC], 7, "and holds the frames");
	ok(!find_vm_area((unsigned long)p), "the area is gone");
	p = vmalloc(4096);
	ok((char *)p == q + 2 * 4096, "its addresses are not used again");
	vm_unmap_aliases();
	is(vmalloc_stats.purges, purges + 1, "one flush");
	is(page_type_count[PGT_VMALLOC], 2, "gives the frames back");
	ok(host_faults((void *)VMALLOC_START), "access faults");
	vfree(p);
	p = vmalloc(4 * 4096);
	ok((unsigned long)p == VMALLOC_START, "and the addresses are used again");
	vfree(p);
	vfree(q);
	vfree(NULL);
	ok(as_at_start(), "nothing is lost");
}

/* Many areas, one flush; past the limit it happens by itself. */
static void test_lazy(void)
{
	unsigned long purges = vmalloc_stats.purges, flushes = tlb_counters.flush_all, i;
	void *p[100];

	for (i = 0; i < 100; i++)
		p[i] = vmalloc(4096);
	for (i = 0; i < 100; i++)
		vfree(p[i]);
	is(vmalloc_stats.lazy_areas, 100, "100 areas wait");
	is(vmalloc_stats.lazy_pages, 200, "200 pages of addresses, guards included");
	is(vmalloc_stats.purges, purges, "without a flush");
	vm_unmap_aliases();
	vm_unmap_aliases();
	is(vmalloc_stats.purges, purges + 1, "and are released by one");
	is(tlb_counters.flush_all - flushes, 1, "of the TLB, too");
	vfree(vmalloc(4096 * 300));
	is(vmalloc_stats.purges, purges + 2, "a large one is released at once");
	vmalloc_lazy_max = 0;
	vfree(vmalloc(4096));
	is(vmalloc_stats.purges, purges + 3, "so is any, if that is wanted");
	vmalloc_lazy_max = 256;
	ok(as_at_start(), "nothing is lost");
}

/* No two free frames in a row. */
static void test_fragmented(void)
{
	LIST_HEAD(held);
	struct page *page, *next;
	unsigned long i, wrong = 0, runs = 0;
	int z;
	u8 *p;

	for (z = 0; z < MAX_NR_ZONES; z++) {
		zones[z].pages_min = 0;		/* keep no large blocks back */
		memset(zones[z].lowmem_reserve, 0, sizeof(zones[z].lowmem_reserve));
	}
	while ((page = alloc_page(GFP_HIGHUSER | __GFP_NOWARN)))
		list_add(&page->lru, &held);
	list_for_each_entry_safe(page, next, &held, lru)
		if (page_to_pfn(page) & 1) {
			list_del(&page->lru);
			__free_page(page);
		}
	ok(!alloc_pages(GFP_HIGHUSER | __GFP_NOWARN | __GFP_THISZONE, 4), "no order-4 block exists");
	p = vmalloc(MIB(1));
	ok(p, "1 MiB by vmalloc()");
	for (i = 0; i < 256; i++)
		p[i * 4096] = i;
	for (i = 0; i < 256; i++) {
		wrong += p[i * 4096] != i;
		runs += i && vmalloc_to_page(p + i * 4096) ==
			     vmalloc_to_page(p + i * 4096 - 4096) + 1;
	}
	is(wrong, 0, "works");
	is(runs, 0, "over frames that are not contiguous");
	vfree(p);
	list_for_each_entry_safe(page, next, &held, lru)
		__free_page(page);
	page_alloc_init();
	ok(as_at_start(), "nothing is lost");
}

static void test_exhaustion(void)
{
	unsigned long i, total = 0;
	static void *p[600];

	ok(!vmalloc(VMALLOC_END - VMALLOC_START), "the whole window is too much: no guard page");
	ok(!vmalloc(~0ul), "so is everything");
	ok(!vmalloc(~0ul - 4095), "and nearly everything");
	ok(!vmalloc(0), "and nothing");
	ok(!vmap(NULL, 0, PAGE_KERNEL), "vmap() of nothing");
	ok(!vmap(NULL, 1ul << (BITS_PER_LONG - 12), PAGE_KERNEL), "vmap() of too much");
	for (i = 0; i < 600; i++) {
		struct vm_struct *area = get_vm_area(31 * 4096, VMALLOC_START, VMALLOC_END, 0);

		if (!area)
			break;
		p[i] = area;
		total += 32 * 4096;
	}
	is(total, VMALLOC_END - VMALLOC_START, "the window can be filled to the last guard page");
	ok(!vmalloc(4096), "then there is no room");
	vmalloc_lazy_max = ~0ul;
	free_vm_area(p[77]);
	p[77] = get_vm_area(31 * 4096, VMALLOC_START, VMALLOC_END, 0);
	ok(p[77], "but for what only waits for a flush");
	vmalloc_lazy_max = 256;
	while (i--)
		free_vm_area(p[i]);
	ok(as_at_start(), "nothing is lost");
}

/* ---- areas against a model --------------------------------------------------------- */

#define SLOTS	200

static struct {
	struct vm_struct *area;
	unsigned long addr, pages;
} slots[SLOTS];

/* Lowest place whose pages and guard touch no other area's, page by page. */
static unsigned long model_gap(unsigned long pages, unsigned long align, unsigned long from,
			       unsigned long to)
{
	unsigned long addr, i;

	for (addr = ALIGN(from, align); addr + (pages + 1) * 4096 <= to; addr += align) {
		for (i = 0; i < SLOTS; i++)
			if (slots[i].area && addr < slots[i].addr + (slots[i].pages + 1) * 4096 &&
			    slots[i].addr < addr + (pages + 1) * 4096)
				break;
		if (i == SLOTS)
			return addr;
	}
	return 0;
}

static void test_model(void)
{
	unsigned long i, k, align, from, to, pages, expected, wrong = 0, refused = 0;

	vmalloc_lazy_max = 0;
	for (i = 0; i < 6000; i++) {
		k = rnd_below(&rnd, SLOTS);
		if (slots[k].area) {
			free_vm_area(slots[k].area);
			slots[k].area = NULL;
			continue;
		}
		pages = 1 + rnd_below(&rnd, 60);
		align = 4096ul << (rnd_below(&rnd, 3) ? 0 : rnd_below(&rnd, 7));
		from = rnd_below(&rnd, 2) ? VMALLOC_START : IOREMAP_START;
		from += rnd_below(&rnd, 100) * 4096;
		to = from + (1 + rnd_below(&rnd, 1500)) * 4096;
		expected = model_gap(pages, align, from, to);
		slots[k].area = get_vm_area_align(pages * 4096, align, from, to, VM_IOREMAP);
		slots[k].addr = slots[k].area ? slots[k].area->addr : 0;
		slots[k].pages = pages;
		wrong += slots[k].addr != expected;
		refused += !expected;
	}
	is(wrong, 0, "6000 areas in several windows: always the lowest gap (%lu times none)",
	   refused);
	for (i = 0; i < SLOTS; i++)
		if (slots[i].area)
			free_vm_area(slots[i].area);
	vmalloc_lazy_max = 256;
	ok(refused && as_at_start(), "nothing is lost");
}

/* ---- other mappings ---------------------------------------------------------------- */

static void test_vmap(void)
{
	struct page *page[3] = {
		alloc_page(GFP_KERNEL), alloc_page(GFP_HIGHUSER), alloc_page(GFP_KERNEL),
	};
	struct page *order[4] = { page[2], page[0], page[1], page[2] };
	unsigned long used = page_type_count[PGT_KERNEL];
	u32 *p = vmap(order, 4, PAGE_KERNEL);

	p[0] = 1;
	p[1024] = 2;
	p[2048] = 3;
	is(p[3072], 1, "vmap(): the same frame twice");
	is(*(u32 *)page_address(page[0]), 2, "and at its own address");
	ok(vmalloc_to_page(p + 2048) == page[1], "in the order given");
	vunmap(p);
	vm_unmap_aliases();
	is(page_type_count[PGT_KERNEL], used, "vunmap() leaves the frames alone");
	__free_page(page[0]);
	__free_page(page[1]);
	__free_page(page[2]);
	ok(as_at_start(), "nothing is lost");
}

static void test_device(void)
{
	struct vm_struct *area = get_vm_area(3 * 4096, IOREMAP_START, IOREMAP_END, VM_IOREMAP);
	phys_addr_t phys = MIB(95);
	unsigned long entry;

	is(area->addr, IOREMAP_START, "an area of another window");
	is(map_kernel_range(area->addr, phys, 3 * 4096, PAGE_KERNEL_UC), 0, "mapped to a device");
	entry = host_walk(swapper_pg_dir, area->addr + 2 * 4096);
	is(entry & PTE_PFN_MASK, phys + 2 * 4096, "to the right address");
	ok(entry & _PAGE_PCD && entry & _PAGE_PWT, "uncached");
	ok(!host_faults((void *)area->addr) && host_faults((void *)(area->addr + 3 * 4096)),
	   "with a guard page");
	unmap_kernel_range(area->addr, 4096);
	flush_tlb_kernel_range(area->addr, area->addr + 4096);
	ok(host_faults((void *)area->addr) && !host_faults((void *)(area->addr + 4096)),
	   "a part can be unmapped");
	free_vm_area(area);
	ok(as_at_start(), "nothing is lost");
}

static struct page *vmap_page;

static unsigned long scenario(void)
{
	struct vm_struct *area = get_vm_area(4096, IOREMAP_START, IOREMAP_END, VM_IOREMAP);
	void *a = vmalloc(10 * 4096), *b = vmap(&vmap_page, 1, PAGE_KERNEL);

	if (area) {
		map_kernel_range(area->addr, 0x1000, 4096, PAGE_KERNEL);
		free_vm_area(area);
	}
	vfree(a);
	vunmap(b);
	return !!area + !!a + !!b;
}

static void test_failures(void)
{
	unsigned long nth, wrong = 0, got;

	vmap_page = alloc_page(GFP_HIGHUSER);
	account_pages(&start);
	for (nth = 1; ; nth++) {
		kmem_cache_shrink_all();
		alloc_fail_arm(nth, 1);
		got = scenario();
		if (!alloc_fail.failed)
			break;
		alloc_fail_arm(0, 0);
		wrong += got == 3 || !as_at_start();
	}
	alloc_fail_arm(0, 0);
	ok(nth >= 14 && !wrong, "each of %lu allocations may fail: nothing is lost", nth - 1);
	vm_unmap_aliases();
	kmem_cache_shrink_all();
	__free_page(vmap_page);
	account_pages(&start);
}

/* Without tables: one of them may be missing, too. */
static bool table_failures(void)
{
	unsigned long addr = VMALLOC_END - 8 * PMD_SIZE, nth, bad = 0;
	struct page *pages[2] = { pfn_to_page(5), pfn_to_page(6) };

	for (nth = 1; nth < 10; nth++) {
		alloc_fail_arm(nth, 1);
		if (!map_kernel_pages(addr + PMD_SIZE - 4096, pages, 2, PAGE_KERNEL))
			break;
		bad += host_walk(swapper_pg_dir, addr + PMD_SIZE - 4096) != 0;
	}
	/* Tables made on the way stay, so each try fails one further down. */
	return nth >= 2 && !bad && !host_faults((void *)(addr + PMD_SIZE));
}

/* Held frames and addresses are released before memory runs out. */
static void test_reclaim(void)
{
	LIST_HEAD(held);
	struct page *page, *next;

	vfree(vmalloc(200 * 4096));
	is(page_type_count[PGT_VMALLOC], 200, "200 frames wait for a flush");
	while ((page = alloc_page(GFP_HIGHUSER | __GFP_NOWARN)))
		list_add(&page->lru, &held);
	is(page_type_count[PGT_VMALLOC], 0, "until memory runs out");
	list_for_each_entry_safe(page, next, &held, lru)
		__free_page(page);
	ok(as_at_start(), "nothing is lost");
}

/* ---- what stops the machine -------------------------------------------------------- */

static void vfree_twice(void)
{
	void *p = vmalloc(4096);

	vfree(p);
	vfree(p);
}

static void vfree_inside(void)
{
	vfree((char *)vmalloc(8192) + 4096);
}

static void vfree_of_vmap(void)
{
	struct page *page = alloc_page(GFP_KERNEL);

	vfree(vmap(&page, 1, PAGE_KERNEL));
}

static void map_twice(void)
{
	map_kernel_range((unsigned long)vmalloc(4096), 0x1000, 4096, PAGE_KERNEL);
}

int main(void)
{
	rnd_seed(&rnd, 7);
	host_boot(&host_small);
	ok(host_in_copy(table_failures), "a page table may be missing");
	make_tables(VMALLOC_START, VMALLOC_END);
	make_tables(IOREMAP_START, IOREMAP_END);
	kmem_cache_shrink_all();
	account_pages(&start);
	test_one();
	test_lazy();
	test_fragmented();
	test_exhaustion();
	test_model();
	test_vmap();
	test_device();
	test_failures();
	test_reclaim();
	ok(host_panics(vfree_twice, "no such area"), "vfree() twice");
	ok(host_panics(vfree_inside, "no such area"), "vfree() of an inner address");
	ok(host_panics(vfree_of_vmap, "no such area"), "vfree() of a vmap() area");
	ok(host_panics(map_twice, "mapped already"), "mapping over a mapping");
	return done();
}
