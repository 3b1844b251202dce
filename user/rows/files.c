/* SPDX-License-Identifier: MIT */
/*
 * Files in the page cache: F2, F3, F4, F8, F11, F15, N8, and shared memory, A21.
 */
#include "counting.h"
#include "rows.h"

#define RW	(PROT_READ | PROT_WRITE)
#define ETXTBSY_	26

static u8 buffer[16 * PAGE_SIZE];

static u8 *map_or_exit(int fd, size_t len, int prot, int flags, ulong offset)
{
	u8 *p = sys_mmap(NULL, len, prot, flags, fd, offset);

	if (!CHECK(!IS_ERR(p), "mmap: %ld", (long)p))
		exit(2);
	return p;
}

/* Page i of a file without a name is full of i + 1. */
static int make_file(unsigned pages)
{
	int fd = (int)sys_memfd_create("row", 0);
	unsigned i;

	for (i = 0; i < pages; i++) {
		memset(buffer, (int)i + 1, PAGE_SIZE);
		sys_write(fd, buffer, PAGE_SIZE);
	}
	return fd;
}

static int mapcount(const volatile void *addr)
{
	struct pagewalk_frame f;

	pw_frame(pw_pfn(addr), &f);
	return f.mapcount;
}

/* ---- F2 ---------------------------------------------------------------------------------- */

static void f2_right_page(void)
{
	int fd = (int)sys_open("/bin/rows", O_RDONLY, 0);
	unsigned i, j, bad = 0;
	u8 *p;

	CHECK_EQ(sys_pread(fd, buffer, sizeof(buffer), 3 * PAGE_SIZE), sizeof(buffer), "pread");
	/* Where one window of the fault-around begins, in a page table that exists. */
	*(volatile u8 *)map_at(EMPTY_PLACE + 16 * PAGE_SIZE, PAGE_SIZE, RW) = 1;
	p = sys_mmap((void *)EMPTY_PLACE, 16 * PAGE_SIZE, PROT_READ, MAP_PRIVATE | MAP_FIXED, fd,
		     3 * PAGE_SIZE);
	CHECK_EQ((ulong)p, EMPTY_PLACE, "mmap");
	CHECK_EQ(pw_pfn(p), 0, "frame of a page that was not touched");
	start_count();
	for (i = 16; i-- > 0;) {
		/* Not all of a page: of each page something else. */
		for (j = i; j < PAGE_SIZE; j += 61)
			bad += ((volatile u8 *)p)[i * PAGE_SIZE + j] != buffer[i * PAGE_SIZE + j];
	}
	pw_snapshot(&after);
	CHECK_EQ(bad, 0, "bytes that are not the file's");
	CHECK_EQ(growth("pgfault"), 1, "faults for 16 cached pages");
	CHECK_EQ(growth("file_maps"), 1, "pages that were asked for");
	CHECK_EQ(growth("fault_around"), 15, "pages that came with it");
	CHECK_EQ(growth("pages_file"), 0, "new pages of files");
}
TEST(F2, f2_right_page);

/* ---- F3 ---------------------------------------------------------------------------------- */

static void f3_one_frame(void)
{
	int fd = make_file(4);
	u64 pages = pw_counter("file_pages");
	u8 *a = map_or_exit(fd, 4 * PAGE_SIZE, PROT_READ, MAP_SHARED, 0);
	u8 *b = map_or_exit(fd, 4 * PAGE_SIZE, RW, MAP_PRIVATE, 0);
	u8 *c = map_or_exit(fd, 2 * PAGE_SIZE, RW, MAP_SHARED, 2 * PAGE_SIZE);
	struct pagewalk_frame f;
	unsigned i;

	for (i = 0; i < 4; i++) {
		CHECK_EQ(a[i * PAGE_SIZE] + b[i * PAGE_SIZE], 2 * (i + 1), "page %u, two readers", i);
		CHECK_EQ(pw_pfn(a + i * PAGE_SIZE), pw_pfn(b + i * PAGE_SIZE),
			 "frame of page %u for the second reader", i);
	}
	CHECK_EQ(c[0], 3, "page 2 by another offset");
	CHECK_EQ(pw_pfn(c), pw_pfn(a + 2 * PAGE_SIZE), "its frame");
	CHECK_EQ(mapcount(c), 3, "entries that name it");
	pw_frame(pw_pfn(c), &f);
	CHECK_EQ(f.type, PAGEWALK_FRAME_FILE, "type of the frame");
	CHECK_EQ(f.refcount, 4, "references: three entries and the cache");
	CHECK_EQ(sys_pread(fd, buffer, 4 * PAGE_SIZE, 0), 4 * PAGE_SIZE, "a third reader");
	CHECK_EQ(pw_counter("file_pages"), pages, "pages in the cache");
	CHECK_EQ(pw_pfn(a) != pw_pfn(a + PAGE_SIZE), 1, "two pages, two frames");
}
TEST(F3, f3_one_frame);

/* ---- F4, F15: programs ------------------------------------------------------------------- */

static const u8 text_page[] __attribute__((aligned(4096))) = "one page of text";
static volatile ulong data_word __attribute__((aligned(4096))) = 0x1234;

static int report(int command)
{
	switch (command) {
	case 0:
		return text_page[0] == 'o' && data_word == 0x1234;
	case 1:
		data_word = 0x9876;
		return data_word == 0x9876;
	default:
		return data_word == 0x9876;
	}
}

static void text_user(void)
{
	child_serve(report);
}
HELPER(text_user, "text-user", text_user);

static const char *const text_argv[] = { "/bin/rows", "text-user", NULL };

static u64 frame_of(int pid, const volatile void *addr)
{
	struct pagewalk_walk w;

	if (!pw_walk_pid(pid, addr, &w) || !(w.flags & PAGEWALK_PRESENT))
		return 0;
	return w.phys / PAGE_SIZE;
}

static void f4_shared_text(void)
{
	struct pagewalk_frame f;
	struct child c, d;
	int base;
	u64 pfn;

	CHECK_EQ(text_page[0], 'o', "our own page of text");
	pfn = pw_pfn(text_page);
	base = mapcount(text_page);
	CHECK_EQ(base, 1, "entries that name it at first");
	child_exec(&c, text_argv);
	CHECK_EQ(child_do(&c, 0), 1, "the second process has read it");
	CHECK_EQ(frame_of(c.pid, text_page), pfn, "its frame in the second process");
	CHECK_EQ(mapcount(text_page), 2, "entries with two processes");
	pw_frame(pfn, &f);
	CHECK_EQ(f.type, PAGEWALK_FRAME_FILE, "type: a page of the cache");
	child_exec(&d, text_argv);
	CHECK_EQ(child_do(&d, 0), 1, "the third process has read it");
	CHECK_EQ(frame_of(d.pid, text_page), pfn, "its frame in the third process");
	CHECK_EQ(mapcount(text_page), 3, "entries with three processes");
	CHECK_EQ(child_end(&c), 0, "wait status");
	CHECK_EQ(mapcount(text_page), 2, "entries after one has ended");
	CHECK_EQ(child_end(&d), 0, "wait status");
	CHECK_EQ(mapcount(text_page), 1, "entries after both have ended");
}
TEST(F4, f4_shared_text);

static void f15_same_view(void)
{
	u64 data[3], text[3];
	struct child c, d;

	data_word = 0x5555;
	CHECK_EQ(text_page[0], 'o', "our own page of text");
	child_exec(&c, text_argv);
	child_exec(&d, text_argv);
	CHECK(child_do(&c, 0) == 1 && child_do(&d, 0) == 1, "fresh data in both children");
	CHECK(child_do(&c, 1) == 1 && child_do(&d, 1) == 1, "both can write theirs");
	CHECK_EQ(data_word, 0x5555, "our own data at the same address");
	data[0] = pw_pfn(&data_word);
	data[1] = frame_of(c.pid, &data_word);
	data[2] = frame_of(d.pid, &data_word);
	text[0] = pw_pfn(text_page);
	text[1] = frame_of(c.pid, text_page);
	text[2] = frame_of(d.pid, text_page);
	CHECK(data[0] && data[1] && data[2] && data[0] != data[1] && data[1] != data[2] &&
	      data[0] != data[2], "data at %p is not in three frames", &data_word);
	CHECK(text[0] && text[0] == text[1] && text[0] == text[2],
	      "text at %p is not in one frame", text_page);
	CHECK_EQ(child_end(&c), 0, "wait status");
	CHECK_EQ(child_end(&d), 0, "wait status");
	CHECK_INFO("data in frames %#x, %#x and %#x", (unsigned)data[0], (unsigned)data[1],
		   (unsigned)data[2]);
}
TEST(F15, f15_same_view);

/* ---- F8 ---------------------------------------------------------------------------------- */

static long write_at(int fd, ulong pos, u8 byte)
{
	sys_lseek(fd, (long)pos, SEEK_SET);
	return sys_write(fd, &byte, 1);
}

static unsigned read_at(int fd, ulong pos)
{
	u8 byte = 0;

	return sys_pread(fd, &byte, 1, pos) == 1 ? byte : 1000;
}

static void f8_same_page(void)
{
	int fd = make_file(3);
	volatile u8 *shared = map_or_exit(fd, 3 * PAGE_SIZE, RW, MAP_SHARED, 0);
	volatile u8 *private = map_or_exit(fd, 3 * PAGE_SIZE, RW, MAP_PRIVATE, 0);
	unsigned i, bad = 0;

	for (i = 0; i < 100; i++) {
		write_at(fd, PAGE_SIZE + i, (u8)(i + 1));
		bad += shared[PAGE_SIZE + i] != (u8)(i + 1);
		bad += private[PAGE_SIZE + i] != (u8)(i + 1);
		shared[PAGE_SIZE + i] = (u8)(i + 50);
		bad += read_at(fd, PAGE_SIZE + i) != (u8)(i + 50);
	}
	CHECK_EQ(bad, 0, "of 300 looks that saw something old");
	CHECK_EQ(pw_pfn(shared + PAGE_SIZE), pw_pfn(private + PAGE_SIZE), "frame of both regions");
	private[PAGE_SIZE] = 200;
	write_at(fd, PAGE_SIZE + 1, 201);
	CHECK_EQ(private[PAGE_SIZE + 1], 51, "write(2) after the private copy was made");
	CHECK_EQ(shared[PAGE_SIZE + 1], 201, "the same in the shared region");
	CHECK_EQ(shared[PAGE_SIZE], 50, "a private store, seen by the shared region");
	/* A file that grows by write(2) under its mapping. */
	CHECK_EQ(write_at(fd, 2 * PAGE_SIZE, 9), 1, "write");
	CHECK_EQ(private[2 * PAGE_SIZE], 9, "another page is still the file's");
}

/* No read has mapped the page before, neither this one nor a neighbour's fault-around. */
static void f8_store_first(void)
{
	int fd = make_file(1);
	volatile u8 *shared = map_or_exit(fd, PAGE_SIZE, RW, MAP_SHARED, 0);

	shared[1] = 77;
	CHECK_EQ(read_at(fd, 1), 77, "a first store, seen by read(2)");
	CHECK_EQ(read_at(fd, 2), 1, "the byte behind it");
}

static void f8_both_ways(void)
{
	f8_same_page();
	f8_store_first();
}
TEST(F8, f8_both_ways);

/* ---- N8 ---------------------------------------------------------------------------------- */

static void n8_private_page(void)
{
	int fd = make_file(3);
	volatile u8 *p = map_or_exit(fd, 3 * PAGE_SIZE, RW, MAP_PRIVATE, 0);
	struct pagewalk_frame f;
	u64 pfn, own;
	unsigned i;

	CHECK_EQ(p[0], 1, "read first");
	pfn = pw_pfn(p);
	start_count();
	p[0] = 99;
	pw_snapshot(&after);
	own = pw_pfn(p);
	CHECK_EQ(pw_diff(&before, &after, "pgfault"), 1, "faults of the write");
	CHECK_EQ(pw_diff(&before, &after, "cow_copies"), 1, "copies");
	CHECK(own && own != pfn, "the page is not the program's own");
	CHECK_EQ(p[1], 1, "the rest of the copy");
	pw_frame(own, &f);
	CHECK_EQ(f.type, PAGEWALK_FRAME_ANON, "type of the copy");
	pw_frame(pfn, &f);
	CHECK_EQ(f.type, PAGEWALK_FRAME_FILE, "type of the original");
	CHECK_EQ(f.mapcount, 0, "entries that name the original");

	sys_madvise((void *)(p + PAGE_SIZE), 2 * PAGE_SIZE, MADV_DONTNEED);
	pw_snapshot(&before);
	p[2 * PAGE_SIZE] = 98;
	pw_snapshot(&after);
	CHECK_EQ(pw_diff(&before, &after, "pgfault"), 1, "faults of a page written first");
	CHECK_EQ(pw_diff(&before, &after, "cow_copies"), 1, "copied early");
	CHECK_EQ(p[2 * PAGE_SIZE + 1], 3, "the rest of that copy");
	CHECK_EQ(sys_pread(fd, buffer, 3 * PAGE_SIZE, 0), 3 * PAGE_SIZE, "pread");
	for (i = 0; i < 3 * PAGE_SIZE; i++)
		if (buffer[i] != i / PAGE_SIZE + 1)
			break;
	CHECK_EQ(i, 3 * PAGE_SIZE, "bytes of the file that are what they were");
	sys_madvise((void *)p, 3 * PAGE_SIZE, MADV_DONTNEED);
	CHECK_EQ(p[0], 1, "the file again after MADV_DONTNEED");
}
TEST(N8, n8_private_page);

/* ---- A21 --------------------------------------------------------------------------------- */

static volatile u8 *memory;

static int a21_step(int command)
{
	if (command == 0)
		return memory[5];
	memory[PAGE_SIZE + 7] = (u8)command;
	return memory[PAGE_SIZE + 7];
}

static void a21_pair(int flags, int fd, const char *what)
{
	struct child c;

	memory = map_or_exit(fd, 2 * PAGE_SIZE, RW, flags, 0);
	memory[5] = 5;
	child_start(&c, a21_step);
	memory[5] = 6;
	CHECK_EQ(child_do(&c, 0), 6, "%s: a store of the parent, seen by the child", what);
	CHECK_EQ(child_do(&c, 77), 77, "%s: a store of the child", what);
	CHECK_EQ(memory[PAGE_SIZE + 7], 77, "%s: the same, seen by the parent", what);
	CHECK_EQ(frame_of(c.pid, memory), pw_pfn(memory), "%s: frame in the child", what);
	CHECK_EQ(frame_of(c.pid, memory + PAGE_SIZE), pw_pfn(memory + PAGE_SIZE),
		 "%s: frame of a page that the child touched first", what);
	CHECK_EQ(mapcount(memory), 2, "%s: entries that name it", what);
	CHECK_EQ(mapcount(memory + PAGE_SIZE), 2, "%s: entries of the other page", what);
	CHECK_EQ(child_end(&c), 0, "%s: wait status", what);
	CHECK_EQ(mapcount(memory), 1, "%s: entries after exit", what);
	sys_munmap((void *)memory, 2 * PAGE_SIZE);
}

static void a21_shared(void)
{
	int fd = (int)sys_open("/dev/zero", O_RDWR, 0);

	a21_pair(MAP_SHARED | MAP_ANONYMOUS, -1, "without a name");
	a21_pair(MAP_SHARED, fd, "/dev/zero");
	sys_close(fd);
	fd = (int)sys_open("/dev/shm/a21", O_RDWR | O_CREAT, 0600);
	CHECK_EQ(sys_ftruncate(fd, 2 * PAGE_SIZE), 0, "ftruncate");
	a21_pair(MAP_SHARED, fd, "/dev/shm");
	CHECK_EQ(sys_unlink("/dev/shm/a21"), 0, "unlink");
}
TEST(A21, a21_shared);

/* ---- F11 --------------------------------------------------------------------------------- */

#define COPY	"/tmp/f11"

static void quiet_end(void)
{
	exit(7);
}
HELPER(quiet_end, "quiet-end", quiet_end);

static void copy_program(void)
{
	int from = (int)sys_open("/bin/rows", O_RDONLY, 0);
	int to = (int)sys_open(COPY, O_WRONLY | O_CREAT | O_TRUNC, 0700);
	long n;

	while ((n = sys_read(from, buffer, sizeof(buffer))) > 0)
		CHECK_EQ(sys_write(to, buffer, (size_t)n), n, "copying the program");
	sys_close(from);
	sys_close(to);
}

static int run_copy(void *arg)
{
	static const char *const argv[] = { COPY, "quiet-end", NULL };

	return (int)-sys_execve(COPY, argv, argv + 2);
}

static void f11_busy(void)
{
	static const char *const argv[] = { COPY, "text-user", NULL };
	struct child c;
	int fd;

	copy_program();
	child_exec(&c, argv);
	CHECK_EQ(child_do(&c, 0), 1, "the copy runs");
	CHECK_EQ(sys_open(COPY, O_WRONLY, 0), -ETXTBSY_, "open for writing");
	CHECK_EQ(sys_open(COPY, O_RDWR | O_TRUNC, 0), -ETXTBSY_, "open with O_TRUNC");
	CHECK_EQ(syscall2(__NR_truncate, (long)COPY, 0), -ETXTBSY_, "truncate");
	fd = (int)sys_open(COPY, O_RDONLY, 0);
	CHECK(fd >= 0, "open for reading: %d", fd);
	sys_close(fd);
	CHECK_EQ(child_do(&c, 1), 1, "the copy still runs, and writes its data");
	CHECK_EQ(child_end(&c), 0, "wait status");
	fd = (int)sys_open(COPY, O_RDWR, 0);
	CHECK(fd >= 0, "open for writing after its end: %d", fd);
	CHECK_EQ(wait_for((int)spawn(run_copy, NULL)), ETXTBSY_ << 8,
		 "exit status of who runs a file that is open for writing");
	sys_close(fd);
	CHECK_EQ(wait_for((int)spawn(run_copy, NULL)), 7 << 8, "exit status when it runs again");
	CHECK_EQ(sys_unlink(COPY), 0, "unlink");
}
TEST(F11, f11_busy);
