/* SPDX-License-Identifier: MIT */
/* Entries of page tables; see entry.h. */
#include "entry.h"

#define FOUR_LEVELS	(sizeof(long) == 8)
#define FRAME_BITS	(FOUR_LEVELS ? 0x000ffffffffff000ull : 0xfffff000ull)
#define SLOT_BITS	50u

unsigned index_bits(unsigned levels)
{
	return levels == 2 ? 10 : 9;
}

unsigned index_shift(unsigned levels, unsigned level)
{
	return 12 + (levels - 1 - level) * index_bits(levels);
}

unsigned index_of(unsigned levels, unsigned level, u64 address)
{
	return (unsigned)(address >> index_shift(levels, level)) & ((1u << index_bits(levels)) - 1);
}

u64 entry_frame(u64 entry)
{
	return (entry & FRAME_BITS) >> 12;
}

bool entry_protnone(u64 entry)
{
	return (entry & (ENTRY_P | ENTRY_G)) == ENTRY_G;
}

/* Four levels keep the slot inverted, so that its bits lead nowhere. */
bool entry_swapped(u64 entry, unsigned *device, u64 *slot)
{
	if (!entry || entry & (ENTRY_P | ENTRY_G))
		return false;
	*device = (unsigned)(FOUR_LEVELS ? entry >> 59 : entry >> 1 & 31);
	*slot = FOUR_LEVELS ? ~entry >> 9 & ((1ull << SLOT_BITS) - 1) : entry >> 9;
	return true;
}
