/* SPDX-License-Identifier: MIT */
/*
 * A picture of the screen as it is, whoever drew it: the frame buffer is read back, which
 * nothing else does, since it is slow.  Contract: fbcon_picture() in kernel/fbcon.h.
 */
#include <kernel/png.h>
#include <kernel/string.h>
#include "fbcon_internal.h"

#define COLOURS		256
#define SLOTS		512		/* of the hash: at most half full */
#define SMALLEST	4		/* each fourth pixel of each fourth row */

/* The colours of the picture, and which pixel has which. */
static struct {
	unsigned n;
	u32 rgb[COLOURS];
	u32 pixel[SLOTS];
	u16 colour[SLOTS];		/* plus one; 0: a free slot */
} palette;

static u32 read_pixel(volatile const u8 *p)
{
	if (fb.s.bytes == 4)
		return *(volatile const u32 *)p;
	return p[0] | p[1] << 8 | (fb.s.bytes == 3 ? (u32)p[2] << 16 : 0);
}

/* The inverse of fb_pixel(). */
static u32 to_rgb(u32 pixel)
{
	u32 rgb = 0, mask, max;
	int i;

	for (i = 0; i < 3; i++) {
		mask = fb.s.mask[i];
		max = mask ? mask / (mask & -mask) : 0;
		rgb <<= 8;
		if (max)
			rgb |= (u32)((u64)(pixel & mask) / (mask & -mask) * 255 / max);
	}
	return rgb;
}

static u32 difference(u32 a, u32 b)
{
	u32 sum = 0;
	int shift, d;

	for (shift = 0; shift < 24; shift += 8) {
		d = (int)(a >> shift & 255) - (int)(b >> shift & 255);
		sum += (u32)(d * d);
	}
	return sum;
}

/* All colours are taken: the one that looks most like it. */
static unsigned nearest(u32 rgb)
{
	unsigned i, best = 0;

	for (i = 1; i < COLOURS; i++)
		if (difference(palette.rgb[i], rgb) < difference(palette.rgb[best], rgb))
			best = i;
	return best;
}

static u8 colour_of(u32 pixel)
{
	u32 h = pixel * 2654435761u >> 23;

	while (palette.colour[h] && palette.pixel[h] != pixel)
		h = (h + 1) % SLOTS;
	if (palette.colour[h])
		return (u8)(palette.colour[h] - 1);
	if (palette.n == COLOURS)
		return (u8)nearest(to_rgb(pixel));
	palette.pixel[h] = pixel;
	palette.colour[h] = (u16)(palette.n + 1);
	palette.rgb[palette.n] = to_rgb(pixel);
	return (u8)palette.n++;
}

static void read_row(u8 *to, int y, int step, int n)
{
	volatile const u8 *p = fb.s.origin + y * fb.s.step_y;
	u32 pixel, last = 0;
	u8 colour = 0;
	int x;

	for (x = 0; x < n; x++, p += step * fb.s.step_x) {
		pixel = read_pixel(p);
		if (!x || pixel != last)
			colour = colour_of(pixel);
		last = pixel;
		to[x] = colour;
	}
}

static size_t shoot(void *buf, size_t size, int step)
{
	int width = fb.s.width / step, height = fb.s.height / step, y;
	u8 *row = (u8 *)fb.s.line;
	struct png png;

	if (width > (int)(FB_LINE * sizeof(u32)))
		return 0;
	memset(&palette, 0, sizeof(palette));
	png_begin(&png, buf, size, (u32)width, (u32)height);
	for (y = 0; y < height && !png.full; y++) {
		read_row(row, y * step, step, width);
		png_row(&png, row);
	}
	return png_end(&png, palette.rgb, palette.n);
}

size_t fbcon_picture(void *buf, size_t size)
{
	size_t n = 0;
	int step;

	for (step = 1; fb.ready && !n && step <= SMALLEST; step++)
		n = shoot(buf, size, step);
	return n;
}
