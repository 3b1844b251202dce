/* SPDX-License-Identifier: MIT */
/*
 * The screen as a terminal, for what programs write: the sequences of a Linux console
 * (console_codes(4)) that editors, pagers and line editing use.
 *
 * Text comes in pieces that end anywhere, so sequences and characters of several bytes are
 * put together across calls.  Rows and columns count from the first row of the text part.
 * `col` may be equal to the number of columns: the next character goes to the next row.
 *
 * A program that reads lines gets its long lines broken between words like the log (cooked);
 * one that reads keys knows where on the screen it is, and gets exactly what it writes.
 */
#include <kernel/ctype.h>
#include <kernel/printk.h>
#include <kernel/string.h>
#include <kernel/tty.h>
#include "fbcon_internal.h"

enum { GROUND, ESCAPE, SEQUENCE, SKIP_ONE, TEXT_UNTIL_BEL, TEXT_ESCAPE };

#define term (fb.term)

static int text_rows(void)
{
	return fb.rows - fb.header;
}

static int row(void)
{
	return fb.row - fb.header;
}

/* The last row of the region that scrolls; it is all of the text if nobody said otherwise. */
static int bottom(void)
{
	return term.bottom > term.top && term.bottom < text_rows() ? term.bottom :
								     text_rows() - 1;
}

static int top(void)
{
	return term.bottom > term.top && term.bottom < text_rows() ? term.top : 0;
}

/* 1 if the program did not say. */
static int count(int i)
{
	return i < term.params && term.param[i] ? term.param[i] : 1;
}

static int value(int i)
{
	return i < term.params ? term.param[i] : 0;
}

static int clamp(int n, int low, int high)
{
	return n < low ? low : n > high ? high : n;
}

static void move_to(int to_row, int to_col)
{
	fb.row = fb.header + clamp(to_row, 0, text_rows() - 1);
	fb.col = clamp(to_col, 0, fb.m.cols - 1);
}

/* ---- erasing and moving cells ------------------------------------------------------ */

/* Blank, on the background in force. */
static u32 blank(void)
{
	return CELL(0, ATTR(COLOR_TEXT, ATTR_BG(fb.attr)));
}

static void erase_cells(int in_row, int from, int to)
{
	fbcon_fill_cells(fbcon_want(fb.header + in_row) + from, blank(), to - from);
	fbcon_clear_beyond(fb.header + in_row);
	fbcon_touch(fb.header + in_row, fb.header + in_row + 1);
}

static void erase_rows(int from, int to)
{
	for (; from < to; from++)
		erase_cells(from, 0, fb.m.cols);
}

static void erase_line(int how)
{
	int col = min(fb.col, fb.m.cols - 1);

	erase_cells(row(), how == 0 ? col : 0, how == 1 ? col + 1 : fb.m.cols);
}

static void erase_display(int how)
{
	if (how == 0)
		erase_rows(row() + 1, text_rows());
	else if (how == 1)
		erase_rows(0, row());
	else
		erase_rows(0, text_rows());
	if (how < 2)
		erase_line(how);
}

/* Rows first .. last move up by n (down if negative); what comes in is blank. */
static void scroll_rows(int first, int last, int n)
{
	int size = last - first + 1, i, from;
	u8 old[FBCON_MAX_ROWS];

	n = clamp(n, -size, size);
	memcpy(old, fb.row_of + fb.header + first, size);
	for (i = 0; i < size; i++) {
		from = (i + n + 2 * size) % size;
		fb.row_of[fb.header + first + i] = old[from];
	}
	fbcon_touch(fb.header + first, fb.header + last + 1);
	if (n > 0)
		erase_rows(last + 1 - n, last + 1);
	else
		erase_rows(first, first - n);
}

/* n cells at the cursor come in (or go, if negative); the rest of the row moves. */
static void shift_cells(int n)
{
	u32 *cells = fbcon_want(fb.row);
	int col = min(fb.col, fb.m.cols - 1), rest;

	n = clamp(n, col - fb.m.cols, fb.m.cols - col);
	rest = fb.m.cols - col - (n < 0 ? -n : n);
	memmove(cells + col + max(n, 0), cells + col + max(-n, 0), rest * sizeof(*cells));
	if (n > 0)
		erase_cells(row(), col, col + n);
	else
		erase_cells(row(), fb.m.cols + n, fb.m.cols);
}

static void line_feed(void)
{
	if (row() == bottom())
		scroll_rows(top(), bottom(), 1);
	else if (row() < text_rows() - 1)
		fb.row++;
}

static void reverse_line_feed(void)
{
	if (row() == top())
		scroll_rows(top(), bottom(), -1);
	else if (row())
		fb.row--;
}

/* ---- what is kept ------------------------------------------------------------------ */

static void save_cursor(struct term_cursor *c)
{
	c->row = row();
	c->col = fb.col;
	c->attr = fb.attr;
}

static void restore_cursor(const struct term_cursor *c)
{
	move_to(c->row, c->col);
	fb.attr = c->attr ? c->attr : ATTR_TEXT;
}

/* Another screen for a while: what is on this one is kept, as far as it will fit later. */
static void keep_screen(void)
{
	int i;

	if (term.kept_rows)
		return;
	save_cursor(&term.kept);
	term.kept_rows = text_rows();
	for (i = 0; i < term.kept_rows; i++)
		memcpy(fb.kept + i * fb.stride, fbcon_want(fb.header + i),
		       fb.stride * sizeof(u32));
	erase_display(2);
}

static void bring_screen_back(void)
{
	int i, rows = min(term.kept_rows, text_rows()), skip = term.kept_rows - rows;

	if (!term.kept_rows)
		return;
	fb.attr = ATTR_TEXT;
	erase_display(2);
	for (i = 0; i < rows; i++)
		memcpy(fbcon_want(fb.header + i), fb.kept + (skip + i) * fb.stride,
		       fb.stride * sizeof(u32));
	fb.blank_beyond = -1;
	fbcon_touch(fb.header, fb.rows);
	term.kept_rows = 0;
	term.kept.row -= skip;
	restore_cursor(&term.kept);
}

static void reset(void)
{
	fb.attr = ATTR_TEXT;
	fb.inverse = false;
	term.top = term.bottom = 0;
	term.cursor_hidden = false;
	term.kept_rows = 0;
	erase_display(2);
	move_to(0, 0);
}

/* ---- colours ----------------------------------------------------------------------- */

/* The nearest of the sixteen for parts from 0 to 5. */
static int nearest(int r, int g, int b)
{
	int most = max(r, g), bits;

	most = max(most, b);
	if (most < 2)
		return most ? 8 : 0;
	bits = (2 * r > most) | (2 * g > most) << 1 | (2 * b > most) << 2;
	return most > 3 ? 8 + bits : bits;
}

static int indexed_color(int n)
{
	if (n < 16)
		return n;
	if (n < 232)
		return nearest((n - 16) / 36, (n - 16) / 6 % 6, (n - 16) % 6);
	n = (n - 232) * 6 / 24;
	return nearest(n, n, n);
}

/* 38;5;N or 38;2;R;G;B from param[i] on; how many parameters that were. */
static int large_color(int i)
{
	bool front = value(i) == 38;
	int color, used;

	if (value(i + 1) == 5) {
		color = indexed_color(value(i + 2) & 255);
		used = 3;
	} else if (value(i + 1) == 2) {
		color = nearest(value(i + 2) / 43, value(i + 3) / 43, value(i + 4) / 43);
		used = 5;
	} else {
		return 2;
	}
	color &= 15;
	fbcon_rendition(front ? (color < 8 ? 30 : 82) + color : (color < 8 ? 40 : 92) + color);
	return used;
}

static void renditions(void)
{
	int i = 0;

	if (!term.params)
		fbcon_rendition(0);
	while (i < term.params)
		if (value(i) == 38 || value(i) == 48)
			i += large_color(i);
		else
			fbcon_rendition(value(i++));
}

/* ---- sequences --------------------------------------------------------------------- */

static void report(void)
{
	char text[24];

	if (value(0) == 5) {
		tty_reply("\033[0n");
	} else if (value(0) == 6) {
		snprintf(text, sizeof(text), "\033[%d;%dR", row() + 1,
			 min(fb.col, fb.m.cols - 1) + 1);
		tty_reply(text);
	}
}

static void set_region(void)
{
	int last = value(1) ? value(1) : text_rows();

	if (count(0) >= last || last > text_rows())
		return;
	term.top = count(0) - 1;
	term.bottom = last - 1;
	move_to(0, 0);
}

/* ESC [ ? ... h and l. */
static void set_mode(int mode, bool on)
{
	if (mode == 25)
		term.cursor_hidden = !on;
	else if (mode == 47 || mode == 1047 || mode == 1049)
		(on ? keep_screen : bring_screen_back)();
}

static void private_sequence(char c)
{
	int i;

	for (i = 0; i < term.params && (c == 'h' || c == 'l'); i++)
		set_mode(value(i), c == 'h');
}

static bool moves_cursor(char c)
{
	int col = min(fb.col, fb.m.cols - 1);

	switch (c) {
	case 'A': move_to(row() - count(0), col); return true;
	case 'B': case 'e': move_to(row() + count(0), col); return true;
	case 'C': case 'a': move_to(row(), col + count(0)); return true;
	case 'D': move_to(row(), col - count(0)); return true;
	case 'E': move_to(row() + count(0), 0); return true;
	case 'F': move_to(row() - count(0), 0); return true;
	case 'G': case '`': move_to(row(), count(0) - 1); return true;
	case 'H': case 'f': move_to(count(0) - 1, count(1) - 1); return true;
	case 'd': move_to(count(0) - 1, col); return true;
	}
	return false;
}

/* Rows from the cursor to the end of the region move; outside of it nothing does. */
static void shift_rows(int n)
{
	if (row() < top() || row() > bottom())
		return;
	scroll_rows(row(), bottom(), n);
	fb.col = 0;
}

static void changes_cells(char c)
{
	int col = min(fb.col, fb.m.cols - 1);

	switch (c) {
	case 'J': erase_display(value(0)); return;
	case 'K': erase_line(value(0)); return;
	case 'L': shift_rows(-count(0)); return;
	case 'M': shift_rows(count(0)); return;
	case 'P': shift_cells(-count(0)); return;
	case '@': shift_cells(count(0)); return;
	case 'S': scroll_rows(top(), bottom(), count(0)); return;
	case 'T': scroll_rows(top(), bottom(), -count(0)); return;
	case 'X': erase_cells(row(), col, min(col + count(0), fb.m.cols)); return;
	}
}

static void obey(char c)
{
	if (term.marker) {
		if (term.marker == '?')
			private_sequence(c);
		return;
	}
	switch (c) {
	case 'm': renditions(); return;
	case 'n': report(); return;
	case 'c': tty_reply("\033[?6c"); return;
	case 'r': set_region(); return;
	case 's': save_cursor(&term.saved); return;
	case 'u': restore_cursor(&term.saved); return;
	}
	if (!moves_cursor(c))
		changes_cells(c);
}

/* A byte between ESC [ and the end of the sequence. */
static void in_sequence(char c)
{
	int *last;

	if (isdigit(c)) {
		if (!term.params)
			term.param[term.params++] = 0;
		last = &term.param[term.params - 1];
		*last = min(*last * 10 + c - '0', 9999);
	} else if (c == ';' || c == ':') {
		if (!term.params)
			term.param[term.params++] = 0;
		if (term.params < TERM_PARAMS)
			term.param[term.params++] = 0;
	} else if (c >= '<' && c <= '?') {
		term.marker = c;
	} else if (c >= '@' && c <= '~') {
		term.state = GROUND;
		obey(c);
	} else if (c < ' ') {
		term.state = GROUND;		/* cut off */
	} else {
		term.marker = c;		/* "intermediate" bytes: none that we know */
	}
}

static void after_escape(char c)
{
	term.state = GROUND;
	switch (c) {
	case '[':
		term.state = SEQUENCE;
		term.params = 0;
		term.marker = 0;
		return;
	case ']': case 'P': case '^': case '_':
		term.state = TEXT_UNTIL_BEL;
		return;
	case '(': case ')': case '#': case '%': case ' ':
		term.state = SKIP_ONE;
		return;
	case '7': save_cursor(&term.saved); return;
	case '8': restore_cursor(&term.saved); return;
	case 'D': line_feed(); return;
	case 'E': fb.col = 0; line_feed(); return;
	case 'M': reverse_line_feed(); return;
	case 'c': reset(); return;
	}
}

/* ---- characters -------------------------------------------------------------------- */

static void put_character(u32 code)
{
	if (term.exact && fb.col == fb.m.cols) {
		fb.col = 0;
		line_feed();
	}
	fbcon_put(code);
}

static void control(char c)
{
	switch (c) {
	case '\n': case '\v': case '\f':
		fb.col = 0;
		fb.hang = 0;
		line_feed();
		return;
	case '\r':
		fb.col = 0;
		return;
	case '\b':
		fb.col = min(fb.col, fb.m.cols - 1);
		fb.col -= fb.col > 0;
		return;
	case '\t':
		fb.col = min((fb.col | 7) + 1, fb.m.cols - 1);
		return;
	case '\033':
		term.state = ESCAPE;
		return;
	}
}

/* Bytes of one character until it is whole. */
static void collect(u8 c)
{
	u32 code;

	if (term.bytes && (c & 0xc0) != 0x80) {
		term.bytes = 0;
		put_character(0xfffd);
	}
	if (c < 0x80) {
		put_character(c);
		return;
	}
	term.byte[term.bytes++] = (char)c;
	term.byte[term.bytes] = '\0';
	if (term.byte[0] & 0x40 &&
	    term.bytes < (term.byte[0] & 0x20 ? term.byte[0] & 0x10 ? 4 : 3 : 2))
		return;
	fbcon_utf8(term.byte, term.byte + term.bytes, &code);
	term.bytes = 0;
	put_character(code);
}

static void put_byte(u8 c)
{
	switch (term.state) {
	case GROUND:
		if (c >= ' ' && c != 127)
			collect(c);
		else
			control((char)c);
		return;
	case ESCAPE:
		after_escape((char)c);
		return;
	case SEQUENCE:
		in_sequence((char)c);
		return;
	case TEXT_UNTIL_BEL:
		term.state = c == '\a' ? GROUND : c == '\033' ? TEXT_ESCAPE : TEXT_UNTIL_BEL;
		return;
	default:
		term.state = GROUND;
	}
}

/* A whole line of a program that reads lines looks like one of the log. */
static const char *put_cooked_line(const char *s, const char *end)
{
	const char *eol;

	if (term.exact || term.state != GROUND || term.bytes || fb.col || fb.attr != ATTR_TEXT)
		return s;
	eol = memchr(s, '\n', end - s);
	if (!eol || memchr(s, '\033', eol - s))
		return s;
	eol++;
	fbcon_put_line(s, eol - s);
	return eol;
}

void fbcon_text(struct console *con, const char *s, size_t n)
{
	const char *end = s + n;

	while (s < end) {
		const char *next = put_cooked_line(s, end);

		if (next == s)
			put_byte((u8)*next++);
		s = next;
	}
	if (term.cursor)
		fbcon_touch(fb.row, fb.row + 1);
}

void fbcon_terminal(bool exact, bool cursor)
{
	if (!fb.ready || (term.exact == exact && term.cursor == cursor))
		return;
	if (exact && !term.exact) {
		term.cursor_hidden = false;
		term.top = term.bottom = 0;
	}
	term.exact = exact;
	term.cursor = cursor;
	fbcon_touch(fb.row, fb.row + 1);
}

/* ---- the cursor -------------------------------------------------------------------- */

/*
 * It is a cell with its colours changed over, put in for as long as its row is drawn: what is
 * shown there then differs from what is wanted, and the next drawing sets it right.
 */
u32 fbcon_show_cursor(u32 **cell)
{
	int col = min(fb.col, fb.m.cols - 1);
	u32 *at = fbcon_want(fb.row) + col, under = *at, attr = CELL_ATTR(under);

	if (term.drawn)
		fbcon_touch(term.drawn_row, term.drawn_row + 1);
	term.drawn = term.cursor && !term.cursor_hidden;
	*cell = NULL;
	if (!term.drawn)
		return under;
	term.drawn_row = fb.row;
	fbcon_touch(fb.row, fb.row + 1);
	*at = CELL(CELL_GLYPH(under), ATTR(ATTR_BG(attr), ATTR_FG(attr)) | (attr & ATTR_BOLD));
	*cell = at;
	return under;
}
