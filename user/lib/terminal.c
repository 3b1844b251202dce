/* SPDX-License-Identifier: MIT */
/* The terminal at descriptor 0: single keys instead of lines. */
#include <asm/ioctls.h>
#include <asm/termbits.h>
#include <asm/termios.h>
#include "lib.h"

static struct termios before;
static volatile bool is_raw;		/* a handler of signals may ask */

bool is_terminal(int fd)
{
	struct termios t;

	return sys_ioctl(fd, TCGETS, &t) == 0;
}

unsigned terminal_columns(int fd)
{
	struct winsize w = { 0 };

	return sys_ioctl(fd, TIOCGWINSZ, &w) < 0 ? 0 : w.ws_col;
}

bool terminal_is_ours(void)
{
	int pgrp;

	return sys_ioctl(0, TIOCGPGRP, &pgrp) == 0;
}

#define AWAIT_STEP_MS	20

void terminal_await(bool was_ours)
{
	while (was_ours && !terminal_is_ours())
		sleep_ms(AWAIT_STEP_MS);
}

void terminal_flush(void)
{
	sys_ioctl(0, TCFLSH, (void *)TCIFLUSH);
}

bool terminal_raw(bool signals)
{
	struct termios t;

	if (sys_ioctl(0, TCGETS, &before) < 0)
		return false;
	t = before;
	t.c_lflag &= ~(ICANON | ECHO | (signals ? 0 : ISIG));
	t.c_cc[VMIN] = 1;
	t.c_cc[VTIME] = 0;
	is_raw = true;
	return sys_ioctl(0, TCSETS, &t) == 0;
}

void terminal_restore(void)
{
	if (is_raw)
		sys_ioctl(0, TCSETS, &before);
	is_raw = false;
}
