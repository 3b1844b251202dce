/* SPDX-License-Identifier: MIT */
/*
 * Exception, interrupt and system-call entries, 32-bit mode.
 *
 * Each of the 256 vectors has a stub of 16 bytes in idt_stubs; the page fault has an
 * entry of its own besides, the double fault a task of its own.  All save a struct
 * pt_regs (sp and ss only if the CPU pushed them) and call C with -mregparm=3: EAX the
 * registers, then EDX, ECX.
 *
 * The kernel runs on __KERNEL_DS in DS and ES and leaves FS and GS to the user.
 *
 * Back to ring 3 goes nobody while task->work is set: exit_to_user() delivers signals and
 * gives the processor away.  C code keeps EBX, ESI, EDI and EBP, so on the quick ways out
 * they are not loaded again.
 *
 * AC: a user may have set it, and an interrupt may hit a user copy that has it set on
 * purpose; handlers always run with it clear (SMAP on).
 *
 * Hot path, in instructions: page fault from ring 3 needs 21 to the C code and 16 back, a
 * system call 33 and 13.
 */
#include <asm/percpu.h>
#include <asm/ptrace.h>
#include <asm/syscalls_nr.h>
#include <asm/thread.h>
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
	testb	$(X86_EFLAGS_AC >> 16), PT_FLAGS + 2(%esp)
	jz	.Lac_is_clear\@
	pushfl
	andl	$~X86_EFLAGS_AC, (%esp)
	popfl
.Lac_is_clear\@:
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
	jz	restore_all

/*
 * Back to ring 3.  Interrupts go off, so that nothing can become due between the look
 * for pending work and the IRET.
 */
	.globl return_to_user
return_to_user:
	cli
	movl	cpu_area + CPU_CURRENT, %eax
	cmpl	$0, TASK_WORK(%eax)
	jne	work_no_call
	movl	PT_AX(%esp), %eax
	jmp	restore_scratch

work_no_call:
	movl	$-1, PT_ORIG_AX(%esp)		/* no call that could be restarted */
work_after_call:
	movl	%esp, %eax
	call	exit_to_user
restore_all:
	popl	%ebx
	popl	%ecx
	popl	%edx
	popl	%esi
	popl	%edi
	popl	%ebp
	popl	%eax
	jmp	pop_ds

/* INT $0x80, an interrupt gate: number in EAX; EBX, ECX, EDX, ESI, EDI, EBP. */
	.balign 16
	.globl entry_int80
entry_int80:
	pushl	%eax
	pushl	$0x80
	SAVE_REGS
	sti
	pushl	%ebp				/* arguments 6 to 4; C may change these copies */
	pushl	%edi
	pushl	%esi
	movl	cpu_area + CPU_CURRENT, %esi
	incl	TASK_SYSCALLS(%esi)
	cmpl	$NR_SYSCALLS, %eax
	jae	no_such_call
	movl	syscall_table(, %eax, 4), %edi
	movl	%ebx, %eax
	movl	%ecx, %edx
	movl	PT_DX + 12(%esp), %ecx
	call	*%edi
	.globl call_done
call_done:
	addl	$12, %esp
	cli
	cmpl	$0, TASK_WORK(%esi)
	jne	call_work
	movl	PT_SI(%esp), %esi
	movl	PT_DI(%esp), %edi
restore_scratch:
	movl	PT_CX(%esp), %ecx
	movl	PT_DX(%esp), %edx
	addl	$PT_DS, %esp
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

no_such_call:
	call	sys_ni_syscall
	jmp	call_done

call_work:
	movl	%eax, PT_AX(%esp)
	jmp	work_after_call

/*
 * struct task_struct *__switch_to(prev, unsigned long *save_sp, unsigned long next_sp):
 * what a function has to keep goes on prev's stack and comes from next's.
 */
	.globl __switch_to
__switch_to:
	pushl	%ebp
	pushl	%ebx
	pushl	%esi
	pushl	%edi
	movl	%esp, (%edx)
	movl	%ecx, %esp
	popl	%edi
	popl	%esi
	popl	%ebx
	popl	%ebp
	ret

/* Where __switch_to() returns to in a new task; EBX, ESI: function of a kernel thread. */
	.globl ret_from_fork
ret_from_fork:
	call	schedule_tail			/* EAX is the task before */
	sti
	testl	%ebx, %ebx
	jnz	1f
	cli
	jmp	work_after_call
1:	movl	%ebx, %eax
	movl	%esi, %edx
	call	kernel_thread_entry
	jmp	return_to_user			/* it has become a program */

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
