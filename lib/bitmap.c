/* SPDX-License-Identifier: MIT */
/* Searches and ranges in bitmaps, a word at a time.  Contracts: kernel/bitmap.h. */
#include <kernel/bitmap.h>
#include <kernel/kernel.h>

/* `flip` is ~0 to look for clear bits. */
static unsigned long find_next(const unsigned long *map, unsigned long size,
			       unsigned long start, unsigned long flip)
{
	unsigned long word, bit;

	if (start >= size)
		return size;
	word = (map[BIT_WORD(start)] ^ flip) & (~0ul << (start % BITS_PER_LONG));
	start = ALIGN_DOWN(start, BITS_PER_LONG);
	while (!word) {
		start += BITS_PER_LONG;
		if (start >= size || start < BITS_PER_LONG)
			return size;
		word = map[BIT_WORD(start)] ^ flip;
	}
	bit = start + __ffs(word);
	return min(bit, size);
}

unsigned long find_next_bit(const unsigned long *map, unsigned long size,
			    unsigned long start)
{
	return find_next(map, size, start, 0);
}

unsigned long find_next_zero_bit(const unsigned long *map, unsigned long size,
				 unsigned long start)
{
	return find_next(map, size, start, ~0ul);
}

/* The bits of the word of `start` that belong to start .. end - 1. */
static unsigned long word_mask(unsigned long start, unsigned long end)
{
	unsigned long mask = ~0ul << (start % BITS_PER_LONG);

	if (BIT_WORD(start) == BIT_WORD(end))
		mask &= ~(~0ul << (end % BITS_PER_LONG));
	return mask;
}

void bitmap_set(unsigned long *map, unsigned long start, unsigned long n)
{
	unsigned long end = start + n;

	while (start < end) {
		map[BIT_WORD(start)] |= word_mask(start, end);
		start = ALIGN_DOWN(start, BITS_PER_LONG) + BITS_PER_LONG;
	}
}

void bitmap_clear(unsigned long *map, unsigned long start, unsigned long n)
{
	unsigned long end = start + n;

	while (start < end) {
		map[BIT_WORD(start)] &= ~word_mask(start, end);
		start = ALIGN_DOWN(start, BITS_PER_LONG) + BITS_PER_LONG;
	}
}

void bitmap_zero(unsigned long *map, unsigned long size)
{
	unsigned long i;

	for (i = 0; i < BITS_TO_LONGS(size); i++)
		map[i] = 0;
}

void bitmap_fill(unsigned long *map, unsigned long size)
{
	unsigned long i;

	for (i = 0; i < BITS_TO_LONGS(size); i++)
		map[i] = ~0ul;
}

unsigned long bitmap_weight(const unsigned long *map, unsigned long size)
{
	unsigned long i, weight = 0;

	for (i = 0; i < BIT_WORD(size); i++)
		weight += hweight_long(map[i]);
	if (size % BITS_PER_LONG)
		weight += hweight_long(map[i] & ~(~0ul << (size % BITS_PER_LONG)));
	return weight;
}

unsigned long bitmap_find_free(const unsigned long *map, unsigned long size,
			       unsigned long start, unsigned long n, unsigned long align)
{
	unsigned long used;

	for (;;) {
		start = ALIGN(find_next_zero_bit(map, size, start), align);
		if (start > size || n > size - start)
			return size;
		used = find_next_bit(map, start + n, start);
		if (used >= start + n)
			return start;
		start = used + 1;
	}
}
