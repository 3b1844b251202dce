/* SPDX-License-Identifier: MIT */
/*
 * The little library that the user programs share: start-up, strings, numbers, output,
 * processes, signals.  No C library; no allocation; no floating-point output.
 */
#ifndef USER_LIB_H
#define USER_LIB_H

#include <stdarg.h>
#include "sys.h"

/* ---- start (start.c) --------------------------------------------------------------- */

int main(int argc, char **argv, char **envp);

extern char **environ;
extern const ulong *auxv;		/* pairs of type and value */

__noreturn void exit(int status);
const char *getenv(const char *name);	/* NULL: not set */
bool auxv_get(ulong type, ulong *value);

/* ---- strings (string.c, number.c) -------------------------------------------------- */

void *memcpy(void *to, const void *from, size_t n);
void *memmove(void *to, const void *from, size_t n);
void *memset(void *to, int c, size_t n);
int memcmp(const void *a, const void *b, size_t n);
size_t strlen(const char *s);
int strcmp(const char *a, const char *b);
int strncmp(const char *a, const char *b, size_t n);
char *strchr(const char *s, int c);
char *strstr(const char *s, const char *word);
size_t strlcpy(char *to, const char *from, size_t size);

/* A number in base 10 or 16 ("0x"); *end (may be NULL) is what follows.  No sign. */
u64 parse_u64(const char *s, const char **end);

/* Is arg the name and then a number from `least` to `most`, as in seconds=20? */
bool number_after(const char *arg, const char *name, u64 least, u64 most, u64 *value);
u64 parse_hex(const char *s, const char **end);	/* without "0x" */

/* ---- output (print.c): %d %i %u %x %X %c %s %p %%, flags "-0#", width, precision, l ll z */

int vsnprintf(char *buf, size_t size, const char *fmt, va_list args) __printf(3, 0);
int snprintf(char *buf, size_t size, const char *fmt, ...) __printf(3, 4);

/* At most 1023 bytes, by one write(2), so that lines of several processes do not mix. */
int printf(const char *fmt, ...) __printf(1, 2);
int dprintf(int fd, const char *fmt, ...) __printf(2, 3);

/* ---- lines of /proc/PID/maps and its like (maps.c) ---------------------------------- */

const char *next_line(const char *line);		/* "": it was the last one */

/* "START-END ...": what follows. */
const char *line_bounds(const char *line, ulong *start, ulong *end);

/* How many have a byte in [from, to). */
unsigned lines_in(const char *maps, ulong from, ulong to);

/* ---- processes (process.c) --------------------------------------------------------- */

/* fork(); the child runs fn(arg) and exits with its result.  The pid or -errno. */
long spawn(int (*fn)(void *arg), void *arg);

/*
 * A child that becomes the program argv[0]: the pid or -errno.  If that fails a line on standard
 * error says so in the name of `who`, and what to do if there is no such file (may be NULL); its
 * status is 127 then.
 */
long start_program(const char *who, const char *const *argv, const char *const *envp,
		   const char *no_file);

/* The wait status of this child, or -errno. */
int wait_for(int pid);
#define EXITED(status, code)	((status) == ((code) << 8))
#define KILLED(status, sig)	(((status) & 0x7f) == (sig))

/* As getdents64 has them. */
struct dirent64 {
	u64 ino, off;
	u16 reclen;
	u8 type;
	char name[];
};

/* The numbers of all processes, ascending as /proc lists them: how many, at most n. */
unsigned list_pids(int *pids, unsigned n);

/* "rows", or "" if there is none. */
void process_name(int pid, char *to, size_t size);

u64 now_ns(void);			/* CLOCK_MONOTONIC */
void sleep_ms(unsigned ms);

/* The whole of a (small) file with a NUL behind; its length or -errno. */
long read_file(const char *path, void *buf, size_t size);

/* "DIR/name" where DIR is the directory part of path; /bin if it has none: found by PATH. */
void sibling_path(char *to, size_t size, const char *path, const char *name);

/* Anonymous private memory, readable and writable; ends the program if there is none. */
void *map_anon(size_t len);

/* Step a generator of pseudo-random numbers (xorshift64); never 0. */
u64 next_random(u64 *state);

/* ---- the terminal (terminal.c) ----------------------------------------------------- */

bool is_terminal(int fd);

/* How many columns it has; 0: it is no terminal. */
unsigned terminal_columns(int fd);

/*
 * Single keys instead of lines, without echo, at descriptor 0 until terminal_restore(); with
 * `signals` Ctrl-C is none of them.  False: it is no terminal.
 */
bool terminal_raw(bool signals);
void terminal_restore(void);		/* as it was; nothing to do: nothing happens */

/* Is the terminal at descriptor 0 the one of our session, which may have lent it? */
bool terminal_is_ours(void);

/* If it was ours: until the session that borrowed it has given it back. */
void terminal_await(bool was_ours);

/* What was typed and not read yet is taken away. */
void terminal_flush(void);

/* ---- the shell (shell.c) ----------------------------------------------------------- */

/* Is there a /bin/sh?  Where there is none, NO_SHELL says so, and what to do. */
bool shell_is_there(void);
#define NO_SHELL	"no shell: copy busybox.cpio of the build to \\EFI\\pagewalk on the stick"

/* ---- signals (signal.c) ------------------------------------------------------------ */

#define SIGNAL_NAMES_MAX	32
const char *signal_name(int sig);

#define SA_SIGINFO	0x00000004ul
#define SA_ONSTACK	0x08000000ul
#define SA_RESTART	0x10000000ul
#define SA_NODEFER	0x40000000ul
#define SA_RESETHAND	0x80000000ul
#define SIG_DFL		((void *)0)
#define SIG_IGN		((void *)1)

/* As the kernel wants it in rt_sigaction. */
struct kernel_sigaction {
	void *handler;
	ulong flags;
	void (*restorer)(void);
	u64 mask;
};

/* With SA_RESTORER set and our own way back: 0 or -errno. */
int set_signal(int sig, void *handler, ulong flags);

/* The same without a restorer (i386: the kernel supplies the way back). */
int set_signal_raw(int sig, void *handler, ulong flags);

#endif
