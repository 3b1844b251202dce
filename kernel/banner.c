/* SPDX-License-Identifier: MIT */
/*
 * What this machine is and how its memory is laid out: the header of the screen and the
 * first lines of the log.
 */
#include <asm/layout-table.h>
#include <asm/processor.h>
#include <asm/setup.h>
#include <kernel/fbcon.h>
#include <kernel/main.h>
#include <kernel/printk.h>
#include <kernel/string.h>
#include <kernel/time.h>
#include <mm/mm.h>

#define LINE_MAX	160

static unsigned long mib(u64 bytes)
{
	return (unsigned long)(bytes >> 20);
}

static const char *secure_boot_text(void)
{
	u32 f = boot_info->firmware_flags;

	if (!(f & BOOT_FW_SECURE_KNOWN))
		return "no Secure Boot";
	return f & BOOT_FW_SECURE_BOOT ? "Secure Boot on" : "Secure Boot off";
}

static void firmware_text(char *s, size_t n)
{
	scnprintf(s, n, "%s, UEFI %u.%u, %u-bit, %s", boot_info->vendor,
		  boot_info->uefi_revision >> 16, (boot_info->uefi_revision & 0xffff) / 10,
		  boot_info->firmware_width, secure_boot_text());
}

static void cpu_text(char *s, size_t n)
{
	scnprintf(s, n, "%s, %u MHz%s%s%s%s%s%s%s", boot_cpu.name[0] ? boot_cpu.name : boot_cpu.vendor,
		  tsc_khz / 1000,
		  cpu_has(X86_FEATURE_PSE) ? " pse" : "", cpu_has(X86_FEATURE_PGE) ? " pge" : "",
		  cpu_has(X86_FEATURE_NX) ? " nx" : "", cpu_has(X86_FEATURE_GBPAGES) ? " 1g" : "",
		  cpu_has(X86_FEATURE_SMEP) ? " smep" : "", cpu_has(X86_FEATURE_SMAP) ? " smap" : "",
		  cpu_has(X86_FEATURE_PAT) ? " pat" : "");
}

static void ram_text(char *s, size_t n)
{
	size_t used = scnprintf(s, n, "%lu MiB usable, %lu MiB free, %lu MiB high", mib(usable_bytes),
				nr_free_pages() >> (20 - PAGE_SHIFT),
				(max_pfn - max_low_pfn) >> (20 - PAGE_SHIFT));

	if (unreachable_bytes)
		scnprintf(s + used, n - used, ", %lu MiB above 4 GiB out of reach of two levels",
			  mib(unreachable_bytes));
}

static void window_text(char *s, size_t n, const struct window *w)
{
	scnprintf(s, n, "%0*lx-%0*lx", (int)(2 * sizeof(long)), w->start,
		  (int)(2 * sizeof(long)), w->end - 1);
}

/* In the largest unit of which there are ten or more, or a whole number. */
static void size_text(char *s, size_t n, unsigned long size)
{
	static const char units[] = "KMGT";
	unsigned i = 0;

	for (size >>= 10; i < 3 && size && (size >= 10240 || !(size & 1023)); i++)
		size >>= 10;
	scnprintf(s, n, "%lu%c", size, units[i]);
}

/* For the screen: both limits, or the first one and the size where it is narrow. */
static void window_field(char *s, size_t n, const struct window *w)
{
	char range[48], size[16];

	window_text(range, sizeof(range), w);
	size_text(size, sizeof(size), w->end - w->start);
	scnprintf(s, n, "%s\v%0*lx +%s", range, (int)(2 * sizeof(long)), w->start, size);
}

static void hash_text(char text[65], const u8 hash[32])
{
	unsigned i;

	for (i = 0; i < 32; i++)
		scnprintf(text + 2 * i, 3, "%02x", hash[i]);
}

static const char *mode_text(void)
{
	return PGTABLE_LEVELS == 4 ? "4-level page tables (x86-64)" : "legacy 2-level page tables (i386)";
}

static const struct window *window(const char *name)
{
	unsigned i;

	for (i = 0; i < window_count - 1; i++)
		if (strcmp(window_table[i].name, name) == 0)
			break;
	return &window_table[i];
}

static void set_screen_header(const char *firmware, const char *cpu, const char *memory)
{
	static char line[7][LINE_MAX];
	const char *lines[ARRAY_SIZE(line)];
	char a[64], b[64];
	unsigned i;

	for (i = 0; i < ARRAY_SIZE(line); i++)
		lines[i] = line[i];
	scnprintf(line[0], LINE_MAX, "Pagewalk " PAGEWALK_VERSION "\t%s", mode_text());
	scnprintf(line[1], LINE_MAX, "firmware\t%s", firmware);
	scnprintf(line[2], LINE_MAX, "processor\t%s", cpu);
	scnprintf(line[3], LINE_MAX, "memory\t%s", memory);
	window_field(a, sizeof(a), window("direct map"));
	window_field(b, sizeof(b), window("vmalloc"));
	scnprintf(line[4], LINE_MAX, "direct map\t%s\tvmalloc\t%s", a, b);
	window_field(a, sizeof(a), window("kernel stacks"));
	window_field(b, sizeof(b), window("devices"));
	scnprintf(line[5], LINE_MAX, "stacks\t%s\tdevices\t%s", a, b);
	window_field(a, sizeof(a), window("pkmap"));
	window_field(b, sizeof(b), window("fixmap"));
	scnprintf(line[6], LINE_MAX, "pkmap\t%s\tfixmap\t%s", a, b);
	fbcon_set_header(lines, ARRAY_SIZE(lines));
}

void print_banner(void)
{
	char firmware[LINE_MAX], cpu[LINE_MAX], memory[LINE_MAX], range[48], hash[65];
	unsigned i;

	firmware_text(firmware, sizeof(firmware));
	cpu_text(cpu, sizeof(cpu));
	ram_text(memory, sizeof(memory));
	set_screen_header(firmware, cpu, memory);

	pr_info("mode      %s\n", mode_text());
	pr_info("firmware  %s\n", firmware);
	pr_info("started   %s\n", boot_info->device_path);
	hash_text(hash, boot_info->image_sha256);
	pr_info("image     %llu bytes, sha256 %s\n",
		(unsigned long long)boot_info->image_file_size, hash);
	pr_info("processor %s\n", cpu);
	pr_info("memory    %s\n", memory);
	for (i = 0; i < window_count; i++) {
		window_text(range, sizeof(range), &window_table[i]);
		pr_info("window    %-13s %s  (%s)\n", window_table[i].name, range,
			window_table[i].top_level);
	}
	for (i = 0; i < MAX_NR_ZONES; i++)
		if (zones[i].present_pages)
			pr_info("zone      %-8s frames %#lx-%#lx, %lu free\n", zones[i].name,
				zones[i].start_pfn, zones[i].end_pfn, zones[i].free_pages);
}
