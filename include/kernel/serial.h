/* SPDX-License-Identifier: MIT */
/*
 * Serial ports (16550 and compatible) and the debug port as consoles.  Used by
 * early_console_init(), and by whoever finds a port in an ACPI table (SPCR, DBG2).
 */
#ifndef KERNEL_SERIAL_H
#define KERNEL_SERIAL_H

#include <kernel/types.h>

#define COM1_PORT	0x3f8
#define UART_BAUD	115200

/*
 * Probe a UART (scratch register, interrupt enable register, loopback: a missing one
 * answers 0xff or 0 to everything), set it to 8N1 without interrupts and register it as
 * a console.  baud 0 keeps the speed that the firmware chose.  `ansi`: pass colour
 * sequences on.  regs is an uncached mapping of 8 registers, 1 << shift bytes apart.
 *
 * 0, -ENODEV (nothing answers like a UART), -EEXIST (already a console), -ENOSPC (four
 * are in use), -EINVAL (a speed that does not divide 115200).  Waits at most 20 ms.
 */
int uart_add_io(u16 port, u32 baud, bool ansi);
int uart_add_mmio(volatile void *regs, unsigned int shift, u32 baud, bool ansi);

/* From the tick: hand what came in on any of the ports to receive(), a few bytes at most. */
void uart_poll(void (*receive)(u8 c));

/* The debug port of emulators, if it answers: 0 or -ENODEV. */
int debugcon_add(bool ansi);

/* Whether console= lets a port that was found in a table be used, and with colours. */
bool console_wants_serial(bool *ansi);

#endif
