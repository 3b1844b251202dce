/* SPDX-License-Identifier: MIT */
/*
 * The fair scheduler (Love, Linux Kernel Development, ch. 4; Mauerer ch. 2.6): the
 * processor goes to the runnable task that has had least of it, by its weight.
 *
 * Runnable tasks stand in a red-black tree by vruntime; the running one does not, it is
 * put back when it loses the processor.  The leftmost is cached.  min_vruntime follows
 * the least vruntime of all and never goes back; new and woken tasks are placed near it.
 * Times are TSC ticks, read once a switch and once a tick; a task of nice 0 needs no
 * multiplication.  pid 0 is in no tree: it runs when nobody else can.
 *
 * Everything here is done with interrupts off, since the tick charges and wakes.
 */
#include <asm/layout.h>
#include <asm/mmu_context.h>
#include <asm/msr.h>
#include <asm/processor.h>
#include <kernel/console.h>
#include <kernel/irq.h>
#include <kernel/sched.h>
#include <kernel/string.h>
#include <kernel/time.h>
#include <kernel/trace.h>
#include <mm/highmem.h>
#include <mm/mmap.h>

#define NICE_0_WEIGHT	1024
#define INV_SHIFT	30		/* inv_weight = 2^30 / weight */
#define INV_TO_NICE_0	20		/* ... times 1024 is 2^20 */

/* A running task is left alone until another one is half a tick behind: 2 ms at 250 Hz. */
#define GRANULARITY_NS	(NSEC_PER_SEC / 2)	/* by hz */
#define WAKEUP_NS	(1 * NSEC_PER_MSEC)
/* Who slept is placed this far before the others, however long it slept. */
#define SLEEPER_NS	(3 * NSEC_PER_MSEC)

struct run_queue {
	struct rb_root tree;
	struct rb_node *leftmost;
	unsigned long nr;		/* in the tree */
	u64 min_vruntime;
	u64 granularity, wakeup, sleeper;	/* TSC ticks */
};

static struct run_queue rq;
static u32 nice_weight[40];

struct sched_counters sched_counters;
struct task_struct init_task;

/* ---- weights ----------------------------------------------------------------------- */

/* A step of nice is worth a factor of 1.25, so about 10 % of the processor between two. */
static void make_weights(void)
{
	u32 up = NICE_0_WEIGHT << 8, down = NICE_0_WEIGHT << 8;
	int nice;

	for (nice = 0; nice < 20; nice++) {
		nice_weight[20 + nice] = (down + 128) >> 8;
		nice_weight[20 - nice] = (up + 128) >> 8;
		down = down / 5 * 4;
		up = up / 4 * 5;
	}
	nice_weight[0] = (up + 128) >> 8;
}

void set_user_nice(struct task_struct *p, int nice)
{
	unsigned long flags = local_irq_save();

	p->se.nice = (s8)nice;
	p->se.weight = nice_weight[20 + nice];
	p->se.inv_weight = (1u << INV_SHIFT) / p->se.weight;
	local_irq_restore(flags);
}

/* ---- the tree ---------------------------------------------------------------------- */

static inline struct task_struct *task_of(struct rb_node *node)
{
	return rb_entry(node, struct task_struct, se.node);
}

static inline bool before(u64 a, u64 b)
{
	return (s64)(a - b) < 0;
}

/* Alone in the tree: what rb_insert() would do. */
static inline void tree_set_only(struct sched_entity *se)
{
	se->node.left = NULL;
	se->node.right = NULL;
	se->node.parent_colour = 1;
	rq.tree.node = &se->node;
	rq.leftmost = &se->node;
}

static void tree_insert(struct sched_entity *se)
{
	struct rb_node **link = &rq.tree.node, *parent = NULL;
	bool leftmost = true;

	while (*link) {
		parent = *link;
		if (before(se->vruntime, task_of(parent)->se.vruntime)) {
			link = &parent->left;
		} else {
			link = &parent->right;
			leftmost = false;
		}
	}
	rb_insert(&se->node, parent, link, &rq.tree, NULL);
	if (leftmost)
		rq.leftmost = &se->node;
}

static void enqueue(struct sched_entity *se)
{
	if (rq.nr++)
		tree_insert(se);
	else
		tree_set_only(se);
	se->on_rq = true;
}

static void dequeue(struct sched_entity *se)
{
	if (--rq.nr) {
		if (rq.leftmost == &se->node)
			rq.leftmost = rb_next(&se->node);
		rb_erase(&se->node, &rq.tree, NULL);
	} else {
		rq.tree.node = NULL;
		rq.leftmost = NULL;
	}
	se->on_rq = false;
}

/* ---- time -------------------------------------------------------------------------- */

static inline void charge(struct sched_entity *se, u64 now)
{
	u64 ran = now - se->exec_start;

	se->exec_start = now;
	se->sum_exec += ran;
	if (unlikely(se->weight != NICE_0_WEIGHT))
		ran = ran * se->inv_weight >> INV_TO_NICE_0;
	se->vruntime += ran;
}

/* `running` runs or will: the least of it and the leftmost. */
static inline void update_min_vruntime(const struct sched_entity *running)
{
	u64 least = running->vruntime;

	if (rq.leftmost && before(task_of(rq.leftmost)->se.vruntime, least))
		least = task_of(rq.leftmost)->se.vruntime;
	if (before(rq.min_vruntime, least))
		rq.min_vruntime = least;
}

u64 task_runtime_ns(const struct task_struct *p)
{
	unsigned long flags = local_irq_save();
	u64 ticks = p->se.sum_exec;

	if (p == current)
		ticks += rdtsc() - p->se.exec_start;
	local_irq_restore(flags);
	return tsc_to_ns(ticks);
}

void sched_tick(void)
{
	struct task_struct *p = current;

	if (p->flags & PF_IDLE) {
		if (rq.leftmost)
			work_set(&p->work, TIF_NEED_RESCHED);
		return;
	}
	charge(&p->se, rdtsc());
	update_min_vruntime(&p->se);
	if (rq.leftmost &&
	    before(task_of(rq.leftmost)->se.vruntime + rq.granularity, p->se.vruntime))
		work_set(&p->work, TIF_NEED_RESCHED);
}

/* ---- switching --------------------------------------------------------------------- */

/*
 * A task without an address space goes on in whatever is loaded: CR3 stays, and the
 * descriptor gets a reference so that its tables do.  Whoever replaces them drops it.
 */
static inline void switch_address_space(struct task_struct *prev, struct task_struct *next)
{
	struct mm_struct *loaded = prev->active_mm;

	if (!next->mm) {
		next->active_mm = loaded;
		sched_counters.lazy++;
		if (prev->mm)
			mmgrab(loaded);
		else
			prev->active_mm = NULL;
		return;
	}
	if (next->mm != loaded) {
		sched_counters.mm_switches++;
		switch_mm(loaded, next->mm);
	}
	if (!prev->mm) {
		prev->active_mm = NULL;
		mmdrop(loaded);
	}
}

/* On the stack of who runs now.  A task that reaps itself could not free its own stack. */
static inline void finish_switch(struct task_struct *prev)
{
	if (unlikely(prev->state == TASK_DEAD))
		free_task(prev);
}

static unsigned switch_reason(const struct task_struct *prev, bool yielding)
{
	if (prev->flags & PF_IDLE)
		return TRACE_SW_IDLE;
	if (prev->state == TASK_RUNNING)
		return yielding ? TRACE_SW_YIELD : TRACE_SW_PREEMPT;
	return prev->state & (TASK_ZOMBIE | TASK_DEAD) ? TRACE_SW_EXIT : TRACE_SW_SLEEP;
}

/* Interrupts off.  prev->state says what becomes of it; it may be run again meanwhile. */
static struct task_struct *pick_next(struct task_struct *prev, bool yielding)
{
	struct sched_entity *next;

	if (!rq.leftmost) {
		if (prev->state == TASK_RUNNING)
			return prev;
		return &init_task;
	}
	next = &task_of(rq.leftmost)->se;
	if (prev->state != TASK_RUNNING || unlikely(prev->flags & PF_IDLE)) {
		dequeue(next);
	} else {
		if (!yielding && !before(next->vruntime, prev->se.vruntime))
			return prev;
		/* Two runnable tasks change places in the tree of one. */
		if (rq.nr == 1) {
			tree_set_only(&prev->se);
			prev->se.on_rq = true;
			next->on_rq = false;
		} else {
			dequeue(next);
			enqueue(&prev->se);
		}
	}
	update_min_vruntime(next);
	return container_of(next, struct task_struct, se);
}

static inline void __schedule(bool yielding)
{
	unsigned long flags = local_irq_save();
	struct task_struct *prev = current, *next;
	u64 now = rdtsc();

	BUG_ON(irq_depth | kmap_local_depth[KMAP_TASK]);
	work_clear(&prev->work, TIF_NEED_RESCHED);
	charge(&prev->se, now);
	if (prev->state == TASK_INTERRUPTIBLE && signal_pending(prev))
		prev->state = TASK_RUNNING;
	next = pick_next(prev, yielding);
	next->se.exec_start = now;
	if (next != prev) {
		sched_counters.switches++;
		if (prev->state != TASK_RUNNING || yielding) {
			prev->nvcsw++;
		} else if (prev->flags & PF_IDLE) {
			prev->nvcsw++;
		} else {
			prev->nivcsw++;
			sched_counters.preemptions++;
		}
		switch_address_space(prev, next);
		trace(TRACE_SWITCH, prev->pid, next->pid, read_cr3(),
		      switch_reason(prev, yielding));
		finish_switch(switch_to(prev, next));
	}
	local_irq_restore(flags);
}

void schedule(void)
{
	__schedule(false);
}

void yield(void)
{
	__schedule(true);
}

void schedule_tail(struct task_struct *prev)
{
	finish_switch(prev);
	local_irq_enable();
	if (unlikely(current->set_child_tid))
		store_child_tid();
}

/* ---- waking ------------------------------------------------------------------------ */

/* Where a task comes in that has not run for a while: near the others, a bit before. */
static void place_woken(struct sched_entity *se)
{
	u64 place = rq.min_vruntime - rq.sleeper;

	if (before(se->vruntime, place))
		se->vruntime = place;
}

static void check_preempt(const struct task_struct *p)
{
	struct task_struct *running = current;

	if (running->flags & PF_IDLE ||
	    before(p->se.vruntime + rq.wakeup, running->se.vruntime))
		work_set(&running->work, TIF_NEED_RESCHED);
}

bool wake_up_state(struct task_struct *p, int states)
{
	unsigned long flags = local_irq_save();
	bool asleep = (p->state & states) != 0;

	if (asleep) {
		p->state = TASK_RUNNING;
		/* Current has only said that it wants to sleep. */
		if (p != current) {
			place_woken(&p->se);
			enqueue(&p->se);
			check_preempt(p);
		}
	}
	local_irq_restore(flags);
	return asleep;
}

bool wake_up_process(struct task_struct *p)
{
	return wake_up_state(p, TASK_INTERRUPTIBLE | TASK_UNINTERRUPTIBLE);
}

void sched_fork(struct task_struct *p)
{
	p->se.nice = current->se.nice;
	p->se.weight = current->se.weight;
	p->se.inv_weight = current->se.inv_weight;
}

/* A new task waits a while, or one that forks all the time would get all the time. */
void wake_up_new_task(struct task_struct *p)
{
	unsigned long flags = local_irq_save();
	u64 now = rdtsc();

	charge(&current->se, now);
	if (current->flags & PF_IDLE)
		p->se.vruntime = rq.min_vruntime;
	else
		p->se.vruntime = max(current->se.vruntime, rq.min_vruntime);
	p->se.vruntime += rq.granularity;
	p->state = TASK_RUNNING;
	enqueue(&p->se);
	if (current->flags & PF_IDLE)
		work_set(&current->work, TIF_NEED_RESCHED);
	local_irq_restore(flags);
}

/* ---- start and idle ---------------------------------------------------------------- */

void sched_clock_init(void)
{
	rq.granularity = ns_to_tsc(GRANULARITY_NS / hz);
	rq.wakeup = ns_to_tsc(WAKEUP_NS);
	rq.sleeper = ns_to_tsc(SLEEPER_NS);
}

void sched_init(void *stack)
{
	struct task_struct *p = &init_task;

	make_weights();
	p->stack = stack;
	p->thread.sp0 = (unsigned long)stack + THREAD_SIZE;
	p->state = TASK_RUNNING;
	p->flags = PF_KTHREAD | PF_IDLE;
	p->active_mm = &init_mm;
	mmgrab(&init_mm);
	p->parent = p;
	p->group_leader = p;
	INIT_LIST_HEAD(&p->children);
	INIT_LIST_HEAD(&p->sibling);
	INIT_LIST_HEAD(&p->thread_group);
	INIT_LIST_HEAD(&p->tasks);
	INIT_LIST_HEAD(&p->pid_hash);
	INIT_LIST_HEAD(&p->wait_chldexit.tasks);
	strlcpy(p->comm, "idle", sizeof(p->comm));
	p->exit_signal = -1;
	set_user_nice(p, 0);
	rlimit_init(p);
	cred_init(p);
	p->se.exec_start = rdtsc();
	sched_clock_init();
	cpu_area.current_task = p;
}

/* A kernel thread that is about to hand the machine over needs nobody's tables. */
void use_init_mm(void)
{
	unsigned long flags = local_irq_save();
	struct mm_struct *loaded = current->active_mm;

	if (!current->mm && loaded != &init_mm) {
		mmgrab(&init_mm);
		current->active_mm = &init_mm;
		switch_mm(loaded, &init_mm);
		mmdrop(loaded);
	}
	local_irq_restore(flags);
}

/*
 * Without a tick nothing would end the HLT, so the loop looks at timers and consoles by
 * itself.
 */
static void idle_once(void)
{
	if (strcmp(tick_source, "none") != 0) {
		cpu_idle_halt();
		return;
	}
	timer_tick();
	local_irq_enable();
	console_poll();
	cpu_relax();
}

void cpu_idle(void)
{
	for (;;) {
		local_irq_disable();
		if (rq.leftmost)
			schedule();
		else
			idle_once();
	}
}
