/* SPDX-License-Identifier: MIT */
/*
 * The live table of tasks: who runs, in which address space, what it has in memory, what it
 * costs.  A kernel thread looks at all tasks twice a second; it borrows the address space of
 * whoever ran before, as every kernel thread does (Gorman 4.3).
 *
 * Looking at the list of tasks and their descriptors happens without sleeping, so nobody
 * can come or go meanwhile.
 */
#include <asm/mmu_context.h>
#include <kernel/counters.h>
#include <kernel/fbcon.h>
#include <kernel/kernel.h>
#include <kernel/printk.h>
#include <kernel/sched.h>
#include <kernel/string.h>
#include <kernel/taskview.h>
#include <kernel/time.h>
#include <kernel/tty.h>
#include <mm/mm.h>

#define ROWS_MAX	24
#define HEADING		3		/* totals, blank line, names of the columns */
#define LINE_MAX	400		/* bytes, with colours and bars */
#define TEXT_ROWS	16		/* left for the log, or a shell, while programs run */
#define TEXT_ROWS_END	21		/* left for the log and the banner at the end */
#define REDRAW_MS	500
#define SERIAL_EVERY	10		/* redraws */
#define SHRINK_AFTER	16		/* redraws that needed fewer rows than there are */
#define BAR_MIN		8
#define BAR_MAX		60
#define BAR_FULL	"\xe2\x96\xa0"	/* UTF-8: U+25A0, U+00B7 */
#define BAR_REST	"\xc2\xb7"

/* What is shown of a task. */
struct view_row {
	int pid;
	char comm[TASK_COMM_LEN];
	const char *state, *color;
	bool user;
	unsigned long cr3;
	unsigned long resident, faults, switches;
	u64 runtime, born;
	unsigned share;			/* of the processor since the last look, 1/1000 */
};

/* All of it at one moment: programs, then kernel threads, then the idle loop. */
struct view {
	u64 ns;
	unsigned long switches, cr3_loads, faults;
	unsigned long tasks;		/* without the idle loop; more than rows have room for */
	unsigned programs, rows;
	struct view_row row[ROWS_MAX];
};

static struct view views[2], *now = &views[0], *before = &views[1];
static char text[HEADING + ROWS_MAX][LINE_MAX];
static unsigned table_rows;		/* of the screen, headings not counted */
static unsigned rows_needed, redraws_calm;	/* most of them since the table grew or shrank */
static bool ended;

/* ---- look -------------------------------------------------------------------------- */

static void set_state(struct view_row *row, const struct task_struct *p)
{
	switch (p->state) {
	case TASK_RUNNING:
		row->state = p->flags & PF_IDLE ? "idle" : "runs";
		row->color = p->flags & PF_IDLE ? "\033[90m" : "\033[32m";
		break;
	case TASK_INTERRUPTIBLE:
		row->state = "sleeps";
		row->color = "\033[39m";
		break;
	case TASK_UNINTERRUPTIBLE:
		row->state = "waits";
		row->color = "\033[33m";
		break;
	case TASK_STOPPED:
		row->state = "stopped";
		row->color = "\033[33m";
		break;
	default:
		row->state = "ended";
		row->color = "\033[31m";
	}
}

/* How much of the time since the last look it ran; 0 if it is shown for the first time. */
static unsigned share_of(const struct view_row *row)
{
	u64 span = now->ns - before->ns, ran = row->runtime;
	unsigned i;

	if (row->born < before->ns)
		ran = 0;
	for (i = 0; i < before->rows; i++)
		if (before->row[i].pid == row->pid && before->row[i].born == row->born)
			ran = row->runtime - before->row[i].runtime;
	if (ran >= span)
		return 1000;
	while (span >> 32) {		/* keeps the division below short */
		span >>= 1;
		ran >>= 1;
	}
	return (u32)span ? (u32)(ran * 1000 / (u32)span) : 0;
}

/* Programs choose their names; nothing in one may move the cursor or change colours. */
static void copy_name(char *to, const char *from)
{
	unsigned i;

	for (i = 0; i < TASK_COMM_LEN - 1 && from[i]; i++)
		to[i] = from[i] >= ' ' && from[i] <= '~' ? from[i] : '?';
	to[i] = '\0';
}

/* Also one that has ended and given its memory back. */
static bool is_program(const struct task_struct *p)
{
	return !(p->flags & PF_KTHREAD);
}

static void look_at(struct view_row *row, const struct task_struct *p)
{
	const struct mm_struct *mm = p->mm;

	row->pid = p->pid;
	copy_name(row->comm, p->comm);
	set_state(row, p);
	row->user = is_program(p);
	row->cr3 = mm ? __pa(mm->pgd) : 0;
	row->resident = mm ? mm->rss[MM_FILEPAGES] + mm->rss[MM_ANONPAGES] : 0;
	row->faults = p->min_flt + p->maj_flt;
	row->switches = p->nvcsw + p->nivcsw;
	row->runtime = task_runtime_ns(p);
	row->born = p->start_ns;
	row->share = share_of(row);
}

static void look_at_all(bool programs)
{
	struct task_struct *p;

	for_each_task(p)
		if (is_program(p) == programs && now->rows < ROWS_MAX - 1)
			look_at(&now->row[now->rows++], p);
}

static void look(void)
{
	struct view *old = before;

	before = now;
	now = old;
	now->ns = ktime_ns();
	now->switches = sched_counters.switches;
	now->cr3_loads = tlb_counters.cr3_loads;
	now->faults = fault_counters.total;
	now->tasks = nr_tasks;
	now->rows = 0;
	look_at_all(true);
	now->programs = now->rows;
	look_at_all(false);
	look_at(&now->row[now->rows++], &init_task);
}

/* ---- show -------------------------------------------------------------------------- */

static unsigned long per_second(unsigned long count)
{
	u64 ms = (now->ns - before->ns) / 1000000;

	return ms ? (unsigned long)((u64)count * 1000 / ms) : 0;
}

static unsigned long mib_free(void)
{
	return nr_free_pages() >> (20 - PAGE_SHIFT);
}

/* Squares as many as the share has, dots for the rest: 1000 is all columns. */
static void put_bar(char *s, size_t n, const char *color, unsigned share, unsigned columns)
{
	unsigned full = (share * columns + 500) / 1000, i;
	size_t used;

	if (share && !full)
		full = 1;
	used = scnprintf(s, n, "%s", color);
	for (i = 0; i < columns; i++) {
		if (i == full)
			used += scnprintf(s + used, n - used, "\033[90m");
		used += scnprintf(s + used, n - used, i < full ? BAR_FULL : BAR_REST);
	}
}

static int digits_of(unsigned long n)
{
	int digits = 1;

	while (n /= 10)
		digits++;
	return digits;
}

/*
 * As many as fit, whole.  Each has room for some digits more than it may need now, or it would
 * come and go with them.
 */
static void format_totals(char *s)
{
	const struct {
		const char *before;
		unsigned long value;
		int digits;
		const char *after;
	} totals[] = {
		{ "", now->tasks, 3, " tasks" },
		{ "  ", per_second(now->switches - before->switches), 5, " switches/s" },
		{ "  ", per_second(now->cr3_loads - before->cr3_loads), 5, " CR3 loads/s" },
		{ "  ", per_second(now->faults - before->faults), 5, " faults/s" },
		{ "  ", mib_free(), 5, " MiB free" },
		{ "  up ", (unsigned long)(now->ns / 1000000000), 5, " s" },
	};
	int room = fbcon_columns(), digits;
	size_t n = 0, i;

	s[0] = '\0';
	for (i = 0; i < ARRAY_SIZE(totals); i++) {
		digits = digits_of(totals[i].value);
		room -= (int)strlen(totals[i].before) + max(digits, totals[i].digits) +
			(int)strlen(totals[i].after);
		if (room < 0)
			return;
		n += scnprintf(s + n, LINE_MAX - n, "%s\033[97m%lu\033[90m%s", totals[i].before,
			       totals[i].value, totals[i].after);
	}
}

/* ---- columns ----------------------------------------------------------------------- */

enum column { PID, NAME, STATE, CR3, PAGES, FAULTS, SWITCHES, CPU, COLUMNS };

static const struct {
	const char *name, *format;	/* with its colour */
	int width;
} columns[COLUMNS] = {
	[PID] = { "pid", "%s%5s  ", 7 },
	[NAME] = { "name", "%s%-16s", 16 },
	[STATE] = { "state", "%s%-8s", 8 },
	[CR3] = { "cr3", "%s%-11s", 11 },
	[PAGES] = { "pages", "%s%7s", 7 },
	[FAULTS] = { "faults", "%s%9s", 9 },
	[SWITCHES] = { "switches", "%s%9s", 9 },
	[CPU] = { "cpu %", "%s%6s", 6 },
};

/* What is shown first if there is not room for all. */
static const u8 importance[COLUMNS] = {
	PID, NAME, CR3, PAGES, CPU, STATE, FAULTS, SWITCHES,
};

static unsigned columns_shown;		/* a bit for each column */
static int bar_columns;

/* Whole columns only: a number without its last digits would be another number. */
static void choose_columns(void)
{
	int room = fbcon_columns(), width;
	unsigned i;

	columns_shown = 0;
	for (i = 0; i < COLUMNS; i++) {
		width = columns[importance[i]].width;
		if (width > room)
			continue;
		columns_shown |= 1u << importance[i];
		room -= width;
	}
	bar_columns = min(room - 4, BAR_MAX);		/* two blanks before it, two behind */
	if (bar_columns < BAR_MIN)
		bar_columns = 0;
}

static size_t put_cell(char *s, size_t n, enum column c, const char *color, const char *value)
{
	if (!(columns_shown & 1u << c))
		return n;
	return n + scnprintf(s + n, LINE_MAX - n, columns[c].format, color, value);
}

static size_t put_number(char *s, size_t n, enum column c, const char *color, unsigned long value)
{
	char digits[24];

	scnprintf(digits, sizeof(digits), "%lu", value);
	return put_cell(s, n, c, color, digits);
}

static void format_names(char *s)
{
	size_t n = 0;
	unsigned c;

	for (c = 0; c < COLUMNS; c++)
		n = put_cell(s, n, c, c ? "" : "\033[90m", columns[c].name);
}

static void format_row(char *s, const struct view_row *row)
{
	const char *name = row->user ? "\033[97m" : "\033[90m";
	char cr3[20] = "", share[16];
	size_t n = 0;

	if (!row->user)
		strlcpy(cr3, "borrowed", sizeof(cr3));
	else if (row->cr3)
		scnprintf(cr3, sizeof(cr3), "%#lx", row->cr3);
	scnprintf(share, sizeof(share), "%u.%u", row->share / 10, row->share % 10);
	n = put_number(s, n, PID, "\033[90m", (unsigned long)row->pid);
	n = put_cell(s, n, NAME, name, row->comm);
	n = put_cell(s, n, STATE, row->color, row->state);
	n = put_cell(s, n, CR3, row->user ? "\033[36m" : "\033[90m", cr3);
	n = put_number(s, n, PAGES, "\033[39m", row->resident);
	n = put_number(s, n, FAULTS, "\033[39m", row->faults);
	n = put_number(s, n, SWITCHES, "\033[39m", row->switches);
	n = put_cell(s, n, CPU, "\033[39m", share);
	if (!bar_columns)
		return;
	n += scnprintf(s + n, LINE_MAX - n, "  ");
	put_bar(s + n, LINE_MAX - n, row->user ? "\033[94m" : "\033[90m", row->share,
		(unsigned)bar_columns);
}

/* `rows` lines for tasks from text[line] on; what has no place becomes one line. */
static void format_rows(unsigned line, unsigned rows)
{
	unsigned long all = now->tasks + 1;
	unsigned i, shown = min(now->rows, all > rows ? rows - 1 : rows);

	for (i = 0; i < rows; i++) {
		if (i < shown)
			format_row(text[line + i], &now->row[i]);
		else
			text[line + i][0] = '\0';
	}
	if (all > shown)
		scnprintf(text[line + shown], LINE_MAX, "\033[90m%5s  %lu more", "", all - shown);
}

static void show_lines(unsigned n)
{
	const char *lines[HEADING + ROWS_MAX];
	unsigned i;

	for (i = 0; i < n; i++)
		lines[i] = text[i];
	fbcon_set_table(lines, (int)n);
}

/*
 * It grows at once when there are more tasks, and shrinks when fewer were enough for a while:
 * laying out the screen anew is a lot of drawing, and tasks come and go.
 */
static void choose_rows(unsigned room)
{
	unsigned needed = min(now->rows, room);

	table_rows = min(table_rows, room);
	rows_needed = max(rows_needed, needed);
	if (needed < table_rows && ++redraws_calm < SHRINK_AFTER)
		return;
	table_rows = needed < table_rows ? min(rows_needed, table_rows) : needed;
	rows_needed = redraws_calm = 0;
}

static void draw(void)
{
	int room = min(fbcon_table_room(TEXT_ROWS) - HEADING, ROWS_MAX);

	choose_rows((unsigned)max(room, 2));
	choose_columns();
	format_totals(text[0]);
	text[1][0] = '\0';
	format_names(text[2]);
	format_rows(HEADING, table_rows);
	show_lines(HEADING + table_rows);
}

/* What was seen last, with room for the results below. */
static void draw_end(void)
{
	int room = fbcon_table_room(TEXT_ROWS_END) - 1;

	room = min(room, (int)now->rows);
	if (room < 4 || !now->programs) {
		fbcon_set_table(NULL, 0);
		return;
	}
	choose_columns();
	format_names(text[0]);
	format_rows(1, (unsigned)room);
	show_lines(1 + (unsigned)room);
}

/* The same for consoles that only know lines. */
static void print_table(void)
{
	const struct view_row *row;
	unsigned i;

	printk(KERN_TABLE "# %lu tasks, %lu MiB free, up %lu s\n", now->tasks, mib_free(),
	       (unsigned long)(now->ns / 1000000000));
	printk(KERN_TABLE "# %5s %-16s %-8s %-12s %8s %8s %8s %6s\n", "pid", "name", "state",
	       "cr3", "pages", "faults", "switches", "cpu %");
	for (i = 0; i < now->rows; i++) {
		row = &now->row[i];
		printk(KERN_TABLE "# %5d %-16s %-8s %#-12lx %8lu %8lu %8lu %4u.%u\n",
		       row->pid, row->comm, row->state, row->cr3, row->resident, row->faults,
		       row->switches, row->share / 10, row->share % 10);
	}
}

/* ---- the thread -------------------------------------------------------------------- */

/*
 * Most programs have gone since the last look: they are being stopped.  That they were there
 * is worth more than that they are not; if they stay away, the next look shows it.
 */
static bool many_have_gone(void)
{
	return now->programs * 2 < before->programs;
}

static void undo_look(void)
{
	struct view *latest = now;

	now = before;
	before = latest;
}

static int taskview(void *unused)
{
	unsigned n, skipped = 0;

	for (n = 1; ; n++) {
		msleep(REDRAW_MS);
		if (ended)
			break;
		look();
		if (many_have_gone() && !skipped++) {
			undo_look();
			continue;
		}
		skipped = 0;
		if (fbcon_columns())
			draw();
		if (n % SERIAL_EVERY == 0 && !tty_is_taken())
			print_table();
	}
	return 0;
}

void taskview_start(void)
{
	long pid;

	fbcon_fold_banner("smoke test");
	now->ns = ktime_ns();
	pid = kernel_thread(taskview, NULL, "taskview");
	if (pid < 0)
		pr_warn("no memory for the table of tasks: going on without it\n");
}

void taskview_end(void)
{
	const struct sched_counters *c = &sched_counters;

	ended = true;
	if (fbcon_columns())
		draw_end();
	printk_raw("# tasks: switches=%lu cr3_loads=%lu preemptions=%lu faults=%lu forks=%lu execs=%lu exits=%lu\n",
		   c->switches, tlb_counters.cr3_loads, c->preemptions, fault_counters.total,
		   c->forks, c->execs, c->exits);
}
