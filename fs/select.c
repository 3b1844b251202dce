/* SPDX-License-Identifier: MIT */
/*
 * poll(2), select(2) and their relatives: ask every file what it can do; if nothing is
 * ready, stand in all their wait queues, sleep, and ask again.
 *
 * A poll_table is the list of queues that one call stands in.  The queues are entered once,
 * in the first round, before the files are asked, so no wake-up is lost; a second round
 * passes no table.
 */
#include <linux/poll.h>
#include <linux/resource.h>
#include <kernel/bitops.h>
#include <kernel/time.h>
#include "internal.h"

#define ENTRIES_INLINE	8

struct poll_entry {
	struct wait_queue_entry wait;
	struct wait_queue_head *wq;
	struct file *file;		/* with a reference: it keeps the queue */
};

struct poll_chunk {
	struct poll_chunk *next;
	unsigned used, size;
	struct poll_entry entry[ENTRIES_INLINE];
};

struct poll_table {
	struct poll_chunk first;
	struct poll_chunk *last;
	int err;
};

static void poll_table_init(struct poll_table *pt)
{
	pt->first.next = NULL;
	pt->first.used = 0;
	pt->last = &pt->first;
	pt->err = 0;
}

static struct poll_entry *new_entry(struct poll_table *pt)
{
	struct poll_chunk *c = pt->last;

	if (c->used == ENTRIES_INLINE) {
		c = kmalloc(sizeof(*c), GFP_KERNEL);
		if (!c)
			return NULL;
		c->next = NULL;
		c->used = 0;
		pt->last->next = c;
		pt->last = c;
	}
	return &c->entry[c->used++];
}

void poll_wait(struct file *f, struct wait_queue_head *wq, struct poll_table *pt)
{
	struct poll_entry *e;

	if (!pt)
		return;
	e = new_entry(pt);
	if (!e) {
		pt->err = -ENOMEM;
		return;
	}
	e->wait = (struct wait_queue_entry){ .task = current };
	e->wq = wq;
	e->file = get_file(f);
	prepare_to_wait(wq, &e->wait, TASK_INTERRUPTIBLE);
}

static void leave_all(struct poll_table *pt)
{
	struct poll_chunk *c = &pt->first, *next;
	unsigned i;

	for (; c; c = next) {
		next = c->next;
		for (i = 0; i < c->used; i++) {
			finish_wait(c->entry[i].wq, &c->entry[i].wait);
			fput(c->entry[i].file);
		}
		if (c != &pt->first)
			kfree(c);
	}
	set_current_state(TASK_RUNNING);
}

static unsigned file_events(struct file *f, struct poll_table *pt)
{
	if (!f->op->poll)
		return POLLIN | POLLRDNORM | POLLOUT | POLLWRNORM;
	return f->op->poll(f, pt);
}

/*
 * Rounds of ask(arg, table), which returns how many are ready or -errno, until one is, the
 * time is over (deadline in ktime_ns(); ~0: never) or a signal comes: -ERESTARTNOHAND.
 */
static long wait_rounds(long (*ask)(void *arg, struct poll_table *pt), void *arg, u64 deadline)
{
	struct poll_table table, *pt = &table;
	long n;

	poll_table_init(&table);
	for (;;) {
		set_current_state(TASK_INTERRUPTIBLE);
		n = ask(arg, pt);
		if (n)
			break;
		n = table.err;
		if (n)
			break;
		pt = NULL;
		if (ktime_ns() >= deadline)
			break;
		n = -ERESTARTNOHAND;
		if (signal_pending(current))
			break;
		n = 0;
		if (deadline == ~0ull)
			schedule();
		else
			schedule_until(deadline);
	}
	leave_all(&table);
	return n;
}

/* ---- times ------------------------------------------------------------------------- */

#define FOREVER		(~0ull)

/* From now; overflow is for ever. */
static u64 deadline_in(u64 ns)
{
	u64 now = ktime_ns();

	return ns >= FOREVER - now ? FOREVER : now + ns;
}

static int deadline_of(s64 sec, s64 nsec, u64 *deadline)
{
	if (sec < 0 || nsec < 0 || nsec >= (s64)NSEC_PER_SEC)
		return -EINVAL;
	*deadline = sec >= (s64)1 << 33 ? FOREVER :
		    deadline_in((u64)sec * NSEC_PER_SEC + (u64)nsec);
	return 0;
}

/* Users' times; a NULL pointer waits for ever. */
static int timespec_deadline(const void *user, u64 *deadline)
{
	struct timespec_k t;

	*deadline = FOREVER;
	if (!user)
		return 0;
	if (copy_from_user(&t, user, sizeof(t)))
		return -EFAULT;
	return deadline_of(t.sec, t.nsec, deadline);
}

static int timespec64_deadline(const void *user, u64 *deadline)
{
	struct timespec64_k t;

	*deadline = FOREVER;
	if (!user)
		return 0;
	if (copy_from_user(&t, user, sizeof(t)))
		return -EFAULT;
	return deadline_of(t.sec, t.nsec, deadline);
}

static int timeval_deadline(const void *user, u64 *deadline)
{
	struct timeval_k t;

	*deadline = FOREVER;
	if (!user)
		return 0;
	if (copy_from_user(&t, user, sizeof(t)))
		return -EFAULT;
	return t.usec < 0 || t.usec >= 1000000 ? -EINVAL :
	       deadline_of(t.sec, (s64)t.usec * 1000, deadline);
}

/* ---- poll -------------------------------------------------------------------------- */

struct poll_args {
	struct pollfd *fds;
	unsigned n;
};

static long ask_poll(void *arg, struct poll_table *pt)
{
	struct poll_args *a = arg;
	struct file *f;
	long ready = 0;
	unsigned i;

	for (i = 0; i < a->n; i++) {
		struct pollfd *p = &a->fds[i];

		p->revents = 0;
		if (p->fd < 0)
			continue;
		f = fget(p->fd);
		if (f)
			p->revents = (short)(file_events(f, ready ? NULL : pt) &
					     ((unsigned short)p->events | POLLERR | POLLHUP));
		else
			p->revents = POLLNVAL;
		fput(f);
		ready += p->revents != 0;
	}
	return ready;
}

static long do_poll(void *user, unsigned n, u64 deadline)
{
	struct pollfd fast[16];
	struct poll_args a = { .fds = fast, .n = n };
	struct pollfd *out = user;
	unsigned i;
	long ret;

	if (n > current->rlim[RLIMIT_NOFILE].cur || n > 65536)
		return -EINVAL;
	if (n > ARRAY_SIZE(fast)) {
		a.fds = kmalloc(n * sizeof(*a.fds), GFP_KERNEL);
		if (!a.fds)
			return -ENOMEM;
	}
	ret = -EFAULT;
	if (!access_ok(user, n * sizeof(*a.fds)) ||	/* also of none */
	    copy_from_user(a.fds, user, n * sizeof(*a.fds)))
		goto out;
	ret = wait_rounds(ask_poll, &a, deadline);
	for (i = 0; i < n && ret >= 0; i++)
		if (put_user(a.fds[i].revents, &out[i].revents))
			ret = -EFAULT;
out:
	if (a.fds != fast)
		kfree(a.fds);
	return ret;
}

long sys_poll(void *fds, unsigned n, int ms)
{
	return do_poll(fds, n, ms < 0 ? FOREVER : deadline_in((u64)ms * NSEC_PER_MSEC));
}

/*
 * The signal mask that counts while the call waits.  A signal that ends the wait is
 * delivered with it still in force; do_signal() puts the old one back.
 */
static int set_wait_mask(const void *user, size_t size)
{
	ksigset_t mask;

	if (!user)
		return 0;
	if (size != sizeof(mask))
		return -EINVAL;
	if (copy_from_user(&mask, user, sizeof(mask)))
		return -EFAULT;
	current->signal.saved_blocked = current->signal.blocked;
	current->signal.blocked = mask & ~(sigmask(SIGKILL) | sigmask(SIGSTOP));
	recalc_sigpending();
	return 1;
}

static void end_wait_mask(int set, long ret)
{
	if (set <= 0)
		return;
	if (ret == -ERESTARTNOHAND) {
		current->signal.restore_blocked = true;
		return;
	}
	current->signal.blocked = current->signal.saved_blocked;
	recalc_sigpending();
}

static long masked_poll(void *fds, unsigned n, u64 deadline, const void *mask, size_t size)
{
	int set = set_wait_mask(mask, size);
	long ret = set < 0 ? set : do_poll(fds, n, deadline);

	end_wait_mask(set, ret);
	return ret;
}

long sys_ppoll(void *fds, unsigned n, void *timeout, const void *mask, size_t size)
{
	u64 deadline;
	int err = timespec_deadline(timeout, &deadline);

	return err ? err : masked_poll(fds, n, deadline, mask, size);
}

long sys32_ppoll_time64(void *fds, unsigned n, void *timeout, const void *mask, size_t size)
{
	u64 deadline;
	int err = timespec64_deadline(timeout, &deadline);

	return err ? err : masked_poll(fds, n, deadline, mask, size);
}

/* ---- select ------------------------------------------------------------------------ */

enum { IN, OUT, EX, SETS };

static const unsigned set_events[SETS] = {
	POLLIN | POLLRDNORM | POLLHUP | POLLERR, POLLOUT | POLLWRNORM | POLLERR, POLLPRI,
};

struct select_args {
	unsigned n, words;		/* descriptors; words of each set */
	unsigned long *wanted[SETS], *got[SETS];
	unsigned long bits[];
};

static long ask_fd(struct select_args *a, unsigned fd, struct poll_table *pt)
{
	unsigned set, events, wanted = 0;
	struct file *f;
	long ready = 0;

	for (set = 0; set < SETS; set++)
		wanted |= test_bit(fd, a->wanted[set]) ? 1u << set : 0;
	if (!wanted)
		return 0;
	f = fget((int)fd);
	if (!f)
		return -EBADF;
	events = file_events(f, pt);
	fput(f);
	for (set = 0; set < SETS; set++)
		if (wanted >> set & 1 && events & set_events[set]) {
			__set_bit(fd, a->got[set]);
			ready++;
		}
	return ready;
}

static long ask_select(void *arg, struct poll_table *pt)
{
	struct select_args *a = arg;
	unsigned long bits;
	long ready = 0, n;
	unsigned word;

	memset(a->got[0], 0, SETS * a->words * sizeof(long));
	for (word = 0; word < a->words; word++) {
		bits = a->wanted[IN][word] | a->wanted[OUT][word] | a->wanted[EX][word];
		for (; bits; bits &= bits - 1) {
			unsigned fd = word * BITS_PER_LONG + (unsigned)__ffs(bits);

			if (fd >= a->n)
				break;
			n = ask_fd(a, fd, ready ? NULL : pt);
			if (n < 0)
				return n;
			ready += n;
		}
	}
	return ready;
}

/*
 * Empty sets for n descriptors; NULL: no memory.  Nothing behind the table of descriptors
 * is open: as in Linux it is not looked at, and n may be as large as it likes.
 */
static struct select_args *select_alloc(unsigned n)
{
	struct select_args *a;
	unsigned words, set;

	n = min(n, files_max(current->files));
	words = DIV_ROUND_UP(n, BITS_PER_LONG);
	a = kzalloc(sizeof(*a) + 2 * SETS * words * sizeof(long), GFP_KERNEL);
	if (!a)
		return NULL;
	a->n = n;
	a->words = words;
	for (set = 0; set < SETS; set++) {
		a->wanted[set] = a->bits + set * words;
		a->got[set] = a->bits + (SETS + set) * words;
	}
	return a;
}

static long do_select(int n, void *const user[SETS], u64 deadline)
{
	struct select_args *a;
	unsigned set;
	size_t bytes;
	long ret;

	if (n < 0)
		return -EINVAL;
	a = select_alloc((unsigned)n);
	if (!a)
		return -ENOMEM;
	bytes = a->words * sizeof(long);
	ret = -EFAULT;
	for (set = 0; set < SETS; set++)
		if (user[set] && copy_from_user(a->wanted[set], user[set], bytes))
			goto out;
	ret = wait_rounds(ask_select, a, deadline);
	for (set = 0; set < SETS && ret >= 0; set++)
		if (user[set] && copy_to_user(user[set], a->got[set], bytes))
			ret = -EFAULT;
out:
	kfree(a);
	return ret;
}

/* Linux tells select() callers what was left of their time. */
static void put_time_left(void *user, u64 deadline)
{
	struct timeval_k t = { 0 };
	u64 now = ktime_ns(), us;

	if (!user || deadline == FOREVER)
		return;
	if (deadline > now) {
		us = (deadline - now) / 1000;
		t.sec = (long)(us / 1000000);
		t.usec = (long)(us - (u64)t.sec * 1000000);
	}
	if (copy_to_user(user, &t, sizeof(t)))
		return;			/* the answer counts more than the time */
}

long sys_select(int n, void *in, void *out, void *ex, void *timeout)
{
	void *const sets[SETS] = { in, out, ex };
	u64 deadline;
	long ret = timeval_deadline(timeout, &deadline);

	if (ret)
		return ret;
	ret = do_select(n, sets, deadline);
	put_time_left(timeout, deadline);
	return ret;
}

long sys32_old_select(const void *args)
{
	unsigned long a[5];

	if (copy_from_user(a, args, sizeof(a)))
		return -EFAULT;
	return sys_select((int)a[0], (void *)a[1], (void *)a[2], (void *)a[3], (void *)a[4]);
}

static long masked_select(int n, void *const sets[SETS], u64 deadline, const void *sig)
{
	struct {
		const void *mask;
		size_t size;
	} arg = { NULL, 0 };
	long ret;
	int set;

	if (sig && copy_from_user(&arg, sig, sizeof(arg)))
		return -EFAULT;
	set = set_wait_mask(arg.mask, arg.size);
	ret = set < 0 ? set : do_select(n, sets, deadline);
	end_wait_mask(set, ret);
	return ret;
}

long sys_pselect6(int n, void *in, void *out, void *ex, void *timeout, const void *sig)
{
	void *const sets[SETS] = { in, out, ex };
	u64 deadline;
	int err = timespec_deadline(timeout, &deadline);

	return err ? err : masked_select(n, sets, deadline, sig);
}

long sys32_pselect6_time64(int n, void *in, void *out, void *ex, void *timeout,
			   const void *sig)
{
	void *const sets[SETS] = { in, out, ex };
	u64 deadline;
	int err = timespec64_deadline(timeout, &deadline);

	return err ? err : masked_select(n, sets, deadline, sig);
}
