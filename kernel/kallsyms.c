/* SPDX-License-Identifier: MIT */
/*
 * Symbol look-up in the tables that tools/mkkallsyms made.  The names follow each other
 * in one string; a look-up counts NULs up to the n-th one, which is slow (some 10,000
 * instructions) and simple, and only reports need it.
 */
#include <asm/page.h>
#include <kernel/kallsyms.h>
#include <kernel/kernel.h>
#include <kernel/string.h>

extern const char _head[], _etext[], _end[];

static const char *nth_name(u32 n)
{
	const char *s = kallsyms_names;

	while (n--)
		s += strlen(s) + 1;
	return s;
}

/* Index of the last symbol at or below `offset`; kallsyms_num if there is none. */
static u32 find_offset(u32 offset)
{
	u32 low = 0, high = kallsyms_num;

	while (low < high) {
		u32 mid = low + (high - low) / 2;

		if (kallsyms_offsets[mid] <= offset)
			low = mid + 1;
		else
			high = mid;
	}
	return low ? low - 1 : kallsyms_num;
}

const char *kallsyms_lookup(unsigned long addr, unsigned long *off, unsigned long *size)
{
	unsigned long base = (unsigned long)_head;
	unsigned long end;
	u32 n;

	if (addr < base || addr >= (unsigned long)_end || !kallsyms_num)
		return NULL;
	n = find_offset((u32)(addr - base));
	if (n == kallsyms_num)
		return NULL;
	end = n + 1 < kallsyms_num ? base + kallsyms_offsets[n + 1] : (unsigned long)_end;
	if (off)
		*off = addr - base - kallsyms_offsets[n];
	if (size)
		*size = end - base - kallsyms_offsets[n];
	return nth_name(n);
}

unsigned long kallsyms_addr(const char *name)
{
	const char *s = kallsyms_names;
	u32 n;

	for (n = 0; n < kallsyms_num; n++, s += strlen(s) + 1)
		if (!strcmp(s, name))
			return (unsigned long)_head + kallsyms_offsets[n];
	return 0;
}
