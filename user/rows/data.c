/* SPDX-License-Identifier: MIT */
/*
 * Files on a disk, /data as test/boot/data.t has made it: F5, F6, F7, F9, F14.
 *
 *	big.bin		1 MiB; byte i is i * 7 + i / 4096
 *	stored-BITS.bin	8 pages of zeroes
 *	dyn-a-BITS, dyn-b-BITS	dynamic programs
 */
#include "requests.h"
#include "../lib/thread.h"

static u8 page_buffer[32 * PAGE_SIZE];

/* Where page 0 of big.bin is on the disk: everything else is relative to it. */
static u64 first_sector(int fd)
{
	u64 seq = last_request();
	unsigned n;
	u8 c;

	drop_caches();
	sys_pread(fd, &c, 1, 0);
	n = read_log(seq);
	return n ? requests[n - 1].sector : 0;
}

/* ---- F5 ---------------------------------------------------------------------------------- */

/* Touch a page: the request that this makes is pages [first, first + n) of the file. */
static void touch(u8 *p, ulong page, u64 base, ulong first, unsigned n)
{
	u64 seq = last_request();
	unsigned got;

	CHECK_EQ(p[page * PAGE_SIZE + 5], big_byte(page * PAGE_SIZE + 5), "byte of page %lu", page);
	got = read_log(seq);
	if (!n) {
		CHECK_EQ(got, 0, "requests for page %lu, which is cached", page);
		return;
	}
	CHECK_EQ(got, 1, "requests for page %lu", page);
	CHECK_EQ(requests[0].sector - base, first * PAGE_SECTORS, "first sector for page %lu", page);
	CHECK_EQ(requests[0].count, n * PAGE_SECTORS, "sectors for page %lu", page);
	CHECK_EQ(requests[0].op, PAGEWALK_DISK_READ, "a read");
}

static void f5_requests(void)
{
	int fd = open_or_exit(BIG_FILE, O_RDONLY);
	u64 base = first_sector(fd), seq;
	u8 *p = map_file(fd, BIG_FILE_PAGES * PAGE_SIZE, PROT_READ, MAP_PRIVATE);

	CHECK(base != 0, "no request for a file that was dropped from the cache");
	drop_caches();
	seq = last_request();
	read_log(seq);
	CHECK_EQ(last_request(), seq, "requests before anything is touched");
	touch(p, 40, base, 32, 16);
	touch(p, 33, base, 0, 0);
	touch(p, 0, base, 0, 16);
	sys_madvise(p, BIG_FILE_PAGES * PAGE_SIZE, MADV_RANDOM);
	touch(p, 100, base, 100, 1);
	touch(p, 200, base, 200, 1);
	touch(p, 101, base, 101, 1);
	CHECK_INFO("file at sector %llu", (unsigned long long)base);
}
TEST(F5, f5_requests);

/* ---- F6 ---------------------------------------------------------------------------------- */

/* ru_minflt and ru_majflt: the fifth and sixth word behind the two times. */
static void count_faults(long *minor, long *major)
{
	long usage[36];

	syscall2(__NR_getrusage, 0, (long)usage);
	*minor = usage[8];
	*major = usage[9];
}

static u8 *f6_map;

static int f6_second(int command)
{
	long minor[2], major[2];
	u8 c;

	(void)command;
	count_faults(&minor[0], &major[0]);
	c = *(volatile u8 *)(f6_map + 64 * PAGE_SIZE);
	count_faults(&minor[1], &major[1]);
	return c != big_byte(64 * PAGE_SIZE) ? 100 :
	       (int)(10 * (major[1] - major[0]) + (minor[1] - minor[0]));
}

static void f6_major(void)
{
	int fd = open_or_exit(BIG_FILE, O_RDONLY);
	struct child c;
	u64 vm;
	long minor[2], major[2];

	f6_map = map_file(fd, BIG_FILE_PAGES * PAGE_SIZE, PROT_READ, MAP_PRIVATE);
	drop_caches();
	child_start(&c, f6_second);
	child_do(&c, 0);		/* the child's own pages; first touch, for the row below */
	child_end(&c);
	drop_caches();
	vm = pw_counter("pgmajfault");
	child_start(&c, f6_second);
	count_faults(&minor[0], &major[0]);
	CHECK_EQ(((volatile u8 *)f6_map)[70 * PAGE_SIZE], big_byte(70 * PAGE_SIZE), "a byte");
	count_faults(&minor[1], &major[1]);
	CHECK_EQ(major[1] - major[0], 1, "major faults of who came first");
	CHECK_EQ(child_do(&c, 0), 1, "of who came second: ten times major plus minor");
	child_end(&c);
	CHECK_EQ(pw_counter("pgmajfault") - vm, 1, "pgmajfault");
}
TEST(F6, f6_major);

/* ---- F7 ---------------------------------------------------------------------------------- */

static void set_sysctl(const char *name, const char *value)
{
	char path[64];
	int fd;

	snprintf(path, sizeof(path), "/proc/sys/vm/%s", name);
	fd = open_or_exit(path, O_WRONLY);
	sys_write(fd, value, strlen(value));
	sys_close(fd);
}

/* Nobody asks for it: a store arrives when it is old, and one without a fault, too. */
static void f7_flusher(const struct pagewalk_disk_request *at, volatile u8 *p)
{
	set_sysctl("dirty_expire_centisecs", "10");
	set_sysctl("dirty_writeback_centisecs", "5");
	sleep_ms(400);
	CHECK_EQ(disk_byte(at, 2 * PAGE_SIZE), 0x43, "on the disk after 0.4 s");
	p[2 * PAGE_SIZE] = 0x42;
	sleep_ms(400);
	CHECK_EQ(disk_byte(at, 2 * PAGE_SIZE), 0x42, "on the disk after 0.4 s more");
	set_sysctl("dirty_expire_centisecs", "3000");
	set_sysctl("dirty_writeback_centisecs", "500");
}

/* A futex of the file makes its page dirty before the program does: that must not hide a store. */
static void f7_futex(int fd, const struct pagewalk_disk_request *at, volatile u8 *p)
{
	CHECK_EQ(sys_futex(p, FUTEX_WAKE, 1, NULL, NULL, 0), 0, "nobody waits");
	CHECK_EQ(pw_counter("dirty_pages"), 1, "dirty pages after a futex");
	p[0] = 0x55;
	CHECK_EQ(syscall1(__NR_fsync, fd), 0, "fsync");
	CHECK_EQ(disk_byte(at, 0), 0x55, "on the disk after a futex and a store");
	p[0] = 0x22;
	CHECK_EQ(syscall1(__NR_fsync, fd), 0, "fsync");
	CHECK_EQ(disk_byte(at, 0), 0x22, "on the disk");
	CHECK_EQ(pw_counter("dirty_pages"), 0, "dirty pages after it");
}

static void f7_stores(void)
{
	int fd = open_or_exit(LONG64 ? "/data/stored-64.bin" : "/data/stored-32.bin", O_RDWR);
	u64 seq = last_request(), faults;
	struct pagewalk_disk_request at;
	volatile u8 *p;
	u8 c;

	drop_caches();
	sys_pread(fd, &c, 1, 0);
	read_log(seq);
	at = requests[0];
	p = map_file(fd, 8 * PAGE_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED);
	p[0] = 0x11;
	CHECK_EQ(disk_byte(&at, 0), 0, "on the disk before msync");
	CHECK_EQ(sys_msync((void *)p, PAGE_SIZE, MS_SYNC), 0, "msync");
	CHECK_EQ(disk_byte(&at, 0), 0x11, "on the disk after it");
	CHECK_EQ(pw_counter("dirty_pages"), 0, "dirty pages");
	faults = pw_counter("pgfault");
	faults = pw_counter("pgfault");
	p[0] = 0x22;
	CHECK_EQ(pw_counter("pgfault"), faults, "faults up to the second store");
	CHECK_EQ(disk_byte(&at, 0), 0x11, "the disk knows nothing of it");
	CHECK_EQ(syscall1(__NR_fsync, fd), 0, "fsync");
	CHECK_EQ(disk_byte(&at, 0), 0x22, "now it does");
	f7_futex(fd, &at, p);
	p[PAGE_SIZE] = 0x33;
	sys_munmap((void *)p, 8 * PAGE_SIZE);
	CHECK_EQ(pw_counter("dirty_pages"), 1, "dirty pages after munmap");
	CHECK_EQ(sys_pread(fd, &c, 1, PAGE_SIZE), 1, "read(2)");
	CHECK_EQ(c, 0x33, "sees the store");
	syscall0(__NR_sync);
	CHECK_EQ(disk_byte(&at, PAGE_SIZE), 0x33, "on the disk after sync");
	CHECK_EQ(pw_counter("dirty_pages"), 0, "dirty pages after sync");
	p = map_file(fd, 8 * PAGE_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED);
	p[2 * PAGE_SIZE] = 0x43;
	f7_flusher(&at, p);
	p[2 * PAGE_SIZE] = 0x44;
	sys_close(fd);			/* the exit of this program leaves page 2 dirty */
}
TEST(F7, f7_stores);

/* ---- F9 ---------------------------------------------------------------------------------- */

static void f9_windows(void)
{
	static const unsigned windows[] = { 4, 8, 16, 32, 32, 32, 32, 32, 32, 32, 4 };
	int fd = open_or_exit(BIG_FILE, O_RDONLY);
	u64 seq;
	unsigned i, n, bad = 0;

	drop_caches();
	seq = last_request();
	for (i = 0; i < BIG_FILE_PAGES; i++) {
		sys_read(fd, page_buffer, PAGE_SIZE);
		bad += page_buffer[9] != big_byte(i * PAGE_SIZE + 9);
	}
	CHECK_EQ(bad, 0, "bytes that are not the file's");
	n = read_log(seq);
	CHECK_EQ(n, sizeof(windows) / sizeof(windows[0]), "requests of a sequential reader");
	for (i = 0; i < n && i < sizeof(windows) / sizeof(windows[0]); i++)
		CHECK_EQ(requests[i].count, windows[i] * PAGE_SECTORS, "sectors of request %u", i);
	drop_caches();
	seq = last_request();
	for (i = 0; i < 16; i++)
		sys_pread(fd, page_buffer, PAGE_SIZE,
			  (long)(((i * 37 + 11) % BIG_FILE_PAGES) * PAGE_SIZE));
	n = read_log(seq);
	CHECK_EQ(n, 16, "requests of a reader here and there");
	for (i = 0; i < n; i++)
		CHECK_EQ(requests[i].count, PAGE_SECTORS, "sectors of request %u", i);
	CHECK_INFO("windows of 4, 8, 16, 32 pages in order, 1 elsewhere");
}
TEST(F9, f9_windows);

/* ---- F14 --------------------------------------------------------------------------------- */

struct dynamic {
	int pid, in, out;
	ulong text;			/* an address in its C library's code */
};

/* A program that writes that address as a line and waits until its input ends. */
static void start_dynamic(struct dynamic *d, const char *name)
{
	char path[32], line[32];
	const char *argv[] = { path, NULL };
	int up[2], down[2];
	long n = 0, got;

	snprintf(path, sizeof(path), "/data/%s-%u", name, LONG64 ? 64 : 32);
	syscall2(__NR_pipe2, (long)up, 0);
	syscall2(__NR_pipe2, (long)down, 0);
	d->pid = (int)sys_fork();
	if (!d->pid) {
		sys_dup2(down[0], 0);
		sys_dup2(up[1], 1);
		sys_close(down[1]);
		sys_close(up[0]);
		sys_execve(path, argv, (const char *const *)environ);
		exit(3);
	}
	sys_close(down[0]);
	sys_close(up[1]);
	d->in = down[1];
	d->out = up[0];
	while (n < 31 && (got = sys_read(d->out, line + n, 1)) == 1 && line[n] != '\n')
		n++;
	line[n] = '\0';
	d->text = (ulong)parse_hex(line, NULL);
	CHECK(n > 0, "%s says nothing", path);
}

static void end_dynamic(struct dynamic *d)
{
	sys_close(d->in);
	CHECK(EXITED(wait_for(d->pid), 0), "a dynamic program did not end well");
	sys_close(d->out);
}

static void f14_library(void)
{
	struct dynamic a, b;
	struct pagewalk_walk wa, wb;
	struct pagewalk_frame f;

	start_dynamic(&a, "dyn-a");
	start_dynamic(&b, "dyn-b");
	CHECK(pw_walk_pid(a.pid, (void *)a.text, &wa), "no walk of the first");
	CHECK(pw_walk_pid(b.pid, (void *)b.text, &wb), "no walk of the second");
	CHECK(wa.flags & PAGEWALK_PRESENT, "library text is not mapped");
	CHECK_EQ(wa.phys / PAGE_SIZE, wb.phys / PAGE_SIZE, "frame of library text in the second program");
	pw_frame(wa.phys / PAGE_SIZE, &f);
	CHECK_EQ(f.type, PAGEWALK_FRAME_FILE, "type of the frame");
	CHECK_EQ(f.mapcount, 2, "entries that name it");
	end_dynamic(&b);
	pw_frame(wa.phys / PAGE_SIZE, &f);
	CHECK_EQ(f.mapcount, 1, "after the second has ended");
	end_dynamic(&a);
	CHECK_INFO("text at %#lx and %#lx, frame %#llx", a.text, b.text,
		   (unsigned long long)wa.phys / PAGE_SIZE);
}
TEST(F14, f14_library);
