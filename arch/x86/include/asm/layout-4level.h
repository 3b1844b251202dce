/* SPDX-License-Identifier: MIT */
/* The kernel half under four levels: 0xffff800000000000 to the top. */
#ifndef ASM_LAYOUT_4LEVEL_H
#define ASM_LAYOUT_4LEVEL_H

#define TASK_SIZE		_UL(0x00007ffffffff000)
#define PAGE_OFFSET		_UL(0xffff888000000000)
#define DIRECT_MAP_SIZE		_UL(0x0000400000000000)	/* 64 TiB */

/* One top-level entry, preset: a vmalloc fault never happens. */
#define VMALLOC_BASE		_UL(0xffffc90000000000)
#define VMALLOC_TOP		_UL(0xffffc98000000000)	/* 512 GiB */
#define VMALLOC_FIRST(high)	VMALLOC_BASE
#define VMALLOC_LAST(first)	VMALLOC_TOP

/* struct page of frame 0; mapped only where there is RAM. */
#define VMEMMAP_START		_UL(0xffffea0000000000)
#define VMEMMAP_SIZE		_UL(0x0000010000000000)	/* 1 TiB: 2^34 descriptors */

#define KSTACK_START		_UL(0xffffeb8000000000)
#define KSTACK_END		_UL(0xffffeb8100000000)	/* 4 GiB */
#define THREAD_SIZE		_UL(0x4000)

/* The last top-level entry holds what follows. */
#define IOREMAP_START		_UL(0xffffff8000000000)
#define IOREMAP_END		_UL(0xffffffc000000000)	/* 256 GiB */
#define TRACE_START		_UL(0xffffffd000000000)
#define TRACE_END		_UL(0xffffffd040000000)	/* 1 GiB */
#define KERNEL_IMAGE_BASE	_UL(0xffffffff80000000)
#define KERNEL_IMAGE_SIZE	_UL(0x0000000040000000)	/* 1 GiB: one entry of the third level */
#define PKMAP_BASE		_UL(0xfffffffffea00000)
#define LAST_PKMAP		512
#define FIXADDR_BASE		_UL(0xffffffffffe00000)	/* one page table */
#define FIXADDR_TOP		_UL(0xfffffffffffff000)

/* PAGE_OFFSET + this is the highest address that the direct map may reach. */
#define MAXMEM			DIRECT_MAP_SIZE

#endif
