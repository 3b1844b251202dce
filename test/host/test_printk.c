/* SPDX-License-Identifier: MIT */
/*
 * kernel/printk.c: what the consoles get, to the byte; the ring under load; a printk
 * inside a printk, as an NMI would make it; a console that "faults" while it writes.
 */
#include "tap.h"
#include <setjmp.h>
#include <stdlib.h>
#include <asm/irqflags.h>
#include <kernel/console.h>
#include <kernel/printk.h>
#include <kernel/random.h>

struct capture {
	struct console con;
	char text[8192];
	size_t len;
	int flushes, forced;
};

static u64 now_ns;
static void (*in_clock)(void);
static jmp_buf fault;
static bool fault_in_write;

u64 printk_clock_ns(void)
{
	void (*hook)(void) = in_clock;

	in_clock = NULL;
	if (hook)
		hook();
	return now_ns;
}

static void capture_write(struct console *con, const char *s, size_t n)
{
	struct capture *c = container_of(con, struct capture, con);

	if (fault_in_write) {
		fault_in_write = false;
		n /= 2;
		memcpy(c->text + c->len, s, n);
		c->len += n;
		longjmp(fault, 1);
	}
	if (c->len + n < sizeof(c->text)) {
		memcpy(c->text + c->len, s, n);
		c->len += n;
	}
}

static void capture_flush(struct console *con, bool now)
{
	struct capture *c = container_of(con, struct capture, con);

	c->flushes++;
	c->forced += now;
}

static struct capture plain = {
	.con = { .name = "plain", .write = capture_write, .flush = capture_flush },
};
static struct capture ansi = {
	.con = { .name = "ansi", .write = capture_write, .flags = CON_ANSI },
};
static struct capture screen = {
	.con = { .name = "screen", .write = capture_write,
		 .flags = CON_ANSI | CON_STYLE | CON_TABLE },
};

/* What a console got since the last call. */
static const char *got(struct capture *c)
{
	c->text[c->len] = '\0';
	c->len = 0;
	return c->text;
}

static void reset(void)
{
	got(&plain);
	got(&ansi);
	got(&screen);
}

static void test_replay(void)
{
	is(printk("first %d\n", 1), 8, "printk returns the length of its text");
	is(pr_err("second\n"), 7, "the level is not counted");
	pr_debug("hidden\n");
	register_console(&plain.con);
	is_str(got(&plain), "first 1\nsecond\n", "a late console gets the log replayed");
	ok(plain.flushes > 0 && !plain.forced, "and a flush that is not urgent");
	register_console(&ansi.con);
	is_str(got(&ansi), "first 1\nsecond\n", "so does the next one");
	is_str(got(&plain), "", "and the first one nothing twice");
	register_console(&screen.con);
	is_str(got(&screen), "first 1\n\033[31msecond\033[0m\n", "a styled one in colour");
}

static void test_lines(void)
{
	printk("a\n\nb\n");
	is_str(got(&plain), "a\n\nb\n", "one text, three lines");
	printk("begin");
	is_str(got(&plain), "", "an open line waits");
	pr_cont(" middle");
	pr_cont(" end\n");
	is_str(got(&plain), "begin middle end\n", "for its continuation");
	printk("open");
	printk("new\n");
	is_str(got(&plain), "open\nnew\n", "another text closes it");
	printk("tail");
	console_flush();
	is_str(got(&plain), "tail\n", "and so does console_flush");
	ok(plain.forced > 0, "which flushes at once");
	pr_cont("alone\n");
	is_str(got(&plain), "alone\n", "a continuation of nothing is a line");
}

static void test_long(void)
{
	static char text[3000];
	const char *s;

	memset(text, 'x', sizeof(text) - 1);
	printk("%s\n", text);
	s = got(&plain);
	ok(strlen(s) == LOG_LINE_MAX + 1 && !strcmp(s + LOG_LINE_MAX - 4, "x...\n"),
	   "a line that is too long is cut and says so");
	printk("short\n");
	is_str(got(&plain), "short\n", "and does no harm to the next one");
}

static void test_levels(void)
{
	printk_set_loglevel(5);
	pr_notice("notice\n");
	pr_warn("warning\n");
	printk_raw("ok 1 - B3 text\n");
	is_str(got(&plain), "warning\nok 1 - B3 text\n", "log level 5 keeps back notices");
	printk_set_loglevel(99);
	is(printk_loglevel(), 5, "an impossible level changes nothing");
	printk_set_loglevel(7);
	ok(!console_set_quiet(true), "quiet was off");
	pr_warn("warning\n");
	pr_err("error\n");
	printk_raw("raw\n");
	is_str(got(&plain), "error\nraw\n", "quiet leaves errors and test output");
	ok(console_set_quiet(false), "quiet was on");
}

static void test_stamps(void)
{
	now_ns = 123456789;
	printk("hello\n");
	printk_raw("ok 1 - row\n");
	is_str(got(&plain), "[    0.123456] hello\nok 1 - row\n",
	       "time stamps, but not on test output");
	now_ns = 98765000004321ull;
	reset();
	pr_warn("late\n");
	is_str(got(&plain), "[98765.000004] late\n", "seconds and microseconds");
	is_str(got(&screen), "\033[90m[98765.000004] \033[0m\033[33mlate\033[0m\n",
	       "dim and yellow on the screen");
	now_ns = 0;
	reset();
}

static void test_colours(void)
{
	printk("\033[1;32mgreen\033[0m text\n");
	is_str(got(&plain), "green text\n", "no colours for a plain console");
	is_str(got(&ansi), "\033[1;32mgreen\033[0m text\n", "others get them");
	reset();
	printk_raw("\033[32mok\033[0m 2 - row\n");
	is_str(got(&ansi), "ok 2 - row\n", "test output is plain on a line");
	is_str(got(&screen), "\033[32mok\033[0m 2 - row\n", "and coloured on the screen");
	reset();
	printk("cut \033[3\n");
	is_str(got(&plain), "cut \n", "an unfinished sequence is dropped");
	reset();
}

/* A shell's line that is being typed, and a record that not every console prints. */
static void test_mid_line(void)
{
	console_write("echo hell", 9);
	printk(KERN_TABLE "# 3 tasks\n");
	console_write("o w", 3);
	is_str(got(&screen), "echo hello w", "a screen with a table of its own stays in its line");
	is_str(got(&plain), "echo hell\n# 3 tasks\no w", "the others end it first");
	printk_set_loglevel(4);
	pr_warn("not shown\n");
	printk_set_loglevel(7);
	console_write("!", 1);
	is_str(got(&plain), "!", "nobody ends a line for what nobody prints");
	got(&screen);
	printk_raw("# a\n");
	printk_raw("# b\n");
	is_str(got(&screen), "\n# a\n# b\n", "one newline before the first that is printed");
	console_write("whole\n", 6);
	printk_raw("# c\n");
	is_str(got(&plain), "\n# a\n# b\nwhole\n# c\n", "none behind a line that has ended");
	reset();
}

static void nmi(void)
{
	pr_err("from inside\n");
}

static void test_nested(void)
{
	in_clock = nmi;
	printk("outside\n");
	is_str(got(&plain), "outside\nfrom inside\n", "a printk inside a printk comes next");
	reset();
}

static int interrupts;

static void interrupt(void)
{
	if (interrupts < 300)
		printk("interrupt %d\n", interrupts++);
}

/* An interrupt that prints, at every place where one can strike. */
static void test_interrupts(void)
{
	char expected[64], *line;
	int n = 0, own = 0, strange = 0;

	host_interrupt = interrupt;
	while (interrupts < 300)
		printk("own line %d\n", own++);
	host_interrupt = NULL;
	ok(!irqs_disabled(), "interrupts are on again");
	printk("end\n");
	own = 0;
	got(&plain);
	for (line = strtok(plain.text, "\n"); line; line = strtok(NULL, "\n")) {
		snprintf(expected, sizeof(expected), "interrupt %d", n);
		if (!strcmp(line, expected)) {
			n++;
			continue;
		}
		snprintf(expected, sizeof(expected), "own line %d", own);
		if (!strcmp(line, expected))
			own++;
		else if (strcmp(line, "end"))
			strange++;
	}
	is(n, 300, "every line of the interrupts, in order");
	is(strange, 0, "and every line between them whole and in order (%d)", own);
	reset();
}

static int log_count(char *text, size_t size)
{
	struct log_info info;
	u64 seq = log_first_seq();
	int n = 0;

	while (log_read(&seq, text, size, &info) >= 0) {
		n++;
		seq++;
	}
	return n;
}

/* 20000 lines of random length; whatever is left in the ring must be exact. */
static void test_ring(void)
{
	char text[LOG_LINE_MAX + 1], expected[LOG_LINE_MAX + 1];
	u64 seq, base = log_next_seq();
	struct log_info info;
	struct rnd rnd;
	int i, bad = 0, count = 0;
	u64 gap = 0;

	rnd_seed(&rnd, 99);
	console_set_quiet(true);
	for (i = 0; i < 20000; i++) {
		printk("%0*d\n", 6 + rnd_below(&rnd, i % 7 ? 60 : 900), i);
		if (log_next_seq() != base + i + 1)
			bad++;
	}
	console_set_quiet(false);
	for (seq = log_first_seq(); log_read(&seq, text, sizeof(text), &info) >= 0; seq++) {
		snprintf(expected, sizeof(expected), "%0*d", (int)strlen(text),
			 (int)(seq - base));
		bad += !!strcmp(text, expected) || info.seq != seq ||
		       info.level != LOGLEVEL_INFO;
		gap += count && seq != info.seq;
		count++;
	}
	is(bad, 0, "every record in the ring is exact");
	ok(count > 400 && log_first_seq() + count == log_next_seq() && !gap,
	   "%d records without a gap", count);
	seq = 0;
	log_read(&seq, text, sizeof(text), &info);
	is(seq, log_first_seq(), "reading an old number gives the oldest record");
	seq = log_next_seq() - 1;
	is(log_read(&seq, text, 4, &info), strlen(expected), "a short buffer, whole length");
	is(strlen(text), 3, "and a NUL");
	seq = log_next_seq();
	is(log_read(&seq, text, sizeof(text), &info), -1, "no record behind the last");
	reset();
}

static void test_panic(void)
{
	if (!setjmp(fault)) {
		fault_in_write = true;
		printk("interrupted line\n");
	}
	is_str(got(&plain), "interrup", "a console faults in the middle of a line");
	plain.forced = 0;
	console_panic_mode();
	ok(console_in_panic(), "panic mode");
	pr_emerg("oops\n");
	is_str(got(&plain), "\ninterrupted line\noops\n", "the line is repeated, then the rest");
	ok(plain.forced >= 2, "and becomes visible at once");
	if (!setjmp(fault)) {
		fault_in_write = true;
		pr_emerg("again\n");
	}
	got(&plain);
	got(&ansi);
	console_panic_mode();
	pr_emerg("without it\n");
	is_str(got(&plain), "", "a console that faults in panic mode is left out");
	is_str(got(&ansi), "again\nwithout it\n", "the others go on");
	console_panic_end();
	console_panic_end();
	ok(!console_in_panic(), "the end of panic mode");
	plain.con.flags &= ~CON_DEAD;
	plain.con.seq = log_next_seq();
}

static void fault_in_store(void)
{
	pr_err("nested\n");
	longjmp(fault, 1);
}

static void test_panic_in_store(void)
{
	char text[100];
	int before = log_count(text, sizeof(text));

	reset();
	if (!setjmp(fault)) {
		in_clock = fault_in_store;
		printk("lost\n");
	}
	console_panic_mode();
	pr_emerg("after\n");
	console_panic_end();
	is_str(got(&plain), "lost\nnested\nafter\n", "a fault while a line is stored");
	is(log_count(text, sizeof(text)), before + 3, "the ring is consistent");
	unregister_console(&ansi.con);
	printk("bye\n");
	is_str(got(&plain), "bye\n", "one console is left");
}

int main(void)
{
	plan(54);
	test_replay();
	test_lines();
	test_long();
	test_levels();
	test_stamps();
	test_colours();
	test_mid_line();
	test_nested();
	test_interrupts();
	test_panic();
	test_ring();
	test_panic_in_store();
	return done();
}
