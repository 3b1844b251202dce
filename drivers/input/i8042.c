/* SPDX-License-Identifier: MIT */
/*
 * The keyboard controller of the PC: an 8042 at ports 0x60 and 0x64.
 *
 * Often it is not there: then the ports read 0xff, or ACPI says so, and nothing more is
 * touched.  Every wait is bounded.  The keyboard is looked at from the tick instead of by
 * interrupt 1: that works however the interrupt is wired, and 250 times a second is more
 * often than anybody types.  The mouse port stays closed.
 */
#include <asm/io.h>
#include <kernel/acpi.h>
#include <kernel/keyboard.h>
#include <kernel/kernel.h>
#include <kernel/poll.h>
#include <kernel/printk.h>

#define DATA		0x60
#define STATUS		0x64
#define COMMAND		0x64

#define ST_OUTPUT	0x01		/* a byte for us */
#define ST_INPUT	0x02		/* the controller still has ours */
#define ST_AUX		0x20		/* the byte is the mouse's */

#define CMD_READ_CONFIG	0x20
#define CMD_WRITE_CONFIG 0x60
#define CMD_AUX_OFF	0xa7
#define CMD_KBD_OFF	0xad
#define CMD_KBD_ON	0xae
#define KBD_ENABLE	0xf4

#define CFG_IRQS	0x03
#define CFG_KBD_OFF	0x10
#define CFG_AUX_OFF	0x20
#define CFG_TRANSLATE	0x40		/* codes of set 2 to set 1 */

#define WAIT_US		2000
#define BURST		16		/* bytes taken at a time, at most */

#define FADT_8042	0x02		/* IAPC_BOOT_ARCH */

static bool present;

static bool put(u16 port, u8 value)
{
	if (!poll_until(!(inb(STATUS) & ST_INPUT), WAIT_US))
		return false;
	outb(value, port);
	return true;
}

static bool get(u8 *value)
{
	if (!poll_until(inb(STATUS) & ST_OUTPUT, WAIT_US))
		return false;
	*value = inb(DATA);
	return true;
}

/* Throw away what the firmware left; false: it never ends, so there is nobody. */
static bool drain(void)
{
	int i;

	for (i = 0; i < BURST && inb(STATUS) & ST_OUTPUT; i++)
		inb(DATA);
	return i < BURST;
}

static bool setup(void)
{
	u8 config;

	if (inb(STATUS) == 0xff || !drain())
		return false;
	if (!put(COMMAND, CMD_KBD_OFF) || !put(COMMAND, CMD_AUX_OFF) || !drain())
		return false;
	if (!put(COMMAND, CMD_READ_CONFIG) || !get(&config))
		return false;
	config &= (u8)~(CFG_IRQS | CFG_KBD_OFF);
	config |= CFG_AUX_OFF | CFG_TRANSLATE;
	if (!put(COMMAND, CMD_WRITE_CONFIG) || !put(DATA, config))
		return false;
	/* The keyboard's answer to this, if there is a keyboard, is read by the tick. */
	return put(COMMAND, CMD_KBD_ON) && put(DATA, KBD_ENABLE);
}

void i8042_init(void)
{
	if (acpi_info.boot_arch && !(acpi_info.boot_arch & FADT_8042)) {
		pr_info("i8042: ACPI says there is none\n");
		return;
	}
	present = setup();
	pr_info("i8042: %s\n", present ? "keyboard controller found" : "does not answer");
}

void i8042_poll(void (*receive)(u8 c))
{
	int i;
	u8 status;

	for (i = 0; present && i < BURST; i++) {
		status = inb(STATUS);
		if (status == 0xff)
			present = false;
		if (!(status & ST_OUTPUT) || !present)
			return;
		if (status & ST_AUX)
			inb(DATA);
		else
			keyboard_scancode(inb(DATA), receive);
	}
}
