/* SPDX-License-Identifier: MIT */
/*
 * Bad pointers in system calls (catalogue X11): every call that takes one gets every kind of
 * bad one.  The answer is EFAULT, never a signal, and not a byte of the kernel changes (its
 * checksums are the kernel's business, test/kernel/exc_rows.c).
 */
#include "rows.h"

#define AT_FDCWD_	(-100)
#define RW		(PROT_READ | PROT_WRITE)

/* ---- kinds of bad pointers ------------------------------------------------------ */

enum kind { BAD_NULL, BAD_KERNEL, BAD_EDGE, BAD_LAST, BAD_HOLE, BAD_NONE, BAD_READONLY, BAD_SEAM,
	    BAD_KINDS };

static const char *const kind_name[] = {
	"NULL", "kernel", "TASK_SIZE", "wrapping", "unmapped", "PROT_NONE", "read-only", "seam",
};

static ulong bad[BAD_KINDS];
static char *seam;			/* one page before it, full of 'x' */

static void make_bad(ulong kernel)
{
	char *none = map_anon(PAGE_SIZE), *readonly = map_anon(PAGE_SIZE);

	none[0] = readonly[0] = 'x';
	sys_mprotect(none, PAGE_SIZE, PROT_NONE);
	sys_mprotect(readonly, PAGE_SIZE, PROT_READ);
	seam = (char *)map_at(EMPTY_PLACE, PAGE_SIZE, RW) + PAGE_SIZE;
	memset(seam - PAGE_SIZE, 'x', PAGE_SIZE);
	bad[BAD_KERNEL] = kernel;
	bad[BAD_EDGE] = task_size();
	bad[BAD_LAST] = ~0ul;
	bad[BAD_HOLE] = EMPTY_PLACE + 64 * PAGE_SIZE;
	bad[BAD_NONE] = (ulong)none;
	bad[BAD_READONLY] = (ulong)readonly;
	bad[BAD_SEAM] = (ulong)seam - 1;
}

/* ---- the table ------------------------------------------------------------------ */

/* Arguments by name; the others are numbers or pointers to something good. */
#define P	0x0badadd0l		/* the bad pointer */
#define FILE_	0x0badf11el		/* a file of 300 bytes, open for both */
#define DIR_	0x0badd1dl
#define OK	0x0bad0001l		/* a good buffer, all zero */
#define ROOT	0x0bad0002l		/* "/" */
#define EXE	0x0bad0004l		/* "/proc/self/exe" */
#define TIME0	0x0bad0005l		/* a time of zero */

#define READS	1			/* the kernel reads there: read-only is good */
#define WRITES	2
#define NULL_OK	4			/* NULL has a meaning */
#define ONE	8			/* one byte is enough: no seam */

struct call {
	const char *name;
	long nr, arg[6];
	int how;
};

#define CALL(name, how, ...)	{ #name, __NR_##name, { __VA_ARGS__ }, how }

static const struct call calls[] = {
	/* The kernel writes. */
#ifdef __x86_64__
	CALL(fstat, WRITES, FILE_, P),
	CALL(stat, WRITES, ROOT, P),
	CALL(lstat, WRITES, ROOT, P),
	CALL(newfstatat, WRITES, AT_FDCWD_, ROOT, P, 0),
	CALL(statfs, WRITES, ROOT, P),
	CALL(fstatfs, WRITES, FILE_, P),
	CALL(getrlimit, WRITES, 3, P),
	CALL(arch_prctl, WRITES, 0x1003, P),
#else
	CALL(fstat64, WRITES, FILE_, P),
	CALL(stat64, WRITES, ROOT, P),
	CALL(lstat64, WRITES, ROOT, P),
	CALL(fstatat64, WRITES, AT_FDCWD_, ROOT, P, 0),
	CALL(statfs64, WRITES, ROOT, 84, P),
	CALL(fstatfs64, WRITES, FILE_, 84, P),
	CALL(ugetrlimit, WRITES, 3, P),
	CALL(getrlimit, WRITES, 3, P),
	CALL(_llseek, WRITES, FILE_, 0, 0, P, 0),
	CALL(get_thread_area, READS, P),
	CALL(set_thread_area, READS, P),
	CALL(clock_gettime64, WRITES, CLOCK_MONOTONIC, P),
	CALL(sigaction, WRITES | NULL_OK, 10, 0, P),
	CALL(sigprocmask, WRITES | NULL_OK, 0, 0, P),
	CALL(sigpending, WRITES, P),
#endif
	CALL(statx, WRITES, AT_FDCWD_, ROOT, 0, 0x7ff, P),
	CALL(pipe, WRITES, P),
	CALL(pipe2, WRITES, P, 0),
	CALL(uname, WRITES, P),
	CALL(prlimit64, WRITES | NULL_OK, 0, 3, 0, P),
	CALL(getrusage, WRITES, 0, P),
	CALL(sysinfo, WRITES, P),
	CALL(times, WRITES | NULL_OK, P),
	CALL(gettimeofday, WRITES | NULL_OK, P, 0),
	CALL(gettimeofday, WRITES | NULL_OK, 0, P),
	CALL(time, WRITES | NULL_OK, P),
	CALL(clock_gettime, WRITES, CLOCK_MONOTONIC, P),
	CALL(clock_getres, WRITES | NULL_OK, CLOCK_MONOTONIC, P),
	CALL(getitimer, WRITES, 0, P),
	CALL(getcwd, WRITES, P, 100),
	CALL(read, WRITES | ONE, FILE_, P, 100),
	CALL(pread64, WRITES | ONE, FILE_, P, 100, 0, 0),
	CALL(readv, READS, FILE_, P, 1),
	CALL(preadv, READS, FILE_, P, 1, 0, 0),
	CALL(getrandom, WRITES | ONE, P, 16, 0),
	CALL(getdents64, WRITES, DIR_, P, 4096),
	CALL(rt_sigprocmask, WRITES | NULL_OK, 0, 0, P, 8),
	CALL(rt_sigaction, WRITES | NULL_OK, 10, 0, P, 8),
	CALL(rt_sigpending, WRITES, P, 8),
	CALL(sigaltstack, WRITES | NULL_OK, 0, P),
	CALL(sched_getaffinity, WRITES, 0, 128, P),
	CALL(getresuid, WRITES, P, OK, OK),
	CALL(getresuid, WRITES, OK, P, OK),
	CALL(getresuid, WRITES, OK, OK, P),
	CALL(getresgid, WRITES, OK, OK, P),
	CALL(prctl, WRITES, 16, P),
	CALL(getcpu, WRITES | NULL_OK, P, 0, 0),
	CALL(getcpu, WRITES | NULL_OK, 0, P, 0),
	CALL(readlink, WRITES, EXE, P, 100),
	CALL(poll, WRITES, P, 1, 0),
	CALL(sendfile, WRITES | NULL_OK, FILE_, FILE_, P, 1),
	CALL(capget, READS, P, OK),
	/* The kernel reads. */
	CALL(open, READS, P, 0, 0),
	CALL(openat, READS, AT_FDCWD_, P, 0, 0),
	CALL(creat, READS, P, 0644),
	CALL(access, READS, P, 0),
	CALL(readlink, READS, P, OK, 100),
	CALL(readlinkat, READS, AT_FDCWD_, P, OK, 100),
	CALL(chdir, READS, P),
	CALL(mkdir, READS, P, 0755),
	CALL(mkdirat, READS, AT_FDCWD_, P, 0755),
	CALL(rmdir, READS, P),
	CALL(unlink, READS, P),
	CALL(unlinkat, READS, AT_FDCWD_, P, 0),
	CALL(rename, READS, P, EXE),
	CALL(rename, READS, EXE, P),
	CALL(link, READS, P, EXE),
	CALL(link, READS, EXE, P),
	CALL(symlink, READS, P, ROOT),
	CALL(symlink, READS, ROOT, P),
	CALL(chmod, READS, P, 0),
	CALL(chown, READS, P, 0, 0),
	CALL(lchown, READS, P, 0, 0),
	CALL(fchmodat, READS, AT_FDCWD_, P, 0),
	CALL(truncate, READS, P, 0),
	CALL(mknod, READS, P, 0100644, 0),
	CALL(statx, READS, AT_FDCWD_, P, 0, 0x7ff, OK),
	CALL(memfd_create, READS, P, 0),
	CALL(execve, READS, P, 0, 0),
	CALL(execve, READS | NULL_OK, EXE, P, 0),
	CALL(execve, READS | NULL_OK, EXE, 0, P),
	CALL(write, READS | ONE, FILE_, P, 100),
	CALL(pwrite64, READS | ONE, FILE_, P, 100, 0, 0),
	CALL(writev, READS, FILE_, P, 1),
	CALL(pwritev, READS, FILE_, P, 1, 0, 0),
	CALL(nanosleep, READS, P, 0),
	CALL(clock_nanosleep, READS, CLOCK_MONOTONIC, 0, P, 0),
	CALL(rt_sigaction, READS | NULL_OK, 10, P, 0, 8),
	CALL(rt_sigprocmask, READS | NULL_OK, 0, P, 0, 8),
	CALL(rt_sigsuspend, READS, P, 8),
	CALL(rt_sigtimedwait, READS, P, 0, TIME0, 8),
	CALL(rt_sigtimedwait, READS | NULL_OK, OK, 0, P, 8),
	CALL(sigaltstack, READS | NULL_OK, P, 0),
	CALL(setitimer, READS | NULL_OK, 0, P, 0),
	CALL(setitimer, WRITES | NULL_OK, 0, OK, P),
	CALL(setrlimit, READS, 4, P),
	CALL(prlimit64, READS | NULL_OK, 0, 4, P, 0),
	CALL(sched_setaffinity, READS, 0, 8, P),
	CALL(select, READS | NULL_OK, 64, P, 0, 0, TIME0),
	CALL(select, READS | NULL_OK, 64, 0, P, 0, TIME0),
	CALL(select, READS | NULL_OK, 0, 0, 0, 0, P),
	CALL(ppoll, WRITES, P, 1, TIME0, 0, 0),
	CALL(utimensat, READS, AT_FDCWD_, P, 0, 0),
	CALL(prctl, READS, 15, P),
};

static char good[8192] __attribute__((__aligned__(64)));
static int file, dir;

static long argument(long arg, ulong pointer)
{
	switch (arg) {
	case P:		return (long)pointer;
	case FILE_:	return file;
	case DIR_:	return dir;
	case OK:	return (long)good;
	case ROOT:	return (long)"/";
	case EXE:	return (long)"/proc/self/exe";
	case TIME0:	return (long)(good + 4096);
	}
	return arg;
}

static bool applies(const struct call *c, enum kind kind)
{
	switch (kind) {
	case BAD_NULL:		return !(c->how & NULL_OK);
	case BAD_READONLY:	return c->how & WRITES;
	case BAD_SEAM:		return !(c->how & ONE);
	default:		return true;
	}
}

static unsigned tried, wrong_signals;

static void on_signal(int sig)
{
	wrong_signals++;
}

static void try_call(const struct call *c, enum kind kind)
{
	long a[6], ret;
	unsigned i;

	for (i = 0; i < 6; i++)
		a[i] = argument(c->arg[i], bad[kind]);
	memset(good, 0, sizeof(good));
	seam[-1] = 'x';
	sys_lseek(file, 0, SEEK_SET);
	ret = syscall6(c->nr, a[0], a[1], a[2], a[3], a[4], a[5]);
	tried++;
	CHECK_EQ(ret, -EFAULT, "%s with a pointer that is bad (%s)", c->name, kind_name[kind]);
}

static void all_calls(void)
{
	unsigned i;
	enum kind kind;

	for (i = 0; i < ARRAY_SIZE(calls); i++)
		for (kind = 0; kind < BAD_KINDS; kind++)
			if (applies(&calls[i], kind))
				try_call(&calls[i], kind);
}

/* ---- what has been done before the bad byte ------------------------------------- */

/* 100 bytes before the seam, 300 wanted. */
static void partial_file(void)
{
	char *p = seam - 100;

	sys_lseek(file, 5, SEEK_SET);
	CHECK_EQ(sys_read(file, (void *)bad[BAD_HOLE], 10), -EFAULT, "read to a bad address");
	CHECK_EQ(sys_lseek(file, 0, SEEK_CUR), 5, "file position after EFAULT");
	CHECK_EQ(sys_write(file, (void *)bad[BAD_HOLE], 10), -EFAULT, "write from a bad address");
	CHECK_EQ(sys_lseek(file, 0, SEEK_CUR), 5, "file position after EFAULT");
	sys_lseek(file, 0, SEEK_SET);
	CHECK_EQ(sys_read(file, p, 300), 100, "read of 300 with room for 100");
	CHECK_EQ(sys_lseek(file, 0, SEEK_CUR), 100, "file position after it");
	CHECK(p[0] == 'f' && p[99] == 'f' && p[-1] == 'x', "the bytes read");
	memset(p, 'x', 100);
	sys_lseek(file, 0, SEEK_SET);
	CHECK_EQ(sys_write(file, p, 300), 100, "write of 300 with 100 there");
	CHECK_EQ(sys_lseek(file, 0, SEEK_CUR), 100, "file position after it");
	CHECK_EQ(sys_pread(file, good, 300, 0), 300, "size of the file");
	CHECK(good[99] == 'x' && good[100] == 'f', "the bytes written");
}

static void partial_zero(void)
{
	int zero = (int)sys_open("/dev/zero", O_RDONLY, 0);

	CHECK_EQ(sys_read(zero, seam - 100, 300), 100, "read of /dev/zero, 300 with room for 100");
	CHECK(!seam[-100] && !seam[-1], "the bytes read");
	memset(seam - 100, 'x', 100);
	sys_close(zero);
}

/* A pipe takes and gives all or nothing of a page. */
static void partial_pipe(void)
{
	int fds[2];

	sys_pipe(fds);
	CHECK_EQ(sys_write(fds[1], seam - 100, 300), -EFAULT, "write of 300 to a pipe with 100 there");
	CHECK_EQ(sys_write(fds[1], good, 300), 300, "write to the pipe");
	CHECK_EQ(sys_read(fds[0], seam - 100, 300), -EFAULT, "read of 300 from a pipe with room for 100");
	CHECK_EQ(sys_read(fds[0], good, 4096), 300, "what is still in the pipe");
	sys_close(fds[0]);
	sys_close(fds[1]);
	memset(seam - 100, 'x', 100);
}

static void partial_vectors(void)
{
	struct iovec iov[3] = { { good, 10 }, { (void *)bad[BAD_HOLE], 10 }, { good, 10 } };
	static const enum kind kinds[] = { BAD_HOLE, BAD_NONE };
	unsigned i;

	for (i = 0; i < ARRAY_SIZE(kinds); i++) {
		iov[1].base = (void *)bad[kinds[i]];
		sys_lseek(file, 0, SEEK_SET);
		CHECK_EQ(sys_writev(file, iov, 3), 10, "writev with a bad second vector (%s)",
			 kind_name[kinds[i]]);
		CHECK_EQ(sys_lseek(file, 0, SEEK_CUR), 10, "file position after it");
		CHECK_EQ(sys_readv(file, iov, 3), 10, "readv with a bad second vector (%s)",
			 kind_name[kinds[i]]);
		CHECK_EQ(sys_lseek(file, 0, SEEK_CUR), 20, "file position after it");
	}
	/* Checked before anything is done. */
	iov[1].base = (void *)bad[BAD_KERNEL];
	sys_lseek(file, 0, SEEK_SET);
	CHECK_EQ(sys_writev(file, iov, 3), -EFAULT, "writev with a kernel address in a vector");
	iov[1] = (struct iovec){ good, ~0ul };
	CHECK_EQ(sys_writev(file, iov, 3), -EINVAL, "writev with a vector longer than all memory");
	CHECK_EQ(sys_lseek(file, 0, SEEK_CUR), 0, "file position after it");
}

static int ends_at_once(void *arg)
{
	return 3;
}

static void wait_reaps(void)
{
	enum kind kind;
	long pid;

	for (kind = BAD_KERNEL; kind < BAD_KINDS; kind++) {
		pid = spawn(ends_at_once, NULL);
		CHECK_EQ(sys_wait4((int)pid, (int *)bad[kind], 0, NULL), -EFAULT,
			 "wait4 with a bad status pointer (%s)", kind_name[kind]);
		CHECK_EQ(sys_wait4((int)pid, NULL, 0, NULL), -ECHILD, "wait4 again: it was reaped");
	}
	pid = spawn(ends_at_once, NULL);
	CHECK_EQ(sys_wait4((int)pid, NULL, 0, (void *)bad[BAD_HOLE]), -EFAULT,
		 "wait4 with a bad rusage pointer");
	CHECK_EQ(sys_wait4((int)pid, NULL, 0, NULL), -ECHILD, "wait4 again: it was reaped");
	pid = spawn(ends_at_once, NULL);
	CHECK_EQ(syscall5(__NR_waitid, 1, pid, bad[BAD_HOLE], 4, 0), -EFAULT,
		 "waitid with a bad info pointer");
	CHECK_EQ(syscall5(__NR_waitid, 1, pid, 0, 4, 0), -ECHILD, "waitid again: it was reaped");
	CHECK_EQ(syscall5(__NR_waitid, 1, pid, bad[BAD_HOLE], 4, 0), -EFAULT,
		 "waitid of nobody with a bad info pointer");
}

static void x11_pointers(void)
{
	char text[32];

	make_bad(row_number(0));
	set_signal(11, (void *)on_signal, SA_RESETHAND);
	set_signal(7, (void *)on_signal, SA_RESETHAND);
	file = (int)sys_open("/tmp/x11", O_RDWR | O_CREAT | O_TRUNC, 0600);
	dir = (int)sys_open("/", O_RDONLY | O_DIRECTORY, 0);
	memset(good, 'f', 300);
	CHECK_EQ(sys_write(file, good, 300), 300, "a file of 300 bytes");
	snprintf(text, sizeof(text), "exc=range:%#lx", (ulong)seam - PAGE_SIZE);
	CHECK_EQ(pw_knob(text), 0, "knob %s", text);
	all_calls();
	memset(good, 'f', 300);
	sys_lseek(file, 0, SEEK_SET);
	CHECK_EQ(sys_write(file, good, 300), 300, "the file again");
	partial_file();
	partial_zero();
	partial_pipe();
	partial_vectors();
	wait_reaps();
	CHECK_EQ(wrong_signals, 0, "signals");
	sys_close(file);
	sys_unlink("/tmp/x11");
	CHECK_INFO("%u calls with a bad pointer: EFAULT each, no signal; 100 of 300", tried);
}
TEST(X11, x11_pointers);
