/* SPDX-License-Identifier: MIT */
/*
 * /bin/attack WHAT NUMBER: programs that mean harm.  Each is a child that should end as its
 * table says, or survive having been refused; meanwhile a sibling runs on.
 *
 *	scripted ADDRESS	a table of attacks; ADDRESS is a page of the kernel
 *	int SEED		int n with every n and random registers
 *	segments SEED		segment registers, far jumps and returns, random descriptors
 *	elf SEED		mutations of a good ELF file
 *	calls COUNT [SEED [FROM]]	random system calls; call n depends on SEED and n only
 *
 * What the kernel looks at before and after is in test/kernel/exc_rows.c.
 */
#include "../attack.h"

#define NOBODY		1000
#define RLIMIT_FSIZE	1
#define RLIMIT_NPROC	6
#define RLIMIT_NOFILE	7
#define RLIMIT_AS	9

ulong kernel_page;

/* ---- survival ------------------------------------------------------------------- */

static struct seen seen;
static void *env[8];
static u8 alt_stack[16384] __attribute__((__aligned__(64)));

static void on_signal(int sig, void *info, void *uc)
{
	seen = (struct seen){
		.sig = sig, .code = ((int *)info)[2], .addr = *word_at(info, SI_ADDR),
		.err = *word_at(uc, UC_ERR), .trap = *word_at(uc, UC_TRAP),
		.ip = *word_at(uc, UC_IP),
	};
	__builtin_longjmp(env, 1);
}

static void catch_all(void)
{
	static const u8 signals[] = { SIGILL, SIGTRAP, SIGBUS, SIGFPE, SIGSEGV };
	struct { void *sp; int flags; size_t size; } stack = { alt_stack, 0, sizeof(alt_stack) };
	unsigned i;

	syscall2(__NR_sigaltstack, (long)&stack, 0);
	for (i = 0; i < ARRAY_SIZE(signals); i++)
		set_signal(signals[i], (void *)on_signal, SA_SIGINFO | SA_ONSTACK | SA_NODEFER);
}

/* Flags and segment registers as a program starts with them. */
static void tidy(void)
{
#ifdef __x86_64__
	__asm__ volatile("pushq $0x202; popfq; cld" ::: "memory", "cc");
#else
	__asm__ volatile("pushl $0x202; popfl; cld\n"
			 "	movl %%ss, %%eax\n"
			 "	movl %%eax, %%ds\n"
			 "	movl %%eax, %%es\n" ::: "eax", "memory", "cc");
#endif
}

noinline struct seen survive(void (*fn)(ulong arg), ulong arg)
{
	seen = (struct seen){ 0 };
	catch_all();
	if (__builtin_setjmp(env) == 0)
		fn(arg);
	tidy();
	return *(volatile struct seen *)&seen;
}

/* ---- children ------------------------------------------------------------------- */

static void on_alarm(int sig)
{
}

static void set_timer(unsigned ms)
{
	long value[4] = { 0, 0, ms / 1000, ms % 1000 * 1000l };

	syscall3(__NR_setitimer, 0, (long)value, 0);
}

int in_child(int (*fn)(void *arg), void *arg, unsigned limit_ms)
{
	int status = 0;
	long pid, ret;

	set_signal(SIGALRM, (void *)on_alarm, 0);
	pid = sys_fork();
	if (pid == 0) {
		set_signal(SIGALRM, SIG_DFL, 0);
		exit(fn(arg));
	}
	if (pid < 0)
		return (int)pid;
	set_timer(limit_ms);
	ret = sys_wait4((int)pid, &status, 0, NULL);
	set_timer(0);
	if (ret == pid)
		return status;
	sys_kill((int)pid, SIGKILL);
	wait_for((int)pid);
	return TOOK_TOO_LONG;
}

static void limit(int resource, ulong value)
{
	struct rlimit r = { value, value };

	sys_setrlimit(resource, &r);
}

void become_nobody(void)
{
	limit(RLIMIT_FSIZE, 1 << 20);
	limit(RLIMIT_NPROC, 8);
	limit(RLIMIT_NOFILE, 64);
	limit(RLIMIT_AS, 48 << 20);
	syscall0(__NR_setsid);
	syscall3(__NR_setresgid, NOBODY, NOBODY, NOBODY);
	syscall3(__NR_setresuid, NOBODY, NOBODY, NOBODY);
}

static int kill_them(void *arg)
{
	syscall3(__NR_setresuid, NOBODY, NOBODY, NOBODY);
	sys_kill(-1, SIGKILL);
	return 0;
}

void kill_nobodies(void)
{
	unsigned i;

	for (i = 0; i < 3; i++) {
		in_child(kill_them, NULL, 2000);
		sleep_ms(8);
	}
	while (sys_wait4(-1, NULL, WNOHANG, NULL) > 0)
		;
}

/* ---- the others run on ---------------------------------------------------------- */

static volatile ulong *beats;		/* [0] counts, [1] ends */

static int beat(void *arg)
{
	while (!beats[1]) {
		beats[0]++;
		sleep_ms(4);
	}
	return 17;
}

static long start_bystander(void)
{
	beats = sys_mmap(NULL, PAGE_SIZE, RW, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	beats[0] = 0;
	return spawn(beat, NULL);
}

static void check_bystander(long pid)
{
	ulong before = beats[0];

	sleep_ms(40);
	CHECK(beats[0] != before, "the bystander does not run on");
	beats[1] = 1;
	CHECK_EQ(wait_for((int)pid), 17 << 8, "wait status of the bystander");
}

static ulong number(char **argv, int argc, int i, ulong otherwise)
{
	return i < argc ? (ulong)parse_u64(argv[i], NULL) : otherwise;
}

int main(int argc, char **argv, char **envp)
{
	const char *what = argc > 2 ? argv[1] : "";
	ulong n = number(argv, argc, 2, 0);
	long bystander = start_bystander();

	kernel_page = LONG64 ? (ulong)0xffffffff80000000ull : 0xc0100000ul;
	if (strcmp(what, "scripted") == 0) {
		kernel_page = n;
		attack_scripted();
	} else if (strcmp(what, "int") == 0) {
		attack_int(n);
	} else if (strcmp(what, "segments") == 0) {
		attack_segments(n);
	} else if (strcmp(what, "elf") == 0) {
		attack_elf(n);
	} else if (strcmp(what, "calls") == 0) {
		attack_calls(n, number(argv, argc, 3, 20261127), number(argv, argc, 4, 0));
	} else {
		printf("attack: scripted ADDRESS | int SEED | segments SEED | elf SEED | calls COUNT [SEED [FROM]]\n");
		beats[1] = 1;
		return 2;
	}
	check_bystander(bystander);
	return check_result();
}
