/* SPDX-License-Identifier: MIT */
/*
 * What the initramfs and the archives from the stick hold, by name.
 *
 * The built-in archive has a tree for each width, "x86_64/" and "i386/", and "common/";
 * each kernel sees its own and the common one at the root.  Archives from the stick may
 * use these prefixes too; what has none is for both.  Later archives win;
 * in one archive the common tree has what the others have not.
 */
#ifndef KERNEL_INITRAMFS_H
#define KERNEL_INITRAMFS_H

#include <kernel/list.h>

struct initramfs_file {
	struct list_head list;
	struct initramfs_file *next_hash;	/* names with the same hash */
	struct initramfs_file *next_linked;	/* fs/rootfs.c: linked files with the same hash */
	const char *name;	/* "bin/init" */
	const void *data;	/* in the archive, in low memory */
	u32 size, mode, mtime;
	unsigned archive;	/* the archive that it came from; there, from common/ */
	bool common;
	bool linked;		/* names with the same data are one file */
};

/* Read all archives.  A damaged one is reported and used up to the damage. */
void initramfs_init(void);

/*
 * After vfs_init(): stops the machine with a clear message if the first program (its path)
 * is not there or is no ELF file of this kernel's width.  What only exec can judge is left
 * to it.
 */
void initramfs_check_init(const char *path);

extern struct list_head initramfs_list;	/* struct initramfs_file.list, first come first */
extern unsigned initramfs_files;	/* how many names */
extern unsigned initramfs_damaged;	/* archives that were not read to their end */

#endif
