/* SPDX-License-Identifier: MIT */
/*
 * Selects and runs the rows, prints KTAP (docs.kernel.org, "The Kernel Test Anything
 * Protocol").  What a row must leave as it was is compared in baseline.c.
 */
#include <asm/setup.h>
#include <kernel/console.h>
#include <kernel/fbcon.h>
#include <kernel/main.h>
#include <kernel/params.h>
#include <kernel/printk.h>
#include <kernel/report.h>
#include <kernel/string.h>
#include <test/row.h>
#include <test/test.h>
#include "baseline.h"

extern struct row *const __rows_start[], *const __rows_end[];

#define ROWS_MAX 256
static struct row *selected[ROWS_MAX];
static unsigned selected_count;

/* ---- what a row says --------------------------------------------------------------- */

static void set_reason(struct row *r, const char *fmt, va_list args)
{
	if (!r->reason[0])
		vscnprintf(r->reason, sizeof(r->reason), fmt, args);
}

bool __row_eq(struct row *r, u64 seen, u64 expected, const char *fmt, ...)
{
	va_list args;
	size_t n;

	r->checks++;
	if (seen == expected)
		return true;
	if (!r->failed++) {
		va_start(args, fmt);
		n = vscnprintf(r->reason, sizeof(r->reason), fmt, args);
		va_end(args);
		scnprintf(r->reason + n, sizeof(r->reason) - n, ": seen %llu (%#llx), expected %llu (%#llx)",
			  (unsigned long long)seen, (unsigned long long)seen,
			  (unsigned long long)expected, (unsigned long long)expected);
	}
	return false;
}

bool row_ok(struct row *r, bool ok, const char *fmt, ...)
{
	va_list args;

	r->checks++;
	if (ok)
		return true;
	r->failed++;
	va_start(args, fmt);
	set_reason(r, fmt, args);
	va_end(args);
	return false;
}

void row_info(struct row *r, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vscnprintf(r->figure, sizeof(r->figure), fmt, args);
	va_end(args);
}

void row_warn(struct row *r, const char *fmt, ...)
{
	va_list args;

	r->checks++;
	r->warned = true;
	va_start(args, fmt);
	set_reason(r, fmt, args);
	va_end(args);
}

void row_skip(struct row *r, const char *fmt, ...)
{
	va_list args;

	r->skipped = true;
	va_start(args, fmt);
	set_reason(r, fmt, args);
	va_end(args);
}

/* ---- selection --------------------------------------------------------------------- */

/* K2 before K12, P before V: letters, then the number. */
static int row_order(const struct row *a, const struct row *b)
{
	const char *x = a->id, *y = b->id;

	while (*x && *x == *y && (*x < '0' || *x > '9')) {
		x++;
		y++;
	}
	if (*x >= '0' && *x <= '9' && *y >= '0' && *y <= '9' && strlen(x) != strlen(y))
		return strlen(x) < strlen(y) ? -1 : 1;
	return strcmp(x, y);
}

static void select_row(struct row *r)
{
	unsigned i;

	if (selected_count == ROWS_MAX) {
		pr_err("tests: more than %d rows: %s is left out\n", ROWS_MAX, r->id);
		return;
	}
	for (i = selected_count++; i > 0; i--) {
		if (!(r->flags & ROW_SMOKE) && row_order(selected[i - 1], r) <= 0)
			break;
		if (r->flags & ROW_SMOKE)
			break;
		selected[i] = selected[i - 1];
	}
	selected[i] = r;
}

/* Is `id` in the comma-separated list? */
static bool in_list(const char *list, const char *id)
{
	size_t n = strlen(id);

	while (list && *list) {
		if (strncmp(list, id, n) == 0 && (!list[n] || list[n] == ','))
			return true;
		list = strchr(list, ',');
		if (list)
			list++;
	}
	return false;
}

/* Every name of the list must be a row, or the run says so and fails. */
static unsigned unknown_rows(const char *list)
{
	struct row *const *r;
	unsigned unknown = 0;
	char id[32];
	size_t n;

	for (; *list; list += n + (list[n] == ',')) {
		bool minus = *list == '-';	/* takes a row away, and nothing but a row */
		const char *comma;

		list += minus;
		comma = strchr(list, ',');
		n = comma ? (size_t)(comma - list) : strlen(list);
		scnprintf(id, sizeof(id), "%.*s", (int)n, list);
		if (!minus && (strcmp(id, "all") == 0 || strcmp(id, "smoke") == 0))
			continue;
		for (r = __rows_start; r < __rows_end && strcmp((*r)->id, id); r++)
			;
		if (r == __rows_end) {
			printk_raw("# test=%s: there is no row \"%s\" in the %d-level kernel\n",
				   param_get("test"), id, PGTABLE_LEVELS);
			unknown++;
		}
	}
	return unknown;
}

/* Does the list say -ID? */
static bool left_out(const char *list, const char *id)
{
	char word[32];

	scnprintf(word, sizeof(word), "-%s", id);
	return in_list(list, word);
}

/* The words of test= add up: "all", "smoke" and row IDs; -ID takes one away. */
static unsigned select_rows(const char *what)
{
	bool all = in_list(what, "all"), smoke = in_list(what, "smoke");
	struct row *const *r;

	for (r = __rows_start; r < __rows_end; r++) {
		unsigned flags = (*r)->flags;

		if (((all && !(flags & (ROW_SMOKE | ROW_EXPLICIT))) ||
		     (smoke && flags & ROW_SMOKE) || in_list(what, (*r)->id)) &&
		    !left_out(what, (*r)->id))
			select_row(*r);
	}
	return unknown_rows(what);
}

/* ---- running ----------------------------------------------------------------------- */

static void print_row(unsigned n, const struct row *r)
{
	bool ok = !r->failed && (r->checks || r->skipped);
	const char *tag = r->skipped ? " # SKIP " : r->warned ? " # WARN " : "";

	if (r->flags & ROW_SMOKE)
		printk_raw("%s %u - %s %s%s%s%s%s\n", ok ? "ok" : "not ok", n, r->id,
			   r->skipped ? "SKIP" : !ok ? "FAIL" : r->warned ? "WARN" : "PASS",
			   r->figure[0] ? " " : "", r->figure, r->reason[0] ? ": " : "", r->reason);
	else
		printk_raw("%s %u - %s %s%s%s%s%s\n", ok ? "ok" : "not ok", n, r->id, r->text,
			   r->figure[0] ? ": " : "", r->figure,
			   r->reason[0] ? (*tag ? tag : ": ") : "", r->reason);
}

static void run_row(unsigned n, struct row *r, struct test_result *result)
{
	static struct baseline before;
	bool baseline = !(r->flags & ROW_NO_BASELINE);

	report_step("row %s", r->id);
	if (baseline)
		baseline_take(&before);
	r->run(r);
	if (baseline)
		baseline_check(r, &before);
	if (!r->checks && !r->skipped)
		row_ok(r, false, "the row made no check");
	print_row(n, r);
	if (r->skipped)
		result->skip++;
	else if (r->failed)
		result->fail++;
	else
		result->pass++;
}

/* Append the names of the rows that failed, or of those that warned. */
static size_t list_rows(char *text, size_t size, size_t used, bool failed)
{
	const char *separator = ": ";
	const struct row *r;
	unsigned i;

	for (i = 0; i < selected_count; i++) {
		r = selected[i];
		if (failed ? !r->failed : r->failed || !r->warned)
			continue;
		used += scnprintf(text + used, size - used, "%s%s", separator, r->id);
		separator = ", ";
	}
	return used;
}

static unsigned count_warned(void)
{
	unsigned i, n = 0;

	for (i = 0; i < selected_count; i++)
		n += selected[i]->warned && !selected[i]->failed;
	return n;
}

/* What the large letters mean. */
static void explain(char *text, size_t size, const struct test_result *t, unsigned warned,
		    const char *program, bool well)
{
	size_t n;

	if (t->fail) {
		n = scnprintf(text, size, "%u failed", t->fail);
		n = list_rows(text, size, n, true);
		if (!well)
			n += scnprintf(text + n, size - n, "; %s ended badly", program);
		if (boot_info->results.fail)
			n += scnprintf(text + n, size - n, "; %u under the other page tables",
				       boot_info->results.fail);
	} else if (warned) {
		n = scnprintf(text, size, "%u with a warning", warned);
		n = list_rows(text, size, n, false);
	} else {
		n = scnprintf(text, size, "%s", t->pass ? "all passed" : "no tests");
	}
	if (program && well)
		n += scnprintf(text + n, size - n, "; %s ended well", program);
	if (t->skip)
		scnprintf(text + n, size - n, "; %u not for this machine", t->skip);
}

/* The verdict for somebody who stands three metres away, and one line for who is near. */
void show_test_result(const struct test_result *t, const char *program, bool well)
{
	static const char *const word[] = { "PASS", "WARN", "FAIL" };
	const struct boot_results *other = &boot_info->results;
	const struct test_result all = {
		t->pass + other->pass, t->fail + other->fail, t->skip + other->skip,
	};
	unsigned warned = count_warned();
	enum fbcon_verdict verdict = all.fail ? FBCON_FAIL : warned ? FBCON_WARN : FBCON_PASS;
	char text[160];
	size_t n;

	n = scnprintf(text, sizeof(text), "%s", word[verdict]);
	if (all.pass + all.fail)
		n += scnprintf(text + n, sizeof(text) - n, "  %u/%u", all.pass,
			       all.pass + all.fail);
	text[n++] = '\n';
	explain(text + n, sizeof(text) - n, &all, warned, program, well);
	fbcon_banner(verdict, text);
}

static void print_figures(void)
{
	const struct boot_figures *f = &boot_figures;

	printk_raw("# figures: init_insns=%llu busy_wait_us=%llu free_pages=%lu usable_pages=%lu kept_pages=%lu\n",
		   (unsigned long long)f->init_ticks, (unsigned long long)f->busy_wait_us,
		   f->free_pages, f->usable_pages, f->kept_pages);
}

struct test_result run_tests(void)
{
	const char *what = param_get("test");
	struct test_result result = { 0, 0, 0 };
	unsigned i;

	if (!what || !*what)
		what = "smoke";
	printk_raw("KTAP version 1\n");
	printk_raw("# pagewalk " PAGEWALK_VERSION " paging=%d test=%s\n", PGTABLE_LEVELS, what);
	print_figures();
	if (strcmp(what, "off") == 0)
		return result;
	result.fail = select_rows(what);
	if (!selected_count) {
		printk_raw("# test=%s selects no row: a run without a test does not pass\n", what);
		result.fail++;
	}
	printk_raw("1..%u\n", selected_count);
	for (i = 0; i < selected_count; i++)
		run_row(i + 1, selected[i], &result);
	show_test_result(&result, NULL, true);
	return result;
}
