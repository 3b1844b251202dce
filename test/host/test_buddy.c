/* SPDX-License-Identifier: MIT */
/*
 * mm/page_alloc.c and page_init.c: zones and their fallback, a million random operations
 * against a model, failure injection, and what must stop the machine.
 */
#include "tap.h"
#include <stdlib.h>
#include "host.h"
#include <kernel/random.h>

static struct rnd rnd;
static struct page_accounting start;

static bool sane(void)
{
	struct page_accounting counted, scanned;
	unsigned long bad_pfn;
	const char *wrong = check_free_lists();

	account_pages(&counted);
	if (recount_pages(&scanned, &bad_pfn)) {
		diag("bad descriptor of frame %#lx", bad_pfn);
		return false;
	}
	if (wrong)
		diag("free lists: %s", wrong);
	if (!accounting_identity(&counted, &scanned)) {
		diag("counted: %lu free %lu kernel %lu reserved of %lu; scanned: %lu %lu %lu of %lu",
		     counted.free, counted.kernel, counted.reserved, counted.total,
		     scanned.free, scanned.kernel, scanned.reserved, scanned.total);
		return false;
	}
	return !wrong;
}

static bool as_at_start(void)
{
	struct page_accounting now;

	account_pages(&now);
	return memcmp(&now, &start, sizeof(now)) == 0 && sane();
}

static void save_lists(unsigned long lists[MAX_NR_ZONES][MAX_ORDER])
{
	int z, order;

	drain_hot_pages();
	for (z = 0; z < MAX_NR_ZONES; z++)
		for (order = 0; order < MAX_ORDER; order++)
			lists[z][order] = zones[z].free_area[order].nr_free;
}

/* ---- zones ------------------------------------------------------------------------- */

static void test_zones(void)
{
	unsigned long pfn, wrong = 0, ram = MIB_PFN(20) + MIB_PFN(75) - 3;
	const struct memmap_range *r;

	is(zones[ZONE_DMA].end_pfn, MIB_PFN(16), "DMA ends at 16 MiB");
	is(zones[ZONE_DMA32].end_pfn - zones[ZONE_DMA32].start_pfn, 0, "DMA32 is empty");
	is(zones[ZONE_NORMAL].end_pfn, MIB_PFN(48), "NORMAL ends with the direct map");
	is(zones[ZONE_HIGHMEM].end_pfn, MIB_PFN(96), "HIGHMEM ends with RAM");
	is(start.total, ram, "all RAM is accounted for, holes are not");
	is(zones[0].present_pages + zones[2].present_pages + zones[3].present_pages, ram,
	   "the zones hold all of it");
	for_each_memmap_range(r)
		for (pfn = r->start_pfn; pfn < r->end_pfn; pfn++) {
			struct zone *z = page_zone(pfn_to_page(pfn));

			wrong += page_to_pfn(pfn_to_page(pfn)) != pfn;
			wrong += !pfn_valid(pfn);
			wrong += pfn < z->start_pfn || pfn >= z->end_pfn;
			wrong += PageHighMem(pfn_to_page(pfn)) != (pfn >= MIB_PFN(48));
		}
	is(wrong, 0, "every frame finds its descriptor and its zone, and back");
	is(pfn_valid(max_pfn), 0, "no descriptor beyond the last block");
	is(page_type(pfn_to_page(MIB_PFN(21))), PGT_ABSENT, "the hole is absent");
	is(page_type(pfn_to_page(0)), PGT_RESERVED, "frame 0 is reserved");
}

static struct page *taken[100000];

static unsigned long nr_taken;

/* Take all that this request can get; returns how many that were. */
static unsigned long drain(gfp_t gfp, unsigned long *first_pfn, unsigned long *last_pfn)
{
	unsigned long before = nr_taken;
	struct page *page;

	*first_pfn = ~0ul;
	*last_pfn = 0;
	while ((page = alloc_page(gfp | __GFP_NOWARN))) {
		*first_pfn = min(*first_pfn, page_to_pfn(page));
		*last_pfn = max(*last_pfn, page_to_pfn(page));
		taken[nr_taken++] = page;
	}
	return nr_taken - before;
}

static void give_back(void)
{
	while (nr_taken)
		__free_page(taken[--nr_taken]);
}

static void test_fallback(void)
{
	unsigned long high = zones[ZONE_HIGHMEM].free_pages, n, first, last, i;
	unsigned long fallbacks = zones[ZONE_NORMAL].nr_fallback;
	unsigned long turns = 0, wrong = 0;
	int zone = ZONE_HIGHMEM, now;

	n = drain(GFP_HIGHUSER | __GFP_THISZONE, &first, &last);
	is(n, high - zones[ZONE_HIGHMEM].pages_min, "HIGHMEM is drained to its watermark");
	ok(first >= MIB_PFN(48), "and to no other zone's cost");
	taken[nr_taken++] = alloc_page(GFP_HIGHUSER);
	is(page_zonenum(taken[n]), ZONE_NORMAL, "the next user page is from NORMAL");
	is(zones[ZONE_NORMAL].nr_fallback - fallbacks, 1, "which is counted there");
	give_back();

	n = drain(GFP_HIGHUSER, &first, &last);
	for (i = 0; i < n; i++) {
		now = page_zonenum(taken[i]);
		turns += now != zone;
		wrong += now > zone;
		zone = now;
	}
	give_back();
	ok(turns == 2 && !wrong, "zones are drained one after the other: HIGHMEM, NORMAL, DMA");

	n = drain(GFP_KERNEL, &first, &last);
	ok(n && last < MIB_PFN(48), "kernel pages are never high, to the last one");
	give_back();
	n = drain(GFP_DMA, &first, &last);
	ok(n && last < MIB_PFN(16), "DMA pages are below 16 MiB");
	give_back();
	n = drain(GFP_DMA32, &first, &last);
	ok(n && last >= MIB_PFN(16) && last < MIB_PFN(48),
	   "DMA32 means NORMAL where that is below 4 GiB");
	give_back();
	drain(GFP_KERNEL, &first, &last);
	n = zones[ZONE_DMA].free_pages + zones[ZONE_NORMAL].free_pages;
	i = drain(GFP_ATOMIC, &first, &last);
	is(i, n - zones[ZONE_NORMAL].pages_min / 2 -
	   (zones[ZONE_DMA].pages_min + zones[ZONE_DMA].lowmem_reserve[ZONE_NORMAL]) / 2,
	   "atomic requests get half of the reserve");
	give_back();
}

/* ---- random operations against a model --------------------------------------------- */

#define SLOTS	3000

static struct slot {
	struct page *page;
	unsigned int order;
	u32 mark;
} slots[SLOTS];

static u8 owner[MIB_PFN(96)];	/* the model: frames in use */

/* First and last word of each page carry the mark. */
static void set_mark(const struct slot *s)
{
	u32 i;

	for (i = 0; i < 1u << s->order; i++) {
		u32 *p = kmap_local_page(s->page + i);

		p[0] = s->mark + i;
		p[1023] = ~(s->mark + i);
		kunmap_local(p);
	}
}

static bool has_mark(const struct slot *s)
{
	bool good = true;
	u32 i;

	for (i = 0; i < 1u << s->order; i++) {
		u32 *p = kmap_local_page(s->page + i);

		good &= p[0] == s->mark + i && p[1023] == ~(s->mark + i);
		kunmap_local(p);
	}
	return good;
}

static bool claim(const struct slot *s)
{
	unsigned long pfn = page_to_pfn(s->page), i;
	bool good = !(pfn & ((1ul << s->order) - 1)) && page_count(s->page) == 1;

	for (i = 0; i < 1ul << s->order; i++)
		good &= !owner[pfn + i]++;
	return good;
}

static unsigned long random_operation(void)
{
	static const gfp_t kinds[] = {
		GFP_KERNEL, GFP_HIGHUSER, GFP_HIGHUSER | __GFP_ANON, GFP_KERNEL | __GFP_SLAB,
		GFP_DMA, GFP_ATOMIC, GFP_KERNEL | __GFP_TABLE, GFP_HIGHUSER | __GFP_FILE,
	};
	struct slot *s = &slots[rnd_below(&rnd, SLOTS)];
	unsigned long i, bad = 0;
	gfp_t gfp = kinds[rnd_below(&rnd, ARRAY_SIZE(kinds))];

	if (s->page) {
		if (s->mark)
			bad += !has_mark(s);
		for (i = 0; i < 1ul << s->order; i++)
			owner[page_to_pfn(s->page) + i]--;
		__free_pages(s->page, s->order);
		s->page = NULL;
		return bad;
	}
	s->order = rnd_below(&rnd, 4) ? rnd_below(&rnd, 3) : rnd_below(&rnd, MAX_ORDER);
	s->page = alloc_pages(gfp | __GFP_NOWARN, s->order);
	if (!s->page)
		return 0;
	bad += !claim(s);
	bad += !(gfp & __GFP_HIGHMEM) && PageHighMem(s->page);
	bad += page_type(s->page + (1ul << s->order) - 1) != (gfp & PGT_MASK) >> PGT_SHIFT;
	/* Contents of some; high pages are slow to reach here. */
	s->mark = rnd_below(&rnd, PageHighMem(s->page) ? 64 : 8) ? 0 : rnd_u32(&rnd) | 1;
	if (s->mark && s->order < 4)
		set_mark(s);
	else
		s->mark = 0;
	return bad;
}

static void test_random(void)
{
	static unsigned long before[MAX_NR_ZONES][MAX_ORDER], after[MAX_NR_ZONES][MAX_ORDER];
	unsigned long i, bad = 0, insane = 0;

	save_lists(before);
	for (i = 0; i < 1000000; i++) {
		bad += random_operation();
		if (i % 50000 == 0)
			insane += !sane();
	}
	is(bad, 0, "10^6 random operations: no frame given twice, contents kept");
	is(insane, 0, "free lists and accounting hold all the time");
	for (i = 0; i < SLOTS; i++)
		if (slots[i].page)
			__free_pages(slots[i].page, slots[i].order);
	save_lists(after);
	ok(memcmp(before, after, sizeof(before)) == 0, "free lists are as before, by order");
	ok(as_at_start(), "and so are all counts");
}

/* ---- details ----------------------------------------------------------------------- */

static void test_details(void)
{
	struct page *page = alloc_pages(GFP_HIGHUSER | __GFP_ZERO, 2);
	static u8 buf[4096], zero[4096];
	unsigned long bad = 0, addr, i;

	for (i = 0; i < 4; i++) {
		host_read_frame(page_to_pfn(page + i), buf);
		bad += memcmp(buf, zero, 4096) != 0;
	}
	ok(PageHighMem(page) && !bad, "__GFP_ZERO clears high pages through a slot");
	memset(buf, 0xff, 4096);
	host_write_frame(page_to_pfn(page), buf);
	__free_pages(page, 2);
	page = alloc_pages(GFP_HIGHUSER | __GFP_ZERO, 0);
	host_read_frame(page_to_pfn(page), buf);
	ok(memcmp(buf, zero, 4096) == 0, "also those that were used before");
	get_page(page);
	put_page(page);
	is(page_count(page), 1, "references are counted");
	put_page(page);
	is(page_type(page), PGT_FREE, "the last put_page() frees");

	addr = get_zeroed_page(GFP_KERNEL);
	ok(addr && virt_to_page(addr) == pfn_to_page((addr - PAGE_OFFSET) >> 12),
	   "pages by address");
	set_page_type(virt_to_page(addr), PGT_FILE);
	is(page_type_count[PGT_FILE], 1, "a page can change its type");
	free_page(addr);
	free_pages(0, 3);
	is(page_type_count[PGT_FILE], 0, "and is freed from that account");
	is(get_order(1), 0, "get_order(1)");
	is(get_order(4096), 0, "get_order(4096)");
	is(get_order(4097), 1, "get_order(4097)");
	is(get_order(4 << 20), 10, "get_order(4 MiB)");
	ok(!alloc_pages(GFP_KERNEL | __GFP_NOWARN, MAX_ORDER), "MAX_ORDER is too much");
	put_page(pfn_to_page(0));
	is(page_type(pfn_to_page(0)), PGT_RESERVED, "reserved pages are not freed");
	ok(as_at_start(), "nothing is lost");
}

static void test_injection(void)
{
	struct page *a, *b, *c;

	alloc_fail_arm(2, 1);
	a = alloc_page(GFP_KERNEL);
	b = alloc_page(GFP_KERNEL);
	c = alloc_page(GFP_KERNEL);
	ok(a && !b && c, "the second allocation fails, and no other");
	is(alloc_fail.failed, 1, "which is counted");
	__free_page(a);
	__free_page(c);
	alloc_fail_arm(1, ~0ul);
	ok(!alloc_page(GFP_KERNEL) && !kmalloc(8, GFP_KERNEL), "all fail");
	alloc_fail_arm(0, 0);
	ok(as_at_start(), "nothing is lost");
}

/* An "interrupt" at every point where one could strike. */
static struct page *irq_page;
static unsigned long irq_count;

static void irq_allocates(void)
{
	irq_count++;
	if (irq_page) {
		__free_pages(irq_page, 1);
		irq_page = NULL;
	} else {
		irq_page = alloc_pages(GFP_ATOMIC | __GFP_ANON, 1);
	}
}

static void test_interrupts(void)
{
	unsigned long i, bad = 0;

	memset(owner, 0, sizeof(owner));
	memset(slots, 0, sizeof(slots));
	host_interrupt = irq_allocates;
	for (i = 0; i < 20000; i++)
		bad += random_operation();
	host_interrupt = NULL;
	for (i = 0; i < SLOTS; i++)
		if (slots[i].page)
			__free_pages(slots[i].page, slots[i].order);
	if (irq_page)
		__free_pages(irq_page, 1);
	ok(irq_count > 20000 && !bad && as_at_start(), "interrupts may allocate and free");
}

/* ---- what stops the machine -------------------------------------------------------- */

static struct page *victim;

static void double_free(void)
{
	__free_page(victim);
	__free_page(victim);
}

static void free_in_merged_block(void)
{
	struct page *page = alloc_pages(GFP_KERNEL, 1);

	__free_pages(page, 1);
	__free_page(page + 1);
}

static void free_reserved(void)
{
	__free_page(pfn_to_page(1));
}

static void free_mapped(void)
{
	victim->_mapcount = 1;
	__free_page(victim);
}

static void free_on_lru(void)
{
	SetPageActive(victim);
	__free_page(victim);
}

static void write_to_free_descriptor(void)
{
	struct page *page = alloc_page(GFP_HIGHUSER);

	__free_page(page);
	page->_refcount = 3;
	for (;;)
		if (!alloc_page(GFP_HIGHUSER | __GFP_NOWARN))
			panic("not noticed");
}

static void free_frame_zero(void)
{
	free_pages_bulk_range(0, 1);
}

static void bulk_of_used(void)
{
	free_pages_bulk_range(page_to_pfn(victim), page_to_pfn(victim) + 1);
}

static void wrong_order(void)
{
	__free_pages(victim, 3);
}

static void test_panics(void)
{
	victim = alloc_page(GFP_KERNEL);
	ok(host_panics(double_free, "freed twice"), "a double free stops the machine");
	ok(host_panics(free_in_merged_block, "freed twice"), "also inside a larger block");
	ok(host_panics(free_reserved, "frame 0x1 (reserved)"), "so does a reserved page");
	ok(host_panics(free_mapped, "freed while mapped"), "a mapped one");
	ok(host_panics(free_on_lru, "on a list"), "one on a list");
	ok(host_panics(write_to_free_descriptor, "not free"), "a reference to a free page");
	ok(host_panics(free_frame_zero, "frame 0"), "frame 0");
	ok(host_panics(bulk_of_used, "not reserved"), "a bulk release of used frames");
	ok(host_panics(wrong_order, "bad page"), "a wrong order");
	__free_page(victim);
	ok(as_at_start(), "nothing is lost");
}

/* A machine with RAM on both sides of 4 GiB and a direct map that ends in the middle. */
static bool natural_zones(void)
{
	static const struct host_machine machine = {
		.ram = { { 0, MIB_PFN(32) }, { MIB_PFN(4096), MIB_PFN(4128) } },
		.dma32_end = MIB_PFN(4096),
		.low_end = MIB_PFN(4112) + 5,
		.bootmem_end = MIB_PFN(4100),
	};
	unsigned long first, last;
	bool good = true;

	host_boot(&machine);
	good &= drain(GFP_DMA32, &first, &last) && last < MIB_PFN(32);
	good &= drain(GFP_KERNEL, &first, &last) && last < MIB_PFN(4112) + 5 &&
		first >= MIB_PFN(4096);
	good &= drain(GFP_HIGHUSER, &first, &last) && first >= MIB_PFN(4112) + 5;
	good &= page_zonenum(pfn_to_page(MIB_PFN(4112) + 4)) == ZONE_NORMAL;
	good &= nr_memmap_ranges == 2 && !pfn_valid(MIB_PFN(2048));
	give_back();
	return good && sane();
}

static void memmap_in_part(void)
{
	static const struct host_machine machine = {
		.ram = { { 0, MIB_PFN(32) } }, .low_end = MIB_PFN(32),
	};

	host_boot(&machine);
	nr_memmap_ranges = 1;
	memmap_ranges[0].end_pfn -= 7;
	page_alloc_init();
}

static void test_other_machines(void)
{
	if (__SIZEOF_LONG__ == 8)
		ok(host_in_copy(natural_zones), "natural zones, RAM above 4 GiB, a hole between");
	ok(host_panics(memmap_in_part, "not whole blocks"), "a mem_map in part is refused");
}

/* Memory that becomes free later: initramfs, .init. */
static void test_late_release(void)
{
	unsigned long reserved = start.reserved;
	struct page_accounting now;

	free_pages_bulk_range(MIB_PFN(1) / 2, MIB_PFN(1) / 2 + 37);
	account_pages(&now);
	is(now.reserved, reserved - 37, "reserved frames can be given later");
	is(now.free, start.free + 37, "and are free then");
	ok(sane(), "lists and counts agree");
	host_messages = 0;
	free_pages_bulk_range(max_pfn + 10, max_pfn + 12);
	is(host_messages, 1, "frames without descriptor are refused with a message");
	ok(sane(), "and nothing else happens");
}

int main(void)
{
	rnd_seed(&rnd, 4);
	test_other_machines();
	host_boot(&host_small);
	account_pages(&start);
	ok(sane(), "after boot, lists and counts agree");
	test_zones();
	test_fallback();
	ok(as_at_start(), "nothing is lost");
	test_details();
	test_injection();
	test_random();
	test_interrupts();
	test_panics();
	test_late_release();
	show_mem();
	return done();
}
