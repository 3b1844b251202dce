/* SPDX-License-Identifier: MIT */
/*
 * Exceptions: from the first C instruction (early_idt_init) on every one of them ends in
 * a line that can be read, never in a reset.
 *
 * do_trap() gets all vectors but those with an entry of their own; until trap_init() it
 * gets the page faults too.  What a program does is answered by a signal (the codes are
 * Linux's).  In the kernel the order of the questions is: is the instruction in the
 * exception table, then is it survivable, else oops.
 */
#include <asm/desc.h>
#include <asm/fpu.h>
#include <asm/msr.h>
#include <asm/processor.h>
#include <asm/traps.h>
#include <kernel/extable.h>
#include <kernel/panic.h>
#include <kernel/printk.h>
#include <kernel/sched.h>
#include <kernel/time.h>

void asm_page_fault(void);
void asm_nmi(void);
void asm_debug(void);
void asm_machine_check(void);
void asm_double_fault(void);

#define DR6_SINGLE_STEP	0x4000ul

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

/* ---- what programs do -------------------------------------------------------------- */

#define BUS_ADRALN	1

#define REPORT_BURST	10		/* lines about dying programs, then ... */
#define REPORT_PAUSE	(5 * NSEC_PER_SEC)

/* A thousand programs may die in a row: the first ones of a burst are enough. */
static bool may_report(void)
{
	static u64 since;
	static unsigned said;
	u64 now = ktime_ns();

	if (now - since > REPORT_PAUSE) {
		since = now;
		said = 0;
	}
	return said++ < REPORT_BURST;
}

static void report_death(const struct pt_regs *regs, unsigned long vector,
			 unsigned long error_code, int sig, unsigned long address)
{
	int width = (int)sizeof(long) * 2;

	if (vector == X86_TRAP_PF)
		pr_info("%s[%d]: %s at %lx ip %0*lx sp %0*lx error %lx\n", current->comm,
			current->pid, sig == SIGBUS ? "bus error" : "segfault", address, width,
			regs->ip, width, regs->sp, error_code);
	else
		pr_info("%s[%d]: %s ip %0*lx sp %0*lx error %lx\n", current->comm,
			current->pid, trap_name((unsigned)vector), width, regs->ip, width,
			regs->sp, error_code);
}

void user_fault(struct pt_regs *regs, unsigned long vector, unsigned long error_code,
		int sig, int code, unsigned long address)
{
	struct thread_struct *t = &current->thread;

	t->trap_nr = vector;
	t->error_code = error_code;
	if (vector == X86_TRAP_PF)
		t->cr2 = address;
	if (unhandled_signal(current, sig) && may_report())
		report_death(regs, vector, error_code, sig, address);
	force_sig_fault(sig, code, address);
}

static const struct user_trap {
	u8 sig, code;
	bool at_ip;			/* si_addr is the instruction; else 0 */
} user_traps[] = {
	[X86_TRAP_DE] = { SIGFPE, FPE_INTDIV, true },
	[X86_TRAP_BP] = { SIGTRAP, SI_KERNEL, false },
	[X86_TRAP_UD] = { SIGILL, ILL_ILLOPN, true },
	[X86_TRAP_NP] = { SIGBUS, SI_KERNEL, false },
	[X86_TRAP_SS] = { SIGBUS, SI_KERNEL, false },
	[X86_TRAP_MF] = { SIGFPE, 0, true },
	[X86_TRAP_AC] = { SIGBUS, BUS_ADRALN, false },
	[X86_TRAP_XF] = { SIGFPE, 0, true },
};

static void user_trap(struct pt_regs *regs, unsigned long vector, unsigned long error_code)
{
	struct user_trap t = { SIGSEGV, SI_KERNEL, false };

	if (vector < ARRAY_SIZE(user_traps) && user_traps[vector].sig)
		t = user_traps[vector];
	if (vector == X86_TRAP_MF || vector == X86_TRAP_XF)
		t.code = (u8)fpu_exception_code(vector == X86_TRAP_XF);
	user_fault(regs, vector, error_code, t.sig, t.code, t.at_ip ? regs->ip : 0);
}

void do_trap(struct pt_regs *regs, unsigned long vector, unsigned long error_code)
{
	unsigned long address = vector == X86_TRAP_PF ? read_cr2() : 0;
	char what[80];

	if (traps_final && user_mode(regs)) {
		user_trap(regs, vector, error_code);
		return;
	}
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

/*
 * A program that steps through itself (flag TF) or executes ICEBP; or a stray single step
 * or breakpoint register of the firmware: say so, clear, go on.
 */
void do_debug(struct pt_regs *regs)
{
	unsigned long dr6;

	__asm__ __volatile__("mov %%dr6, %0" : "=r" (dr6));
	if (user_mode(regs)) {
		__asm__ __volatile__("mov %0, %%dr6" : : "r" (0ul));
		user_fault(regs, X86_TRAP_DB, 0, SIGTRAP,
			   dr6 & DR6_SINGLE_STEP ? TRAP_TRACE : TRAP_BRKPT, regs->ip);
		return;
	}
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
	idt_user_gate(X86_TRAP_BP);
	idt_user_gate(X86_TRAP_OF);
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
