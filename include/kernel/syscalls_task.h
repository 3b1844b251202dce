/* SPDX-License-Identifier: MIT */
/*
 * System calls of kernel/: processes, signals, time, limits.  The man pages of section 2
 * are the contract.  Structures of `long` are declared here where the kernel's ABI
 * differs from the C library's; the same functions serve both modes, since "old" i386
 * structures are those of x86-64 with shorter words.  Calls whose i386 form carries 64-bit
 * times have a second function that ends in 64 (time64_k instead of time_k).
 */
#ifndef KERNEL_SYSCALLS_TASK_H
#define KERNEL_SYSCALLS_TASK_H

#include <kernel/types.h>

struct ksigaction;

struct timespec_k {			/* struct timespec with time_t = long */
	long sec, nsec;
};

struct timespec64_k {			/* struct __kernel_timespec */
	s64 sec, nsec;
};

struct timeval_k {
	long sec, usec;
};

struct itimerval_k {
	struct timeval_k interval, value;
};

struct rusage_u {			/* struct rusage */
	struct timeval_k utime, stime;
	long maxrss, ixrss, idrss, isrss, minflt, majflt, nswap, inblock, oublock;
	long msgsnd, msgrcv, nsignals, nvcsw, nivcsw;
};

struct rlimit_u {			/* struct rlimit: RLIM_INFINITY is ~0ul */
	unsigned long cur, max;
};

struct rlimit64_u {
	u64 cur, max;
};

struct stack_k {			/* stack_t */
	unsigned long sp;
	int flags;
	unsigned long size;
};

struct tms_k {
	long utime, stime, cutime, cstime;
};

struct utsname_k {
	char sysname[65], nodename[65], release[65], version[65], machine[65], domain[65];
};

/* include/uapi of Linux has it with a tail that depends on the word size. */
struct sysinfo_k {
	long uptime;
	unsigned long loads[3];
	unsigned long totalram, freeram, sharedram, bufferram, totalswap, freeswap;
	u16 procs, pad;
	unsigned long totalhigh, freehigh;
	u32 mem_unit;
	char tail[20 - 2 * sizeof(long) - sizeof(int)];
};

struct old_sigaction_k {		/* i386: sigaction(67) */
	unsigned long handler, mask, flags, restorer;
};

/* fork.c */
long sys_fork(void);
long sys_vfork(void);
/* Argument order of x86-64; i386 passes tls before child_tid. */
long sys_clone(unsigned long flags, unsigned long sp, int *parent_tid, int *child_tid,
	       unsigned long tls);
long sys_set_tid_address(int *tid);

struct clone_args;
long sys_clone3(struct clone_args *args, size_t size);

/* futex_calls.c, futex_robust.c */
long sys_futex(u32 *uaddr, int op, u32 value, const struct timespec_k *time, u32 *uaddr2,
	       u32 value3);
long sys32_futex_time64(u32 *uaddr, int op, u32 value, const struct timespec64_k *time,
			u32 *uaddr2, u32 value3);
long sys_set_robust_list(void *head, size_t n);
long sys_get_robust_list(int pid, void **head, size_t *n);

/* exit.c, wait.c */
long sys_exit(int status);
long sys_exit_group(int status);
long sys_wait4(int pid, int *status, int options, struct rusage_u *usage);
long sys_waitpid(int pid, int *status, int options);
long sys_waitid(int which, int id, void *info, int options, struct rusage_u *usage);

/* sys.c: who a task is */
long sys_getpid(void);
long sys_gettid(void);
long sys_getppid(void);
long sys_getpgrp(void);
long sys_getpgid(int pid);
long sys_setpgid(int pid, int pgid);
long sys_getsid(int pid);
long sys_setsid(void);
/* cred.c */
struct __user_cap_header_struct;
struct __user_cap_data_struct;
long sys_capget(struct __user_cap_header_struct *header, struct __user_cap_data_struct *data);
long sys_capset(struct __user_cap_header_struct *header,
		const struct __user_cap_data_struct *data);
long sys_getuid(void);
long sys_geteuid(void);
long sys_getgid(void);
long sys_getegid(void);
long sys_setuid(u32 uid);
long sys_setgid(u32 gid);
long sys_setreuid(u32 ruid, u32 euid);
long sys_setregid(u32 rgid, u32 egid);
long sys_setresuid(u32 ruid, u32 euid, u32 suid);
long sys_setresgid(u32 rgid, u32 egid, u32 sgid);
long sys_getresuid(u32 *ruid, u32 *euid, u32 *suid);
long sys_getresgid(u32 *rgid, u32 *egid, u32 *sgid);
long sys_setfsuid(u32 uid);
long sys_setfsgid(u32 gid);
long sys_getgroups(int n, u32 *list);
long sys_setgroups(int n, const u32 *list);
long sys_uname(struct utsname_k *name);
long sys_sethostname(const char *name, long n);
long sys_syslog(int action, char *buf, int n);
long sys_sysinfo(struct sysinfo_k *info);
long sys_prctl(int option, unsigned long a, unsigned long b, unsigned long c, unsigned long d);
long sys_getrandom(char *buf, size_t n, unsigned flags);
long sys_rseq(void);
long sys_membarrier(void);
long sys_getcpu(u32 *cpu, u32 *node, void *unused);

/* sys_sched.c: priorities and policies */
long sys_sched_yield(void);
long sys_nice(int increment);
long sys_getpriority(int which, int who);
long sys_setpriority(int which, int who, int nice);
long sys_sched_getaffinity(int pid, unsigned n, unsigned long *mask);
long sys_sched_setaffinity(int pid, unsigned n, const unsigned long *mask);
long sys_sched_setscheduler(int pid, int policy, const int *priority);
long sys_sched_getscheduler(int pid);
long sys_sched_setparam(int pid, const int *priority);
long sys_sched_getparam(int pid, int *priority);
long sys_sched_get_priority_max(int policy);
long sys_sched_get_priority_min(int policy);

/* rlimit.c */
long sys_getrlimit(unsigned resource, struct rlimit_u *limit);
long sys_old_getrlimit(unsigned resource, struct rlimit_u *limit);	/* i386: clamped */
long sys_setrlimit(unsigned resource, const struct rlimit_u *limit);
long sys_prlimit64(int pid, unsigned resource, const struct rlimit64_u *new,
		   struct rlimit64_u *old);
long sys_getrusage(int who, struct rusage_u *usage);
long sys_times(struct tms_k *tms);

/* time_calls.c */
long sys_time(long *t);
long sys_stime(const long *t);
long sys_gettimeofday(struct timeval_k *tv, int *tz);
long sys_settimeofday(const struct timeval_k *tv, const int *tz);
long sys_clock_gettime(int clock, struct timespec_k *ts);
long sys_clock_gettime64(int clock, struct timespec64_k *ts);
long sys_clock_settime(int clock, const struct timespec_k *ts);
long sys_clock_settime64(int clock, const struct timespec64_k *ts);
long sys_clock_getres(int clock, struct timespec_k *ts);
long sys_clock_getres_time64(int clock, struct timespec64_k *ts);
long sys_nanosleep(const struct timespec_k *req, struct timespec_k *rem);
long sys_clock_nanosleep(int clock, int flags, const struct timespec_k *req,
			 struct timespec_k *rem);
long sys_clock_nanosleep_time64(int clock, int flags, const struct timespec64_k *req,
				struct timespec64_k *rem);
long sys_restart_syscall(void);
long sys_alarm(unsigned seconds);
long sys_setitimer(int which, const struct itimerval_k *new, struct itimerval_k *old);
long sys_getitimer(int which, struct itimerval_k *old);

/* sys_signal.c */
long sys_kill(int pid, int sig);
long sys_tkill(int tid, int sig);
long sys_tgkill(int tgid, int tid, int sig);
long sys_rt_sigaction(int sig, const struct ksigaction *new, struct ksigaction *old, size_t n);
long sys_rt_sigprocmask(int how, const u64 *set, u64 *old, size_t n);
long sys_rt_sigpending(u64 *set, size_t n);
long sys_rt_sigsuspend(const u64 *set, size_t n);
long sys_rt_sigtimedwait(const u64 *set, void *info, const struct timespec_k *timeout, size_t n);
long sys_rt_sigtimedwait_time64(const u64 *set, void *info, const struct timespec64_k *timeout,
				size_t n);
long sys_sigaltstack(const struct stack_k *new, struct stack_k *old);
long sys_pause(void);
/* i386 only: masks of one word */
long sys_sigaction(int sig, const struct old_sigaction_k *new, struct old_sigaction_k *old);
long sys_sigprocmask(int how, const unsigned long *set, unsigned long *old);
long sys_sigpending(unsigned long *set);
long sys_sigsuspend(unsigned long unused1, unsigned long unused2, unsigned long mask);
long sys_signal(int sig, unsigned long handler);
long sys_sgetmask(void);
long sys_ssetmask(unsigned long mask);

#endif
