/* SPDX-License-Identifier: MIT */
/*
 * /bin/oracle: what a program can see of memory, files and signals, as lines that must be
 * the same on Linux and here (test/linux/README.md).
 *
 * A case is a function that makes calls and says what came of them.  It runs as a process
 * of its own, freshly exec'd; lines go to descriptor 1, which is a pipe.  Nothing that may
 * differ between two runs is ever said: no absolute address, no time, no process number.
 */
#ifndef USER_ORACLE_H
#define USER_ORACLE_H

#include "../lib/lib.h"

#define SIGHUP	1
#define SIGINT	2
#define SIGILL	4
#define SIGTRAP	5
#define SIGABRT	6
#define SIGBUS	7
#define SIGFPE	8
#define SIGKILL	9
#define SIGUSR1	10
#define SIGSEGV	11
#define SIGUSR2	12
#define SIGPIPE	13
#define SIGALRM	14
#define SIGTERM	15
#define SIGCHLD	17
#define SIGCONT	18
#define SIGSTOP	19

#define KiB	1024ul
#define MiB	(1024ul * KiB)
#define PG	PAGE_SIZE
#define R	PROT_READ
#define RW	(PROT_READ | PROT_WRITE)
#define RX	(PROT_READ | PROT_EXEC)
#define PRIV	(MAP_PRIVATE | MAP_ANONYMOUS)
#define SHAR	(MAP_SHARED | MAP_ANONYMOUS)

/*
 * CASE(group_name) { ... }: what stands before the first '_' is the file in
 * test/linux/expected/MODE/ that holds its lines.
 */
struct oracle_case {
	const char *name;
	void (*run)(void);
};
#define CASE(name_) \
	static void case_##name_(void); \
	static const struct oracle_case entry_##name_ = { #name_, case_##name_ }; \
	static const struct oracle_case *const __used __attribute__((__section__("cases"))) \
		ptr_##name_ = &entry_##name_; \
	static void case_##name_(void)

/* A part of a case that is a program of its own: /bin/oracle =NAME ARGS (exec_self()). */
#define HELPER(name_) \
	static int helper_##name_(int argc, char **argv); \
	static const struct oracle_helper help_##name_ = { #name_, helper_##name_ }; \
	static const struct oracle_helper *const __used __attribute__((__section__("helpers"))) \
		hptr_##name_ = &help_##name_; \
	static int helper_##name_(int argc, char **argv)
struct oracle_helper {
	const char *name;
	int (*run)(int argc, char **argv);	/* argv[0] is what follows the name */
};
#define SELF	"/bin/oracle"

/* ---- calls (call.c): any call by its number, arguments of any type ---------------------- */

#define sc(nr, ...)	SC_N(__NR_##nr, ##__VA_ARGS__, 0, 0, 0, 0, 0, 0)
#define SC_N(nr, a, b, c, d, e, f, ...) \
	call6(nr, (long)(a), (long)(b), (long)(c), (long)(d), (long)(e), (long)(f))
long call6(long nr, long a, long b, long c, long d, long e, long f);

void *map(size_t len, int prot, int flags);		/* anonymous, anywhere */
void *map_at(void *at, size_t len, int prot, int flags);	/* the same with MAP_FIXED */
void *map_file(int fd, size_t len, int prot, int flags, u64 offset);
void unmap(void *p, size_t len);

/* ---- saying (say.c) ------------------------------------------------------------------ */

/* One line, by one write(2). */
void say(const char *fmt, ...) __printf(1, 2);

/* From here on addresses are told as distances from p. */
void base(const volatile void *p);

/* These give text that lives until some twenty more were asked for. */
const char *ret(long result);		/* "0", "17", "ENOMEM" */
const char *adr(const volatile void *p);	/* "+0x1000", or an error as ret() has it */
const char *status(int wait_status);	/* "exit 3", "killed by SIGSEGV" */
const char *bytes(const volatile void *p, unsigned n);	/* "41 42 .." */

/* The lines of /proc/self/maps that have a byte in [p, p + len), addresses by adr(). */
void say_maps(const volatile void *p, size_t len);

/* One figure of kilobytes of /proc/self/status ("VmLck:") or another file; -1: none. */
long figure(const char *path, const char *name);
#define STATUS	"/proc/self/status"

/* ---- accesses that may fail (probe.c) -------------------------------------------------- */

struct seen {
	int sig, code;		/* 0: it worked */
	ulong addr, err, trap, cr2;
	int value;		/* of a load that worked */
};

void probe_begin(void);		/* SIGSEGV, SIGBUS, SIGILL, SIGFPE are caught from now on */
void probe_end(void);		/* and are not any more */
void probe_catch_on_altstack(void);

/* What happened, as text: "=41", "ok", "SEGV_MAPERR +0x1000 err=4". */
const char *rd(const volatile void *p);		/* load a byte */
const char *wr(volatile void *p, int byte);	/* store one */
const char *ex(const volatile void *p);		/* call it */
struct seen probe_load(const volatile void *p);
struct seen probe_load4(const volatile void *p);
struct seen probe_store(volatile void *p, int byte);
struct seen probe_call(const volatile void *p);
const char *seen_text(struct seen s);

/* ---- children and files (tools.c) ------------------------------------------------------- */

/* fn in a forked child; its wait status.  Says nothing. */
int in_child(void (*fn)(void));

/* This program once more as helper NAME; returns -errno or not at all. */
long exec_self(const char *name, const char *arg, const char *arg2);
int run_self(const char *name, const char *arg, const char *arg2);	/* in a child */

/* A new file of this length in /tmp, byte i of page n is 'A' + n; a descriptor, O_RDWR. */
int make_file(const char *path, size_t len);
int open_or_die(const char *path, int flags);
long file_size(int fd);
long read_at(int fd, void *buf, size_t n, u64 pos);
long write_at(int fd, const void *buf, size_t n, u64 pos);
void set_limit(int resource, ulong cur);	/* the soft one */
void touch(volatile void *p, size_t len, int byte);	/* store into every page */

/* mincore as a string of 0 and 1, or the error. */
const char *core(const volatile void *p, size_t len);

/* ---- random programs (random.c) ----------------------------------------------------------- */

/* Program `seed`: one line with a digest, or with `full` all its steps. */
void random_program(unsigned seed, bool full);

#endif
