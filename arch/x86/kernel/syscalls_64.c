/* SPDX-License-Identifier: MIT */
/*
 * The system-call table of 64-bit mode: Linux's numbers (asm/unistd_64.h) and the
 * functions behind them.  What has no entry is sys_ni_syscall; so is, as long as nobody
 * defines it, every function named here (kernel/sys_ni.c).
 *
 * The entry code passes six words and takes one; here all functions are declared like
 * that, so this file must not see their real prototypes.
 */
#include <asm/syscalls_nr.h>
#include <asm/unistd_64.h>
#include <kernel/kernel.h>

typedef long (*syscall_fn)(unsigned long, unsigned long, unsigned long, unsigned long,
			   unsigned long, unsigned long);

extern const syscall_fn syscall_table[];

#define SYSCALLS(CALL) \
	CALL(read, sys_read) \
	CALL(write, sys_write) \
	CALL(open, sys_open) \
	CALL(close, sys_close) \
	CALL(stat, sys_newstat) \
	CALL(fstat, sys_newfstat) \
	CALL(lstat, sys_newlstat) \
	CALL(poll, sys_poll) \
	CALL(lseek, sys_lseek) \
	CALL(mmap, sys_mmap) \
	CALL(mprotect, sys_mprotect) \
	CALL(munmap, sys_munmap) \
	CALL(brk, sys_brk) \
	CALL(rt_sigaction, sys_rt_sigaction) \
	CALL(rt_sigprocmask, sys_rt_sigprocmask) \
	CALL(rt_sigreturn, sys_rt_sigreturn) \
	CALL(ioctl, sys_ioctl) \
	CALL(pread64, sys_pread64) \
	CALL(pwrite64, sys_pwrite64) \
	CALL(readv, sys_readv) \
	CALL(writev, sys_writev) \
	CALL(access, sys_access) \
	CALL(pipe, sys_pipe) \
	CALL(select, sys_select) \
	CALL(sched_yield, sys_sched_yield) \
	CALL(mremap, sys_mremap) \
	CALL(msync, sys_msync) \
	CALL(mincore, sys_mincore) \
	CALL(madvise, sys_madvise) \
	CALL(dup, sys_dup) \
	CALL(dup2, sys_dup2) \
	CALL(pause, sys_pause) \
	CALL(nanosleep, sys_nanosleep) \
	CALL(getitimer, sys_getitimer) \
	CALL(alarm, sys_alarm) \
	CALL(setitimer, sys_setitimer) \
	CALL(getpid, sys_getpid) \
	CALL(sendfile, sys_sendfile) \
	CALL(clone, sys_clone) \
	CALL(fork, sys_fork) \
	CALL(vfork, sys_vfork) \
	CALL(execve, sys_execve) \
	CALL(exit, sys_exit) \
	CALL(wait4, sys_wait4) \
	CALL(kill, sys_kill) \
	CALL(uname, sys_uname) \
	CALL(fcntl, sys_fcntl) \
	CALL(flock, sys_flock) \
	CALL(fsync, sys_fsync) \
	CALL(fdatasync, sys_fdatasync) \
	CALL(truncate, sys_truncate) \
	CALL(ftruncate, sys_ftruncate) \
	CALL(getdents, sys_getdents) \
	CALL(getcwd, sys_getcwd) \
	CALL(chdir, sys_chdir) \
	CALL(fchdir, sys_fchdir) \
	CALL(rename, sys_rename) \
	CALL(mkdir, sys_mkdir) \
	CALL(rmdir, sys_rmdir) \
	CALL(creat, sys_creat) \
	CALL(link, sys_link) \
	CALL(unlink, sys_unlink) \
	CALL(symlink, sys_symlink) \
	CALL(readlink, sys_readlink) \
	CALL(chmod, sys_chmod) \
	CALL(fchmod, sys_fchmod) \
	CALL(chown, sys_chown) \
	CALL(fchown, sys_fchown) \
	CALL(lchown, sys_lchown) \
	CALL(umask, sys_umask) \
	CALL(gettimeofday, sys_gettimeofday) \
	CALL(getrlimit, sys_getrlimit) \
	CALL(getrusage, sys_getrusage) \
	CALL(sysinfo, sys_sysinfo) \
	CALL(times, sys_times) \
	CALL(getuid, sys_getuid) \
	CALL(getgid, sys_getgid) \
	CALL(setuid, sys_setuid) \
	CALL(setgid, sys_setgid) \
	CALL(geteuid, sys_geteuid) \
	CALL(getegid, sys_getegid) \
	CALL(setpgid, sys_setpgid) \
	CALL(getppid, sys_getppid) \
	CALL(getpgrp, sys_getpgrp) \
	CALL(setsid, sys_setsid) \
	CALL(setreuid, sys_setreuid) \
	CALL(setregid, sys_setregid) \
	CALL(getgroups, sys_getgroups) \
	CALL(setgroups, sys_setgroups) \
	CALL(setresuid, sys_setresuid) \
	CALL(getresuid, sys_getresuid) \
	CALL(setresgid, sys_setresgid) \
	CALL(getresgid, sys_getresgid) \
	CALL(getpgid, sys_getpgid) \
	CALL(setfsuid, sys_setfsuid) \
	CALL(setfsgid, sys_setfsgid) \
	CALL(getsid, sys_getsid) \
	CALL(capget, sys_capget) \
	CALL(capset, sys_capset) \
	CALL(rt_sigpending, sys_rt_sigpending) \
	CALL(rt_sigtimedwait, sys_rt_sigtimedwait) \
	CALL(rt_sigsuspend, sys_rt_sigsuspend) \
	CALL(sigaltstack, sys_sigaltstack) \
	CALL(mknod, sys_mknod) \
	CALL(statfs, sys_statfs) \
	CALL(fstatfs, sys_fstatfs) \
	CALL(getpriority, sys_getpriority) \
	CALL(setpriority, sys_setpriority) \
	CALL(sched_setparam, sys_sched_setparam) \
	CALL(sched_getparam, sys_sched_getparam) \
	CALL(sched_setscheduler, sys_sched_setscheduler) \
	CALL(sched_getscheduler, sys_sched_getscheduler) \
	CALL(sched_get_priority_max, sys_sched_get_priority_max) \
	CALL(sched_get_priority_min, sys_sched_get_priority_min) \
	CALL(mlock, sys_mlock) \
	CALL(munlock, sys_munlock) \
	CALL(mlockall, sys_mlockall) \
	CALL(munlockall, sys_munlockall) \
	CALL(prctl, sys_prctl) \
	CALL(arch_prctl, sys_arch_prctl) \
	CALL(setrlimit, sys_setrlimit) \
	CALL(sync, sys_sync) \
	CALL(settimeofday, sys_settimeofday) \
	CALL(mount, sys_mount) \
	CALL(umount2, sys_umount2) \
	CALL(swapon, sys_swapon) \
	CALL(swapoff, sys_swapoff) \
	CALL(sethostname, sys_sethostname) \
	CALL(syslog, sys_syslog) \
	CALL(reboot, sys_reboot) \
	CALL(gettid, sys_gettid) \
	CALL(tkill, sys_tkill) \
	CALL(time, sys_time) \
	CALL(futex, sys_futex) \
	CALL(sched_setaffinity, sys_sched_setaffinity) \
	CALL(sched_getaffinity, sys_sched_getaffinity) \
	CALL(getdents64, sys_getdents64) \
	CALL(set_tid_address, sys_set_tid_address) \
	CALL(restart_syscall, sys_restart_syscall) \
	CALL(fadvise64, sys_fadvise64) \
	CALL(clock_settime, sys_clock_settime) \
	CALL(clock_gettime, sys_clock_gettime) \
	CALL(clock_getres, sys_clock_getres) \
	CALL(clock_nanosleep, sys_clock_nanosleep) \
	CALL(exit_group, sys_exit_group) \
	CALL(tgkill, sys_tgkill) \
	CALL(utimes, sys_utimes) \
	CALL(waitid, sys_waitid) \
	CALL(openat, sys_openat) \
	CALL(mkdirat, sys_mkdirat) \
	CALL(mknodat, sys_mknodat) \
	CALL(fchownat, sys_fchownat) \
	CALL(newfstatat, sys_newfstatat) \
	CALL(unlinkat, sys_unlinkat) \
	CALL(renameat, sys_renameat) \
	CALL(linkat, sys_linkat) \
	CALL(symlinkat, sys_symlinkat) \
	CALL(readlinkat, sys_readlinkat) \
	CALL(fchmodat, sys_fchmodat) \
	CALL(faccessat, sys_faccessat) \
	CALL(pselect6, sys_pselect6) \
	CALL(ppoll, sys_ppoll) \
	CALL(set_robust_list, sys_set_robust_list) \
	CALL(get_robust_list, sys_get_robust_list) \
	CALL(utimensat, sys_utimensat) \
	CALL(fallocate, sys_fallocate) \
	CALL(dup3, sys_dup3) \
	CALL(pipe2, sys_pipe2) \
	CALL(preadv, sys_preadv) \
	CALL(pwritev, sys_pwritev) \
	CALL(prlimit64, sys_prlimit64) \
	CALL(syncfs, sys_syncfs) \
	CALL(getcpu, sys_getcpu) \
	CALL(renameat2, sys_renameat2) \
	CALL(getrandom, sys_getrandom) \
	CALL(memfd_create, sys_memfd_create) \
	CALL(execveat, sys_execveat) \
	CALL(membarrier, sys_membarrier) \
	CALL(mlock2, sys_mlock2) \
	CALL(statx, sys_statx) \
	CALL(rseq, sys_rseq) \
	CALL(clone3, sys_clone3) \
	CALL(close_range, sys_close_range) \
	CALL(faccessat2, sys_faccessat2)

#define DECLARE(name, fn) \
	extern long fn(unsigned long, unsigned long, unsigned long, unsigned long, \
		       unsigned long, unsigned long);
#define ENTRY(name, fn)		[__NR_##name] = fn,

DECLARE(none, sys_ni_syscall)
SYSCALLS(DECLARE)

#pragma GCC diagnostic ignored "-Woverride-init"
const syscall_fn syscall_table[NR_SYSCALLS] = {
	[0 ... NR_SYSCALLS - 1] = sys_ni_syscall,
	SYSCALLS(ENTRY)
};
