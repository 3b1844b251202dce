/* SPDX-License-Identifier: MIT */
/*
 * Smoke: variables, Secure Boot, and a runtime service called after the exit.
 *
 * The pointer to GetTime is read from the runtime services table again, since firmware may
 * replace it at the exit, and is used only if it and the table lie in memory that the map
 * keeps for runtime services: a call into memory that is free by now would end the run.
 * A line is printed before the call, so that a firmware that hangs in it is known.
 */
#include <asm/page.h>
#include <asm/tramp.h>
#include <kernel/console.h>
#include <kernel/printk.h>
#include <kernel/string.h>
#include <kernel/time.h>
#include <mm/ioremap.h>
#include "smoke.h"

#define VAR_LOW		(16u << 10)	/* bytes; below this some firmware does not boot */
#define RT_GET_TIME	24		/* offset in the table, behind its header */
#define EFI_UNSUPPORTED	3
#define EFI_DEVICE_ERROR 7
#define CLOCK_SLACK	600		/* seconds from the loader's reading to ours */

void smoke_variable_space(struct row *r)
{
	u64 max_size = boot_info->var_max, left = boot_info->var_free;

	if (!(boot_info->firmware_flags & BOOT_FW_VAR_SPACE)) {
		row_skip(r, "the firmware does not tell (QueryVariableInfo)");
		return;
	}
	row_info(r, "%llu of %llu KiB free", ULL(left >> 10), ULL(max_size >> 10));
	row_ok(r, left <= max_size, "more free than there is; firmware bug");
	if (max_size < VAR_LOW)
		row_warn(r, "a very small store: systems that keep 5 KiB free cannot save anything");
	else if (left < VAR_LOW)
		row_warn(r, "nearly full: updates and boot entries may fail; delete old dumps and entries");
}

void smoke_secureboot_state(struct row *r)
{
	u32 f = boot_info->firmware_flags;

	if (!(f & BOOT_FW_SECURE_KNOWN)) {
		row_skip(r, "the firmware has no Secure Boot");
		return;
	}
	row_info(r, "%s, %s mode", f & BOOT_FW_SECURE_BOOT ? "on" : "off",
		 f & BOOT_FW_SETUP_MODE ? "setup" : "user");
	row_ok(r, !(f & BOOT_FW_SECURE_BOOT && f & BOOT_FW_SETUP_MODE),
	       "Secure Boot is on without a platform key: it protects nothing; enroll keys");
}

/* ---- the clock --------------------------------------------------------------------- */

struct efi_time {
	u16 year;
	u8 month, day, hour, minute, second, pad1;
	u32 nanosecond;
	s16 zone;
	u8 daylight, pad2;
};

static_assert(sizeof(struct efi_time) == 16, "UEFI 2.10, 8.3");

/* Static, so that it lies in the image: below 4 GiB by physical address in both modes. */
static struct efi_time now __aligned(16);

/* What the table holds after the exit; 0 with a reason if it must not be called. */
static u64 find_get_time(struct row *r)
{
	u64 table = boot_info->runtime_services, entry = 0, hole;
	unsigned width = boot_info->firmware_width / 8;
	const void *p;

	if (!smoke_covered(table, RT_GET_TIME + width, smoke_is_runtime, &hole)) {
		row_warn(r, "the table at %#llx is not in a runtime range: not called; firmware bug",
			 ULL(table));
		return 0;
	}
	p = memremap(table + RT_GET_TIME, width);
	if (!p) {
		row_skip(r, "the table at %#llx is out of reach of this paging mode", ULL(table));
		return 0;
	}
	memcpy(&entry, p, width);
	memunmap((void *)p);
	if (smoke_covered(entry, 1, smoke_is_runtime, &hole))
		return entry;
	row_warn(r, "GetTime at %#llx is not in a runtime range: not called; firmware bug", ULL(entry));
	return 0;
}

static bool plausible(const struct efi_time *t)
{
	return t->year >= 1998 && t->year <= 2099 && t->month >= 1 && t->month <= 12 &&
	       t->day >= 1 && t->day <= 31 && t->hour < 24 && t->minute < 60 && t->second < 60;
}

/* Seconds from the loader's reading; only right inside one day, which is enough. */
static int seconds_since_loader(const struct efi_time *t)
{
	const struct boot_info *b = boot_info;
	int s = (t->hour - b->hour) * 3600 + (t->minute - b->minute) * 60 + t->second - b->second;

	return s < 0 && t->day != b->day ? s + 86400 : s;
}

static void judge_time(struct row *r, const struct efi_time *t)
{
	int since = seconds_since_loader(t);

	if (!row_ok(r, plausible(t), "%u-%u-%u %u:%u:%u cannot be: set the clock, check its battery",
		    t->year, t->month, t->day, t->hour, t->minute, t->second))
		return;
	if (!(boot_info->firmware_flags & BOOT_FW_TIME_VALID))
		row_warn(r, "it did not work before the exit, but does now");
	else if (since < 0 || since > CLOCK_SLACK)
		row_warn(r, "the clock moved by %d s since the loader read it", since);
	if (t->year < 2020)
		row_warn(r, "the clock is years behind: set it, check its battery");
}

static void judge_status(struct row *r, u64 status)
{
	u64 code = status & 0x7fffffff;

	if (code == EFI_UNSUPPORTED)
		row_warn(r, "not offered after the exit (EFI_UNSUPPORTED): a system must read the CMOS clock");
	else
		row_ok(r, false, "GetTime fails with status %#llx%s", ULL(status),
		       code == EFI_DEVICE_ERROR ? ": the clock chip or its battery" : "; firmware bug");
}

void smoke_rt_gettime(struct row *r)
{
	u64 entry = find_get_time(r), status = 0, start;

	if (!entry)
		return;
	printk_raw("# rt.gettime: calling the firmware at %#llx\n", ULL(entry));
	console_flush();
	memset(&now, 0, sizeof(now));
	start = ktime_ns();
	if (firmware_call(entry, __pa(&now), 0, 0, 0, &status)) {
		row_skip(r, "the trampoline is missing");
		return;
	}
	if (status) {
		judge_status(r, status);
		return;
	}
	row_info(r, "%04u-%02u-%02u %02u:%02u:%02u in %llu us", now.year, now.month, now.day,
		 now.hour, now.minute, now.second, ULL((ktime_ns() - start) / NSEC_PER_USEC));
	judge_time(r, &now);
}
