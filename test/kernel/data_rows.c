/* SPDX-License-Identifier: MIT */
/* Rows about files on a disk: they need the disks of test/boot/data.t. */
#include <kernel/blkdev.h>
#include <fs/proc.h>
#include <mm/mm.h>
#include <test/row.h>
#include <linux/errno.h>

USER_ROW_FLAGS(F2D, "a page of a program's image comes from the disk, when it is touched",
	       "/bin/rows", ROW_EXPLICIT);
USER_ROW_FLAGS(F3D, "the second and third reader of a page make no request", "/bin/rows",
	       ROW_EXPLICIT);
USER_ROW_FLAGS(F4D, "three processes have a page of their program by one request", "/bin/rows",
	       ROW_EXPLICIT);
USER_ROW_FLAGS(F5, "a page of a mapped file comes by the request that the policy says",
	       "/bin/rows", ROW_EXPLICIT);
USER_ROW_FLAGS(F6, "who touches first has a major fault, who comes second a minor one",
	       "/bin/rows", ROW_EXPLICIT);
USER_ROW_FLAGS(F7, "stores through a shared mapping reach the disk, also without a fault",
	       "/bin/rows", ROW_EXPLICIT);
USER_ROW_FLAGS(F9, "read-ahead: windows grow for a sequential reader and for no other",
	       "/bin/rows", ROW_EXPLICIT);
USER_ROW_FLAGS(F14, "two dynamic programs share the text of their library", "/bin/rows",
	       ROW_EXPLICIT);
USER_ROW_FLAGS(BADSECTOR, "a bad sector is the trouble of who needs it, and of nobody else",
	       "/bin/rows", ROW_EXPLICIT);

/* ---- SEQREAD: what a read costs above the driver's own loop (test/bench/diskread) ---------- */

#define LOOP_PAGES	2048u

/* Read so many in order, `per` to a request, always into the same pages. */
static int read_loop(struct block_device *bdev, unsigned per)
{
	struct blk_vec vec[BLK_MAX_VECS];
	unsigned i, n;
	int err = 0;

	for (n = 0; n < per; n++) {
		vec[n] = (struct blk_vec){ .page = alloc_page(GFP_KERNEL), .len = PAGE_SIZE };
		if (!vec[n].page)
			break;
	}
	if (n < per)
		err = -ENOMEM;
	for (i = 0; i < LOOP_PAGES && !err; i += per)
		err = blk_rw(bdev, false, (u64)i * (PAGE_SIZE / SECTOR_SIZE), vec, per);
	while (n--)
		__free_page(vec[n].page);
	return err;
}

/* blk_loop_1=DISK, blk_loop_32=DISK */
static int knob_loop_1(const char *value)
{
	struct block_device *bdev = blkdev_find(value);

	return bdev ? read_loop(bdev, 1) : -ENODEV;
}

static int knob_loop_32(const char *value)
{
	struct block_device *bdev = blkdev_find(value);

	return bdev ? read_loop(bdev, BLK_MAX_VECS) : -ENODEV;
}

static void seqread(struct row *r)
{
	register_knob("blk_loop_1", knob_loop_1);
	register_knob("blk_loop_32", knob_loop_32);
	run_user_row(r, "/bin/rows", "SEQREAD");
}
ROW_FLAGS(SEQREAD, "a file in order, and the driver's bare loop", seqread, ROW_EXPLICIT);
