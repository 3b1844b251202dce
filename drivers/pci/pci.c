/* SPDX-License-Identifier: MIT */
/* What drivers of PCI devices do with them. */
#include <kernel/printk.h>
#include <kernel/reboot.h>
#include <mm/ioremap.h>
#include <mm/mm.h>
#include "internal.h"

#define BAR_IO		0x1
#define BAR_TYPE	0x6
#define BAR_64		0x4

/* ---- registers ----------------------------------------------------------------------- */

static u64 bar_address(const struct pci_dev *dev, unsigned n)
{
	u32 low = pci_read32(dev, PCI_BAR(n));
	u64 address = low & ~0xfu;

	if (low & BAR_IO)
		return 0;
	if ((low & BAR_TYPE) == BAR_64 && n < 5)
		address |= (u64)pci_read32(dev, PCI_BAR(n + 1)) << 32;
	return address;
}

void *pci_map_bar(const struct pci_dev *dev, unsigned n, u64 offset, size_t size)
{
	u64 address = n < 6 ? bar_address(dev, n) : 0;
	void *map;

	if (!address) {
		pr_warn("%s: register bank %u has no memory address: device not used\n", dev->name, n);
		return NULL;
	}
	/* Some firmware forgets how much RAM there is: what is written there hits a program. */
	if (is_ram(address + offset, size)) {
		pr_warn("%s: the firmware put its registers to %llx, where RAM is: device not used\n",
			dev->name, (unsigned long long)(address + offset));
		return NULL;
	}
	map = ioremap(address + offset, size);
	if (!map)
		pr_warn("%s: registers at %llx cannot be mapped: device not used\n", dev->name,
			(unsigned long long)(address + offset));
	else
		pr_debug("%s: registers at %llx\n", dev->name,
			 (unsigned long long)(address + offset));
	return map;
}

void pci_unmap(void *map)
{
	if (map)
		iounmap(map);
}

/* ---- on and off ---------------------------------------------------------------------- */

/* The machine goes to somebody else: no function that we drove writes memory any more. */
static void all_off(void)
{
	struct pci_dev *dev;

	for_each_pci_dev(dev)
		if (dev->enabled)
			pci_disable(dev);
}

void pci_register_shutdown(void)
{
	static struct shutdown_hook hook = { .fn = all_off };

	register_shutdown(&hook);
}

bool pci_leads_to(const struct pci_dev *bridge, const struct pci_dev *dev)
{
	u8 first;

	if (bridge->class != PCI_CLASS_BRIDGE || bridge->segment != dev->segment ||
	    (pci_read8(bridge, PCI_HEADER) & PCI_HEADER_TYPE) != PCI_HEADER_BRIDGE)
		return false;
	first = pci_read8(bridge, PCI_SECONDARY);
	return first > bridge->bus &&		/* nobody set it up: 0 to 0 */
	       dev->bus >= first && dev->bus <= pci_read8(bridge, PCI_SUBORDINATE);
}

/*
 * Firmware that guards itself against DMA turns bus mastering of bridges off when it exits,
 * and some opens a bridge only for what it has booted from.
 */
static void open_bridges(const struct pci_dev *dev)
{
	const u16 open = PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER;
	struct pci_dev *b;
	u16 command;

	for_each_pci_dev(b) {
		if (!pci_leads_to(b, dev))
			continue;
		command = pci_read16(b, PCI_COMMAND);
		if ((command & open) != open)
			pci_write16(b, PCI_COMMAND, command | open);
	}
}

void pci_enable_memory(struct pci_dev *dev)
{
	u16 command = pci_read16(dev, PCI_COMMAND);

	open_bridges(dev);
	pci_write16(dev, PCI_COMMAND, command | PCI_COMMAND_MEMORY | PCI_COMMAND_NO_INTX);
}

void pci_enable(struct pci_dev *dev)
{
	pci_enable_memory(dev);
	dev->enabled = true;
	pci_write16(dev, PCI_COMMAND, pci_read16(dev, PCI_COMMAND) | PCI_COMMAND_MASTER);
}

void pci_disable(struct pci_dev *dev)
{
	u16 command = pci_read16(dev, PCI_COMMAND);

	pci_write16(dev, PCI_COMMAND, command & (u16)~PCI_COMMAND_MASTER);
	dev->enabled = false;
}

/* ---- memory for devices -------------------------------------------------------------- */

void *dma_alloc(size_t size, u64 *phys)
{
	unsigned int order = get_order(size);
	unsigned long addr = __get_free_pages(GFP_KERNEL | __GFP_ZERO, order);

	if (addr && (u64)__pa(addr) + size - 1 > 0xffffffffull) {
		free_pages(addr, order);
		addr = __get_free_pages(GFP_DMA32 | __GFP_ZERO, order);
	}
	*phys = addr ? __pa(addr) : 0;
	return (void *)addr;
}

void dma_free(void *addr, size_t size)
{
	free_pages((unsigned long)addr, get_order(size));
}
