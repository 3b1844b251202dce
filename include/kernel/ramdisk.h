/* SPDX-License-Identifier: MIT */
/*
 * RAM disks: block devices whose sectors are pages.  What is written is lost at the end of
 * the run, and every line about them says so.
 *
 *	ramdisk=SIZE	makes ram0 of that size at boot; its page 0 holds the superblock and the
 *			header of a swap partition, so that it can be used as one
 *	swap=ram	the same, of a quarter of memory if no size is given, and swaps to it
 *
 * Tests make their own, with an address mask, and let them fail (struct ramdisk_faults).
 */
#ifndef KERNEL_RAMDISK_H
#define KERNEL_RAMDISK_H

#include <kernel/blkdev.h>

/* What is wrong with sectors [first, end) of the disk; nothing if first == end. */
struct ramdisk_faults {
	u64 first, end;
	enum ramdisk_fault {
		RAMDISK_FAIL,		/* a request that touches them: nothing done, -EIO */
		RAMDISK_SHORT,		/* only what lies before them is done, then -EIO */
		RAMDISK_NEVER,		/* no answer, until the disk is reset */
		RAMDISK_SILENT,		/* an answer, but only to those who poll */
	} kind;
	unsigned times;			/* how often this happens; then all is well */
	bool dead;			/* a reset does not help */
};

/*
 * A RAM disk of so many bytes (whole pages) that reaches addresses up to dma_mask (~0: all).
 * With `test`: not in /dev, and ramdisk_remove() takes it away.  NULL: no memory.  Sleeps.
 */
struct disk *ramdisk_add(u64 bytes, u64 dma_mask, bool test);

/* 0, or -EBUSY: it is open. */
int ramdisk_remove(struct disk *disk);

/* From the next request on. */
void ramdisk_set_faults(struct disk *disk, const struct ramdisk_faults *faults);

/* ram0, if ramdisk= or swap=ram asks for it.  Sleeps. */
void ramdisk_init(void);

#endif
