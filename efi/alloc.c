/* SPDX-License-Identifier: MIT */
/*
 * Memory for what the kernels keep: the lowest fitting place from 1 MiB up, below
 * BOOT_LOW_LIMIT, so that both kernels reach it by their direct map whatever its size.
 *
 * The firmware has no such policy (AllocateAnyPages takes the top), so we read its map,
 * choose, and ask for that address.  A refusal is not an error, the next place is tried;
 * and some firmware keeps things in memory that its map calls free, frame buffers too.
 */
#include "core.h"
#include "loader.h"

#define MAX_SCREENS	16
#define MAX_LIVE	4		/* stack, IDT, GDT, page tables */
#define LIVE_REACH	(512 * 1024ull)
#define MAX_REFUSALS	256

struct piece {
	uint64_t base, end;
};

/* Free memory in the window as sorted, merged pieces, in a pool buffer. */
struct free_list {
	struct piece *piece;
	unsigned count;
};

/* Insertion sort: maps come nearly sorted, or reversed and short. */
static void insert_piece(struct free_list *fl, uint64_t base, uint64_t end)
{
	unsigned i = fl->count++;

	for (; i && fl->piece[i - 1].base > base; i--)
		fl->piece[i] = fl->piece[i - 1];
	fl->piece[i].base = base;
	fl->piece[i].end = end;
}

static void merge_pieces(struct free_list *fl)
{
	unsigned from, to = 0;

	for (from = 1; from < fl->count; from++) {
		if (fl->piece[from].base <= fl->piece[to].end) {
			if (fl->piece[from].end > fl->piece[to].end)
				fl->piece[to].end = fl->piece[from].end;
		} else {
			fl->piece[++to] = fl->piece[from];
		}
	}
	fl->count = fl->count ? to + 1 : 0;
}

static void add_descriptor(struct free_list *fl, const EFI_MEMORY_DESCRIPTOR *d)
{
	uint64_t base = d->PhysicalStart, end;

	if (d->Type != EfiConventionalMemory || !(d->Attribute & EFI_MEMORY_WB))
		return;
	if (base >= BOOT_LOW_LIMIT)
		return;
	end = d->NumberOfPages > BOOT_LOW_LIMIT / PAGE_SIZE ? BOOT_LOW_LIMIT
		: base + d->NumberOfPages * PAGE_SIZE;
	if (end > BOOT_LOW_LIMIT)
		end = BOOT_LOW_LIMIT;
	if (base < LOW_START)
		base = LOW_START;
	if (base < end)
		insert_piece(fl, base, end);
}

/* Pool buffer, to be freed by the caller; count 0 if the firmware gives no map. */
static void free_list_get(struct free_list *fl)
{
	struct memmap m;
	unsigned i;
	void *buf;

	fl->count = 0;
	fl->piece = NULL;
	if (EFI_ERROR(memmap_get(&m)))
		return;
	if (!EFI_ERROR(bs->AllocatePool(EfiLoaderData,
					memmap_count(&m) * sizeof(struct piece), &buf))) {
		fl->piece = buf;
		/* That buffer has changed the map. */
		if (!EFI_ERROR(memmap_read(&m)))
			for (i = 0; i < memmap_count(&m); i++)
				add_descriptor(fl, memmap_desc(&m, i));
		merge_pieces(fl);
	}
	memmap_put(&m);
}

static void free_list_put(struct free_list *fl)
{
	if (fl->piece)
		bs->FreePool(fl->piece);
}

/*
 * What the processor is using right now.  U-Boot runs with its stack, IDT and thread data
 * around 0x100000 and calls that memory free, so everything near these registers is left
 * alone until the firmware is gone.
 */
static unsigned live_ranges(struct boot_range *live)
{
	uint64_t at[MAX_LIVE] = { cpu_stack(), cpu_idt(), cpu_gdt(), cpu_tables() };
	unsigned i;

	for (i = 0; i < MAX_LIVE; i++) {
		live[i].base = at[i] > LIVE_REACH ? at[i] - LIVE_REACH : 0;
		live[i].size = at[i] + LIVE_REACH - live[i].base;
	}
	return MAX_LIVE;
}

/* The lowest place from base on that no live memory and no screen overlaps. */
static uint64_t past_taken(uint64_t base, uint64_t size)
{
	struct boot_range taken[MAX_LIVE + MAX_SCREENS];
	unsigned n, i, again;

	n = live_ranges(taken);
	n += gop_ranges(taken + n, MAX_SCREENS);
	again = n;
	for (i = 0; i < n; i++) {
		if (base + size <= taken[i].base || base >= taken[i].base + taken[i].size)
			continue;
		base = ROUND_UP(taken[i].base + taken[i].size, PAGE_SIZE);
		if (!again--)
			break;
		i = -1u;		/* it may have run into another one */
	}
	return base;
}

uint64_t low_alloc_type(uint64_t size, EFI_MEMORY_TYPE type)
{
	EFI_PHYSICAL_ADDRESS at = 0;
	unsigned i, refusals = 0;
	struct free_list fl;
	uint64_t base;

	size = ROUND_UP(size, PAGE_SIZE);
	free_list_get(&fl);
	for (i = 0; i < fl.count; i++) {
		base = past_taken(fl.piece[i].base, size);
		while (base + size <= fl.piece[i].end && refusals < MAX_REFUSALS) {
			at = base;
			if (!EFI_ERROR(bs->AllocatePages(AllocateAddress, type,
							 (UINTN)(size / PAGE_SIZE), &at)))
				goto out;
			at = 0;
			refusals++;
			base = past_taken(base + MiB, size);
		}
	}
out:
	free_list_put(&fl);
	return at;
}

uint64_t low_alloc(uint64_t size)
{
	return low_alloc_type(size, EfiLoaderData);
}

void low_free(uint64_t base, uint64_t size)
{
	bs->FreePages(base, (UINTN)(ROUND_UP(size, PAGE_SIZE) / PAGE_SIZE));
}

uint64_t low_largest(void)
{
	struct free_list fl;
	uint64_t most = 0;
	unsigned i;

	free_list_get(&fl);
	for (i = 0; i < fl.count; i++)
		if (fl.piece[i].end - fl.piece[i].base > most)
			most = fl.piece[i].end - fl.piece[i].base;
	free_list_put(&fl);
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
