/* SPDX-License-Identifier: MIT */
/*
 * Swap on a block device: slot n is the page at byte n * PAGE_SIZE.  Runs of slots are one
 * request (of up to BLK_MAX_VECS pages), which ends within the time limits of the block layer
 * and needs no memory: pages that the device does not reach are bounced there.
 */
#include <kernel/printk.h>
#include <mm/mm.h>
#include <mm/swap.h>
#include "blk.h"

static int swap_rw(void *dev, unsigned long slot, struct page **pages, unsigned int n, bool write)
{
	struct blk_vec vec[SWAP_CLUSTER_MAX];
	unsigned int part, i;
	int err = 0;

	for (; n && !err; n -= part, pages += part, slot += part) {
		part = min(n, SWAP_CLUSTER_MAX);
		for (i = 0; i < part; i++)
			vec[i] = (struct blk_vec){ .page = pages[i], .len = PAGE_SIZE };
		err = blk_rw(dev, write, (u64)slot * PAGE_SECTORS, vec, part);
	}
	return err;
}

static void swap_release(void *dev)
{
	blkdev_put(dev, true);
}

static const struct swap_ops blk_swap_ops = { .rw = swap_rw, .release = swap_release };

static bool is_swap_type(const struct block_device *b)
{
	return b->ram || guid_equal(&b->type, &guid_swap);
}

int blk_swap_on(struct block_device *bdev, int priority)
{
	unsigned long slots = (unsigned long)min_t(u64, bdev->capacity / PAGE_SECTORS, ~0ul);
	char name[5 + BLK_NAME_LEN];
	int ret = blkdev_get(bdev, true);

	if (ret)
		return ret;
	snprintf(name, sizeof(name), "/dev/%s", bdev->name);
	if (is_swap_type(bdev)) {
		ret = swap_device_add(name, bdev->ram ? "ramdisk" : "partition", &blk_swap_ops,
				      bdev, slots, priority);
	} else {
		pr_err("swap: %s is ours, but not for swap\n", name);
		ret = -EINVAL;
	}
	if (ret < 0)
		blkdev_put(bdev, true);
	return ret;
}

int blk_swap_off(struct block_device *bdev)
{
	const struct swap_device *d;

	for (d = swap_devices; d < swap_devices + MAX_SWAPFILES; d++)
		if (d->ops == &blk_swap_ops && d->dev == bdev)
			return swap_device_remove((unsigned int)(d - swap_devices));
	return -EINVAL;
}
