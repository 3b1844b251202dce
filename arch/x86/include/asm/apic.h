/* SPDX-License-Identifier: MIT */
/*
 * The local APIC, by its page (xAPIC, fixmap slot FIX_APIC_BASE) or by MSRs when the
 * firmware left x2APIC mode on (it may be locked there).  Intel SDM volume 3, chapter 11.
 */
#ifndef ASM_APIC_H
#define ASM_APIC_H

#include <kernel/types.h>

#define APIC_ID		0x020
#define APIC_VERSION	0x030
#define APIC_TPR	0x080
#define APIC_EOI	0x0b0
#define APIC_SPIV	0x0f0
#define APIC_ISR	0x100
#define APIC_ESR	0x280
#define APIC_LVT_CMCI	0x2f0
#define APIC_LVT_TIMER	0x320
#define APIC_LVT_THERM	0x330
#define APIC_LVT_PERF	0x340
#define APIC_LVT_LINT0	0x350
#define APIC_LVT_LINT1	0x360
#define APIC_LVT_ERROR	0x370
#define APIC_TMICT	0x380
#define APIC_TMCCT	0x390
#define APIC_TDCR	0x3e0

#define APIC_SPIV_ENABLE	0x100
#define APIC_LVT_MASKED		0x10000
#define APIC_LVT_PERIODIC	0x20000
#define APIC_LVT_NMI		0x400
#define APIC_LVT_EXTINT		0x700
#define APIC_TDCR_16		0x3	/* divide the input clock by 16 */

extern bool lapic_present;	/* found and in use; false also before lapic_init() */
extern bool lapic_x2;		/* in x2APIC mode */
extern u64 lapic_phys;		/* 0 if absent */

u32 lapic_read(unsigned reg);
void lapic_write(unsigned reg, u32 v);

/*
 * Find it, mask every local interrupt source, accept all priorities, enable.  False, with
 * a line that says why, if the machine has none or it is disabled.
 */
bool lapic_init(void);

/* Signal the end of an interrupt that came through the local APIC. */
void lapic_eoi(void);

/* End all interrupts that are in service: the firmware's left-overs would block ours. */
void lapic_clear_in_service(void);

/* Start the timer: `count` input ticks (divided by 16), then vector; periodic or once. */
void lapic_timer_start(u32 count, unsigned vector, bool periodic);
void lapic_timer_stop(void);

/* Mask every local source (timer, LINT, thermal ...): before the CPU changes its owner. */
void lapic_mask_all(void);

/* Mask every input of the I/O APICs that ACPI names.  How many inputs there were. */
unsigned ioapic_mask_all(void);

#endif
