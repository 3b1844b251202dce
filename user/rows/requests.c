/* SPDX-License-Identifier: MIT */
/* The log of requests, and what else tests about disks share (requests.h). */
#include "requests.h"

#define LOG	"/proc/pagewalk/requests"

struct pagewalk_disk_request requests[LOG_MAX];

int open_or_exit(const char *path, int flags)
{
	int fd = (int)sys_open(path, flags, 0644);

	if (!CHECK(fd >= 0, "%s: %d", path, fd))
		exit(2);
	return fd;
}

unsigned read_log(u64 seq)
{
	int fd = open_or_exit(LOG, O_RDONLY);
	struct pagewalk_disk_request r;
	unsigned n = 0;

	while (sys_read(fd, &r, sizeof(r)) == sizeof(r))
		if (r.seq > seq && n < LOG_MAX)
			requests[n++] = r;
	sys_close(fd);
	return n;
}

u64 last_request(void)
{
	int fd = open_or_exit(LOG, O_RDONLY);
	struct pagewalk_disk_request r = { .seq = 0 };

	while (sys_read(fd, &r, sizeof(r)) == sizeof(r))
		;
	sys_close(fd);
	return r.seq;
}

void disk_sector(const struct pagewalk_disk_request *r, ulong offset, u8 *sector)
{
	char path[32];
	int fd;

	snprintf(path, sizeof(path), "/dev/%s", r->device);
	fd = open_or_exit(path, O_RDONLY);
	CHECK_EQ(sys_pread(fd, sector, 512, (long)((r->sector - r->start) * 512 + offset)), 512,
		 "read of %s", path);
	sys_close(fd);
}

u8 disk_byte(const struct pagewalk_disk_request *r, ulong offset)
{
	u8 sector[512] = { 0 };

	disk_sector(r, offset, sector);
	return sector[0];
}

void drop_caches(void)
{
	int fd = open_or_exit("/proc/sys/vm/drop_caches", O_WRONLY);

	sys_write(fd, "3", 1);
	sys_close(fd);
}

u8 *map_file(int fd, size_t len, int prot, int flags)
{
	u8 *p = sys_mmap(NULL, len, prot, flags, fd, 0);

	if (!CHECK(!IS_ERR(p), "mmap: %ld", (long)p))
		exit(2);
	return p;
}
