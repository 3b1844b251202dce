/* SPDX-License-Identifier: MIT */
/*
 * The console as a terminal: one line discipline for keyboard and serial line, whose
 * output goes to all consoles (drivers/char/tty.c).
 */
#ifndef KERNEL_TTY_H
#define KERNEL_TTY_H

#include <kernel/types.h>

/*
 * A character from a keyboard or serial line.  Interrupt context or task context, with
 * interrupts on or off; what there is no room for is dropped.
 */
void tty_receive(u8 c);

/* Once per tick, interrupts off: look whether something was typed.  Cheap. */
void tty_poll(void);

#endif
