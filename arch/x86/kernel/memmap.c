/* SPDX-License-Identifier: MIT */
/*
 * From the firmware's memory map to the RAM that is ours.
 *
 * The map may be unsorted, overlapping, full of zero-page entries and thousands of entries
 * long, with descriptors of any size: real machines have all of that.  Usable
 * pieces are collected in a sorted list and merged; then everything that is not usable is
 * subtracted, so that the most reserved description of an overlap wins.
 *
 * Rules: boot-services and loader memory is ordinary RAM after the hand-over; runtime,
 * ACPI, reserved, MMIO and whatever is unknown never; nothing below 1 MiB; no frame buffer,
 * even when it lies in RAM; RAM that is not write-back cacheable never.
 */
#include <asm/page.h>
#include <asm/setup.h>
#include <kernel/kernel.h>
#include <kernel/params.h>
#include <kernel/printk.h>
#include <kernel/string.h>

/* UEFI 2.10, 7.2: EFI_MEMORY_TYPE and attributes. */
enum {
	EFI_RESERVED, EFI_LOADER_CODE, EFI_LOADER_DATA, EFI_BS_CODE, EFI_BS_DATA,
	EFI_RT_CODE, EFI_RT_DATA, EFI_CONVENTIONAL, EFI_UNUSABLE, EFI_ACPI_RECLAIM,
	EFI_ACPI_NVS, EFI_MMIO, EFI_MMIO_PORT, EFI_PAL, EFI_PERSISTENT, EFI_UNACCEPTED,
};

#define EFI_MEMORY_WB		0x0000000000000008ull
#define EFI_MEMORY_SP		0x0000000000040000ull
#define EFI_MEMORY_RUNTIME	0x8000000000000000ull

#define LOW_MEGABYTE		0x100000ull
#define SPAN_GAP		0x1000000ull	/* 16 MiB: smaller holes are mapped over */

struct mem_range ram[RAM_MAX];
unsigned ram_count;
struct mem_range spans[SPAN_MAX];
unsigned span_count;
u64 mem_class_bytes[MEM_CLASSES];
u64 usable_bytes, unreachable_bytes, lost_bytes;

const char *const mem_class_name[MEM_CLASSES] = {
	"conventional", "boot services", "loader", "runtime", "ACPI", "reserved", "MMIO", "other",
};

/* Does any descriptor say write-back?  If none does, the attribute means nothing here. */
static bool map_knows_wb;

const struct boot_memdesc *memdesc(unsigned i)
{
	return (const void *)((char *)boot_info + boot_info->memmap_off +
			      (size_t)i * boot_info->memmap_desc_size);
}

enum mem_class memdesc_class(const struct boot_memdesc *d)
{
	if (d->type == EFI_MMIO || d->type == EFI_MMIO_PORT)
		return MEM_MMIO;
	if (d->attribute & EFI_MEMORY_RUNTIME)
		return MEM_RUNTIME;
	if (d->attribute & EFI_MEMORY_SP)
		return MEM_OTHER;
	switch (d->type) {
	case EFI_RT_CODE:
	case EFI_RT_DATA:
		return MEM_RUNTIME;
	case EFI_ACPI_RECLAIM:
	case EFI_ACPI_NVS:
		return MEM_ACPI;
	case EFI_RESERVED:
	case EFI_UNUSABLE:
		return MEM_RESERVED;
	case EFI_LOADER_CODE:
	case EFI_LOADER_DATA:
	case EFI_BS_CODE:
	case EFI_BS_DATA:
	case EFI_CONVENTIONAL:
		break;
	default:
		return MEM_OTHER;
	}
	if (map_knows_wb && !(d->attribute & EFI_MEMORY_WB))
		return MEM_OTHER;
	if (d->type == EFI_CONVENTIONAL)
		return MEM_CONVENTIONAL;
	return d->type <= EFI_LOADER_DATA ? MEM_LOADER : MEM_BOOT_SERVICES;
}

static bool class_usable(enum mem_class c)
{
	return c == MEM_CONVENTIONAL || c == MEM_BOOT_SERVICES || c == MEM_LOADER;
}

/* Does a frame of this class lie on a memory module (and may be read through the cache)? */
static bool class_is_ram(enum mem_class c)
{
	return class_usable(c) || c == MEM_RUNTIME || c == MEM_ACPI;
}

/* Where memory that nothing may address starts: wrapping and absurd entries end here. */
static u64 clip(u64 addr)
{
	return min_t(u64, addr, 1ull << 52);
}

static void memdesc_bounds(const struct boot_memdesc *d, u64 *start, u64 *end)
{
	u64 pages = min_t(u64, d->pages, 1ull << 40);

	*start = clip(d->phys & ~0xfffull);
	*end = clip(*start + (pages << PAGE_SHIFT));
}

static void range_remove(struct mem_range *r, unsigned *count, unsigned i)
{
	(*count)--;
	memmove(&r[i], &r[i + 1], (*count - i) * sizeof(*r));
}

static bool range_insert(struct mem_range *r, unsigned *count, unsigned limit, unsigned i)
{
	if (*count == limit)
		return false;
	memmove(&r[i + 1], &r[i], (*count - i) * sizeof(*r));
	(*count)++;
	return true;
}

/* Add [start, end), merging whatever it overlaps, touches, or leaves less than gap to. */
static bool range_add(struct mem_range *r, unsigned *count, unsigned limit,
		      u64 start, u64 end, u64 gap)
{
	unsigned i = *count;

	if (start >= end)
		return true;
	while (i > 0 && r[i - 1].start > start)
		i--;
	if (i > 0 && r[i - 1].end + gap >= start) {
		i--;
		r[i].end = max(r[i].end, end);
	} else {
		if (!range_insert(r, count, limit, i))
			return false;
		r[i].start = start;
		r[i].end = end;
	}
	while (i + 1 < *count && r[i].end + gap >= r[i + 1].start) {
		r[i].end = max(r[i].end, r[i + 1].end);
		range_remove(r, count, i + 1);
	}
	return true;
}

/* Take [start, end) out of the free RAM; a piece that no longer fits is lost, and counted. */
static void ram_subtract(u64 start, u64 end)
{
	unsigned i;
	u64 tail;

	for (i = 0; i < ram_count && ram[i].start < end; i++) {
		if (ram[i].end <= start)
			continue;
		tail = ram[i].end;
		if (ram[i].start < start) {
			ram[i].end = start;
			if (tail <= end)
				continue;
			if (!range_insert(ram, &ram_count, RAM_MAX, ++i)) {
				lost_bytes += tail - end;
				return;
			}
			ram[i].start = end;
			ram[i].end = tail;
		} else if (tail <= end) {
			range_remove(ram, &ram_count, i--);
		} else {
			ram[i].start = end;
		}
	}
}

/*
 * Frames of [start, start + size) are in use and stay so.  `what` is for the log.  Before
 * bootmem only.
 */
void memmap_reserve(u64 start, u64 size, const char *what)
{
	if (!size)
		return;
	pr_debug("memmap: keep %#llx-%#llx %s\n", (unsigned long long)start,
		 (unsigned long long)(start + size), what);
	ram_subtract(start & ~0xfffull, (start + size + 0xfff) & ~0xfffull);
}

static void memmap_collect(u64 limit)
{
	const struct boot_memdesc *d;
	enum mem_class class;
	u64 start, end;
	unsigned i;

	for (i = 0; i < boot_info->memmap_count; i++)
		map_knows_wb |= memdesc(i)->attribute & EFI_MEMORY_WB;

	for (i = 0; i < boot_info->memmap_count; i++) {
		d = memdesc(i);
		class = memdesc_class(d);
		memdesc_bounds(d, &start, &end);
		mem_class_bytes[class] += end - start;
		if (class_is_ram(class) &&
		    !range_add(spans, &span_count, SPAN_MAX, start, min(end, limit), SPAN_GAP))
			pr_err("memmap: more than %d runs of RAM: %#llx-%#llx is not mapped\n",
			       SPAN_MAX, (unsigned long long)start, (unsigned long long)end);
		if (!class_usable(class))
			continue;
		start = max_t(u64, start, LOW_MEGABYTE);
		end = min(end, limit);
		if (!range_add(ram, &ram_count, RAM_MAX, start, end, 0))
			lost_bytes += end - start;
	}
}

static void memmap_subtract_unusable(void)
{
	const struct boot_memdesc *d;
	u64 start, end;
	unsigned i;

	for (i = 0; i < boot_info->memmap_count; i++) {
		d = memdesc(i);
		if (class_usable(memdesc_class(d)))
			continue;
		memdesc_bounds(d, &start, &end);
		ram_subtract(start, end);
	}
	memmap_reserve(boot_info->fb.base, boot_info->fb.size, "frame buffer");
	for (i = 0; i < BOOT_MAX_SCREENS; i++)
		memmap_reserve(boot_info->screen[i].base, boot_info->screen[i].size, "screen");
}

/* Two levels reach 4 GiB: what lies above is counted, said, and not used. */
static void memmap_drop_unreachable(void)
{
	u64 reach = PGTABLE_LEVELS == 2 ? 1ull << 32 : (u64)MAXMEM;
	unsigned i;

	for (i = 0; i < ram_count; i++)
		if (ram[i].end > reach)
			unreachable_bytes += ram[i].end - max(ram[i].start, reach);
	ram_subtract(reach, 1ull << 52);
	for (i = 0; i < span_count; i++)
		spans[i].end = min(spans[i].end, reach);
	while (span_count && spans[span_count - 1].start >= spans[span_count - 1].end)
		span_count--;
}

void memmap_setup(void)
{
	u64 limit = 1ull << 52, mem;
	unsigned i;

	if (param_u64("mem", &mem) && mem)
		limit = max_t(u64, mem & ~0xfffull, 32ull << 20);
	memmap_collect(limit);
	memmap_subtract_unusable();
	memmap_drop_unreachable();
	for (i = 0; i < ram_count; i++)
		usable_bytes += ram[i].end - ram[i].start;
	if (lost_bytes)
		pr_warn("memmap: %llu KiB of RAM in too many pieces is not used\n",
			(unsigned long long)(lost_bytes >> 10));
}
