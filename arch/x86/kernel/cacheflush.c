/* SPDX-License-Identifier: MIT */
/*
 * A processor that is reset forgets its caches without writing them back.  What shall be in
 * memory afterwards is written back line by line, where there is an instruction for it (all
 * processors with SSE2).
 */
#include <asm/processor.h>
#include <kernel/report.h>

#define CPUID_CLFLUSH	(1u << 19)	/* leaf 1, EDX */

static unsigned line_size(void)
{
	static unsigned size = ~0u;
	u32 a, b, c, d;

	if (size == ~0u) {
		cpuid(1, &a, &b, &c, &d);
		size = d & CPUID_CLFLUSH ? (b >> 8 & 0xff) * 8 : 0;
	}
	return size;
}

void arch_clean_cache(const void *addr, size_t n)
{
	unsigned size = line_size();
	unsigned long p, end = (unsigned long)addr + n;

	if (!size)
		return;
	for (p = (unsigned long)addr & -(unsigned long)size; p < end; p += size)
		__asm__ __volatile__("clflush %0" : : "m" (*(const char *)p) : "memory");
}
