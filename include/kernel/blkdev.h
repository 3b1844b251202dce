/* SPDX-License-Identifier: MIT */
/*
 * Block devices: disks and their partitions behind one request interface.
 *
 *	fs/blk_dev.c	the list of devices, opening
 *	fs/blk_core.c	requests: submit, the door for writing, hand over, end
 *	fs/blk_rw.c	the sleeping helpers
 *	fs/blk_timeout.c time limits, polling, reset of a device that does not answer
 *	fs/blk_bounce.c	pages that a device cannot reach
 *	fs/blk_log.c	the log of requests
 *	fs/blk_disk.c	disks come: partitions, what of them is ours
 *	fs/blk_gpt.c	reading a partition table
 *	fs/blk_node.c	/dev/NAME
 *	fs/blk_swap.c	swap on a partition or a RAM disk
 *
 * Sectors are 512 bytes everywhere, whatever the device's logical block is; offset and
 * length of a request are multiples of that logical block.  A partition is a block_device
 * of its own whose requests go to its disk, `start` sectors further on.
 *
 * What may be written (doc/devices.md): a RAM disk, and a partition that bears our GPT type
 * and our signature.  All other requests to write end with -EPERM just before the driver,
 * whoever made them.
 */
#ifndef KERNEL_BLKDEV_H
#define KERNEL_BLKDEV_H

#include <linux/errno.h>
#include <kernel/list.h>
#include <kernel/lock.h>
#include <kernel/sched.h>
#include <kernel/time.h>
#include <uapi/pagewalk_disk.h>

struct page;
struct disk;
struct pci_dev;

#define SECTOR_SHIFT	9
#define SECTOR_SIZE	512u
#define PAGE_SECTORS	(PAGE_SIZE >> SECTOR_SHIFT)

#define BLK_NAME_LEN	16
#define BLK_MAX_VECS	32u		/* of one request: any driver takes as many */
/*
 * For one request; knob=blk-timeout:MS.  A hard disk may try a weak sector for 20 s, and needs
 * 10 to spin up.
 */
#define BLK_TIMEOUT_NS	(30 * NSEC_PER_SEC)

struct guid {
	u8 byte[16];			/* as on the disk: the first three fields little-endian */
};

struct block_device {
	char name[BLK_NAME_LEN];	/* vda, sda, nvme0n1, ram0; partitions vda1, nvme0n1p1 */
	u64 capacity;			/* sectors */
	unsigned block_size;		/* logical block in bytes: 512 or 4096 */
	bool read_only;			/* the medium, or its partition table is damaged */
	bool writable;			/* ours: see above.  Set when it is found, never later */
	bool ram;			/* a RAM disk: what is written is lost */
	struct disk *disk;
	struct block_device *parent;	/* of a partition: the whole disk; else NULL */
	u64 start;			/* of a partition: its first sector on the disk */
	unsigned partition;		/* its number, from 1; 0: the whole disk */
	struct guid type, uuid;		/* of a partition, from the GPT; else zero */
	u64 rdev;			/* the number of its node /dev/NAME */

	unsigned readers, writers;	/* opened by blkdev_get(); of blk_dev.c */
	unsigned mounts;		/* of them file systems */
	struct list_head list;		/* of all devices, by order of birth */
};

/* ---- requests ------------------------------------------------------------------------ */

enum req_op {
	REQ_READ = PAGEWALK_DISK_READ,
	REQ_WRITE = PAGEWALK_DISK_WRITE,
	REQ_FLUSH = PAGEWALK_DISK_FLUSH,	/* no data: all that was written becomes durable */
};

/*
 * A piece of a page, low or high.  The pieces of a request follow each other without gaps:
 * all but the first begin at offset 0, all but the last end at the end of their page.
 * Offset and length are multiples of 512.
 */
struct blk_vec {
	struct page *page;
	u32 offset, len;
};

struct request {
	/* The submitter's; unchanged until end_io(). */
	struct block_device *bdev;
	enum req_op op;
	unsigned nvec;			/* 1 ... BLK_MAX_VECS; flush: 0 */
	const struct blk_vec *vec;
	u64 sector;			/* of bdev */
	/*
	 * Called exactly once for each request that was submitted, when the device and the
	 * block layer have let go of pages and request; error is set.  Interrupts off,
	 * possibly inside an interrupt, possibly before blk_submit() returns: must not sleep;
	 * may wake, free the request, submit another one that needs no bounce pages.
	 */
	void (*end_io)(struct request *req);
	void *private;
	int error;			/* 0, -EIO; -EPERM, -EROFS, -EINVAL: refused */

	/* The block layer's. */
	struct list_head list;		/* disk->waiting or disk->active */
	u64 disk_sector;		/* of the whole disk */
	unsigned count;			/* sectors */
	u64 deadline;			/* ktime_ns(), once the driver has it */
	u64 log;			/* number of its record in the log; 0: none */
	struct bounce *bounce;		/* NULL: no piece is bounced */
	const struct blk_vec *dma_vec;	/* for the driver: vec, or the same with bounce pages */
	unsigned tag;			/* the driver's while it has the request */
};

/*
 * Start a request.  The pages stay referenced until end_io().  May sleep only if a page
 * needs to be bounced (blkdev_may_bounce()); otherwise any context.  There is no result:
 * everything, a refusal too, comes by end_io().  Never needs memory, so it can be used to
 * make some free.
 */
void blk_submit(struct request *req);

/*
 * Read or write n pieces, which may be more than one request holds, and wait.  0 or the
 * error of the first request that failed: then some of it may have been done.  Not ended by
 * signals.  Sleeps.
 */
int blk_rw(struct block_device *bdev, bool write, u64 sector, const struct blk_vec *vec,
	   unsigned n);

/* All that was written and reported as done is durable after this: 0 or -errno.  Sleeps. */
int blk_flush(struct block_device *bdev);

/* Can a request to this device need bounce pages, that is, sleep? */
bool blkdev_may_bounce(const struct block_device *bdev);

/*
 * Copy n bytes (any number) from a byte offset of the device to kernel memory, by way of a
 * page of its own: superblocks, directories, tables.  0 or -errno.  Sleeps.
 */
int blk_read_bytes(struct block_device *bdev, u64 offset, void *buf, size_t n);

/* ---- devices ------------------------------------------------------------------------- */

/* By name, by the number of a node, or the first by type; NULL: there is none. */
struct block_device *blkdev_find(const char *name);
struct block_device *blkdev_find_rdev(u64 rdev);
/* The next after `after` (NULL: the first) with this type of GPT partition. */
struct block_device *blkdev_find_type(const struct guid *type, const struct block_device *after);

extern struct list_head blk_devices;
#define for_each_blkdev(b) list_for_each_entry(b, &blk_devices, list)

/*
 * Open for reading, or for reading and writing: then nobody else may have it open for
 * writing or mounted, nor its disk, nor a partition of it.  0; -EPERM: not ours, which one
 * line says with the reason; -EROFS; -EBUSY.  Devices never go away, so holding the pointer
 * needs no reference.
 */
int blkdev_get(struct block_device *bdev, bool write);
void blkdev_put(struct block_device *bdev, bool write);

/*
 * The same for a file system, which knows what is on the device: as long as it is mounted, if
 * only for reading, nobody else may write to the device or to what overlaps it.  -EBUSY also:
 * somebody does already.
 */
int blkdev_get_mount(struct block_device *bdev, bool write);
void blkdev_put_mount(struct block_device *bdev, bool write);

/* Our partition types: PAGEWALK_TYPE_DATA, PAGEWALK_TYPE_SWAP. */
extern const struct guid guid_data, guid_swap;
bool guid_equal(const struct guid *a, const struct guid *b);

/* "50414745-5741-4c4b-8000-446174610001": GUID_TEXT bytes with the end. */
#define GUID_TEXT	37
void guid_format(char *text, const struct guid *guid);

/* ---- swap --------------------------------------------------------------------------- */

/*
 * Swap to a partition that bears our type for swap, or to a RAM disk; it is open for writing
 * until blk_swap_off().  The swap device's number (mm/swap.h); the errors of blkdev_get() and
 * swap_device_add(); -EINVAL: another type.  Sleeps.
 */
int blk_swap_on(struct block_device *bdev, int priority);

/* 0, or as swap_device_remove(); -EINVAL: nobody swaps to it.  Sleeps. */
int blk_swap_off(struct block_device *bdev);

/* ---- drivers ------------------------------------------------------------------------- */

struct disk_ops {
	/*
	 * Hand a request to the device: its op, disk_sector, count, nvec and dma_vec.  At most
	 * disk->depth have been handed over and not ended.  Interrupts off, disk->lock not held.
	 * When the device is done, perhaps before this returns, the driver calls
	 * blk_end_request().
	 */
	void (*queue)(struct disk *disk, struct request *req);
	/* Look whether something is done, as the interrupt does.  Interrupts off. */
	void (*poll)(struct disk *disk);
	/*
	 * The device has not answered in time: bring it back to work.  When this returns, in any
	 * case, it has forgotten all requests and touches no memory of theirs, and
	 * blk_end_request() is not called for them any more.  0, or -EIO: it is dead.  May sleep,
	 * waits are bounded.
	 */
	int (*reset)(struct disk *disk);
	/* Stop the device for good: no DMA after this.  Interrupts off, does not sleep. */
	void (*stop)(struct disk *disk);
	/*
	 * No request is under way and none will come: have the device prepare for power off,
	 * before stop().  Sleeps, waits are bounded.  NULL: it need not.
	 */
	void (*finish)(struct disk *disk);
};

struct disk_counters {
	unsigned long reads, writes, flushes;	/* requests that the driver got */
	unsigned long read_sectors, write_sectors;
	unsigned long errors;			/* requests that ended with one */
	unsigned long timeouts;			/* ... because the time was over */
	unsigned long resets;
	unsigned long refused;			/* writes that stopped at the door */
	unsigned long bounced;			/* pieces of pages */
	unsigned long interrupts;		/* counted by the driver */
};

/* Sums over all disks, those gone included; kernel/counters.c has them as blk_*. */
extern struct disk_counters blk_counters;

struct disk {
	/* Set by the driver before disk_add(). */
	struct block_device bdev;	/* name, capacity, block_size, read_only, ram */
	const struct disk_ops *ops;
	void *driver;			/* the driver's own */
	u64 dma_mask;			/* the highest address that the device reaches */
	unsigned depth;			/* requests at once, at least 1 */
	bool volatile_cache;		/* needs flushes */
	bool polled;			/* no interrupts: ops->poll() is all there is */
	bool no_node;			/* a test's, disk_del() comes: not in /dev, no log for it */
	const char *model;		/* for the line that announces it; stays */
	const struct pci_dev *pci;	/* its controller, or NULL */

	/* Of the block layer. */
	spinlock_t lock;		/* the two lists, nactive */
	struct list_head waiting;	/* requests that the driver does not have yet */
	struct list_head active;	/* ... that it has, oldest first */
	unsigned nactive;
	unsigned long ended;		/* requests that the driver has ended */
	bool dispatching;		/* blk_dispatch() is at work */
	bool resetting;			/* blkd is; nothing is handed over */
	bool dead;			/* everything ends with -EIO */
	unsigned silent;		/* answers found by looking, without an interrupt */
	unsigned long interrupts_seen;	/* when it was looked at last */
	unsigned failures;		/* time-outs since a request ended well */
	struct ktimer timer;		/* queued while the driver has something */
	struct bounce_pool *bounce;	/* NULL: the device reaches all of RAM */
	unsigned index;			/* for numbers of nodes */
	struct disk_counters count;
	struct list_head list;
};

extern struct list_head disks;

/*
 * Announce a disk: reads its partition table, decides what is writable, says so in a line
 * each, makes the nodes.  0 or -ENOMEM, -EINVAL (a field makes no sense), with nothing left.
 * Sleeps.
 */
int disk_add(struct disk *disk);

/*
 * The opposite, for RAM disks that a test made: -EBUSY if it or a partition is open.  All
 * other disks and what they point to stay for ever.  No request is under way.
 */
int disk_del(struct disk *disk);

/*
 * A request that the driver got is over: error 0 or -EIO.  From interrupt or poll; for each
 * request exactly once, unless reset() came between.
 */
void blk_end_request(struct request *req, int error);

/*
 * The device stands still after an error and needs its reset: the requests that it still has
 * are handed over again afterwards.  From interrupt or poll.
 */
void blk_need_reset(struct disk *disk);

/* The first free name: PREFIXa, PREFIXb, ...; or PREFIX0 ... with digits. */
void disk_name(char *name, const char *prefix, bool digits);

/* ---- the log ------------------------------------------------------------------------- */

/* Requests handed to drivers since boot; the last PAGEWALK_DISK_LOG of them are kept. */
u64 blk_log_seq(void);
/* The one with number seq (1 is the first of all); false: not there any more or not yet. */
bool blk_log_read(u64 seq, struct pagewalk_disk_request *record);

/*
 * The end of the run is near, all is written: disks prepare for power off, and requests end with
 * -EIO from now on.  A disk that still has requests is left alone.  Sleeps.
 */
void blk_finish(void);

/* Before the first disk: limits, the thread that resets devices.  By process 1. */
void blk_init(void);

#endif
