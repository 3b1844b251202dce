/* SPDX-License-Identifier: MIT */
/*
 * The reference clocks that the TSC is compared with.  Each counts up at a known rate;
 * read() is one or a few device accesses, nothing in it waits.
 */
#ifndef ASM_CLOCK_H
#define ASM_CLOCK_H

#include <kernel/types.h>

#define PIT_HZ		1193182
#define PMTIMER_HZ	3579545

struct ref_clock {
	const char *name;
	/* Make it run; false if it is absent or does not tick.  Fills hz and mask. */
	bool (*init)(struct ref_clock *c);
	u32 (*read)(void);
	void (*stop)(void);		/* leave it as it was; may be NULL */
	u32 hz;				/* 0: unknown, to be measured (LAPIC timer) */
	u32 mask;			/* width of the counter */
	bool alive;			/* init said so */
};

extern struct ref_clock pmtimer_clock, hpet_clock, pit_clock;

/* Does read() change within some thousand reads?  Bounded by `us` microseconds. */
bool ref_clock_ticks(const struct ref_clock *c, unsigned us);

/* The ACPI PM timer, raw (24 or 32 bits); 0 where there is none. */
u32 pmtimer_read(void);

/* HPET counter period in femtoseconds, 0: none; the main counter's low word. */
extern u32 hpet_period_fs;
u32 hpet_read(void);

/* PIT channel 0 as the tick: hz times a second on 8259 line 0. */
void pit_tick_start(unsigned rate);
void pit_tick_stop(void);

/*
 * Calibrate the TSC (and the LAPIC timer, if there is one) and call time_set_tsc_khz().
 * Some 2 ms of waiting.
 */
void tsc_calibrate(void);

#endif
