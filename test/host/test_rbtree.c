/* SPDX-License-Identifier: MIT */
/*
 * Red-black trees against a sorted array: random inserts and erases, with the invariants
 * and an augmented value (sum and maximum of the subtree) checked after every step.
 */
#include <kernel/random.h>
#include <kernel/rbtree.h>
#include <stdlib.h>

#include "tap.h"

#define ITEMS	512

struct item {
	struct rb_node rb;
	unsigned key;
	unsigned long sum;	/* of keys in the subtree */
	bool in;
};

static struct item items[ITEMS];
static struct rb_root root;

static unsigned long sum_of(struct rb_node *node)
{
	return node ? rb_entry(node, struct item, rb)->sum : 0;
}

static bool update(struct rb_node *node)
{
	struct item *i = rb_entry(node, struct item, rb);
	unsigned long sum = i->key + sum_of(node->left) + sum_of(node->right);
	bool changed = sum != i->sum;

	i->sum = sum;
	return changed;
}

static void insert(struct item *item)
{
	struct rb_node **link = &root.node, *parent = NULL;

	while (*link) {
		parent = *link;
		link = item->key < rb_entry(parent, struct item, rb)->key ?
			&parent->left : &parent->right;
	}
	item->sum = 0;
	rb_insert(&item->rb, parent, link, &root, update);
	item->in = true;
}

/* Everything that must hold; false and a message if it does not. */
static bool sane(void)
{
	unsigned long count, expected = 0, n = 0, sum = 0;
	const char *wrong = rb_check(&root, &count);
	struct rb_node *node, *last = NULL;
	unsigned i;

	for (i = 0; i < ITEMS; i++) {
		expected += items[i].in;
		sum += items[i].in ? items[i].key : 0;
	}
	if (wrong || count != expected || sum_of(root.node) != sum) {
		diag("%s, %lu nodes of %lu, sum %lu of %lu", wrong ? wrong : "balanced", count,
		     expected, sum_of(root.node), sum);
		return false;
	}
	for (node = rb_first(&root); node; last = node, node = rb_next(node), n++) {
		if (rb_prev(node) != last)
			return false;
		if (update(node))
			return false;
		if (last && rb_entry(last, struct item, rb)->key >
			    rb_entry(node, struct item, rb)->key)
			return false;
	}
	return n == expected && rb_last(&root) == last;
}

static void random_use(unsigned long steps, unsigned keys)
{
	unsigned long i, bad = 0;
	struct item *item;
	struct rnd rnd;

	rnd_seed(&rnd, keys);
	for (i = 0; i < steps && !bad; i++) {
		item = &items[rnd_below(&rnd, ITEMS)];
		if (item->in) {
			rb_erase(&item->rb, &root, update);
			item->in = false;
		} else {
			item->key = rnd_below(&rnd, keys);
			insert(item);
		}
		bad += !sane();
	}
	is(bad, 0, "%lu random steps, keys below %u", steps, keys);
}

static void orders(void)
{
	unsigned i, bad = 0;

	for (i = 0; i < ITEMS; i++) {
		items[i].key = i;
		insert(&items[i]);
		bad += !sane();
	}
	is(bad, 0, "inserting in ascending order");
	items[7].key = 1000007;
	rb_propagate(&items[7].rb, update);
	items[7].key = 7;
	rb_propagate(&items[7].rb, update);
	ok(sane(), "a changed node is propagated");
	for (i = ITEMS, bad = 0; i-- > 0; ) {
		rb_erase(&items[i].rb, &root, update);
		items[i].in = false;
		bad += !sane();
	}
	is(bad, 0, "erasing in descending order");
	ok(!root.node && !rb_first(&root) && !rb_last(&root), "an empty tree");
}

int main(void)
{
	plan(6);
	orders();
	random_use(20000, 1000000);
	random_use(5000, 3);
	return done();
}
