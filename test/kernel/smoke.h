/* SPDX-License-Identifier: MIT */
/*
 * What the checks of test=smoke share.
 *
 * Verdicts: FAIL is a promise of a specification that this machine breaks; WARN is what a
 * careful system survives and a careless one does not; SKIP is what the machine does not
 * have, or what a virtual machine cannot show.  Reasons say what is wrong, then what to
 * do; with the figure they must fit into ROW_TEXT_MAX.
 */
#ifndef TEST_KERNEL_SMOKE_H
#define TEST_KERNEL_SMOKE_H

#include <asm/cpufeature.h>
#include <asm/setup.h>
#include <test/row.h>

#define ULL(x)		((unsigned long long)(x))

/* UEFI 2.10, 7.2: the types and attributes that the checks name. */
enum smoke_efi_type {
	SMOKE_RESERVED, SMOKE_LOADER_CODE, SMOKE_LOADER_DATA, SMOKE_BS_CODE, SMOKE_BS_DATA,
	SMOKE_RT_CODE, SMOKE_RT_DATA, SMOKE_CONVENTIONAL, SMOKE_UNUSABLE,
	SMOKE_ACPI_RECLAIM, SMOKE_ACPI_NVS, SMOKE_MMIO, SMOKE_MMIO_PORT,
};

#define SMOKE_ATTR_RUNTIME	0x8000000000000000ull
#define SMOKE_PAGE		4096ull		/* of the firmware's map, in both modes */

/*
 * Every check, in the order in which they run; what calls the firmware comes last.  X gets a
 * name for C, with smoke_ in front that of the function, and the name that is shown.
 */
#define SMOKE_CHECKS(X) \
	X(map_sorted, "map.sorted") \
	X(map_no_overlap, "map.no-overlap") \
	X(map_aligned, "map.aligned") \
	X(map_count, "map.count") \
	X(map_runtime_aligned, "map.runtime-aligned") \
	X(map_self_consistent, "map.self-consistent") \
	X(map_covers_image, "map.covers-image") \
	X(map_covers_acpi, "map.covers-acpi") \
	X(map_fb_not_in_ram, "map.fb-not-in-ram") \
	X(ebs_tries, "ebs.tries") \
	X(ebs_time, "ebs.time") \
	X(entry_cpu_state, "entry.cpu-state") \
	X(entry_la57, "entry.la57") \
	X(pages_write_verify_all, "pages.write-verify-all") \
	X(pages_nx_works, "pages.nx-works") \
	X(pages_wp_works, "pages.wp-works") \
	X(pages_global_invlpg, "pages.global-invlpg") \
	X(mode32_round_trip, "mode32.round-trip") \
	X(tsc_invariant, "tsc.invariant") \
	X(tsc_two_sources, "tsc.two-sources") \
	X(pmtimer_monotone, "pmtimer.monotone") \
	X(hpet_monotone, "hpet.monotone") \
	X(lapic_timer_rate, "lapic.timer-rate") \
	X(pit_alive, "pit.alive") \
	X(smi_latency_max, "smi.latency-max") \
	X(irq_spurious, "irq.spurious") \
	X(gop_stride, "gop.stride") \
	X(gop_wc_speedup, "gop.wc-speedup") \
	X(acpi_checksums, "acpi.checksums") \
	X(acpi_reset_reg, "acpi.reset-reg") \
	X(variable_space, "variable.space") \
	X(secureboot_state, "secureboot.state") \
	X(rt_gettime, "rt.gettime")

#define SMOKE_DECLARE(sym, name) void smoke_##sym(struct row *r);
SMOKE_CHECKS(SMOKE_DECLARE)
#undef SMOKE_DECLARE

/* Nothing to complain about so far. */
static inline void smoke_pass(struct row *r)
{
	row_ok(r, true, "passed");
}

/* Time and caches of a virtual machine say little about anything. */
static inline bool smoke_virtual(void)
{
	return cpu_has(X86_FEATURE_HYPERVISOR) ||
	       boot_info->firmware_flags & BOOT_FW_QEMU_FWCFG;
}

/* Silicon has no excuse; a host that does not run QEMU's timer thread is one. */
static inline void smoke_no_tick(struct row *r, const char *what)
{
	if (smoke_virtual())
		row_warn(r, "%s; or the host is busy", what);
	else
		row_ok(r, false, "%s", what);
}

/* Name of a descriptor's type, "type 42" as "unknown"; end of its range, no overflow. */
const char *smoke_type_name(u32 type);
u64 smoke_desc_end(const struct boot_memdesc *d);

/* A descriptor that contains the address, NULL if there is none. */
const struct boot_memdesc *smoke_desc_at(u64 addr);

/* Do descriptors for which ok() holds cover all of [start, start + size)?  Else *hole. */
bool smoke_covered(u64 start, u64 size, bool (*ok)(const struct boot_memdesc *d), u64 *hole);

/* For smoke_covered(): what the firmware keeps mapped for its runtime services. */
bool smoke_is_runtime(const struct boot_memdesc *d);

#endif
