/* SPDX-License-Identifier: MIT */
/*
 * Sort n elements of `size` bytes each, in place, by heap sort: O(n log n) always, no
 * memory, no recursion, not stable.  cmp returns < 0, 0, > 0 like strcmp.
 */
#ifndef KERNEL_SORT_H
#define KERNEL_SORT_H

#include <kernel/types.h>

void sort(void *base, size_t n, size_t size, int (*cmp)(const void *a, const void *b));

/*
 * The element of a sorted array that cmp(key, element) calls equal, or NULL.
 */
const void *binary_search(const void *key, const void *base, size_t n, size_t size,
			  int (*cmp)(const void *key, const void *element));

#endif
