/* SPDX-License-Identifier: MIT */
/* What the files of the block layer share and nobody else may include. */
#ifndef FS_BLK_H
#define FS_BLK_H

#include <kernel/blkdev.h>

/* blk_core.c: hand over what waits, as far as the device takes it.  Any context. */
void blk_dispatch(struct disk *disk);

/*
 * blk_core.c: a request is over, taken out of its list: pages back, the log, end_io().
 * Interrupts off.
 */
void blk_complete(struct request *req, int error);

/* blk_timeout.c: the driver has something: look after it.  Interrupts off. */
void blk_watch(struct disk *disk);

/* blk_timeout.c: a limit for each request; the thread.  A knob may shorten the limit. */
extern u64 blk_timeout_ns;
void blk_timeout_init(void);

/* blk_bounce.c: a pool for a disk that does not reach all of RAM: 0 or -ENOMEM; sleeps. */
int bounce_init(struct disk *disk);
void bounce_exit(struct disk *disk);
/* Give a request the bounce pages that it needs, if any; fills req->dma_vec.  May sleep. */
void bounce_map(struct request *req);
/* Give them back; what was read is copied first unless there was an error.  Any context. */
void bounce_unmap(struct request *req, int error);

/* blk_log.c: a request is handed over, is over. */
void blk_log_start(struct request *req);
void blk_log_end(const struct request *req, int error);
int blk_log_init(void);		/* memory for the log, once: 0 or -ENOMEM; sleeps */

/* blk_dev.c: a device into the list, out of it. */
void blkdev_list(struct block_device *bdev);
void blkdev_unlist(struct block_device *bdev);

/* blk_gpt.c: an entry of a partition table. */
struct gpt_partition {
	u64 start, sectors;		/* 512 bytes each */
	struct guid type, uuid;
	unsigned number;
};

struct gpt {
	struct gpt_partition *part;	/* in the order of the table, kmalloc */
	unsigned count;
	bool damaged;			/* read from the copy at the end of the disk */
};

/*
 * blk_gpt.c: read and verify.  0: may have no partitions; -ENOENT: there is no GPT; -EUCLEAN:
 * there is one and both copies are damaged; -EIO, -ENOMEM.  kfree(gpt->part) after 0.  Sleeps.
 */
int gpt_read(struct block_device *disk, struct gpt *gpt);

/* blk_node.c: make the node of a device. */
void blk_node_add(struct block_device *bdev);

#endif
