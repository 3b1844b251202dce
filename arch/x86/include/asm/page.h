/* SPDX-License-Identifier: MIT */
/*
 * Pages and the two ways between a frame and its address in the direct map.
 * __va and __pa differ by PAGE_OFFSET only (LinuxMM wiki, VirtualMemory); symbols of the
 * image have a window of their own in 64-bit mode, which __pa accepts too.
 */
#ifndef ASM_PAGE_H
#define ASM_PAGE_H

#include <asm/layout.h>

#define PAGE_SIZE	(_UL(1) << PAGE_SHIFT)
#define PAGE_MASK	(~(PAGE_SIZE - 1))

#ifndef __ASSEMBLER__
#include <kernel/types.h>

#define PAGE_ALIGN(x)	(((x) + PAGE_SIZE - 1) & ~(__typeof__(x))(PAGE_SIZE - 1))
#define PFN_UP(x)	((unsigned long)(((x) + PAGE_SIZE - 1) >> PAGE_SHIFT))
#define PFN_DOWN(x)	((unsigned long)((x) >> PAGE_SHIFT))
#define PFN_PHYS(pfn)	((phys_addr_t)(pfn) << PAGE_SHIFT)

/* Physical address of the image: what the loader chose; set by head_*.S. */
extern unsigned long phys_base;

static inline unsigned long __pa_addr(unsigned long addr)
{
#ifdef __x86_64__
	if (addr >= KERNEL_IMAGE_BASE)
		return addr - KERNEL_IMAGE_BASE + phys_base;
#endif
	return addr - PAGE_OFFSET;
}

#define __pa(x)			__pa_addr((unsigned long)(x))
#define __va(x)			((void *)((unsigned long)(x) + PAGE_OFFSET))
#define pfn_to_kaddr(pfn)	__va((unsigned long)(pfn) << PAGE_SHIFT)

/* One descriptor per frame, indexed by the frame number in both modes. */
struct page;
#ifdef __x86_64__
#define mem_map			((struct page *)VMEMMAP_START)
#else
extern struct page *mem_map;
#endif

#define pfn_to_page(pfn)	(mem_map + (pfn))
#define page_to_pfn(page)	((unsigned long)((page) - mem_map))
#define virt_to_page(addr)	pfn_to_page(__pa(addr) >> PAGE_SHIFT)
#define page_to_phys(page)	PFN_PHYS(page_to_pfn(page))

#define clear_page(p)		__builtin_memset((p), 0, PAGE_SIZE)
#define copy_page(to, from)	__builtin_memcpy((to), (from), PAGE_SIZE)
#endif

#endif
