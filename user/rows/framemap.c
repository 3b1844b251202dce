/* SPDX-License-Identifier: MIT */
/*
 * /proc/pagewalk/framemap says of each frame what /proc/pagewalk/frames says, and its sums are
 * the allocator's counts: read between two equal snapshots.  test/boot/picture.t runs it.
 */
#include <linux/kernel-page-flags.h>
#include "rows.h"

#define TRIES	20
#define KPF(flags, bit)	((flags) >> (bit) & 1)

static u8 *map[2];
static struct pagewalk_frame *frames;
static size_t size;

static const struct pagewalk_framemap *header(void)
{
	return (const void *)map[0];
}

static void read_whole(const char *path, void *to, size_t n)
{
	int fd = (int)sys_open(path, O_RDONLY, 0);

	CHECK_EQ(sys_pread(fd, to, n, 0), n, "bytes of %s", path);
	sys_close(fd);
}

/* False: something else happened meanwhile. */
static bool read_all(u64 n)
{
	read_whole("/proc/pagewalk/framemap", map[0], size);
	read_whole("/proc/pagewalk/frames", frames, n * sizeof(*frames));
	read_whole("/proc/pagewalk/framemap", map[1], size);
	return !header()->changes && memcmp(map[0] + sizeof(*header()),
					    map[1] + sizeof(*header()), n) == 0;
}

static u8 expected(const struct pagewalk_frame *f)
{
	u8 byte = (u8)f->type;

	if (KPF(f->flags, KPF_ZERO_PAGE))
		byte = PAGEWALK_MAP_ZERO;
	return (u8)(byte | (f->mapcount > 0 ? PAGEWALK_MAP_MAPPED : 0) |
		    (KPF(f->flags, KPF_DIRTY) ? PAGEWALK_MAP_DIRTY : 0) |
		    (KPF(f->flags, KPF_SWAPCACHE) ? PAGEWALK_MAP_SWAPCACHE : 0));
}

static void compare(u64 n)
{
	const u8 *bytes = map[0] + sizeof(*header());
	u64 i, wrong = 0, zero = 0, mlocked = 0, sum[16] = { 0 };
	unsigned zone;

	for (i = 0; i < n; i++) {
		wrong += (bytes[i] & ~PAGEWALK_MAP_MLOCKED) != expected(&frames[i]);
		zero += PAGEWALK_MAP_TYPE(bytes[i]) == PAGEWALK_MAP_ZERO;
		mlocked += (bytes[i] & PAGEWALK_MAP_MLOCKED) != 0;
		sum[frames[i].type & 15]++;
		zone = frames[i].zone & 3;
		wrong += frames[i].type != PAGEWALK_FRAME_ABSENT &&
			 (i < header()->zone[zone].start || i >= header()->zone[zone].end);
	}
	CHECK_EQ(wrong, 0, "frames of which the two files say something else");
	CHECK_EQ(zero, 1, "zero pages");
	CHECK_EQ(mlocked, header()->mlocked, "locked frames");
	for (i = 0; i < PAGEWALK_FRAME_TYPES; i++)
		CHECK_EQ(sum[i], header()->count[i], "frames of type %u", (unsigned)i);
}

/* Pieces of the file are what the whole file has there. */
static void pieces(u64 n)
{
	int fd = (int)sys_open("/proc/pagewalk/framemap", O_RDONLY, 0);
	struct pagewalk_framemap h;
	u8 byte;

	CHECK_EQ(sys_pread(fd, &byte, 1, size), 0, "bytes behind the end");
	CHECK_EQ(sys_pread(fd, &byte, 1, size - 1), 1, "the last byte");
	CHECK_EQ(byte, map[0][size - 1], "the last frame");
	CHECK_EQ(sys_pread(fd, &h, sizeof(h) - 8, 8), sizeof(h) - 8, "from the middle of the header");
	CHECK_EQ(*(u64 *)&h, n, "the number of frames there");
	CHECK_EQ(sys_read(fd, &h, sizeof(h)), sizeof(h), "the header");
	CHECK_EQ(sys_read(fd, &byte, 1), 1, "a byte more");
	CHECK_EQ(byte, map[0][sizeof(h)], "the first frame");
	CHECK_EQ(sys_lseek(fd, 0, SEEK_CUR), sizeof(h) + 1, "the position");
	CHECK_EQ(sys_pread(fd, (void *)16, 4096, 0), -EFAULT, "into no memory");
	sys_close(fd);
}

static void framemap(void)
{
	int fd = (int)sys_open("/proc/pagewalk/framemap", O_RDONLY, 0), tries = 0;
	struct pagewalk_framemap h;

	if (!CHECK_EQ(sys_read(fd, &h, sizeof(h)), sizeof(h), "header"))
		return;
	sys_close(fd);
	size = sizeof(h) + h.frames;
	map[0] = map_anon(size);
	map[1] = map_anon(size);
	frames = map_anon(h.frames * sizeof(*frames));
	memset(map[0], 0, size);
	memset(map[1], 0, size);
	memset(frames, 0, h.frames * sizeof(*frames));
	while (!read_all(h.frames) && ++tries < TRIES)
		;
	CHECK(tries < TRIES, "no two snapshots were equal");
	compare(h.frames);
	pieces(h.frames);
	CHECK_INFO("%llu frames", (unsigned long long)h.frames);
}
HELPER(framemap, "framemap", framemap);
