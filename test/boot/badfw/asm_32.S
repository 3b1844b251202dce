/* SPDX-License-Identifier: MIT */
/*
 * badfw, ia32: the application on its own stack, the interrupt stub, the runtime stubs.
 *
 * cdecl throughout.  rt_stubs is position-independent, it is copied to runtime memory.
 */
	.text

	.globl	_bf_call
_bf_call:
	pushl	%ebx
	pushl	%ebp
	pushl	%esi
	pushl	%edi
	movl	%esp, saved_sp
	movl	20(%esp), %eax
	movl	24(%esp), %ecx
	movl	28(%esp), %edx
	movl	32(%esp), %esp
	subl	$8, %esp
	pushl	%edx
	pushl	%ecx
	call	*%eax
bf_return:
	movl	saved_sp, %esp
	popl	%edi
	popl	%esi
	popl	%ebp
	popl	%ebx
	ret

	.globl	_bf_longret
_bf_longret:
	movl	4(%esp), %eax
	jmp	bf_return

	.globl	_irq_stub
_irq_stub:
	pushl	%eax
	incl	_irq_count
	movl	_irq_lapic_eoi, %eax
	testl	%eax, %eax
	jz	1f
	movl	$0, (%eax)
1:	movb	$0x20, %al
	outb	%al, $0xa0
	outb	%al, $0x20
	popl	%eax
	iret

	.p2align 4
	.globl	_rt_stubs_start, _rt_stubs_end, _rt_reset, _rt_gettime, _rt_unsupported
_rt_stubs_start:
_rt_reset:
	call	1f
1:	popl	%ecx
	addl	$(2f - 1b), %ecx
4:	movb	(%ecx), %al
	testb	%al, %al
	jz	3f
	outb	%al, $0xe9
	incl	%ecx
	jmp	4b
2:	.asciz	"badfw: ResetSystem called, it returns\n"
3:	ret
_rt_gettime:
	movl	$0x80000007, %eax		/* EFI_DEVICE_ERROR */
	ret
_rt_unsupported:
	movl	$0x80000003, %eax		/* EFI_UNSUPPORTED */
	ret
_rt_stubs_end:

/* LA57 is a matter of long mode. */
	.globl	_detour_start, _detour_end
_detour_start:
_detour_end:

	.data
	.globl	_irq_count, _irq_lapic_eoi
	.p2align 2
saved_sp:	.long 0
_irq_count:	.long 0
_irq_lapic_eoi:	.long 0
