/* SPDX-License-Identifier: MIT */
/* Names for the counters that tests and tools read. */
#include <asm/kstack.h>
#include <asm/tlbflush.h>
#include <asm/traps.h>
#include <kernel/counters.h>
#include <kernel/irq.h>
#include <kernel/kernel.h>
#include <kernel/string.h>
#include <mm/mm.h>

const struct counter counter_table[] = {
	{ "fault_total", &fault_counters.total },
	{ "fault_vmalloc", &fault_counters.vmalloc },
	{ "fault_fixup", &fault_counters.fixup },
	{ "tlb_flush_one", &tlb_counters.flush_one },
	{ "tlb_flush_all", &tlb_counters.flush_all },
	{ "tlb_flush_mm", &tlb_counters.flush_mm },
	{ "cr3_loads", &tlb_counters.cr3_loads },
	{ "pages_kernel", &page_type_count[PGT_KERNEL] },
	{ "pages_slab", &page_type_count[PGT_SLAB] },
	{ "pages_table", &page_type_count[PGT_TABLE] },
	{ "pages_vmalloc", &page_type_count[PGT_VMALLOC] },
	{ "pages_anon", &page_type_count[PGT_ANON] },
	{ "pages_file", &page_type_count[PGT_FILE] },
	{ "pages_reserved", &page_type_count[PGT_RESERVED] },
	{ "pages_free", &page_type_count[PGT_FREE] },
	{ "kmap_maps", &kmap_stats.maps },
	{ "kmap_hits", &kmap_stats.hits },
	{ "kmap_flushes", &kmap_stats.flushes },
	{ "kmap_waits", &kmap_stats.waits },
	{ "kmap_local_maps", &kmap_stats.local_maps },
	{ "vmalloc_areas", &vmalloc_stats.areas },
	{ "vmalloc_purges", &vmalloc_stats.purges },
	{ "page_tables", &nr_page_table_pages },
	{ "kernel_stacks", &nr_kstacks },
	{ "irq_spurious", &irq_spurious },
	{ "irq_unexpected", &irq_unexpected },
	{ "nmi", &nmi_count },
};
const unsigned counter_count = ARRAY_SIZE(counter_table);

unsigned long counter(const char *name)
{
	unsigned i;

	for (i = 0; i < counter_count; i++)
		if (strcmp(counter_table[i].name, name) == 0)
			return *counter_table[i].value;
	panic("no counter is called \"%s\"", name);
}
