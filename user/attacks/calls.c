/* SPDX-License-Identifier: MIT */
/*
 * Random system calls.  A worker makes them as an unprivileged user with little; when it
 * dies or sleeps too long another one goes on behind the call that did it.  Call n depends
 * on the seed and n alone, so `attack calls COUNT SEED FROM` repeats what was there.
 */
#include "../attack.h"

#define DIR		"/tmp/attack"
#define NUMBERS		(LONG64 ? 452u : 454u)
#define SCRATCH_PAGES	16u
#define SCRATCH_WORDS	(SCRATCH_PAGES * PAGE_SIZE / sizeof(long))
#define TICK_MS		4
#define STUCK_MS	40

static struct shared {
	volatile u64 done, answered, workers, stuck, killed;
	volatile u64 nr, arg[6];	/* the last call, for whoever looks at a crash */
} *shared;

static u64 calls_seed, calls_count;
static char *scratch, *none, *readonly;
static int worker_pid;

/* ---- arguments ------------------------------------------------------------------ */

static const char *const paths[] = {
	"a", "b", "c", "d", "d/e", "d/f", ".", "", "/dev/zero", "/dev/null", "/proc/self/maps",
	"/proc/self/status", "/bin/tiny", "/proc/self/exe", "a/b", "nowhere",
};

static u64 random_for(u64 n)
{
	u64 x = (calls_seed ^ n * 0x9e3779b97f4a7c15ull) + 1;

	x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9ull;
	x = (x ^ x >> 27) * 0x94d049bb133111ebull;
	x ^= x >> 31;
	return x ? x : 1;
}

static ulong argument(u64 *state)
{
	u64 r = next_random(state), v = r >> 16;

	switch (r & 31) {
	case 0 ... 5:	return (ulong)(v & 15);
	case 6:		return ~0ul;
	case 7 ... 11:	return (ulong)scratch + (v & (SCRATCH_PAGES * PAGE_SIZE - 1));
	case 12:	return (ulong)scratch + (v % SCRATCH_PAGES) * PAGE_SIZE;
	case 13:	return (ulong)scratch + SCRATCH_PAGES * PAGE_SIZE - (v & 63);
	case 14:	return kernel_page + (v & 0xfffff);
	case 15:	return (ulong)next_random(state);
	case 16:	return USER_END - 32 + (v & 63);
	case 17:	return 1ul << (v % (8 * sizeof(long)));
	case 18:	return (ulong)(v & 255) * PAGE_SIZE;
	case 19:	return (ulong)none + (v & 4095);
	case 20:	return (ulong)readonly + (v & 4095);
	case 21 ... 22:	return (ulong)(v & 31);
	case 23 ... 25:	return (ulong)paths[v % ARRAY_SIZE(paths)];
	case 26:	return (ulong)(v & 0xffff);
	case 27:	return (ulong)-(long)(v & 4095);
	case 28:	return v & 1 ? 0x7ffffffful : 0x80000000ul;
	case 29:	return (ulong)(v & 0x3fffff);
	case 30:	return v & 0x3f ? 0 : (ulong)random_for + (v & 0xfff);
	default:	return 0;
	}
}

/* Those that end or suspend the worker, or copy it: seldom, or it would do nothing else. */
static bool is_rare(unsigned nr)
{
	switch (nr) {
	case __NR_exit:
	case __NR_exit_group:
	case __NR_pause:
	case __NR_rt_sigsuspend:
	case __NR_rt_sigreturn:
	case __NR_fork:
	case __NR_vfork:
	case __NR_clone:
	case __NR_clone3:
	case __NR_munmap:
	case __NR_mmap:
	case __NR_kill:
	case __NR_tkill:
	case __NR_tgkill:
	case __NR_execve:
	case __NR_execveat:
	case __NR_poll:
	case __NR_ppoll:
	case __NR_mremap:
	case __NR_mprotect:
	case __NR_rt_sigtimedwait:
	case __NR_wait4:
	case __NR_waitid:
	case __NR_select:
	case __NR_pselect6:
	case __NR_close_range:
#ifndef __x86_64__
	case __NR_sigreturn:
	case __NR_sigsuspend:
	case __NR_waitpid:
	case __NR_mmap2:
	case __NR__newselect:
#endif
		return true;
	}
	return false;
}

/* ---- the worker ----------------------------------------------------------------- */

static void on_tick(int sig)
{
}

/* What earlier calls may have taken away. */
static void repair(void)
{
	long tick[4] = { 0, TICK_MS * 1000, 0, TICK_MS * 1000 };
	u64 mask = 0;

	sys_mmap(scratch, SCRATCH_PAGES * PAGE_SIZE, RW,
		 MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
	sys_mmap(none, PAGE_SIZE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
	sys_mmap(readonly, PAGE_SIZE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
	set_signal(SIGALRM, (void *)on_tick, 0);
	syscall4(__NR_rt_sigprocmask, 2, (long)&mask, 0, 8);
	syscall3(__NR_setitimer, 0, (long)tick, 0);
}

/* Some bytes that a call may take for a structure. */
static void scribble(u64 *state)
{
	ulong *p = (ulong *)scratch;
	unsigned i;

	for (i = 0; i < 8; i++)
		p[next_random(state) % SCRATCH_WORDS] = argument(state);
}

static void one_call(u64 n)
{
	u64 state = random_for(n);
	unsigned nr = (unsigned)(next_random(&state) % NUMBERS), i;
	long ret;

	if (is_rare(nr) && next_random(&state) % 32)
		nr = (unsigned)(next_random(&state) % NUMBERS);
	if (is_rare(nr) && next_random(&state) % 8)
		nr = __NR_mincore;
	if (next_random(&state) % 1024 == 0)
		nr = (unsigned)next_random(&state);
	shared->nr = nr;
	for (i = 0; i < 6; i++)
		shared->arg[i] = argument(&state);
	ret = syscall6(nr, (long)shared->arg[0], (long)shared->arg[1], (long)shared->arg[2],
		       (long)shared->arg[3], (long)shared->arg[4], (long)shared->arg[5]);
	/* A copy of the worker is no worker. */
	if (sys_getpid() != worker_pid)
		sys_exit_group(0);
	shared->answered += ret != -ENOSYS;
}

static int worker(void *arg)
{
	u64 state, n;

	int fd, null = (int)sys_open("/dev/null", O_RDWR, 0);

	for (fd = 0; fd < 3; fd++)
		sys_dup2(null, fd);
	become_nobody();
	syscall2(__NR_mkdir, (long)"d", 0755);
	worker_pid = (int)sys_getpid();
	repair();
	while ((n = shared->done) < calls_count) {
		if (n % 128 == 0) {
			repair();
			state = random_for(~n);
			scribble(&state);
		}
		shared->done = n + 1;
		one_call(n);
	}
	return 0;
}

/* ---- the overseer --------------------------------------------------------------- */

#define DEEPEST		64u	/* directories in directories that are emptied */

static void empty_directory(long fd, unsigned depth);

/* By directory and name: a whole path may be longer than any buffer. */
static bool remove_entry(long fd, const char *name, unsigned depth)
{
	long sub;

	syscall3(__NR_fchmodat, fd, (long)name, 0700);
	if (syscall3(__NR_unlinkat, fd, (long)name, 0) == 0)
		return true;
	sub = syscall4(__NR_openat, fd, (long)name, O_RDONLY | O_DIRECTORY, 0);
	if (sub >= 0 && depth < DEEPEST)
		empty_directory(sub, depth + 1);
	if (sub >= 0)
		sys_close((int)sub);
	return syscall3(__NR_unlinkat, fd, (long)name, AT_REMOVEDIR) == 0;
}

/* Everything in an open directory, and what is in its directories. */
static void empty_directory(long fd, unsigned depth)
{
	char buffer[1024];
	const char *name;
	bool any = true;
	long n, at;

	while (any) {
		any = false;
		syscall3(__NR_lseek, fd, 0, 0);
		while ((n = syscall3(__NR_getdents64, fd, (long)buffer, sizeof(buffer))) > 0) {
			for (at = 0; at < n; at += *(u16 *)(buffer + at + 16)) {
				name = buffer + at + 19;
				if (strcmp(name, ".") && strcmp(name, ".."))
					any |= remove_entry(fd, name, depth);
			}
		}
	}
}

static void empty_place(const char *dir)
{
	long fd = sys_open(dir, O_RDONLY | O_DIRECTORY, 0);

	if (fd < 0)
		return;
	empty_directory(fd, 0);
	sys_close((int)fd);
}

/* A worker that found its way out of DIR may have left something where everybody can. */
static int empty_public(void *arg)
{
	become_nobody();
	empty_place("/tmp");
	empty_place("/dev/shm");
	return 0;
}

static void oversee(long pid)
{
	u64 before = ~0ull;
	int status;
	long ret;

	for (;;) {
		ret = sys_wait4((int)pid, &status, 0, NULL);
		if (ret == pid) {
			shared->killed += (status & 0x7f) != 0;
			return;
		}
		if (ret != -EINTR || shared->done == before) {
			shared->stuck++;
			sys_kill((int)pid, SIGKILL);
			wait_for((int)pid);
			return;
		}
		before = shared->done;
	}
}

static void make_places(void)
{
	scratch = sys_mmap((void *)EMPTY_PLACE, (SCRATCH_PAGES + 3) * PAGE_SIZE, RW,
			   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	none = scratch + (SCRATCH_PAGES + 1) * PAGE_SIZE;
	readonly = none + PAGE_SIZE;
	sys_munmap(scratch + SCRATCH_PAGES * PAGE_SIZE, PAGE_SIZE);
	shared = sys_mmap(NULL, PAGE_SIZE, RW, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
}

void attack_calls(u64 count, u64 seed, u64 from)
{
	long tick[4] = { 0, STUCK_MS * 1000, 0, STUCK_MS * 1000 }, pid;
	u64 empty = 0;

	calls_seed = seed;
	calls_count = from + count;
	make_places();
	shared->done = from;
	syscall2(__NR_mkdir, (long)DIR, 0777);
	syscall2(__NR_chmod, (long)DIR, 0777);
	CHECK_EQ(syscall1(__NR_chdir, (long)DIR), 0, "chdir to " DIR);
	set_signal(SIGALRM, (void *)on_tick, 0);
	syscall3(__NR_setitimer, 0, (long)tick, 0);
	while (shared->done < calls_count && empty < 1000) {
		u64 done = shared->done;

		shared->workers++;
		pid = spawn(worker, NULL);
		if (pid < 0)
			sleep_ms(4);
		else
			oversee(pid);
		if (shared->workers % 64 == 0) {
			kill_nobodies();
			syscall3(__NR_setitimer, 0, (long)tick, 0);
			empty_place(DIR);
		}
		empty = shared->done == done ? empty + 1 : 0;
	}
	tick[1] = tick[3] = 0;
	syscall3(__NR_setitimer, 0, (long)tick, 0);
	CHECK_EQ(shared->done, calls_count, "calls made, seed %llu", (unsigned long long)seed);
	CHECK(shared->answered > count / 4, "only %llu calls exist",
	      (unsigned long long)shared->answered);
	kill_nobodies();
	syscall1(__NR_chdir, (long)"/");
	empty_place(DIR);
	CHECK_EQ(syscall1(__NR_rmdir, (long)DIR), 0, "rmdir of " DIR);
	CHECK_EQ(in_child(empty_public, NULL, 5000), 0, "wait status of who cleans up");
	CHECK_INFO("seed %llu: %llu calls, %llu workers, %llu killed by signals, %llu stuck",
		   (unsigned long long)seed, (unsigned long long)count,
		   (unsigned long long)shared->workers, (unsigned long long)shared->killed,
		   (unsigned long long)shared->stuck);
}
