/* SPDX-License-Identifier: MIT */
/*
 * void tramp_switch(struct tramp_request *req, unsigned long tramp, unsigned long cr3)
 *
 * Jump into the trampoline at physical address `tramp` under the tables `cr3` (kernel half
 * plus the trampoline at identity) and come back.  The request is copied by its identity
 * address, so the trampoline need not lie in the direct map.  Interrupts are off; segments,
 * GDT, IDT and TR are the kernel's again on return, before CR3 is.  Arguments in EAX, EDX
 * and ECX.  CR4 is touched only where there is something to turn off: a 486-like CPU
 * need not have it.
 */
#include <asm/processor.h>
#include <asm/tramp.h>

#define REQ_RESULT	0x38
#define REQ_BACK_IP	0x60
#define REQ_BACK_SP	0x68
#define REQ_SIZE	0x98
#define CR4_OFF		(X86_CR4_PGE | X86_CR4_SMEP | X86_CR4_SMAP | X86_CR4_CET | X86_CR4_PKE)

	.text
	.globl tramp_switch
tramp_switch:
	pushl	%ebp
	movl	%esp, %ebp
	pushl	%ebx
	pushl	%esi
	pushl	%edi
	movl	%cr3, %ebx
	pushl	%ebx
	movl	%cr4, %ebx
	pushl	%ebx
	pushl	%edx
	pushl	%eax
	pushl	%ebp

	andl	$~CR4_OFF, %ebx
	movl	%ebx, %cr4
	movl	%ecx, %cr3

	movl	$tramp_back, REQ_BACK_IP(%eax)
	movl	$0, REQ_BACK_IP + 4(%eax)
	movl	%esp, REQ_BACK_SP(%eax)
	movl	$0, REQ_BACK_SP + 4(%eax)
	movl	%eax, %esi
	leal	TRAMP_REQUEST(%edx), %edi
	movl	$REQ_SIZE, %ecx
	cld
	rep movsb
	addl	$TRAMP_FROM32, %edx
	jmp	*%edx

tramp_back:
	popl	%ebp
	call	cpu_tables_reload
	popl	%edi
	popl	%esi
	movl	TRAMP_REQUEST + REQ_RESULT(%esi), %eax
	movl	%eax, REQ_RESULT(%edi)
	movl	TRAMP_REQUEST + REQ_RESULT + 4(%esi), %eax
	movl	%eax, REQ_RESULT + 4(%edi)
	popl	%edx
	popl	%eax
	movl	%eax, %cr3
	movl	%edx, %cr4
	popl	%edi
	popl	%esi
	popl	%ebx
	popl	%ebp
	ret
