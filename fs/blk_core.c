/* SPDX-License-Identifier: MIT */
/*
 * The life of a request:
 *
 *	blk_submit()	checked, its pages bounced if the device cannot reach them
 *	disk->waiting	until the device has room
 *	hand_over()	the door: is this a write to what is ours?  Then to the driver
 *	disk->active	until the driver calls blk_end_request(), or its time is over
 *	blk_complete()	pages back, end_io()
 *
 * A request stands in exactly one of the two lists from submission to its end, and who takes
 * it out of `active` ends it: that makes "exactly once" hold when an answer and the end of its
 * time meet.
 */
#include <asm/irqflags.h>
#include <kernel/time.h>
#include <mm/mm.h>
#include "blk.h"

struct disk_counters blk_counters;

#define COUNT(disk, field, n) do { \
	(disk)->count.field += (n); \
	blk_counters.field += (n); \
} while (0)

/* ---- the end ------------------------------------------------------------------------- */

void blk_complete(struct request *req, int error)
{
	if (req->bounce)
		bounce_unmap(req, error);
	blk_log_end(req, error);
	if (error)
		COUNT(req->bdev->disk, errors, 1);
	req->error = error;
	req->end_io(req);
}

void blk_end_request(struct request *req, int error)
{
	struct disk *disk = req->bdev->disk;
	unsigned long flags = spin_lock_irqsave(&disk->lock);

	list_del(&req->list);
	disk->nactive--;
	disk->ended++;
	if (!error)
		disk->failures = 0;
	spin_unlock_irqrestore(&disk->lock, flags);

	flags = local_irq_save();
	blk_complete(req, error);
	local_irq_restore(flags);
	blk_dispatch(disk);
}

/* ---- the door ------------------------------------------------------------------------ */

/*
 * May these sectors of the disk be written?  Decided by what was found on the disk, not by
 * who asks: they must lie in one device that is ours.
 */
static int may_write(const struct disk *disk, u64 sector, unsigned count)
{
	const struct block_device *b;

	if (disk->bdev.read_only)
		return -EROFS;
	for_each_blkdev(b)
		if (b->disk == disk && b->writable && sector >= b->start &&
		    sector - b->start + count <= b->capacity)
			return 0;
	return -EPERM;
}

static int check_door(struct disk *disk, const struct request *req)
{
	int err;

	if (disk->dead)
		return -EIO;
	if (req->op != REQ_WRITE)
		return 0;
	err = may_write(disk, req->disk_sector, req->count);
	if (err)
		COUNT(disk, refused, 1);
	return err;
}

/* ---- handing over -------------------------------------------------------------------- */

static void account(struct disk *disk, const struct request *req)
{
	switch (req->op) {
	case REQ_READ:
		COUNT(disk, reads, 1);
		COUNT(disk, read_sectors, req->count);
		break;
	case REQ_WRITE:
		COUNT(disk, writes, 1);
		COUNT(disk, write_sectors, req->count);
		break;
	case REQ_FLUSH:
		COUNT(disk, flushes, 1);
		break;
	}
}

/* The first that waits, moved to `active` if it may pass; NULL: none, or no room. */
static struct request *next_request(struct disk *disk, int *err)
{
	unsigned long flags = spin_lock_irqsave(&disk->lock);
	struct request *req = NULL;

	if (!list_empty(&disk->waiting) && disk->nactive < disk->depth && !disk->resetting) {
		req = list_first_entry(&disk->waiting, struct request, list);
		*err = check_door(disk, req);
		if (*err) {
			list_del(&req->list);
		} else {
			list_move_tail(&req->list, &disk->active);
			disk->nactive++;
		}
	}
	spin_unlock_irqrestore(&disk->lock, flags);
	return req;
}

static void hand_over(struct disk *disk, struct request *req)
{
	account(disk, req);
	blk_log_start(req);
	req->deadline = ktime_ns() + blk_timeout_ns;
	blk_watch(disk);
	disk->ops->queue(disk, req);
}

/*
 * A driver may end a request inside ops->queue(), and end_io() may submit another one: both
 * come here again and leave it to the loop that is at work.
 */
void blk_dispatch(struct disk *disk)
{
	unsigned long flags = local_irq_save();
	struct request *req;
	int err;

	if (!disk->dispatching) {
		disk->dispatching = true;
		while ((req = next_request(disk, &err)) != NULL) {
			if (err)
				blk_complete(req, err);
			else
				hand_over(disk, req);
		}
		disk->dispatching = false;
	}
	local_irq_restore(flags);
}

/* ---- the beginning ------------------------------------------------------------------- */

/* Sectors of all pieces; 0 if they are not as a request wants them. */
static unsigned count_sectors(const struct request *req)
{
	unsigned i, bytes = 0;

	if (!req->nvec || req->nvec > BLK_MAX_VECS)
		return 0;
	for (i = 0; i < req->nvec; i++) {
		const struct blk_vec *v = &req->vec[i];

		if (!v->len || (v->offset | v->len) % SECTOR_SIZE ||
		    v->offset + v->len > PAGE_SIZE)
			return 0;
		if ((i && v->offset) || (i < req->nvec - 1 && v->offset + v->len != PAGE_SIZE))
			return 0;
		bytes += v->len;
	}
	return bytes >> SECTOR_SHIFT;
}

static int check_request(struct request *req)
{
	const struct block_device *b = req->bdev;
	unsigned block = b->block_size >> SECTOR_SHIFT;

	req->count = 0;
	req->disk_sector = b->start;
	if (req->op == REQ_FLUSH)
		return req->nvec ? -EINVAL : 0;
	if (req->op != REQ_READ && req->op != REQ_WRITE)
		return -EINVAL;
	req->count = count_sectors(req);
	if (!req->count || req->count % block || req->sector % block)
		return -EINVAL;
	if (req->sector > b->capacity || req->count > b->capacity - req->sector)
		return -EINVAL;
	req->disk_sector += req->sector;
	return 0;
}

/* Ended without the device: refused, or nothing to do. */
static void end_at_once(struct request *req, int error)
{
	unsigned long flags = local_irq_save();

	blk_complete(req, error);
	local_irq_restore(flags);
}

void blk_submit(struct request *req)
{
	struct disk *disk = req->bdev->disk;
	unsigned long flags;
	int err;

	req->bounce = NULL;
	req->log = 0;
	req->dma_vec = req->vec;
	err = check_request(req);
	if (err || (req->op == REQ_FLUSH && !disk->volatile_cache)) {
		end_at_once(req, err);
		return;
	}
	if (disk->bounce && req->nvec)
		bounce_map(req);
	flags = spin_lock_irqsave(&disk->lock);
	list_add_tail(&req->list, &disk->waiting);
	spin_unlock_irqrestore(&disk->lock, flags);
	blk_dispatch(disk);
}
