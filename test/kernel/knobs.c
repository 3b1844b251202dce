/* SPDX-License-Identifier: MIT */
/*
 * Conditions that end a run on purpose (knob=NAME), so that the host can look at what the
 * kernel says about them.  Each happens after initialisation, before the first row.
 *
 *	oops		a driver follows a bad pointer (X6)
 *	gap		a read just behind the direct map (K12)
 *	va-high		the linear address of a high frame is asked for (H1)
 *	stack-overflow	recursion without end on a kernel stack (X9)
 *	double-fault	a fault that cannot be delivered: the stack pointer is bad (X9)
 *	panic		a broken invariant
 *	hang		the processor does nothing more, interrupts off (O7)
 *	lockup[:TICKS]	a loop without end, interrupts on; the limit is TICKS instead of 20 s (O7)
 *	triple-fault	a fault without an IDT: the machine resets (O7)
 *	spoil-report	at the end of the run a byte of the report's ring is turned over (O7)
 */
#include <asm/kstack.h>
#include <asm/processor.h>
#include <asm/setup.h>
#include <kernel/console.h>
#include <kernel/params.h>
#include <kernel/printk.h>
#include <kernel/reboot.h>
#include <kernel/softlockup.h>
#include <kernel/string.h>
#include <mm/mm.h>
#include <test/test.h>

struct broken_device {
	int unused;
	int *registers;
};

/* A driver whose device structure was never filled in. */
static noinline int broken_driver_read(struct broken_device *dev)
{
	return READ_ONCE(dev->registers[4]);
}

static noinline int read_behind_direct_map(void)
{
	return READ_ONCE(*(int *)high_memory);
}

/* With the whole of memory in the direct map there is no such frame, and nothing happens. */
static noinline void *address_of_high_frame(void)
{
	struct page *page = alloc_page(GFP_HIGHUSER | __GFP_THISZONE);

	return page ? lowmem_page_address(page) : NULL;
}

static noinline unsigned long recurse_for_ever(unsigned long depth)
{
	volatile unsigned long frame[16];

	frame[depth % 16] = depth;
	if (depth == ~0ul)
		return 0;
	return recurse_for_ever(depth + 1) + frame[(depth + 1) % 16];
}

static unsigned long recursion_thread(void *arg)
{
	return recurse_for_ever((unsigned long)arg);
}

static unsigned long touch_stack(void *arg)
{
	return (unsigned long)arg;
}

static void overflow_a_stack(void)
{
	void *stack = kstack_alloc();

	if (!stack)
		panic("no memory for the stack that was to overflow");
	call_on_stack(recursion_thread, NULL, (char *)stack + THREAD_SIZE);
}

static __noreturn void hang(void)
{
	pr_info("knob=hang: nothing happens from here on\n");
	console_flush();
	arch_quiesce();
	arch_halt();
}

static noinline __noreturn void turn_for_ever(void)
{
	for (;;)
		cpu_relax();
}

static void lock_up(void)
{
	u64 ticks;

	pr_info("knob=lockup: a loop without end from here on\n");
	if (knob_u64("lockup", &ticks))
		softlockup_limit((unsigned)ticks);
	turn_for_ever();
}

static void triple_fault(void)
{
	unsigned i;

	for (i = 0; i < reset_method_count; i++)
		if (!strcmp(reset_methods[i].name, "triple"))
			reset_methods[i].reset();
}

static void spoil_report(void)
{
	char *end = (char *)boot_info + boot_info->package[0].info.size;

	end[-(long)boot_info->report_size + 20] ^= 0x10;
}

static struct shutdown_hook spoil_hook = { .fn = spoil_report };

void test_provoke(void)
{
	struct broken_device dev = { 0, NULL };

	if (knob("oops"))
		broken_driver_read(&dev);
	if (knob("gap"))
		read_behind_direct_map();
	if (knob("va-high"))
		pr_info("knob=va-high: a high frame is at %p\n", address_of_high_frame());
	if (knob("stack-overflow"))
		overflow_a_stack();
	if (knob("double-fault"))
		call_on_stack(touch_stack, NULL, (void *)(PAGE_OFFSET - 64));
	if (knob("hang"))
		hang();
	if (knob("lockup"))
		lock_up();
	if (knob("triple-fault"))
		triple_fault();
	if (knob("spoil-report"))
		register_shutdown(&spoil_hook);
	if (knob("panic"))
		panic("knob=panic: this is what a broken invariant looks like");
}
