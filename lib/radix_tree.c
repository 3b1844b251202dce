/* SPDX-License-Identifier: MIT */
/*
 * Radix trees: 64 slots a node, six bits of the index a level (contracts:
 * kernel/radix_tree.h; Gorman 10.2 for what it is good for).
 *
 * A node knows how many of its slots are used, and goes when the last is emptied.  A tree
 * of height 0 holds nothing or a single item at index 0, directly in the root; a tree gets
 * higher when an index does not fit and lower when only slot 0 of the top is in use.
 */
#include <kernel/radix_tree.h>
#include <mm/slab.h>
#include <linux/errno.h>

#define SHIFT		6
#define SLOTS		(1u << SHIFT)
#define MAX_HEIGHT	((BITS_PER_LONG + SHIFT - 1) / SHIFT)

struct radix_tree_node {
	unsigned int count;		/* slots in use */
	void *slot[SLOTS];		/* nodes, or items on the lowest level */
};

static struct kmem_cache *node_cachep;

void radix_tree_init(void)
{
	node_cachep = kmem_cache_create("radix_tree_node", sizeof(struct radix_tree_node), 0,
					SLAB_PANIC, NULL);
}

/*
 * No waiting: reclaim in the middle of an insertion could change this very tree.  From the
 * reserves, if it must be: who inserts has just got a page, or is about to make some free.
 */
static struct radix_tree_node *new_node(void)
{
	return kmem_cache_zalloc(node_cachep, __GFP_HIGH | __GFP_NOWARN);
}

static inline unsigned int slot_of(unsigned long index, unsigned int level)
{
	return (index >> (level * SHIFT)) % SLOTS;
}

/* The largest index of a tree of that height. */
static inline unsigned long max_index(unsigned int height)
{
	return height >= MAX_HEIGHT ? ~0ul : (1ul << (height * SHIFT)) - 1;
}

void *radix_tree_lookup(const struct radix_tree_root *root, unsigned long index)
{
	unsigned int shift = root->height * SHIFT;
	void *p = root->node;

	if (shift < BITS_PER_LONG && index >> shift)
		return NULL;
	while (p && shift) {
		shift -= SHIFT;
		p = ((struct radix_tree_node *)p)->slot[(index >> shift) % SLOTS];
	}
	return p;
}

/* ---- insert ------------------------------------------------------------------------ */

/* Make the tree high enough for the index. */
static int extend(struct radix_tree_root *root, unsigned long index)
{
	struct radix_tree_node *node;

	while (index > max_index(root->height)) {
		if (root->node) {
			node = new_node();
			if (!node)
				return -ENOMEM;
			node->slot[0] = root->node;
			node->count = 1;
			root->node = node;
		}
		root->height++;
	}
	return 0;
}

/* Back to the lowest height; also undoes what a failed insertion has added. */
static void shrink(struct radix_tree_root *root)
{
	struct radix_tree_node *node;

	while (root->height && root->node && root->node->count == 1 && root->node->slot[0]) {
		node = root->node;
		root->node = node->slot[0];
		root->height--;
		kmem_cache_free(node_cachep, node);
	}
	if (!root->node)
		root->height = 0;
}

/* Free the nodes on the way to the index that hold nothing. */
static void prune(struct radix_tree_root *root, unsigned long index)
{
	struct radix_tree_node *path[MAX_HEIGHT], *node = root->node;
	unsigned int level = root->height, i = level;

	while (node && i) {
		path[--i] = node;
		node = node->slot[slot_of(index, i)];
	}
	for (; i < level && !path[i]->count; i++) {
		kmem_cache_free(node_cachep, path[i]);
		if (i + 1 == level) {
			root->node = NULL;
		} else {
			path[i + 1]->slot[slot_of(index, i + 1)] = NULL;
			path[i + 1]->count--;
		}
	}
	shrink(root);
}

int radix_tree_insert(struct radix_tree_root *root, unsigned long index, void *item)
{
	struct radix_tree_node *above = NULL, *node;
	void **link = (void **)&root->node;
	unsigned int level;

	BUG_ON(!item);
	if (extend(root, index))
		goto no_memory;
	for (level = root->height; level; link = &node->slot[slot_of(index, level)]) {
		node = *link;
		if (!node) {
			node = new_node();
			if (!node)
				goto no_memory;
			*link = node;
			if (above)
				above->count++;
		}
		above = node;
		level--;
	}
	if (*link)
		return -EEXIST;
	*link = item;
	if (above)
		above->count++;
	return 0;

no_memory:
	prune(root, index);
	return -ENOMEM;
}

/* ---- delete ------------------------------------------------------------------------ */

void *radix_tree_delete(struct radix_tree_root *root, unsigned long index)
{
	struct radix_tree_node *node = root->node;
	unsigned int level;
	void *item;

	if (!radix_tree_lookup(root, index))
		return NULL;
	if (!root->height) {
		item = node;
		root->node = NULL;
		return item;
	}
	for (level = root->height - 1; level; level--)
		node = node->slot[slot_of(index, level)];
	item = node->slot[slot_of(index, 0)];
	node->slot[slot_of(index, 0)] = NULL;
	node->count--;
	prune(root, index);
	return item;
}

/* ---- many at once ------------------------------------------------------------------ */

/*
 * The lowest node for `*index`, or for the next index that has one, which *index then
 * becomes.  NULL: there is none.
 */
static struct radix_tree_node *next_leaf(const struct radix_tree_root *root,
					 unsigned long *index)
{
	struct radix_tree_node *node;
	unsigned int level, slot;
	unsigned long step;

restart:
	if (*index > max_index(root->height))
		return NULL;
	node = root->node;
	for (level = root->height - 1; level; level--) {
		slot = slot_of(*index, level);
		if (node->slot[slot]) {
			node = node->slot[slot];
			continue;
		}
		step = 1ul << (level * SHIFT);
		*index = (*index | (step - 1)) + 1;
		if (!*index)
			return NULL;
		goto restart;
	}
	return node;
}

unsigned radix_tree_gang_lookup(const struct radix_tree_root *root, unsigned long first,
				void **items, unsigned long *indices, unsigned n)
{
	struct radix_tree_node *node;
	unsigned int found = 0, slot;

	if (!root->node || !n)
		return 0;
	if (!root->height) {
		items[0] = root->node;
		indices[0] = 0;
		return first == 0;
	}
	while (found < n && (node = next_leaf(root, &first))) {
		for (slot = first % SLOTS; slot < SLOTS && found < n; slot++, first++) {
			if (!node->slot[slot])
				continue;
			items[found] = node->slot[slot];
			indices[found++] = first;
		}
		if (slot == SLOTS && !first)
			break;			/* that was the last index of all */
	}
	return found;
}
