/* SPDX-License-Identifier: MIT */
/*
 * Scan codes of set 1 to characters, by the layout in force (keymaps.c) and in UTF-8; the
 * sequences of a Linux console for keys that have no character.
 *
 * A key sends its code when it goes down and code | 0x80 when it comes up; 0xe0 comes
 * before the codes of keys that the first PC did not have, 0xe1 before the six bytes of
 * Pause.
 */
#include <kernel/ctype.h>
#include <kernel/kernel.h>
#include <kernel/keyboard.h>
#include "keymaps.h"

#define RELEASED	0x80
#define EXTENDED	0xe0
#define PAUSE		0xe1
#define ACK		0xfa
#define RESEND		0xfe

enum { LSHIFT = 0x2a, RSHIFT = 0x36, CTRL = 0x1d, ALT = 0x38, CAPS = 0x3a, NUM = 0x45 };

/* The block at 0x47: digits with NumLock, else what the key names. */
static const char keypad[] = "789-456+1230.";

static struct {
	bool extended, shift, rshift, ctrl, rctrl, alt, altgr, caps, num;
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
	static const char *const keys[] = {
		[0x3b] = "\033[[A", "\033[[B", "\033[[C", "\033[[D", "\033[[E",	/* F1 */
		"\033[17~", "\033[18~", "\033[19~", "\033[20~", "\033[21~",	/* F6 */
		[0x47] = "\033[1~", "\033[A", "\033[5~",		/* Home, up, Page Up */
		[0x4b] = "\033[D", [0x4d] = "\033[C",			/* left, right */
		[0x4f] = "\033[4~", "\033[B", "\033[6~", "\033[2~", "\033[3~",
						/* End, down, Page Down, Insert, Delete */
		[0x57] = "\033[23~", "\033[24~",			/* F11, F12 */
	};

	return code < ARRAY_SIZE(keys) ? keys[code] : NULL;
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
		if (kb.extended && keymap_has_altgr())
			kb.altgr = down;
		else
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

/* A letter of ASCII or Latin-1 in the other case, any other character as it is. */
static u16 other_case(u16 c)
{
	if (c < 0x80)
		return (u16)(isupper(c) ? tolower(c) : toupper(c));
	if ((c & ~0x20) < 0xc0 || c > 0xfe || (c | 0x20) == 0xf7 || c == 0xdf)
		return c;
	return c ^ 0x20;
}

static void emit_utf8(u16 c, void (*emit)(u8 c))
{
	if (c < 0x80) {
		emit((u8)c);
		return;
	}
	if (c < 0x800) {
		emit((u8)(0xc0 | c >> 6));
	} else {
		emit((u8)(0xe0 | c >> 12));
		emit((u8)(0x80 | (c >> 6 & 0x3f)));
	}
	emit((u8)(0x80 | (c & 0x3f)));
}

static void emit_char(u16 c, void (*emit)(u8 c))
{
	if (kb.caps)
		c = other_case(c);
	if (kb.ctrl || kb.rctrl) {
		if (c == ' ' || (c >= '@' && c <= '~'))
			c &= 0x1f;
		else if (c == '?')
			c = 127;
	}
	if (kb.alt)
		emit('\033');
	emit_utf8(c, emit);
}

/* The character of a key, as the shifts are now; 0: it has none. */
static u16 key_char(u8 code)
{
	enum keymap_level level = kb.altgr ? LEVEL_ALTGR :
				  kb.shift || kb.rshift ? LEVEL_SHIFT : LEVEL_PLAIN;

	if (kb.extended)
		return code == 0x1c ? '\r' : code == 0x35 ? '/' : 0;	/* of the keypad */
	if (code >= 0x47 && code < 0x47 + sizeof(keypad) - 1)
		return kb.num || code == 0x4a || code == 0x4e ? keypad[code - 0x47] : 0;
	return keymap_char(code, level);
}

static void key_down(u8 code, void (*emit)(u8 c))
{
	u16 c = key_char(code);
	const char *text;

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
