/* SPDX-License-Identifier: MIT */
/* How far a disk reaches, or is told to. */
#include <kernel/params.h>
#include "block.h"

u64 dma_mask_limit(u64 mask)
{
	u64 size;

	return knob_u64("dma-mask", &size) && size ? min(mask, size - 1) : mask;
}
