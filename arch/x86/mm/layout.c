/* SPDX-License-Identifier: MIT */
/*
 * The table of kernel windows, for the boot header, the tests and doc/memory-map.md, and
 * the build-time proof that they do not overlap.
 */
#include <asm/layout-table.h>
#include <asm/setup.h>
#include <kernel/kernel.h>
#include <mm/vmalloc.h>

static_assert(TRACE_END <= KSTACK_START || PGTABLE_LEVELS == 4, "trace below the stacks");
static_assert(IOREMAP_START < IOREMAP_END && IOREMAP_END <= TRACE_START, "devices, trace");
static_assert(TRACE_START < TRACE_END, "trace ring");
static_assert(KSTACK_START < KSTACK_END, "stacks");
static_assert(PKMAP_BASE + LAST_PKMAP * PAGE_SIZE <= FIXADDR_BASE, "pkmap below fixmap");
static_assert(IS_ALIGNED(PKMAP_BASE, PGTABLE_SPAN), "pkmap has a page table of its own");
static_assert(IS_ALIGNED(FIXADDR_BASE, PGTABLE_SPAN), "fixmap has a page table of its own");
static_assert(LAST_PKMAP == PTRS_PER_PTE, "pkmap is one page table");

struct window window_table[] = {
	{ "direct map", PAGE_OFFSET, 0, "paging_init" },
	{ "vmalloc", 0, 0, PGTABLE_LEVELS == 4 ? "paging_init" : "vmalloc, learned on fault" },
	{ "mem_map", 0, 0, "mem_map_init" },
	{ "kernel stacks", KSTACK_START, KSTACK_END, "paging_init" },
	{ "devices", IOREMAP_START, IOREMAP_END, "paging_init" },
	{ "trace ring", TRACE_START, TRACE_END, "paging_init" },
	{ "kernel image", 0, 0, "head, paging_init" },
	{ "pkmap", PKMAP_BASE, PKMAP_BASE + LAST_PKMAP * PAGE_SIZE, "permanent_kmaps_init" },
	{ "fixmap", FIXADDR_START, FIXADDR_TOP, "head, paging_init" },
};
const unsigned window_count = ARRAY_SIZE(window_table);

void window_table_init(void)
{
	window_table[0].end = (unsigned long)high_memory;
	window_table[1].start = VMALLOC_START;
	window_table[1].end = VMALLOC_END;
	window_table[2].start = (unsigned long)mem_map;
	window_table[2].end = (unsigned long)pfn_to_page(max_pfn);
	window_table[6].start = (unsigned long)_head;
	window_table[6].end = (unsigned long)_end;
}
