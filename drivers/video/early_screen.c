/* SPDX-License-Identifier: MIT */
/*
 * The screen of a kernel that stopped before it had a console there: the last lines of
 * the log, drawn once, through fixmap slots, without memory management (catalogue E5).
 *
 * A line of text is mapped, drawn and unmapped; slots exist from the first provisional
 * tables on.  Nothing here waits or allocates, and a screen that cannot be used is left
 * alone: there still are the serial line and the exit code.
 */
#include <asm/setup.h>
#include <kernel/console.h>
#include <kernel/fbcon.h>
#include <kernel/printk.h>
#include <kernel/string.h>
#include <mm/ioremap.h>

#include "fb.h"

#define COLUMNS		200
#define LEFT		8		/* pixels of margin */
#define INK		0xe8e8e8
#define PAPER		0x5a1018	/* dark red: this is not a normal screen */

static u32 pixel_line[FB_LINE];
static u32 cells[COLUMNS];

/* Text without colour sequences, as glyphs; returns how many. */
static int to_cells(const char *s)
{
	int n = 0;

	for (; *s && n < COLUMNS; s++) {
		if (*s == '\033') {
			while (*s && *s != 'm')
				s++;
			if (!*s)
				break;
			continue;
		}
		cells[n++] = *s >= ' ' && *s <= '~' ? (u32)(*s - ' ') : font_unknown;
	}
	return n;
}

/* One row of text at pixel row y.  False: the frame buffer cannot be mapped. */
static bool draw_row(const struct boot_fb *fb, unsigned y, const char *text)
{
	const struct font *font = &fonts[0];
	unsigned pitch = fb->stride * fb_pixel_bytes(fb);
	struct boot_fb part = *fb;
	struct fb_surface s;
	struct fb_run run;
	int fits, shown;
	void *va;

	va = early_memremap(fb->base + (u64)y * pitch, (size_t)font->height * pitch);
	if (!va)
		return false;
	part.height = font->height;
	fb_surface_init(&s, va, &part, 0, pixel_line);
	fb_fill(&s, 0, 0, min(s.width, FB_LINE), font->height, fb_pixel(&s, PAPER));
	fits = min((s.width - LEFT) / font->width, fb_run_max(font, 1));
	shown = min(to_cells(text), fits);
	run = (struct fb_run){
		.font = font, .scale = 1, .fg = fb_pixel(&s, INK), .bg = fb_pixel(&s, PAPER),
		.cells = cells, .n = shown,
	};
	if (shown > 0)
		fb_text(&s, LEFT, 0, &run);
	fb_end_burst();
	early_memunmap();
	return true;
}

void early_screen_show_log(void)
{
	const struct boot_fb *fb = boot_info ? &boot_info->fb : NULL;
	unsigned rows, y = 0;
	struct log_info info;
	char text[256];
	u64 seq, next;

	if (fbcon_columns() || !fb || !fbcon_map_size(fb) || !console_wants_screen())
		return;
	rows = fb->height / fonts[0].height;
	next = log_next_seq();
	seq = next - min_t(u64, next - log_first_seq(), rows);
	early_memunmap();
	for (; rows-- > 0; y += fonts[0].height, seq++) {
		text[0] = '\0';
		if (seq < next)
			log_read(&seq, text, sizeof(text), &info);
		if (!draw_row(fb, y, text))
			return;
	}
}
