/* SPDX-License-Identifier: MIT */
/*
 * PCI: which functions there are, and what their drivers need of them.
 *
 * Configuration space is reached through the memory windows that ACPI's MCFG table names, or
 * else through the ports 0xCF8 and 0xCFC.  Nothing is moved: addresses are those that the
 * firmware gave.  A function masters the bus only between pci_enable() and pci_disable(),
 * and never after the kernel's end (drivers/pci/pci.c); a bridge stays open, since it only
 * passes on what others send.
 *
 *	drivers/pci/access.c	configuration space	drivers/pci/scan.c	finding functions
 *	drivers/pci/pci.c	for drivers		drivers/pci/msi.c	interrupts
 */
#ifndef KERNEL_PCI_H
#define KERNEL_PCI_H

#include <kernel/irq.h>
#include <kernel/list.h>

#define PCI_VENDOR		0x00
#define PCI_DEVICE		0x02
#define PCI_COMMAND		0x04
#define  PCI_COMMAND_IO		0x0001
#define  PCI_COMMAND_MEMORY	0x0002
#define  PCI_COMMAND_MASTER	0x0004
#define  PCI_COMMAND_NO_INTX	0x0400
#define PCI_STATUS		0x06
#define  PCI_STATUS_CAPS	0x0010
#define PCI_CLASS		0x08	/* revision, interface, subclass, class: a byte each */
#define PCI_HEADER		0x0e
#define  PCI_HEADER_TYPE	0x7f	/* 0: a device, 1: a bridge */
#define  PCI_HEADER_BRIDGE	1
#define  PCI_HEADER_MULTI	0x80
#define PCI_BAR(n)		(0x10 + 4 * (n))
#define PCI_SECONDARY		0x19	/* of a bridge: the first bus behind it, and the last */
#define PCI_SUBORDINATE		0x1a
#define PCI_CAPS		0x34

#define PCI_CAP_MSI		0x05
#define PCI_CAP_VENDOR		0x09
#define PCI_CAP_MSIX		0x11

#define PCI_CLASS_STORAGE	0x01
#define PCI_CLASS_DISPLAY	0x03
#define PCI_CLASS_BRIDGE	0x06

struct pci_dev {
	u16 segment;
	u8 bus, devfn;			/* device << 3 | function */
	u16 vendor, device;
	u8 class, subclass, interface;
	volatile void *config;		/* its 4 KiB of a memory window; NULL: by ports */
	unsigned vector;		/* of its interrupt; 0: none */
	char name[16];			/* "00:1f.2", with "0001:" before it in other segments */
	bool enabled;
	struct list_head list;
};

/* By segment, bus, device, function. */
extern struct list_head pci_devices;
#define for_each_pci_dev(d) list_for_each_entry(d, &pci_devices, list)

/* Find all functions.  Sleeps.  Cannot fail: a machine may have no PCI. */
void pci_init(void);

/* Configuration space, below 256; reg is aligned to the width. */
u8 pci_read8(const struct pci_dev *dev, unsigned reg);
u16 pci_read16(const struct pci_dev *dev, unsigned reg);
u32 pci_read32(const struct pci_dev *dev, unsigned reg);
void pci_write16(const struct pci_dev *dev, unsigned reg, u16 v);
void pci_write32(const struct pci_dev *dev, unsigned reg, u32 v);

/* The first capability with this ID behind `after` (0: the first of all); 0: there is none. */
unsigned pci_find_cap(const struct pci_dev *dev, u8 id, unsigned after);

/*
 * Registers [offset, offset + size) of memory BAR n, uncached; NULL, with a line that says why:
 * an I/O BAR, no address, one where RAM is, or out of this mode's reach.
 */
void *pci_map_bar(const struct pci_dev *dev, unsigned n, u64 offset, size_t size);

/* NULL is allowed. */
void pci_unmap(void *map);

/* Is this a bridge from PCI to PCI, and dev somewhere behind it? */
bool pci_leads_to(const struct pci_dev *bridge, const struct pci_dev *dev);

/*
 * Answer to memory accesses; then allow DMA too, which is safe once the device has forgotten
 * the memory that the firmware gave it.  All bridges on the way pass both on.
 */
void pci_enable_memory(struct pci_dev *dev);
void pci_enable(struct pci_dev *dev);
/* No DMA from here on.  Any context. */
void pci_disable(struct pci_dev *dev);

/*
 * Have fn(regs, arg) called by the function's only interrupt, by MSI-X (entry 0) or MSI.
 * false: neither is possible, with a line that says why; the driver polls.  Memory accesses
 * must be enabled.
 */
bool pci_irq_install(struct pci_dev *dev, void (*fn)(struct pt_regs *, void *), void *arg,
		     const char *name);
void pci_irq_remove(struct pci_dev *dev);

/*
 * Zeroed memory that any device reaches (below 4 GiB), in whole pages, up to 4 MiB; *phys is
 * its address for the device.  NULL: none.  Sleeps.
 */
void *dma_alloc(size_t size, u64 *phys);
void dma_free(void *addr, size_t size);

#endif
