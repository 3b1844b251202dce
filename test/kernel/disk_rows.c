/* SPDX-License-Identifier: MIT */
/*
 * Rows about block devices: bounce pages (H11), that nothing foreign is written (O11), and
 * two that are not in the catalogue: many requests at once to every disk (DISKS), and disks that do
 * not answer (STUCK).
 */
#include <kernel/blkdev.h>
#include <kernel/pci.h>
#include <kernel/ramdisk.h>
#include <kernel/sched.h>
#include <kernel/string.h>
#include <kernel/wait.h>
#include <mm/mm.h>
#include <test/row.h>

#include "walk.h"

/* ---- H11: a device that does not reach a page ------------------------------------------ */

#define PAGES		24u
#define REACH		(32ull << 20)

static u32 word_of(unsigned page, unsigned at)
{
	return (page + 1) * 2654435761u + at * 40503u;
}

/* Written through the walker's slot, by physical address. */
static void fill(struct page *page, unsigned n)
{
	unsigned i;

	for (i = 0; i < PAGE_SIZE; i += 4)
		phys_write(page_to_phys(page) + i, word_of(n, i), 4);
}

static unsigned wrong_words(struct page *page, unsigned n)
{
	unsigned i, wrong = 0;

	for (i = 0; i < PAGE_SIZE; i += 4)
		wrong += (u32)phys_read(page_to_phys(page) + i, 4) != word_of(n, i);
	return wrong;
}

/* Pages beyond the reach of the device, high ones where there are any. */
static unsigned take_pages(struct page **page, struct page **low)
{
	unsigned n;

	for (n = 0; n < PAGES; n++) {
		page[n] = alloc_page(GFP_HIGHUSER);
		if (!page[n] || page_to_phys(page[n]) < REACH)
			break;
	}
	*low = alloc_page(GFP_DMA);
	return n;
}

static int transfer(struct disk *disk, bool write, struct page **page, unsigned n)
{
	struct blk_vec vec[PAGES + 1];
	unsigned i;

	for (i = 0; i < n; i++)
		vec[i] = (struct blk_vec){ .page = page[i], .len = PAGE_SIZE };
	return blk_rw(&disk->bdev, write, 0, vec, n);
}

static void check_bounced(struct row *r, struct disk *disk, struct page **page)
{
	unsigned long bounced = disk->count.bounced;
	unsigned i, wrong = 0;

	for (i = 0; i < PAGES + 1; i++)
		fill(page[i], i);
	row_eq(r, transfer(disk, true, page, PAGES + 1), 0, "error of the write");
	row_eq(r, disk->count.bounced - bounced, PAGES, "pages bounced by a write of %u, one of them low",
	       PAGES + 1);
	for (i = 0; i < PAGES + 1; i++)
		fill(page[i], 100);
	row_eq(r, transfer(disk, false, page, PAGES + 1), 0, "error of the read");
	row_eq(r, disk->count.bounced - bounced, 2 * PAGES, "pages bounced by write and read");
	for (i = 0; i < PAGES + 1; i++)
		wrong += wrong_words(page[i], i);
	row_eq(r, wrong, 0, "wrong words in what was read");
}

static void h11_bounce(struct row *r)
{
	struct page *page[PAGES + 1];
	struct disk *disk = ramdisk_add((PAGES + 1) * PAGE_SIZE, REACH - 1, true);
	struct disk *free = ramdisk_add((PAGES + 1) * PAGE_SIZE, ~0ull, true);
	unsigned n = take_pages(page, &page[PAGES]), i, high = 0;

	for (i = 0; i < n; i++)
		high += PageHighMem(page[i]);
	row_ok(r, disk && free && n == PAGES && page[PAGES], "no memory for the test");
	if (disk && free && n == PAGES && page[PAGES]) {
		check_bounced(r, disk, page);
		row_eq(r, transfer(free, true, page, PAGES + 1), 0, "error without a mask");
		row_eq(r, free->count.bounced, 0, "pages bounced by a device that reaches all");
	}
	row_info(r, "%u pages beyond %llu MiB, %u of them high: each bounced once, data right", n,
		 REACH >> 20, high);
	while (n)
		__free_page(page[--n]);
	if (page[PAGES])
		__free_page(page[PAGES]);
	if (disk)
		ramdisk_remove(disk);
	if (free)
		ramdisk_remove(free);
}
/* Of a boot with high memory; a small machine may have no page that the device reaches. */
ROW_FLAGS(H11, "bounce pages where a device cannot reach a page", h11_bounce, ROW_EXPLICIT);

/* ---- O11: the door ---------------------------------------------------------------------- */

struct attempt {
	struct request req;
	struct blk_vec vec;
	unsigned ends;
};

static void attempt_end(struct request *req)
{
	container_of(req, struct attempt, req)->ends++;
}

/* A write that nobody has opened the device for. */
static int try_write(struct row *r, struct block_device *b, u64 sector, struct page *page)
{
	struct attempt a = {
		.req = { .bdev = b, .op = REQ_WRITE, .sector = sector, .nvec = 1,
			 .vec = &a.vec, .end_io = attempt_end },
		.vec = { .page = page, .len = b->block_size },
	};

	blk_submit(&a.req);
	row_eq(r, a.ends, 1, "%s: ends of a refused request", b->name);
	/* One that got through must not outlive its memory; all end by their time limit. */
	while (!READ_ONCE(a.ends))
		msleep(1);
	return a.req.error;
}

/* First and last block, and as a device that claims to be ours. */
static unsigned try_device(struct row *r, struct block_device *b, struct page *page)
{
	u64 last = b->capacity - b->block_size / SECTOR_SIZE;
	struct block_device forged = *b;
	int expected = b->disk->bdev.read_only ? -EROFS : -EPERM;

	forged.writable = true;
	forged.read_only = false;
	row_eq(r, blkdev_get(b, true), b->read_only ? -EROFS : -EPERM,
	       "%s: opening for writing", b->name);
	row_eq(r, try_write(r, b, 0, page), expected, "%s: write of the first block", b->name);
	row_eq(r, try_write(r, b, last, page), expected, "%s: write of the last block", b->name);
	row_eq(r, try_write(r, &forged, 0, page), expected, "%s: write with a forged device",
	       b->name);
	return 3;
}

static void o11_door(struct row *r)
{
	struct page *page = alloc_page(GFP_KERNEL | __GFP_ZERO);
	unsigned devices = 0, tries = 0;
	unsigned long writes = blk_counters.writes, refused = blk_counters.refused;
	struct block_device *b;

	row_ok(r, page != NULL, "no memory");
	for_each_blkdev(b) {
		if (b->writable || !page)
			continue;
		devices++;
		tries += try_device(r, b, page);
	}
	row_ok(r, devices != 0, "there is no foreign disk to try: boot with one");
	row_eq(r, blk_counters.refused - refused, tries, "writes refused at the door");
	row_eq(r, blk_counters.writes - writes, 0, "writes that reached a driver");
	row_info(r, "%u foreign devices: %u writes, all refused", devices, tries);
	if (page)
		__free_page(page);
}
ROW_FLAGS(O11, "nothing is written that does not bear our type and signature", o11_door,
	  ROW_EXPLICIT);

/* ---- DISKS: many at once ---------------------------------------------------------------- */

#define MANY		40u
#define EACH		4u		/* pages */

struct many {
	struct request req[MANY];
	struct blk_vec vec[MANY][EACH];
	unsigned ends[MANY];
};

static void many_end(struct request *req)
{
	++*(unsigned *)req->private;
}

static bool alloc_vecs(struct blk_vec *vec, unsigned n)
{
	bool all = true;

	while (n--) {
		vec[n] = (struct blk_vec){ .page = alloc_page(GFP_HIGHUSER), .len = PAGE_SIZE };
		all &= vec[n].page != NULL;
	}
	return all;
}

static void free_vecs(struct blk_vec *vec, unsigned n)
{
	while (n--)
		if (vec[n].page)
			__free_page(vec[n].page);
}

static bool same_page(struct page *a, struct page *b)
{
	void *pa = kmap_local_page(a), *pb = kmap_local_page(b);
	bool same = !memcmp(pa, pb, PAGE_SIZE);

	kunmap_local(pb);
	kunmap_local(pa);
	return same;
}

/* All over the disk, some of them over each other. */
static u64 place(const struct block_device *b, unsigned i)
{
	return (u64)i * 6151 % (unsigned)min_t(u64, b->capacity / PAGE_SECTORS - EACH, 1u << 20) *
		PAGE_SECTORS;
}

static void start_many(struct many *m, struct block_device *b)
{
	unsigned i;

	for (i = 0; i < MANY; i++) {
		m->ends[i] = 0;
		m->req[i] = (struct request){
			.bdev = b, .op = REQ_READ, .sector = place(b, i), .nvec = EACH,
			.vec = m->vec[i], .end_io = many_end, .private = &m->ends[i],
		};
		blk_submit(&m->req[i]);
	}
}

static unsigned ended(const struct many *m)
{
	unsigned i, n = 0;

	for (i = 0; i < MANY; i++)
		n += READ_ONCE(m->ends[i]) != 0;
	return n;
}

/* What came at once must be what comes one by one, errors too. */
static unsigned compare_many(struct row *r, struct many *m, struct block_device *b)
{
	struct blk_vec vec[EACH];
	unsigned i, k, wrong = 0, errors = 0;
	int err;

	if (!row_ok(r, alloc_vecs(vec, EACH), "no memory"))
		goto out;
	for (i = 0; i < MANY; i++) {
		err = blk_rw(b, false, m->req[i].sector, vec, EACH);
		row_eq(r, m->ends[i], 1, "%s: ends of request %u", b->name, i);
		row_eq(r, (unsigned)-m->req[i].error, (unsigned)-err, "%s: error of request %u",
		       b->name, i);
		errors += err != 0;
		for (k = 0; !err && k < EACH; k++)
			wrong += !same_page(m->vec[i][k].page, vec[k].page);
	}
	row_eq(r, wrong, 0, "%s: pages with other contents", b->name);
out:
	free_vecs(vec, EACH);
	return errors;
}

/* Bridges on the way to a disk, all of which must pass memory accesses and DMA. */
static unsigned count_bridges(struct row *r, const struct disk *disk)
{
	const u16 open = PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER;
	struct pci_dev *b;
	unsigned n = 0;

	for_each_pci_dev(b) {
		if (!disk->pci || !pci_leads_to(b, disk->pci))
			continue;
		n++;
		row_eq(r, pci_read16(b, PCI_COMMAND) & open, open, "%s: bridge %s: open bits",
		       disk->bdev.name, b->name);
	}
	return n;
}

static void disks_many(struct row *r)
{
	struct many *m = kzalloc(sizeof(*m), GFP_KERNEL);
	unsigned devices = 0, errors = 0, bridges = 0;
	struct block_device *b;

	if (row_ok(r, m && alloc_vecs(m->vec[0], MANY * EACH), "no memory")) {
		for_each_blkdev(b) {
			if (b->parent || b->capacity < 1024)
				continue;
			devices++;
			bridges += count_bridges(r, b->disk);
			start_many(m, b);
			row_ok(r, sleep_until(ended(m) == MANY, 60000), "%s: %u of %u ended",
			       b->name, ended(m), MANY);
			errors += compare_many(r, m, b);
		}
	}
	row_ok(r, devices != 0, "there is no disk: boot with one");
	row_info(r, "%u requests at once to each of %u disks, %u with errors; %u bridges", MANY,
		 devices, errors, bridges);
	if (m)
		free_vecs(m->vec[0], MANY * EACH);
	kfree(m);
}
ROW_FLAGS(DISKS, "many requests at once to every disk", disks_many, ROW_EXPLICIT);

/* ---- STUCK: devices that do not answer --------------------------------------------------- */

/* Without DMA a device neither finds its commands nor can it answer. */
static void cut_off(const struct pci_dev *dev)
{
	pci_write16(dev, PCI_COMMAND, pci_read16(dev, PCI_COMMAND) & (u16)~PCI_COMMAND_MASTER);
}

static void stuck_disk(struct row *r, struct block_device *b, struct blk_vec *before,
		       struct blk_vec *after)
{
	const struct disk_counters *c = &b->disk->count;
	unsigned long timeouts = c->timeouts, resets = c->resets;
	u64 start;

	row_eq(r, blk_rw(b, false, 0, before, 1), 0, "%s: error of a read", b->name);
	cut_off(b->disk->pci);
	start = ktime_ns();
	row_eq(r, blk_rw(b, false, 0, after, 1), -EIO, "%s: error of a read without DMA", b->name);
	row_ok(r, ktime_ns() - start < 5 * NSEC_PER_SEC, "%s: took %llu ms", b->name,
	       (unsigned long long)((ktime_ns() - start) / NSEC_PER_MSEC));
	row_eq(r, c->timeouts - timeouts, 1, "%s: time-outs", b->name);
	row_eq(r, c->resets - resets, 1, "%s: resets", b->name);
	row_eq(r, blk_rw(b, false, 0, after, 1), 0, "%s: error of the next read", b->name);
	row_ok(r, same_page(before->page, after->page), "%s: other data after the reset", b->name);
}

static void disks_stuck(struct row *r)
{
	struct blk_vec vec[2];
	unsigned devices = 0;
	struct block_device *b;

	if (row_ok(r, alloc_vecs(vec, 2), "no memory")) {
		for_each_blkdev(b) {
			if (b->parent || !b->disk->pci)
				continue;
			devices++;
			stuck_disk(r, b, &vec[0], &vec[1]);
		}
	}
	row_ok(r, devices != 0, "there is no disk: boot with one");
	row_info(r, "%u disks did not answer, were reset, and are there again", devices);
	free_vecs(vec, 2);
}
ROW_FLAGS(STUCK, "a disk that does not answer is reset", disks_stuck, ROW_EXPLICIT);
