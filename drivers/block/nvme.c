/* SPDX-License-Identifier: MIT */
/*
 * NVMe (NVM Express base specification 1.4): the first namespace of a controller, with one
 * pair of queues besides the admin pair.
 *
 * The tag of a request is its command identifier and the number of its PRP list.  Admin
 * commands are made one at a time while the controller starts, and waited for.
 */
#include <asm/io.h>
#include <asm/irqflags.h>
#include <kernel/blkdev.h>
#include <kernel/pci.h>
#include <kernel/poll.h>
#include <kernel/printk.h>
#include <kernel/string.h>
#include <kernel/wait.h>
#include "block.h"

#define CLASS_NVM	0x08		/* subclass of storage; interface 2: NVMe */
#define INTERFACE_NVME	0x02

/* 3.1: registers */
#define REG_CAP		0x00		/* 64 bits */
#define  CAP_ENTRIES(c)	((unsigned)((c) & 0xffff) + 1)
#define  CAP_TIMEOUT(c)	((unsigned)((c) >> 24 & 0xff) * 500)	/* ms */
#define  CAP_STRIDE(c)	(4u << ((c) >> 32 & 0xf))
#define  CAP_PAGE_MIN(c) ((c) >> 48 & 0xf)	/* 2^(12 + n) bytes */
#define REG_CC		0x14
#define  CC_ENABLE	0x1u
#define  CC_SHUTDOWN	0x4000u
#define  CC_SIZES	(6u << 16 | 4u << 20)	/* entries of 64 and 16 bytes, pages of 4 KiB */
#define REG_CSTS	0x1c
#define  CSTS_READY	0x1u
#define  CSTS_FATAL	0x2u
#define  CSTS_SHST	0xcu
#define  CSTS_SHUT	0x8u
#define REG_AQA		0x24
#define REG_ASQ		0x28
#define REG_ACQ		0x30
#define REG_BELLS	0x1000
#define REGS_SIZE	0x2000

#define ADMIN_CREATE_SQ	0x01
#define ADMIN_CREATE_CQ	0x05
#define ADMIN_IDENTIFY	0x06
#define  IDENTIFY_NS	0
#define  IDENTIFY_CTRL	1
#define  IDENTIFY_LIST	2
#define NVM_FLUSH	0x00
#define NVM_WRITE	0x01
#define NVM_READ	0x02

#define QUEUE_CONTIGUOUS 1u
#define QUEUE_INTERRUPT	2u

#define ENTRIES		64u		/* of each queue; a page of commands */
#define SLOTS		32u
#define ADMIN_MS	5000
#define MDTS_NEEDED	5u		/* 2^5 pages, of 4 KiB: check_limits() */
static_assert(BLK_MAX_VECS == 1u << MDTS_NEEDED, "no request is larger");
#define STOP_US		100000		/* where nobody may sleep */
#define SHUTDOWN_MS	5000u

struct nvme_command {
	u8 opcode, flags;
	u16 id;
	u32 nsid;
	u64 reserved, metadata;
	u64 prp1, prp2;
	u32 dw10, dw11, dw12, dw13, dw14, dw15;
};
static_assert(sizeof(struct nvme_command) == 64, "4.2");

struct nvme_completion {
	u32 result, reserved;
	u16 sq_head, sq_id;
	u16 id;
	u16 status;			/* bit 0: phase */
};

struct nvme_queue {
	struct nvme_command *sq;
	struct nvme_completion *cq;
	u64 sq_phys, cq_phys;
	unsigned id;
	u16 tail, head;
	u16 phase;			/* of entries that are new */
};

/* What a command needs beyond two pages: one list of page addresses. */
struct prp_list {
	u64 page[BLK_MAX_VECS];
};
static_assert(PAGE_SIZE % sizeof(struct prp_list) == 0, "none crosses a page");

struct nvme {
	struct disk disk;
	struct pci_dev *pci;
	char *regs;
	u64 cap;
	struct nvme_queue admin, io;
	struct prp_list *lists;
	u64 lists_phys;
	void *buffer;			/* a page for identify */
	u64 buffer_phys;
	u32 nsid;
	unsigned shutdown_ms;		/* at most */
	unsigned block_shift;		/* from sectors to blocks */
	char model[41];
	struct request *req[SLOTS];
};

static struct nvme *nvme_of(struct disk *disk)
{
	return container_of(disk, struct nvme, disk);
}

/* ---- queues -------------------------------------------------------------------------- */

static void ring(struct nvme *n, const struct nvme_queue *q, bool completion, u16 value)
{
	writel(value, n->regs + REG_BELLS + (2 * q->id + completion) * CAP_STRIDE(n->cap));
}

static void submit(struct nvme *n, struct nvme_queue *q, const struct nvme_command *c)
{
	q->sq[q->tail] = *c;
	q->tail = (u16)((q->tail + 1) % ENTRIES);
	wmb();				/* the command before the bell */
	ring(n, q, false, q->tail);
}

/* Take one answer; false: there is none. */
static bool take(struct nvme *n, struct nvme_queue *q, struct nvme_completion *c)
{
	if ((READ_ONCE(q->cq[q->head].status) & 1) != q->phase)
		return false;
	rmb();				/* the phase before the rest */
	*c = q->cq[q->head];
	q->head = (u16)((q->head + 1) % ENTRIES);
	if (!q->head)
		q->phase ^= 1;
	ring(n, q, true, q->head);
	return true;
}

static bool alloc_queue(struct nvme_queue *q, unsigned id)
{
	q->id = id;
	q->sq = dma_alloc(ENTRIES * sizeof(q->sq[0]), &q->sq_phys);
	q->cq = dma_alloc(ENTRIES * sizeof(q->cq[0]), &q->cq_phys);
	return q->sq && q->cq;
}

static void empty_queue(struct nvme_queue *q)
{
	q->tail = q->head = 0;
	q->phase = 1;
	memset(q->cq, 0, ENTRIES * sizeof(q->cq[0]));
}

static void free_queue(struct nvme_queue *q)
{
	if (q->sq)
		dma_free(q->sq, ENTRIES * sizeof(q->sq[0]));
	if (q->cq)
		dma_free(q->cq, ENTRIES * sizeof(q->cq[0]));
}

/* ---- requests ------------------------------------------------------------------------ */

/* 4.3: the first page, then the second or the list of all others. */
static void set_pages(struct nvme *n, unsigned slot, const struct request *req,
		      struct nvme_command *c)
{
	struct prp_list *list = &n->lists[slot];
	unsigned i;

	if (!req->nvec)
		return;
	c->prp1 = blk_vec_phys(&req->dma_vec[0]);
	for (i = 1; i < req->nvec; i++)
		list->page[i - 1] = blk_vec_phys(&req->dma_vec[i]);
	if (req->nvec == 2)
		c->prp2 = list->page[0];
	else if (req->nvec > 2)
		c->prp2 = n->lists_phys + slot * sizeof(*list);
}

static void nvme_queue_request(struct disk *disk, struct request *req)
{
	static const u8 opcode[] = {
		[REQ_READ] = NVM_READ, [REQ_WRITE] = NVM_WRITE, [REQ_FLUSH] = NVM_FLUSH,
	};
	struct nvme *n = nvme_of(disk);
	unsigned slot = first_free_slot(n->req, disk->depth);
	u64 block = req->disk_sector >> n->block_shift;
	struct nvme_command c = {
		.opcode = opcode[req->op], .id = (u16)slot, .nsid = n->nsid,
	};

	if (req->op != REQ_FLUSH) {
		c.dw10 = (u32)block;
		c.dw11 = (u32)(block >> 32);
		c.dw12 = (req->count >> n->block_shift) - 1;
	}
	set_pages(n, slot, req, &c);
	n->req[slot] = req;
	submit(n, &n->io, &c);
}

static void nvme_poll(struct disk *disk)
{
	struct nvme *n = nvme_of(disk);
	struct nvme_completion c;
	struct request *req;

	while (take(n, &n->io, &c)) {
		req = c.id < SLOTS ? n->req[c.id] : NULL;
		if (!req)
			continue;
		n->req[c.id] = NULL;
		blk_end_request(req, c.status >> 1 ? -EIO : 0);
	}
}

static void nvme_irq(struct pt_regs *regs, void *arg)
{
	struct nvme *n = arg;

	n->disk.count.interrupts++;
	if (n->io.sq)
		nvme_poll(&n->disk);
}

/* ---- admin commands ------------------------------------------------------------------ */

static bool admin(struct nvme *n, const struct nvme_command *c)
{
	struct nvme_completion done;

	submit(n, &n->admin, c);
	return sleep_until(take(n, &n->admin, &done), ADMIN_MS) && !(done.status >> 1);
}

static bool identify(struct nvme *n, u32 what, u32 nsid)
{
	memset(n->buffer, 0, PAGE_SIZE);
	return admin(n, &(struct nvme_command){
		.opcode = ADMIN_IDENTIFY, .nsid = nsid, .prp1 = n->buffer_phys, .dw10 = what,
	});
}

static bool create_io_queues(struct nvme *n)
{
	u32 size = n->io.id | (ENTRIES - 1) << 16;
	struct nvme_command cq = {
		.opcode = ADMIN_CREATE_CQ, .prp1 = n->io.cq_phys, .dw10 = size,
		.dw11 = QUEUE_CONTIGUOUS | (n->pci->vector ? QUEUE_INTERRUPT : 0),
	};
	struct nvme_command sq = {
		.opcode = ADMIN_CREATE_SQ, .prp1 = n->io.sq_phys, .dw10 = size,
		.dw11 = QUEUE_CONTIGUOUS | n->io.id << 16,
	};

	empty_queue(&n->io);
	return admin(n, &cq) && admin(n, &sq);
}

/* ---- starting the controller --------------------------------------------------------- */

static bool wait_ready(struct nvme *n, u32 ready)
{
	return sleep_until((readl(n->regs + REG_CSTS) & CSTS_READY) == ready,
			   CAP_TIMEOUT(n->cap) + 500);
}

/*
 * 7.6.1.  Also after a time-out.  It masters the bus only when it is disabled, which makes it
 * forget its queues: those of the firmware are in memory that is somebody else's by now.
 */
static const char *start_controller(struct nvme *n)
{
	writel(0, n->regs + REG_CC);
	if (!wait_ready(n, 0))
		return "does not stop";
	pci_enable(n->pci);
	empty_queue(&n->admin);
	writel((ENTRIES - 1) | (ENTRIES - 1) << 16, n->regs + REG_AQA);
	writeq(n->admin.sq_phys, n->regs + REG_ASQ);
	writeq(n->admin.cq_phys, n->regs + REG_ACQ);
	writel(CC_SIZES | CC_ENABLE, n->regs + REG_CC);
	if (!wait_ready(n, CSTS_READY) || readl(n->regs + REG_CSTS) & CSTS_FATAL)
		return "does not start";
	if (!create_io_queues(n))
		return "makes no queues";
	return NULL;
}

static u32 le32_at(const struct nvme *n, unsigned offset)
{
	u32 v;

	memcpy(&v, (char *)n->buffer + offset, sizeof(v));
	return v;
}

/* Its name, how much a command may move, whether it has a cache (figure 247). */
static const char *ask_controller(struct nvme *n)
{
	const u8 *id = n->buffer;
	unsigned i;

	if (!identify(n, IDENTIFY_CTRL, 0))
		return "does not say what it is";
	memcpy(n->model, id + 24, 40);
	for (i = 40; i > 0 && n->model[i - 1] <= ' '; i--)
		n->model[i - 1] = '\0';
	if (id[77] && id[77] < MDTS_NEEDED)	/* 0: no limit */
		return "takes too little in one command";
	n->disk.volatile_cache = id[525] & 1;
	n->shutdown_ms = le32_at(n, 88) / 1000;		/* RTD3E, in us; 0: it does not say */
	if (!n->shutdown_ms || n->shutdown_ms > SHUTDOWN_MS)
		n->shutdown_ms = SHUTDOWN_MS;
	return NULL;
}

/* Figure 245: blocks and their size.  Metadata is not for us. */
static const char *ask_namespace(struct nvme *n)
{
	struct block_device *b = &n->disk.bdev;
	const u8 *id = n->buffer;
	u32 format;

	if (!identify(n, IDENTIFY_LIST, 0) || !le32_at(n, 0))
		return "has no namespace";
	n->nsid = le32_at(n, 0);
	if (le32_at(n, 4))
		pr_notice("%s: nvme: only the first of its namespaces is used\n", n->pci->name);
	if (!identify(n, IDENTIFY_NS, n->nsid))
		return "does not describe its namespace";
	format = le32_at(n, 128 + 4 * ((id[26] & 0xf) | (id[26] >> 1 & 0x30)));
	if (format & 0xffff || ((format >> 16 & 0xff) != 9 && (format >> 16 & 0xff) != 12))
		return "has blocks that are neither 512 nor 4096 bytes";
	n->block_shift = (format >> 16 & 0xff) - SECTOR_SHIFT;
	b->block_size = SECTOR_SIZE << n->block_shift;
	b->capacity = (le32_at(n, 0) | (u64)le32_at(n, 4) << 32) << n->block_shift;
	b->read_only = id[99] & 1;
	return NULL;
}

static int nvme_reset(struct disk *disk)
{
	struct nvme *n = nvme_of(disk);
	const char *why;

	memset(n->req, 0, sizeof(n->req));
	why = start_controller(n);
	if (why) {
		pr_err("%s: %s\n", disk->bdev.name, why);
		pci_disable(n->pci);
	}
	return why ? -EIO : 0;
}

static bool is_shut(const struct nvme *n)
{
	return (readl(n->regs + REG_CSTS) & CSTS_SHST) == CSTS_SHUT;
}

/* 7.6.2: told first, so that what is in its cache is kept.  Some take seconds. */
static void nvme_finish(struct disk *disk)
{
	struct nvme *n = nvme_of(disk);

	if (!(readl(n->regs + REG_CC) & CC_ENABLE))
		return;
	writel(CC_SIZES | CC_ENABLE | CC_SHUTDOWN, n->regs + REG_CC);
	if (!sleep_until(is_shut(n), n->shutdown_ms))
		pr_warn("%s: does not shut down in %u ms\n", disk->bdev.name, n->shutdown_ms);
}

/* The same with less patience, if there was no nvme_finish(); then for good. */
static void nvme_stop(struct disk *disk)
{
	struct nvme *n = nvme_of(disk);

	if (readl(n->regs + REG_CC) & CC_ENABLE) {
		writel(CC_SIZES | CC_ENABLE | CC_SHUTDOWN, n->regs + REG_CC);
		poll_until(is_shut(n), STOP_US);
		writel(0, n->regs + REG_CC);
		poll_until(!(readl(n->regs + REG_CSTS) & CSTS_READY), STOP_US);
	}
	pci_disable(n->pci);
}

static const struct disk_ops nvme_ops = {
	.queue = nvme_queue_request, .poll = nvme_poll, .reset = nvme_reset, .stop = nvme_stop,
	.finish = nvme_finish,
};

/* ---- finding it ---------------------------------------------------------------------- */

static const char *alloc_memory(struct nvme *n)
{
	n->buffer = dma_alloc(PAGE_SIZE, &n->buffer_phys);
	n->lists = dma_alloc(SLOTS * sizeof(n->lists[0]), &n->lists_phys);
	if (!n->buffer || !n->lists || !alloc_queue(&n->admin, 0) || !alloc_queue(&n->io, 1))
		return "finds no memory";
	return NULL;
}

static const char *check_limits(struct nvme *n)
{
	n->cap = readq(n->regs + REG_CAP);
	if (CAP_ENTRIES(n->cap) < ENTRIES || CAP_PAGE_MIN(n->cap) ||
	    CAP_STRIDE(n->cap) * 4 > REGS_SIZE - REG_BELLS)
		return "has limits that do not fit";
	return NULL;
}

static const char *bring_up(struct nvme *n)
{
	const char *why;

	n->regs = pci_map_bar(n->pci, 0, 0, REGS_SIZE);
	if (!n->regs)
		return "has no registers within reach";
	pci_enable_memory(n->pci);
	why = check_limits(n);
	why = why ? why : alloc_memory(n);
	if (why)
		return why;
	n->disk.polled = !pci_irq_install(n->pci, nvme_irq, n, "nvme");
	why = start_controller(n);
	why = why ? why : ask_controller(n);
	return why ? why : ask_namespace(n);
}

static const char *announce(struct nvme *n)
{
	static unsigned controllers;
	struct disk *disk = &n->disk;

	snprintf(disk->bdev.name, sizeof(disk->bdev.name), "nvme%un%u", controllers, n->nsid);
	disk->ops = &nvme_ops;
	disk->dma_mask = dma_mask_limit(~0ull);
	disk->depth = SLOTS;
	disk->model = n->model;
	disk->pci = n->pci;
	if (disk_add(disk))
		return "cannot be announced";
	controllers++;
	return NULL;
}

static void free_nvme(struct nvme *n)
{
	if (n->regs)
		nvme_stop(&n->disk);
	pci_irq_remove(n->pci);
	pci_disable(n->pci);
	free_queue(&n->admin);
	free_queue(&n->io);
	if (n->lists)
		dma_free(n->lists, SLOTS * sizeof(n->lists[0]));
	if (n->buffer)
		dma_free(n->buffer, PAGE_SIZE);
	pci_unmap(n->regs);
	kfree(n);
}

static void probe(struct pci_dev *pci)
{
	struct nvme *n = kzalloc(sizeof(*n), GFP_KERNEL);
	const char *why;

	if (!n)
		return;
	n->pci = pci;
	why = bring_up(n);
	why = why ? why : announce(n);
	if (!why)
		return;
	pr_warn("%s: nvme: %s: not used\n", pci->name, why);
	free_nvme(n);
}

void nvme_init(void)
{
	struct pci_dev *pci;

	for_each_pci_dev(pci)
		if (pci->class == PCI_CLASS_STORAGE && pci->subclass == CLASS_NVM &&
		    pci->interface == INTERFACE_NVME)
			probe(pci);
}
