/* SPDX-License-Identifier: MIT */
/*
 * System calls about signals.  The kernel's sigset_t has 64 bits in both modes; the old
 * i386 calls see the low 32.
 */
#include <asm/irqflags.h>
#include <asm/ptrace.h>
#include <asm/uaccess.h>
#include <kernel/sched.h>
#include <kernel/syscalls.h>
#include <kernel/time.h>
#include <linux/capability.h>
#include <linux/reboot.h>
#include <linux/time.h>

#define SIG_BLOCK_K	0
#define SIG_UNBLOCK_K	1
#define SIG_SETMASK_K	2
#define UNBLOCKABLE	(sigmask(SIGKILL) | sigmask(SIGSTOP))

/* ---- sending ----------------------------------------------------------------------- */

static bool may_signal(const struct task_struct *p, int sig)
{
	return current->euid == p->uid || current->euid == p->suid ||
	       current->uid == p->uid || current->uid == p->suid || capable(CAP_KILL) ||
	       (sig == SIGCONT && current->session == p->session);
}

static struct ksiginfo user_info(int sig, int code)
{
	return (struct ksiginfo){ .signo = sig, .code = code, .pid = current->tgid,
				  .uid = current->uid };
}

static long signal_process(struct task_struct *p, int sig)
{
	const struct ksiginfo info = user_info(sig, SI_USER);

	if (!may_signal(p, sig))
		return -EPERM;
	if (sig)
		send_signal_group(p, &info);
	return 0;
}

/* pgrp 0: every process but the first and the caller's own. */
static long signal_many(int pgrp, int sig)
{
	struct task_struct *p;
	long ret = -ESRCH, err;

	for_each_task(p) {
		if (p != p->group_leader || p->flags & PF_KTHREAD)
			continue;
		if (pgrp ? p->pgrp != pgrp : p->pid == 1 || p == current->group_leader)
			continue;
		err = signal_process(p, sig);
		if (ret)
			ret = err;
	}
	return ret;
}

/*
 * Process 1 takes no signals, but those by which BusyBox's halt, poweroff and reboot ask an
 * init (without -f) end the run, in the name of who sends them.
 */
static long ask_init(int sig)
{
	u32 what = sig == SIGUSR1 ? LINUX_REBOOT_CMD_HALT :
		   sig == SIGUSR2 ? LINUX_REBOOT_CMD_POWER_OFF :
		   sig == SIGTERM ? LINUX_REBOOT_CMD_RESTART : 0;

	return what ? sys_reboot(LINUX_REBOOT_MAGIC1, LINUX_REBOOT_MAGIC2, what, NULL) : 0;
}

long sys_kill(int pid, int sig)
{
	struct task_struct *p;
	long ret;

	if (sig < 0 || sig > _NSIG)
		return -EINVAL;
	if (pid <= 0)
		return signal_many(pid == -1 ? 0 : pid ? -pid : current->pgrp, sig);
	p = find_task(pid);
	if (!p)
		return -ESRCH;
	ret = signal_process(p->group_leader, sig);
	return !ret && pid == 1 ? ask_init(sig) : ret;
}

static long signal_thread(int tgid, int tid, int sig)
{
	const struct ksiginfo info = user_info(sig, SI_TKILL);
	struct task_struct *p;

	if (tid <= 0 || sig < 0 || sig > _NSIG)
		return -EINVAL;
	p = find_task(tid);
	if (!p || (tgid && p->tgid != tgid))
		return -ESRCH;
	if (!may_signal(p, sig))
		return -EPERM;
	if (!sig)
		return 0;
	if (sigmask(sig) & UNBLOCKABLE)
		send_signal_group(p->group_leader, &info);
	else
		send_signal(p, &info);
	return 0;
}

long sys_tkill(int tid, int sig)
{
	return signal_thread(0, tid, sig);
}

long sys_tgkill(int tgid, int tid, int sig)
{
	return tgid > 0 ? signal_thread(tgid, tid, sig) : -EINVAL;
}

/* ---- handlers ---------------------------------------------------------------------- */

/* A signal that becomes ignored is not pending any more. */
static void drop_ignored(int sig)
{
	struct task_struct *p = current;
	unsigned long irq;

	if (!sig_ignored_by(current, sig))
		return;
	irq = local_irq_save();
	current->group_leader->signal.shared &= ~sigmask(sig);
	do {
		p->signal.pending &= ~sigmask(sig);
		p = next_thread(p);
	} while (p != current);
	local_irq_restore(irq);
	recalc_sigpending();
}

static long set_action(int sig, const struct ksigaction *new, struct ksigaction *old)
{
	struct ksigaction *ka;

	if (sig < 1 || sig > _NSIG || (new && sigmask(sig) & UNBLOCKABLE))
		return -EINVAL;
	ka = &current->sighand->action[sig - 1];
	*old = *ka;
	if (new) {
		*ka = *new;
		ka->mask &= ~UNBLOCKABLE;
		drop_ignored(sig);
	}
	return 0;
}

long sys_rt_sigaction(int sig, const struct ksigaction *new, struct ksigaction *old, size_t n)
{
	struct ksigaction ka, before;
	long ret;

	if (n != sizeof(ksigset_t))
		return -EINVAL;
	if (new && copy_from_user(&ka, new, sizeof(ka)))
		return -EFAULT;
	ret = set_action(sig, new ? &ka : NULL, &before);
	if (!ret && old && copy_to_user(old, &before, sizeof(before)))
		return -EFAULT;
	return ret;
}

long sys_sigaction(int sig, const struct old_sigaction_k *new, struct old_sigaction_k *old)
{
	struct old_sigaction_k o;
	struct ksigaction ka, before;
	long ret;

	if (new) {
		if (copy_from_user(&o, new, sizeof(o)))
			return -EFAULT;
		ka = (struct ksigaction){ .handler = o.handler, .flags = o.flags,
					  .restorer = o.restorer, .mask = o.mask };
	}
	ret = set_action(sig, new ? &ka : NULL, &before);
	if (ret || !old)
		return ret;
	o = (struct old_sigaction_k){ .handler = before.handler, .flags = before.flags,
				      .restorer = before.restorer, .mask = before.mask };
	return copy_to_user(old, &o, sizeof(o)) ? -EFAULT : 0;
}

long sys_signal(int sig, unsigned long handler)
{
	const struct ksigaction ka = { .handler = handler,
				       .flags = SA_RESETHAND | SA_NODEFER };
	struct ksigaction before;
	long ret = set_action(sig, &ka, &before);

	return ret ? ret : (long)before.handler;
}

/* ---- masks ------------------------------------------------------------------------- */

static void set_blocked(ksigset_t set)
{
	ksigset_t newly = set & ~UNBLOCKABLE & ~current->signal.blocked;

	current->signal.blocked = set & ~UNBLOCKABLE;
	recalc_sigpending();
	hand_over_signals(newly);
}

static long change_mask(int how, ksigset_t set)
{
	ksigset_t blocked = current->signal.blocked;

	switch (how) {
	case SIG_BLOCK_K:
		set |= blocked;
		break;
	case SIG_UNBLOCK_K:
		set = blocked & ~set;
		break;
	case SIG_SETMASK_K:
		break;
	default:
		return -EINVAL;
	}
	set_blocked(set);
	return 0;
}

long sys_rt_sigprocmask(int how, const u64 *set, u64 *old, size_t n)
{
	ksigset_t before = current->signal.blocked, new;
	long ret = 0;

	if (n != sizeof(ksigset_t))
		return -EINVAL;
	if (set) {
		if (copy_from_user(&new, set, sizeof(new)))
			return -EFAULT;
		ret = change_mask(how, new);
	}
	if (!ret && old && copy_to_user(old, &before, sizeof(before)))
		return -EFAULT;
	return ret;
}

long sys_sigprocmask(int how, const unsigned long *set, unsigned long *old)
{
	ksigset_t before = current->signal.blocked, high = before & ~(u64)0xffffffff;
	unsigned long new;
	long ret = 0;

	if (set) {
		if (get_user(new, set))
			return -EFAULT;
		ret = change_mask(how, how == SIG_SETMASK_K ? high | (u32)new : (u32)new);
	}
	if (!ret && old)
		ret = put_user((unsigned long)(u32)before, old);
	return ret;
}

long sys_sgetmask(void)
{
	return (long)(u32)current->signal.blocked;
}

long sys_ssetmask(unsigned long mask)
{
	long before = sys_sgetmask();

	set_blocked((u32)mask);
	return before;
}

long sys_rt_sigpending(u64 *set, size_t n)
{
	ksigset_t pending = pending_signals(current) & current->signal.blocked;

	if (n > sizeof(pending))
		return -EINVAL;
	return copy_to_user(set, &pending, n) ? -EFAULT : 0;
}

long sys_sigpending(unsigned long *set)
{
	ksigset_t pending = pending_signals(current) & current->signal.blocked;

	return put_user((unsigned long)(u32)pending, set);
}

/* ---- waiting ----------------------------------------------------------------------- */

/* With another mask, until a handler has run; the old mask counts again after that. */
static long suspend(ksigset_t set)
{
	current->signal.saved_blocked = current->signal.blocked;
	set_blocked(set);
	do {
		set_current_state(TASK_INTERRUPTIBLE);
		schedule();
	} while (!signal_pending(current));
	current->signal.restore_blocked = true;
	return -ERESTARTNOHAND;
}

long sys_rt_sigsuspend(const u64 *set, size_t n)
{
	ksigset_t new;

	if (n != sizeof(new))
		return -EINVAL;
	if (copy_from_user(&new, set, sizeof(new)))
		return -EFAULT;
	return suspend(new);
}

long sys_sigsuspend(unsigned long unused1, unsigned long unused2, unsigned long mask)
{
	return suspend((u32)mask);
}

long sys_pause(void)
{
	do {
		set_current_state(TASK_INTERRUPTIBLE);
		schedule();
	} while (!signal_pending(current));
	return -ERESTARTNOHAND;
}

/* siginfo_t of a signal that somebody sent; the rest of it stays as it was. */
static int put_info(int *to, const struct ksiginfo *info)
{
	int words[8] = { info->signo, info->err, info->code };
	unsigned at = sizeof(long) == 8 ? 4 : 3;

	words[at] = info->pid;
	words[at + 1] = (int)info->uid;
	words[at + 2] = info->status;
	return copy_to_user(to, words, (at + 3) * sizeof(int)) ? -EFAULT : 0;
}

/* Signals that are waited for stay pending, blocked, ignored or not, and end the wait. */
static long wait_for_signal(ksigset_t set, void *to, u64 until)
{
	struct ksiginfo info;
	int sig;

	set &= ~UNBLOCKABLE;
	sig = dequeue_signal(set, &info);
	if (!sig && until) {
		current->signal.waiting = set;
		set_current_state(TASK_INTERRUPTIBLE);
		schedule_until(until);
		current->signal.waiting = 0;
		sig = dequeue_signal(set, &info);
	}
	if (!sig)
		return signal_pending(current) ? -EINTR : -EAGAIN;
	if (to && put_info(to, &info))
		return -EFAULT;
	return sig;
}

static long sigtimedwait(const u64 *set, void *info, bool limited, s64 sec, s64 nsec, size_t n)
{
	ksigset_t wanted;
	u64 until = KTIME_NEVER;

	if (n != sizeof(wanted))
		return -EINVAL;
	if (copy_from_user(&wanted, set, sizeof(wanted)))
		return -EFAULT;
	if (limited) {
		if (sec < 0 || nsec < 0 || nsec >= (s64)NSEC_PER_SEC)
			return -EINVAL;
		if (!sec && !nsec)
			until = 0;
		else if (sec < 1000000000)
			until = ktime_ns() + (u64)sec * NSEC_PER_SEC + (u64)nsec;
	}
	return wait_for_signal(wanted, info, until);
}

long sys_rt_sigtimedwait(const u64 *set, void *info, const struct timespec_k *timeout, size_t n)
{
	struct timespec_k ts = { 0, 0 };

	if (timeout && copy_from_user(&ts, timeout, sizeof(ts)))
		return -EFAULT;
	return sigtimedwait(set, info, timeout != NULL, ts.sec, ts.nsec, n);
}

long sys_rt_sigtimedwait_time64(const u64 *set, void *info, const struct timespec64_k *timeout,
				size_t n)
{
	struct timespec64_k ts = { 0, 0 };

	if (timeout && copy_from_user(&ts, timeout, sizeof(ts)))
		return -EFAULT;
	return sigtimedwait(set, info, timeout != NULL, ts.sec, ts.nsec, n);
}

/* ---- the alternate stack ----------------------------------------------------------- */

static bool on_altstack(const struct signal_state *s)
{
	unsigned long sp = regs_sp(current_pt_regs());

	return s->altstack_size && sp - s->altstack_sp - 1 < s->altstack_size;
}

long sys_sigaltstack(const struct stack_k *new, struct stack_k *old)
{
	struct signal_state *s = &current->signal;
	bool in_use = on_altstack(s);
	struct stack_k before = {
		.sp = s->altstack_sp,
		.size = s->altstack_size,
		.flags = s->altstack_size ? (in_use ? SS_ONSTACK_K : 0) : SS_DISABLE_K,
	}, k;

	if (new) {
		if (copy_from_user(&k, new, sizeof(k)))
			return -EFAULT;
		if (in_use)
			return -EPERM;
		if (k.flags && k.flags != SS_DISABLE_K && k.flags != SS_ONSTACK_K)
			return -EINVAL;
		if (k.flags != SS_DISABLE_K && k.size < MINSIGSTKSZ_K)
			return -ENOMEM;
		s->altstack_sp = k.flags == SS_DISABLE_K ? 0 : k.sp;
		s->altstack_size = k.flags == SS_DISABLE_K ? 0 : k.size;
		s->altstack_flags = k.flags == SS_DISABLE_K ? SS_DISABLE_K : 0;
	}
	return old && copy_to_user(old, &before, sizeof(before)) ? -EFAULT : 0;
}
