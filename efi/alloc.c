/* SPDX-License-Identifier: MIT */
/*
 * Memory for what the kernels keep: the lowest fitting place from 1 MiB up, below
 * BOOT_LOW_LIMIT, so that both kernels reach it by their direct map whatever its size.
 *
 * The firmware has no such policy (AllocateAnyPages takes the top), so we read its map,
 * choose, and ask for that address.  A refusal is not an error, the next place is tried;
 * and some firmware keeps things in memory that its map calls free, frame buffers too.
 *
 * On a small machine nearly all memory belongs to boot services.  late_alloc() takes it
 * after the exit, once we stand on our own stack and tables; before it, the same function
 * tells from the map of the moment whether that will work out.
 */
#include "core.h"
#include "loader.h"

#define MAX_PIECES	1024
#define MAX_SCREENS	16
#define MAX_LIVE	4		/* stack, IDT, GDT, page tables */
#define MAX_LATE	8
#define LIVE_REACH	(512 * 1024ull)
#define MAX_REFUSALS	256

struct piece {
	uint64_t base, end;
};

/* Free memory in the window, sorted and merged. */
static struct piece piece[MAX_PIECES];
static unsigned pieces;

/* What must not be touched though the map calls it free. */
static struct boot_range taken[MAX_LIVE + MAX_SCREENS + MAX_LATE];
static unsigned taken_count, screen_count;

/* ---- free memory ------------------------------------------------------------------- */

static void remove_piece(unsigned i)
{
	pieces--;
	memmove(&piece[i], &piece[i + 1], (pieces - i) * sizeof(piece[0]));
}

static void drop_smallest(void)
{
	unsigned i, least = 0;

	for (i = 1; i < pieces; i++)
		if (piece[i].end - piece[i].base < piece[least].end - piece[least].base)
			least = i;
	remove_piece(least);
}

/* Maps are unsorted, and neighbours of different types are one piece to us. */
static void add_piece(uint64_t base, uint64_t end)
{
	unsigned i;

	if (pieces == MAX_PIECES)
		drop_smallest();
	for (i = pieces; i && piece[i - 1].base > base; i--)
		;
	if (i && piece[i - 1].end >= base) {
		i--;
		if (piece[i].end < end)
			piece[i].end = end;
	} else {
		memmove(&piece[i + 1], &piece[i], (pieces - i) * sizeof(piece[0]));
		piece[i] = (struct piece){ base, end };
		pieces++;
	}
	while (i + 1 < pieces && piece[i + 1].base <= piece[i].end) {
		if (piece[i].end < piece[i + 1].end)
			piece[i].end = piece[i + 1].end;
		remove_piece(i + 1);
	}
}

static bool is_free(UINT32 type, bool late)
{
	if (type == EfiConventionalMemory)
		return true;
	return late && (type == EfiBootServicesCode || type == EfiBootServicesData);
}

static void add_descriptor(const EFI_MEMORY_DESCRIPTOR *d)
{
	uint64_t base = d->PhysicalStart, end;

	if (base >= BOOT_LOW_LIMIT)
		return;
	end = d->NumberOfPages > BOOT_LOW_LIMIT / PAGE_SIZE ? BOOT_LOW_LIMIT
		: base + d->NumberOfPages * PAGE_SIZE;
	if (end > BOOT_LOW_LIMIT)
		end = BOOT_LOW_LIMIT;
	if (base < LOW_START)
		base = LOW_START;
	if (base < end)
		add_piece(base, end);
}

static void find_pieces(const struct memmap *m, bool late)
{
	const EFI_MEMORY_DESCRIPTOR *d;
	bool knows_wb = false;		/* or the attributes say nothing here */
	unsigned i;

	pieces = 0;
	for (i = 0; i < memmap_count(m); i++)
		knows_wb |= !!(memmap_desc(m, i)->Attribute & EFI_MEMORY_WB);
	for (i = 0; i < memmap_count(m); i++) {
		d = memmap_desc(m, i);
		if (is_free(d->Type, late) && (!knows_wb || d->Attribute & EFI_MEMORY_WB))
			add_descriptor(d);
	}
}

/* From the map of the moment.  No pieces if the firmware does not give it. */
static void find_free_now(void)
{
	struct memmap m;

	pieces = 0;
	if (EFI_ERROR(memmap_get(&m)))
		return;
	find_pieces(&m, false);
	memmap_put(&m);
}

/* ---- what is in use all the same --------------------------------------------------- */

/* A frame buffer can lie in RAM. */
static void find_screens(void)
{
	screen_count = gop_ranges(taken, MAX_SCREENS);
	taken_count = screen_count;
}

/*
 * What the processor is using right now.  U-Boot runs with its stack, IDT and thread data
 * around 0x100000 and calls that memory free, so everything near these registers is left
 * alone until the firmware is gone.
 */
static void find_live(void)
{
	uint64_t at[MAX_LIVE] = { cpu_stack(), cpu_idt(), cpu_gdt(), cpu_tables() };
	struct boot_range *r;
	unsigned i;

	for (i = 0; i < MAX_LIVE; i++) {
		r = &taken[taken_count++];
		r->base = at[i] > LIVE_REACH ? at[i] - LIVE_REACH : 0;
		r->size = at[i] + LIVE_REACH - r->base;
	}
}

/* The lowest place from base on that nothing of the list overlaps. */
static uint64_t past_taken(uint64_t base, uint64_t size)
{
	unsigned i, again = taken_count;

	for (i = 0; i < taken_count; i++) {
		if (base + size <= taken[i].base || base >= taken[i].base + taken[i].size)
			continue;
		base = ROUND_UP(taken[i].base + taken[i].size, PAGE_SIZE);
		if (!again--)
			break;
		i = -1u;		/* it may have run into another one */
	}
	return base;
}

/* ---- allocation -------------------------------------------------------------------- */

uint64_t low_alloc_type(uint64_t size, EFI_MEMORY_TYPE type)
{
	unsigned i, refusals = 0;
	EFI_PHYSICAL_ADDRESS at;
	uint64_t base;

	size = ROUND_UP(size, PAGE_SIZE);
	find_free_now();
	find_screens();
	find_live();
	for (i = 0; i < pieces; i++) {
		base = past_taken(piece[i].base, size);
		while (base + size <= piece[i].end && refusals < MAX_REFUSALS) {
			at = base;
			if (!EFI_ERROR(bs->AllocatePages(AllocateAddress, type,
							 (UINTN)(size / PAGE_SIZE), &at)))
				return at;
			refusals++;
			base = past_taken(base + MiB, size);
		}
	}
	return 0;
}

uint64_t low_alloc(uint64_t size)
{
	return low_alloc_type(size, EfiLoaderData);
}

void low_free(uint64_t base, uint64_t size)
{
	bs->FreePages(base, (UINTN)(ROUND_UP(size, PAGE_SIZE) / PAGE_SIZE));
}

uint64_t late_alloc(uint64_t size)
{
	uint64_t base;
	unsigned i;

	size = ROUND_UP(size, PAGE_SIZE);
	for (i = 0; i < pieces && taken_count < ARRAY_SIZE(taken); i++) {
		base = past_taken(piece[i].base, size);
		if (base + size > piece[i].end)
			continue;
		taken[taken_count++] = (struct boot_range){ base, size };
		return base;
	}
	return 0;
}

void late_alloc_start(const struct memmap *m)
{
	taken_count = screen_count;	/* they were found before the exit */
	find_pieces(m, true);
}

uint64_t late_largest(void)
{
	uint64_t most = 0;
	unsigned i;

	for (i = 0; i < pieces; i++)
		if (piece[i].end - piece[i].base > most)
			most = piece[i].end - piece[i].base;
	return most;
}

void fragment_memory(unsigned pages)
{
	static const EFI_MEMORY_TYPE types[] = {
		EfiLoaderData, EfiBootServicesData, EfiLoaderCode, EfiBootServicesCode,
	};
	EFI_PHYSICAL_ADDRESS at;
	unsigned i;

	for (i = 0; i < pages; i++)
		if (EFI_ERROR(bs->AllocatePages(AllocateAnyPages, types[i % ARRAY_SIZE(types)],
						1, &at)))
			break;
	log_line("pagewalk: fragment=%u: %u pages of alternating type allocated", pages, i);
}
