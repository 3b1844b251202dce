/* SPDX-License-Identifier: MIT */
/*
 * Nobody takes the processor from kernel code, so a loop without end there is the end of
 * everything, and with interrupts on not even a watchdog of the machine would notice: ticks
 * arrive, clocks go on.  Contract: include/kernel/softlockup.h.
 *
 * Now and then, SOFTLOCKUP_LOOKS times in the time of the limit, the tick looks whether the
 * kernel came any further: user mode or the idle loop was interrupted, tasks were switched, or a
 * new step of the run has begun.  When half of the looks have found nothing it asks for a switch
 * by TIF_NEED_RESCHED, as for a task whose time is over.  schedule() takes the flag away even if
 * there is nobody to switch to, and everything that is allowed to take long goes there by
 * cond_resched(), as does the way back to ring 3.  What leaves the flag alone until the limit is
 * never going to.
 */
#include <asm/irqflags.h>
#include <asm/ptrace.h>
#include <kernel/panic.h>
#include <kernel/printk.h>
#include <kernel/report.h>
#include <kernel/sched.h>
#include <kernel/softlockup.h>
#include <kernel/time.h>

/* ~0 ticks: until time_init() there is no tick, and nobody looks. */
unsigned softlockup_left = ~0u;

static struct {
	unsigned period;		/* ticks from look to look */
	unsigned nothing;		/* looks in a row that found no progress */
	unsigned long switches;		/* sched_counters and report_steps at the last look */
	unsigned steps;
} dog;

void softlockup_limit(unsigned ticks)
{
	unsigned long flags = local_irq_save();

	dog.period = max(ticks / SOFTLOCKUP_LOOKS, 1u);
	dog.nothing = 0;
	dog.switches = sched_counters.switches;
	dog.steps = report_steps;
	softlockup_left = dog.period;
	local_irq_restore(flags);
}

unsigned softlockup_limit_ticks(void)
{
	return dog.period * SOFTLOCKUP_LOOKS;
}

void touch_softlockup_watchdog(void)
{
	WRITE_ONCE(dog.nothing, 0);
}

/* Until the first switch pid 0 is not the idle loop but the start of the kernel. */
static bool idle(void)
{
	return current->flags & PF_IDLE && sched_counters.switches;
}

static bool came_further(const struct pt_regs *regs)
{
	bool asked = dog.nothing >= SOFTLOCKUP_LOOKS / 2;

	return user_mode(regs) || idle() || dog.switches != sched_counters.switches ||
	       dog.steps != report_steps || (asked && !need_resched());
}

static __noreturn void soft_lockup(struct pt_regs *regs)
{
	unsigned tenths = softlockup_limit_ticks() * 10 / hz;
	char what[256];

	snprintf(what, sizeof(what),
		 "soft lockup: the kernel has run for %u.%u s without a pause, now at %pS "
		 "(task %s, pid %d, step \"%s\"): a loop there has no end, or no cond_resched()",
		 tenths / 10, tenths % 10, (void *)regs->ip, current->comm, current->pid,
		 report_last_step());
	die(what, regs, NO_ERROR_CODE);
}

void softlockup_look(struct pt_regs *regs)
{
	softlockup_left = dog.period;
	if (came_further(regs))
		dog.nothing = 0;
	else
		dog.nothing++;
	dog.switches = sched_counters.switches;
	dog.steps = report_steps;
	if (dog.nothing == SOFTLOCKUP_LOOKS)
		soft_lockup(regs);
	if (dog.nothing == SOFTLOCKUP_LOOKS / 2)
		work_set(&current->work, TIF_NEED_RESCHED);
}
