/* SPDX-License-Identifier: MIT */
/*
 * take_over() and tramp_enter() for 32-bit firmware.
 *
 * UEFI runs it flat, with paging off or identity-mapped (legacy or PAE tables), so paging
 * is simply switched off here, in our image, and all that follows runs without any tables:
 * the NX that the firmware's tables may have for the trampoline has no meaning then.  CET
 * must go before CR0.WP does.
 *
 * The firmware's GDT and IDT stay loaded until the trampoline has its own: interrupts are
 * off and no segment is loaded in between.
 */
#include <boot/trampoline.h>

#define STACK_SIZE	0x8000
#define CR0_PG_WP	0x80010000
#define CR4_CET		23
#define CR4_OFF		0x01f00080	/* PKS CET PKE SMAP SMEP, PGE */

	.text
	/* cdecl: two 64-bit arguments that do not matter here, then next */
	.globl	_take_over
_take_over:
	cli
	cld
	mov	20(%esp), %ebx
	mov	%cr4, %eax
	btr	$CR4_CET, %eax
	mov	%eax, %cr4
	and	$~CR4_OFF, %eax
	mov	%eax, %cr4
	mov	%cr0, %eax
	and	$~CR0_PG_WP, %eax
	mov	%eax, %cr0
	mov	$own_stack + STACK_SIZE, %esp
	call	*%ebx
1:	hlt
	jmp	1b

	/* 64-bit argument: the trampoline */
	.globl	_tramp_enter
_tramp_enter:
	cli
	mov	4(%esp), %eax
	add	$TRAMP_FROM32, %eax
	jmp	*%eax

	.bss
	.balign	16
own_stack:
	.zero	STACK_SIZE
