/* SPDX-License-Identifier: MIT */
/*
 * The system-call table of 32-bit mode: Linux's numbers (asm/unistd_32.h) and the
 * functions behind them.  What has no entry is sys_ni_syscall; so is, as long as nobody
 * defines it, every function named here (kernel/sys_ni.c).
 *
 * The entry code passes six words and takes one; here all functions are declared like
 * that, so this file must not see their real prototypes.
 */
#include <asm/syscalls_nr.h>
#include <asm/unistd_32.h>
#include <kernel/kernel.h>

typedef long (*syscall_fn)(unsigned long, unsigned long, unsigned long, unsigned long,
			   unsigned long, unsigned long);

extern const syscall_fn syscall_table[];

#define SYSCALLS(CALL) \
	CALL(restart_syscall, sys_restart_syscall) \
	CALL(exit, sys_exit) \
	CALL(fork, sys_fork) \
	CALL(read, sys_read) \
	CALL(write, sys_write) \
	CALL(open, sys_open) \
	CALL(close, sys_close) \
	CALL(waitpid, sys_waitpid) \
	CALL(creat, sys_creat) \
	CALL(link, sys_link) \
	CALL(unlink, sys_unlink) \
	CALL(execve, sys_execve) \
	CALL(chdir, sys_chdir) \
	CALL(time, sys_time) \
	CALL(mknod, sys_mknod) \
	CALL(chmod, sys_chmod) \
	CALL(lchown, sys32_lchown16) \
	CALL(lseek, sys_lseek) \
	CALL(getpid, sys_getpid) \
	CALL(mount, sys_mount) \
	CALL(umount, sys_umount) \
	CALL(setuid, sys32_setuid16) \
	CALL(getuid, sys_getuid) \
	CALL(stime, sys_stime) \
	CALL(alarm, sys_alarm) \
	CALL(pause, sys_pause) \
	CALL(access, sys_access) \
	CALL(nice, sys_nice) \
	CALL(sync, sys_sync) \
	CALL(kill, sys_kill) \
	CALL(rename, sys_rename) \
	CALL(mkdir, sys_mkdir) \
	CALL(rmdir, sys_rmdir) \
	CALL(dup, sys_dup) \
	CALL(pipe, sys_pipe) \
	CALL(times, sys_times) \
	CALL(brk, sys_brk) \
	CALL(setgid, sys32_setgid16) \
	CALL(getgid, sys_getgid) \
	CALL(signal, sys_signal) \
	CALL(geteuid, sys_geteuid) \
	CALL(getegid, sys_getegid) \
	CALL(umount2, sys_umount2) \
	CALL(ioctl, sys_ioctl) \
	CALL(fcntl, sys_fcntl) \
	CALL(setpgid, sys_setpgid) \
	CALL(umask, sys_umask) \
	CALL(dup2, sys_dup2) \
	CALL(getppid, sys_getppid) \
	CALL(getpgrp, sys_getpgrp) \
	CALL(setsid, sys_setsid) \
	CALL(sigaction, sys_sigaction) \
	CALL(sgetmask, sys_sgetmask) \
	CALL(ssetmask, sys_ssetmask) \
	CALL(setreuid, sys32_setreuid16) \
	CALL(setregid, sys32_setregid16) \
	CALL(sigsuspend, sys_sigsuspend) \
	CALL(sigpending, sys_sigpending) \
	CALL(sethostname, sys_sethostname) \
	CALL(syslog, sys_syslog) \
	CALL(reboot, sys_reboot) \
	CALL(setrlimit, sys_setrlimit) \
	CALL(getrlimit, sys_old_getrlimit) \
	CALL(getrusage, sys_getrusage) \
	CALL(gettimeofday, sys_gettimeofday) \
	CALL(settimeofday, sys_settimeofday) \
	CALL(select, sys32_old_select) \
	CALL(symlink, sys_symlink) \
	CALL(readlink, sys_readlink) \
	CALL(swapon, sys_swapon) \
	CALL(mmap, sys32_old_mmap) \
	CALL(munmap, sys_munmap) \
	CALL(truncate, sys_truncate) \
	CALL(ftruncate, sys_ftruncate) \
	CALL(fchmod, sys_fchmod) \
	CALL(fchown, sys32_fchown16) \
	CALL(getpriority, sys_getpriority) \
	CALL(setpriority, sys_setpriority) \
	CALL(statfs, sys_statfs) \
	CALL(fstatfs, sys_fstatfs) \
	CALL(setitimer, sys_setitimer) \
	CALL(getitimer, sys_getitimer) \
	CALL(stat, sys_newstat) \
	CALL(lstat, sys_newlstat) \
	CALL(fstat, sys_newfstat) \
	CALL(wait4, sys_wait4) \
	CALL(swapoff, sys_swapoff) \
	CALL(sysinfo, sys_sysinfo) \
	CALL(fsync, sys_fsync) \
	CALL(sigreturn, sys_sigreturn) \
	CALL(clone, sys32_clone) \
	CALL(uname, sys_uname) \
	CALL(mprotect, sys_mprotect) \
	CALL(sigprocmask, sys_sigprocmask) \
	CALL(getpgid, sys_getpgid) \
	CALL(fchdir, sys_fchdir) \
	CALL(setfsuid, sys32_setfsuid16) \
	CALL(setfsgid, sys32_setfsgid16) \
	CALL(_llseek, sys32_llseek) \
	CALL(getdents, sys_getdents) \
	CALL(_newselect, sys_select) \
	CALL(flock, sys_flock) \
	CALL(msync, sys_msync) \
	CALL(readv, sys_readv) \
	CALL(writev, sys_writev) \
	CALL(getsid, sys_getsid) \
	CALL(fdatasync, sys_fdatasync) \
	CALL(mlock, sys_mlock) \
	CALL(munlock, sys_munlock) \
	CALL(mlockall, sys_mlockall) \
	CALL(munlockall, sys_munlockall) \
	CALL(sched_setparam, sys_sched_setparam) \
	CALL(sched_getparam, sys_sched_getparam) \
	CALL(sched_setscheduler, sys_sched_setscheduler) \
	CALL(sched_getscheduler, sys_sched_getscheduler) \
	CALL(sched_yield, sys_sched_yield) \
	CALL(sched_get_priority_max, sys_sched_get_priority_max) \
	CALL(sched_get_priority_min, sys_sched_get_priority_min) \
	CALL(nanosleep, sys_nanosleep) \
	CALL(mremap, sys_mremap) \
	CALL(setresuid, sys32_setresuid16) \
	CALL(getresuid, sys32_getresuid16) \
	CALL(poll, sys_poll) \
	CALL(setresgid, sys32_setresgid16) \
	CALL(getresgid, sys32_getresgid16) \
	CALL(prctl, sys_prctl) \
	CALL(rt_sigreturn, sys_rt_sigreturn) \
	CALL(rt_sigaction, sys_rt_sigaction) \
	CALL(rt_sigprocmask, sys_rt_sigprocmask) \
	CALL(rt_sigpending, sys_rt_sigpending) \
	CALL(rt_sigtimedwait, sys_rt_sigtimedwait) \
	CALL(rt_sigsuspend, sys_rt_sigsuspend) \
	CALL(pread64, sys32_pread64) \
	CALL(pwrite64, sys32_pwrite64) \
	CALL(chown, sys32_chown16) \
	CALL(getcwd, sys_getcwd) \
	CALL(capget, sys_capget) \
	CALL(capset, sys_capset) \
	CALL(sigaltstack, sys_sigaltstack) \
	CALL(sendfile, sys_sendfile) \
	CALL(vfork, sys_vfork) \
	CALL(ugetrlimit, sys_getrlimit) \
	CALL(mmap2, sys_mmap_pgoff) \
	CALL(truncate64, sys32_truncate64) \
	CALL(ftruncate64, sys32_ftruncate64) \
	CALL(stat64, sys32_stat64) \
	CALL(lstat64, sys32_lstat64) \
	CALL(fstat64, sys32_fstat64) \
	CALL(lchown32, sys_lchown) \
	CALL(getuid32, sys_getuid) \
	CALL(getgid32, sys_getgid) \
	CALL(geteuid32, sys_geteuid) \
	CALL(getegid32, sys_getegid) \
	CALL(setreuid32, sys_setreuid) \
	CALL(setregid32, sys_setregid) \
	CALL(getgroups32, sys_getgroups) \
	CALL(setgroups32, sys_setgroups) \
	CALL(fchown32, sys_fchown) \
	CALL(setresuid32, sys_setresuid) \
	CALL(getresuid32, sys_getresuid) \
	CALL(setresgid32, sys_setresgid) \
	CALL(getresgid32, sys_getresgid) \
	CALL(chown32, sys_chown) \
	CALL(setuid32, sys_setuid) \
	CALL(setgid32, sys_setgid) \
	CALL(setfsuid32, sys_setfsuid) \
	CALL(setfsgid32, sys_setfsgid) \
	CALL(mincore, sys_mincore) \
	CALL(madvise, sys_madvise) \
	CALL(getdents64, sys_getdents64) \
	CALL(fcntl64, sys_fcntl) \
	CALL(gettid, sys_gettid) \
	CALL(tkill, sys_tkill) \
	CALL(sendfile64, sys32_sendfile64) \
	CALL(futex, sys_futex) \
	CALL(sched_setaffinity, sys_sched_setaffinity) \
	CALL(sched_getaffinity, sys_sched_getaffinity) \
	CALL(set_thread_area, sys_set_thread_area) \
	CALL(get_thread_area, sys_get_thread_area) \
	CALL(fadvise64, sys32_fadvise64) \
	CALL(exit_group, sys_exit_group) \
	CALL(set_tid_address, sys_set_tid_address) \
	CALL(clock_settime, sys_clock_settime) \
	CALL(clock_gettime, sys_clock_gettime) \
	CALL(clock_getres, sys_clock_getres) \
	CALL(clock_nanosleep, sys_clock_nanosleep) \
	CALL(statfs64, sys32_statfs64) \
	CALL(fstatfs64, sys32_fstatfs64) \
	CALL(tgkill, sys_tgkill) \
	CALL(utimes, sys_utimes) \
	CALL(fadvise64_64, sys32_fadvise64_64) \
	CALL(waitid, sys_waitid) \
	CALL(openat, sys_openat) \
	CALL(mkdirat, sys_mkdirat) \
	CALL(mknodat, sys_mknodat) \
	CALL(fchownat, sys_fchownat) \
	CALL(fstatat64, sys32_fstatat64) \
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
	CALL(getcpu, sys_getcpu) \
	CALL(utimensat, sys_utimensat) \
	CALL(fallocate, sys32_fallocate) \
	CALL(dup3, sys_dup3) \
	CALL(pipe2, sys_pipe2) \
	CALL(preadv, sys_preadv) \
	CALL(pwritev, sys_pwritev) \
	CALL(prlimit64, sys_prlimit64) \
	CALL(syncfs, sys_syncfs) \
	CALL(renameat2, sys_renameat2) \
	CALL(getrandom, sys_getrandom) \
	CALL(memfd_create, sys_memfd_create) \
	CALL(execveat, sys_execveat) \
	CALL(membarrier, sys_membarrier) \
	CALL(mlock2, sys_mlock2) \
	CALL(statx, sys_statx) \
	CALL(rseq, sys_rseq) \
	CALL(clock_gettime64, sys_clock_gettime64) \
	CALL(clock_settime64, sys_clock_settime64) \
	CALL(clock_getres_time64, sys_clock_getres_time64) \
	CALL(clock_nanosleep_time64, sys_clock_nanosleep_time64) \
	CALL(utimensat_time64, sys32_utimensat_time64) \
	CALL(pselect6_time64, sys32_pselect6_time64) \
	CALL(ppoll_time64, sys32_ppoll_time64) \
	CALL(rt_sigtimedwait_time64, sys_rt_sigtimedwait_time64) \
	CALL(futex_time64, sys32_futex_time64) \
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
