/* SPDX-License-Identifier: MIT */
/* The kernel's integer types.  Frame numbers are plain unsigned long ("pfn"). */
#ifndef KERNEL_TYPES_H
#define KERNEL_TYPES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef uint8_t  u8;
typedef uint16_t u16;
typedef uint32_t u32;
typedef uint64_t u64;
typedef int8_t   s8;
typedef int16_t  s16;
typedef int32_t  s32;
typedef int64_t  s64;

/* 64 bits in both modes: a frame buffer may lie above 4 GiB under two levels too. */
typedef u64 phys_addr_t;

typedef unsigned int gfp_t;

#define BITS_PER_LONG	(__SIZEOF_LONG__ * 8)

#endif
