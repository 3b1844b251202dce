/* SPDX-License-Identifier: MIT */
/* brk, stacks, limits, overcommit. */
#include "oracle.h"

#define RLIMIT_DATA	2
#define RLIMIT_STACK	3
#define RLIMIT_AS	9

static char *brk(const void *p)
{
	return (char *)sc(brk, p);
}

/* The break, moved up to a page boundary; addresses are told from there. */
static char *heap(void)
{
	char *end = brk(0);

	end = (char *)(((ulong)end + PG - 1) & -PG);
	brk(end);
	base(end);
	return end;
}

CASE(brk_moves)
{
	char *end = heap();

	say("%s", adr(brk(0)));
	say("byte-exact: %s %s", adr(brk(end + 1)), adr(brk(0)));
	say("%s %s", adr(brk(end + 12345)), adr(brk(end + 5)));
	say_maps(end, 8 * PG);
	say("back: %s", adr(brk(end)));
	say_maps(end, PG);
}

CASE(brk_refuses)
{
	char *end = heap();

	say("below the start: %s", adr(brk((void *)0x1000)));
	say("in the kernel: %s", adr(brk((void *)-PG)));
	say("-1: %s", adr(brk((void *)-1l)));
	say("beyond user memory: %s", adr(brk((void *)(~0ul >> 1))));
	map_at(end + 8 * PG, PG, RW, PRIV);
	say("up to a mapping: %s", adr(brk(end + 8 * PG)));
	say("a page before it: %s", adr(brk(end + 7 * PG)));
	say("across it: %s", adr(brk(end + 20 * PG)));
}

CASE(brk_zero_fills)
{
	char *end = heap();

	brk(end + 3 * PG);
	touch(end, 3 * PG, 'b');
	brk(end + PG + 7);
	probe_begin();
	say("shrunk: %s %s %s", rd(end), rd(end + PG), rd(end + 2 * PG));
	brk(end + 3 * PG);
	say("grown again: %s %s", rd(end + PG), rd(end + 2 * PG));
}

CASE(brk_limit)
{
	char *end = heap();

	set_limit(RLIMIT_DATA, MiB);
	say("256 KiB: %s", adr(brk(end + 256 * KiB)));
	say("4 MiB: %s", adr(brk(end + 4 * MiB)));
	say("mmap of 2 MiB: %s", IS_ERR(sys_mmap(NULL, 2 * MiB, RW, PRIV, -1, 0)) ? "refused" : "ok");
	say("mmap of 2 MiB, read-only: %s", IS_ERR(sys_mmap(NULL, 2 * MiB, R, PRIV, -1, 0)) ? "refused" : "ok");
	say("mmap of 2 MiB, shared: %s", IS_ERR(sys_mmap(NULL, 2 * MiB, RW, SHAR, -1, 0)) ? "refused" : "ok");
	set_limit(RLIMIT_DATA, 0);
	say("limit 0, same break: %s", adr(brk(end + 256 * KiB)));
	say("limit 0, shrink: %s", adr(brk(end)));
	say("limit 0, grow: %s", adr(brk(end + PG)));
}

CASE(brk_mprotect_and_data_limit)
{
	char *p = map(2 * MiB, R, PRIV);

	set_limit(RLIMIT_DATA, MiB);
	say("%s", ret(sys_mprotect(p, 2 * MiB, RW)));
	say("a part: %s", ret(sys_mprotect(p, 64 * KiB, RW)));
}

CASE(brk_holes)
{
	char *end = heap();

	brk(end + 8 * PG);
	touch(end, 8 * PG, 'h');
	unmap(end + 2 * PG, 2 * PG);
	sys_mprotect(end + 6 * PG, PG, R);
	say_maps(end, 8 * PG);
	say("shrink over it: %s", adr(brk(end + PG)));
	say_maps(end, 8 * PG);
	say("grow: %s", adr(brk(end + 8 * PG)));
	say_maps(end, 8 * PG);
}

static char *inherited;

static void brk_child(void)
{
	say("child %s", adr(brk(0)));
	say("child grows %s", adr(brk(inherited + 9 * PG)));
	inherited[0] = 'c';
}

CASE(brk_fork)
{
	inherited = heap();
	brk(inherited + 2 * PG);
	inherited[0] = 'p';
	say("%s", status(in_child(brk_child)));
	say("parent %s %c", adr(brk(0)), inherited[0]);
}

/* ---- limits ----------------------------------------------------------------------------- */

static long size_kb(void)
{
	return figure(STATUS, "VmSize:");
}

CASE(limit_as_counts_everything)
{
	long before = size_kb();

	map(MiB, PROT_NONE, PRIV);
	say("PROT_NONE: %ld", size_kb() - before);
	map(MiB, R, SHAR);
	say("shared: %ld", size_kb() - before);
	set_limit(RLIMIT_AS, (ulong)size_kb() * KiB + 8 * PG);
	say("9 pages: %s", IS_ERR(sys_mmap(NULL, 9 * PG, PROT_NONE, PRIV, -1, 0)) ? "refused" : "ok");
	say("8 pages: %s", IS_ERR(sys_mmap(NULL, 8 * PG, PROT_NONE, PRIV, -1, 0)) ? "refused" : "ok");
	say("1 more: %s", ret((long)sys_mmap(NULL, PG, PROT_NONE, PRIV, -1, 0)));
}

CASE(limit_as_replacing)
{
	char *p = map(64 * PG, RW, PRIV);

	base(p);
	set_limit(RLIMIT_AS, (ulong)size_kb() * KiB);
	say("in place: %s", adr(sys_mmap(p, 64 * PG, R, PRIV | MAP_FIXED, -1, 0)));
	say("one page more: %s", adr(sys_mmap(p, 65 * PG, R, PRIV | MAP_FIXED, -1, 0)));
	say_maps(p, 64 * PG);
	say("mprotect splits: %s", ret(sys_mprotect(p + PG, PG, RW)));
	say("brk: %s", (char *)sc(brk, 0) == brk(brk(0) + 64 * KiB) ? "refused" : "ok");
}

static void nothing(void)
{
	say("child runs");
}

CASE(limit_as_fork)
{
	set_limit(RLIMIT_AS, PG);
	say("%s", status(in_child(nothing)));
}

CASE(limit_as_stack)
{
	volatile char frame[256 * 1024];

	set_limit(RLIMIT_AS, (ulong)size_kb() * KiB + 2 * PG);
	probe_begin();
	say("%s", probe_store(&frame[0], 1).sig ? "a signal" : "ok");
}

CASE(limit_set_and_get)
{
	struct rlimit r = { 5, 3 };

	say("cur above max: %s", ret(sys_setrlimit(RLIMIT_AS, &r)));
	say("no such limit: %s", ret(sys_setrlimit(16, &r)));
	say("bad pointer: %s", ret(sys_setrlimit(RLIMIT_AS, (void *)8)));
	r = (struct rlimit){ 1000 * MiB, 1000 * MiB };
	say("lower: %s", ret(sys_setrlimit(RLIMIT_AS, &r)));
	sc(setresuid, 1000, 1000, 1000);
	r.max = 2000 * MiB;
	say("higher again, unprivileged: %s", ret(sys_setrlimit(RLIMIT_AS, &r)));
	sys_getrlimit(RLIMIT_AS, &r);
	say("%lu %lu", r.cur / MiB, r.max / MiB);
	sys_getrlimit(RLIMIT_STACK, &r);
	say("stack %lu KiB", r.cur / KiB);
}

CASE(limit_nofile)
{
	int fd;

	set_limit(7, 6);
	while ((fd = (int)sys_dup(0)) >= 0)
		say("%d", fd);
	say("%s", ret(fd));
	say("dup2 above: %s", ret(sys_dup2(0, 6)));
	say("pipe: %s", ret(sc(pipe, map(PG, RW, PRIV))));
	sys_close(4);
	say("a free one: %s", ret(sys_dup(0)));
}

CASE(limit_fsize)
{
	int fd = make_file("/tmp/f", PG);
	char buf[200];

	set_signal(25 /* SIGXFSZ */, SIG_IGN, 0);
	set_limit(1, PG + 100);
	say("up to it: %s", ret(write_at(fd, buf, 200, PG)));
	say("beyond: %s", ret(write_at(fd, buf, 200, PG + 100)));
	say("truncate: %s", ret(sys_ftruncate(fd, 2 * PG)));
	say("size %ld", file_size(fd));
}

/* ---- overcommit ------------------------------------------------------------------------- */

static void *ask(size_t len, int prot, int flags)
{
	return sys_mmap(NULL, len, prot, flags, -1, 0);
}

CASE(overcommit_heuristic)
{
	size_t twice = (size_t)figure("/proc/meminfo", "MemTotal:") * KiB * 2;
	char *p;

	say("more than there is: %s", ret(IS_ERR(p = ask(twice, RW, PRIV)) ? (long)p : 0));
	say("without reserve: %s", ret(IS_ERR(p = ask(twice, RW, PRIV | MAP_NORESERVE)) ? (long)p : 0));
	unmap(p, twice);
	say("no access: %s", ret(IS_ERR(p = ask(twice, PROT_NONE, PRIV)) ? (long)p : 0));
	say("then made writable: %s", ret(sys_mprotect(p, twice, RW)));
	unmap(p, twice);
	say("read-only: %s", ret(IS_ERR(p = ask(twice, R, PRIV)) ? (long)p : 0));
	unmap(p, twice);
	say("shared: %s", ret(IS_ERR(p = ask(twice, RW, SHAR)) ? (long)p : 0));
	p = ask(twice / 8 * 3, RW, PRIV);
	say("three quarters: %s", IS_ERR(p) ? "refused" : "ok");
	p = ask(twice / 8 * 3, RW, PRIV);
	say("and again: %s", IS_ERR(p) ? "refused" : "ok");
}

/* ---- stack ------------------------------------------------------------------------------ */

static char *stack_bottom(void)
{
	static char text[16384];
	const char *line = text, *next;
	ulong from = 0, to, here = (ulong)&line;

	read_file("/proc/self/maps", text, sizeof(text));
	while (*line) {
		from = (ulong)parse_hex(line, &next);
		to = (ulong)parse_hex(next + 1, NULL);
		if (here >= from && here < to)
			return (char *)from;
		line = strchr(line, '\n') + 1;
	}
	return NULL;
}

CASE(stack_grows)
{
	char *low = stack_bottom();

	base(low);
	probe_begin();
	say("one below: %s", wr(low - 1, 1));
	say("1 MiB below: %s", wr(low - MiB, 1));
	say("load: %s", rd(low - 2 * MiB));
	say("it goes down to %s", adr(stack_bottom()));
}

CASE(stack_limit)
{
	char *top = (char *)(((ulong)environ + 65536) & -65536ul), *low;

	set_limit(RLIMIT_STACK, 256 * KiB);
	low = stack_bottom();
	base(low);
	probe_begin();
	say("64 KiB below: %s", wr(low - 16 * PG, 1));
	say("512 KiB below: %s", wr(low - 128 * PG, 1));
	set_limit(RLIMIT_STACK, 4 * MiB);
	say("with a higher limit: %s", wr(low - 128 * PG, 1));
	say("top %d", top > low);
}

CASE(stack_kernel_grows_it)
{
	char *low = stack_bottom();
	int fd = make_file("/tmp/f", 100);

	base(low);
	say("read into it: %s", ret(read_at(fd, low - 300 * KiB, 100, 0)));
	say("%s", bytes(low - 300 * KiB, 2));
	say("read below the limit: %s", ret(read_at(fd, low - 20 * MiB, 100, 0)));
}

CASE(stack_guard_gap)
{
	char *low = stack_bottom();

	base(low);
	probe_begin();
	say("%s", adr(sys_mmap(low - 2 * MiB, PG, RW, PRIV | MAP_FIXED, -1, 0)));
	say("inside the gap: %s", wr(low - 2 * MiB + 200 * PG, 1));
	say("above it: %s", wr(low - 2 * MiB + 257 * PG, 1));
	say("a hint inside the gap: %s", adr(sys_mmap(low - 2 * MiB + 100 * PG, PG, RW, PRIV, -1, 0)) [0] == '-' ? "below" : "elsewhere");
}

CASE(stack_guard_gap_of_no_access)
{
	char *low = stack_bottom();

	base(low);
	probe_begin();
	sys_mmap(low - 512 * PG, PG, PROT_NONE, PRIV | MAP_FIXED, -1, 0);
	say("just above: %s", wr(low - 511 * PG, 1));
	say("in it: %s", wr(low - 512 * PG, 1));
}

static void eat(unsigned depth)
{
	volatile char frame[65536];

	frame[0] = (char)depth;
	if (depth)
		eat(depth - 1);
	frame[1] = frame[0];
}

static void overflow(void)
{
	eat(1000000);
}

CASE(stack_overflow_kills)
{
	say("%s", status(in_child(overflow)));
}

static volatile ulong handler_stack;

static void on_overflow(int sig, int *info, void *uc)
{
	handler_stack = (ulong)&sig;
	say("%s, code %d", signal_name(sig), info[2]);
	exit(7);
}

static void overflow_with_altstack(void)
{
	struct { void *sp; int flags; size_t size; } ss = { map(64 * KiB, RW, PRIV), 0, 64 * KiB };

	sc(sigaltstack, &ss, 0);
	set_signal(SIGSEGV, (void *)on_overflow, SA_SIGINFO | SA_ONSTACK);
	eat(1000000);
}

static void overflow_without_altstack(void)
{
	set_signal(SIGSEGV, (void *)on_overflow, SA_SIGINFO);
	eat(1000000);
}

CASE(stack_overflow_handlers)
{
	say("altstack: %s", status(in_child(overflow_with_altstack)));
	say("without: %s", status(in_child(overflow_without_altstack)));
}

CASE(stack_arguments)
{
	static char big[140000];
	const char *argv[] = { SELF, big, NULL }, *envp[] = { NULL };

	memset(big, 'a', 131071);
	big[131071] = 0;
	say("128 KiB - 1: %s", status(run_self("count", big, NULL)));
	big[131071] = 'a';
	say("128 KiB: %s", ret(sys_execve(SELF, argv, envp)));
	set_limit(RLIMIT_STACK, 400 * KiB);
	big[100000] = 0;
	say("a quarter of the limit: %s", ret(sys_execve(SELF, (const char *const[]){ SELF, big, big, NULL }, envp)));
}

HELPER(count)
{
	return (int)(argc ? strlen(argv[0]) % 251 : 250);
}
