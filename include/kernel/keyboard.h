/* SPDX-License-Identifier: MIT */
/* The PS/2 keyboard behind an i8042 controller (drivers/input/). */
#ifndef KERNEL_KEYBOARD_H
#define KERNEL_KEYBOARD_H

#include <kernel/types.h>

/* Look for the controller; without one nothing happens ever. */
void i8042_init(void);

/* From the tick, interrupts off: take what was typed; one port read if nothing was. */
void i8042_poll(void);

/*
 * One byte of scan code set 1; what it means goes to emit(), at most 4 characters.
 * keyboard.c; pure, for host tests.
 */
void keyboard_scancode(u8 code, void (*emit)(u8 c));

#endif
