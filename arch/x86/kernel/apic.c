/* SPDX-License-Identifier: MIT */
/*
 * The local APIC and the masking of the I/O APICs (Intel SDM volume 3, chapter 11).
 *
 * The page at 0xfee00000 lies outside the direct map of two levels, so it has a fixmap
 * slot in both modes.  x2APIC mode is used if the firmware left it on, never switched on
 * or off: it can be locked.
 */
#include <asm/apic.h>
#include <asm/fixmap.h>
#include <asm/hw_irq.h>
#include <asm/io.h>
#include <asm/msr.h>
#include <asm/page.h>
#include <asm/processor.h>
#include <kernel/acpi.h>
#include <kernel/printk.h>

#define IOAPIC_SELECT	0x00
#define IOAPIC_WINDOW	0x10
#define IOAPIC_VERSION	0x01
#define IOAPIC_REDIR	0x10
#define IOAPIC_MASKED	0x10000

bool lapic_present, lapic_x2;
u64 lapic_phys;

u32 lapic_read(unsigned reg)
{
	if (lapic_x2)
		return (u32)rdmsr(MSR_X2APIC_BASE + reg / 16);
	return readl((void *)(fix_to_virt(FIX_APIC_BASE) + reg));
}

void lapic_write(unsigned reg, u32 v)
{
	if (lapic_x2)
		wrmsr(MSR_X2APIC_BASE + reg / 16, v);
	else
		writel(v, (void *)(fix_to_virt(FIX_APIC_BASE) + reg));
}

void lapic_eoi(void)
{
	lapic_write(APIC_EOI, 0);
}

void lapic_mask_all(void)
{
	unsigned max_lvt;

	if (!lapic_present)
		return;
	max_lvt = lapic_read(APIC_VERSION) >> 16 & 0xff;
	lapic_timer_stop();
	lapic_write(APIC_LVT_LINT0, APIC_LVT_MASKED | APIC_LVT_EXTINT);
	lapic_write(APIC_LVT_LINT1, APIC_LVT_MASKED | APIC_LVT_NMI);
	if (max_lvt >= 3)
		lapic_write(APIC_LVT_ERROR, APIC_LVT_MASKED | ERROR_APIC_VECTOR);
	if (max_lvt >= 4)
		lapic_write(APIC_LVT_PERF, APIC_LVT_MASKED | SPURIOUS_APIC_VECTOR);
	if (max_lvt >= 5)
		lapic_write(APIC_LVT_THERM, APIC_LVT_MASKED | SPURIOUS_APIC_VECTOR);
	if (max_lvt >= 6)
		lapic_write(APIC_LVT_CMCI, APIC_LVT_MASKED | SPURIOUS_APIC_VECTOR);
}

/* Not only from our own calls: ExitBootServices may have been called in a handler. */
void lapic_clear_in_service(void)
{
	unsigned i, n;

	for (n = 0; n < 256; n++) {
		u32 any = 0;

		for (i = 0; i < 8; i++)
			any |= lapic_read(APIC_ISR + 16 * i);
		if (!any)
			break;
		lapic_eoi();
	}
}

static bool find_lapic(void)
{
	u32 a, b, c, d;
	u64 base;

	cpuid(1, &a, &b, &c, &d);
	if (!(d & (1u << 9)) || rdmsr_safe(MSR_APIC_BASE, &base)) {
		pr_info("lapic: none; the tick comes from PIT and 8259\n");
		return false;
	}
	if (!(base & APIC_BASE_ENABLE)) {
		pr_warn("lapic: turned off by the firmware; the tick comes from PIT and 8259\n");
		return false;
	}
	lapic_phys = base & 0x000ffffffffff000ull;
	lapic_x2 = base & APIC_BASE_X2APIC;
	return true;
}

bool lapic_init(void)
{
	u32 version;

	if (!find_lapic())
		return false;
	if (!lapic_x2)
		set_fixmap_nocache(FIX_APIC_BASE, lapic_phys);
	version = lapic_read(APIC_VERSION);
	if (version == 0 || version == 0xffffffff) {
		pr_warn("lapic: nothing answers at %llx; the tick comes from PIT and 8259\n",
			(unsigned long long)lapic_phys);
		return false;
	}
	lapic_present = true;
	lapic_mask_all();
	lapic_write(APIC_TPR, 0);
	lapic_write(APIC_SPIV, APIC_SPIV_ENABLE | SPURIOUS_APIC_VECTOR);
	lapic_clear_in_service();
	lapic_write(APIC_ESR, 0);
	lapic_write(APIC_LVT_LINT1, APIC_LVT_NMI);
	pr_info("lapic: id %u, version %x, %s at %llx\n",
		lapic_x2 ? lapic_read(APIC_ID) : lapic_read(APIC_ID) >> 24, version & 0xff,
		lapic_x2 ? "x2APIC" : "xAPIC", (unsigned long long)lapic_phys);
	return true;
}

/* Masked, count, then unmasked: in any other order it can fire half-programmed. */
void lapic_timer_start(u32 count, unsigned vector, bool periodic)
{
	u32 mode = periodic ? APIC_LVT_PERIODIC : 0;

	lapic_write(APIC_LVT_TIMER, APIC_LVT_MASKED | mode | vector);
	lapic_write(APIC_TDCR, APIC_TDCR_16);
	lapic_write(APIC_TMICT, count);
	lapic_write(APIC_LVT_TIMER, mode | vector);
}

void lapic_timer_stop(void)
{
	lapic_write(APIC_LVT_TIMER, APIC_LVT_MASKED | LOCAL_TIMER_VECTOR);
	lapic_write(APIC_TMICT, 0);
}

static unsigned mask_one_ioapic(u64 phys)
{
	char *base = (char *)fix_to_virt(FIX_IOAPIC) + (phys & (PAGE_SIZE - 1));
	unsigned pins, pin;

	set_fixmap_nocache(FIX_IOAPIC, phys & ~(u64)(PAGE_SIZE - 1));
	writel(IOAPIC_VERSION, base + IOAPIC_SELECT);
	pins = readl(base + IOAPIC_WINDOW);
	pins = pins == 0xffffffff ? 0 : (pins >> 16 & 0xff) + 1;
	for (pin = 0; pin < pins; pin++) {
		writel(IOAPIC_REDIR + 2 * pin, base + IOAPIC_SELECT);
		writel(readl(base + IOAPIC_WINDOW) | IOAPIC_MASKED, base + IOAPIC_WINDOW);
	}
	clear_fixmap(FIX_IOAPIC);
	return pins;
}

unsigned ioapic_mask_all(void)
{
	unsigned i, pins = 0;

	for (i = 0; i < acpi_info.ioapic_count; i++)
		pins += mask_one_ioapic(acpi_info.ioapic[i].phys);
	return pins;
}
