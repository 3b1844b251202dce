/* SPDX-License-Identifier: MIT */
/*
 * A snapshot of all frames.  Two buffers take turns, so that the last snapshot can be
 * compared with the one before; both are touched first, so that the kernel fills them
 * without a fault and what it says is of one moment.
 */
#include "picture.h"

#define PATH	"/proc/pagewalk/framemap"
#define TRIES	10		/* until nothing was allocated while it was read */

struct pagewalk_framemap memory;
const u8 *frames;
u64 state_count[STATES];
const char *const zone_names[4] = { "DMA", "DMA32", "Normal", "HighMem" };

static u8 *buffer[2];
static unsigned turn;
static size_t file_size;
static u64 byte_count[256];
static bool first = true;
static u8 states[256];		/* enum state of a byte */

static enum state classify(u8 byte)
{
	static const u8 of_type[16] = {
		[PAGEWALK_FRAME_KERNEL] = STATE_KERNEL, [PAGEWALK_FRAME_SLAB] = STATE_SLAB,
		[PAGEWALK_FRAME_TABLE] = STATE_TABLE, [PAGEWALK_FRAME_VMALLOC] = STATE_VMALLOC,
		[PAGEWALK_FRAME_ANON] = STATE_ANON, [PAGEWALK_FRAME_FILE] = STATE_FILE,
		[PAGEWALK_FRAME_RESERVED] = STATE_RESERVED, [PAGEWALK_FRAME_FREE] = STATE_FREE,
		[PAGEWALK_FRAME_ABSENT] = STATE_ABSENT, [PAGEWALK_MAP_ZERO] = STATE_ZERO,
	};

	if (byte & PAGEWALK_MAP_MLOCKED)
		return STATE_LOCKED;
	if (byte & PAGEWALK_MAP_SWAPCACHE)
		return STATE_SWAPCACHE;
	return of_type[PAGEWALK_MAP_TYPE(byte)];
}

enum state state_of(u8 byte)
{
	return states[byte];
}

static int open_map(void)
{
	long fd = sys_open(PATH, O_RDONLY, 0);

	if (fd < 0)
		die(PATH " cannot be opened (error %ld): this needs Pagewalk and its superuser",
		    -fd);
	return (int)fd;
}

void memory_init(void)
{
	int fd = open_map(), i;
	long n = sys_read(fd, &memory, sizeof(memory));

	sys_close(fd);
	if (n != sizeof(memory) || memory.size != sizeof(memory))
		die(PATH " has another layout than this program knows");
	file_size = sizeof(memory) + memory.frames;
	for (i = 0; i < 2; i++) {
		buffer[i] = map_anon(file_size);
		memset(buffer[i], PAGEWALK_FRAME_ABSENT, file_size);
	}
	for (i = 0; i < 256; i++)
		states[i] = (u8)classify((u8)i);
}

bool same_bytes(u64 word)
{
	return word == (word >> 8 | word << 56);
}

/* Bytes are counted by value, eight at a time where they are equal, as most are. */
static void count(void)
{
	u64 i, word;
	unsigned k;

	memset(byte_count, 0, sizeof(byte_count));
	memset(state_count, 0, sizeof(state_count));
	for (i = 0; i + 8 <= memory.frames; i += 8) {
		__builtin_memcpy(&word, frames + i, 8);
		if (same_bytes(word))
			byte_count[word & 0xff] += 8;
		else
			for (k = 0; k < 8; k++)
				byte_count[frames[i + k]]++;
	}
	for (; i < memory.frames; i++)
		byte_count[frames[i]]++;
	for (i = 0; i < 256; i++)
		state_count[states[i]] += byte_count[i];
}

void memory_look(void)
{
	int fd = open_map(), tries = 0;
	long n;

	turn ^= 1;
	/* Swapped out meanwhile, perhaps: back before the kernel begins. */
	for (size_t i = 0; i < file_size; i += PAGE_SIZE)
		((volatile u8 *)buffer[turn])[i] = 0;
	do {
		n = sys_pread(fd, buffer[turn], file_size, 0);
		if (n != (long)file_size)
			die(PATH ": %ld bytes instead of %zu", n, file_size);
		memcpy(&memory, buffer[turn], sizeof(memory));
	} while (memory.changes && ++tries < TRIES);
	sys_close(fd);
	frames = buffer[turn] + sizeof(memory);
	count();
	if (first)		/* nothing to compare with yet */
		memcpy(buffer[turn ^ 1], buffer[turn], file_size);
	first = false;
}

u8 frame_byte(u64 pfn)
{
	return pfn < memory.frames ? frames[pfn] : PAGEWALK_FRAME_ABSENT;
}

bool frames_changed(u64 from, u64 n)
{
	const u8 *now = frames + from, *before = buffer[turn ^ 1] + sizeof(memory) + from;
	u64 i, a, b;

	for (i = 0; i + sizeof(u64) <= n; i += sizeof(u64)) {
		__builtin_memcpy(&a, now + i, sizeof(a));
		__builtin_memcpy(&b, before + i, sizeof(b));
		if (a != b)
			return true;
	}
	for (; i < n; i++)
		if (now[i] != before[i])
			return true;
	return false;
}

bool memory_adds_up(void)
{
	u64 seen[16] = { 0 }, swapcache = 0, mlocked = 0;
	unsigned i;

	for (i = 0; i < 256; i++) {
		seen[PAGEWALK_MAP_TYPE(i)] += byte_count[i];
		swapcache += i & PAGEWALK_MAP_SWAPCACHE ? byte_count[i] : 0;
		mlocked += i & PAGEWALK_MAP_MLOCKED ? byte_count[i] : 0;
	}
	seen[PAGEWALK_FRAME_KERNEL] += seen[PAGEWALK_MAP_ZERO];
	for (i = 0; i < PAGEWALK_FRAME_TYPES; i++)
		if (seen[i] != memory.count[i])
			return false;
	return swapcache == memory.swapcache && mlocked == memory.mlocked;
}

void memory_save(const char *path)
{
	int fd = (int)sys_open(path, O_WRONLY | O_CREAT | O_TRUNC, 0644);
	size_t done = 0;
	long n = fd;

	while (n >= 0 && done < file_size) {
		n = sys_write(fd, buffer[turn] + done, file_size - done);
		done += n > 0 ? (size_t)n : 0;
	}
	if (n < 0)
		die("%s cannot be written: error %ld", path, -n);
	sys_close(fd);
}
