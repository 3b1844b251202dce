/* SPDX-License-Identifier: MIT */
/* unsigned long call_on_stack(fn, arg, stack_top), regparm; the backtrace goes on. */
	.text
	.globl call_on_stack
call_on_stack:
	pushl	%ebp
	movl	%esp, %ebp
	movl	%ecx, %esp
	movl	%eax, %ecx
	movl	%edx, %eax
	call	*%ecx
	movl	%ebp, %esp
	popl	%ebp
	ret
