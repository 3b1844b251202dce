/* SPDX-License-Identifier: MIT */
/* syslog(2), what dmesg(1) asks: the log ring for programs, and the level of the consoles. */
#include <asm/uaccess.h>
#include <kernel/kernel.h>
#include <kernel/printk.h>
#include <kernel/sched.h>
#include <kernel/string.h>
#include <kernel/syscalls.h>
#include <mm/slab.h>
#include <linux/capability.h>

enum {
	ACTION_CLOSE, ACTION_OPEN, ACTION_READ, ACTION_READ_ALL, ACTION_READ_CLEAR,
	ACTION_CLEAR, ACTION_CONSOLE_OFF, ACTION_CONSOLE_ON, ACTION_CONSOLE_LEVEL,
	ACTION_SIZE_UNREAD, ACTION_SIZE_BUFFER,
};

static u64 cleared;		/* records before this number are not shown any more */
static int level_before_off = -1;

/* One record as dmesg wants it; its length, or -1: there is none behind *seq. */
static int format_record(u64 *seq, char *line, size_t size, char *text)
{
	struct log_info info;
	u64 us;
	int n = log_read(seq, text, LOG_LINE_MAX + 1, &info);

	if (n < 0)
		return -1;
	us = info.ns / 1000;
	return scnprintf(line, size, "<%d>[%5lu.%06lu] %s\n", min(info.level, LOGLEVEL_INFO),
			 (unsigned long)(us / 1000000), (unsigned long)(us % 1000000), text);
}

/* Where to begin so that what follows fits into n bytes. */
static u64 first_that_fits(size_t n, char *line, size_t size, char *text)
{
	u64 seq = max(log_first_seq(), cleared), first = seq;
	size_t all = 0;
	int len;

	while ((len = format_record(&seq, line, size, text)) >= 0) {
		all += (size_t)len;
		seq++;
	}
	for (seq = first; all > n; seq++) {
		len = format_record(&seq, line, size, text);
		if (len < 0)
			break;
		all -= (size_t)len;
		first = seq + 1;
	}
	return first;
}

static long read_all(char *buf, int n)
{
	const size_t size = LOG_LINE_MAX + 64;
	char *line = kmalloc(size + LOG_LINE_MAX + 1, GFP_KERNEL), *text = line + size;
	u64 seq, end = log_next_seq();
	long done = 0;
	int len;

	if (!line)
		return -ENOMEM;
	seq = first_that_fits((size_t)n, line, size, text);
	for (; seq < end; seq++, done += len) {
		len = format_record(&seq, line, size, text);
		if (len < 0 || done + len > n)
			break;
		if (copy_to_user(buf + done, line, (size_t)len)) {
			done = -EFAULT;
			break;
		}
		cond_resched();
	}
	kfree(line);
	return done;
}

static long set_level(int level)
{
	if (level < 1 || level > 8)
		return -EINVAL;
	printk_set_loglevel(level);
	level_before_off = -1;
	return 0;
}

static long console_off(void)
{
	if (level_before_off < 0)
		level_before_off = printk_loglevel();
	printk_set_loglevel(1);
	return 0;
}

static long console_on(void)
{
	if (level_before_off >= 0)
		printk_set_loglevel(level_before_off);
	level_before_off = -1;
	return 0;
}

long sys_syslog(int action, char *buf, int n)
{
	long ret;

	if (action != ACTION_READ_ALL && action != ACTION_SIZE_BUFFER && !capable(CAP_SYSLOG))
		return -EPERM;
	switch (action) {
	case ACTION_CLOSE:
	case ACTION_OPEN:
		return 0;
	case ACTION_READ_ALL:
	case ACTION_READ_CLEAR:
		if (!buf || n < 0)
			return -EINVAL;
		ret = read_all(buf, n);
		if (action == ACTION_READ_CLEAR && ret >= 0)
			cleared = log_next_seq();
		return ret;
	case ACTION_CLEAR:
		cleared = log_next_seq();
		return 0;
	case ACTION_CONSOLE_OFF:
		return console_off();
	case ACTION_CONSOLE_ON:
		return console_on();
	case ACTION_CONSOLE_LEVEL:
		return set_level(n);
	case ACTION_SIZE_BUFFER:
		return LOG_RING_SIZE;
	}
	return -EINVAL;			/* nobody takes records one by one here */
}
