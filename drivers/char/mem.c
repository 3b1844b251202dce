/* SPDX-License-Identifier: MIT */
/* /dev/null, /dev/zero, /dev/full. */
#include <linux/errno.h>
#include <asm/uaccess.h>
#include <fs/devfs.h>
#include <kernel/sched.h>

/* At most so many bytes are cleared between two looks at the scheduler. */
#define PIECE	(256ul << 10)

static long null_read(struct file *f, char *buf, size_t n, loff_k *pos)
{
	return 0;
}

static long null_write(struct file *f, const char *buf, size_t n, loff_k *pos)
{
	return (long)n;
}

static long full_write(struct file *f, const char *buf, size_t n, loff_k *pos)
{
	return -ENOSPC;
}

static long zero_read(struct file *f, char *buf, size_t n, loff_k *pos)
{
	size_t done = 0, left = 0;

	while (done < n && !left) {
		size_t piece = min_t(size_t, n - done, PIECE);

		left = clear_user(buf + done, piece);
		done += piece - left;
		if (signal_pending(current))
			break;
		cond_resched();
	}
	return left && !done ? -EFAULT : (long)done;
}

/* A private map of zeros is anonymous memory, a shared one a piece of shared memory. */
static int zero_mmap(struct file *f, struct vm_area_struct *vma)
{
	if (vma->vm_flags & VM_SHARED)
		return shmem_zero_setup(vma);
	vma->vm_ops = NULL;
	return 0;
}

/* Positions mean nothing here, but seeking is allowed. */
static loff_k null_llseek(struct file *f, loff_k offset, int whence)
{
	return f->pos = 0;
}

static const struct file_operations null_ops = {
	.read = null_read, .write = null_write, .write_kernel = null_write, .llseek = null_llseek,
};

static const struct file_operations zero_ops = {
	.read = zero_read, .write = null_write, .write_kernel = null_write,
	.llseek = null_llseek, .mmap = zero_mmap,
};

static const struct file_operations full_ops = {
	.read = zero_read, .write = full_write, .llseek = null_llseek,
};

static struct chrdev devices[] = {
	{ .name = "null", .rdev = MKDEV(1, 3), .mode = 0666, .op = &null_ops },
	{ .name = "zero", .rdev = MKDEV(1, 5), .mode = 0666, .op = &zero_ops },
	{ .name = "full", .rdev = MKDEV(1, 7), .mode = 0666, .op = &full_ops },
};

void mem_dev_init(void)
{
	unsigned i;

	for (i = 0; i < ARRAY_SIZE(devices); i++)
		chrdev_add(&devices[i]);
}
