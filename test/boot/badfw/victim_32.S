/* SPDX-License-Identifier: MIT */
/* The victim's page-fault handler and what goes with it, ia32. */
	.text
	.globl	_try_exec
_try_exec:
	pushl	%ebp
	movl	%esp, %ebp
	movl	$1f, resume
	movl	8(%ebp), %ecx
	call	*%ecx
	movl	$1, %eax
	jmp	2f
1:	xorl	%eax, %eax
2:	movl	%ebp, %esp
	popl	%ebp
	ret

	.globl	_pf_stub
_pf_stub:
	addl	$4, %esp
	pushl	%eax
	movl	resume, %eax
	movl	%eax, 4(%esp)
	popl	%eax
	iret

	.globl	_read_flags
_read_flags:
	pushfl
	popl	%eax
	ret

	.data
	.p2align 2
resume:	.long	0
