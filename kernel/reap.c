/* SPDX-License-Identifier: MIT */
/*
 * Waiting for children: wait4, waitpid, waitid (Mauerer ch. 2.4).  The children of a
 * process hang on the leader of its threads, and any thread may wait for them.  Who is a
 * zombie has been switched away from for good, so its stack is free to go.
 */
#include <asm/uaccess.h>
#include <kernel/sched.h>
#include <kernel/string.h>
#include <kernel/syscalls.h>
#include <kernel/time.h>
#include <kernel/wait.h>
#include <linux/wait.h>

struct wait_request {
	int which, id;			/* P_ALL, P_PID, P_PGID */
	int options;
	/* What was found. */
	int status;			/* as wait4 encodes it */
	int code;			/* CLD_* */
	u32 uid;
	struct rusage_k usage;
};

static bool matches(const struct wait_request *w, const struct task_struct *p)
{
	bool clone = p->exit_signal != SIGCHLD;

	if (w->which == P_PID && p->pid != w->id)
		return false;
	if (w->which == P_PGID && p->pgrp != w->id)
		return false;
	return w->options & __WALL || clone == !!(w->options & __WCLONE);
}

void add_child_usage(struct task_struct *to, const struct task_struct *p)
{
	to->child_sum_exec += p->se.sum_exec + p->child_sum_exec;
	to->child_min_flt += p->min_flt + p->child_min_flt;
	to->child_maj_flt += p->maj_flt + p->child_maj_flt;
	to->child_nvcsw += p->nvcsw + p->child_nvcsw;
	to->child_nivcsw += p->nivcsw + p->child_nivcsw;
}

static void fill_usage(struct rusage_k *usage, const struct task_struct *p)
{
	usage->exec_ns = tsc_to_ns(p->se.sum_exec + p->child_sum_exec);
	usage->min_flt = p->min_flt + p->child_min_flt;
	usage->maj_flt = p->maj_flt + p->child_maj_flt;
	usage->nvcsw = p->nvcsw + p->child_nvcsw;
	usage->nivcsw = p->nivcsw + p->child_nivcsw;
}

static bool take_zombie(struct wait_request *w, struct task_struct *p)
{
	int sig = p->exit_code & 0x7f;

	if (!(w->options & WEXITED) || p->state != TASK_ZOMBIE || !thread_group_empty(p))
		return false;
	w->status = p->exit_code;
	w->code = !sig ? CLD_EXITED : p->exit_code & 0x80 ? CLD_DUMPED : CLD_KILLED;
	fill_usage(&w->usage, p);
	if (w->options & WNOWAIT)
		return true;
	add_child_usage(current->group_leader, p);
	unlink_task(p);
	free_task(p);
	return true;
}

static bool take_stopped(struct wait_request *w, struct task_struct *p)
{
	if (!(w->options & WSTOPPED) || p->state != TASK_STOPPED || !p->stop_code)
		return false;
	w->status = p->stop_code << 8 | 0x7f;
	w->code = CLD_STOPPED;
	fill_usage(&w->usage, p);
	if (!(w->options & WNOWAIT))
		p->stop_code = 0;
	return true;
}

static bool take_continued(struct wait_request *w, struct task_struct *p)
{
	if (!(w->options & WCONTINUED) || !p->continued)
		return false;
	w->status = 0xffff;
	w->code = CLD_CONTINUED;
	fill_usage(&w->usage, p);
	if (!(w->options & WNOWAIT))
		p->continued = false;
	return true;
}

/* The pid of a child that has something to say, 0: none yet, -ECHILD: none ever. */
static int look(struct wait_request *w)
{
	struct task_struct *p;
	int ret = -ECHILD, pid;

	list_for_each_entry(p, &current->group_leader->children, sibling) {
		if (!matches(w, p))
			continue;
		pid = p->pid;
		w->uid = p->uid;
		if (take_zombie(w, p) || take_stopped(w, p) || take_continued(w, p))
			return pid;
		ret = 0;
	}
	return ret;
}

static long do_wait(struct wait_request *w)
{
	struct wait_queue_head *wq = &current->group_leader->wait_chldexit;
	struct wait_queue_entry entry = { .task = current };
	long ret;

	ret = look(w);
	if (ret || w->options & WNOHANG)
		return ret;
	for (;;) {
		prepare_to_wait(wq, &entry, TASK_INTERRUPTIBLE);
		ret = look(w);
		if (ret)
			break;
		ret = -ERESTARTSYS;
		if (signal_pending(current))
			break;
		schedule();
	}
	finish_wait(wq, &entry);
	return ret;
}

/* pid as wait4 takes it: -1 all, 0 own group, < -1 group, > 0 that one. */
static void select_children(struct wait_request *w, int pid)
{
	w->which = pid > 0 ? P_PID : pid == -1 ? P_ALL : P_PGID;
	w->id = pid > 0 ? pid : pid ? -pid : current->pgrp;
}

static long wait4_request(struct wait_request *w, int pid, int options)
{
	if (options & ~(WNOHANG | WUNTRACED | WCONTINUED | __WNOTHREAD | __WCLONE | __WALL))
		return -EINVAL;
	if (pid == (int)0x80000000)
		return -ESRCH;
	w->options = options | WEXITED;
	select_children(w, pid);
	return do_wait(w);
}

long kernel_wait4(int pid, int *status, int options, struct rusage_k *usage)
{
	struct wait_request w = { .status = 0 };
	long ret = wait4_request(&w, pid, options);

	if (ret > 0 && status)
		*status = w.status;
	if (ret > 0 && usage)
		*usage = w.usage;
	return ret;
}

/* ---- system calls ------------------------------------------------------------------ */

static int put_usage(struct rusage_u *to, const struct rusage_k *usage)
{
	struct rusage_u u;

	rusage_to_user(&u, usage);
	return copy_to_user(to, &u, sizeof(u)) ? -EFAULT : 0;
}

/* A bad pointer does not bring the child back. */
long sys_wait4(int pid, int *status, int options, struct rusage_u *usage)
{
	struct wait_request w = { .status = 0 };
	long ret = wait4_request(&w, pid, options);

	if (ret <= 0)
		return ret;
	if (status && put_user(w.status, status))
		return -EFAULT;
	if (usage && put_usage(usage, &w.usage))
		return -EFAULT;
	return ret;
}

long sys_waitpid(int pid, int *status, int options)
{
	return sys_wait4(pid, status, options, NULL);
}

/* siginfo_t as waitid fills it: three ints, padding to a word, then three more. */
static int put_siginfo(int *info, const struct wait_request *w, int pid)
{
	int words[8] = { 0 }, at = sizeof(long) == 8 ? 4 : 3, n = at + 3;

	if (pid) {
		words[0] = SIGCHLD;
		words[2] = w->code;
		words[at] = pid;
		words[at + 1] = (int)w->uid;
		words[at + 2] = w->code == CLD_EXITED ? w->status >> 8 & 0xff :
				w->code == CLD_STOPPED ? w->status >> 8 :
				w->code == CLD_CONTINUED ? SIGCONT : w->status & 0x7f;
	}
	return copy_to_user(info, words, n * sizeof(int)) ? -EFAULT : 0;
}

/* A child's pid, 0 or -errno. */
static long do_waitid(struct wait_request *w)
{
	int which = w->which, id = w->id, options = w->options;

	if (options & ~(WNOHANG | WNOWAIT | WEXITED | WSTOPPED | WCONTINUED | __WNOTHREAD |
			__WCLONE | __WALL) || !(options & (WEXITED | WSTOPPED | WCONTINUED)))
		return -EINVAL;
	if (which != P_ALL && which != P_PID && which != P_PGID)
		return -EINVAL;
	if ((which == P_PID && id <= 0) || id < 0)
		return -EINVAL;
	if (which == P_PGID && !id)
		w->id = current->pgrp;
	return do_wait(w);
}

/* As in Linux the information is written, all zero, when the call fails, too. */
long sys_waitid(int which, int id, void *info, int options, struct rusage_u *usage)
{
	struct wait_request w = { .which = which, .id = id, .options = options };
	long ret = do_waitid(&w), pid = max(ret, 0l);

	if (pid && usage && put_usage(usage, &w.usage))
		return -EFAULT;
	if (info && put_siginfo(info, &w, (int)pid))
		return -EFAULT;
	return min(ret, 0l);
}
