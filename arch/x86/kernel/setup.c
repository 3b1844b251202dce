/* SPDX-License-Identifier: MIT */
/*
 * setup_arch: from boot_info to page tables and mem_map, and mem_init after it.
 *
 *	memory map -> limits -> ACPI tables -> bootmem -> paging_init -> mem_map, zones
 *
 * ACPI is read before anything is allocated, because some firmware keeps its tables in
 * memory that is free from now on.
 */
#include <asm/processor.h>
#include <asm/setup.h>
#include <kernel/acpi.h>
#include <kernel/kernel.h>
#include <kernel/params.h>
#include <kernel/printk.h>
#include <mm/bootmem.h>
#include <mm/mm.h>

struct boot_info *boot_info;

#define MiB(n)		((u64)(n) << 20)
#define LOWMEM_STEP	MiB(4)
#define LOWMEM_SPARE	MiB(4)		/* page tables, slabs and stacks of a small system */
#define LOWMEM_TABLES	MiB(1)		/* those that are made before mem_map */

/*
 * Some firmware keeps its tables in memory that is free now; a kernel that runs after this
 * one wants to read them too.
 */
static void reserve_acpi(void)
{
	unsigned i;

	memmap_reserve(boot_info->rsdp, PAGE_SIZE, "ACPI RSDP");
	memmap_reserve(boot_info->rsdp1, PAGE_SIZE, "ACPI RSDP");
	for (i = 0; i < acpi_info.table_count; i++)
		memmap_reserve(acpi_info.table[i].phys, acpi_info.table[i].length,
			       acpi_info.table[i].signature);
}

/* What the loader left in usable memory and is still needed. */
static void reserve_handover(void)
{
	const struct boot_info *bi = boot_info;
	const struct boot_package *other = &bi->package[1];
	unsigned i;

	memmap_reserve(bi->package[0].image.base, bi->package[0].image.size, "kernel image");
	memmap_reserve(bi->package[0].info.base, bi->package[0].info.size, "boot_info");
	memmap_reserve(other->image.base, other->image.size, "other kernel");
	memmap_reserve(other->info.base, other->info.size, "other kernel's boot_info");
	memmap_reserve(other->bitmap.base, other->bitmap.size, "other kernel's bitmap");
	memmap_reserve(bi->trampoline.base, bi->trampoline.size, "trampoline");
	memmap_reserve(bi->identity.base, bi->identity.size, "identity tables");
	for (i = 0; i < BOOT_BLOBS; i++)
		memmap_reserve(bi->blob[i].where.base, bi->blob[i].where.size, "blob");
	for (i = 0; i < bi->cpio_count && i < BOOT_MAX_CPIO; i++)
		memmap_reserve(bi->cpio[i].base, bi->cpio[i].size, "archive");
	if (other_kernel_follows())
		reserve_acpi();
}

/* The end of what must have an address in the direct map. */
static u64 handover_end(void)
{
	const struct boot_info *bi = boot_info;
	u64 end = bi->package[0].bitmap.base + bi->package[0].bitmap.size;
	unsigned i;

	end = max_t(u64, end, bi->trampoline.base + bi->trampoline.size);
	end = max_t(u64, end, bi->package[1].bitmap.base + bi->package[1].bitmap.size);
	for (i = 0; i < BOOT_BLOBS; i++)
		end = max_t(u64, end, bi->blob[i].where.base + bi->blob[i].where.size);
	for (i = 0; i < bi->cpio_count && i < BOOT_MAX_CPIO; i++)
		end = max_t(u64, end, bi->cpio[i].base + bi->cpio[i].size);
	return ALIGN(end, PAGE_SIZE);
}

/*
 * Is there room below `limit` for mem_map, in one piece under two levels, and for what a
 * small system needs besides?
 */
static bool low_memory_suffices(u64 limit)
{
	u64 map = (u64)max_pfn * sizeof(struct page), sum = 0, longest = 0, run;
	unsigned i;

	for (i = 0; i < ram_count && ram[i].start < limit; i++) {
		run = min(ram[i].end, limit) - ram[i].start;
		sum += run;
		longest = max(longest, run);
	}
	return sum >= map + LOWMEM_SPARE && (PGTABLE_LEVELS > 2 || longest >= map + LOWMEM_TABLES);
}

/*
 * Where the direct map ends: all of RAM, the mode's own limit, or lowmem=.  mem_map and
 * the hand-over lie in low memory, so a lowmem= that cannot hold them is raised.
 */
static unsigned long find_low_limit(void)
{
	u64 top = PFN_PHYS(max_pfn), limit = min_t(u64, top, MAXMEM), wanted;

	if (!param_u64("lowmem", &wanted) || !wanted || wanted >= limit)
		return PFN_DOWN(limit);
	wanted &= ~(u64)(PAGE_SIZE - 1);
	limit = max(wanted, handover_end());
	while (limit < top && limit < MAXMEM && !low_memory_suffices(limit))
		limit = ALIGN_DOWN(limit, LOWMEM_STEP) + LOWMEM_STEP;
	limit = min_t(u64, limit, top);
	limit = min_t(u64, limit, MAXMEM);
	if (limit != wanted)
		pr_notice("lowmem=%lluK is too small for image, initramfs and mem_map: raised to %lluK\n",
			  (unsigned long long)(wanted >> 10), (unsigned long long)(limit >> 10));
	return PFN_DOWN(limit);
}

/* What is kept for the hand-over is no free RAM any more, and belongs to mem_map all the same. */
static void find_max_pfn(void)
{
	max_pfn = ram_count ? PFN_DOWN(ram[ram_count - 1].end) : 0;
}

static void find_low_limits(void)
{
	max_low_pfn = find_low_limit();
	high_memory = (void *)(PAGE_OFFSET + (unsigned long)PFN_PHYS(max_low_pfn));
	VMALLOC_START = VMALLOC_FIRST((unsigned long)high_memory);
	VMALLOC_END = VMALLOC_LAST(VMALLOC_START);
}

static void setup_bootmem(void)
{
	struct boot_range *map = &boot_info->package[0].bitmap;
	unsigned long end = min_t(u64, max_low_pfn, map->size * 8);
	unsigned i;

	init_bootmem(_head + (map->base - phys_base), 0, end);
	for (i = 0; i < ram_count; i++)
		free_bootmem(ram[i].start, ram[i].end - ram[i].start);
	if (reserve_bootmem(map->base, bootmem_map_size(0, end), 0))
		panic("the boot bitmap at %#llx is not in free memory: the firmware's memory map is wrong",
		      (unsigned long long)map->base);
}

void span_pfns(unsigned i, unsigned long *start, unsigned long *end)
{
	*start = ALIGN_DOWN(PFN_DOWN(spans[i].start), MAX_ORDER_NR_PAGES);
	*end = ALIGN(min(PFN_UP(spans[i].end), max_pfn), MAX_ORDER_NR_PAGES);
	if (*end < *start)
		*end = *start;
}

/* Descriptors of all frames; those that only fill up a block have no RAM behind them. */
static void fill_mem_map(void)
{
	unsigned long block, end, first, last;
	unsigned i;

	for (i = 0; i < span_count; i++) {
		span_pfns(i, &block, &end);
		first = PFN_DOWN(spans[i].start);
		last = min(PFN_UP(spans[i].end), max_pfn);
		if (first >= last)
			continue;
		memmap_init_range(block, first, false);
		memmap_init_range(first, last, true);
		memmap_init_range(last, end, false);
	}
}

static void zones_init(void)
{
	unsigned long max_zone_pfn[MAX_NR_ZONES];

	max_zone_pfn[ZONE_DMA] = min(PFN_DOWN(MiB(16)), max_low_pfn);
	max_zone_pfn[ZONE_DMA32] = PGTABLE_LEVELS == 2 ? 0 : min(PFN_DOWN(MiB(4096)), max_low_pfn);
	max_zone_pfn[ZONE_NORMAL] = max_low_pfn;
	max_zone_pfn[ZONE_HIGHMEM] = max_pfn;
	free_area_init(max_zone_pfn);
	mem_map_init();
	fill_mem_map();
}

void setup_arch(void)
{
	memmap_setup();
	find_max_pfn();
	acpi_init(boot_info->rsdp, boot_info->rsdp1);
	reserve_handover();
	find_low_limits();
	setup_bootmem();
	paging_init();
	zones_init();
}

void mem_init(void)
{
	unsigned long low_end = min_t(u64, max_low_pfn, boot_info->package[0].bitmap.size * 8);
	unsigned long start, end;
	unsigned i;

	free_all_bootmem();
	for (i = 0; i < ram_count; i++) {
		start = max(PFN_UP(ram[i].start), low_end);
		end = min(PFN_DOWN(ram[i].end), max_pfn);
		if (start < end)
			free_pages_bulk_range(start, end);
	}
	page_alloc_init();
}
