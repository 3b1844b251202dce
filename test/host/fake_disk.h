/* SPDX-License-Identifier: MIT */
/*
 * A disk for host tests of file systems: a file of the host, mapped, so that the host's own
 * tools see what is written; every write is logged by sector and can be replayed.
 */
#ifndef TEST_HOST_FAKE_DISK_H
#define TEST_HOST_FAKE_DISK_H

#include <kernel/blkdev.h>

extern struct block_device host_disk;
extern u8 *host_disk_bytes;

/* Use this image, which exists; the one before is given back. */
void host_disk_open(const char *path);

/* Requests so far, and sectors of them. */
extern unsigned long host_disk_reads, host_disk_writes, host_disk_flushes;
extern unsigned long host_disk_sectors_read;

/* The n-th request from now on (1: the next) and all after it fail; 0: none does. */
extern unsigned long host_disk_fail_at;

/* Writing to these sectors fails; the length is 0: nowhere. */
extern u64 host_disk_bad, host_disk_bad_len;

/* Before each request while not NULL: what other tasks do meanwhile. */
extern void (*host_disk_sleep)(void);

/* What was written since host_disk_log_start(), sector by sector. */
struct host_write {
	u64 sector;
	unsigned epoch;			/* flushes before it */
	u8 data[SECTOR_SIZE];
};
extern struct host_write *host_log;
extern unsigned long host_log_n;
void host_disk_log_start(void);

#endif
