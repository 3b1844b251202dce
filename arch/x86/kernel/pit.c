/* SPDX-License-Identifier: MIT */
/*
 * The 8254 interval timer: channel 2 as a reference clock of last choice (many chip sets
 * gate it), channel 0 as the tick of machines without a local APIC.
 */
#include <asm/clock.h>
#include <asm/io.h>
#include <kernel/kernel.h>

#define PIT_CH0		0x40
#define PIT_CH2		0x42
#define PIT_MODE	0x43
#define PORT_B		0x61		/* bit 0: gate of channel 2, bit 1: speaker */

#define PIT_CH2_ONESHOT	0xb0		/* channel 2, both bytes, mode 0 */
#define PIT_CH2_LATCH	0x80
#define PIT_CH0_RATE	0x34		/* channel 0, both bytes, mode 2 */
#define PIT_CH0_ONESHOT	0x30

static u8 saved_port_b;

/* Mode 0 counts down and on through 0; turned round, so that it counts up. */
static u32 pit_read(void)
{
	u32 low;

	outb(PIT_CH2_LATCH, PIT_MODE);
	low = inb(PIT_CH2);
	return (0u - (low | (u32)inb(PIT_CH2) << 8)) & 0xffff;
}

static void pit_stop(void)
{
	outb(saved_port_b, PORT_B);
}

static bool pit_init(struct ref_clock *c)
{
	saved_port_b = inb(PORT_B);
	if (saved_port_b == 0xff)	/* nothing there */
		return false;
	saved_port_b &= 0x03;
	outb(0x01, PORT_B);		/* gate open, speaker off */
	if ((inb(PORT_B) & 0x03) != 0x01)
		return false;
	outb(PIT_CH2_ONESHOT, PIT_MODE);
	outb(0xff, PIT_CH2);
	outb(0xff, PIT_CH2);
	c->hz = PIT_HZ;
	c->mask = 0xffff;
	return ref_clock_ticks(c, 50);
}

struct ref_clock pit_clock = {
	.name = "pit", .init = pit_init, .read = pit_read, .stop = pit_stop,
};

void pit_tick_start(unsigned rate)
{
	u32 divisor = (PIT_HZ + rate / 2) / rate;

	if (divisor > 0xffff)
		divisor = 0xffff;
	outb(PIT_CH0_RATE, PIT_MODE);
	outb((u8)divisor, PIT_CH0);
	outb((u8)(divisor >> 8), PIT_CH0);
}

/* A one-shot with a count that is never loaded: no more interrupts. */
void pit_tick_stop(void)
{
	outb(PIT_CH0_ONESHOT, PIT_MODE);
}
