/* SPDX-License-Identifier: MIT */
/*
 * The map: which cells show which frames, and in which colour.
 *
 * Frames stand in the order of their numbers, in segments: a zone without its large holes.
 * A cell shows a block of frames, as few as possible so that everything fits.  Its colour is
 * what most of its frames are (of two that are equally many, the one that is first in the
 * legend); where there is no RAM counts only if nothing else is there.  It is bright when one
 * of its frames has changed, and cools down with each look.
 */
#include "picture.h"

#define HOLE		4096ull		/* frames: as many without RAM are not drawn */
#define SQUARE_MAX	scaled(16)
#define SQUARE_MIN	scaled(4)
#define LABEL_H		(FONT_H + scaled(4))

struct cells cells;
static u8 *heat;			/* of each cell, 0 ... HEATS - 1 */
static u8 *shown;			/* enum state of each cell */

/* ---- where ------------------------------------------------------------------------- */

static void add_segment(u64 start, u64 end, unsigned zone)
{
	struct segment *last = cells.segments ? &cells.segment[cells.segments - 1] : NULL;

	if (last && cells.segments == SEGMENTS_MAX) {
		last->end = end;		/* rather a hole than something missing */
		return;
	}
	cells.segment[cells.segments++] = (struct segment){ start, end, zone, 0 };
}

/* From `pfn` on: frames up to `end` that have no RAM. */
static u64 hole_length(u64 pfn, u64 end)
{
	u64 n = 0;

	while (pfn + n < end && PAGEWALK_MAP_TYPE(frames[pfn + n]) == PAGEWALK_FRAME_ABSENT)
		n++;
	return n;
}

static void find_segments(unsigned zone, u64 start, u64 end)
{
	u64 pfn, hole, begin = start;

	end = min(end, memory.frames);
	for (pfn = start; pfn < end; pfn += hole ? hole : 1) {
		hole = hole_length(pfn, end);
		if (hole < HOLE && pfn + hole < end)
			continue;
		if (pfn > begin)
			add_segment(begin, pfn, zone);
		begin = pfn + hole;
	}
	if (begin < end)
		add_segment(begin, end, zone);
}

static u64 cells_of(const struct segment *s, u64 block)
{
	return (s->end - s->start + block - 1) / block;
}

/* The height of everything with cells of this size. */
static u64 height_with(u64 block, int size, int width)
{
	u64 per_row = (u64)(width / size), h = 0;
	unsigned i;

	for (i = 0; i < cells.segments; i++)
		h += LABEL_H + (cells_of(&cells.segment[i], block) + per_row - 1) / per_row *
		     (u64)size;
	return h;
}

static void choose_size(int width, int height)
{
	int size;
	u64 block;

	for (block = 1; ; block *= 2)
		for (size = SQUARE_MAX; size >= SQUARE_MIN; size--)
			if (height_with(block, size, width) <= (u64)height ||
			    block > memory.frames) {
				cells.block = block;
				cells.size = size;
				cells.per_row = width / size;
				return;
			}
}

/* Rows of n cells. */
static int rows_of(u64 n)
{
	return (int)((n + (u64)cells.per_row - 1) / (u64)cells.per_row);
}

void cells_place(int x, int y, int width, int height)
{
	unsigned i;
	u64 n;

	cells = (struct cells){ .x = x, .y = y, .width = width, .height = height };
	for (i = 0; i < ARRAY_SIZE(memory.zone); i++)
		find_segments(i, memory.zone[i].start, memory.zone[i].end);
	choose_size(width, height);
	for (i = 0; i < cells.segments; i++) {
		cells.segment[i].y = y + LABEL_H;
		n = cells_of(&cells.segment[i], cells.block);
		y += LABEL_H + rows_of(n) * cells.size;
		cells.total += n;
	}
	heat = map_anon(cells.total + 1);
	shown = map_anon(cells.total + 1);
	cells.count[STATE_FREE] = cells.total;	/* as `shown` says */
}

/* ---- what -------------------------------------------------------------------------- */

/* All frames of a block are the same: true of most blocks, and quickly seen. */
static bool uniform(const u8 *bytes, u64 n)
{
	u64 first, word, i;

	if (n % 8)
		return false;
	__builtin_memcpy(&first, bytes, 8);
	if (!same_bytes(first))
		return false;
	for (i = 8; i < n; i += 8) {
		__builtin_memcpy(&word, bytes + i, 8);
		if (word != first)
			return false;
	}
	return true;
}

/* The state that a block shows. */
static enum state most(u64 first, u64 n)
{
	u32 seen[STATES] = { 0 };
	enum state s, best = STATE_FREE;
	u64 i;

	if (n == 1 || uniform(frames + first, n))
		return state_of(frames[first]);
	for (i = 0; i < n; i++)
		seen[state_of(frames[first + i])]++;
	for (s = STATE_FREE + 1; s < STATE_ABSENT; s++)
		if (seen[s] > seen[best])
			best = s;
	return seen[best] ? best : STATE_ABSENT;
}

static void paint(const struct segment *s, u64 cell, u8 color)
{
	int column = (int)(cell % (u64)cells.per_row), row = (int)(cell / (u64)cells.per_row);
	int y = s->y + row * cells.size, n, k;
	u8 *to = canvas.pixels + (size_t)y * canvas.width + cells.x + column * cells.size;

	if (y + cells.size > canvas.height)
		return;
	for (n = cells.size - 1; n > 0; n--, to += canvas.width)
		for (k = 0; k < cells.size - 1; k++)
			to[k] = color;
}

/* `hot` and `was` are those of the segment's cells. */
static void draw_segment(const struct segment *s, u8 *hot, u8 *was, bool all)
{
	u64 cell, first, n, total = cells_of(s, cells.block);
	bool changed;

	for (cell = 0; cell < total; cell++) {
		first = s->start + cell * cells.block;
		n = min(cells.block, s->end - first);
		changed = frames_changed(first, n);
		if (!changed && !hot[cell] && !all)
			continue;
		if (changed || all) {
			cells.count[was[cell]]--;
			was[cell] = (u8)most(first, n);
			cells.count[was[cell]]++;
		}
		hot[cell] = changed ? HEATS - 1 : hot[cell] ? (u8)(hot[cell] - 1) : 0;
		paint(s, cell, STATE_COLOR(was[cell], hot[cell]));
	}
}

void cells_draw(bool all)
{
	u64 done = 0;
	unsigned i;

	for (i = 0; i < cells.segments; i++) {
		draw_segment(&cells.segment[i], heat + done, shown + done, all);
		done += cells_of(&cells.segment[i], cells.block);
	}
}
