/* SPDX-License-Identifier: MIT */
/*
 * The independent walker.  Constants are from the Intel SDM (volume 3, 4.3 to 4.5), not
 * from asm/pgtable.h; of the kernel only the fixmap slot and CR3 are used, and the slot
 * is written in the table that the walk of its own address once found.
 */
#include <asm/fixmap.h>
#include <asm/processor.h>
#include <asm/tlbflush.h>
#include <kernel/kernel.h>

#include "walk.h"

#define LEVELS		(sizeof(long) == 8 ? 4u : 2u)
#define ENTRY_BYTES	(sizeof(long) == 8 ? 8u : 4u)
#define INDEX_BITS	(sizeof(long) == 8 ? 9u : 10u)

#define BIT_P		0x001
#define BIT_W		0x002
#define BIT_U		0x004
#define BIT_PWT		0x008
#define BIT_PCD		0x010
#define BIT_A		0x020
#define BIT_D		0x040
#define BIT_PS		0x080	/* upper level: page; last level: PAT */
#define BIT_G		0x100
#define BIT_PAT_LARGE	0x1000
#define BIT_NX		(1ull << 63)

static u64 mapped = ~0ull;

/* The page at pa, through the slot. */
static volatile void *window(u64 pa)
{
	u64 page = pa & ~0xfffull;

	if (page != mapped) {
		set_fixmap(FIX_WALK, page);
		mapped = page;
	}
	return (volatile char *)fix_to_virt(FIX_WALK) + (pa & 0xfff);
}

u64 phys_read(u64 pa, unsigned bytes)
{
	volatile void *p = window(pa);

	switch (bytes) {
	case 1: return *(volatile u8 *)p;
	case 2: return *(volatile u16 *)p;
	case 4: return *(volatile u32 *)p;
	default: return *(volatile u64 *)p;
	}
}

void phys_write(u64 pa, u64 value, unsigned bytes)
{
	volatile void *p = window(pa);

	switch (bytes) {
	case 1: *(volatile u8 *)p = (u8)value; break;
	case 2: *(volatile u16 *)p = (u16)value; break;
	case 4: *(volatile u32 *)p = (u32)value; break;
	default: *(volatile u64 *)p = value; break;
	}
}

static unsigned shift_of(unsigned level)
{
	return 12 + (LEVELS - 1 - level) * INDEX_BITS;
}

static u64 frame_of(u64 entry)
{
	return LEVELS == 4 ? entry & 0x000ffffffffff000ull : entry & 0xfffff000ull;
}

/* The address in a large-page entry; two levels: PSE-36 puts bits 32..39 at 13..20. */
static u64 large_base(u64 entry, unsigned shift)
{
	u64 mask = (1ull << shift) - 1;

	if (LEVELS == 2)
		return (entry & 0xffc00000ull) | (entry >> 13 & 0xff) << 32;
	return frame_of(entry) & ~mask;
}

static void finish_leaf(struct walk *w, u64 entry, unsigned level, unsigned long va)
{
	unsigned shift = shift_of(level);

	w->large = level != LEVELS - 1;
	w->size = 1ull << shift;
	w->pa = w->large ? large_base(entry, shift) : frame_of(entry);
	w->pa += va & (w->size - 1);
	w->present = true;
	w->global = entry & BIT_G;
	w->accessed = entry & BIT_A;
	w->dirty = entry & BIT_D;
	w->pwt = entry & BIT_PWT;
	w->pcd = entry & BIT_PCD;
	w->pat = entry & (w->large ? BIT_PAT_LARGE : BIT_PS);
}

struct walk walk_from(u64 cr3, unsigned long va)
{
	struct walk w = { .write = true, .user = true, .exec = true };
	u64 table = frame_of(cr3), entry;
	unsigned level;

	for (level = 0; level < LEVELS; level++) {
		w.table[level] = table;
		entry = phys_read(table + (va >> shift_of(level) & ((1u << INDEX_BITS) - 1)) *
				  ENTRY_BYTES, ENTRY_BYTES);
		w.entry[level] = entry;
		w.depth = level + 1;
		if (!(entry & BIT_P))
			return w;
		w.write &= !!(entry & BIT_W);
		w.user &= !!(entry & BIT_U);
		w.exec &= LEVELS == 2 || !(entry & BIT_NX);
		if (level == LEVELS - 1 || (level && LEVELS == 4 && entry & BIT_PS) ||
		    (LEVELS == 2 && entry & BIT_PS)) {
			finish_leaf(&w, entry, level, va);
			return w;
		}
		table = frame_of(entry);
	}
	return w;
}

struct walk WALK(unsigned long va)
{
	return walk_from(read_cr3(), va);
}

/* The span that the last entry read stands for: a page, or a hole of that level. */
static unsigned long span_of(const struct walk *w)
{
	return 1ul << shift_of(w->depth - 1);
}

unsigned long walk_leaves(unsigned long start, unsigned long last,
			  void (*fn)(unsigned long va, const struct walk *w, void *arg), void *arg)
{
	unsigned long va = start, next, count = 0;
	struct walk w;

	for (;;) {
		w = WALK(va);
		next = (va & ~(span_of(&w) - 1)) + span_of(&w);
		if (w.present) {
			count++;
			if (fn)
				fn(va & ~(span_of(&w) - 1), &w, arg);
		}
		if (!next || next - 1 >= last)
			return count;
		va = next;
	}
}

unsigned long walk_count_tables(unsigned long start, unsigned long last)
{
	u64 seen[4] = { 0, 0, 0, 0 };
	unsigned long va = start, next, count = 0;
	unsigned level;
	struct walk w;

	for (;;) {
		w = WALK(va);
		for (level = 1; level < w.depth; level++) {
			if (seen[level] == w.table[level])
				continue;
			seen[level] = w.table[level];
			count++;
		}
		next = (va & ~(span_of(&w) - 1)) + span_of(&w);
		/* A table of page entries is counted once, not looked at page by page. */
		if (w.depth == LEVELS)
			next = (va | ((1ul << shift_of(LEVELS - 2)) - 1)) + 1;
		if (!next || next - 1 >= last)
			return count;
		va = next;
	}
}
