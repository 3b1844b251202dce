/* SPDX-License-Identifier: MIT */
/*
 * Keyboard layouts: what is printed on the keys of a US, a German and a French keyboard.
 *
 * A layout is a table by scan code of set 1, 0x00 to 0x39, of what a key gives alone, another
 * one for what it gives with shift (0: nothing), and a list for AltGr.  The key between the left
 * shift and the letters, 0x56, exists outside the USA only.  Keys that wait for a letter on
 * other systems give their accent at once.
 */
#include <kernel/kernel.h>
#include <kernel/keyboard.h>
#include <kernel/string.h>
#include "keymaps.h"

#define KEY_102		0x56

/* ESC, digits, backspace, tab, letters, Enter, control, ... in the order of the codes. */
static const struct keymap maps[] = {
	{
		.name = "us",
		.level = {
			u"\0\0331234567890-=\177\tqwertyuiop[]\r\0asdfghjkl;'`\0\\zxcvbnm,./\0*\0 ",
			u"\0\033!@#$%^&*()_+\177\tQWERTYUIOP{}\r\0ASDFGHJKL:\"~\0|ZXCVBNM<>?\0*\0 ",
		},
		.extra = { '\\', '|' },
	}, {
		.name = "de",
		.level = {
			u"\0\0331234567890ß´\177\tqwertzuiopü+\r\0asdfghjklöä^\0#yxcvbnm,.-\0*\0 ",
			u"\0\033!\"§$%&/()=?`\177\tQWERTZUIOPÜ*\r\0ASDFGHJKLÖÄ°\0'YXCVBNM;:_\0*\0 ",
		},
		.extra = { '<', '>' },
		.altgr = {
			{ 0x03, u'²' }, { 0x04, u'³' }, { 0x08, '{' }, { 0x09, '[' },
			{ 0x0a, ']' }, { 0x0b, '}' }, { 0x0c, '\\' }, { 0x10, '@' },
			{ 0x12, u'€' }, { 0x1b, '~' }, { 0x32, u'µ' }, { KEY_102, '|' },
		},
	}, {
		.name = "fr",
		.level = {
			u"\0\033&é\"'(-è_çà)=\177\tazertyuiop^$\r\0qsdfghjklmù²\0*wxcvbn,;:!\0*\0 ",
			u"\0\0331234567890°+\177\tAZERTYUIOP¨£\r\0QSDFGHJKLM%~\0µWXCVBN?./§\0*\0 ",
		},
		.extra = { '<', '>' },
		.altgr = {
			{ 0x03, '~' }, { 0x04, '#' }, { 0x05, '{' }, { 0x06, '[' },
			{ 0x07, '|' }, { 0x08, '`' }, { 0x09, '\\' }, { 0x0a, '^' },
			{ 0x0b, '@' }, { 0x0c, ']' }, { 0x0d, '}' }, { 0x12, u'€' },
			{ 0x1b, u'¤' }, { KEY_102, '|' },
		},
	},
};

static const struct keymap *now = &maps[0];

const char *keyboard_layout(void)
{
	return now->name;
}

const char *keyboard_layout_name(unsigned i)
{
	return i < ARRAY_SIZE(maps) ? maps[i].name : NULL;
}

bool keyboard_set_layout(const char *name)
{
	unsigned i;

	for (i = 0; i < ARRAY_SIZE(maps); i++) {
		if (strcmp(maps[i].name, name))
			continue;
		now = &maps[i];
		return true;
	}
	return false;
}

bool keymap_has_altgr(void)
{
	return now->altgr[0].code;
}

/* What has no third character, but is no letter either, is the same with AltGr. */
static u16 altgr_char(u8 code)
{
	u16 c = keymap_char(code, LEVEL_PLAIN);
	unsigned i;

	for (i = 0; i < ALTGR_MAX && now->altgr[i].code; i++)
		if (now->altgr[i].code == code)
			return now->altgr[i].c;
	return c <= ' ' || c == 127 ? c : 0;
}

u16 keymap_char(u8 code, enum keymap_level level)
{
	if (level == LEVEL_ALTGR)
		return altgr_char(code);
	if (code == KEY_102)
		return now->extra[level];
	return code < KEYMAP_CODES ? now->level[level][code] : 0;
}
