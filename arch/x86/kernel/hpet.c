/* SPDX-License-Identifier: MIT */
/*
 * The high-precision event timer as a reference clock (IA-PC HPET specification 1.0a).
 * Only the main counter is used; its comparators' interrupts are turned off, since the
 * firmware may have left one running.
 */
#include <asm/clock.h>
#include <asm/fixmap.h>
#include <asm/io.h>
#include <asm/page.h>
#include <kernel/acpi.h>
#include <kernel/kernel.h>

#define HPET_CAP_LOW	0x000
#define HPET_CAP_PERIOD	0x004
#define HPET_CONFIG	0x010
#define HPET_COUNTER	0x0f0
#define HPET_TIMER_CFG(n) (0x100 + 0x20 * (n))

#define HPET_CFG_ENABLE	0x1u
#define HPET_CFG_LEGACY	0x2u
#define HPET_TN_INT	0x4u
#define HPET_MAX_PERIOD	100000000	/* femtoseconds: 10 MHz is the slowest allowed */

u32 hpet_period_fs;

static char *hpet_base;

u32 hpet_read(void)
{
	return hpet_base ? readl(hpet_base + HPET_COUNTER) : 0;
}

static void hpet_stop_interrupts(void)
{
	unsigned timers = (readl(hpet_base + HPET_CAP_LOW) >> 8 & 31) + 1, n;

	for (n = 0; n < timers; n++)
		writel(readl(hpet_base + HPET_TIMER_CFG(n)) & ~HPET_TN_INT,
		       hpet_base + HPET_TIMER_CFG(n));
}

static bool hpet_init(struct ref_clock *c)
{
	u64 phys = acpi_info.hpet_phys;

	if (!phys)
		return false;
	set_fixmap_nocache(FIX_HPET, phys & ~(u64)(PAGE_SIZE - 1));
	hpet_base = (char *)fix_to_virt(FIX_HPET) + (phys & (PAGE_SIZE - 1));
	hpet_period_fs = readl(hpet_base + HPET_CAP_PERIOD);
	if (!hpet_period_fs || hpet_period_fs > HPET_MAX_PERIOD) {
		hpet_period_fs = 0;
		hpet_base = NULL;
		clear_fixmap(FIX_HPET);
		return false;
	}
	hpet_stop_interrupts();
	writel((readl(hpet_base + HPET_CONFIG) & ~HPET_CFG_LEGACY) | HPET_CFG_ENABLE,
	       hpet_base + HPET_CONFIG);
	c->hz = (u32)(1000000000000000ull / hpet_period_fs);
	c->mask = 0xffffffff;
	return ref_clock_ticks(c, 20);
}

struct ref_clock hpet_clock = { .name = "hpet", .init = hpet_init, .read = hpet_read };
