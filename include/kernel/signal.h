/* SPDX-License-Identifier: MIT */
/*
 * Signals: what is pending, blocked and handled (kernel/signal.c); frames are built in
 * arch/x86/kernel/signal_*.c.  Numbers, codes and siginfo are Linux's (linux/signal.h of
 * the user headers is not used in the kernel: its types change with the word size).
 */
#ifndef KERNEL_SIGNAL_H
#define KERNEL_SIGNAL_H

#include <kernel/types.h>

#define _NSIG		64
typedef u64 ksigset_t;			/* bit n - 1: signal n */
#define sigmask(n)	(1ull << ((n) - 1))

#define SIGHUP 1
#define SIGINT 2
#define SIGQUIT 3
#define SIGILL 4
#define SIGTRAP 5
#define SIGABRT 6
#define SIGBUS 7
#define SIGFPE 8
#define SIGKILL 9
#define SIGUSR1 10
#define SIGSEGV 11
#define SIGUSR2 12
#define SIGPIPE 13
#define SIGALRM 14
#define SIGTERM 15
#define SIGCHLD 17
#define SIGCONT 18
#define SIGSTOP 19
#define SIGTSTP 20
#define SIGTTIN 21
#define SIGTTOU 22
#define SIGURG 23
#define SIGWINCH 28
#define SIGSYS 31

#define SI_USER		0
#define SI_KERNEL	0x80
#define SI_TKILL	(-6)
#define SEGV_MAPERR	1
#define SEGV_ACCERR	2
#define BUS_ADRERR	2
#define ILL_ILLOPN	2
#define FPE_INTDIV	1
#define TRAP_BRKPT	1
#define TRAP_TRACE	2
#define CLD_EXITED	1
#define CLD_KILLED	2
#define CLD_DUMPED	3
#define CLD_STOPPED	5
#define CLD_CONTINUED	6

#define SA_NOCLDSTOP	0x00000001u
#define SA_NOCLDWAIT	0x00000002u
#define SA_SIGINFO	0x00000004u
#define SA_RESTORER	0x04000000u
#define SA_ONSTACK	0x08000000u
#define SA_RESTART	0x10000000u
#define SA_NODEFER	0x40000000u
#define SA_RESETHAND	0x80000000u

#define SS_ONSTACK_K	1
#define SS_DISABLE_K	2
#define MINSIGSTKSZ_K	2048

#define SIG_DFL_K	0ul
#define SIG_IGN_K	1ul

/* The part of siginfo that we fill in. */
struct ksiginfo {
	int signo, code, err;
	unsigned long addr;		/* faults */
	int pid;			/* kill, SIGCHLD */
	u32 uid;
	int status;			/* SIGCHLD */
};

struct ksigaction {
	unsigned long handler;		/* SIG_DFL_K, SIG_IGN_K, or a user address */
	unsigned long flags;		/* SA_* */
	unsigned long restorer;
	ksigset_t mask;
};

/* Handlers; shared by CLONE_SIGHAND. */
struct sighand_struct {
	int count;
	struct ksigaction action[_NSIG];
};

/*
 * Who sent what is pending: valid by the sets only.  Of signals from 32 on the first
 * SIG_RT_INFOS have room; more of them at a time arrive without it.
 */
#define SIG_RT_INFOS	4
struct signal_infos {
	struct ksiginfo low[32];
	struct ksiginfo rt[SIG_RT_INFOS];
};

struct signal_state {
	ksigset_t pending, blocked, saved_blocked;
	ksigset_t shared;		/* of a group leader: pending for any of its threads */
	ksigset_t waiting;		/* for these it sleeps in rt_sigtimedwait() */
	bool restore_blocked;		/* saved_blocked counts again after the next handler */
	bool reported;			/* the fault has been printed by who forced the signal */
	unsigned long altstack_sp, altstack_size;
	unsigned int altstack_flags;	/* SS_*_K */
	u8 rt_used, shared_rt_used;	/* bits: entries of rt[] in use */
	struct signal_infos info;	/* of pending signals */
	struct signal_infos shared_info;	/* the same of `shared` */
};

struct task_struct;
struct pt_regs;

/* Make it pending and wake whom it concerns; ignored ones are dropped.  Any context. */
void send_signal(struct task_struct *p, const struct ksiginfo *info);
void send_sig(int sig, struct task_struct *p);		/* SI_KERNEL */

/*
 * To a process: a thread that can take it is woken, any may have it; SIGKILL, SIGSTOP and what
 * SIGCONT does besides its handler concern all.
 */
void send_signal_group(struct task_struct *p, const struct ksiginfo *info);

/* To all members of a process group; how many there were. */
int kill_pgrp(int pgrp, int sig);

/* Would this signal, forced on p, end it?  Then an exception is worth a line. */
bool unhandled_signal(struct task_struct *p, int sig);

/* Ignored, or default and without effect. */
bool sig_ignored_by(struct task_struct *p, int sig);

/*
 * For an exception of current: cannot be ignored or blocked (then it kills).  If it will
 * kill (unhandled_signal()), the caller of force_sig_fault() has printed the fault.
 */
void force_sig_fault(int sig, int code, unsigned long addr);
void force_sig(int sig);				/* SI_KERNEL, address 0 */

#define signal_pending(p) (((p)->work & TIF_SIGPENDING) != 0)
bool fatal_signal_pending(struct task_struct *p);

/* After any change of pending or blocked: set or clear TIF_SIGPENDING of current. */
void recalc_sigpending(void);

/* Signals of the process that current does not take any more (blocked, or it ends): tell
 * another thread. */
void hand_over_signals(ksigset_t set);

/* All that is pending for p, its process's signals too. */
ksigset_t pending_signals(const struct task_struct *p);

/* Take a pending signal of `from` out; its number and info, 0: none. */
int dequeue_signal(ksigset_t from, struct ksiginfo *info);

/* exit_to_user(): deliver what is pending, or restart the interrupted call. */
void do_signal(struct pt_regs *regs);

/*
 * exec: handlers back to default, ignored stays, altstack gone.  Handlers shared with
 * another process must have been replaced before by unshare_sighand() (0, -ENOMEM).
 */
void signal_exec(struct task_struct *p);
void signal_default(struct sighand_struct *s);	/* the handlers alone */
int unshare_sighand(void);

/* fork: p's signals from current's; 0, or -ENOMEM (a kernel thread has no handlers). */
int signal_fork(struct task_struct *p, bool share_handlers);
struct sighand_struct *sighand_alloc(void);		/* all default; NULL: no memory */
void sighand_put(struct sighand_struct *s);		/* NULL is allowed */
void signal_init(void);

/* Arch: build the frame and point regs at the handler; false: bad stack (SIGSEGV). */
bool setup_rt_frame(const struct ksigaction *ka, const struct ksiginfo *info,
		    ksigset_t oldset, struct pt_regs *regs);
/* Arch: system-call result, and how to repeat the call. */
long syscall_result(const struct pt_regs *regs);
bool in_syscall(const struct pt_regs *regs);		/* orig_ax is a call that can restart */
void syscall_set_result(struct pt_regs *regs, long value);
void syscall_rewind(struct pt_regs *regs, bool restart_block);	/* ip - 2, ax = orig_ax */

#endif
