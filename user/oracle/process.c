/* SPDX-License-Identifier: MIT */
/* fork, exec, wait. */
#include "oracle.h"

static char *page;

static void store_c(void)
{
	page[0] = 'c';
	say("child has %c", page[0]);
}

CASE(fork_private_copies)
{
	page = map(2 * PG, RW, PRIV);
	page[0] = 'p';
	page[PG] = 'q';
	say("%s", status(in_child(store_c)));
	say("parent has %c", page[0]);
	if (sys_fork() == 0) {
		sleep_ms(30);
		say("child still has %c", page[PG]);
		exit(0);
	}
	page[PG] = 'r';
	sys_wait4(-1, NULL, 0, NULL);
	say("parent has %c", page[PG]);
}

CASE(fork_shared_stays_shared)
{
	page = map(PG, RW, SHAR);
	page[0] = 'p';
	say("%s", status(in_child(store_c)));
	say("parent has %c", page[0]);
}

static int source;

static void read_into(void)
{
	say("child: read %s", ret(sys_read(source, page, 4)));
	say("child has %.4s", page);
}

CASE(fork_kernel_writes)
{
	source = make_file("/tmp/f", 64);
	page = map(PG, RW, PRIV);
	memcpy(page, "pppp", 5);
	say("%s", status(in_child(read_into)));
	say("parent has %.4s; shared position: %s", page, ret(sys_lseek(source, 0, SEEK_CUR)));
}

static void three_levels(void)
{
	page[0]++;
	if (page[0] < 'f')
		say("%s", status(in_child(three_levels)));
	say("%c", page[0]);
}

CASE(fork_of_fork)
{
	page = map(PG, RW, PRIV);
	page[0] = 'a';
	three_levels();
}

CASE(fork_numbers)
{
	int self = (int)sys_getpid(), pid = (int)sys_fork();

	if (pid == 0) {
		say("child: parent %d, self %d, group %d", sys_getppid() == self,
		    sys_getpid() != self, sc(getpgid, 0) == self);
		exit(0);
	}
	say("%s", sys_wait4(pid, NULL, 0, NULL) == pid ? "right" : "wrong");
	say("%s", ret(sys_wait4(-1, NULL, 0, NULL)));
}

CASE(fork_regions)
{
	int fd = make_file("/tmp/f", 2 * PG);
	char *p = map(8 * PG, PROT_NONE, PRIV);

	base(p);
	map_at(p + PG, PG, RW, PRIV);
	map_at(p + 2 * PG, PG, RW, SHAR);
	sys_mmap(p + 3 * PG, PG, R, MAP_PRIVATE | MAP_FIXED, fd, 0);
	sys_mmap(p + 4 * PG, PG, RW, MAP_SHARED | MAP_FIXED, fd, PG);
	if (sys_fork() == 0) {
		say_maps(p, 8 * PG);
		exit(0);
	}
	sys_wait4(-1, NULL, 0, NULL);
}

CASE(vfork_shares)
{
	int s = 0;

	page = map(PG, RW, PRIV);
	page[0] = 'p';
	/* Inline: the child, on the same stack, must not return from where the parent waits. */
	if (syscall5(__NR_clone, 0x4000 | 0x100 | SIGCHLD, 0, 0, 0, 0) == 0) {
		page[0] = 'v';
		sys_exit(3);
	}
	sys_wait4(-1, &s, 0, NULL);
	say("%s, parent has %c", status(s), page[0]);
}

/* ---- wait ------------------------------------------------------------------------------- */

static void exit_300(void)
{
	exit(300);
}

static void raise(void)
{
	sys_kill((int)sys_getpid(), *(volatile int *)&source);
}

CASE(wait_status)
{
	static const int sigs[] = { SIGTERM, SIGKILL, SIGUSR1, SIGPIPE, SIGALRM };
	unsigned i;

	say("%s", status(in_child(exit_300)));
	for (i = 0; i < ARRAY_SIZE(sigs); i++) {
		source = sigs[i];
		say("%s", status(in_child(raise)));
	}
}

CASE(wait_core)
{
	static const int sigs[] = { SIGSEGV, SIGABRT, SIGFPE, SIGILL };
	unsigned i;

	for (i = 0; i < ARRAY_SIZE(sigs); i++) {
		source = sigs[i];
		say("%s", status(in_child(raise)));
	}
}

CASE(wait_arguments)
{
	int pid = (int)sys_fork(), s = -1;

	if (pid == 0)
		exit(5);
	say("bad options: %s", ret(sys_wait4(-1, &s, 0x100, NULL)));
	say("not our child: %s", ret(sys_wait4(1, &s, 0, NULL)));
	say("no such group: %s", ret(sys_wait4(-9999, &s, 0, NULL)));
	say("bad status pointer: %s", ret(sys_wait4(pid, (int *)8, 0, NULL)));
	say("it was reaped: %s", ret(sys_wait4(pid, &s, 0, NULL)));
}

CASE(wait_nohang)
{
	int fds[2], s, pid;
	char c;

	sys_pipe(fds);
	pid = (int)sys_fork();
	if (pid == 0) {
		sys_close(fds[1]);
		sys_read(fds[0], &c, 1);
		exit(1);
	}
	say("%s", ret(sys_wait4(pid, &s, WNOHANG, NULL)));
	sys_close(fds[1]);
	say("%s %s", sys_wait4(pid, &s, 0, NULL) == pid ? "reaped" : "not", status(s));
}

CASE(wait_stopped)
{
	int pid = (int)sys_fork(), s;

	if (pid == 0) {
		sys_kill((int)sys_getpid(), SIGSTOP);
		exit(4);
	}
	sys_wait4(pid, &s, WUNTRACED, NULL);
	say("%s", status(s));
	sys_kill(pid, SIGCONT);
	sys_wait4(pid, &s, 0, NULL);
	say("%s", status(s));
}

CASE(wait_id)
{
	int info[32] = { 0 }, pid = (int)sys_fork();

	if (pid == 0)
		exit(9);
	say("nothing asked for: %s", ret(sc(waitid, 1, pid, info, 0, 0)));
	say("%s", ret(sc(waitid, 1 /* P_PID */, pid, info, 4 | 0x01000000 /* WEXITED|WNOWAIT */, 0)));
	say("signo %d code %d", info[0], info[2]);
	say("again: %s", ret(sc(waitid, 1, pid, info, 4, 0)));
	say("gone: %s", ret(sc(waitid, 1, pid, info, 4, 0)));
}

CASE(wait_ignored_child)
{
	set_signal(SIGCHLD, SIG_IGN, 0);
	if (sys_fork() == 0)
		exit(0);
	say("%s", ret(sys_wait4(-1, NULL, 0, NULL)));
}

/* ---- exec ------------------------------------------------------------------------------- */

HELPER(layout)
{
	ulong sp = (ulong)__builtin_frame_address(0);
	ulong v;

	base((void *)(sp & -65536ul));
	say("argc %d, %s %s", argc, argc ? argv[0] : "-", argc > 1 ? argv[1] : "-");
	say("page size %ld", auxv_get(6, &v) ? (long)v : -1);
	say("phent %ld", auxv_get(4, &v) ? (long)v : -1);
	say("uid %ld secure %ld", auxv_get(11, &v) ? (long)v : -1, auxv_get(23, &v) ? (long)v : -1);
	say("execfn %s", auxv_get(31, &v) ? (char *)v : "none");
	say("random is %s", auxv_get(25, &v) && v ? "there" : "missing");
	say("environ %s", environ[0] ? environ[0] : "empty");
	return 0;
}

CASE(exec_arguments)
{
	say("%s", status(run_self("layout", "one", "two")));
	say("%s", status(run_self("layout", NULL, NULL)));
}

static long exec(const char *path)
{
	const char *argv[] = { path, NULL }, *envp[] = { NULL };

	return sys_execve(path, argv, envp);
}

static void text_file(const char *path, const char *text, int mode)
{
	int fd = open_or_die(path, O_RDWR | O_CREAT | O_TRUNC);

	sys_write(fd, text, strlen(text));
	sc(fchmod, fd, mode);
	sys_close(fd);
}

CASE(exec_errors)
{
	text_file("/tmp/plain", "hello\n", 0644);
	text_file("/tmp/text", "hello\n", 0755);
	text_file("/tmp/empty", "", 0755);
	text_file("/tmp/elf", "\177ELF", 0755);
	text_file("/tmp/noint", "#!/no/such\n", 0755);
	text_file("/tmp/looping", "#!/tmp/looping\n", 0755);
	text_file("/tmp/blank", "#!  \n", 0755);
	say("none: %s", ret(exec("/tmp/none")));
	say("not executable: %s", ret(exec("/tmp/plain")));
	say("text: %s", ret(exec("/tmp/text")));
	say("empty: %s", ret(exec("/tmp/empty")));
	say("elf magic only: %s", ret(exec("/tmp/elf")));
	say("no interpreter: %s", ret(exec("/tmp/noint")));
	say("its own interpreter: %s", ret(exec("/tmp/looping")));
	say("no name of one: %s", ret(exec("/tmp/blank")));
	say("a directory: %s", ret(exec("/tmp")));
	say("below a file: %s", ret(exec("/tmp/text/x")));
	say("bad path: %s", ret(exec((char *)8)));
	say("empty path: %s", ret(exec("")));
	say("bad argv: %s", ret(sys_execve(SELF, (void *)8, NULL)));
	say("bad argument: %s", ret(sys_execve(SELF, (const char *const[]){ SELF, (char *)8, NULL }, NULL)));
	say("bad envp: %s", ret(sys_execve(SELF, (const char *const[]){ SELF, NULL }, (void *)8)));
}

CASE(exec_script)
{
	text_file("/tmp/s1", "#!/bin/oracle =layout\n", 0755);
	text_file("/tmp/s2", "#!/tmp/s1  \tx y \n", 0755);
	if (sys_fork() == 0)
		exit((int)-exec("/tmp/s1"));
	sys_wait4(-1, NULL, 0, NULL);
	if (sys_fork() == 0)
		exit((int)-exec("/tmp/s2"));
	sys_wait4(-1, NULL, 0, NULL);
}

CASE(exec_text_busy)
{
	static char buf[65536];
	int from = open_or_die(SELF, O_RDONLY), to = open_or_die("/tmp/copy", O_RDWR | O_CREAT | O_TRUNC), fd;
	long n;

	while ((n = sys_read(from, buf, sizeof(buf))) > 0)
		sys_write(to, buf, n);
	sc(fchmod, to, 0755);
	say("open for writing: %s", ret(exec("/tmp/copy")));
	sys_close(to);
	fd = open_or_die("/tmp/copy", O_RDONLY);
	if (sys_fork() == 0)
		exit((int)-sys_execve("/tmp/copy", (const char *const[]){ "copy", "=wait", NULL }, (const char *const[]){ NULL }));
	sleep_ms(100);
	say("running: open for writing %s", ret(sys_open("/tmp/copy", O_WRONLY, 0)));
	say("running: truncate %s", ret(sc(truncate, "/tmp/copy", 5)));
	say("running: read %s", fd >= 0 ? "ok" : "no");
	sys_wait4(-1, NULL, 0, NULL);
	say("afterwards: %s", sys_open("/tmp/copy", O_WRONLY, 0) < 0 ? "refused" : "ok");
}

HELPER(wait)
{
	sleep_ms(400);
	return 0;
}

HELPER(state)
{
	struct kernel_sigaction a;
	struct { void *sp; int flags; size_t size; } ss;
	u64 mask = 0, pending = 0;

	sc(rt_sigaction, SIGUSR1, 0, &a, 8);
	say("USR1 %s", a.handler == SIG_DFL ? "default" : "kept");
	sc(rt_sigaction, SIGUSR2, 0, &a, 8);
	say("USR2 %s", a.handler == SIG_IGN ? "ignored" : "not ignored");
	sc(rt_sigprocmask, 0, 0, &mask, 8);
	sc(rt_sigpending, &pending, 8);
	say("blocked %llx pending %llx", (unsigned long long)mask, (unsigned long long)pending);
	sc(sigaltstack, 0, &ss);
	say("altstack flags %d", ss.flags);
	say("descriptor 10: %s 11: %s", ret(sc(fcntl, 10, 1, 0)), ret(sc(fcntl, 11, 1, 0)));
	return 0;
}

static void handler(int sig)
{
}

CASE(exec_keeps_and_drops)
{
	struct { void *sp; int flags; size_t size; } ss = { map(16 * KiB, RW, PRIV), 0, 16 * KiB };
	u64 mask = 1ull << (SIGHUP - 1);

	set_signal(SIGUSR1, handler, 0);
	set_signal(SIGUSR2, SIG_IGN, 0);
	sc(sigaltstack, &ss, 0);
	sc(rt_sigprocmask, 0, &mask, 0, 8);
	sys_kill((int)sys_getpid(), SIGHUP);
	sys_dup2(0, 10);
	sys_dup2(0, 11);
	sc(fcntl, 11, 2, 1);
	exec_self("state", NULL, NULL);
}

HELPER(fresh)
{
	base((void *)parse_u64(argv[0], NULL));
	probe_begin();
	say("the old mapping: %s", rd((void *)parse_u64(argv[0], NULL)));
	return 0;
}

CASE(exec_drops_memory)
{
	char *p = map(PG, RW, SHAR), text[24];

	p[0] = 1;
	snprintf(text, sizeof(text), "%#lx", (ulong)p - 64 * MiB);
	map_at(p - 64 * MiB, PG, RW, SHAR);
	say("%s", status(run_self("fresh", text, NULL)));
}

CASE(exec_own_text)
{
	char *text = (char *)((ulong)exec & -PG);

	base(text);
	probe_begin();
	say("store: %s", wr(text, 1));
	say("write to the file: %s", ret(sys_open(SELF, O_WRONLY, 0)));
}

/* ---- signals ---------------------------------------------------------------------------- */

static volatile int hits, last_code;

static void count(int sig, int *info, void *uc)
{
	hits++;
	last_code = info[2];
}

CASE(signal_kill_itself)
{
	set_signal(SIGUSR1, (void *)count, SA_SIGINFO);
	say("%s %d code %d", ret(sys_kill((int)sys_getpid(), SIGUSR1)), hits, last_code);
	say("tkill: %s %d code %d", ret(sc(tkill, sys_gettid(), SIGUSR1)), hits, last_code);
	say("0: %s", ret(sys_kill((int)sys_getpid(), 0)));
	say("65: %s", ret(sys_kill((int)sys_getpid(), 65)));
	say("nobody: %s", ret(sys_kill(999999, 0)));
	say("tkill -1: %s", ret(sc(tkill, -1, SIGUSR1)));
}

CASE(signal_blocked)
{
	u64 mask = 1ull << (SIGUSR1 - 1), pending = 0;

	set_signal(SIGUSR1, (void *)count, SA_SIGINFO);
	sc(rt_sigprocmask, 0, &mask, 0, 8);
	sys_kill((int)sys_getpid(), SIGUSR1);
	sys_kill((int)sys_getpid(), SIGUSR1);
	sc(rt_sigpending, &pending, 8);
	say("hits %d pending %llx", hits, (unsigned long long)pending);
	sc(rt_sigprocmask, 1, &mask, 0, 8);
	say("hits %d", hits);
}

CASE(signal_action_arguments)
{
	struct kernel_sigaction a = { 0 };

	say("KILL: %s", ret(set_signal(SIGKILL, (void *)count, 0)));
	say("STOP: %s", ret(set_signal(SIGSTOP, SIG_IGN, 0)));
	say("0: %s", ret(set_signal(0, SIG_IGN, 0)));
	say("65: %s", ret(set_signal(65, SIG_IGN, 0)));
	say("size: %s", ret(sc(rt_sigaction, SIGUSR1, &a, 0, 4)));
	say("bad pointer: %s", ret(sc(rt_sigaction, SIGUSR1, 8, 0, 8)));
	say("ask for KILL: %s", ret(sc(rt_sigaction, SIGKILL, 0, &a, 8)));
	say("mask how: %s", ret(sc(rt_sigprocmask, 7, &a, 0, 8)));
}

static void reset_hand(void)
{
	set_signal(SIGUSR1, (void *)count, SA_SIGINFO | SA_RESETHAND);
	sys_kill((int)sys_getpid(), SIGUSR1);
	say("hits %d", hits);
	sys_kill((int)sys_getpid(), SIGUSR1);
}

CASE(signal_resethand)
{
	say("%s", status(in_child(reset_hand)));
}

static void nested(int sig)
{
	if (hits++ < 3)
		sys_kill((int)sys_getpid(), sig);
	say("level %d", hits);
}

CASE(signal_nodefer)
{
	set_signal(SIGUSR1, nested, SA_NODEFER);
	sys_kill((int)sys_getpid(), SIGUSR1);
	hits = 0;
	set_signal(SIGUSR2, nested, 0);
	sys_kill((int)sys_getpid(), SIGUSR2);
}

CASE(signal_codes)
{
	int fd = make_file("/tmp/f", 100);
	char *p = map(3 * PG, RW, PRIV), *f = map_file(fd, 3 * PG, RW, MAP_SHARED, 0);
	struct seen s;

	base(p);
	probe_begin();
	unmap(p + 2 * PG, PG);
	s = probe_load(p + 2 * PG + 0x123);
	say("unmapped: %s trap %lu cr2 %s", seen_text(s), s.trap, adr((void *)s.cr2));
	sys_mprotect(p, PG, R);
	s = probe_store(p + 7, 1);
	say("read-only: %s trap %lu", seen_text(s), s.trap);
	s = probe_load4(p + 2 * PG - 2);
	say("across the border: %s", seen_text(s));
	base(f);
	s = probe_load(f + 2 * PG + 5);
	say("beyond the file: %s trap %lu", seen_text(s), s.trap);
	base(0);
	s = probe_load((void *)0);
	say("null: %s trap %lu", seen_text(s), s.trap);
}

CASE(signal_kernel_addresses)
{
	static const ulong offsets[] = { 0x1000, 0x100000, 0x10000000 };
	struct seen s;
	unsigned i;

	probe_begin();
	for (i = 0; i < ARRAY_SIZE(offsets); i++) {
		base((void *)-offsets[i]);
		s = probe_load((void *)-offsets[i]);
		say("-%lx: load %s trap %lu", offsets[i], seen_text(s), s.trap);
		say("store %s", seen_text(probe_store((void *)-offsets[i], 1)));
	}
	say("call %s", seen_text(probe_call((void *)-0x1000l)));
}

CASE(signal_non_canonical)
{
#ifdef __x86_64__
	struct seen s;

	probe_begin();
	s = probe_load((void *)0x800000000000);
	say("%s trap %lu", seen_text(s), s.trap);
	s = probe_store((void *)0x1234567812345678, 1);
	say("%s trap %lu", seen_text(s), s.trap);
	s = probe_load((void *)0x7ffffffff000);
	say("last page: %d code %d err %lu addr %lx", s.sig, s.code, s.err, s.addr);
#endif
	say("done");
}

static const u8 privileged[][4] = {
	{ 0xf4, 0xc3 },				/* hlt */
	{ 0xfa, 0xc3 },				/* cli */
	{ 0x0f, 0x0b, 0xc3 },			/* ud2 */
	{ 0x0f, 0x20, 0xd8, 0xc3 },		/* mov %cr3, %eax */
	{ 0xe4, 0x80, 0xc3 },			/* in $0x80, %al */
	{ 0xcd, 0x03, 0xc3 },			/* int $3, its long form */
	{ 0xcd, 0x21, 0xc3 },			/* int $0x21 */
};

static char *code_page;
static unsigned which;

static void on_trap(int sig, int *info, ulong *uc)
{
	say("%s code %d", signal_name(sig), info[2]);
	exit(0);
}

static void run_code(void)
{
	static const int sigs[] = { SIGSEGV, SIGBUS, SIGILL, SIGTRAP };
	unsigned i;

	for (i = 0; i < ARRAY_SIZE(sigs); i++)
		set_signal(sigs[i], (void *)on_trap, SA_SIGINFO);
	((void (*)(void))(code_page + which * 16))();
	say("nothing happened");
}

CASE(signal_privileged)
{
	code_page = map(PG, RW, PRIV);
	for (which = 0; which < ARRAY_SIZE(privileged); which++)
		memcpy(code_page + which * 16, privileged[which], 4);
	sys_mprotect(code_page, PG, RX);
	for (which = 0; which < ARRAY_SIZE(privileged); which++)
		say("%02x %02x: %s", privileged[which][0], privileged[which][1], status(in_child(run_code)));
}

static void divide(void)
{
	volatile int zero = 0;

	set_signal(SIGFPE, (void *)on_trap, SA_SIGINFO);
	say("%d", 1 / zero);
}

CASE(signal_divide)
{
	say("%s", status(in_child(divide)));
}

static void blocked_fault(void)
{
	u64 mask = 1ull << (SIGSEGV - 1);

	set_signal(SIGSEGV, (void *)on_trap, SA_SIGINFO);
	sc(rt_sigprocmask, 0, &mask, 0, 8);
	*(volatile char *)8 = 1;
	say("survived");
}

static void ignored_fault(void)
{
	set_signal(SIGSEGV, SIG_IGN, 0);
	*(volatile char *)8 = 1;
	say("survived");
}

CASE(signal_blocked_or_ignored_fault)
{
	say("blocked: %s", status(in_child(blocked_fault)));
	say("ignored: %s", status(in_child(ignored_fault)));
}

CASE(signal_altstack)
{
	struct ss {
		void *sp;
		int flags;
		size_t size;
	} ss = { map(16 * KiB, RW, PRIV), 0, 16 * KiB }, old;

	base(ss.sp);
	say("too small: %s", ret(sc(sigaltstack, &((struct ss){ ss.sp, 0, 1024 }), 0)));
	say("bad flags: %s", ret(sc(sigaltstack, &((struct ss){ ss.sp, 8, 16384 }), 0)));
	say("%s", ret(sc(sigaltstack, &ss, 0)));
	sc(sigaltstack, 0, &old);
	say("%s flags %d size %zu", adr(old.sp), old.flags, old.size);
	probe_catch_on_altstack();
	say("a fault: %s", rd((char *)ss.sp - 64 * MiB));
	ss.flags = 2;
	say("off: %s", ret(sc(sigaltstack, &ss, &old)));
	sc(sigaltstack, 0, &old);
	say("flags %d", old.flags);
}

CASE(signal_pending_and_fork)
{
	u64 mask = 1ull << (SIGUSR1 - 1), pending;

	sc(rt_sigprocmask, 0, &mask, 0, 8);
	sys_kill((int)sys_getpid(), SIGUSR1);
	if (sys_fork() == 0) {
		sc(rt_sigpending, &pending, 8);
		say("child pending %llx", (unsigned long long)pending);
		sc(rt_sigprocmask, 0, 0, &mask, 8);
		say("child blocked %llx", (unsigned long long)mask);
		exit(0);
	}
	sys_wait4(-1, NULL, 0, NULL);
	sc(rt_sigpending, &pending, 8);
	say("parent pending %llx", (unsigned long long)pending);
}

CASE(signal_interrupts_read)
{
	int fds[2];
	char c;

	sys_pipe(fds);
	set_signal(SIGALRM, (void *)count, SA_SIGINFO);
	sc(alarm, 1);
	say("read: %s, hits %d", ret(sys_read(fds[0], &c, 1)), hits);
}

CASE(signal_fault_address_after_handler)
{
	char *p = map(PG, R, PRIV);

	base(p);
	probe_begin();
	say("%s %s", wr(p + 1, 1), wr(p + 2, 1));
	sys_mprotect(p, PG, RW);
	say("%s %s", wr(p + 1, 9), rd(p + 1));
}

static void bad_frame(void)
{
	/* No room for a frame where the altstack ends. */
	struct { void *sp; int flags; size_t size; } ss = { (void *)0x10000, 0, 16 * KiB };

	sc(sigaltstack, &ss, 0);
	set_signal(SIGUSR1, (void *)on_trap, SA_SIGINFO | SA_ONSTACK);
	sys_kill((int)sys_getpid(), SIGUSR1);
	say("survived");
}

CASE(signal_no_room_for_frame)
{
	say("%s", status(in_child(bad_frame)));
}
