/* SPDX-License-Identifier: MIT */
/*
 * Exception, interrupt and system-call entries, 64-bit mode.
 *
 * Each of the 256 vectors has a stub of 16 bytes in idt_stubs; page fault, NMI, double
 * fault, machine check and debug have entries of their own besides, which trap_init()
 * puts in.  All save a complete struct pt_regs and call C with its address in RDI.
 *
 * %gs: the kernel's GS base points to cpu_area.  Whoever comes from ring 3 swaps; entries
 * on an IST stack can also hit between SYSCALL and SWAPGS, so they look at the base
 * itself (kernel addresses are negative).
 *
 * Back to ring 3 goes nobody while task->work is set: exit_to_user() delivers signals and
 * gives the processor away.  C code keeps RBX, RBP and R12 to R15, so on the quick ways out
 * they are not loaded again; pt_regs has all of them for fork, signals and the oops.
 *
 * AC: a user may have set it, and an interrupt may hit a user copy that has it set on
 * purpose; handlers always run with it clear (SMAP on).
 *
 * Stack alignment: pt_regs is 168 bytes, so C runs with RSP 8 off a multiple of 16 here.
 * Nothing in the kernel needs more than 8 (no SSE).
 *
 * Hot path, in instructions: page fault from ring 3 needs 25 to the C code and 17 back, a
 * system call 33 and 16.
 */
#include <asm/layout.h>
#include <asm/msr.h>
#include <asm/percpu.h>
#include <asm/ptrace.h>
#include <asm/syscalls_nr.h>
#include <asm/thread.h>
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

/* After SAVE_REGS: nobody's AC is ours. */
.macro CLEAR_AC
	testb	$(X86_EFLAGS_AC >> 16), PT_FLAGS + 2(%rsp)
	jz	.Lac_is_clear\@
	pushfq
	andl	$~X86_EFLAGS_AC, (%rsp)
	popfq
.Lac_is_clear\@:
.endm

/* And back, orig_ax dropped: then RSP is at the CPU's frame. */
.macro RESTORE_REGS
	popq	%r15
	popq	%r14
	popq	%r13
	popq	%r12
	popq	%rbp
	popq	%rbx
	RESTORE_SCRATCH_REGS
.endm

/* What C code does not keep. */
.macro RESTORE_SCRATCH_REGS
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
	CLEAR_AC
	movq	%rsp, %rdi
	movq	PT_ORIG_AX(%rsp), %rdx
	call	do_trap
	testb	$3, PT_CS(%rsp)
	jnz	return_to_user
return_to_kernel:
	RESTORE_REGS
	iretq

/*
 * Back to ring 3 from anything but a system call.  Interrupts go off, so that nothing can
 * become due between the look for pending work and the IRET.
 */
	.globl return_to_user
return_to_user:
	cli
	movq	%gs:CPU_CURRENT, %rax
	cmpl	$0, TASK_WORK(%rax)
	jne	work_before_iret
	addq	$PT_R11, %rsp
	RESTORE_SCRATCH_REGS
	swapgs
iret_to_user:
	iretq
	_ASM_EXTABLE iret_to_user, bad_iret

work_before_iret:
	movq	$-1, PT_ORIG_AX(%rsp)		/* no call that could be restarted */
	movq	%rsp, %rdi
	call	exit_to_user
restore_all_and_iret:
	RESTORE_REGS
	swapgs
	jmp	iret_to_user

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
	CLEAR_AC
	movq	%rsp, %rdi
	movq	PT_ORIG_AX(%rsp), %rsi
	movq	%cr2, %rdx
	call	do_page_fault
	jmp	return_to_kernel
1:	swapgs
	cld
	SAVE_REGS
	CLEAR_AC
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
	CLEAR_AC
	movq	%rsp, %rdi
	call	do_irq
	jmp	return_to_kernel
1:	swapgs
	cld
	SAVE_REGS
	CLEAR_AC
	movq	%rsp, %rdi
	call	do_irq
	jmp	return_to_user

/*
 * SYSCALL: RCX and R11 hold ip and flags, everything else is the user's, RSP too.
 * Interrupts, AC, DF, TF and NT are off (MSR_SYSCALL_MASK).
 */
	.balign 16
	.globl entry_syscall
entry_syscall:
	swapgs
	movq	%rsp, %gs:CPU_USER_SP
	movq	%gs:CPU_KERNEL_SP, %rsp
	pushq	$__USER_DS
	pushq	%gs:CPU_USER_SP
	pushq	%r11
	pushq	$__USER_CS
	pushq	%rcx
	pushq	%rax
	SAVE_REGS
	sti
	movq	%gs:CPU_CURRENT, %rbx
	incq	TASK_SYSCALLS(%rbx)
	movl	%eax, %eax			/* Linux looks at 32 bits of the number too */
	cmpq	$NR_SYSCALLS, %rax
	jae	no_such_call
	movq	%r10, %rcx
	call	*syscall_table(, %rax, 8)
	.globl call_done
call_done:
	cli
	cmpl	$0, TASK_WORK(%rbx)
	jne	work_before_sysret
	testl	$(X86_EFLAGS_TF | X86_EFLAGS_RF), PT_FLAGS(%rsp)
	jnz	work_before_sysret
	movq	PT_BX(%rsp), %rbx
sysret_to_user:
	movq	PT_IP(%rsp), %rcx
	movq	PT_FLAGS(%rsp), %r11
	movq	PT_R10(%rsp), %r10
	movq	PT_R9(%rsp), %r9
	movq	PT_R8(%rsp), %r8
	movq	PT_DX(%rsp), %rdx
	movq	PT_SI(%rsp), %rsi
	movq	PT_DI(%rsp), %rdi
	movq	PT_SP(%rsp), %rsp
	swapgs
	sysretq

no_such_call:
	call	sys_ni_syscall
	jmp	call_done

/*
 * SYSRET loads ip and flags only, so it needs RCX and R11 to be these two, as they are
 * after any ordinary call; and with an ip that is not canonical it would fault in ring 0
 * on the user's stack.
 */
work_before_sysret:
	movq	%rax, PT_AX(%rsp)
new_task_to_user:
	movq	%rsp, %rdi
	call	exit_to_user
	movq	PT_IP(%rsp), %rcx
	movq	PT_FLAGS(%rsp), %r11
	movq	$TASK_SIZE, %rax
	cmpq	%rcx, PT_CX(%rsp)
	jne	restore_all_and_iret
	cmpq	%rax, %rcx
	jae	restore_all_and_iret
	cmpq	%r11, PT_R11(%rsp)
	jne	restore_all_and_iret
	testl	$(X86_EFLAGS_TF | X86_EFLAGS_RF), %r11d
	jnz	restore_all_and_iret
	cmpq	$__USER_CS, PT_CS(%rsp)
	jne	restore_all_and_iret
	cmpq	$__USER_DS, PT_SS(%rsp)
	jne	restore_all_and_iret
	movq	PT_R15(%rsp), %r15
	movq	PT_R14(%rsp), %r14
	movq	PT_R13(%rsp), %r13
	movq	PT_R12(%rsp), %r12
	movq	PT_BP(%rsp), %rbp
	movq	PT_BX(%rsp), %rbx
	movq	PT_AX(%rsp), %rax
	jmp	sysret_to_user

/* SYSCALL by 32-bit code: there is none here that could want something. */
	.balign 16
	.globl entry_syscall_compat
entry_syscall_compat:
	movl	$-38, %eax			/* -ENOSYS */
	sysretl

/*
 * struct task_struct *__switch_to(prev, unsigned long *save_sp, unsigned long next_sp):
 * what a function has to keep goes on prev's stack and comes from next's.
 */
	.globl __switch_to
__switch_to:
	pushq	%rbp
	pushq	%rbx
	pushq	%r12
	pushq	%r13
	pushq	%r14
	pushq	%r15
	movq	%rsp, (%rsi)
	movq	%rdx, %rsp
	popq	%r15
	popq	%r14
	popq	%r13
	popq	%r12
	popq	%rbx
	popq	%rbp
	movq	%rdi, %rax
	ret

/* Where __switch_to() returns to in a new task; RBX, R12: function of a kernel thread. */
	.globl ret_from_fork
ret_from_fork:
	movq	%rax, %rdi
	call	schedule_tail
	sti
	testq	%rbx, %rbx
	jnz	1f
	cli
	jmp	new_task_to_user
1:	movq	%rbx, %rdi
	movq	%r12, %rsi
	call	kernel_thread_entry
	jmp	return_to_user			/* it has become a program */

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
	CLEAR_AC
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

/*
 * A debug exception of a program: off the exception stack, since a signal follows and the
 * task may sleep.
 */
	.balign 16
	.globl asm_debug
asm_debug:
	testb	$3, 8(%rsp)
	jz	asm_debug_kernel
	swapgs
	cld
	pushq	%rdi
	movq	%rsp, %rdi
	movq	%gs:CPU_KERNEL_SP, %rsp
	pushq	40(%rdi)			/* ss, sp, flags, cs, ip */
	pushq	32(%rdi)
	pushq	24(%rdi)
	pushq	16(%rdi)
	pushq	8(%rdi)
	pushq	$0
	movq	(%rdi), %rdi
	SAVE_REGS
	CLEAR_AC
	movq	%rsp, %rdi
	call	do_debug
	jmp	return_to_user

	PARANOID_ENTRY asm_nmi, do_nmi, 0
	PARANOID_ENTRY asm_debug_kernel, do_debug, 0
	PARANOID_ENTRY asm_machine_check, do_machine_check, 0
	PARANOID_ENTRY asm_double_fault, do_double_fault, 1

	.globl entry_text_end
entry_text_end:
	nop
