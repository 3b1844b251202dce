/* SPDX-License-Identifier: MIT */
#include "fake_disk.h"
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>
#include "host.h"

struct block_device host_disk = {
	.name = "disk", .block_size = 512, .writable = true, .rdev = 0x700,
};
u8 *host_disk_bytes;
unsigned long host_disk_reads, host_disk_writes, host_disk_flushes, host_disk_sectors_read;
unsigned long host_disk_fail_at;
u64 host_disk_bad, host_disk_bad_len;
void (*host_disk_sleep)(void);
struct host_write *host_log;
unsigned long host_log_n;
static unsigned long log_room;
static bool logging;

void host_disk_open(const char *path)
{
	int fd = open(path, O_RDWR);
	off_t size = lseek(fd, 0, SEEK_END);

	if (host_disk_bytes)
		munmap(host_disk_bytes, host_disk.capacity * SECTOR_SIZE);
	BUG_ON(fd < 0 || size <= 0);
	host_disk_bytes = mmap(HOST_PLACE(0xb0000000ul), (size_t)size, PROT_READ | PROT_WRITE,
			       MAP_SHARED, fd, 0);
	BUG_ON(host_disk_bytes == MAP_FAILED);
	close(fd);
	host_disk.capacity = (u64)size / SECTOR_SIZE;
}

void host_disk_log_start(void)
{
	logging = true;
	host_log_n = 0;
	host_disk_flushes = 0;
}

static void log_sector(u64 sector)
{
	struct host_write *w;

	if (host_log_n == log_room) {
		log_room = log_room ? log_room * 2 : 1024;
		host_log = realloc(host_log, log_room * sizeof(*host_log));
		BUG_ON(!host_log);
	}
	w = &host_log[host_log_n++];
	w->sector = sector;
	w->epoch = (unsigned)host_disk_flushes;
	memcpy(w->data, host_disk_bytes + sector * SECTOR_SIZE, SECTOR_SIZE);
}

static bool fails(void)
{
	if (host_disk_sleep)
		host_disk_sleep();
	if (!host_disk_fail_at)
		return false;
	if (host_disk_fail_at == 1)
		return true;
	host_disk_fail_at--;
	return false;
}

/* The contract of blk_vec; the sector behind the end. */
static u64 check_vec(const struct blk_vec *vec, unsigned n, u64 sector)
{
	unsigned i;
	u64 end = sector;

	BUG_ON(!n || kmap_local_held());
	for (i = 0; i < n; i++) {
		BUG_ON(!vec[i].len || vec[i].offset % host_disk.block_size ||
		       vec[i].len % host_disk.block_size || vec[i].offset + vec[i].len > PAGE_SIZE);
		BUG_ON(i && vec[i].offset);
		BUG_ON(i + 1 < n && vec[i].offset + vec[i].len != PAGE_SIZE);
		end += vec[i].len / SECTOR_SIZE;
	}
	BUG_ON(end > host_disk.capacity || sector % (host_disk.block_size / SECTOR_SIZE));
	return end;
}

int blk_rw(struct block_device *bdev, bool write, u64 sector, const struct blk_vec *vec,
	   unsigned n)
{
	u64 end = check_vec(vec, n, sector);
	unsigned i;

	if (fails())
		return -EIO;
	if (write && host_disk_bad_len && sector < host_disk_bad + host_disk_bad_len &&
	    host_disk_bad < end)
		return -EIO;
	*(write ? &host_disk_writes : &host_disk_reads) += 1;
	for (i = 0; i < n; i++) {
		host_frame(page_to_pfn(vec[i].page), vec[i].offset,
			   host_disk_bytes + sector * SECTOR_SIZE, vec[i].len, !write);
		end = sector + vec[i].len / SECTOR_SIZE;
		if (!write)
			host_disk_sectors_read += end - sector;
		for (; sector < end; sector++)
			if (write && logging)
				log_sector(sector);
	}
	return 0;
}

int blk_flush(struct block_device *bdev)
{
	if (fails())
		return -EIO;
	host_disk_flushes++;
	return 0;
}

int blkdev_get_mount(struct block_device *bdev, bool write)
{
	if (write && !bdev->writable)
		return -EPERM;
	bdev->readers++;
	bdev->writers += write;
	return 0;
}

void blkdev_put_mount(struct block_device *bdev, bool write)
{
	bdev->readers--;
	bdev->writers -= write;
}

struct block_device *blkdev_find_rdev(u64 rdev)
{
	return rdev == host_disk.rdev ? &host_disk : NULL;
}
