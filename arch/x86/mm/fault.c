/* SPDX-License-Identifier: MIT */
/*
 * Page faults: who caused it, and who can serve it (Gorman 4.6.1, 5.6.1; Intel SDM volume
 * 3, 4.7).
 *
 *	a user address, from ring 3, or from the kernel by an instruction of the exception
 *	table: the region's business (user_address), whatever comes out of it
 *	a kernel address in the vmalloc range: learn the top-level entry, if this mode
 *	learns lazily (vmalloc_fault)
 *	ring 3 at anything else: a signal (bad_area)
 *	the kernel at anything else: on at the fix-up, or a bug of ours (no_context)
 *
 * Interrupts are off at entry, CR2 has been read; they go on as they were in the interrupted
 * code, since serving a fault may sleep.
 */
#include <asm/exec_probe.h>
#include <asm/irqflags.h>
#include <asm/processor.h>
#include <asm/setup.h>
#include <asm/traps.h>
#include <asm/uaccess.h>
#include <kernel/counters.h>
#include <kernel/extable.h>
#include <kernel/irq.h>
#include <kernel/sched.h>
#include <kernel/trace.h>
#include <mm/fault.h>
#include <mm/mm.h>
#include "internal.h"

struct fault_counters fault_counters;
struct exec_probe exec_probe_state;

/* ---- nobody serves it -------------------------------------------------------------- */

/* A jump of exec_probe() that was not allowed: the IP is the target, in no table. */
static bool fixup_exec_probe(struct pt_regs *regs)
{
	if (!exec_probe_state.target || regs->ip != exec_probe_state.target)
		return false;
	regs->ip = exec_probe_state.fixup;
	return true;
}

/* Kernel mode: the access has a place to go on at, or the kernel is broken. */
static void no_context(struct pt_regs *regs, unsigned long error_code, unsigned long address)
{
	if (!fixup_exception(regs) && !fixup_exec_probe(regs))
		die_page_fault(regs, error_code, address);
	fault_counters.fixup++;
}

/*
 * A program sees "present" for every address of the kernel half: what is mapped there is
 * not its business.
 */
static noinline void bad_area(struct pt_regs *regs, unsigned long error_code,
			      unsigned long address, int sig, int code)
{
	if (!(error_code & X86_PF_USER)) {
		no_context(regs, error_code, address);
		return;
	}
	if (address >= TASK_SIZE)
		error_code |= X86_PF_PROT;
	user_fault(regs, X86_TRAP_PF, error_code, sig, code, address);
}

/* The region is there and allows it, but the page cannot be had. */
static noinline void fault_failed(struct pt_regs *regs, unsigned long error_code,
				  unsigned long address, int result)
{
	if ((result & VM_FAULT_OOM) && (error_code & X86_PF_USER))
		pagefault_out_of_memory();
	else if (result & VM_FAULT_SIGBUS)
		bad_area(regs, error_code, address, SIGBUS, BUS_ADRERR);
	else
		bad_area(regs, error_code, address, SIGSEGV, SEGV_MAPERR);
}

/*
 * An access that the processor makes with the kernel's rights while ring 3 runs: to tables
 * that are always mapped, so real ones do not fault; QEMU's FAR RET and IRET pop like that.
 * Whatever it is, the program asked for it.
 */
static bool implicit_access(const struct pt_regs *regs, unsigned long error_code)
{
	return user_mode(regs) && !(error_code & (X86_PF_USER | X86_PF_RSVD));
}

/* ---- user addresses ---------------------------------------------------------------- */

/*
 * What is writable or executable is readable, and executable where there is no NX (with SMEP
 * on, the error code says "fetch" there too).  A read of a present page has no right to it.
 */
static inline bool access_refused(unsigned long error_code, unsigned long vm_flags)
{
	if (error_code & X86_PF_WRITE)
		return !(vm_flags & VM_WRITE);
	return (error_code & X86_PF_PROT) || !(vm_flags & (VM_READ | VM_WRITE | VM_EXEC));
}

static inline unsigned int fault_flags(unsigned long error_code)
{
	_Static_assert(X86_PF_WRITE >> 1 == FAULT_FLAG_WRITE && X86_PF_USER >> 1 ==
		       FAULT_FLAG_USER && X86_PF_INSTR >> 2 == FAULT_FLAG_INSTR, "bits");
	return (unsigned)((error_code & (X86_PF_WRITE | X86_PF_USER)) >> 1 |
			  (error_code & X86_PF_INSTR) >> 2);
}

/* Interrupts on. */
static void user_address(struct pt_regs *regs, unsigned long error_code, unsigned long address)
{
	struct task_struct *task = current;
	struct mm_struct *mm = task->mm;
	struct vm_area_struct *vma;
	int result, code = SEGV_MAPERR;

	down_read(&mm->mmap_sem);
	vma = find_vma(mm, address);
	if (unlikely(!vma))
		goto bad;
	if (unlikely(address < vma->vm_start) &&
	    (!(vma->vm_flags & VM_GROWSDOWN) || expand_stack(vma, address)))
		goto bad;
	code = SEGV_ACCERR;
	if (unlikely(access_refused(error_code, vma->vm_flags)))
		goto bad;

	if (unlikely(trace_on))
		result = explain_mm_fault(vma, regs, error_code, address,
					  fault_flags(error_code));
	else
		result = handle_mm_fault(vma, address, fault_flags(error_code));
	up_read(&mm->mmap_sem);
	if (unlikely(result & VM_FAULT_ERROR))
		fault_failed(regs, error_code, address, result);
	else if (unlikely(result & VM_FAULT_MAJOR))
		task->maj_flt++;
	else
		task->min_flt++;
	return;

bad:
	explain_if_tracing(regs, error_code, address, vma, why_refused(vma, code));
	up_read(&mm->mmap_sem);
	bad_area(regs, error_code, address, SIGSEGV, code);
}

/*
 * May the kernel have touched user memory here, for its task?  Only instructions of the
 * exception table may at all, and only between STAC and CLAC; nobody may where sleeping is
 * impossible.
 */
static bool kernel_may_fault(const struct pt_regs *regs, unsigned long error_code)
{
	if (pagefault_disabled || irq_depth || !current->mm)
		return false;
	if (error_code & (X86_PF_INSTR | X86_PF_RSVD))
		return false;
	return search_extable(regs->ip) != 0;
}

static noinline void kernel_at_user_address(struct pt_regs *regs, unsigned long error_code,
					    unsigned long address)
{
	if (implicit_access(regs, error_code)) {
		local_irq_enable();
		explain_if_tracing(regs, error_code | X86_PF_USER, address, NULL,
				   PAGEWALK_NOT_HERE);
		bad_area(regs, error_code | X86_PF_USER, address, SIGSEGV, SEGV_MAPERR);
		return;
	}
	if (!kernel_may_fault(regs, error_code)) {
		explain_if_tracing(regs, error_code, address, NULL, PAGEWALK_NOT_HERE);
		no_context(regs, error_code, address);
		return;
	}
	if (smap_on && !(regs->flags & X86_EFLAGS_AC)) {
		explain_if_tracing(regs, error_code, address, NULL, PAGEWALK_NOT_HERE);
		die_page_fault(regs, error_code, address);
	}
	if (regs->flags & X86_EFLAGS_IF)
		local_irq_enable();
	vm_counters.kernel_mode++;
	user_address(regs, error_code, address);
}

/* ---- kernel addresses -------------------------------------------------------------- */

/*
 * A process whose tables are older than a vmalloc area meets it here: copy the top-level
 * entry from swapper_pg_dir (Gorman 5.1, footnote: "a minor page fault may occur").  Under
 * four levels the entry is there from the start and this never finds anything.
 */
static bool vmalloc_fault(const struct pt_regs *regs, unsigned long error_code,
			  unsigned long address)
{
	pgd_t *pgd = __va(read_cr3() & PAGE_MASK);
	struct explained_fault e = {
		.address = address, .error_code = error_code, .ip = regs->ip,
		.decision = PAGEWALK_VMALLOC,
	};

	if (error_code & (X86_PF_PROT | X86_PF_USER) ||
	    address < VMALLOC_START || address >= VMALLOC_END || pgd == swapper_pg_dir)
		return false;
	e.before = pgd_val(*pgd_offset_pgd(pgd, address));
	if (!sync_kernel_pgd(pgd, address))
		return false;
	fault_counters.vmalloc++;
	if (likely(!trace_on))
		return true;
	e.after = pgd_val(*pgd_offset_pgd(pgd, address));
	e.ticks = fault_ticks(regs, address);
	explain_fault(&e);
	return true;
}

static noinline void kernel_address(struct pt_regs *regs, unsigned long error_code,
				    unsigned long address)
{
	fault_counters.kernel_address++;
	if (vmalloc_fault(regs, error_code, address))
		return;
	if (implicit_access(regs, error_code))
		error_code |= X86_PF_USER;
	if (error_code & X86_PF_USER)
		local_irq_enable();
	explain_if_tracing(regs, error_code, address, NULL, PAGEWALK_KERNEL_ADDRESS);
	bad_area(regs, error_code, address, SIGSEGV, SEGV_MAPERR);
}

void do_page_fault(struct pt_regs *regs, unsigned long error_code, unsigned long address)
{
	fault_counters.total++;
	if (unlikely(trace_on))
		explain_begin(regs, error_code, address);
	if (unlikely(address >= TASK_SIZE)) {
		kernel_address(regs, error_code, address);
	} else if (likely(error_code & X86_PF_USER) && likely(!(error_code & X86_PF_RSVD))) {
		local_irq_enable();
		user_address(regs, error_code, address);
	} else {
		kernel_at_user_address(regs, error_code, address);
	}
}
