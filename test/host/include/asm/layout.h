/* SPDX-License-Identifier: MIT */
/*
 * Host build: the windows of the kernel at addresses that an ordinary Linux process can
 * map, so that pointers into the direct map, mem_map, vmalloc, pkmap and fixmap are real.
 * The depth follows the word size, as in the kernel.
 *
 * In 32 bits the kernel half begins at 2 GiB, as with SPLIT=2: the sanitizer takes the fourth
 * GiB for the kernel's where a machine says that it is a 32-bit one (QEMU's emulation).
 */
#ifndef ASM_LAYOUT_H
#define ASM_LAYOUT_H

#define PAGE_SHIFT		12

#ifdef __x86_64__
#define TASK_SIZE		0x0000100000000000ul
#define PAGE_OFFSET		0x0000200000000000ul
#define VMALLOC_BASE		0x0000290000000000ul
#define VMALLOC_TOP		0x0000290004000000ul	/* 64 MiB */
#define VMEMMAP_START		0x0000300000000000ul
#define VMEMMAP_SIZE		0x0000000040000000ul
#define IOREMAP_START		0x00003e0000000000ul
#define IOREMAP_END		0x00003e0002000000ul
#define PKMAP_BASE		0x00003f0000000000ul
#define LAST_PKMAP		512
#define FIXADDR_BASE		0x00003f0000200000ul
#define FIXADDR_TOP		0x00003f00003ff000ul
#define KERNEL_IMAGE_BASE	0xffffffff80000000ul	/* __pa() of symbols: not on the host */
#else
#define TASK_SIZE		0x80000000ul
#define PAGE_OFFSET		0x80000000ul
#define VMALLOC_BASE		0x90000000ul
#define VMALLOC_TOP		0x94000000ul
#define IOREMAP_START		0x94000000ul
#define IOREMAP_END		0x96000000ul
#define PKMAP_BASE		0x96000000ul
#define LAST_PKMAP		1024
#define FIXADDR_BASE		0x96400000ul
#define FIXADDR_TOP		0x967ff000ul
#define KERNEL_IMAGE_BASE	PAGE_OFFSET
#endif

#endif
