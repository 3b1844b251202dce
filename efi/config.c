/* SPDX-License-Identifier: MIT */
/*
 * The configuration: four sources, later wins.
 *
 *	\EFI\pagewalk\last.conf		what the menu chose (we write it)
 *	\EFI\pagewalk\pagewalk.conf	the user's (never written)
 *	LoadOptions			what a boot manager or a shell passed
 *	fw_cfg opt/pagewalk/cmdline	under QEMU
 *
 * All four hold `key=value` with white space between; a value may be in "double quotes"
 * to hold spaces, and files have `#` comments.  What is wrong is reported with its place
 * and what would be right, then ignored: a stick with a spoilt file must still boot.
 */
#include "loader.h"
#include <boot/options.h>

#define CONF_MAX	(16 * 1024)	/* of a file; more is not read */
#define REPORTS_MAX	8		/* per source; the rest is counted */
#define LAST_CONF	OUR_DIR L"\\last.conf"
#define USER_CONF	OUR_DIR L"\\pagewalk.conf"
#define FWCFG_NAME	"opt/pagewalk/cmdline"

#define COUNT(...)	+ 1
enum { OPTIONS = 0 BOOT_OPTIONS(COUNT) };

struct setting {
	bool set;
	char value[VALUE_MAX];
};

static struct setting current[OPTIONS];	/* merged */
static struct setting last[OPTIONS];	/* what last.conf says, or will say */
static bool last_changed;

/* The source that is being parsed. */
struct source {
	const char *name;
	bool is_file;			/* has lines and comments */
	struct setting *copy;		/* also note here what was set */
	unsigned line;
	unsigned problems, reported;
	bool listed;			/* the known keys were named once */
	bool odd;			/* so was what is not text */
};

/* ---- reports ----------------------------------------------------------------------- */

static bool may_report(struct source *src)
{
	src->problems++;
	return ++src->reported <= REPORTS_MAX;
}

/* "pagewalk.conf:3" or "load options" */
static void place(const struct source *src, char *buf, size_t size)
{
	if (src->is_file)
		snprintf(buf, size, "%s:%u", src->name, src->line);
	else
		snprintf(buf, size, "%s", src->name);
}

/* A piece of user text for a message: short, and nothing that could upset a console. */
static const char *shown(const char *s)
{
	static char buf[44];
	size_t i;

	for (i = 0; s[i] && i < 40; i++)
		buf[i] = s[i] >= ' ' && s[i] <= '~' ? s[i] : '?';
	strlcpy(buf + i, s[i] ? "..." : "", 4);
	return buf;
}

static void report_unknown(struct source *src, const char *key)
{
	char where[40], keys[320];
	size_t n = 0;
	unsigned i;

	if (!may_report(src))
		return;
	place(src, where, sizeof(where));
	if (src->listed) {
		log_warn("%s: unknown key \"%s\", ignored", where, shown(key));
		return;
	}
	src->listed = true;
	keys[0] = 0;
	for (i = 0; i < OPTIONS && n < sizeof(keys); i++)
		n += (size_t)snprintf(keys + n, sizeof(keys) - n, " %s", option_def(i)->name);
	log_warn("%s: unknown key \"%s\", ignored; known keys:%s", where, shown(key), keys);
}

static void report_value(struct source *src, const struct option_def *def, const char *value)
{
	char where[40], usage[128];

	if (!may_report(src))
		return;
	place(src, where, sizeof(where));
	option_usage(def, usage, sizeof(usage));
	if (value)
		log_warn("%s: bad value \"%s\" for %s, ignored; use %s", where, shown(value),
			 def->name, usage);
	else
		log_warn("%s: %s has no value, ignored; use %s", where, def->name, usage);
}

static void report_text(struct source *src, const char *what)
{
	char where[40];

	if (!may_report(src))
		return;
	place(src, where, sizeof(where));
	log_warn("%s: %s", where, what);
}

/* ---- tokens ------------------------------------------------------------------------ */

static void put(struct setting *s, const char *value)
{
	s->set = value != NULL;
	strlcpy(s->value, value ? value : "", sizeof(s->value));
}

/* A flag is kept as "1" or not at all. */
static const char *canonical(const struct option_def *def, const char *value)
{
	if (def->kind != OPT_FLAG)
		return value;
	return option_flag(value) ? "1" : NULL;
}

static bool is_plain(const char *s)
{
	for (; *s; s++)
		if ((*s < ' ' && *s != '\t') || *s > '~')
			return false;
	return true;
}

static void take_token(struct source *src, char *token)
{
	char *eq = strchr(token, '=');
	const struct option_def *def;
	const char *value = NULL;
	int i;

	if (!is_plain(token)) {
		if (src->odd)
			src->problems++;
		else
			report_text(src, "characters that are not plain ASCII, ignored; save "
				    "it as plain text with keys like paging=2");
		src->odd = true;
		return;
	}
	if (eq) {
		*eq = 0;
		value = eq + 1;
	}
	i = option_find(token);
	if (i < 0) {
		report_unknown(src, token);
		return;
	}
	def = option_def((unsigned)i);
	if (!value && def->kind == OPT_FLAG)
		value = "1";
	if (!value || !option_valid(def, value)) {
		report_value(src, def, value);
		return;
	}
	put(&current[i], canonical(def, value));
	if (src->copy)
		put(&src->copy[i], canonical(def, value));
}

static bool is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == '\f' || c == '\v';
}

/*
 * One token from p into buf (quotes removed); returns what follows it.  NULs and other
 * odd bytes are copied as '\1', for take_token to see.
 */
static const char *next_token(struct source *src, const char *p, const char *end, char *buf,
			      size_t size)
{
	bool quoted = false, cut = false;
	size_t n = 0;

	for (; p < end && *p != '\n' && (quoted || !is_space(*p)); p++) {
		if (*p == '"')
			quoted = !quoted;
		else if (n + 1 < size)
			buf[n++] = *p ? *p : 1;
		else
			cut = true;
	}
	while (quoted && n && buf[n - 1] == '\r')
		n--;
	buf[n] = 0;
	if (quoted)
		report_text(src, "no closing \" on this line; it is taken as its end");
	if (cut) {
		report_text(src, "a word of more than 1000 characters, ignored; shorten it");
		buf[0] = 0;
	}
	return p;
}

static void parse(struct source *src, const char *p, size_t len)
{
	static char token[VALUE_MAX];
	const char *end = p + len;

	src->line = 1;
	while (p < end) {
		if (*p == '\n') {
			src->line++;
			p++;
		} else if (is_space(*p)) {
			p++;
		} else if (src->is_file && *p == '#') {
			while (p < end && *p != '\n')
				p++;
		} else {
			p = next_token(src, p, end, token, sizeof(token));
			if (token[0])
				take_token(src, token);
		}
	}
	if (src->reported > REPORTS_MAX)
		src->reported = REPORTS_MAX;
	if (src->problems > src->reported)
		log_warn("%s: %u more problems like these", src->name,
			 src->problems - src->reported);
}

/* ---- sources ----------------------------------------------------------------------- */

static char text[CONF_MAX + 2];

/* Windows editors save UTF-16; turn it into bytes in place.  Returns the new length. */
static size_t from_utf16(char *s, size_t len)
{
	size_t i, n = 0;
	uint8_t lo, hi;

	for (i = 2; i + 1 < len; i += 2) {
		lo = (uint8_t)s[i];
		hi = (uint8_t)s[i + 1];
		s[n++] = hi || lo > '~' ? 1 : (char)lo;
	}
	return n;
}

static void read_conf(const CHAR16 *path, const char *name, struct setting *copy)
{
	struct source src = { .name = name, .is_file = true, .copy = copy };
	EFI_STATUS status;
	UINTN got;
	uint64_t size;
	size_t len, start = 0;

	status = file_read(path, text, CONF_MAX, &got, &size);
	if (status == EFI_NOT_FOUND)
		return;
	if (EFI_ERROR(status)) {
		log_warn("%s: cannot be read (%s), going on without it; check the stick", name,
			 status_text(status));
		return;
	}
	len = got;
	if (len >= 2 && !memcmp(text, "\xff\xfe", 2))
		len = from_utf16(text, len);
	else if (len >= 3 && !memcmp(text, "\xef\xbb\xbf", 3))
		start = 3;
	if (size > CONF_MAX) {
		while (len > start && text[len - 1] != '\n')
			len--;
		log_warn("%s: has %llu bytes, only the first 16 KiB up to a full line are used; "
			 "shorten it", name, (unsigned long long)size);
	}
	parse(&src, text + start, len - start);
}

/*
 * LoadOptions as 8-bit text in `text`: UCS-2 as it should be, or bytes as some loaders
 * pass.  Firmware's own boot entries may carry binary data: 0 for that.
 */
static size_t options_text(const uint8_t *p, size_t size)
{
	bool wide = size >= 2 && !p[1];
	size_t i, n = 0;

	if (size >= 2 && p[0] == 0xff && p[1] == 0xfe) {
		wide = true;
		p += 2;
		size -= 2;
	}
	for (i = 0; i + wide < size && n < CONF_MAX; i += 1u + wide) {
		if (!p[i] && (!wide || !p[i + 1]))
			break;
		if ((wide && p[i + 1]) || p[i] > '~' || (p[i] < ' ' && !is_space((char)p[i])))
			return 0;
		text[n++] = (char)p[i];
	}
	text[n] = 0;
	return n;
}

/* A shell passes the command as it was typed, so the first word may be our own name. */
static size_t own_name_len(const char *s)
{
	const char *p = s;
	bool quoted = false;
	char word[64];
	size_t n = 0;

	while (is_space(*p))
		p++;
	for (; *p && (quoted || !is_space(*p)); p++) {
		if (*p == '=')
			return 0;
		if (*p == '"')
			quoted = !quoted;
		else if (n + 1 < sizeof(word))
			word[n++] = *p;
	}
	word[n] = 0;
	return option_find(word) < 0 ? (size_t)(p - s) : 0;
}

/* U-Boot hands its bootargs to whatever it starts, and those are meant for Linux. */
static bool for_linux(const char *s)
{
	for (; *s; s++)
		if (!strncmp(s, "root=", 5) && (s == text || is_space(s[-1])))
			return true;
	return false;
}

static void read_load_options(void)
{
	struct source src = { .name = "load options" };
	EFI_LOADED_IMAGE *li = file_loaded_image();
	size_t len, skip;

	if (!li || !li->LoadOptions || !li->LoadOptionsSize)
		return;
	len = options_text(li->LoadOptions, li->LoadOptionsSize);
	if (!len) {
		if (*(const uint8_t *)li->LoadOptions)
			log_quiet("load options: %u bytes that are not text, ignored",
				  li->LoadOptionsSize);
		return;
	}
	if (for_linux(text)) {
		log_quiet("load options: a command line for Linux (root=), ignored");
		return;
	}
	skip = own_name_len(text);
	parse(&src, text + skip, len - skip);
}

static void read_fwcfg(void)
{
	struct source src = { .name = "fw_cfg " FWCFG_NAME };
	int len = fwcfg_read(FWCFG_NAME, text, CONF_MAX);

	while (len > 0 && !text[len - 1])
		len--;
	if (len > 0)
		parse(&src, text, (size_t)len);
}

/* ---- results ----------------------------------------------------------------------- */

const char *config_get(const char *key)
{
	int i = option_find(key);

	return i >= 0 && current[i].set ? current[i].value : NULL;
}

const char *config_preset(const char *key)
{
	int i = option_find(key);

	return i >= 0 ? option_def((unsigned)i)->preset : "";
}

static uint64_t number(const char *key, uint64_t preset)
{
	const char *s = config_get(key);
	uint64_t v;

	return s && parse_u64(s, &v) ? v : preset;
}

/* The few values that the loader itself acts on. */
static void fill_plain(struct options *opt)
{
	const char *s = config_get("paging");

	opt->paging = !s ? PAGING_4 : !strcmp(s, "2") ? PAGING_2 :
		      !strcmp(s, "both") ? PAGING_BOTH : PAGING_4;
	opt->timeout = (unsigned)number("timeout", 3);
	opt->mem = number("mem", 0);
	opt->lowmem = number("lowmem", 0);
	opt->fragment = (unsigned)number("fragment", 0);
	s = config_get("gop");
	opt->gop = s ? (int)number("gop", 0) : -1;
	opt->screen_w = 0;
	opt->screen_h = 0;
	s = config_get("screen");
	if (s)
		option_screen(s, &opt->screen_w, &opt->screen_h);
}

void config_read(struct options *opt)
{
	memset(opt, 0, sizeof(*opt));
	read_conf(LAST_CONF, "last.conf", last);
	read_conf(USER_CONF, "pagewalk.conf", NULL);
	read_load_options();
	read_fwcfg();
	fill_plain(opt);
}

void config_set(struct options *opt, const char *key, const char *value)
{
	int i = option_find(key);

	if (i < 0 || (value && !option_valid(option_def((unsigned)i), value)))
		return;
	put(&current[i], value);
	if (last[i].set != current[i].set || strcmp(last[i].value, current[i].value))
		last_changed = true;
	last[i] = current[i];
	fill_plain(opt);
}

/* "key=value", the value in quotes if it needs them; the length, cut to size - 1. */
static size_t write_pair(char *buf, size_t size, unsigned i, const char *value)
{
	const char *quote = strchr(value, ' ') || strchr(value, '\t') ||
			    strchr(value, '#') ? "\"" : "";

	return (size_t)snprintf(buf, size, "%s=%s%s%s", option_def(i)->name, quote, value,
				quote);
}

void config_cmdline(struct options *opt)
{
	size_t n = 0, len;
	unsigned i;

	opt->cmdline[0] = 0;
	for (i = 0; i < OPTIONS; i++) {
		if (!current[i].set)
			continue;
		len = write_pair(opt->cmdline + n, CMDLINE_MAX - n - 1, i, current[i].value);
		if (len >= CMDLINE_MAX - n - 1) {
			log_warn("configuration: %s is left out, all keys together have more than "
				 "4 KiB; shorten them", option_def(i)->name);
			opt->cmdline[n] = 0;
			continue;
		}
		n += len;
		opt->cmdline[n++] = ' ';
		opt->cmdline[n] = 0;
	}
	if (n)
		opt->cmdline[--n] = 0;
	opt->cmdline_len = (uint32_t)n;
	log_line("pagewalk: configuration: %.440s", n ? opt->cmdline : "all keys at their presets");
}

void config_remember(void)
{
	EFI_STATUS status;
	size_t n, len;
	unsigned i;

	if (!last_changed)
		return;
	n = strlcpy(text, "# Written by the menu of Pagewalk; your own settings go into "
		    "pagewalk.conf.\n", sizeof(text));
	for (i = 0; i < OPTIONS; i++) {
		if (!last[i].set)
			continue;
		len = write_pair(text + n, sizeof(text) - n, i, last[i].value);
		if (len + 1 >= sizeof(text) - n)
			break;
		n += len;
		text[n++] = '\n';
	}
	status = file_write(LAST_CONF, text, n);
	if (EFI_ERROR(status))
		log_line("last.conf: the choice cannot be kept (%s); to keep it, make the stick "
			 "writable or put it into \\EFI\\pagewalk\\pagewalk.conf",
			 status_text(status));
	last_changed = false;
}
