/* SPDX-License-Identifier: MIT */
/*
 * What tests about disks share: the log of requests that the drivers got, and files that must
 * be there (requests.c).
 */
#ifndef USER_ROWS_REQUESTS_H
#define USER_ROWS_REQUESTS_H

#include <uapi/pagewalk_disk.h>
#include "rows.h"

#define PAGE_SECTORS	8u			/* sectors of a page */
#define BIG_FILE	"/data/big.bin"		/* made by test/boot/data.t: 256 pages, big_byte() */
#define BIG_FILE_PAGES	256u

#define LOG_MAX		64
extern struct pagewalk_disk_request requests[LOG_MAX];

/* The number of the last request; those behind number `seq` into requests[]: how many. */
u64 last_request(void);
unsigned read_log(u64 seq);

/* The sector on the disk itself, past the page cache: `offset` bytes behind its request's. */
void disk_sector(const struct pagewalk_disk_request *r, ulong offset, u8 *sector);
u8 disk_byte(const struct pagewalk_disk_request *r, ulong offset);

/* Clean pages of files leave the cache. */
void drop_caches(void);

/* They end the program if it does not work. */
int open_or_exit(const char *path, int flags);
u8 *map_file(int fd, size_t len, int prot, int flags);

/* What a byte of BIG_FILE is. */
static inline u8 big_byte(ulong i)
{
	return (u8)(i * 7 + i / PAGE_SIZE);
}

#endif
