/* SPDX-License-Identifier: MIT */
/*
 * Block devices on the simulated machine: requests and their ends, the door, time limits,
 * bounce pages, partition tables.  Two tasks: the test, and blkd, on a stack of its own; when
 * the test sleeps, time passes.
 */
#include "tap.h"
#include "host.h"
#include <kernel/blkdev.h>
#include <kernel/crc32.h>
#include <kernel/params.h>
#include <kernel/printk.h>
#include <kernel/ramdisk.h>
#include <kernel/random.h>
#include <kernel/reboot.h>
#include <kernel/time.h>
#include <kernel/wait.h>
#include <mm/mmap.h>
#include <stdarg.h>
#include <stdlib.h>
#include <ucontext.h>

/* ---- the rest of the kernel ------------------------------------------------------------ */

extern struct task_struct *host_current;
extern void (*host_schedule)(void);

static u64 now = NSEC_PER_SEC;
static struct task_struct blkd_task = { .pid = 3, .state = TASK_RUNNING };
static ucontext_t main_context, blkd_context;
static char blkd_stack[256 << 10];
static int (*blkd_fn)(void *);

u64 ktime_ns(void)
{
	return now;
}

bool knob_u64(const char *name, u64 *value)
{
	return false;
}

static const char *swap_param;
static u64 ramdisk_param;

const char *param_get(const char *key)
{
	return strcmp(key, "swap") ? NULL : swap_param;
}

bool param_u64(const char *key, u64 *value)
{
	*value = ramdisk_param;
	return ramdisk_param;
}

int snprintf(char *buf, size_t size, const char *fmt, ...)
{
	va_list args;
	int n;

	va_start(args, fmt);
	n = vsnprintf(buf, size, fmt, args);
	va_end(args);
	return n;
}

static struct shutdown_hook *shutdown_hook;

void register_shutdown(struct shutdown_hook *hook)
{
	shutdown_hook = hook;
}

void blk_node_add(struct block_device *bdev);
void blk_node_add(struct block_device *bdev)
{
}

static void blkd_main(void)
{
	blkd_fn(NULL);
}

long kernel_thread(int (*fn)(void *), void *arg, const char *name)
{
	blkd_fn = fn;
	getcontext(&blkd_context);
	blkd_context.uc_stack.ss_sp = blkd_stack;
	blkd_context.uc_stack.ss_size = sizeof(blkd_stack);
	blkd_context.uc_link = &main_context;
	makecontext(&blkd_context, blkd_main, 0);
	return blkd_task.pid;
}

static struct task_struct *main_task;

/* blkd runs until it sleeps. */
static void run_blkd(void)
{
	if (blkd_task.state != TASK_RUNNING)
		return;
	host_current = &blkd_task;
	swapcontext(&main_context, &blkd_context);
	host_current = main_task;
}

static void tick(void)
{
	unsigned long flags = local_irq_save();

	now += 4 * NSEC_PER_MSEC;
	timer_tick();
	local_irq_restore(flags);
}

/* A third task, for a test that needs one. */
static struct task_struct other_task;
static ucontext_t other_context;
static char other_stack[256 << 10];

static void start_other(void (*fn)(void))
{
	getcontext(&other_context);
	other_context.uc_stack.ss_sp = other_stack;
	other_context.uc_stack.ss_size = sizeof(other_stack);
	other_context.uc_link = &main_context;
	makecontext(&other_context, fn, 0);
	other_task = (struct task_struct){ .pid = 4, .state = TASK_RUNNING };
}

/* Until it sleeps. */
static void run_other(void)
{
	if (!other_task.pid || other_task.state != TASK_RUNNING)
		return;
	host_current = &other_task;
	swapcontext(&main_context, &other_context);
	host_current = main_task;
}

static unsigned long sleeps;

static void sleep_a_tick(void)
{
	if (host_current == &other_task) {
		swapcontext(&other_context, &main_context);
		return;
	}
	if (host_current == &blkd_task) {
		swapcontext(&blkd_context, &main_context);
		return;
	}
	sleeps++;
	run_blkd();
	tick();
	run_blkd();
	run_other();
}

/* ---- helpers --------------------------------------------------------------------------- */

static struct page *pages[72];

static void fill(struct page *page, u8 seed)
{
	u8 bytes[PAGE_SIZE];
	unsigned i;

	for (i = 0; i < PAGE_SIZE; i++)
		bytes[i] = (u8)(seed + i * 7 + (i >> 8));
	memcpy_to_page(page, 0, bytes, PAGE_SIZE);
}

static bool filled(struct page *page, u8 seed, unsigned from, unsigned to)
{
	u8 bytes[PAGE_SIZE];
	unsigned i;

	memcpy_from_page(bytes, page, 0, PAGE_SIZE);
	for (i = from; i < to; i++)
		if (bytes[i] != (u8)(seed + i * 7 + (i >> 8)))
			return false;
	return true;
}

static struct blk_vec whole[72];

static int rw(struct disk *disk, bool write, u64 sector, unsigned n)
{
	return blk_rw(&disk->bdev, write, sector, whole, n);
}

/* ---- a disk that the test answers for -------------------------------------------------- */

static struct fake {
	struct disk disk;
	struct request *got[16];
	unsigned ngot, most;
	u64 order[64];			/* sectors in the order in which they came */
	unsigned norder, resets, finished;
	u64 reset_takes;
	bool answers;			/* at once */
	u8 data[64 * SECTOR_SIZE];
} fake;

static void fake_queue(struct disk *disk, struct request *req)
{
	is(irqs_disabled(), true, "handed over with interrupts off");
	fake.got[fake.ngot++] = req;
	fake.most = max(fake.most, fake.ngot);
	fake.order[fake.norder++] = req->disk_sector;
}

static void fake_answer(unsigned i, int error)
{
	struct request *req = fake.got[i];

	memmove(&fake.got[i], &fake.got[i + 1], (--fake.ngot - i) * sizeof(fake.got[0]));
	blk_end_request(req, error);
}

static void fake_poll(struct disk *disk)
{
	while (fake.answers && fake.ngot)
		fake_answer(0, 0);
}

static int fake_reset(struct disk *disk)
{
	fake.resets++;
	fake.ngot = 0;
	now += fake.reset_takes;
	return 0;
}

static void fake_stop(struct disk *disk)
{
	fake.ngot = 0;
}

static void fake_finish(struct disk *disk)
{
	is(irqs_disabled(), false, "finished where one may sleep");
	fake.finished++;
}

static const struct disk_ops fake_ops = {
	.queue = fake_queue, .poll = fake_poll, .reset = fake_reset, .stop = fake_stop,
	.finish = fake_finish,
};

struct async {
	struct request req;
	struct blk_vec vec;
	unsigned ends;
	int error;
};

static void async_end(struct request *req)
{
	struct async *a = container_of(req, struct async, req);

	a->ends++;
	a->error = req->error;
}

static void submit(struct async *a, struct block_device *bdev, enum req_op op, u64 sector)
{
	*a = (struct async){
		.vec = { .page = pages[0], .len = SECTOR_SIZE },
		.req = { .bdev = bdev, .op = op, .sector = sector, .nvec = op != REQ_FLUSH,
			 .vec = &a->vec, .end_io = async_end },
	};
	blk_submit(&a->req);
}

static void add_fake(unsigned depth)
{
	fake = (struct fake){ .disk = {
		.bdev = { .name = "fake0", .capacity = 64, .block_size = SECTOR_SIZE, .ram = true },
		.ops = &fake_ops, .dma_mask = ~0ull, .depth = depth, .model = "fake",
		.volatile_cache = true, .polled = true, .no_node = true,
	} };
	fake.answers = true;
	is(disk_add(&fake.disk), 0, "disk_add() with a depth of %u", depth);
	fake.answers = false;
	fake.disk.polled = false;
	fake.norder = fake.most = 0;
}

/* ---- tests ----------------------------------------------------------------------------- */

static void test_plain(void)
{
	struct disk *disk = ramdisk_add(1 << 20, ~0ull, true);
	unsigned long reads = blk_counters.reads, sectors = blk_counters.read_sectors;
	u64 seq = blk_log_seq();
	struct pagewalk_disk_request rec;
	char text[3000];
	unsigned i;

	ok(disk && !strcmp(disk->bdev.name, "ram0"), "a RAM disk is ram0");
	ok(blkdev_find("ram0") == &disk->bdev && !blkdev_find("ram1"), "found by its name");
	ok(disk->bdev.writable && disk->bdev.capacity == 2048, "writable, 2048 sectors");
	for (i = 0; i < 70; i++)
		fill(pages[i], (u8)i);
	is(rw(disk, true, 16, 70), 0, "70 pages are written");
	for (i = 0; i < 70; i++)
		fill(pages[i], 200);
	is(rw(disk, false, 16, 70), 0, "and read");
	for (i = 0; i < 70 && filled(pages[i], (u8)i, 0, PAGE_SIZE); i++)
		;
	is(i, 70, "pages with the right bytes");
	is(blk_counters.reads - reads, 3, "70 pages are three requests");
	is(blk_counters.read_sectors - sectors, 560, "of 560 sectors");
	is(blk_log_seq() - seq, 6, "six records in the log");
	ok(blk_log_read(seq + 1, &rec) && rec.sector == 16 && rec.count == 256 &&
	   rec.op == PAGEWALK_DISK_WRITE && rec.error == 0 && !strcmp(rec.device, "ram0"),
	   "the first: a write of 256 sectors from 16, ended well");
	ok(blk_log_read(seq + 6, &rec) && rec.sector == 528 && rec.count == 48 &&
	   rec.op == PAGEWALK_DISK_READ, "the last: a read of 48 sectors from 528");
	ok(!blk_log_read(seq + 7, &rec), "there is no seventh");

	is(blk_read_bytes(&disk->bdev, 16 * 512 + 4000, text, sizeof(text)), 0,
	   "3000 bytes from an odd place");
	memcpy_to_page(pages[71], 0, text + 96, 2904);
	memcpy_to_page(pages[70], 4000, text, 96);
	ok(filled(pages[70], 0, 4000, 4096) && filled(pages[71], 1, 0, 2904),
	   "which lie across two pages");
	is(blk_flush(&disk->bdev), 0, "flush of a disk without a cache");
	is(blk_log_seq() - seq, 7, "is no request: one read came since");
	is(sleeps, 0, "nobody slept");
	is(ramdisk_remove(disk), 0, "the disk goes");
	ok(!blkdev_find("ram0"), "and is not found any more");
}

static int try(struct disk *disk, enum req_op op, u64 sector, struct blk_vec *vec, unsigned n)
{
	struct async a = { .req = { .bdev = &disk->bdev, .op = op, .sector = sector, .nvec = n,
				    .vec = vec, .end_io = async_end } };

	blk_submit(&a.req);
	return a.ends == 1 ? a.error : 1000 + (int)a.ends;
}

static void test_bad_requests(void)
{
	struct disk *disk = ramdisk_add(64 << 10, ~0ull, true);
	u64 seq = blk_log_seq();
	struct blk_vec v[2] = { { pages[0], 0, 512 }, { pages[1], 0, 512 } };
	static struct blk_vec many[BLK_MAX_VECS + 1];

	is(try(disk, REQ_READ, 0, v, 0), -EINVAL, "no piece");
	is(try(disk, REQ_READ, 0, many, BLK_MAX_VECS + 1), -EINVAL, "too many pieces");
	is(try(disk, REQ_READ, 0, v, 2), -EINVAL, "a gap behind the first piece");
	v[0] = (struct blk_vec){ pages[0], 0, 4096 };
	v[1] = (struct blk_vec){ pages[1], 512, 512 };
	is(try(disk, REQ_READ, 0, v, 2), -EINVAL, "a gap before the second");
	v[0] = (struct blk_vec){ pages[0], 0, 100 };
	is(try(disk, REQ_READ, 0, v, 1), -EINVAL, "not whole sectors");
	v[0] = (struct blk_vec){ pages[0], 100, 512 };
	is(try(disk, REQ_READ, 0, v, 1), -EINVAL, "not at a multiple of 512");
	v[0] = (struct blk_vec){ pages[0], 3584, 1024 };
	is(try(disk, REQ_READ, 0, v, 1), -EINVAL, "beyond the page");
	v[0] = (struct blk_vec){ pages[0], 0, 1024 };
	is(try(disk, REQ_READ, 127, v, 1), -EINVAL, "beyond the end");
	is(try(disk, REQ_READ, ~0ull - 1, v, 1), -EINVAL, "far beyond the end");
	is(try(disk, (enum req_op)7, 0, v, 1), -EINVAL, "no such operation");
	is(try(disk, REQ_FLUSH, 0, v, 1), -EINVAL, "a flush with data");
	is(blk_log_seq(), seq, "the driver saw none of them");
	is(try(disk, REQ_READ, 126, v, 1), 0, "the last two sectors");
	ramdisk_remove(disk);
}

static void test_depth_and_order(void)
{
	struct async a[6];
	unsigned i;

	add_fake(2);
	for (i = 0; i < 6; i++)
		submit(&a[i], &fake.disk.bdev, REQ_READ, i * 3);
	is(fake.ngot, 2, "the device has two of six");
	fake_answer(1, 0);
	is(a[1].ends, 1, "the second ends first");
	is(a[0].ends, 0, "the first does not");
	is(fake.ngot, 2, "another one goes to the device");
	fake_answer(0, -EIO);
	is(a[0].error, -EIO, "an error of the device arrives");
	while (fake.ngot)
		fake_answer(0, 0);
	for (i = 0; i < 6 && fake.order[i] == i * 3; i++)
		;
	is(i, 6, "handed over in the order of submission");
	is(fake.most, 2, "never more than two");
	submit(&a[0], &fake.disk.bdev, REQ_FLUSH, 0);
	is(fake.ngot, 1, "a flush goes to a device with a cache");
	fake_answer(0, 0);
	is(a[0].ends, 1, "and ends");
	is(disk_del(&fake.disk), 0, "disk_del()");
}

static void test_timeout(void)
{
	struct async a[3];
	u64 start = now;
	unsigned i;

	add_fake(2);
	fake.reset_takes = 5 * NSEC_PER_SEC;	/* the second would be late afterwards */
	for (i = 0; i < 3; i++) {
		submit(&a[i], &fake.disk.bdev, REQ_READ, i);
		now += NSEC_PER_SEC;
	}
	while (now < start + 29 * NSEC_PER_SEC)
		sleep_a_tick();
	is(a[0].ends + a[1].ends + a[2].ends, 0, "after 29 s nothing has ended");
	while (!a[0].ends && now < start + 40 * NSEC_PER_SEC)
		sleep_a_tick();
	is(a[0].error, -EIO, "the first ends with EIO");
	ok(now - start >= 35 * NSEC_PER_SEC && now - start < 35600 * NSEC_PER_MSEC,
	   "after its 30 s and a reset of 5, at most a look later (%llu ms)",
	   (unsigned long long)((now - start) / NSEC_PER_MSEC));
	is(fake.resets, 1, "the device was reset");
	is(a[1].ends + a[2].ends, 0, "the others go on");
	is(fake.ngot, 2, "and are with the device again");
	is(fake.got[0]->disk_sector, 1, "in their order");
	fake_answer(0, 0);
	fake_answer(0, 0);
	is(a[1].ends, 1, "the second ended once");
	is(a[2].ends, 1, "the third too");
	is(a[0].ends, 1, "and the first");
	is(fake.disk.count.timeouts, 1, "one time-out is counted");
	is(disk_del(&fake.disk), 0, "disk_del()");
}

static void test_finish(void)
{
	struct async a;

	add_fake(2);
	submit(&a, &fake.disk.bdev, REQ_READ, 0);
	blk_finish();
	is(fake.finished, 0, "a disk with a request is not finished");
	fake_answer(0, 0);
	is(a.error, 0, "its request ends well");
	blk_finish();
	is(fake.finished, 1, "one without is");
	submit(&a, &fake.disk.bdev, REQ_READ, 0);
	is(a.error, -EIO, "then requests end with EIO");
	is(fake.ngot, 0, "and do not come to the driver");
	blk_finish();
	is(fake.finished, 1, "a disk is finished once");
	is(disk_del(&fake.disk), 0, "disk_del()");
}

static void test_giving_up(void)
{
	struct disk *disk = ramdisk_add(64 << 10, ~0ull, true);
	struct ramdisk_faults f = { .first = 0, .end = 128, .kind = RAMDISK_NEVER, .times = 100 };
	u64 start = now;

	ramdisk_set_faults(disk, &f);
	is(rw(disk, false, 0, 1), -EIO, "a read that is never answered");
	is(rw(disk, false, 0, 1), -EIO, "another");
	is(disk->dead, false, "the disk is still there");
	is(rw(disk, true, 0, 1), -EIO, "a third");
	is(disk->dead, true, "now it is given up");
	start = now;
	is(rw(disk, false, 0, 1), -EIO, "everything fails");
	is(now, start, "at once");
	ramdisk_remove(disk);

	disk = ramdisk_add(64 << 10, ~0ull, true);
	f.dead = true;
	f.times = 1;
	ramdisk_set_faults(disk, &f);
	is(rw(disk, false, 0, 1), -EIO, "never answered, and the reset fails");
	is(disk->dead, true, "given up after one");
	ramdisk_remove(disk);
}

static void test_faults(void)
{
	struct disk *disk = ramdisk_add(256 << 10, ~0ull, true);
	struct ramdisk_faults f = { .first = 12, .end = 13, .kind = RAMDISK_SHORT, .times = 1 };
	u64 start;
	unsigned i;

	for (i = 0; i < 4; i++)
		fill(pages[i], 1);
	rw(disk, true, 0, 4);
	ramdisk_set_faults(disk, &f);
	for (i = 0; i < 4; i++)
		fill(pages[i], 50);
	is(rw(disk, true, 0, 4), -EIO, "a short write is EIO");
	is(rw(disk, false, 0, 4), 0, "the next request is good");
	ok(filled(pages[0], 50, 0, 4096) && filled(pages[1], 50, 0, 2048) &&
	   filled(pages[1], 1, 2048, 4096) && filled(pages[2], 1, 0, 4096),
	   "twelve sectors were written, no more");
	f.kind = RAMDISK_FAIL;
	f.times = 2;
	ramdisk_set_faults(disk, &f);
	is(rw(disk, false, 0, 4), -EIO, "failing: a request over the bad sector");
	is(rw(disk, false, 16, 1), 0, "others not");
	is(rw(disk, false, 8, 1), -EIO, "the second time");
	is(rw(disk, false, 8, 1), 0, "then it is good again");
	is(disk->count.errors, 3, "three errors are counted");

	f = (struct ramdisk_faults){ .first = 0, .end = 8, .kind = RAMDISK_SILENT, .times = 1 };
	ramdisk_set_faults(disk, &f);
	start = now;
	is(rw(disk, false, 0, 1), 0, "an answer without interrupt is found by looking");
	ok(now - start < NSEC_PER_SEC, "within a second (%llu ms)",
	   (unsigned long long)((now - start) / NSEC_PER_MSEC));
	is(disk->polled, true, "and the disk is polled from now on");
	f.times = 1;
	ramdisk_set_faults(disk, &f);
	start = now;
	is(rw(disk, false, 0, 1), 0, "polled:");
	is(now, start, "at once");
	ramdisk_remove(disk);
}

/* ---- bounce pages ---------------------------------------------------------------------- */

static struct page *high_pages[BLK_MAX_VECS];

static void test_bounce(void)
{
	struct disk *disk = ramdisk_add(2 << 20, MIB(32) - 1, true);
	struct blk_vec v[BLK_MAX_VECS];
	struct async a[12];
	unsigned i;

	ok(disk && blkdev_may_bounce(&disk->bdev), "a disk that reaches 32 MiB may bounce");
	for (i = 0; i < BLK_MAX_VECS; i++) {
		v[i] = (struct blk_vec){ high_pages[i], 0, PAGE_SIZE };
		fill(high_pages[i], (u8)(i + 3));
	}
	is(blk_rw(&disk->bdev, true, 0, v, 32), 0, "32 high pages are written");
	is(disk->count.bounced, 32, "by 32 bounce pages");
	for (i = 0; i < BLK_MAX_VECS; i++)
		fill(high_pages[i], 99);
	v[1].page = pages[0];
	is(blk_rw(&disk->bdev, false, 0, v, 32), 0, "read, one page of them low");
	is(disk->count.bounced, 32 + 31, "31 bounce pages");
	ok(filled(pages[0], 4, 0, 4096), "the low page is right");
	for (i = 2; i < BLK_MAX_VECS && filled(high_pages[i], (u8)(i + 3), 0, 4096); i++)
		;
	is(i, BLK_MAX_VECS, "and the high ones");
	v[0].offset = 1024;
	v[0].len = 512;
	fill(high_pages[0], 0);
	is(blk_rw(&disk->bdev, false, 2, v, 1), 0, "one sector");
	ok(filled(high_pages[0], 0, 0, 1024) && filled(high_pages[0], 3, 1024, 1536) &&
	   filled(high_pages[0], 0, 1536, 4096), "changes nothing around it");
	is(ramdisk_remove(disk), 0, "the disk and its pool go");

	/* More at once than the pool has lists for: the last ones sleep until one is free. */
	add_fake(12);
	is(disk_del(&fake.disk), 0, "again with a mask");
	fake.disk.dma_mask = MIB(32) - 1;
	fake.answers = fake.disk.polled = true;
	is(disk_add(&fake.disk), 0, "disk_add()");
	fake.answers = false;
	sleeps = 0;
	for (i = 0; i < 9; i++) {
		if (i == 8)
			fake.answers = true;	/* when the look comes */
		a[i] = (struct async){
			.vec = { high_pages[i], 0, PAGE_SIZE },
			.req = { .bdev = &fake.disk.bdev, .op = REQ_WRITE, .nvec = 1, .sector = 8,
				 .vec = &a[i].vec, .end_io = async_end },
		};
		blk_submit(&a[i].req);
	}
	ok(sleeps > 0, "the ninth slept");
	while (fake.ngot)
		fake_answer(0, 0);
	for (i = 0; i < 9 && a[i].ends == 1 && !a[i].error; i++)
		;
	is(i, 9, "all ended well, once");
	is(disk_del(&fake.disk), 0, "disk_del()");
}

/* Somebody waits for all bounce pages: who comes later and needs one stands behind him. */
static struct async many;
static struct blk_vec many_vec[BLK_MAX_VECS];

static void bounce_many(void)
{
	blk_submit(&many.req);
	other_task.pid = 0;
}

static void bounce_one(struct async *a, u64 sector)
{
	*a = (struct async){
		.vec = { high_pages[0], 0, SECTOR_SIZE },
		.req = { .bdev = &fake.disk.bdev, .op = REQ_WRITE, .nvec = 1, .sector = sector,
			 .vec = &a->vec, .end_io = async_end },
	};
	blk_submit(&a->req);
}

static void test_bounce_turn(void)
{
	struct async first, last;
	unsigned i;

	add_fake(12);
	is(disk_del(&fake.disk), 0, "again with a mask");
	fake.disk.dma_mask = MIB(32) - 1;
	fake.disk.bdev.capacity = 512;
	fake.answers = fake.disk.polled = true;
	is(disk_add(&fake.disk), 0, "disk_add()");
	fake.answers = false;
	fake.norder = 0;
	for (i = 0; i < BLK_MAX_VECS; i++)
		many_vec[i] = (struct blk_vec){ high_pages[i], 0, PAGE_SIZE };
	many = (struct async){
		.req = { .bdev = &fake.disk.bdev, .op = REQ_WRITE, .nvec = BLK_MAX_VECS,
			 .sector = 8, .vec = many_vec, .end_io = async_end },
	};
	bounce_one(&first, 1);
	is(fake.norder, 1, "one bounce page is taken");
	start_other(bounce_many);
	run_other();
	is(fake.norder, 1, "somebody waits for all of them");
	fake.answers = true;		/* when the look comes */
	bounce_one(&last, 2);
	while (other_task.pid || !last.ends)
		sleep_a_tick();
	is(fake.norder, 3, "all three are handed over");
	is(fake.order[0] * 100 + fake.order[1] * 10 + fake.order[2], 182, "in the order of arrival");
	is(first.ends * 100 + many.ends * 10 + last.ends, 111, "each ends once");
	is(first.error | many.error | last.error, 0, "well");
	is(disk_del(&fake.disk), 0, "disk_del()");
}

/* ---- partitions ------------------------------------------------------------------------ */

#define GPT_SECTORS	2048u		/* of the disk */

static void put(u8 *p, u64 v, unsigned n)
{
	while (n--) {
		*p++ = (u8)v;
		v >>= 8;
	}
}

static u8 image[GPT_SECTORS * SECTOR_SIZE];

static void put_entry(unsigned i, const struct guid *type, u8 uuid, u64 first, u64 last)
{
	u8 *e = image + 2 * SECTOR_SIZE + 128 * i;

	memcpy(e, type, 16);
	memset(e + 16, uuid, 16);
	put(e + 32, first, 8);
	put(e + 40, last, 8);
}

static void put_header(u64 lba, u64 other, u64 entries)
{
	u8 *h = image + lba * SECTOR_SIZE;

	memset(h, 0, SECTOR_SIZE);
	memcpy(h, "EFI PART", 8);
	put(h + 8, 0x10000, 4);
	put(h + 12, 92, 4);
	put(h + 24, lba, 8);
	put(h + 32, other, 8);
	put(h + 40, 34, 8);
	put(h + 48, GPT_SECTORS - 34, 8);
	put(h + 72, entries, 8);
	put(h + 80, 128, 4);
	put(h + 84, 128, 4);
	put(h + 88, crc32(image + 2 * SECTOR_SIZE, 128 * 128), 4);
	put(h + 16, crc32(h, 92), 4);
}

static void put_super(u64 first, const char *magic, u8 uuid, u64 sectors)
{
	struct pagewalk_super s = { .sectors = sectors };

	memcpy(s.magic, magic, 16);
	memset(s.uuid, uuid, 16);
	s.crc = crc32(&s, sizeof(s));
	memcpy(image + first * SECTOR_SIZE + PAGEWALK_SUPER_OFFSET, &s, sizeof(s));
}

/* Five partitions: data, swap, foreign, our type without signature, wrong size in it. */
static void make_image(void)
{
	static const struct guid foreign = { { 1, 2, 3 } };

	memset(image, 0, sizeof(image));
	image[450] = 0xee;
	put(image + 510, 0xaa55, 2);
	put_entry(0, &guid_data, 1, 64, 163);
	put_entry(2, &guid_swap, 2, 200, 299);
	put_entry(3, &foreign, 3, 300, 399);
	put_entry(4, &guid_data, 4, 400, 499);
	put_entry(5, &guid_swap, 5, 500, 599);
	put_super(64, PAGEWALK_MAGIC_DATA, 1, 100);
	put_super(200, PAGEWALK_MAGIC_SWAP, 2, 100);
	put_super(300, PAGEWALK_MAGIC_DATA, 3, 100);
	put_super(500, PAGEWALK_MAGIC_SWAP, 5, 99);
	memcpy(image + (GPT_SECTORS - 33) * SECTOR_SIZE, image + 2 * SECTOR_SIZE, 128 * 128);
	put_header(1, GPT_SECTORS - 1, 2);
	put_header(GPT_SECTORS - 1, 1, GPT_SECTORS - 33);
}

static struct disk gpt_disk;

static void gpt_queue(struct disk *disk, struct request *req)
{
	u8 *at = image + req->disk_sector * SECTOR_SIZE;
	unsigned i;

	for (i = 0; i < req->nvec; i++) {
		const struct blk_vec *v = &req->dma_vec[i];

		if (req->op == REQ_WRITE)
			memcpy_from_page(at, v->page, v->offset, v->len);
		else
			memcpy_to_page(v->page, v->offset, at, v->len);
		at += v->len;
	}
	blk_end_request(req, 0);
}

static void gpt_nothing(struct disk *disk)
{
}

static const struct disk_ops gpt_ops = {
	.queue = gpt_queue, .poll = gpt_nothing, .reset = fake_reset, .stop = gpt_nothing,
};

/* The names of its partitions, those that may be written with a star. */
static const char *partitions(void)
{
	static char text[200];
	struct block_device *b;

	gpt_disk = (struct disk){
		.bdev = { .name = "sda", .capacity = GPT_SECTORS, .block_size = SECTOR_SIZE },
		.ops = &gpt_ops, .dma_mask = ~0ull, .depth = 1, .model = "test",
	};
	if (disk_add(&gpt_disk))
		return "error";
	text[0] = '\0';
	for_each_blkdev(b)
		if (b->parent) {
			strcat(text, b->name);
			strcat(text, b->writable ? "* " : b->read_only ? "r " : " ");
		}
	return text;
}

static void remove_gpt(void)
{
	is(disk_del(&gpt_disk), 0, "the disk goes");
}

static void test_partitions(void)
{
	struct block_device *data, *forged;
	char text[GUID_TEXT];
	struct async a;
	u8 before;

	guid_format(text, &guid_data);
	is_str(text, PAGEWALK_TYPE_DATA, "the data type as text");
	guid_format(text, &guid_swap);
	is_str(text, PAGEWALK_TYPE_SWAP, "the swap type as text");

	make_image();
	is_str(partitions(), "sda1* sda3* sda4 sda5 sda6 ", "five partitions, two are ours");
	data = blkdev_find("sda1");
	is(data->start, 64, "the first one's start");
	is(data->capacity, 100, "and size");
	ok(blkdev_find_type(&guid_data, NULL) == data &&
	   blkdev_find_type(&guid_data, data) == blkdev_find("sda5") &&
	   !blkdev_find_type(&guid_data, blkdev_find("sda5")), "found by type, in turn");
	ok(blkdev_find_rdev(data->rdev) == data, "found by number");

	is(blkdev_get(blkdev_find("sda4"), true), -EPERM, "a foreign one does not open for writing");
	is(blkdev_get(blkdev_find("sda5"), true), -EPERM, "nor one without signature");
	is(blkdev_get(&gpt_disk.bdev, true), -EPERM, "nor the whole disk");
	is(blkdev_get(blkdev_find("sda4"), false), 0, "for reading it does");
	blkdev_put(blkdev_find("sda4"), false);
	is(blkdev_get(data, true), 0, "ours opens for writing");
	is(blkdev_get(data, true), -EBUSY, "once");
	is(blkdev_get(blkdev_find("sda3"), true), 0, "its neighbour too");
	is(disk_del(&gpt_disk), -EBUSY, "a disk with open partitions stays");
	is(blkdev_get_mount(data, false), -EBUSY, "what somebody writes to cannot be mounted");
	blkdev_put(data, true);
	is(blkdev_get_mount(data, false), 0, "then it can, for reading");
	is(blkdev_get(data, true), -EBUSY, "and does not open for writing");
	is(blkdev_get(data, false), 0, "but for reading");
	blkdev_put(data, false);
	blkdev_put_mount(data, false);
	is(blkdev_get_mount(data, true), 0, "mounted for writing");
	is(blkdev_get(data, true), -EBUSY, "it does not open either");
	blkdev_put_mount(data, true);
	is(blkdev_get(data, true), 0, "unmounted it does");
	blkdev_put(data, true);
	is(data->readers + data->writers + data->mounts, 0, "nobody has it");
	blkdev_put(blkdev_find("sda3"), true);

	fill(pages[0], 9);
	before = image[300 * 512];
	submit(&a, data, REQ_WRITE, 99);
	is(a.error, 0, "the last sector of ours is written");
	is(image[163 * 512 + 5], (u8)(9 + 35), "at its place");
	submit(&a, blkdev_find("sda4"), REQ_WRITE, 0);
	is(a.error, -EPERM, "a write to a foreign partition stops at the door");
	submit(&a, &gpt_disk.bdev, REQ_WRITE, 299);
	is(a.error, 0, "by the disk, but within ours: it is ours");
	submit(&a, &gpt_disk.bdev, REQ_WRITE, 300);
	is(a.error, -EPERM, "one sector further it is not");
	submit(&a, &gpt_disk.bdev, REQ_WRITE, 1);
	is(a.error, -EPERM, "nor the partition table");
	forged = malloc(sizeof(*forged));
	*forged = *blkdev_find("sda4");
	forged->writable = true;
	submit(&a, forged, REQ_WRITE, 0);
	is(a.error, -EPERM, "a device that only claims to be writable");
	free(forged);
	is(gpt_disk.count.refused, 4, "four were refused");
	is(image[300 * 512], before, "nothing was written there");
	remove_gpt();
}

static void test_damage(void)
{
	struct async a;
	u64 seed = 5, i, at, n = 0;

	make_image();
	image[512 + 60]++;
	is_str(partitions(), "sda1r sda3r sda4r sda5r sda6r ",
	       "header damaged: the copy is used, nothing may be written");
	is(blkdev_get(blkdev_find("sda1"), true), -EROFS, "it is read-only");
	submit(&a, blkdev_find("sda1"), REQ_WRITE, 0);
	is(a.error, -EPERM, "at the door too");
	remove_gpt();

	make_image();
	image[2 * 512 + 300]++;
	is_str(partitions(), "sda1r sda3r sda4r sda5r sda6r ", "entries damaged: the same");
	remove_gpt();

	image[(GPT_SECTORS - 1) * 512 + 72]++;
	is_str(partitions(), "", "both damaged: no partitions");
	remove_gpt();

	make_image();
	image[450] = 0x0c;
	is_str(partitions(), "", "a disk with an ordinary MBR has no GPT, whatever is behind it");
	remove_gpt();

	make_image();
	put_entry(3, &guid_swap, 3, 250, 399);
	put_header(1, GPT_SECTORS - 1, 2);
	is_str(partitions(), "sda1r sda3r sda4r sda5r sda6r ", "partitions that overlap: the copy");
	remove_gpt();

	make_image();
	put_entry(0, &guid_data, 1, 64, GPT_SECTORS - 1);
	put_header(1, GPT_SECTORS - 1, 2);
	is_str(partitions(), "sda3* sda4 sda5 sda6 ", "one beyond the usable sectors is left out");
	remove_gpt();

	make_image();
	image[64 * 512 + PAGEWALK_SUPER_OFFSET + 20]++;
	image[200 * 512 + PAGEWALK_SUPER_OFFSET + 24]++;
	is_str(partitions(), "sda1 sda3 sda4 sda5 sda6 ", "signatures damaged: nothing is ours");
	remove_gpt();

	/* One byte anywhere in the first table and ours stays read-only. */
	for (i = 0; i < 200; i++) {
		struct block_device *b;

		make_image();
		seed = seed * 6364136223846793005ull + 1442695040888963407ull;
		at = (seed >> 33) % (92 + 6 * 128);
		image[at < 92 ? 512 + at : 1024 + at - 92] ^= (u8)(1 + (seed >> 20) % 255);
		partitions();
		for_each_blkdev(b)
			n += b->writable;
		disk_del(&gpt_disk);
	}
	is(n, 0, "writable partitions of 200 tables with one wrong byte");
}

static void test_key(void)
{
	struct block_device *b;
	struct pagewalk_super super;

	ramdisk_init();
	ok(!blkdev_find("ram0"), "no ramdisk=, no RAM disk");
	ramdisk_param = 512 << 10;
	ramdisk_init();
	b = blkdev_find("ram0");
	is(b ? b->capacity : 0, 1024, "ramdisk=512K");
	is(blk_read_bytes(b, PAGEWALK_SUPER_OFFSET, &super, sizeof(super)), 0, "its superblock");
	ok(!memcmp(super.magic, PAGEWALK_MAGIC_SWAP, 16) && super.sectors == 1024,
	   "is that of a swap partition");
	ramdisk_remove(b->disk);
	ramdisk_param = 0;
	swap_param = "ram";
	ramdisk_init();
	b = blkdev_find("ram0");
	is(b ? b->capacity : 0, totalram_pages / 4 * 8, "swap=ram: a quarter of RAM");
	ramdisk_remove(b->disk);
}

/* The last test: nothing goes to a driver after this. */
static void test_shutdown(void)
{
	struct disk *disk = ramdisk_add(4096, ~0ull, true);
	u64 seq = blk_log_seq();

	shutdown_hook->fn();
	is(rw(disk, false, 0, 1), -EIO, "after the shutdown everything fails");
	is(blk_log_seq(), seq, "and the driver gets nothing");
	ramdisk_remove(disk);
}

static void make_pages(void)
{
	unsigned i;

	for (i = 0; i < ARRAY_SIZE(pages); i++) {
		pages[i] = alloc_page(GFP_DMA);
		whole[i] = (struct blk_vec){ pages[i], 0, PAGE_SIZE };
	}
	for (i = 0; i < ARRAY_SIZE(high_pages); i++) {
		high_pages[i] = alloc_page(GFP_HIGHUSER);
		BUG_ON(!PageHighMem(high_pages[i]));
	}
}

static unsigned long kernel_tables(void)
{
	return init_mm.nr_ptes + init_mm.nr_pmds + init_mm.nr_puds;
}

int main(void)
{
	unsigned long free_pages;
	struct disk *disk;

	host_boot(&host_small);
	main_task = host_current;
	host_schedule = sleep_a_tick;
	local_irq_enable();
	make_pages();
	blk_init();
	disk = ramdisk_add(4096, ~0ull, false);	/* the log's memory stays */
	ramdisk_remove(disk);
	vm_unmap_aliases();
	kmem_cache_shrink_all();
	free_pages = nr_free_pages() + kernel_tables();

	test_plain();
	test_bad_requests();
	test_depth_and_order();
	test_timeout();
	test_finish();
	test_giving_up();
	test_faults();
	test_bounce();
	test_bounce_turn();
	test_partitions();
	test_damage();
	test_key();
	test_shutdown();

	vm_unmap_aliases();
	kmem_cache_shrink_all();
	is(nr_free_pages() + kernel_tables(), free_pages, "free pages as before");
	return done();
}
