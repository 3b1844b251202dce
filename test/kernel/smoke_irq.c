/* SPDX-License-Identifier: MIT */
/*
 * Smoke: interrupts that mean nothing.
 *
 * The spurious vectors of the local APIC and of both 8259 are raised by INT: nothing is in
 * service then, which is exactly what a spurious interrupt looks like.  None may be taken
 * for a real one, and none may be acknowledged, or the tick would stop.
 */
#include <asm/apic.h>
#include <asm/hw_irq.h>
#include <asm/irq.h>
#include <asm/traps.h>
#include <kernel/irq.h>
#include <kernel/string.h>
#include <kernel/time.h>
#include "smoke.h"

#define TICK_LIMIT_US	12000

static void raise_spurious(unsigned *raised)
{
	__asm__ __volatile__("int %0" : : "i" (SPURIOUS_APIC_VECTOR) : "memory");
	(*raised)++;
	if (!i8259_present)
		return;
	__asm__ __volatile__("int %0" : : "i" (ISA_IRQ_VECTOR(7)) : "memory");
	__asm__ __volatile__("int %0" : : "i" (ISA_IRQ_VECTOR(15)) : "memory");
	*raised += 2;
}

static unsigned noisiest_vector(void)
{
	unsigned v, best = 0;

	for (v = 0x20; v < NR_VECTORS; v++)
		if (!irq_handlers[v].fn && irq_count[v] > irq_count[best])
			best = v;
	return best;
}

void smoke_irq_spurious(struct row *r)
{
	unsigned long spurious = irq_spurious, unexpected = irq_unexpected, tick = jiffies;
	unsigned raised = 0;

	raise_spurious(&raised);
	row_eq(r, irq_spurious - spurious, raised, "spurious interrupts counted");
	row_eq(r, irq_unexpected, unexpected, "taken for real ones");
	if (hz >= 100 && strcmp(tick_source, "none") && !poll_until(jiffies != tick, TICK_LIMIT_US))
		smoke_no_tick(r, "no tick comes after a spurious interrupt: it was acknowledged");
	row_info(r, "%u raised; since the start %lu spurious, %lu unexpected, %lu NMIs", raised,
		 spurious, unexpected, nmi_count);
	if (unexpected)
		row_warn(r, "vector 0x%02x came unasked: a device that the firmware left running",
			 noisiest_vector());
}
