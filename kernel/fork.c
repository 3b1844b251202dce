/* SPDX-License-Identifier: MIT */
/*
 * Making tasks (Love ch. 3, Gorman 4.3.2): kernel_clone() is fork, vfork, clone and the
 * birth of kernel threads.  Parts of current are copied or shared one after the other;
 * whatever fails undoes what was there before it, in reverse order, and the caller sees
 * -errno and a system as it was.  Only a complete task is put where others find it.
 */
#include <asm/kstack.h>
#include <asm/ptrace.h>
#include <asm/uaccess.h>
#include <fs/fs.h>
#include <kernel/kernel.h>
#include <kernel/sched.h>
#include <kernel/string.h>
#include <kernel/syscalls.h>
#include <kernel/time.h>
#include <kernel/trace.h>
#include <kernel/wait.h>
#include <linux/resource.h>
#include <linux/sched.h>
#include <mm/mmap.h>
#include <mm/slab.h>

#define CLONE_NAMESPACES (CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS | CLONE_NEWIPC | \
			  CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNET)

unsigned long nr_tasks;
static struct kmem_cache *task_cache;

void fork_init(void)
{
	task_cache = kmem_cache_create("task_struct", sizeof(struct task_struct), 64,
				       SLAB_PANIC, NULL);
}

static bool flags_valid(unsigned long flags)
{
	if (flags & CLONE_NAMESPACES)
		return false;
	if (flags & CLONE_THREAD && !(flags & CLONE_SIGHAND))
		return false;
	if (flags & CLONE_SIGHAND && !(flags & CLONE_VM))
		return false;
	/* Nobody would reap the brothers and sisters of process 1. */
	return !(flags & CLONE_PARENT) || current->tgid != 1;
}

/* Tasks of a user who is not root are limited; counting them is rare. */
static bool too_many_tasks(void)
{
	unsigned long limit = rlimit_cur(RLIMIT_NPROC), n = 0;
	struct task_struct *p;

	if (!current->uid || limit == RLIM_INFINITY)
		return false;
	for_each_task(p)
		n += p->uid == current->uid;
	return n >= limit;
}

/* Descriptor and stack.  NULL: no memory. */
static struct task_struct *alloc_task(void)
{
	struct task_struct *p = kmem_cache_alloc(task_cache, GFP_KERNEL);

	if (!p)
		return NULL;
	memset(p, 0, offsetof(struct task_struct, comm));
	memcpy(p->comm, current->comm, offsetof(struct task_struct, signal) -
	       offsetof(struct task_struct, comm));
	p->stack = kstack_alloc();
	if (!p->stack) {
		kmem_cache_free(task_cache, p);
		return NULL;
	}
	INIT_LIST_HEAD(&p->children);
	INIT_LIST_HEAD(&p->sibling);
	INIT_LIST_HEAD(&p->thread_group);
	INIT_LIST_HEAD(&p->wait_chldexit.tasks);
	p->flags = PF_FORKNOEXEC;
	p->start_ns = ktime_ns();
	return p;
}

void free_task(struct task_struct *p)
{
	kstack_free(p->stack);
	kmem_cache_free(task_cache, p);
}

static int copy_mm(struct task_struct *p, const struct clone_request *req)
{
	if (req->fn) {
		p->flags |= PF_KTHREAD;
		return 0;
	}
	if (req->flags & CLONE_VM) {
		mmget(current->mm);
		p->mm = current->mm;
	} else {
		p->mm = dup_mm(current->mm);
	}
	p->active_mm = p->mm;
	return p->mm ? 0 : -ENOMEM;
}

/* A kernel thread has no descriptors; it is where the one is that makes it. */
static int copy_files(struct task_struct *p, const struct clone_request *req)
{
	if (!current->files || req->fn)
		return 0;
	p->files = req->flags & CLONE_FILES ? files_get(current->files) :
					      files_dup(current->files);
	return p->files ? 0 : -ENOMEM;
}

static int copy_fs(struct task_struct *p, const struct clone_request *req)
{
	if (!current->fs)
		return 0;
	p->fs = req->flags & CLONE_FS ? fs_get(current->fs) : fs_dup(current->fs);
	return p->fs ? 0 : -ENOMEM;
}

static void set_tids(struct task_struct *p, const struct clone_request *req)
{
	if (req->flags & CLONE_CHILD_SETTID)
		p->set_child_tid = req->child_tid;
	if (req->flags & CLONE_CHILD_CLEARTID)
		p->clear_child_tid = req->child_tid;
}

/* Numbers and family; from here on the task can be found. */
static void link_task(struct task_struct *p, const struct clone_request *req)
{
	unsigned long irq;

	p->exit_signal = req->exit_signal;
	p->parent = req->fn ? current : current->group_leader;
	if (req->flags & (CLONE_PARENT | CLONE_THREAD)) {
		p->parent = current->group_leader->parent;
		/* Our parent hears of it as it hears of us, by no signal of our choice. */
		p->exit_signal = current->group_leader->exit_signal;
	}
	irq = local_irq_save();
	if (req->flags & CLONE_THREAD) {
		p->exit_signal = -1;
		p->tgid = current->tgid;
		p->group_leader = current->group_leader;
		list_add_tail(&p->thread_group, &current->group_leader->thread_group);
	} else {
		p->tgid = p->pid;
		p->group_leader = p;
		list_add_tail(&p->sibling, &p->parent->children);
	}
	list_add_tail(&p->tasks, &init_task.tasks);
	nr_tasks++;
	local_irq_restore(irq);
	pid_hash_add(p);
}

/* A complete task that does not run yet, or -errno. */
static long copy_task(const struct clone_request *req, struct task_struct **result)
{
	struct task_struct *p;
	long ret;

	p = alloc_task();
	if (!p)
		return -ENOMEM;
	ret = signal_fork(p, req->flags & CLONE_SIGHAND);
	if (ret)
		goto out_free;
	if (req->clear_handlers)
		signal_default(p->sighand);
	ret = copy_files(p, req);
	if (ret)
		goto out_sighand;
	ret = copy_fs(p, req);
	if (ret)
		goto out_files;
	ret = copy_mm(p, req);
	if (ret)
		goto out_fs;
	sched_fork(p);
	ret = copy_thread(p, req, req->fn ? NULL : current_pt_regs());
	if (ret)
		goto out_mm;
	/* Nothing sleeps from here on: a thread born now would miss the kill of its group. */
	ret = -EINTR;
	if (fatal_signal_pending(current))
		goto out_thread;
	ret = pid_alloc();
	if (ret < 0)
		goto out_thread;
	p->pid = (int)ret;
	if (req->name)
		strlcpy(p->comm, req->name, sizeof(p->comm));
	set_tids(p, req);
	link_task(p, req);
	*result = p;
	return p->pid;

out_thread:
	exit_thread(p);
out_mm:
	if (p->mm)
		mmput(p->mm);
out_fs:
	fs_put(p->fs);
out_files:
	files_put(p->files);
out_sighand:
	sighand_put(p->sighand);
out_free:
	free_task(p);
	return ret;
}

void store_child_tid(void)
{
	(void)put_user(current->pid, current->set_child_tid);
}

void vfork_complete(struct task_struct *p)
{
	struct wait_queue_head *wq = p->vfork_done;

	p->flags &= ~PF_VFORK;
	p->vfork_done = NULL;
	if (wq)
		wake_up(wq);
}

/* Until the child lets go of our memory, or we are to die. */
static void wait_for_vfork(struct task_struct *child, int pid, struct wait_queue_head *wq)
{
	struct wait_queue_entry entry = { .task = current };

	for (;;) {
		prepare_to_wait(wq, &entry, TASK_UNINTERRUPTIBLE);
		if (find_task(pid) != child || !child->vfork_done)
			break;
		if (fatal_signal_pending(current)) {
			child->vfork_done = NULL;
			break;
		}
		schedule();
	}
	finish_wait(wq, &entry);
}

long kernel_clone(const struct clone_request *req)
{
	DECLARE_WAIT_QUEUE_HEAD(vfork_done);
	struct task_struct *p = NULL;
	long pid;

	if (!flags_valid(req->flags) || (req->flags & CLONE_PIDFD && !req->fn))
		return -EINVAL;
	if (!req->fn && !current->mm)
		return -EINVAL;
	if (too_many_tasks())
		return -EAGAIN;
	pid = copy_task(req, &p);
	if (pid < 0)
		return pid;
	sched_counters.forks++;
	if (unlikely(trace_on) && p->mm && !(req->flags & CLONE_VM))
		trace(TRACE_SPACE, mm_top_frame(p->mm), (u64)pid, 0, 0);
	if (req->flags & CLONE_VFORK) {
		p->flags |= PF_VFORK;
		p->vfork_done = &vfork_done;
	}
	if (req->flags & CLONE_PARENT_SETTID)
		(void)put_user((int)pid, req->parent_tid);
	wake_up_new_task(p);
	if (req->flags & CLONE_VFORK)
		wait_for_vfork(p, (int)pid, &vfork_done);
	return pid;
}

/* ---- system calls ------------------------------------------------------------------ */

long sys_fork(void)
{
	const struct clone_request req = { .exit_signal = SIGCHLD };

	return kernel_clone(&req);
}

long sys_vfork(void)
{
	const struct clone_request req = {
		.flags = CLONE_VFORK | CLONE_VM,
		.exit_signal = SIGCHLD,
	};

	return kernel_clone(&req);
}

/* An exit signal that does not exist is none, but unlike clone3() this call takes it. */
long sys_clone(unsigned long flags, unsigned long sp, int *parent_tid, int *child_tid,
	       unsigned long tls)
{
	const struct clone_request req = {
		.flags = flags & ~(unsigned long)CSIGNAL,
		.exit_signal = flags & CSIGNAL,
		.stack = sp,
		.tls = tls,
		.parent_tid = parent_tid,
		.child_tid = child_tid,
	};

	return kernel_clone(&req);
}

/* CLONE_NEWTIME is a bit of CSIGNAL, which is not part of flags here. */
static bool clone3_valid(const struct clone_args *a)
{
	const u64 flags = a->flags & ~CLONE_CLEAR_SIGHAND;

	if (flags > 0xffffffff || flags & (CLONE_DETACHED | CSIGNAL))
		return false;
	if (a->flags & CLONE_CLEAR_SIGHAND && flags & CLONE_SIGHAND)
		return false;
	if (a->exit_signal > _NSIG || a->set_tid || a->set_tid_size)
		return false;
	if (flags & (CLONE_THREAD | CLONE_PARENT) && a->exit_signal)
		return false;
	if (!a->stack)
		return !a->stack_size;
	return a->stack_size && a->stack == (unsigned long)a->stack &&
	       a->stack_size == (unsigned long)a->stack_size &&
	       access_ok((void *)(unsigned long)a->stack, (unsigned long)a->stack_size);
}

/* A newer structure is welcome if what we do not know of it is zero. */
static int copy_clone_args(struct clone_args *a, const struct clone_args *user, size_t size)
{
	const u8 *tail = (const u8 *)user + sizeof(*a), *end = (const u8 *)user + size;
	u8 byte;

	memset(a, 0, sizeof(*a));
	if (size > PAGE_SIZE)
		return -E2BIG;
	if (size < CLONE_ARGS_SIZE_VER0)
		return -EINVAL;
	for (; tail < end; tail++) {
		if (get_user(byte, tail))
			return -EFAULT;
		if (byte)
			return -E2BIG;
	}
	return copy_from_user(a, user, min(size, sizeof(*a))) ? -EFAULT : 0;
}

/* No pidfds, no choice of the number, no control groups: EINVAL (doc/abi.md). */
long sys_clone3(struct clone_args *user, size_t size)
{
	struct clone_request req;
	struct clone_args a;
	int err;

	err = copy_clone_args(&a, user, size);
	if (err)
		return err;
	if (!clone3_valid(&a))
		return -EINVAL;
	req = (struct clone_request){
		.flags = (unsigned long)(u32)a.flags,
		.exit_signal = (int)a.exit_signal,
		.stack = a.stack ? (unsigned long)(a.stack + a.stack_size) : 0,
		.tls = (unsigned long)a.tls,
		.parent_tid = (int *)(unsigned long)a.parent_tid,
		.child_tid = (int *)(unsigned long)a.child_tid,
		.clear_handlers = a.flags & CLONE_CLEAR_SIGHAND,
	};
	return kernel_clone(&req);
}

long sys_set_tid_address(int *tid)
{
	current->clear_child_tid = tid;
	return current->pid;
}
