/* SPDX-License-Identifier: MIT */
/* Configuration space: a memory window of the function, or the two ports (PCI 3.0, 3.2.2.3). */
#include <asm/io.h>
#include <asm/irqflags.h>
#include "internal.h"

#define ADDRESS_PORT	0xcf8
#define DATA_PORT	0xcfc
#define ENABLE		0x80000000u

/* Address, then data: nobody may come between.  Returns the old interrupt flag. */
static unsigned long select(const struct pci_dev *dev, unsigned reg)
{
	unsigned long flags = local_irq_save();

	outl(ENABLE | (u32)dev->bus << 16 | (u32)dev->devfn << 8 | (reg & 0xfc), ADDRESS_PORT);
	return flags;
}

bool pci_ports_present(void)
{
	unsigned long flags = local_irq_save();
	bool present;

	outl(ENABLE, ADDRESS_PORT);
	present = inl(ADDRESS_PORT) == ENABLE;
	local_irq_restore(flags);
	return present;
}

u32 pci_read32(const struct pci_dev *dev, unsigned reg)
{
	unsigned long flags;
	u32 v;

	if (dev->config)
		return readl((const volatile char *)dev->config + reg);
	flags = select(dev, reg);
	v = inl(DATA_PORT);
	local_irq_restore(flags);
	return v;
}

u16 pci_read16(const struct pci_dev *dev, unsigned reg)
{
	return (u16)(pci_read32(dev, reg & ~3u) >> 8 * (reg & 2));
}

u8 pci_read8(const struct pci_dev *dev, unsigned reg)
{
	return (u8)(pci_read32(dev, reg & ~3u) >> 8 * (reg & 3));
}

void pci_write32(const struct pci_dev *dev, unsigned reg, u32 v)
{
	unsigned long flags;

	if (dev->config) {
		writel(v, (volatile char *)dev->config + reg);
		return;
	}
	flags = select(dev, reg);
	outl(v, DATA_PORT);
	local_irq_restore(flags);
}

/* Not by 32 bits: bits of a neighbour may clear when they are written. */
void pci_write16(const struct pci_dev *dev, unsigned reg, u16 v)
{
	unsigned long flags;

	if (dev->config) {
		writew(v, (volatile char *)dev->config + reg);
		return;
	}
	flags = select(dev, reg);
	outw(v, DATA_PORT + (reg & 2));
	local_irq_restore(flags);
}

unsigned pci_find_cap(const struct pci_dev *dev, u8 id, unsigned after)
{
	unsigned at, n;

	if (!(pci_read16(dev, PCI_STATUS) & PCI_STATUS_CAPS))
		return 0;
	at = pci_read8(dev, after ? after + 1 : PCI_CAPS) & 0xfc;
	for (n = 0; at >= 0x40 && n < 48; n++) {	/* a list that is a ring ends too */
		if (pci_read8(dev, at) == id)
			return at;
		at = pci_read8(dev, at + 1) & 0xfc;
	}
	return 0;
}
