/* SPDX-License-Identifier: MIT */
/*
 * Where everything stands, from top to bottom: title, legend, map, ribbons, walk, kmap slots,
 * faults.  What has no room on a small screen is left out; the map gets what is left.
 */
#include "picture.h"

#define MARGIN		scaled(8)
#define TITLE_H		(FONT_H + scaled(6))
#define LINE_H		(FONT_H + scaled(2))
#define LEGEND_COLS	24		/* with figures */
#define LEGEND_BRIEF	13		/* without */
#define WIDE		112		/* columns: room for longer names and figures */
#define MAP_MIN		(6 * FONT_H)
#define KMAP_MIN	scaled(16)
#define GAP		(MARGIN / 2)

static struct {
	int left, width;
	int legend_y, legend_cols, legend_h;
	bool legend_brief;
	int tasks_y, tasks;		/* each y: 0, there is no room for it */
	int walk_y, kmap_y, kmap_h;
	int faults_y, faults;
} at;

static bool wide(void)
{
	return canvas.width / FONT_W >= WIDE;
}

static int rows(void)
{
	return canvas.height / FONT_H;
}

static int rows_for(int small, int medium, int large)
{
	return rows() >= 56 ? large : rows() >= 44 ? medium : small;
}

static int legend_height(int columns)
{
	at.legend_cols = max(at.width / (columns * FONT_W), 1);
	return (STATES + at.legend_cols - 1) / at.legend_cols * LINE_H;
}

/* On a small screen without figures, rather than instead of the map. */
static void place_legend(int y)
{
	at.legend_y = y;
	at.legend_h = legend_height(LEGEND_COLS);
	at.legend_brief = at.legend_h > canvas.height / 3;
	if (at.legend_brief)
		at.legend_h = legend_height(LEGEND_BRIEF);
}

/* The height of a part with its heading, if there is so much left; else 0. */
static int part(int height, int *left)
{
	height += LINE_H + GAP;
	if (height > *left)
		return 0;
	*left -= height;
	return height;
}

/* Above `y`, which moves up: where the part begins; 0: it is none. */
static int place(int *y, int height)
{
	*y -= height;
	return height ? *y : 0;
}

/* Upwards from the bottom, first come those that say the most; the upper end of them. */
static int place_lower_parts(int y, int left)
{
	int square = scaled(4), per_row = at.width / square, ribbons, ticker, boxes, slots = 0;

	at.tasks = rows_for(3, 7, 10);
	at.faults = rows_for(2, 4, 6);
	at.kmap_h = max(((int)kmap.slots + per_row - 1) / per_row * square, KMAP_MIN);
	ribbons = part(at.tasks * LINE_H, &left);
	ticker = part(at.faults * FONT_H - GAP, &left);
	boxes = part(walk_height(at.width), &left);
	if (kmap.slots)
		slots = part(at.kmap_h, &left);
	at.faults_y = place(&y, ticker);
	at.kmap_y = place(&y, slots);
	at.walk_y = place(&y, boxes);
	at.tasks_y = place(&y, ribbons);
	return y;
}

void layout_init(void)
{
	int y = TITLE_H + GAP, end = canvas.height - GAP;

	at.left = MARGIN;
	at.width = canvas.width - 2 * MARGIN;
	place_legend(y);
	y += at.legend_h + 2;
	end = place_lower_parts(end, end - y - GAP - max(canvas.height / 4, MAP_MIN));
	cells_place(at.left, y, at.width, end - y - GAP);
}

/* ---- the parts --------------------------------------------------------------------- */

static void heading(int y, const char *s, const char *more)
{
	int n;

	fill(at.left, y, at.width, LINE_H, COLOR_BACK);
	n = text(at.left, y, at.width / FONT_W, COLOR_BRIGHT, true, s);
	text(at.left + (n + 2) * FONT_W, y, at.width / FONT_W - n - 2, COLOR_DIM, false, more);
}

#define BRIEFEST	4

/* The figures, in fewer words where there is less room, so that each is there with its unit. */
static void title_figures(char *to, size_t size, unsigned brief)
{
	u64 kib = (memory.frames - memory.count[PAGEWALK_FRAME_ABSENT]) * (PAGE_SIZE / 1024);
	size_t n = (size_t)snprintf(to, size, "%llu MiB", (unsigned long long)kib >> 10);

	if (brief < 3)
		n += (size_t)snprintf(to + n, size - n, ", %u levels", sizeof(long) == 8 ? 4 : 2);
	if (brief < BRIEFEST)
		n += (size_t)snprintf(to + n, size - n, ", %s %llu KiB", brief ? "square" :
				      "a square is",
				      (unsigned long long)cells.block * (PAGE_SIZE / 1024));
	if (brief < 2)
		snprintf(to + n, size - n, ", up %llu.%llu s",
			 (unsigned long long)(memory.ns / 1000000000),
			 (unsigned long long)(memory.ns / 100000000 % 10));
}

static void draw_title(void)
{
	static const char way_out[] = "Ctrl-C ends it";
	const int way_out_len = (int)sizeof(way_out) - 1;
	bool good = memory_adds_up();
	int cols = at.width / FONT_W, n;
	unsigned brief = 0;
	char line[96];

	fill(0, 0, canvas.width, TITLE_H, good ? COLOR_TITLE : COLOR_BAD);
	n = text(at.left, scaled(3), cols, COLOR_BRIGHT, true, good ? "Memory now" :
		 "Memory now: THE COUNTS DIFFER");
	if (ends_by_key() && cols >= n + 2 + way_out_len) {
		cols -= way_out_len;
		text(at.left + cols * FONT_W, scaled(3), way_out_len, COLOR_BRIGHT, false, way_out);
		cols -= 2;
	}
	do
		title_figures(line, sizeof(line), brief);
	while ((int)strlen(line) > cols - n - 2 && brief++ < BRIEFEST);
	text(at.left + (n + 2) * FONT_W, scaled(3), cols - n - 2, COLOR_TEXT, false, line);
}

static void draw_legend(void)
{
	int cell = at.width / at.legend_cols, box = FONT_H - 4, x, y, s;

	fill(at.left, at.legend_y, at.width, at.legend_h, COLOR_BACK);
	for (s = 0; s < STATES; s++) {
		x = at.left + s % at.legend_cols * cell;
		y = at.legend_y + s / at.legend_cols * LINE_H;
		frame_rect(x, y + 2, box, box, COLOR_READ);
		fill(x + 1, y + 3, box - 2, box - 2, STATE_COLOR(s, 0));
		x += box + 6;
		text(x, y, 10, COLOR_TEXT, false, state_names[s]);
		if (!at.legend_brief)
			textf(x + 11 * FONT_W, y, (cell - box - 6) / FONT_W - 11, COLOR_BRIGHT,
			      false, "%8llu", (unsigned long long)state_count[s]);
	}
}

static void draw_labels(void)
{
	const struct segment *s;
	char line[96];
	unsigned i;

	for (i = 0; i < cells.segments; i++) {
		s = &cells.segment[i];
		snprintf(line, sizeof(line), "%llu-%llu MiB  %llu MiB free",
			 (unsigned long long)s->start >> 8, (unsigned long long)s->end >> 8,
			 (unsigned long long)memory.zone[s->zone].free >> 8);
		heading(s->y - LINE_H - 1, zone_names[s->zone], line);
	}
}

static void draw_task(struct task *t, int y)
{
	int name = wide() ? 20 : 13, figures = wide() ? 22 : 6;
	int x = at.left + (name + 1) * FONT_W;
	int w = at.width - (name + figures + 2) * FONT_W;

	textf(at.left, y, name, COLOR_TEXT, false, "%d %s", t->pid, t->name);
	task_draw(t, x, y + 1, w, FONT_H - 1);
	x += w + FONT_W;
	if (wide())
		textf(x, y, figures, COLOR_DIM, false, "%7llu in, %llu out",
		      (unsigned long long)t->resident, (unsigned long long)t->swapped);
	else
		textf(x, y, figures, COLOR_DIM, false, "%6llu", (unsigned long long)t->resident);
}

static void draw_tasks(void)
{
	unsigned shown = min(nr_tasks, (unsigned)at.tasks), i;
	int line = 0;
	char more[64] = "regions side by side: in memory, swapped out, empty";
	int y = at.tasks_y;

	tasks_choose(y ? shown : 0);
	if (!y)
		return;
	if (nr_tasks + more_tasks > shown)
		snprintf(more, sizeof(more), "%u of %u", shown, nr_tasks + more_tasks);
	heading(y, "Address spaces", more);
	fill(at.left, y + LINE_H, at.width, at.tasks * LINE_H, COLOR_BACK);
	for (i = 0; i < nr_tasks; i++)
		if (tasks[i].drawn)
			draw_task(&tasks[i], y + LINE_H + line++ * LINE_H);
}

static void draw_walk(void)
{
	const struct task *t = find_task(shown_walk.pid);
	char line[80];

	if (!at.walk_y)
		return;
	snprintf(line, sizeof(line), "%#llx of %d %s", (unsigned long long)shown_walk.address,
		 shown_walk.pid, t ? t->name : "");
	heading(at.walk_y, "Page walk", line);
	walk_draw(at.left, at.walk_y + LINE_H, at.width, walk_height(at.width));
}

static void draw_kmap(void)
{
	char line[64];

	if (!at.kmap_y)
		return;
	snprintf(line, sizeof(line), "%u of %u map a frame of high memory", kmap.used, kmap.slots);
	heading(at.kmap_y, "kmap slots", line);
	kmap_draw(at.left, at.kmap_y + LINE_H, at.width, at.kmap_h);
}

/* The newest at the bottom. */
static void draw_faults(void)
{
	int cols = at.width / FONT_W, i, y;
	const struct fault *f;
	char line[64];

	if (!at.faults_y)
		return;
	snprintf(line, sizeof(line), "%llu since the picture began",
		 (unsigned long long)faults_seen);
	heading(at.faults_y, "Page faults", faults_recorded ? line :
		"are not recorded: boot with trace=on");
	fill(at.left, at.faults_y + LINE_H, at.width, at.faults * FONT_H, COLOR_BACK);
	for (i = 0; i < at.faults; i++) {
		f = fault_back((unsigned)i);
		y = at.faults_y + LINE_H + (at.faults - 1 - i) * FONT_H;
		if (f)
			text(at.left, y, cols, f->bad ? COLOR_BAD : i ? COLOR_DIM : COLOR_TEXT,
			     false, f->text);
	}
}

static void draw_parts(bool all)
{
	draw_title();
	draw_legend();
	draw_labels();
	cells_draw(all);
	draw_tasks();
	draw_walk();
	draw_kmap();
	draw_faults();
}

void draw_all(void)
{
	fill(0, 0, canvas.width, canvas.height, COLOR_BACK);
	draw_parts(true);
}

void draw_changes(void)
{
	draw_parts(false);
}
