/* SPDX-License-Identifier: MIT */
/*
 * Pixels: surfaces, rows, rectangles and glyphs.
 *
 * The screen is written in rows from left to right, which is what write-combining memory
 * wants: a scattered access costs as much as a whole line of it.  Text of the normal kind
 * goes there directly; whatever is enlarged, rotated or not 32 bits wide is composed in
 * a line buffer in ordinary memory first and takes the way through fb_row.
 */
#include <asm/io.h>
#include <kernel/kernel.h>
#include <kernel/string.h>
#include "fb.h"

int fb_pixel_bytes(const struct boot_fb *fb)
{
	u32 all = fb->red_mask | fb->green_mask | fb->blue_mask | fb->reserved_mask;

	if (fb->format != BOOT_FB_MASK || all >> 24)
		return 4;
	return all >> 16 ? 3 : 2;
}

void fb_surface_init(struct fb_surface *s, volatile void *va, const struct boot_fb *fb,
		     int rotate, u32 *line)
{
	long bytes = fb_pixel_bytes(fb), stride = bytes * fb->stride;
	long right = bytes * (fb->width - 1), down = stride * (fb->height - 1);
	bool sideways = rotate == 90 || rotate == 270;
	volatile u8 *top = va;

	s->bytes = bytes;
	s->line = line;
	s->width = sideways ? fb->height : fb->width;
	s->height = sideways ? fb->width : fb->height;
	s->origin = top;
	s->step_x = bytes;
	s->step_y = stride;
	if (rotate == 90) {
		s->origin = top + right;
		s->step_x = stride;
		s->step_y = -bytes;
	} else if (rotate == 180) {
		s->origin = top + down + right;
		s->step_x = -bytes;
		s->step_y = -stride;
	} else if (rotate == 270) {
		s->origin = top + down;
		s->step_x = -stride;
		s->step_y = bytes;
	}
	s->mask[0] = fb->format == BOOT_FB_RGB ? 0xff : 0xff0000;
	s->mask[1] = 0xff00;
	s->mask[2] = fb->format == BOOT_FB_RGB ? 0xff0000 : 0xff;
	if (fb->format == BOOT_FB_MASK) {
		s->mask[0] = fb->red_mask;
		s->mask[1] = fb->green_mask;
		s->mask[2] = fb->blue_mask;
	}
}

/* 8 bits of one colour at the place and with the precision of its mask. */
static u32 spread(u32 value, u32 mask)
{
	u32 low, max;

	if (!mask)
		return 0;
	low = mask & -mask;
	max = mask / low;
	if (max >= 255 && max <= 0xffff)
		value = value * (max / 255) + (value * (max % 255)) / 255;
	else
		value = (value * min(max, 0xffffu) + 127) / 255;
	return (value * low) & mask;
}

u32 fb_pixel(const struct fb_surface *s, u32 rgb)
{
	return spread(rgb >> 16 & 0xff, s->mask[0]) | spread(rgb >> 8 & 0xff, s->mask[1]) |
	       spread(rgb & 0xff, s->mask[2]);
}

/* One pixel after the other: rotated, or not 32 bits wide. */
static void row_slowly(const struct fb_surface *s, volatile u8 *p, const u32 *pixels, int n)
{
	for (; n--; p += s->step_x) {
		u32 v = *pixels++;

		if (s->bytes == 4) {
			*(volatile u32 *)p = v;
			continue;
		}
		p[0] = v;
		p[1] = v >> 8;
		if (s->bytes == 3)
			p[2] = v >> 16;
	}
}

void fb_row(const struct fb_surface *s, int x, int y, const u32 *pixels, int n)
{
	volatile u8 *p = s->origin + x * s->step_x + y * s->step_y;

	if (s->step_x == 4)
		memcpy((void *)p, pixels, n * sizeof(u32));
	else
		row_slowly(s, p, pixels, n);
}

void fb_fill(const struct fb_surface *s, int x, int y, int w, int h, u32 pixel)
{
	int i, done, n;

	for (i = 0; i < min(w, FB_LINE); i++)
		s->line[i] = pixel;
	for (; h > 0; h--, y++)
		for (done = 0; done < w; done += n) {
			n = min(w - done, FB_LINE);
			fb_row(s, x + done, y, s->line, n);
		}
}

int fb_run_max(const struct font *font, int scale)
{
	return FB_LINE / (font->width * scale);
}

/* Two pixels in one access, wherever a pixel can stand. */
struct two_pixels {
	u64 v;
} __packed __aligned(4) __attribute__((__may_alias__));

/* Four pixels for each half byte of a glyph, in two colours. */
struct quads {
	struct two_pixels pair[16][2];
};

static void make_quads(struct quads *q, u64 fg, u64 bg)
{
	const u64 pair[4] = { bg << 32 | bg, fg << 32 | bg, bg << 32 | fg, fg << 32 | fg };
	int i;

	for (i = 0; i < 16; i++) {
		q->pair[i][0].v = pair[i >> 2];
		q->pair[i][1].v = pair[i & 3];
	}
}

/* One row of pixels of all glyphs of a run, four a step: font widths are multiples. */
static void expand_row(const struct fb_run *run, const u16 *rows, const struct quads *q,
		       volatile struct two_pixels *out)
{
	int height = run->font->height, width = run->font->width, i, k;

	for (i = 0; i < run->n; i++) {
		u32 bits = rows[(run->cells[i] & 0xffff) * height];

		for (k = width; k > 0; k -= 4, bits <<= 4) {
			const struct two_pixels *pair = q->pair[bits >> 12 & 15];

			out[0].v = pair[0].v;
			out[1].v = pair[1].v;
			out += 2;
		}
	}
}

/* Make every pixel `scale` wide, from the end so that it can be done in place. */
static void widen(u32 *line, int n, int scale)
{
	u32 *out = line + n * scale;

	while (n--) {
		u32 pixel = line[n];
		int i;

		for (i = 0; i < scale; i++)
			*--out = pixel;
	}
}

/* 32 bits per pixel, neither rotated nor enlarged: straight to the screen. */
static void text_directly(const struct fb_surface *s, int x, int y,
			  const struct fb_run *run, const u16 *rows, const struct quads *q)
{
	volatile u8 *out = s->origin + x * s->step_x + y * s->step_y;
	int row;

	for (row = 0; row < run->font->height; row++, out += s->step_y)
		expand_row(run, rows + row, q, (volatile struct two_pixels *)out);
}

void fb_text(const struct fb_surface *s, int x, int y, const struct fb_run *run)
{
	const u16 *rows = run->bold ? run->font->bold : run->font->regular;
	int n = run->n * run->font->width, row, i;
	struct quads q;

	make_quads(&q, run->fg, run->bg);
	if (s->step_x == 4 && run->scale == 1) {
		text_directly(s, x, y, run, rows, &q);
		return;
	}
	for (row = 0; row < run->font->height; row++) {
		expand_row(run, rows + row, &q, (struct two_pixels *)s->line);
		if (run->scale > 1)
			widen(s->line, n, run->scale);
		for (i = 0; i < run->scale; i++)
			fb_row(s, x, y++, s->line, n * run->scale);
	}
}

void fb_end_burst(void)
{
	mmio_wmb();
}
