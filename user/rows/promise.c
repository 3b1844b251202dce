/* SPDX-License-Identifier: MIT */
/*
 * How much memory a program may ask for (catalogue A23): RLIMIT_AS, the three modes of
 * overcommit with CommitLimit, and the numbers of /proc/sys that say so.
 */
#include "rows.h"

#define RW		(PROT_READ | PROT_WRITE)
#define ANON		(MAP_PRIVATE | MAP_ANONYMOUS)
#define PAGES(n)	((ulong)(n) * PAGE_SIZE)

#define OVERCOMMIT	"/proc/sys/vm/overcommit_memory"
#define RATIO		"/proc/sys/vm/overcommit_ratio"
#define MAP_COUNT	"/proc/sys/vm/max_map_count"
#define MIN_FREE	"/proc/sys/vm/min_free_kbytes"
#define DROP		"/proc/sys/vm/drop_caches"
#define PID_MAX		"/proc/sys/kernel/pid_max"

static long write_text(const char *path, const char *value)
{
	long fd = sys_open(path, O_WRONLY | O_TRUNC, 0), ret;

	if (fd < 0)
		return fd;
	ret = sys_write((int)fd, value, strlen(value));
	sys_close((int)fd);
	return ret < 0 ? ret : 0;
}

static ulong map(ulong pages, int prot, int flags)
{
	return (ulong)sys_mmap(NULL, PAGES(pages), prot, flags, -1, 0);
}

static ulong meminfo(const char *name)
{
	return (ulong)pw_field("/proc/meminfo", name) / 4;
}

static ulong vm_size(void)
{
	return (ulong)pw_field("/proc/self/status", "VmSize:") / 4;
}

/* ---- RLIMIT_AS ------------------------------------------------------------------------- */

static void address_space(void *arg)
{
	ulong size = vm_size(), p;

	limit(RLIMIT_AS, PAGES(size + 10) + 4095);
	CHECK_EQ((long)map(11, PROT_NONE, ANON), -ENOMEM, "a page over RLIMIT_AS, PROT_NONE");
	p = map(10, PROT_NONE, ANON);
	CHECK(!IS_ERR(p), "up to it: %ld", (long)p);
	CHECK_EQ((long)map(1, PROT_READ, MAP_SHARED | MAP_ANONYMOUS), -ENOMEM, "a page more");
	CHECK_EQ((long)sys_mremap((void *)p, PAGES(10), PAGES(11), MREMAP_MAYMOVE, NULL), -ENOMEM,
		 "mremap");
	CHECK_EQ((ulong)sys_mmap((void *)p, PAGES(10), RW, ANON | MAP_FIXED, -1, 0), p,
		 "what replaces others");
	CHECK_EQ(wait_for((int)sys_fork() ?: (sys_exit_group(0), 0)), 0, "fork over RLIMIT_AS");
	limit(RLIMIT_AS, PAGES(5));
	CHECK_EQ((long)map(1, PROT_NONE, ANON), -ENOMEM, "a limit below what is there");
	CHECK_EQ(sys_munmap((void *)p, PAGES(10)), 0, "munmap");
}

/* ---- modes ----------------------------------------------------------------------------- */

static void mode_0(ulong ram)
{
	ulong p;

	CHECK_EQ((long)map(ram + 1, RW, ANON), -ENOMEM, "mode 0: more at once than RAM");
	CHECK_EQ((long)map(ram + 1, RW, MAP_SHARED | MAP_ANONYMOUS), -ENOMEM, "mode 0: shared");
	p = map(ram + 1, RW, ANON | MAP_NORESERVE);
	CHECK(!IS_ERR(p), "mode 0: NORESERVE: %ld", (long)p);
	sys_munmap((void *)p, PAGES(ram + 1));
	p = map(ram + 1, PROT_NONE, ANON);
	CHECK(!IS_ERR(p), "mode 0: PROT_NONE: %ld", (long)p);
	CHECK_EQ(sys_mprotect((void *)p, PAGES(ram + 1), RW), -ENOMEM, "mode 0: that becomes writable");
	CHECK_EQ(sys_mprotect((void *)p, PAGES(ram), RW), 0, "mode 0: a page less of it");
	sys_munmap((void *)p, PAGES(ram + 1));
}

static void mode_1(ulong ram)
{
	ulong p;

	CHECK_EQ(write_text(OVERCOMMIT, "1\n"), 0, "mode 1");
	p = map(ram + 1, RW, ANON);
	CHECK(!IS_ERR(p), "mode 1: more than RAM: %ld", (long)p);
	sys_munmap((void *)p, PAGES(ram + 1));
}

/* What root may still promise: below the limit, and a 32nd of its size is kept back. */
static ulong room(void)
{
	ulong kept = vm_size() / 32, most = meminfo("MemTotal:") / 32, user = PAGES(32768) / PAGE_SIZE;

	if (kept > most)
		kept = most;
	if (kept > user)
		kept = user;
	return meminfo("CommitLimit:") - meminfo("Committed_AS:") - kept - 1;
}

static void mode_2(void)
{
	ulong ram = meminfo("MemTotal:"), before, n, p, heap = (ulong)sys_brk(NULL);
	long pid;

	CHECK_EQ(write_text(OVERCOMMIT, "2\n"), 0, "mode 2");
	CHECK_EQ(write_text(RATIO, "20\n"), 0, "overcommit_ratio");
	CHECK_EQ(meminfo("CommitLimit:"), ram * 20 / 100, "CommitLimit in pages");
	before = meminfo("Committed_AS:");
	n = room();
	CHECK_EQ((long)map(n + 1, RW, ANON), -ENOMEM, "mode 2: a page over the limit, of %lu", n);
	CHECK_EQ((long)map(n + 1, RW, ANON | MAP_NORESERVE), -ENOMEM, "mode 2: NORESERVE does not help");
	CHECK_EQ((long)map(n + 1, RW, MAP_SHARED | MAP_ANONYMOUS), -ENOMEM, "mode 2: nor shared");
	p = map(n + 1, PROT_NONE, ANON);
	CHECK(!IS_ERR(p), "mode 2: PROT_NONE: %ld", (long)p);
	sys_munmap((void *)p, PAGES(n + 1));
	p = map(n, RW, ANON);
	CHECK(!IS_ERR(p), "mode 2: up to the limit: %ld", (long)p);
	CHECK_EQ(meminfo("Committed_AS:"), before + n, "Committed_AS");
	CHECK_EQ((ulong)sys_brk((void *)(heap + PAGES(2))), heap, "mode 2: brk");
	CHECK_EQ((long)sys_mremap((void *)p, PAGES(n), PAGES(n + 1), MREMAP_MAYMOVE, NULL), -ENOMEM,
		 "mode 2: mremap");
	pid = sys_fork();
	if (!pid)
		sys_exit_group(0);
	CHECK_EQ(pid, -ENOMEM, "mode 2: fork promises all of it again");
	sys_munmap((void *)p, PAGES(n));
	CHECK_EQ(meminfo("Committed_AS:"), before, "Committed_AS after munmap");
	p = map(100, RW, MAP_SHARED | MAP_ANONYMOUS);
	CHECK_EQ(meminfo("Committed_AS:"), before + 100, "Committed_AS with shared memory");
	sys_munmap((void *)p, PAGES(100));
	CHECK_EQ(meminfo("Committed_AS:"), before, "and without");
	CHECK_EQ(write_text(RATIO, "50\n"), 0, "overcommit_ratio");
	CHECK_EQ(write_text(OVERCOMMIT, "0\n"), 0, "mode 0");
}

/* ---- /proc/sys ------------------------------------------------------------------------- */

static void refuses(const char *path, const char *value)
{
	CHECK_EQ(write_text(path, value), -EINVAL, "\"%s\" to %s", value, path);
}

static void check_numbers(void)
{
	s64 min_free = pw_field(MIN_FREE, "");
	char value[24];

	CHECK_EQ(pw_field(OVERCOMMIT, ""), 0, "overcommit_memory");
	CHECK_EQ(pw_field(RATIO, ""), 50, "overcommit_ratio");
	CHECK_EQ(pw_field(MAP_COUNT, ""), 65530, "max_map_count");
	CHECK_EQ(pw_field(PID_MAX, ""), 32768, "pid_max");
	CHECK(min_free > 0, "min_free_kbytes: %lld", (long long)min_free);
	refuses(OVERCOMMIT, "3");
	refuses(OVERCOMMIT, "-1");
	refuses(OVERCOMMIT, "x");
	refuses(OVERCOMMIT, "1x");
	refuses(OVERCOMMIT, "\n");
	refuses(OVERCOMMIT, "99999999999999999999");
	refuses(MAP_COUNT, "-1");
	refuses(PID_MAX, "300");
	refuses(PID_MAX, LONG64 ? "4194305" : "32769");
	refuses(DROP, "0");
	refuses(DROP, "5");
	CHECK_EQ(sys_open(DROP, O_RDONLY, 0), -EACCES, "open of drop_caches for reading");
	CHECK_EQ(write_text(DROP, "3\n"), 0, "drop_caches");
	CHECK_EQ(pw_field(OVERCOMMIT, ""), 0, "overcommit_memory after all that");
	snprintf(value, sizeof(value), "%lld", (long long)min_free + 400);
	CHECK_EQ(write_text(MIN_FREE, value), 0, "min_free_kbytes");
	CHECK_EQ(pw_field(MIN_FREE, ""), min_free + 400, "min_free_kbytes as it was written");
	snprintf(value, sizeof(value), "%lld", (long long)min_free);
	CHECK_EQ(write_text(MIN_FREE, value), 0, "min_free_kbytes");
	CHECK_EQ(write_text(PID_MAX, LONG64 ? " 0x400000\n" : "0x8000"), 0, "pid_max, hexadecimal");
	CHECK_EQ(pw_field(PID_MAX, ""), LONG64 ? 4194304 : 32768, "pid_max");
	CHECK_EQ(wait_for((int)sys_fork() ?: (sys_exit_group(0), 0)), 0, "fork");
	CHECK_EQ(write_text(PID_MAX, "32768"), 0, "pid_max");
}

/* Regions: two more than there are. */
static void check_map_count(void)
{
	ulong first = map(3, PROT_NONE, ANON);
	unsigned n = regions_in(NULL, ~0ul);
	char value[16];

	snprintf(value, sizeof(value), "%u", n + 1);
	CHECK_EQ(write_text(MAP_COUNT, value), 0, "max_map_count of %u", n + 1);
	CHECK_EQ(sys_mprotect((void *)(first + PAGE_SIZE), PAGE_SIZE, RW), -ENOMEM,
		 "mprotect that needs two regions more");
	CHECK_EQ(regions_in(NULL, ~0ul), n, "regions after it failed");
	CHECK_EQ(sys_mprotect((void *)first, PAGE_SIZE, RW), 0, "one region more");
	CHECK_EQ(write_text(MAP_COUNT, "65530"), 0, "max_map_count");
	sys_munmap((void *)first, PAGES(3));
}

static void a23_limits(void)
{
	ulong ram = meminfo("MemTotal:");

	check_numbers();
	check_map_count();
	check_in_child(address_space, NULL, "RLIMIT_AS");
	/* With that much RAM, no request is beyond it. */
	if (PAGES(ram) < task_size() / 2) {
		mode_0(ram);
		mode_1(ram);
	}
	mode_2();
	CHECK_INFO("RLIMIT_AS to the page; modes 0, 1, 2 to the page of CommitLimit; 6 files of /proc/sys");
}
TEST(A23, a23_limits);
