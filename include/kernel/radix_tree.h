/* SPDX-License-Identifier: MIT */
/*
 * A radix tree from unsigned long to pointer, 64 entries a node (lib/radix_tree.c); as
 * high as the largest index needs.  Nodes come from a slab cache (or the host's malloc).
 */
#ifndef KERNEL_RADIX_TREE_H
#define KERNEL_RADIX_TREE_H

#include <kernel/kernel.h>

struct radix_tree_node;
struct radix_tree_root {
	unsigned int height;		/* 0: at most one item, at index 0 */
	struct radix_tree_node *node;
};

void radix_tree_init(void);		/* the slab cache */

/* 0, -EEXIST, -ENOMEM (nothing changed). */
int radix_tree_insert(struct radix_tree_root *root, unsigned long index, void *item);
void *radix_tree_lookup(const struct radix_tree_root *root, unsigned long index);
void *radix_tree_delete(struct radix_tree_root *root, unsigned long index);

/* Up to n items with index >= first, ascending, and their indices; how many. */
unsigned radix_tree_gang_lookup(const struct radix_tree_root *root, unsigned long first,
				void **items, unsigned long *indices, unsigned n);

#endif
