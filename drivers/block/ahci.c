/* SPDX-License-Identifier: MIT */
/*
 * SATA disks behind an AHCI controller (AHCI 1.3.1, ATA8-ACS).  Each port with an ATA disk
 * becomes a disk of its own; commands are READ and WRITE DMA EXT, not queued by the drive but
 * up to eight issued at once.
 *
 * The tag of a request is its command slot.  After an error the port stands still: blkd resets
 * it, and what did not fail is issued again.
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

#define CLASS_SATA	0x06
#define INTERFACE_AHCI	0x01
#define ABAR		5

/* 3.1: the controller */
#define HBA_CAP		0x00
#define  CAP_SLOTS(c)	(((c) >> 8 & 0x1f) + 1)
#define  CAP_64BIT	0x80000000u
#define HBA_GHC		0x04
#define  GHC_RESET	0x1u
#define  GHC_INTERRUPTS	0x2u
#define  GHC_AHCI	0x80000000u
#define HBA_IS		0x08
#define HBA_PORTS	0x0c		/* a bit for each port that exists */
#define HBA_CAP2	0x24
#define  CAP2_HANDOFF	0x1u
#define HBA_BOHC	0x28
#define  BOHC_BIOS	0x1u
#define  BOHC_OS	0x2u

/* 3.3: a port */
#define PORT(n)		(0x100 + 0x80 * (n))
#define PORT_CLB	0x00		/* 64 bits: command list */
#define PORT_FB		0x08		/* 64 bits: received FISes */
#define PORT_IS		0x10
#define PORT_IE		0x14
#define  IRQ_FIS	0x0000000bu	/* an answer came: register, PIO set-up, device bits */
#define  IRQ_ERRORS	0x78000000u	/* the port stands still: */
#define  IRQ_TASK	0x40000000u	/* ... by the drive; else host bus, interface */
#define  IRQ_NONFATAL	0x04000000u	/* the interface, and the port went on */
#define PORT_CMD	0x18
#define  CMD_START	0x0001u
#define  CMD_SPIN_UP	0x0002u
#define  CMD_POWER	0x0004u
#define  CMD_FIS	0x0010u
#define  CMD_FIS_RUNS	0x4000u
#define  CMD_RUNS	0x8000u
#define PORT_TFD	0x20
#define  TFD_ERROR	0x01u
#define  TFD_CRC	0x8000u		/* in the error register: damaged on the way */
#define  TFD_DRQ	0x08u
#define  TFD_BUSY	0x80u
#define PORT_SIG	0x24
#define  SIG_ATA	0x00000101u
#define PORT_SSTS	0x28
#define  SSTS_DET	0xfu
#define  SSTS_PRESENT	3u
#define PORT_SCTL	0x2c
#define  SCTL_DET	0xfu		/* 0: nothing asked for, 1: reset, 4: off */
#define PORT_SERR	0x30
#define PORT_CI		0x38

#define STOP_MS		500
#define STOP_US		5000		/* where nobody may sleep */
#define BUSY_MS		10000		/* a disk that spins up */
#define LINK_MS		1000
#define RESET_MS	1000
#define SLOTS		8u
#define CAREFUL		(2 * SLOTS)
#define MAX_TRIES	3u		/* of a command that is not the drive's fault */

#define ATA_READ	0x25
#define ATA_WRITE	0x35
#define ATA_FLUSH	0xea
#define ATA_IDENTIFY	0xec
#define FIS_COMMAND	0x27

struct command_header {
	u16 flags;			/* 5: length of the FIS in words of 32 bits; 0x40: write */
	u16 pieces;
	u32 moved;			/* bytes, by the controller */
	u64 table;
	u32 reserved[4];
};
#define HEADER_WRITE	0x40

struct command_table {
	u8 fis[128];
	struct {
		u64 address;
		u32 reserved;
		u32 count;		/* bytes - 1 */
	} piece[BLK_MAX_VECS];
} __aligned(128);

/* All that a port needs, in whole pages. */
struct port_memory {
	struct command_header header[32];	/* 1 KiB */
	u8 fis[256];
	u8 identify[512] __aligned(256);
	struct command_table table[SLOTS];
};

struct ahci_port {
	struct disk disk;
	struct ahci *ahci;
	char *regs;
	unsigned number;
	struct port_memory *mem;
	u64 phys;
	u32 issued;			/* a bit for each slot that the port has */
	unsigned careful;		/* one command at a time until so many ended well */
	unsigned tries;			/* of the only command, that the interface failed */
	bool bad_link;			/* said */
	char model[41];
	struct request *req[SLOTS];
};

struct ahci {
	struct pci_dev *pci;
	char *regs;
	u32 cap;
	bool was_reset;			/* all links come up anew */
	bool off;			/* for ever: a port did not stop */
	struct ahci_port *port[32];
};

static unsigned port_depth(const struct ahci *a)
{
	return min(SLOTS, CAP_SLOTS(a->cap));
}

static struct ahci_port *port_of(struct disk *disk)
{
	return container_of(disk, struct ahci_port, disk);
}

/* ---- commands ------------------------------------------------------------------------ */

/* ATA8-ACS: a command with a 48-bit address, as a FIS from host to device (SATA 10.3.4). */
static void fill_fis(u8 *fis, u8 command, u64 sector, unsigned count)
{
	const u8 words[20] = {
		FIS_COMMAND, 0x80, command, 0,
		(u8)sector, (u8)(sector >> 8), (u8)(sector >> 16), 0x40,
		(u8)(sector >> 24), (u8)(sector >> 32), (u8)(sector >> 40), 0,
		(u8)count, (u8)(count >> 8), 0, 0,
	};

	memcpy(fis, words, sizeof(words));
}

static void fill_slot(struct ahci_port *p, unsigned slot, u16 flags, unsigned pieces)
{
	p->mem->header[slot] = (struct command_header){
		.flags = (u16)(5 | flags), .pieces = (u16)pieces,
		.table = p->phys + offsetof(struct port_memory, table) +
			 slot * sizeof(struct command_table),
	};
}

static void add_piece(struct ahci_port *p, unsigned slot, unsigned i, u64 address, u32 len)
{
	p->mem->table[slot].piece[i].address = address;
	p->mem->table[slot].piece[i].reserved = 0;
	p->mem->table[slot].piece[i].count = len - 1;
}

static void issue(struct ahci_port *p, unsigned slot)
{
	p->issued |= 1u << slot;
	wmb();				/* the command before the bell */
	writel(1u << slot, p->regs + PORT_CI);
}

static void ahci_queue(struct disk *disk, struct request *req)
{
	static const u8 command[] = {
		[REQ_READ] = ATA_READ, [REQ_WRITE] = ATA_WRITE, [REQ_FLUSH] = ATA_FLUSH,
	};
	struct ahci_port *p = port_of(disk);
	unsigned slot = first_free_slot(p->req, disk->depth), i;
	unsigned shift = disk->bdev.block_size == SECTOR_SIZE ? 0 : 3;
	u64 block = req->op == REQ_FLUSH ? 0 : req->disk_sector >> shift;

	fill_fis(p->mem->table[slot].fis, command[req->op], block, req->count >> shift);
	for (i = 0; i < req->nvec; i++)
		add_piece(p, slot, i, blk_vec_phys(&req->dma_vec[i]), req->dma_vec[i].len);
	fill_slot(p, slot, req->op == REQ_WRITE ? HEADER_WRITE : 0, req->nvec);
	p->req[slot] = req;
	issue(p, slot);
}

/* ---- answers ------------------------------------------------------------------------- */

static void end_slot(struct ahci_port *p, unsigned slot, int error)
{
	struct request *req = p->req[slot];

	p->issued &= ~(1u << slot);
	p->req[slot] = NULL;
	if (req)
		blk_end_request(req, error);
}

/* Enough went well: the command that failed does not do it again. */
static void end_careful(struct ahci_port *p)
{
	if (p->careful && !--p->careful)
		p->disk.depth = port_depth(p->ahci);
}

static void end_slots(struct ahci_port *p, u32 done)
{
	if (done)
		p->tries = 0;
	for (; done; done &= done - 1) {
		end_careful(p);
		end_slot(p, (unsigned)__builtin_ctz(done), 0);
	}
}

/* Whose fault?  False: a command or its data did not get through, and can be repeated. */
static bool drive_failed(const struct ahci_port *p, u32 status)
{
	return status & IRQ_TASK && !(readl(p->regs + PORT_TFD) & TFD_CRC);
}

static void say_bad_link(struct ahci_port *p, u32 status)
{
	if (p->bad_link)
		return;
	p->bad_link = true;
	pr_warn("%s: errors on the way to the disk (%08x): is its cable well?\n",
		p->disk.bdev.name, status);
}

/*
 * 6.2.2: after an error the port stands still.  Which command failed is certain only if it
 * had just one (not every controller leaves PxCI and PxCMD.CCS as they should be): that one is
 * ended if the drive failed it, or if it did not get through several times.  Otherwise all are
 * issued again, one at a time; the oldest comes first, so `tries` are those of one command.
 */
static void end_failed(struct ahci_port *p, u32 status)
{
	bool single = p->issued && !(p->issued & (p->issued - 1));
	bool drive = drive_failed(p, status);

	blk_need_reset(&p->disk);	/* first: nothing new for a port that stands still */
	if (!drive)
		say_bad_link(p, status);
	if (single && (drive || ++p->tries == MAX_TRIES)) {
		p->tries = 0;
		end_slot(p, (unsigned)__builtin_ctz(p->issued), -EIO);
	} else if (p->issued) {
		p->careful = CAREFUL;
		p->disk.depth = 1;
	}
}

/*
 * What the port does not have any more is done.  Errors are looked for before and after: a
 * command that fails in between, and is not in PxCI any more, must not be taken for done.
 */
static void ahci_poll(struct disk *disk)
{
	struct ahci_port *p = port_of(disk);
	u32 status = readl(p->regs + PORT_IS), done;

	writel(status, p->regs + PORT_IS);
	done = p->issued & ~readl(p->regs + PORT_CI);
	status |= readl(p->regs + PORT_IS);
	if (unlikely(status & IRQ_NONFATAL)) {
		say_bad_link(p, status);
		writel(~0u, p->regs + PORT_SERR);
	}
	if (unlikely(status & IRQ_ERRORS))
		end_failed(p, status);
	else
		end_slots(p, done);
}

static void port_irq(struct ahci *a, unsigned number)
{
	struct ahci_port *p = a->port[number];

	if (p && !p->disk.resetting) {
		p->disk.count.interrupts++;
		ahci_poll(&p->disk);
		return;
	}
	/* Nobody wants to know; without this it would interrupt for ever. */
	writel(~0u, a->regs + PORT(number) + PORT_IS);
	if (!p)
		writel(0, a->regs + PORT(number) + PORT_IE);
}

static void ahci_irq(struct pt_regs *regs, void *arg)
{
	struct ahci *a = arg;
	u32 status = readl(a->regs + HBA_IS), bits;

	for (bits = status; bits; bits &= bits - 1)
		port_irq(a, (unsigned)__builtin_ctz(bits));
	writel(status, a->regs + HBA_IS);	/* after the ports: 10.7.2.1 */
}

/* ---- starting a port ----------------------------------------------------------------- */

static u32 port_command(struct ahci_port *p)
{
	return readl(p->regs + PORT_CMD);
}

/* 10.1.2: not running, not receiving. */
static bool stop_port(struct ahci_port *p)
{
	writel(0, p->regs + PORT_IE);
	writel(port_command(p) & ~CMD_START, p->regs + PORT_CMD);
	if (!sleep_until(!(port_command(p) & CMD_RUNS), STOP_MS))
		return false;
	writel(port_command(p) & ~CMD_FIS, p->regs + PORT_CMD);
	return sleep_until(!(port_command(p) & CMD_FIS_RUNS), STOP_MS);
}

static bool drive_at(const char *regs)
{
	return (readl(regs + PORT_SSTS) & SSTS_DET) == SSTS_PRESENT;
}

static bool present(const struct ahci_port *p)
{
	return drive_at(p->regs);
}

/* 10.4.2: the link anew, which resets the drive. */
static bool reset_link(struct ahci_port *p)
{
	u32 control = readl(p->regs + PORT_SCTL) & ~SCTL_DET;

	writel(control | 1, p->regs + PORT_SCTL);
	msleep(2);
	writel(control, p->regs + PORT_SCTL);
	return sleep_until(present(p), LINK_MS);
}

static bool start_port(struct ahci_port *p)
{
	writeq(p->phys, p->regs + PORT_CLB);
	writeq(p->phys + offsetof(struct port_memory, fis), p->regs + PORT_FB);
	writel(~0u, p->regs + PORT_SERR);
	writel(~0u, p->regs + PORT_IS);
	writel(port_command(p) | CMD_SPIN_UP | CMD_POWER | CMD_FIS, p->regs + PORT_CMD);
	if (!sleep_until(!(readl(p->regs + PORT_TFD) & (TFD_BUSY | TFD_DRQ)), BUSY_MS))
		return false;
	writel(~0u, p->regs + PORT_SERR);
	writel(port_command(p) | CMD_START, p->regs + PORT_CMD);
	return true;
}

static void enable_interrupts(struct ahci_port *p)
{
	if (!p->disk.polled)
		writel(IRQ_FIS | IRQ_ERRORS, p->regs + PORT_IE);
}

static int ahci_reset(struct disk *disk)
{
	struct ahci_port *p = port_of(disk);
	bool stopped = stop_port(p);

	p->issued = 0;
	memset(p->req, 0, sizeof(p->req));
	if (p->ahci->off)
		return -EIO;
	pci_enable(p->ahci->pci);
	if (!reset_link(p) || (!stopped && !stop_port(p)) || !start_port(p))
		return -EIO;
	enable_interrupts(p);
	return 0;
}

/*
 * The others of the controller may be at work: only this port.  But one that does not stop would
 * go on writing into memory that gets other owners: then all of them lose their DMA.
 */
static void ahci_stop(struct disk *disk)
{
	struct ahci_port *p = port_of(disk);

	writel(0, p->regs + PORT_IE);
	writel(port_command(p) & ~CMD_START, p->regs + PORT_CMD);
	poll_until(!(port_command(p) & CMD_RUNS), STOP_US);
	writel(port_command(p) & ~CMD_FIS, p->regs + PORT_CMD);
	if (poll_until(!(port_command(p) & (CMD_RUNS | CMD_FIS_RUNS)), STOP_US))
		return;
	if (!p->ahci->off)
		pr_err("%s: ahci: port %u does not stop: all of it is off\n", p->ahci->pci->name,
		       p->number);
	p->ahci->off = true;
	pci_disable(p->ahci->pci);
}

static const struct disk_ops ahci_ops = {
	.queue = ahci_queue, .poll = ahci_poll, .reset = ahci_reset, .stop = ahci_stop,
};

/* ---- what the disk is ---------------------------------------------------------------- */

static u16 word(const struct ahci_port *p, unsigned n)
{
	return (u16)(p->mem->identify[2 * n] | p->mem->identify[2 * n + 1] << 8);
}

/* The first command, by looking. */
static bool identify(struct ahci_port *p)
{
	bool done;

	fill_fis(p->mem->table[0].fis, ATA_IDENTIFY, 0, 0);
	add_piece(p, 0, 0, p->phys + offsetof(struct port_memory, identify), 512);
	fill_slot(p, 0, 0, 1);
	writel(1, p->regs + PORT_CI);
	done = sleep_until(!(readl(p->regs + PORT_CI) & 1), BUSY_MS);
	return done && !(readl(p->regs + PORT_TFD) & TFD_ERROR);
}

/* Words 27 to 46: two characters each, the first in the upper half. */
static void read_model(struct ahci_port *p)
{
	unsigned i;

	for (i = 0; i < 40; i++)
		p->model[i] = (char)p->mem->identify[(54 + i) ^ 1];
	for (i = 40; i > 0 && p->model[i - 1] <= ' '; i--)
		p->model[i - 1] = '\0';
}

static const char *read_geometry(struct ahci_port *p)
{
	struct block_device *b = &p->disk.bdev;
	u64 blocks = word(p, 100) | (u64)word(p, 101) << 16 | (u64)word(p, 102) << 32 |
		     (u64)word(p, 103) << 48;
	u32 size = SECTOR_SIZE;

	if (!(word(p, 83) & 0x0400))
		return "has no 48-bit addresses";
	if ((word(p, 106) & 0xd000) == 0x5000)	/* valid, and longer than 256 words */
		size = 2 * (word(p, 117) | (u32)word(p, 118) << 16);
	if (size != SECTOR_SIZE && size != PAGE_SIZE)
		return "has blocks that are neither 512 nor 4096 bytes";
	b->block_size = size;
	b->capacity = blocks * (size / SECTOR_SIZE);
	p->disk.volatile_cache = word(p, 85) & 0x0020;
	read_model(p);
	return NULL;
}

static const char *bring_up_port(struct ahci_port *p)
{
	struct disk *disk = &p->disk;
	const char *why;

	if (!stop_port(p))
		return "does not stop";
	if (!start_port(p))
		return "stays busy";
	if (readl(p->regs + PORT_SIG) != SIG_ATA)
		return "is no disk";
	if (!identify(p))
		return "does not say what it is";
	why = read_geometry(p);
	if (why)
		return why;
	disk_name(disk->bdev.name, "sd", false);
	disk->ops = &ahci_ops;
	disk->dma_mask = dma_mask_limit(p->ahci->cap & CAP_64BIT ? ~0ull : 0xffffffffull);
	disk->depth = port_depth(p->ahci);
	disk->model = p->model;
	disk->pci = p->ahci->pci;
	p->ahci->port[p->number] = p;
	writel(~0u, p->regs + PORT_IS);
	enable_interrupts(p);
	return disk_add(disk) ? "cannot be announced" : NULL;
}

static bool probe_port(struct ahci *a, unsigned number, bool polled)
{
	struct ahci_port *p = kzalloc(sizeof(*p), GFP_KERNEL);
	const char *why = "finds no memory";

	if (!p)
		return false;
	p->ahci = a;
	p->number = number;
	p->regs = a->regs + PORT(number);
	p->disk.polled = polled;
	if (!present(p)) {
		kfree(p);
		return false;
	}
	p->mem = dma_alloc(sizeof(*p->mem), &p->phys);
	why = p->mem ? bring_up_port(p) : why;
	if (!why)
		return true;
	pr_notice("%s: ahci: port %u: %s: not used\n", a->pci->name, number, why);
	a->port[number] = NULL;
	if (p->mem) {
		stop_port(p);		/* with more patience */
		ahci_stop(&p->disk);
		dma_free(p->mem, sizeof(*p->mem));
	}
	kfree(p);
	return false;
}

/* ---- the controller ------------------------------------------------------------------ */

/* 10.6.3: the firmware lets go of it. */
static void take_over(struct ahci *a)
{
	if (!(readl(a->regs + HBA_CAP2) & CAP2_HANDOFF))
		return;
	writel(readl(a->regs + HBA_BOHC) | BOHC_OS, a->regs + HBA_BOHC);
	if (!sleep_until(!(readl(a->regs + HBA_BOHC) & BOHC_BIOS), 2000))
		pr_notice("%s: ahci: the firmware does not let go: taken anyway\n", a->pci->name);
}

static void clear_command(struct ahci *a, u32 ports, u32 bit)
{
	for (; ports; ports &= ports - 1) {
		char *cmd = a->regs + PORT(__builtin_ctz(ports)) + PORT_CMD;

		writel(readl(cmd) & ~bit, cmd);
	}
}

/* Is one of the ports at work, by what `bits` of their command say? */
static bool any_runs(const struct ahci *a, u32 ports, u32 bits)
{
	for (; ports; ports &= ports - 1)
		if (readl(a->regs + PORT(__builtin_ctz(ports)) + PORT_CMD) & bits)
			return true;
	return false;
}

/*
 * 10.1.2, for all ports at once: none has a list of commands or a place for answers any more,
 * since those of the firmware are in memory that is somebody else's by now.  A port that does
 * not stop makes the whole controller be reset (10.4.3).
 */
static bool forget_firmware(struct ahci *a)
{
	u32 ports = readl(a->regs + HBA_PORTS);

	clear_command(a, ports, CMD_START);
	if (sleep_until(!any_runs(a, ports, CMD_RUNS), STOP_MS)) {
		clear_command(a, ports, CMD_FIS);
		if (sleep_until(!any_runs(a, ports, CMD_FIS_RUNS), STOP_MS))
			return true;
	}
	writel(GHC_AHCI | GHC_RESET, a->regs + HBA_GHC);
	if (!sleep_until(!(readl(a->regs + HBA_GHC) & GHC_RESET), RESET_MS))
		return false;
	writel(GHC_AHCI, a->regs + HBA_GHC);
	a->was_reset = true;
	return true;
}

/* Was it asleep? */
static bool wake_port(char *regs)
{
	u32 command = readl(regs + PORT_CMD), control = readl(regs + PORT_SCTL);

	writel(control & ~SCTL_DET, regs + PORT_SCTL);
	writel(command | CMD_SPIN_UP | CMD_POWER, regs + PORT_CMD);
	return control & SCTL_DET ||
	       (readl(regs + PORT_CMD) ^ command) & (CMD_SPIN_UP | CMD_POWER);
}

static bool all_there(const struct ahci *a, u32 ports)
{
	for (; ports; ports &= ports - 1)
		if (!drive_at(a->regs + PORT(__builtin_ctz(ports))))
			return false;
	return true;
}

/*
 * 10.10: with staggered spin-up, and after a firmware in a hurry, ports sleep and show no drive.
 * Those that did are waited for together; the empty ones among them make that the whole time.
 */
static void wake_ports(struct ahci *a)
{
	u32 ports = readl(a->regs + HBA_PORTS), left, woken = 0;

	for (left = ports; left; left &= left - 1)
		if (wake_port(a->regs + PORT(__builtin_ctz(left))) || a->was_reset)
			woken |= left & -left;
	sleep_until(all_there(a, woken), LINK_MS);
}

static unsigned probe_ports(struct ahci *a, bool polled)
{
	u32 ports = readl(a->regs + HBA_PORTS);
	unsigned n = 0;

	for (; ports && !a->off; ports &= ports - 1)
		n += probe_port(a, (unsigned)__builtin_ctz(ports), polled);
	return n;
}

/* False: no disk on it. */
static bool bring_up(struct ahci *a)
{
	bool polled;

	a->regs = pci_map_bar(a->pci, ABAR, 0, PORT(32));
	if (!a->regs)
		return false;
	pci_enable_memory(a->pci);
	take_over(a);
	writel(readl(a->regs + HBA_GHC) | GHC_AHCI, a->regs + HBA_GHC);
	if (!forget_firmware(a)) {
		pr_warn("%s: ahci: does not stop: not used\n", a->pci->name);
		return false;
	}
	pci_enable(a->pci);
	a->cap = readl(a->regs + HBA_CAP);
	polled = !pci_irq_install(a->pci, ahci_irq, a, "ahci");
	writel(~0u, a->regs + HBA_IS);
	if (!polled)
		writel(readl(a->regs + HBA_GHC) | GHC_INTERRUPTS, a->regs + HBA_GHC);
	wake_ports(a);
	return probe_ports(a, polled);
}

static void probe(struct pci_dev *pci)
{
	struct ahci *a = kzalloc(sizeof(*a), GFP_KERNEL);

	if (!a)
		return;
	a->pci = pci;
	if (bring_up(a))
		return;
	pci_irq_remove(pci);
	pci_disable(pci);
	pci_unmap(a->regs);
	kfree(a);
}

void ahci_init(void)
{
	struct pci_dev *pci;

	for_each_pci_dev(pci)
		if (pci->class == PCI_CLASS_STORAGE && pci->subclass == CLASS_SATA &&
		    pci->interface == INTERFACE_AHCI)
			probe(pci);
}
