/* SPDX-License-Identifier: MIT */
/*
 * The screen console on a frame buffer in ordinary memory: every pixel of a cell, what is
 * drawn and what is left alone, scrolling, colours, header, banner, all rotations and
 * pixel formats.  fbcon.c is compiled in, so that one program can start it many times.
 */
#include "tap.h"
#include <stdlib.h>
#include <kernel/console.h>
#include <kernel/printk.h>
#include <kernel/tty.h>
#include "../../drivers/video/fbcon.c"

#define POISON	0xa5

static struct boot_fb screen;
static unsigned char *va;
static void *shadow;
static u64 now_ns;

u64 printk_clock_ns(void)
{
	return now_ns;
}

static char reply[64];

void tty_reply(const char *text)
{
	snprintf(reply, sizeof(reply), "%s", text);
}

void panic(const char *fmt, ...)
{
	printf("Bail out! %s\n", fmt);
	exit(1);
}

static void stop(void)
{
	if (fb.ready)
		unregister_console(&fbcon);
	memset(&fb, 0, sizeof(fb));
	free(va);
	free(shadow);
	va = NULL;
	shadow = NULL;
}

/* A fresh console on a fresh screen whose lines are 8 pixels longer than its width. */
static void start(int width, int height, int rotate, int format)
{
	stop();
	screen = (struct boot_fb) {
		.base = 0x80000000, .width = width, .height = height,
		.stride = width + 8, .format = format,
	};
	if (format == BOOT_FB_MASK) {
		screen.red_mask = 0x3ff00000;
		screen.green_mask = 0xffc00;
		screen.blue_mask = 0x3ff;
	}
	screen.size = fbcon_map_size(&screen);
	va = malloc(screen.size);
	memset(va, POISON, screen.size);
	shadow = malloc(fbcon_shadow_size(&screen, rotate));
	if (fbcon_init(va, &screen, rotate, shadow)) {
		printf("Bail out! fbcon_init\n");
		exit(1);
	}
}

static u32 raw_pixel(int x, int y)
{
	u32 v;

	memcpy(&v, va + 4ul * (y * screen.stride + x), 4);
	return v;
}

/* How many pixels of a cell are not as they should be. */
static int cell_errors(int row, int col, u32 code, int fg, int bg, bool bold)
{
	const struct font *f = fb.m.font;
	const u16 *rows = (bold ? f->bold : f->regular) + fbcon_glyph(code) * f->height;
	int x, y, bad = 0, scale = fb.m.scale;

	for (y = 0; y < fb.m.cell_h; y++)
		for (x = 0; x < fb.m.cell_w; x++) {
			bool set = rows[y / scale] >> (15 - x / scale) & 1;

			bad += raw_pixel(fb.left + col * fb.m.cell_w + x,
					 fbcon_row_y(row) + y) != rgb[set ? fg : bg];
		}
	return bad;
}

static int text_errors(int row, const char *text)
{
	int col = 0, bad = 0;

	for (; *text; text++)
		bad += cell_errors(row, col++, (u8)*text, COLOR_TEXT, COLOR_BACK, false);
	for (; col < fb.m.cols; col++)
		bad += cell_errors(row, col, ' ', COLOR_TEXT, COLOR_BACK, false);
	return bad;
}

static void test_sizes(void)
{
	static const struct { int w, h, cell_w, cell_h, cols; } expected[] = {
		{ 800, 600, 8, 16, 98 }, { 1024, 768, 8, 16, 126 },
		{ 1280, 800, 8, 16, 158 }, { 1280, 1024, 12, 24, 104 },
		{ 1920, 1080, 12, 24, 158 }, { 1920, 1200, 12, 24, 158 },
		{ 2560, 1440, 16, 32, 158 }, { 3840, 2160, 24, 48, 158 },
		{ 5120, 2880, 36, 72, 140 }, { 320, 200, 8, 16, 38 },
		{ 1080, 1920, 12, 24, 88 },
	};
	struct metrics m;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(expected); i++) {
		measure(&m, expected[i].w, expected[i].h);
		ok(m.cell_w == expected[i].cell_w && m.cell_h == expected[i].cell_h &&
		   m.cols == expected[i].cols, "%dx%d has %d columns of %dx%d (%dx%d)",
		   expected[i].w, expected[i].h, m.cols, expected[i].cell_w,
		   expected[i].cell_h, m.cell_w, m.cell_h);
	}
}

static void test_unusable(void)
{
	static const struct boot_fb good = {
		.base = 1 << 20, .width = 800, .height = 600, .stride = 800,
		.format = BOOT_FB_BGR, .size = 800 * 600 * 4,
	};
	struct boot_fb f = good;

	ok(fbcon_shadow_size(&f, 0) > 0, "a screen that is just large enough");
	f.size--;
	is(fbcon_shadow_size(&f, 0), 0, "a frame buffer that is a byte too small");
	f = good;
	f.format = BOOT_FB_BLT_ONLY;
	is(fbcon_shadow_size(&f, 0), 0, "no linear frame buffer");
	f = good;
	f.stride = 799;
	is(fbcon_shadow_size(&f, 0), 0, "a stride shorter than a line");
	f = good;
	f.width = f.stride = 319;
	is(fbcon_shadow_size(&f, 0), 0, "too narrow");
	f = good;
	f.base = 0;
	is(fbcon_init(NULL, &f, 0, NULL), -ENODEV, "no address");
	ok(!fbcon_columns() && !fbcon_rows(), "no screen, no columns");
	fbcon_set_header(NULL, 0);
	fbcon_banner(FBCON_PASS, "x");
	fbcon_flush();
	ok(true, "without a screen everything else does nothing");
}

static void test_text(void)
{
	int bad = 0, x, y;

	printk("first\n");
	start(800, 600, 0, BOOT_FB_BGR);
	is(text_errors(0, "first"), 0, "the log is replayed to the pixel");
	printk("The quick brown fox {0123456789} ~|\n");
	is(text_errors(1, "The quick brown fox {0123456789} ~|"), 0, "a line of text");
	printk("a\tb\rX\n");
	is(text_errors(2, "X       b"), 0, "tab and carriage return");
	printk("%*d\n", fb.m.cols + 2, 7);
	is(text_errors(3, "") + text_errors(4, "7"), 0, "a long line is wrapped");
	for (y = 0; y < 600; y++)
		for (x = 800; x < 808; x++)
			bad += raw_pixel(x, y) != POISON * 0x01010101u;
	is(bad, 0, "nothing is written between the lines");
	for (y = 0; y < 600; y++)
		for (x = 0; x < fb.left; x++)
			bad += raw_pixel(x, y) != rgb[COLOR_BACK];
	is(bad, 0, "the margin is background");
}

static void test_wrapping(void)
{
	char line[300], full[200];
	int n;

	start(800, 600, 0, BOOT_FB_BGR);
	memset(full, 'x', sizeof(full));
	n = fb.m.cols;
	printk_raw("%.*s word\n", n - 2, full);
	snprintf(line, sizeof(line), "%.*s", n - 2, full);
	is(text_errors(fb.row - 2, line) + text_errors(fb.row - 1, "word"), 0,
	   "a word that does not fit stands in the next row");
	printk_raw("ab %.*s end\n", n - 3, full);
	snprintf(line, sizeof(line), "ab %.*s", n - 3, full);
	is(text_errors(fb.row - 2, line) + text_errors(fb.row - 1, "end"), 0,
	   "one that just fits does not");
	printk_raw("ab %.*s\n", n, full);
	is(text_errors(fb.row - 2, line) + text_errors(fb.row - 1, "xxx"), 0,
	   "one that is longer than half a row is broken");
	now_ns = 12345678000;
	printk("%.*s word word\n", n - 20, full);
	now_ns = 0;
	is(text_errors(fb.row - 1, "               word"), 0,
	   "what follows stands under the text, not under its time");
	printk_raw("%.*s\n", n + 1, full);
	is(text_errors(fb.row - 1, "x"), 0, "only there");
}

static void test_odd(void)
{
	start(801, 603, 0, BOOT_FB_BGR);
	printk("odd\n");
	is(text_errors(fb.row - 1, "odd"), 0, "a screen of 801x603, lines of 809 pixels");
	start(1919, 1079, 0, BOOT_FB_BGR);
	printk("large\n");
	is(text_errors(fb.row - 1, "large"), 0, "a font of 12x24");
	start(3840, 2160, 0, BOOT_FB_BGR);
	printk("doubled\n");
	is(text_errors(fb.row - 1, "doubled"), 0, "the same, doubled");
}

static void test_colours(void)
{
	int bad;

	start(800, 600, 0, BOOT_FB_BGR);
	printk("\033[2J\n\033[31mr\033[1;92mg\033[0;44mb\033[7mi\033[27;39;49mn\033[90mx\n");
	bad = cell_errors(fb.row - 1, 0, 'r', 1, COLOR_BACK, false);
	bad += cell_errors(fb.row - 1, 1, 'g', 10, COLOR_BACK, true);
	bad += cell_errors(fb.row - 1, 2, 'b', COLOR_TEXT, 4, false);
	bad += cell_errors(fb.row - 1, 3, 'i', 4, COLOR_TEXT, false);
	bad += cell_errors(fb.row - 1, 4, 'n', COLOR_TEXT, COLOR_BACK, false);
	bad += cell_errors(fb.row - 1, 5, 'x', COLOR_DIM, COLOR_BACK, false);
	is(bad, 0, "colours, bold, inverse");
	printk("plain\n");
	is(text_errors(fb.row - 1, "plain"), 0, "a line starts without colours");
	printk("\u2502\u2192\u00e4\u2713\u4e2d\xff\xe2\x82\n");
	bad = cell_errors(fb.row - 1, 0, 0x2502, COLOR_TEXT, COLOR_BACK, false);
	bad += cell_errors(fb.row - 1, 1, 0x2192, COLOR_TEXT, COLOR_BACK, false);
	bad += cell_errors(fb.row - 1, 2, 0xe4, COLOR_TEXT, COLOR_BACK, false);
	bad += cell_errors(fb.row - 1, 3, 0x221a, COLOR_TEXT, COLOR_BACK, false);
	bad += cell_errors(fb.row - 1, 4, 0xfffd, COLOR_TEXT, COLOR_BACK, false);
	bad += cell_errors(fb.row - 1, 5, 0xfffd, COLOR_TEXT, COLOR_BACK, false);
	bad += cell_errors(fb.row - 1, 8, ' ', COLOR_TEXT, COLOR_BACK, false);
	is(bad, 0, "UTF-8, and what it must not be");
	ok(fbcon_glyph(0x2502) != font_unknown && fbcon_glyph(0x25b8) != font_unknown &&
	   fbcon_glyph(0x2588) != font_unknown, "lines, marks and blocks are in the font");
}

static void test_ktap(void)
{
	int bad;

	start(800, 600, 0, BOOT_FB_BGR);
	printk_raw("ok 1 - B3\n  not ok 2 - K4\n# note\n");
	bad = cell_errors(fb.row - 3, 0, 'o', COLOR_GREEN, COLOR_BACK, true);
	bad += cell_errors(fb.row - 3, 1, 'k', COLOR_GREEN, COLOR_BACK, true);
	bad += cell_errors(fb.row - 3, 3, '1', COLOR_TEXT, COLOR_BACK, false);
	is(bad, 0, "ok is green");
	bad = cell_errors(fb.row - 2, 2, 'n', COLOR_RED, COLOR_BACK, true);
	bad += cell_errors(fb.row - 2, 14, '4', COLOR_RED, COLOR_BACK, true);
	is(bad, 0, "all of not ok is red");
	is(cell_errors(fb.row - 1, 2, 'n', COLOR_LABEL, COLOR_BACK, false), 0,
	   "a note is quiet");
}

/* Pixels that are not poison. */
static int written(void)
{
	int x, y, n = 0;

	for (y = 0; y < (int)screen.height; y++)
		for (x = 0; x < (int)screen.width; x++)
			n += raw_pixel(x, y) != POISON * 0x01010101u;
	return n;
}

static void test_drawing(void)
{
	int i;

	start(800, 600, 0, BOOT_FB_BGR);
	printk_raw("\033[0mabc\n");
	memset(va, POISON, screen.size);
	printk_raw("abc\n");
	is(written(), 3 * 8 * 16, "three new cells, nothing else is drawn");
	for (i = 0; i < fb.rows; i++)
		printk_raw("abc\n");
	printk_raw("abd\n");
	printk_raw("abc\n");
	memset(va, POISON, screen.size);
	printk_raw("xbc\n");
	is(written(), 3 * 8 * 16, "scrolling draws only cells that differ");
	for (i = 0; i < 100; i++)
		printk_raw("line %d\n", i);
	start(800, 600, 0, BOOT_FB_BGR);
	is(text_errors(fb.rows - 2, "line 99") + text_errors(0, "line 64"), 0,
	   "the end of a long log is on the screen");
}

static void test_deferral(void)
{
	int i;

	start(800, 600, 0, BOOT_FB_BGR);
	for (i = 0; i < fb.rows; i++)
		printk_raw("\n");
	now_ns = 1000000000;
	printk_raw("\n");
	console_flush();
	memset(va, POISON, screen.size);
	now_ns += 24000000;
	printk_raw("waits\n");
	is(written(), 0, "24 ms after drawing, text waits");
	console_poll();
	is(written(), 0, "polled too early");
	now_ns += 1000000;
	console_poll();
	is(written(), 5 * 8 * 16, "after 25 ms it is drawn");
	memset(va, POISON, screen.size);
	printk_raw("flush\n");
	console_flush();
	ok(written() > 0, "console_flush does not wait");
	memset(va, POISON, screen.size);
	console_panic_mode();
	printk_raw("panic\n");
	ok(written() > 0, "nor does panic mode");
	console_panic_end();
	now_ns = 0;
}

/* ---- the terminal -------------------------------------------------------------------- */

static void type(const char *text)
{
	console_write(text, strlen(text));
}

/* The rows of the text part from the first one on. */
#define shows(name, ...) do { \
	static const char *const _want[] = { __VA_ARGS__ }; \
	int _bad = 0; \
	size_t _i; \
	for (_i = 0; _i < ARRAY_SIZE(_want); _i++) \
		_bad += text_errors(fb.header + (int)_i, _want[_i]); \
	is(_bad, 0, name); \
} while (0)

static void start_terminal(void)
{
	start(800, 600, 0, BOOT_FB_BGR);
	fbcon_terminal(true, false);
	type("\033[2J\033[H");
}

static void test_moving(void)
{
	char line[128];
	int n;

	start_terminal();
	n = fb.m.cols;
	memset(line, 'x', sizeof(line));
	line[n] = '\0';
	type(line);
	ok(fb.row == fb.header && fb.col == n, "a full row does not wrap yet");
	type("yz");
	is(text_errors(fb.header, line) + text_errors(fb.header + 1, "yz"), 0, "the next character does");
	type("\033[2J\033[3;5Hhi\033[A\033[2Dup\033[1;1Htop\033[4Gp2\033[B\033[Gleft");
	shows("the cursor goes where it is sent", "topp2", "leftup", "    hi");
	type("\033[999;999H");
	ok(fb.row == fb.rows - 1 && fb.col == n - 1, "and no further than the screen");
	type("\033[6n");
	snprintf(line, sizeof(line), "\033[%d;%dR", fb.rows - fb.header, n);
	is_str(reply, line, "it says where it is");
	type("\033[2J\033[Hab\tc\bd\r\033[Ce");
	shows("tab, backspace, return", "ae      d");
	type("\033[2J\033[1;3H\0337\033[5;5H\0338x");
	shows("the cursor is kept and comes back", "  x");
}

static void test_erasing(void)
{
	start_terminal();
	type("abcdef\033[3D\033[K\r\nabcdef\033[3D\033[1K\r\nabcdef\033[2K\r\nend");
	shows("parts of rows are erased", "abc", "    ef", "", "end");
	type("\033[2J\033[Habcdef\r\033[2P\r\n\nabc\r\033[2@\r\n\nabcdef\033[4D\033[2X");
	shows("characters go and come", "cdef", "", "  abc", "", "ab  ef");
	type("\033[2J\033[H1\r\n2\r\n3\r\n4\033[2;1H\033[L\033[4;1H\033[M");
	shows("rows come and go", "1", "", "2", "4", "");
	type("\033[2J\033[H1\r\n2\r\n3\r\n4\r\n5\033[2;4r\033[4;1H\n\033[r");
	shows("a region scrolls alone", "1", "3", "4", "", "5");
	type("\033[2;4r\033[2;1H\033M\033[r");
	shows("and backwards", "1", "", "3", "4", "5");
	type("\033[3;2H\033[J");
	shows("the rest of the screen", "1", "", "3", "", "");
}

static void test_pieces(void)
{
	const char *text = "\033[2J\033[2;3H\033[31mr\303\244d\033[0m\033[1;1Hx";
	size_t i;

	start_terminal();
	for (i = 0; i < strlen(text); i++)
		console_write(text + i, 1);
	is(cell_errors(fb.header + 1, 2, 'r', COLOR_RED, COLOR_BACK, false) +
	   cell_errors(fb.header + 1, 3, 0xe4, COLOR_RED, COLOR_BACK, false) +
	   cell_errors(fb.header + 1, 4, 'd', COLOR_RED, COLOR_BACK, false), 0,
	   "sequences and characters may come byte by byte");
	is(cell_errors(fb.header, 0, 'x', COLOR_TEXT, COLOR_BACK, false), 0, "the last, too");
	type("\033[2;1H\033[31mred\r\n");
	printk("a line of the log\n");
	is(text_errors(fb.row - 1, "a line of the log"), 0, "the log has colours of its own");
	type("R");
	is(cell_errors(fb.row, 0, 'R', COLOR_RED, COLOR_BACK, false), 0,
	   "the program's colour goes on");
	type("\033[2J\033[H\033[38;5;9mA\033[38;2;0;0;255;1mB\033[48;5;2;39mC\033[m");
	is(cell_errors(fb.header, 0, 'A', 9, COLOR_BACK, false) +
	   cell_errors(fb.header, 1, 'B', 12, COLOR_BACK, true) +
	   cell_errors(fb.header, 2, 'C', COLOR_TEXT, COLOR_GREEN, true), 0,
	   "of many colours the nearest");
}

static void test_screens(void)
{
	start_terminal();
	type("shell\r\n$ vi\033[?1049h\033[Htext of vi");
	shows("another screen", "text of vi", "");
	type("\033[?1049l");
	shows("the first one comes back", "shell", "$ vi");
	type("x");
	shows("with its cursor", "shell", "$ vix");
	type("\033[?1049h\033[3;3H\0337\033[9;9H\033[?1049l\bX");
	shows("ESC 7 on the other one does not change it", "shell", "$ viX");
	type("\033[?1049h\033[4;4H\033[s\033[?1049l\bx\033[u");
	shows("nor does ESC [ s", "shell", "$ vix");
	is(fb.row - fb.header, 3, "but ESC [ u goes there: row");
	is(fb.col, 3, "and column");
	type("\033[?1049h\033cnew\033[?1049l");
	shows("after a reset nothing comes back", "new", "");
	type("\033[2J\033[Hshell\r\n$ vix");
	fbcon_terminal(true, true);
	console_flush();
	is(cell_errors(fb.row, 5, ' ', COLOR_BACK, COLOR_TEXT, false), 0, "a cursor is seen");
	type("\b");
	is(cell_errors(fb.row, 5, ' ', COLOR_TEXT, COLOR_BACK, false) +
	   cell_errors(fb.row, 4, 'x', COLOR_BACK, COLOR_TEXT, false), 0, "it moves");
	type("\033[?25l");
	shows("it can be hidden", "shell", "$ vix");
	fbcon_terminal(false, false);
	type("\r\nok 1 - A1 text\n");
	is(cell_errors(fb.row - 1, 0, 'o', COLOR_GREEN, COLOR_BACK, true), 0,
	   "lines have their colours again");
}

static const char *const header[] = {
	"Pagewalk\tright", "Firmware\tEDK II\tCPU\tQEMU", "RAM\t1 GiB",
};

/* 38 columns are too few for both sides of the title. */
static void test_narrow_title(void)
{
	static const char *const lines[] = { "Pagewalk 0.1.0\tlegacy 2-level page tables (i386)" };
	int bad;

	start(320, 480, 0, BOOT_FB_BGR);
	fbcon_set_header(lines, 1);
	is(fb.m.cols, 38, "columns");
	bad = cell_errors(0, 0, ' ', COLOR_WHITE, COLOR_TITLE, true);
	bad += cell_errors(0, 38 - 33, 'l', COLOR_WHITE, COLOR_TITLE, true);
	bad += cell_errors(0, 37, ')', COLOR_WHITE, COLOR_TITLE, true);
	is(bad, 0, "the title is its right side");
}

static void test_header(void)
{
	int bad, before;

	start(800, 600, 0, BOOT_FB_BGR);
	printk_raw("last line\n");
	before = fbcon_rows();
	fbcon_set_header(header, 3);
	is(fbcon_rows(), before - 5, "three lines and their margins cost five rows");
	bad = cell_errors(0, 0, 'P', COLOR_WHITE, COLOR_TITLE, true);
	bad += cell_errors(0, fb.m.cols - 1, 't', COLOR_WHITE, COLOR_TITLE, true);
	bad += cell_errors(1, 0, 'F', COLOR_LABEL, COLOR_PANEL, false);
	bad += cell_errors(1, 12, 'E', COLOR_WHITE, COLOR_PANEL, false);
	bad += cell_errors(1, fb.m.cols / 2, 'C', COLOR_LABEL, COLOR_PANEL, false);
	bad += cell_errors(1, fb.m.cols / 2 + 12, 'Q', COLOR_WHITE, COLOR_PANEL, false);
	bad += cell_errors(2, 12, '1', COLOR_WHITE, COLOR_PANEL, false);
	is(bad, 0, "title, labels and values are where they belong");
	ok(raw_pixel(0, 0) == rgb[COLOR_TITLE] && raw_pixel(799, 23) == rgb[COLOR_TITLE] &&
	   raw_pixel(0, 24) == rgb[COLOR_PANEL], "the bars reach the edges");
	is(text_errors(fb.row - 1, "last line"), 0, "the newest text is kept");
	while (fb.row < fb.rows - 1)
		printk_raw("x\n");
	printk_raw("y\n");
	is(cell_errors(1, 0, 'F', COLOR_LABEL, COLOR_PANEL, false) +
	   text_errors(fb.rows - 2, "y"), 0, "the header stays when text scrolls");
}

/* Characters of a header's row that are not as they should be, blanks behind included. */
static int header_errors(int row, const char *text)
{
	int col, n = (int)strlen(text), bad = 0;

	for (col = 0; col < fb.m.cols; col++)
		bad += CELL_GLYPH(fbcon_want(row)[col]) !=
		       fbcon_glyph(col < n ? (u8)text[col] : ' ');
	return bad;
}

static void test_windows(void)
{
	static const char *const four[] = {
		"title\tright", "firmware\tEDK II",
		"direct map\tffff888000000000-ffff88801fffffff\vffff888000000000 +510M"
		"\tvmalloc\tffffc90000000000-ffffc97fffffffff\vffffc90000000000 +512G",
		"stacks\tffffeb8000000000-ffffeb80007fffff\vffffeb8000000000 +8M"
		"\tdevices\tfffff80000000000-fffffbffffffffff\vfffff80000000000 +4T",
	};
	static const char *const two[] = {
		"title\tright", "firmware\tEDK II",
		"direct map\tc0000000-dff5ffff\vc0000000 +511M"
		"\tvmalloc\te0758000-e7f57fff\ve0758000 +120M",
	};
	int rows;

	start(800, 600, 0, BOOT_FB_BGR);
	fbcon_set_header(four, 4);
	rows = fbcon_rows();
	is(header_errors(2, "direct map  ffff888000000000-ffff88801fffffff    "
			    "vmalloc     ffffc90000000000-ffffc97fffffffff"), 0,
	   "98 columns: both limits of two windows");
	fbcon_keep_to(0, 0, 640, 600);
	is(header_errors(2, "direct map ffff888000000000 +510M      "
			    "vmalloc ffffc90000000000 +512G"), 0, "78 columns: start and size");
	is(header_errors(1, "firmware   EDK II"), 0, "the others are in line with it");
	is(fbcon_rows(), rows, "as many rows");
	fbcon_keep_to(0, 0, 400, 600);
	is(header_errors(2, "direct map ffff888000000000-ffff88801fffffff") +
	   header_errors(3, "vmalloc    ffffc90000000000-ffffc97fffffffff") +
	   header_errors(4, "stacks     ffffeb8000000000-ffffeb80007fffff") +
	   header_errors(5, "devices    fffff80000000000-fffffbffffffffff"), 0,
	   "48 columns: a row for each window");
	is(fbcon_rows(), rows - 2, "two rows more");
	fbcon_keep_to(0, 0, 320, 600);
	is(header_errors(2, "direct map ffff888000000000 +510M"), 0, "38 columns: start and size");
	fbcon_set_header(two, 3);
	fbcon_keep_to(0, 0, 400, 600);
	is(header_errors(2, "direct map c0000000 +511M vmalloc e0758000 +120M"), 0,
	   "32 bits, 48 columns: two of them, as close as need be");
	fbcon_take_back();
	is(header_errors(2, "direct map  c0000000-dff5ffff                    "
			    "vmalloc     e0758000-e7f57fff"), 0, "98 columns: both limits");
}

static void test_table(void)
{
	const char *const lines[] = { "\033[97mfirst\033[90m dim", "second \033[31mred" };
	const char *const changed[] = { "\033[97mfirst\033[90m dim", "third" };
	int before, room, bad, y;

	start(800, 600, 0, BOOT_FB_BGR);
	fbcon_set_header(header, 3);
	printk_raw("last line\n");
	before = fbcon_rows();
	room = fbcon_table_room(14);
	fbcon_set_table(lines, 2);
	is(fbcon_rows(), before - 2, "a table of two lines costs two rows, its rule none here");
	ok(room > 10 && before - room >= 14, "room for %d lines leaves 14 rows of text", room);
	bad = cell_errors(3, 0, 'f', COLOR_WHITE, COLOR_PANEL, false);
	bad += cell_errors(3, 6, 'd', COLOR_DIM, COLOR_PANEL, false);
	bad += cell_errors(4, 0, 's', COLOR_TEXT, COLOR_PANEL, false);
	bad += cell_errors(4, 7, 'r', COLOR_RED, COLOR_PANEL, false);
	bad += cell_errors(4, fb.m.cols - 1, ' ', COLOR_TEXT, COLOR_PANEL, false);
	bad += cell_errors(1, 0, 'F', COLOR_LABEL, COLOR_PANEL, false);
	is(bad, 0, "it stands under the header, in its colours");
	y = fbcon_row_y(3) - fb.pad;
	ok(raw_pixel(0, y) == rgb[COLOR_RULE] && raw_pixel(799, y) == rgb[COLOR_RULE],
	   "a rule between them");
	is(text_errors(fb.row - 1, "last line"), 0, "the newest text is kept");
	for (y = 0; y < 2 * fb.rows; y++)
		printk_raw("x\n");
	printk_raw("y\n");
	memset(va, POISON, 4ul * fb.m.cell_h * screen.stride);
	fbcon_set_table(changed, 2);
	ok(raw_pixel(fb.left, fbcon_row_y(3)) != 0x0f141b && fb.table == 2,
	   "the table does not scroll");
	is(cell_errors(4, 0, 't', COLOR_TEXT, COLOR_PANEL, false), 0, "a changed line is drawn");
	printk(KERN_TABLE "lines for others\n");
	console_flush();
	is(text_errors(fb.row - 1, "y"), 0, "what the table shows is not in the text too");
	fbcon_set_table(NULL, 0);
	is(fbcon_rows(), before, "without it the rows are back");
	is(text_errors(fb.row - 1, "y"), 0, "and the text");
}

/* Pixels from column x on that are not poison. */
static int written_from(int x0)
{
	int x, y, n = 0;

	for (y = 0; y < (int)screen.height; y++)
		for (x = x0; x < (int)screen.width; x++)
			n += raw_pixel(x, y) != POISON * 0x01010101u;
	return n;
}

/* The screen is on loan in part. */
static void test_area(void)
{
	char line[200];
	int cols, i;

	start(800, 600, 0, BOOT_FB_BGR);
	fbcon_set_header(header, 3);
	cols = fbcon_columns();
	printk_raw("%*d\n", cols, 7);
	memset(va, POISON, screen.size);
	fbcon_keep_to(0, 0, 400, 600);
	is(fbcon_columns(), 48, "half of 800 pixels is 48 columns");
	is(written_from(400), 0, "nothing is drawn in the other half");
	is(written(), 400 * 600, "all of its own half is painted anew");
	is(cell_errors(1, 12, 'E', COLOR_WHITE, COLOR_PANEL, false), 0, "the header is there");
	memset(line, 'x', sizeof(line));
	printk_raw("%.*s\n", 49, line);
	is(text_errors(fb.row - 1, "x"), 0, "lines end where the half ends");
	for (i = 0; i < 3 * fb.rows; i++)
		printk_raw("line %d\n", i);
	is(written_from(400), 0, "scrolling keeps to it");
	fbcon_take_back();
	is(fbcon_columns(), cols, "the whole screen again");
	is(written(), 800 * 600, "all of it is painted");
	snprintf(line, sizeof(line), "line %d", i - 1);
	is(text_errors(fb.row - 1, line), 0, "with the newest text");

	fbcon_keep_to(0, 0, 0, 0);
	memset(va, POISON, screen.size);
	printk_raw("not seen\n");
	fbcon_set_header(header, 2);
	console_flush();
	is(written(), 0, "without a place it draws nothing");
	fbcon_take_back();
	is(text_errors(fb.row - 1, "not seen"), 0, "what was said meanwhile is there afterwards");
	fbcon_keep_to(400, 0, 400, 600);
	memset(va, POISON, screen.size);
	console_panic_mode();
	printk_raw("panic\n");
	is(written(), 800 * 600, "a panic takes all of the screen");
	is(text_errors(fb.row - 1, "panic"), 0, "and says what is wrong");
	console_panic_end();
	fbcon_keep_to(0, 300, 800, 300);
	fbcon_banner(FBCON_PASS, "PASS");
	is(fbcon_columns(), cols, "and so does a banner");
	ok(raw_pixel(0, 599) == 0x1b8a4b && raw_pixel(0, 0) == rgb[COLOR_TITLE],
	   "which is at the bottom");
	start(800, 600, 90, BOOT_FB_BGR);
	memset(va, POISON, screen.size);
	fbcon_keep_to(0, 0, 600, 400);
	is(written_from(400), 400 * 600, "turned by 90 degrees: the upper half is on the right");
}

/* Does a row hold `text` and then `n` times c, and is it blank beyond? */
static int row_errors(int row, const char *text, int n, char c)
{
	char want[128];
	int len = snprintf(want, sizeof(want), "%s", text);

	memset(want + len, c, n);
	want[len + n] = '\0';
	return text_errors(row, want);
}

/* Nothing that stood beyond the edge of a narrow console is beside what was written there. */
static void test_widened(void)
{
	char w[100];
	int cols, i, bad = 0;

	start(800, 600, 0, BOOT_FB_BGR);
	fbcon_set_header(NULL, 0);
	cols = fbcon_columns();
	memset(w, 'w', sizeof(w));
	for (i = 0; i < fb.rows - 1; i++)
		printk_raw("%.*s\n", cols, w);
	type("broken where it does not fit any more: vvvvvvvvvvvvvvvvvv");
	fbcon_keep_to(0, 0, 400, 600);
	type("z\n");
	for (i = 0; i < 2; i++)
		type("a question of a program\n");
	printk_raw("a line of the log\n");
	type("\033[Hwritten\033[3;1H\033[Kerased\033[4;10H\033[@\033[5;10H\033[P\033[6;2H\033[2X"
	     "\033[7;1H\033[L\033[99;1H");
	fbcon_take_back();
	is(row_errors(0, "written", 48 - 7, 'w'), 0, "written: nothing old beside it");
	is(row_errors(1, "", cols, 'w'), 0, "left alone: all of it is back");
	is(row_errors(2, "erased", 0, 'w'), 0, "erased: nothing old");
	is(row_errors(3, "wwwwwwwww ", 38, 'w'), 0, "a character put in: nothing old");
	is(row_errors(4, "", 47, 'w'), 0, "one taken out: nothing old");
	is(row_errors(5, "w  ", 45, 'w'), 0, "some erased: nothing old");
	is(row_errors(6, "", 0, 'w'), 0, "a row put in is blank");
	is(row_errors(7, "", cols, 'w'), 0, "the one below it has moved, all of it");
	i = fb.rows - 5;	/* the row put in has moved them, too */
	bad += text_errors(i++, "broken where it does not fit any more:");
	bad += text_errors(i++, "vvvvvvvvvz");
	bad += text_errors(i++, "a question of a program");
	bad += text_errors(i++, "a question of a program");
	bad += text_errors(i++, "a line of the log");
	is(bad, 0, "scrolled in: nothing old beside it");
}

/* Once a row is enough, as long as nothing comes back beyond the edge of that row. */
static void test_once_a_row(void)
{
	char w[100];
	int cols;

	start(800, 600, 0, BOOT_FB_BGR);
	fbcon_set_header(NULL, 0);
	cols = fbcon_columns();
	memset(w, 'w', sizeof(w));
	fbcon_keep_to(0, 0, 400, 600);
	type("a");
	fbcon_want(fb.row)[60] = CELL(fbcon_glyph('x'), ATTR_TEXT);
	type("b");
	is(CELL_GLYPH(fbcon_want(fb.row)[60]), fbcon_glyph('x'), "the edge is cleared once a row");
	fbcon_take_back();
	type("\033[99H");
	console_write(w, cols);
	type("\033[?1049h");
	fbcon_keep_to(0, 0, 400, 600);
	type("\033[99Hother\033[?1049l\033[99H1st");
	fbcon_take_back();
	is(row_errors(fb.rows - 1, "1st", 45, 'w'), 0, "a screen that came back: nothing old beside it");
	type("\033[99H");
	console_write(w, cols);
	fbcon_keep_to(0, 0, 400, 600);
	type("\033[99H2nd");
	fbcon_take_back();
	is(row_errors(fb.rows - 1, "2nd", 45, 'w'), 0, "narrow again: nothing old beside it");
}

static void test_banner(void)
{
	int x, y, letters = 0, top = 0, text = 0;

	now_ns = 5000000000;
	console_flush();
	for (x = 0; x < 2 * fb.rows; x++)
		printk_raw("text that was not drawn yet, %d\n", x);
	printk_raw("the end\n");
	fbcon_banner(FBCON_FAIL, "FAIL  1/2\ndetails");
	now_ns = 0;
	is(text_errors(fb.row - 1, "the end"), 0, "the newest text stands above the banner");
	for (y = 600 - fb.banner_h; y < 600; y++)
		for (x = 0; x < 800; x++)
			text += raw_pixel(x, y) == rgb[COLOR_BACK];
	is(text, 0, "and none of it inside");
	ok(fbcon_row_y(fb.rows - 1) + fb.m.cell_h <= 600 - fb.banner_h,
	   "no text row reaches into it");
	for (y = 0; y < 600; y++)
		for (x = 0; x < 800; x++)
			if (raw_pixel(x, y) == 0xffffff) {
				letters += y >= 600 - fb.banner_h;
				top += y < 600 - fb.banner_h;
			}
	ok(letters > 5000 && !top, "large letters (%d pixels) only there", letters);
	ok(raw_pixel(0, 599) == 0xc22f2b && raw_pixel(799, 600 - fb.banner_h) == 0xc22f2b,
	   "on red, from edge to edge");
	fbcon_banner(FBCON_PASS, "PASS");
	ok(raw_pixel(0, 599) == 0x1b8a4b, "another banner replaces it");
	printk_raw("more\n");
	is(text_errors(fb.row - 1, "more"), 0, "text goes on above");
}

static void test_fold(void)
{
	int before, from, bad, i;
	static const char badge[] = " smoke test: FAIL 1/2 ";

	start(800, 600, 0, BOOT_FB_BGR);
	fbcon_set_header(header, 3);
	before = fbcon_rows();
	fbcon_fold_banner("smoke test");
	is(fbcon_rows(), before, "without a banner there is nothing to fold");
	fbcon_banner(FBCON_FAIL, "FAIL  1/2\ndetails");
	printk_raw("the end\n");
	fbcon_fold_banner("smoke test");
	is(fbcon_rows(), before, "a folded banner needs no rows");
	is(text_errors(fb.row - 1, "the end"), 0, "the newest text is kept");
	for (bad = 0, i = 0; i < 800; i++)
		bad += raw_pixel(i, 599) != rgb[COLOR_BACK];
	is(bad, 0, "nothing of it is left at the bottom");
	from = (fb.m.cols - (int)sizeof(badge) + 1) / 2;
	for (bad = 0, i = 0; badge[i]; i++)
		bad += cell_errors(0, from + i, (u8)badge[i], COLOR_WHITE,
				   COLOR_VERDICT + FBCON_FAIL, true);
	is(bad, 0, "it stands in the title bar");
	ok(raw_pixel(fb.left + from * 8, fb.pad) == rgb[COLOR_VERDICT + FBCON_FAIL],
	   "in its own colour");
	fbcon_banner(FBCON_PASS, "PASS");
	is(cell_errors(0, from, ' ', COLOR_WHITE, COLOR_TITLE, true), 0,
	   "the next banner takes it away");
}

/* The picture of one scene, upright, as 0xRRGGBB; w and h as one looks at it. */
static u32 *scene(int w, int h, int rotate, int format)
{
	u32 *picture = malloc(4ul * w * h), v;
	int x, y, px, py;
	bool sideways = rotate == 90 || rotate == 270;

	start(sideways ? h : w, sideways ? w : h, rotate, format);
	fbcon_set_header(header, 3);
	for (x = 0; x < fb.rows; x++)		/* what an earlier scene left */
		printk_raw("\n");
	printk_raw("ok 1 - scene\n\033[1;33myellow\n");
	fbcon_banner(FBCON_WARN, "WARN\nsmall");
	for (y = 0; y < h; y++)
		for (x = 0; x < w; x++) {
			px = rotate == 90 ? h - 1 - y : rotate == 180 ? w - 1 - x :
			     rotate == 270 ? y : x;
			py = rotate == 90 ? x : rotate == 180 ? h - 1 - y :
			     rotate == 270 ? w - 1 - x : y;
			v = raw_pixel(px, py);
			if (format == BOOT_FB_RGB)
				v = (v & 0xff) << 16 | (v & 0xff00) | (v >> 16 & 0xff);
			if (format == BOOT_FB_MASK)
				v = (v >> 22 & 0xff) << 16 | (v >> 12 & 0xff) << 8 |
				    (v >> 2 & 0xff);
			picture[y * w + x] = v;
		}
	return picture;
}

static void test_rotation(void)
{
	static const struct { int rotate, format; const char *name; } kinds[] = {
		{ 90, BOOT_FB_BGR, "90 degrees" }, { 180, BOOT_FB_BGR, "180 degrees" },
		{ 270, BOOT_FB_BGR, "270 degrees" }, { 0, BOOT_FB_RGB, "RGB" },
		{ 0, BOOT_FB_MASK, "10-bit masks" }, { 90, BOOT_FB_MASK, "both" },
	};
	u32 *upright = scene(640, 480, 0, BOOT_FB_BGR), *other;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(kinds); i++) {
		other = scene(640, 480, kinds[i].rotate, kinds[i].format);
		ok(!memcmp(upright, other, 640 * 480 * sizeof(*other)),
		   "%s: the same picture", kinds[i].name);
		free(other);
	}
	free(upright);
}

static void test_pixels(void)
{
	struct boot_fb f = { .format = BOOT_FB_MASK, .width = 4, .height = 4, .stride = 4 };
	struct fb_surface s;

	f.red_mask = 0xf800;
	f.green_mask = 0x7e0;
	f.blue_mask = 0x1f;
	fb_surface_init(&s, NULL, &f, 0, NULL);
	is(s.bytes, 2, "5-6-5 has 2 bytes per pixel");
	is(fb_pixel(&s, 0xffffff), 0xffff, "white in 5-6-5");
	is(fb_pixel(&s, 0x80c040), 0x85e8, "a colour in 5-6-5");
	f.red_mask = 0xff0000;
	f.green_mask = 0xff00;
	f.blue_mask = 0xff;
	is(fb_pixel_bytes(&f), 3, "8-8-8 without a reserved mask has 3");
	f.reserved_mask = 0xff000000;
	is(fb_pixel_bytes(&f), 4, "and with one 4");
	fb_surface_init(&s, NULL, &f, 0, NULL);
	is(fb_pixel(&s, 0x123456), 0x123456, "a colour in 8-8-8");
	f.red_mask = 0xff000000;
	f.reserved_mask = 0;
	fb_surface_init(&s, NULL, &f, 0, NULL);
	is(fb_pixel(&s, 0xab0000), 0xab000000, "a mask at the top");
}

int main(void)
{
	plan(159);
	test_unusable();
	test_sizes();
	test_text();
	test_wrapping();
	test_odd();
	test_colours();
	test_ktap();
	test_drawing();
	test_deferral();
	test_moving();
	test_erasing();
	test_pieces();
	test_screens();
	test_narrow_title();
	test_header();
	test_banner();
	test_fold();
	test_table();
	test_area();
	test_widened();
	test_once_a_row();
	test_windows();
	test_rotation();
	test_pixels();
	stop();
	return done();
}
