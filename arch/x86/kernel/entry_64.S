/* SPDX-License-Identifier: MIT */
/*
 * Exception and interrupt entries, 64-bit mode.
 *
 * Each of the 256 vectors has a stub of 16 bytes in idt_stubs; page fault, NMI, double
 * fault, machine check and debug have entries of their own besides, which trap_init()
 * puts in.  All save a complete struct pt_regs and call C with its address in RDI.
 *
 * %gs: the kernel's GS base points to cpu_area.  Whoever comes from ring 3 swaps; entries
 * on an IST stack can also hit between SYSCALL and SWAPGS, so they look at the base
 * itself (kernel addresses are negative).
 *
 * Stack alignment: pt_regs is 168 bytes, so C runs with RSP 8 off a multiple of 16 here.
 * Nothing in the kernel needs more than 8 (no SSE).
 *
 * Hot path, in instructions: page fault from ring 3 needs 23 to the C code and 20 back.
 */
#include <asm/msr.h>
#include <asm/ptrace.h>
#include <asm/traps.h>
#include <kernel/extable.h>

	.text
	.globl entry_text_start
entry_text_start:

/* What is below orig_ax in pt_regs. */
.macro SAVE_REGS
	pushq	%rdi
	pushq	%rsi
	SAVE_REGS_BUT_DI_SI
.endm

.macro SAVE_REGS_BUT_DI_SI
	pushq	%rdx
	pushq	%rcx
	pushq	%rax
	pushq	%r8
	pushq	%r9
	pushq	%r10
	pushq	%r11
	pushq	%rbx
	pushq	%rbp
	pushq	%r12
	pushq	%r13
	pushq	%r14
	pushq	%r15
.endm

/* And back, orig_ax dropped: then RSP is at the CPU's frame. */
.macro RESTORE_REGS
	popq	%r15
	popq	%r14
	popq	%r13
	popq	%r12
	popq	%rbp
	popq	%rbx
	popq	%r11
	popq	%r10
	popq	%r9
	popq	%r8
	popq	%rax
	popq	%rcx
	popq	%rdx
	popq	%rsi
	popq	%rdi
	addq	$8, %rsp
.endm

	.balign 16
	.globl idt_stubs
idt_stubs:
	vector = 0
	.rept 256
	.balign 16
	.if vector < 32
		.if ((TRAP_HAS_ERROR_CODE >> vector) & 1) == 0
		pushq	$0
		.endif
		pushq	$vector
		jmp	common_trap
	.else
		pushq	$(-1 - vector)
		jmp	common_interrupt
	.endif
	vector = vector + 1
	.endr

/* On the stack: vector, error code, ip, cs, flags, sp, ss. */
common_trap:
	testb	$3, 24(%rsp)
	jnz	1f
	cmpq	$iret_to_user, 16(%rsp)	/* a fault of the IRET itself: GS is swapped */
	jne	2f
1:	swapgs
2:	cld
	pushq	%rsi
	movq	8(%rsp), %rsi		/* the vector makes room for RDI */
	movq	%rdi, 8(%rsp)
	SAVE_REGS_BUT_DI_SI
	movq	%rsp, %rdi
	movq	PT_ORIG_AX(%rsp), %rdx
	call	do_trap
	testb	$3, PT_CS(%rsp)
	jnz	return_to_user
return_to_kernel:
	RESTORE_REGS
	iretq

/*
 * Back to ring 3.  Interrupts go off, so that nothing can become due between the look
 * for pending work (signals, rescheduling: here, once there are tasks) and the IRET.
 */
	.globl return_to_user
return_to_user:
	cli
	RESTORE_REGS
	swapgs
iret_to_user:
	iretq
	_ASM_EXTABLE iret_to_user, bad_iret

/* The frame that user code made up for sigreturn is bad: its own #GP, in ring 3's name. */
bad_iret:
	pushq	$0
	pushq	$X86_TRAP_GP
	jmp	2b

	.balign 16
	.globl asm_page_fault
asm_page_fault:
	testb	$3, 16(%rsp)
	jnz	1f
	cld
	SAVE_REGS
	movq	%rsp, %rdi
	movq	PT_ORIG_AX(%rsp), %rsi
	movq	%cr2, %rdx
	call	do_page_fault
	RESTORE_REGS
	iretq
1:	swapgs
	cld
	SAVE_REGS
	movq	%rsp, %rdi
	movq	PT_ORIG_AX(%rsp), %rsi
	movq	%cr2, %rdx
	call	do_page_fault
	jmp	return_to_user

	.balign 16
common_interrupt:
	testb	$3, 16(%rsp)
	jnz	1f
	cld
	SAVE_REGS
	movq	%rsp, %rdi
	call	do_irq
	RESTORE_REGS
	iretq
1:	swapgs
	cld
	SAVE_REGS
	movq	%rsp, %rdi
	call	do_irq
	jmp	return_to_user

/*
 * Entries on stacks of their own.  RBX remembers whether GS was swapped.  An NMI handler
 * must not fault: the IRET of that fault would let the next NMI in on the same stack.
 */
.macro PARANOID_ENTRY name, handler, error_code
	.balign 16
	.globl \name
\name:
	.if !\error_code
	pushq	$0
	.endif
	cld
	SAVE_REGS
	movl	$MSR_GS_BASE, %ecx
	rdmsr
	xorl	%ebx, %ebx
	testl	%edx, %edx
	js	1f
	swapgs
	incl	%ebx
1:	movq	%rsp, %rdi
	movq	%cr2, %rsi
	call	\handler
	testl	%ebx, %ebx
	jz	2f
	swapgs
2:	RESTORE_REGS
	iretq
.endm

	PARANOID_ENTRY asm_nmi, do_nmi, 0
	PARANOID_ENTRY asm_debug, do_debug, 0
	PARANOID_ENTRY asm_machine_check, do_machine_check, 0
	PARANOID_ENTRY asm_double_fault, do_double_fault, 1

	.globl entry_text_end
entry_text_end:
	nop
