/* SPDX-License-Identifier: MIT */
/*
 * /dev/random and /dev/urandom: numbers that differ, not secrets.  The generator is the
 * one of getrandom(2).
 */
#include <linux/errno.h>
#include <asm/uaccess.h>
#include <fs/devfs.h>
#include <kernel/sched.h>
#include <kernel/syscalls.h>

static long random_read(struct file *f, char *buf, size_t n, loff_k *pos)
{
	return sys_getrandom(buf, n, 0);
}

/* Whatever is stirred in changes nothing. */
static long random_write(struct file *f, const char *buf, size_t n, loff_k *pos)
{
	return (long)n;
}

static const struct file_operations random_ops = {
	.read = random_read, .write = random_write,
};

static struct chrdev devices[] = {
	{ .name = "random", .rdev = MKDEV(1, 8), .mode = 0666, .op = &random_ops },
	{ .name = "urandom", .rdev = MKDEV(1, 9), .mode = 0666, .op = &random_ops },
};

void random_dev_init(void)
{
	chrdev_add(&devices[0]);
	chrdev_add(&devices[1]);
}
