/* SPDX-License-Identifier: MIT */
/* Reading newc cpio archives (cpio(5), "New ASCII Format").  Pure: builds on the host too. */
#ifndef KERNEL_CPIO_H
#define KERNEL_CPIO_H

#include <kernel/types.h>

struct cpio_entry {
	const char *name;	/* NUL-terminated, without leading "./" or "/"; in the archive */
	u32 mode;		/* type and permissions, as in struct stat */
	u32 mtime;
	bool linked;		/* other names may stand for the same file: with the same data */
	const void *data;	/* contents, or a symbolic link's target; in the archive */
	u32 size;
};

/* Why an archive was given up, and where. */
struct cpio_error {
	const char *what;	/* NULL: no error */
	size_t offset;		/* of the bad entry's header */
};

/*
 * Call fn for every entry in order until it returns non-zero, the trailer comes, or the
 * archive is damaged.  Nothing outside [data, data + size) is ever read.  0; what fn
 * returned; or -EINVAL with *error filled in (entries before it have been delivered).
 * A file with several names has its contents behind one of them, GNU cpio's choice is the
 * last one; here all of them have it.  Zero bytes between concatenated archives are
 * skipped; an archive that does not end in its trailer was cut off, and is damaged.
 */
int cpio_for_each(const void *data, size_t size,
		  int (*fn)(const struct cpio_entry *entry, void *arg), void *arg,
		  struct cpio_error *error);

#endif
