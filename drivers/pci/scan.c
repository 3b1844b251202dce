/* SPDX-License-Identifier: MIT */
/*
 * Finding all functions.  Every bus is tried, not only those behind bridges of bus 0: a
 * machine may have several roots, and without AML nobody names them.
 *
 * A memory window is believed only if it shows the same first function as the ports do; some
 * firmware's MCFG points elsewhere.
 */
#include <kernel/acpi.h>
#include <kernel/params.h>
#include <kernel/printk.h>
#include <kernel/string.h>
#include <linux/errno.h>
#include <mm/ioremap.h>
#include <mm/slab.h>
#include "internal.h"

#define BUS_BYTES	(1ul << 20)	/* of the window for one bus: 4 KiB for a function */
#define FUNCTION(devfn)	((unsigned long)(devfn) << 12)

LIST_HEAD(pci_devices);

/* A function that may be there; of which a copy is kept if it is. */
static bool probe(struct pci_dev *dev)
{
	u32 id = pci_read32(dev, PCI_VENDOR), class;

	if (id == 0xffffffff || id == 0 || (u16)id == 0xffff)
		return false;
	class = pci_read32(dev, PCI_CLASS);
	dev->vendor = (u16)id;
	dev->device = (u16)(id >> 16);
	dev->class = (u8)(class >> 24);
	dev->subclass = (u8)(class >> 16);
	dev->interface = (u8)(class >> 8);
	return true;
}

/*
 * Bridges only pass on what others send, and a display may fetch its picture.  Everybody else
 * was silenced by the loader, or by the kernel before this one.
 */
static void silence(const struct pci_dev *dev)
{
	u16 command = pci_read16(dev, PCI_COMMAND);

	if (dev->class == PCI_CLASS_BRIDGE || dev->class == PCI_CLASS_DISPLAY ||
	    !(command & PCI_COMMAND_MASTER))
		return;
	pr_warn("pci: %02x:%02x.%x mastered the bus: no more\n", dev->bus, dev->devfn >> 3,
		dev->devfn & 7);
	pci_write16(dev, PCI_COMMAND, command & (u16)~PCI_COMMAND_MASTER);
}

/* knob=bridges-off: as the firmware may leave them. */
static void close_bridge(const struct pci_dev *dev)
{
	u16 command = pci_read16(dev, PCI_COMMAND);

	if (dev->class == PCI_CLASS_BRIDGE &&
	    (pci_read8(dev, PCI_HEADER) & PCI_HEADER_TYPE) == PCI_HEADER_BRIDGE)
		pci_write16(dev, PCI_COMMAND,
			    command & (u16)~(PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER));
}

/* Windows may overlap, and the ports show again what a window showed in part. */
static bool is_listed(const struct pci_dev *found)
{
	const struct pci_dev *dev;

	for_each_pci_dev(dev)
		if (dev->segment == found->segment && dev->bus == found->bus &&
		    dev->devfn == found->devfn)
			return true;
	return false;
}

static void keep(const struct pci_dev *found, u64 window)
{
	struct pci_dev *dev = kmalloc(sizeof(*dev), GFP_KERNEL);
	/* What may get a driver, or may be on the way to it. */
	bool used = found->class == PCI_CLASS_STORAGE || found->class == PCI_CLASS_BRIDGE;
	int n = 0;

	if (!dev)
		return;
	*dev = *found;
	if (dev->segment)
		n = snprintf(dev->name, sizeof(dev->name), "%04x:", dev->segment);
	snprintf(dev->name + n, sizeof(dev->name) - (size_t)n, "%02x:%02x.%x", dev->bus,
		 dev->devfn >> 3, dev->devfn & 7);
	dev->config = NULL;
	if (window && used)
		dev->config = ioremap(window + FUNCTION(dev->devfn), PAGE_SIZE);
	if (used && !dev->config && dev->segment) {
		kfree(dev);		/* the ports would show another function */
		return;
	}
	list_add_tail(&dev->list, &pci_devices);
}

/* One bus; window: its physical address, mapped at `map`; 0 and NULL: by the ports. */
static void scan_bus(u16 segment, u8 bus, u64 window, char *map)
{
	struct pci_dev dev = { .segment = segment, .bus = bus };
	unsigned devfn;

	for (devfn = 0; devfn < 256; devfn++) {
		dev.devfn = (u8)devfn;
		dev.config = map ? map + FUNCTION(devfn) : NULL;
		if (!probe(&dev)) {
			if (!(devfn & 7))
				devfn |= 7;		/* no function 0: no device */
			continue;
		}
		silence(&dev);
		if (!is_listed(&dev))
			keep(&dev, window);
		if (!(devfn & 7) && !(pci_read8(&dev, PCI_HEADER) & PCI_HEADER_MULTI))
			devfn |= 7;
	}
}

static bool window_is_right(const struct acpi_mcfg *m)
{
	struct pci_dev port = { .bus = m->bus_start }, window = port;
	void *map;
	bool right;

	map = ioremap(m->base + m->bus_start * BUS_BYTES, PAGE_SIZE);
	if (!map)
		return false;
	window.config = map;
	right = m->segment || !pci_ports_present() ||
		pci_read32(&window, PCI_VENDOR) == pci_read32(&port, PCI_VENDOR);
	iounmap(map);
	return right;
}

/* What can be mapped up there is left to the registers of devices if there is another way. */
static bool window_is_too_far(const struct acpi_mcfg *m)
{
	return !m->segment && pci_ports_present() &&
	       ioremap_scarce(m->base + m->bus_start * BUS_BYTES,
			      (m->bus_end - m->bus_start + 1) * BUS_BYTES);
}

static bool scan_window(const struct acpi_mcfg *m)
{
	unsigned bus;
	char *map;

	if (window_is_too_far(m) || !window_is_right(m)) {
		pr_notice("pci: the window at %llx cannot be used\n", (unsigned long long)m->base);
		return false;
	}
	for (bus = m->bus_start; bus <= m->bus_end; bus++) {
		map = ioremap(m->base + bus * BUS_BYTES, BUS_BYTES);
		if (!map)
			return false;
		scan_bus(m->segment, (u8)bus, m->base + bus * BUS_BYTES, map);
		iounmap(map);
	}
	return true;
}

static void scan_by_ports(void)
{
	unsigned bus;

	if (!pci_ports_present())
		return;
	for (bus = 0; bus < 256; bus++)
		scan_bus(0, (u8)bus, 0, NULL);
}

void pci_init(void)
{
	unsigned i, windows = 0, n = 0;
	bool first = false;
	struct pci_dev *dev;

	pci_register_shutdown();
	for (i = 0; i < acpi_info.mcfg_count; i++) {
		if (!scan_window(&acpi_info.mcfg[i]))
			continue;
		windows++;
		first |= !acpi_info.mcfg[i].segment;
	}
	if (!first)
		scan_by_ports();
	for_each_pci_dev(dev) {
		n++;
		if (knob("bridges-off"))
			close_bridge(dev);
	}
	pr_info("pci: %u functions, by %u memory windows%s\n", n, windows,
		first ? "" : " and the ports");
}
