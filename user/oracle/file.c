/* SPDX-License-Identifier: MIT */
/* Files and their mappings, descriptors, pipes. */
#include "oracle.h"

#define O_NONBLOCK_	04000

CASE(file_write_seen_by_maps)
{
	int fd = make_file("/tmp/f", 2 * PG);
	char *s = map_file(fd, 2 * PG, RW, MAP_SHARED, 0);
	char *p = map_file(fd, 2 * PG, RW, MAP_PRIVATE, 0);

	say("%c%c %c%c", s[0], s[PG], p[0], p[PG]);
	p[PG + 1] = 'm';
	write_at(fd, "12", 2, 0);
	write_at(fd, "34", 2, PG);
	say("shared %.2s %.2s", s, s + PG);
	say("private %.2s, copied %.2s", p, p + PG);
}

CASE(file_map_seen_by_read)
{
	int fd = make_file("/tmp/f", PG), other = open_or_die("/tmp/f", O_RDONLY);
	char *s = map_file(fd, PG, RW, MAP_SHARED, 0), buf[4] = "";

	memcpy(s + 100, "abc", 3);
	say("%s %.3s", ret(read_at(other, buf, 3, 100)), buf);
}

CASE(file_truncate_and_maps)
{
	int fd = make_file("/tmp/f", 4 * PG);
	char *s = map_file(fd, 4 * PG, RW, MAP_SHARED, 0);
	char *p = map_file(fd, 4 * PG, RW, MAP_PRIVATE, 0);

	touch(s, 4 * PG, 's');
	p[3 * PG] = 'p';
	p[PG + 600] = 'p';
	say("%s", ret(sys_ftruncate(fd, PG + 500)));
	probe_begin();
	base(s);
	say("shared %s %s %s %s", rd(s), rd(s + PG + 499), rd(s + PG + 500), rd(s + 2 * PG));
	base(p);
	say("private %s", rd(p + PG + 600));
	say("private %s", rd(p + 2 * PG));
	say("private, was copied %s", rd(p + 3 * PG));
	say("%s", ret(sys_ftruncate(fd, 4 * PG)));
	base(s);
	say("grown: %s %s %s", rd(s + PG + 500), rd(s + 2 * PG), rd(s + 3 * PG));
	base(p);
	say("grown, private: %s", rd(p + 3 * PG));
}

CASE(file_truncate_errors)
{
	int fd = make_file("/tmp/f", 100), ro = open_or_die("/tmp/f", O_RDONLY), fds[2];

	sys_pipe(fds);
	say("negative: %s", ret(sys_ftruncate(fd, -1)));
	say("O_RDONLY: %s", ret(sys_ftruncate(ro, 1)));
	say("pipe: %s", ret(sys_ftruncate(fds[1], 1)));
	say("not open: %s", ret(sys_ftruncate(77, 1)));
	say("truncate a directory: %s", ret(sc(truncate, "/tmp", 1)));
	say("truncate nothing: %s", ret(sc(truncate, "/tmp/none", 1)));
	say("size %ld", file_size(fd));
}

CASE(file_truncate_partial_page)
{
	int fd = make_file("/tmp/f", PG);
	char buf[8];

	sys_ftruncate(fd, 3);
	sys_ftruncate(fd, 8);
	read_at(fd, buf, 8, 0);
	say("%s", bytes(buf, 8));
}

CASE(file_tail_is_not_written_back)
{
	int fd = make_file("/tmp/f", 10);
	char *s = map_file(fd, PG, RW, MAP_SHARED, 0), buf[16];

	memcpy(s + 8, "XXXX", 4);
	say("size %ld, read %s", file_size(fd), ret(read_at(fd, buf, 16, 0)));
	sys_ftruncate(fd, 16);
	read_at(fd, buf, 16, 0);
	say("%s", bytes(buf + 6, 8));
	memcpy(s + 16, "YYYY", 4);
	write_at(fd, "zz", 2, 30);
	read_at(fd, buf, 16, 14);
	say("%s", bytes(buf, 10));
}

CASE(file_seek)
{
	int fd = make_file("/tmp/f", 100), fds[2];
	char c = 0;

	sys_pipe(fds);
	say("%s %s %s", ret(sys_lseek(fd, 10, SEEK_SET)), ret(sys_lseek(fd, -5, SEEK_CUR)), ret(sys_lseek(fd, 7, SEEK_END)));
	say("beyond the end: read %s", ret(sys_read(fd, &c, 1)));
	say("negative: %s", ret(sys_lseek(fd, -1, SEEK_SET)));
	say("whence: %s", ret(sys_lseek(fd, 0, 9)));
	say("pipe: %s", ret(sys_lseek(fds[0], 0, SEEK_CUR)));
	say("unmoved: %s", ret(sys_lseek(fd, 0, SEEK_CUR)));
	say("write behind a gap: %s size %ld", ret(sys_write(fd, "e", 1)), file_size(fd));
	read_at(fd, &c, 1, 103);
	say("the gap: %d", c);
	say("DATA %s HOLE %s HOLE beyond %s", ret(sys_lseek(fd, 0, 3)), ret(sys_lseek(fd, 0, 4)), ret(sys_lseek(fd, 1000, 4)));
}

CASE(file_append)
{
	int fd, ap;
	char buf[8];

	fd = make_file("/tmp/f", 3);
	ap = open_or_die("/tmp/f", O_WRONLY | O_APPEND);
	sys_lseek(ap, 0, SEEK_SET);
	say("%s %ld", ret(sys_write(ap, "xy", 2)), file_size(fd));
	say("%s %s", ret(sys_lseek(ap, 0, SEEK_CUR)), ret(read_at(fd, buf, 8, 0)));
	say("pwrite appends: %s %ld", ret(write_at(ap, "z", 1, 0)), file_size(fd));
}

CASE(file_open_errors)
{
	make_file("/tmp/f", 3);
	sc(mkdir, "/tmp/d", 0755);
	say("none: %s", ret(sys_open("/tmp/none", O_RDONLY, 0)));
	say("EXCL: %s", ret(sys_open("/tmp/f", O_CREAT | O_EXCL, 0)));
	say("directory for writing: %s", ret(sys_open("/tmp/d", O_RDWR, 0)));
	say("O_DIRECTORY of a file: %s", ret(sys_open("/tmp/f", O_DIRECTORY, 0)));
	say("below a file: %s", ret(sys_open("/tmp/f/x", O_RDONLY, 0)));
	say("empty: %s", ret(sys_open("", O_RDONLY, 0)));
	say("bad pointer: %s", ret(sys_open((char *)8, O_RDONLY, 0)));
	say("create in nowhere: %s", ret(sys_open("/tmp/no/x", O_CREAT, 0)));
	sc(symlink, "loop", "/tmp/loop");
	say("loop: %s", ret(sys_open("/tmp/loop", O_RDONLY, 0)));
	say("NOFOLLOW: %s", ret(sys_open("/tmp/loop", O_RDONLY | O_NOFOLLOW, 0)));
	say("trailing slash: %s", ret(sys_open("/tmp/f/", O_RDONLY, 0)));
}

CASE(file_unlinked)
{
	int fd = make_file("/tmp/u", 2 * PG);
	char *p = map_file(fd, 2 * PG, RW, MAP_SHARED, 0);

	base(p);
	say("%s %s", ret(sys_unlink("/tmp/u")), ret(sys_open("/tmp/u", O_RDONLY, 0)));
	p[0] = 'U';
	probe_begin();
	say("%s %s size %ld", rd(p), rd(p + PG), file_size(fd));
	sys_ftruncate(fd, PG);
	say("%s", rd(p + PG));
	say("a directory: %s", ret(sys_unlink("/tmp")));
	say("twice: %s", ret(sys_unlink("/tmp/u")));
}

CASE(file_read_write_rights)
{
	int ro, wo;
	char c;

	make_file("/tmp/f", 3);
	ro = open_or_die("/tmp/f", O_RDONLY);
	wo = open_or_die("/tmp/f", O_WRONLY);
	say("%s %s", ret(sys_write(ro, "x", 1)), ret(sys_read(wo, &c, 1)));
	say("0 bytes: %s %s", ret(sys_write(ro, "x", 0)), ret(sys_read(wo, &c, 0)));
	say("directory: %s", ret(sys_read(open_or_die("/tmp", O_RDONLY), &c, 1)));
	say("closed: %s %s", ret(sys_read(77, &c, 1)), ret(sys_close(77)));
}

CASE(file_vectors)
{
	int fd = make_file("/tmp/f", 0);
	char a[4] = "ab", b[4] = "cd", buf[8] = "";
	struct iovec v[3] = { { a, 2 }, { b, 2 }, { a, 1 } };

	say("%s size %ld", ret(sys_writev(fd, v, 3)), file_size(fd));
	say("none: %s", ret(sys_writev(fd, v, 0)));
	say("too many: %s", ret(sys_writev(fd, v, 1025)));
	say("negative: %s", ret(sys_writev(fd, v, -1)));
	v[1].base = (void *)8;
	say("stops at the bad one: %s", ret(sys_writev(fd, v, 3)));
	v[0].base = (void *)8;
	say("the first is bad: %s", ret(sys_writev(fd, v, 3)));
	v[0] = (struct iovec){ a, -1ul };
	say("too long: %s", ret(sys_writev(fd, v, 2)));
	v[0] = (struct iovec){ buf, 3 };
	v[1] = (struct iovec){ buf + 3, 4 };
	sys_lseek(fd, 0, SEEK_SET);
	say("%s %s", ret(sys_readv(fd, v, 2)), buf);
}

CASE(file_private_write_is_not_seen)
{
	int fd = make_file("/tmp/f", PG);
	char *p = map_file(fd, PG, RW, MAP_PRIVATE, 0);
	char *q = map_file(fd, PG, RW, MAP_PRIVATE, 0), c;

	p[0] = 'p';
	read_at(fd, &c, 1, 0);
	say("%c %c %c", p[0], q[0], c);
}

static char *shared;

static void child_store(void)
{
	shared[1] = 'c';
}

CASE(file_shared_across_processes)
{
	int fd = make_file("/tmp/f", PG);

	shared = map_file(fd, PG, RW, MAP_SHARED, 0);
	say("%s %.3s", status(in_child(child_store)), shared);
}

CASE(file_truncated_by_child)
{
	int fd = make_file("/tmp/f", 2 * PG);
	char *p = map_file(fd, 2 * PG, RW, MAP_SHARED, 0);

	base(p);
	touch(p, 2 * PG, 't');
	if (sys_fork() == 0)
		exit((int)-sys_ftruncate(fd, PG));
	sys_wait4(-1, NULL, 0, NULL);
	probe_begin();
	say("%s %s", rd(p), rd(p + PG));
}

CASE(file_memfd)
{
	int fd = (int)sc(memfd_create, "name", 0);
	char *p;

	say("%s size %ld", fd >= 0 ? "ok" : ret(fd), file_size(fd));
	sys_ftruncate(fd, 2 * PG);
	p = map_file(fd, 2 * PG, RW, MAP_SHARED, 0);
	base(p);
	p[PG] = 'm';
	say("%s", bytes(p + PG, 1));
	say_maps(p, PG);
	say("unknown flag: %s", ret(sc(memfd_create, "x", 0x100)));
	say("bad name: %s", ret(sc(memfd_create, 8, 0)));
}

CASE(file_fallocate)
{
	int fd = make_file("/tmp/f", 100);
#ifdef __x86_64__
	say("%s size %ld", ret(sc(fallocate, fd, 0, 50, 200)), file_size(fd));
	say("keep size: %s size %ld", ret(sc(fallocate, fd, 1, 0, 4 * PG)), file_size(fd));
	say("negative: %s", ret(sc(fallocate, fd, 0, -1, 5)));
	say("length 0: %s", ret(sc(fallocate, fd, 0, 0, 0)));
#else
	say("%s size %ld", ret(sc(fallocate, fd, 0, 50, 0, 200, 0)), file_size(fd));
	say("keep size: %s size %ld", ret(sc(fallocate, fd, 1, 0, 0, 4 * PG, 0)), file_size(fd));
	say("negative: %s", ret(sc(fallocate, fd, 0, -1, -1, 5, 0)));
	say("length 0: %s", ret(sc(fallocate, fd, 0, 0, 0, 0, 0)));
#endif
}

CASE(file_rename_and_link)
{
	make_file("/tmp/a", 3);
	make_file("/tmp/b", 5);
	say("link %s twice %s", ret(sc(link, "/tmp/a", "/tmp/l")), ret(sc(link, "/tmp/a", "/tmp/l")));
	say("rename over: %s size %ld", ret(sc(rename, "/tmp/a", "/tmp/b")), file_size(open_or_die("/tmp/b", O_RDONLY)));
	say("gone: %s", ret(sys_open("/tmp/a", O_RDONLY, 0)));
	say("none: %s", ret(sc(rename, "/tmp/a", "/tmp/c")));
	sc(mkdir, "/tmp/dir", 0755);
	say("file over directory: %s", ret(sc(rename, "/tmp/b", "/tmp/dir")));
	say("directory over file: %s", ret(sc(rename, "/tmp/dir", "/tmp/b")));
	say("into itself: %s", ret(sc(rename, "/tmp/dir", "/tmp/dir/x")));
	sc(mkdir, "/tmp/dir/x", 0755);
	say("rmdir, not empty: %s", ret(sc(rmdir, "/tmp/dir")));
	sc(rmdir, "/tmp/dir/x");
	say("rmdir: %s file: %s", ret(sc(rmdir, "/tmp/dir")), ret(sc(rmdir, "/tmp/b")));
}

/* ---- pipes ------------------------------------------------------------------------------ */

CASE(pipe_plain)
{
	char buf[16] = "";
	int p[2];

	say("%s", ret(sys_pipe(p)));
	say("write %s read %s", ret(sys_write(p[1], "hello", 5)), ret(sys_read(p[0], buf, 3)));
	say("rest %s", ret(sys_read(p[0], buf + 3, 10)));
	say("%s", buf);
	say("wrong ends: %s %s", ret(sys_write(p[0], "x", 1)), ret(sys_read(p[1], buf, 1)));
	say("0 bytes: %s", ret(sys_write(p[1], "x", 0)));
	sys_close(p[1]);
	say("end: %s", ret(sys_read(p[0], buf, 1)));
}

CASE(pipe_broken)
{
	int p[2], s;

	sys_pipe(p);
	sys_close(p[0]);
	set_signal(SIGPIPE, SIG_IGN, 0);
	say("ignored: %s", ret(sys_write(p[1], "x", 1)));
	set_signal(SIGPIPE, SIG_DFL, 0);
	if (sys_fork() == 0) {
		sys_write(p[1], "x", 1);
		exit(0);
	}
	sys_wait4(-1, &s, 0, NULL);
	say("default: %s", status(s));
}

CASE(pipe_capacity)
{
	static char buf[70000];
	int p[2];

	say("flags: %s", ret(sc(pipe2, p, 0x40)));
	sc(pipe2, p, O_NONBLOCK_);
	say("empty: %s", ret(sys_read(p[0], buf, 1)));
	say("70000: %s", ret(sys_write(p[1], buf, 70000)));
	say("full: %s", ret(sys_write(p[1], buf, 1)));
	say("read 4095: %s write: %s", ret(sys_read(p[0], buf, 4095)), ret(sys_write(p[1], buf, 1)));
	say("read 1: %s write: %s", ret(sys_read(p[0], buf, 1)), ret(sys_write(p[1], buf, 1)));
}

CASE(pipe_bad_pointers)
{
	int p[2];
	char c;

	say("pipe(8): %s", ret(sc(pipe, 8)));
	sys_pipe(p);
	say("write: %s", ret(sys_write(p[1], (void *)8, 5)));
	sys_write(p[1], "ab", 2);
	say("read: %s", ret(sys_read(p[0], (void *)8, 2)));
	say("still there: %s %c", ret(sys_read(p[0], &c, 1)), c);
}

/* ---- descriptors ------------------------------------------------------------------------ */

CASE(fd_dup)
{
	int fd = make_file("/tmp/f", 100);
	char buf[8];

	say("%d %s", fd, ret(sys_dup(fd)));
	say("dup2 to itself: %s, of a closed one: %s", ret(sys_dup2(fd, fd)), ret(sys_dup2(77, 77)));
	say("dup3 to itself: %s", ret(sc(dup3, fd, fd, 0)));
	say("dup2 far: %s", ret(sys_dup2(fd, 500)));
	sys_read(fd, buf, 8);
	say("one position: %s", ret(sys_lseek(500, 0, SEEK_CUR)));
	say("dup2 -1: %s, 1048576: %s", ret(sys_dup2(fd, -1)), ret(sys_dup2(fd, 1048576)));
	say("F_DUPFD 20: %s", ret(sc(fcntl, fd, 0, 20)));
	say("CLOEXEC: %s %s", ret(sc(fcntl, fd, 1030, 30)), ret(sc(fcntl, 30, 1, 0)));
	say("flags %s %s", ret(sc(fcntl, fd, 1, 0)), ret(sc(fcntl, fd, 3, 0) & ~0100000));
	say("fcntl 9999: %s", ret(sc(fcntl, fd, 9999, 0)));
	say("lowest free: %s", ret(sys_close(fd) ? -1 : sys_dup(0)));
}

CASE(fd_shared_after_fork)
{
	int fd = make_file("/tmp/f", 100), flags;
	char buf[8];

	if (sys_fork() == 0) {
		sys_read(fd, buf, 8);
		sc(fcntl, fd, 4, O_APPEND);
		sys_close(fd);
		exit(0);
	}
	sys_wait4(-1, NULL, 0, NULL);
	flags = (int)sc(fcntl, fd, 3, 0);
	say("position %s append %d", ret(sys_lseek(fd, 0, SEEK_CUR)), !!(flags & O_APPEND));
}

/* ---- bad pointers ----------------------------------------------------------------------- */

/* 300 bytes that end 200 bytes into a page that cannot be used. */
static char *half(int prot)
{
	char *p = map(2 * PG, RW, PRIV);

	base(p);
	memset(p, 'h', 2 * PG);
	if (prot < 0)
		unmap(p + PG, PG);
	else
		sys_mprotect(p + PG, PG, prot);
	return p + PG - 100;
}

CASE(badptr_read_file)
{
	int fd = make_file("/tmp/f", 1000);

	say("unmapped: %s position %s", ret(sys_read(fd, (void *)8, 100)), ret(sys_lseek(fd, 0, SEEK_CUR)));
	say("kernel: %s", ret(sys_read(fd, (void *)-4096l, 100)));
	say("half unmapped: %s position %s", ret(sys_read(fd, half(-1), 300)), ret(sys_lseek(fd, 0, SEEK_CUR)));
	say("half read-only: %s position %s", ret(sys_read(fd, half(R), 300)), ret(sys_lseek(fd, 0, SEEK_CUR)));
	say("read-only: %s", ret(sys_read(fd, half(R) + 100, 10)));
	say("no access: %s", ret(sys_read(fd, half(0) + 100, 10)));
	say("0 bytes to nowhere: %s", ret(sys_read(fd, (void *)8, 0)));
	say("at the end of the file: %s", ret((sys_lseek(fd, 0, SEEK_END), sys_read(fd, (void *)8, 10))));
	say("wraps: %s", ret(sys_read(fd, (void *)-100l, 300)));
}

CASE(badptr_write_file)
{
	int fd = make_file("/tmp/f", 0);

	say("unmapped: %s size %ld", ret(sys_write(fd, (void *)8, 100)), file_size(fd));
	say("half: %s size %ld position %s", ret(sys_write(fd, half(-1), 300)), file_size(fd), ret(sys_lseek(fd, 0, SEEK_CUR)));
	say("half no access: %s", ret(sys_write(fd, half(0), 300)));
	say("from read-only: %s", ret(sys_write(fd, half(R), 300)));
}

CASE(badptr_beyond_file)
{
	int fd = make_file("/tmp/f", PG), out = make_file("/tmp/g", 0);
	char *p = map_file(fd, 2 * PG, RW, MAP_SHARED, 0);

	say("write from: %s", ret(sys_write(out, p + PG, 10)));
	say("half: %s", ret(sys_write(out, p + PG - 100, 300)));
	say("read into: %s", ret(read_at(fd, p + PG, 10, 0)));
}

CASE(badptr_path)
{
	char *p = half(-1);

	memset(p, 'x', 100);
	say("unterminated: %s", ret(sys_open(p, O_RDONLY, 0)));
	p[99] = 0;
	say("terminated at the border: %s", ret(sys_open(p, O_RDONLY, 0)));
	p = map(2 * PG, RW, PRIV);
	memset(p, 'x', 2 * PG);
	say("4096 bytes: %s", ret(sys_open(p, O_RDONLY, 0)));
	p[300] = 0;
	say("a name of 300: %s", ret(sys_open(p, O_RDONLY, 0)));
}

CASE(badptr_structures)
{
	char *p = half(-1) + 96;

	say("nanosleep: %s", ret(sc(nanosleep, 8, 0)));
	say("uname: %s", ret(sc(uname, p)));
	say("getrlimit: %s", ret(sys_getrlimit(3, (void *)8)));
	say("sigprocmask: %s", ret(sc(rt_sigprocmask, 0, 0, p, 8)));
	say("sigaction: %s", ret(sc(rt_sigaction, SIGUSR1, 0, p, 8)));
	say("sigaltstack: %s", ret(sc(sigaltstack, 0, p)));
	say("clock_gettime: %s", ret(sc(clock_gettime, 1, p)));
	say("getcwd: %s, too short: %s", ret(sc(getcwd, 8, 100)), ret(sc(getcwd, p - 96, 1)));
	say("times: %s", ret(sc(times, p)));
	say("poll: %s", ret(sc(poll, 8, 1, 0)));
	say("statx: %s", ret(sc(statx, -100, "/tmp", 0, 0x7ff, p)));
	say("readlink: %s", ret(sc(readlink, "/proc/self/exe", p, 100)));
}

CASE(badptr_copy_on_write)
{
	int fd = make_file("/tmp/f", 100);
	char *p = map(PG, RW, PRIV);

	p[0] = p[1] = 'p';
	if (sys_fork() == 0) {
		read_at(fd, p, 1, 0);
		say("child %.2s", p);
		exit(0);
	}
	sys_wait4(-1, NULL, 0, NULL);
	say("parent %.2s", p);
}

CASE(badptr_zero_page)
{
	int fd = make_file("/tmp/f", 100);
	volatile char *p = map(PG, RW, PRIV);
	char *q = map(PG, RW, PRIV);

	say("%d", p[0]);
	say("%s", ret(read_at(fd, (void *)p, 10, 0)));
	say("%s, another zero page %d", bytes(p, 3), q[0]);
}

/* ---- /proc ------------------------------------------------------------------------------ */

static char text[32768];

CASE(proc_maps_shape)
{
	int fd = make_file("/tmp/a name", PG);
	char *p = map_file(fd, PG, R, MAP_SHARED, 0), *line, *end, *dash;

	base(p);
	say_maps(p, PG);
	sys_unlink("/tmp/a name");
	say_maps(p, PG);
	read_file("/proc/self/maps", text, sizeof(text));
	for (line = text; *line; line = end + 1) {
		end = strchr(line, '\n');
		*end = 0;
		dash = strchr(line, '[');
		if (dash)
			say("%s", dash);
		else if (strstr(line, SELF))
			say("%.4s of the program", strchr(line, ' ') + 1);
	}
}

CASE(proc_maps_columns)
{
	char *p = map(PG, RW, PRIV), *line;
	char want[40];

	snprintf(want, sizeof(want), "%08lx-", (ulong)p);
	read_file("/proc/self/maps", text, sizeof(text));
	line = strstr(text, want);
	say("after the addresses: \"%.23s\"", line ? strchr(line, ' ') : "missing");
	line = strstr(text, "[stack]");
	while (line && line > text && line[-1] != '\n')
		line--;
	say("column %d", line ? (int)(strstr(line, "[stack]") - line) : -1);
}

static const char *const smaps_names[] = {
	"Size:", "KernelPageSize:", "MMUPageSize:", "Rss:", "Pss:", "Shared_Clean:",
	"Shared_Dirty:", "Private_Clean:", "Private_Dirty:", "Referenced:", "Anonymous:",
	"Swap:", "Locked:",
};

/* The figures of one region in smaps. */
static void say_smaps(const char *what, void *p)
{
	char want[40], line[400];
	unsigned i, n = 0;
	const char *at;

	snprintf(want, sizeof(want), "%08lx-", (ulong)p);
	read_file("/proc/self/smaps", text, sizeof(text));
	at = strstr(text, want);
	if (!at) {
		say("%s: no such region", what);
		return;
	}
	for (i = 0; i < ARRAY_SIZE(smaps_names); i++) {
		const char *f = strstr(at, smaps_names[i]);

		if (!f)
			continue;
		for (f += strlen(smaps_names[i]); *f == ' '; f++)
			;
		n += snprintf(line + n, sizeof(line) - n, " %.*s%u", 20,
			      smaps_names[i], (unsigned)parse_u64(f, NULL));
	}
	say("%s:%s", what, line);
	at = strstr(at, "VmFlags:");
	n = 0;
	while (at && *at && *at != '\n' && n < sizeof(line) - 1) {
		/* "sd", soft-dirty: Linux has it in one of its two kernels. */
		if (strncmp(at, "sd ", 3) == 0)
			at += 3;
		else
			line[n++] = *at++;
	}
	line[n] = 0;
	say("%s", line);
}

CASE(proc_smaps)
{
	int fd = make_file("/tmp/f", 4 * PG);
	volatile char *a = map(8 * PG, RW, PRIV), *b, *c, *d;

	touch(a, 3 * PG, 1);
	(void)a[5 * PG];
	say_smaps("anonymous", (void *)a);
	b = map_file(fd, 4 * PG, RW, MAP_PRIVATE, 0);
	b[PG] = 1;
	say_smaps("private file, one page stored", (void *)b);
	c = map(4 * PG, RW, SHAR);
	touch(c, 2 * PG, 1);
	say_smaps("shared anonymous", (void *)c);
	d = map(2 * PG, PROT_NONE, PRIV | MAP_NORESERVE);
	say_smaps("none", (void *)d);
	if (sys_fork() == 0) {
		say_smaps("anonymous after fork", (void *)a);
		a[0] = 2;
		say_smaps("and a store", (void *)a);
		exit(0);
	}
	sys_wait4(-1, NULL, 0, NULL);
	sc(mlock, a, 2 * PG);
	say_smaps("locked", (void *)a);
}

CASE(proc_status)
{
	long vm = figure(STATUS, "VmSize:"), rss = figure(STATUS, "RssAnon:"), data = figure(STATUS, "VmData:");
	char *p = map(4 * MiB, RW, PRIV);
	long shmem = figure(STATUS, "RssShmem:");

	say("VmSize +%ld VmData +%ld", figure(STATUS, "VmSize:") - vm, figure(STATUS, "VmData:") - data);
	/* Linux counts resident pages in lots of 64: what it shows is that much too old. */
	touch(p, 4 * MiB, 1);
	say("RssAnon +%ld MiB", (figure(STATUS, "RssAnon:") - rss + 512) / 1024);
	touch(map(2 * MiB, RW, SHAR), 2 * MiB, 1);
	say("RssShmem +%ld MiB", (figure(STATUS, "RssShmem:") - shmem + 512) / 1024);
	unmap(p, 4 * MiB);
	say("RssAnon +%ld MiB VmSize +%ld", (figure(STATUS, "RssAnon:") - rss + 512) / 1024,
	    figure(STATUS, "VmSize:") - vm);
	say("peak is higher: %d", figure(STATUS, "VmPeak:") >= vm + 4096);
	say("VmLck %ld VmPin %ld VmSwap %ld", figure(STATUS, "VmLck:"), figure(STATUS, "VmPin:"), figure(STATUS, "VmSwap:"));
	say("Threads %ld", figure(STATUS, "Threads:"));
}

CASE(proc_status_stack_and_text)
{
	say("VmStk %ld VmExe %d VmLib %ld", figure(STATUS, "VmStk:"), figure(STATUS, "VmExe:") > 0, figure(STATUS, "VmLib:"));
	say("FDSize %ld", figure(STATUS, "FDSize:"));
	say("Uid %ld Gid %ld", figure(STATUS, "Uid:"), figure(STATUS, "Gid:"));
}

CASE(proc_links)
{
	char buf[64];
	long n = sc(readlink, "/proc/self/exe", buf, 63);

	buf[n > 0 ? n : 0] = 0;
	say("exe %s", buf);
	n = sc(readlink, "/proc/self/cwd", buf, 63);
	buf[n > 0 ? n : 0] = 0;
	say("cwd %s", buf);
	make_file("/tmp/link me", 1);
	n = sc(readlink, "/proc/self/fd/3", buf, 63);
	buf[n > 0 ? n : 0] = 0;
	say("fd %s", buf);
	say("no such process: %s", ret(sys_open("/proc/999999/maps", O_RDONLY, 0)));
}

CASE(proc_pagemap)
{
	char *p = map(4 * PG, RW, PRIV);
	int fd = open_or_die("/proc/self/pagemap", O_RDONLY), i;
	u64 e[4];

	p[PG] = 1;
	read_at(fd, e, 32, (u64)(ulong)p / PG * 8);
	for (i = 0; i < 4; i++)
		say("%d: present %d file %d swapped %d frame %d", i, (int)(e[i] >> 63), (int)(e[i] >> 61 & 1),
		    (int)(e[i] >> 62 & 1), (e[i] & ((1ull << 55) - 1)) != 0);
	say("not aligned: %s", ret(read_at(fd, e, 8, 3)));
	say("3 bytes: %s", ret(read_at(fd, e, 3, 0)));
}

CASE(proc_files_of_vm)
{
	char buf[64];

	say("max_map_count %ld", figure("/proc/sys/vm/max_map_count", ""));
	say("overcommit %ld", figure("/proc/sys/vm/overcommit_memory", ""));
	say("pid_max is there: %d", figure("/proc/sys/kernel/pid_max", "") > 100);
	say("oom_score_adj %ld", figure("/proc/self/oom_score_adj", ""));
	say("swaps %d", read_file("/proc/swaps", buf, sizeof(buf)) > 0);
}
