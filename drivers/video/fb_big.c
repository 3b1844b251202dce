/* SPDX-License-Identifier: MIT */
/*
 * Large letters from a small font.
 *
 * A glyph of 16x32 is doubled three times by the Scale2x rule (a corner takes the colour
 * of two equal neighbours), which turns stairs into slopes, and the result is averaged
 * down to the size that is wanted: 16 shades between background and letter.
 */
#include <kernel/kernel.h>
#include <kernel/string.h>
#include "fb.h"

#define BIG_W	128
#define BIG_H	256

/* A picture of one byte per pixel, 0 or 1. */
struct picture {
	u8 *dot;
	int w, h;
};

/* The four dots that a dot becomes: equal ones, unless it is at a corner. */
static void double_corner(int up, int left, int right, int down, u8 *top, u8 *bottom)
{
	if (left == up)
		top[0] = up;
	if (up == right)
		top[1] = right;
	if (left == down)
		bottom[0] = left;
	if (down == right)
		bottom[1] = right;
}

/* One row to two; `above` and `below` are its neighbours. */
static void double_row(const u8 *above, const u8 *row, const u8 *below, int w, u8 *top)
{
	u8 *bottom = top + 2 * w;
	int x, left, right;

	for (x = 0; x < w; x++, top += 2, bottom += 2) {
		top[0] = top[1] = bottom[0] = bottom[1] = row[x];
		if (above[x] == below[x])
			continue;
		left = x ? row[x - 1] : 0;
		right = x + 1 < w ? row[x + 1] : 0;
		if (left != right)
			double_corner(above[x], left, right, below[x], top, bottom);
	}
}

static void double_picture(const struct picture *from, struct picture *to)
{
	static const u8 outside[BIG_W];
	int y, w = from->w;

	to->w = w * 2;
	to->h = from->h * 2;
	for (y = 0; y < from->h; y++) {
		const u8 *row = from->dot + y * w;

		double_row(y ? row - w : outside, row, y + 1 < from->h ? row + w : outside,
			   w, to->dot + 4 * y * w);
	}
}

/* Unpack a glyph and double it to 128x256; the result is in scratch. */
static const u8 *enlarge(const struct font *font, int glyph, u8 *scratch)
{
	const u16 *rows = font->bold + glyph * font->height;
	struct picture large = { scratch, 0, 0 };
	struct picture small = { scratch + BIG_W * BIG_H, font->width, font->height };
	struct picture start = { scratch, font->width, font->height };
	int x, y;

	for (y = 0; y < start.h; y++)
		for (x = 0; x < start.w; x++)
			start.dot[y * start.w + x] = rows[y] >> (15 - x) & 1;
	double_picture(&start, &small);
	double_picture(&small, &large);
	memcpy(small.dot, large.dot, large.w * large.h);
	small.w = large.w;
	small.h = large.h;
	double_picture(&small, &large);
	return large.dot;
}

/* Count the dots of each column over the source rows y0 .. y1 - 1. */
static void sum_columns(const u8 *dot, int y0, int y1, u16 *sum)
{
	int x, y;

	memset(sum, 0, BIG_W * sizeof(*sum));
	for (y = y0; y < y1; y++)
		for (x = 0; x < BIG_W; x++)
			sum[x] += dot[y * BIG_W + x];
}

static void draw_letter(const struct fb_surface *s, int x, int y, int height,
			const u8 *dot, const u32 ramp[17])
{
	int width = height / 2, row, i, k;
	u16 sum[BIG_W];

	for (row = 0; row < height; row++) {
		int y0 = row * BIG_H / height;
		int y1 = max(y0 + 1, (row + 1) * BIG_H / height);

		sum_columns(dot, y0, y1, sum);
		for (i = 0; i < width; i++) {
			int x0 = i * BIG_W / width;
			int x1 = max(x0 + 1, (i + 1) * BIG_W / width);
			int dots = 0;

			for (k = x0; k < x1; k++)
				dots += sum[k];
			s->line[i] = ramp[dots * 16 / ((x1 - x0) * (y1 - y0))];
		}
		fb_row(s, x, y + row, s->line, width);
	}
}

void fb_big_text(const struct fb_surface *s, int x, int y, int height,
		 const u16 *glyphs, int n, const u32 ramp[17], u8 *scratch)
{
	const struct font *font = &fonts[font_count - 1];
	int i;

	static_assert(FB_BIG_SCRATCH == BIG_W * BIG_H + BIG_W * BIG_H / 4, "two pictures");
	BUG_ON(font->width * 8 != BIG_W || font->height * 8 != BIG_H);
	for (i = 0; i < n; i++, x += height / 2)
		if (glyphs[i])		/* a space is background already */
			draw_letter(s, x, y, height, enlarge(font, glyphs[i], scratch),
				    ramp);
}
