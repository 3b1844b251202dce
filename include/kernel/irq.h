/* SPDX-License-Identifier: MIT */
/*
 * Interrupts: one handler per vector, counters for all of them.
 *
 * A handler runs with interrupts off on the interrupted stack; it acknowledges its own
 * device, the controller's end-of-interrupt is sent by the caller.  Nothing in a handler
 * may sleep, or touch user memory except through the exception table.
 */
#ifndef KERNEL_IRQ_H
#define KERNEL_IRQ_H

#include <kernel/types.h>

struct pt_regs;
struct irq_handler {
	void (*fn)(struct pt_regs *regs, void *arg);
	void *arg;
	const char *name;
};

extern struct irq_handler irq_handlers[256];	/* fn NULL: nobody */

/* How often each vector came, spurious ones, and those without a handler. */
extern unsigned long irq_count[256];
extern unsigned long irq_spurious, irq_unexpected;

/* > 0 while an interrupt handler runs. */
extern int irq_depth;

/* Mask everything the firmware left on, then bring up the controllers. Interrupts off. */
void irq_init(void);

/* Mask all sources again: before the machine changes its owner. */
void irq_shutdown(void);

/* 0; -EINVAL (vector below 0x20), -EBUSY (taken). */
int irq_install(unsigned vector, void (*fn)(struct pt_regs *, void *), void *arg,
		const char *name);
void irq_remove(unsigned vector);

/* What a device writes, and where, to interrupt this processor. */
struct msi_msg {
	u64 address;
	u32 data;
};

/*
 * As irq_install(), with a vector of its choice: that, and the message for it in *msg; or
 * -ENODEV (nobody here takes messages), -EBUSY (no vector is free).
 */
int irq_install_msi(void (*fn)(struct pt_regs *, void *), void *arg, const char *name,
		    struct msi_msg *msg);

#endif
