/* SPDX-License-Identifier: MIT */
/*
 * The end of a run: what exit= and reset= say, in an order that ends in any case.
 */
#include <asm/irqflags.h>
#include <kernel/console.h>
#include <kernel/fbcon.h>
#include <kernel/kernel.h>
#include <kernel/params.h>
#include <kernel/printk.h>
#include <kernel/reboot.h>
#include <kernel/report.h>
#include <kernel/string.h>

static struct shutdown_hook *hooks;

void register_shutdown(struct shutdown_hook *hook)
{
	if (hook->registered)
		return;
	hook->registered = true;
	hook->next = hooks;
	hooks = hook;
}

void run_shutdown(void)
{
	unsigned long flags = local_irq_save();
	struct shutdown_hook *hook;

	while ((hook = hooks) != NULL) {
		hooks = hook->next;	/* first: it may go wrong and lead here again */
		hook->fn();
	}
	local_irq_restore(flags);
}

void machine_halt(void)
{
	console_flush();
	arch_quiesce();
	arch_halt();
}

void machine_power_off(void)
{
	console_flush();
	arch_quiesce();
	arch_power_off();
	pr_notice("The machine cannot switch itself off: please do it by the power button.\n");
	machine_halt();
}

static const struct reset_method *find_method(const char *name, size_t len)
{
	unsigned i;

	for (i = 0; i < reset_method_count; i++)
		if (strlen(reset_methods[i].name) == len &&
		    !strncmp(reset_methods[i].name, name, len))
			return &reset_methods[i];
	return NULL;
}

static void try_method(const struct reset_method *m)
{
	pr_info("reset: by %s\n", m->name);
	console_flush();
	m->reset();
}

/* reset=NAME,NAME,...: these and no others, since some machines hang in one of them. */
static void reset_by_list(const char *list)
{
	while (*list) {
		const char *end = strchr(list, ',');
		size_t len = end ? (size_t)(end - list) : strlen(list);
		const struct reset_method *m = find_method(list, len);

		if (m)
			try_method(m);
		else
			pr_warn("reset=%s: unknown method; use efi, acpi, cf9, kbc, triple\n",
				list);
		list += len + (end != NULL);
	}
}

void machine_restart(void)
{
	const char *list = param_get("reset");
	unsigned i;

	console_flush();
	arch_quiesce();
	if (list && *list)
		reset_by_list(list);
	else
		for (i = 0; i < reset_method_count; i++)
			try_method(&reset_methods[i]);
	pr_notice("The machine did not restart: please press the reset button.\n");
	machine_halt();
}

static bool exit_is(const char *how)
{
	const char *wanted = param_get("exit");

	return wanted && !strcmp(wanted, how);
}

static __noreturn void debug_exit(enum exit_status status)
{
	console_flush();
	arch_debug_exit(status);
	pr_warn("exit=qemu: there is no debug-exit device at port 0xf4; switching off\n");
	machine_power_off();
}

/* The way out failed itself: no more than the status and a halt. */
static __noreturn void exit_again(int depth, enum exit_status status)
{
	if (depth == 2 && exit_is("qemu"))
		arch_debug_exit(status);
	arch_halt();
}

/* Only where memory is kept: after a reset, ours or by the user's button. */
static __noreturn void restart(void)
{
	report_picture();
	machine_restart();
}

static __noreturn void stop(void)
{
	pr_notice("The machine is stopped: you can switch it off now.\n");
	console_flush();
	report_picture();
	machine_halt();
}

void exit_kernel(enum exit_status status)
{
	static int depth;
	const char *how;

	local_irq_disable();
	if (++depth > 1)
		exit_again(depth, status);
	if (status == KERNEL_PANIC)
		early_screen_show_log();
	report_end(status, exit_is("reboot"));
	run_shutdown();
	how = param_get("exit");
	if (exit_is("qemu"))
		debug_exit(status);
	if (exit_is("poweroff"))
		machine_power_off();
	if (exit_is("reboot"))
		restart();
	if (how && !exit_is("halt"))
		pr_warn("exit=%s: unknown; use poweroff, reboot, halt or qemu\n", how);
	stop();
}
