/* SPDX-License-Identifier: MIT */
/* Smoke: are the ACPI tables intact, and do they name a way to reset the machine? */
#include <kernel/acpi.h>
#include <mm/mm.h>
#include "smoke.h"

static const struct acpi_table_ref *first_bad_table(void)
{
	unsigned i;

	for (i = 0; i < acpi_info.table_count; i++)
		if (!acpi_info.table[i].checksum_ok)
			return &acpi_info.table[i];
	return NULL;
}

static void acpi_absent(struct row *r)
{
	u64 rsdp = boot_info->rsdp ? boot_info->rsdp : boot_info->rsdp1;

	if (!rsdp)
		row_skip(r, "the firmware has no ACPI");
	else if (PGTABLE_LEVELS == 2 && rsdp >= 1ull << 32)
		row_skip(r, "the tables lie above 4 GiB, out of reach of two-level paging");
	else
		row_ok(r, false, "the RSDP at %#llx or the table that it names is damaged; firmware bug",
		       ULL(rsdp));
}

void smoke_acpi_checksums(struct row *r)
{
	const struct acpi_table_ref *bad = first_bad_table();

	if (!acpi_info.present) {
		acpi_absent(r);
		return;
	}
	row_info(r, "%u tables by %s, revision %u, %u wrong", acpi_info.table_count,
		 acpi_info.xsdt ? "XSDT" : "RSDT", acpi_info.revision, acpi_info.bad_checksums);
	if (bad)
		row_ok(r, false, "%s at %#llx has a wrong checksum and is not used: update the firmware",
		       bad->signature, ULL(bad->phys));
	row_ok(r, acpi_info.table_count, "the root table is empty; firmware bug");
	if (!acpi_info.fadt)
		row_warn(r, "no FADT: power-off, reset and PM timer are unknown");
}

static void check_memory_register(struct row *r, u64 address)
{
	const struct boot_memdesc *d = smoke_desc_at(address);

	row_ok(r, !d || d->type != SMOKE_CONVENTIONAL,
	       "the reset register at %#llx is in free RAM; firmware bug", ULL(address));
}

void smoke_acpi_reset_reg(struct row *r)
{
	static const char *const space[] = { "memory", "port", "PCI" };
	const struct acpi_gas *g = &acpi_info.reset_reg;

	if (!acpi_info.fadt || !g->width) {
		row_skip(r, "ACPI names none; reset falls back to port 0xcf9 and the keyboard controller");
		return;
	}
	row_info(r, "%s %#llx, value 0x%02x, %u bits", g->space < ARRAY_SIZE(space) ? space[g->space] : "?",
		 ULL(g->address), acpi_info.reset_value, g->width);
	row_ok(r, g->space < ARRAY_SIZE(space), "address space %u is not allowed; firmware bug", g->space);
	row_ok(r, g->address && (g->space != 1 || g->address <= 0xffff),
	       "there is no such address; firmware bug, use reset=efi or reset=cf9");
	if (g->space == 0)
		check_memory_register(r, g->address);
	if (g->width != 8)
		row_warn(r, "ACPI wants 8 bits; one byte is written");
}
