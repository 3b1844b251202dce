/* SPDX-License-Identifier: MIT */
/* O3: what the kernel gives a new program, and the plainest calls. */
#include <linux/auxvec.h>
#include "../lib/check.h"
#include "calls.h"

static int data = 0x600df00d;
static const int rodata = 0x5eed;
static int bss[3000];

static void check_image(void)
{
	unsigned i, wrong = 0;

	CHECK_EQ(data, 0x600df00d, "initialised data");
	CHECK_EQ(rodata, 0x5eed, "read-only data");
	for (i = 0; i < ARRAY_SIZE(bss); i++)
		wrong += bss[i] != 0;
	CHECK_EQ(wrong, 0, "words of the bss that are not zero");
	data++;
	bss[7]++;
}

static void check_auxv(void)
{
	ulong value = 0;

	CHECK(auxv_get(AT_PAGESZ, &value) && value == PAGE_SIZE, "AT_PAGESZ is %lu", value);
	CHECK(auxv_get(AT_PHDR, &value) && value, "AT_PHDR is %#lx", value);
	CHECK(auxv_get(AT_ENTRY, &value) && value, "AT_ENTRY is %#lx", value);
	CHECK(auxv_get(AT_RANDOM, &value) && value, "AT_RANDOM is %#lx", value);
}

static void check_fork(void)
{
	long self = sys_getpid(), pid = sys_fork();
	int status;

	if (pid == 0)
		exit(sys_getppid() == self && sys_getpid() != self ? 42 : 1);
	CHECK(pid > 0, "fork returns %ld", pid);
	status = wait_for((int)pid);
	CHECK_EQ(status, 42 << 8, "wait status of a child that exits with 42");
	CHECK_EQ(sys_wait4(-1, &status, 0, NULL), -ECHILD, "wait4 without children");
}

static void o3_calls(void)
{
	u64 before;

	check_image();
	check_auxv();
	CHECK_EQ(sys_getpid(), sys_gettid(), "thread number of the only thread");
	CHECK_EQ(syscall0(9999), -ENOSYS, "a call that does not exist");
	CHECK_EQ(sys_write(99, "x", 1), -EBADF, "write to a descriptor that is not open");
	CHECK_EQ(sys_write(1, (void *)-4096l, 1), -EFAULT, "write from a kernel address");
	check_fork();
	before = now_ns();
	sleep_ms(20);
	CHECK(now_ns() - before >= 20000000, "nanosleep of 20 ms took %u us",
	      (unsigned)((now_ns() - before) / 1000));
	more_calls();
}
TEST(O3, o3_calls);
