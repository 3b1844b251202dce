/* SPDX-License-Identifier: MIT */
/*
 * The debug port 0xE9 of emulators.  Where it exists it answers a read with 0xE9; on a
 * PC nothing answers, and then nothing is ever written to it.
 */
#include <linux/errno.h>
#include <asm/io.h>
#include <kernel/console.h>
#include <kernel/serial.h>

#define DEBUG_PORT	0xe9

static void debugcon_write(struct console *con, const char *s, size_t n)
{
	outsb(DEBUG_PORT, s, n);
}

static struct console debugcon = {
	.name = "e9",
	.write = debugcon_write,
};

int debugcon_add(bool ansi)
{
	if (inb(DEBUG_PORT) != DEBUG_PORT)
		return -ENODEV;
	debugcon.flags = ansi ? CON_ANSI : 0;
	register_console(&debugcon);
	return 0;
}
