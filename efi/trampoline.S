/* SPDX-License-Identifier: MIT */
/*
 * The trampoline: see include/boot/trampoline.h for the contract.
 *
 * A flat, position-independent binary that the loader copies below 768 MiB.  It is linked
 * nowhere: EBP (RBP) holds its own address throughout, found from the instruction pointer,
 * and the preset accessed bits of its GDT spare it every write into its code page.  Far
 * jumps are far returns, since those take a computed target.
 *
 * The hub is the only meeting point: FROM32 and FROM64 lead into it, ENTER_*, CALL*, HUB
 * and PROBE64 lead out of it; a call comes back into it with PHASE set and leaves by the
 * way back.  So there is one piece of code for each half of a path.
 *
 * Between switching paging and loading the IDT of the new mode there are a few
 * instructions where an NMI ends in a triple fault; no instruction sequence avoids that.
 */
#define __ASSEMBLER__ 1
#include <boot/trampoline.h>

/* struct tramp_request, from the start of the trampoline */
#define REQ(off)	(TRAMP_REQUEST + (off))
#define TARGET		REQ(0x00)
#define BACK_MODE	REQ(0x04)
#define ENTRY		REQ(0x08)
#define CR3_64		REQ(0x10)
#define ARG(n)		REQ(0x18 + 8 * (n))
#define RESULT		REQ(0x38)
#define BACK_CR0	REQ(0x40)
#define BACK_CR3	REQ(0x48)
#define BACK_CR4	REQ(0x50)
#define BACK_EFER	REQ(0x58)
#define BACK_IP		REQ(0x60)
#define BACK_SP		REQ(0x68)
#define FW_CR0		REQ(0x70)
#define FW_CR4		REQ(0x78)
#define FW_TIMED	REQ(0x7c)	/* interrupts on during the call */
#define FW_GDTR_BASE	REQ(0x80)
#define FW_GDTR_LIMIT	REQ(0x88)
#define FW_CS		REQ(0x8c)
#define FW_DS		REQ(0x8e)
#define FW_ES		REQ(0x90)
#define FW_FS		REQ(0x92)
#define FW_GS		REQ(0x94)
#define FW_SS		REQ(0x96)

/* Ours, in the rest of the request's page (0x800 of it on is the firmware's GDT). */
#define PHASE		REQ(0x100)	/* 0: to the target, 1: on the way back */
#define IDT32		REQ(0x400)
#define IDT64		REQ(0x500)
#define VECTORS		32

#define CS32		0x08
#define DS		0x10
#define CS64		0x18

#define CR0_HUB		0x00000033	/* NE ET MP PE: no PG, no WP, caches on */
#define CR0_LONG	0x80010033	/* with PG and WP */
#define CR0_PG		0x80000000
#define CR4_PAE		0x20
#define CR4_CLASSIC	0x7df		/* what 32-bit firmware may get back: no PAE */
#define EFER		0xc0000080
#define EFER_LME	0x100
#define EFER_LMA	0x400
#define EFER_NXE	0x800
#define CPUID_NX	(1 << 20)
#define CPUID_EFER	(1 << 29 | CPUID_NX | 1 << 11)	/* LM, NX or SYSCALL */
#define APIC_BASE	0x1b
#define X2APIC_LVTT	0x832
#define LVT_TIMER	0x320
#define LVT_MASKED	0x10000

#define AT(label)	(label - start)

	.text
start:
	.code32
	jmp	from32
	.org	TRAMP_FROM64
	.code64
	jmp	from64

	.balign	8
gdt:	.quad	0
	.quad	0x00cf9b000000ffff	/* CS32 */
	.quad	0x00cf93000000ffff	/* DS */
	.quad	0x00af9b000000ffff	/* CS64 */
gdt_end:

/*
 * Exceptions.  The stubs and what follows have the same encoding in both widths: pushes of
 * a byte, near jumps, 8-bit registers.
 */
	.code32
	.balign	8
stubs:
	.set	vector, 0
	.rept	VECTORS
	.balign	8
	push	$vector
	jmp	died
	.set	vector, vector + 1
	.endr
	.balign	8
nmi32:	iret
	.code64
	.balign	8
nmi64:	iretq

	.code32
/* "T", the vector in decimal, newline on port 0xe9; then stop. */
died:
	cli
	pop	%eax
	mov	%al, %bl
	mov	$'T', %al
	out	%al, $0xe9
	mov	%bl, %al
	mov	$0, %ah
	mov	$10, %cl
	div	%cl
	mov	%ah, %bl
	test	%al, %al
	jz	1f
	add	$'0', %al
	out	%al, $0xe9
1:	mov	%bl, %al
	add	$'0', %al
	out	%al, $0xe9
	mov	$'\n', %al
	out	%al, $0xe9
2:	hlt
	jmp	2b

/*
 * Fill both IDTs: \bp is the base register, \di a scratch one, in the width of the mode;
 * the 32-bit gates get the code selector that is in ESI.  All handlers are below 4 GiB.
 */
	.macro	build_idts bp, cx, di
	xor	%ecx, %ecx
1:	lea	AT(stubs)(\bp, \cx, 8), %eax
	cmp	$2, %ecx
	jne	2f
	lea	AT(nmi32)(\bp), %eax
2:	mov	%eax, %edx
	movzwl	%ax, %eax
	mov	$0x8e00, %dx
	mov	%ecx, %edi
	shl	$4, %edi
	/* 32-bit gate */
	mov	%esi, %ebx
	shl	$16, %ebx
	or	%eax, %ebx
	mov	%ebx, IDT32(\bp, \cx, 8)
	mov	%edx, IDT32 + 4(\bp, \cx, 8)
	/* 64-bit gate */
	or	$(CS64 << 16), %eax
	mov	%eax, IDT64(\bp, \di)
	mov	%edx, IDT64 + 4(\bp, \di)
	movl	$0, IDT64 + 8(\bp, \di)
	movl	$0, IDT64 + 12(\bp, \di)
	inc	%ecx
	cmp	$VECTORS, %ecx
	jb	1b
	lea	AT(nmi64)(\bp), %eax
	mov	%ax, IDT64 + 2 * 16(\bp)
	lea	AT(timeout64)(\bp), %eax
	mov	%ax, IDT64 + 31 * 16(\bp)
	lea	AT(timeout32)(\bp), %eax
	mov	%ax, IDT32 + 31 * 8(\bp)
	.endm

/* lgdt/lidt of a table inside the trampoline, with the pseudo-descriptor on the stack */
	.macro	load_table insn, offset, limit, bp, sp, ax
	sub	$16, \sp
	movw	$(\limit), (\sp)
	lea	\offset(\bp), \ax
	mov	\ax, 2(\sp)
	\insn	(\sp)
	add	$16, \sp
	.endm

	.macro	flat_segments
	mov	$DS, %eax
	mov	%eax, %ds
	mov	%eax, %es
	mov	%eax, %ss
	mov	%eax, %fs
	mov	%eax, %gs
	.endm

/* ---- into the hub ------------------------------------------------------------------ */

	.code64
from64:
	cli
	cld
	lea	start(%rip), %rbp
	lea	TRAMP_SIZE(%rbp), %rsp
	movl	$0, PHASE(%rbp)
	mov	$CS32, %esi
	build_idts %rbp, %rcx, %rdi
	load_table lgdt, AT(gdt), gdt_end - gdt - 1, %rbp, %rsp, %rax
	load_table lidt, IDT64, VECTORS * 16 - 1, %rbp, %rsp, %rax
	flat_segments
leave64:
	push	$CS32
	lea	AT(hub)(%rbp), %rax
	push	%rax
	lretq

	.code32
from32:
	cli
	cld
	call	1f
1:	pop	%ebp
	sub	$(1b - start), %ebp
	lea	TRAMP_SIZE(%ebp), %esp
	movl	$0, PHASE(%ebp)
own32:	/* our GDT and IDT, whatever is loaded now */
	mov	$CS32, %esi
	build_idts %ebp, %ecx, %edi
	load_table lgdt, AT(gdt), gdt_end - gdt - 1, %ebp, %esp, %eax
	load_table lidt, IDT32, VECTORS * 8 - 1, %ebp, %esp, %eax
	push	$CS32
	lea	AT(hub)(%ebp), %eax
	push	%eax
	lret

/* Compatibility mode, or 32-bit mode with or without paging; identity-mapped. */
hub:
	flat_segments
	mov	%cr0, %eax
	and	$~CR0_PG, %eax
	mov	%eax, %cr0		/* from here on physical addresses */
	jmp	1f
1:	mov	$CR0_HUB, %eax
	mov	%eax, %cr0
	xor	%eax, %eax
	mov	%eax, %cr3
	call	efer_features
	test	%edx, %edx
	jz	2f
	mov	$EFER, %ecx
	rdmsr
	and	$~(EFER_LME | EFER_NXE), %eax
	wrmsr
2:	load_table lidt, IDT32, VECTORS * 8 - 1, %ebp, %esp, %eax
	mov	$1, %eax
	cpuid
	mov	%edx, %eax
	shr	$1, %edx
	and	$0x40, %edx		/* MCE */
	shr	$15, %eax
	and	$0x600, %eax		/* FXSR, SSE: OSFXSR, OSXMMEXCPT */
	or	%edx, %eax
	mov	%eax, %cr4		/* LA57 ends here, too */

	cmpl	$0, PHASE(%ebp)
	jne	back
	mov	TARGET(%ebp), %eax
	cmp	$TRAMP_ENTER_L2, %eax
	je	enter_l2
	cmp	$TRAMP_ENTER_L4, %eax
	je	enter_l4
	cmp	$TRAMP_CALL32, %eax
	je	call32
	cmp	$TRAMP_CALL64, %eax
	je	enter64
	cmp	$TRAMP_PROBE64, %eax
	je	enter64
	mov	%cr0, %eax
	mov	%eax, RESULT(%ebp)
	movl	$0, RESULT + 4(%ebp)
	jmp	back

/* EDX = those of LM, NX, SYSCALL that the CPU has; 0: it has no EFER.  Keeps EBP. */
efer_features:
	mov	$0x80000000, %eax
	cpuid
	xor	%edx, %edx
	cmp	$0x80000001, %eax
	jb	1f
	cmp	$0x80ffffff, %eax
	ja	1f
	mov	$0x80000001, %eax
	cpuid
	and	$CPUID_EFER, %edx
1:	ret

/* ---- out of the hub, for good ------------------------------------------------------ */

/* The 8259 pair and the timer of the LAPIC, before a kernel has its own handlers. */
mask_interrupts:
	mov	$0xff, %al
	out	%al, $0x21
	out	%al, $0xa1
	mov	$1, %eax
	cpuid
	bt	$9, %edx		/* is there a LAPIC, */
	jnc	2f
	mov	$APIC_BASE, %ecx
	rdmsr
	bt	$11, %eax		/* is it on, */
	jnc	2f
	bt	$10, %eax		/* by registers or by MSRs? */
	jc	1f
	and	$0xfffff000, %eax
	jz	2f
	test	$0xf, %dl
	jnz	2f			/* above 4 GiB: out of reach here */
	orl	$LVT_MASKED, LVT_TIMER(%eax)
	ret
1:	mov	$X2APIC_LVTT, %ecx
	rdmsr
	or	$LVT_MASKED, %eax
	wrmsr
2:	ret

enter_l2:
	call	mask_interrupts
	mov	ARG(0)(%ebp), %esi
	jmp	*ENTRY(%ebp)

enter_l4:
	call	mask_interrupts
	/* fall through */

/* ---- out of the hub into 64-bit mode ----------------------------------------------- */

enter64:
	mov	%cr4, %eax
	or	$CR4_PAE, %eax
	mov	%eax, %cr4
	mov	CR3_64(%ebp), %eax
	mov	%eax, %cr3
	call	efer_features
	mov	%edx, %ebx
	mov	$EFER, %ecx
	rdmsr
	or	$EFER_LME, %eax
	test	$CPUID_NX, %ebx
	jz	1f
	or	$EFER_NXE, %eax
1:	wrmsr
	mov	$CR0_LONG, %eax
	mov	%eax, %cr0
	push	$CS64
	lea	AT(in64)(%ebp), %eax
	push	%eax
	lret

	.code64
in64:
	mov	%ebp, %ebp		/* upper halves are undefined so far */
	mov	%esp, %esp
	load_table lidt, IDT64, VECTORS * 16 - 1, %rbp, %rsp, %rax
	mov	TARGET(%rbp), %eax
	cmp	$TRAMP_ENTER_L4, %eax
	jne	1f
	mov	ARG(0)(%rbp), %rsi
	jmp	*ENTRY(%rbp)
1:	cmp	$TRAMP_CALL64, %eax
	jne	2f
	mov	ARG(0)(%rbp), %rcx
	mov	ARG(1)(%rbp), %rdx
	mov	ARG(2)(%rbp), %r8
	mov	ARG(3)(%rbp), %r9
	sub	$32, %rsp		/* the callee's home for four registers */
	cmpl	$0, FW_TIMED(%rbp)
	je	4f
	sti
4:
	call	*ENTRY(%rbp)
	add	$32, %rsp
	cli
	cld
	mov	%rax, RESULT(%rbp)
	jmp	3f
2:	mov	$EFER, %ecx
	rdmsr
	mov	%eax, RESULT(%rbp)
	mov	%edx, RESULT + 4(%rbp)
3:	movl	$1, PHASE(%rbp)
	jmp	leave64

/* Vector 31, the caller's timer: the service hangs.  Leave its stack and go back. */
timeout64:
	lea	start(%rip), %rbp
	lea	TRAMP_SIZE(%rbp), %rsp
	cld
	mov	$0x8000000000000012, %rax	/* EFI_TIMEOUT */
	mov	%rax, RESULT(%rbp)
	jmp	3b

/* ---- out of the hub into 32-bit firmware ------------------------------------------- */

	.code32
/*
 * Paging stays off even if the firmware had it on: its tables are gone, and they mapped
 * identity anyway.  It gets its own GDT (its code loads its own selectors) and our IDT,
 * with its code selector in the gates.  fw_gdtr_base 0: our GDT, flat segments.
 */
call32:
	mov	FW_CR4(%ebp), %eax
	and	$CR4_CLASSIC, %eax
	mov	%eax, %cr4
	mov	FW_CR0(%ebp), %eax
	and	$~CR0_PG, %eax
	or	$1, %eax
	mov	%eax, %cr0
	cmpl	$0, FW_GDTR_BASE(%ebp)
	je	call32_go
	movzwl	FW_CS(%ebp), %esi
	build_idts %ebp, %ecx, %edi
	sub	$8, %esp
	mov	FW_GDTR_LIMIT(%ebp), %ax
	mov	%ax, (%esp)
	mov	FW_GDTR_BASE(%ebp), %eax
	mov	%eax, 2(%esp)
	lgdt	(%esp)
	add	$8, %esp
	movzwl	FW_CS(%ebp), %eax
	push	%eax
	lea	AT(call32_cs)(%ebp), %eax
	push	%eax
	lret
call32_cs:
	mov	FW_DS(%ebp), %ds
	mov	FW_ES(%ebp), %es
	mov	FW_FS(%ebp), %fs
	mov	FW_GS(%ebp), %gs
	mov	FW_SS(%ebp), %ss
call32_go:
	push	ARG(3)(%ebp)
	push	ARG(2)(%ebp)
	push	ARG(1)(%ebp)
	push	ARG(0)(%ebp)
	cmpl	$0, FW_TIMED(%ebp)
	je	1f
	sti
1:
	call	*ENTRY(%ebp)
	add	$16, %esp
	cli
	cld
	mov	%eax, RESULT(%ebp)
	movl	$0, RESULT + 4(%ebp)
2:	movl	$1, PHASE(%ebp)
	jmp	own32

timeout32:
	cld
	call	1f
1:	pop	%ebp
	sub	$(1b - start), %ebp
	lea	TRAMP_SIZE(%ebp), %esp
	movl	$0x80000012, RESULT(%ebp)	/* EFI_TIMEOUT */
	movl	$0, RESULT + 4(%ebp)
	jmp	2b

/* ---- the way back ------------------------------------------------------------------ */

back:
	cmpl	$4, BACK_MODE(%ebp)
	je	back4
	cmpl	$2, BACK_MODE(%ebp)
	je	back2
1:	hlt				/* nowhere to go */
	jmp	1b

/* EFER as the caller had it; EDI = bits to add.  LMA follows from the mode. */
restore_efer:
	call	efer_features
	test	%edx, %edx
	jz	1f
	mov	$EFER, %ecx
	mov	BACK_EFER(%ebp), %eax
	and	$~(EFER_LME | EFER_LMA), %eax
	or	%edi, %eax
	mov	BACK_EFER + 4(%ebp), %edx
	wrmsr
1:	ret

back2:
	xor	%edi, %edi
	call	restore_efer
	mov	BACK_CR4(%ebp), %eax
	mov	%eax, %cr4
	mov	BACK_CR3(%ebp), %eax
	mov	%eax, %cr3
	mov	BACK_CR0(%ebp), %eax
	mov	%eax, %cr0
	jmp	1f
1:	mov	BACK_SP(%ebp), %esp
	jmp	*BACK_IP(%ebp)

back4:
	mov	BACK_CR4(%ebp), %eax
	mov	%eax, %cr4
	mov	BACK_CR3(%ebp), %eax
	mov	%eax, %cr3
	mov	$EFER_LME, %edi
	call	restore_efer
	mov	BACK_CR0(%ebp), %eax
	mov	%eax, %cr0
	push	$CS64
	lea	AT(1f)(%ebp), %eax
	push	%eax
	lret
	.code64
1:	mov	%ebp, %ebp
	mov	%esp, %esp
	load_table lidt, IDT64, VECTORS * 16 - 1, %rbp, %rsp, %rax
	mov	BACK_SP(%rbp), %rsp
	jmp	*BACK_IP(%rbp)
