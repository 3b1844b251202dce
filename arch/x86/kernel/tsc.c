/* SPDX-License-Identifier: MIT */
/*
 * How fast the TSC counts.
 *
 * Sources, most trusted first: CPUID 0x15, the hypervisor's leaf, then measurements
 * against the ACPI PM timer, HPET and PIT channel 2, CPUID 0x16 (nominal), the
 * firmware's Stall().  The first one that another one confirms within 1 % is used.
 *
 * All clocks are measured in the same two windows of 1 ms.  A reading is framed by two
 * RDTSC and repeated; the one with the narrowest frame counts, so an SMI or a busy host
 * spoils a measurement only if it hits all five tries, and between the two ends of a
 * window it does no harm at all.  Of the two windows the one with the narrower frames
 * counts, per clock.
 */
#include <asm/apic.h>
#include <asm/clock.h>
#include <asm/msr.h>
#include <asm/processor.h>
#include <asm/setup.h>
#include <kernel/kernel.h>
#include <kernel/printk.h>
#include <kernel/time.h>

#define WINDOWS		2
#define WINDOW_US	1000
#define TRIES		5
#define MIN_KHZ		50000		/* outside these a figure is absurd */
#define MAX_KHZ		10000000
#define MAX_SOURCES	8
#define MAX_CLOCKS	4

struct tsc_source tsc_sources[MAX_SOURCES];
unsigned tsc_source_count;
const char *tsc_chosen = "guess", *tsc_confirmed;
unsigned lapic_khz;

struct reading {
	u64 tsc;
	u32 slack, value;
};

/* One clock's best window. */
struct measurement {
	struct ref_clock *clock;
	struct reading start;
	u32 slack;		/* both ends, in TSC ticks */
	u32 delta;		/* of the clock */
	u64 tsc_delta;
};

static u32 lapic_clock_read(void)
{
	return ~lapic_read(APIC_TMCCT);
}

static bool lapic_clock_init(struct ref_clock *c)
{
	if (!lapic_present)
		return false;
	lapic_write(APIC_LVT_TIMER, APIC_LVT_MASKED | 0xff);
	lapic_write(APIC_TDCR, APIC_TDCR_16);
	lapic_write(APIC_TMICT, 0xffffffff);
	c->mask = 0xffffffff;
	return ref_clock_ticks(c, 50);
}

static void lapic_clock_stop(void)
{
	lapic_write(APIC_TMICT, 0);
}

static struct ref_clock lapic_clock = {
	.name = "lapic", .init = lapic_clock_init, .read = lapic_clock_read,
	.stop = lapic_clock_stop,
};

static void add_source(const char *name, u64 khz)
{
	if (khz < MIN_KHZ || khz > MAX_KHZ) {
		if (khz)
			pr_warn("tsc: %s says %llu kHz, which cannot be; ignored\n", name,
				(unsigned long long)khz);
		return;
	}
	if (tsc_source_count < MAX_SOURCES)
		tsc_sources[tsc_source_count++] = (struct tsc_source){ name, (unsigned)khz };
}

static void take_reading(const struct ref_clock *c, struct reading *r)
{
	unsigned i;

	r->slack = 0xffffffff;
	for (i = 0; i < TRIES; i++) {
		u64 before = rdtsc();
		u32 value = c->read();
		u64 frame = rdtsc() - before;

		if (frame < r->slack) {
			r->slack = (u32)frame;
			r->tsc = before + frame / 2;
			r->value = value;
		}
	}
}

/* The window is as long as the first clock with a known rate says it is. */
static void wait_window(const struct measurement *m, unsigned n)
{
	unsigned i;

	for (i = 0; i < n; i++) {
		const struct ref_clock *c = m[i].clock;
		u32 goal = c->hz / (1000000 / WINDOW_US);
		u32 start = m[i].start.value;

		if (!c->hz)
			continue;
		poll_until(((c->read() - start) & c->mask) >= goal, WINDOW_US);
		return;
	}
	udelay(WINDOW_US / 5);		/* only the LAPIC's rate is wanted: a short one */
}

static void one_window(struct measurement *m, unsigned n)
{
	struct reading end;
	unsigned i;

	for (i = 0; i < n; i++)
		take_reading(m[i].clock, &m[i].start);
	wait_window(m, n);
	for (i = 0; i < n; i++) {
		u32 slack;

		take_reading(m[i].clock, &end);
		slack = end.slack + m[i].start.slack;
		if (slack >= m[i].slack)
			continue;
		m[i].slack = slack;
		m[i].delta = (end.value - m[i].start.value) & m[i].clock->mask;
		m[i].tsc_delta = end.tsc - m[i].start.tsc;
	}
}

static unsigned measure(struct measurement *m)
{
	static struct ref_clock *const clocks[] = {
		&pmtimer_clock, &hpet_clock, &pit_clock, &lapic_clock,
	};
	unsigned i, n = 0;

	static_assert(ARRAY_SIZE(clocks) == MAX_CLOCKS, "room");
	for (i = 0; i < ARRAY_SIZE(clocks); i++) {
		clocks[i]->alive = clocks[i]->init(clocks[i]);
		if (clocks[i]->alive)
			m[n++] = (struct measurement){ .clock = clocks[i], .slack = ~0u };
	}
	if (n)
		for (i = 0; i < WINDOWS; i++)
			one_window(m, n);
	for (i = 0; i < n; i++)
		if (m[i].clock->stop)
			m[i].clock->stop();
	return n;
}

static void add_cpuid_sources(void)
{
	u32 max, a, b, c, d;

	cpuid(0, &max, &b, &c, &d);
	if (max >= 0x15) {
		cpuid(0x15, &a, &b, &c, &d);
		if (a && b && c)
			add_source("cpuid-15", (u64)c / 1000 * b / a);
	}
	cpuid(1, &a, &b, &c, &d);
	if (c >> 31) {
		cpuid(0x40000000, &a, &b, &c, &d);
		if (a >= 0x40000010 && a < 0x40010000) {
			cpuid(0x40000010, &a, &b, &c, &d);
			add_source("hypervisor", a);
		}
	}
}

static void add_weak_sources(void)
{
	u32 max, a, b, c, d;

	cpuid(0, &max, &b, &c, &d);
	if (max >= 0x16) {
		cpuid(0x16, &a, &b, &c, &d);
		add_source("cpuid-16", (u64)(a & 0xffff) * 1000);
	}
	if (boot_info->stall_us)
		add_source("stall", boot_info->stall_tsc * 1000 / boot_info->stall_us);
}

static bool agree(unsigned a, unsigned b)
{
	unsigned diff = a > b ? a - b : b - a;

	return diff <= max(a, b) / 100;
}

/* The first source with a witness; without one the first source; else the guess. */
static void choose(void)
{
	unsigned i, k;

	for (i = 0; i < tsc_source_count; i++) {
		for (k = 0; k < tsc_source_count; k++) {
			if (k == i || !agree(tsc_sources[i].khz, tsc_sources[k].khz))
				continue;
			tsc_chosen = tsc_sources[i].name;
			tsc_confirmed = tsc_sources[k].name;
			time_set_tsc_khz(tsc_sources[i].khz);
			return;
		}
	}
	if (tsc_source_count) {
		tsc_chosen = tsc_sources[0].name;
		time_set_tsc_khz(tsc_sources[0].khz);
		return;
	}
	time_set_tsc_khz(1000000);
}

static void report(void)
{
	unsigned i;

	for (i = 0; i < tsc_source_count; i++)
		pr_info("tsc: %-10s %u.%03u MHz\n", tsc_sources[i].name,
			tsc_sources[i].khz / 1000, tsc_sources[i].khz % 1000);
	if (tsc_confirmed)
		pr_info("tsc: using %s (%u.%03u MHz), confirmed by %s within 1 %%\n",
			tsc_chosen, tsc_khz / 1000, tsc_khz % 1000, tsc_confirmed);
	else
		pr_warn("tsc: no two sources agree within 1 %%; using %s (%u.%03u MHz), "
			"times may be wrong\n", tsc_chosen, tsc_khz / 1000, tsc_khz % 1000);
}

void tsc_calibrate(void)
{
	struct measurement m[MAX_CLOCKS];
	unsigned i, n;

	add_cpuid_sources();
	n = measure(m);
	for (i = 0; i < n; i++)
		if (m[i].clock->hz && m[i].delta)
			add_source(m[i].clock->name,
				   m[i].tsc_delta * m[i].clock->hz / m[i].delta / 1000);
	add_weak_sources();
	choose();
	for (i = 0; i < n; i++)
		if (m[i].clock == &lapic_clock && m[i].tsc_delta)
			lapic_khz = (unsigned)((u64)m[i].delta * 16 * tsc_khz / m[i].tsc_delta);
	report();
}
