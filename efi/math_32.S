/* SPDX-License-Identifier: MIT */
/*
 * 64-bit division for the 32-bit loader.
 *
 * The compiler calls these by the names of Microsoft's runtime: both operands on the
 * stack (dividend, divisor), result in EDX:EAX, the callee takes the operands off.  Only
 * the unsigned pair is here; signed division of 64 bits is not used in the loader and
 * fails to link.
 */
	.intel_syntax noprefix
	.text

/* ebx:ecx = divisor, edx:eax = dividend -> edx:eax = quotient, edi:esi = remainder */
divide:
	test	ebx, ebx
	jnz	1f
	/* divisor below 2^32: two divisions, as on paper */
	mov	esi, eax
	mov	eax, edx
	xor	edx, edx
	div	ecx
	mov	edi, eax
	mov	eax, esi
	div	ecx
	mov	esi, edx
	mov	edx, edi
	xor	edi, edi
	ret
1:	/* one bit at a time; the quotient fits in 32 bits */
	xor	esi, esi
	xor	edi, edi
	mov	ebp, 64
2:	shl	eax, 1
	rcl	edx, 1
	rcl	esi, 1
	rcl	edi, 1
	jc	3f
	cmp	edi, ebx
	jb	4f
	ja	3f
	cmp	esi, ecx
	jb	4f
3:	sub	esi, ecx
	sbb	edi, ebx
	inc	eax
4:	dec	ebp
	jnz	2b
	ret

	.macro	entry_of name
	.globl	\name
\name:
	push	ebx
	push	esi
	push	edi
	push	ebp
	mov	eax, [esp + 20]
	mov	edx, [esp + 24]
	mov	ecx, [esp + 28]
	mov	ebx, [esp + 32]
	call	divide
	.endm

	entry_of __aulldiv
	jmp	out

	entry_of __aullrem
	mov	eax, esi
	mov	edx, edi
out:
	pop	ebp
	pop	edi
	pop	esi
	pop	ebx
	ret	16
