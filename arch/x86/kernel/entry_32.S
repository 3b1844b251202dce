/* SPDX-License-Identifier: MIT */
/*
 * Exception and interrupt entries, 32-bit mode.
 *
 * Each of the 256 vectors has a stub of 16 bytes in idt_stubs; the page fault has an
 * entry of its own besides, the double fault a task of its own.  All save a struct
 * pt_regs (sp and ss only if the CPU pushed them) and call C with -mregparm=3: EAX the
 * registers, then EDX, ECX.
 *
 * The kernel runs on __KERNEL_DS in DS and ES and leaves FS and GS to the user.
 *
 * Hot path, in instructions: page fault from ring 3 needs 19 to the C code and 14 back.
 */
#include <asm/ptrace.h>
#include <asm/traps.h>
#include <kernel/extable.h>

	.text
	.globl entry_text_start
entry_text_start:

/* What is below the vector in pt_regs. */
.macro SAVE_REGS
	cld
	pushl	%fs
	pushl	%es
	pushl	%ds
	pushl	%eax
	pushl	%ebp
	pushl	%edi
	pushl	%esi
	pushl	%edx
	pushl	%ecx
	pushl	%ebx
	movl	$__KERNEL_DS, %edx
	movl	%edx, %ds
	movl	%edx, %es
.endm

	.balign 16
	.globl idt_stubs
idt_stubs:
	vector = 0
	.rept 256
	.balign 16
	.if vector < 32
		.if ((TRAP_HAS_ERROR_CODE >> vector) & 1) == 0
		pushl	$0
		.endif
		pushl	$vector
		jmp	common_trap
	.else
		pushl	$(-1 - vector)
		pushl	$vector
		jmp	common_interrupt
	.endif
	vector = vector + 1
	.endr

common_trap:
	SAVE_REGS
	movl	%esp, %eax
	movl	PT_VECTOR(%esp), %edx
	movl	PT_ORIG_AX(%esp), %ecx
	call	do_trap
	jmp	return_from_trap

	.balign 16
	.globl asm_page_fault
asm_page_fault:
	pushl	$X86_TRAP_PF
	SAVE_REGS
	movl	%esp, %eax
	movl	PT_ORIG_AX(%esp), %edx
	movl	%cr2, %ecx
	call	do_page_fault

return_from_trap:
	testb	$3, PT_CS(%esp)
	jz	restore

/*
 * Back to ring 3.  Interrupts go off, so that nothing can become due between the look
 * for pending work (signals, rescheduling: here, once there are tasks) and the IRET.
 */
	.globl return_to_user
return_to_user:
	cli
restore:
	popl	%ebx
	popl	%ecx
	popl	%edx
	popl	%esi
	popl	%edi
	popl	%ebp
	popl	%eax
pop_ds:	popl	%ds
pop_es:	popl	%es
	addl	$12, %esp		/* fs, vector, orig_ax */
iret_to_user:
	iretl

	/*
	 * A user's segment may be gone by now (set_thread_area), or the frame may be made
	 * up (sigreturn): a null segment instead, and #GP in ring 3's name.
	 */
	_ASM_EXTABLE pop_ds, bad_ds
	_ASM_EXTABLE pop_es, bad_es
	_ASM_EXTABLE iret_to_user, bad_iret
bad_ds:
	movl	$0, %ss:(%esp)		/* a POP that faults does not move ESP */
	jmp	pop_ds
bad_es:
	movl	$0, %ss:(%esp)
	jmp	pop_es
bad_iret:
	pushl	$0
	pushl	$X86_TRAP_GP
	jmp	common_trap

/* Vectors with C functions of their own: they get just the registers. */
.macro SIMPLE_ENTRY name, handler, vector
	.balign 16
	.globl \name
\name:
	pushl	$0
	pushl	$\vector
	SAVE_REGS
	movl	%esp, %eax
	call	\handler
	jmp	return_from_trap
.endm

	SIMPLE_ENTRY asm_nmi, do_nmi, X86_TRAP_NMI
	SIMPLE_ENTRY asm_debug, do_debug, X86_TRAP_DB
	SIMPLE_ENTRY asm_machine_check, do_machine_check, X86_TRAP_MC

	.balign 16
common_interrupt:
	SAVE_REGS
	movl	%esp, %eax
	call	do_irq
	jmp	return_from_trap

/*
 * The double-fault task starts here, on its own stack and CR3, by a task switch and not by
 * a call: the registers of the victim are in its TSS.  NT would make an IRET switch back,
 * TS would make the firmware's SSE code fault.
 */
	.globl double_fault_task
double_fault_task:
	pushl	$2
	popfl
	clts
	cld
	xorl	%ebp, %ebp
	movl	%cr2, %eax
	call	double_fault_report
1:	hlt
	jmp	1b

	.globl entry_text_end
entry_text_end:
	nop
