/* SPDX-License-Identifier: MIT */
/*
 * The windows of the kernel half, for both modes (design: doc/memory-map.md).
 *
 * A window is a range of kernel addresses with one owner.  All but vmalloc have their
 * top-level entries in swapper_pg_dir before the first mm is made, so that nothing an
 * exception handler or a task switch touches is ever learned lazily.  layout.c checks
 * at build time that no two windows overlap.
 */
#ifndef ASM_LAYOUT_H
#define ASM_LAYOUT_H

#include <kernel/const.h>

#define PAGE_SHIFT		12

#ifdef __x86_64__
#include <asm/layout-4level.h>
#else
#include <asm/layout-2level.h>
#endif

#endif
