/* SPDX-License-Identifier: MIT */
/*
 * The parts of the screen that do not scroll: layout, header panel, result banner.
 * Contracts: include/kernel/fbcon.h and fbcon_internal.h.
 */
#include <asm/irqflags.h>
#include <kernel/printk.h>
#include <kernel/string.h>
#include "fbcon_internal.h"

#define HEADER_MAX	10
#define TEXT_ROWS_MIN	4		/* the text keeps at least so many rows */
#define TEXT_ROWS_WANTED 12		/* under a table: what the programs said last */

/* --- layout ---------------------------------------------------------------------- */

/* Move n rows of the screen, from row `from` to row `to`; those between make room. */
static void move_rows(int from, int n, int to)
{
	u8 block[FBCON_MAX_ROWS];

	memcpy(block, fb.row_of + from, n);
	if (from > to)
		memmove(fb.row_of + to + n, fb.row_of + to, from - to);
	else
		memmove(fb.row_of + from, fb.row_of + from + n, to - from);
	memcpy(fb.row_of + to, block, n);
}

/* Pixels from the top to the first text row: margins around title, fields, table, text. */
static int text_start(int header, int table)
{
	int margins = header > 1 ? 6 : header ? 3 : 1;

	if (table)
		margins += 2;
	return margins * fb.pad + header * fb.m.cell_h;
}

static int text_rows(int header, int table, int banner_h)
{
	return (fb.s.height - banner_h - fb.pad - text_start(header, table)) / fb.m.cell_h;
}

int fbcon_text_rows(int header, int table)
{
	return text_rows(header, table, fb.banner_h);
}

void fbcon_lay_out(int header, int banner_h)
{
	int used = fb.row - fb.header + 1;
	int rows = max(text_rows(header, fb.table, banner_h), 1);
	int keep = min(used, rows), row;

	move_rows(fb.row - keep + 1, keep, header);
	fb.header = header;
	fb.banner_h = banner_h;
	fb.text_y = text_start(header, fb.table);
	fb.rows = min(header + rows, fb.m.max_rows);
	fb.row = header + keep - 1;
	for (row = header + keep; row < fb.rows; row++)
		fbcon_clear_row(row);
	fbcon_fill_cells(fb.shown, CELL(0, ATTR_TEXT), fb.m.max_rows * fb.stride);
}

/* Paint what is not cells, from the top as far down as anything has been painted. */
static void paint_panels(void)
{
	int title_h = fb.m.cell_h + 2 * fb.pad, width = fb.s.width;
	int rule = max(1, fb.pad / 3), panel_h = fb.header ? fb.text_y - fb.pad : 0;
	int end = min(fb.painted, fb.s.height - fb.banner_h);

	if (fb.hidden)
		return;
	if (fb.header) {
		fb_fill(&fb.s, 0, 0, width, title_h, fb.pixel[COLOR_TITLE]);
		fb_fill(&fb.s, 0, title_h, width, panel_h - title_h - rule,
			fb.pixel[COLOR_PANEL]);
		fb_fill(&fb.s, 0, panel_h - rule, width, rule, fb.pixel[COLOR_RULE]);
	}
	if (fb.table)
		fb_fill(&fb.s, 0, fbcon_row_y(fb.header - fb.table) - fb.pad, width, rule,
			fb.pixel[COLOR_RULE]);
	fb_fill(&fb.s, 0, panel_h, width, end - panel_h, fb.pixel[COLOR_BACK]);
	fb.painted = panel_h;
}

void fbcon_repaint(void)
{
	int i;

	paint_panels();
	for (i = 0; i < fb.header; i++)
		fbcon_fill_cells(fb.shown + i * fb.stride,
			   CELL(0, i ? ATTR(COLOR_TEXT, COLOR_PANEL)
				     : ATTR(COLOR_WHITE, COLOR_TITLE) | ATTR_BOLD),
			   fb.m.cols);
	fbcon_touch(0, fb.rows);
	fbcon_draw();
}

/* --- header ---------------------------------------------------------------------- */

#define HEADER_LINE	200		/* bytes: four fields of a wide screen */
#define LABEL_COLUMNS	12		/* with the blanks behind, where there is room for them */

static char header_text[HEADER_MAX][HEADER_LINE];
static int header_lines;

static bool ends_field(char c)
{
	return !c || c == '\t' || c == '\v';
}

/* Text up to the end of its field into cells from..to-1; the rest of them stays. */
static void put_field(u32 *cells, int from, int to, const char *s, u16 attr)
{
	const char *end = s + strlen(s);
	u32 code;

	while (!ends_field(*s)) {
		s = fbcon_utf8(s, end, &code);
		if (from < to)
			cells[from] = CELL(fbcon_glyph(code), attr);
		else if (from == to)
			cells[to - 1] = CELL(fbcon_glyph(0x2026), attr);
		from++;
	}
}

static int field_length(const char *s)
{
	const char *end = s + strlen(s);
	u32 code;
	int n;

	for (n = 0; !ends_field(*s); n++)
		s = fbcon_utf8(s, end, &code);
	return n;
}

static const char *next_field(const char *s)
{
	while (*s && *s != '\t')
		s++;
	return *s ? s + 1 : s;
}

/* The short form of a value, if it has one. */
static const char *short_form(const char *s)
{
	const char *t;

	for (t = s; !ends_field(*t); t++)
		;
	return *t == '\v' ? t + 1 : s;
}

/* On a screen that is too narrow for both sides the right one, which tells more. */
static void put_title(u32 *cells, const char *s)
{
	u16 attr = ATTR(COLOR_WHITE, COLOR_TITLE) | ATTR_BOLD;
	const char *right = next_field(s);
	int cols = fb.m.cols, n = field_length(right);

	fbcon_fill_cells(cells, CELL(0, attr), cols);
	if (field_length(s) + (n > 0) + n <= cols)
		put_field(cells, 0, cols, s, attr);
	put_field(cells, max(0, cols - n), cols, right, attr);
}

/* A line: one label with its value, or two of them (`second` is "" if there is one). */
struct fields {
	const char *label, *value, *second, *value2;
};

static struct fields fields_of(const char *line, bool brief)
{
	struct fields f = { .label = line };

	f.value = next_field(f.label);
	f.second = next_field(f.value);
	f.value2 = next_field(f.second);
	if (brief) {
		f.value = short_form(f.value);
		f.value2 = short_form(f.value2);
	}
	return f;
}

/* The longest of each field; values only of the lines that have two, others may be cut. */
struct widths {
	int label, value, second, value2;
};

static struct widths widths_of(bool brief)
{
	struct widths w = { 0, 0, 0, 0 };
	struct fields f;
	int i;

	for (i = 1; i < header_lines; i++) {
		f = fields_of(header_text[i], brief);
		w.label = max(w.label, field_length(f.label));
		if (!*f.second)
			continue;
		w.value = max(w.value, field_length(f.value));
		w.second = max(w.second, field_length(f.second));
		w.value2 = max(w.value2, field_length(f.value2));
	}
	return w;
}

/* Where on a row the fields begin; the second pair may have a row of its own. */
struct places {
	bool brief, stacked;
	int value, second, value2;
};

static bool roomy(const struct widths *w, int cols)
{
	int half = cols / 2;

	return max(w->label, w->second) < LABEL_COLUMNS &&
	       LABEL_COLUMNS + w->value + 2 <= half && half + LABEL_COLUMNS + w->value2 <= cols;
}

/* Side by side if need be in their short forms, or one below the other. */
static struct places choose_places(int cols)
{
	struct widths full = widths_of(false), brief = widths_of(true);
	int half = cols / 2, label = max(full.label, full.second) + 1;
	int left = brief.label + 1 + brief.value + 1, right = brief.second + 1 + brief.value2;
	struct places p = { .value = LABEL_COLUMNS, .second = half };

	if (!roomy(&full, cols) && left + right <= cols) {
		p.brief = true;
		p.value = brief.label + 1;
		p.second = min(half, cols - right);
		p.second = max(p.second, left);
	} else if (!roomy(&full, cols)) {
		p.stacked = true;
		p.value = label;
		p.brief = label + max(full.value, full.value2) > cols;
	}
	p.value2 = p.second + (p.brief ? brief.second + 1 : LABEL_COLUMNS);
	return p;
}

static void put_pair(u32 *cells, const char *label, const char *value, int from, int at, int end)
{
	put_field(cells, from, at - 1, label, ATTR(COLOR_LABEL, COLOR_PANEL));
	put_field(cells, at, end, value, ATTR(COLOR_WHITE, COLOR_PANEL));
}

/* From row `row` on; how many rows that are, at most two. */
static int put_fields(int row, const char *line, const struct places *p)
{
	struct fields f = fields_of(line, p->brief);
	bool two = *f.second && !p->stacked;
	int cols = fb.m.cols;
	u32 blank = CELL(0, ATTR(COLOR_TEXT, COLOR_PANEL));

	fbcon_fill_cells(fbcon_want(row), blank, cols);
	put_pair(fbcon_want(row), f.label, f.value, 0, p->value, two ? p->second - 1 : cols);
	if (two)
		put_pair(fbcon_want(row), f.second, f.value2, p->second, p->value2, cols);
	if (!*f.second || two)
		return 1;
	fbcon_fill_cells(fbcon_want(row + 1), blank, cols);
	put_pair(fbcon_want(row + 1), f.second, f.value2, 0, p->value, cols);
	return 2;
}

/* --- the folded banner ------------------------------------------------------------ */

static char badge_text[80];

/* " label: RESULT ", the result with single spaces. */
static void compose_badge(const char *label)
{
	const size_t size = sizeof(badge_text);
	char *text = badge_text;
	size_t n = scnprintf(text, size, " %s%s", label, *label ? ": " : "");
	const char *s;

	for (s = fb.result; *s && n + 2 < size; s++)
		if (*s != ' ' || text[n - 1] != ' ')
			text[n++] = *s;
	text[n++] = ' ';
	text[n] = '\0';
}

/* In the middle of the title bar; false: there is other text. */
static bool put_badge(void)
{
	const char *text = badge_text;
	u16 attr = ATTR(COLOR_WHITE, COLOR_VERDICT + fb.verdict) | ATTR_BOLD;
	int n = field_length(text), from = (fb.m.cols - n) / 2, i;
	u32 *cells = fbcon_want(0);

	if (from < 1)
		return false;
	for (i = from - 1; i <= from + n; i++)
		if (CELL_GLYPH(cells[i]))
			return false;
	put_field(cells, from, from + n, text, attr);
	fb.badge = from;
	fb.badge_n = n;
	return true;
}

static void take_badge_away(void)
{
	fbcon_fill_cells(fbcon_want(0) + fb.badge,
			 CELL(0, ATTR(COLOR_WHITE, COLOR_TITLE) | ATTR_BOLD), fb.badge_n);
	fb.badge_n = 0;
}

void fbcon_fold_banner(const char *label)
{
	unsigned long flags;

	if (!fb.ready || !fb.banner_h)
		return;
	flags = local_irq_save();
	fb.painted = fb.s.height;
	fbcon_lay_out(fb.header, 0);
	compose_badge(label);
	if (fb.header > fb.table && !put_badge()) {
		compose_badge("");
		put_badge();
	}
	fbcon_repaint();
	local_irq_restore(flags);
}

/* --- the header as a whole --------------------------------------------------------- */

/* Rows of the first n lines. */
static int rows_of(int n, const struct places *p)
{
	int rows = n, i;

	for (i = 1; i < n && p->stacked; i++)
		rows += *fields_of(header_text[i], false).second != '\0';
	return rows;
}

void fbcon_put_header(void)
{
	struct places p = choose_places(fb.m.cols);
	bool badge = fb.badge_n > 0;
	int n = header_lines, row = 1, i;

	while (n && text_rows(rows_of(n, &p), 0, fb.banner_h) < TEXT_ROWS_MIN)
		n--;
	fb.table = 0;
	fb.badge_n = 0;
	fbcon_lay_out(rows_of(n, &p), fb.banner_h);
	if (n)
		put_title(fbcon_want(0), header_text[0]);
	for (i = 1; i < n; i++)
		row += put_fields(row, header_text[i], &p);
	if (badge && n)
		put_badge();
	fbcon_repaint();
}

void fbcon_set_header(const char *const lines[], int n)
{
	unsigned long flags;
	int i;

	if (!fb.ready)
		return;
	flags = local_irq_save();
	header_lines = min(n, HEADER_MAX);
	for (i = 0; i < header_lines; i++)
		scnprintf(header_text[i], HEADER_LINE, "%s", lines[i]);
	fb.badge_n = 0;
	fbcon_put_header();
	local_irq_restore(flags);
}

/* --- banner ---------------------------------------------------------------------- */

static const struct {
	u32 back, letter, small;
} verdict_rgb[] = {
	[FBCON_PASS] = { 0x1b8a4b, 0xffffff, 0xd3f5e0 },
	[FBCON_WARN] = { 0xe0a010, 0x241900, 0x3d2b00 },
	[FBCON_FAIL] = { 0xc22f2b, 0xffffff, 0xffdcda },
};

static u32 blend(u32 a, u32 b, int part)
{
	u32 v = 0;
	int shift;

	for (shift = 0; shift < 24; shift += 8) {
		int from = a >> shift & 0xff, to = b >> shift & 0xff;

		v |= (u32)(from + (to - from) * part / 16) << shift;
	}
	return v;
}

/*
 * The largest letters that fit: a sixth of the screen, no wider than it, and no higher
 * than what leaves some rows of text.
 */
static int letter_height(int n)
{
	int height = fb.s.height / 6;
	int wide = (fb.s.width - 2 * fb.m.cell_h) * 2 / n;
	int keep = fb.table ? TEXT_ROWS_WANTED : TEXT_ROWS_MIN;
	int room = (text_rows(fb.header, fb.table, 0) - keep - 2) * fb.m.cell_h * 4 / 5;

	height = min(height, wide);
	height = min(height, room);
	return max(height, 16) & ~1;
}

static int decode(const char *s, const char *end, u16 *glyphs, int max_glyphs)
{
	u32 code;
	int n = 0;

	while (s < end && n < max_glyphs) {
		s = fbcon_utf8(s, end, &code);
		glyphs[n++] = fbcon_glyph(code);
	}
	return n;
}

static void draw_small(const u16 *glyphs, int n, int y, u32 fg, u32 bg)
{
	u32 cells[80];
	struct fb_run run = {
		.font = fb.m.font, .scale = fb.m.scale, .bold = true,
		.fg = fb_pixel(&fb.s, fg), .bg = fb_pixel(&fb.s, bg), .cells = cells,
	};
	int i, part;

	for (i = 0; i < n; i += part) {
		part = min(n - i, fb_run_max(run.font, run.scale));
		for (run.n = 0; run.n < part; run.n++)
			cells[run.n] = glyphs[i + run.n];
		fb_text(&fb.s, (fb.s.width - n * fb.m.cell_w) / 2 + i * fb.m.cell_w, y,
			&run);
	}
}

void fbcon_banner(enum fbcon_verdict verdict, const char *text)
{
	const char *eol = strchr(text, '\n'), *end = text + strlen(text);
	u32 back = verdict_rgb[verdict].back, letter = verdict_rgb[verdict].letter;
	u16 large[40], small[80];
	int n_large, n_small = 0, height, band, y, i;
	unsigned long flags;
	u32 ramp[17];

	n_large = decode(text, eol ? eol : end, large, ARRAY_SIZE(large));
	if (!fb.ready || !n_large)
		return;
	if (fb.lent)
		fbcon_take_back();
	if (eol)
		n_small = decode(eol + 1, end, small,
				 min_t(int, ARRAY_SIZE(small), fb.m.cols));
	height = letter_height(n_large);
	band = height + (n_small ? fb.m.cell_h + fb.pad : 0) + height / 4;
	for (i = 0; i <= 16; i++)
		ramp[i] = fb_pixel(&fb.s, blend(back, letter, i));

	fb.verdict = verdict;
	scnprintf(fb.result, sizeof(fb.result), "%.*s", (int)((eol ? eol : end) - text), text);

	flags = local_irq_save();
	take_badge_away();
	fbcon_lay_out(fb.header, band);
	y = fb.s.height - band;
	fb.painted = max(fb.painted, y);
	fb_fill(&fb.s, 0, y, fb.s.width, band, ramp[0]);
	fb_big_text(&fb.s, (fb.s.width - n_large * height / 2) / 2, y + height / 8, height,
		    large, n_large, ramp, fb.scratch);
	draw_small(small, n_small, fb.s.height - height / 8 - fb.m.cell_h,
		   verdict_rgb[verdict].small, back);
	fbcon_repaint();
	local_irq_restore(flags);
}
