/* SPDX-License-Identifier: MIT */
/*
 * Nanoseconds out of the TSC, bounded waiting, and the count of ticks.
 *
 * The conversion is ns = ticks * mult >> 24: exact at 1 GHz (QEMU's -icount), better than
 * one part in a million from 50 MHz to 10 GHz, two multiplications in i386.
 */
#include <asm/msr.h>
#include <asm/processor.h>
#include <kernel/kernel.h>
#include <kernel/printk.h>
#include <kernel/time.h>

#define TIME_SHIFT	24
/* Faster than any TSC there is, so that waits before calibration are too long. */
#define GUESS_KHZ	5000000u
#define KHZ_TO_MULT(khz)	((u32)((1000000ull << TIME_SHIFT) / (khz)))

unsigned tsc_khz;
unsigned hz = 250;
volatile unsigned long jiffies;
u64 entry_tsc;
u64 busy_wait_us_total;

static u32 ns_mult = (u32)((1000000ull << TIME_SHIFT) / GUESS_KHZ);
static u32 poll_khz = GUESS_KHZ;
static u64 busy_ticks;

void time_set_tsc_khz(unsigned khz)
{
	tsc_khz = khz;
	poll_khz = khz;
	ns_mult = KHZ_TO_MULT(khz);
	busy_wait_us_total = busy_ticks * 1000 / khz;
}

u64 tsc_to_ns(u64 ticks)
{
	return ((ticks >> 32) * ns_mult << (32 - TIME_SHIFT)) +
	       ((u64)(u32)ticks * ns_mult >> TIME_SHIFT);
}

u64 ns_to_tsc(u64 ns)
{
	/* In two parts, so that days do not overflow. */
	return ns / 1000000 * poll_khz + ns % 1000000 * poll_khz / 1000000;
}

u64 ktime_ns(void)
{
	return tsc_to_ns(rdtsc() - entry_tsc);
}

u64 printk_clock_ns(void)
{
	return tsc_khz ? ktime_ns() : 0;
}

void poll_start(struct poll_timer *t, unsigned us)
{
	t->ticks = (u64)us * poll_khz / 1000 + 1;
	t->start = rdtsc();
}

bool poll_expired(const struct poll_timer *t)
{
	cpu_relax();
	return rdtsc() - t->start >= t->ticks;
}

void poll_end(const struct poll_timer *t)
{
	busy_ticks += rdtsc() - t->start;
	busy_wait_us_total = busy_ticks * 1000 / poll_khz;
}

void udelay(unsigned us)
{
	struct poll_timer t;

	poll_start(&t, us);
	while (!poll_expired(&t))
		;
	poll_end(&t);
}
