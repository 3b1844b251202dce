/* SPDX-License-Identifier: MIT */
/*
 * /bin/init: the first program.  For now it says that it runs and ends with status 0.
 * An ordinary static Linux program: it also runs on Linux.
 */
#include <asm/unistd.h>

static const char text[] = "init: running\n";

#ifdef __x86_64__
static long syscall3(long nr, long a, long b, long c)
{
	long ret;

	asm volatile("syscall" : "=a"(ret) : "0"(nr), "D"(a), "S"(b), "d"(c)
		     : "rcx", "r11", "memory");
	return ret;
}
#else
static long syscall3(long nr, long a, long b, long c)
{
	long ret;

	asm volatile("int $0x80" : "=a"(ret) : "0"(nr), "b"(a), "c"(b), "d"(c) : "memory");
	return ret;
}
#endif

void _start(void);

void _start(void)
{
	syscall3(__NR_write, 1, (long)text, sizeof(text) - 1);
	for (;;)
		syscall3(__NR_exit, 0, 0, 0);
}
