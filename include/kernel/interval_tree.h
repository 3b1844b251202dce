/* SPDX-License-Identifier: MIT */
/*
 * Interval trees: closed intervals of numbers, and all of them that meet another one in
 * O(log n + answers) (Cormen et al., chapter 14.3).  Red-black trees by the lower end, each
 * node knows the largest upper end of its subtree.
 *
 *	for (n = interval_first(root, 10, 20); n; n = interval_next(n, 10, 20))
 *		...
 *
 * The user embeds struct interval_node; intervals may be equal and overlap.  Nothing sleeps.
 */
#ifndef KERNEL_INTERVAL_TREE_H
#define KERNEL_INTERVAL_TREE_H

#include <kernel/rbtree.h>

struct interval_node {
	struct rb_node rb;
	unsigned long start, last;	/* both belong to it; constant while it is in a tree */
	unsigned long subtree_last;
};

/* start and last are set, start <= last.  Equal starts: behind those that are there. */
void interval_insert(struct interval_node *node, struct rb_root *root);
void interval_remove(struct interval_node *node, struct rb_root *root);

/* The first by `start` that has a number of [start, last], and the next one, or NULL. */
struct interval_node *interval_first(const struct rb_root *root, unsigned long start,
				     unsigned long last);
struct interval_node *interval_next(struct interval_node *node, unsigned long start,
				    unsigned long last);

/* For tests: what is wrong with the tree, or NULL; *count gets the number of nodes. */
const char *interval_check(const struct rb_root *root, unsigned long *count);

#endif
