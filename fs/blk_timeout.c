/* SPDX-License-Identifier: MIT */
/*
 * Devices that do not answer.
 *
 * While a driver has requests a timer of the disk looks at them: twice a second, or at every
 * tick if the disk has no interrupts.  Each time the device is asked as well, since an
 * interrupt can be lost; if it turns out three times in a row to have had an answer without one
 * (or once, and there never was one), the disk is polled from then on.
 *
 * A request whose time is over makes blkd reset the device: nothing is handed over meanwhile.
 * Afterwards that request ends with -EIO, the others that the driver had wait again, and a
 * device that needed several resets without answering anything in between is given up.
 */
#include <asm/irqflags.h>
#include <kernel/params.h>
#include <kernel/printk.h>
#include <kernel/time.h>
#include <kernel/wait.h>
#include "blk.h"

#define LOOK_NS		(NSEC_PER_SEC / 2)
#define MAX_FAILURES	3
#define MAX_SILENT	3

u64 blk_timeout_ns = BLK_TIMEOUT_NS;

static DECLARE_WAIT_QUEUE_HEAD(blkd_wait);

/* ---- looking, in the tick ------------------------------------------------------------ */

static void look(struct ktimer *timer);

static u64 look_period(const struct disk *disk)
{
	return disk->polled ? 1 : min_t(u64, LOOK_NS, blk_timeout_ns);
}

void blk_watch(struct disk *disk)
{
	if (disk->timer.queued)
		return;
	disk->timer.fn = look;
	ktimer_start(&disk->timer, ktime_ns() + look_period(disk));
}

/* Answers that nobody was told of: now and then one is lost, all of them are too many. */
static void look_for_answers(struct disk *disk)
{
	unsigned long before = disk->ended;

	disk->ops->poll(disk);
	if (disk->count.interrupts != disk->interrupts_seen)
		disk->silent = 0;
	disk->interrupts_seen = disk->count.interrupts;
	if (disk->polled || disk->ended == before)
		return;
	if (++disk->silent < MAX_SILENT && disk->count.interrupts)
		return;
	disk->polled = true;
	pr_warn("%s: its interrupts do not arrive: polling instead\n", disk->bdev.name);
}

static bool time_is_over(struct disk *disk, u64 now)
{
	unsigned long flags = spin_lock_irqsave(&disk->lock);
	bool over = !list_empty(&disk->active) &&
		list_first_entry(&disk->active, struct request, list)->deadline <= now;

	spin_unlock_irqrestore(&disk->lock, flags);
	return over;
}

void blk_need_reset(struct disk *disk)
{
	disk->resetting = true;
	wake_up(&blkd_wait);
}

static void look(struct ktimer *timer)
{
	struct disk *disk = container_of(timer, struct disk, timer);

	if (list_empty(&disk->active) || disk->resetting)
		return;			/* after a reset hand_over() starts it again */
	look_for_answers(disk);
	if (time_is_over(disk, ktime_ns()))
		blk_need_reset(disk);
	else if (!list_empty(&disk->active))
		blk_watch(disk);
}

/* ---- resetting, in a thread ---------------------------------------------------------- */

/*
 * After a reset nobody but us knows the requests that the driver had.  Those that were in time
 * when it began (a reset may itself take seconds) go back to the head of the queue in their
 * order, the others into `over`.
 */
static void take_back(struct disk *disk, u64 began, struct list_head *over)
{
	unsigned long flags = spin_lock_irqsave(&disk->lock);

	while (!list_empty(&disk->active)) {
		struct request *req = list_last_entry(&disk->active, struct request, list);

		list_move(&req->list, req->deadline <= began ? over : &disk->waiting);
		disk->nactive--;
	}
	spin_unlock_irqrestore(&disk->lock, flags);
}

static void end_list(struct disk *disk, struct list_head *over)
{
	unsigned long flags = local_irq_save();

	while (!list_empty(over)) {
		struct request *req = list_first_entry(over, struct request, list);

		list_del(&req->list);
		disk->count.timeouts++;
		blk_counters.timeouts++;
		blk_complete(req, -EIO);
	}
	local_irq_restore(flags);
}

static void give_up(struct disk *disk)
{
	unsigned long flags = local_irq_save();

	disk->ops->stop(disk);
	disk->dead = true;
	local_irq_restore(flags);
}

static void reset_disk(struct disk *disk)
{
	u64 began = ktime_ns();
	bool over_time = time_is_over(disk, began);
	LIST_HEAD(over);
	int err;

	if (over_time)
		pr_warn("%s: a request is without an answer after %llu ms: reset\n",
			disk->bdev.name, (unsigned long long)(blk_timeout_ns / NSEC_PER_MSEC));
	disk->count.resets++;
	blk_counters.resets++;
	disk->failures += over_time;
	err = disk->ops->reset(disk);
	if (err || disk->failures >= MAX_FAILURES) {
		pr_err("%s: does not come back: given up, everything fails from now on\n",
		       disk->bdev.name);
		give_up(disk);
	}
	take_back(disk, began, &over);
	disk->resetting = false;
	end_list(disk, &over);
	blk_dispatch(disk);
}

static struct disk *find_resetting(void)
{
	struct disk *disk;

	list_for_each_entry(disk, &disks, list)
		if (disk->resetting)
			return disk;
	return NULL;
}

static int blkd(void *unused)
{
	struct disk *disk;

	for (;;) {
		wait_event(blkd_wait, find_resetting());
		while ((disk = find_resetting()) != NULL)
			reset_disk(disk);
	}
	return 0;
}

void blk_timeout_init(void)
{
	u64 ms;

	if (knob_u64("blk-timeout", &ms) && ms)
		blk_timeout_ns = ms * NSEC_PER_MSEC;
	if (kernel_thread(blkd, NULL, "blkd") < 0)
		panic("blkd cannot be started: the machine needs more RAM");
}
