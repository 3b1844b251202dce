/* SPDX-License-Identifier: MIT */
/*
 * The screen fonts, made by tools/mkfont from Debian's console fonts at build time.  All
 * sizes have the same glyphs under the same numbers: 0 .. 94 are the characters from
 * space to tilde, the others are found by their Unicode number in font_codes.
 */
#ifndef KERNEL_FONT_H
#define KERNEL_FONT_H

#include <kernel/types.h>

struct font {
	u8 width, height;		/* pixels; width at most 16 */
	const u16 *regular, *bold;	/* glyph n: height rows from n * height; bit 15 left */
};

extern const struct font fonts[];	/* from small to large */
extern const unsigned int font_count;
extern const u16 font_unknown;		/* stands for any other character */
extern const u16 font_codes[];		/* ascending */
extern const u16 font_code_glyphs[];
extern const unsigned int font_code_count;

#endif
