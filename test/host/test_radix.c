/* SPDX-License-Identifier: MIT */
/* Radix trees against an array of pairs; sparse, dense and extreme indices. */
#include "tap.h"
#include "host.h"
#include <kernel/radix_tree.h>
#include <kernel/random.h>
#include <linux/errno.h>

#define ITEMS	600

static struct radix_tree_root tree;
static struct { unsigned long index; void *item; } model[ITEMS];
static struct rnd rnd;

static unsigned int count_model(unsigned long first)
{
	unsigned int i, n = 0;

	for (i = 0; i < ITEMS; i++)
		n += model[i].item && model[i].index >= first;
	return n;
}

/* The smallest index in the model that is at least `first`; its place, or -1. */
static int model_next(unsigned long first)
{
	int i, best = -1;

	for (i = 0; i < ITEMS; i++)
		if (model[i].item && model[i].index >= first &&
		    (best < 0 || model[i].index < model[best].index))
			best = i;
	return best;
}

static unsigned long some_index(void)
{
	unsigned long value = (unsigned long)rnd_u64(&rnd);

	switch (rnd_below(&rnd, 5)) {
	case 0:
		return value % 100;
	case 1:
		return value % 5000;
	case 2:
		return ~0ul - value % 70;
	case 3:
		return 1ul << value % BITS_PER_LONG;
	default:
		return value;
	}
}

static int find_model(unsigned long index)
{
	int i;

	for (i = 0; i < ITEMS; i++)
		if (model[i].item && model[i].index == index)
			return i;
	return -1;
}

static int free_place(void)
{
	int i;

	for (i = 0; i < ITEMS; i++)
		if (!model[i].item)
			return i;
	return -1;
}

static bool step(void)
{
	unsigned long index = some_index();
	int at = find_model(index), place = free_place(), err, pick;

	if (rnd_below(&rnd, 2) && place >= 0) {
		err = radix_tree_insert(&tree, index, &model[place].item);
		if (at >= 0)
			return err == -EEXIST;
		model[place].index = index;
		model[place].item = &model[place].item;
		return !err && radix_tree_lookup(&tree, index) == &model[place].item;
	}
	pick = (int)rnd_below(&rnd, ITEMS);
	if (at < 0 && model[pick].item) {
		at = pick;
		index = model[pick].index;
	}
	if (radix_tree_delete(&tree, index) != (at < 0 ? NULL : &model[at].item))
		return false;
	if (at >= 0)
		model[at].item = NULL;
	return !radix_tree_lookup(&tree, index);
}

/* All items from `first` on, in portions. */
static bool gang_agrees(unsigned long first)
{
	unsigned long indices[7];
	unsigned int n, i, seen = 0, expected = count_model(first);
	void *items[7];
	int next;

	do {
		n = radix_tree_gang_lookup(&tree, first, items, indices, 7);
		for (i = 0; i < n; i++) {
			next = model_next(first);
			if (next < 0 || model[next].index != indices[i] ||
			    items[i] != &model[next].item)
				return false;
			seen++;
			if (indices[i] == ~0ul)
				return seen == expected;
			first = indices[i] + 1;
		}
	} while (n == 7);
	return seen == expected;
}

static void random_use(void)
{
	unsigned int i, bad = 0, gangs = 0;

	for (i = 0; i < 20000; i++) {
		bad += !step();
		if (i % 200 == 0)
			gangs += !gang_agrees(some_index()) + !gang_agrees(0);
	}
	is(bad, 0, "20000 random insertions and deletions agree with the model");
	is(gangs, 0, "and so do all lookups of many");
}

static struct kmem_cache *nodes(void)
{
	struct kmem_cache *c;

	for_each_kmem_cache(c)
		if (!strcmp(c->name, "radix_tree_node"))
			return c;
	return NULL;
}

static void empty(void)
{
	unsigned int i;

	for (i = 0; i < ITEMS; i++)
		if (model[i].item)
			radix_tree_delete(&tree, model[i].index);
	ok(!tree.node && !tree.height, "an empty tree has no height");
	kmem_cache_shrink(nodes());
	is(kmem_cache_inuse(nodes()), 0, "and no nodes");
}

static void no_memory(void)
{
	int one, two;
	unsigned long failures = 0, n;

	is(radix_tree_insert(&tree, 5, &one), 0, "one item");
	for (n = 1;; n++) {
		alloc_fail_arm(n, 1);
		if (!radix_tree_insert(&tree, ~0ul - 3, &two))
			break;
		failures++;
		if (radix_tree_lookup(&tree, 5) != &one || radix_tree_lookup(&tree, ~0ul - 3))
			break;
	}
	alloc_fail_arm(0, 0);
	ok(failures >= 8, "each failed allocation is reported (%lu)", failures);
	ok(radix_tree_lookup(&tree, 5) == &one && radix_tree_lookup(&tree, ~0ul - 3) == &two,
	   "both are there");
	radix_tree_delete(&tree, 5);
	radix_tree_delete(&tree, ~0ul - 3);
	kmem_cache_shrink(nodes());
	is(kmem_cache_inuse(nodes()), 0, "failures leave no nodes behind");
}

int main(void)
{
	host_boot(&host_small);
	radix_tree_init();
	rnd_seed(&rnd, 4);
	random_use();
	empty();
	no_memory();
	return done();
}
