/* SPDX-License-Identifier: MIT */
/*
 * What needs a privilege (catalogue X17): asked for by root, by root without the one
 * capability, and by somebody else.
 */
#include "rows.h"
#include <linux/capability.h>

#define RW		(PROT_READ | PROT_WRITE)
#define ANON		(MAP_PRIVATE | MAP_ANONYMOUS)
#define NOBODY		1000
#define ALL_CAPS	0x1ffffffffffull	/* 0 to CAP_CHECKPOINT_RESTORE */

struct caps {
	u64 effective, permitted, inheritable;
};

static long cap_call(long nr, struct caps *caps)
{
	struct __user_cap_header_struct header = { _LINUX_CAPABILITY_VERSION_3, 0 };
	struct __user_cap_data_struct data[2];
	unsigned i;
	long ret;

	for (i = 0; i < 2; i++) {
		data[i].effective = (u32)(caps->effective >> 32 * i);
		data[i].permitted = (u32)(caps->permitted >> 32 * i);
		data[i].inheritable = (u32)(caps->inheritable >> 32 * i);
	}
	ret = syscall2(nr, (long)&header, (long)data);
	caps->effective = data[0].effective | (u64)data[1].effective << 32;
	caps->permitted = data[0].permitted | (u64)data[1].permitted << 32;
	caps->inheritable = data[0].inheritable | (u64)data[1].inheritable << 32;
	return ret;
}

static struct caps my_caps(void)
{
	struct caps caps = { 0, 0, 0 };

	CHECK_EQ(cap_call(__NR_capget, &caps), 0, "capget");
	return caps;
}

static long set_uids(int r, int e, int s)
{
	return syscall3(__NR_setresuid, r, e, s);
}

static long lock_a_page(void)
{
	static char page[2 * PAGE_SIZE] __attribute__((__aligned__(4096)));

	return sys_mlock(page, 1);
}

static long map_null(void)
{
	return (long)sys_mmap(NULL, PAGE_SIZE, RW, ANON | MAP_FIXED, -1, 0);
}

static long nice_of(int nice)
{
	return sys_setpriority(0, 0, nice);
}

static long make_device(void)
{
#ifdef __NR_mknod
	long ret = syscall3(__NR_mknod, (long)"/tmp/x17", 020600, 0x103);

	sys_unlink("/tmp/x17");
	return ret;
#endif
}

static long raise_limit(void)
{
	struct rlimit r = { RLIM_INFINITY, RLIM_INFINITY };

	return sys_setrlimit(RLIMIT_MEMLOCK, &r);
}

/* ---- root, and root without one capability ----------------------------------------------- */

static const struct {
	const char *what;
	long (*call)(void);
	int cap;
	long refused;
} calls[] = {
	{ "mlock over a limit of 0", lock_a_page, CAP_IPC_LOCK, -EPERM },
	{ "mmap at 0", map_null, CAP_SYS_RAWIO, -EPERM },
	{ "mknod of a device", make_device, CAP_MKNOD, -EPERM },
	{ "raising a hard limit", raise_limit, CAP_SYS_RESOURCE, -EPERM },
};

static void as_root(void *arg)
{
	ulong i = (ulong)arg;

	limit(RLIMIT_MEMLOCK, 0);
	CHECK_EQ(calls[i].call(), 0, "root: %s", calls[i].what);
}

static void without_it(void *arg)
{
	ulong i = (ulong)arg;
	struct caps caps = my_caps(), more;

	limit(RLIMIT_MEMLOCK, 0);
	caps.effective &= ~(1ull << calls[i].cap);
	CHECK_EQ(cap_call(__NR_capset, &caps), 0, "capset: not effective");
	CHECK_EQ(calls[i].call(), calls[i].refused, "without capability %d: %s", calls[i].cap,
		 calls[i].what);
	caps.effective |= 1ull << calls[i].cap;
	CHECK_EQ(cap_call(__NR_capset, &caps), 0, "capset: it is permitted still");
	more = caps;
	caps.permitted &= ~(1ull << calls[i].cap);
	CHECK_EQ(cap_call(__NR_capset, &caps), -EPERM, "capset: effective, not permitted");
	caps.effective = caps.permitted = more.permitted & ~(1ull << calls[i].cap);
	CHECK_EQ(cap_call(__NR_capset, &caps), 0, "capset: for good");
	CHECK_EQ(cap_call(__NR_capset, &more), -EPERM, "capset: it does not come back");
	CHECK_EQ(calls[i].call(), calls[i].refused, "for good: %s", calls[i].what);
}

/* ---- somebody else ------------------------------------------------------------------------ */

static void as_nobody(void *arg)
{
	struct caps caps;
	long fd;

	limit(RLIMIT_MEMLOCK, 0);
	CHECK_EQ(nice_of(5), 0, "nice 5");
	CHECK_EQ(set_uids(NOBODY, NOBODY, NOBODY), 0, "setresuid");
	caps = my_caps();
	CHECK_EQ(caps.effective | caps.permitted, 0, "capabilities of an ordinary user");
	CHECK_EQ(lock_a_page(), -EPERM, "mlock");
	CHECK_EQ(sys_mlockall(MCL_FUTURE), -EPERM, "mlockall");
	CHECK_EQ((long)sys_mmap(NULL, PAGE_SIZE, RW, ANON | MAP_LOCKED, -1, 0), -EPERM, "MAP_LOCKED");
	CHECK_EQ(map_null(), -EPERM, "mmap at 0");
	CHECK_EQ(nice_of(0), -EACCES, "setpriority to less");
	CHECK_EQ(nice_of(6), 0, "setpriority to more");
#ifdef __NR_nice
	CHECK_EQ(syscall1(__NR_nice, -1), -EPERM, "nice(-1)");
#endif
	CHECK_EQ(sys_setpriority(0, (int)sys_getppid(), 10), -EPERM, "setpriority of root's process");
	CHECK_EQ(raise_limit(), -EPERM, "raising a hard limit");
	CHECK_EQ(make_device(), -EPERM, "mknod");
	CHECK_EQ(sys_kill((int)sys_getppid(), 0), -EPERM, "kill of root's process");
	CHECK_EQ(syscall2(__NR_sethostname, (long)"x", 1), -EPERM, "sethostname");
	CHECK_EQ(syscall5(__NR_mount, (long)"proc", (long)"/proc", (long)"proc", 0, 0), -EPERM, "mount");
	CHECK_EQ(syscall3(__NR_setresuid, 0, -1, -1), -EPERM, "setresuid to 0");
	fd = sys_open("/dev/console", O_RDWR, 0);
	CHECK_EQ(fd, -EACCES, "open of a raw device");
	CHECK_EQ(sys_open("/proc/sys/vm/overcommit_memory", O_WRONLY, 0), -EACCES, "/proc/sys");
	CHECK_EQ(sys_open("/proc/pagewalk/knob", O_WRONLY, 0), -EACCES, "/proc/pagewalk/knob");
	caps.effective = caps.permitted = 1ull << CAP_IPC_LOCK;
	CHECK_EQ(cap_call(__NR_capset, &caps), -EPERM, "capset");
}

/* RLIMIT_NICE lets anybody down to what it says. */
static void with_nice_limit(void *arg)
{
	struct rlimit r = { 22, 22 };		/* nice -2 */

	CHECK_EQ(sys_setrlimit(13, &r), 0, "RLIMIT_NICE");
	CHECK_EQ(set_uids(NOBODY, NOBODY, NOBODY), 0, "setresuid");
	CHECK_EQ(nice_of(-2), 0, "setpriority down to RLIMIT_NICE");
	CHECK_EQ(nice_of(-3), -EACCES, "setpriority below it");
}

/* Effective privileges follow the effective number; the saved one keeps the way back. */
static void and_back(void *arg)
{
	CHECK_EQ(set_uids(-1, NOBODY, -1), 0, "seteuid");
	CHECK_EQ(my_caps().effective, 0, "effective capabilities");
	CHECK_EQ(my_caps().permitted, ALL_CAPS, "permitted capabilities");
	CHECK_EQ(map_null(), -EPERM, "mmap at 0");
	CHECK_EQ(set_uids(-1, 0, -1), 0, "and back");
	CHECK_EQ(my_caps().effective, ALL_CAPS, "effective capabilities");
	CHECK_EQ(map_null(), 0, "mmap at 0");
}

static void x17_rights(void)
{
	ulong i;

	CHECK_EQ(my_caps().effective, ALL_CAPS, "effective capabilities of root");
	for (i = 0; i < ARRAY_SIZE(calls); i++) {
		check_in_child(as_root, (void *)i, calls[i].what);
		check_in_child(without_it, (void *)i, calls[i].what);
	}
	check_in_child(as_nobody, NULL, "an ordinary user");
	check_in_child(with_nice_limit, NULL, "RLIMIT_NICE");
	check_in_child(and_back, NULL, "the way back");
	CHECK_INFO("%u calls by root, without one capability, by others; 16 refused to an ordinary user",
		   (unsigned)ARRAY_SIZE(calls));
}
TEST(X17, x17_rights);
