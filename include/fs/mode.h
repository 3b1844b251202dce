/* SPDX-License-Identifier: MIT */
/* The file types in inode->mode; linux/stat.h has them only where there is no C library. */
#ifndef FS_MODE_H
#define FS_MODE_H

#include <linux/stat.h>

#ifndef S_IFMT
#define S_IFMT		0170000
#define S_IFSOCK	0140000
#define S_IFLNK		0120000
#define S_IFREG		0100000
#define S_IFBLK		0060000
#define S_IFDIR		0040000
#define S_IFCHR		0020000
#define S_IFIFO		0010000
#define S_ISVTX		0001000
#endif

#define S_ISDIR_K(m)	(((m) & S_IFMT) == S_IFDIR)
#define S_ISREG_K(m)	(((m) & S_IFMT) == S_IFREG)
#define S_ISLNK_K(m)	(((m) & S_IFMT) == S_IFLNK)
#define S_ISCHR_K(m)	(((m) & S_IFMT) == S_IFCHR)
#define S_ISBLK_K(m)	(((m) & S_IFMT) == S_IFBLK)
#define S_ISFIFO_K(m)	(((m) & S_IFMT) == S_IFIFO)

#endif
