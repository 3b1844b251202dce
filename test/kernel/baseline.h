/* SPDX-License-Identifier: MIT */
/* What must be the same before and after a row (catalogue rule 4). */
#ifndef TEST_BASELINE_H
#define TEST_BASELINE_H

#include <mm/mm.h>
#include <test/row.h>

#define BASELINE_CACHES	64

struct baseline {
	unsigned long free[MAX_NR_ZONES];
	unsigned long kernel_tables, user_tables;
	unsigned long stacks, areas, mms, tasks;
	unsigned caches;
	struct {
		const struct kmem_cache *cache;
		unsigned long objects;
	} slab[BASELINE_CACHES];
};

/* Give back all that is only kept for speed, then count. */
void baseline_take(struct baseline *b);

/* Count again and compare exactly; each difference is a failed check of the row. */
void baseline_check(struct row *r, const struct baseline *before);

/* 64-bit words of the zero page that are not zero. */
unsigned long zero_page_dirt(void);

#endif
