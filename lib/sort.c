/* SPDX-License-Identifier: MIT */
/* Heap sort and binary search.  Contract: kernel/sort.h. */
#include <kernel/sort.h>

static void swap_bytes(u8 *a, u8 *b, size_t n)
{
	while (n--) {
		u8 t = *a;

		*a++ = *b;
		*b++ = t;
	}
}

/* Let element i sink until neither child is greater; byte offsets, n = end of the heap. */
static void sift_down(u8 *base, size_t i, size_t n, size_t size,
		      int (*cmp)(const void *, const void *))
{
	for (;;) {
		size_t child = 2 * i + size;

		if (child >= n)
			return;
		if (child + size < n && cmp(base + child, base + child + size) < 0)
			child += size;
		if (cmp(base + i, base + child) >= 0)
			return;
		swap_bytes(base + i, base + child, size);
		i = child;
	}
}

void sort(void *base, size_t n, size_t size, int (*cmp)(const void *a, const void *b))
{
	size_t i, end = n * size;

	if (n < 2)
		return;
	for (i = n / 2 * size; i; ) {
		i -= size;
		sift_down(base, i, end, size, cmp);
	}
	while (end > size) {
		end -= size;
		swap_bytes(base, (u8 *)base + end, size);
		sift_down(base, 0, end, size, cmp);
	}
}

const void *binary_search(const void *key, const void *base, size_t n, size_t size,
			  int (*cmp)(const void *key, const void *element))
{
	const u8 *low = base;

	while (n) {
		const u8 *middle = low + n / 2 * size;
		int order = cmp(key, middle);

		if (!order)
			return middle;
		if (order > 0) {
			low = middle + size;
			n--;
		}
		n /= 2;
	}
	return NULL;
}
