/* SPDX-License-Identifier: MIT */
/*
 * futex(2), with times of a word and, on i386, of 64 bits.  Locks with priority inheritance
 * are not there: all priorities are of one kind here, and ENOSYS is what a kernel without
 * them answers.
 */
#include <asm/uaccess.h>
#include <kernel/futex.h>
#include <kernel/sched.h>
#include <kernel/syscalls.h>
#include <kernel/time.h>
#include <linux/futex.h>

/* What do_futex() needs besides its two addresses. */
struct futex_call {
	int op;
	u32 value, value2, value3;
	bool limited;			/* there is a time */
	struct timespec64_k time;
};

static bool has_time(int cmd)
{
	switch (cmd) {
	case FUTEX_WAIT:
	case FUTEX_WAIT_BITSET:
	case FUTEX_LOCK_PI:
	case FUTEX_LOCK_PI2:
	case FUTEX_WAIT_REQUEUE_PI:
		return true;
	}
	return false;
}

/* FUTEX_WAIT takes a length, everything else an end by one of two clocks. */
static int end_of_wait(const struct futex_call *c, u64 *until)
{
	int cmd = c->op & FUTEX_CMD_MASK;
	u64 ns;

	*until = KTIME_NEVER;
	if (!c->limited)
		return 0;
	if (!timespec_to_ns(&c->time, &ns))
		return -EINVAL;
	if (cmd == FUTEX_WAIT)
		*until = ktime_ns() + ns;
	else if (c->op & FUTEX_CLOCK_REALTIME)
		*until = realtime_to_ktime(ns);
	else
		*until = ns;
	return 0;
}

/* A wait with an end goes on to the same end after a signal without handler. */
static long restart_wait(void)
{
	const struct futex_restart r = current->restart.futex;
	long ret = futex_wait(r.uaddr, r.shared, r.value, current->restart.until, r.bits);

	return ret == -ERESTARTSYS ? -ERESTART_RESTARTBLOCK : ret;
}

static long wait(u32 *uaddr, const struct futex_call *c, u64 until, u32 bits)
{
	bool shared = !(c->op & FUTEX_PRIVATE_FLAG);
	long ret = futex_wait(uaddr, shared, c->value, until, bits);

	if (ret != -ERESTARTSYS || !c->limited)
		return ret;
	current->restart.fn = restart_wait;
	current->restart.until = until;
	current->restart.futex = (struct futex_restart){
		.uaddr = uaddr, .value = c->value, .bits = bits, .shared = shared,
	};
	return -ERESTART_RESTARTBLOCK;
}

static long do_futex(u32 *uaddr, u32 *uaddr2, const struct futex_call *c)
{
	bool shared = !(c->op & FUTEX_PRIVATE_FLAG);
	int cmd = c->op & FUTEX_CMD_MASK, n = (int)c->value, n2 = (int)c->value2;
	u64 until;
	int err = end_of_wait(c, &until);

	if (err)
		return err;
	if (c->op & FUTEX_CLOCK_REALTIME && cmd != FUTEX_WAIT_BITSET)
		return -ENOSYS;
	switch (cmd) {
	case FUTEX_WAIT:
		return wait(uaddr, c, until, FUTEX_MATCH_ANY);
	case FUTEX_WAIT_BITSET:
		return wait(uaddr, c, until, c->value3);
	case FUTEX_WAKE:
		return futex_wake(uaddr, shared, n, FUTEX_MATCH_ANY);
	case FUTEX_WAKE_BITSET:
		return futex_wake(uaddr, shared, n, c->value3);
	case FUTEX_REQUEUE:
		return futex_requeue(uaddr, uaddr2, shared, n, n2, NULL);
	case FUTEX_CMP_REQUEUE:
		return futex_requeue(uaddr, uaddr2, shared, n, n2, &c->value3);
	case FUTEX_WAKE_OP:
		return futex_wake_op(uaddr, uaddr2, shared, n, n2, c->value3);
	}
	return -ENOSYS;
}

/* ---- system calls ------------------------------------------------------------------ */

long sys_futex(u32 *uaddr, int op, u32 value, const struct timespec_k *time, u32 *uaddr2,
	       u32 value3)
{
	struct futex_call c = {
		.op = op, .value = value, .value2 = (u32)(unsigned long)time, .value3 = value3,
	};
	struct timespec_k ts;

	if (time && has_time(op & FUTEX_CMD_MASK)) {
		if (copy_from_user(&ts, time, sizeof(ts)))
			return -EFAULT;
		c.limited = true;
		c.time = (struct timespec64_k){ .sec = ts.sec, .nsec = ts.nsec };
	}
	return do_futex(uaddr, uaddr2, &c);
}

long sys32_futex_time64(u32 *uaddr, int op, u32 value, const struct timespec64_k *time,
			u32 *uaddr2, u32 value3)
{
	struct futex_call c = {
		.op = op, .value = value, .value2 = (u32)(unsigned long)time, .value3 = value3,
	};

	if (time && has_time(op & FUTEX_CMD_MASK)) {
		if (copy_from_user(&c.time, time, sizeof(c.time)))
			return -EFAULT;
		c.limited = true;
		c.time.nsec = (s32)c.time.nsec;	/* a word, its upper half is padding */
	}
	return do_futex(uaddr, uaddr2, &c);
}
