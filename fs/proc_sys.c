/* SPDX-License-Identifier: MIT */
/*
 * /proc/sys: numbers that the system runs by (man 5 proc, sysctl(5)).  A write takes one
 * number, decimal or as C writes hexadecimal and octal ones, with blanks around it; what is
 * no number, or none that makes sense, is EINVAL and changes nothing.
 */
#include <asm/uaccess.h>
#include <fs/proc.h>
#include <fs/super.h>
#include <kernel/ctype.h>
#include <kernel/printk.h>
#include <kernel/sched.h>
#include <mm/filemap.h>
#include <mm/mm.h>
#include "internal.h"

#define INT_MIN_K	(-2147483647 - 1)
#define INT_MAX_K	2147483647
#define NUMBER_TEXT	32

/* One number: in a variable, or behind two functions. */
struct proc_sysctl {
	int min, max;
	int *value;
	int (*get)(void);
	int (*set)(int value);		/* 0 or -errno; may sleep */
};

/* ---- texts ----------------------------------------------------------------------------- */

static const char *skip_blanks(const char *s)
{
	while (*s == ' ' || *s == '\t' || *s == '\n')
		s++;
	return s;
}

static int digit_of(char c, unsigned base)
{
	int d = hex_value(c);

	return d >= 0 && (unsigned)d < base ? d : -1;
}

static int parse_number(const char *s, int *number)
{
	unsigned base = 10;
	bool negative;
	s64 value = 0;
	int digit;

	s = skip_blanks(s);
	negative = *s == '-';
	s += negative;
	if (*s == '0') {
		base = (s[1] | 0x20) == 'x' && digit_of(s[2], 16) >= 0 ? 16 : 8;
		s += base == 16 ? 2 : 0;
	}
	if (digit_of(*s, base) < 0)
		return -EINVAL;
	for (; (digit = digit_of(*s, base)) >= 0; s++) {
		value = value * (int)base + digit;
		if (value > INT_MAX_K + (s64)negative)
			return -EINVAL;
	}
	if (*s && *s != ' ' && *s != '\t' && *s != '\n')
		return -EINVAL;
	*number = (int)(negative ? -value : value);
	return 0;
}

/* ---- the files ------------------------------------------------------------------------- */

/* Not even root reads what is only written to. */
static int sysctl_open(struct inode *inode, struct file *f)
{
	unsigned rights = inode->mode >> (current->euid ? 0 : 6);

	if ((f->mode & FMODE_READ && !(rights & MAY_READ)) ||
	    (f->mode & FMODE_WRITE && !(rights & MAY_WRITE)))
		return -EACCES;
	return 0;
}

static long sysctl_read(struct file *f, char *buf, size_t n, loff_k *pos)
{
	const struct proc_sysctl *ctl = proc_entry(f->inode)->sysctl;
	char text[NUMBER_TEXT];
	int len;

	len = scnprintf(text, sizeof(text), "%d\n", ctl->get ? ctl->get() : *ctl->value);
	return simple_read(buf, n, pos, text, (size_t)len);
}

static int set_number(const struct proc_sysctl *ctl, int number)
{
	if (number < ctl->min || number > ctl->max)
		return -EINVAL;
	if (ctl->set)
		return ctl->set(number);
	*ctl->value = number;
	return 0;
}

/* A number is written at once: what comes after the first write is ignored. */
static long sysctl_write(struct file *f, const char *buf, size_t n, loff_k *pos)
{
	const struct proc_sysctl *ctl = proc_entry(f->inode)->sysctl;
	char text[NUMBER_TEXT];
	size_t len = min(n, sizeof(text) - 1);
	int number, err;

	if (!n || *pos) {
		*pos += (loff_k)n;
		return (long)n;
	}
	if (copy_from_user(text, buf, len))
		return -EFAULT;
	text[len] = '\0';
	err = parse_number(text, &number);
	if (!err)
		err = set_number(ctl, number);
	if (err)
		return err;
	*pos += (loff_k)n;
	return (long)n;
}

static const struct file_operations sysctl_ops = {
	.open = sysctl_open, .read = sysctl_read, .write = sysctl_write,
};

/* ---- the numbers ------------------------------------------------------------------------ */

/* 1 the page cache, 2 unused objects, 3 both; 4 only says nothing about it in the log. */
static int drop_caches(int what)
{
	if (what & 1)
		drop_page_cache();
	if (what & 2) {
		prune_icache();
		kmem_cache_shrink_all();
	}
	return 0;
}

static int written_min_free = -1;

static int min_free_kbytes(void)
{
	return written_min_free >= 0 ? written_min_free :
				       (int)(min_free_pages() << (PAGE_SHIFT - 10));
}

static int set_min_free_kbytes(int kbytes)
{
	written_min_free = kbytes;
	set_min_free_pages((unsigned long)kbytes >> (PAGE_SHIFT - 10));
	return 0;
}

static const struct proc_sysctl
	dirty_expire = { .min = 0, .max = INT_MAX_K, .value = &dirty_expire_centisecs },
	dirty_writeback = { .min = 1, .max = INT_MAX_K, .get = dirty_writeback_get,
			    .set = dirty_writeback_set },
	max_map_count = { .min = 0, .max = INT_MAX_K, .value = &sysctl_max_map_count },
	overcommit_memory = { .min = OVERCOMMIT_GUESS, .max = OVERCOMMIT_NEVER,
			      .value = &sysctl_overcommit_memory },
	overcommit_ratio = { .min = INT_MIN_K, .max = INT_MAX_K,
			     .value = &sysctl_overcommit_ratio },
	drop = { .min = 1, .max = 4, .set = drop_caches },
	min_free = { .min = 0, .max = INT_MAX_K, .get = min_free_kbytes,
		     .set = set_min_free_kbytes },
	pids = { .min = PID_MAX_MIN, .max = PID_MAX_LIMIT, .value = &pid_max,
		 .set = pid_set_max };

#define SYSCTL(n, m, ctl) \
	{ .name = n, .mode = S_IFREG | (m), .fop = &sysctl_ops, .sysctl = &(ctl) }

static const struct proc_entry kernel_entries[] = {
	SYSCTL("pid_max", 0644, pids),
	{ .name = NULL }
};

static const struct proc_entry vm_entries[] = {
	SYSCTL("dirty_expire_centisecs", 0644, dirty_expire),
	SYSCTL("dirty_writeback_centisecs", 0644, dirty_writeback),
	SYSCTL("drop_caches", 0200, drop),
	SYSCTL("max_map_count", 0644, max_map_count),
	SYSCTL("min_free_kbytes", 0644, min_free),
	SYSCTL("overcommit_memory", 0644, overcommit_memory),
	SYSCTL("overcommit_ratio", 0644, overcommit_ratio),
	{ .name = NULL }
};

const struct proc_entry proc_sys_entries[] = {
	PROC_DIR("kernel", kernel_entries),
	PROC_DIR("vm", vm_entries),
	{ .name = NULL }
};
