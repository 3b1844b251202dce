/* SPDX-License-Identifier: MIT */
/*
 * Texts of /proc files.
 *
 * A text is made as a whole when a reader stands at its beginning, and kept: reads that
 * follow see one consistent state however small they are, and a reader that goes back to
 * the beginning gets a new one.  show() writes into a buffer; if that is too small the
 * buffer is doubled and show() starts over, so show() itself never has to wait for memory
 * while it holds a task or a lock.
 */
#include <asm/uaccess.h>
#include <fs/proc.h>
#include <kernel/printk.h>
#include <kernel/rwsem.h>
#include <kernel/string.h>
#include <mm/slab.h>
#include <mm/vmalloc.h>

#define SEQ_FIRST	PAGE_SIZE
#define SEQ_MAX		(64ul << 20)

/* ---- writing ------------------------------------------------------------------------- */

void seq_printf(struct seq *s, const char *fmt, ...)
{
	size_t room = s->size - s->len;
	va_list args;
	int n;

	if (s->full)
		return;
	va_start(args, fmt);
	n = vsnprintf(s->buf + s->len, room, fmt, args);
	va_end(args);
	if (n < 0 || (size_t)n >= room)
		s->full = true;
	else
		s->len += (size_t)n;
}

void seq_write(struct seq *s, const void *data, size_t n)
{
	if (s->full || n > s->size - s->len) {
		s->full = true;
		return;
	}
	memcpy(s->buf + s->len, data, n);
	s->len += n;
}

void seq_puts(struct seq *s, const char *text)
{
	seq_write(s, text, strlen(text));
}

void seq_pad(struct seq *s, size_t start, size_t width)
{
	while (!s->full && s->len - start < width)
		seq_write(s, " ", 1);
}

void seq_kb(struct seq *s, const char *name, unsigned long pages)
{
	seq_printf(s, "%s%8lu kB\n", name, pages << (PAGE_SHIFT - 10));
}

/* ---- the file ------------------------------------------------------------------------ */

/*
 * Copying the text out may sleep, and threads, or processes that share the descriptor, may
 * read at the same time: one of them at a time makes or looks at the text.
 */
struct proc_text {
	struct rw_semaphore lock;
	struct seq seq;
	struct proc_ref ref;
	bool valid;
};

static int text_open(struct inode *inode, struct file *f)
{
	struct proc_text *t = kzalloc(sizeof(*t), GFP_KERNEL);
	struct task_struct *p;

	if (!t)
		return -ENOMEM;
	if (proc_pid(inode)) {
		p = proc_task(inode);
		if (!p) {
			kfree(t);
			return -ESRCH;
		}
		proc_ref_take(&t->ref, p);
	}
	init_rwsem(&t->lock);
	f->private = t;
	return 0;
}

static void seq_free(struct seq *s)
{
	if (s->size > SEQ_FIRST)
		vfree(s->buf);
	else
		kfree(s->buf);
	s->buf = NULL;
}

static void text_release(struct file *f)
{
	struct proc_text *t = f->private;

	seq_free(&t->seq);
	kfree(t->seq.scratch);
	kfree(t);
}

/* A buffer of `size` bytes; what was in the old one is not needed any more. */
static int seq_resize(struct seq *s, size_t size)
{
	seq_free(s);
	s->size = 0;
	if (size > SEQ_MAX)
		return -ENOMEM;
	s->buf = size > SEQ_FIRST ? vmalloc(size) : kmalloc(size, GFP_KERNEL);
	if (!s->buf)
		return -ENOMEM;
	s->size = size;
	return 0;
}

static int make_text(const struct proc_entry *e, struct proc_text *t)
{
	struct seq *s = &t->seq;
	struct task_struct *p;
	int ret = 0;

	if (!s->scratch)
		s->scratch = kmalloc(PATH_MAX_K, GFP_KERNEL);
	if (!s->scratch)
		return -ENOMEM;
	if (!s->buf)
		ret = seq_resize(s, SEQ_FIRST);
	while (!ret) {
		s->len = 0;
		s->full = false;
		p = t->ref.pid ? proc_ref_task(&t->ref) : NULL;
		if (t->ref.pid && !p)
			return -ESRCH;
		ret = e->show(s, p);
		if (ret || !s->full)
			break;
		ret = seq_resize(s, s->size * 2);
	}
	return ret;
}

/* Locked. */
static long read_text(struct file *f, char *buf, size_t n, loff_k *pos)
{
	struct proc_text *t = f->private;
	int ret;

	if (!*pos || !t->valid) {
		t->valid = false;
		ret = make_text(proc_entry(f->inode), t);
		if (ret)
			return ret;
		t->valid = true;
	}
	return simple_read(buf, n, pos, t->seq.buf, t->seq.len);
}

static long text_read(struct file *f, char *buf, size_t n, loff_k *pos)
{
	struct proc_text *t = f->private;
	long ret;

	down_write(&t->lock);
	ret = read_text(f, buf, n, pos);
	up_write(&t->lock);
	return ret;
}

const struct file_operations proc_text_ops = {
	.open = text_open, .release = text_release, .read = text_read,
};

/* ---- written by programs ------------------------------------------------------------- */

long proc_get_text(char *text, size_t size, const char *buf, size_t n)
{
	if (!n || n >= size)
		return -EINVAL;
	if (copy_from_user(text, buf, n))
		return -EFAULT;
	n -= text[n - 1] == '\n';
	text[n] = '\0';
	return (long)n;
}

/* ---- logs ---------------------------------------------------------------------------- */

long proc_read_log(char *buf, size_t n, loff_k *pos, void *record, size_t size,
		   u64 (*next)(u64 seq, void *record))
{
	size_t done = 0;
	u64 seq;

	if (*pos < 0 || n < size)
		return -EINVAL;
	for (; n - done >= size; done += size) {
		seq = next((u64)*pos, record);
		if (!seq)
			break;
		if (copy_to_user(buf + done, record, size))
			return done ? (long)done : -EFAULT;
		*pos = (loff_k)seq;
	}
	return (long)done;
}

/* ---- records ------------------------------------------------------------------------- */

/*
 * Positions and sizes are whole records.  In pieces of a page, so that fill() can work on
 * kernel memory while it holds locks or mappings.
 */
long proc_read_records(char *buf, size_t n, loff_k *pos, unsigned size, u64 count,
		       record_fn fill, void *arg)
{
	u64 first = (u64)*pos / size, done = 0, want = n / size;
	unsigned batch = PAGE_SIZE / size;
	void *page;
	long ret = 0;

	if (*pos < 0 || first * size != (u64)*pos || n % size)
		return -EINVAL;
	if (first >= count)
		return 0;
	want = min(want, count - first);
	page = kmalloc(PAGE_SIZE, GFP_KERNEL);
	if (!page)
		return -ENOMEM;
	while (done < want) {
		unsigned k = (unsigned)min(want - done, (u64)batch);

		ret = fill(arg, first + done, k, page);
		if (!ret && copy_to_user(buf + done * size, page, (size_t)k * size))
			ret = -EFAULT;
		if (ret)
			break;
		done += k;
		if (fatal_signal_pending(current))
			break;
		cond_resched();
	}
	kfree(page);
	*pos += (loff_k)(done * size);
	return done ? (long)(done * size) : ret;
}
