/* SPDX-License-Identifier: MIT */
/*
 * Red-black trees with parent pointers and optional augmentation (Cormen et al., chapters
 * 13 and 14.2).
 *
 * The user embeds struct rb_node and walks down by itself, since comparing through a
 * callback would cost a call a level:
 *
 *	struct rb_node **link = &root->node, *parent = NULL;
 *
 *	while (*link) {
 *		parent = *link;
 *		link = key < item_of(parent)->key ? &parent->left : &parent->right;
 *	}
 *	rb_insert(&item->rb, parent, link, root, update);
 *
 * Augmentation: `update` recomputes what a node says about its subtree from the node and
 * its two children, and returns whether that changed.  NULL: none.
 */
#ifndef KERNEL_RBTREE_H
#define KERNEL_RBTREE_H

#include <kernel/kernel.h>

struct rb_node {
	unsigned long parent_colour;	/* address of the parent; bit 0 set: black */
	struct rb_node *left, *right;
};

struct rb_root {
	struct rb_node *node;
};

#define RB_ROOT		((struct rb_root){ NULL })

typedef bool (*rb_update_fn)(struct rb_node *node);

#define rb_entry(p, type, member)	container_of(p, type, member)

static inline struct rb_node *rb_parent(const struct rb_node *node)
{
	return (struct rb_node *)(node->parent_colour & ~1ul);
}

/* Hang `node` into *link below `parent` and rebalance.  O(log n). */
void rb_insert(struct rb_node *node, struct rb_node *parent, struct rb_node **link,
	       struct rb_root *root, rb_update_fn update);

/* Take `node` out and rebalance.  The node's own members are left as they are.  O(log n). */
void rb_erase(struct rb_node *node, struct rb_root *root, rb_update_fn update);

/*
 * `node` itself has changed: recompute it, and who is above as long as that changes
 * something.  NULL is nobody.  Inline, so that a known `update` costs no call a level.
 */
static inline void rb_propagate(struct rb_node *node, rb_update_fn update)
{
	while (node && update(node))
		node = rb_parent(node);
}

/*
 * The node stands in a place whose parent has not heard from it yet: whatever it said
 * before, recompute it and go on above.
 */
static inline void rb_announce(struct rb_node *node, rb_update_fn update)
{
	update(node);
	rb_propagate(rb_parent(node), update);
}

/*
 * The steps of rb_insert() and rb_erase(), for values that depend on neighbours in order
 * as well: between the two steps the caller makes all of them right, since rotations
 * recompute only the nodes that they turn.
 */
static inline void rb_link(struct rb_node *node, struct rb_node *parent, struct rb_node **link)
{
	node->left = NULL;
	node->right = NULL;
	node->parent_colour = (unsigned long)parent;	/* red */
	*link = node;
}

void rb_insert_fixup(struct rb_node *node, struct rb_root *root, rb_update_fn update);

/* What is left where a node was cut out. */
struct rb_cut {
	struct rb_node *parent;		/* lowest node that has other descendants now, or NULL */
	struct rb_node *child;		/* below it, where the node was; may be NULL */
	struct rb_node *heir;		/* took the node's place, or NULL: its next in order */
	bool black;			/* a black node is missing there */
};

void rb_cut(struct rb_node *node, struct rb_root *root, struct rb_cut *cut);

/* After rb_cut(): those above know what is left. */
static inline void rb_cut_propagate(const struct rb_cut *cut, rb_update_fn update)
{
	rb_propagate(cut->parent, update);
	if (cut->heir)
		rb_announce(cut->heir, update);
}

void rb_erase_fixup(const struct rb_cut *cut, struct rb_root *root, rb_update_fn update);

/* In order; NULL at the ends. */
struct rb_node *rb_first(const struct rb_root *root);
struct rb_node *rb_last(const struct rb_root *root);
struct rb_node *rb_next(const struct rb_node *node);
struct rb_node *rb_prev(const struct rb_node *node);

/*
 * For tests: what is wrong with the tree, or NULL.  Checks colours, black heights, parent
 * pointers; *count gets the number of nodes.
 */
const char *rb_check(const struct rb_root *root, unsigned long *count);

#endif
