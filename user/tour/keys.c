/* SPDX-License-Identifier: MIT */
/*
 * Keys, where there are any: single ones, not lines.  Without a keyboard, or at the end of the
 * input, only time passes; nothing here waits for ever unless somebody pressed `p` or `s`.
 */
#include "tour.h"

#define SIGINT		2
#define SIGTERM		15
#define ESCAPE		0x1b
#define ESCAPE_MS	50		/* the rest of an arrow key comes at once */
#define FOREVER		(~0ull)

static bool may_read = true;

static void on_signal(int sig)
{
	keys_end();
	exit(128 + sig);
}

void keys_begin(void)
{
	if (!is_terminal(0))
		return;
	set_signal(SIGINT, (void *)on_signal, 0);
	set_signal(SIGTERM, (void *)on_signal, 0);
	terminal_raw(true);
}

void keys_end(void)
{
	terminal_restore();
}

/* A byte within the time, or -1. */
static int read_byte(u64 ms)
{
	struct pollfd p = { .fd = 0, .events = POLLIN };
	unsigned char c;
	long ret;

	if (!may_read) {
		sleep_ms((unsigned)ms);
		return -1;
	}
	ret = sys_poll(&p, 1, (int)ms);
	if (ret > 0 && sys_read(0, &c, 1) == 1)
		return c;
	if (ret && ret != -EINTR)
		may_read = false;	/* no keyboard, or its end */
	return -1;
}

/* What follows ESC: the arrows right and down, left and up. */
static enum key arrow(void)
{
	int c = read_byte(ESCAPE_MS);

	if (c != '[' && c != 'O')
		return KEY_TIMEOUT;
	c = read_byte(ESCAPE_MS);
	if (c == 'C' || c == 'B')
		return KEY_NEXT;
	return c == 'D' || c == 'A' ? KEY_BACK : KEY_TIMEOUT;
}

static enum key meaning(int c)
{
	switch (c) {
	case '\r':
	case '\n':
	case ' ':
	case 'n':
		return KEY_NEXT;
	case 'b':
	case 0x7f:
		return KEY_BACK;
	case 'q':
	case 'Q':
		return KEY_QUIT;
	case '1':
	case '2':
	case '3':
		return KEY_1 + (enum key)(c - '1');
	case ESCAPE:
		return arrow();
	default:
		return KEY_TIMEOUT;
	}
}

enum key keys_wait(unsigned seconds)
{
	u64 end = seconds == KEYS_FOREVER ? FOREVER : now_ns() + seconds * 1000000000ull, now;
	enum key key;
	int c;

	while (seconds && (now = now_ns()) < end) {
		c = read_byte(end == FOREVER ? 1000 : (end - now) / 1000000 + 1);
		if (c == 'p' && end != FOREVER) {
			show(TONE_FAINT, 0, "(the clock stands still until the next key)");
			end = FOREVER;
			continue;
		}
		if (c == 's') {
			now = now_ns();
			shell_visit();
			end = end == FOREVER ? end : end + now_ns() - now;
			continue;
		}
		if (end == FOREVER && !may_read)
			break;
		key = c < 0 ? KEY_TIMEOUT : meaning(c);
		if (key != KEY_TIMEOUT)
			return key;
	}
	return KEY_TIMEOUT;
}
