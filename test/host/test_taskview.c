/* SPDX-License-Identifier: MIT */
/*
 * The table of tasks: taskview.c is compiled into this file, with a screen of any width, tasks
 * that are descriptors only, and a clock that the test moves.  Which columns there are, that none
 * is cut, how the table grows and shrinks, and when other consoles get it.
 */
#include "tap.h"
#define ASM_MMU_CONTEXT_H		/* another task is never switched to */
#include <stdlib.h>
#include <asm/tlbflush.h>
#include <kernel/kernel.h>
#include "../../kernel/taskview.c"

#define TASKS	30

static u64 clock_now;
static int screen_columns, screen_rows, laid_out, lines_shown;
static char shown[HEADING + ROWS_MAX][LINE_MAX];
static struct task_struct tasks[TASKS];
static struct mm_struct space;
static bool taken;
static int printed, looks;

struct task_struct init_task = {
	.tasks = LIST_HEAD_INIT(init_task.tasks), .flags = PF_KTHREAD | PF_IDLE,
};
struct sched_counters sched_counters;
struct tlb_counters tlb_counters;
struct fault_counters fault_counters;
unsigned long nr_tasks, phys_base;

u64 ktime_ns(void)			{ return clock_now; }
u64 task_runtime_ns(const struct task_struct *p) { return 0; }
unsigned long nr_free_pages(void)	{ return 148 << 8; }
bool tty_is_taken(void)			{ return taken; }
int fbcon_columns(void)			{ return screen_columns; }
int fbcon_table_room(int text_rows)	{ return screen_rows - text_rows; }
void fbcon_fold_banner(const char *label) { }
long kernel_thread(int (*fn)(void *), void *arg, const char *name) { return 3; }

int printk(const char *fmt, ...)
{
	printed++;
	return 0;
}

/* The text without colours. */
static void copy_plain(char *to, const char *from)
{
	while (*from) {
		if (*from != '\033') {
			*to++ = *from++;
			continue;
		}
		while (*from++ != 'm')
			;
	}
	*to = '\0';
}

void fbcon_set_table(const char *const lines[], int n)
{
	int i;

	laid_out += n != lines_shown;
	lines_shown = n;
	for (i = 0; i < n; i++)
		copy_plain(shown[i], lines[i]);
}

/* So many columns of the screen does a line of UTF-8 take. */
static int width_of(const char *s)
{
	int n = 0;

	for (; *s; s++)
		n += (*s & 0xc0) != 0x80;
	return n;
}

static void set_tasks(unsigned n)
{
	unsigned i;

	INIT_LIST_HEAD(&init_task.tasks);
	nr_tasks = n;
	for (i = 0; i < n; i++) {
		tasks[i].pid = 10 + (int)i;
		snprintf(tasks[i].comm, sizeof(tasks[i].comm), "program-%u", i);
		tasks[i].mm = &space;
		tasks[i].min_flt = 1234567;
		tasks[i].nvcsw = 89;
		list_add_tail(&tasks[i].tasks, &init_task.tasks);
	}
}

/* So many looks, half a second apart; what other consoles got meanwhile is counted anew. */
static void run(int n)
{
	printed = 0;
	looks = n;
	ended = false;
	taskview(NULL);
}

void msleep(unsigned ms)
{
	clock_now += ms * 1000000ull;
	ended = !looks--;
}

/* ---- columns --------------------------------------------------------------------------- */

static void test_columns(void)
{
	screen_columns = 98;		/* 800 pixels */
	run(1);
	is_str(shown[0], "5 tasks  0 switches/s  0 CR3 loads/s  0 faults/s  148 MiB free  up 0 s",
	       "98 columns: all totals");
	is_str(shown[2], "  pid  name            state   cr3          pages   faults switches cpu %",
	       "all columns");
	is_str(shown[3], "   10  program-0       runs    0x7654000      218  1234567       89   0.0"
	       "  \u00b7\u00b7\u00b7\u00b7\u00b7\u00b7\u00b7\u00b7\u00b7\u00b7\u00b7\u00b7\u00b7"
	       "\u00b7\u00b7\u00b7\u00b7\u00b7\u00b7\u00b7\u00b7", "and the bar");
	screen_columns = 78;		/* half of 1280 */
	run(1);
	is_str(shown[0], "5 tasks  0 switches/s  0 CR3 loads/s  0 faults/s  148 MiB free",
	       "78 columns: not the time");
	is_str(shown[3], "   10  program-0       runs    0x7654000      218  1234567       89   0.0",
	       "all columns, no bar");
	screen_columns = 48;		/* half of 800 */
	run(1);
	is_str(shown[0], "5 tasks  0 switches/s  0 CR3 loads/s", "48 columns: three totals");
	is_str(shown[2], "  pid  name            cr3          pages cpu %", "five columns");
	is_str(shown[3], "   10  program-0       0x7654000      218   0.0", "with all their digits");
}

/* Is every word of a line of the table one of those that a task has? */
static bool is_whole(char *line)
{
	static const char words[] = " pid name state cr3 pages faults switches cpu % "
		"10 program-0 runs 0x7654000 218 1234567 89 0.0 ";
	char want[32], *word;

	for (word = strtok(line, " "); word && (u8)*word < 0x80; word = strtok(NULL, " ")) {
		snprintf(want, sizeof(want), " %s ", word);
		if (!strstr(words, want))
			return false;
	}
	return true;
}

static void test_widths(void)
{
	int wide = 0, cut = 0, i;

	for (screen_columns = 20; screen_columns <= 240; screen_columns++) {
		run(1);
		for (i = 0; i < lines_shown; i++)
			wide += width_of(shown[i]) > screen_columns;
		cut += !is_whole(shown[2]) + !is_whole(shown[3]);
	}
	is(wide, 0, "from 20 to 240 columns: no line is wider than the screen");
	is(cut, 0, "and no word of the table is cut");
}

/* ---- rows ------------------------------------------------------------------------------ */

static void test_rows(void)
{
	int i;

	screen_columns = 98;
	run(1);
	is(lines_shown, HEADING + 6, "five tasks and the idle loop");
	set_tasks(9);
	run(1);
	is(lines_shown, HEADING + 10, "the table grows at once");
	set_tasks(6);
	run(SHRINK_AFTER / 2);
	set_tasks(7);
	run(SHRINK_AFTER / 2 - 1);
	is(lines_shown, HEADING + 10, "it does not shrink at once");
	set_tasks(5);
	run(1);
	is(lines_shown, HEADING + 8, "after a while it has the rows that were needed meanwhile");
	run(SHRINK_AFTER);
	is(lines_shown, HEADING + 6, "and then no empty row");
	laid_out = 0;
	for (i = 0; i < 8; i++) {
		set_tasks(8);
		run(1);
		set_tasks(5);
		run(SHRINK_AFTER - 1);
	}
	is(laid_out, 1, "tasks that come and go again and again move it once");
	set_tasks(TASKS);
	run(1);
	is(lines_shown, HEADING + ROWS_MAX, "no more than it has room for");
	is_str(shown[HEADING + ROWS_MAX - 1], "       8 more", "the rest is counted");
	screen_rows = TEXT_ROWS + HEADING + 4;
	run(1);
	is(lines_shown, HEADING + 4, "a screen that is lower now: fewer rows at once");
	screen_rows = 50;
	set_tasks(5);
	run(2);				/* most have gone: not believed at the first look */
	is(lines_shown, HEADING + 6, "and back");
}

/* ---- the other consoles ---------------------------------------------------------------- */

static void test_lines(void)
{
	run(2 * SERIAL_EVERY);
	is(printed, 2 * (2 + 6), "twice in ten seconds a table in lines");
	taken = true;
	run(2 * SERIAL_EVERY);
	is(printed, 0, "none while a shell has the terminal");
	taken = false;
	run(SERIAL_EVERY);
	is(printed, 2 + 6, "and again when it has ended");
}

int main(void)
{
	plan(23);
	space.pgd = (pgd_t *)__va(0x7654000);
	space.rss[MM_ANONPAGES] = 218;
	screen_rows = 50;
	set_tasks(5);
	test_columns();
	test_widths();
	test_rows();
	test_lines();
	return done();
}
