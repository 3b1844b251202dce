/* SPDX-License-Identifier: MIT */
/* What the files of drivers/pci share. */
#ifndef DRIVERS_PCI_INTERNAL_H
#define DRIVERS_PCI_INTERNAL_H

#include <kernel/pci.h>

/* access.c: are the ports there? */
bool pci_ports_present(void);

/* pci.c: all functions off at the end of the run. */
void pci_register_shutdown(void);

#endif
