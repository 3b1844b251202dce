/* SPDX-License-Identifier: MIT */
/*
 * Object caches (mm/slab.c).  A cache has a small stack of free objects in front, which
 * serves nearly every call, and behind it slabs: blocks of 2^order pages cut into objects.
 * Slabs are always directly mapped memory.
 */
#ifndef MM_SLAB_H
#define MM_SLAB_H

#include <mm/gfp.h>

#define SLAB_HWCACHE_ALIGN	0x1u	/* align to cache lines */
#define SLAB_POISON		0x2u	/* fill free objects, check them when they are used */
#define SLAB_PANIC		0x4u	/* kmem_cache_create() panics instead of failing */

#define SLAB_MAGAZINE		32	/* objects in front, at most */

struct kmem_cache {
	/* What the fast path touches. */
	unsigned int avail;		/* entries in magazine[] */
	unsigned int limit;		/* of avail */
	unsigned int object_size;	/* what the caller asked for */
	unsigned int flags;
	void (*ctor)(void *object);
	void *magazine[SLAB_MAGAZINE];

	/* Slabs.  partial: some objects free; full: none; empty: all. */
	unsigned int size;		/* distance of two objects */
	unsigned int offset;		/* of the free pointer inside an object */
	unsigned int align;
	unsigned int order;		/* of a slab, unless no such block was free */
	unsigned int objects;		/* per slab of this order */
	unsigned int batch;		/* objects moved between magazine and slabs */
	gfp_t gfp;			/* added to every page allocation */
	struct list_head partial, full, empty;

	/* Counters. */
	unsigned long nr_slabs;
	unsigned long nr_empty;		/* slabs */
	unsigned long nr_out;		/* objects outside slabs: in use or in the magazine */
	unsigned long nr_grown;		/* slabs ever made */
	unsigned long nr_shrunk;	/* slabs given back */
	unsigned long nr_failed;	/* allocations that returned NULL */

	const char *name;
	struct list_head list;		/* of slab_caches */
};

/* All caches in the order of their making, for /proc/slabinfo. */
extern struct list_head slab_caches;

#define for_each_kmem_cache(c)	list_for_each_entry(c, &slab_caches, list)

/* Objects that callers hold. */
static inline unsigned long kmem_cache_inuse(const struct kmem_cache *c)
{
	return c->nr_out - c->avail;
}

/* After page_alloc_init(); makes the kmalloc caches. */
void kmem_cache_init(void);

/*
 * A cache of objects of `size` bytes, aligned to `align` (a power of two; 0 is a word).
 * `name` is kept by reference.  `ctor` runs once for each object when its slab is made;
 * objects must be freed in their constructed state.  NULL without memory.  May sleep.
 */
struct kmem_cache *kmem_cache_create(const char *name, size_t size, size_t align,
				     unsigned int flags, void (*ctor)(void *object));

/* Give everything back.  Objects still in use stop the machine. */
void kmem_cache_destroy(struct kmem_cache *c);

/* One object, or NULL.  Sleeps only with __GFP_WAIT. */
void *kmem_cache_alloc(struct kmem_cache *c, gfp_t gfp);

static inline void *kmem_cache_zalloc(struct kmem_cache *c, gfp_t gfp)
{
	return kmem_cache_alloc(c, gfp | __GFP_ZERO);
}

/* Any context; freeing NULL does nothing. */
void kmem_cache_free(struct kmem_cache *c, void *object);

/* Give back slabs that hold no object in use; returns the pages that became free. */
unsigned long kmem_cache_shrink(struct kmem_cache *c);
unsigned long kmem_cache_shrink_all(void);

/*
 * General purpose: caches of 16, 32, 64, 96, 128, 192, 256, ... bytes up to 128 KiB,
 * above that whole pages.  Powers of two are aligned to their size.  NULL without memory.
 */
#define KMALLOC_MAX_CACHE	(128ul << 10)
#define KMALLOC_MAX_SIZE	(PAGE_SIZE << (MAX_ORDER - 1))

void *kmalloc(size_t size, gfp_t gfp);

static inline void *kzalloc(size_t size, gfp_t gfp)
{
	return kmalloc(size, gfp | __GFP_ZERO);
}

/* n * size bytes; NULL if that overflows. */
void *kcalloc(size_t n, size_t size, gfp_t gfp);

/* Any context; freeing NULL does nothing. */
void kfree(const void *object);

/* Bytes that may be used of what kmalloc() returned. */
size_t ksize(const void *object);

#endif
