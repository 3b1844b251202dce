/* SPDX-License-Identifier: MIT */
/* unsigned long call_on_stack(fn, arg, stack_top): the backtrace goes on across it. */
	.text
	.globl call_on_stack
call_on_stack:
	pushq	%rbp
	movq	%rsp, %rbp
	movq	%rdx, %rsp
	movq	%rdi, %rax
	movq	%rsi, %rdi
	call	*%rax
	movq	%rbp, %rsp
	popq	%rbp
	ret
