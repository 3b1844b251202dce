/* SPDX-License-Identifier: MIT */
/*
 * The screen console.
 *
 * The screen has up to four parts: a header panel on top that stays, a table under it (the
 * tasks that run), the text that scrolls, and at the end of a test run a result banner at
 * the bottom, in letters that can be read from the other side of the room.  The font is
 * the largest that leaves at least 40 rows and 90 columns (at 800x600: 37 rows of 8x16;
 * at 1920x1080: 45 of 12x24; at 3840x2160: 45 of 24x48).
 *
 * A line that is too long goes on in the next row: broken between words, below its text and
 * not below its time stamp.
 *
 * Two arrays of character cells, what is wanted and what is shown, say what must be
 * drawn; the frame buffer is only ever written, in rows from left to right.  Drawing is
 * put off while text keeps coming (25 ms, see console_poll), never in panic mode.
 */
#ifndef KERNEL_FBCON_H
#define KERNEL_FBCON_H

#include <boot/boot_info.h>
#include <kernel/types.h>

/*
 * How much memory fbcon_init wants for this screen and rotation (0, 90, 180, 270 degrees
 * clockwise), in bytes; 0 if the screen cannot be used (no linear frame buffer, smaller
 * than 320x200, a line longer than the stride, too small a frame buffer).
 */
size_t fbcon_shadow_size(const struct boot_fb *fb, int rotate);

/* How many bytes of the frame buffer will be written, from fb->base on. */
size_t fbcon_map_size(const struct boot_fb *fb);

/*
 * Start the console: va is a (write-combining) mapping of fbcon_map_size(fb) bytes, mem
 * ordinary memory of fbcon_shadow_size() bytes.  *fb is copied.  Clears the screen,
 * registers the console and so replays the log.  0, or -ENODEV as above.  Once only.
 */
int fbcon_init(volatile void *va, const struct boot_fb *fb, int rotate, void *mem);

/*
 * The header: line 0 is the title bar, "left\tright".  Each further line is fields with
 * tabs between, "label\tvalue" or "label\tvalue\tlabel\tvalue" (two columns).  A value of
 * two columns may have a short form behind a '\v', which is taken on all lines if the long ones
 * have no room beside each other; if the short ones have none, either, each value gets a row
 * of its own.  What is still too long is cut.  At most 10 lines.  UTF-8; no colour
 * sequences.  The strings are not kept.  Without a screen this does nothing.
 */
void fbcon_set_header(const char *const lines[], int n);

/*
 * A table between header and text: n lines, with colour sequences that keep the background
 * (SGR 0 is left out: use 39 and 22).  The same n again draws only what has changed, another
 * n lays the screen out anew, 0 takes the table away, and so does fbcon_set_header().  A
 * line that is too long is cut.  At most fbcon_table_room() lines are shown.
 */
void fbcon_set_table(const char *const lines[], int n);

/* Lines that a table can have so that at least `text` rows are left for the log. */
int fbcon_table_room(int text);

enum fbcon_verdict { FBCON_PASS, FBCON_WARN, FBCON_FAIL };

/*
 * The result: large letters ("PASS  34/34") on green, amber or red at the bottom of the
 * screen, and after a newline one line in the normal size.  Replaces a former banner.
 * Shown at once.  Without a screen this does nothing.
 */
void fbcon_banner(enum fbcon_verdict verdict, const char *text);

/*
 * The banner makes room: what its large letters say stands in the title bar, behind `label`
 * and on the same colour, until the next banner or header.  Nothing without a banner.
 */
void fbcon_fold_banner(const char *label);

/*
 * From now on the console keeps to this part of the screen (pixels of the picture as one
 * looks at it) and lays its text out anew, or draws nothing if that is too small for text.
 * The letters keep their size.  fbcon_take_back() gives it all of the screen again, and so
 * do a banner and a panic.  Without a screen both do nothing.
 */
void fbcon_keep_to(int x, int y, int width, int height);
void fbcon_take_back(void);

/*
 * The screen as a PNG file in buf, at most size bytes: each pixel if that fits, else each
 * second, third or fourth one of each such row.  At most 256 colours, the rest by the most
 * similar ones.  The length; 0: no screen, or too small a buffer.  Once, at the end of a run.
 */
size_t fbcon_picture(void *buf, size_t size);

/* Draw everything that was put off. */
void fbcon_flush(void);

/*
 * The last lines of the log on a screen that has no console yet; for a kernel that stops
 * early.  Any context, once; does nothing when the console is there.
 */
void early_screen_show_log(void);

/*
 * How what programs write is shown (they are told of as a Linux console's: cursor movement,
 * erasing, colours).  exact: the program that reads knows each row and column; else long lines
 * are broken between words.  cursor: it is seen where the next character goes.
 */
void fbcon_terminal(bool exact, bool cursor);

/* For a line of text elsewhere: columns and rows of the text part; 0 without a screen. */
int fbcon_columns(void);
int fbcon_rows(void);

#endif
