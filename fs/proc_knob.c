/* SPDX-License-Identifier: MIT */
/*
 * /proc/pagewalk/knob: what a test may ask of the kernel, by writing name=value.  Only a
 * kernel that was booted with test= listens.  Tests in test/kernel add their own names by
 * register_knob().
 */
#include <fs/proc.h>
#include <kernel/ctype.h>
#include <kernel/params.h>
#include <kernel/printk.h>
#include <kernel/string.h>
#include <kernel/trace.h>
#include <mm/filemap.h>
#include <mm/mm.h>
#include "internal.h"

#define KNOBS_MAX	48
#define KNOB_TEXT	256

static struct knob {
	const char *name;
	int (*fn)(const char *value);
} knobs[KNOBS_MAX];
static unsigned knob_count;

int register_knob(const char *name, int (*fn)(const char *value))
{
	unsigned i;

	for (i = 0; i < knob_count; i++)
		if (strcmp(knobs[i].name, name) == 0)
			return -EEXIST;
	if (knob_count == KNOBS_MAX)
		return -ENOSPC;
	knobs[knob_count++] = (struct knob){ name, fn };
	return 0;
}

/* ---- values -------------------------------------------------------------------------- */

/* A decimal number, cut off from *s, up to its end or `stop` (which is skipped). */
static bool take_number(const char **s, char stop, unsigned long *value)
{
	const char *p = *s;

	if (!isdigit(*p))
		return false;
	for (*value = 0; isdigit(*p); p++) {
		if (*value > (~0ul - 9) / 10)
			return false;
		*value = *value * 10 + (unsigned long)(*p - '0');
	}
	if (*p && *p != stop)
		return false;
	*s = *p ? p + 1 : p;
	return true;
}

static int only_one(const char *value)
{
	return strcmp(value, "1") ? -EINVAL : 0;
}

/* ---- built in ------------------------------------------------------------------------ */

static int knob_trace(const char *value)
{
	bool on = strcmp(value, "1") == 0;

	if (!on && strcmp(value, "0"))
		return -EINVAL;
	return trace_set(on) == on ? 0 : -ENOMEM;
}

static int knob_drop_caches(const char *value)
{
	if (only_one(value))
		return -EINVAL;
	drop_page_cache();
	kmem_cache_shrink_all();
	return 0;
}

/* COUNTDOWN:TIMES, or 0 to switch off. */
static int knob_alloc_fail(const char *value)
{
	unsigned long countdown, times = 1;

	if (!take_number(&value, ':', &countdown))
		return -EINVAL;
	if (*value && !take_number(&value, '\0', &times))
		return -EINVAL;
	alloc_fail_arm(countdown, times);
	return 0;
}

static int knob_kmap_flush(const char *value)
{
	if (only_one(value))
		return -EINVAL;
	kmap_flush_unused();
	return 0;
}

static int knob_lazy_flush(const char *value)
{
	if (only_one(value))
		return -EINVAL;
	vm_unmap_aliases();
	return 0;
}

static int knob_loglevel(const char *value)
{
	unsigned long level;

	if (!take_number(&value, '\0', &level) || level > 8)
		return -EINVAL;
	printk_set_loglevel((int)level);
	return 0;
}

static const struct knob built_in[] = {
	{ "trace", knob_trace },
	{ "drop_caches", knob_drop_caches },
	{ "alloc_fail", knob_alloc_fail },
	{ "kmap_flush", knob_kmap_flush },
	{ "lazy_flush", knob_lazy_flush },
	{ "loglevel", knob_loglevel },
};

/* ---- the file ------------------------------------------------------------------------ */

static int set_knob(const char *name, const char *value)
{
	unsigned i;

	for (i = 0; i < ARRAY_SIZE(built_in); i++)
		if (strcmp(built_in[i].name, name) == 0)
			return built_in[i].fn(value);
	for (i = 0; i < knob_count; i++)
		if (strcmp(knobs[i].name, name) == 0)
			return knobs[i].fn(value);
	return -ENOENT;
}

/* test=off is a way to say no. */
static bool testing(void)
{
	const char *test = param_get("test");

	return test && strcmp(test, "off");
}

static long knob_write(struct file *f, const char *buf, size_t n, loff_k *pos)
{
	char text[KNOB_TEXT], *value;
	long ret;

	if (!testing())
		return -EPERM;
	ret = proc_get_text(text, sizeof(text), buf, n);
	if (ret < 0)
		return ret;
	value = strchr(text, '=');
	if (!value)
		return -EINVAL;
	*value++ = '\0';
	ret = set_knob(text, value);
	return ret ? ret : (long)n;
}

const struct file_operations pagewalk_knob_ops = { .write = knob_write };
