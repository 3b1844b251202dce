/* SPDX-License-Identifier: MIT */
/*
 * The trace ring: one fixed-size event for each fault, map, unmap, CR3 load, and each frame
 * that is allocated, freed, swapped out or in.
 *
 * The ring has a window of its own whose top-level entries exist in every address space,
 * so that the fault path may write it at any time.  When tracing is off an event site
 * costs two instructions: a comparison and a branch.
 */
#ifndef KERNEL_TRACE_H
#define KERNEL_TRACE_H

#include <kernel/kernel.h>
#include <uapi/pagewalk.h>

struct vm_area_struct;

extern bool trace_on;

void __trace(unsigned kind, u64 a, u64 b, u64 c, u64 d);
void __trace_more(unsigned kind, const u64 arg[4], u64 more);

#define trace(kind, a, b, c, d) do { \
	if (unlikely(trace_on)) \
		__trace((kind), (a), (b), (c), (d)); \
} while (0)

/*
 * TRACE_FAULT, before anything is done about it; n counts all faults since kernel entry.
 * Tracing is on.
 */
void trace_fault(u64 address, u64 error_code, u64 ip, u64 n);

/*
 * For a debugger with a breakpoint at trace_stop(), which is called at fault trace_stopped.at,
 * with the rest filled in (tools/replay).  The number comes from the fw_cfg file
 * opt/pagewalk/trace_stop.  The debugger would have to stop the machine earlier to set it, and
 * in a stop QEMU's clock goes on to its next timer; as a key of the command line it would be
 * drawn, and digits take more or fewer instructions to draw: another run would follow.
 */
extern struct trace_stopped {
	u64 at;
	u64 address, error_code, ip;
	unsigned pid;
} trace_stopped;
void trace_stop(void);

/* A page fault that is over, as its events tell it (fs/proc_explain.c). */
struct explained_fault {
	unsigned long address, error_code, ip;
	unsigned decision;		/* enum pagewalk_decision */
	unsigned signal;		/* to the program; 0: none */
	u64 flags;			/* PAGEWALK_EXPLAIN_* */
	u64 before, after;		/* the entry */
	u64 ticks;			/* of the TSC, so far; 0: not known */
	const struct vm_area_struct *vma;	/* NULL: none; mmap_sem is held */
};

/* Write its events.  Tracing is on.  Does not sleep. */
void explain_fault(const struct explained_fault *e);

/* Switch tracing on if trace= says so; a number there is the size of the ring in events. */
void trace_init(void);

/*
 * Switch; what is in the ring stays.  The ring gets its memory when tracing is switched on
 * for the first time (16384 events, or what trace= says, rounded up to a power of two): may
 * sleep then.  Returns the new state: false after true was asked for means no memory.
 */
bool trace_set(bool on);

/*
 * From now on only events of kinds whose bit is set (all: ~0): so that a busy machine does
 * not write over what is looked for.
 */
void trace_only(u32 kinds);

/* Events written since boot, and how many the ring holds at most. */
u64 trace_seq(void);
unsigned long trace_size(void);

/*
 * Copy the event with number `seq` (1 is the first of all).  False if it is not there any
 * more or not yet.
 */
bool trace_read(u64 seq, struct pagewalk_event *event);

#endif
