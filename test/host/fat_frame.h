/* SPDX-License-Identifier: MIT */
/*
 * The frame of the FAT tests: the VFS on the simulated machine, a disk with a fresh FAT32 file
 * system mounted on /data, and system calls with the paths of the host.
 */
#ifndef TEST_HOST_FAT_FRAME_H
#define TEST_HOST_FAT_FRAME_H

#include "tap.h"
#include "fake_disk.h"
#include "fat_reader.h"
#include "host.h"
#include <asm/uaccess.h>
#include <fs/devfs.h>
#include <fs/mode.h>
#include <fs/super.h>
#include <kernel/random.h>
#include <kernel/syscalls.h>
#include <linux/fcntl.h>
#include <mm/mmap.h>
#include <stdlib.h>
#include <unistd.h>

#define FIRST_DATA	16
#define DATA_BYTES	((USER_PAGES - FIRST_DATA) * PAGE_SIZE)
#define UDATA		((char *)(USER_BASE + FIRST_DATA * PAGE_SIZE))
#define DATA		((u8 *)&user_memory[FIRST_DATA][0])

extern void (*host_schedule)(void);
extern u64 host_realtime_offset;

/* No address space maps anything here. */
void zap_file_range(struct vm_area_struct *vma, unsigned long start, unsigned long end,
		    bool private_too)
{
	BUG();
}

static char scratch[64], image[128];

__attribute__((__format__(__printf__, 1, 2), __unused__))
static int shell(const char *fmt, ...)
{
	char command[1024];
	va_list args;

	va_start(args, fmt);
	vsnprintf(command, sizeof(command), fmt, args);
	va_end(args);
	return system(command);
}

__attribute__((__unused__))
static const char *u(const char *s)
{
	static unsigned next;
	unsigned page = next++ % 8;

	strncpy(user_memory[page], s, PAGE_SIZE);
	return (const char *)(USER_BASE + page * PAGE_SIZE);
}

/* A new file system: sectors of 512 bytes, so many in a cluster. */
static void make_image(unsigned mib, unsigned per_cluster, const char *options)
{
	snprintf(image, sizeof(image), "%s/image", scratch);
	BUG_ON(shell("rm -f %s; truncate -s %uM %s; mkfs.vfat -F 32 -s %u %s %s >/dev/null",
		     image, mib, image, per_cluster, options, image));
	host_disk_open(image);
}

static int mount_data(bool read_only)
{
	return mount_bdev(&host_disk, "/dev/disk", get_fs_type("vfat"), "/data", read_only);
}

static long umount_data(void)
{
	return sys_umount2(u("/data"), 0);
}

/* n bytes that depend on a seed. */
static void pattern(u8 *buf, size_t n, u64 seed)
{
	size_t i;

	for (i = 0; i < n; i++)
		buf[i] = (u8)(splitmix64(&seed) >> 24);
}

/* Make or rewrite a file from DATA[0..n): 0 or -errno. */
static long store(const char *path, size_t n, int flags)
{
	long fd = sys_open(u(path), O_WRONLY | O_CREAT | flags, 0644), ret;

	if (fd < 0)
		return fd;
	ret = sys_write((int)fd, UDATA, n);
	sys_close((int)fd);
	return ret == (long)n ? 0 : ret < 0 ? ret : -ENOSPC;
}

/* Into DATA: bytes or -errno. */
__attribute__((__unused__))
static long slurp(const char *path)
{
	long fd = sys_open(u(path), O_RDONLY, 0), n;

	if (fd < 0)
		return fd;
	n = sys_read((int)fd, UDATA, DATA_BYTES);
	sys_close((int)fd);
	return n;
}

__attribute__((__unused__))
static long sync_file(const char *path)
{
	long fd = sys_open(u(path), O_RDONLY, 0), err;

	if (fd < 0)
		return fd;
	err = sys_fsync((int)fd);
	sys_close((int)fd);
	return err;
}

__attribute__((__unused__))
static long file_size(const char *path)
{
	struct statx *st = (struct statx *)DATA;
	long err = sys_statx(AT_FDCWD, u(path), AT_SYMLINK_NOFOLLOW, STATX_BASIC_STATS, UDATA);

	return err ? err : (long)st->stx_size;
}

static void remove_scratch(void)
{
	shell("rm -rf %s", scratch);
}

/* Little high memory: each look at a high page costs the host system calls. */
static const struct host_machine machine = {
	.ram = { { 0, MIB_PFN(64) } }, .low_end = MIB_PFN(62),
};

static void frame_start(void)
{
	setenv("LC_ALL", "C.UTF-8", 1);		/* for the names that mtools takes */
	strcpy(scratch, "/tmp/fat-test-XXXXXX");
	BUG_ON(!mkdtemp(scratch));
	atexit(remove_scratch);
	host_boot(&machine);
	radix_tree_init();
	current->rlim[7].cur = 1024;		/* RLIMIT_NOFILE */
	current->cap_effective = ~0ull;
	vfs_init();
	current->files = files_alloc();
	current->fs = fs_alloc();
}

#endif
