/* SPDX-License-Identifier: MIT */
/*
 * Scan codes of set 1 to characters: US layout, the sequences of a Linux console for keys
 * that have no character.
 *
 * A key sends its code when it goes down and code | 0x80 when it comes up; 0xe0 comes
 * before the codes of keys that the first PC did not have, 0xe1 before the six bytes of
 * Pause.
 */
#include <kernel/ctype.h>
#include <kernel/keyboard.h>

#define RELEASED	0x80
#define EXTENDED	0xe0
#define PAUSE		0xe1
#define ACK		0xfa
#define RESEND		0xfe

enum { LSHIFT = 0x2a, RSHIFT = 0x36, CTRL = 0x1d, ALT = 0x38, CAPS = 0x3a, NUM = 0x45 };

/* Codes 0x00 to 0x39; 0: no character. */
static const char plain[] =
	"\0\0331234567890-=\177\tqwertyuiop[]\r\0asdfghjkl;'`\0\\zxcvbnm,./\0*\0 ";
static const char shifted[] =
	"\0\033!@#$%^&*()_+\177\tQWERTYUIOP{}\r\0ASDFGHJKL:\"~\0|ZXCVBNM<>?\0*\0 ";

/* The block at 0x47: digits with NumLock, else what the key names. */
static const char keypad[] = "789-456+1230.";

static struct {
	bool extended, shift, rshift, ctrl, rctrl, alt, caps, num;
	u8 skip;			/* bytes of Pause still to come */
} kb;

static void emit_text(const char *s, void (*emit)(u8 c))
{
	while (*s)
		emit((u8)*s++);
}

/* Keys without a character; NULL: not one of them. */
static const char *sequence(u8 code)
{
	switch (code) {
	case 0x47: return "\033[1~";	/* Home */
	case 0x48: return "\033[A";
	case 0x49: return "\033[5~";	/* Page Up */
	case 0x4b: return "\033[D";
	case 0x4d: return "\033[C";
	case 0x4f: return "\033[4~";	/* End */
	case 0x50: return "\033[B";
	case 0x51: return "\033[6~";
	case 0x52: return "\033[2~";	/* Insert */
	case 0x53: return "\033[3~";	/* Delete */
	}
	return NULL;
}

/* True: it was a key that only changes the meaning of others. */
static bool modifier(u8 code, bool down)
{
	switch (code) {
	case LSHIFT:
		if (!kb.extended)	/* some keyboards send 0xe0 0x2a around arrows */
			kb.shift = down;
		return true;
	case RSHIFT:
		if (!kb.extended)
			kb.rshift = down;
		return true;
	case CTRL:
		*(kb.extended ? &kb.rctrl : &kb.ctrl) = down;
		return true;
	case ALT:
		kb.alt = down;
		return true;
	case CAPS:
		kb.caps ^= down;
		return true;
	case NUM:
		kb.num ^= down;
		return true;
	}
	return false;
}

static void emit_char(char c, void (*emit)(u8 c))
{
	bool shift = kb.shift || kb.rshift;

	if (kb.caps && isalpha(c))
		c = (char)(shift ? tolower(c) : toupper(c));
	if (kb.ctrl || kb.rctrl) {
		if (c == ' ' || (c >= '@' && c <= '~'))
			c &= 0x1f;
		else if (c == '?')
			c = 127;
	}
	if (kb.alt)
		emit('\033');
	emit((u8)c);
}

static void key_down(u8 code, void (*emit)(u8 c))
{
	bool shift = kb.shift || kb.rshift;
	const char *text;
	char c = 0;

	if (kb.extended && code == 0x1c)
		c = '\r';			/* Enter of the keypad */
	else if (kb.extended && code == 0x35)
		c = '/';
	else if (!kb.extended && code < sizeof(plain) - 1)
		c = shift ? shifted[code] : plain[code];
	else if (!kb.extended && code >= 0x47 && code < 0x47 + sizeof(keypad) - 1 &&
		 (kb.num || code == 0x4a || code == 0x4e))
		c = keypad[code - 0x47];
	if (c) {
		emit_char(c, emit);
		return;
	}
	text = sequence(code);
	if (text)
		emit_text(text, emit);
}

void keyboard_scancode(u8 code, void (*emit)(u8 c))
{
	if (kb.skip) {
		kb.skip--;
		return;
	}
	if (code == PAUSE) {
		kb.skip = 5;
		return;
	}
	if (code == ACK || code == RESEND || !code)
		return;			/* answers to commands, and overflow */
	if (code == EXTENDED) {
		kb.extended = true;
		return;
	}
	if (!modifier(code & ~RELEASED, !(code & RELEASED)) && !(code & RELEASED))
		key_down(code, emit);
	kb.extended = false;
}
