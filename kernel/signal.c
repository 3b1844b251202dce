/* SPDX-License-Identifier: MIT */
/*
 * Signals (Mauerer ch. 5.4): sending, and delivering on the way back to ring 3.
 *
 * What is pending belongs to a task, or to its process: then it stands in the group leader
 * (who exists, as a zombie at least, while there are threads), and who looks first gets it.
 * TIF_SIGPENDING says that something pending is not blocked; it is what ends interruptible
 * sleeps, and of a process's threads one gets it.  Interrupts send
 * signals too, so pending sets are changed with interrupts off.
 */
#include <asm/irqflags.h>
#include <asm/ptrace.h>
#include <kernel/jobctl.h>
#include <kernel/kernel.h>
#include <kernel/printk.h>
#include <kernel/sched.h>
#include <kernel/string.h>
#include <kernel/wait.h>
#include <mm/mmap.h>
#include <mm/slab.h>
#include <linux/resource.h>

#define SIG_STOPS	(sigmask(SIGSTOP) | sigmask(SIGTSTP) | sigmask(SIGTTIN) | \
			 sigmask(SIGTTOU))
#define SIG_NO_ACTION	(sigmask(SIGCHLD) | sigmask(SIGCONT) | sigmask(SIGURG) | \
			 sigmask(SIGWINCH))
/* wait4 says "core dumped" of these if RLIMIT_CORE allows it; worth a line in any case. */
#define SIG_FAULTS	(sigmask(SIGQUIT) | sigmask(SIGILL) | sigmask(SIGTRAP) | \
			 sigmask(SIGABRT) | sigmask(SIGBUS) | sigmask(SIGFPE) | \
			 sigmask(SIGSEGV) | sigmask(SIGSYS))
#define SIG_UNBLOCKABLE	(sigmask(SIGKILL) | sigmask(SIGSTOP))
/* The order of delivery: faults of the current instruction first. */
#define SIG_SYNCHRONOUS	(sigmask(SIGSEGV) | sigmask(SIGBUS) | sigmask(SIGILL) | \
			 sigmask(SIGTRAP) | sigmask(SIGFPE) | sigmask(SIGSYS))

static struct kmem_cache *sighand_cache;

/* ---- handlers ---------------------------------------------------------------------- */

void signal_init(void)
{
	sighand_cache = kmem_cache_create("sighand_struct", sizeof(struct sighand_struct), 0,
					  SLAB_PANIC, NULL);
}

struct sighand_struct *sighand_alloc(void)
{
	struct sighand_struct *s = kmem_cache_zalloc(sighand_cache, GFP_KERNEL);

	if (s)
		s->count = 1;
	return s;
}

void sighand_put(struct sighand_struct *s)
{
	if (s && --s->count == 0)
		kmem_cache_free(sighand_cache, s);
}

static struct sighand_struct *sighand_dup(const struct sighand_struct *old)
{
	struct sighand_struct *s = kmem_cache_alloc(sighand_cache, GFP_KERNEL);

	if (s) {
		memcpy(s, old, sizeof(*s));
		s->count = 1;
	}
	return s;
}

int signal_fork(struct task_struct *p, bool share_handlers)
{
	struct signal_state *s = &p->signal;

	memset(s, 0, offsetof(struct signal_state, info));
	s->altstack_flags = SS_DISABLE_K;
	s->blocked = current->signal.blocked;
	if (!share_handlers) {
		s->altstack_sp = current->signal.altstack_sp;
		s->altstack_size = current->signal.altstack_size;
		s->altstack_flags = current->signal.altstack_flags;
	}
	if (!current->sighand)
		p->sighand = sighand_alloc();
	else if (share_handlers)
		(p->sighand = current->sighand)->count++;
	else
		p->sighand = sighand_dup(current->sighand);
	return p->sighand ? 0 : -ENOMEM;
}

int unshare_sighand(void)
{
	struct sighand_struct *old = current->sighand, *new;

	if (old && old->count == 1)
		return 0;
	new = old ? sighand_dup(old) : sighand_alloc();
	if (!new)
		return -ENOMEM;
	current->sighand = new;
	sighand_put(old);
	return 0;
}

void signal_default(struct sighand_struct *s)
{
	struct ksigaction *ka = s->action;
	int i;

	for (i = 0; i < _NSIG; i++) {
		if (ka[i].handler != SIG_IGN_K)
			ka[i].handler = SIG_DFL_K;
		ka[i].flags = 0;
		ka[i].restorer = 0;
		ka[i].mask = 0;
	}
}

void signal_exec(struct task_struct *p)
{
	signal_default(p->sighand);
	p->signal.altstack_sp = 0;
	p->signal.altstack_size = 0;
	p->signal.altstack_flags = SS_DISABLE_K;
}

/* ---- what is pending --------------------------------------------------------------- */

/* Of a set that is not empty. */
static int lowest_signal(ksigset_t set)
{
	return (u32)set ? __builtin_ctz((u32)set) + 1 : __builtin_ctz((u32)(set >> 32)) + 33;
}

ksigset_t pending_signals(const struct task_struct *p)
{
	return p->signal.pending | p->group_leader->signal.shared;
}

static void update_sigpending(struct task_struct *p)
{
	if (pending_signals(p) & ~p->signal.blocked)
		work_set(&p->work, TIF_SIGPENDING);
	else
		work_clear(&p->work, TIF_SIGPENDING);
}

void recalc_sigpending(void)
{
	unsigned long irq = local_irq_save();

	update_sigpending(current);
	local_irq_restore(irq);
}

bool fatal_signal_pending(struct task_struct *p)
{
	return (p->signal.pending & sigmask(SIGKILL)) != 0;
}

bool sig_ignored_by(struct task_struct *p, int sig)
{
	unsigned long handler = p->sighand->action[sig - 1].handler;

	return handler == SIG_IGN_K ||
	       (handler == SIG_DFL_K && sigmask(sig) & SIG_NO_ACTION);
}

bool unhandled_signal(struct task_struct *p, int sig)
{
	if (!p->sighand)
		return false;
	return p->sighand->action[sig - 1].handler <= SIG_IGN_K ||
	       p->signal.blocked & sigmask(sig);
}

/* Of a signal that is not in `set` yet. */
static void store_info(struct signal_infos *q, u8 *used, ksigset_t set,
		       const struct ksiginfo *info)
{
	int i;

	if (info->signo < 32) {
		q->low[info->signo] = *info;
		return;
	}
	for (i = 0; i < SIG_RT_INFOS; i++) {
		if (*used >> i & 1 && set & sigmask(q->rt[i].signo))
			continue;
		q->rt[i] = *info;
		*used |= (u8)(1 << i);
		return;
	}
}

static void take_info(struct signal_infos *q, u8 *used, int sig, struct ksiginfo *info)
{
	int i;

	*info = (struct ksiginfo){ .signo = sig };
	if (sig < 32)
		*info = q->low[sig];
	for (i = 0; sig >= 32 && i < SIG_RT_INFOS; i++) {
		if (!(*used >> i & 1) || q->rt[i].signo != sig)
			continue;
		*info = q->rt[i];
		*used &= (u8)~(1 << i);
		return;
	}
}

static void add_pending(struct task_struct *p, const struct ksiginfo *info)
{
	int sig = info->signo;

	if (p->signal.pending & sigmask(sig))
		return;
	store_info(&p->signal.info, &p->signal.rt_used, p->signal.pending, info);
	p->signal.pending |= sigmask(sig);
}

/* Interrupts off.  Stop and continue cancel each other, whoever ignores them. */
static void prepare_stop_cont(struct task_struct *p, int sig)
{
	if (sig == SIGCONT) {
		p->signal.pending &= ~SIG_STOPS;
		if (wake_up_state(p, TASK_STOPPED)) {
			p->stop_code = 0;
			p->continued = true;
			notify_parent(p->group_leader, CLD_CONTINUED, SIGCONT);
		}
	} else if (sigmask(sig) & SIG_STOPS) {
		p->signal.pending &= ~sigmask(SIGCONT);
	}
}

void send_signal(struct task_struct *p, const struct ksiginfo *info)
{
	int sig = info->signo;
	unsigned long irq = local_irq_save();

	if (p->flags & (PF_KTHREAD | PF_EXITING) || !p->sighand || sig < 1 || sig > _NSIG)
		goto out;
	prepare_stop_cont(p, sig);
	if (sig_ignored_by(p, sig) && !((p->signal.blocked | p->signal.waiting) & sigmask(sig)))
		goto out;
	add_pending(p, info);
	if (p->signal.waiting & sigmask(sig))
		wake_up_state(p, TASK_INTERRUPTIBLE);
	if (p->signal.blocked & sigmask(sig))
		goto out;
	work_set(&p->work, TIF_SIGPENDING);
	if (sig == SIGKILL)
		wake_up_state(p, TASK_INTERRUPTIBLE | TASK_UNINTERRUPTIBLE | TASK_STOPPED);
	else
		wake_up_state(p, TASK_INTERRUPTIBLE);
out:
	local_irq_restore(irq);
}

void send_sig(int sig, struct task_struct *p)
{
	const struct ksiginfo info = { .signo = sig, .code = SI_KERNEL };

	send_signal_group(p, &info);
}

/* Interrupts off.  A thread that would take this signal at once, or NULL. */
static struct task_struct *taker(struct task_struct *leader, u64 mask)
{
	struct task_struct *p = leader;

	do {
		if (!(p->flags & PF_EXITING) &&
		    (!(p->signal.blocked & mask) || p->signal.waiting & mask))
			return p;
		p = next_thread(p);
	} while (p != leader);
	return NULL;
}

static void wake_taker(struct task_struct *p)
{
	if (!p)
		return;
	work_set(&p->work, TIF_SIGPENDING);
	wake_up_state(p, TASK_INTERRUPTIBLE);
}

/* Interrupts off.  A thread whose handlers can be looked at: the leader may have ended. */
static struct task_struct *living_thread(struct task_struct *leader)
{
	struct task_struct *p = leader;

	while (p->flags & PF_EXITING || !p->sighand) {
		p = next_thread(p);
		if (p == leader)
			return NULL;
	}
	return p->flags & PF_KTHREAD ? NULL : p;
}

/* Interrupts off. */
static void send_shared(struct task_struct *leader, const struct ksiginfo *info)
{
	struct signal_state *s = &leader->signal;
	struct task_struct *p = living_thread(leader), *to;
	u64 mask = sigmask(info->signo);

	if (!p || info->signo < 1 || info->signo > _NSIG)
		return;
	to = taker(leader, mask);
	if (sig_ignored_by(p, info->signo) && to && !(to->signal.waiting & mask) &&
	    !(leader->signal.blocked & mask))
		return;
	if (!(s->shared & mask)) {
		store_info(&s->shared_info, &s->shared_rt_used, s->shared, info);
		s->shared |= mask;
	}
	wake_taker(to);
}

void send_signal_group(struct task_struct *p, const struct ksiginfo *info)
{
	struct task_struct *leader = p->group_leader;
	unsigned long irq = local_irq_save();
	int sig = info->signo;
	bool all = sig == SIGKILL || sig == SIGSTOP;

	if (sigmask(sig) & SIG_STOPS)
		leader->signal.shared &= ~sigmask(SIGCONT);
	else if (sig == SIGCONT)
		leader->signal.shared &= ~SIG_STOPS;
	p = leader;
	do {
		if (all)
			send_signal(p, info);
		else
			prepare_stop_cont(p, sig);
		p = next_thread(p);
	} while (p != leader);
	if (!all)
		send_shared(leader, info);
	local_irq_restore(irq);
}

void hand_over_signals(ksigset_t set)
{
	struct task_struct *leader = current->group_leader;
	unsigned long irq = local_irq_save();
	ksigset_t left;
	int sig;

	for (left = leader->signal.shared & set; left; left &= left - 1) {
		sig = lowest_signal(left);
		wake_taker(taker(leader, sigmask(sig)));
	}
	local_irq_restore(irq);
}

int kill_pgrp(int pgrp, int sig)
{
	const struct ksiginfo info = { .signo = sig, .code = SI_KERNEL };
	unsigned long irq = local_irq_save();
	struct task_struct *p;
	int n = 0;

	for_each_task(p) {
		if (p->pgrp != pgrp || p != p->group_leader)
			continue;
		n++;
		send_signal_group(p, &info);
	}
	local_irq_restore(irq);
	return n;
}

/* Of current, for what it did itself. */
static void force_info(const struct ksiginfo *info, bool reported)
{
	struct ksigaction *ka = &current->sighand->action[info->signo - 1];
	u64 mask = sigmask(info->signo);
	unsigned long irq = local_irq_save();

	if (current->signal.blocked & mask || ka->handler == SIG_IGN_K) {
		ka->handler = SIG_DFL_K;
		current->signal.blocked &= ~mask;
	}
	current->signal.pending &= ~mask;
	add_pending(current, info);
	current->signal.reported = reported && ka->handler == SIG_DFL_K;
	update_sigpending(current);
	local_irq_restore(irq);
}

void force_sig_fault(int sig, int code, unsigned long addr)
{
	const struct ksiginfo info = { .signo = sig, .code = code, .addr = addr };

	force_info(&info, true);
}

void force_sig(int sig)
{
	const struct ksiginfo info = { .signo = sig, .code = SI_KERNEL };

	force_info(&info, false);
}

/* ---- delivery ---------------------------------------------------------------------- */

/* The next signal of current, with its info taken out; 0: none. */
int dequeue_signal(ksigset_t from, struct ksiginfo *info)
{
	struct signal_state *s = &current->signal, *group = &current->group_leader->signal;
	unsigned long irq = local_irq_save();
	ksigset_t ready = (s->pending | group->shared) & from;
	int sig = 0;

	if (ready) {
		if (ready & sigmask(SIGKILL))
			ready = sigmask(SIGKILL);
		else if (ready & SIG_SYNCHRONOUS)
			ready &= SIG_SYNCHRONOUS;
		sig = lowest_signal(ready);
		if (s->pending & sigmask(sig)) {
			s->pending &= ~sigmask(sig);
			take_info(&s->info, &s->rt_used, sig, info);
		} else {
			group->shared &= ~sigmask(sig);
			take_info(&group->shared_info, &group->shared_rt_used, sig, info);
		}
	}
	update_sigpending(current);
	local_irq_restore(irq);
	return sig;
}

static void do_stop(int sig)
{
	unsigned long irq;

	current->stop_code = sig;
	current->continued = false;
	irq = local_irq_save();
	current->state = TASK_STOPPED;
	if (fatal_signal_pending(current))
		current->state = TASK_RUNNING;
	else if (current == current->group_leader)
		notify_parent(current, CLD_STOPPED, sig);
	local_irq_restore(irq);
	schedule();
}

/* One thread has taken the signal; a process stops as a whole. */
static void stop_other_threads(int sig)
{
	const struct ksiginfo stop = { .signo = SIGSTOP, .code = SI_KERNEL, .status = sig };
	struct task_struct *p;

	for (p = next_thread(current); p != current; p = next_thread(p))
		if (p->state != TASK_STOPPED && !(p->signal.pending & sigmask(SIGSTOP)))
			send_signal(p, &stop);
}

/* The fault itself has been printed where it happened, with registers and address. */
static void report_kill(int sig, const struct ksiginfo *info)
{
	if (current->signal.reported || current->flags & PF_GROUP_EXIT)
		return;
	if (!(sigmask(sig) & (SIG_FAULTS | sigmask(SIGKILL))))
		return;
	if (info->code == SI_USER || info->code == SI_TKILL)
		pr_notice("%s[%d]: killed by signal %d from process %d\n", current->comm,
			  current->pid, sig, info->pid);
	else
		pr_notice("%s[%d]: killed by signal %d\n", current->comm, current->pid, sig);
}

static void default_action(int sig, const struct ksiginfo *info)
{
	u64 mask = sigmask(sig);

	if (mask & SIG_NO_ACTION)
		return;
	if (mask & SIG_STOPS & ~sigmask(SIGSTOP) && pgrp_is_orphaned(current->pgrp))
		return;
	if (mask & SIG_STOPS) {
		sig = info->status ? info->status : sig;	/* another thread has taken it */
		stop_other_threads(sig);
		do_stop(sig);
		return;
	}
	report_kill(sig, info);
	current->flags |= PF_SIGNALED;
	do_group_exit(sig | (mask & SIG_FAULTS && rlimit_cur(RLIMIT_CORE) ? 0x80 : 0));
}

/* A handler will run: does the interrupted call fail or start again afterwards? */
static void fix_restart_for_handler(struct pt_regs *regs, unsigned long flags)
{
	if (!in_syscall(regs))
		return;
	switch (-syscall_result(regs)) {
	case ERESTART_RESTARTBLOCK:
	case ERESTARTNOHAND:
		syscall_set_result(regs, -EINTR);
		break;
	case ERESTARTSYS:
		if (!(flags & SA_RESTART)) {
			syscall_set_result(regs, -EINTR);
			break;
		}
		syscall_rewind(regs, false);
		break;
	case ERESTARTNOINTR:
		syscall_rewind(regs, false);
		break;
	}
}

static void fix_restart(struct pt_regs *regs)
{
	if (!in_syscall(regs))
		return;
	switch (-syscall_result(regs)) {
	case ERESTARTSYS:
	case ERESTARTNOINTR:
	case ERESTARTNOHAND:
		syscall_rewind(regs, false);
		break;
	case ERESTART_RESTARTBLOCK:
		syscall_rewind(regs, true);
		break;
	}
}

static void run_handler(struct pt_regs *regs, int sig, const struct ksiginfo *info)
{
	struct signal_state *s = &current->signal;
	struct ksigaction *slot = &current->sighand->action[sig - 1];
	const struct ksigaction ka = *slot;
	ksigset_t old = s->restore_blocked ? s->saved_blocked : s->blocked;

	fix_restart_for_handler(regs, ka.flags);
	if (!setup_rt_frame(&ka, info, old, regs)) {
		/* No stack for the handler of a SIGSEGV either: that is the end. */
		if (sig == SIGSEGV)
			slot->handler = SIG_DFL_K;
		force_sig(SIGSEGV);
		return;
	}
	s->restore_blocked = false;
	if (ka.flags & SA_RESETHAND)
		slot->handler = SIG_DFL_K;
	s->blocked |= ka.mask;
	if (!(ka.flags & SA_NODEFER))
		s->blocked |= sigmask(sig);
	s->blocked &= ~SIG_UNBLOCKABLE;
	recalc_sigpending();
}

/* One signal a call is enough: exit_to_user() looks again. */
void do_signal(struct pt_regs *regs)
{
	struct ksiginfo info;
	int sig;

	while ((sig = dequeue_signal(~current->signal.blocked, &info)) != 0) {
		unsigned long handler = current->sighand->action[sig - 1].handler;

		if (handler == SIG_IGN_K)
			continue;
		if (handler != SIG_DFL_K) {
			run_handler(regs, sig, &info);
			return;
		}
		default_action(sig, &info);
	}
	fix_restart(regs);
	if (current->signal.restore_blocked) {
		current->signal.restore_blocked = false;
		current->signal.blocked = current->signal.saved_blocked;
		recalc_sigpending();
	}
}
