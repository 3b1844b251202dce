# SPDX-License-Identifier: MIT
# Host tests of block devices: the core and the RAM disk, on the simulated machine's memory.
host-tests += test_blk
test_blk-src = test/host/test_blk.c $(mm-src) lib/crc32.c lib/strlcpy.c kernel/timer.c \
	drivers/block/ramdisk.c $(addprefix fs/,blk_bounce.c blk_core.c blk_dev.c blk_disk.c \
	blk_gpt.c blk_log.c blk_rw.c blk_timeout.c)
