/* SPDX-License-Identifier: MIT */
/* Threads; see thread.h. */
#include "thread.h"

/* clone() with a stack on which the new task finds fn and its argument. */
long clone_on_stack(ulong flags, void *stack, volatile int *tid, int (*fn)(void *), void *arg);

#ifdef __x86_64__
__asm__(".text\n"
	".globl clone_on_stack\n"
	"clone_on_stack:\n"
	"	subq	$16, %rsi\n"
	"	movq	%rcx, (%rsi)\n"
	"	movq	%r8, 8(%rsi)\n"
	"	movq	%rdx, %r10\n"
	"	xorl	%r8d, %r8d\n"
	"	movl	$56, %eax\n"
	"	syscall\n"
	"	testl	%eax, %eax\n"
	"	jz	1f\n"
	"	ret\n"
	"1:	xorl	%ebp, %ebp\n"
	"	popq	%rax\n"
	"	popq	%rdi\n"
	"	call	*%rax\n"
	"	movl	%eax, %edi\n"
	"	movl	$60, %eax\n"
	"	syscall\n"
	"	hlt\n");
#else
__asm__(".text\n"
	".globl clone_on_stack\n"
	"clone_on_stack:\n"
	"	pushl	%ebx\n"
	"	pushl	%esi\n"
	"	pushl	%edi\n"
	"	movl	16(%esp), %ebx\n"
	"	movl	20(%esp), %ecx\n"
	"	movl	24(%esp), %edx\n"
	"	movl	28(%esp), %eax\n"
	"	movl	32(%esp), %esi\n"
	"	subl	$20, %ecx\n"
	"	movl	%eax, (%ecx)\n"
	"	movl	%esi, 4(%ecx)\n"
	"	xorl	%esi, %esi\n"
	"	movl	%edx, %edi\n"
	"	movl	$120, %eax\n"
	"	int	$0x80\n"
	"	testl	%eax, %eax\n"
	"	jz	1f\n"
	"	popl	%edi\n"
	"	popl	%esi\n"
	"	popl	%ebx\n"
	"	ret\n"
	"1:	xorl	%ebp, %ebp\n"
	"	popl	%eax\n"
	"	call	*%eax\n"
	"	movl	%eax, %ebx\n"
	"	movl	$1, %eax\n"
	"	int	$0x80\n"
	"	hlt\n");
#endif

long thread_start(struct thread *t, ulong flags, int (*fn)(void *arg), void *arg)
{
	long ret;

	t->stack = map_anon(THREAD_STACK);
	t->tid = -1;
	ret = clone_on_stack(flags, (char *)t->stack + THREAD_STACK, &t->tid, fn, arg);
	t->number = (int)ret;
	return ret;
}

void thread_join(struct thread *t)
{
	int tid;

	while ((tid = t->tid) != 0)
		futex_wait(&t->tid, (u32)tid);
	sys_munmap(t->stack, THREAD_STACK);
}

void wait_count(volatile int *word, int n)
{
	int seen;

	while ((seen = *word) < n)
		futex_wait(word, (u32)seen);
}

void add_count(volatile int *word)
{
	__atomic_add_fetch(word, 1, __ATOMIC_SEQ_CST);
	futex_wake(word, 1000);
}
