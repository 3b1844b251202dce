/* SPDX-License-Identifier: MIT */
/*
 * System calls, as Linux has them (man pages, section 2), by `syscall` or int 0x80.  Each
 * returns what the kernel returned: a result, or -errno.  There is no errno variable.
 */
#ifndef USER_SYS_H
#define USER_SYS_H

#include <asm/unistd.h>
#include <linux/errno.h>
#include <linux/fcntl.h>
#include <linux/mman.h>
#include <linux/sched.h>
#include <linux/wait.h>
#include "types.h"

#ifdef __x86_64__
static inline long syscall6(long nr, long a, long b, long c, long d, long e, long f)
{
	register long r10 __asm__("r10") = d;
	register long r8 __asm__("r8") = e;
	register long r9 __asm__("r9") = f;
	long ret;

	__asm__ volatile("syscall" : "=a"(ret)
			 : "0"(nr), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9)
			 : "rcx", "r11", "memory");
	return ret;
}

static inline long syscall5(long nr, long a, long b, long c, long d, long e)
{
	register long r10 __asm__("r10") = d;
	register long r8 __asm__("r8") = e;
	long ret;

	__asm__ volatile("syscall" : "=a"(ret)
			 : "0"(nr), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8)
			 : "rcx", "r11", "memory");
	return ret;
}
#else
long syscall6(long nr, long a, long b, long c, long d, long e, long f);

static inline long syscall5(long nr, long a, long b, long c, long d, long e)
{
	long ret;

	__asm__ volatile("int $0x80" : "=a"(ret)
			 : "0"(nr), "b"(a), "c"(b), "d"(c), "S"(d), "D"(e) : "memory");
	return ret;
}
#endif

static inline long syscall4(long nr, long a, long b, long c, long d)
{
	return syscall5(nr, a, b, c, d, 0);
}

static inline long syscall3(long nr, long a, long b, long c)
{
	return syscall5(nr, a, b, c, 0, 0);
}

static inline long syscall2(long nr, long a, long b)
{
	return syscall5(nr, a, b, 0, 0, 0);
}

static inline long syscall1(long nr, long a)
{
	return syscall5(nr, a, 0, 0, 0, 0);
}

static inline long syscall0(long nr)
{
	return syscall5(nr, 0, 0, 0, 0, 0);
}

/* An address or -errno, as mmap and its kin return it. */
#define IS_ERR(x)	((ulong)(x) >= (ulong)-4095)

/* With `long` members: the old calls in i386, the only ones in x86-64. */
struct timespec {
	long tv_sec, tv_nsec;
};

struct iovec {
	void *base;
	size_t len;
};

struct rlimit {
	ulong cur, max;
};

struct pollfd {
	int fd;
	short events, revents;
};
#define POLLIN		1

#define CLOCK_REALTIME	0
#define CLOCK_MONOTONIC	1

#define SEEK_SET	0
#define SEEK_CUR	1
#define SEEK_END	2

/* ---- processes --------------------------------------------------------------------- */

static inline __noreturn void sys_exit_group(int status)
{
	for (;;)
		syscall1(__NR_exit_group, status);
}

static inline __noreturn void sys_exit(int status)
{
	for (;;)
		syscall1(__NR_exit, status);
}

static inline long sys_fork(void)	{ return syscall0(__NR_fork); }
static inline long sys_getpid(void)	{ return syscall0(__NR_getpid); }
static inline long sys_gettid(void)	{ return syscall0(__NR_gettid); }
static inline long sys_getppid(void)	{ return syscall0(__NR_getppid); }
static inline long sys_sched_yield(void) { return syscall0(__NR_sched_yield); }

static inline long sys_execve(const char *path, const char *const *argv,
			      const char *const *envp)
{
	return syscall3(__NR_execve, (long)path, (long)argv, (long)envp);
}

static inline long sys_wait4(int pid, int *status, int options, void *rusage)
{
	return syscall4(__NR_wait4, pid, (long)status, options, (long)rusage);
}

/* PR_SET_NAME: what the table of tasks and /proc/PID/comm show; 15 characters. */
static inline long sys_set_name(const char *name)
{
	return syscall2(__NR_prctl, 15, (long)name);
}

static inline long sys_kill(int pid, int sig)
{
	return syscall2(__NR_kill, pid, sig);
}

static inline long sys_setpriority(int which, int who, int nice)
{
	return syscall3(__NR_setpriority, which, who, nice);
}

static inline long sys_getrlimit(int resource, struct rlimit *r)
{
#ifdef __x86_64__
	return syscall2(__NR_getrlimit, resource, (long)r);
#else
	return syscall2(__NR_ugetrlimit, resource, (long)r);
#endif
}

static inline long sys_setrlimit(int resource, const struct rlimit *r)
{
	return syscall2(__NR_setrlimit, resource, (long)r);
}

/* ---- time -------------------------------------------------------------------------- */

static inline long sys_nanosleep(const struct timespec *time, struct timespec *left)
{
	return syscall2(__NR_nanosleep, (long)time, (long)left);
}

static inline long sys_clock_gettime(int clock, struct timespec *t)
{
	return syscall2(__NR_clock_gettime, clock, (long)t);
}

/* ---- files ------------------------------------------------------------------------- */

static inline long sys_read(int fd, void *buf, size_t n)
{
	return syscall3(__NR_read, fd, (long)buf, n);
}

static inline long sys_write(int fd, const void *buf, size_t n)
{
	return syscall3(__NR_write, fd, (long)buf, n);
}

static inline long sys_writev(int fd, const struct iovec *iov, int n)
{
	return syscall3(__NR_writev, fd, (long)iov, n);
}

static inline long sys_readv(int fd, const struct iovec *iov, int n)
{
	return syscall3(__NR_readv, fd, (long)iov, n);
}

static inline long sys_pread(int fd, void *buf, size_t n, u64 pos)
{
#ifdef __x86_64__
	return syscall4(__NR_pread64, fd, (long)buf, n, pos);
#else
	return syscall5(__NR_pread64, fd, (long)buf, n, (long)pos, (long)(pos >> 32));
#endif
}

static inline long sys_pwrite(int fd, const void *buf, size_t n, u64 pos)
{
#ifdef __x86_64__
	return syscall4(__NR_pwrite64, fd, (long)buf, n, pos);
#else
	return syscall5(__NR_pwrite64, fd, (long)buf, n, (long)pos, (long)(pos >> 32));
#endif
}

static inline long sys_open(const char *path, int flags, int mode)
{
	return syscall3(__NR_open, (long)path, flags, mode);
}

static inline long sys_close(int fd)	{ return syscall1(__NR_close, fd); }
static inline long sys_dup(int fd)	{ return syscall1(__NR_dup, fd); }

static inline long sys_dup2(int from, int to)
{
	return syscall2(__NR_dup2, from, to);
}

static inline long sys_lseek(int fd, long offset, int whence)
{
	return syscall3(__NR_lseek, fd, offset, whence);
}

static inline long sys_pipe(int fds[2])
{
	return syscall1(__NR_pipe, (long)fds);
}

static inline long sys_unlink(const char *path)
{
	return syscall1(__NR_unlink, (long)path);
}

static inline long sys_ioctl(int fd, unsigned cmd, void *arg)
{
	return syscall3(__NR_ioctl, fd, cmd, (long)arg);
}

static inline long sys_poll(struct pollfd *fds, unsigned n, int timeout_ms)
{
	return syscall3(__NR_poll, (long)fds, n, timeout_ms);
}

static inline long sys_ftruncate(int fd, long size)
{
	return syscall2(__NR_ftruncate, fd, size);
}

/* ---- memory ------------------------------------------------------------------------ */

/* The offset counts bytes in both modes. */
static inline void *sys_mmap(void *addr, size_t len, int prot, int flags, int fd, u64 offset)
{
#ifdef __x86_64__
	return (void *)syscall6(__NR_mmap, (long)addr, len, prot, flags, fd, offset);
#else
	return (void *)syscall6(__NR_mmap2, (long)addr, len, prot, flags, fd,
				(long)(offset >> 12));
#endif
}

static inline long sys_munmap(void *addr, size_t len)
{
	return syscall2(__NR_munmap, (long)addr, len);
}

static inline long sys_mprotect(void *addr, size_t len, int prot)
{
	return syscall3(__NR_mprotect, (long)addr, len, prot);
}

static inline void *sys_mremap(void *addr, size_t from, size_t to, int flags, void *where)
{
	return (void *)syscall5(__NR_mremap, (long)addr, from, to, flags, (long)where);
}

static inline long sys_madvise(void *addr, size_t len, int advice)
{
	return syscall3(__NR_madvise, (long)addr, len, advice);
}

static inline long sys_mlock(void *addr, size_t len)
{
	return syscall2(__NR_mlock, (long)addr, len);
}

static inline long sys_mlock2(void *addr, size_t len, int flags)
{
	return syscall3(__NR_mlock2, (long)addr, len, flags);
}

static inline long sys_munlock(void *addr, size_t len)
{
	return syscall2(__NR_munlock, (long)addr, len);
}

static inline long sys_mlockall(int flags)	{ return syscall1(__NR_mlockall, flags); }
static inline long sys_munlockall(void)		{ return syscall0(__NR_munlockall); }

static inline long sys_mincore(void *addr, size_t len, unsigned char *vec)
{
	return syscall3(__NR_mincore, (long)addr, len, (long)vec);
}

static inline long sys_msync(void *addr, size_t len, int flags)
{
	return syscall3(__NR_msync, (long)addr, len, flags);
}

#define MFD_CLOEXEC	1u
static inline long sys_memfd_create(const char *name, unsigned flags)
{
	return syscall2(__NR_memfd_create, (long)name, flags);
}

/* The raw call: the new break, or the old one if it cannot be done. */
static inline void *sys_brk(void *to)
{
	return (void *)syscall1(__NR_brk, (long)to);
}

#endif
