/* SPDX-License-Identifier: MIT */
/* JSON; see json.h. */
#include "json.h"

static void put(struct json *j, const char *text, size_t n)
{
	if (j->full || n >= j->size - j->len) {
		j->full = true;
		return;
	}
	memcpy(j->buf + j->len, text, n);
	j->len += n;
	j->buf[j->len] = '\0';
}

static void put_text(struct json *j, const char *text)
{
	put(j, text, strlen(text));
}

void json_begin(struct json *j, char *buf, size_t size)
{
	*j = (struct json){ .buf = buf, .size = size, .first = true };
	buf[0] = '\0';
}

/* How many bytes from here on are one character; 0: none. */
static size_t utf8_length(const char *s)
{
	u8 c = (u8)*s;
	size_t n = c < 0x80 ? 1 : c >= 0xc2 && c < 0xe0 ? 2 : c >= 0xe0 && c < 0xf0 ? 3 :
		   c >= 0xf0 && c < 0xf5 ? 4 : 0;
	size_t i;

	for (i = 1; i < n; i++)
		if (((u8)s[i] & 0xc0) != 0x80)
			return 0;
	/* Longer than it need be, half of a pair, or beyond the last one. */
	if ((c == 0xe0 && (u8)s[1] < 0xa0) || (c == 0xed && (u8)s[1] >= 0xa0) ||
	    (c == 0xf0 && (u8)s[1] < 0x90) || (c == 0xf4 && (u8)s[1] >= 0x90))
		return 0;
	return n;
}

static void put_quoted(struct json *j, const char *s)
{
	char escape[8];
	size_t n;

	put(j, "\"", 1);
	for (; *s; s += n) {
		n = utf8_length(s);
		if (!n) {
			put_text(j, "\\ufffd");
			n = 1;
		} else if (n == 1 && ((u8)*s < 0x20 || *s == '"' || *s == '\\' || *s == 0x7f)) {
			snprintf(escape, sizeof(escape), "\\u%04x", (u8)*s);
			put_text(j, escape);
		} else {
			put(j, s, n);
		}
	}
	put(j, "\"", 1);
}

static void begin_member(struct json *j, const char *name)
{
	if (!j->first)
		put(j, ",", 1);
	j->first = false;
	if (!name)
		return;
	put_quoted(j, name);
	put(j, ":", 1);
}

void json_open(struct json *j, const char *name, char bracket)
{
	begin_member(j, name);
	put(j, &bracket, 1);
	j->first = true;
}

void json_close(struct json *j, char bracket)
{
	put(j, &bracket, 1);
	j->first = false;
}

void json_number(struct json *j, const char *name, u64 value)
{
	char text[24];

	begin_member(j, name);
	snprintf(text, sizeof(text), "%llu", (unsigned long long)value);
	put_text(j, text);
}

void json_hex(struct json *j, const char *name, u64 value)
{
	char text[24];

	begin_member(j, name);
	snprintf(text, sizeof(text), "\"0x%llx\"", (unsigned long long)value);
	put_text(j, text);
}

void json_bool(struct json *j, const char *name, bool value)
{
	begin_member(j, name);
	put_text(j, value ? "true" : "false");
}

void json_null(struct json *j, const char *name)
{
	begin_member(j, name);
	put_text(j, "null");
}

void json_string(struct json *j, const char *name, const char *value)
{
	if (!value) {
		json_null(j, name);
		return;
	}
	begin_member(j, name);
	put_quoted(j, value);
}

bool json_print(struct json *j)
{
	size_t done = 0;
	long n;

	put(j, "\n", 1);
	if (j->full)
		return false;
	for (; done < j->len; done += (size_t)n) {
		n = sys_write(1, j->buf + done, j->len - done);
		if (n <= 0)
			return false;
	}
	return true;
}
