/* SPDX-License-Identifier: MIT */
/* Layouts (keymaps.c), as the keyboard (keyboard.c) sees them. */
#ifndef DRIVERS_INPUT_KEYMAPS_H
#define DRIVERS_INPUT_KEYMAPS_H

#include <kernel/types.h>

#define KEYMAP_CODES	0x3a
#define ALTGR_MAX	16

enum keymap_level { LEVEL_PLAIN, LEVEL_SHIFT, LEVEL_ALTGR };

struct keymap {
	const char *name;
	const u16 *level[2];		/* plain and shift: KEYMAP_CODES characters each */
	u16 extra[2];			/* the key beside the left shift */
	struct {
		u8 code;		/* 0: the end */
		u16 c;
	} altgr[ALTGR_MAX];		/* none: the right Alt is an Alt */
};

/* The character of a key in the layout in force; 0: it has none. */
u16 keymap_char(u8 code, enum keymap_level level);

/* Is the right Alt key a shift of its own there? */
bool keymap_has_altgr(void);

#endif
