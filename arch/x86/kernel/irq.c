/* SPDX-License-Identifier: MIT */
/*
 * Interrupt entry and the controllers' start-up.
 *
 * Whatever the firmware left unmasked is masked first.  Spurious interrupts (8259 lines 7
 * and 15, APIC vector 0xff) get no end-of-interrupt; vectors that nobody asked for are
 * counted and said once each.
 */
#include <asm/apic.h>
#include <asm/hw_irq.h>
#include <asm/irq.h>
#include <asm/traps.h>
#include <kernel/irq.h>
#include <kernel/kernel.h>
#include <kernel/printk.h>
#include <mm/highmem.h>

#define ISA_IRQS	16

static bool via_8259(unsigned vector)
{
	return vector >= ISA_IRQ_VECTOR(0) && vector < ISA_IRQ_VECTOR(ISA_IRQS);
}

/* A software INT leaves no trace in the APIC; ending it would end somebody else's. */
static bool lapic_in_service(unsigned vector)
{
	return lapic_present &&
	       (lapic_read(APIC_ISR + vector / 32 * 16) >> (vector % 32) & 1);
}

static void unexpected_irq(unsigned vector)
{
	static u32 reported[NR_VECTORS / 32];

	irq_unexpected++;
	if (reported[vector / 32] >> (vector % 32) & 1)
		return;
	reported[vector / 32] |= 1u << (vector % 32);
	pr_warn("irq: vector 0x%02x came and nobody handles it; ignored from now on\n",
		vector);
}

/* False: nothing to handle.  Sends the end-of-interrupt that the vector wants. */
static bool irq_ack(unsigned vector, bool handled)
{
	if (vector == SPURIOUS_APIC_VECTOR)
		return false;
	if (via_8259(vector)) {
		if (!i8259_is_real(vector - ISA_IRQ_VECTOR(0)))
			return false;
		i8259_eoi(vector - ISA_IRQ_VECTOR(0));
	} else if (handled || lapic_in_service(vector)) {
		lapic_eoi();
	}
	return true;
}

void do_irq(struct pt_regs *regs)
{
	unsigned vector = (u8)~regs->orig_ax;
	const struct irq_handler *h = &irq_handlers[vector];
	unsigned int context = kmap_context_enter(KMAP_IRQ);

	irq_depth++;
	irq_count[vector]++;
	if (!irq_ack(vector, h->fn && lapic_present))
		irq_spurious++;
	else if (likely(h->fn))
		h->fn(regs, h->arg);
	else
		unexpected_irq(vector);
	irq_depth--;
	kmap_context_leave(context);
}

void irq_init(void)
{
	unsigned pins;

	i8259_init();
	lapic_init();
	pins = ioapic_mask_all();
	pr_info("irq: 8259 %s, local APIC %s, %u I/O APIC inputs masked\n",
		i8259_present ? "moved and masked" : "absent",
		lapic_present ? "on" : "absent", pins);
}

void irq_shutdown(void)
{
	i8259_mask_all();
	lapic_mask_all();
}
