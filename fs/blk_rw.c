/* SPDX-License-Identifier: MIT */
/* Requests that the caller sleeps for. */
#include <kernel/string.h>
#include <mm/mm.h>
#include "blk.h"

struct sync_request {
	struct request req;
	struct task_struct *task;
	volatile bool done;
};

static void sync_end_io(struct request *req)
{
	struct sync_request *s = container_of(req, struct sync_request, req);
	struct task_struct *task = s->task;

	s->done = true;			/* from here s may be gone */
	wake_up_process(task);
}

/* A device without interrupts is looked at by those who wait for it, whenever they may run. */
static void poll_once(struct disk *disk)
{
	unsigned long flags = local_irq_save();

	if (!disk->resetting)
		disk->ops->poll(disk);
	local_irq_restore(flags);
	cond_resched();
}

static int submit_and_wait(struct sync_request *s)
{
	struct disk *disk = s->req.bdev->disk;

	s->task = current;
	s->done = false;
	s->req.end_io = sync_end_io;
	blk_submit(&s->req);
	while (!s->done && disk->polled && !disk->resetting)
		poll_once(disk);
	for (;;) {
		set_current_state(TASK_UNINTERRUPTIBLE);
		if (s->done)
			break;
		schedule();
	}
	set_current_state(TASK_RUNNING);
	return s->req.error;
}

int blk_rw(struct block_device *bdev, bool write, u64 sector, const struct blk_vec *vec,
	   unsigned n)
{
	struct sync_request s = {
		.req = { .bdev = bdev, .op = write ? REQ_WRITE : REQ_READ },
	};
	int err = 0;

	while (n && !err) {
		s.req.vec = vec;
		s.req.nvec = min(n, BLK_MAX_VECS);
		s.req.sector = sector;
		err = submit_and_wait(&s);
		sector += s.req.count;
		vec += s.req.nvec;
		n -= s.req.nvec;
	}
	return err;
}

int blk_flush(struct block_device *bdev)
{
	struct sync_request s = { .req = { .bdev = bdev, .op = REQ_FLUSH } };

	return submit_and_wait(&s);
}

/* The blocks that hold [offset, offset + *n), *n cut to what one page can bring. */
static int read_piece(struct block_device *bdev, struct page *page, u64 offset, void *buf,
		      size_t *n)
{
	u64 block = bdev->block_size, first = offset & ~(block - 1);
	size_t skip = (size_t)(offset - first);
	struct blk_vec vec = { .page = page };
	int err;

	*n = min_t(size_t, *n, PAGE_SIZE - skip);
	vec.len = (u32)ALIGN(skip + *n, (size_t)block);
	err = blk_rw(bdev, false, first >> SECTOR_SHIFT, &vec, 1);
	if (!err)
		memcpy_from_page(buf, page, skip, *n);
	return err;
}

int blk_read_bytes(struct block_device *bdev, u64 offset, void *buf, size_t n)
{
	struct page *page = alloc_page(GFP_KERNEL);
	size_t done = 0, piece;
	int err = page ? 0 : -ENOMEM;

	for (; done < n && !err; done += piece) {
		piece = n - done;
		err = read_piece(bdev, page, offset + done, (char *)buf + done, &piece);
	}
	if (page)
		__free_page(page);
	return err;
}
