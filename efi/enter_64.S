/* SPDX-License-Identifier: MIT */
/*
 * tramp_enter() for 64-bit firmware.
 *
 * Runs in our image, which is executable in any firmware's tables; the trampoline may not
 * be, so it is entered only after our own tables are in CR3.  The order is forced: PCIDE
 * and CET must go while the mode still allows it, SMEP and SMAP before memory of unknown
 * attributes is used, PGE so that no firmware translation outlives the change of CR3.
 * 5-level mode cannot be left here (paging is on): it gets a fifth level of ours above the
 * same tables, and the trampoline drops it.
 *
 * Microsoft x64 calling convention: rcx = pml4, rdx = pml5, r8 = trampoline.
 */
#include <boot/trampoline.h>

#define CR4_KEEP_OFF	0x01f20080	/* PKS CET PKE SMAP SMEP, PCIDE, PGE */
#define CR4_LA57_BIT	12

	.text
	.globl	tramp_enter
tramp_enter:
	cli
	cld
	mov	%cr4, %rax
	btr	$17, %rax		/* PCIDE first and alone */
	mov	%rax, %cr4
	btr	$23, %rax		/* then CET: it ties CR0.WP */
	mov	%rax, %cr4
	and	$~CR4_KEEP_OFF, %rax
	mov	%rax, %cr4
	bt	$CR4_LA57_BIT, %rax
	cmovc	%rdx, %rcx
	mov	%rcx, %cr3
	lea	TRAMP_SIZE(%r8), %rsp
	add	$TRAMP_FROM64, %r8
	jmp	*%r8
