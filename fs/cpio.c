/* SPDX-License-Identifier: MIT */
/*
 * A reader for newc archives.
 *
 * An entry is a header of 110 ASCII characters (magic 070701 or 070702, then 13 numbers of
 * 8 hexadecimal digits), the name with its NUL padded to 4 bytes, and the contents padded
 * to 4 bytes.  "TRAILER!!!" ends an archive; more may follow.
 */
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

int cpio_for_each(const void *data, size_t size,
		  int (*fn)(const struct cpio_entry *entry, void *arg), void *arg,
		  struct cpio_error *error)
{
	const char *base = data, *header, *name;
	size_t at = 0, body, left;
	bool complete = !size;
	struct cpio_entry entry;
	u32 f[FIELDS];
	int ret;

	error->what = NULL;
	while (at < size) {
		header = base + at;
		left = size - at;
		if (*header == '\0') {
			at++;
			continue;
		}
		if (left < HEADER_SIZE)
			return bad(error, at, "the file ends inside a header");
		if (memcmp(header, "070701", 6) && memcmp(header, "070702", 6))
			return bad(error, at, "no newc header (070701)");
		if (!parse_fields(header, f))
			return bad(error, at, "a header field is not hexadecimal");
		if (f[F_NAMESIZE] < 1 || f[F_NAMESIZE] > NAME_MAX_LEN)
			return bad(error, at, "the length of a name is impossible");
		body = ALIGN((size_t)HEADER_SIZE + f[F_NAMESIZE], 4);
		if (body > left || f[F_FILESIZE] > left - body)
			return bad(error, at, "an entry is longer than the file");
		name = header + HEADER_SIZE;
		if (name[f[F_NAMESIZE] - 1] != '\0')
			return bad(error, at, "a name does not end");
		at += ALIGN(body + f[F_FILESIZE], 4);
		complete = strcmp(name, "TRAILER!!!") == 0;
		if (complete)
			continue;
		entry = (struct cpio_entry){
			.name = plain_name(name), .mode = f[F_MODE], .mtime = f[F_MTIME],
			.data = header + body, .size = f[F_FILESIZE],
		};
		ret = fn(&entry, arg);
		if (ret)
			return ret;
	}
	return complete ? 0 : bad(error, size, "it has no end (TRAILER!!!): it was cut off");
}
