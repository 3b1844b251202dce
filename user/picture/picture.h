/* SPDX-License-Identifier: MIT */
/*
 * /bin/picture: what memory looks like now.  How the parts hang together:
 *
 *	main.c		options, and when what is drawn
 *	memory.c	a snapshot of all frames, what has changed since the last one
 *	cells.c		which cells show them, and what each cell shows
 *	tasks.c		address spaces as ribbons
 *	walk.c		one page walk
 *	kmap.c		the kernel's slots for high memory
 *	faults.c	the explained faults of the trace ring
 *	layout.c	where everything stands
 *	canvas.c	pixels and letters, in ordinary memory
 *	screen.c	the canvas on /dev/fb0		png.c	in a file
 *	text.c		the same figures as text
 */
#ifndef USER_PICTURE_H
#define USER_PICTURE_H

#include <kernel/font.h>
#include <uapi/pagewalk_fb.h>
#include "../lib/lib.h"
#include "../lib/pagewalk.h"

#define min(a, b)	({ __typeof__(a) a_ = (a); __typeof__(b) b_ = (b); a_ < b_ ? a_ : b_; })
#define max(a, b)	({ __typeof__(a) a_ = (a); __typeof__(b) b_ = (b); a_ > b_ ? a_ : b_; })

/* ---- colours ----------------------------------------------------------------------- */

/* What a frame is, in the order of the legend. */
enum state {
	STATE_FREE, STATE_RESERVED, STATE_KERNEL, STATE_SLAB, STATE_TABLE, STATE_VMALLOC,
	STATE_ANON, STATE_FILE, STATE_ZERO, STATE_SWAPCACHE, STATE_LOCKED, STATE_ABSENT,
	STATES
};

/* A state has HEATS colours next to each other, from its own to the brightest. */
#define HEATS		4
#define STATE_COLOR(state, heat)	((u8)((state) * HEATS + (heat)))

enum {
	COLOR_BACK = STATES * HEATS, COLOR_PANEL, COLOR_TITLE, COLOR_RULE, COLOR_DIM, COLOR_TEXT,
	COLOR_BRIGHT, COLOR_EMPTY, COLOR_SWAPPED, COLOR_LIT, COLOR_BAD, COLOR_EXEC, COLOR_WRITE,
	COLOR_READ, COLORS
};

extern u32 palette[COLORS];		/* 0xRRGGBB */
extern const char *const state_names[STATES];

/* ---- canvas.c ---------------------------------------------------------------------- */

struct canvas {
	u8 *pixels;			/* a colour each, rows without gaps */
	int width, height;
	const struct font *font;
};
extern struct canvas canvas;

#define FONT_W	((int)canvas.font->width)
#define FONT_H	((int)canvas.font->height)

/* What is so many pixels high or wide beside the smallest letters, beside ours. */
static inline int scaled(int pixels)
{
	return pixels * FONT_H / 16;
}

/* And choose the letters for that size: the largest with which everything has its place. */
void canvas_init(int width, int height);
void fill(int x, int y, int w, int h, u8 color);
void frame_rect(int x, int y, int w, int h, u8 color);

/* At most `cols` characters; what is longer ends in "...".  Returns the columns used. */
int text(int x, int y, int cols, u8 color, bool bold, const char *s);
int textf(int x, int y, int cols, u8 color, bool bold, const char *fmt, ...) __printf(6, 7);

/* ---- memory.c ---------------------------------------------------------------------- */

/* The last snapshot: its header, a byte for each frame, and frames of each state. */
extern struct pagewalk_framemap memory;
extern const u8 *frames;
extern u64 state_count[STATES];
extern const char *const zone_names[4];

void memory_init(void);			/* ends the program if that is not possible */
void memory_look(void);

enum state state_of(u8 byte);
u8 frame_byte(u64 pfn);			/* of the snapshot */
bool same_bytes(u64 word);		/* all eight are equal */
bool frames_changed(u64 first, u64 n);	/* since the snapshot before this one */

/* The frames of each type are as many as the allocator has counted. */
bool memory_adds_up(void);

/* ---- cells.c ----------------------------------------------------------------------- */

#define SEGMENTS_MAX	12

/* Frames that are drawn together: of one zone, without large holes. */
struct segment {
	u64 start, end;
	unsigned zone;
	int y;				/* of its first row, below its label */
};

/* All cells are squares of `size` pixels, the last one a gap, and show `block` frames. */
struct cells {
	int x, y, width, height;	/* the place of the map */
	int size, per_row;
	u64 block;
	unsigned segments;
	struct segment segment[SEGMENTS_MAX];
	u64 count[STATES];		/* cells of each state */
	u64 total;
};
extern struct cells cells;

/* Decide how memory fits into that place of the canvas. */
void cells_place(int x, int y, int width, int height);

/* Draw them; all, or what has changed or cools down. */
void cells_draw(bool all);

/* ---- tasks.c ----------------------------------------------------------------------- */

#define TASKS_MAX	48
#define REGIONS_MAX	96

struct region {
	u64 start, end;
	u8 color;			/* by its rights */
	bool stack;
};

struct task {
	int pid;
	char name[16];
	unsigned regions;		/* of them at most REGIONS_MAX are in region[] */
	u64 pages, resident, swapped;
	u64 stack;			/* an address in it; 0: none */
	bool ran;			/* lately */
	bool drawn;			/* it has a ribbon (tasks_choose) */
	struct region region[REGIONS_MAX];
};
extern struct task tasks[TASKS_MAX];
extern unsigned nr_tasks, more_tasks;	/* that have an address space; without room here */

void tasks_look(void);

/* Which of them have ribbons, n at most: who ran lately, then the newest, this program last. */
void tasks_choose(unsigned n);
const struct task *find_task(int pid);

/* A ribbon at that place. */
void task_draw(struct task *t, int x, int y, int w, int h);

/* ---- walk.c ------------------------------------------------------------------------ */

struct walk_shown {
	bool valid;
	int pid;
	u64 address;
	struct pagewalk_walk walk;	/* address: of the page */
};
extern struct walk_shown shown_walk;

/* pid and address that the user wants; 0: the last fault, or somebody's stack. */
void walk_look(int pid, u64 address);
int walk_height(int w);			/* that the boxes need on that width */
void walk_draw(int x, int y, int w, int h);
const char *level_name(unsigned levels, unsigned level);
void entry_flags(char to[8], u64 entry);	/* "PWUADG", '-' for what is not set */

/* ---- kmap.c ------------------------------------------------------------------------ */

struct kmap {
	u64 start;
	unsigned slots, used;
	u8 state[1024];			/* enum state of the frame behind it; STATES: empty */
};
extern struct kmap kmap;

void kmap_init(void);
void kmap_look(void);
void kmap_draw(int x, int y, int w, int h);

/* ---- faults.c ---------------------------------------------------------------------- */

#define FAULTS_MAX	16

struct fault {
	int pid;
	u64 address;
	bool bad;			/* was not served */
	char text[240];
};

extern bool faults_recorded;		/* trace=on */
extern u64 faults_seen;			/* since this program was started */

void faults_init(void);
void faults_look(void);
const struct fault *fault_back(unsigned n);	/* the n-th last one, or NULL */

/* ---- layout.c ---------------------------------------------------------------------- */

void layout_init(void);
void draw_all(void);			/* everything anew */
void draw_changes(void);

#define LEAST_W	320		/* a canvas on which the map and its legend have room */
#define LEAST_H	240

/* ---- output ------------------------------------------------------------------------ */

/* screen.c: borrow a part of the screen; its size, or the program ends with a message. */
void screen_open(enum pagewalk_fb_part part, unsigned percent, int *width, int *height);
/* Ordinary memory instead: what showing costs can be measured on a machine without a screen. */
void screen_pretend(int width, int height);
void screen_show(void);			/* what differs from what it shows */

void png_write(const char *path);	/* png.c: ends the program if it cannot be written */
void text_write(void);			/* text.c: to standard output */
void memory_save(const char *path);	/* memory.c: the snapshot as it was read */

/* main.c: the whole screen is ours, and Ctrl-C at the terminal ends this program. */
bool ends_by_key(void);

__noreturn void die(const char *fmt, ...) __printf(1, 2);

#endif
