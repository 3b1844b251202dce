/* SPDX-License-Identifier: MIT */
/* O3, second part: each call of the book's table, with what it must and must not do. */
#include "../lib/thread.h"
#include "calls.h"
#include "rows.h"

#define SIGCHLD		17
#define SIGTERM		15
#define CLD_EXITED	1

/* ---- clone, exec, wait ----------------------------------------------------------------- */

static volatile int shared_value;

static int child_of_clone(void *arg)
{
	shared_value = 12;
	return 34;
}

static void clone_calls(void)
{
	struct thread t;
	int status;
	long pid;

	CHECK_EQ(syscall5(__NR_clone, CLONE_THREAD, 0, 0, 0, 0), -EINVAL,
		 "clone(CLONE_THREAD) without CLONE_SIGHAND");
	CHECK_EQ(syscall5(__NR_clone, CLONE_SIGHAND, 0, 0, 0, 0), -EINVAL,
		 "clone(CLONE_SIGHAND) without CLONE_VM");
	pid = thread_start(&t, CLONE_VM | SIGCHLD, child_of_clone, NULL);
	status = wait_for((int)pid);
	CHECK(EXITED(status, 34), "a child that shares memory (status %#x)", status);
	CHECK_EQ(shared_value, 12, "what it has written");
	sys_munmap(t.stack, THREAD_STACK);
	shared_value = 0;
	pid = syscall5(__NR_clone, CLONE_VFORK | CLONE_VM | SIGCHLD, 0, 0, 0, 0);
	if (!pid) {
		shared_value = 13;
		sys_exit_group(1);
	}
	CHECK_EQ(shared_value, 13, "written by a vfork child before the parent goes on");
	wait_for((int)pid);
	pid = syscall5(__NR_clone, 0, 0, 0, 0, 0);
	if (!pid)
		sys_exit_group(4);
	CHECK_EQ(sys_wait4((int)pid, &status, 0, NULL), -ECHILD, "wait4 for a child of no signal");
	CHECK_EQ(sys_wait4((int)pid, &status, __WALL, NULL), pid, "the same with __WALL");
	pid = syscall5(__NR_clone, 200, 0, 0, 0, 0);
	if (!pid)
		sys_exit_group(4);
	CHECK(pid > 0, "clone with an exit signal that does not exist: %ld", pid);
	CHECK_EQ(sys_wait4((int)pid, &status, 0, NULL), -ECHILD, "which is none, too");
	CHECK_EQ(sys_wait4((int)pid, &status, __WALL, NULL), pid, "it has ended");
}

/* Scripts that name no interpreter. */
static void exec_scripts(void)
{
	static const char *const argv[] = { "script", NULL };
	int fd = (int)sys_open("/tmp/script", O_CREAT | O_WRONLY, 0755);

	CHECK_EQ(sys_write(fd, "#! ", 3), 3, "a script is written");
	sys_close(fd);
	CHECK_EQ(sys_execve("/tmp/script", argv, NULL), -EACCES, "exec of a line without an end");
	fd = (int)sys_open("/tmp/script", O_WRONLY, 0);
	CHECK_EQ(sys_write(fd, "#! \n", 4), 4, "its end");
	sys_close(fd);
	CHECK_EQ(sys_execve("/tmp/script", argv, NULL), -ENOEXEC, "exec of an empty line");
	sys_unlink("/tmp/script");
}

static void exec_calls(void)
{
	static const char *const argv[] = { "tiny", NULL }, *const bad[] = { (char *)8, NULL };
	int status;
	long pid;

	CHECK_EQ(sys_execve("/bin/nothing", argv, NULL), -ENOENT, "exec of nothing");
	CHECK_EQ(sys_execve("/bin", argv, NULL), -EACCES, "exec of a directory");
	CHECK_EQ(sys_execve("/proc/self/maps", argv, NULL), -EACCES, "exec of a file without x");
	CHECK_EQ(sys_execve((char *)8, argv, NULL), -EFAULT, "exec of a bad path");
	CHECK_EQ(sys_execve("/bin/tiny", (void *)8, NULL), -EFAULT, "exec with bad arguments");
	CHECK_EQ(sys_execve("/bin/tiny", bad, NULL), -EFAULT, "exec with a bad argument");
	pid = sys_fork();
	if (!pid) {
		sys_dup2((int)sys_open("/dev/null", O_RDWR, 0), 1);
		sys_exit_group((int)-sys_execve("/bin/tiny", argv, NULL));
	}
	status = wait_for((int)pid);
	CHECK(!(status & 0x7f) && status >> 8 != ENOENT, "exec of /bin/tiny: status %#x", status);
}

static void wait_calls(void)
{
	int info[32] = { 0 }, status = 77;
	long pid = sys_fork();

	if (!pid) {
		sleep_ms(10);
		sys_exit_group(5);
	}
	CHECK_EQ(sys_wait4((int)pid, &status, WNOHANG, NULL), 0, "wait4(WNOHANG) of a living child");
	CHECK_EQ(sys_wait4((int)pid, &status, 0x40000000 | 0x100, NULL), -EINVAL, "bad options");
	CHECK_EQ(syscall5(__NR_waitid, 1, pid, (long)info, WEXITED | WNOWAIT, 0), 0, "waitid");
	CHECK(info[0] == SIGCHLD && info[2] == CLD_EXITED, "waitid: signal %d, code %d", info[0],
	      info[2]);
	CHECK_EQ(sys_wait4((int)pid, (int *)-4096l, 0, NULL), -EFAULT, "a bad status pointer");
	CHECK_EQ(sys_wait4((int)pid, &status, 0, NULL), -ECHILD, "it has reaped all the same");
	CHECK_EQ(syscall5(__NR_waitid, 9, pid, (long)info, WEXITED, 0), -EINVAL, "waitid of what");
	CHECK_EQ(syscall5(__NR_waitid, 1, pid, (long)info, 0, 0), -EINVAL, "waitid for nothing");
}

/* ---- the mmap family, brk --------------------------------------------------------------- */

#define ANON	(MAP_PRIVATE | MAP_ANONYMOUS)

static long map(void *addr, size_t len, int prot, int flags, int fd, u64 offset)
{
	return (long)sys_mmap(addr, len, prot, flags, fd, offset);
}

static void map_calls(void)
{
	char *p = map_anon(4 * PAGE_SIZE);
	u8 vec[4];

	CHECK_EQ(map(NULL, 0, PROT_READ, ANON, -1, 0), -EINVAL, "mmap of nothing");
	CHECK_EQ(map(NULL, PAGE_SIZE, PROT_READ, MAP_ANONYMOUS, -1, 0), -EINVAL,
		 "mmap neither shared nor private");
	CHECK_EQ(map(NULL, PAGE_SIZE, PROT_READ, MAP_PRIVATE, 99, 0), -EBADF, "mmap of no file");
	CHECK_EQ(map(p + 1, PAGE_SIZE, PROT_READ, ANON | MAP_FIXED, -1, 0), -EINVAL,
		 "MAP_FIXED that is not aligned");
	CHECK_EQ(map(p, PAGE_SIZE, PROT_READ, ANON | MAP_FIXED_NOREPLACE, -1, 0), -EEXIST,
		 "MAP_FIXED_NOREPLACE over something");
	CHECK_EQ(sys_munmap(p + 1, PAGE_SIZE), -EINVAL, "munmap that is not aligned");
	CHECK_EQ(sys_munmap(p, 0), -EINVAL, "munmap of nothing");
	CHECK_EQ(sys_munmap(p + PAGE_SIZE, PAGE_SIZE), 0, "munmap in the middle");
	CHECK_EQ(sys_munmap(p + PAGE_SIZE, PAGE_SIZE), 0, "munmap of a hole");
	p[0] = 1;
	CHECK_EQ(sys_mprotect(p, 2 * PAGE_SIZE, PROT_READ), -ENOMEM, "mprotect over a hole");
	CHECK_EQ(sys_read(99, p, 1), -EBADF, "read from nothing");
	CHECK_EQ(sys_mprotect(p + 1, 1, PROT_READ), -EINVAL, "mprotect that is not aligned");
	CHECK_EQ(syscall3(__NR_mincore, (long)(p + 2 * PAGE_SIZE), 2 * PAGE_SIZE, (long)vec), 0,
		 "mincore");
	CHECK_EQ(vec[0] | vec[1], 0, "untouched pages by mincore");
	CHECK_EQ(syscall3(__NR_msync, (long)p, PAGE_SIZE, 5), -EINVAL, "msync(ASYNC and SYNC)");
	CHECK_EQ(sys_madvise(p + 1, PAGE_SIZE, MADV_DONTNEED), -EINVAL,
		 "madvise that is not aligned");
	CHECK_EQ(sys_madvise(p, PAGE_SIZE, 12345), -EINVAL, "an advice that does not exist");
	CHECK_EQ((long)sys_mremap(p + PAGE_SIZE, PAGE_SIZE, 2 * PAGE_SIZE, 0, NULL), -EFAULT,
		 "mremap of a hole");
	CHECK_EQ((long)sys_mremap(p, PAGE_SIZE, 0, 0, NULL), -EINVAL, "mremap to nothing");
	CHECK_EQ(syscall2(__NR_mlock, (long)(p + PAGE_SIZE), PAGE_SIZE), -ENOMEM, "mlock of a hole");
	CHECK_EQ(syscall2(__NR_munlock, (long)p, PAGE_SIZE), 0, "munlock");
	sys_munmap(p, 4 * PAGE_SIZE);
}

static void brk_calls(void)
{
	char *start = sys_brk(NULL);

	CHECK(sys_brk(start + 5000) == start + 5000, "brk upwards");
	start[4999] = 1;
	CHECK(sys_brk((void *)8) == start + 5000, "brk to nonsense: the old break");
	CHECK(sys_brk(start) == start, "brk back");
	CHECK(sys_brk(start + 5000) == start + 5000 && !start[4999],
	      "brk again: the page beyond is not zero");
	sys_brk(start);
}

/* ---- files ------------------------------------------------------------------------------ */

static void file_calls(void)
{
	static const char path[] = "/tmp/o3";
	char buf[16] = "";
	struct iovec v[2] = { { "ab", 2 }, { (void *)8, 2 } };
	int fd, copy, fds[2];

	CHECK_EQ(sys_open("/tmp/o3/x", O_RDONLY, 0), -ENOENT, "open of nothing");
	fd = (int)sys_open(path, O_RDWR | O_CREAT | O_EXCL, 0600);
	CHECK(fd >= 0, "open(O_CREAT) returns %d", fd);
	CHECK_EQ(sys_open(path, O_RDWR | O_CREAT | O_EXCL, 0600), -EEXIST, "open(O_EXCL) again");
	CHECK_EQ(sys_open("/tmp/o3/x", O_RDONLY, 0), -ENOTDIR, "open below a file");
	CHECK_EQ(sys_write(fd, "hello", 5), 5, "write");
	CHECK_EQ(sys_writev(fd, v, 2), 2, "writev stops at a bad vector");
	CHECK_EQ(sys_lseek(fd, 1, SEEK_SET), 1, "lseek");
	CHECK_EQ(sys_read(fd, (void *)-4096l, 4), -EFAULT, "read to a kernel address");
	CHECK_EQ(sys_read(fd, buf, 16), 6, "read: the position had not moved");
	CHECK(!strcmp(buf, "elloab"), "read \"%s\"", buf);
	CHECK_EQ(sys_lseek(fd, -1, SEEK_SET), -EINVAL, "lseek before the start");
	CHECK_EQ(sys_ftruncate(fd, 3), 0, "ftruncate");
	CHECK_EQ(sys_pread(fd, buf, 16, 1), 2, "pread");
	copy = (int)sys_dup(fd);
	CHECK_EQ(sys_lseek(copy, 0, SEEK_CUR), 7, "the position is shared by dup");
	CHECK_EQ(sys_close(copy), 0, "close");
	CHECK_EQ(sys_close(copy), -EBADF, "close again");
	CHECK_EQ(sys_unlink(path), 0, "unlink");
	CHECK_EQ(sys_unlink(path), -ENOENT, "unlink again");
	CHECK_EQ(sys_pread(fd, buf, 1, 0), 1, "a file without a name");
	sys_close(fd);
	CHECK_EQ(sys_pipe(fds), 0, "pipe");
	CHECK_EQ(sys_lseek(fds[0], 0, SEEK_SET), -ESPIPE, "lseek of a pipe");
	sys_close(fds[1]);
	CHECK_EQ(sys_read(fds[0], buf, 1), 0, "read of a pipe without writers");
	sys_close(fds[0]);
}

/* ---- what programs ask about themselves ------------------------------------------------- */

static void self_calls(void)
{
	ulong mask[16] = { 0 };
	long usage[18] = { 0 }, tms[4], timer[4] = { 0, 0, 0, 0 };

	CHECK_EQ(syscall3(__NR_sched_getaffinity, 0, sizeof(mask), (long)mask), sizeof(ulong),
		 "sched_getaffinity");
	CHECK_EQ(mask[0], 1, "the processors");
	CHECK_EQ(syscall3(__NR_sched_getaffinity, 0, 1, (long)mask), -EINVAL, "a short mask");
	mask[0] = 2;
	CHECK_EQ(syscall3(__NR_sched_setaffinity, 0, sizeof(ulong), (long)mask), -EINVAL,
		 "sched_setaffinity to a processor that is not there");
	CHECK_EQ(syscall2(__NR_getrusage, 0, (long)usage), 0, "getrusage");
	CHECK(syscall2(__NR_getrusage, 7, (long)usage) == -EINVAL,
	      "getrusage of whom");
	CHECK(syscall1(__NR_times, (long)tms) > 0, "times");
	CHECK_EQ(syscall1(__NR_times, -4096), -EFAULT, "times to a kernel address");
	CHECK_EQ(syscall1(__NR_alarm, 100), 0, "alarm");
	CHECK_EQ(syscall2(__NR_getitimer, 0, (long)timer), 0, "getitimer");
	CHECK(timer[2] >= 98 && timer[2] <= 100, "%ld s are left of an alarm of 100", timer[2]);
	CHECK(syscall1(__NR_alarm, 0) >= 99, "alarm off");
	CHECK_EQ(syscall3(__NR_setitimer, 9, (long)timer, 0), -EINVAL, "setitimer of what");
	CHECK_EQ(syscall2(__NR_kill, 999999, 0), -ESRCH, "kill of nobody");
	CHECK_EQ(syscall2(__NR_kill, (int)sys_getpid(), 65), -EINVAL, "a signal that is none");
}

void more_calls(void)
{
	clone_calls();
	exec_calls();
	exec_scripts();
	wait_calls();
	map_calls();
	brk_calls();
	file_calls();
	self_calls();
}
