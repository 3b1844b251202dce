/* SPDX-License-Identifier: MIT */
/*
 * Looking into the machine by /proc/pagewalk (layouts: include/uapi/pagewalk.h).  Every
 * function ends the program with a message if the file is not there.
 *
 * Reading costs faults, system calls and slab objects of its own.  The buffers of this
 * library are touched before each read, and a snapshot is taken inside one read(2), so that
 * two snapshots of one process differ only by what happened between them and by the reading
 * itself: three system calls (open, read, close).
 */
#ifndef USER_PAGEWALK_H
#define USER_PAGEWALK_H

#include <uapi/pagewalk.h>
#include "lib.h"

#define PW_COUNTERS_MAX	160
#define PW_NAME_MAX	32

/* All counters at one moment. */
struct pw_snapshot {
	unsigned n;
	struct {
		char name[PW_NAME_MAX];
		u64 value;
	} counter[PW_COUNTERS_MAX];
};

void pw_snapshot(struct pw_snapshot *s);

/* One of a snapshot.  Ends the program if there is none of that name. */
u64 pw_get(const struct pw_snapshot *s, const char *name);

/* By how much it has grown. */
s64 pw_diff(const struct pw_snapshot *before, const struct pw_snapshot *after,
	    const char *name);

/* One counter now, or -1 if pw_has() says no. */
u64 pw_counter(const char *name);
bool pw_has(const char *name);

/* How the processor translates this address now, in this process: w->flags says if. */
bool pw_walk(const volatile void *addr, struct pagewalk_walk *w);

/* The same for many pages in a row. */
void pw_walk_range(const volatile void *addr, struct pagewalk_walk *w, unsigned pages);

/* In another process; false: there is none. */
bool pw_walk_pid(int pid, const volatile void *addr, struct pagewalk_walk *w);

/* The entry of a page, present or not; of a process (0: this one).  0: empty, or no table. */
u64 pw_entry(int pid, const volatile void *addr);

/* The slot of a page of ours that is swapped out; 0, which is the header's: it is not. */
u64 pw_slot(const volatile void *addr);

/* The frame number behind an address of ours; 0: not present. */
u64 pw_pfn(const volatile void *addr);

/* What a frame is used for. */
void pw_frame(u64 pfn, struct pagewalk_frame *f);

/* Values of /proc/pagewalk/cr3. */
u64 pw_cr3(void);

/* Write a knob, "name=value": 0 or -errno. */
long pw_knob(const char *text);

/* Number of the newest trace event; read events behind `seq`: how many (at most max). */
u64 pw_trace_seq(void);
unsigned pw_trace(u64 seq, struct pagewalk_event *events, unsigned max);

/* A number of a text file that follows `name`, "VmRSS:" for instance; -1: none. */
s64 pw_field(const char *path, const char *name);

#endif
