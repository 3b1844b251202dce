/* SPDX-License-Identifier: MIT */
/*
 * mm/highmem.c: the pkmap pool with its lazy flush, the fixmap slots of three contexts.
 * The simulated TLB keeps old translations, so a missing flush shows the wrong page.
 */
#include "tap.h"
#include <stdlib.h>
#include "host.h"
#include <asm/tlbflush.h>
#include <kernel/random.h>

#define PAGES	(2 * LAST_PKMAP + 10)

static struct rnd rnd;
static struct page *high[PAGES];

/* The first word of each page is its frame number, put there from outside. */
static void fill(struct page *page)
{
	unsigned long buf[4096 / sizeof(long)] = { page_to_pfn(page) };

	host_write_frame(page_to_pfn(page), buf);
}

static bool shows(const void *addr, const struct page *page)
{
	return *(volatile const unsigned long *)addr == page_to_pfn(page);
}

static void test_low(void)
{
	struct page *page = alloc_page(GFP_KERNEL);
	struct kmap_stats before = kmap_stats;
	void *addr = kmap(page);

	ok(addr == pfn_to_kaddr(page_to_pfn(page)), "kmap() of a low page is its address");
	ok(kmap_local_page(page) == addr && page_address(page) == addr, "so are the others");
	kunmap_local(addr);
	kunmap(page);
	ok(memcmp(&before, &kmap_stats, sizeof(before)) == 0, "no slot was used");
	__free_page(page);
}

static void test_script(void)
{
	void *a, *b;

	ok(!page_address(high[0]), "a high page has no address");
	a = kmap(high[0]);
	ok(a >= (void *)PKMAP_ADDR(0) && a < (void *)PKMAP_ADDR(LAST_PKMAP),
	   "a slot of the window");
	ok(shows(a, high[0]), "which shows the page");
	is(pkmap_count[PKMAP_NR((unsigned long)a)], 2, "one user");
	ok(page_address(high[0]) == a, "now it has an address");
	ok(kmap(high[0]) == a, "the same page gets the same slot");
	is(pkmap_count[PKMAP_NR((unsigned long)a)], 3, "two users");
	b = kmap(high[1]);
	ok(b != a && shows(b, high[1]), "another page, another slot");
	*(unsigned long *)a = 42;
	kunmap(high[0]);
	kunmap(high[0]);
	is(pkmap_count[PKMAP_NR((unsigned long)a)], 1, "nobody uses it, but it is still mapped");
	ok(kmap(high[0]) == a && *(unsigned long *)a == 42, "and can be had back");
	is(kmap_stats.maps, 2, "two slots taken in all");
	is(kmap_stats.hits, 2, "two times found");
	fill(high[0]);
	kunmap(high[0]);
	kunmap(high[1]);
	is(kmap_stats.flushes, 0, "no flush so far");
	kmap_flush_unused();
	is(kmap_stats.flushes, 1, "one on demand");
	ok(host_faults(a) && host_faults(b), "then the slots are empty");
	ok(!page_address(high[0]), "and the page has no address");
	kmap_flush_unused();
	is(kmap_stats.flushes, 1, "nothing to flush, no flush");
}

/* LAST_PKMAP + 1 pages in turn: one flush. */
static void test_wrap(void)
{
	unsigned long flushes = kmap_stats.flushes, tlb = tlb_counters.flush_all, wrong = 0, i;
	void *addr;

	for (i = 0; i < LAST_PKMAP + 1; i++) {
		addr = kmap(high[i]);
		wrong += !shows(addr, high[i]);
		kunmap(high[i]);
	}
	is(kmap_stats.flushes - flushes, 1, "%d pages in turn need one flush", LAST_PKMAP + 1);
	is(tlb_counters.flush_all - tlb, 1, "of the TLB, too");
	is(wrong, 0, "every one was the right page");
	kmap_flush_unused();
}

static void kmap_when_full(void)
{
	kmap(high[LAST_PKMAP]);
}

static void test_full(void)
{
	unsigned long i, wrong = 0;
	void *addr;

	for (i = 0; i < LAST_PKMAP; i++)
		wrong += !kmap_try(high[i]);
	is(wrong, 0, "all slots can be held");
	for (i = 0; i < LAST_PKMAP; i++)
		wrong += !shows(page_address(high[i]), high[i]);
	is(wrong, 0, "all at once");
	ok(!kmap_try(high[LAST_PKMAP]), "one more gets none");
	ok(kmap_try(high[7]) && (kunmap(high[7]), true), "but a mapped page does");
	ok(host_panics(kmap_when_full, "nobody to switch to"),
	   "kmap() says so while there is nobody to wait for");
	addr = page_address(high[3]);
	kunmap(high[3]);
	ok(kmap_try(high[LAST_PKMAP]) == addr, "after one kunmap() the slot is given on");
	ok(shows(addr, high[LAST_PKMAP]), "with the right page in it");
	kunmap(high[LAST_PKMAP]);
	for (i = 0; i < LAST_PKMAP; i++)
		if (i != 3)
			kunmap(high[i]);
	kmap_flush_unused();
	for (i = 0; i < LAST_PKMAP; i++)
		wrong += pkmap_count[i] || !pte_none(pkmap_page_table[i]);
	is(wrong, 0, "in the end the window is empty");
}

static void test_random(void)
{
	static u16 users[PAGES];
	unsigned long i, k, held = 0, wrong = 0;
	void *addr;

	for (i = 0; i < 60000; i++) {
		k = rnd_below(&rnd, PAGES);
		if (users[k] && rnd_below(&rnd, 3)) {
			wrong += !shows(page_address(high[k]), high[k]);
			kunmap(high[k]);
			held -= !--users[k];
			continue;
		}
		addr = kmap_try(high[k]);
		if (!addr) {
			wrong += held < LAST_PKMAP;
			continue;
		}
		/* Touch some, so that the TLB remembers. */
		wrong += i % 4 == 0 && !shows(addr, high[k]);
		held += !users[k]++;
	}
	is(wrong, 0, "60000 random kmap() and kunmap()");
	for (i = 0; i < PAGES; i++)
		for (; users[i]; users[i]--)
			kunmap(high[i]);
	kmap_flush_unused();
	for (i = 0; i < LAST_PKMAP; i++)
		wrong += pkmap_count[i] != 0;
	is(wrong, 0, "the window is empty again");
}

/* ---- fixmap slots ------------------------------------------------------------------ */

static void test_local(void)
{
	void *p[KMAP_LOCAL_SLOTS];
	unsigned long i, wrong = 0, flushes = tlb_counters.flush_one;

	for (i = 0; i < KMAP_LOCAL_SLOTS; i++) {
		p[i] = kmap_local_page(high[i]);
		wrong += (unsigned long)p[i] != fix_to_virt(FIX_KMAP_LOCAL_END + i);
	}
	is(wrong, 0, "nested slots have constant addresses");
	for (i = 0; i < KMAP_LOCAL_SLOTS; i++)
		wrong += !shows(p[i], high[i]);
	is(wrong, 0, "and show their pages");
	is(kmap_local_held(), KMAP_LOCAL_SLOTS, "all are held");
	while (i--)
		kunmap_local((char *)p[i] + 4095);
	is(tlb_counters.flush_one - flushes, KMAP_LOCAL_SLOTS, "one flush of a page for each");
	for (i = 0; i < KMAP_LOCAL_SLOTS; i++)
		wrong += !host_faults(p[i]);
	is(wrong, 0, "stale pointers fault");
	is(kmap_stats.local_max, KMAP_LOCAL_SLOTS, "the deepest nesting is known");
	p[0] = kmap_atomic(high[5]);
	ok(shows(p[0], high[5]), "the slot shows another page next time");
	kunmap_atomic(p[0]);
}

static unsigned long interrupts, irq_wrong;

static void irq_maps(void)
{
	void *a = kmap_local_page(high[100]), *b = kmap_local_page(high[101]);
	unsigned int old = kmap_context_enter(KMAP_OOPS);
	void *c = kmap_local_page(high[102]);

	irq_wrong += !shows(a, high[100]) || !shows(b, high[101]) || !shows(c, high[102]);
	kunmap_local(c);
	kmap_context_leave(old);
	kunmap_local(b);
	kunmap_local(a);
	interrupts++;
}

static void test_contexts(void)
{
	void *a, *b;

	host_interrupt = irq_maps;
	a = kmap_local_page(high[0]);
	local_irq_disable();
	local_irq_enable();
	b = kmap_local_page(high[1]);
	local_irq_disable();
	local_irq_enable();
	ok(shows(a, high[0]) && shows(b, high[1]), "interrupts have slots of their own");
	kunmap_local(b);
	kunmap_local(a);
	host_interrupt = NULL;
	is(irq_wrong, 0, "in which they see their pages, oopses too");
	is(interrupts, 2, "two interrupts");
	is(kmap_current_context, KMAP_TASK, "back in the task");
}

static void test_helpers(void)
{
	static unsigned char a[4096], b[4096];
	unsigned int i, wrong = 0;

	for (i = 0; i < 4096; i++)
		a[i] = rnd_u32(&rnd);
	memcpy_to_page(high[0], 100, a + 100, 900);
	memcpy_from_page(b + 100, high[0], 100, 900);
	ok(memcmp(a + 100, b + 100, 900) == 0, "memcpy_to_page() and back");
	host_write_frame(page_to_pfn(high[0]), a);
	copy_highpage(high[1], high[0]);
	host_read_frame(page_to_pfn(high[1]), b);
	ok(memcmp(a, b, 4096) == 0, "copy_highpage()");
	memset_page(high[1], 10, 7, 4086);
	host_read_frame(page_to_pfn(high[1]), b);
	for (i = 0; i < 4096; i++)
		wrong += b[i] != (i < 10 ? a[i] : 7);
	is(wrong, 0, "memset_page()");
	clear_highpage(high[1]);
	host_read_frame(page_to_pfn(high[1]), b);
	for (i = 0; i < 4096; i++)
		wrong += b[i];
	is(wrong, 0, "clear_highpage()");
	is(kmap_local_held(), 0, "no slot stays held");
	fill(high[0]);
	fill(high[1]);
}

/* ---- what stops the machine -------------------------------------------------------- */

static void out_of_order(void)
{
	void *a = kmap_local_page(high[0]);

	kmap_local_page(high[1]);
	kunmap_local(a);
}

static void too_deep(void)
{
	int i;

	for (i = 0; i <= KMAP_LOCAL_SLOTS; i++)
		kmap_local_page(high[i]);
}

static void unmap_twice(void)
{
	void *a = kmap_local_page(high[0]);

	kunmap_local(a);
	kunmap_local(a);
}

static void kunmap_without(void)
{
	kunmap(high[0]);
}

static void kunmap_too_often(void)
{
	kmap(high[0]);
	kunmap(high[0]);
	kunmap(high[0]);
}

int main(void)
{
	unsigned long i;

	rnd_seed(&rnd, 12);
	host_boot(&host_small);
	for (i = 0; i < PAGES; i++) {
		high[i] = alloc_page(GFP_HIGHUSER | __GFP_THISZONE);
		fill(high[i]);
	}
	test_low();
	test_script();
	test_wrap();
	test_full();
	test_random();
	test_local();
	test_contexts();
	test_helpers();
	ok(host_panics(out_of_order, "not mapped last"), "kunmap_local() out of order");
	ok(host_panics(too_deep, "nested more than 16"), "nested too deep");
	ok(host_panics(unmap_twice, "not mapped last"), "unmapped twice");
	ok(host_panics(kunmap_without, "without kmap"), "kunmap() without kmap()");
	ok(host_panics(kunmap_too_often, "without kmap"), "kunmap() once too often");
	return done();
}
