/* SPDX-License-Identifier: MIT */
/*
 * /bin/disks: what is on the block devices.
 *
 *	disks			/proc/pagewalk/disks
 *	disks sum NAME...	reads all of these disks: size, the CRC-32 of all bytes that can be
 *				read, and how many pieces of 4 KiB cannot
 *	disks fill SECTOR N	writes N sectors from there on to each swap partition that may be
 *				written, and reads them back; sector s is full of s * 2654435761
 *	disks requests		the log of requests that the drivers got
 */
#include <kernel/crc32.h>
#include <uapi/pagewalk_disk.h>
#include "lib/lib.h"

#define PIECE		4096
#define DISKS		"/proc/pagewalk/disks"
#define REQUESTS	"/proc/pagewalk/requests"

static char text[16384];

static void sum(const char *name)
{
	static u8 data[PIECE] __attribute__((__aligned__(PIECE)));
	u64 size = 0, bad = 0;
	char path[32];
	u32 crc = 0;
	long fd, n;

	snprintf(path, sizeof(path), "/dev/%s", name);
	fd = sys_open(path, O_RDONLY, 0);
	if (fd < 0) {
		printf("disk: %s cannot be opened: error %ld\n", name, -fd);
		return;
	}
	for (; (n = sys_pread((int)fd, data, PIECE, size)) != 0; size += n < 0 ? PIECE : (u64)n) {
		if (n < 0)
			bad++;
		else
			crc = crc32_add(crc, data, (size_t)n);
	}
	printf("disk: %s bytes %llu crc %08x bad %llu\n", name, (unsigned long long)size, crc,
	       (unsigned long long)bad);
	sys_close((int)fd);
}

/* Sector s of a partition, as the host expects it. */
static void make_sector(u32 *words, u64 s)
{
	unsigned i;

	for (i = 0; i < 128; i++)
		words[i] = (u32)s * 2654435761u;
}

static void fill(const char *name, u64 first, u64 n)
{
	u32 out[128], in[128];
	unsigned errors = 0, wrong = 0;
	char path[32];
	long fd;
	u64 s;

	snprintf(path, sizeof(path), "/dev/%s", name);
	fd = sys_open(path, O_RDWR, 0);
	for (s = first; fd >= 0 && s < first + n; s++) {
		make_sector(out, s);
		errors += sys_pwrite((int)fd, out, 512, s * 512) != 512;
	}
	for (s = first; fd >= 0 && s < first + n; s++) {
		make_sector(out, s);
		errors += sys_pread((int)fd, in, 512, s * 512) != 512;
		wrong += memcmp(in, out, 512) != 0;
	}
	printf("fill: %s open %ld errors %u wrong %u\n", name, fd < 0 ? fd : 0, errors, wrong);
	if (fd >= 0)
		sys_close((int)fd);
}

static int fill_all(u64 first, u64 n)
{
	char *line = text, *end;

	for (; *line; line = end) {
		end = strchr(line, '\n');
		*end++ = '\0';
		if (!strstr(line, " rw type " PAGEWALK_TYPE_SWAP))
			continue;
		*strchr(line, ' ') = '\0';
		fill(line, first, n);
	}
	return 0;
}

static int show_requests(void)
{
	static const char *const op[] = { "read", "write", "flush" };
	struct pagewalk_disk_request r;
	long fd = sys_open(REQUESTS, O_RDONLY, 0);

	while (fd >= 0 && sys_read((int)fd, &r, sizeof(r)) == sizeof(r))
		printf("request: %llu %s %s %llu %u error %d\n", (unsigned long long)r.seq, r.device,
		       op[r.op % 3], (unsigned long long)r.sector, r.count, r.error);
	return fd < 0;
}

int main(int argc, char **argv, char **envp)
{
	int i;

	if (read_file(DISKS, text, sizeof(text)) < 0) {
		printf("disks: %s cannot be read\n", DISKS);
		return 1;
	}
	if (argc > 1 && strcmp(argv[1], "sum") == 0) {
		for (i = 2; i < argc; i++)
			sum(argv[i]);
		return 0;
	}
	if (argc > 3 && strcmp(argv[1], "fill") == 0)
		return fill_all(parse_u64(argv[2], NULL), parse_u64(argv[3], NULL));
	if (argc > 1 && strcmp(argv[1], "requests") == 0)
		return show_requests();
	sys_write(1, text, strlen(text));
	return 0;
}
