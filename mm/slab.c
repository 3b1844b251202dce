/* SPDX-License-Identifier: MIT */
/*
 * Object caches (Gorman chapter 8, after Bonwick).  Contracts: mm/slab.h.
 *
 * A slab is a block of pages cut into objects.  Its bookkeeping is in the descriptor of
 * its first page: slab_cache, slab_objects, slab_inuse (objects outside the slab) and
 * freelist, a chain through the free objects themselves.  Objects with a constructor have
 * room for the link behind them, so that a free object stays constructed.  All pages of a
 * slab name the cache; those after the first have PG_tail and name the first.
 *
 * In front of the slabs stands the magazine, a stack of free objects.  It is refilled from
 * and flushed to the slabs half at a time, so most calls are one push or pop.
 *
 * Everything is done with interrupts off, which is the lock: a magazine belongs to one
 * processor, and there is one.
 */
#include <kernel/string.h>
#include <kernel/printk.h>
#include "internal.h"

LIST_HEAD(slab_caches);

#define CACHE_LINE	64u
#define POISON_FREE	0x6b
#define POISON_END	0xa5

static struct kmem_cache cache_cache;	/* the caches' own descriptors */

/* ---- slabs ------------------------------------------------------------------------- */

static inline struct page *object_page(const void *object)
{
	struct page *page = pfn_to_page(((unsigned long)object - PAGE_OFFSET) >> PAGE_SHIFT);

	return PageTail(page) ? page->first_page : page;
}

static inline void **free_pointer(const struct kmem_cache *c, void *object)
{
	return (void **)((char *)object + c->offset);
}

static void poison_object(const struct kmem_cache *c, void *object)
{
	memset(object, POISON_FREE, c->object_size - 1);
	((u8 *)object)[c->object_size - 1] = POISON_END;
}

static bool is_poisoned(const struct kmem_cache *c, const void *object)
{
	const u8 *p = object;
	unsigned int i;

	for (i = 0; i < c->object_size - 1; i++)
		if (p[i] != POISON_FREE)
			return false;
	return p[i] == POISON_END;
}

/* Chain all objects of a new slab, the lowest first. */
static void carve_slab(struct kmem_cache *c, struct page *page)
{
	char *object = lowmem_page_address(page);
	char *last = object + (size_t)(page->slab_objects - 1) * c->size;

	page->freelist = object;
	for (;; object += c->size) {
		if (c->ctor)
			c->ctor(object);
		if (c->flags & SLAB_POISON)
			poison_object(c, object);
		if (object == last)
			break;
		*free_pointer(c, object) = object + c->size;
	}
	*free_pointer(c, object) = NULL;
}

static unsigned int objects_in(const struct kmem_cache *c, unsigned int order)
{
	return (unsigned int)((PAGE_SIZE << order) / c->size);
}

static unsigned int order_of(const struct kmem_cache *c, const struct page *page)
{
	return page->slab_objects == c->objects ? c->order : get_order(c->size);
}

/*
 * When memory lies in pieces, a block that holds one object does, too: nobody should fail for
 * want of a large one that only saves space.
 */
static struct page *new_slab(struct kmem_cache *c, gfp_t gfp)
{
	unsigned int order = c->order, i;
	struct page *page = NULL;

	gfp = (gfp & ~(__GFP_ZERO | __GFP_HIGHMEM)) | c->gfp | __GFP_SLAB;
	if (order > get_order(c->size)) {
		page = alloc_pages((gfp & ~__GFP_WAIT) | __GFP_NOWARN, order);
		if (!page)
			order = get_order(c->size);
	}
	if (!page)
		page = alloc_pages(gfp, order);
	if (!page)
		return NULL;
	page->slab_cache = c;
	page->slab_inuse = 0;
	page->slab_objects = objects_in(c, order);
	for (i = 1; i < 1u << order; i++) {
		page[i].slab_cache = c;
		page[i].first_page = page;
		SetPageTail(&page[i]);
	}
	carve_slab(c, page);
	return page;
}

static void free_slab(struct kmem_cache *c, struct page *page)
{
	unsigned int order = order_of(c, page), i;

	list_del(&page->lru);
	c->nr_empty--;
	c->nr_slabs--;
	c->nr_shrunk++;
	for (i = 0; i < 1u << order; i++)
		page[i].slab_cache = NULL;
	__free_pages(page, order);
}

/* More than a few empty slabs are given back at once. */
static unsigned long empty_limit(const struct kmem_cache *c)
{
	return c->order >= 3 ? 1 : 4;
}

/* Move objects from one slab to the magazine; interrupts are off. */
static void take_from_slab(struct kmem_cache *c, struct page *page, unsigned int want)
{
	unsigned int n;

	if (!page->slab_inuse)
		c->nr_empty--;
	for (n = 0; n < want && page->freelist; n++) {
		void *object = page->freelist;

		page->freelist = *free_pointer(c, object);
		c->magazine[c->avail++] = object;
	}
	page->slab_inuse += n;
	c->nr_out += n;
	list_move(&page->lru, page->freelist ? &c->partial : &c->full);
}

/* Put one object back where it came from; interrupts are off. */
static void return_to_slab(struct kmem_cache *c, void *object)
{
	struct page *page = object_page(object);

	if (unlikely(!PageSlab(page) || page->slab_cache != c || !page->slab_inuse))
		panic("slab: object %p freed to cache %s does not belong there", object,
		      c->name);
	*free_pointer(c, object) = page->freelist;
	page->freelist = object;
	page->slab_inuse--;
	c->nr_out--;
	if (page->slab_inuse) {
		if (page->slab_inuse == page->slab_objects - 1)
			list_move_tail(&page->lru, &c->partial);
		return;
	}
	list_move(&page->lru, &c->empty);
	c->nr_empty++;
	if (c->nr_empty > empty_limit(c))
		free_slab(c, page);
}

/* ---- magazine ---------------------------------------------------------------------- */

/* Interrupts are off on entry and exit, and on in between while a slab is made. */
static noinline void *refill(struct kmem_cache *c, gfp_t gfp, unsigned long *flags)
{
	struct list_head *from;
	struct page *page;

	for (;;) {
		while (c->avail < c->batch) {
			from = list_empty(&c->partial) ? &c->empty : &c->partial;
			if (list_empty(from))
				break;
			page = list_first_entry(from, struct page, lru);
			take_from_slab(c, page, c->batch - c->avail);
		}
		if (c->avail)
			return c->magazine[--c->avail];
		local_irq_restore(*flags);
		page = new_slab(c, gfp);
		*flags = local_irq_save();
		if (!page && !c->avail) {
			c->nr_failed++;
			return NULL;
		}
		if (!page)
			continue;
		list_add(&page->lru, &c->empty);
		c->nr_empty++;
		c->nr_slabs++;
		c->nr_grown++;
	}
}

/* Return the n objects that lie lowest, which were used longest ago. */
static noinline void flush(struct kmem_cache *c, unsigned int n)
{
	unsigned int i;

	for (i = 0; i < n; i++)
		return_to_slab(c, c->magazine[i]);
	c->avail -= n;
	memmove(c->magazine, c->magazine + n, c->avail * sizeof(c->magazine[0]));
}

static noinline void check_poison(const struct kmem_cache *c, const void *object)
{
	if (!is_poisoned(c, object))
		panic("slab: object %p of cache %s was written to after it was freed",
		      object, c->name);
}

static noinline void poison_for_free(const struct kmem_cache *c, void *object)
{
	if (is_poisoned(c, object))
		panic("slab: object %p of cache %s freed twice", object, c->name);
	poison_object(c, object);
}

void *kmem_cache_alloc(struct kmem_cache *c, gfp_t gfp)
{
	unsigned long flags;
	void *object;

	if (alloc_should_fail())
		return NULL;
	flags = local_irq_save();
	if (likely(c->avail))
		object = c->magazine[--c->avail];
	else
		object = refill(c, gfp, &flags);
	local_irq_restore(flags);
	if (unlikely(c->flags & SLAB_POISON) && object) {
		check_poison(c, object);
		*(u8 *)object = 0;	/* so that is_poisoned() means "free" */
	}
	if (unlikely(gfp & __GFP_ZERO) && object)
		memset(object, 0, c->object_size);
	return object;
}

void kmem_cache_free(struct kmem_cache *c, void *object)
{
	unsigned long flags;

	if (!object)
		return;
	flags = local_irq_save();
	if (unlikely(c->flags & SLAB_POISON))
		poison_for_free(c, object);
	if (unlikely(c->avail == c->limit))
		flush(c, c->batch);
	c->magazine[c->avail++] = object;
	local_irq_restore(flags);
}

/* ---- making and unmaking caches ---------------------------------------------------- */

/* The smallest block that is not wasted by more than an eighth, or any that holds one. */
static unsigned int slab_order(unsigned int size)
{
	unsigned int order;
	unsigned long room;

	for (order = 0; order <= 3; order++) {
		room = PAGE_SIZE << order;
		if (size <= room && (room % size) * 8 <= room)
			return order;
	}
	return get_order(size);
}

static unsigned int magazine_limit(unsigned int size)
{
	if (size <= 256)
		return SLAB_MAGAZINE;
	if (size <= 1024)
		return 16;
	return size <= PAGE_SIZE ? 8 : 2;
}

static void init_cache(struct kmem_cache *c, const char *name, size_t size, size_t align,
		       unsigned int flags, void (*ctor)(void *object))
{
	unsigned long irq;

	memset(c, 0, sizeof(*c));
	align = max(align, sizeof(void *));
	if (flags & SLAB_HWCACHE_ALIGN)
		align = max_t(size_t, align, CACHE_LINE);
	BUG_ON(!size || align & (align - 1) || (ctor && flags & SLAB_POISON));
	c->name = name;
	c->object_size = size;
	c->flags = flags;
	c->ctor = ctor;
	c->align = align;
	c->offset = ctor || flags & SLAB_POISON ? ALIGN(size, sizeof(void *)) : 0;
	c->size = ALIGN(max(c->offset + sizeof(void *), size), align);
	c->order = slab_order(c->size);
	c->objects = objects_in(c, c->order);
	c->limit = magazine_limit(c->size);
	c->batch = c->limit / 2;
	INIT_LIST_HEAD(&c->partial);
	INIT_LIST_HEAD(&c->full);
	INIT_LIST_HEAD(&c->empty);
	irq = local_irq_save();
	list_add_tail(&c->list, &slab_caches);
	local_irq_restore(irq);
}

struct kmem_cache *kmem_cache_create(const char *name, size_t size, size_t align,
				     unsigned int flags, void (*ctor)(void *object))
{
	struct kmem_cache *c = kmem_cache_alloc(&cache_cache, GFP_KERNEL);

	if (c)
		init_cache(c, name, size, align, flags, ctor);
	else if (flags & SLAB_PANIC)
		panic("slab: no memory for the cache %s", name);
	return c;
}

unsigned long kmem_cache_shrink(struct kmem_cache *c)
{
	unsigned long flags = local_irq_save(), pages = page_type_count[PGT_SLAB];

	flush(c, c->avail);
	while (!list_empty(&c->empty))
		free_slab(c, list_first_entry(&c->empty, struct page, lru));
	pages -= page_type_count[PGT_SLAB];
	local_irq_restore(flags);
	return pages;
}

unsigned long kmem_cache_shrink_all(void)
{
	struct kmem_cache *c;
	unsigned long pages = 0;

	for_each_kmem_cache(c)
		pages += kmem_cache_shrink(c);
	return pages;
}

void kmem_cache_destroy(struct kmem_cache *c)
{
	unsigned long flags;

	kmem_cache_shrink(c);
	if (c->nr_slabs)
		panic("slab: cache %s destroyed with %lu objects in use", c->name,
		      kmem_cache_inuse(c));
	flags = local_irq_save();
	list_del(&c->list);
	local_irq_restore(flags);
	kmem_cache_free(&cache_cache, c);
}

/* ---- kmalloc ----------------------------------------------------------------------- */

/* 16, 32, 64, 128, ... 128 KiB by their logarithm, and 96 and 192 in between. */
#define KMALLOC_MIN_SHIFT	4
#define KMALLOC_MAX_SHIFT	17
#define NR_POWERS		(KMALLOC_MAX_SHIFT - KMALLOC_MIN_SHIFT + 1)

static struct kmem_cache kmalloc_power[NR_POWERS];
static struct kmem_cache kmalloc_96, kmalloc_192;

static_assert(KMALLOC_MAX_CACHE == 1ul << KMALLOC_MAX_SHIFT, "the largest kmalloc cache");

static struct kmem_cache *kmalloc_cache(size_t size)
{
	unsigned int shift;

	if (size <= 1ul << KMALLOC_MIN_SHIFT)
		return &kmalloc_power[0];
	if (size > 64 && size <= 96)
		return &kmalloc_96;
	if (size > 128 && size <= 192)
		return &kmalloc_192;
	shift = BITS_PER_LONG - __builtin_clzl(size - 1);
	return &kmalloc_power[shift - KMALLOC_MIN_SHIFT];
}

static void *kmalloc_large(size_t size, gfp_t gfp)
{
	unsigned int order = get_order(size);
	struct page *page;

	BUG_ON(gfp & __GFP_HIGHMEM);
	if (size > KMALLOC_MAX_SIZE)
		return NULL;
	page = alloc_pages(gfp, order);
	if (!page)
		return NULL;
	page->index = order;
	SetPageLarge(page);
	return lowmem_page_address(page);
}

void *kmalloc(size_t size, gfp_t gfp)
{
	if (unlikely(size > KMALLOC_MAX_CACHE))
		return kmalloc_large(size, gfp);
	return kmem_cache_alloc(kmalloc_cache(size), gfp);
}

void *kcalloc(size_t n, size_t size, gfp_t gfp)
{
	size_t bytes;

	if (__builtin_mul_overflow(n, size, &bytes))
		return NULL;
	return kzalloc(bytes, gfp);
}

void kfree(const void *object)
{
	struct page *page;

	if (!object)
		return;
	page = object_page(object);
	if (likely(PageSlab(page))) {
		kmem_cache_free(page->slab_cache, (void *)object);
		return;
	}
	if (!PageLarge(page))
		bad_page(page, "kfree of something that kmalloc did not return");
	__free_pages(page, page->index);
}

size_t ksize(const void *object)
{
	struct page *page = object_page(object);

	return PageSlab(page) ? page->slab_cache->object_size : PAGE_SIZE << page->index;
}

void __init kmem_cache_init(void)
{
	static const char *const names[NR_POWERS] = {
		"kmalloc-16", "kmalloc-32", "kmalloc-64", "kmalloc-128", "kmalloc-256",
		"kmalloc-512", "kmalloc-1k", "kmalloc-2k", "kmalloc-4k", "kmalloc-8k",
		"kmalloc-16k", "kmalloc-32k", "kmalloc-64k", "kmalloc-128k",
	};
	unsigned int i;
	size_t size;

	init_cache(&cache_cache, "kmem_cache", sizeof(struct kmem_cache), CACHE_LINE, 0, NULL);
	for (i = 0; i < NR_POWERS; i++) {
		size = 1ul << (KMALLOC_MIN_SHIFT + i);
		init_cache(&kmalloc_power[i], names[i], size, min(size, (size_t)PAGE_SIZE), 0,
			   NULL);
		if (size == 64)
			init_cache(&kmalloc_96, "kmalloc-96", 96, 32, 0, NULL);
		if (size == 128)
			init_cache(&kmalloc_192, "kmalloc-192", 192, CACHE_LINE, 0, NULL);
	}
}
