/* SPDX-License-Identifier: MIT */
/*
 * sendfile(2): from the page cache to any file that takes bytes out of kernel memory, a
 * page at a time.
 */
#include "internal.h"

/* Up to n bytes from *pos; the count, or -errno if there were none. */
static long send_pages(struct file *out, struct file *in, loff_k *pos, size_t n)
{
	char *page = (char *)__get_free_page(GFP_KERNEL);
	size_t done = 0;
	long ret = 0;

	if (!page)
		return -ENOMEM;
	while (done < n) {
		ret = kernel_read(in, page, min_t(size_t, n - done, PAGE_SIZE), *pos);
		if (ret <= 0)
			break;
		ret = out->op->write_kernel(out, page, (size_t)ret, &out->pos);
		if (ret <= 0)
			break;
		done += (size_t)ret;
		*pos += ret;
		if (signal_pending(current))
			break;
		cond_resched();
	}
	free_page((unsigned long)page);
	return done ? (long)done : ret;
}

static long check_and_send(struct file *out, struct file *in, loff_k *pos, size_t n)
{
	if (!out->op->write_kernel || out->flags & O_APPEND || *pos < 0)
		return -EINVAL;
	return send_pages(out, in, pos, min_t(size_t, n, MAX_TRANSFER));
}

/* pos NULL: the position of `in`, which moves. */
static long do_sendfile(int outfd, int infd, loff_k *pos, size_t n)
{
	struct file *out, *in;
	long ret = fget_mode(infd, FMODE_READ, &in);

	if (ret)
		return ret;
	ret = fget_mode(outfd, FMODE_WRITE, &out);
	if (!ret) {
		ret = check_and_send(out, in, pos ? pos : &in->pos, n);
		fput(out);
	}
	fput(in);
	return ret;
}

long sys_sendfile(int out, int in, long *offset, size_t n)
{
	loff_k pos;
	long at, ret;

	if (!offset)
		return do_sendfile(out, in, NULL, n);
	if (get_user(at, offset))
		return -EFAULT;
	pos = at;
	ret = do_sendfile(out, in, &pos, n);
	at = (long)pos;
	return put_user(at, offset) ? -EFAULT : ret;
}

long sys32_sendfile64(int out, int in, s64 *offset, size_t n)
{
	loff_k pos;
	long ret;

	if (!offset)
		return do_sendfile(out, in, NULL, n);
	if (copy_from_user(&pos, offset, sizeof(pos)))
		return -EFAULT;
	ret = do_sendfile(out, in, &pos, n);
	return copy_to_user(offset, &pos, sizeof(pos)) ? -EFAULT : ret;
}
