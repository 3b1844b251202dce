/* SPDX-License-Identifier: MIT */
/*
 * One page walk, from CR3 to the byte: a box for each table that the processor reads, lit if
 * its entry is there (/proc/pagewalk/walk).
 */
#include "../lib/entry.h"
#include "picture.h"

#define BOXES_MAX	(PAGEWALK_LEVELS_MAX + 2)
#define BOXES		(sizeof(long) == 8 ? 6 : 4)
#define NARROW		10		/* columns: less is no room for "-> 1f7ab" and its like */

struct walk_shown shown_walk;

/* ---- what is walked ---------------------------------------------------------------- */

/* The last fault, the stack of the newest program that is not this one, or our own. */
static void choose(int *pid, u64 *address)
{
	const struct fault *f = fault_back(0);
	const struct task *t = NULL;
	unsigned i;

	if (!*pid && f && find_task(f->pid)) {
		*pid = f->pid;
		*address = *address ? *address : f->address;
	}
	for (i = 0; !*pid && i < nr_tasks; i++)
		if (tasks[i].pid != sys_getpid())
			t = &tasks[i];
	if (!*pid)
		*pid = t ? t->pid : (int)sys_getpid();
	t = find_task(*pid);
	if (!*address && t)
		*address = t->stack;
}

void walk_look(int pid, u64 address)
{
	struct walk_shown *s = &shown_walk;

	*s = (struct walk_shown){ false };
	choose(&pid, &address);
	s->pid = pid;
	s->address = address;
	s->valid = pw_walk_pid(pid, (void *)(ulong)address, &s->walk);
}

/* ---- decoding ---------------------------------------------------------------------- */

const char *level_name(unsigned levels, unsigned level)
{
	static const char *const four[] = { "PML4", "PDPT", "PD", "PT" };
	static const char *const two[] = { "PD", "PT" };

	return levels == 4 ? four[level & 3] : two[level & 1];
}

void entry_flags(char to[8], u64 entry)
{
	static const struct {
		char name;
		u8 bit;
	} bits[] = { { 'P', 0 }, { 'W', 1 }, { 'U', 2 }, { 'A', 5 }, { 'D', 6 }, { 'G', 8 } };
	unsigned i;

	for (i = 0; i < ARRAY_SIZE(bits); i++)
		to[i] = entry >> bits[i].bit & 1 ? bits[i].name : '-';
	to[i] = '\0';
}

/* ---- boxes ------------------------------------------------------------------------- */

/*
 * Narrow ones have a line more, for the index of the entry, and frame numbers where wide ones
 * have whole addresses.
 */
struct box {
	char title[24], index[8], value[24], flags[24];
	u8 color;
};

static bool narrow;

static const char *const short_names[STATES] = {
	[STATE_FREE] = "free", [STATE_RESERVED] = "reservd", [STATE_KERNEL] = "kernel",
	[STATE_SLAB] = "slab", [STATE_TABLE] = "table", [STATE_VMALLOC] = "vmalloc",
	[STATE_ANON] = "anon", [STATE_FILE] = "file", [STATE_ZERO] = "zero",
	[STATE_SWAPCACHE] = "swap", [STATE_LOCKED] = "locked", [STATE_ABSENT] = "no RAM",
};

static void first_box(struct box *b, const struct pagewalk_walk *w)
{
	snprintf(b->title, sizeof(b->title), "CR3");
	snprintf(b->index, sizeof(b->index), narrow ? "frame" : "");
	snprintf(b->value, sizeof(b->value), "%llx",
		 (unsigned long long)(narrow ? w->cr3 / PAGE_SIZE : w->cr3));
	snprintf(b->flags, sizeof(b->flags), "pid %d", w->pid);
	b->color = COLOR_LIT;
}

static void level_box(struct box *b, const struct pagewalk_walk *w, unsigned level)
{
	u64 entry = w->entry[level];

	snprintf(b->title, sizeof(b->title), "%s", level_name(w->levels, level));
	snprintf(b->index, sizeof(b->index), "%u", index_of(w->levels, level, shown_walk.address));
	b->value[0] = b->flags[0] = '\0';
	b->color = COLOR_EMPTY;
	if (level >= w->depth)
		return;
	if (entry & ENTRY_P) {
		snprintf(b->value, sizeof(b->value), "%s%llx", narrow ? "" : "-> ",
			 (unsigned long long)entry_frame(entry));
		entry_flags(b->flags, entry);
	} else {
		snprintf(b->value, sizeof(b->value), entry ? "%llx" : "nothing",
			 (unsigned long long)entry);
		snprintf(b->flags, sizeof(b->flags), "%s", !entry ? "absent" :
			 !entry_protnone(entry) ? "swapped" : narrow ? "no prot" : "PROT_NONE");
	}
	b->color = entry & ENTRY_P ? COLOR_LIT : COLOR_BAD;
}

static void last_box(struct box *b, const struct pagewalk_walk *w)
{
	u64 byte = w->phys + (shown_walk.address & (PAGE_SIZE - 1));
	bool present = w->flags & PAGEWALK_PRESENT;

	snprintf(b->title, sizeof(b->title), "byte");
	b->index[0] = b->value[0] = b->flags[0] = '\0';
	b->color = present ? STATE_COLOR(state_of(frame_byte(byte / PAGE_SIZE)), 0) : COLOR_EMPTY;
	if (!present)
		return;
	if (narrow)
		snprintf(b->index, sizeof(b->index), "+%llx",
			 (unsigned long long)(byte & (PAGE_SIZE - 1)));
	snprintf(b->value, sizeof(b->value), "%llx",
		 (unsigned long long)(narrow ? byte / PAGE_SIZE : byte));
	snprintf(b->flags, sizeof(b->flags), "%s",
		 (narrow ? short_names : state_names)[state_of(frame_byte(byte / PAGE_SIZE))]);
}

static void draw_box(const struct box *b, int x, int y, int w, int h)
{
	const int edge = scaled(narrow ? 2 : 4);
	int cols = (w - 2 * edge) / FONT_W, n;
	bool lit = b->color != COLOR_EMPTY;

	fill(x, y, w, h, COLOR_PANEL);
	frame_rect(x, y, w, h, b->color);
	fill(x, y, w, scaled(3), b->color);
	x += edge;
	y += scaled(4);
	n = text(x, y, cols, lit ? COLOR_BRIGHT : COLOR_DIM, true, b->title) + 1;
	if (narrow)
		text(x, y += FONT_H, cols, COLOR_TEXT, true, b->index);
	else
		text(x + n * FONT_W, y, cols - n, lit ? COLOR_BRIGHT : COLOR_DIM, true, b->index);
	text(x, y += FONT_H, cols, COLOR_TEXT, false, b->value);
	text(x, y += FONT_H, cols, COLOR_DIM, false, b->flags);
}

static bool is_narrow(int w)
{
	return (w / BOXES - scaled(6 + 8)) / FONT_W < NARROW;
}

int walk_height(int w)
{
	return (is_narrow(w) ? 4 : 3) * FONT_H + scaled(8);
}

void walk_draw(int x, int y, int w, int h)
{
	const struct pagewalk_walk *walk = &shown_walk.walk;
	struct box box[BOXES_MAX];
	unsigned n = 0, i;
	int step;

	narrow = is_narrow(w);
	fill(x, y, w, h, COLOR_BACK);
	if (!shown_walk.valid) {
		textf(x, y, w / FONT_W, COLOR_DIM, false, "process %d has ended", shown_walk.pid);
		return;
	}
	first_box(&box[n++], walk);
	for (i = 0; i < walk->levels && i < PAGEWALK_LEVELS_MAX; i++)
		level_box(&box[n++], walk, i);
	last_box(&box[n++], walk);
	step = w / (int)n;
	for (i = 0; i < n; i++)
		draw_box(&box[i], x + (int)i * step, y, step - scaled(narrow ? 2 : 6), h);
}
