/* SPDX-License-Identifier: MIT */
/*
 * The trace ring: one fixed-size event for each fault, map, unmap, CR3 load, kmap.
 *
 * The ring has a window of its own whose top-level entries exist in every address space,
 * so that the fault path may write it at any time.  When tracing is off an event site
 * costs one predictable branch.
 */
#ifndef KERNEL_TRACE_H
#define KERNEL_TRACE_H

#include <kernel/kernel.h>
#include <uapi/pagewalk.h>

extern bool trace_on;

void __trace(unsigned kind, u64 a, u64 b, u64 c, u64 d);

#define trace(kind, a, b, c, d) do { \
	if (unlikely(trace_on)) \
		__trace((kind), (a), (b), (c), (d)); \
} while (0)

/* Switch tracing on if trace= says so; a number there is the size of the ring in events. */
void trace_init(void);

/*
 * Switch; what is in the ring stays.  The ring gets its memory when tracing is switched on
 * for the first time (4096 events, or what trace= says, rounded up to a power of two): may
 * sleep then.  Returns the new state: false after true was asked for means no memory.
 */
bool trace_set(bool on);

/* Events written since boot, and how many the ring holds at most. */
u64 trace_seq(void);
unsigned long trace_size(void);

/*
 * Copy the event with number `seq` (1 is the first of all).  False if it is not there any
 * more or not yet.
 */
bool trace_read(u64 seq, struct pagewalk_event *event);

#endif
