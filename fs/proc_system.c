/* SPDX-License-Identifier: MIT */
/*
 * The root of /proc: figures of the whole system, in Linux's formats (man 5 proc).  Every
 * number comes from a counter that somebody keeps for its own sake; lines for which there
 * is none are left out.
 */
#include <asm/cpufeature.h>
#include <asm/elf.h>
#include <asm/kstack.h>
#include <asm/setup.h>
#include <fs/proc.h>
#include <fs/super.h>
#include <kernel/blkdev.h>
#include <kernel/printk.h>
#include <kernel/sched.h>
#include <kernel/string.h>
#include <kernel/time.h>
#include <mm/fault.h>
#include <mm/mm.h>
#include <mm/mmap.h>
#include <mm/swap.h>
#include "internal.h"

#define CLOCK_TICK_NS	10000000u

/* ---- memory -------------------------------------------------------------------------- */

static void show_zones_of_meminfo(struct seq *s)
{
	unsigned long high = zones[ZONE_HIGHMEM].managed_pages;

	if (!high)
		return;
	seq_kb(s, "HighTotal:      ", high);
	seq_kb(s, "HighFree:       ", zones[ZONE_HIGHMEM].free_pages);
	seq_kb(s, "LowTotal:       ", totalram_pages - high);
	seq_kb(s, "LowFree:        ", nr_free_pages() - zones[ZONE_HIGHMEM].free_pages);
}

/* Pages of files that somebody maps.  Nobody counts them: found by a look at every frame. */
static unsigned long nr_mapped(void)
{
	unsigned long pfn, n = 0;
	const struct page *page;

	for (pfn = 0; pfn < max_pfn; pfn++) {
		if (!pfn_valid(pfn))
			continue;
		page = pfn_to_page(pfn);
		n += page_type(page) == PGT_FILE && page_mapcount(page) > 0;
	}
	return n;
}

static void count_lru(unsigned long lru[NR_LRU_LISTS])
{
	unsigned int i;

	for (i = 0; i < NR_LRU_LISTS; i++)
		lru[i] = nr_lru_pages((enum lru_list)i);
}

static int show_meminfo(struct seq *s, struct task_struct *p)
{
	unsigned long free = nr_free_pages(), lru[NR_LRU_LISTS];
	unsigned long slab = page_type_count[PGT_SLAB], anon = page_type_count[PGT_ANON];

	count_lru(lru);
	seq_kb(s, "MemTotal:       ", totalram_pages);
	seq_kb(s, "MemFree:        ", free);
	seq_kb(s, "MemAvailable:   ", free + lru[LRU_INACTIVE_FILE] + lru[LRU_ACTIVE_FILE]);
	seq_kb(s, "Buffers:        ", 0);
	seq_kb(s, "Cached:         ", nr_file_pages);
	seq_kb(s, "SwapCached:     ", nr_swapcache);
	seq_kb(s, "Active:         ", lru[LRU_ACTIVE_ANON] + lru[LRU_ACTIVE_FILE]);
	seq_kb(s, "Inactive:       ", lru[LRU_INACTIVE_ANON] + lru[LRU_INACTIVE_FILE]);
	seq_kb(s, "Active(anon):   ", lru[LRU_ACTIVE_ANON]);
	seq_kb(s, "Inactive(anon): ", lru[LRU_INACTIVE_ANON]);
	seq_kb(s, "Active(file):   ", lru[LRU_ACTIVE_FILE]);
	seq_kb(s, "Inactive(file): ", lru[LRU_INACTIVE_FILE]);
	seq_kb(s, "Unevictable:    ", lru[LRU_UNEVICTABLE]);
	seq_kb(s, "Mlocked:        ", nr_mlocked);
	show_zones_of_meminfo(s);
	seq_kb(s, "SwapTotal:      ", total_swap_pages);
	seq_kb(s, "SwapFree:       ", nr_swap_pages());
	seq_kb(s, "Dirty:          ", nr_dirty);
	seq_kb(s, "Writeback:      ", nr_writeback);
	seq_kb(s, "AnonPages:      ", anon);
	seq_kb(s, "Mapped:         ", nr_mapped());
	seq_kb(s, "Shmem:          ", 0);
	seq_kb(s, "KReclaimable:   ", 0);
	seq_kb(s, "Slab:           ", slab);
	seq_kb(s, "SReclaimable:   ", 0);
	seq_kb(s, "SUnreclaim:     ", slab);
	seq_kb(s, "KernelStack:    ", nr_kstacks * (THREAD_SIZE >> PAGE_SHIFT));
	seq_kb(s, "PageTables:     ", nr_page_table_pages);
	seq_kb(s, "SecPageTables:  ", 0);
	seq_kb(s, "NFS_Unstable:   ", 0);
	seq_kb(s, "Bounce:         ", 0);
	seq_kb(s, "WritebackTmp:   ", 0);
	seq_kb(s, "CommitLimit:    ", vm_commit_limit());
	seq_kb(s, "Committed_AS:   ", (unsigned long)vm_committed);
	seq_kb(s, "VmallocTotal:   ", (VMALLOC_END - VMALLOC_START) >> PAGE_SHIFT);
	seq_kb(s, "VmallocUsed:    ", vmalloc_stats.pages);
	seq_kb(s, "VmallocChunk:   ", 0);
	seq_kb(s, "Percpu:         ", 0);
	return 0;
}

static void show_lru(struct seq *s, const char *prefix)
{
	static const char *const names[NR_LRU_LISTS] = {
		"inactive_anon", "active_anon", "inactive_file", "active_file", "unevictable",
	};
	unsigned int i;

	for (i = 0; i < NR_LRU_LISTS; i++)
		seq_printf(s, "%s%s %lu\n", prefix, names[i], nr_lru_pages((enum lru_list)i));
}

static int show_vmstat(struct seq *s, struct task_struct *p)
{
	unsigned long anon = page_type_count[PGT_ANON];

	seq_printf(s, "nr_free_pages %lu\n", nr_free_pages());
	show_lru(s, "nr_zone_");
	seq_printf(s, "nr_zone_write_pending 0\nnr_mlock %lu\nnr_bounce 0\n", nr_mlocked);
	show_lru(s, "nr_");
	seq_printf(s, "nr_slab_reclaimable 0\nnr_slab_unreclaimable %lu\n",
		   page_type_count[PGT_SLAB]);
	seq_printf(s, "nr_anon_pages %lu\nnr_mapped %lu\nnr_file_pages %lu\n", anon,
		   nr_mapped(), nr_file_pages);
	seq_printf(s, "nr_dirty %lu\nnr_writeback %lu\nnr_written %lu\nnr_shmem 0\n", nr_dirty,
		   nr_writeback, nr_written);
	seq_printf(s, "nr_kernel_stack %lu\n", nr_kstacks * (THREAD_SIZE >> 10));
	seq_printf(s, "nr_page_table_pages %lu\n", nr_page_table_pages);
	seq_printf(s, "nr_swapcached %lu\npgpgin %lu\npgpgout %lu\n",
		   nr_swapcache, blk_counters.read_sectors / 2, blk_counters.write_sectors / 2);
	seq_printf(s, "pswpin %lu\npswpout %lu\n", swap_counters.pswpin, swap_counters.pswpout);
	seq_printf(s, "pgactivate %lu\npgdeactivate %lu\n", scan_counters.pgactivate,
		   scan_counters.pgdeactivate);
	seq_printf(s, "pgfault %lu\npgmajfault %lu\n", vm_counters.pgfault,
		   vm_counters.pgmajfault);
	seq_printf(s, "pgsteal_kswapd %lu\npgsteal_direct %lu\n", scan_counters.pgsteal_kswapd,
		   scan_counters.pgsteal_direct);
	seq_printf(s, "pgscan_kswapd %lu\npgscan_direct %lu\n", scan_counters.pgscan_kswapd,
		   scan_counters.pgscan_direct);
	seq_printf(s, "pgsteal_anon %lu\npgsteal_file %lu\n", scan_counters.pgsteal_anon,
		   scan_counters.pgsteal_file);
	seq_printf(s, "swap_ra %lu\noom_kill %lu\n", swap_counters.readahead, oom_kills);
	return 0;
}

/* ---- time and tasks ------------------------------------------------------------------ */

static void count_tasks(unsigned *running, unsigned *blocked, int *last_pid)
{
	struct task_struct *p;

	*running = *blocked = 0;
	*last_pid = 0;
	for_each_task(p) {
		*running += p->state == TASK_RUNNING;
		*blocked += p->state == TASK_UNINTERRUPTIBLE && !(p->flags & PF_KTHREAD);
		*last_pid = p->pid;		/* they stand in the order of birth */
	}
}

static int show_stat(struct seq *s, struct task_struct *p)
{
	u64 now = ktime_ns(), today = realtime_ns(), total = now / CLOCK_TICK_NS;
	u64 idle = task_runtime_ns(&init_task) / CLOCK_TICK_NS;
	unsigned running, blocked;
	int last_pid;

	if (idle > total)
		idle = total;
	count_tasks(&running, &blocked, &last_pid);
	seq_printf(s, "cpu  %llu 0 0 %llu 0 0 0 0 0 0\ncpu0 %llu 0 0 %llu 0 0 0 0 0 0\n",
		   (unsigned long long)(total - idle), (unsigned long long)idle,
		   (unsigned long long)(total - idle), (unsigned long long)idle);
	seq_printf(s, "ctxt %lu\nbtime %llu\nprocesses %lu\nprocs_running %u\nprocs_blocked %u\n",
		   sched_counters.switches,
		   (unsigned long long)((today > now ? today - now : 0) / NSEC_PER_SEC),
		   sched_counters.forks, running, blocked);
	return 0;
}

static void show_seconds(struct seq *s, u64 ns, const char *end)
{
	u64 hundredths = ns / CLOCK_TICK_NS;

	seq_printf(s, "%llu.%02llu%s", (unsigned long long)(hundredths / 100),
		   (unsigned long long)(hundredths % 100), end);
}

static int show_uptime(struct seq *s, struct task_struct *p)
{
	show_seconds(s, ktime_ns(), " ");
	show_seconds(s, task_runtime_ns(&init_task), "\n");
	return 0;
}

static int show_loadavg(struct seq *s, struct task_struct *p)
{
	unsigned running, blocked, i;
	unsigned long load;
	int last_pid;

	count_tasks(&running, &blocked, &last_pid);
	for (i = 0; i < 3; i++) {
		load = loadavg(i) + LOAD_ONE / 200;		/* rounded */
		seq_printf(s, "%lu.%02lu ", load >> LOAD_SHIFT,
			   (load & (LOAD_ONE - 1)) * 100 >> LOAD_SHIFT);
	}
	seq_printf(s, "%u/%lu %d\n", running, nr_tasks, last_pid);
	return 0;
}

/* ---- what is running here ------------------------------------------------------------ */

static int show_version(struct seq *s, struct task_struct *p)
{
	seq_printf(s, "Linux version 6.1.0-pagewalk (pagewalk %s, %d-level paging) (clang) #1\n",
		   PAGEWALK_VERSION, PGTABLE_LEVELS);
	return 0;
}

static int show_cmdline(struct seq *s, struct task_struct *p)
{
	seq_printf(s, "%s\n", (const char *)boot_info + boot_info->cmdline_off);
	return 0;
}

static int show_cpuinfo(struct seq *s, struct task_struct *p)
{
	seq_printf(s, "processor\t: 0\nvendor_id\t: %s\ncpu family\t: %u\nmodel\t\t: %u\n",
		   boot_cpu.vendor, boot_cpu.family, boot_cpu.model);
	seq_printf(s, "model name\t: %s\nstepping\t: %u\ncpu MHz\t\t: %u.%03u\n", boot_cpu.name,
		   boot_cpu.stepping, tsc_khz / 1000, tsc_khz % 1000);
	seq_printf(s, "address sizes\t: %u bits physical, %u bits virtual\n\n",
		   boot_cpu.phys_bits, boot_cpu.virt_bits);
	return 0;
}

static int show_swaps(struct seq *s, struct task_struct *p)
{
	const struct swap_device *d;
	size_t column;

	seq_puts(s, "Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority\n");
	for (d = swap_devices; d < swap_devices + MAX_SWAPFILES; d++) {
		if (!d->ops)
			continue;
		column = s->len;
		seq_puts(s, d->name);
		seq_pad(s, column, 40);
		seq_printf(s, "%s\t%lu\t\t%lu\t\t%d\n", d->kind,
			   (d->slots - 1) << (PAGE_SHIFT - 10), d->used << (PAGE_SHIFT - 10),
			   d->priority);
	}
	return 0;
}

static int show_filesystems(struct seq *s, struct task_struct *p)
{
	const struct file_system_type *type;

	seq_puts(s, "nodev\trootfs\nnodev\tdevtmpfs\nnodev\tproc\nnodev\ttmpfs\n");
	list_for_each_entry(type, &file_systems, list)
		seq_printf(s, "\t%s\n", type->name);
	return 0;
}

static void show_mount(struct seq *s, const struct dentry *root)
{
	const char *path = d_path(root, s->scratch, PATH_MAX_K);
	const struct super_block *sb = root->inode->sb;

	seq_printf(s, "%s %s %s %s 0 0\n", sb ? sb->source : root->fs_name, path ? path : "?",
		   root->fs_name, sb && sb_is_read_only(sb) ? "ro" : "rw");
}

int proc_show_mounts(struct seq *s, struct task_struct *p)
{
	const struct dentry *root;

	show_mount(s, root_dentry);
	list_for_each_entry(root, &mount_list, child)
		show_mount(s, root);
	return 0;
}

static int link_self(struct task_struct *p, char *buf, size_t n)
{
	return scnprintf(buf, n, "%d", current->tgid);
}

static int link_mounts(struct task_struct *p, char *buf, size_t n)
{
	return scnprintf(buf, n, "self/mounts");
}

const struct proc_entry proc_root_entries[] = {
	PROC_TEXT("cmdline", 0444, show_cmdline),
	PROC_TEXT("cpuinfo", 0444, show_cpuinfo),
	PROC_TEXT("diskstats", 0444, proc_show_diskstats),
	PROC_TEXT("filesystems", 0444, show_filesystems),
	PROC_TEXT("interrupts", 0444, proc_show_interrupts),
	PROC_FILE("kpagecount", 0400, &proc_kpagecount_ops),
	PROC_FILE("kpageflags", 0400, &proc_kpageflags_ops),
	PROC_TEXT("loadavg", 0444, show_loadavg),
	PROC_TEXT("meminfo", 0444, show_meminfo),
	PROC_LINK("mounts", link_mounts),
	PROC_DIR("pagewalk", proc_pagewalk_entries),
	PROC_TEXT("partitions", 0444, proc_show_partitions),
	PROC_LINK("self", link_self),
	PROC_TEXT("stat", 0444, show_stat),
	PROC_TEXT("swaps", 0444, show_swaps),
	PROC_DIR("sys", proc_sys_entries),
	PROC_TEXT("uptime", 0444, show_uptime),
	PROC_TEXT("version", 0444, show_version),
	PROC_TEXT("vmstat", 0444, show_vmstat),
	{ .name = NULL }
};
