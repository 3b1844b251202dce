/* SPDX-License-Identifier: MIT */
/*
 * Interrupts by message (PCI 3.0, 6.8): the function writes a word to an address of the
 * processor's.  One for a function: MSI-X entry 0, or MSI with one message.
 */
#include <asm/io.h>
#include <kernel/printk.h>
#include <linux/errno.h>
#include <mm/ioremap.h>
#include "internal.h"

#define CONTROL		2		/* of either capability; 16 bits */

#define MSI_ENABLE	0x0001
#define MSI_MULTIPLE	0x0070		/* how many messages are allowed */
#define MSI_64		0x0080
#define MSI_ADDRESS	4

#define MSIX_MASK_ALL	0x4000
#define MSIX_ENABLE	0x8000
#define MSIX_TABLE	4		/* bank in bits 0 to 2, offset in the rest */
#define MSIX_ENTRY	16		/* bytes: address, its upper half, data, control */

static bool enable_msix(struct pci_dev *dev, unsigned cap, const struct msi_msg *msg)
{
	u32 table = pci_read32(dev, cap + MSIX_TABLE);
	u16 control = pci_read16(dev, cap + CONTROL);
	char *entry = pci_map_bar(dev, table & 7, table & ~7u, MSIX_ENTRY);

	if (!entry)
		return false;
	/* Masked as a whole while the entry is written; the table is only there when enabled. */
	pci_write16(dev, cap + CONTROL, control | MSIX_ENABLE | MSIX_MASK_ALL);
	writel((u32)msg->address, entry);
	writel((u32)(msg->address >> 32), entry + 4);
	writel(msg->data, entry + 8);
	writel(0, entry + 12);
	pci_write16(dev, cap + CONTROL, (u16)((control & ~MSIX_MASK_ALL) | MSIX_ENABLE));
	pci_unmap(entry);
	return true;
}

static bool enable_msi(struct pci_dev *dev, unsigned cap, const struct msi_msg *msg)
{
	u16 control = pci_read16(dev, cap + CONTROL);
	unsigned data = cap + MSI_ADDRESS + 4;

	pci_write32(dev, cap + MSI_ADDRESS, (u32)msg->address);
	if (control & MSI_64) {
		pci_write32(dev, data, (u32)(msg->address >> 32));
		data += 4;
	}
	pci_write16(dev, data, (u16)msg->data);
	pci_write16(dev, cap + CONTROL, (u16)((control & ~MSI_MULTIPLE) | MSI_ENABLE));
	return true;
}

static bool enable(struct pci_dev *dev, const struct msi_msg *msg)
{
	unsigned msix = pci_find_cap(dev, PCI_CAP_MSIX, 0);
	unsigned msi = pci_find_cap(dev, PCI_CAP_MSI, 0);

	return (msix && enable_msix(dev, msix, msg)) || (msi && enable_msi(dev, msi, msg));
}

bool pci_irq_install(struct pci_dev *dev, void (*fn)(struct pt_regs *, void *), void *arg,
		     const char *name)
{
	struct msi_msg msg;
	int vector = irq_install_msi(fn, arg, name, &msg);

	if (vector < 0) {
		pr_notice("%s: no interrupt: %s; polled\n", dev->name,
			  vector == -ENODEV ? "there is no local APIC" : "no vector is free");
		return false;
	}
	if (!enable(dev, &msg)) {
		pr_notice("%s: has neither MSI-X nor MSI; polled\n", dev->name);
		irq_remove((unsigned)vector);
		return false;
	}
	dev->vector = (unsigned)vector;
	return true;
}

static void clear_control(struct pci_dev *dev, u8 id, u16 bit)
{
	unsigned cap = pci_find_cap(dev, id, 0);

	if (cap)
		pci_write16(dev, cap + CONTROL, pci_read16(dev, cap + CONTROL) & (u16)~bit);
}

void pci_irq_remove(struct pci_dev *dev)
{
	if (!dev->vector)
		return;
	clear_control(dev, PCI_CAP_MSIX, MSIX_ENABLE);
	clear_control(dev, PCI_CAP_MSI, MSI_ENABLE);
	irq_remove(dev->vector);
	dev->vector = 0;
}
