/* SPDX-License-Identifier: MIT */
/*
 * The plain ACPI tables, read once (ACPI specification 6.4, chapter 5).
 *
 * Nothing is believed: signatures, lengths and checksums are checked, a table with a wrong
 * checksum is named and not used, loops are bounded.  Tables are seen through one early
 * mapping at a time, so they may be unaligned and anywhere in memory; in two levels those
 * above 4 GiB are out of reach and left out.
 */
#include <kernel/acpi.h>
#include <kernel/kernel.h>
#include <kernel/printk.h>
#include <kernel/string.h>
#include <mm/ioremap.h>

#define HEADER		36		/* signature, length, revision, checksum, ... */
#define MAX_TABLE	(4u << 20)
#define WINDOW		(64u << 10)	/* what is mapped at a time */
#define S5_OVERLAP	32		/* the longest _S5_ package that is looked at */

struct acpi_info acpi_info;

static u16 get16(const u8 *p)
{
	return (u16)(p[0] | p[1] << 8);
}

static u32 get32(const u8 *p)
{
	return get16(p) | (u32)get16(p + 2) << 16;
}

static u64 get64(const u8 *p)
{
	return get32(p) | (u64)get32(p + 4) << 32;
}

/* Copy n (at most WINDOW) bytes from physical memory; false if they cannot be reached. */
static bool read_phys(u64 phys, void *buf, u32 n)
{
	const void *p = early_memremap(phys, n);

	if (!p)
		return false;
	memcpy(buf, p, n);
	early_memunmap();
	return true;
}

static bool sum_phys(u64 phys, u32 len, u8 *sum)
{
	*sum = 0;
	while (len) {
		u32 n = min(len, WINDOW), i;
		const u8 *p = early_memremap(phys, n);

		if (!p)
			return false;
		for (i = 0; i < n; i++)
			*sum = (u8)(*sum + p[i]);
		early_memunmap();
		phys += n;
		len -= n;
	}
	return true;
}

/* Enter a table into the list.  NULL: not a table, or not readable. */
static struct acpi_table_ref *note_table(u64 phys)
{
	struct acpi_table_ref *t;
	u8 header[HEADER], sum;
	u32 len;

	if (!phys || acpi_info.table_count == ACPI_MAX_TABLES ||
	    !read_phys(phys, header, HEADER))
		return NULL;
	len = get32(header + 4);
	if (len < HEADER || len > MAX_TABLE || !sum_phys(phys, len, &sum))
		return NULL;
	t = &acpi_info.table[acpi_info.table_count++];
	*t = (struct acpi_table_ref){ .phys = phys, .length = len, .checksum_ok = sum == 0 };
	memcpy(t->signature, header, 4);
	if (!t->checksum_ok) {
		acpi_info.bad_checksums++;
		pr_warn("acpi: table %s at %llx has a wrong checksum; not used\n",
			t->signature, (unsigned long long)phys);
	}
	return t;
}

/* Map a table for parsing, NULL if it is absent, bad or larger than a mapping. */
static const u8 *open_table(const char *signature, u32 min_len, u32 *len)
{
	u64 phys;

	if (!acpi_find_table(signature, &phys, len) || *len < min_len)
		return NULL;
	*len = min(*len, WINDOW);
	return early_memremap(phys, *len);
}

bool acpi_find_table(const char *signature, u64 *phys, u32 *length)
{
	unsigned i;

	for (i = 0; i < acpi_info.table_count; i++) {
		const struct acpi_table_ref *t = &acpi_info.table[i];

		if (strcmp(t->signature, signature) || !t->checksum_ok)
			continue;
		*phys = t->phys;
		*length = t->length;
		return true;
	}
	return false;
}

static struct acpi_gas read_gas(const u8 *p)
{
	return (struct acpi_gas){ .space = p[0], .width = p[1], .address = get64(p + 4) };
}

/* The root table's entries are the other tables' addresses, 4 or 8 bytes each. */
static bool read_root(u64 phys, unsigned entry_size)
{
	struct acpi_table_ref *root = note_table(phys);
	u32 off;

	if (!root || !root->checksum_ok ||
	    strcmp(root->signature, entry_size == 8 ? "XSDT" : "RSDT"))
		return false;
	for (off = HEADER; off + entry_size <= root->length; off += entry_size) {
		u8 entry[8] = { 0 };

		if (read_phys(root->phys + off, entry, entry_size))
			note_table(get64(entry));
	}
	return true;
}

static bool read_rsdp(u64 phys)
{
	u8 r[36], sum;
	u64 xsdt = 0;

	acpi_info.table_count = acpi_info.bad_checksums = 0;
	if (!phys || !read_phys(phys, r, 20) || memcmp(r, "RSD PTR ", 8) ||
	    !sum_phys(phys, 20, &sum) || sum)
		return false;
	if (r[15] >= 2 && read_phys(phys, r, 36) && get32(r + 20) >= 36 &&
	    sum_phys(phys, 36, &sum) && !sum)
		xsdt = get64(r + 24);
	acpi_info.revision = r[15];
	memcpy(acpi_info.oem, r + 9, 6);
	if (xsdt && read_root(xsdt, 8)) {
		acpi_info.xsdt = true;
		return true;
	}
	return read_root(get32(r + 16), 4);
}

/* A port block of the FADT: the old field, or the extended one if that is a port. */
static u32 fadt_port(const u8 *f, u32 len, unsigned old, unsigned extended)
{
	u32 port = get32(f + old);
	struct acpi_gas gas;

	if (port || len < extended + 12)
		return port;
	gas = read_gas(f + extended);
	return gas.space == 1 && gas.address <= 0xffff ? (u32)gas.address : 0;
}

static u64 parse_fadt(void)
{
	struct acpi_info *a = &acpi_info;
	u32 len;
	const u8 *f = open_table("FACP", 116, &len);
	u64 dsdt;

	if (!f)
		return 0;
	a->fadt = true;
	a->fadt_flags = get32(f + 112);
	a->boot_arch = f[8] >= 3 ? get16(f + 109) : 0;
	a->smi_cmd = get32(f + 48);
	a->acpi_enable = f[52];
	a->pm1a_cnt = fadt_port(f, len, 64, 172);
	a->pm1b_cnt = fadt_port(f, len, 68, 184);
	a->pm_timer_port = fadt_port(f, len, 76, 208);
	a->pm_timer_32bit = a->fadt_flags >> 8 & 1;
	if (len >= 129 && a->fadt_flags >> 10 & 1) {
		a->reset_reg = read_gas(f + 116);
		a->reset_value = f[128];
	}
	dsdt = get32(f + 40);
	if (len >= 148 && get64(f + 140))
		dsdt = get64(f + 140);
	early_memunmap();
	return dsdt;
}

static void parse_madt_entry(const u8 *e)
{
	struct acpi_info *a = &acpi_info;

	if (e[0] == 0 && e[1] >= 8) {
		a->cpus += e[4] & 1;
	} else if (e[0] == 9 && e[1] >= 16) {
		a->cpus += e[8] & 1;
	} else if (e[0] == 1 && e[1] >= 12 && a->ioapic_count < ACPI_MAX_IOAPICS) {
		a->ioapic[a->ioapic_count++] = (struct acpi_ioapic){
			.phys = get32(e + 4), .gsi_base = get32(e + 8),
		};
	} else if (e[0] == 5 && e[1] >= 12) {
		a->lapic_phys = get64(e + 4);
	}
}

static void parse_madt(void)
{
	u32 len, off;
	const u8 *t = open_table("APIC", 44, &len);

	if (!t)
		return;
	acpi_info.lapic_phys = get32(t + 36);
	acpi_info.pcat_compat = t[40] & 1;
	for (off = 44; off + 2 <= len && t[off + 1] >= 2 && off + t[off + 1] <= len;
	     off += t[off + 1])
		parse_madt_entry(t + off);
	early_memunmap();
}

static void parse_hpet(void)
{
	u32 len;
	const u8 *t = open_table("HPET", 56, &len);

	if (!t)
		return;
	if (t[40] == 0)
		acpi_info.hpet_phys = get64(t + 44);
	early_memunmap();
}

static void parse_mcfg(void)
{
	u32 len, off;
	const u8 *t = open_table("MCFG", 60, &len);

	if (!t)
		return;
	for (off = 44; off + 16 <= len && acpi_info.mcfg_count < ACPI_MAX_MCFG; off += 16)
		acpi_info.mcfg[acpi_info.mcfg_count++] = (struct acpi_mcfg){
			.base = get64(t + off), .segment = get16(t + off + 8),
			.bus_start = t[off + 10], .bus_end = t[off + 11],
		};
	early_memunmap();
}

static void parse_spcr(void)
{
	u32 len;
	const u8 *t = open_table("SPCR", 52, &len);

	if (!t)
		return;
	acpi_info.spcr_type = t[36];
	acpi_info.spcr_uart = read_gas(t + 40);
	early_memunmap();
}

/* One integer of an AML package; how many bytes it takes, 0: not a small integer. */
static unsigned aml_byte(const u8 *p, u8 *value)
{
	switch (p[0]) {
	case 0x00:			/* ZeroOp */
	case 0x01:			/* OneOp */
		*value = p[0];
		return 1;
	case 0x0a:			/* BytePrefix */
		*value = p[1];
		return 2;
	case 0x0b:			/* WordPrefix */
		*value = p[1];
		return 3;
	case 0x0c:			/* DWordPrefix */
		*value = p[1];
		return 5;
	}
	return 0;
}

/* `p` stands behind "_S5_": PackageOp, length (1 to 4 bytes), count, SLP_TYPa, SLP_TYPb. */
static bool parse_s5(const u8 *p)
{
	unsigned n;

	if (*p++ != 0x12)
		return false;
	p += 1 + (*p >> 6);
	if (*p++ < 1)
		return false;
	n = aml_byte(p, &acpi_info.s5_typa);
	if (!n)
		return false;
	if (!aml_byte(p + n, &acpi_info.s5_typb))
		acpi_info.s5_typb = acpi_info.s5_typa;
	return true;
}

/* Name(_S5_, ...) or Name(\_S5_, ...): without AML the bytes are what there is to go by. */
static bool find_s5(const u8 *p, u32 len)
{
	u32 i;

	for (i = 2; i + S5_OVERLAP <= len; i++)
		if (p[i] == '_' && !memcmp(p + i, "_S5_", 4) &&
		    (p[i - 1] == 0x08 || (p[i - 1] == '\\' && p[i - 2] == 0x08)) &&
		    parse_s5(p + i + 4))
			return true;
	return false;
}

static void scan_for_s5(const struct acpi_table_ref *t)
{
	u32 off = 0;

	while (!acpi_info.s5 && off < t->length) {
		u32 n = min(t->length - off, WINDOW);
		const u8 *p = early_memremap(t->phys + off, n);

		if (!p)
			return;
		acpi_info.s5 = find_s5(p, n);
		early_memunmap();
		if (n < WINDOW)
			return;
		off += WINDOW - 2 * S5_OVERLAP;
	}
}

static void find_s5_anywhere(u64 dsdt)
{
	unsigned i;

	note_table(dsdt);
	for (i = 0; i < acpi_info.table_count; i++) {
		const struct acpi_table_ref *t = &acpi_info.table[i];

		if (t->checksum_ok &&
		    (!strcmp(t->signature, "DSDT") || !strcmp(t->signature, "SSDT")))
			scan_for_s5(t);
	}
}

static void report(void)
{
	const struct acpi_info *a = &acpi_info;

	pr_info("acpi: revision %u by \"%s\", %u tables by %s, %u wrong checksums\n",
		a->revision, a->oem, a->table_count, a->xsdt ? "XSDT" : "RSDT",
		a->bad_checksums);
	pr_info("acpi: pm timer port 0x%x, reset register %s, S5 %s, hpet %llx, "
		"%u CPUs, %u I/O APICs\n",
		a->pm_timer_port, a->reset_reg.width ? "yes" : "no", a->s5 ? "yes" : "no",
		(unsigned long long)a->hpet_phys, a->cpus, a->ioapic_count);
}

void acpi_init(u64 rsdp, u64 rsdp1)
{
	u64 dsdt;

	acpi_info.present = read_rsdp(rsdp) || read_rsdp(rsdp1);
	if (!acpi_info.present) {
		pr_warn("acpi: %s; timers and power-off may be missing\n",
			rsdp || rsdp1 ? "the RSDP or its tables are damaged or out of reach"
				      : "the firmware has none");
		return;
	}
	dsdt = parse_fadt();
	parse_madt();
	parse_hpet();
	parse_mcfg();
	parse_spcr();
	find_s5_anywhere(dsdt);
	report();
}
