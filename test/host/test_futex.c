/* SPDX-License-Identifier: MIT */
/*
 * Futex queues against a dull model: an array of waiters in the order of arrival.  futex.c
 * is compiled into this file; its queues, wake-ups and moves are called with keys of all
 * kinds, some in one bucket, and after each step everything must be as in the model: who
 * waits where, in which order, who was woken, how many files are referred to.
 */
#include "tap.h"

#define ASM_UACCESS_H		/* the word of a futex is one of ours */
#include <stdlib.h>
#include <kernel/kernel.h>
#include <linux/errno.h>
#include <mm/mm_types.h>

static u32 word_memory;
static bool word_missing;
static int disabled;

static inline bool access_ok(const void *addr, unsigned long size)
{
	return (unsigned long)addr < ~0ul - size;
}

static inline void pagefault_disable(void)	{ disabled++; }
static inline void pagefault_enable(void)	{ disabled--; }
#define get_user(var, ptr)	(word_missing ? -EFAULT : ((var) = word_memory, 0))
#define put_user(value, ptr)	(word_missing ? -EFAULT : (word_memory = (value), 0))

#include "../../kernel/futex.c"
#include <kernel/random.h>

/* ---- what futexes ask of others ------------------------------------------------------- */

static struct task_struct *woken_task[64];
static unsigned woken_count;
static int file_refs;
static struct mm_struct my_mm = {
	.mmap_sem = { .waiters = LIST_HEAD_INIT(my_mm.mmap_sem.waiters) },
};
static struct task_struct me = { .pid = 7, .mm = &my_mm };
struct task_struct *host_current = &me;

struct file *get_file(struct file *f)		{ file_refs++; return f; }
void fput(struct file *f)			{ file_refs -= f != NULL; }
struct address_space *file_mapping(struct file *f) { return (void *)f; }
void __down_read(struct rw_semaphore *sem) { }
void __rwsem_wake(struct rw_semaphore *sem) { }
u64 ktime_ns(void)				{ return 1000; }
u64 schedule_until(u64 when)			{ return 0; }
void put_page(struct page *page)		{ }

struct page *get_user_page(struct mm_struct *mm, unsigned long address, bool write)
{
	return NULL;
}

struct vm_area_struct *find_vma(struct mm_struct *mm, unsigned long addr)
{
	return NULL;
}

bool wake_up_process(struct task_struct *p)
{
	woken_task[woken_count++] = p;
	return true;
}

void panic(const char *fmt, ...)
{
	printf("Bail out! %s\n", fmt);
	exit(1);
}

/* ---- the model ------------------------------------------------------------------------ */

#define WAITERS	24
#define KEYS	12

static struct futex_waiter waiters[WAITERS];
static struct task_struct *tasks;
static struct futex_key keys[KEYS];
static struct rnd rnd;

/* Position i: who arrived i-th, and for which key. */
static struct {
	int who, key;
	u32 bits;
} model[WAITERS];
static int model_n;

static unsigned below(unsigned n)
{
	return (unsigned)(rnd_u64(&rnd) % n);
}

static void model_remove(int i)
{
	memmove(&model[i], &model[i + 1], (size_t)(--model_n - i) * sizeof(model[0]));
}

/* Keys of one address space, of another, of files; some differ in one part only. */
static void make_keys(void)
{
	int i;

	for (i = 0; i < KEYS; i++) {
		keys[i] = (struct futex_key){
			.space = (void *)(0x1000ul * (1 + i % 2)),
			.page = 0x5000ul + PAGE_SIZE * (i / 2 % 2),
			.offset = 16 * (i / 4 % 2),
		};
		if (i < 8)
			continue;
		keys[i].file = (void *)(0x100000ul + i);
		keys[i].offset |= FUTEX_KEY_FILE;
	}
}

/* Queues as in the model: order in each key, and nothing else in any bucket. */
static const char *check(void)
{
	int at[KEYS] = { 0 }, i, k, total = 0, files = 0;
	struct futex_waiter *w;
	unsigned b;

	for (b = 0; b < FUTEX_BUCKETS; b++) {
		memset(at, 0, sizeof(at));
		list_for_each_entry(w, &buckets[b], list) {
			total++;
			files += w->key.file != NULL;
			if (!w->queued)
				return "a waiter stands in a queue and says it does not";
			if (bucket_of(&w->key) != &buckets[b])
				return "a waiter stands in another bucket than its key's";
			for (k = 0; k < KEYS && !same_key(&keys[k], &w->key); k++)
				;
			for (i = at[k]; i < model_n && model[i].key != k; i++)
				;
			if (i == model_n || &waiters[model[i].who] != w)
				return "another waiter than the model's is next";
			at[k] = i + 1;
		}
	}
	if (total != model_n || nr_futex_waiters != (unsigned long)model_n)
		return "another number of waiters";
	return files == file_refs ? NULL : "references to files";
}

static bool waits(int who)
{
	int i;

	for (i = 0; i < model_n; i++)
		if (model[i].who == who)
			return true;
	return false;
}

static void arrive(void)
{
	int who = (int)below(WAITERS), key = (int)below(KEYS);
	struct futex_waiter *w = &waiters[who];

	if (waits(who))
		return;
	*w = (struct futex_waiter){ .task = &tasks[who], .key = keys[key],
				    .bits = 1u << below(3) };
	file_refs += w->key.file != NULL;
	enqueue(w);
	model[model_n].who = who;
	model[model_n].key = key;
	model[model_n++].bits = w->bits;
}

/* A signal or the end of its time. */
static void leave(void)
{
	int i = model_n ? (int)below((unsigned)model_n) : -1;

	if (i < 0)
		return;
	dequeue(&waiters[model[i].who]);
	put_key(&waiters[model[i].who].key);
	model_remove(i);
}

/* The woken ones of this step, in order; each gives its key back as it would. */
static const char *was_woken(unsigned n, int who)
{
	if (n >= woken_count || woken_task[n] != &tasks[who] || waiters[who].queued)
		return "not the one was woken who had waited longest";
	put_key(&waiters[who].key);
	return NULL;
}

static const char *wake_some(void)
{
	int key = (int)below(KEYS), n = 1 + (int)below(4), i;
	u32 bits = below(2) ? FUTEX_MATCH_ANY : 1u << below(3);
	unsigned expected = 0;
	const char *wrong = NULL;
	long ret;

	woken_count = 0;
	ret = wake_key(&keys[key], n, bits);
	for (i = 0; i < model_n && expected < (unsigned)n && !wrong;) {
		if (model[i].key != key || !(model[i].bits & bits)) {
			i++;
			continue;
		}
		wrong = was_woken(expected++, model[i].who);
		model_remove(i);
	}
	if (!wrong && (ret != (long)expected || woken_count != expected))
		wrong = "another number was woken";
	return wrong;
}

static const char *requeue_some(void)
{
	int from = (int)below(KEYS), to = (int)below(KEYS), n = (int)below(3), n2 = (int)below(4);
	const struct futex_key pair[2] = { keys[from], keys[to] };
	int i, moved = 0, end = model_n;
	unsigned woken = 0;
	const char *wrong = NULL;
	long ret;

	woken_count = 0;
	ret = requeue_keys(pair, n, n2);
	for (i = 0; i < end && !wrong;) {
		if (model[i].key != from) {
			i++;
			continue;
		}
		if (woken < (unsigned)n && (int)woken + moved < n + n2) {
			wrong = was_woken(woken++, model[i].who);
			model_remove(i);
			end--;
		} else if (moved < n2 && from != to) {
			__typeof__(model[0]) m = model[i];

			model_remove(i);
			end--;
			m.key = to;
			model[model_n++] = m;
			moved++;
		} else {
			moved += from == to && moved < n2;
			i++;
		}
	}
	if (!wrong && (ret != (long)woken + moved || woken_count != woken))
		wrong = "another number was woken and moved";
	return wrong;
}

static void test_model(unsigned steps)
{
	const char *wrong = NULL;
	unsigned i;

	for (i = 0; i < steps && !wrong; i++) {
		switch (below(8)) {
		case 0:
			leave();
			break;
		case 1:
			wrong = wake_some();
			break;
		case 2:
			wrong = requeue_some();
			break;
		default:
			arrive();
		}
		if (!wrong)
			wrong = check();
	}
	ok(!wrong, "%u random steps: %s", steps, wrong ? wrong : "as the model");
	while (model_n)
		leave();
	is(nr_futex_waiters, 0, "nobody waits at the end");
	is(file_refs, 0, "no reference is left");
}

/* ---- one by one ------------------------------------------------------------------------ */

static bool add_one(u32 *word, void *arg)
{
	*word += 1;
	return *(bool *)arg;
}

static void test_words(void)
{
	struct wake_op o = decode_op(FUTEX_OP(FUTEX_OP_ADD, 0xffd, FUTEX_OP_CMP_LT, 0x800));
	bool store = true;
	u32 old;

	is(o.arg, -3, "an argument of 12 bits with a sign");
	is(o.cmp_arg, -2048, "the other one");
	is(compare(&o, (u32)-2049), 1, "compared with a sign");
	is(compare(&o, (u32)-2048), 0, "equal is not less");
	o = decode_op(8u << 28 | 9u << 24 | 31u << 12);
	is((u32)o.arg, 1u << 31, "a shifted argument");
	is(compare(&o, 0), -ENOSYS, "a comparison that is none");

	word_memory = 41;
	is(futex_change((u32 *)8, add_one, &store, &old), 0, "change");
	is(word_memory * 100 + old, 4241, "new and old value");
	store = false;
	is(futex_change((u32 *)8, add_one, &store, &old), 0, "no change");
	is(word_memory, 42, "the value then");
	word_missing = true;
	is(futex_change((u32 *)8, add_one, &store, &old), -EFAULT,
	   "a word that is not there");
	is(futex_change((u32 *)6, add_one, &store, &old), -EFAULT,
	   "a word that is not aligned");
	word_missing = false;
	is(futex_wait((u32 *)8, false, 41, KTIME_NEVER, 1), -EAGAIN,
	   "wait for another value");
	is(futex_wait((u32 *)8, false, 42, 1000, 1), -ETIMEDOUT,
	   "wait until now");
	me.work = TIF_SIGPENDING;
	is((unsigned long)futex_wait((u32 *)8, false, 42, KTIME_NEVER, 1),
	   (unsigned long)-ERESTARTSYS, "wait with a signal pending");
	is(futex_wait((u32 *)8, false, 42, KTIME_NEVER, 0), -EINVAL,
	   "wait for no bits");
	is(nr_futex_waiters, 0, "nobody was left in a queue");
	is((unsigned)disabled, 0, "page faults are on again");
}

int main(void)
{
	plan(18 + 3);
	tasks = calloc(WAITERS, sizeof(*tasks));
	futex_init();
	make_keys();
	rnd_seed(&rnd, 5);
	test_words();
	test_model(200000);
	free(tasks);
	return done();
}
