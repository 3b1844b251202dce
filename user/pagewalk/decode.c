/* SPDX-License-Identifier: MIT */
/* What the bits of an entry say (Intel SDM volume 3, 4.3, 4.5). */
#include "pagewalk.h"

const char *level_name(unsigned levels, unsigned level)
{
	static const char *const two[] = { "PGD", "PTE" };
	static const char *const four[] = { "PGD", "PUD", "PMD", "PTE" };

	return levels == 2 ? two[level & 1] : four[level & 3];
}

bool is_canonical(u64 address)
{
	if (!FOUR_LEVELS)
		return !(address >> 32);
	return (u64)((s64)(address << 16) >> 16) == address;
}

/* ---- a walk ------------------------------------------------------------------------ */

/* Two levels: PSE-36 has bits 32 to 39 of the frame's address at 13. */
static u64 large_base(unsigned levels, u64 entry, u64 size)
{
	if (levels == 2)
		return (entry & 0xffc00000ull) | (entry >> 13 & 0xff) << 32;
	return entry_frame(entry) << 12 & ~(size - 1);
}

static bool maps_large(unsigned levels, unsigned level, u64 entry)
{
	return level < levels - 1 && entry & ENTRY_PS && (level || levels == 2);
}

void decode_walk(const struct pagewalk_walk *w, struct decoded *d)
{
	unsigned i, last = w->depth - 1;
	u64 entry = w->entry[last];

	*d = (struct decoded){ .size = 1ull << index_shift(w->levels, last) };
	if (!(entry & ENTRY_P)) {
		if (last == w->levels - 1) {
			d->protnone = entry_protnone(entry);
			d->swapped = entry_swapped(entry, &d->device, &d->slot);
		}
		return;
	}
	d->present = d->write = d->user = d->exec = true;
	for (i = 0; i <= last; i++) {
		d->write &= (w->entry[i] & ENTRY_W) != 0;
		d->user &= (w->entry[i] & ENTRY_U) != 0;
		d->exec &= w->levels == 2 || !(w->entry[i] & ENTRY_NX);
	}
	d->large = last < w->levels - 1;
	d->global = entry & ENTRY_G;
	d->accessed = entry & ENTRY_A;
	d->dirty = entry & ENTRY_D;
	d->phys = (d->large ? large_base(w->levels, entry, d->size) : entry_frame(entry) << 12) +
		  (w->address & (d->size - 1));
}

/* ---- one entry --------------------------------------------------------------------- */

static const char *size_name(unsigned shift)
{
	return shift == 30 ? "1 GiB" : shift == 22 ? "4 MiB" : "2 MiB";
}

static void absent_words(unsigned levels, unsigned level, u64 entry, char *to, size_t size)
{
	unsigned device;
	u64 slot;

	if (!entry)
		snprintf(to, size, "empty: nothing there");
	else if (level == levels - 1 && entry_swapped(entry, &device, &slot))
		snprintf(to, size, "not present; swapped out: slot %llu of swap device %u",
			 (ull)slot, device);
	else if (level == levels - 1 && entry_protnone(entry))
		snprintf(to, size, "not present, no access (PROT_NONE); the kernel keeps frame %#llx "
			 "there", (ull)entry_frame(entry));
	else
		snprintf(to, size, "not present; the processor ignores the other bits");
}

/* Write-back unless PCD or PWT say otherwise; PAT changes what they mean. */
static const char *cache_words(u64 entry)
{
	if (entry & ENTRY_PCD)
		return entry & ENTRY_PWT ? "not cached (PCD, PWT)" : "not cached (PCD)";
	return entry & ENTRY_PWT ? "cached, write-through (PWT)" : "cached";
}

static void pointer_words(unsigned levels, u64 entry, char *to, size_t size)
{
	snprintf(to, size, "table in frame %#llx; present, %s, %s, %s, %s, dirty and global ignored "
		 "here, software bits %llx%s", (ull)entry_frame(entry),
		 entry & ENTRY_W ? "writable" : "read-only",
		 entry & ENTRY_U ? "user" : "kernel only", cache_words(entry),
		 entry & ENTRY_A ? "accessed" : "not accessed", (ull)(entry >> 9 & 7),
		 levels == 2 ? "" : entry & ENTRY_NX ? ", no execute" : ", executable");
}

void entry_words(unsigned levels, unsigned level, u64 entry, char *to, size_t size)
{
	const unsigned shift = index_shift(levels, level);
	bool large = maps_large(levels, level, entry);
	u64 base = large ? large_base(levels, entry, 1ull << shift) >> 12 : entry_frame(entry);
	u64 pat = large ? ENTRY_PAT_LARGE : ENTRY_PS;

	if (!(entry & ENTRY_P)) {
		absent_words(levels, level, entry, to, size);
		return;
	}
	if (level < levels - 1 && !large) {
		pointer_words(levels, entry, to, size);
		return;
	}
	snprintf(to, size, "page of %s in frame %#llx; present, %s, %s, %s, %s, %s, PAT %d, %s, "
		 "software bits %llx%s", large ? size_name(shift) : "4 KiB", (ull)base,
		 entry & ENTRY_W ? "writable" : "read-only",
		 entry & ENTRY_U ? "user" : "kernel only", cache_words(entry),
		 entry & ENTRY_A ? "accessed" : "not accessed",
		 entry & ENTRY_D ? "dirty" : "clean", (entry & pat) != 0,
		 entry & ENTRY_G ? "global" : "not global", (ull)(entry >> 9 & 7),
		 levels == 2 ? "" : entry & ENTRY_NX ? ", no execute" : ", executable");
}
