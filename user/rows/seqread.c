/* SPDX-License-Identifier: MIT */
/*
 * A file read in order, and the driver's bare loop over as much of its disk: three windows
 * between two rdtsc for each disk, which a plugin of QEMU's counts (test/bench/diskread makes
 * the disks vda and nvme0n1, with the same files).
 */
#include "requests.h"

#define PIECE	(64 * 1024)
#define PAGES	2048u			/* of /seq.bin */

static u8 piece[PIECE];

static void stamp(void)
{
	__asm__ volatile("rdtsc" ::: "eax", "edx", "memory");
}

static void read_file_in_order(const char *path)
{
	int fd;
	long n, sum = 0;

	fd = open_or_exit(path, O_RDONLY);
	drop_caches();
	stamp();
	while ((n = sys_read(fd, piece, PIECE)) > 0)
		sum += n;
	stamp();
	CHECK_EQ(sum, PAGES * PAGE_SIZE, "bytes read from %s", path);
	sys_close(fd);
}

/* `per` pages in a request. */
static void bare_loop(const char *disk, unsigned per)
{
	char text[64];

	snprintf(text, sizeof(text), "blk_loop_%u=%s", per, disk);
	stamp();
	CHECK_EQ(pw_knob(text), 0, "%s", text);
	stamp();
}

static void one_disk(const char *disk, const char *path)
{
	read_file_in_order(path);
	bare_loop(disk, 1);
	bare_loop(disk, 32);
}

static void seqread(void)
{
	one_disk("vda", "/data/seq.bin");
	syscall2(__NR_mkdir, (long)"/tmp/n", 0755);
	CHECK_EQ(syscall5(__NR_mount, (long)"/dev/nvme0n1p2", (long)"/tmp/n", (long)"vfat", 0, 0), 0,
		 "mount");
	one_disk("nvme0n1", "/tmp/n/seq.bin");
	CHECK_EQ(syscall2(__NR_umount2, (long)"/tmp/n", 0), 0, "umount");
	syscall1(__NR_rmdir, (long)"/tmp/n");
}
TEST(SEQREAD, seqread);
