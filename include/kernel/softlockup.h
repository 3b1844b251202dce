/* SPDX-License-Identifier: MIT */
/*
 * The watchdog for a kernel that runs on and on with interrupts on: doc/exceptions.md.
 *
 * Its measure is ticks that were delivered, no clock: a virtual machine that was paused, or a
 * host that had no time for it, is no lockup.
 */
#ifndef KERNEL_SOFTLOCKUP_H
#define KERNEL_SOFTLOCKUP_H

#include <kernel/kernel.h>

struct pt_regs;

#define SOFTLOCKUP_SECONDS	20

/* So many looks in a row must find that the kernel came no further. */
#define SOFTLOCKUP_LOOKS	20

extern unsigned softlockup_left;	/* ticks until the next look */

/*
 * Set the limit, in ticks (rounded down to a multiple of SOFTLOCKUP_LOOKS, at least that), and
 * begin to count.  time_init() makes it SOFTLOCKUP_SECONDS; a test may make it short.
 */
void softlockup_limit(unsigned ticks);

/* How many ticks it is now. */
unsigned softlockup_limit_ticks(void);

/* Long work that can neither pause nor begin a step: it is getting on. */
void touch_softlockup_watchdog(void);

/* Look at what the tick interrupted; an oops, which does not return, at the limit. */
void softlockup_look(struct pt_regs *regs);

/* From the tick, interrupts off.  All that an ordinary tick pays is these two instructions. */
static inline void softlockup_tick(struct pt_regs *regs)
{
	if (unlikely(!--softlockup_left))
		softlockup_look(regs);
}

#endif
