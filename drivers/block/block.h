/* SPDX-License-Identifier: MIT */
/* What the drivers of disks share, and how drivers/init.c starts them. */
#ifndef DRIVERS_BLOCK_BLOCK_H
#define DRIVERS_BLOCK_BLOCK_H

#include <kernel/blkdev.h>
#include <mm/mm.h>

/* Look for devices, announce their disks.  Sleep. */
void virtio_blk_init(void);
void nvme_init(void);
void ahci_init(void);

/* Where the device finds a piece. */
static inline u64 blk_vec_phys(const struct blk_vec *v)
{
	return PFN_PHYS(page_to_pfn(v->page)) + v->offset;
}

/* The first place without a request; there is one, since the depth was kept. */
static inline unsigned first_free_slot(struct request *const *req, unsigned n)
{
	unsigned i;

	for (i = 0; i < n && req[i]; i++)
		;
	BUG_ON(i == n);
	return i;
}

/* The mask of a device, or a smaller one by knob=dma-mask:SIZE (bytes that it reaches). */
u64 dma_mask_limit(u64 mask);

#endif
