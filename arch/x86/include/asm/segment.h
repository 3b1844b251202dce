/* SPDX-License-Identifier: MIT */
/*
 * Segment selectors, laid out as in Linux, so that user programs that look at their
 * segment registers (and set_thread_area in i386) see the values they know.
 *
 * The GDT itself is in arch/x86/kernel/desc.c; the provisional one of head_*.S only
 * needs any flat kernel code and data segment, since the early IDT uses the CS that it
 * finds.  Usable from assembly.
 */
#ifndef ASM_SEGMENT_H
#define ASM_SEGMENT_H

#ifdef __x86_64__

#define GDT_ENTRY_KERNEL32_CS	1
#define GDT_ENTRY_KERNEL_CS	2
#define GDT_ENTRY_KERNEL_DS	3
#define GDT_ENTRY_USER32_CS	4	/* STAR: user CS is this + 16, user SS this + 8 */
#define GDT_ENTRY_USER_DS	5
#define GDT_ENTRY_USER_CS	6
#define GDT_ENTRY_TSS		8	/* two entries */
#define GDT_ENTRY_TLS_MIN	12
#define GDT_ENTRIES		16

#define __USER32_CS		(GDT_ENTRY_USER32_CS * 8 + 3)	/* 0x23 */

#else

#define GDT_ENTRY_TLS_MIN	6
#define GDT_ENTRY_KERNEL_CS	12
#define GDT_ENTRY_KERNEL_DS	13
#define GDT_ENTRY_USER_CS	14
#define GDT_ENTRY_USER_DS	15
#define GDT_ENTRY_TSS		16
#define GDT_ENTRY_DOUBLEFAULT_TSS 31
#define GDT_ENTRIES		32

#define __DOUBLEFAULT_TSS	(GDT_ENTRY_DOUBLEFAULT_TSS * 8)	/* 0xf8 */

#endif

#define GDT_ENTRY_TLS_ENTRIES	3

#define __KERNEL_CS		(GDT_ENTRY_KERNEL_CS * 8)	/* 0x10 / 0x60 */
#define __KERNEL_DS		(GDT_ENTRY_KERNEL_DS * 8)	/* 0x18 / 0x68 */
#define __USER_CS		(GDT_ENTRY_USER_CS * 8 + 3)	/* 0x33 / 0x73 */
#define __USER_DS		(GDT_ENTRY_USER_DS * 8 + 3)	/* 0x2b / 0x7b */
#define __TSS			(GDT_ENTRY_TSS * 8)		/* 0x40 / 0x80 */

#endif
