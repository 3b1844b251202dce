/* SPDX-License-Identifier: MIT */
/*
 * The ring that outlives a warm reset: what a kernel says, where it is, how it ended.
 *
 * The loader makes one for each kernel of a run, at the end of its package's info range,
 * so that the kernel can write to it from its first instruction on.  The kernel only
 * appends; the loader of the next start looks for rings, checks every block, and writes
 * them to the stick (doc/report.md).  All members have a fixed width.
 *
 *	head		by the loader, once
 *	status[2]	where the kernel is: written in turn, the newer good one counts
 *	text		blocks of REPORT_BLOCK bytes, the oldest is overwritten
 *	picture		a PNG file, made at the end of the run
 *
 * Whoever reads it trusts nothing: memory may have been lost, or used by the firmware.
 */
#ifndef BOOT_REPORT_H
#define BOOT_REPORT_H

#include <stdint.h>

#define REPORT_MAGIC		0x676e69526b6c6157ull	/* "WalkRing" */
#define REPORT_BLOCK_MAGIC	0x4b6c4257u		/* "WBlK" */
#define REPORT_VERSION		1

#define REPORT_SIZE		0x40000u	/* 256 KiB */
#define REPORT_SIZE_SMALL	0x10000u	/* where memory is short: no picture */
#define REPORT_SMALL_RAM	0x8000000u	/* less than 128 MiB is short */

#define REPORT_BLOCK		1024u
#define REPORT_STATUS_OFF	256u		/* two of them, 256 bytes each */
#define REPORT_TEXT_OFF		4096u
#define REPORT_PICTURE_OFF	0x20000u	/* in a ring of REPORT_SIZE */

#define REPORT_DATE		9		/* "20261127" or "nodate", with NUL */
#define REPORT_STEP		72		/* longest name of a step, with NUL */

struct report_head {
	uint64_t magic;
	uint32_t version;
	uint32_t size;			/* of all of it */
	uint64_t run;			/* the same in all rings of one run, and in its record */
	uint32_t number;		/* of the report */
	uint32_t paging;		/* 4 or 2 */
	uint32_t index, kernels;	/* this is kernel `index` of so many */
	uint32_t text_blocks;
	uint32_t picture_off;		/* 0: no room for one */
	char date[REPORT_DATE + 3];
	uint32_t crc;			/* of everything above */
};

enum report_state {
	REPORT_WAITING,			/* its kernel has not been started */
	REPORT_RUNNING,
	REPORT_PASS,			/* how it ended */
	REPORT_FAIL,
	REPORT_PANIC,
	REPORT_STATES
};

#define REPORT_RESTARTS	1u		/* the kernel resets the machine by itself */
#define REPORT_NEXT	2u		/* it hands over to the run's next kernel */

struct report_status {
	uint32_t seq;			/* the larger one is newer */
	uint32_t state;			/* enum report_state */
	uint32_t flags;
	uint32_t pass, fail, skip;
	uint32_t picture_len;		/* 0: none */
	uint32_t picture_crc;
	char step[REPORT_STEP];		/* NUL-terminated */
	uint32_t crc;			/* of everything above */
};

/*
 * Text is a stream of bytes over the blocks.  Block n is in slot n % text_blocks.  A byte of
 * REPORT_TEST or REPORT_SAYS stands where a piece of text begins and tells what it is.
 */
struct report_block {
	uint32_t magic;			/* REPORT_BLOCK_MAGIC */
	uint32_t number;		/* of this block, from 0 */
	uint32_t used;			/* bytes of data */
	uint32_t crc;			/* of `number` and the used data */
	char data[REPORT_BLOCK - 16];
};

#define REPORT_TEST	'\001'		/* a line of the tests: KTAP */
#define REPORT_SAYS	'\002'		/* anything else */

_Static_assert(sizeof(struct report_head) == 64, "fixed layout");
_Static_assert(sizeof(struct report_status) == 108, "fixed layout");
_Static_assert(sizeof(struct report_block) == REPORT_BLOCK, "fixed layout");

#endif
