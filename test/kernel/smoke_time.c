/* SPDX-License-Identifier: MIT */
/*
 * Smoke: do the clocks count, evenly, forwards, and as fast as they say?
 *
 * Each check waits or samples for a few milliseconds at most; together they stay below
 * 100 ms.  In a virtual machine a wrong rate is the host's doing and a warning only.
 */
#include <asm/apic.h>
#include <asm/clock.h>
#include <asm/irqflags.h>
#include <asm/msr.h>
#include <asm/processor.h>
#include <kernel/acpi.h>
#include <kernel/printk.h>
#include <kernel/string.h>
#include <kernel/time.h>
#include "smoke.h"

#define SAMPLES		2000
#define SAMPLES_MIN	200		/* even when an SMI or the host takes all the time */
#define SAMPLE_US	3000
#define PIT_US		2000
#define PIT_TRIES	3
#define PIT_WARN	50		/* parts of a thousand */
#define TICK_MS		24
#define EDGE_LIMIT_US	12000
#define TICK_LIMIT_US	36000
#define SLOWEST_HZ	100
#define SMI_WINDOW_MS	20
#define SMI_LONG_US	150
#define MSR_SMI_COUNT	0x34		/* Intel since Nehalem */

/* Deviation of `seen` from `expected` in parts of a thousand. */
static unsigned permille(u64 seen, u64 expected)
{
	u64 diff = seen > expected ? seen - expected : expected - seen;

	return expected ? (unsigned)min_t(u64, diff * 1000 / expected, 9999) : 9999;
}

/* A rate that is off: how bad is that? */
static void judge_rate(struct row *r, unsigned off, unsigned warn, unsigned fail, const char *why)
{
	if (off > fail && !smoke_virtual())
		row_ok(r, false, "off by %u.%u %%: %s", off / 10, off % 10, why);
	else if (off > warn && smoke_virtual())
		row_skip(r, "off by %u.%u %%: a virtual machine: its host was busy", off / 10,
			 off % 10);
	else if (off > warn)
		row_warn(r, "off by %u.%u %%: %s", off / 10, off % 10, why);
	else
		smoke_pass(r);
}

void smoke_tsc_invariant(struct row *r)
{
	row_info(r, "%u.%03u MHz", tsc_khz / 1000, tsc_khz % 1000);
	if (cpu_has(X86_FEATURE_INVARIANT_TSC))
		smoke_pass(r);
	else if (smoke_virtual())
		row_skip(r, "a virtual machine: its TSC is what the host makes it");
	else
		row_warn(r, "CPUID does not promise it: the TSC may change speed or stop in sleep states");
}

void smoke_tsc_two_sources(struct row *r)
{
	char list[ROW_TEXT_MAX] = "";
	unsigned i, n = 0;

	for (i = 0; i < tsc_source_count; i++)
		n += scnprintf(list + n, sizeof(list) - n, "%s%s %u", n ? ", " : "",
			       tsc_sources[i].name, tsc_sources[i].khz / 1000);
	row_info(r, "%s MHz: %s", tsc_source_count ? list : "no source", tsc_chosen);
	if (tsc_confirmed)
		smoke_pass(r);
	else if (tsc_source_count < 2)
		row_warn(r, "nothing to compare with: times may be wrong");
	else if (smoke_virtual())
		row_warn(r, "no two agree within 1 %%: the host is busy, times may be wrong");
	else
		row_ok(r, false, "no two agree within 1 %%: one of these clocks is broken, times are wrong");
}

/* ---- clocks that must never go back ------------------------------------------------ */

struct samples {
	unsigned reads, backwards;
	u32 ticks, worst;		/* worst: the longest step back */
};

static void sample_clock(const struct ref_clock *c, struct samples *s)
{
	u64 deadline = ktime_ns() + SAMPLE_US * NSEC_PER_USEC;
	u32 first = c->read() & c->mask, last = first, now;

	*s = (struct samples){ .reads = 1 };
	while (s->reads < SAMPLES_MIN || (s->reads < SAMPLES && ktime_ns() < deadline)) {
		now = c->read() & c->mask;
		s->reads++;
		if (((now - last) & c->mask) > c->mask / 2) {
			s->backwards++;
			s->worst = max(s->worst, (last - now) & c->mask);
		}
		last = now;
	}
	s->ticks = (last - first) & c->mask;
}

static void check_monotone(struct row *r, const struct ref_clock *c)
{
	struct samples s;

	sample_clock(c, &s);
	row_info(r, "%u reads, %u ticks, %u backwards", s.reads, s.ticks, s.backwards);
	row_ok(r, s.ticks, "the counter stands still");
	row_ok(r, !s.backwards, "the counter jumps back by up to %u ticks: read it three times or not at all",
	       s.worst);
}

void smoke_pmtimer_monotone(struct row *r)
{
	u32 port = acpi_info.pm_timer_port;

	if (!port)
		row_skip(r, "ACPI names no PM timer");
	else if (!acpi_port_sane(port))
		row_warn(r, "the FADT names port 0x%x, which is another device's; not used; firmware bug",
			 port);
	else if (row_ok(r, pmtimer_clock.alive, "the FADT names port 0x%x, but nothing counts there; firmware bug",
			port))
		check_monotone(r, &pmtimer_clock);
}

void smoke_hpet_monotone(struct row *r)
{
	if (!acpi_info.hpet_phys)
		row_skip(r, "ACPI names no HPET; it may be switched off in the firmware setup");
	else if (row_ok(r, hpet_clock.alive, "the HPET table names %#llx, but nothing counts there; firmware bug",
			ULL(acpi_info.hpet_phys)))
		check_monotone(r, &hpet_clock);
}

/* ---- the tick ---------------------------------------------------------------------- */

/* Ticks that arrive until there are `n` of them or the time is up, from edge to edge. */
static unsigned count_ticks(unsigned n, u64 *ns)
{
	unsigned long edge = jiffies, first;
	u64 start;

	if (!poll_until(jiffies != edge, EDGE_LIMIT_US))
		return 0;
	start = ktime_ns();
	first = jiffies;
	poll_until(jiffies - first >= n, TICK_LIMIT_US);
	*ns = ktime_ns() - start;
	return (unsigned)(jiffies - first);
}

void smoke_lapic_timer_rate(struct row *r)
{
	unsigned n = max(hz * TICK_MS / 1000, 1u), seen, rate;
	u64 ns = 0;

	if (!lapic_present) {
		row_skip(r, "no local APIC: the tick comes from %s", tick_source);
		return;
	}
	if (hz < SLOWEST_HZ) {
		row_skip(r, "hz=%u is too slow to be measured in %u ms", hz, TICK_MS);
		return;
	}
	if (!row_ok(r, !strcmp(tick_source, "lapic"), "the local APIC's timer could not be started"))
		return;
	seen = count_ticks(n, &ns);
	if (!seen || !ns) {
		smoke_no_tick(r, "no tick arrives: interrupts of the local APIC get lost");
		return;
	}
	rate = (unsigned)(seen * 10000000000ull / ns);
	row_info(r, "%u.%u Hz, %u wanted; input %u.%03u MHz", rate / 10, rate % 10, hz,
		 lapic_khz / 1000, lapic_khz % 1000);
	judge_rate(r, permille(rate, hz * 10), 50, 200, "timer and TSC disagree");
}

/* Ticks of channel 2 in about PIT_US, and the nanoseconds that they took by the TSC. */
static u32 pit_window(u64 *ns)
{
	unsigned long flags = local_irq_save();
	u32 first = pit_clock.read(), ticks;
	u64 start = ktime_ns();

	udelay(PIT_US);
	ticks = (pit_clock.read() - first) & pit_clock.mask;
	*ns = ktime_ns() - start;
	local_irq_restore(flags);
	return ticks;
}

/* An SMI inside a reading spoils a window, hardly three in a row. */
void smoke_pit_alive(struct row *r)
{
	unsigned off = 1000, tries, now;
	u32 ticks = 0;
	u64 ns = 0;

	if (!pit_clock.init(&pit_clock)) {
		row_skip(r, "channel 2 does not count: absent or gated; loaders that wait for it hang here");
		return;
	}
	for (tries = 0; tries < PIT_TRIES && off > PIT_WARN; tries++) {
		ticks = pit_window(&ns);
		now = permille(ticks, ns * PIT_HZ / NSEC_PER_SEC);
		off = min(off, now);
	}
	pit_clock.stop();
	row_info(r, "%u ticks in %llu us", ticks, ULL(ns / 1000));
	if (row_ok(r, ticks, "channel 2 stopped"))
		judge_rate(r, off, PIT_WARN, 200, "PIT and TSC disagree");
}

/* ---- who else uses the processor --------------------------------------------------- */

/* The longest time between two reads of the TSC, interrupts off. */
static u64 longest_gap(unsigned window_ms)
{
	unsigned long flags = local_irq_save();
	u64 start = rdtsc(), ticks = ns_to_tsc(window_ms * NSEC_PER_MSEC);
	u64 last = start, now, gap = 0;

	do {
		now = rdtsc();
		gap = max(gap, now - last);
		last = now;
	} while (now - start < ticks);
	local_irq_restore(flags);
	return gap;
}

void smoke_smi_latency_max(struct row *r)
{
	u64 before = 0, after = 0, us;
	bool counted = !rdmsr_safe(MSR_SMI_COUNT, &before) && !smoke_virtual();

	us = tsc_to_ns(longest_gap(SMI_WINDOW_MS)) / 1000;
	rdmsr_safe(MSR_SMI_COUNT, &after);
	if (counted)
		row_info(r, "%llu us, %u SMIs in %u ms", ULL(us), (unsigned)(after - before), SMI_WINDOW_MS);
	else
		row_info(r, "%llu us in %u ms", ULL(us), SMI_WINDOW_MS);
	if (smoke_virtual())
		row_skip(r, "a virtual machine: this is its host's scheduling");
	else if (us < SMI_LONG_US)
		smoke_pass(r);
	else if (counted && after == before)
		row_warn(r, "something stops the processor that long, but no SMI: bus or power management");
	else
		row_warn(r, "the firmware stops the processor (SMI) that long: try without USB legacy support");
}
