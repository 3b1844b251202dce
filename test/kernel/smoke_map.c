/* SPDX-License-Identifier: MIT */
/*
 * Smoke: is the firmware's memory map what UEFI 2.10, 7.2 (GetMemoryMap) promises?
 *
 * All checks read the untouched copy that the loader took with the accepted key.
 */
#include <kernel/acpi.h>
#include <kernel/crc32.h>
#include <kernel/sort.h>
#include "smoke.h"

#define MANY_DESCRIPTORS	512	/* more than the fixed tables of many loaders hold */
#define DESC_MIN		40	/* UEFI: at least the five fields */

static const char *const type_names[] = {
	"Reserved", "LoaderCode", "LoaderData", "BootServicesCode", "BootServicesData",
	"RuntimeServicesCode", "RuntimeServicesData", "Conventional", "Unusable",
	"ACPIReclaim", "ACPINVS", "MMIO", "MMIOPort", "PalCode", "Persistent", "Unaccepted",
};

const char *smoke_type_name(u32 type)
{
	return type < ARRAY_SIZE(type_names) ? type_names[type] : "unknown";
}

u64 smoke_desc_end(const struct boot_memdesc *d)
{
	u64 room = (~0ull - d->phys) / SMOKE_PAGE;

	return d->phys + min(d->pages, room) * SMOKE_PAGE;
}

const struct boot_memdesc *smoke_desc_at(u64 addr)
{
	unsigned i;

	for (i = 0; i < boot_info->memmap_count; i++) {
		const struct boot_memdesc *d = memdesc(i);

		if (addr >= d->phys && addr < smoke_desc_end(d))
			return d;
	}
	return NULL;
}

bool smoke_covered(u64 start, u64 size, bool (*ok)(const struct boot_memdesc *d), u64 *hole)
{
	u64 end = start + size;

	for (*hole = start; *hole < end; ) {
		const struct boot_memdesc *d = smoke_desc_at(*hole);

		if (!d || !ok(d))
			return false;
		*hole = smoke_desc_end(d);
	}
	return true;
}

bool smoke_is_runtime(const struct boot_memdesc *d)
{
	return d->attribute & SMOKE_ATTR_RUNTIME;
}

/* What any loader may take for free RAM after the exit. */
static bool is_free(const struct boot_memdesc *d)
{
	return d->type >= SMOKE_LOADER_CODE && d->type <= SMOKE_CONVENTIONAL &&
	       d->type != SMOKE_RT_CODE && d->type != SMOKE_RT_DATA;
}

void smoke_map_sorted(struct row *r)
{
	unsigned i, back = 0;

	for (i = 1; i < boot_info->memmap_count; i++)
		back += memdesc(i)->phys < memdesc(i - 1)->phys;
	row_info(r, "%u descriptors, %u out of order", boot_info->memmap_count, back);
	if (!row_ok(r, boot_info->memmap_count, "the map is empty: firmware bug"))
		return;
}

struct piece {
	u64 start, end;
	u32 type;
};

static int piece_order(const void *a, const void *b)
{
	const struct piece *x = a, *y = b;

	return x->start < y->start ? -1 : x->start > y->start;
}

static struct piece *sorted_map(unsigned *count)
{
	struct piece *p = vmalloc(max(boot_info->memmap_count, 1u) * sizeof(*p));
	unsigned i, n = 0;

	for (i = 0; p && i < boot_info->memmap_count; i++) {
		const struct boot_memdesc *d = memdesc(i);

		if (d->pages)
			p[n++] = (struct piece){ d->phys, smoke_desc_end(d), d->type };
	}
	if (p)
		sort(p, n, sizeof(*p), piece_order);
	*count = n;
	return p;
}

/* Two entries for one place: worse when they disagree about what it is. */
static void report_overlap(struct row *r, const struct piece *low, const struct piece *high)
{
	if (low->type == high->type)
		row_warn(r, "%#llx is listed twice (%s): loaders that add up sizes count RAM double",
			 ULL(high->start), smoke_type_name(low->type));
	else
		row_ok(r, false, "%#llx is both %s and %s: nobody can tell who owns it; firmware bug",
		       ULL(high->start), smoke_type_name(low->type), smoke_type_name(high->type));
}

void smoke_map_no_overlap(struct row *r)
{
	unsigned n, i, widest = 0, overlaps = 0, differ = 0;
	struct piece *p = sorted_map(&n);

	if (!p) {
		row_skip(r, "no memory for a sorted copy of the map");
		return;
	}
	/* Two rounds, so that the reason shown is that of a real contradiction. */
	for (i = 1; i < n; i++) {
		if (p[i].start < p[widest].end) {
			overlaps++;
			if (p[i].type != p[widest].type && !differ++)
				report_overlap(r, &p[widest], &p[i]);
		}
		if (p[i].end > p[widest].end)
			widest = i;
	}
	for (widest = 0, i = 1; i < n && overlaps && !differ; i++) {
		if (p[i].start < p[widest].end)
			report_overlap(r, &p[widest], &p[i]);
		if (p[i].end > p[widest].end)
			widest = i;
	}
	vfree(p);
	row_info(r, "%u overlaps in %u ranges", overlaps, n);
	smoke_pass(r);
}

void smoke_map_aligned(struct row *r)
{
	u64 top = 1ull << max(boot_cpu.phys_bits, 32u);
	unsigned i, empty = 0, high = 0;

	for (i = 0; i < boot_info->memmap_count; i++) {
		const struct boot_memdesc *d = memdesc(i);

		row_ok(r, !(d->phys % SMOKE_PAGE),
		       "%s at %#llx does not start on a page: parts of it are given away; firmware bug",
		       smoke_type_name(d->type), ULL(d->phys));
		row_ok(r, d->pages <= (~0ull - d->phys) / SMOKE_PAGE,
		       "%s at %#llx has %#llx pages, more than addresses exist; firmware bug",
		       smoke_type_name(d->type), ULL(d->phys), ULL(d->pages));
		empty += !d->pages;
		high += smoke_desc_end(d) > top;
	}
	row_info(r, "%u empty, %u above %u address bits", empty, high, boot_cpu.phys_bits);
	if (empty)
		row_warn(r, "descriptors of 0 pages: loaders that merge neighbours may stumble");
	if (high)
		row_warn(r, "ranges that this processor cannot address; ignored");
	smoke_pass(r);
}

void smoke_map_count(struct row *r)
{
	const struct boot_info *b = boot_info;

	row_info(r, "%u descriptors of %u bytes, version %u", b->memmap_count,
		 b->memmap_desc_size, b->memmap_desc_version);
	row_ok(r, b->memmap_desc_size >= DESC_MIN && b->memmap_desc_size % 8 == 0,
	       "a descriptor has at least 40 bytes, in units of 8; firmware bug");
	row_ok(r, b->memmap_len == b->memmap_count * b->memmap_desc_size && b->memmap_len,
	       "%u bytes are not a whole number of descriptors; firmware bug", b->memmap_len);
	if (b->memmap_desc_version != 1)
		row_warn(r, "UEFI knows version 1 only: the fields may mean something else");
	if (b->memmap_count > MANY_DESCRIPTORS)
		row_warn(r, "loaders with a fixed table of up to %u lose RAM here", MANY_DESCRIPTORS);
}

/* Services may be called after the exit, so they must lie in memory that stays theirs. */
static void check_service(struct row *r, const char *what, u64 addr)
{
	const struct boot_memdesc *d = smoke_desc_at(addr);

	if (!addr || (d && smoke_is_runtime(d)))
		return;
	row_warn(r, "%s at %#llx is in %s memory, not in a runtime range: do not call it late",
		 what, ULL(addr), d ? smoke_type_name(d->type) : "unlisted");
}

void smoke_map_runtime_aligned(struct row *r)
{
	unsigned i, ranges = 0, plain = 0;
	u64 bytes = 0;

	for (i = 0; i < boot_info->memmap_count; i++) {
		const struct boot_memdesc *d = memdesc(i);

		plain += !smoke_is_runtime(d) && d->pages &&
			 (d->type == SMOKE_RT_CODE || d->type == SMOKE_RT_DATA);
		if (!smoke_is_runtime(d))
			continue;
		ranges++;
		bytes += smoke_desc_end(d) - d->phys;
		row_ok(r, !(d->phys % SMOKE_PAGE) && d->pages,
		       "runtime range at %#llx (%#llx pages) is not whole pages; firmware bug",
		       ULL(d->phys), ULL(d->pages));
	}
	row_info(r, "%u ranges, %llu KiB", ranges, ULL(bytes >> 10));
	row_ok(r, ranges, "no range is marked EFI_MEMORY_RUNTIME: reset and clock services are lost");
	if (plain)
		row_warn(r, "%u runtime ranges lack the EFI_MEMORY_RUNTIME attribute", plain);
	check_service(r, "the services' table", boot_info->runtime_services);
	check_service(r, "ResetSystem", boot_info->reset_system);
}

void smoke_map_self_consistent(struct row *r)
{
	u32 now = crc32((char *)boot_info + boot_info->memmap_off, boot_info->memmap_len);

	row_info(r, "crc32 %08x", now);
	row_ok(r, now == boot_info->memmap_crc,
	       "was %08x at the exit: something (a device?) writes into memory that is not its own",
	       boot_info->memmap_crc);
	if (!(boot_info->firmware_flags & BOOT_FW_MAP_SELF_CONSISTENT))
		row_warn(r, "two GetMemoryMap calls in a row gave different maps; loaders must retry");
}

static bool is_loader(const struct boot_memdesc *d)
{
	return d->type == SMOKE_LOADER_CODE || d->type == SMOKE_LOADER_DATA;
}

static bool is_ours_after_exit(const struct boot_memdesc *d)
{
	return is_loader(d) || d->type == SMOKE_CONVENTIONAL || d->type == SMOKE_BS_CODE ||
	       d->type == SMOKE_BS_DATA;
}

static void cover(struct row *r, const char *what, const struct boot_range *range)
{
	const struct boot_memdesc *d;
	u64 hole;

	if (!range->size || smoke_covered(range->base, range->size, is_loader, &hole))
		return;
	d = smoke_desc_at(hole);
	/* Firmware that loads images by hand may call the whole area something else. */
	if (d && (d->type == SMOKE_BS_CODE || d->type == SMOKE_BS_DATA))
		row_warn(r, "%s: %#llx is %s, should be LoaderCode or LoaderData", what, ULL(hole),
			 smoke_type_name(d->type));
	else
		row_ok(r, false, "%s: %#llx is %s, should be LoaderCode or LoaderData: a system "
		       "would overwrite it", what, ULL(hole), d ? smoke_type_name(d->type) : "in no range");
}

/* What the loader placed after the exit lies in whatever memory was free then. */
static void cover_placed(struct row *r, const char *what, const struct boot_range *range)
{
	u64 hole;

	if (boot_info->firmware_flags & BOOT_FW_PLACED_LATE && range->size &&
	    smoke_covered(range->base, range->size, is_ours_after_exit, &hole))
		return;
	cover(r, what, range);
}

void smoke_map_covers_image(struct row *r)
{
	const struct boot_info *b = boot_info;
	unsigned i;

	row_info(r, "image %#llx+%llu KiB", ULL(b->loader_image.base),
		 ULL(b->loader_image.size >> 10));
	cover(r, "image", &b->loader_image);
	for (i = 0; i < 2; i++) {
		cover_placed(r, "kernel", &b->package[i].image);
		cover_placed(r, "boot_info", &b->package[i].info);
	}
	cover(r, "trampoline", &b->trampoline);
	cover(r, "identity tables", &b->identity);
	for (i = 0; i < BOOT_BLOBS; i++)
		cover_placed(r, "blob", &b->blob[i].where);
	smoke_pass(r);
}

/* 0: as it should be; 1: survivable; 2: a system would overwrite the table. */
static int acpi_placement(const struct boot_memdesc *d)
{
	if (!d)
		return 1;
	if (d->type == SMOKE_CONVENTIONAL || is_loader(d))
		return 2;
	return is_free(d) ? 1 : 0;
}

void smoke_map_covers_acpi(struct row *r)
{
	unsigned i, count[3] = { 0 };
	const struct acpi_table_ref *worst = NULL;
	const struct boot_memdesc *d;
	int level, worst_level = 0;

	if (!acpi_info.present) {
		row_skip(r, "no usable ACPI tables (see acpi.checksums)");
		return;
	}
	for (i = 0; i < acpi_info.table_count; i++) {
		level = acpi_placement(smoke_desc_at(acpi_info.table[i].phys));
		count[level]++;
		if (level <= worst_level)
			continue;
		worst_level = level;
		worst = &acpi_info.table[i];
	}
	row_info(r, "%u of %u tables in memory of their own", count[0], acpi_info.table_count);
	smoke_pass(r);
	if (!worst)
		return;
	d = smoke_desc_at(worst->phys);
	if (worst_level == 2)
		row_ok(r, false, "%s at %#llx is in %s memory: a system overwrites it; firmware bug",
		       worst->signature, ULL(worst->phys), smoke_type_name(d->type));
	else
		row_warn(r, "%s at %#llx is in %s memory, not ACPIReclaim or NVS: read it before reuse",
			 worst->signature, ULL(worst->phys), d ? smoke_type_name(d->type) : "unlisted");
}

void smoke_map_fb_not_in_ram(struct row *r)
{
	const struct boot_fb *fb = &boot_info->fb;
	const struct boot_memdesc *d, *hit = NULL;
	unsigned i;

	if (!fb->base || !fb->size) {
		row_skip(r, fb->format == BOOT_FB_BLT_ONLY ? "the screen has no linear frame buffer" :
			 "the firmware offers no screen (GOP)");
		return;
	}
	for (i = 0; i < boot_info->memmap_count; i++) {
		d = memdesc(i);
		if (is_free(d) && d->phys < fb->base + fb->size && smoke_desc_end(d) > fb->base &&
		    (!hit || d->type == SMOKE_CONVENTIONAL))
			hit = d;
	}
	d = smoke_desc_at(fb->base);
	row_info(r, "%#llx+%llu KiB in %s", ULL(fb->base), ULL(fb->size >> 10),
		 hit ? smoke_type_name(hit->type) : d ? smoke_type_name(d->type) : "no listed range");
	smoke_pass(r);
	if (hit && hit->type == SMOKE_CONVENTIONAL)
		row_ok(r, false, "the map calls the frame buffer free RAM: the screen overwrites data");
	else if (hit)
		row_warn(r, "the frame buffer is in RAM that is free after the exit; kept out of use");
}
