/* SPDX-License-Identifier: MIT */
/*
 * A reader for newc archives.
 *
 * An entry is a header of 110 ASCII characters (magic 070701 or 070702, then 13 numbers of
 * 8 hexadecimal digits), the name with its NUL padded to 4 bytes, and the contents padded
 * to 4 bytes.  "TRAILER!!!" ends an archive; more may follow.
 *
 * Names of one file (hard links) have one inode number, and only one of them has the
 * contents.
 */
#include <fs/mode.h>
#include <kernel/cpio.h>
#include <kernel/ctype.h>
#include <kernel/kernel.h>
#include <kernel/string.h>
#include <linux/errno.h>

#define HEADER_SIZE	110
#define NAME_MAX_LEN	4096

enum field { F_INO, F_MODE, F_UID, F_GID, F_NLINK, F_MTIME, F_FILESIZE, F_DEVMAJOR, F_DEVMINOR,
	     F_RDEVMAJOR, F_RDEVMINOR, F_NAMESIZE, F_CHECK, FIELDS };

static bool parse_fields(const char *header, u32 value[FIELDS])
{
	const char *p = header + 6;
	int i, j, d;

	for (i = 0; i < FIELDS; i++) {
		value[i] = 0;
		for (j = 0; j < 8; j++) {
			d = hex_value(*p++);
			if (d < 0)
				return false;
			value[i] = value[i] << 4 | (u32)d;
		}
	}
	return true;
}

static int bad(struct cpio_error *error, size_t offset, const char *what)
{
	error->what = what;
	error->offset = offset;
	return -EINVAL;
}

static const char *plain_name(const char *name)
{
	while (name[0] == '/' || (name[0] == '.' && name[1] == '/'))
		name += name[0] == '/' ? 1 : 2;
	return name;
}

struct header {
	u32 f[FIELDS];
	const char *name;
	size_t body, size;		/* from its start: to the contents, to the next one */
};

/* NULL, or what is wrong with the entry of at most `left` bytes. */
static const char *parse(const char *header, size_t left, struct header *h)
{
	u32 *f = h->f;

	if (left < HEADER_SIZE)
		return "the file ends inside a header";
	if (memcmp(header, "070701", 6) && memcmp(header, "070702", 6))
		return "no newc header (070701)";
	if (!parse_fields(header, f))
		return "a header field is not hexadecimal";
	if (f[F_NAMESIZE] < 1 || f[F_NAMESIZE] > NAME_MAX_LEN)
		return "the length of a name is impossible";
	h->body = ALIGN((size_t)HEADER_SIZE + f[F_NAMESIZE], 4);
	if (h->body > left || f[F_FILESIZE] > left - h->body)
		return "an entry is longer than the file";
	h->name = header + HEADER_SIZE;
	if (h->name[f[F_NAMESIZE] - 1] != '\0')
		return "a name does not end";
	h->size = ALIGN(h->body + f[F_FILESIZE], 4);
	return NULL;
}

static bool is_trailer(const struct header *h)
{
	return strcmp(h->name, "TRAILER!!!") == 0;
}

static bool is_linked(const struct header *h)
{
	return h->f[F_NLINK] > 1 && (h->f[F_MODE] & S_IFMT) == S_IFREG;
}

static bool same_file(const struct header *a, const struct header *b)
{
	return a->f[F_INO] == b->f[F_INO] && a->f[F_DEVMAJOR] == b->f[F_DEVMAJOR] &&
	       a->f[F_DEVMINOR] == b->f[F_DEVMINOR];
}

/* Looking for contents is a walk through the archive: so many entries in all. */
#define LOOKS_MAX	4000000u

/* The contents of the file that was last looked for: often its names come together. */
struct contents {
	struct header of;
	u32 looks;			/* at entries, for all files so far */
	const char *data;
	u32 size;
};

/* The contents of linked file h, from its archive, data[0..size); false: that takes too long. */
static bool find_contents(const char *data, size_t size, const struct header *h,
			  struct contents *c)
{
	struct header other;
	size_t at;

	if (c->data && same_file(h, &c->of))
		return true;
	*c = (struct contents){ .of = *h, .looks = c->looks, .data = data };
	for (at = 0; at < size && !parse(data + at, size - at, &other); at += other.size) {
		if (is_trailer(&other))
			break;
		if (++c->looks > LOOKS_MAX)
			return false;
		if (!is_linked(&other) || !same_file(h, &other) || !other.f[F_FILESIZE])
			continue;
		c->data = data + at + other.body;
		c->size = other.f[F_FILESIZE];
		break;
	}
	return true;
}

int cpio_for_each(const void *data, size_t size,
		  int (*fn)(const struct cpio_entry *entry, void *arg), void *arg,
		  struct cpio_error *error)
{
	const char *base = data, *archive = data, *what;
	struct contents c = { .data = NULL };
	struct cpio_entry entry;
	bool complete = !size;
	struct header h;
	size_t at = 0;
	int ret;

	error->what = NULL;
	while (at < size) {
		if (base[at] == '\0') {
			at++;
			continue;
		}
		what = parse(base + at, size - at, &h);
		if (what)
			return bad(error, at, what);
		if (complete) {			/* another archive counts inodes anew */
			archive = base + at;
			c.data = NULL;
		}
		complete = is_trailer(&h);
		entry = (struct cpio_entry){
			.name = plain_name(h.name), .mode = h.f[F_MODE], .mtime = h.f[F_MTIME],
			.data = base + at + h.body, .size = h.f[F_FILESIZE],
			.linked = is_linked(&h),
		};
		at += h.size;
		if (complete)
			continue;
		if (entry.linked && !entry.size) {
			if (!find_contents(archive, (size_t)(base + size - archive), &h, &c))
				return bad(error, at - h.size, "too many empty hard links");
			entry.data = c.data;
			entry.size = c.size;
		}
		ret = fn(&entry, arg);
		if (ret)
			return ret;
	}
	return complete ? 0 : bad(error, size, "it has no end (TRAILER!!!): it was cut off");
}
