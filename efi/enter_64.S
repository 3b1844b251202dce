/* SPDX-License-Identifier: MIT */
/*
 * take_over() and tramp_enter() for 64-bit firmware.
 *
 * take_over() runs in our image, which is executable in any firmware's tables; the
 * trampoline may not be, so it is entered only when our own tables are in CR3.  The order
 * is forced: PCIDE and CET must go while the mode still allows it, SMEP and SMAP before
 * memory of unknown attributes is used, PGE so that no firmware translation outlives the
 * change of CR3.  5-level mode cannot be left here (paging is on): it gets a fifth level
 * of ours above the same tables, and the trampoline drops it.
 *
 * The firmware's GDT and IDT stay loaded until the trampoline has its own: interrupts are
 * off and no segment is loaded in between.
 */
#include <boot/trampoline.h>

#define STACK_SIZE	0x8000
#define CR4_PCIDE	17
#define CR4_CET		23
#define CR4_LA57	12
#define CR4_OFF		0x01f20080	/* PKS CET PKE SMAP SMEP, PCIDE, PGE */

	.text
	/* Microsoft x64: rcx = pml4, rdx = pml5, r8 = next */
	.globl	take_over
take_over:
	cli
	cld
	mov	%cr4, %rax
	btr	$CR4_PCIDE, %rax
	mov	%rax, %cr4
	btr	$CR4_CET, %rax		/* it ties CR0.WP */
	mov	%rax, %cr4
	and	$~CR4_OFF, %rax
	mov	%rax, %cr4
	bt	$CR4_LA57, %rax
	cmovc	%rdx, %rcx
	mov	%rcx, %cr3
	lea	own_stack + STACK_SIZE - 32(%rip), %rsp
	call	*%r8
1:	hlt
	jmp	1b

	/* rcx = trampoline */
	.globl	tramp_enter
tramp_enter:
	cli
	add	$TRAMP_FROM64, %rcx
	jmp	*%rcx

	.bss
	.balign	16
own_stack:
	.zero	STACK_SIZE
