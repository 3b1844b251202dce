/* SPDX-License-Identifier: MIT */
/* The victim's page-fault handler and what goes with it, x86-64. */
	.text
	.globl	try_exec
try_exec:
	pushq	%rbp
	movq	%rsp, %rbp
	leaq	1f(%rip), %rax
	movq	%rax, resume(%rip)
	subq	$32, %rsp
	callq	*%rcx
	movl	$1, %eax
	jmp	2f
1:	xorl	%eax, %eax
2:	movq	%rbp, %rsp
	popq	%rbp
	retq

	.globl	pf_stub
pf_stub:
	addq	$8, %rsp
	pushq	%rax
	movq	resume(%rip), %rax
	movq	%rax, 8(%rsp)
	popq	%rax
	iretq

	.globl	read_flags
read_flags:
	pushfq
	popq	%rax
	retq

	.data
	.p2align 3
resume:	.quad	0
