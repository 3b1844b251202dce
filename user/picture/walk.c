/* SPDX-License-Identifier: MIT */
/*
 * One page walk, from CR3 to the byte: a box for each table that the processor reads, lit if
 * its entry is there (/proc/pagewalk/walk).
 */
#include "../lib/entry.h"
#include "picture.h"

#define BOXES_MAX	(PAGEWALK_LEVELS_MAX + 2)

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

struct box {
	char title[24], value[24], flags[24];
	u8 color;
};

static void first_box(struct box *b, const struct pagewalk_walk *w)
{
	snprintf(b->title, sizeof(b->title), "CR3");
	snprintf(b->value, sizeof(b->value), "%llx", (unsigned long long)w->cr3);
	snprintf(b->flags, sizeof(b->flags), "pid %d", w->pid);
	b->color = COLOR_LIT;
}

static void level_box(struct box *b, const struct pagewalk_walk *w, unsigned level)
{
	u64 entry = w->entry[level];

	snprintf(b->title, sizeof(b->title), "%s %u", level_name(w->levels, level),
		 index_of(w->levels, level, shown_walk.address));
	b->value[0] = b->flags[0] = '\0';
	b->color = COLOR_EMPTY;
	if (level >= w->depth)
		return;
	if (entry & ENTRY_P) {
		snprintf(b->value, sizeof(b->value), "-> %llx",
			 (unsigned long long)entry_frame(entry));
		entry_flags(b->flags, entry);
	} else {
		snprintf(b->value, sizeof(b->value), entry ? "%llx" : "nothing",
			 (unsigned long long)entry);
		snprintf(b->flags, sizeof(b->flags), "%s", !entry ? "absent" :
			 entry_protnone(entry) ? "PROT_NONE" : "swapped");
	}
	b->color = entry & ENTRY_P ? COLOR_LIT : COLOR_BAD;
}

static void last_box(struct box *b, const struct pagewalk_walk *w)
{
	u64 byte = w->phys + (shown_walk.address & (PAGE_SIZE - 1));
	bool present = w->flags & PAGEWALK_PRESENT;

	snprintf(b->title, sizeof(b->title), "byte");
	b->value[0] = b->flags[0] = '\0';
	b->color = present ? STATE_COLOR(state_of(frame_byte(byte / PAGE_SIZE)), 0) : COLOR_EMPTY;
	if (!present)
		return;
	snprintf(b->value, sizeof(b->value), "%llx", (unsigned long long)byte);
	snprintf(b->flags, sizeof(b->flags), "%s",
		 state_names[state_of(frame_byte(byte / PAGE_SIZE))]);
}

static void draw_box(const struct box *b, int x, int y, int w, int h)
{
	int cols = (w - 8) / FONT_W;
	bool lit = b->color != COLOR_EMPTY;

	fill(x, y, w, h, COLOR_PANEL);
	frame_rect(x, y, w, h, b->color);
	fill(x, y, w, 3, b->color);
	text(x + 4, y + 4, cols, lit ? COLOR_BRIGHT : COLOR_DIM, true, b->title);
	text(x + 4, y + 4 + FONT_H, cols, COLOR_TEXT, false, b->value);
	text(x + 4, y + 4 + 2 * FONT_H, cols, COLOR_DIM, false, b->flags);
}

void walk_draw(int x, int y, int w, int h)
{
	const struct pagewalk_walk *walk = &shown_walk.walk;
	struct box box[BOXES_MAX];
	unsigned n = 0, i;
	int step;

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
		draw_box(&box[i], x + (int)i * step, y, step - 6, h);
}
