/* SPDX-License-Identifier: MIT */
/*
 * The log of requests that drivers got: a ring, readable as /proc/pagewalk/requests.  It gets
 * its memory with the first disk that is not a test's; before that nothing is logged.
 */
#include <asm/irqflags.h>
#include <kernel/string.h>
#include <kernel/time.h>
#include <mm/mm.h>
#include "blk.h"

#define NOT_OVER	1

static struct pagewalk_disk_request *ring;
static u64 last;			/* number of the newest record */

static struct pagewalk_disk_request *slot(u64 seq)
{
	return &ring[seq % PAGEWALK_DISK_LOG];
}

int blk_log_init(void)
{
	if (!ring)
		ring = vzalloc(PAGEWALK_DISK_LOG * sizeof(*ring));
	return ring ? 0 : -ENOMEM;
}

void blk_log_start(struct request *req)
{
	struct pagewalk_disk_request *r;

	if (unlikely(!ring))
		return;
	req->log = ++last;
	r = slot(req->log);
	*r = (struct pagewalk_disk_request){
		.seq = req->log, .ns = ktime_ns(), .sector = req->disk_sector,
		.count = req->count, .op = (u32)req->op, .error = NOT_OVER,
		.pid = (u32)current->pid, .start = req->bdev->start,
	};
	memcpy(r->device, req->bdev->name, sizeof(r->device));
}

void blk_log_end(const struct request *req, int error)
{
	if (req->log && slot(req->log)->seq == req->log)
		slot(req->log)->error = error;
}

u64 blk_log_seq(void)
{
	return last;
}

bool blk_log_read(u64 seq, struct pagewalk_disk_request *record)
{
	unsigned long flags;

	if (!ring || !seq || seq > last || last - seq >= PAGEWALK_DISK_LOG)
		return false;
	flags = local_irq_save();
	*record = *slot(seq);
	local_irq_restore(flags);
	return record->seq == seq;
}
