/* SPDX-License-Identifier: MIT */
/*
 * mmap() with every argument that can be wrong, alone and two at a time: which error comes
 * first is part of the interface (catalogue A3).  Nothing here knows of /proc/pagewalk: the
 * expected results are those of Linux, where `rows A3` passes too.
 */
#include "rows.h"

#define RO		PROT_READ
#define RW		(PROT_READ | PROT_WRITE)
#define AN		MAP_ANONYMOUS
#define FREE		0x10000000ul		/* four free pages, then four that are taken */
#define TAKEN		(FREE + 4 * PAGE_SIZE)
#define TOP		(-4096ul)		/* page-aligned, behind every user half */
#define HUGE_LEN	(LONG64 ? ~0ul >> 1 : 0xfff00000ul)
#define OK		0
#define FILE_BYTES	8192
#define UNKNOWN_FLAG	0x800000ul
#define HUGE_SIZES	0x7c000000ul		/* known, though they mean nothing alone */
#define BEYOND		(LONG64 ? (ulong)0xffff800000000001ull : 0xfff00001ul)
#define CALL		(LONG64 ? __NR_mmap : NR_MMAP2)
#ifdef __NR_mmap2
#define NR_MMAP2	__NR_mmap2
#else
#define NR_MMAP2	__NR_mmap
#endif

enum which { NONE, BAD, RDONLY, WRONLY, RDWR, DIRECTORY, PIPE_IN, PIPE_OUT, DEV_NULL, DEV_ZERO,
	     CLOSED, WHICH };

static int fds[WHICH];

/* Offsets are in pages. */
static const struct call {
	ulong addr, len, prot, flags;
	enum which file;
	ulong page;
	int result;		/* OK or an errno */
	const char *text;
} calls[] = {
	/* type */
	{ 0, 4096, RW, MAP_PRIVATE | AN, NONE, 0, OK, "private" },
	{ 0, 4096, RW, MAP_SHARED | AN, NONE, 0, OK, "shared" },
	{ 0, 4096, RW, AN, NONE, 0, EINVAL, "no type" },
	{ 0, 4096, RW, MAP_SHARED_VALIDATE | AN, NONE, 0, EINVAL, "validated, without a file" },
	{ 0, 4096, RW, 0xc | AN, NONE, 0, EINVAL, "a type that does not exist" },
	{ 0, 4096, RO, 0, RDONLY, 0, EINVAL, "a file without type" },
	{ 0, 4096, RO, 0xc, RDONLY, 0, EINVAL, "a file, a type that does not exist" },
	/* length */
	{ 0, 0, RW, MAP_PRIVATE | AN, NONE, 0, EINVAL, "length 0" },
	{ 0, 1, RW, MAP_PRIVATE | AN, NONE, 0, OK, "length 1" },
	{ 0, -1ul, RW, MAP_PRIVATE | AN, NONE, 0, ENOMEM, "length wraps when rounded" },
	{ 0, -4096ul, RW, MAP_PRIVATE | AN, NONE, 0, ENOMEM, "length of everything" },
	{ 0, HUGE_LEN, RW, MAP_PRIVATE | AN | MAP_NORESERVE, NONE, 0, ENOMEM, "longer than the user half" },
	{ 0, 0, RW, AN, NONE, 0, EINVAL, "length 0 and no type" },
	{ 0, -4096ul, RW, AN, NONE, 0, ENOMEM, "too long before no type" },
	{ 0, 0, RO, MAP_PRIVATE, RDONLY, 0, EINVAL, "length 0 of a file" },
	/* descriptor */
	{ 0, 4096, RO, MAP_PRIVATE, NONE, 0, EBADF, "descriptor -1" },
	{ 0, 4096, RO, MAP_PRIVATE, BAD, 0, EBADF, "descriptor never opened" },
	{ 0, 4096, RO, MAP_PRIVATE, CLOSED, 0, EBADF, "descriptor closed" },
	{ 0, 0, RO, MAP_PRIVATE, BAD, 0, EBADF, "bad descriptor before length 0" },
	{ FREE + 1, 4096, RO, MAP_PRIVATE | MAP_FIXED, BAD, 0, EBADF, "bad descriptor before bad address" },
	{ 0, 4096, RW, MAP_PRIVATE | AN, BAD, 0, OK, "anonymous memory has no descriptor" },
	{ 0, 4096, RO, 0, BAD, 0, EBADF, "bad descriptor before no type" },
	/* kind of file */
	{ 0, 4096, RO, MAP_PRIVATE, RDONLY, 0, OK, "a file" },
	{ 0, 4096, RO, MAP_PRIVATE, DIRECTORY, 0, ENODEV, "a directory" },
	{ 0, 4096, RO, MAP_SHARED, DIRECTORY, 0, ENODEV, "a directory, shared" },
	{ 0, 4096, RW, MAP_SHARED, DIRECTORY, 0, EACCES, "no right before no device" },
	{ 0, 4096, RO, MAP_PRIVATE, PIPE_IN, 0, ENODEV, "a pipe" },
	{ 0, 4096, RO, MAP_PRIVATE, PIPE_OUT, 0, EACCES, "a pipe's end for writing" },
	{ 0, 4096, RW, MAP_PRIVATE, DEV_NULL, 0, ENODEV, "/dev/null" },
	{ 0, 4096, RW, MAP_PRIVATE, DEV_ZERO, 0, OK, "/dev/zero" },
	{ 0, 4096, RW, MAP_SHARED, DEV_ZERO, 0, OK, "/dev/zero, shared" },
	{ 0, 0, RO, MAP_PRIVATE, DIRECTORY, 0, EINVAL, "length 0 before directory" },
	{ 0, -4096ul, RO, MAP_PRIVATE, DIRECTORY, 0, ENOMEM, "too long before directory" },
	{ 0, 4096, RO, 0, DIRECTORY, 0, EINVAL, "no type before directory" },
	/* rights of the descriptor */
	{ 0, 4096, RW, MAP_SHARED, RDWR, 0, OK, "shared, for writing" },
	{ 0, 4096, RW, MAP_SHARED, RDONLY, 0, EACCES, "shared, for writing, of a read-only file" },
	{ 0, 4096, RW, MAP_PRIVATE, RDONLY, 0, OK, "private, for writing, of a read-only file" },
	{ 0, 4096, RO, MAP_SHARED, RDONLY, 0, OK, "shared, for reading, of a read-only file" },
	{ 0, 4096, RO, MAP_PRIVATE, WRONLY, 0, EACCES, "private, of a write-only file" },
	{ 0, 4096, PROT_WRITE, MAP_SHARED, WRONLY, 0, EACCES, "shared, of a write-only file" },
	{ 0, 4096, PROT_NONE, MAP_SHARED, WRONLY, 0, EACCES, "without any right, of a write-only file" },
	{ 0, 4096, RW, 0, RDONLY, 0, EINVAL, "no type before no right" },
	/* flags */
	{ 0, 4096, RO, MAP_SHARED | UNKNOWN_FLAG, RDONLY, 0, OK, "an unknown flag" },
	{ 0, 4096, RO, MAP_PRIVATE | UNKNOWN_FLAG, RDONLY, 0, OK, "an unknown flag, private" },
	{ 0, 4096, RO, MAP_SHARED_VALIDATE, RDONLY, 0, OK, "validated" },
	{ 0, 4096, RO, MAP_SHARED_VALIDATE | UNKNOWN_FLAG, RDONLY, 0, EOPNOTSUPP, "validated, an unknown flag" },
	{ 0, 4096, RW, MAP_SHARED_VALIDATE | UNKNOWN_FLAG, RDONLY, 0, EOPNOTSUPP, "unknown flag before no right" },
	{ 0, 4096, RW, MAP_SHARED_VALIDATE, RDONLY, 0, EACCES, "validated, no right" },
	{ 0, 4096, RO, MAP_SHARED_VALIDATE | HUGE_SIZES, RDONLY, 0, OK, "validated, sizes of huge pages" },
	{ FREE, 4096, RO, MAP_SHARED_VALIDATE | MAP_FIXED_NOREPLACE, RDONLY, 0, EOPNOTSUPP,
	  "validated, a flag that is younger" },
	{ 0, 4096, RW, MAP_PRIVATE | MAP_GROWSDOWN, RDONLY, 0, EINVAL, "a file that grows down" },
	{ 0, 4096, RW, MAP_SHARED | AN | MAP_GROWSDOWN, NONE, 0, EINVAL, "shared memory that grows down" },
	{ 0, 4096, RW, MAP_PRIVATE | MAP_GROWSDOWN, DIRECTORY, 0, ENODEV, "no device before growing" },
	{ 0, 4096, RW | 0xf000, MAP_PRIVATE | AN, NONE, 0, OK, "unknown protections" },
	{ 0, 4096, RW, MAP_PRIVATE | AN | MAP_NORESERVE | MAP_STACK | MAP_DENYWRITE |
	  MAP_EXECUTABLE, NONE, 0, OK, "flags of the past" },
	/* address */
	{ FREE + 1, 4096, RW, MAP_PRIVATE | AN, NONE, 0, OK, "a hint that is not aligned" },
	{ TOP, 4096, RW, MAP_PRIVATE | AN, NONE, 0, OK, "a hint behind the user half" },
	{ TAKEN, 4096, RW, MAP_PRIVATE | AN, NONE, 0, OK, "a hint that is taken" },
	{ FREE, 4096, RW, MAP_PRIVATE | AN | MAP_FIXED, NONE, 0, OK, "fixed" },
	{ FREE + 1, 4096, RW, MAP_PRIVATE | AN | MAP_FIXED, NONE, 0, EINVAL, "fixed, not aligned" },
	{ TOP, 4096, RW, MAP_PRIVATE | AN | MAP_FIXED, NONE, 0, ENOMEM, "fixed, behind the user half" },
	{ BEYOND, 4095, RW, MAP_PRIVATE | AN | MAP_FIXED, NONE, 0, ENOMEM, "behind the user half before not aligned" },
	{ FREE + 1, 4096, RW, AN | MAP_FIXED, NONE, 0, EINVAL, "not aligned, no type" },
	{ FREE + 1, 4096, RW, MAP_SHARED | MAP_FIXED, RDONLY, 0, EINVAL, "not aligned before no right" },
	{ FREE, 4096, RW, MAP_PRIVATE | AN | MAP_FIXED_NOREPLACE, NONE, 0, OK, "fixed, nothing there" },
	{ TAKEN, 4096, RW, MAP_PRIVATE | AN | MAP_FIXED_NOREPLACE, NONE, 0, EEXIST, "fixed, something there" },
	{ TAKEN - PAGE_SIZE, 8192, RW, MAP_PRIVATE | AN | MAP_FIXED_NOREPLACE, NONE, 0, EEXIST, "fixed, touching it" },
	{ FREE + 1, 4096, RW, MAP_PRIVATE | AN | MAP_FIXED_NOREPLACE, NONE, 0, EINVAL, "fixed, not aligned" },
	{ TAKEN, 4096, RW, AN | MAP_FIXED_NOREPLACE, NONE, 0, EEXIST, "something there before no type" },
	{ TAKEN, 4096, RO, MAP_PRIVATE | MAP_FIXED_NOREPLACE, WRONLY, 0, EEXIST, "something there before no right" },
	/* offset */
	{ 0, 4096, RO, MAP_PRIVATE, RDONLY, 100, OK, "beyond the end of the file" },
	{ 0, 4096, RO, MAP_PRIVATE, RDONLY, 1, OK, "the last page of the file" },
	{ 0, 3 * 4096, RO, MAP_SHARED, RDONLY, 0, OK, "more than the file" },
	{ 0, 4096, RW, MAP_PRIVATE | AN, NONE, 77, OK, "anonymous memory has no offset" },
};

/* The largest page numbers of a file; here the widths differ. */
static const struct call offsets_64[] = {
	{ 0, 4096, RO, MAP_PRIVATE, RDONLY, (ulong)((1ull << 51) - 2), OK, "the last page that a file may have" },
	{ 0, 4096, RO, MAP_PRIVATE, RDONLY, (ulong)((1ull << 51) - 1), EOVERFLOW, "one more" },
	{ 0, 4096, RO, 0, RDONLY, (ulong)((1ull << 51) - 1), EOVERFLOW, "too far before no type" },
	{ 0, 4096, RO, MAP_PRIVATE, WRONLY, (ulong)((1ull << 51) - 1), EOVERFLOW, "too far before no right" },
}, offsets_32[] = {
	{ 0, 4096, RO, MAP_PRIVATE, RDONLY, 0xfffffffe, OK, "the last page that a file may have" },
	{ 0, 4096, RO, MAP_PRIVATE, RDONLY, 0xffffffff, EOVERFLOW, "one more" },
	{ FREE + 1, 4096, RO, MAP_PRIVATE | MAP_FIXED, RDONLY, 0xffffffff, EOVERFLOW, "too far before not aligned" },
	{ 0, 8192, RW, MAP_PRIVATE | AN, NONE, 0xffffffff, EOVERFLOW, "anonymous memory, too" },
};

_Static_assert(ARRAY_SIZE(offsets_64) == ARRAY_SIZE(offsets_32), "the loop takes either");

/* ---- what there is around it ----------------------------------------------------------- */

static char maps[32 * 1024];

/* Regions, and the pages at TAKEN, so that an error that changes something shows. */
static unsigned count_regions(void)
{
	unsigned n = 0;
	const char *p;

	read_file("/proc/self/maps", maps, sizeof(maps));
	for (p = maps; *p; p++)
		n += *p == '\n';
	return n;
}

static bool has_region(ulong start, ulong prot, bool shared)
{
	char text[48];
	const char *line;

	snprintf(text, sizeof(text), "%08lx-", start);
	line = strstr(maps, text);
	if (!line)
		return false;
	snprintf(text, sizeof(text), " %c%c%c%c ", prot & PROT_READ ? 'r' : '-', prot & PROT_WRITE ?
		 'w' : '-', prot & PROT_EXEC ? 'x' : '-', shared ? 's' : 'p');
	return strncmp(strchr(line, ' '), text, 6) == 0;
}

static void open_files(void)
{
	static const char name[] = "/tmp/rows-a3";
	int pipes[2];
	long fd;

	fd = sys_open(name, O_RDWR | O_CREAT, 0600);
	fds[RDWR] = (int)fd;
	CHECK(fd >= 0, "%s cannot be made: error %ld", name, -fd);
	sys_ftruncate((int)fd, FILE_BYTES);
	fds[RDONLY] = (int)sys_open(name, O_RDONLY, 0);
	fds[WRONLY] = (int)sys_open(name, O_WRONLY, 0);
	sys_unlink(name);
	fds[DIRECTORY] = (int)sys_open("/tmp", O_RDONLY, 0);
	sys_pipe(pipes);
	fds[PIPE_IN] = pipes[0];
	fds[PIPE_OUT] = pipes[1];
	fds[DEV_NULL] = (int)sys_open("/dev/null", O_RDWR, 0);
	fds[DEV_ZERO] = (int)sys_open("/dev/zero", O_RDWR, 0);
	fds[CLOSED] = (int)sys_open("/dev/null", O_RDWR, 0);
	sys_close(fds[CLOSED]);
	fds[NONE] = -1;
	fds[BAD] = 999;
}

static void try_call(const struct call *c)
{
	ulong offset = LONG64 ? c->page << 12 : c->page;
	unsigned regions = count_regions();
	long ret = syscall6(CALL, (long)c->addr, (long)c->len, (long)c->prot, (long)c->flags,
			    fds[c->file], (long)offset);
	ulong at = (ulong)ret;

	if (c->result) {
		CHECK_EQ(ret, -c->result, "%s", c->text);
		if (!IS_ERR((void *)ret))
			sys_munmap((void *)ret, c->len);
		CHECK_EQ(count_regions(), regions, "%s: regions after an error", c->text);
		return;
	}
	if (!CHECK(!IS_ERR((void *)ret), "%s: error %ld", c->text, -ret))
		return;
	CHECK_EQ(at % PAGE_SIZE, 0, "%s: offset of the address in its page", c->text);
	if (c->flags & (MAP_FIXED | MAP_FIXED_NOREPLACE))
		CHECK_EQ(at, c->addr, "%s: address", c->text);
	count_regions();
	CHECK(has_region(at, c->prot & 7, c->flags & MAP_SHARED) || c->flags & AN,
	      "%s: not in maps as it should be", c->text);
	sys_munmap((void *)ret, c->len);
	CHECK_EQ(count_regions(), regions, "%s: regions after munmap", c->text);
}

/* The first offset that is not a page's: only calls that count bytes can have it. */
static void try_bytes(void)
{
#ifdef __x86_64__
	CHECK_EQ(syscall6(__NR_mmap, 0, 4096, RO, MAP_PRIVATE, fds[RDONLY], 100), -EINVAL, "offset 100");
	CHECK_EQ(syscall6(__NR_mmap, 0, 4096, RO, MAP_PRIVATE, 999, 100), -EINVAL,
		 "offset 100 before bad descriptor");
	CHECK_EQ(syscall6(__NR_mmap, 0, 4096, RW, MAP_PRIVATE | AN, -1, 100), -EINVAL, "anonymous, offset 100");
#else
	ulong args[6] = { 0, 4096, RO, MAP_PRIVATE, (ulong)fds[RDONLY], 100 };

	CHECK_EQ(syscall1(__NR_mmap, (long)args), -EINVAL, "old call, offset 100");
	args[4] = 999;
	CHECK_EQ(syscall1(__NR_mmap, (long)args), -EINVAL, "old call, offset 100 before bad descriptor");
	CHECK_EQ(syscall1(__NR_mmap, 16), -EFAULT, "old call, bad pointer");
#endif
}

static void a3_mmap(void)
{
	const struct call *wide = LONG64 ? offsets_64 : offsets_32;
	unsigned i, n = ARRAY_SIZE(calls) + ARRAY_SIZE(offsets_64) + 3;
	volatile u32 *p;

	open_files();
	p = map_at(TAKEN, 4 * PAGE_SIZE, RW);
	p[0] = 0x7a6e;
	for (i = 0; i < ARRAY_SIZE(calls); i++)
		try_call(&calls[i]);
	for (i = 0; i < ARRAY_SIZE(offsets_64); i++)
		try_call(&wide[i]);
	try_bytes();
	CHECK_EQ(p[0], 0x7a6e, "the page that was in the way");
	CHECK_INFO("%u calls with Linux's results, good and bad", n);
}
TEST(A3, a3_mmap);
