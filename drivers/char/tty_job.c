/* SPDX-License-Identifier: MIT */
/*
 * Whose the terminal is: the controlling terminal of a session, and the process group in its
 * foreground (POSIX: job control).  ^C and ^Z go there; who reads from the background is
 * stopped by SIGTTIN, who changes something by SIGTTOU.
 *
 * A session that takes it away from another one by force (TIOCSCTTY with 1) borrows it: when
 * its leader ends the other one has it again, if that is still there.  So it does if that one
 * had borrowed it, too: a shell in a shell.
 */
#include <linux/errno.h>
#include <asm/ioctls.h>
#include <asm/uaccess.h>
#include <kernel/jobctl.h>
#include <kernel/sched.h>
#include <linux/capability.h>
#include "tty_internal.h"

struct tty_job tty_job;
static const struct tty_owner nobody;

bool tty_job_mine(void)
{
	return tty_job.now.session && tty_job.now.session == current->session;
}

int tty_number(const struct task_struct *p)
{
	return tty_job.now.session && tty_job.now.session == p->session ? TTY_NUMBER : 0;
}

int tty_foreground(const struct task_struct *p)
{
	return tty_number(p) ? tty_job.now.pgrp : -1;
}

static bool is_session_leader(void)
{
	return current->session == current->tgid;
}

bool tty_is_taken(void)
{
	return tty_job.now.taken;
}

static void take_over(void)
{
	tty_job.now.session = current->session;
	tty_job.now.pgrp = current->pgrp;
	tty_job.now.taken = !(current->flags & PF_KTHREAD);	/* run_program() opens it */
}

void tty_job_open(bool noctty)
{
	if (!noctty && is_session_leader() && !tty_job.now.session)
		take_over();
}

void tty_job_signal(int sig)
{
	if (tty_job.now.pgrp > 0)
		kill_pgrp(tty_job.now.pgrp, sig);
}

static bool is_shut_out(int sig)
{
	return current->signal.blocked & sigmask(sig) ||
	       current->sighand->action[sig - 1].handler == SIG_IGN_K;
}

long tty_job_check(int sig)
{
	if (!tty_job_mine() || tty_job.now.pgrp == current->pgrp)
		return 0;
	if (is_shut_out(sig))
		return sig == SIGTTIN ? -EIO : 0;
	if (pgrp_is_orphaned(current->pgrp))
		return -EIO;
	kill_pgrp(current->pgrp, sig);
	return -ERESTARTSYS;
}

/* The leader of a session has ended, or gives its terminal away. */
static void give_back(bool hang_up)
{
	if (hang_up) {
		tty_job_signal(SIGHUP);
		tty_job_signal(SIGCONT);
	}
	tty_job.now = tty_job.lenders ? tty_job.lender[--tty_job.lenders] : nobody;
	tty_reset();
}

static void forget_lender(int session)
{
	unsigned i, n = 0;

	for (i = 0; i < tty_job.lenders; i++)
		if (tty_job.lender[i].session != session)
			tty_job.lender[n++] = tty_job.lender[i];
	tty_job.lenders = n;
}

void tty_session_ended(int session, bool hang_up)
{
	forget_lender(session);
	if (tty_job.now.session == session)
		give_back(hang_up);
}

/* ---- ioctl ------------------------------------------------------------------------- */

static long set_foreground(unsigned long arg)
{
	int pgrp;
	long ret;

	if (!tty_job_mine())
		return -ENOTTY;
	ret = tty_job_check(SIGTTOU);
	if (ret)
		return ret;
	if (get_user(pgrp, (int *)arg))
		return -EFAULT;
	if (pgrp < 0)
		return -EINVAL;
	if (!pgrp_in_session(pgrp, current->session))
		return -EPERM;
	tty_job.now.pgrp = pgrp;
	tty_job.now.taken = true;
	return 0;
}

static long set_controlling(unsigned long arg)
{
	if (tty_job_mine() && is_session_leader())
		return 0;
	if (!is_session_leader())
		return -EPERM;
	if (tty_job.now.session) {
		if (arg != 1 || !capable(CAP_SYS_ADMIN))
			return -EPERM;
		if (tty_job.lenders == TTY_LENDERS)
			return -EBUSY;
		tty_job.lender[tty_job.lenders++] = tty_job.now;
	}
	take_over();
	return 0;
}

static long give_away(void)
{
	if (!tty_job_mine())
		return -ENOTTY;
	if (is_session_leader())
		give_back(true);
	return 0;
}

long tty_job_ioctl(unsigned cmd, unsigned long arg)
{
	switch (cmd) {
	case TIOCGPGRP:
		return tty_job_mine() ? put_int(arg, tty_job.now.pgrp) : -ENOTTY;
	case TIOCGSID:
		return tty_job_mine() ? put_int(arg, tty_job.now.session) : -ENOTTY;
	case TIOCSPGRP:
		return set_foreground(arg);
	case TIOCSCTTY:
		return set_controlling(arg);
	case TIOCNOTTY:
		return give_away();
	}
	return -ENOIOCTLCMD;
}
