/* SPDX-License-Identifier: MIT */
/*
 * The screen console: cells, scrolling, colour sequences, when to draw.
 * Contract: include/kernel/fbcon.h.  Layout and panels: fbcon_panel.c, fbcon_table.c; text of
 * programs: fbcon_term.c; which part of the screen: fbcon_area.c; pixels: fb_draw.c; large
 * letters: fb_big.c.
 *
 * Rows 0 .. header-1 are the header panel and the table under it, the rest is text.  A row
 * of the screen finds its cells through row_of[], so scrolling renumbers rows and moves no
 * cells; drawing compares with what the screen shows and touches only cells that differ.
 *
 * State changes in fbcon_write() (one at a time, kernel/printk.c sees to it) and, with
 * interrupts off, in fbcon_set_header(), fbcon_set_table() and fbcon_banner().
 */
#include <linux/errno.h>
#include <asm/irqflags.h>
#include <kernel/console.h>
#include <kernel/printk.h>
#include <kernel/string.h>
#include "fbcon_internal.h"

#define DEFER_NS	25000000u	/* text may wait so long before it is drawn */
#define WORD_MAX	64		/* cells; longer ones are broken where the row ends */
#define STAMP_MAX	24

static const u32 rgb[COLORS] = {
	0x1c2430, 0xf2706b, 0x6cc98b, 0xe8b658, 0x6ea8fe, 0xc792ea, 0x5cc8d6, 0xd6dce6,
	0x6f7d8f, 0xff8f8a, 0x8be3a6, 0xffd27a, 0x93c0ff, 0xdbb0f7, 0x85e0ea, 0xf4f7fb,
	[COLOR_BACK] = 0x0f141b, [COLOR_PANEL] = 0x18212d, [COLOR_TITLE] = 0x1f5396,
	[COLOR_LABEL] = 0x8c9eb5, [COLOR_RULE] = 0x3b82d8,
	[COLOR_VERDICT] = 0x1b8a4b, 0xa06c00, 0xc22f2b,
};

struct fbcon fb;

/* --- cells ----------------------------------------------------------------------- */

void fbcon_fill_cells(u32 *cell, u32 value, int n)
{
	while (n-- > 0)
		*cell++ = value;
}

void fbcon_touch(int from, int to)
{
	fb.dirty_from = min(fb.dirty_from, from);
	fb.dirty_to = max(fb.dirty_to, to);
}

void fbcon_clear_row(int row)
{
	fbcon_fill_cells(fbcon_want(row), CELL(0, ATTR_TEXT), fb.stride);
	fbcon_touch(row, row + 1);
}

void fbcon_clear_beyond(int row)
{
	fbcon_fill_cells(fbcon_want(row) + fb.m.cols, CELL(0, ATTR_TEXT),
			 fb.stride - fb.m.cols);
	fb.blank_beyond = fb.row_of[row];
}

static void scroll(void)
{
	u8 first = fb.row_of[fb.header];

	memmove(fb.row_of + fb.header, fb.row_of + fb.header + 1,
		fb.rows - fb.header - 1);
	fb.row_of[fb.rows - 1] = first;
	fbcon_clear_row(fb.rows - 1);
	fbcon_touch(fb.header, fb.rows);
}

static void new_line(void)
{
	fb.col = 0;
	if (fb.row + 1 < fb.rows)
		fb.row++;
	else
		scroll();
}

u16 fbcon_glyph(u32 code)
{
	unsigned int low = 0, high = font_code_count;

	if (code >= 0x20 && code < 0x7f)
		return code - 0x20;
	while (low < high) {
		unsigned int middle = (low + high) / 2;

		if (font_codes[middle] == code)
			return font_code_glyphs[middle];
		if (font_codes[middle] < code)
			low = middle + 1;
		else
			high = middle;
	}
	return font_unknown;
}

static u16 shown_attr(void)
{
	u16 bold = fb.attr & ATTR_BOLD;

	if (!fb.inverse)
		return fb.attr;
	return ATTR(ATTR_BG(fb.attr), ATTR_FG(fb.attr)) | bold;
}

/* The row is full: a word that does not end with it goes over to the next one. */
static void wrap(bool inside_word)
{
	u32 word[WORD_MAX], *cells = fbcon_want(fb.row);
	int from = fb.m.cols, n;

	while (inside_word && from > 0 && CELL_GLYPH(cells[from - 1]))
		from--;
	n = fb.m.cols - from;
	if (n > min(WORD_MAX, fb.m.cols / 2))
		n = 0;
	memcpy(word, cells + fb.m.cols - n, n * sizeof(u32));
	fbcon_fill_cells(cells + fb.m.cols - n, CELL(0, ATTR_TEXT), n);
	fbcon_clear_beyond(fb.row);
	new_line();
	memcpy(fbcon_want(fb.row) + fb.hang, word, n * sizeof(u32));
	fb.col = fb.hang + n;
	fbcon_touch(fb.row - 1, fb.row + 1);
}

void fbcon_put(u32 code)
{
	if (fb.col == fb.m.cols) {
		wrap(code != ' ');
		if (code == ' ')
			return;
	}
	fbcon_want(fb.row)[fb.col++] = CELL(fbcon_glyph(code), shown_attr());
	if (fb.blank_beyond != fb.row_of[fb.row])
		fbcon_clear_beyond(fb.row);
	fbcon_touch(fb.row, fb.row + 1);
}

/* --- text with colour sequences -------------------------------------------------- */

/* One number of a "select graphic rendition" sequence. */
void fbcon_rendition(int n)
{
	u16 keep_fg = fb.attr & ~31, keep_bg = fb.attr & ~(31 << 5);

	if (n == 0) {
		fb.attr = ATTR_TEXT;
		fb.inverse = false;
	} else if (n == 1) {
		fb.attr |= ATTR_BOLD;
	} else if (n == 2) {
		fb.attr = keep_fg | COLOR_DIM;
	} else if (n == 7 || n == 27) {
		fb.inverse = n == 7;
	} else if (n == 22) {
		fb.attr &= ~ATTR_BOLD;
	} else if (n == 39) {
		fb.attr = keep_fg | COLOR_TEXT;
	} else if (n == 49) {
		fb.attr = keep_bg | COLOR_BACK << 5;
	} else if (n >= 30 && n <= 37) {
		fb.attr = keep_fg | (n - 30);
	} else if (n >= 40 && n <= 47) {
		fb.attr = keep_bg | (n - 40) << 5;
	} else if (n >= 90 && n <= 97) {
		fb.attr = keep_fg | (n - 90 + 8);
	} else if (n >= 100 && n <= 107) {
		fb.attr = keep_bg | (n - 100 + 8) << 5;
	}
}

const char *fbcon_escape(const char *s, const char *end)
{
	int n = 0;

	if (s == end || *s != '[')
		return s;
	for (s++; s < end; s++) {
		if (*s >= '0' && *s <= '9') {
			n = n < 1000 ? n * 10 + *s - '0' : n;
			continue;
		}
		if (*s == 'm' || *s == ';')
			fbcon_rendition(n);
		n = 0;
		if (*s >= '@' && *s <= '~')
			return s + 1;
	}
	return s;
}

const char *fbcon_utf8(const char *s, const char *end, u32 *code)
{
	u8 c = *s;
	int more = c < 0x80 ? 0 : c < 0xc2 ? -1 : c < 0xe0 ? 1 : c < 0xf0 ? 2 : 3, i;

	*code = 0xfffd;
	if (more < 0 || c > 0xf4 || end - s <= more)
		return s + 1;
	if (!more) {
		*code = c;
		return s + 1;
	}
	c &= 0x3f >> more;
	*code = c;
	for (i = 1; i <= more; i++) {
		if (((u8)s[i] & 0xc0) != 0x80) {
			*code = 0xfffd;
			return s + 1;
		}
		*code = *code << 6 | (s[i] & 0x3f);
	}
	return s + more + 1;
}

static void put_text(const char *s, size_t n)
{
	const char *end = s + n;
	u32 code;

	while (s < end) {
		switch (*s) {
		case '\033':
			s = fbcon_escape(s + 1, end);
			continue;
		case '\n':
			new_line();
			fb.hang = 0;
			fb.attr = ATTR_TEXT;
			fb.inverse = false;
			s++;
			continue;
		case '\r':
			fb.col = 0;
			s++;
			continue;
		case '\b':
			fb.col -= fb.col > 0;
			s++;
			continue;
		case '\a':
			s++;
			continue;
		case '\t':
			do
				fbcon_put(' ');
			while (fb.col % 8 && fb.col < fb.m.cols);
			s++;
			continue;
		}
		s = fbcon_utf8(s, end, &code);
		fbcon_put(code);
	}
}

/* Test output has no colours of its own: lines that start so get them here. */
static const struct {
	const char *start;
	u8 len;			/* characters that are coloured; 0: the whole line */
	u16 attr;
} line_styles[] = {
	{ "ok ", 2, ATTR(COLOR_GREEN, COLOR_BACK) | ATTR_BOLD },
	{ "not ok ", 0, ATTR(COLOR_RED, COLOR_BACK) | ATTR_BOLD },
	{ "Bail out!", 0, ATTR(COLOR_RED, COLOR_BACK) | ATTR_BOLD },
	{ "# pagewalk: ", 0, ATTR(COLOR_WHITE, COLOR_BACK) | ATTR_BOLD },
	{ "# ", 0, ATTR(COLOR_LABEL, COLOR_BACK) },
	{ "KTAP version ", 0, ATTR(COLOR_DIM, COLOR_BACK) },
	{ "1..", 0, ATTR(COLOR_DIM, COLOR_BACK) },
};

static bool contains(const char *s, size_t n, const char *word)
{
	size_t len = strlen(word);

	for (; n >= len; s++, n--)
		if (memcmp(s, word, len) == 0)
			return true;
	return false;
}

/* An "ok" with a warning is amber, one that was not possible here is dim. */
static u16 ok_attr(const char *s, size_t n, u16 attr)
{
	if (contains(s, n, " WARN "))
		return ATTR(COLOR_YELLOW, COLOR_BACK) | ATTR_BOLD;
	if (contains(s, n, " SKIP ") || contains(s, n, " SKIP:"))
		return ATTR(COLOR_DIM, COLOR_BACK);
	return attr;
}

/* How long a line's time stamp is, "[    1.234567] " in its colour; 0: it has none. */
static int stamp_length(const char *s, size_t n)
{
	static const char start[] = "\033[90m[";
	size_t len = sizeof(start) - 1;
	const char *close;

	if (n < len || memcmp(s, start, len))
		return 0;
	close = memchr(s + len, ']', min_t(size_t, n - len, STAMP_MAX));
	return close && fb.m.cols > 3 * STAMP_MAX ? (int)(close - (s + len - 1)) + 2 : 0;
}

void fbcon_put_line(const char *s, size_t n)
{
	size_t indent, i, len;

	fb.hang = stamp_length(s, n);
	for (indent = 0; indent < n && s[indent] == ' '; indent++)
		;
	for (i = 0; i < ARRAY_SIZE(line_styles); i++) {
		len = strlen(line_styles[i].start);
		if (n - indent < len || memcmp(s + indent, line_styles[i].start, len))
			continue;
		len = line_styles[i].len ? indent + line_styles[i].len : n;
		fb.attr = i ? line_styles[i].attr : ok_attr(s, n, line_styles[i].attr);
		put_text(s, len);
		fb.attr = ATTR_TEXT;
		put_text(s + len, n - len);
		return;
	}
	put_text(s, n);
}

/* --- drawing --------------------------------------------------------------------- */

int fbcon_row_y(int row)
{
	if (row >= fb.header)
		return fb.text_y + (row - fb.header) * fb.m.cell_h;
	if (!row)
		return fb.pad;
	if (row >= fb.header - fb.table)	/* under a rule of its own */
		return 5 * fb.pad + row * fb.m.cell_h;
	return 3 * fb.pad + row * fb.m.cell_h;	/* the title has a margin of its own */
}

static void draw_row(int row)
{
	const u32 *want = fbcon_want(row);
	u32 *shown = fb.shown + row * fb.stride;
	int max_run = fb_run_max(fb.m.font, fb.m.scale), cols = fb.m.cols, col = 0;
	int y = fbcon_row_y(row);

	while (col < cols) {
		u32 attr = CELL_ATTR(want[col]);
		struct fb_run run = {
			.font = fb.m.font, .scale = fb.m.scale, .bold = attr & ATTR_BOLD,
			.fg = fb.pixel[ATTR_FG(attr)], .bg = fb.pixel[ATTR_BG(attr)],
			.cells = want + col,
		};
		int n = 0;

		while (col + n < cols && n < max_run && want[col + n] != shown[col + n] &&
		       CELL_ATTR(want[col + n]) == attr) {
			shown[col + n] = want[col + n];
			n++;
		}
		run.n = n;
		if (n) {
			fb_text(&fb.s, fb.left + col * fb.m.cell_w, y, &run);
			fb.painted = max(fb.painted, y + fb.m.cell_h);
		}
		col += n + !n;
	}
}

void fbcon_draw(void)
{
	u32 *cursor, under;
	int row, from, to;

	if (fb.hidden)
		return;
	under = fbcon_show_cursor(&cursor);
	from = fb.dirty_from;
	to = min(fb.dirty_to, fb.rows);
	fb.dirty_from = FBCON_MAX_ROWS;
	fb.dirty_to = 0;
	for (row = from; row < to; row++)
		draw_row(row);
	if (cursor)
		*cursor = under;
	fb_end_burst();
	fb.drawn_ns = printk_clock_ns();
}

/* A line of the log.  What a program has set for its own text does not concern it. */
static void fbcon_write(struct console *con, const char *s, size_t n)
{
	u16 attr = fb.attr;
	bool inverse = fb.inverse;

	fb.attr = ATTR_TEXT;
	fb.inverse = false;
	if (fb.col)
		put_text(s, n);
	else
		fbcon_put_line(s, n);
	fb.attr = attr;
	fb.inverse = inverse;
}

static void fbcon_flush_console(struct console *con, bool now)
{
	u64 ns;

	if (fb.lent && console_in_panic())
		fbcon_take_back();
	if (fb.hidden || fb.dirty_from >= fb.dirty_to)
		return;
	ns = printk_clock_ns();
	if (now || !ns || ns - fb.drawn_ns >= DEFER_NS)
		fbcon_draw();
}

static struct console fbcon = {
	.name = "screen",
	.write = fbcon_write,
	.text = fbcon_text,
	.flush = fbcon_flush_console,
	.flags = CON_ANSI | CON_STYLE | CON_TABLE,
};

/* --- start ----------------------------------------------------------------------- */

static bool usable(const struct boot_fb *fbi)
{
	if (fbi->format < BOOT_FB_RGB || fbi->format > BOOT_FB_MASK || !fbi->base)
		return false;
	if (fbi->width < 320 || fbi->height < 200 || fbi->stride < fbi->width)
		return false;
	if (fbi->stride > 32768 || fbi->height > 32768)
		return false;
	return !fbi->size || fbcon_map_size(fbi) <= fbi->size;
}

/* The largest font, doubled if need be, that leaves enough rows and columns. */
static void measure(struct metrics *m, int width, int height)
{
	unsigned int f;
	int scale;

	m->font = &fonts[0];
	m->scale = 1;
	for (scale = 1; scale <= 4; scale++)
		for (f = 0; f < font_count; f++) {
			int w = fonts[f].width * scale, h = fonts[f].height * scale;

			if (h <= m->font->height * m->scale)
				continue;
			if (height / h < 40 || width / w < 90)
				continue;
			m->font = &fonts[f];
			m->scale = scale;
		}
	m->cell_w = m->font->width * m->scale;
	m->cell_h = m->font->height * m->scale;
	m->cols = width / m->cell_w - 2;		/* a cell of margin on each side */
	m->max_rows = min(height / m->cell_h, FBCON_MAX_ROWS - 1);
}

static void measure_fb(struct metrics *m, const struct boot_fb *fbi, int rotate)
{
	bool sideways = rotate == 90 || rotate == 270;

	measure(m, sideways ? fbi->height : fbi->width, sideways ? fbi->width : fbi->height);
}

size_t fbcon_map_size(const struct boot_fb *fbi)
{
	return (size_t)fbi->stride * fbi->height * fb_pixel_bytes(fbi);
}

size_t fbcon_shadow_size(const struct boot_fb *fbi, int rotate)
{
	struct metrics m;

	if (!usable(fbi))
		return 0;
	measure_fb(&m, fbi, rotate);
	return (FB_LINE + 3ul * m.cols * m.max_rows) * sizeof(u32) + FB_BIG_SCRATCH;
}

int fbcon_init(volatile void *va, const struct boot_fb *fbi, int rotate, void *mem)
{
	u32 *line = mem;
	int i;

	if (!usable(fbi) || fb.ready)
		return -ENODEV;
	measure_fb(&fb.m, fbi, rotate);
	fb_surface_init(&fb.s, va, fbi, rotate, line);
	fb.whole = fb.s;
	fb.stride = fb.m.cols;
	fb.want = line + FB_LINE;
	fb.shown = fb.want + fb.m.cols * fb.m.max_rows;
	fb.kept = fb.shown + fb.m.cols * fb.m.max_rows;
	fb.scratch = (u8 *)(fb.kept + fb.m.cols * fb.m.max_rows);
	fb.left = (fb.s.width - fb.m.cols * fb.m.cell_w) / 2;
	fb.pad = fb.m.cell_h / 4;
	fb.attr = ATTR_TEXT;
	fb.rows = fb.m.max_rows;
	for (i = 0; i < COLORS; i++)
		fb.pixel[i] = fb_pixel(&fb.s, rgb[i]);
	for (i = 0; i < fb.m.max_rows; i++)
		fb.row_of[i] = i;
	fbcon_fill_cells(fb.want, CELL(0, ATTR_TEXT), fb.m.cols * fb.m.max_rows);
	fb.text_y = fb.pad;
	fb.painted = fb.s.height;	/* by whoever had the screen before */
	fbcon_lay_out(0, 0);
	fbcon_repaint();
	fb.ready = true;
	register_console(&fbcon);
	return 0;
}

void fbcon_flush(void)
{
	if (fb.ready)
		console_flush();
}

int fbcon_columns(void)
{
	return fb.ready ? fb.m.cols : 0;
}

int fbcon_rows(void)
{
	return fb.ready ? fb.rows - fb.header : 0;
}
