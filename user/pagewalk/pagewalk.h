/* SPDX-License-Identifier: MIT */
/*
 * /bin/pagewalk: what an address means, and what a frame is for (main.c: options).
 *
 *	address.c	one address: what is gathered of it
 *	show.c		the same in words, as JSON, raw
 *	decode.c	entries by themselves
 *	process.c	processes and regions
 *	frame.c		one frame: who maps it
 *	biography.c	and what became of it
 */
#ifndef PAGEWALK_PAGEWALK_H
#define PAGEWALK_PAGEWALK_H

#include "../lib/entry.h"
#include "../lib/json.h"
#include "../lib/lib.h"
#include "../lib/pagewalk.h"

#define FOUR_LEVELS	(sizeof(long) == 8)
#define NAME_MAX	64
#define KERNEL_PID	(-1)		/* the kernel's own tables */

enum format { AS_TEXT, AS_JSON, AS_RAW };

/* A message to standard error, and the end: status 1, or 2 for what was typed wrong. */
__noreturn void give_up(int status, const char *fmt, ...) __printf(2, 3);

typedef unsigned long long ull;

/* ---- addresses by themselves (decode.c) ---------------------------------------------- */

/* "PGD": of 2 or 4 levels; level 0 is the top. */
const char *level_name(unsigned levels, unsigned level);

/* Four levels translate 48 bits, which bit 47 continues up to bit 63. */
bool is_canonical(u64 address);

/* ---- entries (decode.c) ---------------------------------------------------------------- */

/* What the entries of a walk say, decoded from nothing but themselves. */
struct decoded {
	bool present, write, user, exec;	/* all levels together */
	bool large, global, accessed, dirty;	/* of the last entry */
	bool protnone, swapped;		/* absent, but it names a frame or a slot */
	unsigned device;
	u64 slot;
	u64 phys, size;			/* of the byte at the address; of the page */
};

void decode_walk(const struct pagewalk_walk *w, struct decoded *d);

/* Every bit of an entry in words. */
void entry_words(unsigned levels, unsigned level, u64 entry, char *to, size_t size);

/* ---- processes (process.c) --------------------------------------------------------------- */

struct process {
	int pid;
	u64 top;			/* frame of its top-level table */
	char comm[17];
};

/* All processes with an address space of their own: how many. */
unsigned list_processes(const struct process **list);

struct region {
	u64 start, end;			/* end 0: there is none */
	char rights[5];
	char name[NAME_MAX];
};

/* By maps, of a process; by the table of windows, of the kernel.  -errno: no such process. */
long find_region(int pid, u64 address, struct region *r);

/* First address of the kernel half; where the direct map is. */
u64 kernel_start(void);
bool direct_map(struct region *r);

/* A descriptor of /proc/pagewalk/walk for these tables, or -errno. */
int open_walk(int pid);

/* ---- frames (frame.c) ------------------------------------------------------------------ */

const char *frame_type_name(unsigned type);
const char *zone_name(unsigned zone);

/* KPF_* as words, with commas. */
void frame_flags(u64 flags, char *to, size_t size);

/* False: no such number, beyond all RAM. */
bool read_frame(u64 pfn, struct pagewalk_frame *f);

int show_frame(u64 pfn, enum format format);

/* ---- what became of a frame (biography.c) ------------------------------------------------ */

#define LIFE_TEXT_MAX	200

/* One thing that happened to it. */
struct life_event {
	u64 seq, ns;
	u32 pid;			/* who ran */
	char comm[17];
	char text[LIFE_TEXT_MAX];
};

/* Read the ring; *first and *last: the events that it has.  False: there is nothing. */
bool read_ring(u64 *first, u64 *last);

/* Calls fn for all that happened to it, in order; how many. */
unsigned biography(u64 pfn, void (*fn)(const struct life_event *e, void *arg), void *arg);

/* ---- addresses (address.c, show.c) --------------------------------------------------------- */

struct view {
	u64 address;
	int pid;			/* KERNEL_PID: none */
	char comm[17];
	bool brief;			/* without name, region and frame: there are many */
	bool canonical;
	struct pagewalk_walk w;
	struct decoded d;
	struct region region;
	bool has_word;			/* the kernel's own lookup: a word of pagemap */
	u64 word;
	bool has_frame;
	struct pagewalk_frame frame;
};

/* Look at an address.  Ends the program if there is no such process.  One process a run. */
void look(int pid, u64 address, bool brief, struct view *v);

/* NULL: all three agree, or what does not. */
const char *disagreement(const struct view *v);

/* Print it: 0, or 1 if the three views of it do not agree. */
int show_address(const struct view *v, enum format format);

/* Raw lines are kept until there are many, and for this. */
void flush_lines(void);

#endif
