/* SPDX-License-Identifier: MIT */
/* Slots of swapped pages; see rows.h. */
#include "rows.h"

unsigned first_of_cluster(const volatile void *pages, unsigned n)
{
	const volatile u8 *p = pages;
	unsigned i;
	u64 slot;

	for (i = 0; i < n; i++) {
		slot = pw_slot(p + (ulong)i * PAGE_SIZE);
		if (slot && slot % SWAP_CLUSTER == 0)
			break;
	}
	return i;
}
