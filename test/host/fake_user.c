/* SPDX-License-Identifier: MIT */
/* User memory for the host tests of fs/, and what fs/ asks of the rest of the kernel. */
#include <asm/tlbflush.h>
#include <asm/uaccess.h>
#include <fs/devfs.h>
#include <kernel/initramfs.h>
#include <kernel/printk.h>
#include <kernel/sched.h>
#include <kernel/syscalls.h>
#include <kernel/time.h>
#include <mm/fault.h>
#include <mm/mm.h>
#include <stdarg.h>
#include <stdio.h>

bool user_missing[USER_PAGES];
char user_memory[USER_PAGES][PAGE_SIZE];

/* Bytes from `addr` on that can be touched, at most n. */
static unsigned long reachable(unsigned long addr, unsigned long n)
{
	unsigned long done = 0, page;

	while (done < n) {
		page = (addr + done - USER_BASE) >> PAGE_SHIFT;
		if (addr < USER_BASE || page >= USER_PAGES || user_missing[page])
			return done;
		done += PAGE_SIZE - ((addr + done) & (PAGE_SIZE - 1));
	}
	return n;
}

static char *at(unsigned long addr)
{
	return &user_memory[0][0] + (addr - USER_BASE);
}

unsigned long copy_to_user(void *to, const void *from, unsigned long n)
{
	unsigned long good = reachable((unsigned long)to, n);

	memcpy(at((unsigned long)to), from, good);
	return n - good;
}

unsigned long copy_from_user(void *to, const void *from, unsigned long n)
{
	unsigned long good = reachable((unsigned long)from, n);

	memcpy(to, at((unsigned long)from), good);
	memset((char *)to + good, 0, n - good);
	return n - good;
}

unsigned long clear_user(void *to, unsigned long n)
{
	unsigned long good = reachable((unsigned long)to, n);

	memset(at((unsigned long)to), 0, good);
	return n - good;
}

long strncpy_from_user(char *to, const char *from, unsigned long n)
{
	unsigned long i;

	for (i = 0; i < n; i++) {
		if (copy_from_user(to + i, from + i, 1))
			return -EFAULT;
		if (!to[i])
			return (long)i;
	}
	return (long)n;
}

unsigned long strnlen_user(const char *s, unsigned long n)
{
	unsigned long i;
	char c;

	for (i = 0; i < n; i++) {
		if (copy_from_user(&c, s + i, 1))
			return 0;
		if (!c)
			return i + 1;
	}
	return n + 1;
}

/* ---- the rest of the kernel -------------------------------------------------------- */

LIST_HEAD(initramfs_list);

u64 ktime_ns(void)
{
	static u64 now;

	return now += 1000;
}

u64 host_realtime_offset;

u64 realtime_ns(void)
{
	return ktime_ns() + host_realtime_offset;
}

u64 schedule_until(u64 when)
{
	schedule();
	return 0;
}

long kernel_thread(int (*fn)(void *), void *arg, const char *name)
{
	return -EAGAIN;
}

struct vm_counters vm_counters;
bool oom_victim_running(void);

bool oom_victim_running(void)
{
	return false;
}

int scnprintf(char *buf, size_t size, const char *fmt, ...)
{
	va_list args;
	int n;

	va_start(args, fmt);
	n = vsnprintf(buf, size, fmt, args);
	va_end(args);
	return n < (int)size ? n : (int)size - 1;
}

void recalc_sigpending(void)
{
}

void random_dev_init(void)
{
}

void fb_dev_init(void)
{
}

void tty_init(void)
{
}

void flush_tlb_page(struct mm_struct *mm, unsigned long addr)
{
}

void flush_tlb_range(struct mm_struct *mm, unsigned long start, unsigned long end)
{
}

void flush_tlb_mm(struct mm_struct *mm)
{
}
