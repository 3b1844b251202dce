/* SPDX-License-Identifier: MIT */
/*
 * The run queue and the timers against models: sched.c is compiled into this file, with a
 * clock, CR3 and a switch that are only pretended.  A "task" here is a descriptor; what it
 * does is decided by the test, which then looks at the queue: its order, the leftmost, who
 * is picked, min_vruntime, and that every tick of the clock is charged to somebody.
 */
#include "tap.h"

/* The processor: what asm/msr.h, asm/processor.h and asm/mmu_context.h would give. */
#define ASM_MSR_H
#define ASM_PROCESSOR_H
#define ASM_MMU_CONTEXT_H
#define THREAD_SIZE 16384
#include <stdlib.h>
#include <asm/percpu.h>
#include <kernel/kernel.h>
#include <mm/mm_types.h>

static u64 clock_now, cr3;
static unsigned cr3_loads;
static struct mm_struct spaces[8];

static inline u64 rdtsc(void)
{
	return clock_now;
}

static inline u64 read_cr3(void)
{
	return cr3;
}

static inline void switch_mm(struct mm_struct *prev, struct mm_struct *next)
{
	if (prev != next) {
		cr3 = (u64)(uintptr_t)next;
		cr3_loads++;
	}
}

static inline void cpu_idle_halt(void)
{
}

static inline void cpu_relax(void)
{
}

#include "../../kernel/sched.c"

#include <kernel/random.h>

/* ---- what the scheduler asks of others ------------------------------------------------ */

#define TSC_PER_MS	1000000ull	/* one tick of the TSC is a nanosecond */

struct task_struct *host_current = &init_task;
struct cpu_area cpu_area;
struct mm_struct init_mm = { .mm_users = 1, .mm_count = 1 };
unsigned kmap_local_depth[KMAP_CONTEXTS];
bool trace_on, host_irqs_off;
void (*host_interrupt)(void);
int irq_depth;
unsigned hz = 250;
const char *tick_source = "none";
static unsigned freed, dropped;

u64 ns_to_tsc(u64 ns)	{ return ns; }
u64 tsc_to_ns(u64 tsc)	{ return tsc; }
u64 ktime_ns(void)	{ return clock_now; }
void console_poll(void)	{ }
void store_child_tid(void) { }
void rlimit_init(struct task_struct *p) { }
void cred_init(struct task_struct *p) { }
void free_task(struct task_struct *p)	{ freed++; }
void host_deliver_interrupt(void) { }
void __trace(unsigned kind, u64 a, u64 b, u64 c, u64 d) { }

void mmdrop(struct mm_struct *mm)
{
	mm->mm_count--;
	dropped++;
}

/* Without stacks: the switched-to task "returns" at once. */
struct task_struct *switch_to(struct task_struct *prev, struct task_struct *next)
{
	host_current = next;
	return prev;
}

void panic(const char *fmt, ...)
{
	printf("Bail out! %s\n", fmt);
	exit(1);
}

/* ---- looking at the queue --------------------------------------------------------------- */

#define TASKS	12

static struct task_struct tasks[TASKS];
static struct rnd rnd;

/* 0, or what is wrong with the tree. */
static const char *look_at_queue(void)
{
	struct rb_node *node, *prev = NULL;
	unsigned long count = 0, i, queued = 0;
	const char *wrong = rb_check(&rq.tree, &count);

	if (wrong)
		return wrong;
	if (count != rq.nr)
		return "nr is not the number of tasks in the tree";
	if (rq.leftmost != rb_first(&rq.tree))
		return "leftmost is not the first";
	for (node = rb_first(&rq.tree); node; prev = node, node = rb_next(node)) {
		if (prev && before(task_of(node)->se.vruntime, task_of(prev)->se.vruntime))
			return "the tree is not in order";
		if (!task_of(node)->se.on_rq || task_of(node)->state != TASK_RUNNING)
			return "a task in the tree does not want to run";
	}
	for (i = 0; i < TASKS; i++)
		queued += tasks[i].se.on_rq;
	if (queued != count)
		return "a task says it is in the tree and is not";
	if (host_current->se.on_rq)
		return "the running task is in the tree";
	return NULL;
}

static u64 total_exec(void)
{
	u64 total = init_task.se.sum_exec;
	unsigned i;

	for (i = 0; i < TASKS; i++)
		total += tasks[i].se.sum_exec;
	return total;
}

/* The queue as it should have been asked: least vruntime, if it is less than prev's. */
static struct task_struct *model_pick(const struct task_struct *prev, bool yielding)
{
	struct task_struct *best = NULL;
	unsigned i;

	for (i = 0; i < TASKS; i++)
		if (tasks[i].se.on_rq &&
		    (!best || before(tasks[i].se.vruntime, best->se.vruntime)))
			best = &tasks[i];
	if (!best)
		return prev->state == TASK_RUNNING ? (struct task_struct *)prev : &init_task;
	if (prev->state == TASK_RUNNING && prev != &init_task && !yielding &&
	    !before(best->se.vruntime, prev->se.vruntime))
		return (struct task_struct *)prev;
	return best;
}

static void reset(void)
{
	unsigned i;

	memset(&rq, 0, sizeof(rq));
	memset(&init_task, 0, sizeof(init_task));
	memset(tasks, 0, sizeof(tasks));
	memset(spaces, 0, sizeof(spaces));
	host_current = &init_task;
	clock_now = 5000;
	cr3 = (u64)(uintptr_t)&init_mm;
	cr3_loads = dropped = freed = 0;
	init_mm.mm_count = 1;
	memset(&sched_counters, 0, sizeof(sched_counters));
	host_irqs_off = true;
	sched_init(NULL);
	for (i = 0; i < TASKS; i++) {
		tasks[i].pid = (int)i + 1;
		tasks[i].state = TASK_UNINTERRUPTIBLE;
		set_user_nice(&tasks[i], 0);
	}
	for (i = 0; i < ARRAY_SIZE(spaces); i++)
		spaces[i].mm_users = spaces[i].mm_count = 1;
}

static void give_space(struct task_struct *p, struct mm_struct *mm)
{
	p->mm = p->active_mm = mm;
}

static void start(unsigned n)
{
	unsigned i;

	for (i = 0; i < n; i++)
		wake_up_new_task(&tasks[i]);
	schedule();
}

/* Run for a while: a tick every 1/hz, a switch whenever one is asked for. */
static void run_ms(unsigned ms)
{
	u64 until = clock_now + ms * TSC_PER_MS, step = 1000000000u / hz;

	while (clock_now < until) {
		clock_now += step;
		sched_tick();
		if (need_resched())
			schedule();
	}
}

/* ---- shares ------------------------------------------------------------------------------ */

static void test_equal_shares(unsigned n, unsigned rate)
{
	u64 least = ~0ull, most = 0, slice = 2000000000ull / rate;
	unsigned i;

	hz = rate;
	reset();
	start(n);
	run_ms(10000);
	for (i = 0; i < n; i++) {
		least = min(least, tasks[i].se.sum_exec);
		most = max(most, tasks[i].se.sum_exec);
	}
	ok(most - least <= 2 * slice, "%u tasks at %u Hz: they differ by %llu us, at most %llu",
	   n, rate, (unsigned long long)(most - least) / 1000,
	   (unsigned long long)(2 * slice) / 1000);
	is(total_exec(), clock_now - 5000, "all time is charged to somebody");
	hz = 250;
}

/* A step of nice is a factor of 1.25, whoever it is. */
static void test_weights(void)
{
	unsigned i, wrong = 0;
	u64 ratio;

	reset();
	for (i = 1; i < 40; i++) {
		ratio = (u64)nice_weight[i - 1] * 1000 / nice_weight[i];
		wrong += ratio < 1180 || ratio > 1320;
	}
	is(wrong, 0, "steps of nice that are not worth 1.25");
	is(nice_weight[20], NICE_0_WEIGHT, "weight of nice 0");
	set_user_nice(&tasks[0], -5);
	set_user_nice(&tasks[1], 0);
	set_user_nice(&tasks[2], 10);
	start(3);
	run_ms(60000);
	for (i = 0; i < 3; i++) {
		ratio = tasks[i].se.sum_exec * 1000 / (clock_now - 5000);
		ok(ratio * (tasks[0].se.weight + tasks[1].se.weight + tasks[2].se.weight) / 1000 >=
		   tasks[i].se.weight * 97ull / 100 &&
		   ratio * (tasks[0].se.weight + tasks[1].se.weight + tasks[2].se.weight) / 1000 <=
		   tasks[i].se.weight * 103ull / 100 + 8,
		   "nice %d of -5, 0, 10 gets %llu/1000 by its weight", tasks[i].se.nice,
		   (unsigned long long)ratio);
	}
}

/* Who slept long gets the processor at the next tick, and no more than a bit of it. */
static void test_sleeper(void)
{
	u64 before_wake, busy;

	reset();
	start(3);
	tasks[11].state = TASK_INTERRUPTIBLE;
	run_ms(5000);
	before_wake = clock_now;
	ok(wake_up_process(&tasks[11]), "a sleeper is woken");
	ok(!wake_up_process(&tasks[11]), "and not a second time");
	ok(need_resched(), "it takes the processor from a busy task");
	schedule();
	ok(current == &tasks[11], "at once");
	busy = tasks[11].se.sum_exec;
	run_ms(1000);
	ok(tasks[11].se.sum_exec - busy < 270 * TSC_PER_MS,
	   "having slept for 5 s it gets %llu of the next 1000 ms, not all of them",
	   (unsigned long long)((tasks[11].se.sum_exec - busy) / TSC_PER_MS));
	ok(tasks[11].se.vruntime >= rq.min_vruntime - rq.sleeper && before_wake < clock_now,
	   "it was placed near the others");
	tasks[11].state = TASK_STOPPED;
	ok(!wake_up_process(&tasks[11]), "a stopped task is not woken by an event");
}

static void test_signals(void)
{
	reset();
	start(2);
	tasks[0].signal.pending = 2;
	work_set(&tasks[0].work, TIF_SIGPENDING);
	while (current != &tasks[0])
		run_ms(4);
	set_current_state(TASK_INTERRUPTIBLE);
	schedule();
	is(tasks[0].state, TASK_RUNNING, "with a signal pending nobody falls asleep");
	while (current != &tasks[0])
		run_ms(4);
	set_current_state(TASK_UNINTERRUPTIBLE);
	schedule();
	is(tasks[0].state, TASK_UNINTERRUPTIBLE, "unless it must not be disturbed");
	ok(current == &tasks[1], "then the other one runs");
	set_current_state(TASK_DEAD);
	schedule();
	is(freed, 1, "a dead task is freed by the switch away from it");
	ok(current == &init_task, "with nobody left the idle task runs");
}

/* ---- address spaces ----------------------------------------------------------------------- */

static void test_lazy(void)
{
	unsigned loads;

	reset();
	give_space(&tasks[0], &spaces[0]);
	give_space(&tasks[1], &spaces[1]);
	wake_up_new_task(&tasks[0]);
	schedule();
	is(cr3, (uintptr_t)&spaces[0], "a program has its tables loaded");
	is(init_mm.mm_count, 1, "and the idle task has let go of its");
	loads = cr3_loads;
	wake_up_process(&tasks[5]);
	schedule();
	ok(current == &tasks[5] && tasks[5].active_mm == &spaces[0], "a kernel thread borrows");
	is(spaces[0].mm_count, 2, "with a reference");
	set_current_state(TASK_UNINTERRUPTIBLE);
	schedule();
	ok(current == &tasks[0] && cr3_loads == loads, "back again: no CR3 load");
	is(spaces[0].mm_count, 1, "and the reference is gone");
	ok(!tasks[5].active_mm, "a thread that does not run borrows nothing");

	wake_up_process(&tasks[5]);
	clock_now += 10 * TSC_PER_MS;
	schedule();
	wake_up_process(&tasks[6]);
	set_current_state(TASK_UNINTERRUPTIBLE);
	tasks[0].se.vruntime += 100 * TSC_PER_MS;	/* ... so that it is not its turn */
	schedule();
	ok(current == &tasks[6] && tasks[6].active_mm == &spaces[0],
	   "one thread inherits from the other");
	is(spaces[0].mm_count, 2, "with the one reference that there is");
	wake_up_new_task(&tasks[1]);
	tasks[1].se.vruntime = 0;
	set_current_state(TASK_UNINTERRUPTIBLE);
	dequeue(&tasks[1].se);
	enqueue(&tasks[1].se);
	schedule();
	ok(current == &tasks[1] && cr3_loads == loads + 1, "another program: one CR3 load");
	is(spaces[0].mm_count, 1, "and the last borrower lets go");
}

/* ---- whatever comes ------------------------------------------------------------------------ */

static unsigned odd_picks, went_back, disorder;
static u64 charged_from;

static void do_schedule(bool yielding)
{
	struct task_struct *prev = current, *expected;

	/* What __schedule() will do before it picks. */
	charge(&prev->se, clock_now);
	if (prev->state == TASK_INTERRUPTIBLE && signal_pending(prev))
		prev->state = TASK_RUNNING;
	expected = model_pick(prev, yielding);
	if (yielding)
		yield();
	else
		schedule();
	/* Equal ones may come in any order. */
	odd_picks += current != expected &&
		     (current == &init_task || expected == &init_task ||
		      current->se.vruntime != expected->se.vruntime);
}

static void random_event(void)
{
	struct task_struct *p = &tasks[rnd_u64(&rnd) % TASKS];

	switch (rnd_u64(&rnd) % 8) {
	case 0:
		if (current != &init_task)
			set_current_state(rnd_u64(&rnd) % 2 ? TASK_INTERRUPTIBLE :
							      TASK_UNINTERRUPTIBLE);
		do_schedule(false);
		break;
	case 1:
	case 2:
		wake_up_process(p);
		break;
	case 3:
		do_schedule(current != &init_task);
		break;
	case 4:
		if (p->state == TASK_UNINTERRUPTIBLE && !p->se.on_rq)
			wake_up_new_task(p);
		break;
	case 5:
		if (p != current && !p->se.on_rq)
			set_user_nice(p, (int)(rnd_u64(&rnd) % 40) - 20);
		break;
	default:
		sched_tick();
		if (need_resched())
			do_schedule(false);
	}
}

static void test_random(void)
{
	const char *wrong = NULL, *w;
	unsigned i;
	u64 least = 0;

	reset();
	rnd_seed(&rnd, 8);
	charged_from = clock_now;
	for (i = 0; i < 200000; i++) {
		clock_now += rnd_u64(&rnd) % (3 * TSC_PER_MS);
		random_event();
		w = look_at_queue();
		if (w && !wrong)
			wrong = w;
		disorder += w != NULL;
		went_back += before(rq.min_vruntime, least);
		least = rq.min_vruntime;
	}
	charge(&current->se, clock_now);
	is(disorder, 0, "looks at the queue that found something wrong (%s)",
	   wrong ? wrong : "none");
	is(odd_picks, 0, "picks that a model did not make");
	is(went_back, 0, "times that min_vruntime went back");
	is(total_exec(), clock_now - charged_from, "time charged in 200000 events");
	ok(sched_counters.switches > 20000 && sched_counters.preemptions > 1000,
	   "%lu switches, %lu preemptions", sched_counters.switches,
	   sched_counters.preemptions);
}

/* ---- timers --------------------------------------------------------------------------------- */

#define TIMERS	64

static struct ktimer timers[TIMERS];
static bool model_queued[TIMERS];
static u64 model_when[TIMERS], last_fired;
static unsigned fired, wrong_fires;
static unsigned again;

static void timer_fires(struct ktimer *t)
{
	unsigned i = (unsigned)(t - timers);

	wrong_fires += !model_queued[i] || model_when[i] != t->expires ||
		       t->expires > clock_now || t->expires < last_fired || t->queued;
	model_queued[i] = false;
	last_fired = t->expires;
	fired++;
	if (again && rnd_u64(&rnd) % 4 == 0) {
		model_queued[i] = true;
		model_when[i] = clock_now + 1 + rnd_u64(&rnd) % 1000;
		ktimer_start(t, model_when[i]);
	}
}

/* Not one that is due is left, and none that is not due is gone. */
static unsigned timer_errors(void)
{
	unsigned i, n = 0;

	for (i = 0; i < TIMERS; i++)
		n += timers[i].queued != model_queued[i] ||
		     (model_queued[i] && model_when[i] <= clock_now);
	return n;
}

static void test_timers(void)
{
	unsigned step, i, errors = 0, cancels = 0;

	rnd_seed(&rnd, 15);
	again = 1;
	clock_now = 1000;
	for (i = 0; i < TIMERS; i++)
		timers[i].fn = timer_fires;
	for (step = 0; step < 100000; step++) {
		i = (unsigned)(rnd_u64(&rnd) % TIMERS);
		if (rnd_u64(&rnd) % 4) {
			model_when[i] = clock_now + 1 + rnd_u64(&rnd) % 5000;
			model_queued[i] = true;
			ktimer_start(&timers[i], model_when[i]);
		} else {
			cancels += ktimer_cancel(&timers[i]) != model_queued[i];
			model_queued[i] = false;
		}
		clock_now += rnd_u64(&rnd) % 200;
		last_fired = 0;
		timer_tick();
		errors += timer_errors();
	}
	is(wrong_fires, 0, "of %u timers that fired: too early, out of order or not asked for",
	   fired);
	is(errors, 0, "timers left behind or lost in 100000 ticks");
	is(cancels, 0, "cancels with the wrong result");
	again = 0;
	clock_now += 1000000;
	last_fired = 0;
	timer_tick();
	is(timer_errors(), 0, "all are gone at the end");
}

int main(void)
{
	test_equal_shares(2, 250);
	test_equal_shares(3, 250);
	test_equal_shares(12, 250);
	test_equal_shares(3, 2000);
	test_weights();
	test_sleeper();
	test_signals();
	test_lazy();
	test_random();
	test_timers();
	return done();
}
