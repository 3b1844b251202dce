/* SPDX-License-Identifier: MIT */
/*
 * Who handles which interrupt vector, and how often each came.  The controllers and the
 * entry are in arch/x86/kernel/irq.c.
 */
#include <linux/errno.h>
#include <asm/hw_irq.h>
#include <asm/irqflags.h>
#include <kernel/irq.h>
#include <kernel/kernel.h>

struct irq_handler irq_handlers[NR_VECTORS];
unsigned long irq_count[NR_VECTORS];
unsigned long irq_spurious, irq_unexpected;
int irq_depth;

int irq_install(unsigned vector, void (*fn)(struct pt_regs *, void *), void *arg,
		const char *name)
{
	unsigned long flags;

	if (vector < FIRST_DEVICE_VECTOR || vector >= NR_VECTORS || !fn)
		return -EINVAL;
	if (irq_handlers[vector].fn)
		return -EBUSY;
	flags = local_irq_save();
	irq_handlers[vector] = (struct irq_handler){ .fn = fn, .arg = arg, .name = name };
	local_irq_restore(flags);
	return 0;
}

void irq_remove(unsigned vector)
{
	unsigned long flags = local_irq_save();

	irq_handlers[vector].fn = NULL;
	local_irq_restore(flags);
}
