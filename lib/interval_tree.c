/* SPDX-License-Identifier: MIT */
/*
 * Interval trees.  Contracts: kernel/interval_tree.h.
 *
 * The answers to one question are found from left to right: a subtree whose largest end is
 * too small has none, and neither has anything right of a start that is too large.
 */
#include <kernel/interval_tree.h>

#define node_of(p)	rb_entry((p), struct interval_node, rb)

static unsigned long largest_last(const struct rb_node *rb)
{
	const struct interval_node *node = node_of(rb);
	unsigned long last = node->last;

	if (rb->left)
		last = max(last, node_of(rb->left)->subtree_last);
	if (rb->right)
		last = max(last, node_of(rb->right)->subtree_last);
	return last;
}

static bool last_update(struct rb_node *rb)
{
	struct interval_node *node = node_of(rb);
	unsigned long last = largest_last(rb);
	bool changed = last != node->subtree_last;

	node->subtree_last = last;
	return changed;
}

void interval_insert(struct interval_node *node, struct rb_root *root)
{
	struct rb_node **link = &root->node, *parent = NULL;

	while (*link) {
		parent = *link;
		link = node->start < node_of(parent)->start ? &parent->left : &parent->right;
	}
	rb_insert(&node->rb, parent, link, root, last_update);
}

void interval_remove(struct interval_node *node, struct rb_root *root)
{
	rb_erase(&node->rb, root, last_update);
}

/* The leftmost answer of a subtree that has an end at or behind `start`. */
static struct interval_node *leftmost(struct rb_node *rb, unsigned long start,
				      unsigned long last)
{
	struct interval_node *node;

	for (;;) {
		/* If the left side reaches `start`, the first answer is there or nowhere. */
		if (rb->left && node_of(rb->left)->subtree_last >= start) {
			rb = rb->left;
			continue;
		}
		node = node_of(rb);
		if (node->start > last)
			return NULL;
		if (node->last >= start)
			return node;
		if (!rb->right || node_of(rb->right)->subtree_last < start)
			return NULL;
		rb = rb->right;
	}
}

struct interval_node *interval_first(const struct rb_root *root, unsigned long start,
				     unsigned long last)
{
	if (!root->node || node_of(root->node)->subtree_last < start)
		return NULL;
	return leftmost(root->node, start, last);
}

struct interval_node *interval_next(struct interval_node *node, unsigned long start,
				    unsigned long last)
{
	struct rb_node *rb = &node->rb, *child;

	for (;;) {
		if (rb->right && node_of(rb->right)->subtree_last >= start)
			return leftmost(rb->right, start, last);
		do {
			child = rb;
			rb = rb_parent(rb);
			if (!rb)
				return NULL;
		} while (child == rb->right);
		node = node_of(rb);
		if (node->start > last)
			return NULL;
		if (node->last >= start)
			return node;
	}
}

const char *interval_check(const struct rb_root *root, unsigned long *count)
{
	const char *wrong = rb_check(root, count);
	const struct interval_node *prev = NULL, *node;
	struct rb_node *rb;

	for (rb = rb_first(root); rb && !wrong; rb = rb_next(rb), prev = node) {
		node = node_of(rb);
		if (node->start > node->last || (prev && prev->start > node->start))
			wrong = "intervals are not in order";
		else if (node->subtree_last != largest_last(rb))
			wrong = "the largest end of a subtree is wrong";
	}
	return wrong;
}
