/* SPDX-License-Identifier: MIT */
/*
 * Host build: an interrupt flag, and an "interrupt" that a test may have delivered each
 * time the flag goes from off to on: every place where a real one could strike.
 */
#ifndef ASM_IRQFLAGS_H
#define ASM_IRQFLAGS_H

#include <kernel/types.h>

extern bool host_irqs_off;
extern void (*host_interrupt)(void);
void host_deliver_interrupt(void);

static inline unsigned long local_save_flags(void)
{
	return !host_irqs_off;
}

static inline void local_irq_disable(void)
{
	host_irqs_off = true;
}

static inline void local_irq_enable(void)
{
	bool was_off = host_irqs_off;

	host_irqs_off = false;
	if (was_off && host_interrupt)
		host_deliver_interrupt();
}

static inline unsigned long local_irq_save(void)
{
	unsigned long flags = local_save_flags();

	local_irq_disable();
	return flags;
}

static inline void local_irq_restore(unsigned long flags)
{
	if (flags)
		local_irq_enable();
}

static inline bool irqs_disabled(void)
{
	return host_irqs_off;
}

#endif
