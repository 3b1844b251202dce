/* SPDX-License-Identifier: MIT */
/*
 * virtio-blk, modern (virtio 1.0), over PCI.  One queue.
 *
 * A request in flight has a slot: its header, its status byte, and a table of descriptors
 * that one descriptor of the queue points to (indirect descriptors).  Slot n uses descriptor
 * n, so nothing has to be searched for, and the slot number is the request's tag.
 */
#include <asm/io.h>
#include <asm/irqflags.h>
#include <kernel/blkdev.h>
#include <kernel/pci.h>
#include <kernel/printk.h>
#include <kernel/string.h>
#include <kernel/wait.h>
#include <mm/ioremap.h>
#include <mm/mm.h>
#include "block.h"
#include "virtio.h"

#define SLOTS		16u
#define RESET_MS	1000

/* What a slot's memory holds; 2 KiB, so that a page holds two and none crosses one. */
struct slot {
	struct vring_desc desc[BLK_MAX_VECS + 2];
	struct virtio_blk_header header;
	u8 status;
} __aligned(2048);
static_assert(sizeof(struct slot) == 2048, "see above");

struct virtio_blk {
	struct disk disk;
	struct pci_dev *pci;
	char *common, *config, *notify;
	u64 features;
	unsigned size;			/* of the queue */

	void *ring;			/* all three parts */
	size_t ring_bytes;
	u64 ring_phys;
	struct vring_desc *desc;
	struct vring_avail *avail;
	struct vring_used *used;
	u16 seen;			/* of used->idx */

	struct slot *slot;
	u64 slot_phys;
	struct request *req[SLOTS];	/* NULL: free */
};

static struct virtio_blk *virtio_of(struct disk *disk)
{
	return container_of(disk, struct virtio_blk, disk);
}

/* ---- requests ------------------------------------------------------------------------ */

static void add_desc(struct slot *s, unsigned i, u64 address, u32 len, u16 flags)
{
	s->desc[i] = (struct vring_desc){
		.address = address, .len = len, .flags = flags, .next = (u16)(i + 1),
	};
}

/* Header, data, status; how many descriptors. */
static unsigned fill_slot(struct virtio_blk *v, unsigned n, const struct request *req)
{
	struct slot *s = &v->slot[n];
	u64 phys = v->slot_phys + n * sizeof(*s);
	u16 data = req->op == REQ_READ ? DESC_NEXT | DESC_WRITE : DESC_NEXT;
	unsigned i, used = 0;

	s->header = (struct virtio_blk_header){
		.type = req->op == REQ_READ ? BLK_T_IN : req->op == REQ_WRITE ? BLK_T_OUT :
			BLK_T_FLUSH,
		.sector = req->op == REQ_FLUSH ? 0 : req->disk_sector,
	};
	s->status = 0xff;
	add_desc(s, used++, phys + offsetof(struct slot, header), sizeof(s->header), DESC_NEXT);
	for (i = 0; i < req->nvec; i++)
		add_desc(s, used++, blk_vec_phys(&req->dma_vec[i]), req->dma_vec[i].len, data);
	add_desc(s, used++, phys + offsetof(struct slot, status), 1, DESC_WRITE);
	return used;
}

static void kick(struct virtio_blk *v)
{
	mb();				/* the index before the bell */
	writew(0, v->notify);
}

static void virtio_queue(struct disk *disk, struct request *req)
{
	struct virtio_blk *v = virtio_of(disk);
	unsigned n = first_free_slot(v->req, disk->depth);

	v->req[n] = req;
	v->desc[n] = (struct vring_desc){
		.address = v->slot_phys + n * sizeof(struct slot),
		.len = (u32)(fill_slot(v, n, req) * sizeof(struct vring_desc)),
		.flags = DESC_INDIRECT,
	};
	v->avail->ring[v->avail->idx % v->size] = (u16)n;
	wmb();				/* the entry before the index */
	WRITE_ONCE(v->avail->idx, (u16)(v->avail->idx + 1));
	kick(v);
}

/* What the device says is done.  An answer for a slot that is free is the device's mistake. */
static void virtio_poll(struct disk *disk)
{
	struct virtio_blk *v = virtio_of(disk);
	struct request *req;
	unsigned n;

	while (v->seen != READ_ONCE(v->used->idx)) {
		rmb();			/* the index before the entry */
		n = READ_ONCE(v->used->ring[v->seen++ % v->size].id);
		req = n < SLOTS ? v->req[n] : NULL;
		if (!req)
			continue;
		v->req[n] = NULL;
		blk_end_request(req, READ_ONCE(v->slot[n].status) == BLK_S_OK ? 0 : -EIO);
	}
}

static void virtio_irq(struct pt_regs *regs, void *arg)
{
	struct virtio_blk *v = arg;

	v->disk.count.interrupts++;
	virtio_poll(&v->disk);
}

/* ---- starting the device ------------------------------------------------------------- */

static void set_status(struct virtio_blk *v, u8 bits)
{
	writeb(readb(v->common + COMMON_STATUS) | bits, v->common + COMMON_STATUS);
}

/* 3.1.1: it has forgotten everything when the status reads 0. */
static bool reset_device(struct virtio_blk *v)
{
	writeb(0, v->common + COMMON_STATUS);
	return sleep_until(readb(v->common + COMMON_STATUS) == 0, RESET_MS);
}

static u64 read_features(struct virtio_blk *v)
{
	u64 features;

	writel(0, v->common + COMMON_FEATURE_SELECT);
	features = readl(v->common + COMMON_FEATURE);
	writel(1, v->common + COMMON_FEATURE_SELECT);
	return features | (u64)readl(v->common + COMMON_FEATURE) << 32;
}

static bool has(const struct virtio_blk *v, unsigned feature)
{
	return v->features >> feature & 1;
}

static bool agree_features(struct virtio_blk *v)
{
	static const u8 wanted[] = { FEATURE_VERSION_1, FEATURE_INDIRECT, FEATURE_BLK_SEG_MAX,
				     FEATURE_BLK_RO, FEATURE_BLK_SIZE, FEATURE_BLK_FLUSH };
	u64 mask = 0;
	unsigned i;

	for (i = 0; i < sizeof(wanted); i++)
		mask |= 1ull << wanted[i];
	v->features = read_features(v) & mask;
	writel(0, v->common + COMMON_DRIVER_SELECT);
	writel((u32)v->features, v->common + COMMON_DRIVER_FEATURE);
	writel(1, v->common + COMMON_DRIVER_SELECT);
	writel((u32)(v->features >> 32), v->common + COMMON_DRIVER_FEATURE);
	set_status(v, STATUS_FEATURES_OK);
	return has(v, FEATURE_VERSION_1) && has(v, FEATURE_INDIRECT) &&
	       readb(v->common + COMMON_STATUS) & STATUS_FEATURES_OK;
}

/* Descriptors, available ring, used ring: in one piece of at most 3 pages for 256 entries. */
static bool alloc_ring(struct virtio_blk *v)
{
	size_t used = ALIGN(v->size * sizeof(struct vring_desc) + 6 + 2 * v->size, 4);

	v->ring_bytes = used + 6 + v->size * sizeof(struct vring_used_elem);
	v->ring = dma_alloc(v->ring_bytes, &v->ring_phys);
	if (!v->ring)
		return false;
	v->desc = v->ring;
	v->avail = (struct vring_avail *)&v->desc[v->size];
	v->used = (struct vring_used *)((char *)v->ring + used);
	return true;
}

static void set_queue(struct virtio_blk *v)
{
	u64 avail = v->ring_phys + (u64)((char *)v->avail - (char *)v->ring);
	u64 used = v->ring_phys + (u64)((char *)v->used - (char *)v->ring);

	memset(v->ring, 0, (size_t)((char *)&v->used->ring[v->size] - (char *)v->ring));
	v->seen = 0;
	writew((u16)v->size, v->common + COMMON_QUEUE_SIZE);
	writeq(v->ring_phys, v->common + COMMON_QUEUE_DESC);
	writeq(avail, v->common + COMMON_QUEUE_DRIVER);
	writeq(used, v->common + COMMON_QUEUE_DEVICE);
	writew(NO_VECTOR, v->common + COMMON_MSIX_CONFIG);
	writew(v->pci->vector ? 0 : NO_VECTOR, v->common + COMMON_QUEUE_VECTOR);
	writew(1, v->common + COMMON_QUEUE_ENABLE);
}

/* 3.1.1, from the reset to DRIVER_OK.  Also after a time-out; memory is made the first time. */
static const char *start_device(struct virtio_blk *v)
{
	if (!reset_device(v))
		return "does not reset";
	set_status(v, STATUS_ACKNOWLEDGE);
	set_status(v, STATUS_DRIVER);
	if (!agree_features(v))
		return "is not virtio 1.0 with indirect descriptors";
	writew(0, v->common + COMMON_QUEUE_SELECT);
	if (!v->ring) {
		v->size = min_t(unsigned, readw(v->common + COMMON_QUEUE_SIZE), 256);
		/* 2.6.5.3.1: no chain is longer than the queue, indirect ones neither. */
		if (v->size < max(SLOTS, BLK_MAX_VECS + 2) || v->size & (v->size - 1))
			return "has a queue that is too short";
		v->slot = dma_alloc(SLOTS * sizeof(struct slot), &v->slot_phys);
		if (!v->slot || !alloc_ring(v))
			return "finds no memory";
	}
	set_queue(v);
	set_status(v, STATUS_DRIVER_OK);
	return NULL;
}

static int virtio_reset(struct disk *disk)
{
	struct virtio_blk *v = virtio_of(disk);
	const char *why;

	pci_disable(v->pci);
	memset(v->req, 0, sizeof(v->req));
	pci_enable(v->pci);
	why = start_device(v);
	if (why)
		pr_err("%s: %s\n", disk->bdev.name, why);
	return why ? -EIO : 0;
}

static void virtio_stop(struct disk *disk)
{
	struct virtio_blk *v = virtio_of(disk);

	writeb(0, v->common + COMMON_STATUS);
	pci_disable(v->pci);
}

static const struct disk_ops virtio_ops = {
	.queue = virtio_queue, .poll = virtio_poll, .reset = virtio_reset, .stop = virtio_stop,
};

/* ---- finding it ---------------------------------------------------------------------- */

/* The capability for one kind of registers; 0: there is none. */
static unsigned find_registers(struct pci_dev *pci, u8 type)
{
	unsigned cap = 0;

	while ((cap = pci_find_cap(pci, PCI_CAP_VENDOR, cap)) != 0)
		if (pci_read8(pci, cap + VIRTIO_CAP_TYPE) == type)
			break;
	return cap;
}

/* `size` bytes of them from `skip` on. */
static char *map_registers(struct pci_dev *pci, u8 type, u64 skip, u32 size)
{
	unsigned cap = find_registers(pci, type);

	if (!cap || pci_read32(pci, cap + VIRTIO_CAP_LENGTH) < skip + size)
		return NULL;
	return pci_map_bar(pci, pci_read8(pci, cap + VIRTIO_CAP_BAR),
			   pci_read32(pci, cap + VIRTIO_CAP_OFFSET) + skip, size);
}

/* 4.1.4.4: the bell of the selected queue. */
static char *map_bell(struct virtio_blk *v)
{
	unsigned cap = find_registers(v->pci, VIRTIO_CAP_NOTIFY);
	u64 step = cap ? pci_read32(v->pci, cap + VIRTIO_CAP_NOTIFY_MUL) : 0;

	return map_registers(v->pci, VIRTIO_CAP_NOTIFY,
			     step * readw(v->common + COMMON_QUEUE_NOTIFY), 2);
}

static void read_geometry(struct virtio_blk *v)
{
	struct block_device *b = &v->disk.bdev;

	b->capacity = readq(v->config + BLK_CAPACITY);
	b->block_size = has(v, FEATURE_BLK_SIZE) ? readl(v->config + BLK_BLOCK_SIZE) : SECTOR_SIZE;
	b->read_only = has(v, FEATURE_BLK_RO);
	v->disk.volatile_cache = has(v, FEATURE_BLK_FLUSH);
}

static const char *bring_up(struct virtio_blk *v)
{
	const char *why;

	v->common = map_registers(v->pci, VIRTIO_CAP_COMMON, 0, COMMON_SIZE);
	v->config = map_registers(v->pci, VIRTIO_CAP_DEVICE, 0, BLK_BLOCK_SIZE + 4);
	if (!v->common || !v->config)
		return "has no modern registers within reach";
	pci_enable(v->pci);
	v->disk.polled = !pci_irq_install(v->pci, virtio_irq, v, "virtio-blk");
	why = start_device(v);
	if (why)
		return why;
	v->notify = map_bell(v);
	if (!v->notify)
		return "has no bell within reach";
	read_geometry(v);
	if (has(v, FEATURE_BLK_SEG_MAX) && readl(v->config + BLK_SEG_MAX) < BLK_MAX_VECS)
		return "takes too few pieces in one request";
	disk_name(v->disk.bdev.name, "vd", false);
	v->disk.ops = &virtio_ops;
	v->disk.dma_mask = dma_mask_limit(~0ull);
	v->disk.depth = SLOTS;
	v->disk.model = "virtio-blk";
	v->disk.pci = v->pci;
	return disk_add(&v->disk) ? "cannot be announced" : NULL;
}

static void free_virtio(struct virtio_blk *v)
{
	if (v->common)
		writeb(0, v->common + COMMON_STATUS);
	pci_irq_remove(v->pci);
	pci_disable(v->pci);
	if (v->ring)
		dma_free(v->ring, v->ring_bytes);
	if (v->slot)
		dma_free(v->slot, SLOTS * sizeof(struct slot));
	pci_unmap(v->common);
	pci_unmap(v->config);
	pci_unmap(v->notify);
	kfree(v);
}

static void probe(struct pci_dev *pci)
{
	struct virtio_blk *v = kzalloc(sizeof(*v), GFP_KERNEL);
	const char *why;

	if (!v)
		return;
	v->pci = pci;
	why = bring_up(v);
	if (!why)
		return;
	pr_warn("%s: virtio-blk: %s: not used\n", pci->name, why);
	free_virtio(v);
}

void virtio_blk_init(void)
{
	struct pci_dev *pci;

	for_each_pci_dev(pci)
		if (pci->vendor == VIRTIO_VENDOR && (pci->device == VIRTIO_BLK_MODERN ||
						     pci->device == VIRTIO_BLK_TRANSITIONAL))
			probe(pci);
}
