/* SPDX-License-Identifier: MIT */
/*
 * WALK: the tests' own page-table walk (catalogue, rule 2).
 *
 * It starts from the value in CR3, reads physical memory through its own fixmap slot and
 * decodes entries with its own constants, so it shares nothing with the kernel's
 * accessors: a kernel whose structures tell another story than its tables fails here.
 */
#ifndef TEST_KERNEL_WALK_H
#define TEST_KERNEL_WALK_H

#include <kernel/types.h>

struct walk {
	unsigned depth;		/* entries read: 1 to 4 */
	u64 entry[4];		/* as in memory, top level first */
	u64 table[4];		/* physical address of the table of each */
	bool present;		/* translated */
	u64 pa;			/* of the byte, if present */
	u64 size;		/* of the page: 4 KiB, 2 MiB, 4 MiB, 1 GiB */
	/* Rights, all levels taken together, as the processor combines them. */
	bool write, user, exec;
	/* Bits of the last entry. */
	bool global, accessed, dirty, large, pat, pwt, pcd;
};

/* Walk va from the current CR3, or from a top-level table of the caller's choice. */
struct walk WALK(unsigned long va);
struct walk walk_from(u64 cr3, unsigned long va);

/* Read or write a word of physical memory through the walker's slot. */
u64 phys_read(u64 pa, unsigned bytes);
void phys_write(u64 pa, u64 value, unsigned bytes);

/*
 * Call fn for every present leaf entry of [start, end] (inclusive bounds) in ascending
 * order; va is the first address that it maps.  Returns how many there were.
 */
unsigned long walk_leaves(unsigned long start, unsigned long last,
			  void (*fn)(unsigned long va, const struct walk *w, void *arg), void *arg);

/* Count table pages reachable from the current CR3 for [start, last], top level excluded. */
unsigned long walk_count_tables(unsigned long start, unsigned long last);

#endif
