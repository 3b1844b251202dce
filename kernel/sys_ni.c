/* SPDX-License-Identifier: MIT */
/*
 * The call that is not there: ENOSYS, with a line the first time a program asks for it.
 *
 * Every function that a system-call table names is a weak alias of it here, so a call
 * exists as soon as somebody defines its function, and the tables never change for that.
 */
#include <asm/ptrace.h>
#include <kernel/printk.h>
#include <kernel/sched.h>

long sys_ni_syscall(void);

/* First time for this program (exec forgets).  Numbers beyond the map share its last word. */
static bool first_time(unsigned long nr)
{
	u32 *word, bit = 1u << (nr % 32);

	word = &current->enosys_logged[min_t(unsigned long, nr / 32,
					     ARRAY_SIZE(current->enosys_logged) - 1)];
	if (*word & bit)
		return false;
	*word |= bit;
	return true;
}

long sys_ni_syscall(void)
{
	unsigned long nr = current_pt_regs()->orig_ax;

	if (first_time(nr))
		pr_info("%s[%d]: system call %lu is not implemented\n", current->comm,
			current->pid, nr);
	return -ENOSYS;
}

#define MAYBE(name) \
	__asm__(".weak " #name "\n\t.set " #name ", sys_ni_syscall")

MAYBE(sys32_fadvise64);
MAYBE(sys32_fadvise64_64);
MAYBE(sys32_fallocate);
MAYBE(sys32_fstat64);
MAYBE(sys32_fstatat64);
MAYBE(sys32_fstatfs64);
MAYBE(sys32_ftruncate64);
MAYBE(sys32_futex_time64);
MAYBE(sys32_llseek);
MAYBE(sys32_lstat64);
MAYBE(sys32_old_select);
MAYBE(sys32_ppoll_time64);
MAYBE(sys32_pread64);
MAYBE(sys32_pselect6_time64);
MAYBE(sys32_pwrite64);
MAYBE(sys32_sendfile64);
MAYBE(sys32_stat64);
MAYBE(sys32_statfs64);
MAYBE(sys32_truncate64);
MAYBE(sys32_utimensat_time64);
MAYBE(sys_access);
MAYBE(sys_alarm);
MAYBE(sys_brk);
MAYBE(sys_capget);
MAYBE(sys_capset);
MAYBE(sys_chdir);
MAYBE(sys_chmod);
MAYBE(sys_chown);
MAYBE(sys_clock_getres);
MAYBE(sys_clock_getres_time64);
MAYBE(sys_clock_gettime);
MAYBE(sys_clock_gettime64);
MAYBE(sys_clock_nanosleep);
MAYBE(sys_clock_nanosleep_time64);
MAYBE(sys_clock_settime);
MAYBE(sys_clock_settime64);
MAYBE(sys_clone);
MAYBE(sys_clone3);
MAYBE(sys_close);
MAYBE(sys_close_range);
MAYBE(sys_creat);
MAYBE(sys_dup);
MAYBE(sys_dup2);
MAYBE(sys_dup3);
MAYBE(sys_execve);
MAYBE(sys_execveat);
MAYBE(sys_exit);
MAYBE(sys_exit_group);
MAYBE(sys_faccessat);
MAYBE(sys_faccessat2);
MAYBE(sys_fadvise64);
MAYBE(sys_fallocate);
MAYBE(sys_fchdir);
MAYBE(sys_fchmod);
MAYBE(sys_fchmodat);
MAYBE(sys_fchown);
MAYBE(sys_fchownat);
MAYBE(sys_fcntl);
MAYBE(sys_fdatasync);
MAYBE(sys_flock);
MAYBE(sys_fork);
MAYBE(sys_fstatfs);
MAYBE(sys_fsync);
MAYBE(sys_ftruncate);
MAYBE(sys_futex);
MAYBE(sys_get_robust_list);
MAYBE(sys_getcpu);
MAYBE(sys_getcwd);
MAYBE(sys_getdents);
MAYBE(sys_getdents64);
MAYBE(sys_getegid);
MAYBE(sys_geteuid);
MAYBE(sys_getgid);
MAYBE(sys_getgroups);
MAYBE(sys_getitimer);
MAYBE(sys_getpgid);
MAYBE(sys_getpgrp);
MAYBE(sys_getpid);
MAYBE(sys_getppid);
MAYBE(sys_getpriority);
MAYBE(sys_getrandom);
MAYBE(sys_getresgid);
MAYBE(sys_getresuid);
MAYBE(sys_getrlimit);
MAYBE(sys_getrusage);
MAYBE(sys_getsid);
MAYBE(sys_gettid);
MAYBE(sys_gettimeofday);
MAYBE(sys_getuid);
MAYBE(sys_ioctl);
MAYBE(sys_kill);
MAYBE(sys_lchown);
MAYBE(sys_link);
MAYBE(sys_linkat);
MAYBE(sys_lseek);
MAYBE(sys_madvise);
MAYBE(sys_membarrier);
MAYBE(sys_memfd_create);
MAYBE(sys_mincore);
MAYBE(sys_mkdir);
MAYBE(sys_mkdirat);
MAYBE(sys_mknod);
MAYBE(sys_mknodat);
MAYBE(sys_mlock);
MAYBE(sys_mlock2);
MAYBE(sys_mlockall);
MAYBE(sys_mmap);
MAYBE(sys_mmap_pgoff);
MAYBE(sys_mount);
MAYBE(sys_mprotect);
MAYBE(sys_mremap);
MAYBE(sys_msync);
MAYBE(sys_munlock);
MAYBE(sys_munlockall);
MAYBE(sys_munmap);
MAYBE(sys_nanosleep);
MAYBE(sys_newfstat);
MAYBE(sys_newfstatat);
MAYBE(sys_newlstat);
MAYBE(sys_newstat);
MAYBE(sys_nice);
MAYBE(sys_old_getrlimit);
MAYBE(sys_open);
MAYBE(sys_openat);
MAYBE(sys_pause);
MAYBE(sys_pipe);
MAYBE(sys_pipe2);
MAYBE(sys_poll);
MAYBE(sys_ppoll);
MAYBE(sys_prctl);
MAYBE(sys_pread64);
MAYBE(sys_preadv);
MAYBE(sys_prlimit64);
MAYBE(sys_pselect6);
MAYBE(sys_pwrite64);
MAYBE(sys_pwritev);
MAYBE(sys_read);
MAYBE(sys_readlink);
MAYBE(sys_readlinkat);
MAYBE(sys_readv);
MAYBE(sys_rename);
MAYBE(sys_renameat);
MAYBE(sys_renameat2);
MAYBE(sys_restart_syscall);
MAYBE(sys_rmdir);
MAYBE(sys_rseq);
MAYBE(sys_rt_sigaction);
MAYBE(sys_rt_sigpending);
MAYBE(sys_rt_sigprocmask);
MAYBE(sys_rt_sigsuspend);
MAYBE(sys_rt_sigtimedwait);
MAYBE(sys_rt_sigtimedwait_time64);
MAYBE(sys_sched_get_priority_max);
MAYBE(sys_sched_get_priority_min);
MAYBE(sys_sched_getaffinity);
MAYBE(sys_sched_getparam);
MAYBE(sys_sched_getscheduler);
MAYBE(sys_sched_setaffinity);
MAYBE(sys_sched_setparam);
MAYBE(sys_sched_setscheduler);
MAYBE(sys_sched_yield);
MAYBE(sys_select);
MAYBE(sys_sendfile);
MAYBE(sys_set_robust_list);
MAYBE(sys_set_tid_address);
MAYBE(sys_setfsgid);
MAYBE(sys_setfsuid);
MAYBE(sys_setgid);
MAYBE(sys_setgroups);
MAYBE(sys_sethostname);
MAYBE(sys_setitimer);
MAYBE(sys_setpgid);
MAYBE(sys_setpriority);
MAYBE(sys_setregid);
MAYBE(sys_setresgid);
MAYBE(sys_setresuid);
MAYBE(sys_setreuid);
MAYBE(sys_setrlimit);
MAYBE(sys_setsid);
MAYBE(sys_settimeofday);
MAYBE(sys_setuid);
MAYBE(sys_sgetmask);
MAYBE(sys_sigaction);
MAYBE(sys_sigaltstack);
MAYBE(sys_signal);
MAYBE(sys_sigpending);
MAYBE(sys_sigprocmask);
MAYBE(sys_sigsuspend);
MAYBE(sys_ssetmask);
MAYBE(sys_statfs);
MAYBE(sys_statx);
MAYBE(sys_stime);
MAYBE(sys_swapoff);
MAYBE(sys_swapon);
MAYBE(sys_symlink);
MAYBE(sys_symlinkat);
MAYBE(sys_sync);
MAYBE(sys_syncfs);
MAYBE(sys_sysinfo);
MAYBE(sys_tgkill);
MAYBE(sys_time);
MAYBE(sys_times);
MAYBE(sys_tkill);
MAYBE(sys_truncate);
MAYBE(sys_umask);
MAYBE(sys_umount);
MAYBE(sys_umount2);
MAYBE(sys_uname);
MAYBE(sys_unlink);
MAYBE(sys_unlinkat);
MAYBE(sys_utimensat);
MAYBE(sys_utimes);
MAYBE(sys_vfork);
MAYBE(sys_wait4);
MAYBE(sys_waitid);
MAYBE(sys_waitpid);
MAYBE(sys_write);
MAYBE(sys_writev);
