/* SPDX-License-Identifier: MIT */
/*
 * The keys of <boot/options.h> and what makes a value of each kind a good one.
 *
 * Pure text work: nothing here prints or calls the firmware, so that it can be tested on
 * the host.
 */
#include "loader.h"
#include <boot/options.h>

static const struct option_def defs[] = {
#define X(name, kind, values, min, max, preset, help) \
	{ name, kind, values, min, max, preset, help },
	BOOT_OPTIONS(X)
#undef X
};

const struct option_def *option_def(unsigned i)
{
	return &defs[i];
}

int option_find(const char *name)
{
	unsigned i;

	for (i = 0; i < ARRAY_SIZE(defs); i++)
		if (!strcmp(defs[i].name, name))
			return (int)i;
	return -1;
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool is_alpha(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* Is s[0..n) one of the words of `set`, which has `sep` between them? */
static bool in_set(const char *set, char sep, const char *s, size_t n)
{
	const char *end;
	size_t len;

	for (;;) {
		end = strchr(set, sep);
		len = end ? (size_t)(end - set) : strlen(set);
		if (len == n && n && !memcmp(set, s, n))
			return true;
		if (!end)
			return false;
		set = end + 1;
	}
}

/* A row of the catalogue is "K14", a named check "map.sorted"; "-K14" leaves it out. */
static bool good_test_word(const char *s, size_t n)
{
	size_t i;

	if (n && s[0] == '-') {
		s++;
		n--;
	}
	if (!n || !is_alpha(s[0]))
		return false;
	for (i = 0; i < n; i++)
		if (!is_alpha(s[i]) && !is_digit(s[i]) && s[i] != '.' && s[i] != '-' && s[i] != '_')
			return false;
	return true;
}

static bool good_word(const char *s, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (!is_alpha(s[i]) && !is_digit(s[i]) && !strchr(".:-_/@", s[i]))
			return false;
	return n > 0;
}

static bool good_list(const struct option_def *def, const char *s)
{
	const char *end;
	size_t n;

	for (;;) {
		end = strchr(s, ',');
		n = end ? (size_t)(end - s) : strlen(s);
		if (def->kind == OPT_TESTS ? !good_test_word(s, n) :
		    def->values[0] ? !in_set(def->values, '|', s, n) : !good_word(s, n))
			return false;
		if (!end)
			return true;
		s = end + 1;
	}
}

static bool good_number(const struct option_def *def, const char *s)
{
	uint64_t v;
	size_t n = strlen(s);

	if (!n || !is_digit(s[0]) || !parse_u64(s, &v))
		return false;
	/* A suffix makes sense for sizes only. */
	if (def->kind == OPT_NUMBER && !(s[0] == '0' && (s[1] | 0x20) == 'x') &&
	    !is_digit(s[n - 1]))
		return false;
	return v >= def->min && v <= def->max;
}

int option_flag(const char *s)
{
	size_t n = strlen(s);

	if (in_set("1|y|yes|on|true", '|', s, n))
		return 1;
	return in_set("0|n|no|off|false", '|', s, n) ? 0 : -1;
}

bool option_screen(const char *s, unsigned *w, unsigned *h)
{
	unsigned v[2] = { 0, 0 }, i;

	for (i = 0; i < 2; i++) {
		if (!is_digit(*s))
			return false;
		while (is_digit(*s) && v[i] < 100000)
			v[i] = v[i] * 10 + (unsigned)(*s++ - '0');
		if (!i && *s++ != 'x')
			return false;
	}
	*w = v[0];
	*h = v[1];
	return !*s && v[0] >= 320 && v[0] <= 16384 && v[1] >= 200 && v[1] <= 16384;
}

bool option_valid(const struct option_def *def, const char *value)
{
	unsigned w, h;

	switch (def->kind) {
	case OPT_NUMBER:
	case OPT_SIZE:
		return good_number(def, value);
	case OPT_FLAG:
		return option_flag(value) >= 0;
	case OPT_CHOICE:
		return in_set(def->values, '|', value, strlen(value));
	case OPT_TESTS:
		return !strcmp(value, "off") || good_list(def, value);
	case OPT_LIST:
		return good_list(def, value);
	case OPT_SCREEN:
		return option_screen(value, &w, &h);
	default:
		return value[0] != 0;
	}
}

void option_usage(const struct option_def *def, char *buf, size_t size)
{
	if (def->kind == OPT_FLAG)
		snprintf(buf, size, "%s, %s=1 or %s=0", def->name, def->name, def->name);
	else if (def->kind == OPT_NUMBER)
		snprintf(buf, size, "%s=%s, from %llu to %llu", def->name, def->values,
			 (unsigned long long)def->min, (unsigned long long)def->max);
	else if (def->kind == OPT_SIZE)
		snprintf(buf, size, "%s=%s, such as %s=512M", def->name, def->values,
			 def->name);
	else if (def->kind == OPT_LIST && def->values[0])
		snprintf(buf, size, "%s=WORD,WORD with words of %s",
			 def->name, def->values);
	else if (def->kind == OPT_LIST)
		snprintf(buf, size, "%s=WORD,WORD", def->name);
	else
		snprintf(buf, size, "%s=%s", def->name, def->values);
}
