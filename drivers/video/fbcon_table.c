/* SPDX-License-Identifier: MIT */
/*
 * The table under the header (the tasks that run, kernel/taskview.c): rows of the panel that
 * are written again and again.  Only cells that differ are drawn.  Contract:
 * include/kernel/fbcon.h.
 */
#include <asm/irqflags.h>
#include <kernel/string.h>
#include "fbcon_internal.h"

#define TEXT_ROWS_MIN	4

int fbcon_table_room(int text)
{
	int head = fb.header - fb.table, n = 0;

	if (!fb.ready)
		return 0;
	while (fbcon_text_rows(head + n + 1, n + 1) >= max(text, TEXT_ROWS_MIN))
		n++;
	return n;
}

static void put_line(u32 *cells, const char *s)
{
	const char *end = s + strlen(s);
	u16 before = fb.attr;
	int col = 0;
	u32 code;

	fb.attr = ATTR(COLOR_TEXT, COLOR_PANEL);
	while (s < end) {
		if (*s == '\033') {
			s = fbcon_escape(s + 1, end);
			continue;
		}
		s = fbcon_utf8(s, end, &code);
		if (col < fb.m.cols)
			cells[col++] = CELL(fbcon_glyph(code), fb.attr);
	}
	fb.attr = before;
	fbcon_fill_cells(cells + col, CELL(0, ATTR(COLOR_TEXT, COLOR_PANEL)), fb.m.cols - col);
}

void fbcon_set_table(const char *const lines[], int n)
{
	unsigned long flags;
	int head, i;
	bool anew;

	if (!fb.ready)
		return;
	n = min(n, fbcon_table_room(0));
	flags = local_irq_save();
	head = fb.header - fb.table;
	anew = n != fb.table;
	if (anew) {
		fb.table = n;
		fbcon_lay_out(head + n, fb.banner_h);
	}
	for (i = 0; i < n; i++)
		put_line(fbcon_want(head + i), lines[i]);
	fbcon_touch(head, head + n);
	if (anew)
		fbcon_repaint();
	else
		fbcon_draw();
	local_irq_restore(flags);
}
