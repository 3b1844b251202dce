/* SPDX-License-Identifier: MIT */
/*
 * What the end of a process means for jobs: groups that nobody could continue any more, and
 * the terminal of a session whose leader has ended (POSIX, _exit()).  Contracts:
 * include/kernel/jobctl.h.
 */
#include <kernel/jobctl.h>
#include <kernel/sched.h>
#include <kernel/signal.h>
#include <kernel/tty.h>

/* A leader that has ended stands for its process as long as other threads of it run. */
static bool is_alive(const struct task_struct *p)
{
	return p == p->group_leader &&
	       (!(p->state & (TASK_ZOMBIE | TASK_DEAD)) || !thread_group_empty(p));
}

/* Does the parent of p see p's group from outside, but within the session? */
static bool parent_cares(const struct task_struct *p)
{
	return p->parent->pgrp != p->pgrp && p->parent->session == p->session;
}

/* Without counting what `gone` is, and what it does for its children. */
static bool is_orphaned(int pgrp, const struct task_struct *gone)
{
	const struct task_struct *p;

	for_each_task(p)
		if (p->pgrp == pgrp && p != gone && p->parent != gone && is_alive(p) &&
		    parent_cares(p))
			return false;
	return true;
}

bool pgrp_in_session(int pgrp, int session)
{
	const struct task_struct *p;

	for_each_task(p)
		if (p->pgrp == pgrp && p->session == session)
			return true;
	return false;
}

bool pgrp_is_orphaned(int pgrp)
{
	return is_orphaned(pgrp, NULL);
}

static bool has_stopped(int pgrp, const struct task_struct *gone)
{
	const struct task_struct *p;

	for_each_task(p)
		if (p->pgrp == pgrp && p != gone && p->state == TASK_STOPPED)
			return true;
	return false;
}

static void hang_up_orphans(int pgrp, const struct task_struct *gone)
{
	if (!has_stopped(pgrp, gone) || !is_orphaned(pgrp, gone))
		return;
	kill_pgrp(pgrp, SIGHUP);
	kill_pgrp(pgrp, SIGCONT);
}

void jobctl_exit(struct task_struct *leader)
{
	struct task_struct *p;

	if (parent_cares(leader))
		hang_up_orphans(leader->pgrp, leader);
	list_for_each_entry(p, &leader->children, sibling)
		if (parent_cares(p))
			hang_up_orphans(p->pgrp, leader);
	if (leader->session == leader->tgid)
		tty_session_ended(leader->session, !(leader->flags & PF_FIRST_PROGRAM));
}
