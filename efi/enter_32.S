/* SPDX-License-Identifier: MIT */
/*
 * tramp_enter() for 32-bit firmware.
 *
 * UEFI runs it flat, with paging off or identity-mapped (legacy or PAE tables), so paging
 * is simply switched off here, in our image, and the trampoline starts without any tables:
 * the NX that the firmware's tables may have for it has no meaning then.  CET must go
 * before CR0.WP does.
 *
 * cdecl, three 64-bit arguments: pml4 (unused), pml5 (unused), trampoline.
 */
#include <boot/trampoline.h>

#define CR4_KEEP_OFF	0x01f00080	/* PKS CET PKE SMAP SMEP, PGE */
#define CR0_PG_WP	0x80010000

	.text
	.globl	_tramp_enter
_tramp_enter:
	cli
	cld
	mov	20(%esp), %ebx
	mov	%cr4, %eax
	btr	$23, %eax
	mov	%eax, %cr4
	and	$~CR4_KEEP_OFF, %eax
	mov	%eax, %cr4
	lea	TRAMP_SIZE(%ebx), %esp
	mov	%cr0, %eax
	and	$~CR0_PG_WP, %eax
	mov	%eax, %cr0
	lea	TRAMP_FROM32(%ebx), %eax
	jmp	*%eax
