/* SPDX-License-Identifier: MIT */
/* Names for the counters that tests and tools read. */
#include <asm/kstack.h>
#include <asm/tlbflush.h>
#include <asm/traps.h>
#include <fs/fs.h>
#include <kernel/blkdev.h>
#include <kernel/counters.h>
#include <kernel/futex.h>
#include <kernel/irq.h>
#include <kernel/kernel.h>
#include <kernel/sched.h>
#include <kernel/string.h>
#include <mm/fault.h>
#include <mm/rmap.h>
#include <mm/swap.h>
#include <mm/filemap.h>
#include <mm/mm.h>
#include <mm/mmap.h>

const struct counter counter_table[] = {
	{ "fault_total", &fault_counters.total },
	{ "fault_kernel_address", &fault_counters.kernel_address },
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
	{ "mms", &nr_mms },
	{ "alloc_failed", &alloc_fail.failed },
	{ "oom_kills", &oom_kills },
	{ "file_pages", &nr_file_pages },
	{ "pgactivate", &scan_counters.pgactivate },
	{ "pgdeactivate", &scan_counters.pgdeactivate },
	{ "pgscan_kswapd", &scan_counters.pgscan_kswapd },
	{ "pgscan_direct", &scan_counters.pgscan_direct },
	{ "pgsteal_anon", &scan_counters.pgsteal_anon },
	{ "pgsteal_file", &scan_counters.pgsteal_file },
	{ "kswapd_wakes", &scan_counters.kswapd_wakes },
	{ "direct_reclaims", &scan_counters.direct_reclaims },
	{ "rmap_walks", &rmap_stats.walks },
	{ "rmap_places", &rmap_stats.places },
	{ "rmap_entries", &rmap_stats.entries },
	{ "pswpin", &swap_counters.pswpin },
	{ "pswpout", &swap_counters.pswpout },
	{ "swap_cache_hits", &swap_counters.cache_hits },
	{ "swap_readahead", &swap_counters.readahead },
	{ "swap_requests", &swap_counters.requests },
	{ "swap_errors", &swap_counters.errors },
	{ "swap_bad_slots", &swap_counters.bad_slots },
	{ "swap_used", &swap_pages_used },
	{ "nr_swapcache", &nr_swapcache },
	{ "nr_mlocked", &nr_mlocked },
	{ "pgfault", &vm_counters.pgfault },
	{ "pgmajfault", &vm_counters.pgmajfault },
	{ "zero_maps", &vm_counters.zero_maps },
	{ "anon_new", &vm_counters.anon_new },
	{ "cow_copies", &vm_counters.cow_copies },
	{ "cow_reuses", &vm_counters.cow_reuses },
	{ "zero_cows", &vm_counters.zero_cows },
	{ "file_maps", &vm_counters.file_maps },
	{ "fault_around", &vm_counters.fault_around },
	{ "fork_shared", &vm_counters.fork_shared },
	{ "zapped", &vm_counters.zapped },
	{ "vma_finds", &vma_stats.finds },
	{ "vma_cache_hits", &vma_stats.cache_hits },
	{ "vma_steps", &vma_stats.steps },
	{ "spurious_faults", &vm_counters.spurious },
	{ "kernel_mode_faults", &vm_counters.kernel_mode },
	{ "kernel_stacks", &nr_kstacks },
	{ "tasks", &nr_tasks },
	{ "futex_waiters", &nr_futex_waiters },
	{ "switches", &sched_counters.switches },
	{ "mm_switches", &sched_counters.mm_switches },
	{ "lazy_switches", &sched_counters.lazy },
	{ "preemptions", &sched_counters.preemptions },
	{ "forks", &sched_counters.forks },
	{ "execs", &sched_counters.execs },
	{ "exits", &sched_counters.exits },
	{ "inodes", &nr_inodes },
	{ "dentries", &nr_dentries },
	{ "open_files", &nr_open_files },
	{ "dirty_pages", &nr_dirty },
	{ "written_pages", &nr_written },
	{ "ra_sequential", &ra_counters.sequential },
	{ "ra_random", &ra_counters.random },
	{ "ra_around", &ra_counters.around },
	{ "ra_pages", &ra_counters.pages },
	{ "ra_dropped", &ra_counters.dropped },
	{ "blk_reads", &blk_counters.reads },
	{ "blk_writes", &blk_counters.writes },
	{ "blk_flushes", &blk_counters.flushes },
	{ "blk_read_sectors", &blk_counters.read_sectors },
	{ "blk_write_sectors", &blk_counters.write_sectors },
	{ "blk_errors", &blk_counters.errors },
	{ "blk_timeouts", &blk_counters.timeouts },
	{ "blk_resets", &blk_counters.resets },
	{ "blk_refused", &blk_counters.refused },
	{ "blk_bounced", &blk_counters.bounced },
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
