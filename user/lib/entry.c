/* SPDX-License-Identifier: MIT */
/* Entries of page tables; see entry.h. */
#include "entry.h"

#define FOUR_LEVELS	(sizeof(long) == 8)
#define FRAME_BITS	(FOUR_LEVELS ? 0x000ffffffffff000ull : 0xfffff000ull)
#define SLOT_BITS	50u

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
