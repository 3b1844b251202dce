/* SPDX-License-Identifier: MIT */
/*
 * RAM disks.  Requests are done while they are handed over; the pages may be high ones.
 * Faults are those of a bad disk (kernel/ramdisk.h), for tests.
 */
#include <asm/irqflags.h>
#include <kernel/crc32.h>
#include <kernel/params.h>
#include <kernel/printk.h>
#include <kernel/ramdisk.h>
#include <kernel/string.h>
#include <mm/mm.h>
#include <mm/swap.h>

#define DEPTH		32u
#define SWAP_SHARE	4		/* swap=ram: this part of all RAM */

struct ramdisk {
	struct disk disk;
	unsigned long pages;
	struct page **page;
	struct ramdisk_faults faults;
	struct request *stuck[DEPTH];	/* without an answer yet */
	unsigned nstuck;
};

static struct ramdisk *ramdisk_of(struct disk *disk)
{
	return container_of(disk, struct ramdisk, disk);
}

/* ---- data ---------------------------------------------------------------------------- */

static void copy(struct page *to, size_t to_offset, struct page *from, size_t from_offset,
		 size_t n)
{
	char *src = kmap_local_page(from), *dst = kmap_local_page(to);

	memcpy(dst + to_offset, src + from_offset, n);
	kunmap_local(dst);
	kunmap_local(src);
}

/* A piece of a request at byte `at`, which need not be aligned like the piece. */
static void transfer(struct ramdisk *ram, const struct blk_vec *v, u32 len, u64 at, bool write)
{
	u32 done = 0, n, offset;

	for (; done < len; done += n, at += n) {
		struct page *page = ram->page[at >> PAGE_SHIFT];

		offset = (u32)at & (PAGE_SIZE - 1);
		n = min_t(u32, len - done, PAGE_SIZE - offset);
		if (write)
			copy(page, offset, v->page, v->offset + done, n);
		else
			copy(v->page, v->offset + done, page, offset, n);
	}
}

/* The first `sectors` of a request. */
static void transfer_request(struct ramdisk *ram, const struct request *req, u64 sectors)
{
	u64 left = sectors << SECTOR_SHIFT, at = req->disk_sector << SECTOR_SHIFT;
	const struct blk_vec *v;
	u32 n;

	for (v = req->dma_vec; left; v++, left -= n, at += n) {
		n = min_t(u64, v->len, left);
		transfer(ram, v, n, at, req->op == REQ_WRITE);
	}
}

/* ---- requests ------------------------------------------------------------------------ */

static bool touches_fault(const struct ramdisk *ram, const struct request *req)
{
	const struct ramdisk_faults *f = &ram->faults;

	return f->times && req->disk_sector < f->end && req->disk_sector + req->count > f->first;
}

static void fail(struct ramdisk *ram, struct request *req)
{
	const struct ramdisk_faults *f = &ram->faults;

	ram->faults.times--;
	switch (f->kind) {
	case RAMDISK_SHORT:
		if (f->first > req->disk_sector)
			transfer_request(ram, req, f->first - req->disk_sector);
		blk_end_request(req, -EIO);
		break;
	case RAMDISK_FAIL:
		blk_end_request(req, -EIO);
		break;
	case RAMDISK_NEVER:
	case RAMDISK_SILENT:
		ram->stuck[ram->nstuck++] = req;
		break;
	}
}

static void ramdisk_queue(struct disk *disk, struct request *req)
{
	struct ramdisk *ram = ramdisk_of(disk);

	if (unlikely(touches_fault(ram, req))) {
		fail(ram, req);
		return;
	}
	transfer_request(ram, req, req->count);
	blk_end_request(req, 0);
}

static void ramdisk_poll(struct disk *disk)
{
	struct ramdisk *ram = ramdisk_of(disk);
	struct request *req;

	while (ram->faults.kind == RAMDISK_SILENT && ram->nstuck) {
		req = ram->stuck[--ram->nstuck];
		transfer_request(ram, req, req->count);
		blk_end_request(req, 0);
	}
}

static int ramdisk_reset(struct disk *disk)
{
	struct ramdisk *ram = ramdisk_of(disk);

	ram->nstuck = 0;
	return ram->faults.dead ? -EIO : 0;
}

static void ramdisk_stop(struct disk *disk)
{
}

static const struct disk_ops ramdisk_ops = {
	.queue = ramdisk_queue, .poll = ramdisk_poll, .reset = ramdisk_reset,
	.stop = ramdisk_stop,
};

void ramdisk_set_faults(struct disk *disk, const struct ramdisk_faults *faults)
{
	unsigned long flags = local_irq_save();

	ramdisk_of(disk)->faults = *faults;
	local_irq_restore(flags);
}

/* ---- making them --------------------------------------------------------------------- */

static void free_ramdisk(struct ramdisk *ram)
{
	while (ram->pages)
		__free_page(ram->page[--ram->pages]);
	vfree(ram->page);
	kfree(ram);
}

static struct ramdisk *alloc_ramdisk(unsigned long pages)
{
	struct ramdisk *ram = kzalloc(sizeof(*ram), GFP_KERNEL);

	if (!ram)
		return NULL;
	ram->page = vzalloc(pages * sizeof(ram->page[0]));
	for (; ram->page && ram->pages < pages; ram->pages++) {
		ram->page[ram->pages] = alloc_page(GFP_HIGHUSER | __GFP_ZERO | __GFP_NOWARN);
		if (!ram->page[ram->pages])
			break;
	}
	if (ram->pages == pages)
		return ram;
	free_ramdisk(ram);
	return NULL;
}

/* What disk/mksuper writes. */
static void write_swap_super(struct ramdisk *ram)
{
	struct pagewalk_super super = {
		.magic = PAGEWALK_MAGIC_SWAP, .sectors = ram->disk.bdev.capacity,
	};

	swap_make_header(ram->page[0], ram->pages);
	super.crc = crc32(&super, sizeof(super));
	memcpy_to_page(ram->page[0], PAGEWALK_SUPER_OFFSET, &super, sizeof(super));
}

struct disk *ramdisk_add(u64 bytes, u64 dma_mask, bool test)
{
	unsigned long pages = (unsigned long)(bytes >> PAGE_SHIFT);
	struct ramdisk *ram = pages ? alloc_ramdisk(pages) : NULL;
	struct disk *disk;

	if (!ram)
		return NULL;
	disk = &ram->disk;
	disk_name(disk->bdev.name, "ram", true);
	disk->bdev.capacity = (u64)pages * PAGE_SECTORS;
	disk->bdev.block_size = SECTOR_SIZE;
	disk->bdev.ram = true;
	disk->ops = &ramdisk_ops;
	disk->dma_mask = dma_mask;
	disk->depth = DEPTH;
	disk->no_node = test;
	disk->model = "a RAM disk (its contents are lost at the end)";
	write_swap_super(ram);
	if (disk_add(disk)) {
		free_ramdisk(ram);
		return NULL;
	}
	return disk;
}

int ramdisk_remove(struct disk *disk)
{
	int err = disk_del(disk);

	if (!err)
		free_ramdisk(ramdisk_of(disk));
	return err;
}

static bool wanted_size(u64 *bytes)
{
	const char *swap = param_get("swap");

	if (param_u64("ramdisk", bytes))
		return *bytes;
	*bytes = (u64)totalram_pages * PAGE_SIZE / SWAP_SHARE;
	return swap && !strcmp(swap, "ram");
}

void ramdisk_init(void)
{
	u64 bytes;

	if (wanted_size(&bytes) && !ramdisk_add(bytes, ~0ull, false))
		pr_warn("ramdisk=: no memory for a disk of %llu KiB: going on without\n",
			(unsigned long long)(bytes >> 10));
}
