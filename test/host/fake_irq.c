/* SPDX-License-Identifier: MIT */
/* The interrupt flag of test/host/include/asm/irqflags.h, for tests without a machine. */
#include <asm/irqflags.h>

bool host_irqs_off;
void (*host_interrupt)(void);

/* One at a time, with interrupts off, as the processor does it. */
void host_deliver_interrupt(void)
{
	void (*handler)(void) = host_interrupt;

	host_interrupt = NULL;
	host_irqs_off = true;
	handler();
	host_irqs_off = false;
	host_interrupt = handler;
}
