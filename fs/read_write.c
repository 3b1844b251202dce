/* SPDX-License-Identifier: MIT */
/*
 * read(2), write(2) and their family: find the file, check the range, call its operations.
 *
 * The position moves by what an operation transferred and by nothing else, so a call that
 * fails leaves it where it was.
 */
#include <linux/uio.h>
#include "internal.h"

typedef long (*rw_fn)(struct file *f, char *buf, size_t n, loff_k *pos);

/* Do n bytes from pos on end at a position, as all must?  And is n one that could be returned? */
static bool range_ok(const struct file *f, loff_k pos, size_t n)
{
	loff_k end;

	return (long)n >= 0 && (f->mode & FMODE_UNSIGNED ||
				!__builtin_add_overflow(pos, (loff_k)n, &end));
}

static long do_read(struct file *f, char *buf, size_t n, loff_k *pos)
{
	if (unlikely(!access_ok(buf, n)))
		return -EFAULT;
	if (unlikely(!f->op->read))
		return S_ISDIR_K(f->inode->mode) ? -EISDIR : -EINVAL;
	if (unlikely(!range_ok(f, *pos, n)))
		return -EINVAL;
	return f->op->read(f, buf, min_t(size_t, n, MAX_TRANSFER), pos);
}

static long do_write(struct file *f, char *buf, size_t n, loff_k *pos)
{
	if (unlikely(!access_ok(buf, n)))
		return -EFAULT;
	if (unlikely(!f->op->write || !range_ok(f, *pos, n)))
		return -EINVAL;
	return f->op->write(f, buf, min_t(size_t, n, MAX_TRANSFER), pos);
}

long sys_read(int fd, char *buf, size_t n)
{
	struct file *f;
	long ret = fget_mode(fd, FMODE_READ, &f);

	if (unlikely(ret))
		return ret;
	ret = do_read(f, buf, n, &f->pos);
	fput(f);
	return ret;
}

long sys_write(int fd, const char *buf, size_t n)
{
	struct file *f;
	long ret = fget_mode(fd, FMODE_WRITE, &f);

	if (unlikely(ret))
		return ret;
	ret = do_write(f, (char *)buf, n, &f->pos);
	fput(f);
	return ret;
}

/* ---- vectors ----------------------------------------------------------------------- */

/* Sum of the lengths, or -EINVAL, -EFAULT. */
static long check_vectors(const struct iovec *iov, unsigned long n)
{
	unsigned long sum = 0, i;

	for (i = 0; i < n; i++) {
		if ((long)iov[i].iov_len < 0 || (long)(sum + iov[i].iov_len) < 0)
			return -EINVAL;
		if (!access_ok(iov[i].iov_base, iov[i].iov_len))
			return -EFAULT;
		sum += iov[i].iov_len;
	}
	return (long)sum;
}

static long rw_each(struct file *f, const struct iovec *iov, unsigned long n, loff_k *pos,
		    rw_fn fn)
{
	unsigned long i;
	long done = 0, ret;

	for (i = 0; i < n; i++) {
		if (!iov[i].iov_len)
			continue;
		ret = fn(f, iov[i].iov_base, iov[i].iov_len, pos);
		if (ret < 0)
			return done ? done : ret;
		done += ret;
		if ((size_t)ret < iov[i].iov_len)
			break;
	}
	return done;
}

static long rw_vector(struct file *f, const void *user, unsigned long n, loff_k *pos,
		      rw_fn fn)
{
	struct iovec fast[8], *iov = fast;
	long ret;

	if (n > UIO_MAXIOV)
		return -EINVAL;
	if (n > ARRAY_SIZE(fast)) {
		iov = kmalloc(n * sizeof(*iov), GFP_KERNEL);
		if (!iov)
			return -ENOMEM;
	}
	if (copy_from_user(iov, user, n * sizeof(*iov)))
		ret = -EFAULT;
	else
		ret = check_vectors(iov, n);
	if (ret > 0 && !range_ok(f, *pos, (size_t)ret))
		ret = -EINVAL;
	if (ret > 0 && ret <= PIPE_BUF_K && fn == do_write && f->op->write_vector)
		ret = f->op->write_vector(f, iov, n, (size_t)ret);
	else if (ret > 0)
		ret = rw_each(f, iov, n, pos, fn);
	if (iov != fast)
		kfree(iov);
	return ret;
}

long sys_readv(int fd, const void *iov, unsigned long n)
{
	struct file *f;
	long ret = fget_mode(fd, FMODE_READ, &f);

	if (ret)
		return ret;
	ret = rw_vector(f, iov, n, &f->pos, do_read);
	fput(f);
	return ret;
}

long sys_writev(int fd, const void *iov, unsigned long n)
{
	struct file *f;
	long ret = fget_mode(fd, FMODE_WRITE, &f);

	if (ret)
		return ret;
	ret = rw_vector(f, iov, n, &f->pos, do_write);
	fput(f);
	return ret;
}

/* ---- at a position ----------------------------------------------------------------- */

/* The file, if it has positions at all. */
static int fget_at(int fd, unsigned mode, loff_k pos, struct file **f)
{
	int err;

	err = fget_mode(fd, mode, f);
	if (err)
		return err;
	if (pos < 0 && !((*f)->mode & FMODE_UNSIGNED))
		err = -EINVAL;
	else if ((*f)->op->llseek == no_llseek)
		err = -ESPIPE;
	if (err)
		fput(*f);
	return err;
}

long sys_pread64(int fd, char *buf, size_t n, s64 pos)
{
	struct file *f;
	long ret = fget_at(fd, FMODE_READ, pos, &f);

	if (ret)
		return ret;
	ret = do_read(f, buf, n, &pos);
	fput(f);
	return ret;
}

long sys_pwrite64(int fd, const char *buf, size_t n, s64 pos)
{
	struct file *f;
	long ret = fget_at(fd, FMODE_WRITE, pos, &f);

	if (ret)
		return ret;
	ret = do_write(f, (char *)buf, n, &pos);
	fput(f);
	return ret;
}

/* Two words of a position: in x86-64 the low one has all of it. */
static loff_k pos_of(unsigned long lo, unsigned long hi)
{
	return (loff_k)((u64)hi << (BITS_PER_LONG / 2) << (BITS_PER_LONG / 2) | lo);
}

long sys_preadv(int fd, const void *iov, unsigned long n, unsigned long lo, unsigned long hi)
{
	loff_k pos = pos_of(lo, hi);
	struct file *f;
	long ret = fget_at(fd, FMODE_READ, pos, &f);

	if (ret)
		return ret;
	ret = rw_vector(f, iov, n, &pos, do_read);
	fput(f);
	return ret;
}

long sys_pwritev(int fd, const void *iov, unsigned long n, unsigned long lo, unsigned long hi)
{
	loff_k pos = pos_of(lo, hi);
	struct file *f;
	long ret = fget_at(fd, FMODE_WRITE, pos, &f);

	if (ret)
		return ret;
	ret = rw_vector(f, iov, n, &pos, do_write);
	fput(f);
	return ret;
}

/* ---- positions --------------------------------------------------------------------- */

#define SEEK_SET	0
#define SEEK_CUR	1
#define SEEK_END	2
#define SEEK_DATA	3
#define SEEK_HOLE	4

loff_k no_llseek(struct file *f, loff_k offset, int whence)
{
	return -ESPIPE;
}

loff_k llseek_by_size(struct file *f, loff_k offset, int whence, loff_k size)
{
	loff_k base = 0;

	switch (whence) {
	case SEEK_SET:
		break;
	case SEEK_CUR:
		base = f->pos;
		break;
	case SEEK_END:
		base = size;
		break;
	case SEEK_DATA:			/* one piece of data, one hole behind it */
	case SEEK_HOLE:
		if (offset < 0 || offset >= size)
			return -ENXIO;
		offset = whence == SEEK_HOLE ? size : offset;
		break;
	default:
		return -EINVAL;
	}
	if (__builtin_add_overflow(base, offset, &offset) || offset < 0)
		return -EINVAL;
	f->pos = offset;
	return offset;
}

loff_k generic_llseek(struct file *f, loff_k offset, int whence)
{
	return llseek_by_size(f, offset, whence, f->inode->size);
}

loff_k vfs_llseek(struct file *f, loff_k offset, int whence)
{
	return (f->op->llseek ? f->op->llseek : generic_llseek)(f, offset, whence);
}

long sys_lseek(int fd, long offset, unsigned whence)
{
	struct file *f = fd_file(fd);
	loff_k old, ret;

	if (!f || f->flags & O_PATH)
		return -EBADF;
	old = f->pos;
	ret = vfs_llseek(f, offset, (int)whence);
	if (ret != (long)ret) {
		f->pos = old;
		return -EOVERFLOW;
	}
	return (long)ret;
}

/* ---- for kernel code --------------------------------------------------------------- */

long simple_read(char *buf, size_t n, loff_k *pos, const void *data, size_t size)
{
	size_t left;

	if (*pos < 0)
		return -EINVAL;
	if (*pos >= (loff_k)size || !n)
		return 0;
	n = min_t(size_t, n, size - (size_t)*pos);
	left = copy_to_user(buf, (const char *)data + *pos, n);
	if (left == n)
		return -EFAULT;
	*pos += n - left;
	return (long)(n - left);
}
