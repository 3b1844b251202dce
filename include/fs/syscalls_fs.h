/* SPDX-License-Identifier: MIT */
/*
 * System calls of fs/; the Linux man pages, section 2, are the contract.  Pointers are user
 * addresses.  Structures with machine words in them (iovec, timespec, stat) have the layout
 * of the mode; sys32_* exist in i386 only and take 64-bit arguments as two words.
 */
#ifndef FS_SYSCALLS_FS_H
#define FS_SYSCALLS_FS_H

#include <kernel/types.h>

/* read_write.c, splice.c */
long sys_read(int fd, char *buf, size_t n);
long sys_write(int fd, const char *buf, size_t n);
long sys_readv(int fd, const void *iov, unsigned long n);
long sys_writev(int fd, const void *iov, unsigned long n);
long sys_preadv(int fd, const void *iov, unsigned long n, unsigned long lo, unsigned long hi);
long sys_pwritev(int fd, const void *iov, unsigned long n, unsigned long lo, unsigned long hi);
long sys_pread64(int fd, char *buf, size_t n, s64 pos);			/* x86-64 */
long sys_pwrite64(int fd, const char *buf, size_t n, s64 pos);		/* x86-64 */
long sys32_pread64(int fd, char *buf, size_t n, u32 lo, u32 hi);
long sys32_pwrite64(int fd, const char *buf, size_t n, u32 lo, u32 hi);
long sys_lseek(int fd, long offset, unsigned whence);
long sys32_llseek(int fd, u32 hi, u32 lo, void *result, unsigned whence);
long sys_sendfile(int out, int in, long *offset, size_t n);
long sys32_sendfile64(int out, int in, s64 *offset, size_t n);

/* open.c, attr.c */
long sys_open(const char *path, int flags, unsigned mode);
long sys_openat(int dfd, const char *path, int flags, unsigned mode);
long sys_creat(const char *path, unsigned mode);
long sys_close(int fd);
long sys_close_range(unsigned first, unsigned last, unsigned flags);
long sys_access(const char *path, int mode);
long sys_faccessat(int dfd, const char *path, int mode);
long sys_faccessat2(int dfd, const char *path, int mode, int flags);
long sys_truncate(const char *path, long size);
long sys_ftruncate(int fd, long size);
long sys32_truncate64(const char *path, u32 lo, u32 hi);
long sys32_ftruncate64(int fd, u32 lo, u32 hi);
long sys_fallocate(int fd, int mode, s64 offset, s64 len);		/* x86-64 */
long sys32_fallocate(int fd, int mode, u32 offlo, u32 offhi, u32 lenlo, u32 lenhi);
long sys_fadvise64(int fd, s64 offset, s64 len, int advice);		/* x86-64 */
long sys32_fadvise64(int fd, u32 offlo, u32 offhi, u32 len, int advice);
long sys32_fadvise64_64(int fd, u32 offlo, u32 offhi, u32 lenlo, u32 lenhi, int advice);
long sys_chmod(const char *path, unsigned mode);
long sys_fchmod(int fd, unsigned mode);
long sys_fchmodat(int dfd, const char *path, unsigned mode);
long sys_chown(const char *path, unsigned uid, unsigned gid);
long sys_lchown(const char *path, unsigned uid, unsigned gid);
long sys_fchown(int fd, unsigned uid, unsigned gid);
long sys_fchownat(int dfd, const char *path, unsigned uid, unsigned gid, int flags);
long sys_utimensat(int dfd, const char *path, const void *times, int flags);
long sys32_utimensat_time64(int dfd, const char *path, const void *times, int flags);
long sys_utimes(const char *path, const void *times);
long sys_umask(unsigned mask);
long sys_chdir(const char *path);
long sys_fchdir(int fd);
long sys_getcwd(char *buf, unsigned long size);
long sys_sync(void);
long sys_syncfs(int fd);
long sys_fsync(int fd);
long sys_fdatasync(int fd);

/* dirops.c */
long sys_mkdir(const char *path, unsigned mode);
long sys_mkdirat(int dfd, const char *path, unsigned mode);
long sys_mknod(const char *path, unsigned mode, unsigned dev);
long sys_mknodat(int dfd, const char *path, unsigned mode, unsigned dev);
long sys_rmdir(const char *path);
long sys_unlink(const char *path);
long sys_unlinkat(int dfd, const char *path, int flags);
long sys_link(const char *old, const char *new);
long sys_linkat(int olddfd, const char *old, int newdfd, const char *new, int flags);
long sys_symlink(const char *target, const char *path);
long sys_symlinkat(const char *target, int dfd, const char *path);
long sys_readlink(const char *path, char *buf, int size);
long sys_readlinkat(int dfd, const char *path, char *buf, int size);
long sys_rename(const char *old, const char *new);
long sys_renameat(int olddfd, const char *old, int newdfd, const char *new);
long sys_renameat2(int olddfd, const char *old, int newdfd, const char *new, unsigned flags);

/* stat*.c, statfs.c: struct stat of the mode; stat64 and statfs64 of i386 */
long sys_newstat(const char *path, void *st);
long sys_newlstat(const char *path, void *st);
long sys_newfstat(int fd, void *st);
long sys_newfstatat(int dfd, const char *path, void *st, int flags);	/* x86-64 */
long sys32_stat64(const char *path, void *st);
long sys32_lstat64(const char *path, void *st);
long sys32_fstat64(int fd, void *st);
long sys32_fstatat64(int dfd, const char *path, void *st, int flags);
long sys_statx(int dfd, const char *path, unsigned flags, unsigned mask, void *stx);
long sys_statfs(const char *path, void *st);
long sys_fstatfs(int fd, void *st);
long sys32_statfs64(const char *path, size_t size, void *st);
long sys32_fstatfs64(int fd, size_t size, void *st);

/* fcntl.c, ioctl.c, pipe.c, readdir.c, shmem.c, mount.c */
long sys_dup(int fd);
long sys_dup2(int from, int to);
long sys_dup3(int from, int to, int flags);
long sys_fcntl(int fd, unsigned cmd, unsigned long arg);	/* also fcntl64 of i386 */
long sys_flock(int fd, unsigned operation);
long sys_ioctl(int fd, unsigned cmd, unsigned long arg);
long sys_pipe(int *fds);
long sys_pipe2(int *fds, int flags);
long sys_getdents(int fd, void *buf, unsigned size);
long sys_getdents64(int fd, void *buf, unsigned size);
long sys_memfd_create(const char *name, unsigned flags);
long sys_mount(const char *what, const char *where, const char *type, unsigned long flags,
	       const void *data);
long sys_umount(const char *path);
long sys_reboot(u32 magic1, u32 magic2, u32 what, void *arg);
long sys_umount2(const char *path, int flags);

/* swapon.c */
long sys_swapon(const char *path, unsigned flags);
long sys_swapoff(const char *path);

/* select.c: timespec and timeval of the mode's word */
long sys_poll(void *fds, unsigned n, int ms);
long sys_ppoll(void *fds, unsigned n, void *timeout, const void *mask, size_t size);
long sys32_ppoll_time64(void *fds, unsigned n, void *timeout, const void *mask, size_t size);
long sys_select(int n, void *in, void *out, void *ex, void *timeout);
long sys32_old_select(const void *args);
long sys_pselect6(int n, void *in, void *out, void *ex, void *timeout, const void *sig);
long sys32_pselect6_time64(int n, void *in, void *out, void *ex, void *timeout,
			   const void *sig);

/* exec.c */
long sys_execve(const char *path, const char *const *argv, const char *const *envp);
long sys_execveat(int dfd, const char *path, const char *const *argv,
		  const char *const *envp, int flags);

#endif
