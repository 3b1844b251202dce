/* SPDX-License-Identifier: MIT */
/*
 * /bin/tour: the parts of the program, and what a stop is.  doc/tour.md says how to add one.
 */
#ifndef USER_TOUR_H
#define USER_TOUR_H

#include "../lib/lib.h"
#include "../lib/pagewalk.h"
#include "../lib/steps.h"

/* What holds in which mode. */
#define FOUR		(sizeof(long) == 8)
#define BY_MODE(four, two) (FOUR ? (four) : (two))
#define MiB		(1024ul * 1024)

/*
 * A stop: a heading of the book or a paragraph of another source.  The proof runs in a child
 * of its own, which has touched nothing of its memory but what it says: it may map, fork and
 * die.  The stop holds if at least one expectation was stated and none failed.
 */
struct stop {
	const char *section;		/* "5.6.2", "W.3" */
	const char *title;
	const char *text;		/* paragraphs, with \n between them */
	const char *question;
	const char *choice[3];
	unsigned answer;		/* 1 to 3 */
	const char *why;		/* the answer in a sentence */
	void (*prove)(void);
	const char *rows;		/* of the catalogue: the proof at length */
};

struct source {
	const char *letter;		/* "G": `tour G` is all of it */
	const char *name;
	const struct stop *stops;
	unsigned count;
};

/* Each file of stops has one; several may have the same letter and name. */
extern const struct source gorman_space, gorman_regions, gorman_changes, gorman_faults;
extern const struct source knapka, wiki_kernel, wiki_user, irc, mauerer;

#define GORMAN	"Gorman, Understanding the Linux Virtual Memory Manager, chapter 5"
#define WIKI	"LinuxMM wiki, VirtualMemory"

/* ---- words on the screen (show.c) ---------------------------------------------------- */

enum tone { TONE_PLAIN, TONE_TITLE, TONE_QUESTION, TONE_GOOD, TONE_BAD, TONE_FAINT };

/* Width of the terminal; colours if it has them and `plain` does not forbid them. */
void show_begin(bool plain);

/* Ask the terminal for its width again: the picture may have begun or ended meanwhile. */
void show_fit(void);

/* Everything that is shown goes there too, without colours.  0 or -errno. */
long show_transcript(const char *path);

/* A paragraph, wrapped, each line `indent` columns to the right. */
void show(enum tone tone, unsigned indent, const char *fmt, ...) __printf(3, 4);

/* "--- left ----- right ---" over the whole width, and an empty line. */
void show_rule(const char *fmt, ...) __printf(1, 2);
void show_blank(void);

/*
 * show_again() shows once more what was shown since show_mark(), also by proofs.  That does not
 * go to the transcript.
 */
void show_mark(void);
void show_again(void);

/* ---- keys and time (keys.c) ------------------------------------------------------------ */

enum key { KEY_TIMEOUT, KEY_NEXT, KEY_BACK, KEY_QUIT, KEY_1, KEY_2, KEY_3 };

void keys_begin(void);
void keys_end(void);

/*
 * Wait for a key that means something, at most so long; 0 seconds: do not wait at all.  Where
 * there is no keyboard (any more) KEYS_FOREVER does not wait, either.
 */
#define KEYS_FOREVER	(~0u)
enum key keys_wait(unsigned seconds);

/* ---- a shell in the tour's place (shell.c) --------------------------------------------- */

/* The tour's argv[0]; the live picture beside it, for a line to whoever wants room; 0: none. */
void shell_begin(const char *self, u64 picture);

/* "  s: shell" for a line of keys, or "" where there is none. */
const char *shell_hint(void);

/*
 * Until it ends the terminal is the shell's.  Then what was shown since show_mark() is shown
 * again; keys that the shell has not read are lost.  Where there is none a line says why.
 */
void shell_visit(void);

/* ---- proofs (prove.c) ------------------------------------------------------------------ */

enum result { NOT_VISITED, HOLDS, FAILS, SKIPPED };

/* Run the proof of a stop in a child. */
enum result prove(const struct stop *s);

/* In a proof: a line that says what is expected and what was seen. */
bool expect(bool ok, const char *fmt, ...) __printf(2, 3);
#define expect_eq(seen, expected, ...) expect_number((u64)(seen), (u64)(expected), __VA_ARGS__)
bool expect_number(u64 seen, u64 expected, const char *fmt, ...) __printf(3, 4);

bool expect_frame(u64 seen, u64 expected, const char *fmt, ...) __printf(3, 4);

/* A remark; what this machine lacks, and the end of the proof. */
void note(const char *fmt, ...) __printf(1, 2);
__noreturn void lacks(const char *fmt, ...) __printf(1, 2);

/* ---- looking (look.c) -------------------------------------------------------------------- */

struct pagewalk_frame frame_at(const volatile void *p);	/* behind an address of ours */
bool expect_type(const volatile void *p, enum pagewalk_frame_type type, const char *what);
bool is_zero_page(const struct pagewalk_frame *f);
u64 kernel_walk(ulong address, struct pagewalk_walk *w);	/* frame, 0: not present */

/* Lines: "WHEN: entry 0x... = frame 0x..., read-only, ..."; each level from CR3 on. */
void show_entry(const char *when, int pid, const volatile void *p);
void show_walk(const volatile void *p);

/* Faults of this process, served, since count_begin(). */
void count_begin(void);
struct faults {
	ulong minor, major;
};
struct faults count_end(void);

/* kB of /proc/self/status in pages; lines of /proc/self/maps in a range. */
ulong pages_of(const char *name);
unsigned regions_in(const volatile void *p, size_t len);

/* "0x1000-0x2000 rw-p NAME" of the region of an address, as maps has it; "": none. */
void region_line(ulong address, char *to, size_t size);
void show_regions(const char *when, const volatile void *p, size_t len);

/* Bounds of a kernel window of /proc/pagewalk/windows; false: there is none. */
bool window(const char *name, ulong *start, ulong *end);
ulong task_size(void);

/*
 * Counters of the whole machine, while nothing else ran: `again` makes the state, `act` is
 * what is counted.  Tried until no other task ran in between; false (and a failed
 * expectation) if that never happened.
 */
bool count_alone(void (*again)(void), void (*act)(void));
s64 grown(const char *counter);

/* ---- doing (do.c) --------------------------------------------------------------------- */

/* Where this program has nothing, a gigabyte far. */
#define EMPTY_PLACE	(FOUR ? (ulong)0x400000000ull : 0x40000000ul)
#define RW		(PROT_READ | PROT_WRITE)

/* Anonymous memory, untouched: at EMPTY_PLACE, at an address, anywhere and shared. */
volatile u8 *fresh(ulong pages);
volatile u8 *fresh_at(ulong address, ulong pages);
volatile u8 *fresh_shared(ulong pages);

/* Touch each page: read, or write `value`. */
ulong read_pages(volatile u8 *p, ulong pages);
void write_pages(volatile u8 *p, ulong pages, u8 value);

/* A file of n pages without a name, page i full of i + 1; its descriptor. */
int scratch_file(ulong pages);

/* What a child of ours gets for one access. */
enum access { ACCESS_READ, ACCESS_WRITE, ACCESS_JUMP };
struct caught {
	int sig, code;			/* 0: the access succeeded */
	ulong addr, err;		/* si_addr, the processor's error code */
};
struct caught try_access(enum access kind, ulong address);

/* It ends in this signal, with this code: SEGV_*, BUS_ADRERR; 0: any. */
#define SIGBUS		7
#define SIGSEGV		11
#define SEGV_MAPERR	1
#define SEGV_ACCERR	2
#define BUS_ADRERR	2
#define SI_KERNEL	128
bool expect_signal(struct caught c, int sig, int code, const char *fmt, ...) __printf(4, 5);

/* A child that does step(command) at each helper_do(), one at a time, until child_end(). */
void helper_start(struct child *h, int (*step)(int command));
int helper_do(struct child *h, int command);

/* Everything that this program has is there, so that later faults are the experiment's. */
void settle(void);

/* Is there swap space?  If not, lacks().  What cannot be swapped out fails. */
bool have_swap(void);
void need_swap(void);
void swap_out(volatile u8 *p, ulong pages);

#endif
