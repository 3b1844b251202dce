/* SPDX-License-Identifier: MIT */
/* The two 8259 interrupt controllers (Intel 8259A data sheet). */
#ifndef ASM_IRQ_H
#define ASM_IRQ_H

#include <kernel/types.h>
#include <asm/hw_irq.h>

/* Is there an 8259 at all?  Known after i8259_init(). */
extern bool i8259_present;

/* Move both to vectors 0x20-0x2f, mask all lines.  Tolerates their absence. */
void i8259_init(void);

/* Mask every line; usable before i8259_init(). */
void i8259_mask_all(void);

/* Allow or forbid one line, 0 ... 15; the cascade follows by itself. */
void i8259_enable(unsigned irq);
void i8259_disable(unsigned irq);

/*
 * Is this interrupt real?  Lines 7 and 15 also stand for "the request went away before
 * it was acknowledged"; then false, and the EOI that is due (to the master for line 15,
 * none for line 7) has been sent.
 */
bool i8259_is_real(unsigned irq);
void i8259_eoi(unsigned irq);

#endif
