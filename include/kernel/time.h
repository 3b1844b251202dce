/* SPDX-License-Identifier: MIT */
/*
 * Time: nanoseconds since the kernel's entry from the TSC, and the tick.
 *
 * Before time_init() the TSC frequency is a guess on the high side (so waits become
 * longer, never shorter) and ktime_ns() runs slow, so that it never goes back.
 */
#ifndef KERNEL_TIME_H
#define KERNEL_TIME_H

#include <kernel/types.h>
#include <kernel/poll.h>

#define NSEC_PER_SEC	1000000000ull
#define NSEC_PER_MSEC	1000000ull
#define NSEC_PER_USEC	1000ull

extern unsigned tsc_khz;		/* 0 until time_init() */
extern unsigned hz;			/* ticks per second: 250, or hz= (10 ... 10000) */
extern volatile unsigned long jiffies;	/* ticks since time_init() */
extern u64 entry_tsc;			/* TSC at the first C instruction (early_idt_init) */

/* Why a frequency was measured this way: one entry per source that answered. */
struct tsc_source {
	const char *name;
	unsigned khz;
};
extern struct tsc_source tsc_sources[];
extern unsigned tsc_source_count;
extern const char *tsc_chosen;		/* name of the source in use */
extern const char *tsc_confirmed;	/* name of the one that agrees within 1 %, or NULL */

/* Nanoseconds since kernel entry.  Any context; a multiplication, no division. */
u64 ktime_ns(void);

/* TSC ticks to nanoseconds and back, at the calibrated rate. */
u64 tsc_to_ns(u64 ticks);
u64 ns_to_tsc(u64 ns);

/* The rate that calibration found; from here on times are real. */
void time_set_tsc_khz(unsigned khz);

/*
 * Calibrate, start the tick (LAPIC timer, else PIT), leave interrupts as they are.  Needs
 * irq_init() and acpi_init().  Prints each source and the choice; cannot fail: the worst
 * case is a guess and a warning.
 */
void time_init(void);

/* CLOCK_REALTIME by the firmware's date.  After time_init(); kernel/time_calls.c. */
void realtime_init(void);

/* Stop whatever makes ticks; before the CPU changes its owner (reboot, other kernel). */
void time_stop(void);

/* What makes the tick: "lapic", "pit" or "none", and the rate of the LAPIC timer's input. */
extern const char *tick_source;
extern unsigned lapic_khz;

/* Called at every tick, in interrupt context, interrupts off; regs is what it interrupted. */
struct pt_regs;
extern void (*tick_hook)(struct pt_regs *regs);

/* ---- for system calls (time_calls.c) ------------------------------------------------ */

struct timespec64_k;

/* false: not a valid time.  What does not fit becomes a time that never comes. */
bool timespec_to_ns(const struct timespec64_k *t, u64 *ns);

/* CLOCK_REALTIME: nanoseconds since 1970, or since kernel entry until somebody sets it. */
u64 realtime_ns(void);

/* A time of CLOCK_REALTIME as one of ktime_ns(), as the clock is set now. */
u64 realtime_to_ktime(u64 ns);

#endif
