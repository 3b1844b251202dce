/* SPDX-License-Identifier: MIT */
/*
 * Futexes (Drepper, "Futexes Are Tricky"; Mauerer ch. 5.2.6 has what is built on them).
 * Contracts: kernel/futex.h.
 *
 * Waiters stand in one of FUTEX_BUCKETS lists by their key, in the order of arrival.  Who
 * wakes takes them out; who leaves for another reason takes himself out.  Every list is
 * changed by tasks only, never by interrupts, and nobody sleeps while it walks one.
 *
 * The word is read with page faults disabled, after the key has been made.  If its page is
 * not there it is fetched, which sleeps, and everything begins again.
 */
#include <asm/uaccess.h>
#include <kernel/futex.h>
#include <kernel/kernel.h>
#include <kernel/sched.h>
#include <kernel/time.h>
#include <linux/futex.h>
#include <mm/fault.h>
#include <mm/file.h>
#include <mm/mm.h>
#include <mm/mmap.h>

#define FUTEX_BUCKETS	128		/* a power of two */

struct futex_waiter {
	struct list_head list;
	struct task_struct *task;
	struct futex_key key;
	u32 bits;
	bool queued;			/* false: somebody has woken us */
};

static struct list_head buckets[FUTEX_BUCKETS];
unsigned long nr_futex_waiters;

void futex_init(void)
{
	unsigned i;

	for (i = 0; i < FUTEX_BUCKETS; i++)
		INIT_LIST_HEAD(&buckets[i]);
}

/* ---- keys -------------------------------------------------------------------------- */

static struct list_head *bucket_of(const struct futex_key *key)
{
	u32 mix = (u32)((unsigned long)key->space >> 5) ^ (u32)(key->page >> PAGE_SHIFT) ^
		  (u32)key->page << 7 ^ key->offset << 12;

	return &buckets[mix * 0x9e3779b1u >> 16 & (FUTEX_BUCKETS - 1)];
}

static bool same_key(const struct futex_key *a, const struct futex_key *b)
{
	return a->space == b->space && a->page == b->page && a->offset == b->offset;
}

static void put_key(struct futex_key *key)
{
	if (key->file)
		fput(key->file);
	key->file = NULL;
}

/*
 * mmap_sem is held for reading.  Like Linux we ask for a page that may be written, so that
 * private memory is the process's own from now on.  Memory that can only be read is good
 * for waiting if it belongs to a file; nobody will ever change anonymous memory of that kind.
 */
static int shared_key(struct mm_struct *mm, unsigned long addr, struct futex_key *key)
{
	struct page *page = get_user_page(mm, addr, true);
	struct vm_area_struct *vma;
	bool read_only = !page, anon;

	if (read_only)
		page = get_user_page(mm, addr, false);
	if (!page)
		return -EFAULT;
	anon = page_type(page) != PGT_FILE;
	put_page(page);
	vma = find_vma(mm, addr);
	if (!vma->vm_file || (!(vma->vm_flags & VM_SHARED) && anon)) {
		key->offset |= FUTEX_KEY_ANON;
		return read_only ? -EFAULT : 0;
	}
	key->file = get_file(vma->vm_file);
	key->space = file_mapping(key->file);
	key->page = vma->vm_pgoff + ((addr - vma->vm_start) >> PAGE_SHIFT);
	key->offset |= FUTEX_KEY_FILE;
	if (!key->space)
		key->space = key->file;	/* a device */
	return 0;
}

/* 0 and a key for put_key(), or -EINVAL, -EFAULT. */
static int get_key(const u32 *uaddr, bool shared, struct futex_key *key)
{
	struct mm_struct *mm = current->mm;
	unsigned long addr = (unsigned long)uaddr;
	int err;

	if (addr % sizeof(*uaddr))
		return -EINVAL;
	if (!access_ok(uaddr, sizeof(*uaddr)))
		return -EFAULT;
	*key = (struct futex_key){
		.space = mm,
		.page = addr & PAGE_MASK,
		.offset = (unsigned)(addr & ~PAGE_MASK),
	};
	if (!shared)
		return 0;
	down_read(&mm->mmap_sem);
	err = shared_key(mm, addr, key);
	up_read(&mm->mmap_sem);
	return err;
}

/* ---- the word ---------------------------------------------------------------------- */

static int read_word_nowait(u32 *value, u32 *uaddr)
{
	int err;

	pagefault_disable();
	err = get_user(*value, uaddr);
	pagefault_enable();
	return err;
}

/* The page of the word, for writing. */
static int fetch_page(u32 *uaddr)
{
	struct mm_struct *mm = current->mm;
	struct page *page;

	down_read(&mm->mmap_sem);
	page = get_user_page(mm, (unsigned long)uaddr, true);
	up_read(&mm->mmap_sem);
	if (!page)
		return -EFAULT;
	put_page(page);
	return 0;
}

int futex_change(u32 *uaddr, bool (*fn)(u32 *word, void *arg), void *arg, u32 *old)
{
	u32 word;
	int err;

	if ((unsigned long)uaddr % sizeof(*uaddr) || !access_ok(uaddr, sizeof(*uaddr)))
		return -EFAULT;
	for (;;) {
		err = read_word_nowait(&word, uaddr);
		if (!err) {
			*old = word;
			if (!fn(&word, arg))
				return 0;
			pagefault_disable();
			err = put_user(word, uaddr);
			pagefault_enable();
		}
		if (!err)
			return 0;
		if (fetch_page(uaddr))
			return -EFAULT;
	}
}

/* ---- wait -------------------------------------------------------------------------- */

static void enqueue(struct futex_waiter *w)
{
	list_add_tail(&w->list, bucket_of(&w->key));
	w->queued = true;
	nr_futex_waiters++;
}

static void dequeue(struct futex_waiter *w)
{
	list_del(&w->list);
	w->queued = false;
	nr_futex_waiters--;
}

/* In the queue, if the word is what it should be; nothing has slept since the look. */
static long wait_setup(struct futex_waiter *w, u32 *uaddr, bool shared, u32 value)
{
	u32 word;
	long err;

	for (;;) {
		err = get_key(uaddr, shared, &w->key);
		if (err)
			return err;
		if (!read_word_nowait(&word, uaddr))
			break;
		put_key(&w->key);
		if (get_user(word, uaddr))
			return -EFAULT;
	}
	if (word == value) {
		enqueue(w);
		return 0;
	}
	put_key(&w->key);
	return -EAGAIN;
}

long futex_wait(u32 *uaddr, bool shared, u32 value, u64 until, u32 bits)
{
	struct futex_waiter w = { .task = current, .bits = bits };
	long ret;

	if (!bits)
		return -EINVAL;
	ret = wait_setup(&w, uaddr, shared, value);
	if (ret)
		return ret;
	while (w.queued) {
		set_current_state(TASK_INTERRUPTIBLE);
		if (ktime_ns() >= until)
			ret = -ETIMEDOUT;
		else if (signal_pending(current))
			ret = -ERESTARTSYS;
		if (ret)
			break;
		schedule_until(until);
	}
	set_current_state(TASK_RUNNING);
	if (w.queued)
		dequeue(&w);
	put_key(&w.key);
	return ret;
}

/* ---- wake -------------------------------------------------------------------------- */

/* From here on the waiter's stack may be gone as soon as we sleep. */
static void wake_waiter(struct futex_waiter *w)
{
	dequeue(w);
	wake_up_process(w->task);
}

static long wake_key(const struct futex_key *key, int n, u32 bits)
{
	struct list_head *bucket = bucket_of(key);
	struct futex_waiter *w, *next;
	long woken = 0;

	list_for_each_entry_safe(w, next, bucket, list) {
		if (!same_key(&w->key, key) || !(w->bits & bits))
			continue;
		wake_waiter(w);
		if (++woken >= n)
			break;
	}
	return woken;
}

long futex_wake(u32 *uaddr, bool shared, int n, u32 bits)
{
	struct futex_key key;
	long ret;

	if (!bits)
		return -EINVAL;
	ret = get_key(uaddr, shared, &key);
	if (ret)
		return ret;
	ret = wake_key(&key, n, bits);
	put_key(&key);
	return ret;
}

/* ---- two futexes ------------------------------------------------------------------- */

/* Nothing is left to put if it fails. */
static long get_two_keys(u32 *uaddr, u32 *uaddr2, bool shared, struct futex_key key[2])
{
	long ret = get_key(uaddr, shared, &key[0]);

	if (ret)
		return ret;
	ret = get_key(uaddr2, shared, &key[1]);
	if (ret)
		put_key(&key[0]);
	return ret;
}

static void put_two_keys(struct futex_key key[2])
{
	put_key(&key[1]);
	put_key(&key[0]);
}

/* He waits for the other key from now on, behind those who do so already. */
static void move_waiter(struct futex_waiter *w, const struct futex_key *key)
{
	struct file *old = w->key.file;

	list_move_tail(&w->list, bucket_of(key));
	w->key = *key;
	if (w->key.file)
		get_file(w->key.file);
	if (old)
		fput(old);		/* never the last one: the caller's key has one */
}

static long requeue_keys(const struct futex_key key[2], int n, int n2)
{
	struct list_head *bucket = bucket_of(&key[0]), here;
	struct futex_waiter *w, *next;
	long done = 0;

	/* Taken out first: both keys may be of one bucket, or even the same. */
	INIT_LIST_HEAD(&here);
	list_for_each_entry_safe(w, next, bucket, list)
		if (same_key(&w->key, &key[0]))
			list_move_tail(&w->list, &here);
	list_for_each_entry_safe(w, next, &here, list) {
		if (done - n >= n2) {
			list_move_tail(&w->list, bucket);
			continue;
		}
		if (++done <= n)
			wake_waiter(w);
		else
			move_waiter(w, &key[1]);
	}
	return done;
}

long futex_requeue(u32 *uaddr, u32 *uaddr2, bool shared, int n, int n2, const u32 *expected)
{
	struct futex_key key[2];
	u32 word;
	long ret;

	if (n < 0 || n2 < 0)
		return -EINVAL;
	for (;;) {
		ret = get_two_keys(uaddr, uaddr2, shared, key);
		if (ret)
			return ret;
		if (!expected || !read_word_nowait(&word, uaddr))
			break;
		put_two_keys(key);
		if (get_user(word, uaddr))
			return -EFAULT;
	}
	ret = expected && word != *expected ? -EAGAIN : requeue_keys(key, n, n2);
	put_two_keys(key);
	return ret;
}

/* ---- wake, and another one if ------------------------------------------------------ */

struct wake_op {
	int op, cmp, arg, cmp_arg;
};

static int sign_extend12(u32 value)
{
	return (int)(value << 20) >> 20;
}

static bool do_op(u32 *word, void *data)
{
	const struct wake_op *o = data;

	switch (o->op) {
	case FUTEX_OP_SET:	*word = (u32)o->arg; break;
	case FUTEX_OP_ADD:	*word += (u32)o->arg; break;
	case FUTEX_OP_OR:	*word |= (u32)o->arg; break;
	case FUTEX_OP_ANDN:	*word &= ~(u32)o->arg; break;
	case FUTEX_OP_XOR:	*word ^= (u32)o->arg; break;
	}
	return true;
}

/* 1, 0, or -ENOSYS, which Linux too finds out only after the change. */
static int compare(const struct wake_op *o, u32 old)
{
	int value = (int)old;

	switch (o->cmp) {
	case FUTEX_OP_CMP_EQ:	return value == o->cmp_arg;
	case FUTEX_OP_CMP_NE:	return value != o->cmp_arg;
	case FUTEX_OP_CMP_LT:	return value < o->cmp_arg;
	case FUTEX_OP_CMP_GE:	return value >= o->cmp_arg;
	case FUTEX_OP_CMP_LE:	return value <= o->cmp_arg;
	case FUTEX_OP_CMP_GT:	return value > o->cmp_arg;
	}
	return -ENOSYS;
}

static struct wake_op decode_op(u32 op)
{
	struct wake_op o = {
		.op = (int)(op >> 28 & 7),
		.cmp = (int)(op >> 24 & 15),
		.arg = sign_extend12(op >> 12 & 0xfff),
		.cmp_arg = sign_extend12(op & 0xfff),
	};

	if (op >> 28 & FUTEX_OP_OPARG_SHIFT)
		o.arg = (int)(1u << (o.arg & 31));
	return o;
}

long futex_wake_op(u32 *uaddr, u32 *uaddr2, bool shared, int n, int n2, u32 op)
{
	struct wake_op o = decode_op(op);
	struct futex_key key[2];
	u32 old;
	long ret;
	int cmp;

	ret = get_two_keys(uaddr, uaddr2, shared, key);
	if (ret)
		return ret;
	ret = o.op > FUTEX_OP_XOR ? -ENOSYS : futex_change(uaddr2, do_op, &o, &old);
	if (!ret) {
		cmp = compare(&o, old);
		ret = cmp < 0 ? cmp : wake_key(&key[0], n, FUTEX_MATCH_ANY);
		if (cmp > 0)
			ret += wake_key(&key[1], n2, FUTEX_MATCH_ANY);
	}
	put_two_keys(key);
	return ret;
}
