/* SPDX-License-Identifier: MIT */
/*
 * What exists once: the limits of memory and the descriptor of the kernel's own tables.
 *
 * The order of start-up, for which arch/x86/mm/init.c and kernel/main.c are responsible:
 *
 *	init_bootmem(), free_bootmem(), reserve_bootmem()	the firmware's map
 *	paging_init(), ending in kmap_init()			tables from bootmem
 *	free_area_init(), memmap_init_range()			zones and mem_map
 *	free_all_bootmem(), free_pages_bulk_range()		frames to the buddy system
 *	page_alloc_init()					watermarks
 *	kmem_cache_init()					objects
 *	vmalloc_init()						the other kernel addresses
 */
#include <mm/mm.h>

unsigned long max_pfn;
unsigned long max_low_pfn;
void *high_memory;

struct mm_struct init_mm = {
	.pgd = swapper_pg_dir,
	.mm_users = 1,
	.mm_count = 1,
};
