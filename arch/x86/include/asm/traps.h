/* SPDX-License-Identifier: MIT */
/* Exceptions: vectors, page-fault error codes, and who handles what. */
#ifndef ASM_TRAPS_H
#define ASM_TRAPS_H

#define X86_TRAP_DE	0	/* divide error */
#define X86_TRAP_DB	1	/* debug */
#define X86_TRAP_NMI	2
#define X86_TRAP_BP	3	/* int3 */
#define X86_TRAP_OF	4
#define X86_TRAP_BR	5
#define X86_TRAP_UD	6	/* invalid opcode */
#define X86_TRAP_NM	7	/* no FPU */
#define X86_TRAP_DF	8	/* double fault */
#define X86_TRAP_TS	10	/* invalid TSS */
#define X86_TRAP_NP	11	/* segment not present */
#define X86_TRAP_SS	12	/* stack segment */
#define X86_TRAP_GP	13	/* general protection */
#define X86_TRAP_PF	14	/* page fault */
#define X86_TRAP_MF	16	/* x87 */
#define X86_TRAP_AC	17	/* alignment check */
#define X86_TRAP_MC	18	/* machine check */
#define X86_TRAP_XF	19	/* SIMD */

/* Page-fault error code (Intel SDM volume 3, 4.7; catalogue row X1). */
#define X86_PF_PROT	0x01	/* 0: not present, 1: protection */
#define X86_PF_WRITE	0x02
#define X86_PF_USER	0x04	/* the CPU was in ring 3 */
#define X86_PF_RSVD	0x08	/* a reserved bit was set in some level */
#define X86_PF_INSTR	0x10	/* instruction fetch; only with NX */

/* Vectors with a hardware error code: 8, 10-14, 17, 21, 29, 30. */
#define TRAP_HAS_ERROR_CODE	0x60227d00

#ifndef __ASSEMBLER__
#include <kernel/types.h>
#include <asm/ptrace.h>

/*
 * Load an IDT that reports every exception on the early consoles and ends as a panic;
 * faults with an exception-table entry go on there.  First call of start_kernel; uses
 * whatever code segment and GDT are loaded.  Interrupts must be off.
 */
void early_idt_init(void);

/*
 * The final state: own GDT, TSS, IDT; double fault on a stack of its own (task gate in
 * i386, which wants swapper_pg_dir final); page faults go to do_page_fault from here on.
 */
void trap_init(void);

/* Has trap_init() run?  Before, page faults do not go to do_page_fault(). */
bool traps_ready(void);

/* Reload GDTR, IDTR, TR and segments after the trampoline came back. */
void cpu_tables_reload(void);

/*
 * arch/x86/mm/fault.c: vector 14.  address is CR2, read before anything could overwrite
 * it.  Interrupts are off; the handler turns them on if regs->flags had them on.
 */
void do_page_fault(struct pt_regs *regs, unsigned long error_code, unsigned long address);

/*
 * End with the oops for a page fault in kernel mode that is in no table: composes the
 * one-line reason, prints the walk of the address too.
 */
__attribute__((__noreturn__))
void die_page_fault(struct pt_regs *regs, unsigned long error_code, unsigned long address);

/* arch/x86/mm/fault.c: print the entry of each level for addr.  Must not fault. */
void dump_pagetable(unsigned long addr);

/* mm: does addr lie in the guard page under a kernel stack?  Any context. */
bool kstack_guard_hit(unsigned long addr);

/*
 * Offered every page fault that hits before trap_init(); true: served, go on.  NULL
 * where nobody wants it.  For tests of early code.
 */
extern bool (*early_fault_hook)(struct pt_regs *regs, unsigned long address);

/* A page fault's error code in words: "write of a page that is not present, ...". */
void describe_error_code(char *buf, size_t size, unsigned long error_code);

/*
 * A program did something that it is not allowed: note it for the signal frame, say so if
 * it will die of it, and send the signal.  address, code: si_addr and si_code.
 */
void user_fault(struct pt_regs *regs, unsigned long vector, unsigned long error_code,
		int sig, int code, unsigned long address);

/* The name of an exception, "page fault"; never NULL. */
const char *trap_name(unsigned vector);

/* Where the entry stubs' code begins and ends (for the backtrace). */
extern const char entry_text_start[], entry_text_end[];
/* Where a system-call function returns to, in there. */
extern const char call_done[];

extern unsigned long nmi_count;

/* C ends of the entry stubs (entry_*.S). */
void do_trap(struct pt_regs *regs, unsigned long vector, unsigned long error_code);
void do_debug(struct pt_regs *regs);
void do_irq(struct pt_regs *regs);
void do_nmi(struct pt_regs *regs);
__attribute__((__noreturn__)) void do_double_fault(struct pt_regs *regs,
						   unsigned long address);
void do_machine_check(struct pt_regs *regs);

#endif /* __ASSEMBLER__ */
#endif
