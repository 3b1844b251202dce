/* SPDX-License-Identifier: MIT */
/* Pixels and letters.  A pixel is a number in the palette. */
#include "picture.h"

#define COLS_MIN	64
#define ROWS_MIN	40

struct canvas canvas;

static const struct font *font_for(int width, int height)
{
	const struct font *best = &fonts[0], *f;

	for (f = fonts; f < fonts + font_count; f++)
		if (width / f->width >= COLS_MIN && height / f->height >= ROWS_MIN)
			best = f;
	return best;
}

void canvas_init(int width, int height)
{
	canvas.font = font_for(width, height);
	canvas.width = width;
	canvas.height = height;
	canvas.pixels = sys_mmap(NULL, (size_t)width * height, PROT_READ | PROT_WRITE,
				 MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (IS_ERR(canvas.pixels))
		die("no memory for a picture of %dx%d (error %ld): ask for a smaller one by --size",
		    width, height, -(long)canvas.pixels);
}

static u8 *row_of(int y)
{
	return canvas.pixels + (size_t)y * canvas.width;
}

void fill(int x, int y, int w, int h, u8 color)
{
	int x0 = max(x, 0), x1 = min(x + w, canvas.width);
	int y0 = max(y, 0), y1 = min(y + h, canvas.height);

	if (x0 >= x1)
		return;
	for (; y0 < y1; y0++)
		memset(row_of(y0) + x0, color, (size_t)(x1 - x0));
}

void frame_rect(int x, int y, int w, int h, u8 color)
{
	fill(x, y, w, 1, color);
	fill(x, y + h - 1, w, 1, color);
	fill(x, y, 1, h, color);
	fill(x + w - 1, y, 1, h, color);
}

/* ---- letters ----------------------------------------------------------------------- */

static unsigned glyph_of(char c)
{
	return c >= ' ' && c <= '~' ? (unsigned)c - ' ' : font_unknown;
}

static void letter(int x, int y, u8 color, bool bold, char c)
{
	const u16 *rows = (bold ? canvas.font->bold : canvas.font->regular) +
			  glyph_of(c) * canvas.font->height;
	int row, column;
	u16 bits;
	u8 *to;

	if (x < 0 || y < 0 || x + FONT_W > canvas.width || y + FONT_H > canvas.height)
		return;
	for (row = 0; row < FONT_H; row++) {
		to = row_of(y + row) + x;
		for (bits = rows[row], column = 0; bits; bits = (u16)(bits << 1), column++)
			if (bits & 0x8000)
				to[column] = color;
	}
}

int text(int x, int y, int cols, u8 color, bool bold, const char *s)
{
	int n = (int)strlen(s), i, dots;

	if (cols <= 0)
		return 0;
	dots = n > cols ? min(cols, 3) : 0;
	n = min(n, cols);
	for (i = 0; i < n; i++)
		letter(x + i * FONT_W, y, color, bold, i < n - dots ? s[i] : '.');
	return n;
}

int textf(int x, int y, int cols, u8 color, bool bold, const char *fmt, ...)
{
	char line[256];
	va_list args;

	va_start(args, fmt);
	vsnprintf(line, sizeof(line), fmt, args);
	va_end(args);
	return text(x, y, cols, color, bold, line);
}
