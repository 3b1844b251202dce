/* SPDX-License-Identifier: MIT */
/*
 * The screen console's own header: the state that fbcon.c (cells and text), fbcon_term.c
 * (programs), fbcon_panel.c (layout, header, banner) and fbcon_area.c (which part of the
 * screen) share.
 */
#ifndef DRIVERS_VIDEO_FBCON_INTERNAL_H
#define DRIVERS_VIDEO_FBCON_INTERNAL_H

#include <kernel/fbcon.h>
#include <kernel/kernel.h>
#include "fb.h"

#define FBCON_MAX_ROWS	256

/* Colours: 0-15 as ANSI numbers them, then our own. */
enum {
	COLOR_RED = 1, COLOR_GREEN, COLOR_YELLOW, COLOR_CYAN = 6, COLOR_TEXT, COLOR_DIM,
	COLOR_WHITE = 15, COLOR_BACK, COLOR_PANEL, COLOR_TITLE, COLOR_LABEL, COLOR_RULE,
	COLOR_VERDICT,			/* pass, warn, fail */
	COLOR_VERDICT_END = COLOR_VERDICT + 2,
	COLORS
};

/* The look of a cell: foreground | background << 5 | bold << 10. */
#define ATTR(fg, bg)	((fg) | (bg) << 5)
#define ATTR_BOLD	0x400
#define ATTR_FG(a)	((a) & 31)
#define ATTR_BG(a)	((a) >> 5 & 31)
#define ATTR_TEXT	ATTR(COLOR_TEXT, COLOR_BACK)

/* A cell: glyph number | look << 16. */
#define CELL(glyph, attr)	((u32)(glyph) | (u32)(attr) << 16)
#define CELL_ATTR(cell)		((cell) >> 16)
#define CELL_GLYPH(cell)	((cell) & 0xffff)	/* 0: a blank */

/* How large things are, for a screen of a given size. */
struct metrics {
	const struct font *font;
	int scale;
	int cell_w, cell_h;
	int cols, max_rows;
};

#define TERM_PARAMS	16

/* A cursor to come back to: row of the text part, column, colours (0: never kept). */
struct term_cursor {
	int row, col, attr;
};

/* The terminal of programs (fbcon_term.c). */
struct fbcon_term {
	bool exact;			/* the program reads keys: nothing is broken or coloured */
	bool cursor, cursor_hidden;	/* shown, unless the program hides it */
	int state;			/* within a sequence */
	int params, param[TERM_PARAMS];
	char marker;			/* '?' behind ESC [ */
	char byte[8];			/* of a character that is not whole yet */
	int bytes;
	int top, bottom;		/* rows that scroll; bottom <= top: all */
	struct term_cursor saved;	/* ESC 7 */
	struct term_cursor kept;	/* where it was on the screen that is kept */
	int kept_rows;			/* of fb.kept; 0: nothing is kept there */
	bool drawn;			/* the cursor is on the screen */
	int drawn_row;
};

struct fbcon {
	bool ready;
	struct fb_surface s;		/* the area that the console has */
	struct fb_surface whole;	/* all of the screen */
	bool lent;			/* s is not all of it */
	bool hidden;			/* nothing is drawn: what is left is too small */
	struct metrics m;
	int stride;			/* cells from row to row of want and shown: m.cols of the
					 * whole screen */
	u32 pixel[COLORS];
	u32 *want, *shown;		/* max_rows x stride */
	u32 *kept;			/* the same: while a program has the screen for itself */
	u8 *scratch;			/* for fb_big_text */
	struct fbcon_term term;
	u8 row_of[FBCON_MAX_ROWS];		/* row of the screen -> row of `want` */
	int blank_beyond;		/* row of `want` with nothing beyond a narrow edge, if it
					 * is known of one; else -1 */
	int header, rows;		/* rows of header and table; all rows */
	int table;			/* rows of the table, the last of `header` */
	int left, pad;			/* margins, pixels */
	int text_y;			/* where the first text row begins */
	int banner_h;			/* pixels at the bottom */
	int verdict;			/* of the banner: enum fbcon_verdict */
	char result[40];		/* its large letters */
	int badge, badge_n;		/* cells of the title bar: the folded banner */
	int painted;			/* pixels from the top; below is background */
	int row, col;			/* where the next character goes */
	int hang;			/* where a line goes on that is too long */
	u16 attr;
	bool inverse;
	int dirty_from, dirty_to;	/* rows that may differ from the screen */
	u64 drawn_ns;			/* when it was last drawn */
};

extern struct fbcon fb;

/* The cells that row `row` of the screen wants. */
static inline u32 *fbcon_want(int row)
{
	return fb.want + fb.row_of[row] * fb.stride;
}

void fbcon_fill_cells(u32 *cell, u32 value, int n);
void fbcon_clear_row(int row);

/* What is written into a row takes the place of what the row had beyond a narrow edge, too. */
void fbcon_clear_beyond(int row);

/* Rows from .. to-1 may differ from the screen. */
void fbcon_touch(int from, int to);

/* Draw what differs. */
void fbcon_draw(void);

/* Where a row of the screen begins, in pixels from the top. */
int fbcon_row_y(int row);

u16 fbcon_glyph(u32 code);

/* One character at the cursor, which moves on; one number of "select graphic rendition". */
void fbcon_put(u32 code);
void fbcon_rendition(int n);

/* n bytes, a line or its beginning, with the colours of test output; ends with \n or not. */
void fbcon_put_line(const char *s, size_t n);

/* Bytes of a program: ->text of the console. */
struct console;
void fbcon_text(struct console *con, const char *s, size_t n);

/*
 * For as long as is drawn: puts the cursor into the cells that are wanted; *cell is its place
 * (NULL: none is shown), and what was there is given back.
 */
u32 fbcon_show_cursor(u32 **cell);

/* Decode one character; a broken sequence gives U+FFFD and takes one byte. */
const char *fbcon_utf8(const char *s, const char *end, u32 *code);

/* s stands behind ESC: obey a colour sequence (fb.attr), skip others; what follows. */
const char *fbcon_escape(const char *s, const char *end);

/* Rows of text that would be left with so many rows of header and table. */
int fbcon_text_rows(int header, int table);

/*
 * Give the text the place between `header` rows on top and banner_h pixels at the bottom
 * and keep its newest rows.  The caller fills the header's cells and repaints.
 */
void fbcon_lay_out(int header, int banner_h);

/* Write and lay out the header anew, for an area of another size; without a table. */
void fbcon_put_header(void);

/* Paint everything but the banner. */
void fbcon_repaint(void);

#endif
