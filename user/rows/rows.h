/* SPDX-License-Identifier: MIT */
/*
 * Shared by the tests of /bin/rows: arguments, helpers that look at whole address spaces,
 * and children that do one step at a time.
 */
#ifndef USER_ROWS_H
#define USER_ROWS_H

#include "../lib/check.h"
#include "../lib/pagewalk.h"
#include "../lib/steps.h"

#define LONG64		(sizeof(long) == 8)
#define MiB		(1024ul * 1024)

/* What follows ID on the command line (main.c). */
extern int row_argc;
extern char **row_argv;
ulong row_number(int i);		/* argument i as a number; ends the program if missing */

/* ---- memory (spaces.c) ------------------------------------------------------------- */

/* First address behind the user half: where the stack's region ends. */
ulong task_size(void);

/* Anonymous memory at an address that must be free; ends the program if it is not. */
void *map_at(ulong addr, size_t len, int prot);

/* Shared anonymous memory, touched: fork shares it and nobody ever copies it. */
void *map_shared(size_t len);

/* An address in whose neighbourhood (1 GiB) this program has nothing. */
#define EMPTY_PLACE	(LONG64 ? (ulong)0x400000000ull : 0x40000000ul)

/* Entries of a PTE table, and bytes that it maps. */
#define TABLE_ENTRIES	(PAGE_SIZE / sizeof(long))
#define TABLE_SPAN	(TABLE_ENTRIES * PAGE_SIZE)

/* Tables that n pages from a 1-GiB boundary on need where there are none (n < 2^18). */
static inline ulong tables_for(ulong pages)
{
	return (pages + TABLE_ENTRIES - 1) / TABLE_ENTRIES + LONG64;
}

/* ---- a whole user half, by the raw tables (spaces.c) -------------------------------- */

struct leaf {
	ulong va;
	u32 pfn;
	u16 flags;		/* PAGEWALK_* */
	u16 type;		/* PAGEWALK_FRAME_*; of the zero page: FRAME_ZERO */
};
#define FRAME_ZERO	100

struct space {
	u64 top;		/* CR3 of the walk */
	unsigned tables;	/* all levels, the top one too */
	unsigned n;
	struct leaf leaf[4096];
};

/* In shared memory, so that filling it copies nothing. */
struct space *space_alloc(void);

/* Every present leaf below task_size(), of this process (0) or another. */
void space_scan(int pid, struct space *s);

/* By address or by frame; NULL: not there. */
const struct leaf *space_find(const struct space *s, ulong va);
const struct leaf *space_frame(const struct space *s, u32 pfn);

/* How many of one type. */
unsigned space_count(const struct space *s, unsigned type);

/* ---- regions, by /proc/self/maps and smaps (regions.c) ------------------------------- */

/* Lines of maps that have a byte in [start, end). */
unsigned regions_in(const volatile void *start, size_t len);

/* Does the region of this address have this flag ("lo", "dc", ... of VmFlags)? */
bool region_has(const volatile void *addr, const char *flag);

/* A number of kB of its lines in smaps ("Rss:"); -1: no region. */
s64 region_kb(const volatile void *addr, const char *name);

/* Pages of VmLck. */
u64 locked_pages(void);

/* Limits of this process, both to the same value (root may raise them again). */
void limit(int resource, ulong value);
#define RLIMIT_DATA	2
#define RLIMIT_STACK	3
#define RLIMIT_MEMLOCK	8
#define RLIMIT_AS	9
#define RLIM_INFINITY	(~0ul)

/* ---- swap (slots.c) ------------------------------------------------------------------ */

#define SWAP_CLUSTER	8u		/* slots that are read together */

/* Of n pages, the first whose slot begins a cluster; n: there is none. */
unsigned first_of_cluster(const volatile void *pages, unsigned n);

/* ---- children that do one step at a time (steps.c) ---------------------------------- */

/*
 * Fork; the child runs step(command) for each child_do() until child_end().  It has done
 * nothing yet when child_start() returns.
 */
void child_start(struct child *c, int (*step)(int command));
int child_do(struct child *c, int command);	/* what step() returned, 0 to 255 */

/* A new program that calls child_serve(); it has come as far when this returns. */
void child_exec(struct child *c, const char *const *argv);
__noreturn void child_serve(int (*step)(int command));
void child_wait_here(void);			/* the same with steps that do nothing */

/* In a step: exec it; child_do() returns when it waits. */
__noreturn void child_become(const char *const *argv);

/* A part of a test that is a program of its own: /bin/rows NAME. */
#define HELPER(sym, name, fn) \
	static const struct user_test helper_##sym = { name, fn }; \
	static const struct user_test *const __used __attribute__((__section__("tests"))) \
		helper_ptr_##sym = &helper_##sym

/* ---- programs whose words are judged (capture.c) -------------------------------------- */

/*
 * Run a program; what it writes to standard output and standard error together, as text.  The
 * wait status.
 */
int run_captured(const char *const *argv, char *text, size_t size);

/* ---- accesses that may fail (catch.c) ------------------------------------------------ */

enum access { ACCESS_READ, ACCESS_WRITE, ACCESS_JUMP };

struct caught {
	int sig, code;		/* 0: the access succeeded */
	ulong addr;		/* si_addr */
	ulong err, trap, cr2, ip;	/* of the ucontext */
};

/* SIGSEGV and SIGBUS come to catch_access() from now on. */
void catch_begin(void);
void catch_end(void);

/* A byte is read or written (with 0), or the code there is called. */
struct caught catch_access(enum access kind, ulong addr);

/* The instructions that do it, and a RET. */
extern const char probe_read_insn[], probe_write_insn[], probe_ret[];

#endif
