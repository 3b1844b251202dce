/* SPDX-License-Identifier: MIT */
/* X4, F10: the end of a mapped file, and what happens when it moves. */
#include <linux/falloc.h>
#include "rows.h"

#define SIGBUS		7
#define BUS_ADRERR	2
#define RW		(PROT_READ | PROT_WRITE)
#define PAGES		8

static long file_truncate(int fd, ulong size)
{
	return sys_ftruncate(fd, (long)size);
}

static long file_punch(int fd, ulong from, ulong len)
{
	const int mode = FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE;

#ifdef __x86_64__
	return syscall4(__NR_fallocate, fd, mode, (long)from, (long)len);
#else
	return syscall6(__NR_fallocate, fd, mode, (long)from, 0, (long)len, 0);
#endif
}

/* A new file: page i is full of i + 1. */
static int make_file(const char *path, unsigned pages)
{
	static u8 page[PAGE_SIZE];
	int fd = (int)sys_open(path, O_RDWR | O_CREAT | O_TRUNC, 0600);
	unsigned i;

	for (i = 0; i < pages; i++) {
		memset(page, (int)i + 1, sizeof(page));
		CHECK_EQ(sys_write(fd, page, sizeof(page)), sizeof(page), "write of page %u", i);
	}
	return fd;
}

static u8 *map_file(int fd, size_t len, int flags)
{
	u8 *p = sys_mmap(NULL, len, RW, flags, fd, 0);

	if (!CHECK(!IS_ERR(p), "mmap: %ld", (long)p))
		exit(2);
	return p;
}

static bool present(int pid, const volatile u8 *addr)
{
	struct pagewalk_walk w;

	return (pid ? pw_walk_pid(pid, addr, &w) : pw_walk(addr, &w)) &&
	       w.flags & PAGEWALK_PRESENT;
}

static void is_sigbus(const u8 *addr, enum access kind, const char *what)
{
	struct caught c = catch_access(kind, (ulong)addr);

	CHECK_EQ(c.sig, SIGBUS, "signal: %s", what);
	CHECK_EQ(c.code, BUS_ADRERR, "si_code: %s", what);
	CHECK_EQ(c.addr, (ulong)addr, "si_addr: %s", what);
}

/* ---- X4 ---------------------------------------------------------------------------------- */

static unsigned nonzero(const volatile u8 *p, unsigned from)
{
	unsigned n = 0;

	for (; from < PAGE_SIZE; from++)
		n += p[from] != 0;
	return n;
}

static void x4_end(void)
{
	int fd = make_file("/tmp/x4", 2), pipe[2];
	u8 *shared, *private;
	u8 byte = 9;

	catch_begin();
	CHECK_EQ(file_truncate(fd, PAGE_SIZE + 100), 0, "ftruncate");
	shared = map_file(fd, 4 * PAGE_SIZE, MAP_SHARED);
	private = map_file(fd, 4 * PAGE_SIZE, MAP_PRIVATE);
	CHECK_EQ(shared[PAGE_SIZE + 99], 2, "the last byte of the file");
	CHECK_EQ(nonzero(shared + PAGE_SIZE, 100), 0, "bytes behind the end that are not zero");
	is_sigbus(shared + 2 * PAGE_SIZE, ACCESS_READ, "read of the next page");
	is_sigbus(shared + 3 * PAGE_SIZE + 17, ACCESS_WRITE, "write two pages behind");
	is_sigbus(private + 2 * PAGE_SIZE + 4095, ACCESS_WRITE, "write to a private page behind");
	is_sigbus(private + 2 * PAGE_SIZE, ACCESS_READ, "read of a private page behind");
	CHECK(!present(0, shared + 2 * PAGE_SIZE), "something is mapped behind the end");

	/* The tail may be written; the file does not get it, nor longer. */
	shared[PAGE_SIZE + 200] = 77;
	CHECK_EQ(sys_lseek(fd, 0, SEEK_END), PAGE_SIZE + 100, "size after a store behind the end");
	CHECK_EQ(sys_pread(fd, &byte, 1, PAGE_SIZE + 200), 0, "read(2) behind the end");
	CHECK_EQ(file_truncate(fd, 2 * PAGE_SIZE), 0, "ftruncate to a longer file");
	CHECK_EQ(shared[PAGE_SIZE + 200], 0, "what was stored behind the end, after growing");

	/* The kernel gets an error, not a signal. */
	CHECK_EQ(sys_pipe(pipe), 0, "pipe");
	CHECK_EQ(sys_write(pipe[1], shared + 2 * PAGE_SIZE, 1), -EFAULT, "write(2) from behind");
	CHECK_EQ(sys_pread(fd, shared + 3 * PAGE_SIZE, 1, 0), -EFAULT, "read(2) to behind");
	catch_end();
	sys_unlink("/tmp/x4");
}
TEST(X4, x4_end);

/* ---- F10 --------------------------------------------------------------------------------- */

static u8 *shared, *private;

static int child_step(int command)
{
	unsigned i, sum = 0;

	for (i = 0; i < PAGES; i++)
		sum += shared[i * PAGE_SIZE];
	private[5 * PAGE_SIZE] = 55;
	return sum == 36;
}

static void count_present(int pid, unsigned expected_shared, unsigned expected_private,
			  const char *who)
{
	unsigned i, n = 0, m = 0;

	for (i = 0; i < PAGES; i++) {
		n += present(pid, shared + i * PAGE_SIZE);
		m += present(pid, private + i * PAGE_SIZE);
	}
	CHECK_EQ(n, expected_shared, "pages of the shared region of %s", who);
	CHECK_EQ(m, expected_private, "pages of the private region of %s", who);
}

static void f10_truncate(void)
{
	int fd = make_file("/tmp/f10", PAGES), other;
	u64 pages = pw_counter("file_pages"), anon;
	struct child c;
	unsigned i;

	catch_begin();
	shared = map_file(fd, PAGES * PAGE_SIZE, MAP_SHARED);
	private = map_file(fd, PAGES * PAGE_SIZE, MAP_PRIVATE);
	for (i = 0; i < PAGES; i++) {
		(void)*(volatile u8 *)(shared + i * PAGE_SIZE);
		(void)*(volatile u8 *)(private + i * PAGE_SIZE);
	}
	private[4 * PAGE_SIZE] = 44;
	private[1 * PAGE_SIZE] = 11;
	child_start(&c, child_step);
	CHECK_EQ(child_do(&c, 0), 1, "the child sees all pages");
	count_present(0, PAGES, PAGES, "the parent");

	/* A hole: the file's page goes, copies stay. */
	CHECK_EQ(file_punch(fd, PAGE_SIZE, PAGE_SIZE), 0, "fallocate(PUNCH_HOLE)");
	CHECK_EQ(pw_counter("file_pages"), pages - 1, "cached pages after a hole of one");
	CHECK(!present(0, shared + PAGE_SIZE) && !present(c.pid, shared + PAGE_SIZE),
	      "the page of the hole is still mapped");
	CHECK_EQ(private[PAGE_SIZE], 11, "the private copy at the hole");
	CHECK_EQ(shared[PAGE_SIZE], 0, "the hole");
	CHECK_EQ(shared[2 * PAGE_SIZE], 3, "the page behind the hole");

	anon = pw_counter("pages_anon");
	CHECK_EQ(file_truncate(fd, 2 * PAGE_SIZE + 100), 0, "ftruncate");
	CHECK_EQ(pw_counter("file_pages"), pages - 5, "cached pages of 3 of 8");
	/* Copies of pages 4 (shared with the child) and 5 (the child's). */
	CHECK_EQ(anon - pw_counter("pages_anon"), 2, "private copies that are given back");
	count_present(0, 3, 3, "the parent");
	for (i = 3; i < PAGES; i++)
		CHECK(!present(c.pid, shared + i * PAGE_SIZE) &&
		      !present(c.pid, private + i * PAGE_SIZE), "the child still has page %u", i);
	is_sigbus(shared + 3 * PAGE_SIZE, ACCESS_READ, "shared page behind the new end");
	is_sigbus(private + 4 * PAGE_SIZE, ACCESS_READ, "private copy that was truncated");
	is_sigbus(private + 4 * PAGE_SIZE, ACCESS_WRITE, "write there");
	CHECK_EQ(private[PAGE_SIZE], 11, "a private copy before the end");

	/* Longer again: zeros, also in the page that was cut. */
	CHECK_EQ(file_truncate(fd, PAGES * PAGE_SIZE), 0, "ftruncate to the old size");
	CHECK_EQ(shared[2 * PAGE_SIZE + 99], 3, "the last byte before the cut");
	CHECK_EQ(nonzero(shared + 2 * PAGE_SIZE, 100), 0, "bytes behind the cut");
	CHECK_EQ(nonzero(shared + 5 * PAGE_SIZE, 0), 0, "bytes of a page that was gone");
	CHECK_EQ(private[4 * PAGE_SIZE], 0, "where a private copy was");

	/* O_TRUNC and unlink. */
	other = (int)sys_open("/tmp/f10", O_RDWR | O_TRUNC, 0);
	count_present(0, 0, 0, "the parent, after O_TRUNC");
	CHECK_EQ(pw_counter("file_pages"), pages - 8, "cached pages after O_TRUNC");
	CHECK_EQ(file_truncate(other, PAGE_SIZE), 0, "ftruncate to one page");
	shared[7] = 70;
	CHECK_EQ(sys_unlink("/tmp/f10"), 0, "unlink");
	CHECK_EQ(shared[7], 70, "a page of a file without a name");
	CHECK_EQ(child_end(&c), 0, "wait status of the child");
	sys_close(other);
	sys_close(fd);
	sys_munmap(shared, PAGES * PAGE_SIZE);
	sys_munmap(private, PAGES * PAGE_SIZE);
	CHECK_EQ(pw_counter("file_pages"), pages - 8, "cached pages when all is gone");
	catch_end();
}
TEST(F10, f10_truncate);
