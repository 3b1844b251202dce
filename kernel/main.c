/* SPDX-License-Identifier: MIT */
/*
 * start_kernel: the order in which everything comes up.
 *
 * Until start_late() the kernel runs on the boot stack inside the image; from there on a
 * stack of the kernel-stack window with a guard page below it.
 */
#include <asm/kstack.h>
#include <asm/layout-table.h>
#include <asm/msr.h>
#include <asm/processor.h>
#include <asm/setup.h>
#include <asm/traps.h>
#include <fs/fs.h>
#include <kernel/acpi.h>
#include <kernel/console.h>
#include <kernel/fbcon.h>
#include <kernel/futex.h>
#include <kernel/initramfs.h>
#include <kernel/irq.h>
#include <kernel/main.h>
#include <kernel/params.h>
#include <kernel/printk.h>
#include <kernel/reboot.h>
#include <kernel/report.h>
#include <kernel/sched.h>
#include <kernel/serial.h>
#include <kernel/string.h>
#include <kernel/time.h>
#include <kernel/trace.h>
#include <mm/bootmem.h>
#include <mm/ioremap.h>
#include <mm/mmap.h>
#include <mm/mm.h>
#include <mm/swap.h>
#include <test/test.h>

struct boot_figures boot_figures;

/* A deliberate fault at one of three early places (catalogue E5). */
static void early_fault_knob(u64 place)
{
	u64 wanted;

	if (!knob_u64("early-fault", &wanted) || wanted != place)
		return;
	if (place == 3)
		__asm__ __volatile__("ud2");
	*(volatile int *)(PAGE_OFFSET - 0x1000 * (unsigned long)place) = 1;
}

static void check_boot_info(void)
{
	if (boot_info->magic != BOOT_INFO_MAGIC)
		panic("the loader handed over no boot_info: loader and kernel do not fit together");
	if (boot_info->version != BOOT_INFO_VERSION || boot_info->size != sizeof(*boot_info))
		panic("boot_info has version %u, this kernel wants %u: rebuild the image",
		      boot_info->version, BOOT_INFO_VERSION);
}

static void set_loglevel(void)
{
	u64 level;

	if (param_u64("loglevel", &level))
		printk_set_loglevel((int)level);
}

/* UARTs that are reached by memory: asked for by console=, or named by the SPCR table. */
static volatile void *map_uart(phys_addr_t phys, size_t size)
{
	if (pfn_valid(PFN_DOWN(phys)) && page_type(pfn_to_page(PFN_DOWN(phys))) != PGT_ABSENT)
		return NULL;		/* RAM is no device */
	return ioremap(phys, size);
}

static void late_consoles(void)
{
	const struct acpi_gas *spcr = &acpi_info.spcr_uart;
	bool ansi;

	console_late_init(map_uart);
	if (!spcr->width || !console_wants_serial(&ansi))
		return;
	/* Interface types 0, 1 and 0x12 are 16550 compatible (SPCR table, revision 4). */
	if (acpi_info.spcr_type > 1 && acpi_info.spcr_type != 0x12)
		return;
	if (spcr->space == 1 && spcr->address != COM1_PORT)
		uart_add_io((u16)spcr->address, 0, ansi);
}

/* Messages that the loader could only show on the firmware's screen. */
static void replay_loader_log(void)
{
	const char *line = (char *)boot_info + boot_info->log_off, *end;

	if (!boot_info->log_len)
		return;
	for (; *line; line = *end ? end + 1 : end) {
		if (strncmp(line, "pagewalk: ", 10) == 0)
			line += 10;
		for (end = line; *end && *end != '\n'; end++)
			;
		pr_info("loader: %.*s\n", (int)(end - line), line);
	}
}

/* The kernels' blobs were only here to be checked: free memory, once nobody will again. */
static void free_blobs(void)
{
	const struct boot_range *r;
	unsigned i;

	if (other_kernel_follows())
		return;
	for (i = 0; i < BOOT_BLOBS; i++) {
		r = &boot_info->blob[i].where;
		if (i == BOOT_BLOB_INITRAMFS || !r->size)
			continue;
		free_pages_bulk_range(PFN_DOWN(r->base), PFN_UP(r->base + r->size));
	}
}

static void screen_init(void)
{
	const struct boot_fb *fb = &boot_info->fb;
	u64 rotate = 0;
	size_t shadow_size;
	void *va, *shadow;

	if (!console_wants_screen() || !fb->base || !fb->size)
		return;
	param_u64("rotate", &rotate);
	shadow_size = fbcon_shadow_size(fb, rotate);
	if (!shadow_size) {
		pr_notice("screen: a mode of %ux%u cannot be used: going on without\n",
			  fb->width, fb->height);
		return;
	}
	shadow = vzalloc(shadow_size);
	va = shadow ? ioremap_wc(fb->base, fbcon_map_size(fb)) : NULL;
	if (!va || fbcon_init(va, fb, rotate, shadow)) {
		pr_warn("screen: the frame buffer at %#llx (%llu KiB) cannot be mapped: going on without\n",
			(unsigned long long)fb->base, (unsigned long long)(fb->size >> 10));
		if (va)
			iounmap(va);
		vfree(shadow);
		return;
	}
	boot_figures.kept_pages += PFN_UP(shadow_size);
}

static void take_figures(void)
{
	u64 kept = boot_info->blob[BOOT_BLOB_INITRAMFS].where.size;
	unsigned i;

	for (i = 0; i < boot_info->cpio_count; i++)
		kept += boot_info->cpio[i].size;
	boot_figures.kept_pages += PFN_UP(kept);
	boot_figures.init_ticks = rdtsc() - entry_tsc;
	boot_figures.busy_wait_us = busy_wait_us_total;
	boot_figures.free_pages = nr_free_pages();
	boot_figures.usable_pages = PFN_DOWN(usable_bytes);
}

static unsigned long start_late(void *unused)
{
	window_table_init();
	late_consoles();
	report_step("screen_init");
	screen_init();
	report_step("irq_init");
	irq_init();
	time_init();
	realtime_init();
	sched_clock_init();
	local_irq_enable();
	report_step("vfs_init");
	trace_stopped.at = boot_info->trace_stop;
	trace_init();
	test_check_blobs();
	free_blobs();
	initramfs_init();
	vfs_init();
	initramfs_check_init(first_program());
	print_banner();
	take_figures();
	console_flush();

	if (kernel_thread(init_thread, NULL, "init") != 1)
		panic("the first process cannot be made: the machine needs more RAM");
	if (kernel_thread(kswapd, NULL, "kswapd") < 0)
		panic("kswapd cannot be made: the machine needs more RAM");
	cpu_idle();
}

void start_kernel(unsigned long boot_info_phys)
{
	void *stack;

	early_idt_init();
	early_snapshot_take();
	boot_info = (struct boot_info *)(_head + (boot_info_phys - phys_base));
	check_boot_info();
	report_init();
	params_init((char *)boot_info + boot_info->cmdline_off);
	set_loglevel();
	early_console_init(param_get("console"));
	pr_info("pagewalk " PAGEWALK_VERSION ": %d-level paging, image at %#lx\n",
		PGTABLE_LEVELS, phys_base);
	replay_loader_log();
	early_fault_knob(1);
	cpu_identify();
	cpu_control_init();
	early_fault_knob(2);
	report_step("setup_arch");
	setup_arch();
	early_fault_knob(3);
	report_step("mem_init");
	mem_init();
	kmem_cache_init();
	vmalloc_init();
	mm_cache_init();
	vmscan_init();
	fork_init();
	signal_init();
	futex_init();
	trap_init();
	process_init();

	stack = kstack_alloc();
	if (!stack)
		panic("no memory for the first kernel stack: the machine needs more RAM");
	sched_init(stack);
	call_on_stack(start_late, NULL, (char *)stack + THREAD_SIZE);
	BUG();
}
