/* SPDX-License-Identifier: MIT */
/*
 * The archive reader: good archives, every kind of damage, and mutations of a good archive
 * by the hundred thousand; ASan says if a byte outside is ever read.
 */
#include <kernel/cpio.h>
#include <kernel/random.h>
#include <linux/errno.h>
#include <stdlib.h>

#include "tap.h"

/* In 32 bits each instruction is emulated. */
#define MUTATIONS	(sizeof(long) == 8 ? 100000u : 5000u)

struct archive {
	char data[4096];
	size_t size;
};

/* A file with inode number `ino` and `links` names. */
static void add_linked(struct archive *a, const char *name, const char *text, unsigned ino,
		       unsigned links)
{
	size_t n = strlen(text);

	a->size += sprintf(a->data + a->size,
			   "070701%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x",
			   ino, 0100755, 0, 0, links, 1700000000, (unsigned)n, 0, 0, 0, 0,
			   (unsigned)strlen(name) + 1, 0);
	strcpy(a->data + a->size, name);
	a->size += strlen(name) + 1;
	while (a->size % 4)
		a->data[a->size++] = 0;
	memcpy(a->data + a->size, text, n);
	a->size += n;
	while (a->size % 4)
		a->data[a->size++] = 0;
}

static void add(struct archive *a, const char *name, const char *text)
{
	add_linked(a, name, text, 1, 1);
}

struct seen {
	int count, stop_at;
	char names[256];
	size_t bytes;
};

static int note(const struct cpio_entry *e, void *arg)
{
	struct seen *s = arg;

	s->count++;
	if (strlen(s->names) + strlen(e->name) + 2 < sizeof(s->names)) {
		strcat(s->names, e->name);
		strcat(s->names, " ");
	}
	s->bytes += e->size;
	return s->stop_at && s->count == s->stop_at ? -ENOMEM : 0;
}

/* Read a copy of exactly `size` bytes, so that the sanitizer sees the end. */
static int read_copy(const char *data, size_t size, struct seen *s, struct cpio_error *error)
{
	char *copy = malloc(size ? size : 1);
	int ret;

	memcpy(copy, data, size);
	ret = cpio_for_each(copy, size, note, s, error);
	free(copy);
	return ret;
}

static void good(void)
{
	struct archive a = { .size = 0 };
	struct seen s = { 0 };
	struct cpio_error error;

	add(&a, "./bin/init", "program");
	add(&a, "/etc/empty", "");
	add(&a, "TRAILER!!!", "");
	a.size += 100;			/* padding as cpio makes it */
	add(&a, "second", "archive");
	is(read_copy(a.data, a.size, &s, &error), -EINVAL, "no trailer at the end: cut off");
	is(error.offset, a.size, "and where");
	s = (struct seen){ 0 };
	add(&a, "TRAILER!!!", "");
	is(read_copy(a.data, a.size, &s, &error), 0, "a good archive");
	is(s.count, 3, "three entries, over a trailer");
	is_str(s.names, "bin/init etc/empty second ", "names without ./ and /");
	is(s.bytes, 14, "bytes of contents");
	s = (struct seen){ .stop_at = 2 };
	is(read_copy(a.data, a.size, &s, &error), -ENOMEM, "what the callback says ends it");
	is(s.count, 2, "after the second entry");
	s = (struct seen){ 0 };
	is(read_copy(a.data, 0, &s, &error), 0, "an empty archive");
	memset(a.data, 0, sizeof(a.data));
	is(read_copy(a.data, sizeof(a.data), &s, &error), -EINVAL, "nothing but zeros");
}

/* Name, "=", contents, blank. */
static int note_contents(const struct cpio_entry *e, void *arg)
{
	char *text = arg;

	sprintf(text + strlen(text), "%s=%.*s ", e->name, (int)e->size, (const char *)e->data);
	return 0;
}

static void links(void)
{
	struct archive a = { .size = 0 };
	struct cpio_error error;
	char text[256] = "";

	add_linked(&a, "one", "", 7, 2);
	add_linked(&a, "x", "", 8, 3);
	add_linked(&a, "y", "", 8, 3);
	add_linked(&a, "empty", "", 9, 1);
	add_linked(&a, "two", "of seven", 7, 2);
	add_linked(&a, "z", "of eight", 8, 3);
	add_linked(&a, "lost", "", 10, 2);
	add(&a, "TRAILER!!!", "");
	add_linked(&a, "first", "of nine", 9, 2);
	add_linked(&a, "last", "", 9, 2);
	add_linked(&a, "other", "", 7, 2);
	add(&a, "TRAILER!!!", "");
	is(cpio_for_each(a.data, a.size, note_contents, text, &error), 0, "hard links");
	is_str(text, "one=of seven x=of eight y=of eight empty= two=of seven z=of eight lost= "
		     "first=of nine last=of nine other= ",
	       "all names of a file have its contents, in each archive by itself");
}

/* Each looks for contents that are nowhere: it ends, and says why. */
static void too_many_links(void)
{
	const unsigned files = 2100;
	char *data = malloc(files * 120), *end = data;
	struct archive a;
	struct seen s = { 0 };
	struct cpio_error error;
	unsigned i;

	for (i = 0; i < files; i++) {
		a.size = 0;
		add_linked(&a, "x", "", i, 2);
		memcpy(end, a.data, a.size);
		end += a.size;
	}
	is(cpio_for_each(data, (size_t)(end - data), note, &s, &error), -EINVAL, "links without end");
	is_str(error.what, "too many empty hard links", "the reason");
	is(s.count, 4000000 / files, "up to where it looked");
	free(data);
}

static void damaged(const char *what, size_t at, char byte, size_t cut, size_t offset,
		    const char *reason)
{
	struct archive a = { .size = 0 };
	struct seen s = { 0 };
	struct cpio_error error;

	add(&a, "first", "1");
	add(&a, "other", "22");
	if (at)
		a.data[at] = byte;
	is(read_copy(a.data, a.size - cut, &s, &error), -EINVAL, "%s: refused", what);
	is(error.offset, offset, "%s: where", what);
	is_str(error.what ? error.what : "", reason, "%s: why", what);
}

static void damage(void)
{
	/* Entry 1 has 110 + 6 + 4 = 120 bytes, its padding included. */
	damaged("bad magic", 120, 'x', 0, 120, "no newc header (070701)");
	damaged("bad digit", 120 + 20, 'g', 0, 120, "a header field is not hexadecimal");
	damaged("cut header", 0, 0, 60, 120, "the file ends inside a header");
	damaged("cut contents", 0, 0, 4, 120, "an entry is longer than the file");
	damaged("size too large", 120 + 54, '7', 0, 120, "an entry is longer than the file");
	damaged("endless name", 120 + 94, '7', 0, 120, "the length of a name is impossible");
	damaged("name of length 0", 120 + 101, '0', 0, 120, "the length of a name is impossible");
	damaged("name without end", 120 + 115, 'x', 0, 120, "a name does not end");
}

static void mutate(void)
{
	struct archive a = { .size = 0 };
	struct cpio_error error;
	unsigned long refused = 0, i;
	struct seen s;
	struct rnd rnd;
	char data[4096];
	int n;

	add(&a, "a", "12345");
	add(&a, "directory/b", "");
	add(&a, "c", "some more text");
	add(&a, "TRAILER!!!", "");
	rnd_seed(&rnd, 1);
	for (i = 0; i < MUTATIONS; i++) {
		memcpy(data, a.data, a.size);
		for (n = 1 + rnd_below(&rnd, 4); n > 0; n--)
			data[rnd_below(&rnd, a.size)] = "0f7\0\377/"[rnd_below(&rnd, 6)];
		s = (struct seen){ 0 };
		refused += read_copy(data, a.size - rnd_below(&rnd, 8), &s, &error) == -EINVAL;
	}
	ok(refused > MUTATIONS / 10, "%u mutations, %lu refused, none read outside", MUTATIONS, refused);
}

int main(void)
{
	plan(10 + 2 + 3 + 8 * 3 + 1);
	good();
	links();
	too_many_links();
	damage();
	mutate();
	return done();
}
