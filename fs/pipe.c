/* SPDX-License-Identifier: MIT */
/*
 * Pipes: a ring of 64 KiB in pages that come as they are needed.
 *
 * `head` and `tail` count bytes freely; both start again at 0 when the pipe is empty, so
 * short messages always use the same page.  A copy may fault and sleep, so one task at a
 * time works on the ring: `lock`, which nobody holds while waiting for the other side.
 */
#include <asm/ioctls.h>
#include <linux/poll.h>
#include <linux/uio.h>
#include "internal.h"

#define PIPE_PAGES	16
#define PIPE_SIZE	(PIPE_PAGES * PAGE_SIZE)

struct pipe {
	u32 head, tail;			/* head - tail: bytes that are in it */
	unsigned readers, writers;
	struct rw_semaphore lock;
	struct wait_queue_head rd_wait, wr_wait;
	char *page[PIPE_PAGES];
};

static struct kmem_cache *pipe_cachep;

void pipe_init(void)
{
	pipe_cachep = kmem_cache_create("pipe", sizeof(struct pipe), 0, SLAB_PANIC, NULL);
}

static inline size_t used(const struct pipe *p)
{
	return p->head - p->tail;
}

static inline void wake(struct wait_queue_head *wq)
{
	if (!list_empty(&wq->tasks))
		wake_up(wq);
}

/* ---- reading ----------------------------------------------------------------------- */

/*
 * Copy out what is there, at most n bytes; the count, or -EFAULT.  Locked.  As in Linux a
 * piece goes whole or not at all: what the reader cannot take stays in the pipe.
 */
static long take_bytes(struct pipe *p, char *buf, size_t n)
{
	size_t done = 0, left = 0;

	n = min(n, used(p));
	while (done < n) {
		size_t at = p->tail % PIPE_SIZE, offset = at % PAGE_SIZE;
		size_t piece = min_t(size_t, n - done, PAGE_SIZE - offset);

		left = copy_to_user(buf + done, p->page[at / PAGE_SIZE] + offset, piece);
		if (left)
			break;
		done += piece;
		p->tail += (u32)piece;
	}
	if (p->head == p->tail)
		p->head = p->tail = 0;
	return left && !done ? -EFAULT : (long)done;
}

static long pipe_read(struct file *f, char *buf, size_t n, loff_k *pos)
{
	struct pipe *p = f->private;
	long ret;

	if (!n)
		return 0;
	for (;;) {
		down_write(&p->lock);
		if (used(p))
			break;
		up_write(&p->lock);
		if (!p->writers)
			return 0;
		if (f->flags & O_NONBLOCK)
			return -EAGAIN;
		ret = wait_event_interruptible(p->rd_wait, used(p) || !p->writers);
		if (ret)
			return ret;
	}
	ret = take_bytes(p, buf, n);
	up_write(&p->lock);
	if (ret > 0)
		wake(&p->wr_wait);
	return ret;
}

/* ---- writing ----------------------------------------------------------------------- */

/* Copy in what there is room for; the count, or -EFAULT, -ENOMEM.  Locked. */
static long put_bytes(struct pipe *p, const char *buf, size_t n, bool kernel)
{
	size_t done = 0, left = 0;

	n = min_t(size_t, n, PIPE_SIZE - used(p));
	while (done < n) {
		size_t at = p->head % PIPE_SIZE, offset = at % PAGE_SIZE;
		size_t piece = min_t(size_t, n - done, PAGE_SIZE - offset);
		char **page = &p->page[at / PAGE_SIZE];

		if (unlikely(!*page)) {
			*page = (char *)__get_free_page(GFP_KERNEL);
			if (!*page)
				return done ? (long)done : -ENOMEM;
		}
		if (unlikely(kernel))
			memcpy(*page + offset, buf + done, piece);
		else
			left = copy_from_user(*page + offset, buf + done, piece);
		if (left)
			break;
		done += piece;
		p->head += (u32)piece;
	}
	return left && !done ? -EFAULT : (long)done;
}

static long broken_pipe(void)
{
	const struct ksiginfo info = { .signo = SIGPIPE, .pid = current->tgid,
				       .uid = current->uid };

	send_signal(current, &info);	/* the thread, not the process */
	return -EPIPE;
}

/* Up to PIPE_BUF bytes stay together: they want room for all. */
static bool has_room(const struct pipe *p, size_t n)
{
	size_t room = PIPE_SIZE - used(p);

	return room >= (n <= PIPE_BUF_K ? n : 1);
}

/* Lock the pipe when there is room; 0 (locked) or -errno. */
static long wait_for_room(struct pipe *p, size_t n, bool nonblock)
{
	long ret;

	for (;;) {
		if (!p->readers)
			return broken_pipe();
		down_write(&p->lock);
		if (has_room(p, n))
			return 0;
		up_write(&p->lock);
		if (nonblock)
			return -EAGAIN;
		ret = wait_event_interruptible(p->wr_wait, has_room(p, n) || !p->readers);
		if (ret)
			return ret;
	}
}

static long write_ring(struct file *f, const char *buf, size_t n, bool kernel)
{
	struct pipe *p = f->private;
	bool atomic = n <= PIPE_BUF_K;
	size_t done = 0;
	long ret;

	if (!n)
		return 0;
	do {
		ret = wait_for_room(p, atomic ? n : PIPE_BUF_K + 1, f->flags & O_NONBLOCK);
		if (ret)
			break;
		ret = put_bytes(p, buf + done, n - done, kernel);
		up_write(&p->lock);
		if (ret < 0)
			break;
		done += (size_t)ret;
		wake(&p->rd_wait);
	} while (done < n && !(atomic && ret));
	return done ? (long)done : ret;
}

/* The pieces one behind the other; 0 or -EFAULT. */
static int gather(char *to, const struct iovec *iov, unsigned long n)
{
	for (; n; n--, iov++) {
		if (copy_from_user(to, iov->iov_base, iov->iov_len))
			return -EFAULT;
		to += iov->iov_len;
	}
	return 0;
}

/* All `total` bytes, at most PIPE_BUF, stay together, or none goes in. */
static long pipe_write_vector(struct file *f, const struct iovec *iov, unsigned long n,
			      size_t total)
{
	struct pipe *p = f->private;
	char *data = kmalloc(total, GFP_KERNEL);
	long ret;

	if (!data)
		return -ENOMEM;
	ret = wait_for_room(p, total, f->flags & O_NONBLOCK);
	if (!ret) {
		ret = gather(data, iov, n);
		if (!ret)
			ret = put_bytes(p, data, total, true);
		up_write(&p->lock);
		if (ret > 0)
			wake(&p->rd_wait);
	}
	kfree(data);
	return ret;
}

static long pipe_write(struct file *f, const char *buf, size_t n, loff_k *pos)
{
	return write_ring(f, buf, n, false);
}

static long pipe_write_kernel(struct file *f, const char *data, size_t n, loff_k *pos)
{
	return write_ring(f, data, n, true);
}

/* ---- the rest ---------------------------------------------------------------------- */

static unsigned pipe_poll(struct file *f, struct poll_table *pt)
{
	struct pipe *p = f->private;
	unsigned mask = 0;

	if (f->mode & FMODE_READ) {
		poll_wait(f, &p->rd_wait, pt);
		mask |= used(p) ? POLLIN | POLLRDNORM : 0;
		mask |= p->writers ? 0 : POLLHUP;
	}
	if (f->mode & FMODE_WRITE) {
		poll_wait(f, &p->wr_wait, pt);
		mask |= has_room(p, PIPE_BUF_K) ? POLLOUT | POLLWRNORM : 0;
		mask |= p->readers ? 0 : POLLERR;
	}
	return mask;
}

static long pipe_ioctl(struct file *f, unsigned cmd, unsigned long arg)
{
	const struct pipe *p = f->private;
	int n = (int)used(p);

	if (cmd != FIONREAD)
		return -ENOTTY;
	return put_user(n, (int *)arg) ? -EFAULT : 0;
}

/* The inode is the last to go: one end's file at a time. */
static void pipe_release(struct file *f)
{
	struct pipe *p = f->private;

	if (f->mode & FMODE_READ)
		p->readers--;
	if (f->mode & FMODE_WRITE)
		p->writers--;
	wake_up_all(&p->rd_wait);
	wake_up_all(&p->wr_wait);
}

static void pipe_evict(struct inode *inode)
{
	struct pipe *p = inode->private;
	unsigned i;

	for (i = 0; i < PIPE_PAGES; i++)
		if (p->page[i])
			free_page((unsigned long)p->page[i]);
	kmem_cache_free(pipe_cachep, p);
}

static const struct inode_operations pipe_inode_ops = {
	.evict = pipe_evict,
};

static const struct file_operations pipe_ops = {
	.read = pipe_read,
	.write = pipe_write,
	.write_kernel = pipe_write_kernel,
	.write_vector = pipe_write_vector,
	.llseek = no_llseek,
	.poll = pipe_poll,
	.ioctl = pipe_ioctl,
	.release = pipe_release,
};

static struct inode *pipe_inode(void)
{
	struct pipe *p = kmem_cache_zalloc(pipe_cachep, GFP_KERNEL);
	struct inode *inode;

	if (!p)
		return NULL;
	init_rwsem(&p->lock);
	init_waitqueue_head(&p->rd_wait);
	init_waitqueue_head(&p->wr_wait);
	inode = inode_alloc(S_IFIFO | 0600, &pipe_inode_ops, &pipe_ops, p);
	if (!inode)
		kmem_cache_free(pipe_cachep, p);
	return inode;
}

/* Both ends; 0 or -ENOMEM. */
static int pipe_files(struct file *end[2], unsigned flags)
{
	struct inode *inode = pipe_inode();
	struct pipe *p;

	if (!inode)
		return -ENOMEM;
	p = inode->private;
	end[0] = file_create_inode(iget(inode), O_RDONLY | flags);
	p->readers = end[0] != NULL;
	end[1] = end[0] ? file_create_inode(iget(inode), O_WRONLY | flags) : NULL;
	p->writers = end[1] != NULL;
	if (!end[1])
		fput(end[0]);
	iput(inode);
	return end[1] ? 0 : -ENOMEM;
}

long sys_pipe2(int *fds, int flags)
{
	struct file *end[2];
	int fd[2], err;

	if (flags & ~(O_CLOEXEC | O_NONBLOCK | O_DIRECT))
		return -EINVAL;
	err = pipe_files(end, (unsigned)flags & O_NONBLOCK);
	if (err)
		return err;
	err = fd[0] = fd_alloc(0, (unsigned)flags);
	if (err < 0)
		goto put;
	err = fd[1] = fd_alloc(0, (unsigned)flags);
	if (err < 0)
		goto release;
	err = -EFAULT;
	if (copy_to_user(fds, fd, sizeof(fd)))
		goto release_both;
	fd_install((unsigned)fd[0], end[0]);
	fd_install((unsigned)fd[1], end[1]);
	return 0;
release_both:
	fd_release((unsigned)fd[1]);
release:
	fd_release((unsigned)fd[0]);
put:
	fput(end[0]);
	fput(end[1]);
	return err;
}

long sys_pipe(int *fds)
{
	return sys_pipe2(fds, 0);
}
