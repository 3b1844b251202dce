/* SPDX-License-Identifier: MIT */
/*
 * Stop DMA after ExitBootServices.
 *
 * A USB, SATA or network controller that the firmware left running goes on writing into
 * memory that is ours by now.  Clearing Bus Master Enable in the command register stops
 * every such function; bridges keep it (they only pass on what others send), displays too
 * (some fetch their picture or their tables by it).
 *
 * All 256 buses are tried by the ports 0xCF8 and 0xCFC, not just those below bridges that
 * we would find from bus 0: a machine may have several roots.
 */
#include "core.h"

#define PCI_ADDRESS	0xcf8
#define PCI_DATA	0xcfc
#define PCI_ENABLE	0x80000000u

#define PCI_COMMAND	0x04
#define  CMD_MASTER	0x0004
#define PCI_CLASS	0x08		/* revision, interface, subclass, class */
#define  CLASS_DISPLAY	0x03
#define  CLASS_BRIDGE	0x06
#define PCI_HEADER	0x0c		/* byte 2: header type */
#define  HEADER_MULTI	(0x80u << 16)

static uint32_t pci_read(unsigned bdf, unsigned reg)
{
	outl(PCI_ADDRESS, PCI_ENABLE | bdf << 8 | reg);
	return inl(PCI_DATA);
}

/* The status register is in the upper half; its bits clear when written, so 16 bits. */
static void pci_write_command(unsigned bdf, uint16_t command)
{
	outl(PCI_ADDRESS, PCI_ENABLE | bdf << 8 | PCI_COMMAND);
	outw(PCI_DATA, command);
}

/* Is there a configuration mechanism 1 at all? */
static bool pci_present(void)
{
	outl(PCI_ADDRESS, PCI_ENABLE);
	return inl(PCI_ADDRESS) == PCI_ENABLE;
}

static bool stop_function(unsigned bdf)
{
	uint32_t class = pci_read(bdf, PCI_CLASS) >> 24;
	uint16_t command = (uint16_t)pci_read(bdf, PCI_COMMAND);

	if (class == CLASS_BRIDGE || class == CLASS_DISPLAY || !(command & CMD_MASTER))
		return false;
	pci_write_command(bdf, command & ~CMD_MASTER);
	return true;
}

unsigned bus_masters_off(void)
{
	unsigned bdf, stopped = 0;

	if (!pci_present())
		return 0;
	for (bdf = 0; bdf < 0x10000; bdf++) {
		uint32_t id = pci_read(bdf, 0);

		if (id == 0xffffffff || id == 0) {
			if (!(bdf & 7))
				bdf |= 7;	/* no function 0: no device */
			continue;
		}
		stopped += stop_function(bdf);
		if (!(bdf & 7) && !(pci_read(bdf, PCI_HEADER) & HEADER_MULTI))
			bdf |= 7;
	}
	outl(PCI_ADDRESS, 0);
	return stopped;
}
