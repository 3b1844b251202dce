/* SPDX-License-Identifier: MIT */
/* mm/slab.c: contents, counts to the object, constructors, poison, failing pages. */
#include "tap.h"
#include <stdlib.h>
#include "host.h"
#include <kernel/random.h>

static struct rnd rnd;
static struct page_accounting start;

static bool as_at_start(void)
{
	struct page_accounting now, scanned;

	kmem_cache_shrink_all();
	account_pages(&now);
	recount_pages(&scanned, NULL);
	return memcmp(&now, &start, sizeof(now)) == 0 &&
	       accounting_identity(&now, &scanned) && !check_free_lists();
}

static unsigned long count_list(const struct list_head *head, bool (*fits)(struct page *))
{
	const struct list_head *p;
	unsigned long n = 0;

	list_for_each(p, head) {
		if (!fits(list_entry(p, struct page, lru)))
			return ~0ul;
		n++;
	}
	return n;
}

static bool is_partial(struct page *page)
{
	return page->slab_inuse && page->slab_inuse < page->slab_objects;
}

static bool is_full(struct page *page)
{
	return page->slab_inuse == page->slab_objects;
}

static bool is_empty(struct page *page)
{
	return !page->slab_inuse;
}

/* Every slab on the right list, and the sums right. */
static bool cache_sane(struct kmem_cache *c)
{
	struct page *page;
	unsigned long out = 0;

	list_for_each_entry(page, &c->partial, lru)
		out += page->slab_inuse;
	list_for_each_entry(page, &c->full, lru)
		out += page->slab_inuse;
	return count_list(&c->partial, is_partial) + count_list(&c->full, is_full) +
	       count_list(&c->empty, is_empty) == c->nr_slabs &&
	       count_list(&c->empty, is_empty) == c->nr_empty && out == c->nr_out &&
	       c->nr_grown - c->nr_shrunk == c->nr_slabs;
}

/* ---- one cache, exact -------------------------------------------------------------- */

static unsigned long constructed;

static void construct(void *object)
{
	memset(object, 0x11, 100);
	constructed++;
}

static void test_cache(void)
{
	struct kmem_cache *c = kmem_cache_create("test", 100, 0, 0, construct);
	static u8 *object[1000];
	unsigned long i, bad = 0;

	is(c->size, sizeof(long) == 8 ? 112 : 104, "room for the link behind the object");
	for (i = 0; i < 1000; i++) {
		object[i] = kmem_cache_alloc(c, GFP_KERNEL);
		bad += object[i][0] != 0x11 || object[i][99] != 0x11;
		object[i][50] = 0x22;
	}
	is(bad, 0, "objects are constructed");
	is(kmem_cache_inuse(c), 1000, "1000 objects are in use");
	is(c->nr_slabs, DIV_ROUND_UP(1000, c->objects), "in as few slabs as can be");
	is(constructed, c->nr_slabs * c->objects, "constructed once each");
	is(page_type_count[PGT_SLAB], start.slab + (c->nr_slabs << c->order),
	   "their pages are accounted as slab");
	for (i = 0; i < 1000; i++) {
		bad += object[i][50] != 0x22;
		object[i][50] = 0x11;
	}
	is(bad, 0, "objects do not overlap");
	for (i = 0; i < 1000; i += 2)
		kmem_cache_free(c, object[i]);
	is(kmem_cache_inuse(c), 500, "half of them freed");
	ok(cache_sane(c), "slabs are on the right lists");
	for (i = 0; i < 1000; i += 2) {
		object[i] = kmem_cache_alloc(c, GFP_KERNEL);
		bad += object[i][50] != 0x11;
	}
	is(bad, 0, "freed objects stay constructed");
	is(constructed, c->nr_grown * c->objects, "and are not constructed again");
	for (i = 0; i < 1000; i++)
		kmem_cache_free(c, object[i]);
	is(kmem_cache_inuse(c), 0, "none in use");
	ok(c->nr_slabs < c->nr_grown, "that are empty go back by themselves");
	kmem_cache_shrink(c);
	is(c->nr_slabs, 0, "all others when shrunk");
	kmem_cache_destroy(c);
	ok(as_at_start(), "nothing is lost");
}

/* ---- random ------------------------------------------------------------------------ */

#define SLOTS	4000

static struct {
	u8 *p;
	size_t size;
	u8 mark;
} slots[SLOTS];

static size_t random_size(void)
{
	switch (rnd_below(&rnd, 16)) {
	case 0:
		return 1 + rnd_below(&rnd, 20000);
	case 1:
		return rnd_below(&rnd, 8) ? 300 : 1 + rnd_below(&rnd, 400000);
	default:
		return 1 + rnd_below(&rnd, 300);
	}
}

static unsigned long random_kmalloc(void)
{
	unsigned long k = rnd_below(&rnd, SLOTS), bad = 0;
	u8 *p = slots[k].p;
	size_t n = slots[k].size;

	if (p) {
		bad += p[0] != slots[k].mark || p[n / 2] != slots[k].mark ||
		       p[n - 1] != slots[k].mark;
		kfree(p);
		slots[k].p = NULL;
		return bad;
	}
	n = random_size();
	p = kmalloc(n, rnd_below(&rnd, 2) ? GFP_KERNEL : GFP_KERNEL | __GFP_ZERO);
	if (!p)
		return 1;
	slots[k].mark = rnd_u32(&rnd);
	bad += ksize(p) < n;
	if (!(n & (n - 1)) && n >= 16)
		bad += (unsigned long)p % min(n, (size_t)4096) != 0;
	bad += (unsigned long)p % sizeof(long) != 0;
	memset(p, slots[k].mark, n);
	slots[k].p = p;
	slots[k].size = n;
	return bad;
}

static void test_kmalloc(void)
{
	unsigned long i, bad = 0;
	struct kmem_cache *c;

	for (i = 0; i < 400000; i++) {
		bad += random_kmalloc();
		if (i % 40000 == 0)
			for_each_kmem_cache(c)
				bad += !cache_sane(c);
	}
	is(bad, 0, "400000 random kmalloc and kfree: contents, alignment, lists");
	for (i = 0; i < SLOTS; i++)
		kfree(slots[i].p);
	memset(slots, 0, sizeof(slots));
	for_each_kmem_cache(c)
		if (strncmp(c->name, "kmalloc", 7) == 0)
			bad += kmem_cache_inuse(c);
	is(bad, 0, "no object is in use");
	ok(as_at_start(), "nothing is lost");
}

static void test_sizes(void)
{
	static const struct {
		size_t size, room;
	} t[] = {
		{ 0, 16 }, { 1, 16 }, { 16, 16 }, { 17, 32 }, { 64, 64 }, { 65, 96 }, { 96, 96 },
		{ 97, 128 }, { 129, 192 }, { 192, 192 }, { 193, 256 }, { 4096, 4096 },
		{ 4097, 8192 }, { 131072, 131072 }, { 131073, 262144 }, { 4 << 20, 4 << 20 },
	};
	unsigned long i, bad = 0, dirty = 0, n;
	u8 *p;

	for (i = 0; i < ARRAY_SIZE(t); i++) {
		p = kmalloc(t[i].size, GFP_KERNEL);
		bad += !p || ksize(p) != t[i].room;
		memset(p, 0xff, t[i].room);
		kfree(p);
		p = kzalloc(t[i].size, GFP_KERNEL);
		for (n = 0; n < t[i].size; n++)
			dirty += p[n] != 0;
		kfree(p);
	}
	is(bad, 0, "each size has the room it should have");
	is(dirty, 0, "kzalloc() clears");
	ok(!kmalloc((4 << 20) + 1, GFP_KERNEL), "more than 4 MiB is refused");
	ok(!kcalloc(~0ul / 2, 4, GFP_KERNEL), "an overflow is, too");
	p = kcalloc(10, 10, GFP_KERNEL);
	is(ksize(p), 128, "kcalloc(10, 10)");
	kfree(p);
	kfree(NULL);
	kmem_cache_free(NULL, NULL);
	ok(as_at_start(), "nothing is lost");
}

/* ---- failing pages ----------------------------------------------------------------- */

static unsigned long scenario(void)
{
	struct kmem_cache *c = kmem_cache_create("fail", 700, 0, 0, NULL);
	void *p[40], *large;
	unsigned long i, got = 0;

	if (!c)
		return 0;
	for (i = 0; i < 40; i++) {
		p[i] = kmem_cache_alloc(c, GFP_KERNEL);
		got += p[i] != NULL;
	}
	large = kmalloc(200000, GFP_KERNEL);
	got += large != NULL;
	for (i = 0; i < 40; i++)
		kmem_cache_free(c, p[i]);
	kfree(large);
	kmem_cache_destroy(c);
	return got;
}

static void test_failures(void)
{
	unsigned long nth, bad = 0, got, spared = 0;

	for (nth = 1; ; nth++) {
		alloc_fail_arm(nth, 1);
		got = scenario();
		if (!alloc_fail.failed)
			break;
		alloc_fail_arm(0, 0);
		/* One object less, or none without a cache; a block of one page serves, too. */
		bad += (got && got < 40) || got > 41 || !as_at_start();
		spared += got == 41;
	}
	alloc_fail_arm(0, 0);
	ok(nth > 40 && !bad, "each of %lu allocations may fail: nothing is lost", nth - 1);
	ok(spared && spared <= nth - 41, "%lu of them have something to fall back on", spared);
}

/* An interrupt that uses the same caches wherever it can. */
static void *irq_object;

static void irq_uses_slab(void)
{
	if (irq_object) {
		kfree(irq_object);
		irq_object = NULL;
	} else {
		irq_object = kmalloc(96, GFP_ATOMIC);
	}
}

static void test_interrupts(void)
{
	unsigned long i, bad = 0;

	host_interrupt = irq_uses_slab;
	for (i = 0; i < 20000; i++)
		bad += random_kmalloc();
	for (i = 0; i < SLOTS; i++)
		kfree(slots[i].p);
	host_interrupt = NULL;
	kfree(irq_object);
	memset(slots, 0, sizeof(slots));
	ok(!bad && as_at_start(), "interrupts may allocate and free");
}

/* Unused objects are given up before an allocation fails. */
static void test_reclaim(void)
{
	static void *p[3000];
	unsigned long i;
	LIST_HEAD(held);
	struct page *page, *next;
	struct kmem_cache *c = kmem_cache_create("hoard", 4096, 0, 0, NULL);

	for (i = 0; i < 4; i++)
		p[i] = kmem_cache_alloc(c, GFP_KERNEL);
	for (i = 0; i < 4; i++)
		kmem_cache_free(c, p[i]);
	ok(c->nr_slabs >= 4, "a cache holds %lu pages in reserve", c->nr_slabs);
	while ((page = alloc_page(GFP_KERNEL | __GFP_NOWARN)))
		list_add(&page->lru, &held);
	is(c->nr_slabs, 0, "until memory runs out");
	list_for_each_entry_safe(page, next, &held, lru)
		__free_page(page);
	kmem_cache_destroy(c);
	ok(as_at_start(), "nothing is lost");
}

/* With every second page in use there is no block of two: a slab of one page will do. */
static void test_pieces(void)
{
	struct kmem_cache *c = kmem_cache_create("pieces", 2600, 0, 0, NULL);
	struct page *page, *next;
	static void *p[64];
	unsigned long i, null = 0;
	LIST_HEAD(held);
	LIST_HEAD(pairs);

	is(c->order, 1, "slabs of two pages hold three objects");
	while ((page = alloc_page(GFP_KERNEL | __GFP_NOWARN)))
		list_add(&page->lru, &held);
	list_for_each_entry_safe(page, next, &held, lru) {
		if (page_to_pfn(page) & 1)
			continue;
		list_del(&page->lru);
		__free_page(page);
	}
	while ((page = alloc_pages(__GFP_NOWARN, 1)))
		list_add(&page->lru, &pairs);
	for (i = 0; i < 10; i++)
		null += !(p[i] = kmem_cache_alloc(c, GFP_KERNEL));
	is(null, 0, "in memory that lies in pieces all objects are there");
	is(c->nr_slabs, 10, "each in a slab of one page");
	list_for_each_entry_safe(page, next, &held, lru)
		__free_page(page);
	list_for_each_entry_safe(page, next, &pairs, lru)
		__free_pages(page, 1);
	for (; i < 64; i++)
		null += !(p[i] = kmem_cache_alloc(c, GFP_KERNEL));
	is(null, 0, "then slabs of both sizes are used");
	is(page_type_count[PGT_SLAB], start.slab + 10 + 2 * (c->nr_slabs - 10),
	   "with one and two pages");
	for (i = 0; i < 64; i++)
		kmem_cache_free(c, p[i]);
	kmem_cache_destroy(c);
	ok(as_at_start(), "both go back whole");
}

/* ---- what stops the machine -------------------------------------------------------- */

static struct kmem_cache *poisoned;

static void use_after_free(void)
{
	u8 *p = kmem_cache_alloc(poisoned, GFP_KERNEL);

	kmem_cache_free(poisoned, p);
	p[7] = 1;
	kmem_cache_alloc(poisoned, GFP_KERNEL);
}

static void poisoned_double_free(void)
{
	void *p = kmem_cache_alloc(poisoned, GFP_KERNEL);

	kmem_cache_free(poisoned, p);
	kmem_cache_free(poisoned, p);
}

static void wrong_cache(void)
{
	kmem_cache_free(poisoned, kmem_cache_alloc(poisoned, GFP_KERNEL));
	kmem_cache_create("other", 64, 0, 0, NULL);
	poisoned->flags = 0;
	kmem_cache_free(poisoned, kmalloc(64, GFP_KERNEL));
	kmem_cache_shrink(poisoned);
}

static void destroy_in_use(void)
{
	kmem_cache_alloc(poisoned, GFP_KERNEL);
	kmem_cache_destroy(poisoned);
}

static void kfree_of_page(void)
{
	kfree((void *)__get_free_page(GFP_KERNEL));
}

static void test_panics(void)
{
	poisoned = kmem_cache_create("poisoned", 60, 0, SLAB_POISON, NULL);
	ok(host_panics(use_after_free, "after it was freed"), "a write after free is noticed");
	ok(host_panics(poisoned_double_free, "freed twice"), "a double free is");
	ok(host_panics(wrong_cache, "does not belong there"), "a free to a wrong cache is");
	ok(host_panics(destroy_in_use, "poisoned destroyed with 1 objects"),
	   "destroying a cache in use is");
	ok(host_panics(kfree_of_page, "did not return"), "kfree() of a page is");
	kmem_cache_destroy(poisoned);
	ok(as_at_start(), "nothing is lost");
}

int main(void)
{
	unsigned int n = 0;
	struct kmem_cache *c;

	rnd_seed(&rnd, 5);
	host_boot(&host_small);
	kmem_cache_shrink_all();
	account_pages(&start);
	for_each_kmem_cache(c)
		n++;
	is(n, 1 + 14 + 2 + 1, "kmem_cache, 16 kmalloc caches, vm_struct");
	test_cache();
	test_sizes();
	test_kmalloc();
	test_failures();
	test_interrupts();
	test_reclaim();
	test_pieces();
	test_panics();
	return done();
}
