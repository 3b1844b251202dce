/* SPDX-License-Identifier: MIT */
/*
 * Entries of page tables, decoded: by constants of this file alone (Intel SDM volume 3, 4.3 and
 * 4.5; what the kernel keeps in an absent entry: asm/pgtable-2level.h, -4level.h), so that a
 * tool which shows an entry does not repeat what the kernel says of it.
 */
#ifndef USER_ENTRY_H
#define USER_ENTRY_H

#include "lib.h"

#define ENTRY_P		0x001u
#define ENTRY_W		0x002u
#define ENTRY_U		0x004u
#define ENTRY_PWT	0x008u
#define ENTRY_PCD	0x010u
#define ENTRY_A		0x020u
#define ENTRY_D		0x040u
#define ENTRY_PS	0x080u		/* upper level: a large page; else PAT */
#define ENTRY_G		0x100u
#define ENTRY_PAT_LARGE	0x1000u		/* in a large page */
#define ENTRY_NX	(1ull << 63)	/* four levels */

/*
 * How 2 or 4 levels split an address: the bits of an index, the lowest of them at a level (the top
 * one is 0), and the index there.
 */
unsigned index_bits(unsigned levels);
unsigned index_shift(unsigned levels, unsigned level);
unsigned index_of(unsigned levels, unsigned level, u64 address);

/* The frame that an entry names: of a page of 4 KiB or of the next table. */
u64 entry_frame(u64 entry);

/* Absent for the processor, but it names a frame all the same: PROT_NONE. */
bool entry_protnone(u64 entry);

/* A page that is swapped out: where. */
bool entry_swapped(u64 entry, unsigned *device, u64 *slot);

#endif
