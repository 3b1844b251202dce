/* SPDX-License-Identifier: MIT */
/*
 * First instructions of the two-level kernel.
 *
 * Entered by the trampoline in 32-bit flat mode with paging off, interrupts off, ESI = the
 * physical address of boot_info.  The loader has applied the relocations, so a symbol
 * minus PAGE_OFFSET is its physical address.  Builds the provisional tables: the package
 * (image, boot_info, boot bitmap) once at identity and once at PAGE_OFFSET, both
 * directory entries pointing to the same tables, and an empty fixmap table; nothing
 * more.  Then switches paging on, jumps to the high address, calls start_kernel().
 */
#include <asm/layout.h>
#include <asm/pgtable_types.h>
#include <asm/processor.h>
#include <asm/segment.h>

#define INFO_IMAGE_BASE		0x28	/* boot_info.package[0].image.base */
#define INFO_BITMAP_BASE	0x48	/* boot_info.package[0].bitmap */
#define INFO_BITMAP_SIZE	0x50
#define PROVISIONAL		(_PAGE_PRESENT | _PAGE_RW)
#define TABLE			(_PAGE_PRESENT | _PAGE_RW)
#define INIT_STACK_SIZE		0x4000
#define EARLY_TABLES		3
#define PHYS(symbol)		((symbol) - PAGE_OFFSET_RAW)

	.section .head.text, "ax"
	.code32
	.globl startup
startup:
	cli
	cld
	movl	$PHYS(startup), %ebx

	/* E3: what the processor looked like before. */
	movl	$PHYS(early_log), %edi
	movl	%cr0, %eax
	movl	%eax, 0x00(%edi)
	movl	%cr3, %eax
	movl	%eax, 0x04(%edi)
	movl	%cr4, %eax
	movl	%eax, 0x08(%edi)
	movl	%ebx, 0x0c(%edi)

	/* ECX = pages of the package. */
	movl	INFO_BITMAP_BASE(%esi), %ecx
	addl	INFO_BITMAP_SIZE(%esi), %ecx
	subl	%ebx, %ecx
	addl	$0xfff, %ecx
	shrl	$12, %ecx
	cmpl	$((EARLY_TABLES - 1) * 1024), %ecx
	ja	too_large

	/* early_pt covers from the image base rounded down to 4 MiB. */
	movl	%ebx, %eax
	shrl	$12, %eax
	andl	$1023, %eax
	leal	PHYS(early_pt)(,%eax,4), %edi
	leal	PROVISIONAL(%ebx), %eax
1:	movl	%eax, (%edi)
	addl	$0x1000, %eax
	addl	$4, %edi
	decl	%ecx
	jnz	1b

	/* The same tables twice into the directory. */
	movl	%ebx, %eax
	shrl	$22, %eax
	leal	PHYS(swapper_pg_dir)(,%eax,4), %edi
	movl	$PHYS(early_pt) + TABLE, %eax
	movl	$EARLY_TABLES, %ecx
2:	movl	%eax, (%edi)
	movl	%eax, (PAGE_OFFSET_RAW >> 22) * 4(%edi)
	addl	$0x1000, %eax
	addl	$4, %edi
	decl	%ecx
	jnz	2b

	movl	$PHYS(early_fix_pt) + TABLE, PHYS(swapper_pg_dir) + 1023 * 4

	movl	%ebx, PHYS(phys_base)
	movl	$PHYS(swapper_pg_dir), %eax
	movl	%eax, %cr3
	movl	%cr0, %eax
	orl	$(X86_CR0_PG | X86_CR0_WP | X86_CR0_PE), %eax
	movl	%eax, %cr0
	movl	$high, %eax
	jmp	*%eax

	/* Nothing can be printed yet but one letter for the debug port. */
too_large:
	movb	$'!', %al
	outb	%al, $0xe9
3:	hlt
	jmp	3b

	.text
high:
	movl	$early_log, %edi
	movl	%cr0, %eax
	movl	%eax, 0x10(%edi)
	movl	%cr3, %eax
	movl	%eax, 0x14(%edi)
	movl	%cr4, %eax
	movl	%eax, 0x18(%edi)
	movl	$high, 0x1c(%edi)

	/* No segment of the firmware or the trampoline survives. */
	movl	$init_stack + INIT_STACK_SIZE, %esp
	xorl	%ebp, %ebp
	lgdt	early_gdt_descr
	ljmp	$__KERNEL_CS, $5f
5:	movl	$__KERNEL_DS, %eax
	movl	%eax, %ds
	movl	%eax, %es
	movl	%eax, %ss
	xorl	%eax, %eax
	movl	%eax, %fs
	movl	%eax, %gs
	movl	%esi, %eax			/* regparm: the first argument */
	pushl	$0				/* end of the backtrace */
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
early_pt:	.zero EARLY_TABLES * 0x1000
early_fix_pt:	.zero 0x1000
provisional_tables_end:
	.globl init_stack
init_stack:	.zero INIT_STACK_SIZE

	.data
	.balign 4
	.globl early_log, phys_base
early_log:	.zero 0x20
phys_base:	.long 0

	.balign 8
early_gdt:
	.fill	GDT_ENTRY_KERNEL_CS, 8, 0
	.quad	0x00cf9b000000ffff		/* 32-bit code, ring 0 */
	.quad	0x00cf93000000ffff		/* data, ring 0 */
early_gdt_end:
early_gdt_descr:
	.word	early_gdt_end - early_gdt - 1
	.long	early_gdt
