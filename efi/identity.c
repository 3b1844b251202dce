/* SPDX-License-Identifier: MIT */
/*
 * Identity tables for 64-bit mode.
 *
 * They carry the way from the firmware into a kernel, and later a kernel's calls of
 * firmware services: so they map the first 4 GiB, our image and stack wherever they are,
 * and all that the map marks EFI_MEMORY_RUNTIME (flash windows above RAM, too), by pages
 * of 2 MiB, which every CPU with long mode has.  No NX, no global pages: they are correct
 * under any CR4 and EFER.  They lie below BOOT_LOW_LIMIT, since CR3 is loaded in 32-bit
 * code.
 *
 * Room for them must be allocated before the final map is known, so the current map is
 * walked once to count; the tables are written after the exit.
 */
#include "core.h"
#include "loader.h"

#define ENTRIES		512
#define PRESENT_RW	3ull
#define LARGE		0x80ull
#define ADDRESS		0x000ffffffffff000ull
#define LARGE_SIZE	(2 * MiB)
#define SPARE_TABLES	8
#define MOST_TABLES	512		/* an absurd range must not take all memory */
#define STACK_REACH	(64 * 1024ull)	/* either side of the stack pointer */
#define PHYS_LIMIT	(1ull << 47)	/* what the lower half of four levels can map */

static struct boot_range stack;		/* measured while we still have it */

/* The table pool: [base, base + size) of info->identity. */
static unsigned used, limit;
static uint64_t pool;

static uint64_t *new_table(void)
{
	uint64_t *table;

	if (used == limit)
		return NULL;
	table = phys_ptr(pool + used++ * PAGE_SIZE);
	memset(table, 0, PAGE_SIZE);
	return table;
}

static uint64_t *next_level(uint64_t *table, unsigned index)
{
	uint64_t *next;

	if (table[index])
		return phys_ptr(table[index] & ADDRESS);
	next = new_table();
	if (next)
		table[index] = (uintptr_t)next | PRESENT_RW;
	return next;
}

static bool map_range(uint64_t base, uint64_t size)
{
	uint64_t at = ROUND_DOWN(base, LARGE_SIZE), end = base + size;
	uint64_t *pdpt, *pd;

	if (end > PHYS_LIMIT || end < base)
		return false;
	for (; at < end; at += LARGE_SIZE) {
		pdpt = next_level(phys_ptr(pool), at >> 39 & (ENTRIES - 1));
		if (!pdpt)
			return false;
		pd = next_level(pdpt, at >> 30 & (ENTRIES - 1));
		if (!pd)
			return false;
		pd[at >> 21 & (ENTRIES - 1)] = at | PRESENT_RW | LARGE;
	}
	return true;
}

/* Upper limit for the tables that a range above 4 GiB takes: one per GiB, one per top. */
static uint64_t tables_for(uint64_t base, uint64_t size)
{
	uint64_t end = base + size;

	if (!size || end <= 4 * GiB)
		return 0;
	return ((end - 1) >> 30) - (base >> 30) + 1 + ((end - 1) >> 39) - (base >> 39) + 1;
}

static bool wanted(const EFI_MEMORY_DESCRIPTOR *d)
{
	return d->Attribute & EFI_MEMORY_RUNTIME && d->NumberOfPages < PHYS_LIMIT / PAGE_SIZE;
}

const char *identity_alloc(struct boot_info *info)
{
	const EFI_MEMORY_DESCRIPTOR *d;
	struct memmap m;
	uint64_t tables;
	unsigned i;

	stack.base = ROUND_DOWN((uintptr_t)&tables - STACK_REACH, PAGE_SIZE);
	stack.size = 2 * STACK_REACH;

	if (EFI_ERROR(memmap_get(&m)))
		return "the firmware does not give its memory map";
	/* PML5, PML4, one PDPT and four page directories */
	tables = 7 + SPARE_TABLES;
	tables += tables_for(info->loader_image.base, info->loader_image.size);
	tables += tables_for(stack.base, stack.size);
	for (i = 0; i < memmap_count(&m); i++) {
		d = memmap_desc(&m, i);
		if (wanted(d))
			tables += tables_for(d->PhysicalStart, d->NumberOfPages * PAGE_SIZE);
	}
	memmap_put(&m);

	if (tables > MOST_TABLES)
		tables = MOST_TABLES;
	info->identity.size = tables * PAGE_SIZE;
	info->identity.base = low_alloc(info->identity.size);
	return info->identity.base ? NULL : "too little memory: no room for page tables below "
					    "768 MiB; give the machine more memory";
}

bool identity_fill(struct boot_info *info, const struct memmap *m)
{
	const EFI_MEMORY_DESCRIPTOR *d;
	uint64_t *pml4, *pml5;
	bool complete;
	unsigned i;

	pool = info->identity.base;
	limit = (unsigned)(info->identity.size / PAGE_SIZE);
	used = 0;
	pml4 = new_table();
	pml5 = new_table();
	pml5[0] = (uintptr_t)pml4 | PRESENT_RW;

	complete = map_range(0, 4 * GiB);
	complete &= map_range(info->loader_image.base, info->loader_image.size);
	complete &= map_range(stack.base, stack.size);
	for (i = 0; i < memmap_count(m); i++) {
		d = memmap_desc(m, i);
		if (wanted(d))
			complete &= map_range(d->PhysicalStart, d->NumberOfPages * PAGE_SIZE);
	}
	return complete;
}

uint64_t identity_pml5(const struct boot_info *info)
{
	return info->identity.base + PAGE_SIZE;
}
