/* SPDX-License-Identifier: MIT */
/*
 * Which part of the screen the console has: a program may borrow the rest (/dev/fb0).
 * Contract: include/kernel/fbcon.h.
 *
 * Cells keep their places when the area changes (rows have the stride of the whole screen),
 * so what stood beyond the right edge is back when the console gets its screen back, in the
 * rows that were left alone meanwhile; nothing old may stand beside something new.
 */
#include <asm/irqflags.h>
#include "fbcon_internal.h"

#define COLS_MIN	20
#define ROWS_MIN	6

/* Cells of margin on both sides together, as fbcon_init() leaves. */
#define MARGIN		2

static void use_surface(const struct fb_surface *s)
{
	fb.s = *s;
	fb.m.cols = min(fb.s.width / fb.m.cell_w - MARGIN, fb.stride);
	fb.left = (fb.s.width - fb.m.cols * fb.m.cell_w) / 2;
	fb.blank_beyond = -1;
	fb.col = min(fb.col, fb.m.cols);
	fb.hang = 0;
	fb.banner_h = 0;
	fb.painted = fb.s.height;
	fbcon_put_header();
}

void fbcon_keep_to(int x, int y, int width, int height)
{
	struct fb_surface s = fb.whole;
	unsigned long flags;

	if (!fb.ready)
		return;
	flags = local_irq_save();
	fb.lent = true;
	fb.hidden = width < (COLS_MIN + MARGIN) * fb.m.cell_w || height < ROWS_MIN * fb.m.cell_h;
	if (!fb.hidden) {
		s.origin += x * s.step_x + y * s.step_y;
		s.width = width;
		s.height = height;
	}
	use_surface(&s);
	local_irq_restore(flags);
}

void fbcon_take_back(void)
{
	unsigned long flags;

	if (!fb.lent)
		return;
	flags = local_irq_save();
	fb.lent = fb.hidden = false;
	use_surface(&fb.whole);
	local_irq_restore(flags);
}
