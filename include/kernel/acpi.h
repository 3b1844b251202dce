/* SPDX-License-Identifier: MIT */
/*
 * ACPI without AML: the plain tables, read once.
 *
 * acpi_init() copies what the kernel wants into acpi_info, so the tables themselves may
 * be reused afterwards; it must run before memory of type BootServices is handed out,
 * since some firmware (U-Boot) keeps its tables there.  Tables are read byte-wise
 * through early_memremap windows: unaligned ones and ones anywhere in memory are fine.
 */
#ifndef KERNEL_ACPI_H
#define KERNEL_ACPI_H

#include <kernel/types.h>

#define ACPI_MAX_TABLES		64
#define ACPI_MAX_IOAPICS	16
#define ACPI_MAX_MCFG		16

/* Generic address structure, decoded. */
struct acpi_gas {
	u8 space;		/* 0 memory, 1 I/O, 2 PCI configuration */
	u8 width;		/* bits; 0: register absent */
	u64 address;
};

struct acpi_table_ref {
	char signature[5];	/* NUL-terminated */
	bool checksum_ok;
	u32 length;
	u64 phys;
};

struct acpi_ioapic {
	u64 phys;
	u32 gsi_base;
};

struct acpi_mcfg {
	u64 base;
	u16 segment;
	u8 bus_start, bus_end;
};

struct acpi_info {
	bool present;			/* a valid RSDP was there */
	u8 revision;			/* of the RSDP */
	bool xsdt;			/* the list came from the XSDT */
	char oem[7];
	unsigned bad_checksums;

	unsigned table_count;		/* every table found, DSDT included */
	struct acpi_table_ref table[ACPI_MAX_TABLES];

	/* FADT */
	bool fadt;
	u32 fadt_flags;
	u16 boot_arch;			/* IAPC_BOOT_ARCH, 0 before revision 3 */
	u32 pm_timer_port;		/* 0: none */
	bool pm_timer_32bit;
	u32 smi_cmd;
	u8 acpi_enable;
	u32 pm1a_cnt, pm1b_cnt;		/* ports, 0: none */
	struct acpi_gas reset_reg;	/* width 0: none */
	u8 reset_value;

	/* _S5_ package of the DSDT */
	bool s5;
	u8 s5_typa, s5_typb;

	/* MADT */
	u64 lapic_phys;
	unsigned cpus;			/* enabled processors */
	bool pcat_compat;		/* the machine has 8259s too */
	unsigned ioapic_count;
	struct acpi_ioapic ioapic[ACPI_MAX_IOAPICS];

	u64 hpet_phys;			/* 0: none */

	unsigned mcfg_count;
	struct acpi_mcfg mcfg[ACPI_MAX_MCFG];

	struct acpi_gas spcr_uart;	/* width 0: none */
	u8 spcr_type;			/* 0, 1, 0x12: 16550 compatible */
};

extern struct acpi_info acpi_info;

/*
 * Read the tables that start at one of the two RSDPs (0: absent).  Never fails: what is
 * missing or broken is left out, and said in one line.
 */
void acpi_init(u64 rsdp, u64 rsdp1);

/* Physical address and length of a table by its signature; false if there is none. */
bool acpi_find_table(const char *signature, u64 *phys, u32 *length);

/*
 * A port from a table that may be used: not 0, and not below 0x400, where firmware that
 * made it up has put it on top of a legacy device.
 */
static inline bool acpi_port_sane(u32 port)
{
	return port >= 0x400 && port <= 0xffff;
}

#endif
