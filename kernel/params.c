/* SPDX-License-Identifier: MIT */
/*
 * The command line as a list of key/value pairs, parsed once at boot.
 *
 * A value may be quoted to hold spaces.  Looking up walks the list backwards, so that the
 * last setting wins.  Test rows and drivers ask rarely; nothing here is hot.
 */
#include <kernel/ctype.h>
#include <kernel/kernel.h>
#include <kernel/params.h>
#include <kernel/printk.h>
#include <kernel/string.h>

#define CMDLINE_MAX	4096
#define PARAMS_MAX	128

static char text[CMDLINE_MAX];
static struct param {
	const char *key, *value;
} params[PARAMS_MAX];
static unsigned param_count;

/* Cut one word out of *s, removing quotes in place.  NULL at the end of the text. */
static char *next_word(char **s)
{
	char *in = *s, *out, *word;
	bool quoted = false;

	while (isspace(*in))
		in++;
	if (!*in)
		return NULL;
	word = out = in;
	for (; *in && (quoted || !isspace(*in)); in++) {
		if (*in == '"')
			quoted = !quoted;
		else
			*out++ = *in;
	}
	*s = *in ? in + 1 : in;
	*out = '\0';
	return word;
}

void params_init(const char *cmdline)
{
	char *s = text, *word, *eq;

	param_count = 0;
	if (strlcpy(text, cmdline, sizeof(text)) >= sizeof(text))
		pr_warn("command line: only the first %d bytes are used\n", CMDLINE_MAX - 1);
	while ((word = next_word(&s)) != NULL) {
		if (param_count == PARAMS_MAX) {
			pr_warn("command line: \"%s\" and what follows is ignored: "
				"more than %d words\n", word, PARAMS_MAX);
			return;
		}
		eq = strchr(word, '=');
		if (eq)
			*eq++ = '\0';
		params[param_count].key = word;
		params[param_count++].value = eq ? eq : "";
	}
}

const char *param_get(const char *key)
{
	unsigned i;

	for (i = param_count; i-- > 0; )
		if (strcmp(params[i].key, key) == 0)
			return params[i].value;
	return NULL;
}

/* Parse up to `end` (a character, or the end of the text). */
static bool parse_u64(const char *s, char end, u64 *value)
{
	u64 v = 0;
	int base = 10, shift = 0, digits = 0, digit;

	if (s[0] == '0' && (s[1] == 'x' || s[1] == 'X')) {
		base = 16;
		s += 2;
	}
	for (; (digit = hex_value(*s)) >= 0 && digit < base; s++, digits++)
		v = v * base + digit;
	switch (*s) {
	case 'k': case 'K': shift = 10; break;
	case 'm': case 'M': shift = 20; break;
	case 'g': case 'G': shift = 30; break;
	}
	if (shift)
		s++;
	if (!digits || (*s && *s != end))
		return false;
	*value = v << shift;
	return true;
}

bool param_u64(const char *key, u64 *value)
{
	const char *s = param_get(key);

	if (!s)
		return false;
	if (parse_u64(s, '\0', value))
		return true;
	pr_warn("command line: %s=%s is not a number (K, M, G may follow); ignored\n", key, s);
	return false;
}

bool param_bool(const char *key)
{
	const char *s = param_get(key);

	return s && strcmp(s, "0") && strcmp(s, "no") && strcmp(s, "off");
}

/* Find "name" or "name:value" in the comma-separated list; the place behind the name. */
static const char *find_knob(const char *name)
{
	const char *s = param_get("knob");
	size_t n = strlen(name);

	while (s && *s) {
		if (strncmp(s, name, n) == 0 && (!s[n] || s[n] == ',' || s[n] == ':'))
			return s + n;
		s = strchr(s, ',');
		if (s)
			s++;
	}
	return NULL;
}

bool knob(const char *name)
{
	return find_knob(name) != NULL;
}

bool knob_u64(const char *name, u64 *value)
{
	const char *s = find_knob(name);

	return s && *s == ':' && parse_u64(s + 1, ',', value);
}
