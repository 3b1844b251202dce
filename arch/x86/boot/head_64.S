/* SPDX-License-Identifier: MIT */
/*
 * First instructions of the four-level kernel.
 *
 * Entered by the trampoline in 64-bit mode on identity tables, interrupts off, RSI = the
 * physical address of boot_info.  Builds the provisional tables (LinuxMM wiki,
 * VirtualMemory: "head.S contains code to create provisional page tables"): the package
 * (image, boot_info, boot bitmap) once at identity and once at KERNEL_IMAGE_BASE, and an
 * empty fixmap table; nothing more.  Then replaces CR3, jumps to the high address and
 * calls start_kernel().
 *
 * The package lies below 768 MiB + 6 MiB, so one table of each upper level is enough.
 */
#include <asm/layout.h>
#include <asm/pgtable_types.h>
#include <asm/segment.h>

#define INIT_STACK_SIZE		0x4000

#define INFO_IMAGE_BASE		0x28	/* boot_info.package[0].image.base */
#define INFO_BITMAP_BASE	0x48	/* boot_info.package[0].bitmap */
#define INFO_BITMAP_SIZE	0x50
#define PROVISIONAL		(_PAGE_PRESENT | _PAGE_RW)
#define TABLE			(_PAGE_PRESENT | _PAGE_RW)

	.section .head.text, "ax"
	.code64
	.globl startup
startup:
	cli
	cld
	leaq	startup(%rip), %rbx		/* physical base of the image */

	/* E3: what the processor looked like before. */
	leaq	early_log(%rip), %rdi
	movq	%cr0, %rax
	movq	%rax, 0x00(%rdi)
	movq	%cr3, %rax
	movq	%rax, 0x08(%rdi)
	movq	%cr4, %rax
	movq	%rax, 0x10(%rdi)
	movq	%rbx, 0x18(%rdi)

	/* RCX = pages of the package. */
	movq	INFO_BITMAP_BASE(%rsi), %rcx
	addq	INFO_BITMAP_SIZE(%rsi), %rcx
	subq	%rbx, %rcx
	addq	$0xfff, %rcx
	shrq	$12, %rcx
	cmpq	$(3 * 512), %rcx		/* 4 tables, the first one used from anywhere */
	ja	too_large

	/* Identity: early_id_pt covers from image base rounded down to 2 MiB. */
	leaq	early_id_pt(%rip), %rdi
	movq	%rbx, %rax
	shrq	$12, %rax
	andl	$511, %eax
	leaq	(%rdi,%rax,8), %rdi
	leaq	early_hi_pt(%rip), %r8
	leaq	PROVISIONAL(%rbx), %rax
1:	movq	%rax, (%rdi)
	movq	%rax, (%r8)
	addq	$0x1000, %rax
	addq	$8, %rdi
	addq	$8, %r8
	decq	%rcx
	jnz	1b

	/* The four page tables of each mapping into their middle tables. */
	leaq	early_id_pmd(%rip), %rdi
	movq	%rbx, %rax
	shrq	$21, %rax
	andl	$511, %eax
	leaq	(%rdi,%rax,8), %rdi
	leaq	early_hi_pmd(%rip), %r8
	leaq	early_id_pt+TABLE(%rip), %rax
	leaq	early_hi_pt+TABLE(%rip), %rdx
	movl	$4, %ecx
2:	movq	%rax, (%rdi)
	movq	%rdx, (%r8)
	addq	$0x1000, %rax
	addq	$0x1000, %rdx
	addq	$8, %rdi
	addq	$8, %r8
	decl	%ecx
	jnz	2b

	leaq	swapper_pg_dir(%rip), %rbp
	leaq	early_id_pud+TABLE(%rip), %rax
	movq	%rax, (%rbp)
	leaq	early_id_pmd+TABLE(%rip), %rax
	movq	%rax, early_id_pud(%rip)
	leaq	early_hi_pud+TABLE(%rip), %rax
	movq	%rax, 511*8(%rbp)
	leaq	early_hi_pmd+TABLE(%rip), %rax
	movq	%rax, early_hi_pud+510*8(%rip)
	leaq	early_fix_pmd+TABLE(%rip), %rax
	movq	%rax, early_hi_pud+511*8(%rip)
	leaq	early_fix_pt+TABLE(%rip), %rax
	movq	%rax, early_fix_pmd+511*8(%rip)

	movq	%rbx, phys_base(%rip)
	movq	%rbp, %cr3
	movq	$high, %rax
	jmp	*%rax

	/* Nothing can be printed yet but one letter for the debug port. */
too_large:
	movb	$'!', %al
	outb	%al, $0xe9
3:	hlt
	jmp	3b

	.text
high:
	movq	$early_log, %rdi
	movq	%cr0, %rax
	movq	%rax, 0x20(%rdi)
	movq	%cr3, %rax
	movq	%rax, 0x28(%rdi)
	movq	%cr4, %rax
	movq	%rax, 0x30(%rdi)
	leaq	high(%rip), %rax
	movq	%rax, 0x38(%rdi)

	/* No segment of the firmware or the trampoline survives. */
	movq	$init_stack + INIT_STACK_SIZE, %rsp
	xorl	%ebp, %ebp
	lgdt	early_gdt_descr
	pushq	$__KERNEL_CS
	pushq	$5f
	lretq
5:	movl	$__KERNEL_DS, %eax
	movl	%eax, %ds
	movl	%eax, %es
	movl	%eax, %ss
	xorl	%eax, %eax
	movl	%eax, %fs
	movl	%eax, %gs
	movq	%rsi, %rdi
	pushq	$0				/* end of the backtrace */
	call	start_kernel
4:	hlt
	jmp	4b

	.section .pgdir, "aw"
	.balign 0x1000
	.globl swapper_pg_dir
swapper_pg_dir:
	.zero	0x1000

	.section .bss.page_aligned, "aw", @nobits
	.balign 0x1000
	.globl provisional_tables, provisional_tables_end
	.globl early_fix_pt
provisional_tables:
early_id_pud:	.zero 0x1000
early_id_pmd:	.zero 0x1000
early_id_pt:	.zero 0x4000
early_hi_pud:	.zero 0x1000
early_hi_pmd:	.zero 0x1000
early_hi_pt:	.zero 0x4000
early_fix_pmd:	.zero 0x1000
early_fix_pt:	.zero 0x1000
provisional_tables_end:
	.globl init_stack
init_stack:	.zero INIT_STACK_SIZE

	.data
	.balign 8
	.globl early_log, phys_base
early_log:	.zero 0x40
phys_base:	.quad 0

	.balign 8
early_gdt:
	.fill	GDT_ENTRY_KERNEL_CS, 8, 0
	.quad	0x00af9b000000ffff		/* 64-bit code, ring 0 */
	.quad	0x00cf93000000ffff		/* data, ring 0 */
early_gdt_end:
early_gdt_descr:
	.word	early_gdt_end - early_gdt - 1
	.quad	early_gdt
