/* SPDX-License-Identifier: MIT */
/*
 * Oops, panic and WARN: the reports of a kernel that found something broken, written so
 * that one screen holds them, and safe against being broken themselves.
 */
#include <asm/irqflags.h>
#include <asm/traps.h>
#include <kernel/console.h>
#include <kernel/panic.h>
#include <kernel/printk.h>
#include <kernel/reboot.h>
#include <mm/highmem.h>

#define RED	"\033[1;41;37m"
#define PLAIN	"\033[0m"
#define MAX_WARNINGS	20	/* with backtrace; later ones get a line each */

int oops_in_progress;
unsigned warn_count;

bool oops_begin(unsigned long *flags)
{
	*flags = local_irq_save();
	kmap_context_enter(KMAP_OOPS);	/* for good: a report seldom ends */
	if (++oops_in_progress > 2)
		exit_kernel(KERNEL_PANIC);
	console_panic_mode();
	return oops_in_progress == 1;
}

void oops_end(unsigned long flags)
{
	oops_in_progress--;
	console_panic_end();
	local_irq_restore(flags);
}

void die_at(const char *what, struct pt_regs *regs, long error_code, unsigned long address)
{
	unsigned long flags;
	char words[80] = "";

	if (!oops_begin(&flags)) {
		pr_emerg(RED " second oops while reporting the first: %s, IP %pS " PLAIN "\n",
			 what, (void *)regs->ip);
		exit_kernel(KERNEL_PANIC);
	}
	pr_emerg(RED " kernel oops: %s " PLAIN "\n", what);
	if (address != NO_ADDRESS)
		describe_error_code(words, sizeof(words), (unsigned long)error_code);
	if (error_code != NO_ERROR_CODE)
		pr_emerg(PLAIN "error code %04lx%s%s\n", error_code, words[0] ? ": " : "", words);
	show_regs(regs);
	show_code(regs);
	show_backtrace(regs);
	if (address != NO_ADDRESS)
		dump_pagetable(address);
	pr_emerg(RED " the kernel stopped: this is a bug in it; the lines above say where " PLAIN
		 "\n");
	exit_kernel(KERNEL_PANIC);
}

void die(const char *what, struct pt_regs *regs, long error_code)
{
	die_at(what, regs, error_code, NO_ADDRESS);
}

void panic(const char *fmt, ...)
{
	unsigned long flags;
	char what[256];
	va_list args;
	bool first = oops_begin(&flags);

	va_start(args, fmt);
	vscnprintf(what, sizeof(what), fmt, args);
	va_end(args);
	pr_emerg(RED " kernel panic: %s " PLAIN "\n", what);
	if (first)
		dump_stack();
	exit_kernel(KERNEL_PANIC);
}

void warn_at(const char *file, int line, const char *what)
{
	if (warn_count++ >= MAX_WARNINGS) {
		pr_warn("warning at %s:%d: %s\n", file, line, what);
		return;
	}
	pr_warn("\033[1;33mwarning\033[0m at %s:%d: %s\n", file, line, what);
	dump_stack();
}
