/* SPDX-License-Identifier: MIT */
/*
 * A PNG file, made row by row in a buffer: png_begin(), png_row() for each row from the top,
 * png_end().  One at a time.  What does not fit is noticed at the end.
 */
#ifndef KERNEL_PNG_H
#define KERNEL_PNG_H

#include <kernel/kernel.h>

#define PNG_MAX_WIDTH	16384		/* a row stays in the window */

struct png {
	u8 *out;
	size_t size, len;
	bool full;
	u32 width;
	u32 bits;			/* of the byte that is not complete */
	unsigned nbits;
	u32 pos;			/* bytes that were packed */
	u32 adler[2];
	size_t palette, image;		/* where the types of these chunks stand */
};

void png_begin(struct png *p, void *buf, size_t size, u32 width, u32 height);

/* One byte a pixel: the number of its colour. */
void png_row(struct png *p, const u8 *row);

/* The colours as 0xRRGGBB, at most 256.  The length of the file; 0: it does not fit. */
size_t png_end(struct png *p, const u32 *rgb, unsigned colours);

#endif
