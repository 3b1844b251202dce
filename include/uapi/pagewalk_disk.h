/* SPDX-License-Identifier: MIT */
/*
 * What is ours on a disk, and the log of requests in /proc/pagewalk/requests.
 *
 * Pagewalk writes to a partition only if its GPT type is one of the two below and the
 * superblock in it is right (struct pagewalk_super).  The superblock lies at byte 2048 of
 * the partition: FAT32 leaves that place alone (boot sector 0, FSInfo 1, copies 6 and 7), and
 * in a swap partition it is inside page 0, which is no slot.  That page has mkswap's header of
 * version 1, too: from byte 1024, and "SWAPSPACE2" at its end; the list of bad pages from byte 1536
 * on must end before our superblock, so there are at most 128.
 */
#ifndef UAPI_PAGEWALK_DISK_H
#define UAPI_PAGEWALK_DISK_H

#include <linux/types.h>

/* As text; on the disk the first three fields are little-endian. */
#define PAGEWALK_TYPE_DATA	"50414745-5741-4c4b-8000-446174610001"
#define PAGEWALK_TYPE_SWAP	"50414745-5741-4c4b-8000-537761700001"

#define PAGEWALK_SUPER_OFFSET	2048
#define PAGEWALK_MAGIC_DATA	"PAGEWALK-DATA-01"
#define PAGEWALK_MAGIC_SWAP	"PAGEWALK-SWAP-01"

/* All numbers little-endian. */
struct pagewalk_super {
	__u8 magic[16];
	__u64 sectors;			/* of 512 bytes: the size of the partition in the GPT */
	__u8 uuid[16];			/* the partition's GUID in the GPT, bytes as there */
	__u32 flags;			/* 0 */
	__u32 crc;			/* CRC-32 of these 48 bytes with crc = 0 */
};

/* Slot n of a swap partition is the page at byte n * 4096; the first slot is 1. */
#define PAGEWALK_SWAP_FIRST	1

/* ---- /proc/pagewalk/requests --------------------------------------------------------- */

enum pagewalk_disk_op {
	PAGEWALK_DISK_READ = 0,
	PAGEWALK_DISK_WRITE = 1,
	PAGEWALK_DISK_FLUSH = 2,
};

#define PAGEWALK_DISK_LOG	4096	/* records that are kept */

/* A request that was handed to a driver.  Oldest first; the file position counts records. */
struct pagewalk_disk_request {
	__u64 seq;			/* 1, 2, 3, ... since boot */
	__u64 ns;			/* since kernel entry */
	__u64 sector;			/* of the whole disk, 512 bytes each */
	__u32 count;			/* sectors */
	__u32 op;			/* enum pagewalk_disk_op */
	__s32 error;			/* 0, -errno, 1: not over yet */
	__u32 pid;			/* who submitted it */
	char device[16];		/* that it was submitted to: vda, or partition vda2 */
	__u64 start;			/* of that partition on the disk */
};

#ifdef __cplusplus
static_assert(sizeof(struct pagewalk_super) == 48, "as on the disk");
static_assert(sizeof(struct pagewalk_disk_request) == 64, "same layout in both modes");
#else
_Static_assert(sizeof(struct pagewalk_super) == 48, "as on the disk");
_Static_assert(sizeof(struct pagewalk_disk_request) == 64, "same layout in both modes");
#endif

#endif
