/* SPDX-License-Identifier: MIT */
/*
 * Ending tasks (Love ch. 3, Mauerer ch. 2.4): do_exit() gives back what a task holds and
 * leaves a zombie, the number and the status that its parent wants; kernel/reap.c takes
 * that away.  A task that nobody waits for frees itself in the switch away from it.
 *
 * The address space goes before the last switch, but its tables stay in CR3 until then:
 * the dying task borrows them like a kernel thread.
 */
#include <fs/fs.h>
#include <kernel/futex.h>
#include <kernel/jobctl.h>
#include <kernel/kernel.h>
#include <kernel/sched.h>
#include <kernel/syscalls.h>
#include <kernel/wait.h>
#include <mm/mmap.h>

/* The task that inherits children: pid 1, while it lives. */
static struct task_struct *child_reaper(void)
{
	struct task_struct *init = find_task(1);

	return init && !(init->flags & PF_EXITING) ? init : &init_task;
}

void release_mm(void)
{
	if (current->mm)
		futex_exit();
	vfork_complete(current);
}

static void exit_mm(void)
{
	struct mm_struct *mm = current->mm;

	if (!mm)
		return;
	release_mm();
	mmgrab(mm);
	current->mm = NULL;
	mmput(mm);
}

static void exit_files(void)
{
	struct files_struct *files = current->files;
	struct fs_struct *fs = current->fs;

	current->files = NULL;
	current->fs = NULL;
	files_put(files);
	fs_put(fs);
}

/* Children of the whole group hang on its leader, until the last thread has gone. */
static void reparent_children(struct task_struct *leader)
{
	struct task_struct *reaper = child_reaper(), *p, *next;
	unsigned long irq = local_irq_save();

	list_for_each_entry_safe(p, next, &leader->children, sibling) {
		p->parent = reaper;
		p->exit_signal = SIGCHLD;	/* or the reaper's wait would pass it over */
		list_move_tail(&p->sibling, &reaper->children);
		if (p->state == TASK_ZOMBIE)
			wake_up_all(&reaper->wait_chldexit);
	}
	local_irq_restore(irq);
}

static bool parent_wants_no_zombies(const struct task_struct *parent)
{
	const struct ksigaction *ka;

	if (!parent->sighand || parent->flags & PF_KTHREAD)
		return false;
	ka = &parent->sighand->action[SIGCHLD - 1];
	return ka->handler == SIG_IGN_K || ka->flags & SA_NOCLDWAIT;
}

static bool wants_stops(const struct task_struct *parent)
{
	return parent->sighand &&
	       !(parent->sighand->action[SIGCHLD - 1].flags & SA_NOCLDSTOP);
}

void notify_parent(struct task_struct *p, int code, int status)
{
	const struct ksiginfo info = {
		.signo = p->exit_signal,
		.code = code,
		.pid = p->pid,
		.uid = p->uid,
		.status = status,
	};

	if (p->exit_signal > 0 && p->exit_signal <= _NSIG &&
	    (code < CLD_STOPPED || wants_stops(p->parent)))
		send_signal_group(p->parent, &info);
	wake_up_all(&p->parent->wait_chldexit);
}

/* The leader `p` and all its threads have ended: true if nobody will wait for it. */
static bool announce_death(struct task_struct *p)
{
	bool reap = p->exit_signal == SIGCHLD && parent_wants_no_zombies(p->parent);
	int sig = p->exit_code & 0x7f;

	jobctl_exit(p);
	reparent_children(p);
	if (sig)
		notify_parent(p, p->exit_code & 0x80 ? CLD_DUMPED : CLD_KILLED, sig);
	else
		notify_parent(p, CLD_EXITED, p->exit_code >> 8 & 0xff);
	return reap || p->exit_signal < 0;
}

/* The task cannot be found from here on. */
void unlink_task(struct task_struct *p)
{
	unsigned long irq = local_irq_save();

	pid_hash_del(p);
	list_del_init(&p->tasks);
	list_del_init(&p->sibling);
	list_del_init(&p->thread_group);
	nr_tasks--;
	local_irq_restore(irq);
	ktimer_cancel(&p->real_timer);
	pid_free(p->pid);
}

/* What a thread used its process has used. */
static void add_thread_usage(struct task_struct *leader, const struct task_struct *p)
{
	leader->se.sum_exec += p->se.sum_exec;
	leader->min_flt += p->min_flt;
	leader->maj_flt += p->maj_flt;
	leader->nvcsw += p->nvcsw;
	leader->nivcsw += p->nivcsw;
}

static void exit_thread_of_group(struct task_struct *p)
{
	struct task_struct *leader = p->group_leader;

	add_thread_usage(leader, p);
	unlink_task(p);
	p->state = TASK_DEAD;
	wake_up_all(&leader->wait_chldexit);	/* an exec may wait for it */
	if (!thread_group_empty(leader) || leader->state != TASK_ZOMBIE)
		return;
	if (announce_death(leader)) {
		unlink_task(leader);
		free_task(leader);
	}
}

/* Zombie, or dead at once; nothing may sleep between this and the last schedule(). */
static void exit_notify(void)
{
	struct task_struct *p = current;

	if (p != p->group_leader) {
		exit_thread_of_group(p);
		return;
	}
	p->state = TASK_ZOMBIE;
	wake_up_all(&p->wait_chldexit);		/* as above */
	if (!thread_group_empty(p) || !announce_death(p))
		return;
	unlink_task(p);
	p->state = TASK_DEAD;
}

void do_exit(int code)
{
	struct sighand_struct *sighand;

	BUG_ON(current->flags & (PF_EXITING | PF_IDLE));
	current->flags |= PF_EXITING;
	if (!(current->flags & PF_GROUP_EXIT))
		current->exit_code = code;
	ktimer_cancel(&current->real_timer);
	hand_over_signals(~current->signal.blocked);
	exit_mm();
	exit_files();
	exit_thread(current);
	sighand = current->sighand;
	current->sighand = NULL;
	sighand_put(sighand);
	sched_counters.exits++;
	exit_notify();
	schedule();
	BUG();
}

/* All others of the group shall end, with our code as theirs. */
static void zap_other_threads(int code)
{
	const struct ksiginfo kill = { .signo = SIGKILL, .code = SI_KERNEL };
	struct task_struct *p;

	for (p = next_thread(current); p != current; p = next_thread(p)) {
		if (p->flags & PF_EXITING)
			continue;
		p->flags |= PF_GROUP_EXIT;
		p->exit_code = code;
		send_signal(p, &kill);
	}
}

void do_group_exit(int code)
{
	if (!(current->flags & PF_GROUP_EXIT)) {
		zap_other_threads(code);
		/* A leader that ended before is what wait4 looks at. */
		current->group_leader->exit_code = code;
	}
	do_exit(code);
}

/* All other threads have gone; a leader stays as a zombie while one of its threads lives. */
static bool only_one_left(struct task_struct *leader)
{
	const struct task_struct *next = next_thread(current);

	if (current == leader)
		return next == current;
	return next == leader && next_thread(leader) == current && leader->state == TASK_ZOMBIE;
}

/* In the place of `old` in the list; `old` is in none afterwards. */
static void take_place(struct list_head *new, struct list_head *old)
{
	list_del_init(new);
	list_add(new, old);
	list_del_init(old);
}

static void swap_pids(struct task_struct *a, struct task_struct *b)
{
	int pid = a->pid;

	pid_hash_del(a);
	pid_hash_del(b);
	a->pid = b->pid;
	b->pid = pid;
	pid_hash_add(a);
	pid_hash_add(b);
}

/* What a process has, and keeps at exec, stands in its leader. */
static void inherit_from_leader(struct task_struct *leader)
{
	struct task_struct *p, *next;
	u64 alarm = leader->real_timer.expires;

	current->parent = leader->parent;
	current->start_ns = leader->start_ns;
	current->signal.shared = leader->signal.shared;
	current->signal.shared_rt_used = leader->signal.shared_rt_used;
	current->signal.shared_info = leader->signal.shared_info;
	add_thread_usage(current, leader);
	current->child_sum_exec = leader->child_sum_exec;
	current->child_min_flt = leader->child_min_flt;
	current->child_maj_flt = leader->child_maj_flt;
	current->child_nvcsw = leader->child_nvcsw;
	current->child_nivcsw = leader->child_nivcsw;
	list_for_each_entry_safe(p, next, &leader->children, sibling) {
		p->parent = current;
		list_move_tail(&p->sibling, &current->children);
	}
	current->real_interval = leader->real_interval;
	current->real_timer.fn = leader->real_timer.fn;
	if (ktimer_cancel(&leader->real_timer))
		ktimer_start(&current->real_timer, alarm);
}

/* exec by another thread than the first: it becomes the process, the zombie goes. */
static void take_over(struct task_struct *leader)
{
	unsigned long irq = local_irq_save();

	swap_pids(current, leader);
	inherit_from_leader(leader);
	take_place(&current->sibling, &leader->sibling);
	take_place(&current->tasks, &leader->tasks);
	list_del_init(&leader->thread_group);
	current->group_leader = current;
	current->exit_signal = SIGCHLD;
	local_irq_restore(irq);
	unlink_task(leader);
	free_task(leader);
}

int kill_other_threads(void)
{
	struct task_struct *leader = current->group_leader;

	if (thread_group_empty(current))
		return 0;
	if (fatal_signal_pending(current))
		return -EAGAIN;
	zap_other_threads(SIGKILL);
	wait_event(leader->wait_chldexit, only_one_left(leader));
	if (current != leader)
		take_over(leader);
	return 0;
}

long sys_exit(int status)
{
	do_exit((status & 0xff) << 8);
}

long sys_exit_group(int status)
{
	do_group_exit((status & 0xff) << 8);
}
