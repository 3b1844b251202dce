/* SPDX-License-Identifier: MIT */
/*
 * Drawing on a linear frame buffer: what fbcon.c needs from fb_draw.c and fb_big.c.
 * Coordinates are those of the picture as one looks at it, after rotation.  Nothing here
 * clips: callers stay inside width x height.  The frame buffer is never read but for the
 * picture of a report (fb_shot.c).
 */
#ifndef DRIVERS_VIDEO_FB_H
#define DRIVERS_VIDEO_FB_H

#include <boot/boot_info.h>
#include <kernel/font.h>
#include <kernel/types.h>

#define FB_LINE		2048		/* pixels of the line buffer */

/* Memory of fb_big_text: two pictures of one letter. */
#define FB_BIG_SCRATCH	(128 * 256 + 64 * 128)

struct fb_surface {
	volatile u8 *origin;		/* the pixel that one sees at the top left */
	long step_x, step_y;		/* bytes to the next pixel right, below */
	int bytes;			/* per pixel: 2, 3 or 4 */
	int width, height;
	u32 mask[3];			/* red, green, blue in a pixel */
	u32 *line;			/* FB_LINE pixels in ordinary memory */
};

/* Cells of one look: a run of glyphs, each a number in the font. */
struct fb_run {
	const struct font *font;
	int scale;			/* pixels of the screen for one of the font */
	bool bold;
	u32 fg, bg;			/* as pixels of the surface */
	const u32 *cells;		/* the glyph number is in the low 16 bits */
	int n;
};

/* The pixel size that the format and its masks ask for, in bytes. */
int fb_pixel_bytes(const struct boot_fb *fb);

/* Make a surface; rotate is 0, 90, 180 or 270.  `line` is kept. */
void fb_surface_init(struct fb_surface *s, volatile void *va, const struct boot_fb *fb,
		     int rotate, u32 *line);

/* 0xRRGGBB as a pixel. */
u32 fb_pixel(const struct fb_surface *s, u32 rgb);

/* n pixels from ordinary memory to (x, y) and to the right. */
void fb_row(const struct fb_surface *s, int x, int y, const u32 *pixels, int n);

void fb_fill(const struct fb_surface *s, int x, int y, int w, int h, u32 pixel);
void fb_text(const struct fb_surface *s, int x, int y, const struct fb_run *run);

/* How many cells of that size one fb_text can take. */
int fb_run_max(const struct font *font, int scale);

/* Everything drawn so far becomes visible. */
void fb_end_burst(void);

/*
 * n glyphs of the largest font, `height` pixels high and half as wide each, with smooth
 * edges.  ramp: 17 pixels from background to letter.  scratch: FB_BIG_SCRATCH bytes.
 */
void fb_big_text(const struct fb_surface *s, int x, int y, int height,
		 const u16 *glyphs, int n, const u32 ramp[17], u8 *scratch);

#endif
