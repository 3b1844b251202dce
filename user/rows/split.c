/* SPDX-License-Identifier: MIT */
/* K11: how far user addresses reach.  The argument is what the kernel says. */
#include "rows.h"

#define SIGSEGV		11

static noinline __noreturn void use_last_page(ulong addr)
{
	volatile ulong *p;

	p = sys_mmap((void *)addr, PAGE_SIZE, PROT_READ | PROT_WRITE,
		     MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
	if (p != (void *)addr)
		sys_exit_group(1);
	if (p[0] || p[PAGE_SIZE / sizeof(long) - 1])
		sys_exit_group(2);
	p[PAGE_SIZE / sizeof(long) - 1] = addr;
	sys_exit_group(p[PAGE_SIZE / sizeof(long) - 1] == addr ? 0 : 3);
}

/* At the very top stands our own stack: whoever replaces it must run further down. */
static noinline void from_deeper(ulong addr)
{
	char deeper[16 * PAGE_SIZE];

	__asm__ volatile("" : : "r" (deeper) : "memory");
	use_last_page(addr);
}

/* Mapping there must fail; 0, or what mmap returned. */
static long refused(ulong addr, size_t len)
{
	void *p = sys_mmap((void *)addr, len, PROT_READ | PROT_WRITE,
			   MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);

	return p == (void *)(long)-ENOMEM ? 0 : (long)p;
}

static void touch_behind(void *arg)
{
	*(volatile char *)arg = 1;
}

static void k11_split(void)
{
	ulong top = row_number(0);
	long pid = sys_fork();
	int status;

	if (pid == 0)
		from_deeper(top - PAGE_SIZE);
	status = wait_for((int)pid);
	CHECK_EQ(status, 0, "wait status of a child that uses a page at %#lx", top - PAGE_SIZE);
	CHECK_EQ(refused(top, PAGE_SIZE), 0, "mmap at %#lx: not refused with ENOMEM", top);
	CHECK_EQ(refused(top - PAGE_SIZE, 2 * PAGE_SIZE), 0,
		 "mmap across %#lx: not refused with ENOMEM", top);
	CHECK_EQ(task_size(), top, "end of the last region of /proc/self/maps");
	pid = sys_fork();
	if (pid == 0) {
		touch_behind((void *)top);
		sys_exit_group(0);
	}
	status = wait_for((int)pid);
	CHECK(KILLED(status, SIGSEGV), "wait status of a child that writes to %#lx: %#x", top,
	      (unsigned)status);
}
TEST(K11, k11_split);
