/* SPDX-License-Identifier: MIT */
/*
 * Futexes: sleeping until a word of user memory changes (kernel/futex.c), the calls
 * (kernel/futex_calls.c), and what a dying thread owes to others (kernel/futex_robust.c).
 *
 * A futex has no object in the kernel.  It is a key, made from the address at each call,
 * and the threads that wait for that key, each with a descriptor on its own stack.  Nothing
 * sleeps between the look at the word and the entry in the queue, and the kernel is not
 * preempted, so a wake-up in between cannot be lost.
 */
#ifndef KERNEL_FUTEX_H
#define KERNEL_FUTEX_H

#include <kernel/types.h>

#define FUTEX_MATCH_ANY		0xffffffffu
/* Marks of a key without FUTEX_PRIVATE_FLAG; with it there is none. */
#define FUTEX_KEY_ANON		0x10000u /* memory of one address space only */
#define FUTEX_KEY_FILE		0x20000u /* a page of a file or of shared memory */

struct file;

/*
 * Which word: an address space and an address in it, or a page in the cache of a file,
 * whoever maps it and where.  A file key holds a reference to the file.
 */
struct futex_key {
	const void *space;		/* mm_struct or address_space */
	unsigned long page;		/* address of the page, or its index in the file */
	unsigned int offset;		/* in the page, and FUTEX_KEY_* */
	struct file *file;
};

extern unsigned long nr_futex_waiters;	/* threads that stand in a queue */

void futex_init(void);

/*
 * The operations, with the results of the system call: a count, 0 or -errno (-EINVAL:
 * not aligned, no bits; -EFAULT).  They may sleep.  `shared`: FUTEX_PRIVATE_FLAG not given.
 *
 * futex_wait: until woken, 0; -EAGAIN if the word is not `value`; -ETIMEDOUT at ktime_ns()
 * `until` (KTIME_NEVER: not); -ERESTARTSYS for a signal.
 */
long futex_wait(u32 *uaddr, bool shared, u32 value, u64 until, u32 bits);

/* Wakes `n` waiters at most, the longest waiting first; even 0 wakes one, as Linux does. */
long futex_wake(u32 *uaddr, bool shared, int n, u32 bits);

/*
 * Wake `n`, let `n2` more wait at uaddr2 instead; woken and moved are counted.  expected
 * not NULL: only if the word at uaddr is that, else -EAGAIN.
 */
long futex_requeue(u32 *uaddr, u32 *uaddr2, bool shared, int n, int n2, const u32 *expected);

/* FUTEX_WAKE_OP: change the word at uaddr2, wake at uaddr, and if it was so at uaddr2. */
long futex_wake_op(u32 *uaddr, u32 *uaddr2, bool shared, int n, int n2, u32 op);

/*
 * Replace the word by what fn makes of it, in one step for all who look; *old is what it
 * was.  fn false: leave it.  -EFAULT.  May sleep.
 */
int futex_change(u32 *uaddr, bool (*fn)(u32 *word, void *arg), void *arg, u32 *old);

/* exit and exec, in the old address space: locks of the robust list, CLONE_CHILD_CLEARTID. */
void futex_exit(void);

#endif
