/* SPDX-License-Identifier: MIT */
/*
 * The picture in words, for a serial line.  The counters are those of the snapshot, so each
 * sum of frames above them is equal to them.
 */
#include "../lib/entry.h"
#include "picture.h"

static void write_states(void)
{
	u64 all = 0, all_cells = 0;
	unsigned s;

	printf("%-12s %10s %10s %10s  %s\n", "colour", "frames", "KiB", "squares", "RGB");
	for (s = 0; s < STATES; s++) {
		all += state_count[s];
		all_cells += cells.count[s];
		printf("%-12s %10llu %10llu %10llu  %06x\n", state_names[s],
		       (unsigned long long)state_count[s],
		       (unsigned long long)state_count[s] * (PAGE_SIZE / 1024),
		       (unsigned long long)cells.count[s], palette[STATE_COLOR(s, 0)]);
	}
	printf("%-12s %10llu %10llu %10llu\n", "all", (unsigned long long)all,
	       (unsigned long long)all * (PAGE_SIZE / 1024), (unsigned long long)all_cells);
}

static void write_counters(void)
{
	static const char *const names[PAGEWALK_FRAME_TYPES] = {
		[PAGEWALK_FRAME_KERNEL] = "kernel", [PAGEWALK_FRAME_SLAB] = "slab",
		[PAGEWALK_FRAME_TABLE] = "table", [PAGEWALK_FRAME_VMALLOC] = "vmalloc",
		[PAGEWALK_FRAME_ANON] = "anon", [PAGEWALK_FRAME_FILE] = "file",
		[PAGEWALK_FRAME_RESERVED] = "reserved", [PAGEWALK_FRAME_FREE] = "free",
		[PAGEWALK_FRAME_ABSENT] = "absent",
	};
	char line[320];
	size_t n = 0;
	unsigned i;

	for (i = 0; i < PAGEWALK_FRAME_TYPES; i++)
		n += (size_t)snprintf(line + n, sizeof(line) - n, "%s=%llu ", names[i],
				      (unsigned long long)memory.count[i]);
	printf("counters: %sswapcache=%llu mlocked=%llu: %s\n", line,
	       (unsigned long long)memory.swapcache, (unsigned long long)memory.mlocked,
	       memory_adds_up() ? "the sums are equal" : "THE SUMS DIFFER");
}

static void write_segments(void)
{
	const struct segment *s;
	unsigned i;

	printf("map: %dx%d at %d,%d of %dx%d, %llu frames a square, squares of %d pixels, %d in a row\n",
	       cells.width, cells.height, cells.x, cells.y, canvas.width, canvas.height,
	       (unsigned long long)cells.block, cells.size - 1, cells.per_row);
	for (i = 0; i < cells.segments; i++) {
		s = &cells.segment[i];
		printf("segment: %s frames %#llx-%#llx, from line %d, %llu of the zone are free\n",
		       zone_names[s->zone], (unsigned long long)s->start,
		       (unsigned long long)s->end, s->y,
		       (unsigned long long)memory.zone[s->zone].free);
	}
}

static void write_tasks(void)
{
	const struct task *t;
	unsigned i;

	for (i = 0; i < nr_tasks; i++) {
		t = &tasks[i];
		printf("task: %d %s, %u regions of %llu pages%s\n", t->pid, t->name, t->regions,
		       (unsigned long long)t->pages, t->drawn ? "" : "; no room to draw it");
	}
	if (more_tasks)
		printf("task: and %u more\n", more_tasks);
}

static void write_walk(void)
{
	const struct pagewalk_walk *w = &shown_walk.walk;
	char line[320], flags[8];
	unsigned level;
	size_t n;

	if (!shown_walk.valid) {
		printf("walk: process %d has ended\n", shown_walk.pid);
		return;
	}
	n = (size_t)snprintf(line, sizeof(line), "walk: %#llx of %d: CR3 %#llx",
			     (unsigned long long)shown_walk.address, shown_walk.pid,
			     (unsigned long long)w->cr3);
	for (level = 0; level < w->depth; level++) {
		entry_flags(flags, w->entry[level]);
		n += (size_t)snprintf(line + n, sizeof(line) - n, ", %s[%u] %#llx %s",
				      level_name(w->levels, level),
				      index_of(w->levels, level, shown_walk.address),
				      (unsigned long long)w->entry[level], flags);
	}
	if (w->flags & PAGEWALK_PRESENT)
		snprintf(line + n, sizeof(line) - n, ", byte %#llx",
			 (unsigned long long)w->phys + (shown_walk.address & (PAGE_SIZE - 1)));
	else
		snprintf(line + n, sizeof(line) - n, ", not present");
	printf("%s\n", line);
}

static void write_faults(void)
{
	const struct fault *f;
	int i;

	if (!faults_recorded)
		printf("faults: not recorded, boot with trace=on\n");
	for (i = FAULTS_MAX - 1; i >= 0; i--) {
		f = fault_back((unsigned)i);
		if (f)
			printf("fault: %s\n", f->text);
	}
}

void text_write(void)
{
	write_states();
	write_counters();
	write_segments();
	write_tasks();
	write_walk();
	printf("kmap: %u of %u slots map a frame\n", kmap.used, kmap.slots);
	write_faults();
}
