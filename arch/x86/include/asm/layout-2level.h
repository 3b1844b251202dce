/* SPDX-License-Identifier: MIT */
/*
 * The kernel part under two levels: PAGE_OFFSET to 4 GiB.  The last 128 MiB are always
 * the same; SPLIT= moves PAGE_OFFSET and with it the size of the direct map (896 MiB,
 * 1920 MiB, 2944 MiB).
 */
#ifndef ASM_LAYOUT_2LEVEL_H
#define ASM_LAYOUT_2LEVEL_H

#ifndef PAGE_OFFSET_RAW
#define PAGE_OFFSET_RAW		0xc0000000
#endif


#define PAGE_OFFSET		_UL(PAGE_OFFSET_RAW)
#define TASK_SIZE		PAGE_OFFSET
#define VMALLOC_RESERVE		_UL(0x08000000)		/* 128 MiB above the direct map */
#define MAXMEM			(_UL(0xf8000000) - PAGE_OFFSET)
#define DIRECT_MAP_SIZE		MAXMEM

/*
 * vmalloc starts 8 MiB above the last direct-mapped byte, to catch what runs off the end
 * (Gorman 5.1), and never is larger than 120 MiB, however little RAM there is.
 */
#define VMALLOC_GAP		_UL(0x00800000)
#define VMALLOC_MAX		_UL(0x07800000)
#define VMALLOC_FIRST(high)	((high) + VMALLOC_GAP)
#define VMALLOC_LAST(first) \
	(VMALLOC_TOP - (first) < VMALLOC_MAX ? VMALLOC_TOP : (first) + VMALLOC_MAX)
#define VMALLOC_TOP		_UL(0xfcc00000)

#define IOREMAP_START		_UL(0xfcc00000)
#define IOREMAP_END		_UL(0xfec00000)		/* 32 MiB: a 4K screen fits */
#define TRACE_START		_UL(0xfec00000)
#define TRACE_END		_UL(0xff000000)		/* 4 MiB */
#define KSTACK_START		_UL(0xff000000)
#define KSTACK_END		_UL(0xff800000)		/* 8 MiB */
#define THREAD_SIZE		_UL(0x2000)
#define PKMAP_BASE		_UL(0xff800000)
#define LAST_PKMAP		1024
#define FIXADDR_BASE		_UL(0xffc00000)		/* one page table */
#define FIXADDR_TOP		_UL(0xfffff000)

/* The image lies in the direct map: __pa() holds for symbols too. */
#define KERNEL_IMAGE_BASE	PAGE_OFFSET

#endif
