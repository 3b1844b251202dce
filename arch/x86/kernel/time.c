/* SPDX-License-Identifier: MIT */
/*
 * The tick: LAPIC timer where there is one that counts, else PIT channel 0 through the
 * 8259, else none (everything still runs to its end, only nothing is preempted).
 */
#include <asm/apic.h>
#include <asm/clock.h>
#include <asm/hw_irq.h>
#include <asm/irq.h>
#include <asm/irqflags.h>
#include <kernel/console.h>
#include <kernel/irq.h>
#include <kernel/kernel.h>
#include <kernel/params.h>
#include <kernel/printk.h>
#include <kernel/sched.h>
#include <kernel/softlockup.h>
#include <kernel/time.h>
#include <kernel/tty.h>

#define HZ_MIN	10
#define HZ_MAX	10000

const char *tick_source = "none";
void (*tick_hook)(struct pt_regs *regs);

static void tick(struct pt_regs *regs, void *arg)
{
	jiffies++;
	softlockup_tick(regs);
	timer_tick();
	sched_tick();
	loadavg_tick();
	if (tick_hook)
		tick_hook(regs);
	tty_poll();
	console_poll();
}

static void read_hz(void)
{
	u64 v;

	if (!param_u64("hz", &v))
		return;
	if (v >= HZ_MIN && v <= HZ_MAX)
		hz = (unsigned)v;
	else
		pr_warn("hz=%llu: must be %u to %u; using %u\n", (unsigned long long)v, HZ_MIN,
			HZ_MAX, hz);
}

static bool lapic_tick_start(void)
{
	u32 count = (u32)((u64)lapic_khz * 1000 / 16 / hz);

	if (count < 2 || irq_install(LOCAL_TIMER_VECTOR, tick, NULL, "lapic timer"))
		return false;
	lapic_timer_start(count, LOCAL_TIMER_VECTOR, true);
	return true;
}

static bool pit_tick_possible(void)
{
	return i8259_present && pit_clock.alive &&
	       !irq_install(ISA_IRQ_VECTOR(0), tick, NULL, "pit");
}

void time_init(void)
{
	unsigned long flags = local_irq_save();

	read_hz();
	softlockup_limit(SOFTLOCKUP_SECONDS * hz);
	tsc_calibrate();
	if (lapic_tick_start()) {
		tick_source = "lapic";
	} else if (pit_tick_possible()) {
		tick_source = "pit";
		pit_tick_start(hz);
		i8259_enable(0);
	}
	if (lapic_khz)
		pr_info("time: tick by %s at %u Hz, LAPIC timer %u.%03u MHz\n", tick_source, hz,
			lapic_khz / 1000, lapic_khz % 1000);
	else
		pr_info("time: tick by %s at %u Hz\n", tick_source, hz);
	local_irq_restore(flags);
}

void time_stop(void)
{
	if (lapic_present)
		lapic_timer_stop();
	if (i8259_present) {
		i8259_disable(0);
		pit_tick_stop();
	}
	tick_source = "none";
}
