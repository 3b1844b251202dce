/* SPDX-License-Identifier: MIT */
/*
 * What became of a page fault, for the trace ring; only called while it records, so that
 * fault.c has one branch for it (contracts: internal.h).
 */
#include <asm/exec_probe.h>
#include <asm/msr.h>
#include <asm/traps.h>
#include <kernel/counters.h>
#include <kernel/extable.h>
#include <kernel/sched.h>
#include <kernel/trace.h>
#include <mm/fault.h>
#include <mm/mm.h>
#include "internal.h"

/*
 * The kernel may fault at an address of its own in the middle of another fault; interrupts are
 * off until that is over.
 */
static u64 kernel_fault_start;

static u64 *start_of(const struct pt_regs *regs, unsigned long address)
{
	return user_mode(regs) || address < TASK_SIZE ? &current->fault_start :
							&kernel_fault_start;
}

void explain_begin(const struct pt_regs *regs, unsigned long error_code, unsigned long address)
{
	*start_of(regs, address) = rdtsc();
	trace_fault(address, error_code, regs->ip, fault_counters.total);
}

u64 fault_ticks(const struct pt_regs *regs, unsigned long address)
{
	u64 *start = start_of(regs, address), ticks = *start ? rdtsc() - *start : 0;

	*start = 0;
	return ticks;
}

static u64 entry_of(struct mm_struct *mm, unsigned long address)
{
	pte_t *pte = pte_lookup(mm, address);
	u64 value = 0;

	if (pte) {
		value = pte_val(*pte);
		pte_unmap(pte);
	}
	return value;
}

/* What becomes of an access that nobody serves. */
static void consequence(struct explained_fault *e, const struct pt_regs *regs, int sig)
{
	if (e->error_code & X86_PF_USER)
		e->signal = (unsigned)sig;
	else if (search_extable(regs->ip) || regs->ip == exec_probe_state.target)
		e->flags |= PAGEWALK_EXPLAIN_FIXUP;
	else
		e->flags |= PAGEWALK_EXPLAIN_OOPS;
}

void explain_refusal(const struct pt_regs *regs, unsigned long error_code,
		     unsigned long address, struct vm_area_struct *vma, unsigned decision)
{
	struct explained_fault e = {
		.address = address, .error_code = error_code, .ip = regs->ip,
		.decision = decision, .vma = decision == PAGEWALK_NO_REGION ? NULL : vma,
		.ticks = fault_ticks(regs, address),
	};

	if (address < TASK_SIZE && current->mm)
		e.before = e.after = entry_of(current->mm, address);
	consequence(&e, regs, SIGSEGV);
	explain_fault(&e);
}

static unsigned decision_of(int result)
{
	unsigned decision = VM_FAULT_DECISION(result);

	if (result & VM_FAULT_OOM)
		return PAGEWALK_NO_MEMORY;
	if (result & VM_FAULT_ERROR)
		return decision ? decision : PAGEWALK_NO_PAGE;
	return decision;
}

/* The entry as the fault finds it.  The look is no part of the fault. */
static u64 entry_before(struct mm_struct *mm, unsigned long address)
{
	u64 begin = rdtsc(), entry = entry_of(mm, address);

	if (current->fault_start)
		current->fault_start += rdtsc() - begin;
	return entry;
}

/* The table is made first: nobody can sleep between the look at the entry and the decision. */
int explain_mm_fault(struct vm_area_struct *vma, const struct pt_regs *regs,
		     unsigned long error_code, unsigned long address, unsigned int flags)
{
	struct explained_fault e = {
		.address = address, .error_code = error_code, .ip = regs->ip, .vma = vma,
	};
	int result;

	if (!pte_alloc(vma->vm_mm, address))
		e.before = entry_before(vma->vm_mm, address);
	result = handle_mm_fault(vma, address, flags);
	e.ticks = fault_ticks(regs, address);
	e.after = entry_of(vma->vm_mm, address);
	e.decision = decision_of(result);
	if (result & VM_FAULT_MAJOR)
		e.flags |= PAGEWALK_EXPLAIN_MAJOR;
	if (result & VM_FAULT_ERROR)
		consequence(&e, regs, result & VM_FAULT_OOM ? 0 :
			    result & VM_FAULT_SIGBUS ? SIGBUS : SIGSEGV);
	explain_fault(&e);
	return result;
}

unsigned why_refused(const struct vm_area_struct *vma, int code)
{
	if (code == SEGV_ACCERR)
		return PAGEWALK_NO_RIGHT;
	return vma && vma->vm_flags & VM_GROWSDOWN ? PAGEWALK_NO_STACK : PAGEWALK_NO_REGION;
}
