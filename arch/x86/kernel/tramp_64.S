/* SPDX-License-Identifier: MIT */
/*
 * void tramp_switch(struct tramp_request *req, unsigned long tramp, unsigned long cr3)
 *
 * Jump into the trampoline at physical address `tramp` under the tables `cr3` (kernel half
 * plus the trampoline at identity) and come back.  The request is copied by its identity
 * address, so the trampoline need not lie in the direct map.  Interrupts are off; segments,
 * GDT, IDT and TR are the kernel's again on return, before CR3 is.
 */
#include <asm/processor.h>
#include <asm/tramp.h>

#define REQ_RESULT	0x38
#define REQ_BACK_IP	0x60
#define REQ_BACK_SP	0x68
#define REQ_SIZE	0x98
#define CR4_OFF		(X86_CR4_PGE | X86_CR4_PCIDE | X86_CR4_SMEP | X86_CR4_SMAP | \
			 X86_CR4_CET | X86_CR4_PKE)

	.text
	.globl tramp_switch
tramp_switch:
	pushq	%rbp
	movq	%rsp, %rbp
	pushq	%rbx
	pushq	%r12
	pushq	%r13
	pushq	%r14
	pushq	%r15
	movq	%cr3, %rax
	pushq	%rax
	movq	%cr4, %rax
	pushq	%rax
	pushq	%rsi
	pushq	%rdi
	pushq	%rbp

	andq	$~CR4_OFF, %rax
	movq	%rax, %cr4
	movq	%rdx, %cr3

	leaq	tramp_back(%rip), %rax
	movq	%rax, REQ_BACK_IP(%rdi)
	movq	%rsp, REQ_BACK_SP(%rdi)
	leaq	TRAMP_FROM64(%rsi), %rax
	xchgq	%rsi, %rdi
	addq	$TRAMP_REQUEST, %rdi
	movl	$REQ_SIZE, %ecx
	cld
	rep movsb
	jmp	*%rax

tramp_back:
	popq	%rbp
	call	cpu_tables_reload
	popq	%rdi
	popq	%rsi
	movq	TRAMP_REQUEST + REQ_RESULT(%rsi), %rax
	movq	%rax, REQ_RESULT(%rdi)
	popq	%rdx
	popq	%rax
	movq	%rax, %cr3
	movq	%rdx, %cr4
	popq	%r15
	popq	%r14
	popq	%r13
	popq	%r12
	popq	%rbx
	popq	%rbp
	ret
