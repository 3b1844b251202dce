/* SPDX-License-Identifier: MIT */
/* The PS/2 keyboard behind an i8042 controller (drivers/input/). */
#ifndef KERNEL_KEYBOARD_H
#define KERNEL_KEYBOARD_H

#include <kernel/types.h>

/* Look for the controller; without one nothing happens ever. */
void i8042_init(void);

/* From the tick, interrupts off: what was typed to receive(); one port read if nothing was. */
void i8042_poll(void (*receive)(u8 c));

/*
 * One byte of scan code set 1; what it means goes to emit(), at most 5 bytes, UTF-8.
 * keyboard.c; pure, for host tests.
 */
void keyboard_scancode(u8 code, void (*emit)(u8 c));

/*
 * The layout in force; "us" at first.  keyboard_set_layout() returns false for a name that is
 * not among keyboard_layout_name(0), (1), ... up to NULL.
 */
const char *keyboard_layout(void);
bool keyboard_set_layout(const char *name);
const char *keyboard_layout_name(unsigned i);

#endif
