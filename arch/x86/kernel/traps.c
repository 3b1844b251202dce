/* SPDX-License-Identifier: MIT */
/*
 * Exceptions: from the first C instruction (early_idt_init) on every one of them ends in
 * a line that can be read, never in a reset.
 *
 * do_trap() gets all vectors but those with an entry of their own; until trap_init() it
 * gets the page faults too.  Order of the questions: is the instruction in the exception
 * table, then is it survivable, else oops.
 */
#include <asm/desc.h>
#include <asm/msr.h>
#include <asm/processor.h>
#include <asm/traps.h>
#include <kernel/extable.h>
#include <kernel/panic.h>
#include <kernel/printk.h>
#include <kernel/time.h>

void asm_page_fault(void);
void asm_nmi(void);
void asm_debug(void);
void asm_machine_check(void);
void asm_double_fault(void);
void do_debug(struct pt_regs *regs);

static bool traps_final;

bool (*early_fault_hook)(struct pt_regs *regs, unsigned long address);

const char *trap_name(unsigned vector)
{
	static const char *const names[] = {
		"divide error", "debug", "NMI", "breakpoint", "overflow", "bound",
		"invalid opcode", "device not available", "double fault",
		"coprocessor overrun", "invalid TSS", "segment not present", "stack fault",
		"general protection fault", "page fault", "reserved", "x87 error",
		"alignment check", "machine check", "SIMD error", "virtualization",
		"control protection",
	};

	return vector < ARRAY_SIZE(names) ? names[vector] : "reserved";
}

bool __weak kstack_guard_hit(unsigned long addr)
{
	return false;
}

void __weak dump_pagetable(unsigned long addr)
{
	pr_emerg("page tables of %lx: not available\n", addr);
}

/* Before trap_init(): no oops machinery is taken for granted but printk and the exit. */
static __noreturn void early_fault(struct pt_regs *regs, unsigned long vector,
				   unsigned long error_code, unsigned long address)
{
	pr_emerg("early fault: vector %lu (%s) at IP %lx %pS, CR2 %lx, error code %lx\n",
		 vector, trap_name((unsigned)vector), regs->ip, (void *)regs->ip, address,
		 error_code);
	die("early fault: the kernel stopped before its page tables were ready", regs,
	    (long)error_code);
}

void do_trap(struct pt_regs *regs, unsigned long vector, unsigned long error_code)
{
	unsigned long address = vector == X86_TRAP_PF ? read_cr2() : 0;
	char what[80];

	if (!user_mode(regs)) {
		if (!traps_final && vector == X86_TRAP_PF && early_fault_hook &&
		    early_fault_hook(regs, address))
			return;
		if (fixup_exception(regs))
			return;
	}
	if (!traps_final && vector == X86_TRAP_NMI)
		return do_nmi(regs);
	if (!traps_final)
		early_fault(regs, vector, error_code, read_cr2());

	snprintf(what, sizeof(what), "%s in %s mode (vector %lu)",
		 trap_name((unsigned)vector), user_mode(regs) ? "user" : "kernel", vector);
	die(what, regs, (long)error_code);
}

/* A stray single step or breakpoint register of the firmware: say so, clear, go on. */
void do_debug(struct pt_regs *regs)
{
	unsigned long dr6;

	__asm__ __volatile__("mov %%dr6, %0" : "=r" (dr6));
	pr_warn("debug exception at %pS (DR6 %lx), ignored\n", (void *)regs->ip, dr6);
	__asm__ __volatile__("mov %0, %%dr6; mov %0, %%dr7" : : "r" (0ul));
	regs->flags &= ~0x100ul;
}

void do_double_fault(struct pt_regs *regs, unsigned long address)
{
	char what[100];

	if (kstack_guard_hit(address) || kstack_guard_hit(regs_sp(regs))) {
		snprintf(what, sizeof(what),
			 "kernel stack overflow (double fault), guard page hit at %0*lx",
			 (int)sizeof(long) * 2, address);
		die(what, regs, 0);
	}
	die("double fault", regs, 0);
}

/* The one line that says why nobody could serve this page fault. */
static void describe_page_fault(char *buf, size_t size, unsigned long error_code,
				unsigned long address)
{
	const char *what = "kernel paging request";

	if (address < 4096)
		what = "kernel NULL pointer dereference";
	else if (error_code & X86_PF_RSVD)
		what = "reserved bit in a page-table entry";
	else if (error_code & X86_PF_INSTR)
		what = error_code & X86_PF_PROT ? "execution of a no-execute page"
						: "jump to an unmapped page";
	else if ((error_code & (X86_PF_PROT | X86_PF_WRITE)) == (X86_PF_PROT | X86_PF_WRITE))
		what = "kernel write to a read-only page";
	else if (kstack_guard_hit(address))
		what = "access to the guard page of a kernel stack";
	snprintf(buf, size, "unable to handle %s at %0*lx", what, (int)sizeof(long) * 2,
		 address);
}

void describe_error_code(char *buf, size_t size, unsigned long error_code)
{
	snprintf(buf, size, "%s of a page that is %s, in %s mode%s",
		 error_code & X86_PF_INSTR ? "fetch" :
		 error_code & X86_PF_WRITE ? "write" : "read",
		 error_code & X86_PF_PROT ? "present" : "not present",
		 error_code & X86_PF_USER ? "user" : "kernel",
		 error_code & X86_PF_RSVD ? ", reserved bit set" : "");
}

void die_page_fault(struct pt_regs *regs, unsigned long error_code, unsigned long address)
{
	char what[160];

	describe_page_fault(what, sizeof(what), error_code, address);
	die_at(what, regs, (long)error_code, address);
}

void early_idt_init(void)
{
	unsigned short cs;

	entry_tsc = rdtsc();
	__asm__("movw %%cs, %0" : "=r" (cs));
	idt_fill(cs);
	idt_load();
}

void trap_init(void)
{
	idt_fill(__KERNEL_CS);
	desc_init();
	set_intr_gate(X86_TRAP_PF, (void *)asm_page_fault, 0, 0);
#ifdef __x86_64__
	set_intr_gate(X86_TRAP_DB, (void *)asm_debug, 0, IST_DEBUG);
	set_intr_gate(X86_TRAP_NMI, (void *)asm_nmi, 0, IST_NMI);
	set_intr_gate(X86_TRAP_DF, (void *)asm_double_fault, 0, IST_DOUBLE_FAULT);
	set_intr_gate(X86_TRAP_MC, (void *)asm_machine_check, 0, IST_MCE);
#else
	set_intr_gate(X86_TRAP_DB, (void *)asm_debug, 0, 0);
	set_intr_gate(X86_TRAP_NMI, (void *)asm_nmi, 0, 0);
	set_intr_gate(X86_TRAP_MC, (void *)asm_machine_check, 0, 0);
#endif
	idt_load();
	traps_final = true;
}

bool traps_ready(void)
{
	return traps_final;
}

void cpu_tables_reload(void)
{
	desc_load();
	idt_load();
}
