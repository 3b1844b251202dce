/* SPDX-License-Identifier: MIT */
/*
 * The first instruction of every program, the way back from signal handlers, and what
 * needs more registers than C gives: see sys.h.
 *
 * At _start the stack pointer points at argc, argv[], NULL, envp[], NULL, auxv[] (System V
 * ABI, processor supplement, "process initialization").
 */
#include <asm/unistd.h>

	.text
	.globl	_start
	.type	_start, @function
#ifdef __x86_64__
_start:
	xorl	%ebp, %ebp
	movq	%rsp, %rdi
	andq	$-16, %rsp
	call	__start_c
	hlt

	.globl	__restore_rt
__restore_rt:
	movl	$__NR_rt_sigreturn, %eax
	syscall
#else
_start:
	xorl	%ebp, %ebp
	movl	%esp, %eax
	andl	$-16, %esp
	subl	$12, %esp
	pushl	%eax
	call	__start_c
	hlt

	.globl	__restore_rt
__restore_rt:
	movl	$__NR_rt_sigreturn, %eax
	int	$0x80

	/* The frame of a handler without SA_SIGINFO has its signal number on top. */
	.globl	__restore
__restore:
	popl	%eax
	movl	$__NR_sigreturn, %eax
	int	$0x80

	/* long syscall6(long nr, long a, long b, long c, long d, long e, long f) */
	.globl	syscall6
	.type	syscall6, @function
syscall6:
	pushl	%ebp
	pushl	%ebx
	pushl	%esi
	pushl	%edi
	movl	20(%esp), %eax
	movl	24(%esp), %ebx
	movl	28(%esp), %ecx
	movl	32(%esp), %edx
	movl	36(%esp), %esi
	movl	40(%esp), %edi
	movl	44(%esp), %ebp
	int	$0x80
	popl	%edi
	popl	%esi
	popl	%ebx
	popl	%ebp
	ret
#endif
	.section .note.GNU-stack, "", @progbits
