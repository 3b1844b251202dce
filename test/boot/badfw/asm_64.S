/* SPDX-License-Identifier: MIT */
/*
 * badfw, x86-64: starting the application on its own stack, the interrupt stub, the
 * runtime stubs, and the detour through 32-bit code that LA57 needs.
 *
 * Everything uses the Microsoft x64 calling convention.  rt_stubs and detour are
 * position-independent: they are copied, the first to runtime memory, the second below
 * 4 GiB.
 */
	.text

/* bf_call(entry, handle, system table, stack top): the application's status. */
	.globl	bf_call
bf_call:
	pushq	%rbx
	pushq	%rbp
	pushq	%rsi
	pushq	%rdi
	pushq	%r12
	pushq	%r13
	pushq	%r14
	pushq	%r15
	movq	%rsp, saved_sp(%rip)
	movq	%rcx, %rax
	movq	%rdx, %rcx
	movq	%r8, %rdx
	movq	%r9, %rsp
	subq	$32, %rsp
	callq	*%rax
bf_return:
	movq	saved_sp(%rip), %rsp
	popq	%r15
	popq	%r14
	popq	%r13
	popq	%r12
	popq	%rdi
	popq	%rsi
	popq	%rbp
	popq	%rbx
	retq

	.globl	bf_longret
bf_longret:
	movq	%rcx, %rax
	jmp	bf_return

	.globl	irq_stub
irq_stub:
	pushq	%rax
	incq	irq_count(%rip)
	movq	irq_lapic_eoi(%rip), %rax
	testq	%rax, %rax
	jz	1f
	movl	$0, (%rax)
1:	movb	$0x20, %al
	outb	%al, $0xa0
	outb	%al, $0x20
	popq	%rax
	iretq

/* Called after the exit, from whatever mode switch the kernel has for it. */
	.p2align 4
	.globl	rt_stubs_start, rt_stubs_end, rt_reset, rt_gettime, rt_unsupported
rt_stubs_start:
rt_reset:
	leaq	2f(%rip), %r8
1:	movb	(%r8), %al
	testb	%al, %al
	jz	3f
	outb	%al, $0xe9
	incq	%r8
	jmp	1b
2:	.asciz	"badfw: ResetSystem called, it returns\n"
3:	retq
rt_gettime:
	movabsq	$0x8000000000000007, %rax	/* EFI_DEVICE_ERROR */
	retq
rt_unsupported:
	movabsq	$0x8000000000000003, %rax	/* EFI_UNSUPPORTED */
	retq
rt_stubs_end:

/*
 * detour(cr3, cr4): load both with paging off for a moment; on return CR4.LA57 is as
 * asked.  Runs at its copy below 4 GiB, identity-mapped and executable under both sets
 * of tables.  Keeps all registers that the convention keeps; interrupts are off inside.
 */
	.p2align 4
	.globl	detour_start, detour_end
detour_start:
	pushfq
	pushq	%rbx
	pushq	%rbp
	pushq	%rsi
	pushq	%rdi
	pushq	%r12
	pushq	%r13
	pushq	%r14
	pushq	%r15
	cli
	leaq	detour_start(%rip), %rbx
	movq	%rsp, d_sp - detour_start(%rbx)
	sgdt	d_old_gdtr - detour_start(%rbx)
	movl	%cs, %eax
	movl	%eax, d_cs - detour_start(%rbx)
	movl	%ds, %eax
	movl	%eax, d_ds - detour_start(%rbx)
	movl	%es, %eax
	movl	%eax, d_es - detour_start(%rbx)
	movl	%ss, %eax
	movl	%eax, d_ss - detour_start(%rbx)
	leaq	d_gdt - detour_start(%rbx), %rax
	movq	%rax, d_gdtr + 2 - detour_start(%rbx)
	lgdt	d_gdtr - detour_start(%rbx)
	leaq	d_compat - detour_start(%rbx), %rax
	movl	%eax, d_far - detour_start(%rbx)
	movl	$8, d_far + 4 - detour_start(%rbx)
	movl	%ecx, %esi
	movl	%edx, %edi
	ljmpl	*(d_far - detour_start)(%rbx)
	.code32
d_compat:
	movl	$0x10, %eax
	movl	%eax, %ds
	movl	%eax, %es
	movl	%eax, %ss
	movl	%cr0, %eax
	andl	$0x7fffffff, %eax
	movl	%eax, %cr0
	movl	%edi, %cr4
	movl	%esi, %cr3
	orl	$0x80000000, %eax
	movl	%eax, %cr0
	leal	d_long - detour_start(%ebx), %eax
	movl	%eax, d_far - detour_start(%ebx)
	movl	$0x18, d_far + 4 - detour_start(%ebx)
	ljmpl	*(d_far - detour_start)(%ebx)
	.code64
d_long:
	movl	%ebx, %ebx			/* the upper half was not kept */
	movl	$0x10, %eax
	movl	%eax, %ss
	movq	d_sp - detour_start(%rbx), %rsp
	lgdt	d_old_gdtr - detour_start(%rbx)
	movl	d_ds - detour_start(%rbx), %eax
	movl	%eax, %ds
	movl	d_es - detour_start(%rbx), %eax
	movl	%eax, %es
	movl	d_ss - detour_start(%rbx), %eax
	movl	%eax, %ss
	movl	d_cs - detour_start(%rbx), %eax
	pushq	%rax
	leaq	1f(%rip), %rax
	pushq	%rax
	lretq
1:	popq	%r15
	popq	%r14
	popq	%r13
	popq	%r12
	popq	%rdi
	popq	%rsi
	popq	%rbp
	popq	%rbx
	popfq
	retq
	.p2align 3
d_gdt:	.quad	0
	.quad	0x00cf9b000000ffff		/* 0x08 32-bit code */
	.quad	0x00cf93000000ffff		/* 0x10 data */
	.quad	0x00af9b000000ffff		/* 0x18 64-bit code */
d_gdtr:	.word	. - d_gdt - 1
	.quad	0
d_old_gdtr:
	.word	0
	.quad	0
	.p2align 3
d_sp:	.quad	0
d_far:	.long	0, 0
d_cs:	.long	0
d_ds:	.long	0
d_es:	.long	0
d_ss:	.long	0
detour_end:

	.data
	.globl	irq_count, irq_lapic_eoi
	.p2align 3
saved_sp:	.quad 0
irq_count:	.quad 0
irq_lapic_eoi:	.quad 0
