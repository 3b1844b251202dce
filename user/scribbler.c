/* SPDX-License-Identifier: MIT */
/*
 * /bin/scribbler SEED DIR: writes files in DIR until the power is cut (test/boot/powercut.t).
 *
 * It says what it may be held to:
 *
 *	scribbler: begin, memory of N pages, M swapped out
 *	scribbler: safe NAME SIZE SEED	the file is complete and fsync has returned
 *	scribbler: unsafe NAME		from now on it may change or go
 *
 * Byte i of such a file is (SEED * 31 + i * 7 + i / 509) modulo 256.  Beside them are files that
 * nobody is held to, which grow, shrink, are mapped, renamed and deleted without any sync, and
 * memory that is larger than RAM has room for, where there is swap.
 */
#include "lib/lib.h"
#include "lib/pagewalk.h"

#define SAFE_FILES	24
#define LOOSE_FILES	6
#define MAX_SIZE	(64 * 1024)

static u8 data[MAX_SIZE];
static const char *dir;
static u64 state;

static u32 any(u32 n)
{
	state = state * 6364136223846793005ull + 1442695040888963407ull;
	return (u32)(state >> 33) % n;
}

static void path_of(char *path, size_t n, const char *kind, u32 i)
{
	snprintf(path, n, "%s/%s%u", dir, kind, i);
}

static void fill(u32 seed, u32 size)
{
	u32 i;

	for (i = 0; i < size; i++)
		data[i] = (u8)(seed * 31 + i * 7 + i / 509);
}

static void must(long ret, const char *what, const char *path)
{
	if (ret >= 0)
		return;
	printf("scribbler: FAILED: %s %s: error %ld\n", what, path, -ret);
	exit(1);
}

/* A complete new file takes the place of what had the name before. */
static void safe_file(void)
{
	u32 i = any(SAFE_FILES), seed = any(1u << 30), size = any(MAX_SIZE), part, done;
	char path[64], temp[64];
	long fd;

	path_of(path, sizeof(path), "safe", i);
	path_of(temp, sizeof(temp), "new", i);
	fill(seed, size);
	fd = sys_open(temp, O_RDWR | O_CREAT | O_TRUNC, 0644);
	must(fd, "open", temp);
	for (done = 0; done < size; done += part) {
		part = 1 + any(20000);
		part = part < size - done ? part : size - done;
		must(sys_write((int)fd, data + done, part), "write", temp);
	}
	must(syscall1(__NR_fsync, fd), "fsync", temp);
	must(sys_close((int)fd), "close", temp);
	printf("scribbler: unsafe safe%u\n", i);
	must(syscall2(__NR_rename, (long)temp, (long)path), "rename", temp);
	fd = sys_open(path, O_RDONLY, 0);
	must(fd, "open", path);
	must(syscall1(__NR_fsync, fd), "fsync", path);
	sys_close((int)fd);
	printf("scribbler: safe safe%u %u %u\n", i, size, seed);
}

static void map_and_store(int fd, u32 size)
{
	u8 *p = sys_mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	u32 i;

	if (IS_ERR(p))
		return;
	for (i = 0; i < 8; i++)
		p[any(size)] = (u8)any(256);
	sys_munmap(p, size);
}

static void loose_file(void)
{
	char path[64], other[64];
	u32 size = 1 + any(MAX_SIZE);
	long fd;

	path_of(path, sizeof(path), "loose", any(LOOSE_FILES));
	path_of(other, sizeof(other), "loose", any(LOOSE_FILES));
	switch (any(4)) {
	case 0:
		sys_unlink(path);
		return;
	case 1:
		syscall2(__NR_rename, (long)path, (long)other);
		return;
	}
	fd = sys_open(path, O_RDWR | O_CREAT, 0644);
	must(fd, "open", path);
	if (any(2))
		must(sys_pwrite((int)fd, data, size, any(MAX_SIZE)), "write", path);
	else
		must(sys_ftruncate((int)fd, size), "truncate", path);
	if (any(2))
		map_and_store((int)fd, size);
	sys_close((int)fd);
}

/* ---- memory, where there is swap --------------------------------------------------------- */

static u8 *memory;
static u32 memory_pages;

static void memory_init(void)
{
	u32 swap = (u32)pw_field("/proc/meminfo", "SwapTotal:") / 4, page;
	u32 ram = (u32)pw_field("/proc/meminfo", "MemTotal:") / 4;

	if (!swap)
		return;
	memory_pages = ram + (swap < ram ? swap : ram) / 2;
	memory = sys_mmap(NULL, (size_t)memory_pages * PAGE_SIZE, PROT_READ | PROT_WRITE,
			  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (IS_ERR(memory))
		memory_pages = 0;
	for (page = 0; page < memory_pages; page++)
		*(u32 *)(memory + (size_t)page * PAGE_SIZE) = page + 1;
}

/* The first word of a page is its own number. */
static void touch_memory(void)
{
	u32 i, page, *word;

	for (i = 0; memory_pages && i < 64; i++) {
		page = any(memory_pages);
		word = (u32 *)(memory + (size_t)page * PAGE_SIZE);
		if (*word != page + 1) {
			printf("scribbler: FAILED: page %u of memory has %#x\n", page, *word);
			exit(1);
		}
		*word = page + 1;
	}
}

int main(int argc, char **argv, char **envp)
{
	if (argc != 3) {
		printf("scribbler SEED DIR\n");
		return 1;
	}
	state = parse_u64(argv[1], NULL);
	dir = argv[2];
	syscall2(__NR_mkdir, (long)dir, 0755);
	memory_init();
	printf("scribbler: begin, memory of %u pages, %u swapped out\n", memory_pages,
	       (u32)pw_field("/proc/vmstat", "pswpout "));
	for (;;) {
		if (any(3))
			loose_file();
		else
			safe_file();
		touch_memory();
	}
}
