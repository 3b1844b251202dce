/* SPDX-License-Identifier: MIT */
/* Drivers that look for their devices when the scheduler runs, in this order. */
#include <kernel/blkdev.h>
#include <kernel/main.h>
#include <kernel/pci.h>
#include <kernel/ramdisk.h>
#include "block/block.h"

void drivers_init(void)
{
	pci_init();
	blk_init();
	ramdisk_init();
	virtio_blk_init();
	nvme_init();
	ahci_init();
}
