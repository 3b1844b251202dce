/* SPDX-License-Identifier: MIT */
/*
 * Rings and records read, names and files of reports made: see report.h.  No firmware call.
 */
#include "text.h"
#include "report.h"

#define LINE		1200
#define MACHINE		"  \"machine\": "
#define MACHINE_MAX	2048
#define RUN		"  \"run\": \""
#define STARTED		"  \"state\": \"started\",\n"

/* ---- names ------------------------------------------------------------------------- */

static bool digits(const char *s, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (s[i] < '0' || s[i] > '9')
			return false;
	return n > 0;
}

static char lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c + 'a' - 'A') : c;
}

static bool known_kind(const char *s)
{
	return !strcmp(s, "tap") || !strcmp(s, "json") || !strcmp(s, "txt") || !strcmp(s, "png");
}

bool report_name_parse(const char *s, struct report_name *name)
{
	const char *dash = strchr(s, '-'), *dot = strchr(s, '.');
	size_t date = dash ? (size_t)(dash - s) : 0, n, i;

	if (!dash || !dot || dot < dash || date >= REPORT_DATE || strlen(dot + 1) > 4)
		return false;
	for (i = 0; i < date; i++)
		name->date[i] = lower(s[i]);
	name->date[date] = '\0';
	if (strcmp(name->date, "nodate") && (date != 8 || !digits(s, date)))
		return false;
	n = (size_t)(dot - dash - 1);
	if (n > 6 || !digits(dash + 1, n))
		return false;
	for (name->number = 0, i = 0; i < n; i++)
		name->number = name->number * 10 + (uint32_t)(dash[1 + i] - '0');
	for (i = 0; dot[1 + i]; i++)
		name->kind[i] = lower(dot[1 + i]);
	name->kind[i] = '\0';
	return name->number && known_kind(name->kind);
}

void report_name_text(const struct report_name *name, char *buf, size_t size)
{
	snprintf(buf, size, "%s-%u%s%s", name->date, name->number, name->kind[0] ? "." : "",
		 name->kind);
}

void report_date(char date[REPORT_DATE], unsigned year, unsigned month, unsigned day)
{
	bool known = year >= 2000 && year <= 9999 && month >= 1 && month <= 12 && day >= 1 &&
		     day <= 31;

	if (known)
		snprintf(date, REPORT_DATE, "%04u%02u%02u", year, month, day);
	else
		snprintf(date, REPORT_DATE, "nodate");
}

/* ---- the ring ---------------------------------------------------------------------- */

void report_ring_make(void *mem, uint32_t size, const struct report_name *name, uint64_t run,
		      uint32_t paging, uint32_t index, uint32_t kernels)
{
	struct report_head h = {
		.magic = REPORT_MAGIC, .version = REPORT_VERSION, .size = size, .run = run,
		.number = name->number, .paging = paging, .index = index, .kernels = kernels,
		.picture_off = size == REPORT_SIZE ? REPORT_PICTURE_OFF : 0,
	};
	struct report_status s = { .state = REPORT_WAITING };

	h.text_blocks = ((h.picture_off ? h.picture_off : size) - REPORT_TEXT_OFF) / REPORT_BLOCK;
	memcpy(h.date, name->date, REPORT_DATE);
	h.crc = crc32_add(0, &h, offsetof(struct report_head, crc));
	strlcpy(s.step, index ? "waiting for the first kernel" : "leaving boot services",
		sizeof(s.step));
	s.crc = crc32_add(0, &s, offsetof(struct report_status, crc));
	memcpy(mem, &h, sizeof(h));
	memcpy((uint8_t *)mem + REPORT_STATUS_OFF, &s, sizeof(s));
}

static const struct report_block *block_at(const struct report_ring *r, uint32_t number)
{
	return (const void *)(r->mem + REPORT_TEXT_OFF +
			      (size_t)(number % r->head.text_blocks) * REPORT_BLOCK);
}

static bool block_good(const struct report_block *b, uint32_t number)
{
	uint32_t crc;

	if (b->magic != REPORT_BLOCK_MAGIC || b->number != number || b->used > sizeof(b->data))
		return false;
	crc = crc32_add(0, &b->number, sizeof(b->number));
	return crc32_add(crc, b->data, b->used) == b->crc;
}

/* The newest good block in any slot, and the run of good ones that ends with it. */
static void find_text(struct report_ring *r)
{
	const struct report_block *b;
	uint32_t i, claimed = 0;

	r->first = r->end = 0;
	for (i = 0; i < r->head.text_blocks; i++) {
		b = block_at(r, i);
		if (b->magic != REPORT_BLOCK_MAGIC || b->number % r->head.text_blocks != i)
			continue;
		if (b->number >= claimed)
			claimed = b->number + 1;
		if (b->number >= r->end && block_good(b, b->number))
			r->end = b->number + 1;
	}
	r->damaged = claimed > r->end;
	for (r->first = r->end; r->first && r->end - r->first < r->head.text_blocks; r->first--)
		if (!block_good(block_at(r, r->first - 1), r->first - 1))
			break;
}

static bool find_status(struct report_ring *r)
{
	struct report_status s;
	bool found = false;
	unsigned i;

	for (i = 0; i < 2; i++) {
		memcpy(&s, r->mem + REPORT_STATUS_OFF * (1 + i), sizeof(s));
		if (crc32_add(0, &s, offsetof(struct report_status, crc)) != s.crc ||
		    s.state >= REPORT_STATES || (found && s.seq < r->status.seq))
			continue;
		s.step[REPORT_STEP - 1] = '\0';
		r->status = s;
		found = true;
	}
	return found;
}

static void find_picture(struct report_ring *r)
{
	uint32_t off = r->head.picture_off, len = r->status.picture_len;

	r->picture = NULL;
	if (!off || !len || len > r->head.size - off)
		return;
	if (crc32_add(0, r->mem + off, len) == r->status.picture_crc &&
	    len > 8 && !memcmp(r->mem + off, "\x89PNG", 4))
		r->picture = r->mem + off;
}

const char *report_ring_open(struct report_ring *r, const void *mem, uint64_t room)
{
	struct report_head *h = &r->head;

	if (room < REPORT_SIZE_SMALL)
		return "the firmware has used a part of it";
	r->mem = mem;
	memcpy(h, mem, sizeof(*h));
	if (h->magic != REPORT_MAGIC)
		return "it has no magic number";
	if (h->version != REPORT_VERSION)
		return "it is of another version";
	if (crc32_add(0, h, offsetof(struct report_head, crc)) != h->crc)
		return "its checksum is wrong";
	if (h->size != REPORT_SIZE && h->size != REPORT_SIZE_SMALL)
		return "its length is wrong";
	if (h->size > room)
		return "the firmware has used a part of it";
	if (!h->text_blocks || h->text_blocks > (h->size - REPORT_TEXT_OFF) / REPORT_BLOCK ||
	    h->picture_off >= h->size || h->index >= REPORT_RINGS || h->kernels > REPORT_RINGS ||
	    h->index >= h->kernels || !h->number || h->number > REPORT_NUMBER_MAX)
		return "its figures are wrong";
	h->date[REPORT_DATE - 1] = '\0';
	if (!find_status(r))
		return "the checksums of its state are wrong";
	find_text(r);
	find_picture(r);
	return NULL;
}

/* ---- lines ------------------------------------------------------------------------- */

/* Where a reader is in the text. */
struct cursor {
	const struct report_ring *ring;
	uint32_t block, at;
	char kind;
};

static int next_byte(struct cursor *c)
{
	const struct report_block *b;

	for (; c->block < c->ring->end; c->block++, c->at = 0) {
		b = block_at(c->ring, c->block);
		if (c->at < b->used)
			return (uint8_t)b->data[c->at++];
	}
	return -1;
}

/* The next line without its end; a very long one comes in pieces.  False: no more. */
static bool next_line(struct cursor *c, char line[LINE], char *kind)
{
	size_t n = 0;
	int byte;

	*kind = c->kind;
	for (;;) {
		byte = next_byte(c);
		if (byte == REPORT_TEST || byte == REPORT_SAYS) {
			c->kind = (char)byte;
			if (!n)
				*kind = c->kind;
			continue;
		}
		if (byte < 0 || byte == '\n')
			break;
		if (byte != '\r')
			line[n++] = (char)byte;
		if (n == LINE - 1)
			break;
	}
	line[n] = '\0';
	return byte >= 0 || n;
}

/* After lost text the first line is only the end of one. */
static struct cursor first_line(const struct report_ring *r)
{
	struct cursor c = { .ring = r, .block = r->first, .kind = REPORT_SAYS };
	char line[LINE], kind;

	if (r->first)
		next_line(&c, line, &kind);
	return c;
}

/* ---- text -------------------------------------------------------------------------- */

static void put_string(struct report_out *out, const char *s, size_t n)
{
	if (n > out->size - out->len) {
		out->full = true;
		return;
	}
	memcpy(out->buf + out->len, s, n);
	out->len += n;
}

void report_put(struct report_out *out, const char *fmt, ...)
{
	char text[LINE + 200];
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	if (n >= (int)sizeof(text)) {
		out->full = true;
		n = sizeof(text) - 1;
	}
	put_string(out, text, (size_t)n);
}

/* How many bytes the character at s has that is not ASCII; 0: it is no good UTF-8. */
static size_t utf8_length(const char *s)
{
	uint8_t c = (uint8_t)*s, next = (uint8_t)s[1];
	size_t n = 0, i;

	if (c >= 0xc2 && c < 0xf5)
		n = c < 0xe0 ? 2 : c < 0xf0 ? 3 : 4;

	for (i = 1; i < n; i++)
		if (((uint8_t)s[i] & 0xc0) != 0x80)
			return 0;
	/* longer than need be, half a pair, or beyond the last character */
	if ((c == 0xe0 && next < 0xa0) || (c == 0xed && next >= 0xa0) ||
	    (c == 0xf0 && next < 0x90) || (c == 0xf4 && next >= 0x90))
		return 0;
	return n;
}

void report_put_json(struct report_out *out, const char *s)
{
	size_t n;

	put_string(out, "\"", 1);
	for (; *s; s += n) {
		n = (uint8_t)*s < 0x80 ? 1 : utf8_length(s);
		if (*s == '"' || *s == '\\')
			report_put(out, "\\%c", *s);
		else if (!n || (uint8_t)*s < ' ' || *s == 0x7f)
			report_put(out, "\\u%04x", (uint8_t)*s);
		else
			put_string(out, s, n);
		n += !n;
	}
	put_string(out, "\"", 1);
}

/* ---- how a run went ---------------------------------------------------------------- */

static const char *state_word(const struct report_ring *r)
{
	static const char *const word[REPORT_STATES] = {
		"not started", "unfinished", "passed", "failed", "panic",
	};

	return word[r->status.state];
}

/* The ring whose state is that of the run: the first one that says something bad. */
static const struct report_ring *decisive(const struct report_run *run)
{
	static const uint32_t order[] = {
		REPORT_PANIC, REPORT_RUNNING, REPORT_WAITING, REPORT_FAIL,
	};
	unsigned i, k;

	for (i = 0; i < ARRAY_SIZE(order); i++)
		for (k = 0; k < run->rings; k++)
			if (run->ring[k]->status.state == order[i])
				return run->ring[k];
	return run->ring[run->rings - 1];
}

/* A kernel of the run whose ring was not found: nobody knows how it ended. */
static bool incomplete(const struct report_run *run)
{
	return run->rings < run->ring[0]->head.kernels;
}

const char *report_state_word(const struct report_run *run)
{
	const struct report_ring *r = decisive(run);
	uint32_t state = r->status.state;

	if (state == REPORT_WAITING || (incomplete(run) && state != REPORT_PANIC))
		return "unfinished";
	return state_word(r);
}

bool report_restarted(const struct report_run *run)
{
	unsigned i;

	for (i = 0; i < run->rings; i++)
		if (run->ring[i]->status.flags & REPORT_RESTARTS)
			return true;
	return false;
}

void report_summary(const struct report_run *run, char *buf, size_t size)
{
	const struct report_ring *r = decisive(run);
	uint32_t pass = 0, fail = 0, skip = 0;
	unsigned i;

	for (i = 0; i < run->rings; i++) {
		pass += run->ring[i]->status.pass;
		fail += run->ring[i]->status.fail;
		skip += run->ring[i]->status.skip;
	}
	if (r->status.state == REPORT_PASS || r->status.state == REPORT_FAIL)
		snprintf(buf, size, "%s: pass=%u fail=%u skip=%u%s", report_state_word(run), pass,
			 fail, skip, incomplete(run) ? ", a kernel's results are lost" : "");
	else if (r->status.state == REPORT_PANIC)
		snprintf(buf, size, "panic of the %u-level kernel in the step \"%s\"",
			 r->head.paging, r->status.step);
	else
		snprintf(buf, size, "unfinished: the %u-level kernel never came back after the step \"%s\"",
			 r->head.paging, r->status.step);
}

/* ---- files ------------------------------------------------------------------------- */

static uint32_t lost_bytes(const struct report_ring *r)
{
	return r->first * (uint32_t)sizeof(((struct report_block *)0)->data);
}

static void tap_ring(struct report_out *out, const struct report_ring *r)
{
	struct cursor c = first_line(r);
	char line[LINE], kind;

	report_put(out, "# Subtest: paging=%u\n", r->head.paging);
	if (r->first)
		report_put(out, "  # the first %u bytes were lost: the ring was full\n",
			   lost_bytes(r));
	while (next_line(&c, line, &kind))
		if (kind == REPORT_TEST)
			report_put(out, "  %s\n", line);
}

/* Nested KTAP: one test for each kernel, its rows below it. */
void report_tap(struct report_out *out, const struct report_run *run)
{
	const struct report_ring *r;
	unsigned i, kernels = run->ring[0]->head.kernels;

	report_put(out, "KTAP version 1\n1..%u\n", kernels);
	for (i = 0; i < run->rings; i++) {
		r = run->ring[i];
		tap_ring(out, r);
		report_put(out, "%sok %u - paging=%u %s: pass=%u fail=%u skip=%u, last step \"%s\"\n",
			   r->status.state == REPORT_PASS ? "" : "not ", i + 1, r->head.paging,
			   state_word(r), r->status.pass, r->status.fail, r->status.skip,
			   r->status.step);
	}
}

void report_txt(struct report_out *out, const struct report_run *run)
{
	char name[40], line[LINE], kind;
	const struct report_ring *r;
	struct cursor c;
	unsigned i;

	report_name_text(&run->name, name, sizeof(name));
	report_summary(run, line, sizeof(line));
	report_put(out, "Pagewalk report %s\n\n%s\n", name, line);
	for (i = 0; i < run->rings; i++) {
		r = run->ring[i];
		report_put(out, "\n%u-level page tables: %s, pass=%u fail=%u skip=%u, last step \"%s\"\n",
			   r->head.paging, state_word(r), r->status.pass, r->status.fail,
			   r->status.skip, r->status.step);
		if (r->first)
			report_put(out, "The first %u bytes of what it said were lost: the ring was full.\n",
				   lost_bytes(r));
		if (r->damaged)
			report_put(out, "The end of what it said was damaged in memory and is left out.\n");
		report_put(out, "\n");
		c = first_line(r);
		while (next_line(&c, line, &kind))
			report_put(out, "%s\n", line);
	}
}

/* "ok 3 - map.sorted PASS ..." or "not ok ..." as an object; false: another line. */
static bool json_row(struct report_out *out, char *line, bool first)
{
	bool good = !strncmp(line, "ok ", 3);
	char *id, *text;

	if (!good && strncmp(line, "not ok ", 7))
		return false;
	id = strchr(line, '-');
	if (!id || id[1] != ' ')
		return false;
	id += 2;
	text = strchr(id, ' ');
	if (text)
		*text++ = '\0';
	report_put(out, "%s\n        {\"id\": ", first ? "" : ",");
	report_put_json(out, id);
	report_put(out, ", \"ok\": %s, \"text\": ", good ? "true" : "false");
	report_put_json(out, text ? text : "");
	report_put(out, "}");
	return true;
}

static void json_ring(struct report_out *out, const struct report_ring *r)
{
	struct cursor c = first_line(r);
	char line[LINE], kind;
	bool first = true;

	report_put(out, "    {\"paging\": %u, \"state\": \"%s\", \"step\": ", r->head.paging,
		   state_word(r));
	report_put_json(out, r->status.step);
	report_put(out, ", \"pass\": %u, \"fail\": %u, \"skip\": %u, \"lost_bytes\": %u, \"damaged\": %s,\n"
		   "      \"rows\": [", r->status.pass, r->status.fail, r->status.skip,
		   lost_bytes(r), r->damaged ? "true" : "false");
	while (next_line(&c, line, &kind))
		if (kind == REPORT_TEST && json_row(out, line, first))
			first = false;
	report_put(out, "%s]}", first ? "" : "\n      ");
}

static void json_head(struct report_out *out, const struct report_name *name, uint64_t run,
		      const char *state)
{
	report_put(out, "{\n  \"report\": %u,\n  \"number\": %u,\n  \"date\": ", REPORT_VERSION,
		   name->number);
	report_put_json(out, name->date);
	report_put(out, ",\n" RUN "%016llx\",\n  \"state\": ", (unsigned long long)run);
	report_put_json(out, state);
	report_put(out, ",\n");
}

static void json_machine(struct report_out *out, const char *machine, size_t len)
{
	if (!machine)
		return;
	put_string(out, machine, len);
	report_put(out, "\n");
}

void report_json(struct report_out *out, const struct report_run *run)
{
	struct report_name picture = run->name;
	bool has_picture = false;
	char text[LINE];
	unsigned i;

	json_head(out, &run->name, run->ring[0]->head.run, report_state_word(run));
	report_summary(run, text, sizeof(text));
	report_put(out, "  \"summary\": ");
	report_put_json(out, text);
	report_put(out, ",\n");
	json_machine(out, run->machine, run->machine_len);
	report_put(out, "  \"kernels\": [\n");
	for (i = 0; i < run->rings; i++) {
		json_ring(out, run->ring[i]);
		report_put(out, "%s\n", i + 1 < run->rings ? "," : "");
		has_picture |= run->ring[i]->picture != NULL;
	}
	strlcpy(picture.kind, "png", sizeof(picture.kind));
	report_name_text(&picture, text, sizeof(text));
	report_put(out, "  ],\n  \"picture\": ");
	if (has_picture)
		report_put_json(out, text);
	else
		report_put(out, "null");
	report_put(out, "\n}\n");
}

/* ---- records ----------------------------------------------------------------------- */

void report_record(struct report_out *out, const struct report_name *name, uint64_t run,
		   const char *state, const char *finding, const char *machine, size_t len)
{
	json_head(out, name, run, state);
	report_put(out, "  \"summary\": ");
	report_put_json(out, finding);
	report_put(out, ",\n");
	json_machine(out, machine, len);
	report_put(out, "  \"kernels\": [],\n  \"picture\": null\n}\n");
}

/* The first place of `what` in text; NULL: nowhere. */
static const char *search(const char *text, size_t len, const char *what)
{
	size_t n = strlen(what);

	for (; len >= n; text++, len--)
		if (!memcmp(text, what, n))
			return text;
	return NULL;
}

static bool hex_u64(const char *s, uint64_t *v)
{
	unsigned i;

	for (*v = 0, i = 0; i < 16; i++) {
		char c = s[i];

		if (c >= '0' && c <= '9')
			*v = *v << 4 | (uint64_t)(c - '0');
		else if (c >= 'a' && c <= 'f')
			*v = *v << 4 | (uint64_t)(c - 'a' + 10);
		else
			return false;
	}
	return s[16] == '"';
}

/* One line of printable ASCII that is an object and ends with a comma, as we write it. */
static void find_machine(const char *text, size_t len, const char **machine, size_t *machine_len)
{
	const char *s = search(text, len, MACHINE "{");
	size_t n = 0, left = s ? (size_t)(text + len - s) : 0;

	*machine = NULL;
	*machine_len = 0;
	while (n < left && s[n] >= ' ' && s[n] <= '~')
		n++;
	if (n == left || s[n] != '\n' || n > MACHINE_MAX || memcmp(s + n - 2, "},", 2))
		return;
	*machine = s;
	*machine_len = n;
}

bool report_record_parse(const char *text, size_t len, uint64_t *run, const char **machine,
			 size_t *machine_len)
{
	const char *id = search(text, len, RUN);

	find_machine(text, len, machine, machine_len);
	if (!id || !search(text, len, STARTED))
		return false;
	id += sizeof(RUN) - 1;
	return id + 17 <= text + len && hex_u64(id, run);
}
