/* SPDX-License-Identifier: MIT */
/* Scan codes to characters. */
#include "tap.h"
#include <kernel/keyboard.h>
#include <kernel/kernel.h>

static char text[64];
static unsigned length;

static void emit(u8 c)
{
	if (length < sizeof(text) - 1)
		text[length++] = (char)c;
	text[length] = '\0';
}

static const char *type(const u8 *codes, unsigned n)
{
	unsigned i;

	length = 0;
	text[0] = '\0';
	for (i = 0; i < n; i++)
		keyboard_scancode(codes[i], emit);
	return text;
}

#define types(want, name, ...) do { \
	static const u8 _codes[] = { __VA_ARGS__ }; \
	is_str(type(_codes, sizeof(_codes)), want, name); \
} while (0)

int main(void)
{
	u8 code;

	types("a", "a key goes down and up", 0x1e, 0x9e);
	types("aa", "and repeats", 0x1e, 0x1e, 0x9e);
	types("A!a1", "shift", 0x2a, 0x1e, 0x02, 0xaa, 0x1e, 0x02);
	types("A\"a", "the right one", 0x36, 0x1e, 0x28, 0xb6, 0x1e);
	types("A1aA", "caps lock", 0x3a, 0xba, 0x1e, 0x02, 0x2a, 0x1e, 0xaa, 0x1e);
	types("a", "off again", 0x3a, 0xba, 0x1e);
	types("\003\004c", "control", 0x1d, 0x2e, 0x20, 0x9d, 0x2e);
	types("\003c", "the right one", 0xe0, 0x1d, 0x2e, 0xe0, 0x9d, 0x2e);
	types("\033x", "alt", 0x38, 0x2d, 0xb8);
	types("\033[A\033[D", "arrows", 0xe0, 0x48, 0xe0, 0xc8, 0xe0, 0x4b, 0xe0, 0xcb);
	types("\033[Aa", "with the shifts that some keyboards send around them",
	      0xe0, 0x2a, 0xe0, 0x48, 0xe0, 0xc8, 0xe0, 0xaa, 0x1e);
	types("\033[A8\033[A", "num lock", 0x48, 0x45, 0xc5, 0x48, 0x45, 0xc5, 0x48);
	types("a", "pause is silent", 0xe1, 0x1d, 0x45, 0xe1, 0x9d, 0xc5, 0x1e);
	types("\r\r/", "enter and slash of the keypad", 0x1c, 0xe0, 0x1c, 0xe0, 0x35);
	types("a", "answers to commands", 0xfa, 0xfe, 0x00, 0x1e);
	for (code = 0x80; code; code++)
		keyboard_scancode(code, emit);
	for (code = 0; code < 0x80; code++)
		keyboard_scancode(code, emit);
	ok(length < sizeof(text), "any byte is harmless");
	return done();
}
