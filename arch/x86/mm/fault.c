/* SPDX-License-Identifier: MIT */
/*
 * Page faults: who caused it, and who can serve it (Gorman 5.6.1).
 *
 *	a kernel address in the vmalloc range: learn the top-level entry, if this mode
 *	learns lazily; an instruction of the exception table: go on at its fix-up; anything
 *	else in kernel mode is a bug of ours.
 */
#include <asm/processor.h>
#include <asm/setup.h>
#include <asm/traps.h>
#include <asm/exec_probe.h>
#include <kernel/counters.h>
#include <kernel/extable.h>
#include <kernel/trace.h>
#include <mm/mm.h>

struct fault_counters fault_counters;

/*
 * A process whose tables are older than a vmalloc area meets it here: copy the top-level
 * entry from swapper_pg_dir (Gorman 5.1, footnote: "a minor page fault may occur").  Under
 * four levels the entry is there from the start and this never finds anything.
 */
static bool vmalloc_fault(unsigned long error_code, unsigned long address)
{
	pgd_t *pgd = __va(read_cr3() & PAGE_MASK);

	if (error_code & (X86_PF_PROT | X86_PF_USER) ||
	    address < VMALLOC_START || address >= VMALLOC_END || pgd == swapper_pg_dir)
		return false;
	if (!sync_kernel_pgd(pgd, address))
		return false;
	fault_counters.vmalloc++;
	return true;
}

struct exec_probe exec_probe_state;

/* A jump of exec_probe() that was not allowed: the IP is the target, in no table. */
static bool fixup_exec_probe(struct pt_regs *regs)
{
	if (!exec_probe_state.target || regs->ip != exec_probe_state.target)
		return false;
	regs->ip = exec_probe_state.fixup;
	return true;
}

void do_page_fault(struct pt_regs *regs, unsigned long error_code, unsigned long address)
{
	fault_counters.total++;
	trace(TRACE_FAULT, address, error_code, regs->ip, 0);
	if (address >= PAGE_OFFSET && vmalloc_fault(error_code, address))
		return;
	if (fixup_exception(regs) || fixup_exec_probe(regs)) {
		fault_counters.fixup++;
		return;
	}
	die_page_fault(regs, error_code, address);
}
