/* SPDX-License-Identifier: MIT */
/*
 * The watchdog of kernel code, tick by tick: which tick ends the kernel, and what keeps it from
 * that.  softlockup.c is compiled into this file; a test says what each tick finds.
 */
#include "tap.h"

#include <setjmp.h>
#include <kernel/kernel.h>

#include "../../kernel/softlockup.c"

static struct task_struct me = { .pid = 7, .comm = "tester" };
struct task_struct *host_current = &me;
struct sched_counters sched_counters;
unsigned report_steps, hz = 250;
bool host_irqs_off;
void (*host_interrupt)(void);

static jmp_buf end;
static char said[300];
static long said_code;

const char *report_last_step(void)	{ return "row T1"; }
void host_deliver_interrupt(void)	{ }

void die(const char *what, struct pt_regs *regs, long error_code)
{
	snprintf(said, sizeof(said), "%s", what);
	said_code = error_code;
	longjmp(end, 1);
}

#define LIMIT		1000u		/* 50 ticks from look to look */
#define KERNEL_CS	0x10
#define USER_CS		0x33

static struct pt_regs regs;

/* Everything as after the start, when the limit has just been set. */
static void begin(void)
{
	regs = (struct pt_regs){ .cs = KERNEL_CS };
	me.flags = 0;
	me.work = 0;
	said[0] = '\0';
	softlockup_limit(LIMIT);
}

/* The tick that ends the kernel, or 0: none of n did.  before() may be NULL. */
static unsigned ticks(unsigned n, void (*before)(unsigned i))
{
	static volatile unsigned i;

	if (setjmp(end))
		return i;
	for (i = 1; i <= n; i++) {
		if (before)
			before(i);
		softlockup_tick(&regs);
	}
	return 0;
}

/* ---- what a tick may find ------------------------------------------------------------- */

#define EVER	(20 * LIMIT)

static void switches_before_the_end(unsigned i)
{
	sched_counters.switches += i % (LIMIT - 1) == 0;
}

static void steps_before_the_end(unsigned i)
{
	report_steps += i % (LIMIT - 1) == 0;
}

/* What cond_resched() and the way to ring 3 do: there is nobody to switch to. */
static void pauses(unsigned i)
{
	if (need_resched())
		work_clear(&me.work, TIF_NEED_RESCHED);
}

static void pauses_seldom(unsigned i)
{
	if (i % 400 == 0)
		pauses(i);
}

static unsigned asked_at;

static void note_request(unsigned i)
{
	if (need_resched() && !asked_at)
		asked_at = i - 1;
}

static void one_switch(unsigned i)
{
	sched_counters.switches += i == 333;
}

static void one_pause(unsigned i)
{
	if (i == 700)
		pauses(i);
}

static void one_step(unsigned i)
{
	report_steps += i == LIMIT;
}

static void touches(unsigned i)
{
	if (i % 900 == 0)
		touch_softlockup_watchdog();
}

static void loops(void)
{
	begin();
	asked_at = 0;
	is(ticks(EVER, note_request), LIMIT, "a loop without end: the tick that ends it");
	is(asked_at, LIMIT / 2, "the tick that asked for a switch");
	is(said_code, NO_ERROR_CODE, "an oops without an error code");
	ok(strstr(said, "has run for 4.0 s without a pause") != NULL, "how long it ran: %s", said);
	ok(strstr(said, "(task tester, pid 7, step \"row T1\")") != NULL, "who and when: %s", said);

	begin();
	is(ticks(EVER, one_switch), 350 + LIMIT, "a loop that begins after a switch");
	begin();
	is(ticks(EVER, one_pause), 700 + LIMIT, "a loop that pauses once");
	begin();
	is(ticks(EVER, one_step), LIMIT + LIMIT, "a loop in which a step begins at the last moment");
	begin();
	me.flags = PF_IDLE;
	sched_counters.switches = 0;
	softlockup_limit(LIMIT);
	is(ticks(EVER, NULL), LIMIT, "a loop while the kernel starts");
}

static void no_loops(void)
{
	begin();
	regs.cs = USER_CS;
	is(ticks(EVER, NULL), 0, "user mode");
	is(me.work, 0, "user mode is not asked to pause");
	begin();
	me.flags = PF_IDLE;
	sched_counters.switches = 1;
	is(ticks(EVER, NULL), 0, "idle");
	is(me.work, 0, "idle is not asked to pause");
	begin();
	is(ticks(EVER, switches_before_the_end), 0, "a switch just before the limit");
	begin();
	is(ticks(EVER, steps_before_the_end), 0, "a step just before the limit");
	begin();
	is(ticks(EVER, pauses), 0, "a loop with cond_resched()");
	begin();
	is(ticks(EVER, pauses_seldom), 0, "a loop with a cond_resched() now and then");
	begin();
	is(ticks(EVER, touches), 0, "a loop that says that it is getting on");
}

static void limits(void)
{
	begin();
	is(softlockup_limit_ticks(), LIMIT, "the limit");
	softlockup_limit(SOFTLOCKUP_SECONDS * 10);
	is(softlockup_limit_ticks(), 200, "20 s at 10 Hz");
	is(ticks(EVER, NULL), 200, "the tick that ends a loop then");
	work_clear(&me.work, TIF_NEED_RESCHED);
	softlockup_limit(1);
	is(softlockup_limit_ticks(), SOFTLOCKUP_LOOKS, "the shortest limit");
	is(ticks(EVER, NULL), SOFTLOCKUP_LOOKS, "the tick that ends a loop then");
}

int main(void)
{
	plan(23);
	loops();
	no_loops();
	limits();
	return done();
}
