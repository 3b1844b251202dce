/* SPDX-License-Identifier: MIT */
/*
 * A disk with sectors that cannot be read or written: only who needs them is told, and
 * nothing is left behind.  test/boot/data.t makes the disk, vdb: on its partition 2 are
 * bad-read.bin and bad-write.bin, each of PAGES pages of which page BAD is bad for reads or for
 * writes; the byte at i of the first is big_byte(i), the second holds zeroes.  In the directory
 * bad-dir, which is empty, no name can be written.
 */
#include "requests.h"

#define PAGES	64u
#define BAD	37u
#define PLACE	"/tmp/bad"
#define SIGBUS	7
#define BUS_ADRERR 2
#define EROFS	30
#define MS_REMOUNT 32

static void mount_it(void)
{
	syscall2(__NR_mkdir, (long)PLACE, 0755);
	CHECK_EQ(syscall5(__NR_mount, (long)"/dev/vdb2", (long)PLACE, (long)"vfat", 0, 0), 0, "mount");
}

static void unmount_it(void)
{
	CHECK_EQ(syscall2(__NR_umount2, (long)PLACE, 0), 0, "umount");
	syscall1(__NR_rmdir, (long)PLACE);
}

static u8 *shared_file;

/* In a process of its own: every good page is right; with command 1 also the bad one. */
static int reader(int command)
{
	struct caught seen;
	unsigned i, wrong = 0;

	for (i = 0; i < PAGES; i++)
		if (i != BAD)
			wrong += ((volatile u8 *)shared_file)[i * PAGE_SIZE + 7] !=
				 big_byte(i * PAGE_SIZE + 7);
	if (command) {
		catch_begin();
		seen = catch_access(ACCESS_READ, (ulong)shared_file + BAD * PAGE_SIZE + 7);
		catch_end();
		wrong += seen.sig != SIGBUS || seen.code != BUS_ADRERR ||
			 seen.addr != (ulong)shared_file + BAD * PAGE_SIZE + 7;
	}
	return wrong ? 1 : 0;
}

/* Touches the bad page without a handler. */
static int victim(int command)
{
	return ((volatile u8 *)shared_file)[BAD * PAGE_SIZE + 7 + command];
}

static void bad_reads(void)
{
	static u8 page[PAGE_SIZE];
	int fd = open_or_exit(PLACE "/bad-read.bin", O_RDONLY);
	struct child good, told, dead;
	unsigned i;
	char c = 0;

	shared_file = map_file(fd, PAGES * PAGE_SIZE, PROT_READ, MAP_SHARED);
	child_start(&good, reader);
	child_start(&told, reader);
	child_start(&dead, victim);
	CHECK_EQ(child_do(&told, 1), 0, "who asks for the bad page has SIGBUS there, else all is right");
	sys_write(dead.down, &c, 1);
	CHECK_EQ(child_end(&dead), SIGBUS, "wait status of one without a handler");
	CHECK_EQ(child_do(&good, 0), 0, "the others see all other pages");
	CHECK_EQ(child_do(&told, 1), 0, "a second time");
	CHECK_EQ(child_end(&good), 0, "wait status");
	CHECK_EQ(child_end(&told), 0, "wait status");
	for (i = 0; i < PAGES; i++)
		CHECK_EQ(sys_pread(fd, page, PAGE_SIZE, (long)i * PAGE_SIZE),
			 i == BAD ? -(long)EIO : (long)PAGE_SIZE, "read(2) of page %u", i);
	sys_munmap(shared_file, PAGES * PAGE_SIZE);
	sys_close(fd);
}

static void bad_writes(void)
{
	int fd = open_or_exit(PLACE "/bad-write.bin", O_RDWR), other;
	u8 *p = map_file(fd, PAGES * PAGE_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED);
	unsigned i;

	p[2 * PAGE_SIZE] = 1;
	CHECK_EQ(sys_msync(p, PAGES * PAGE_SIZE, MS_SYNC), 0, "msync of a good page");
	/* A run around the bad one, and one behind it; the host looks at all of them. */
	for (i = BAD - 2; i <= BAD + 2; i++)
		p[i * PAGE_SIZE] = 2;
	p[(PAGES - 1) * PAGE_SIZE] = 2;
	CHECK_EQ(sys_msync(p, PAGES * PAGE_SIZE, MS_SYNC), -EIO, "msync with the bad page");
	CHECK_EQ(pw_counter("dirty_pages"), 1, "pages that are still dirty");
	CHECK_EQ(p[BAD * PAGE_SIZE], 2, "what was stored is still in memory");
	CHECK_EQ(syscall1(__NR_fsync, fd), -EIO, "fsync tries it again");
	/* Another file of the same disk knows nothing of it. */
	other = open_or_exit(PLACE "/other.bin", O_RDWR | O_CREAT);
	CHECK_EQ(sys_write(other, "other", 5), 5, "write to another file");
	CHECK_EQ(syscall1(__NR_fsync, other), 0, "its fsync");
	sys_close(other);
	sys_munmap(p, PAGES * PAGE_SIZE);
	sys_close(fd);
}

/* What /proc/mounts says of it: "rw" or "ro". */
static bool mounts_say(const char *how)
{
	static char text[2000], line[80];

	snprintf(line, sizeof(line), "/dev/vdb2 " PLACE " vfat %s 0 0\n", how);
	return read_file("/proc/mounts", text, sizeof(text)) > 0 && strstr(text, line);
}

/* A directory is what all names depend on: from then on the mount is read-only, and says so. */
static void bad_directory(void)
{
	int fd;

	CHECK(mounts_say("rw"), "the mount is not for writing");
	CHECK_EQ(sys_open(PLACE "/bad-dir/new", O_RDWR | O_CREAT, 0644), -EIO, "a new name");
	CHECK(mounts_say("ro"), "/proc/mounts does not say that it is read-only");
	CHECK_EQ(sys_open(PLACE "/new", O_RDWR | O_CREAT, 0644), -EROFS, "a name elsewhere");
	CHECK_EQ(sys_open(PLACE "/other.bin", O_RDWR, 0), -EROFS, "a file that is there, to write");
	CHECK_EQ(syscall5(__NR_mount, 0, (long)PLACE, 0, MS_REMOUNT, 0), -EROFS, "mount it for writing");
	fd = open_or_exit(PLACE "/other.bin", O_RDONLY);
	sys_close(fd);
}

static void bad_sectors(void)
{
	mount_it();
	bad_reads();
	bad_writes();
	bad_directory();
	unmount_it();
	CHECK_EQ(pw_counter("dirty_pages"), 0, "dirty pages afterwards");
}
TEST(BADSECTOR, bad_sectors);
